"""Columns: what figures and patents are filtered and counted by, in memory as small integers.

Every text value has a code. Codes are only ever added, so that a snapshot goes on undisturbed while
the next one is built with more of them.
"""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ipatent.filters import applicant_key, cpc_levels
from ipatent.index import Rows

Codes = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]


@dataclass(slots=True, eq=False)
class Vocabulary:
    """The values of one property by code, with what people read for each."""

    codes: dict[str, int] = field(default_factory=dict)
    values: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    def code(self, value: str, label: str = "") -> int:
        """The code of `value`, a new one where it was never met."""
        code = self.codes.setdefault(value, len(self.values))
        if code == len(self.values):
            self.values.append(value)
            self.labels.append(label or value)
        return code

    def chosen(self, accepts: Callable[[str], bool]) -> Mask:
        """By code, whether the value is accepted."""
        return np.fromiter(map(accepts, self.values), bool, len(self.values))

    def among(self, values: Iterable[str]) -> Mask:
        """By code, whether it is one of `values`."""
        chosen = np.zeros(len(self.values), bool)
        chosen[[self.codes[value] for value in values if value in self.codes]] = True
        return chosen


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Which patents have which values, where one may have several; each pair once."""

    patents: Codes
    """(m,) places of patents, ascending."""
    codes: Codes
    """(m,)"""
    vocabulary: Vocabulary


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Of n figures in the order of their rows, and p patents in the order of theirs.

    Patents that were removed stay, without figures. Days are yyyymmdd, 0 where not known.
    """

    patent_rows: Rows
    office: Codes
    kind: Codes
    published: Codes
    earliest: Codes
    """Earliest known of priority, filing and publication."""
    cpc: Pairs
    """Section, class and subclass of CPC and IPC symbols."""
    symbols: Pairs
    """The same symbols in full, without blanks."""
    locarno: Pairs
    applicant: Pairs
    patent: Codes
    """(n,) place of the figure's patent."""
    type: Codes
    view: Codes
    captioned: Mask
    vocabularies: dict[str, Vocabulary]
    """Of office, kind, type and view."""


def empty_columns() -> Columns:
    """No figures, and vocabularies of their own."""
    none = np.empty(0, np.int32)

    def pairs() -> Pairs:
        return Pairs(none, none, Vocabulary())

    return Columns(
        np.empty(0, np.int64), none, none, none, none, pairs(), pairs(), pairs(), pairs(), none, none, none,
        np.empty(0, bool), {name: Vocabulary() for name in ("office", "kind", "type", "view")},
    )  # fmt: skip


FigureColumns = tuple[int, int, str, str, int]
"""Row, patent row, type, view, and whether there is a caption."""


def extended(
    old: Columns, keep: Mask, figures: Iterable[FigureColumns], connection: sqlite3.Connection
) -> Columns:
    """`old` with the figures that `keep` (n,) says, then `figures`, and all patents that came since."""
    words = old.vocabularies
    last = int(old.patent_rows[-1]) if len(old.patent_rows) else 0
    patents = connection.execute(
        "SELECT row, office, kind, published, filed, priority FROM patents WHERE row > ? ORDER BY row",
        (last,),
    ).fetchall()
    rows = np.concatenate(
        [old.patent_rows, np.fromiter((each[0] for each in patents), np.int64, len(patents))]
    )
    published = [_day(each[3]) for each in patents]
    earliest = [min(filter(None, map(_day, each[3:])), default=0) for each in patents]
    cpc, symbols, locarno = _classifications(old, rows, last, connection)
    new = list(figures)
    at = np.searchsorted(rows, np.fromiter((each[1] for each in new), np.int64, len(new)))
    return Columns(
        patent_rows=rows,
        office=_more(old.office, (words["office"].code(each[1]) for each in patents)),
        kind=_more(old.kind, (words["kind"].code(each[2]) for each in patents)),
        published=_more(old.published, published),
        earliest=_more(old.earliest, earliest),
        cpc=cpc,
        symbols=symbols,
        locarno=locarno,
        applicant=_applicants(old, rows, last, connection),
        patent=np.concatenate([old.patent[keep], at.astype(np.int32)]),
        type=_more(old.type[keep], (words["type"].code(each[2]) for each in new)),
        view=_more(old.view[keep], (words["view"].code(each[3]) for each in new)),
        captioned=np.concatenate(
            [old.captioned[keep], np.fromiter((each[4] for each in new), bool, len(new))]
        ),
        vocabularies=words,
    )


def _classifications(
    old: Columns, rows: Rows, last: int, connection: sqlite3.Connection
) -> tuple[Pairs, Pairs, Pairs]:
    levels: list[tuple[int, str]] = []
    full: list[tuple[int, str]] = []
    locarno: list[tuple[int, str]] = []
    for patent, scheme, symbol in connection.execute(
        "SELECT patent, scheme, symbol FROM classifications WHERE patent > ? ORDER BY patent", (last,)
    ):
        if scheme in ("CPC", "IPC"):
            compact = symbol.replace(" ", "")
            full.append((patent, compact))
            levels += [(patent, level) for level in cpc_levels(compact)]
        elif scheme == "LOC":
            locarno += [(patent, symbol[:2]), (patent, symbol)]
    return (
        _paired(old.cpc, rows, levels),
        _paired(old.symbols, rows, full),
        _paired(old.locarno, rows, locarno),
    )


def _applicants(old: Columns, rows: Rows, last: int, connection: sqlite3.Connection) -> Pairs:
    found = connection.execute(
        "SELECT patent, name FROM applicants WHERE patent > ? ORDER BY patent", (last,)
    ).fetchall()
    keyed = [(patent, applicant_key(name), name) for patent, name in found]
    for _, key, name in keyed:
        old.applicant.vocabulary.code(key, name)
    return _paired(old.applicant, rows, [(patent, key) for patent, key, _ in keyed])


def _paired(old: Pairs, rows: Rows, new: list[tuple[int, str]]) -> Pairs:
    each_once = [pair for pair in dict.fromkeys(new) if pair[1]]
    at = np.searchsorted(rows, np.fromiter((patent for patent, _ in each_once), np.int64, len(each_once)))
    codes = (old.vocabulary.code(value) for _, value in each_once)
    return Pairs(np.concatenate([old.patents, at.astype(np.int32)]), _more(old.codes, codes), old.vocabulary)


def _more(old: Codes, new: Iterable[int]) -> Codes:
    return np.concatenate([old, np.fromiter(new, np.int32)])


def _day(text: str | None) -> int:
    return int(text.replace("-", "")) if text else 0
