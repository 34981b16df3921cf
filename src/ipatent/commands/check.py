"""The command that checks whether index, objects and records fit together."""

import shlex
import sys
from dataclasses import fields
from typing import Annotated, Any

import typer
from rich.console import Console

from ipatent.commands.options import Data, Json, Set, print_json, settings_from
from ipatent.commands.output import out, table
from ipatent.progress import progress_bar

_HOUR = 3600


def check(
    mend: Annotated[bool, typer.Option("--mend", help="Mend what can be mended, then look again.")] = False,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read all objects and vectors, and encode some figures anew.")
    ] = False,
    older_than: Annotated[
        float,
        typer.Option(
            metavar="HOURS", help="Leave alone what is younger: it may belong to an ingest.", min=0.0
        ),
    ] = 24.0,
    data: Data = None,
    more: Set = None,
    as_json: Json = False,
) -> None:
    """Find what does not fit between index, objects and records. Exit status 1 where something is wrong."""
    from ipatent.check import Options
    from ipatent.check import check as look

    settings = settings_from(data, more)
    with progress_bar(Console(stderr=True)) as bar:
        task = bar.add_task("Checking", total=None)
        checked = look(
            settings,
            Options(deep, older_than * _HOUR),
            mend,
            lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
        )
    if as_json:
        print_json(
            {
                "patents": checked.patents,
                "figures": checked.figures,
                "sound": checked.sound,
                "findings": [_plain(one) for one in checked.findings],
                "mended": [_plain(one) for one in checked.mended],
            }
        )
    else:
        for one in checked.mended:
            out().print(f"Mended: {one.what} ({one.count:,})", soft_wrap=True)
        rows = [
            (one.kind, one.count, one.examples[0], f"{one.what} --mend {one.remedy}.")
            for one in checked.findings
        ]
        caption = "Everything fits together" if checked.sound else "Something is wrong"
        table(
            ("finding", "count", "for example", "what"),
            rows,
            f"{caption}: {checked.patents:,} patents, {checked.figures:,} figures.",
        )
        for one in checked.findings:
            if one.command:
                first = "after --mend, " if one.mend and not mend else ""
                out().print(f"{one.kind}: {first}run: {one.command}{_where(data)}", soft_wrap=True)
    if not checked.sound:
        sys.exit(1)


def _where(data: str | None) -> str:
    return f" --data {shlex.quote(data)}" if data else ""


def _plain(finding: Any) -> dict[str, Any]:
    return {one.name: getattr(finding, one.name) for one in fields(finding) if one.name != "mend"}
