"""Holdings: what an index on Qdrant has of patents and figures, stored, looked up and removed."""

import itertools
import os
import threading
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from ipatent.encode import EncoderSpec
from ipatent.errors import NotFound
from ipatent.index import Entry, Outcome, Rows, storing
from ipatent.index.look import gone
from ipatent.index.qdrant_collections import Filling, Options
from ipatent.index.qdrant_entries import entries
from ipatent.index.qdrant_filters import among, is_
from ipatent.index.qdrant_nodes import Nodes
from ipatent.index.qdrant_points import (
    figure_in,
    figure_key,
    object_id,
    objects_of,
    patent_in,
    text_id,
    vector_in,
)
from ipatent.index.qdrant_reach import Reach, in_order
from ipatent.index.qdrant_store import Store
from ipatent.index.qdrant_writing import Writer, check_figures, patents_by_id, source_id, stored_in
from ipatent.patents import Figure, Patent, Vectors


class Holdings:
    """Patents and figures on a Qdrant server, without their ranking."""

    def __init__(self, nodes: Nodes, encoder: EncoderSpec | None, options: Options, filling: Filling) -> None:
        self.address = nodes.address
        self._nodes = nodes
        self._reach = Reach(nodes, filling, options, encoder)
        self._writer = Writer(Store(nodes, filling, patient=True))
        self._writing = threading.Lock()
        self._threads = ThreadPoolExecutor(min(8, 2 * (os.cpu_count() or 1)), "ipatent-qdrant")

    def close(self) -> None:
        """Let go of the connections; may be called twice."""
        self._nodes.close()
        self._threads.shutdown(wait=False)

    def store(self) -> Store | None:
        """The collections behind, for those who look after them; None where nothing was ever written."""
        return self._reach.store()

    # -- writing

    def put(self, entry: Entry) -> Outcome:
        """Store or replace one patent; an equal fingerprint changes nothing.

        Raises EncoderMismatch when the vectors are not those of the index's encoder, IndexProblem
        when the server cannot write, and ValueError when the entry contradicts itself.
        """
        return self.put_all([entry])[0]

    def put_all(self, entries: Sequence[Entry]) -> list[Outcome]:
        """Store or replace some patents together, which takes a fraction of the time; see `put`."""
        for entry in entries:
            storing.check(entry)
            check_figures(entry)
        with self._writing:
            self._reach.make()
            for entry in entries:
                self._reach.check(entry)
            return self._writer.put(entries)

    def delete(self, patent_id: str) -> int:
        """Remove a patent with its figures; how many figures went. Raises NotFound."""
        with self._writing:
            stored = stored_in(self._patent_point(patent_id, ("number", "fingerprint", "figures")))
            return self._writer.delete(patent_id, stored)

    def objects_in_use(self, names: Collection[str]) -> set[str]:
        """Which of these objects some figure still shows."""
        used: set[str] = set()
        store = self._reach.store()
        if store and names:
            conditions = [among("objects", [object_id(name) for name in names])]
            for point in store.each("figures", conditions, ("body",)):
                used.update(set(objects_of(figure_in(point))).intersection(names))
        return used

    def fingerprint(self, patent_id: str) -> str | None:
        """The fingerprint that a patent was stored with, or None where it is not there completely."""
        store = self._reach.store()
        point = patents_by_id(store, [patent_id])[0] if store else None
        return (stored_in(point).fingerprint or None) if point else None

    def sheets_of(self, patent_id: str) -> int:
        """How many drawing sheets a patent was stored with. Raises NotFound."""
        return int(self._patent_point(patent_id, ("sheets",)).payload["sheets"].integer_value)

    def sources(self) -> dict[str, str]:
        """The summary of every source file that was ingested completely, by content key."""
        return dict(self.each_source())

    def each_source(self) -> Iterator[tuple[str, str]]:
        """What `sources` gives, one by one in order of the keys, without holding all in memory."""
        if store := self._reach.store():
            for payload in in_order(store, "notes", [is_("note", "source")], "key", ("summary",)):
                yield payload["key"].string_value, payload["summary"].string_value

    def source(self, key: str) -> str | None:
        """The summary of the source file of this content key; None where it was not ingested completely."""
        store = self._reach.store()
        if store is None:
            return None
        found = store.by_texts("notes", [source_id(key)], ("summary",))
        return next((str(each.payload["summary"].string_value) for each in found.values()), None)

    def mark_source(self, key: str, summary: str) -> None:
        """Remember that a source file was ingested completely."""
        with self._writing:
            self._reach.make()
            self._writer.note_source(key, summary)

    def forget_source(self, key: str) -> None:
        """Let the source file of this content key count as never ingested; none there is no error."""
        with self._writing:
            if self._reach.store():
                self._writer.forget_source(key)

    def each_entry(self) -> Iterator[Entry]:
        """Every patent with all that was stored of it, in order of id; those being written are left out.

        Others may write meanwhile. Raises IndexProblem where figures of a patent are missing.
        """
        if (store := self._reach.store()) and (spec := self._reach.spec):
            yield from entries(store, spec)

    # -- looking up

    def patent(self, patent_id: str) -> Patent:
        """Raises NotFound."""
        return patent_in(self._patent_point(patent_id, ("body",)))

    def patents(self, offset: int = 0, limit: int = 100) -> tuple[Patent, ...]:
        """In order of id; the time grows with `offset`."""
        store = self._reach.store()
        if store is None:
            return ()
        each = in_order(store, "patents", (), "id", ())
        ids = [text_id(one["id"].string_value) for one in itertools.islice(each, offset, offset + limit)]
        found = store.by_texts("patents", ids, ("body",))
        return tuple(patent_in(found[each]) for each in ids if each in found)

    def figure(self, figure_id: str) -> Figure:
        """Raises NotFound."""
        return figure_in(self._figure_point(figure_id, ("body",)))

    def figures_of(self, patent_id: str) -> tuple[Figure, ...]:
        """In the order they were given: by sheet and figure. Raises NotFound."""
        number = self._patent_point(patent_id, ("number",)).payload["number"].integer_value
        return tuple(map(figure_in, self._reach.found.each("figures", [is_("patent", number)], ("body",))))

    def figures_at(self, rows_: Rows) -> tuple[tuple[Figure, Patent], ...]:
        """One pair per row, in their order. Raises NotFound when a row was removed since."""
        found = self._points(rows_, ("body", "publication"))
        of = {row: text_id(point.payload["publication"].string_value) for row, point in found.items()}
        bodies = self._reach.found.by_texts("patents", dict.fromkeys(of.values()), ("body",))
        patents = {each: patent_in(point) for each, point in bodies.items()}
        figures = {row: figure_in(point) for row, point in found.items()}
        try:
            return tuple((figures[row], patents[of[row]]) for row in rows_.tolist())
        except KeyError:
            raise gone(int(rows_[0])) from None

    def image_vector(self, figure_id: str) -> Vectors:
        """(1, image_dim) float32. Raises NotFound."""
        return vector_in(self._figure_point(figure_id, (), ("image",)), "image")

    def image_vectors_at(self, rows_: Rows) -> Vectors:
        """(n, image_dim) float32, in their order. Raises NotFound when a row was removed since."""
        if not len(rows_):
            return np.empty((0, self._reach.spec.image_dim if self._reach.spec else 0), np.float32)
        found = self._points(rows_, (), ("image",))
        return np.concatenate([vector_in(found[row], "image") for row in rows_.tolist()])

    def vectors_of(self, figure_ids: Sequence[str]) -> tuple[Vectors, Vectors]:
        """Image and caption vectors (n, dimension) float32, in their order; NaN where there is none."""
        found = self._figure_points(figure_ids, (), ("image", "caption"))
        spec = self._reach.spec
        sizes = (("image", spec.image_dim), ("caption", spec.caption_dim)) if spec else ()
        both = [np.empty((len(figure_ids), 0), np.float32)] * 2
        for at, (name, size) in enumerate(sizes):
            both[at] = np.full((len(figure_ids), size), np.nan, np.float32)
            for n, figure_id in enumerate(figure_ids):
                point = found.get(figure_key(figure_id))
                if point is not None and (vector := vector_in(point, name)).size:
                    both[at][n] = vector
        return both[0], both[1]

    # -- the points behind

    def _points(self, of: Rows, payload: Sequence[str], vectors: Sequence[str] = ()) -> dict[int, Any]:
        found = self._reach.found.by_rows(of, payload, vectors) if len(of) else {}
        for row in of.tolist():
            if row not in found:
                raise gone(row)
        return found

    def _patent_point(self, patent_id: str, payload: Sequence[str]) -> Any:
        store = self._reach.store()
        key = text_id(patent_id)
        found = store.by_texts("patents", [key], payload) if store else {}
        if key not in found:
            raise NotFound(f"There is no patent {patent_id} in the index.", "Check the number, or ingest it.")
        return found[key]

    def _figure_point(self, figure_id: str, payload: Sequence[str], vectors: Sequence[str] = ()) -> Any:
        found = self._figure_points([figure_id], payload, vectors)
        if not found:
            raise NotFound(f"There is no figure {figure_id} in the index.", "It may have been deleted.")
        return found[figure_key(figure_id)]

    def _figure_points(
        self, figure_ids: Sequence[str], payload: Sequence[str], vectors: Sequence[str]
    ) -> dict[str, Any]:
        """Points by `figure_key`, those that are there."""
        store = self._reach.store()
        if store is None or not figure_ids:
            return {}
        keys = [figure_key(each) for each in figure_ids]
        points = store.each("figures", [among("figure", keys)], ("figure", *payload), vectors)
        return {point.payload["figure"].string_value: point for point in points}
