"""The index on Qdrant: one server or a cluster for any number of processes and machines.

Nothing of it lies in the process that asks, so web workers are stateless. What one may rely on is that
of the embedded index, save this: nearest figures come from an HNSW graph over vectors quantised to int8,
scored again with the originals (recall@100 is 0.99 or better at the defaults, exact while segments are
small), and a patent that is being written may be seen with some of its figures.
"""

import itertools
import os
import threading
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType
from typing import Any, Literal

import numpy as np

from ipatent.encode import EncoderSpec
from ipatent.encode.matching import check_encoder
from ipatent.errors import EncoderMismatch, IndexProblem, NotFound
from ipatent.facets import Facet, FacetName, Facets, FacetValue
from ipatent.index import (
    EVERYTHING,
    Candidates,
    Entry,
    IndexStatus,
    Outcome,
    Rows,
    Scores,
    Size,
    Within,
    storing,
)
from ipatent.index.look import gone
from ipatent.index.narrowing import without_own_choice
from ipatent.index.qdrant_collections import Filling, Options, filling_for
from ipatent.index.qdrant_counting import facet, holding
from ipatent.index.qdrant_filters import among, among_rows, conditions_of, is_, undated_conditions_of
from ipatent.index.qdrant_nodes import Address, Nodes
from ipatent.index.qdrant_points import (
    figure_in,
    figure_key,
    object_id,
    objects_of,
    patent_in,
    patents_of,
    text_id,
    vector_in,
)
from ipatent.index.qdrant_reach import Reach, generation, in_order
from ipatent.index.qdrant_store import Conditions, Store
from ipatent.index.qdrant_words import Words
from ipatent.index.qdrant_writing import Writer, check_figures, patents_by_id, source_id, stored_in
from ipatent.patents import Figure, Patent, Vectors
from ipatent.wording import Wording

Part = Literal["image", "caption"]

_DEEP = 10_000
"""Results from which on a search is an exact scan: a graph is no quicker then."""
_NONE = Candidates(np.empty(0, np.int64), np.empty(0, np.float32))


