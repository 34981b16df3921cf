"""The commands that make a backup, verify it, and put it back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from ipatent.commands.options import Data, Json, Set, print_json, settings_from
from ipatent.commands.output import out
from ipatent.progress import progress_bar

Show = Callable[[str, int, int], None]


def backup(
    to: Annotated[
        str,
        typer.Argument(
            metavar="TO", help="A file (backup.tar), a folder, or s3://BUCKET/PREFIX.", show_default=False
        ),
    ],
    verify: Annotated[
        bool, typer.Option("--verify", help="Make none, but read the one that is there, all of it.")
    ] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a file that is there.")] = False,
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help="Of several in a folder or bucket, that of this time.")
    ] = "",
    data: Data = None,
    more: Set = None,
    as_json: Json = False,
) -> None:
    """Keep index, drawings and records in one file, or in a folder or bucket that grows by what is new.

    Servers and ingests may go on meanwhile.
    """
    from ipatent.backup import backup as make
    from ipatent.backup import open_source
    from ipatent.backup import verify as read_all

    settings = settings_from(data, more)
    with _shown() as show:
        if verify:
            manifest = read_all(open_source(to, settings, at), lambda *n: show("Verifying", *n))
        else:
            made = make(to, settings, replace, lambda *n: show("Keeping", *n))
    if verify:
        told = {
            "made": manifest.made,
            "patents": manifest.patents,
            "figures": manifest.figures,
            "objects": manifest.objects.count,
            "uploads": manifest.uploads.count,
            "records": manifest.records,
            "missing": manifest.missing,
        }
        line = f"The backup of {manifest.made} is whole: {manifest.patents:,} patents,"
        line += f" {manifest.figures:,} figures, {sum(manifest.records.values()):,} rows of records."
    else:
        told = asdict(made)
        line = (
            f"{made.to} holds {made.patents:,} patents, {made.figures:,} figures, {made.objects:,} drawings"
        )
        line += f" and {sum(made.records.values()):,} rows of records; {made.written:,} bytes were written."
    _print(told, line, as_json)


def restore(
    source: Annotated[
        str, typer.Argument(metavar="FROM", help="What ipatent backup made.", show_default=False)
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Let what is there go; it is lost then.")
    ] = False,
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help="Of several in a folder or bucket, that of this time.")
    ] = "",
    data: Data = None,
    more: Set = None,
    as_json: Json = False,
) -> None:
    """Put a backup into the index, objects and records that the settings name, after verifying all of it.

    Nothing can be seen before all is there. A broken-off run goes on; a second one changes nothing.
    """
    from ipatent.backup import open_source
    from ipatent.backup import restore as put_back

    settings = settings_from(data, more)
    with _shown() as show:
        done = put_back(open_source(source, settings, at), settings, replace, show)
    line = f"The backup of {done.made} is there: {done.patents:,} patents, {done.figures:,} figures,"
    line += f" {sum(done.records.values()):,} rows of records."
    if replace:
        line += " Drawings of before go with: ipatent check --mend"
    _print(asdict(done), line, as_json)


def _print(told: dict[str, object], line: str, as_json: bool) -> None:
    if as_json:
        print_json(told)
        return
    out().print(line, soft_wrap=True)
    if told["missing"]:
        out().print(
            f"{told['missing']:,} drawings were missing when it was made; see: ipatent check", soft_wrap=True
        )


@contextmanager
def _shown() -> Iterator[Show]:
    """A progress bar that is told what is done, how far it is, and of how much."""
    with progress_bar(Console(stderr=True)) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)
