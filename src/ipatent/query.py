"""Query and answer: what is looked for, and the ranked hits with the reasons for each."""

from dataclasses import dataclass, field
from typing import Literal

from ipatent.facets import FacetName, Facets
from ipatent.filters import NO_FILTERS, Filters
from ipatent.patents import Figure, Patent, Pixels
from ipatent.wording import FieldName

PartName = Literal["image", "words", "caption", "tower", "unlike", "without"]
"""What a query is compared with: picture vectors, indexed words, caption vectors, and the picture
vectors again through the text tower of a CLIP-family encoder. `unlike` (pictures) and `without`
(words) are what hits should not be like; they lower the score."""

Combine = Literal["any", "all"]

SecondLook = Literal["expansion", "augmentation", "kreciprocal", "patches", "siblings"]
"""A second look at the ranking by pictures; see `ipatent.rerank`."""

MOST_EXAMPLES = 7
"""Pictures for, and as many against, that one query may have."""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A picture to search by: pixels (already cut to the user's box), or the id of an indexed figure.

    `against` asks for what is less like it. With `any_way_up` a picture without a figure label is
    compared in all four directions, as it may be cut from a sheet that is printed sideways.
    """

    picture: Pixels | None = None
    like: str = ""
    against: bool = False
    any_way_up: bool = True


@dataclass(frozen=True, slots=True)
class Weights:
    """The say of each part, 0 or more; what a query lacks is left out and the rest scaled to sum 1."""

    words: float = 0.0
    caption: float = 0.0
    tower: float = 0.0
    image: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """What is looked for: words, pictures, filters, or several of them together.

    `text` may be an expression (see `ipatent.wording`). `less` are words for which a hit is to be
    ranked lower. Several pictures are views of one thing: with `combine` "any" a patent is good when
    one of them matches, with "all" when all do. `text_weight` in [0, 1] divides the say between the
    words and the pictures unless `weights` says more. Hits `offset` + 1 to `offset` + `k` are
    returned. `collapse` joins figures that show the same drawing. `facets` names those to count.
    `rerank` names second looks at the ranking by pictures; without pictures they change nothing.
    With `synonyms` plain words also find other words for them (see `ipatent.synonyms`).
    """

    text: str = ""
    examples: tuple[Example, ...] = ()
    less: str = ""
    combine: Combine = "any"
    filters: Filters = NO_FILTERS
    text_weight: float = 0.5
    weights: Weights | None = None
    k: int = 100
    offset: int = 0
    collapse: bool = False
    facets: tuple[FacetName, ...] = ()
    rerank: tuple[SecondLook, ...] = ()
    synonyms: bool = False


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one part of the query found in a hit: the raw score, its calibrated value, its weight.

    The weight of `unlike` and `without` is negative. A hit's score is the sum of calibrated x weight,
    0 where that is negative.
    """

    part: PartName
    raw: float
    calibrated: float
    weight: float
    view: int = 0
    """For `image` and `unlike`: the picture that matched best, 1-based among those of its sign."""


@dataclass(frozen=True, slots=True)
class MatchedWord:
    """A word or phrase of the query, as typed, that occurs in a field of the hit."""

    word: str
    field: FieldName


@dataclass(frozen=True, slots=True)
class Hit:
    """One retrieved figure, as ranked for a query."""

    figure: Figure
    patent: Patent
    rank: int
    """1-based over the whole answer, whatever the offset."""
    score: float
    """Fused, in [0, 1]; comparable within one result list only. 0 where nothing but filters was asked."""
    evidence: tuple[Contribution, ...] = field(default=())
    words: tuple[MatchedWord, ...] = ()
    duplicates: tuple[Figure, ...] = ()
    """Lower-ranked figures that show the same drawing, best first."""


@dataclass(frozen=True, slots=True)
class Results:
    """The answer to a query: best first, at most k, with what was searched and how long it took."""

    hits: tuple[Hit, ...]
    candidates: int
    """How many figures were scored under every part."""
    searched: int
    """How many figures the index holds."""
    generation: int
    """State of the index: grows with every commit."""
    encoder: str
    seconds: float
    seconds_encoding: float
    matching: int = 0
    """How many figures satisfy the filters and the Boolean expression."""
    undated: int = 0
    """How many more would, were their date known."""
    offset: int = 0
    more: bool = False
    """Whether there are hits after these."""
    relevant_until: int | None = None
    """Rank after which probably nothing relevant comes (0: from the first on); None where not judged."""
    index: str = ""
    """Identity of the index; with `generation` it names exactly what was searched."""
    facets: Facets | None = None
