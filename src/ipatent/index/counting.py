"""Counting: how many figures of a set have each value of a facet."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipatent.facets import CPC_SECTIONS, LOCARNO_CLASSES, MOST_APPLICANTS, Facet, FacetName, FacetValue
from ipatent.index.columns import Codes, Columns, Mask, Pairs, Vocabulary
from ipatent.wording import tokens

Counts = npt.NDArray[np.int64]
Places = npt.NDArray[np.int64]


class Tally:
    """A set of figures, ready to be counted by several facets."""

    def __init__(self, columns: Columns, figures: Mask) -> None:
        self.columns = columns
        self.places = None if figures.all() else np.flatnonzero(figures)
        self.per_patent = np.bincount(self.of(columns.patent), minlength=len(columns.patent_rows))

    def of(self, codes: Codes) -> Codes:
        """The codes (n,) of the set's figures."""
        return codes if self.places is None else codes[self.places]


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Values by code, with their counts in the set and among the best."""

    values: list[str]
    labels: list[str]
    counts: Counts
    best: Counts
    unknown: int


def facet(name: FacetName, tally: Tally, best: Places) -> Facet:
    """The values that a set of figures has, with how many of them and of the places `best` have each."""
    return listed(name, _counted(name, tally, best))


def listed(name: FacetName, counted: Counted) -> Facet:
    """The values that occur, in the order in which a facet shows them."""
    found = np.flatnonzero(counted.counts | counted.best)
    shown = found
    if name == "applicant" and len(found) > MOST_APPLICANTS:
        counts = counted.counts[found]
        least = np.partition(counts, len(counts) - MOST_APPLICANTS)[len(counts) - MOST_APPLICANTS]
        shown = found[counts >= least]
    codes = [int(code) for code in shown]
    if name in ("cpc", "locarno", "year"):
        codes.sort(key=lambda code: counted.values[code])
    else:
        codes.sort(key=lambda code: (-int(counted.counts[code]), counted.labels[code]))
    if name == "applicant":
        codes = codes[:MOST_APPLICANTS]
    return Facet(name, _values(name, counted, codes), counted.unknown, len(found) - len(codes))


def holding(name: FacetName, tally: Tally, containing: str, limit: int) -> tuple[FacetValue, ...]:
    """The commonest values whose label holds each word of `containing` as the beginning of a word."""
    return held(name, _counted(name, tally, np.empty(0, np.int64)), containing, limit)


def held(name: FacetName, counted: Counted, containing: str, limit: int) -> tuple[FacetValue, ...]:
    """Of counted values the commonest that hold these words; see `holding`."""
    wanted = tokens(containing)
    found: list[int] = []
    for code in np.argsort(-counted.counts, kind="stable"):
        if not counted.counts[code] or len(found) == limit:
            break
        words = tokens(f"{counted.values[code]} {counted.labels[code]}")
        if all(any(word.startswith(start) for word in words) for start in wanted):
            found.append(int(code))
    return _values(name, counted, found)


def _values(name: FacetName, counted: Counted, codes: Iterable[int]) -> tuple[FacetValue, ...]:
    parent, label = _TREES.get(name, (lambda _: "", None))
    return tuple(
        FacetValue(
            value=counted.values[code],
            label=label(counted.values[code]) if label else counted.labels[code],
            count=int(counted.counts[code]),
            best=int(counted.best[code]),
            parent=parent(counted.values[code]),
        )
        for code in codes
    )


def _counted(name: FacetName, tally: Tally, best: Places) -> Counted:
    columns = tally.columns
    if name in ("type", "view"):
        codes: Codes = getattr(columns, name)
        vocabulary = columns.vocabularies[name]
        size = len(vocabulary.values)
        counts = np.bincount(tally.of(codes), minlength=size)
        return _texts(vocabulary, counts, np.bincount(codes[best], minlength=size))
    best_patents = columns.patent[best]
    if name in ("office", "kind"):
        codes = getattr(columns, name)
        vocabulary = columns.vocabularies[name]
        size = len(vocabulary.values)
        counts = _weighed(codes, tally.per_patent, size)
        return _texts(vocabulary, counts, np.bincount(codes[best_patents], minlength=size))
    if name == "year":
        years = columns.published // 10_000
        first = int(years[years > 0].min(initial=9999))
        at = np.where(years > 0, years - first + 1, 0)
        size = int(at.max(initial=0)) + 1
        names = ["", *(str(first + n) for n in range(size - 1))]
        counts = _weighed(at, tally.per_patent, size)
        among = np.bincount(at[best_patents], minlength=size)
        among[0] = 0
        unknown, counts[0] = int(counts[0]), 0
        return Counted(names, names, counts, among, unknown)
    pairs: Pairs = getattr(columns, name)
    size = len(pairs.vocabulary.values)
    counts = _weighed(pairs.codes, tally.per_patent[pairs.patents], size)
    first_of, last_of = (np.searchsorted(pairs.patents, best_patents, side) for side in ("left", "right"))
    own = [pairs.codes[start:end] for start, end in zip(first_of, last_of, strict=True)]
    among = np.bincount(np.concatenate(own), minlength=size) if own else np.zeros(size, np.int64)
    having = np.zeros(len(tally.per_patent), bool)
    having[pairs.patents] = True
    unknown = int(tally.per_patent[~having].sum())
    return Counted(pairs.vocabulary.values, pairs.vocabulary.labels, counts, among, unknown)


def _texts(vocabulary: Vocabulary, counts: Counts, among: Counts) -> Counted:
    unknown = 0
    if "" in vocabulary.codes:
        empty = vocabulary.codes[""]
        unknown, counts[empty], among[empty] = int(counts[empty]), 0, 0
    return Counted(vocabulary.values, vocabulary.labels, counts, among, unknown)


def _weighed(codes: Codes, weights: Counts, size: int) -> Counts:
    # The sums are whole numbers far below 2^53, so nothing is lost in between.
    return np.bincount(codes, weights, size).astype(np.int64)


def _cpc_parent(value: str) -> str:
    return value[:3] if len(value) > 3 else value[:1] if len(value) == 3 else ""


def _cpc_label(value: str) -> str:
    return f"{value} {CPC_SECTIONS[value]}" if value in CPC_SECTIONS else value


def _locarno_parent(value: str) -> str:
    return value[:2] if len(value) > 2 else ""


def _locarno_label(value: str) -> str:
    return f"{value} {LOCARNO_CLASSES[value]}" if value in LOCARNO_CLASSES else value


_TREES: dict[FacetName, tuple[Callable[[str], str], Callable[[str], str] | None]] = {
    "cpc": (_cpc_parent, _cpc_label),
    "locarno": (_locarno_parent, _locarno_label),
}
