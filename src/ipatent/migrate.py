"""All that one index holds brought into another, of the same encoder: from one machine to a server.

Nothing is encoded anew and no source is needed. Patents go over some at a time, so memory stays bounded;
what the other index holds already under the same fingerprint is left alone, so a run that breaks off goes
on where it was. In the end both are compared.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ipatent.errors import IndexProblem
from ipatent.index import Entry, Index, Outcome
from ipatent.patents import Patent, Vectors

PAGE = 100


@dataclass(frozen=True, slots=True)
class MigrationSummary:
    """What a migration did: patents by outcome, and the figures that the new index holds now."""

    new: int
    replaced: int
    unchanged: int
    removed: int
    sources: int
    figures: int


def migrate(
    old: Index,
    new: Index,
    put_all: Callable[[list[Entry]], list[Outcome]] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> MigrationSummary:
    """Make `new` hold just what `old` holds. `put_all` stores several patents in `new` at once, if it can.

    Raises EncoderMismatch when the two are of different encoders, and IndexProblem when counts
    differ in the end, as they do when something else writes to either meanwhile.
    """
    store = put_all or (lambda entries: [new.put(entry) for entry in entries])
    total = old.status().patents
    outcomes: dict[Outcome, int] = {"new": 0, "replaced": 0, "unchanged": 0}
    kept: set[str] = set()
    each = old.each_entry()
    while page := list(itertools.islice(each, PAGE)):
        kept.update(entry.patent.id for entry in page)
        entries = [entry for entry in page if new.fingerprint(entry.patent.id) != entry.fingerprint]
        outcomes["unchanged"] += len(page) - len(entries)
        for outcome in store(entries) if entries else ():
            outcomes[outcome] += 1
        if progress:
            progress(len(kept), total)
    strays = [patent.id for page in _pages(new) for patent in page if patent.id not in kept]
    for patent_id in strays:
        new.delete(patent_id)
    sources = 0
    for key, summary in old.each_source():
        sources += 1
        if new.source(key) != summary:
            new.mark_source(key, summary)
    return MigrationSummary(**outcomes, removed=len(strays), sources=sources, figures=_compared(old, new))


def _entry(old: Index, patent: Patent, fingerprint: str) -> Entry:
    figures = old.figures_of(patent.id)
    images, captions = old.vectors_of([figure.id for figure in figures])
    spec = old.status().encoder
    return Entry(
        patent,
        figures,
        _filled(images, len(figures), spec.image_dim if spec else 0),
        _filled(captions, len(figures), spec.caption_dim if spec else 0),
        fingerprint,
        old.sheets_of(patent.id),
    )


def entry_of(index: Index, patent_id: str) -> Entry | None:
    """All that an index holds of a patent; None where it is not there, or not completely."""
    fingerprint = index.fingerprint(patent_id)
    return None if fingerprint is None else _entry(index, index.patent(patent_id), fingerprint)


def _filled(vectors: Vectors, count: int, size: int) -> Vectors:
    """(count, size) with zeros where there is no vector, also where no figure of the index has one."""
    if vectors.shape != (count, size):
        return np.zeros((count, size), np.float32)
    return np.nan_to_num(vectors, nan=0.0).astype(np.float32)


def _pages(index: Index) -> Iterator[tuple[Patent, ...]]:
    offset = 0
    while page := index.patents(offset, PAGE):
        yield page
        offset += len(page)


def _compared(old: Index, new: Index) -> int:
    one, other = old.status(), new.status()
    counts = [(each.patents, each.sheets, each.figures) for each in (one, other)]
    if counts[0] != counts[1]:
        raise IndexProblem(
            "The two indexes do not hold the same: {:,} patents, {:,} sheets and {:,} figures in {}".format(
                *counts[0], one.path
            )
            + ", {:,}, {:,} and {:,} in {}.".format(*counts[1], other.path),
            "Let nothing else write to them, then run the command again: it goes on where it was.",
        )
    return other.figures
