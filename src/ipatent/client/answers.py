"""What the server answers, as typed values; they follow the models that it documents at /openapi.json.

Names that this version does not know are left out, so newer servers can be asked too.
"""

from datetime import date

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """A typed, unchangeable answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class PatentSummary(Answer):
    """A patent as named beside its figures; what is unknown is empty."""

    id: str
    number: str
    """The publication number as printed, or the id where there is none."""
    title: str
    published: date | None
    applicants: tuple[str, ...]
    classes: tuple[str, ...]
    family: str
    url: str
    espacenet_url: str
    google_url: str


class FigureSummary(Answer):
    """A figure as listed; sizes in pixels of the full-resolution drawing, addresses below the server's."""

    id: str
    label: str
    caption: str
    caption_in_full: str
    """The caption with `thereof` replaced by what it refers to."""
    view: str
    type: str
    type_confidence: float
    depicts: str
    width: int
    height: int
    url: str
    thumbnail_url: str
    image_url: str
    more_like_this_url: str


class QueryPicture(Answer):
    """A picture that was searched with: its box, cleaned, turned, then mirrored."""

    sha256: str
    """Name of a stored picture; empty for an indexed figure."""
    width: int
    height: int
    box: str
    turn: int
    mirror: bool
    clean: bool
    against: bool
    preview_url: str
    original_url: str
    figure: FigureSummary | None
    patent: PatentSummary | None


class Evidence(Answer):
    """What one part of the query found in a hit; calibrated x weight is its share of the score."""

    part: str
    raw: float | None
    """A cosine, or a BM25 for words; None where it cannot be told."""
    calibrated: float | None
    weight: float
    """Negative for what hits should not be like."""
    view: int
    """Which of several query pictures matched best, from 1; else 0."""


class MatchedWord(Answer):
    """A word or phrase of the query that occurs in a field of the hit, in this or another form."""

    word: str
    field: str


class Hit(Answer):
    """One ranked figure; `score` is comparable within one result list only."""

    rank: int
    score: float
    figure: FigureSummary
    patent: PatentSummary
    evidence: tuple[Evidence, ...]
    words: tuple[MatchedWord, ...]
    duplicates: tuple[FigureSummary, ...]
    """Lower-ranked figures that show the same drawing."""


class FacetValue(Answer):
    """A value of a facet with exact counts of figures: of all that match, and of the best ranked."""

    value: str
    """What a filter takes."""
    label: str
    count: int
    best: int
    parent: str
    """The value one level up in a tree of classes, or empty."""


class Facet(Answer):
    """The values of one property; a choice made in this facet itself does not narrow its counts."""

    name: str
    values: tuple[FacetValue, ...]
    unknown: int
    others: int


class Facets(Answer):
    """Facets of all `figures` that match, and beside them of the `best` ranked (at most 1,000)."""

    figures: int
    best: int
    facets: tuple[Facet, ...]

    def __getitem__(self, name: str) -> Facet:
        """The facet of that name; raises KeyError."""
        for facet in self.facets:
            if facet.name == name:
                return facet
        raise KeyError(name)


class SearchAnswer(Answer):
    """One page of a ranked list, best first; filters alone list the newest first."""

    q: str
    matched_words: bool
    """Whether any hit holds a word of `q`; if not, hits are only near in meaning."""
    unknown_number: str
    """The publication number that `q` is, where the index does not hold it; else empty."""
    k: int
    offset: int
    text_weight: float
    pictures: tuple[QueryPicture, ...]
    hits: tuple[Hit, ...]
    count: int
    more: bool
    matching: int
    """How many figures satisfy the filters and the expression."""
    undated: int
    """How many more would, were their date known."""
    relevant_until: int | None
    """Rank after which probably nothing relevant comes; None where not judged."""
    candidates: int
    searched: int
    index: str
    generation: int
    encoder: str
    seconds: float
    seconds_encoding: float
    facets: Facets | None
    """None on the pages after the first."""
    record: str
    """Id of the search record; empty after the first page."""
    record_problem: str
    """Why the search could not be recorded, else empty."""


class Symbol(Answer):
    """One classification symbol of a scheme."""

    scheme: str
    symbol: str


class Component(Answer):
    """A part that the description names, behind its reference numeral."""

    numeral: str
    term: str
    forms: tuple[str, ...]
    passages: tuple[str, ...]
    figures: tuple[str, ...]


class Numeral(Answer):
    """A reference numeral that stands in a drawing; `box` is X,Y,W,H in its pixels."""

    text: str
    box: str
    term: str
    component: int | None
    """Its place in `components`, from 0; None where it is not there."""


class PatentAnswer(Answer):
    """A patent with its bibliographic data and all its figures; what is unknown is empty."""

    patent: PatentSummary
    filed: date | None
    applicants: tuple[str, ...]
    inventors: tuple[str, ...]
    classifications: tuple[Symbol, ...]
    abstract: str
    source: str
    figures: tuple[FigureSummary, ...]
    components: tuple[Component, ...]


class FigureAnswer(Answer):
    """A figure with its place on its sheet, its numerals and components, and its patent."""

    figure: FigureSummary
    type: str
    sheet: int
    box: str
    """X,Y,W,H of the figure in pixels of its sheet."""
    turn: int
    sheet_url: str
    numerals: tuple[Numeral, ...]
    terms: tuple[str, ...]
    components: tuple[Component, ...]
    components_are_of_figure: bool
    """Whether `components` are those of this figure, or of the whole patent."""
    patent: PatentAnswer


class ComparedFigure(Answer):
    """One figure of a comparison."""

    figure: FigureSummary
    type: str
    patent: PatentSummary
    filed: date | None
    applicants: tuple[str, ...]
    inventors: tuple[str, ...]
    classifications: tuple[Symbol, ...]
    components: tuple[Component, ...]
    pixels_per_mm: float | None


class CompareAnswer(Answer):
    """Two to four figures in the order asked for."""

    figures: tuple[ComparedFigure, ...]
    same_scale: bool


class UploadAnswer(Answer):
    """A stored query picture; size in pixels, upright."""

    sha256: str
    width: int
    height: int
    pages: int
    search_url: str
    preview_url: str


class StatusAnswer(Answer):
    """What is indexed, and the limits in force."""

    version: str
    patents: int
    sheets: int
    figures: int
    generation: int
    bytes: int
    encoders_agree: bool
    k: int
    max_k: int
    max_query_chars: int
    max_upload_bytes: int
    max_upload_pixels: int
