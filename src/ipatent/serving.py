"""Serving a data folder by several processes: what each of them opens for itself."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from ipatent.index.embedded import FILE_NAME
from ipatent.opening import Ask, Say, open_index, open_or_create
from ipatent.settings import Settings

if TYPE_CHECKING:
    from ipatent.web.state import AppState


def prepare(settings: Settings, ask: Ask | None, say: Say) -> None:
    """Make the data folder where it is absent, and ask the user what has to be asked, before workers start.

    Of a filled index everything is known, so its encoder is left to the workers, who each load it.
    Raises what opening the folder raises.
    """
    if settings.index or (settings.data_dir / FILE_NAME).exists():
        with closing(open_index(settings, create=True)) as index:
            if index.status().encoder is not None:
                return
    with open_or_create(settings, ask, say):
        pass


def serve_workers(settings: Settings) -> None:
    """Answer requests over the data folder by as many processes as the settings say, until Ctrl-C.

    Raises what opening the folder raises, and SettingsError where the address cannot be listened on.
    """
    from ipatent.web.logs import set_up_logs
    from ipatent.web.supervising import serve_by_workers

    set_up_logs(settings)
    if not settings.threads:
        # More threads than cores would only take turns.
        settings = replace(settings, threads=max(1, (os.cpu_count() or 1) // settings.workers))
    serve_by_workers(opened_state, settings)


@contextmanager
def opened_state(settings: Settings) -> "Iterator[AppState]":
    """What a worker answers from, ready to answer the first search as fast as the rest."""
    with open_or_create(settings, None, _say_nothing) as opened:
        opened.warm_up()
        yield opened.web_state()


def _say_nothing(_message: str) -> None:
    pass
