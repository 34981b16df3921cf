"""What a search answers: ranked hits with their reasons, and facets; rendered as HTML and sent as JSON."""

import math
from collections.abc import Sequence

from pydantic import Field

from ipatent.facets import Facet, FacetName, Facets
from ipatent.query import Contribution, Hit, PartName
from ipatent.web.answers import (
    Answer,
    FigureSummary,
    PatentSummary,
    QueryPicture,
    summarise_figure,
    summarise_patent,
)
from ipatent.wording import FieldName


class Evidence(Answer):
    """What one part of the query found in a hit; calibrated x weight is its share of the score."""

    part: PartName
    raw: float | None = Field(description="A cosine, or a BM25 for words; null where it cannot be told.")
    calibrated: float | None = Field(description="The same from 0 to 1.")
    weight: float = Field(description="Negative for what hits should not be like.")
    view: int = Field(description="Which of several query pictures matched best, from 1; else 0.")

    @property
    def share(self) -> float:
        """What it adds to the score."""
        return (self.calibrated or 0.0) * self.weight


class MatchedWordAnswer(Answer):
    """A word or phrase of the query that occurs in a field of the hit, in this or another form."""

    word: str
    field: FieldName


class HitAnswer(Answer):
    """One ranked figure."""

    rank: int
    score: float = Field(description="0 to 1; comparable within one result list only.")
    figure: FigureSummary
    patent: PatentSummary
    evidence: tuple[Evidence, ...]
    words: tuple[MatchedWordAnswer, ...]
    duplicates: tuple[FigureSummary, ...] = Field(
        description="Lower-ranked figures that show the same drawing."
    )


class FacetValueAnswer(Answer):
    """A value of a facet with exact counts of figures: of all that match, and of the best ranked."""

    value: str
    label: str
    count: int
    best: int
    parent: str = Field(description="The value one level up in a tree of classes, or empty.")


class FacetAnswer(Answer):
    """The values of one property; a choice made in this facet itself does not narrow its counts."""

    name: FacetName
    values: tuple[FacetValueAnswer, ...]
    unknown: int = Field(description="Figures without any value.")
    others: int = Field(description="Further values that are not listed.")


class FacetsAnswer(Answer):
    """Facets of all `figures` that match, and beside them of the `best` ranked (at most 1,000)."""

    figures: int
    best: int
    facets: tuple[FacetAnswer, ...]


class SearchAnswer(Answer):
    """A ranked list, best first; filters alone list the newest first."""

    q: str
    matched_words: bool = Field(
        description="Whether any hit holds a word of `q`; if not, hits are only near in meaning."
    )
    unknown_number: str = Field(
        description="The publication number that `q` is, where the index does not hold it; else empty."
    )
    k: int
    offset: int
    text_weight: float
    pictures: tuple[QueryPicture, ...] = Field(description="In the order of the address.")
    hits: tuple[HitAnswer, ...]
    count: int
    more: bool = Field(description="Whether there are hits after these.")
    matching: int = Field(description="How many figures satisfy the filters and the expression.")
    undated: int = Field(description="How many more would, were their date known.")
    relevant_until: int | None = Field(
        description="Rank after which probably nothing relevant comes; null where not judged."
    )
    candidates: int
    searched: int = Field(description="How many figures the index holds.")
    index: str = Field(description="Identity of the index.")
    generation: int = Field(description="State of the index; grows with every commit.")
    encoder: str
    seconds: float
    seconds_encoding: float
    facets: FacetsAnswer | None = Field(description="Null on the pages after the first.")
    record: str = Field(default="", description="Id of the search record; empty after the first page.")
    record_problem: str = Field(default="", description="Why the search could not be recorded, else empty.")


def answer_hit(hit: Hit) -> HitAnswer:
    """One ranked figure with the reasons for its place."""
    return _answer_hit(hit, summarise_patent(hit.patent))


def answer_hits(hits: Sequence[Hit]) -> tuple[HitAnswer, ...]:
    """The ranked figures with the reasons for their places; each patent is summarised once."""
    patents = {hit.patent.id: hit.patent for hit in hits}
    summaries = {name: summarise_patent(patent) for name, patent in patents.items()}
    return tuple(_answer_hit(hit, summaries[hit.patent.id]) for hit in hits)


def _answer_hit(hit: Hit, patent: PatentSummary) -> HitAnswer:
    return HitAnswer(
        rank=hit.rank,
        score=hit.score,
        figure=summarise_figure(hit.figure),
        patent=patent,
        evidence=tuple(_evidence(contribution) for contribution in hit.evidence),
        words=tuple(MatchedWordAnswer(word=each.word, field=each.field) for each in hit.words),
        duplicates=tuple(summarise_figure(figure) for figure in hit.duplicates),
    )


def answer_facets(facets: Facets) -> FacetsAnswer:
    """The facets with their counts."""
    return FacetsAnswer(
        figures=facets.figures, best=facets.best, facets=tuple(_facet(facet) for facet in facets.facets)
    )


def _facet(facet: Facet) -> FacetAnswer:
    return FacetAnswer(
        name=facet.name,
        values=tuple(
            FacetValueAnswer(
                value=each.value, label=each.label, count=each.count, best=each.best, parent=each.parent
            )
            for each in facet.values
        ),
        unknown=facet.unknown,
        others=facet.others,
    )


def _evidence(found: Contribution) -> Evidence:
    return Evidence(
        part=found.part,
        raw=_finite(found.raw),
        calibrated=_finite(found.calibrated),
        weight=found.weight,
        view=found.view,
    )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
