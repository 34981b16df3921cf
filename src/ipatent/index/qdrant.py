"""The index on Qdrant: one server or a cluster for any number of processes and machines.

Nothing of it lies in the process that asks, so web workers are stateless. What one may rely on is that
of the embedded index, save this: nearest figures come from an HNSW graph over vectors quantised to int8,
scored again with the originals (recall@100 is 0.99 or better at the defaults, exact while segments are
small), and a patent that is being written may be seen with some of its figures.
"""

from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import Literal

import numpy as np

from ipatent.encode import EncoderSpec
from ipatent.encode.matching import check_encoder
from ipatent.errors import EncoderMismatch, IndexProblem
from ipatent.facets import Facet, FacetName, Facets, FacetValue
from ipatent.index import (
    EVERYTHING,
    Candidates,
    IndexStatus,
    Rows,
    Scores,
    Size,
    Within,
)
from ipatent.index.look import gone
from ipatent.index.narrowing import without_own_choice
from ipatent.index.qdrant_collections import Filling, Options, filling_for
from ipatent.index.qdrant_counting import facet, holding
from ipatent.index.qdrant_filters import among, among_rows, conditions_of, is_, undated_conditions_of
from ipatent.index.qdrant_holdings import Holdings
from ipatent.index.qdrant_nodes import Address, Nodes
from ipatent.index.qdrant_points import (
    patents_of,
)
from ipatent.index.qdrant_reach import generation
from ipatent.index.qdrant_store import Conditions
from ipatent.index.qdrant_words import Words
from ipatent.index.qdrant_writing import patents_by_id, stored_in
from ipatent.patents import Vectors
from ipatent.wording import Wording

Part = Literal["image", "caption"]

_DEEP = 10_000
"""Results from which on a search is an exact scan: a graph is no quicker then."""
_NONE = Candidates(np.empty(0, np.int64), np.empty(0, np.float32))


class QdrantIndex(Holdings):
    """An `Index` on a Qdrant server or cluster. Close it, or use it in a `with` statement.

    Safe to use from several threads, processes and machines at once.
    """

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

    def beside(self, encoder: EncoderSpec, mark: str = "") -> "QdrantIndex":
        """An index for another encoder on the same server, unseen until its `take_over`; close it too.

        With a `mark` it may be for the same encoder; asking with the same mark gives the same one.
        """
        filling = filling_for(self.address.prefix, encoder)
        if mark:
            filling = replace(filling, name=f"{filling.name}-{mark}")
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
