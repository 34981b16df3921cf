"""Counting: how many figures of a set have each value of a facet."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipatent.facets import CPC_SECTIONS, LOCARNO_CLASSES, MOST_APPLICANTS, Facet, FacetName, FacetValue
from ipatent.index.columns import Codes, Columns, Mask, Pairs
from ipatent.wording import tokens

Counts = npt.NDArray[np.int64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Counted:
    """Values by code, with their counts in the set and among the best."""

    values: list[str]
    labels: list[str]
    counts: Counts
    best: Counts
    unknown: int


def facet(columns: Columns, name: FacetName, figures: Mask, best: Places) -> Facet:
    """The values that `figures` (n,) have, with how many of them and of the places `best` have each."""
    counted = _counted(columns, name, figures, best)
    found = [int(code) for code in np.flatnonzero(counted.counts | counted.best) if counted.values[code]]
    if name in ("cpc", "locarno", "year"):
        found.sort(key=lambda code: counted.values[code])
    else:
        found.sort(key=lambda code: (-counted.counts[code], counted.labels[code]))
    shown = found[:MOST_APPLICANTS] if name == "applicant" else found
    return Facet(name, _values(name, counted, shown), counted.unknown, len(found) - len(shown))


def holding(
    columns: Columns, name: FacetName, figures: Mask, containing: str, limit: int
) -> tuple[FacetValue, ...]:
    """The commonest values whose label holds each word of `containing` as the beginning of a word."""
    counted = _counted(columns, name, figures, np.empty(0, np.int64))
    wanted = tokens(containing)
    found: list[int] = []
    for code in np.argsort(-counted.counts, kind="stable"):
        if not counted.counts[code] or len(found) == limit:
            break
        words = tokens(f"{counted.values[code]} {counted.labels[code]}")
        if all(any(word.startswith(start) for word in words) for start in wanted):
            found.append(int(code))
    return _values(name, counted, found)


def _values(name: FacetName, counted: _Counted, codes: Iterable[int]) -> tuple[FacetValue, ...]:
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


def _counted(columns: Columns, name: FacetName, figures: Mask, best: Places) -> _Counted:
    if name in ("type", "view"):
        codes: Codes = getattr(columns, name)
        vocabulary = columns.vocabularies[name]
        size = len(vocabulary.values)
        counts, among = np.bincount(codes[figures], minlength=size), np.bincount(codes[best], minlength=size)
        unknown = counts[vocabulary.codes[""]] if "" in vocabulary.codes else 0
        return _Counted(vocabulary.values, vocabulary.labels, counts, among, int(unknown))
    patents = len(columns.patent_rows)
    per_patent = np.bincount(columns.patent[figures], minlength=patents)
    best_per_patent = np.bincount(columns.patent[best], minlength=patents)
    if name in ("office", "kind"):
        codes = getattr(columns, name)
        vocabulary = columns.vocabularies[name]
        counts, among = (
            _weighed(codes, each, len(vocabulary.values)) for each in (per_patent, best_per_patent)
        )
        unknown = counts[vocabulary.codes[""]] if "" in vocabulary.codes else 0
        return _Counted(vocabulary.values, vocabulary.labels, counts, among, int(unknown))
    if name == "year":
        years = columns.published // 10_000
        first = int(years[years > 0].min(initial=9999))
        at = np.where(years > 0, years - first + 1, 0)
        size = int(at.max(initial=0)) + 1
        names = ["", *(str(first + n) for n in range(size - 1))]
        counts, among = (_weighed(at, each, size) for each in (per_patent, best_per_patent))
        return _Counted(names, names, counts, among, int(counts[0]))
    pairs: Pairs = getattr(columns, name)
    size = len(pairs.vocabulary.values)
    counts, among = (
        _weighed(pairs.codes, each[pairs.patents], size) for each in (per_patent, best_per_patent)
    )
    having = np.zeros(patents, bool)
    having[pairs.patents] = True
    unknown = per_patent[~having].sum()
    return _Counted(pairs.vocabulary.values, pairs.vocabulary.labels, counts, among, int(unknown))


def _weighed(codes: Codes, weights: Counts, size: int) -> Counts:
    # The sums are whole numbers far below 2^53, so nothing is lost in between.
    return np.bincount(codes, weights, size).astype(np.int64)


def _cpc_parent(value: str) -> str:
    return {4: value[:3], 3: value[:1]}.get(len(value), "")


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
