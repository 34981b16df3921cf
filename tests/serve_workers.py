"""Serves drawn patents by several processes on a free port: `serve_workers.py FOLDER WORKERS`.

Settings may follow as NAME=VALUE. A search for `slowly` takes two seconds, and notes in a file `slow` that
it began; with one worker the process itself answers.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from drawn_patents import fill
from ipatent.index.embedded import EmbeddedIndex
from ipatent.objects import Objects
from ipatent.patents import Vectors
from ipatent.records import Database
from ipatent.settings import Settings, load_settings
from ipatent.web import AppState, serve
from ipatent.web.logs import set_up_logs
from ipatent.web.supervising import serve_by_workers
from tiny_encoder import TinyEncoder

SLOW_SECONDS = 2.0


class SlowEncoder(TinyEncoder):
    """The tiny encoder, slow for one word."""

    def __init__(self, begun: Path) -> None:
        super().__init__()
        self._begun = begun

    def encode_captions(self, texts: Sequence[str]) -> Vectors:
        if any("slowly" in text for text in texts):
            self._begun.touch()
            time.sleep(SLOW_SECONDS)
        return super().encode_captions(texts)


@contextmanager
def opened(settings: Settings) -> Iterator[AppState]:
    """The drawn patents in the data folder, as a worker opens them."""
    folder, encoder = settings.data_dir, SlowEncoder(settings.data_dir / "slow")
    state = AppState(
        settings=settings,
        index=EmbeddedIndex.open(folder / "index.sqlite", encoder.spec),
        encoder=encoder,
        objects=Objects.open(folder / "objects"),
        uploads=Objects.open(folder / "uploads"),
        records=Database.open(folder / "records.sqlite"),
    )
    try:
        yield state
    finally:
        state.close()


def main() -> None:
    folder, workers, *more = sys.argv[1:]
    flags = dict(pair.split("=", 1) for pair in more)
    settings = load_settings({"data": folder, "workers": workers, "port": 0, **flags}, {})
    if not (Path(folder) / "index.sqlite").exists():
        fill(Path(folder), TinyEncoder(), patents=4).state.close()
    set_up_logs(settings)
    if settings.workers > 1:
        serve_by_workers(opened, settings)
        return
    with opened(settings) as state:
        serve(state)


if __name__ == "__main__":
    main()
