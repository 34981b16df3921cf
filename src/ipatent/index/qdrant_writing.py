"""Writing on Qdrant: patents stored, replaced and removed so that breaking off harms nothing.

There are no transactions over several points. So a patent's own point says first, without a
fingerprint, that it is being written; then come its figures, then what is left of older ones goes, and
last it is marked complete. Whatever breaks off in between leaves a patent that the next ingest takes
for new; every figure that can be seen meanwhile is whole, under its own number. The same points are
written again under the same ids, so nothing is doubled.
"""

import socket
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ipatent.errors import IndexProblem
from ipatent.filters import applicant_key
from ipatent.index import Entry, Outcome, rows
from ipatent.index.qdrant_counting import applicant_note
from ipatent.index.qdrant_points import (
    MOST_FIGURES,
    figure_points,
    number_of,
    patent_payload,
    point_of,
    row_of,
    text_id,
)
from ipatent.index.qdrant_store import Store

if TYPE_CHECKING:
    from qdrant_client import grpc

_ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class Stored:
    """What is known of a patent before it is written anew."""

    number: int
    fingerprint: str
    figures: int


class Writer:
    """Writes of one process, and the count of its commits that the generation is made of."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._id = str(uuid.uuid4())
        self._commits = 0
        self._applicants: set[str] = set()

    def put(self, entries: Sequence[Entry]) -> list[Outcome]:
        """Store or replace patents, of which none comes twice; all is stored when this returns."""
        known = self._known(entries)
        outcomes: list[Outcome] = []
        changed: list[tuple[Entry, Stored]] = []
        for entry, stored in zip(entries, known, strict=True):
            if stored and stored.fingerprint == rows.plain(entry.fingerprint):
                outcomes.append("unchanged")
                continue
            outcomes.append("replaced" if stored and stored.fingerprint else "new")
            changed.append((entry, stored or Stored(self._free_number(entry.patent.id), "", 0)))
        if changed:
            self._write(changed)
            self.commit()
        return outcomes

    def delete(self, patent_id: str, stored: Stored) -> int:
        """Remove a patent with its figures; how many figures went."""
        from qdrant_client import grpc

        point = text_id(patent_id)
        # From now on a next ingest takes it for new, wherever this breaks off.
        self._store.change("patents", point, {"fingerprint": "", "complete": False})
        ids = [grpc.PointId(num=row_of(stored.number, place)) for place in range(stored.figures)]
        of = np.array([each.num for each in ids], np.int64)
        gone = len(self._store.by_rows(of, ())) if ids else 0
        if ids:
            self._store.remove("figures", ids)
        self._store.remove("patents", [grpc.PointId(uuid=point)])
        self.commit()
        return gone

    def note_source(self, key: str, summary: str) -> None:
        """Remember a source with its summary."""
        note = {"note": "source", "key": rows.plain(key), "summary": rows.plain(summary)}
        self._store.write("notes", [point_of(source_id(key), note)])
        self.commit()

    def forget_source(self, key: str) -> None:
        """Remove the note of a source."""
        from qdrant_client import grpc

        self._store.remove("notes", [grpc.PointId(uuid=source_id(key))])
        self.commit()

    def outdo(self, generation: int) -> None:
        """Let the generation of this filling be higher than one of another."""
        self._commits = max(self._commits, generation)
        self.commit()

    def commit(self) -> None:
        """Let the generation grow by one."""
        self._commits += 1
        note = {"note": "writer", "commits": self._commits, "host": rows.plain(socket.gethostname())}
        self._store.write("notes", [point_of(self._id, note)])

    def _known(self, entries: Sequence[Entry]) -> list[Stored | None]:
        points = patents_by_id(self._store, [entry.patent.id for entry in entries])
        return [stored_in(point) if point else None for point in points]

    def _free_number(self, patent_id: str) -> int:
        """The number of a new patent: that of its id, or another where a patent has that one already."""
        tried = [number_of(patent_id, attempt) for attempt in range(_ATTEMPTS)]
        first = self._store.by_rows(np.array([row_of(n, 0) for n in tried], np.int64), ("publication",))
        for number in tried:
            taken = first.get(row_of(number, 0))
            if taken is None or taken.payload["publication"].string_value == rows.plain(patent_id):
                return number
        raise IndexProblem(
            f"The index has no number left for {patent_id}.", "Report this: it should never happen."
        )

    def _write(self, changed: Sequence[tuple[Entry, Stored]]) -> None:
        self._store.write("patents", list(_patents(changed, complete=False)))
        figures = [point for entry, stored in changed for point in figure_points(entry, stored.number)]
        self._store.write("figures", figures)
        if leftovers := list(_leftovers(changed)):
            self._store.remove("figures", leftovers)
        self._note_applicants(changed)
        self._store.write("patents", list(_patents(changed, complete=True)))

    def _note_applicants(self, changed: Sequence[tuple[Entry, Stored]]) -> None:
        new: dict[str, dict[str, Any]] = {}
        keys = []
        for entry, _ in changed:
            for name in map(rows.plain, entry.patent.applicants):
                key = applicant_key(name)
                if key and key not in self._applicants:
                    point, note = applicant_note(key, name)
                    new.setdefault(point, note)
                    keys.append(key)
        # The first writing of a name stays, so that a facet does not change with every ingest.
        known = self._store.by_texts("notes", new, ()) if new else {}
        points = [point_of(point, note) for point, note in new.items() if point not in known]
        if points:
            self._store.write("notes", points)
        self._applicants.update(keys)


def patents_by_id(store: Store, patent_ids: Sequence[str]) -> list[Any | None]:
    """The points of patents without their texts, in the order of the ids; None where there is none."""
    ids = [text_id(each) for each in patent_ids]
    found = store.by_texts("patents", ids, ("number", "fingerprint", "figures"))
    return [found.get(each) for each in ids]


def stored_in(point: Any) -> Stored:
    """What a patent's point says."""
    payload = point.payload
    return Stored(
        payload["number"].integer_value,
        payload["fingerprint"].string_value,
        payload["figures"].integer_value,
    )


def source_id(key: str) -> str:
    """The id of the note of a source; notes of sources stand in the order of their keys."""
    return text_id(key)


def check_figures(entry: Entry) -> None:
    """Raises IndexProblem where a patent has more figures than rows can tell apart."""
    if len(entry.figures) > MOST_FIGURES:
        raise IndexProblem(
            f"{entry.patent.id} has {len(entry.figures):,} figures; an index on Qdrant takes"
            f" {MOST_FIGURES:,} of one patent.",
            "Divide its file, or leave it out.",
        )


def _patents(changed: Sequence[tuple[Entry, Stored]], complete: bool) -> "Iterator[grpc.PointStruct]":
    for entry, stored in changed:
        count = len(entry.figures)
        figures = count if complete else max(count, stored.figures)
        payload = patent_payload(entry, stored.number, complete, figures)
        yield point_of(text_id(entry.patent.id), payload)


def _leftovers(changed: Sequence[tuple[Entry, Stored]]) -> "Iterator[grpc.PointId]":
    from qdrant_client import grpc

    for entry, stored in changed:
        for place in range(len(entry.figures), stored.figures):
            yield grpc.PointId(num=row_of(stored.number, place))
