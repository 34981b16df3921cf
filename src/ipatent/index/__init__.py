"""The index: what is stored of figures, and the questions it answers. Engines stand beside this file."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from ipatent.encode import EncoderSpec
from ipatent.facets import FacetName, Facets, FacetValue
from ipatent.filters import NO_FILTERS, Filters
from ipatent.patents import Figure, Patent, Vectors
from ipatent.wording import Expression, Wording

Rows = npt.NDArray[np.int64]
"""Internal figure numbers, valid within one generation of one index."""
Scores = npt.NDArray[np.float32]

Outcome = Literal["new", "unchanged", "replaced"]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Figures found by one part of a query, best first: rows (n,) int64 and scores (n,) float32."""

    rows: Rows
    scores: Scores


@dataclass(frozen=True, slots=True)
class Within:
    """The figures that a search may find: those that satisfy the filters and the expression. Hashable."""

    filters: Filters = NO_FILTERS
    expression: Expression | None = None

    def __bool__(self) -> bool:
        return bool(self.filters) or self.expression is not None


EVERYTHING = Within()


@dataclass(frozen=True, slots=True)
class Size:
    """How many figures satisfy a `Within`, and how many more would, were their dates known."""

    figures: int
    undated: int


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """All that is stored of one patent, committed or replaced as a whole.

    `fingerprint` identifies what it was made from (source bytes, reader version, encoder): the
    same fingerprint means there is nothing to do. `image_vectors` (n, image_dim) and
    `caption_vectors` (n, caption_dim) hold one unit row per figure; a zero caption row means
    that there is no text to compare with.
    """

    patent: Patent
    figures: tuple[Figure, ...]
    image_vectors: Vectors
    caption_vectors: Vectors
    fingerprint: str
    sheets: int


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """Counts and state of an index."""

    patents: int
    sheets: int
    figures: int
    generation: int
    encoder: EncoderSpec | None
    bytes: int
    """What it takes on disk; 0 where the engine does not tell."""
    path: str
    identity: str = ""
    """Which filling of which index this is; with `generation` it names exactly one state."""