class QdrantIndex:
    """An `Index` on a Qdrant server or cluster. Close it, or use it in a `with` statement.

    Safe to use from several threads, processes and machines at once.
    """

    def __init__(self, nodes: Nodes, encoder: EncoderSpec | None, options: Options, filling: Filling) -> None:
        self.address = nodes.address
        self._nodes = nodes
        self._reach = Reach(nodes, filling, options, encoder)
        self._writer = Writer(Store(nodes, filling, patient=True))
        self._writing = threading.Lock()
        self._threads = ThreadPoolExecutor(min(8, 2 * (os.cpu_count() or 1)), "ipatent-qdrant")

    @classmethod
    def open(
        cls,
        url: str,
        encoder: EncoderSpec | None = None,
        create: bool = False,
        key: str = "",
        options: Options | None = None,
        patience: float = 30.0,
    ) -> "QdrantIndex":
        """The index at the address `url` (see `Address.parse`), `patience` in seconds for an outage.

        Without `create` it must be there. With `encoder`, the index is checked to be filled by it, or,
        still empty, is made for it by the first write. Raises IndexProblem when the server cannot be
        reached or is too old, or there is no index, SettingsError and EncoderMismatch.
        """
        address = Address.parse(url)
        nodes = Nodes(address, key, patience)
        index = cls(nodes, encoder, options or Options(), Filling(address.prefix, ""))
        try:
            nodes.check_versions()
            store = index._reach.store()
            if store is None and not create:
                raise IndexProblem(
                    f"There is no index at {address} yet.",
                    "Make one with: ipatent ingest PATH..., or bring one over with: ipatent migrate",
                )
            if encoder and index._reach.spec:
                check_encoder(index._reach.spec, encoder)
        except BaseException:
            index.close()
            raise
        return index

    def beside(self, encoder: EncoderSpec) -> "QdrantIndex":
        """An index for another encoder on the same server, unseen until its `take_over`; close it too."""
        filling = filling_for(self.address.prefix, encoder)
        index = QdrantIndex(self._nodes.again(), encoder, self._reach.options, filling)
        index._reach.make()
        return index

    def take_over(self) -> None:
        """Let everyone find this index, filled beside, in the place of the live one, which is removed."""
        self._writer.outdo(self._reach.live_generation())
        self._reach.make_live()

    def wait_until_indexed(self, seconds: float) -> bool:
        """Wait until graphs are built of all that was stored; False when that takes longer."""
        return self._reach.found.wait_until_green(seconds)

    def __enter__(self) -> "QdrantIndex":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections; may be called twice."""
        self._nodes.close()
        self._threads.shutdown(wait=False)

    # -- state

    def status(self) -> IndexStatus:
        """Counts and state. Bytes are 0: a server does not tell what a collection takes."""
        store = self._reach.store()
        if store is None:
            return IndexStatus(0, 0, 0, 0, None, 0, str(self.address))
        complete = [is_("complete", True)]
        sheets = store.counts_by("patents", "sheets", complete, _DEEP)
        spec, identity = self._reach.state()
        return IndexStatus(
            patents=store.count("patents", complete),
            sheets=sum(int(number) * count for number, count in sheets),
            figures=store.count("figures"),
            generation=generation(store),
            encoder=spec,
            bytes=0,
            path=str(self.address),
            identity=identity,
        )

    def generation(self) -> int:
        """Grows with every commit of any process; about a millisecond."""
        store = self._reach.store()
        return generation(store) if store else 0

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

    def siblings(self, rows_: Rows, within: Within = EVERYTHING) -> tuple[Rows, Rows]:
        """All figures within of the patents that `rows_` belong to, ascending, and those patents (n,)."""
        patents = np.unique(patents_of(rows_)).tolist()
        store = self._reach.store()
        if store is None or not patents:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        conditions = [*self._conditions(within), among("patent", patents)]
        found = np.array([point.id.num for point in store.each("figures", conditions, ())], np.int64)
        return found, patents_of(found)

    # -- narrowing and counting

    def size(self, within: Within) -> Size:
        """How many figures satisfy `within`, and how many more would, were their dates known."""
        store = self._reach.store()
        if store is None:
            return Size(0, 0)
        undated = 0
        if within.filters.limits_dates:
            undated = store.count("figures", self._conditions(within, undated=True))
        return Size(store.count("figures", self._conditions(within)), undated)

    def facets(self, within: Within, best: Rows, names: tuple[FacetName, ...]) -> Facets:
        """Exact counts of figures per value, within the set and among the `best` rows."""
        store = self._reach.store()
        if store is None:
            return Facets(0, 0, tuple(Facet(name, (), 0) for name in names))
        points = self._points(best, ("patent", *names))
        each = [(name, self._conditions(_wider(within, name))) for name in names]
        figures = self._threads.submit(store.count, "figures", self._conditions(within))
        found = self._threads.map(lambda one: facet(store, one[0], one[1], points), each)
        return Facets(figures.result(), len(best), tuple(found))

    def facet_values(
        self, within: Within, name: FacetName, containing: str, limit: int = 50
    ) -> tuple[FacetValue, ...]:
        """The commonest values of a facet whose label holds these words; for searching long lists."""
        store = self._reach.store()
        if store is None:
            return ()
        return holding(store, name, self._conditions(_wider(within, name)), containing, limit)

    def phrase_counts(self, phrases: Sequence[str]) -> tuple[int, ...]:
        """In how many figures each phrase occurs, in caption or terms; for weighing keywords."""
        words = self._words()
        return words.phrase_counts(phrases) if words else (0,) * len(phrases)

    # -- ranking

    def newest(self, limit: int, within: Within = EVERYTHING) -> Candidates:
        """By day of publication, latest first, undated last; scores are 0."""
        store = self._reach.store()
        if store is None:
            return _NONE
        found = store.highest("newness", limit, self._conditions(within))
        return Candidates(found, np.zeros(len(found), np.float32))

    def nearest_images(self, vector: Vectors, limit: int, within: Within = EVERYTHING) -> Candidates:
        """By cosine to the (1, image_dim) vector; ties by row."""
        return self._nearest("image", vector, limit, within)

    def nearest_captions(self, vector: Vectors, limit: int, within: Within = EVERYTHING) -> Candidates:
        """By cosine to the (1, caption_dim) vector; figures without text are left out."""
        return self._nearest("caption", vector, limit, within)

    def matching_words(self, wording: Wording, limit: int, within: Within = EVERYTHING) -> Candidates:
        """By BM25; see `ipatent.index.qdrant_words`."""
        words = self._words()
        return words.best(wording, limit, self._conditions(within)) if words else _NONE

    # -- scoring

    def image_scores(self, vector: Vectors, rows_: Rows) -> Scores:
        """Raises NotFound when a row was removed since."""
        scores = self._scores("image", vector, rows_)
        if np.isnan(scores).any():
            raise gone(int(rows_[np.isnan(scores)][0]))
        return scores

    def caption_scores(self, vector: Vectors, rows_: Rows) -> Scores:
        """NaN where a figure has no text."""
        return self._scores("caption", vector, rows_)

    def word_scores(self, wording: Wording, rows_: Rows) -> Scores:
        """0 where no word matches."""
        words = self._words()
        return words.scores(wording, rows_) if words else np.zeros(len(rows_), np.float32)

    def _nearest(self, name: Part, vector: Vectors, limit: int, within: Within) -> Candidates:
        store = self._reach.store()
        if store is None:
            return _NONE
        query = self._query(name, vector)
        conditions = self._conditions(within)
        exact = limit > _DEEP
        if exact:
            limit = max(1, min(limit, store.count("figures", conditions)))
        return store.nearest(
            name, query, limit, conditions, exact, self._reach.options.ef, self._reach.options.oversampling
        )

    def _scores(self, name: Part, vector: Vectors, rows_: Rows) -> Scores:
        scores = np.full(len(rows_), np.nan, np.float32)
        store = self._reach.store()
        if store and len(rows_):
            each_once = np.unique(rows_)
            query = self._query(name, vector)
            found = store.nearest(name, query, len(each_once), [among_rows(each_once.tolist())], exact=True)
            known = dict(zip(found.rows.tolist(), found.scores.tolist(), strict=True))
            scores[:] = [known.get(row, np.nan) for row in rows_.tolist()]
        return scores

    # -- the points behind

    def _words(self) -> Words | None:
        store = self._reach.store()
        return Words(store, self._threads, self._reach.remembering()) if store else None

    def _conditions(self, within: Within, undated: bool = False) -> Conditions:
        store, filters = self._reach.found, within.filters
        numbers = None
        if filters.publications:
            found = patents_by_id(store, filters.publications)
            numbers = [stored_in(point).number for point in found if point]
        conditions = (undated_conditions_of if undated else conditions_of)(filters, numbers)
        words = self._words() if within.expression else None
        if within.expression and words:
            conditions.append(words.condition(within.expression))
        return conditions

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

    def _query(self, name: Part, vector: Vectors) -> Vectors:
        spec = self._reach.spec
        assert spec is not None
        size = spec.image_dim if name == "image" else spec.caption_dim
        query = np.ascontiguousarray(np.atleast_2d(vector), np.float32)
        if query.shape != (1, size):
            raise EncoderMismatch(
                f"The query's vector has {query.shape[-1]} dimensions, those of the index {size}.",
                "Search with the encoder that filled the index.",
            )
        return query


def _wider(within: Within, name: FacetName) -> Within:
    """`within` without what it chooses in the facet itself."""
    return replace(within, filters=without_own_choice(within.filters, name))
