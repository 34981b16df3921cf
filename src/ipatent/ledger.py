"""What one ingest has met and kept so far: in a temporary file, so that memory does not grow with it."""

import pickle
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, get_args

from ipatent.errors import IndexProblem
from ipatent.index import Outcome


@dataclass(frozen=True, slots=True)
class Met:
    """A document of this run: its place in the order, and its name."""

    position: int
    name: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What a document of this run gave to the index."""

    position: int
    name: str
    outcome: Outcome
    sheets: int
    figures: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts over the patents that were kept."""

    patents: int
    sheets: int
    figures: int
    outcomes: dict[Outcome, int]


class Ledger:
    """The documents of one run by the key of their content, and the patents that they gave.

    Every method raises IndexProblem when the temporary file cannot be written.
    """

    def __init__(self) -> None:
        with _told():
            self._file = sqlite3.connect("", isolation_level=None)
            self._file.execute("PRAGMA journal_mode = OFF")
            self._file.execute("PRAGMA cache_size = -16000")
            self._file.execute(
                "CREATE TABLE met (key TEXT PRIMARY KEY, position INTEGER, name TEXT) WITHOUT ROWID"
            )
            self._file.execute(
                "CREATE TABLE kept (patent TEXT PRIMARY KEY, position INTEGER, name TEXT,"
                " outcome TEXT, sheets INTEGER, figures INTEGER) WITHOUT ROWID"
            )
            self._file.execute("CREATE TABLE later (task BLOB)")

    def close(self) -> None:
        """Give the temporary file back."""
        self._file.close()

    def met(self, key: str) -> Met | None:
        """The document of this content, or None."""
        found = self._row("SELECT position, name FROM met WHERE key = ?", key)
        return Met(*found) if found else None

    def meet(self, key: str, met: Met) -> None:
        """Note a document."""
        self._write("INSERT INTO met VALUES (?, ?, ?)", key, met.position, met.name)

    def kept(self, patent_id: str) -> Kept | None:
        """What was kept as this patent, or None."""
        found = self._row(
            "SELECT position, name, outcome, sheets, figures FROM kept WHERE patent = ?", patent_id
        )
        return Kept(*found) if found else None

    def keep(self, patent_id: str, kept: Kept) -> None:
        """Note what was kept as a patent, in the place of what was before."""
        row = (patent_id, kept.position, kept.name, kept.outcome, kept.sheets, kept.figures)
        self._write("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?, ?, ?)", *row)

    def put_off(self, task: object) -> None:
        """Keep a task for later."""
        self._write("INSERT INTO later VALUES (?)", pickle.dumps(task, 5))

    def put_off_so_far(self) -> Iterator[Any]:
        """The tasks kept for later, in their order."""
        with _told():
            for (task,) in self._file.execute("SELECT task FROM later ORDER BY rowid"):
                yield pickle.loads(task)  # noqa: S301 - its own bytes

    def totals(self) -> Totals:
        """Counts of what was kept."""
        with _told():
            query = "SELECT outcome, count(*), sum(sheets), sum(figures) FROM kept GROUP BY outcome"
            rows = self._file.execute(query).fetchall()
        outcomes: dict[Outcome, int] = dict.fromkeys(get_args(Outcome), 0)
        outcomes.update({row[0]: row[1] for row in rows})
        patents, sheets, figures = (sum(int(row[n]) for row in rows) for n in (1, 2, 3))
        return Totals(patents, sheets, figures, outcomes)

    def _row(self, query: str, value: str) -> Any:
        with _told():
            return self._file.execute(query, (value,)).fetchone()

    def _write(self, statement: str, *values: object) -> None:
        with _told():
            self._file.execute(statement, values)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise IndexProblem(
            f"The temporary file of this ingest cannot be written ({error}).",
            "Make room in the folder for temporary files, or name another with TMPDIR, and run it again.",
        ) from None