class Index(Protocol):
    """A store of patents and figures that ranks figures by vectors and by words.

    Reads and writes may come from several threads and processes.
    """

    # -- state
    def status(self) -> IndexStatus:
        """What the index holds and which encoder filled it."""
        ...

    def generation(self) -> int:
        """Grows with every commit, also by other processes; cheap."""
        ...

    def close(self) -> None:
        """Let go of files and connections; nothing may be asked afterwards."""
        ...

    # -- writing: what is reported as done is never lost, and doing it again changes nothing
    def put(self, entry: Entry) -> Outcome:
        """Store or replace one patent; an equal fingerprint changes nothing.

        Raises EncoderMismatch when the vectors' encoder is not that of the index.
        """
        ...

    def delete(self, patent_id: str) -> int:
        """Remove a patent with its figures; how many figures went. Raises NotFound."""
        ...

    def objects_in_use(self, names: Collection[str]) -> set[str]:
        """Which of these objects some figure still shows; takes its time."""
        ...

    def fingerprint(self, patent_id: str) -> str | None:
        """The fingerprint that a patent was stored with; None where it is not in the index."""
        ...

    def sheets_of(self, patent_id: str) -> int:
        """How many drawing sheets a patent was stored with. Raises NotFound."""
        ...

    def sources(self) -> dict[str, str]:
        """Fingerprint of every source file's bytes already fully ingested, by content key."""
        ...

    def each_source(self) -> Iterator[tuple[str, str]]:
        """What `sources` gives, one by one in order of the keys, without holding all in memory."""
        ...

    def source(self, key: str) -> str | None:
        """The summary of the source file of this content key; None where it was not ingested completely."""
        ...

    def mark_source(self, key: str, summary: str) -> None:
        """Remember that a source file (content key) was ingested completely, with its summary as JSON."""
        ...

    def forget_source(self, key: str) -> None:
        """Let the source file of this content key count as never ingested; none there is no error."""
        ...

    def each_entry(self) -> Iterator[Entry]:
        """Every patent with all that was stored of it, in order of id, while others may write.

        The file gives one state of the index; a server gives each patent whole, as of some moment
        meanwhile. Raises IndexProblem where what is stored is damaged.
        """
        ...

    # -- looking up
    def patent(self, patent_id: str) -> Patent:
        """Raises NotFound."""
        ...

    def patents(self, offset: int = 0, limit: int = 100) -> tuple[Patent, ...]:
        """In order of id."""
        ...

    def figure(self, figure_id: str) -> Figure:
        """Raises NotFound."""
        ...

    def figures_of(self, patent_id: str) -> tuple[Figure, ...]:
        """In order of sheet and figure."""
        ...

    def figures_at(self, rows: Rows) -> tuple[tuple[Figure, Patent], ...]:
        """One pair per row, in the order of `rows`."""
        ...

    def image_vector(self, figure_id: str) -> Vectors:
        """(1, image_dim). Raises NotFound."""
        ...

    def image_vectors_at(self, rows: Rows) -> Vectors:
        """(n, image_dim) float32, in the order of `rows`. Raises NotFound when one was removed."""
        ...

    def vectors_of(self, figure_ids: Sequence[str]) -> tuple[Vectors, Vectors]:
        """Image (n, image_dim) and caption (n, caption_dim) vectors of figures, in their order.

        NaN where the index holds no such figure, and where a figure has no text.
        """
        ...

    def siblings(self, rows: Rows, within: Within = EVERYTHING) -> tuple[Rows, Rows]:
        """All figures within of the patents that `rows` belong to, ascending, and their patents (n,).

        Patents are given as internal numbers.
        """
        ...

    # -- narrowing and counting
    def size(self, within: Within) -> Size:
        """How many figures are within, and how many lack but the date that a filter asks for."""
        ...

    def facets(self, within: Within, best: Rows, names: tuple[FacetName, ...]) -> Facets:
        """Exact counts of figures per value, within the set and among the `best` rows."""
        ...

    def facet_values(
        self, within: Within, name: FacetName, containing: str, limit: int = 50
    ) -> tuple[FacetValue, ...]:
        """The commonest values of a facet whose label holds these words; for searching long lists."""
        ...

    def phrase_counts(self, phrases: Sequence[str]) -> tuple[int, ...]:
        """In how many figures each phrase occurs, in caption or terms, in any form of its words."""
        ...

    # -- ranking: the best `limit` of the figures within, for one part of a query
    def newest(self, limit: int, within: Within = EVERYTHING) -> Candidates:
        """By day of publication, latest first, undated last; scores are 0."""
        ...

    def nearest_images(self, vector: Vectors, limit: int, within: Within = EVERYTHING) -> Candidates:
        """By cosine to the (1, image_dim) vector: exact, or nearly so where the engine says how nearly."""
        ...

    def nearest_captions(self, vector: Vectors, limit: int, within: Within = EVERYTHING) -> Candidates:
        """By cosine to the (1, caption_dim) vector, as exact; figures without text are left out."""
        ...

    def matching_words(self, wording: Wording, limit: int, within: Within = EVERYTHING) -> Candidates:
        """By BM25 over caption, terms, title, labels, applicants and abstract; higher is better.

        Of an expression, the figures that satisfy it. Empty where no word occurs.
        """
        ...

    # -- scoring: the given figures under one part, in the order of `rows`
    def image_scores(self, vector: Vectors, rows: Rows) -> Scores:
        """Cosines (n,) of the figures' drawings to the (1, image_dim) vector."""
        ...

    def caption_scores(self, vector: Vectors, rows: Rows) -> Scores:
        """NaN where a figure has no text."""
        ...

    def word_scores(self, wording: Wording, rows: Rows) -> Scores:
        """0 where no word matches."""
        ...


__all__ = [
    "EVERYTHING",
    "Candidates",
    "Entry",
    "Index",
    "IndexStatus",
    "Outcome",
    "Rows",
    "Scores",
    "Size",
    "Within",
]
