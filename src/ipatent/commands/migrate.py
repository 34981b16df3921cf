"""The command that brings an index to a server, and its drawings to a bucket."""

from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from ipatent.commands.options import Data, Json, Set, print_json, settings_from
from ipatent.errors import SettingsError
from ipatent.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

    from ipatent.migrate import MigrationSummary


def migrate(
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="URL",
            help="Where the index goes, e.g. qdrant://localhost:6334.",
            show_default=False,
        ),
    ] = "",
    objects: Annotated[
        str,
        typer.Option(
            "--objects",
            metavar="URL",
            help="Where drawings and uploads go: s3://BUCKET/PREFIX.",
            show_default=False,
        ),
    ] = "",
    data: Data = None,
    more: Set = None,
    as_json: Json = False,
) -> None:
    """Bring the index to a Qdrant server, drawings and uploads to a bucket, or both; broken-off runs go on.

    What there is stays too; from then on name the server with the setting index (IPATENT_INDEX), the
    bucket with objects (IPATENT_OBJECTS).
    """
    from rich.console import Console

    settings = settings_from(data, more)
    if not (to or objects):
        raise SettingsError(
            "There is nothing to bring.",
            "Say where to: --to qdrant://HOST:6334, or --objects s3://BUCKET/PREFIX",
        )
    told: dict[str, object] = {}
    words: list[str] = []
    if objects:
        copied, there = _bring_objects(settings, objects, Console(stderr=True))
        told |= {"objects": there, "copied": copied}
        words.append(
            f"{there:,} drawings and uploads are there, {copied:,} of them new."
            f" Use them with: IPATENT_OBJECTS={objects} ipatent serve"
        )
    if to:
        summary = _bring_index(settings, to, Console(stderr=True))
        told |= asdict(summary)
        words.append(
            f"{summary.figures:,} figures are there: {summary.new:,} patents new,"
            f" {summary.replaced:,} replaced, {summary.unchanged:,} unchanged, {summary.removed:,} removed."
            f" Use it with: IPATENT_INDEX={to} ipatent serve"
        )
    if as_json:
        print_json(told)
        return
    for line in words:
        Console().print(line, highlight=False, soft_wrap=True, markup=False)


def _bring_index(settings: Settings, to: str, console: "Console") -> "MigrationSummary":
    from contextlib import closing

    from ipatent.index.qdrant_opening import open_qdrant
    from ipatent.migrate import migrate as migrated
    from ipatent.opening import open_index
    from ipatent.progress import progress_bar

    with closing(open_index(settings)) as old:
        spec = old.status().encoder
        with open_qdrant(to, settings, spec, create=True) as new, progress_bar(console) as bar:
            task = bar.add_task("Bringing over", total=None)
            return migrated(
                old, new, new.put_all, lambda done, total: bar.update(task, total=total, completed=done)
            )


def _bring_objects(settings: Settings, to: str, console: "Console") -> tuple[int, int]:
    """Copy drawings and uploads; how many were not there yet, and how many there are."""
    from ipatent.objects import copy_all
    from ipatent.opening import open_objects, open_uploads
    from ipatent.progress import progress_bar
    from ipatent.uploads import share_key

    elsewhere = replace(settings, objects=to)
    copied = there = 0
    with progress_bar(console) as bar:
        task = bar.add_task("Copying", total=None)
        for opened in (open_objects, open_uploads):
            old, new = opened(settings), opened(elsewhere)
            names = [stored.name for stored in old.each()]
            bar.update(task, total=there + len(names))
            copied += copy_all(old, new, names, partial(_show, bar, task, there))
            there += len(names)
        share_key(old, new)
    return copied, there


def _show(bar: "Progress", task: "TaskID", before: int, done: int) -> None:
    bar.update(task, completed=before + done)
