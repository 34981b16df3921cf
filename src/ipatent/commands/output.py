"""How commands print: tables, lines and files."""

import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ipatent.errors import RecordsProblem

WIDE = 300
"""Columns of a table that is written to no terminal."""


def write(to: Path, content: bytes) -> None:
    """Write a file, or the standard output where `to` is `-`. Raises RecordsProblem."""
    if str(to) == "-":
        sys.stdout.buffer.write(content)
        return
    try:
        to.expanduser().write_bytes(content)
    except OSError as error:
        raise RecordsProblem(
            f"{to} cannot be written: {error.strerror or error}.", "Name another file with --to."
        ) from None


def table(names: tuple[str, ...], rows: Iterable[tuple[object, ...]], caption: str) -> None:
    """A table with a line below it; the line alone where there are no rows."""
    lines = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for name in names:
        lines.add_column(name, no_wrap=name in ("record", "collection", "figure"))
    for row in rows:
        lines.add_row(*(Text(_shown(value)) for value in row))
    console = out()
    if not console.is_terminal:
        console.width = WIDE
    if lines.row_count:
        console.print(lines)
    console.print(Text(caption), soft_wrap=True)


def _shown(value: object) -> str:
    """The value on one line, without what would steer a terminal."""
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return "".join(letter if letter.isprintable() else " " for letter in text)


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """The values with times as text, for JSON."""
    return {name: v.isoformat() if isinstance(v, datetime) else v for name, v in values.items()}


def out() -> Console:
    """The standard output as it is now."""
    return Console(markup=False, emoji=False, highlight=False)


def silent(_: str) -> None:
    """Say nothing."""
