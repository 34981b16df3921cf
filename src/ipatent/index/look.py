"""A look: what one read transaction sees of the embedded index, narrowed and matched."""

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from ipatent.errors import NotFound
from ipatent.facets import FacetName
from ipatent.index import Rows, Within, expressions, rows, words
from ipatent.index.columns import Mask
from ipatent.index.counting import Tally
from ipatent.index.narrowing import Narrowed, narrowed, without_own_choice
from ipatent.index.snapshot import Snapshot
from ipatent.wording import Expression, Wording

T = TypeVar("T")

_REMEMBERED = 24


class Memory:
    """The latest answers: the parts of one search ask for the same words and filters again."""

    def __init__(self, most: int = _REMEMBERED) -> None:
        self._most = most
        self._known: OrderedDict[Hashable, Any] = OrderedDict()

    def of(self, key: Hashable, compute: Callable[[], T]) -> T:
        """What was computed for `key` before, or is now."""
        # Several threads look here at once, so one that asks must not rely on an earlier glance.
        found: T | None = self._known.get(key)
        if found is not None:
            return found
        self._known[key] = answer = compute()
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        return answer


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A connection in a read transaction, with the snapshot of what it sees, or of a later commit."""

    connection: sqlite3.Connection
    snapshot: Snapshot
    memory: Memory

    def narrowed(self, within: Within) -> Narrowed:
        """The figures that satisfy `within`."""
        return self._remembered(within, lambda: self._narrow(within))

    def tally(self, within: Within, name: FacetName) -> Tally:
        """The figures that would satisfy `within`, were nothing chosen in this facet, to be counted."""
        wider = Within(without_own_choice(within.filters, name), within.expression)
        return self._remembered(
            ("tally", wider), lambda: Tally(self.snapshot.columns, self.narrowed(wider).figures)
        )

    def matches(self, wording: Wording) -> words.Matches:
        """The figures that hold words of plain text, or satisfy an expression."""
        snapshot = self.snapshot
        if wording.expression is None:
            return self._remembered(
                wording.text,
                lambda: words.match(self.connection, wording.text, snapshot.rows, snapshot.patents),
            )
        found = self._satisfied(wording.expression)
        return words.Matches(snapshot.rows[found.figures], found.scores[found.figures])

    def places(self, wanted: Rows) -> Rows:
        """Where rows stand among the figures; raises NotFound when one was removed."""
        known = self.snapshot.rows
        if not len(known) and len(wanted):
            raise gone(int(wanted[0]))
        at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        if (absent := known[at] != wanted).any():
            raise gone(int(wanted[absent][0]))
        return at

    def _satisfied(self, expression: Expression) -> expressions.Satisfied:
        return self._remembered(
            expression,
            lambda: expressions.satisfied(
                self.connection, expression, self.snapshot.rows, self.snapshot.patents
            ),
        )

    def _narrow(self, within: Within) -> Narrowed:
        found = narrowed(
            self.snapshot.columns, within.filters, self._named(within), self._named_figures(within)
        )
        if within.expression is None:
            return found
        holds = self._satisfied(within.expression).figures
        return Narrowed(found.figures & holds, found.undated & holds)

    def _named(self, within: Within) -> Mask | None:
        """Which patents the filters name, or None where they name none."""
        if not within.filters.publications:
            return None
        found = self.connection.execute(
            "SELECT row FROM patents WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps([rows.plain(each) for each in within.filters.publications]),),
        ).fetchall()
        return np.isin(self.snapshot.columns.patent_rows, [row for (row,) in found])

    def _named_figures(self, within: Within) -> Mask | None:
        """Which figures the filters name, or None where they name none."""
        if not within.filters.figures:
            return None
        found = rows_by_id(self.connection, within.filters.figures)
        return np.isin(self.snapshot.rows, list(found.values()))

    def _remembered(self, of: Hashable, compute: Callable[[], T]) -> T:
        return self.memory.of((self.snapshot.epoch, self.snapshot.generation, of), compute)


def rows_by_id(connection: sqlite3.Connection, figure_ids: Sequence[str]) -> dict[str, int]:
    """The row of each figure that is there."""
    wanted = json.dumps([rows.plain(each) for each in figure_ids])
    return dict(
        connection.execute(
            "SELECT id, row FROM figures WHERE id IN (SELECT value FROM json_each(?))", (wanted,)
        )
    )


def gone(row: int) -> NotFound:
    """The error where a row was removed between two looks."""
    return NotFound(f"The figure in row {row} was removed while it was looked up.", "Search again.")
