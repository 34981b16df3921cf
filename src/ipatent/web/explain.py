"""The explanation of one hit: why it stands at its place, in all its parts."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse
from pydantic import Field

from ipatent.errors import NotFound
from ipatent.patches import closer_look
from ipatent.patents import Figure, Patent
from ipatent.query import Hit, Results
from ipatent.query import Query as SearchQuery
from ipatent.web.answers import Answer, Problem, QueryPicture, summarise_figure
from ipatent.web.asked import Asked, read_asked
from ipatent.web.evidence_links import evidence_url
from ipatent.web.figure import find_figure
from ipatent.web.following import search
from ipatent.web.hit_links import HitLinks, HitTools
from ipatent.web.language import gettext
from ipatent.web.marking import Pieces, marked_words
from ipatent.web.querying import read_query, resolve
from ipatent.web.rendering import FIELD_NAMES
from ipatent.web.reranking import asking_of, how_many, is_set_up
from ipatent.web.results import Evidence, HitAnswer, answer_hit
from ipatent.web.state import AppState, Rendering, State
from ipatent.wording import FieldName

router = APIRouter(tags=["search"])

_DEEP = 1000
"""So many of the best hits are looked through for one that is not where the address says."""
_PATIENCE = 0.8
BY_MODEL = "vision model"
"""The method of a re-ranking by the model of the settings."""

AskedHere = Annotated[Asked, Depends(read_asked)]
HitId = Annotated[str, Query(description="Id of the figure that was found.")]


class RankChange(Answer):
    """What a re-ranker did to a hit: where it moved it, and why if it says so."""

    method: str = Field(description="Name of the re-ranker.")
    rank_before: int | None = Field(description="Null where it was not among the best then.")
    rank_after: int | None
    reason: str = Field(default="", description="One sentence on what is seen; empty where none is given.")
    model: str = Field(default="", description="The model that wrote the reason; empty where none did.")


class FieldFound(Answer):
    """A text of the hit in which words of the query occur."""

    field: FieldName
    words: tuple[str, ...] = Field(description="As they were typed; the text may hold other forms.")
    text: str


class ExplainAnswer(Answer):
    """Why a figure was found and stands where it stands."""

    hit: HitAnswer
    same_as: str = Field(description="Id of the higher-ranked figure with the same drawing, else empty.")
    fields: tuple[FieldFound, ...]
    parts: tuple[Evidence, ...] = Field(description="calibrated x weight is what each adds to the score.")
    view: QueryPicture | None = Field(description="The query picture that matched best; null for words.")
    relevant_until: int | None = Field(
        description="Rank after which probably nothing relevant comes; null where that was not judged."
    )
    candidates: int = Field(description="How many figures were scored.")
    searched: int = Field(description="How many figures the index holds.")
    rank_changes: tuple[RankChange, ...] = Field(description="What re-rankers did, in their order.")
    evidence_url: str = Field(description="Which regions correspond; empty where no picture was given.")
    reasons_url: str = Field(
        description="Where the vision model gives reasons; empty where it did already, or cannot."
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """What one part adds to the score: a bar of length 100."""

    part: str
    adds: float
    width: float
    is_against: bool
    found: Evidence


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """The answer with what only the page shows."""

    answer: ExplainAnswer
    bars: tuple[Bar, ...]
    marked: tuple[tuple[str, Pieces], ...]
    """Names of fields with their texts, the words of the query marked."""
    tools: HitTools
    twin: str


@router.get("/explain.json", responses={400: {"model": Problem}, 404: {"model": Problem}})
def explain_json(asked: AskedHere, hit: HitId, state: State) -> ExplainAnswer:
    """Why a figure was found by a search and stands at its place."""
    return explained(asked, hit, state).answer


@router.get("/explain", response_class=HTMLResponse, include_in_schema=False)
def explain_page(asked: AskedHere, hit: HitId, state: State, templates: Rendering) -> HTMLResponse:
    """The explanation as a page."""
    return templates.page("explain.html", asked=asked, why=explained(asked, hit, state))


@router.get("/explain/part", response_class=HTMLResponse, include_in_schema=False)
def explain_part(asked: AskedHere, hit: HitId, state: State, templates: Rendering) -> HTMLResponse:
    """The same to be put into another page."""
    return templates.page("explain_part.html", asked=asked, why=explained(asked, hit, state))


def explained(asked: Asked, hit_id: str, state: AppState) -> Explained:
    """Why the figure `hit_id` stands where it stands in the search.

    Raises NotFound where it is not among the hits, and what the search raises.
    """
    figure = find_figure(hit_id, state)
    asked = resolve(asked, state.index)
    query, pictures = read_query(asked, state)
    with state.searching.passage(_PATIENCE):
        results, hit = _hit(query, figure, state)
        changes = _rank_changes(query, figure, hit.rank, state)
    asked_of_model, reasons_url = _by_model(asked, hit, state)
    wanted = [picture for picture in pictures if not picture.against]
    answered = answer_hit(hit)
    view = next((each.view for each in hit.evidence if each.part == "image"), 0)
    fields = _fields(hit)
    answer = ExplainAnswer(
        hit=answered,
        same_as=hit.figure.id if hit.figure.id != figure.id else "",
        fields=fields,
        parts=answered.evidence,
        view=wanted[view - 1] if 0 < view <= len(wanted) else None,
        relevant_until=results.relevant_until,
        candidates=results.candidates,
        searched=results.searched,
        rank_changes=changes + asked_of_model,
        evidence_url=evidence_url(asked.pictures, figure.id, max(view, 1)),
        reasons_url=reasons_url,
    )
    names = tuple(gettext(FIELD_NAMES[each.field]) for each in fields)
    texts = marked_words([(each.text, each.words) for each in fields])
    return Explained(
        answer=answer,
        bars=tuple(_bar(each) for each in answer.parts),
        marked=tuple(zip(names, texts, strict=True)),
        tools=HitLinks(asked).tools(answered.figure, answered.patent),
        twin=asked.url("/explain.json"),
    )


def _hit(query: SearchQuery, figure: Figure, state: AppState) -> tuple[Results, Hit]:
    """The hit that shows the figure, where the query says or among the best."""
    settings = state.settings
    windows = [query]
    if query.offset or query.k < min(_DEEP, settings.max_k):
        windows.append(replace(query, offset=0, k=min(_DEEP, settings.max_k)))
    for window in windows:
        results = search(
            window,
            state.index,
            state.encoder,
            candidates=settings.candidates,
            max_k=settings.max_k,
            max_query_chars=settings.max_query_chars,
            closer=closer_look(settings),
        )
        for hit in results.hits:
            if figure.id == hit.figure.id or any(figure.id == other.id for other in hit.duplicates):
                return results, hit
    raise NotFound(
        "This figure is not among the best results of that search.",
        f"The best {windows[-1].k:,} were looked through. The index may have changed; search again.",
    )


def _rank_changes(query: SearchQuery, figure: Figure, rank: int, state: AppState) -> tuple[RankChange, ...]:
    """What each of the second looks that the query asks for did to the figure, in their order."""
    if not (query.rerank and any(not each.against for each in query.examples)):
        return ()
    ranks = [
        _rank(replace(query, rerank=query.rerank[:count]), figure, state)
        for count in range(len(query.rerank))
    ]
    return tuple(
        RankChange(method=name, rank_before=before, rank_after=after)
        for name, before, after in zip(query.rerank, ranks, [*ranks[1:], rank], strict=True)
    )


def _rank(query: SearchQuery, figure: Figure, state: AppState) -> int | None:
    try:
        return _hit(query, figure, state)[1].rank
    except NotFound:
        return None


def _by_model(asked: Asked, hit: Hit, state: AppState) -> tuple[tuple[RankChange, ...], str]:
    """What the vision model did to a hit as far as it was asked before, and where it would be asked.

    It is never asked here, as it takes its time.
    """
    if not (asked.is_ranked and is_set_up(state.settings) and hit.rank <= how_many(asked, state.settings)):
        return (), ""
    asking = asking_of(asked, state)
    place = next((at for at, each in enumerate(asking.hits) if each.figure.id == hit.figure.id), None)
    step = asking.known()
    if step is None or place is None:
        return (), asked.but(reasons=True, offset=0).url()
    change = RankChange(
        method=BY_MODEL,
        rank_before=hit.rank,
        rank_after=asking.hits[step.order.index(place)].rank,
        reason=dict(step.reasons).get(place, ""),
        model=asking.endpoint.model,
    )
    return (change,), ""


def _fields(hit: Hit) -> tuple[FieldFound, ...]:
    words: dict[FieldName, list[str]] = {}
    for each in hit.words:
        words.setdefault(each.field, []).append(each.word)
    return tuple(
        FieldFound(field=field, words=tuple(dict.fromkeys(own)), text=_text(field, hit.figure, hit.patent))
        for field, own in words.items()
    )


def _text(field: FieldName, figure: Figure, patent: Patent) -> str:
    """What stands in a field, as it is shown."""
    match field:
        case "title":
            return " · ".join(dict.fromkeys((patent.title, *(title for _, title in patent.titles))))
        case "applicant":
            return "; ".join(patent.applicants)
        case "abstract":
            return patent.abstract
        case "number":
            return patent.number.display if patent.number else patent.id
        case "caption":
            return summarise_figure(figure).caption_in_full
        case "term":
            return ", ".join(figure.terms)
        case "label":
            return figure.display_label


def _bar(found: Evidence) -> Bar:
    return Bar(found.part, found.share, round(min(100.0, 100 * abs(found.share)), 1), found.weight < 0, found)
