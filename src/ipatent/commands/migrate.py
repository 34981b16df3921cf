"""The command that brings an index to a server."""

from typing import Annotated

import typer

from ipatent.commands.options import Data, Json, Set, print_json, settings_from


def migrate(
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="URL", help="Where to, e.g. qdrant://localhost:6334.", show_default=False
        ),
    ],
    data: Data = None,
    more: Set = None,
    as_json: Json = False,
) -> None:
    """Bring the index to a Qdrant server: vectors and texts as they are. A broken-off run goes on.

    The drawings stay where they are. The index in the data folder stays too; from then on name the
    server with the setting index (IPATENT_INDEX).
    """
    from contextlib import closing
    from dataclasses import asdict

    from rich.console import Console

    from ipatent.index.qdrant_opening import open_qdrant
    from ipatent.migrate import migrate as migrated
    from ipatent.opening import open_index
    from ipatent.progress import progress_bar

    settings = settings_from(data, more)
    console = Console(stderr=True)
    with closing(open_index(settings)) as old:
        spec = old.status().encoder
        with open_qdrant(to, settings, spec, create=True) as new, progress_bar(console) as bar:
            task = bar.add_task("Bringing over", total=None)
            summary = migrated(
                old, new, new.put_all, lambda done, total: bar.update(task, total=total, completed=done)
            )
    if as_json:
        print_json(asdict(summary))
        return
    Console().print(
        f"{summary.figures:,} figures are there: {summary.new:,} patents new, {summary.replaced:,} replaced,"
        f" {summary.unchanged:,} unchanged, {summary.removed:,} removed."
        f" Use it with: IPATENT_INDEX={to} ipatent serve",
        highlight=False,
        soft_wrap=True,
        markup=False,
    )
