"""The search page: a query in the address, its results as a grid, by patent or as a list, and facets."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ipatent.errors import EmptyIndex, NotFound, QueryError, SettingsError
from ipatent.facets import FACETS, FacetValue
from ipatent.filters import Choice, Filters
from ipatent.index import Within
from ipatent.patches import closer_look
from ipatent.publication import PublicationNumber
from ipatent.query import Hit
from ipatent.web.answers import Problem
from ipatent.web.asked import Asked, check_asked, read_asked
from ipatent.web.clusters_made import Made, made
from ipatent.web.clusters_page import ClustersPage, clusters_page, no_clusters, shown_places
from ipatent.web.facet_links import Chip, chips, link_facets
from ipatent.web.following import search
from ipatent.web.home import answer_home
from ipatent.web.map_view import map_view
from ipatent.web.marks import marks_of
from ipatent.web.querying import read_query, resolve
from ipatent.web.recording import NOT_RECORDED, record_search, recording
from ipatent.web.result_page import ResultPage, Suggestion, result_page
from ipatent.web.results import SearchAnswer, answer_facets, answer_hits
from ipatent.web.state import AppState, Rendering, State
from ipatent.wording import read_wording

router = APIRouter(tags=["search"])

AskedHere = Annotated[Asked, Depends(read_asked)]
Find = Annotated[str, Query(max_length=100)]

_PICTURE_PATIENCE = 0.8
"""Seconds for which words are let pass by a search with pictures that came before them."""
_EVERYTHING = Filters(type=Choice(without=("no type of this name",)))
"""Filters that every figure passes, for browsing; a query may not be wholly empty."""

PROBLEMS: dict[int | str, dict[str, object]] = {
    400: {"model": Problem, "description": "A parameter is missing, malformed or out of range."},
    404: {"model": Problem, "description": "No such picture or figure."},
    409: {"model": Problem, "description": "The index is empty, or another encoder filled it."},
}


@router.get("/search", response_class=HTMLResponse, include_in_schema=False)
def search_page(
    request: Request,
    asked: AskedHere,
    state: State,
    templates: Rendering,
    find: Find = "",
    shown: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """The results, or the teaching page where nothing was asked.

    `find` looks for applicants in the sidebar. `shown` is how many hits were on the page when it was
    left, so that it comes back as it was.
    """
    if "year_from" in request.query_params or "year_to" in request.query_params:
        return RedirectResponse(_with_years(request, asked).url(), 303)
    if asked.is_empty:
        problem = _problem_of(asked, state)
        return templates.page("home.html", 400, asked=asked, home=answer_home(state.index), problem=problem)
    resolved = resolve(asked, state.index)
    if resolved != asked:
        return RedirectResponse(resolved.url(), 303)
    if asked.is_grouped:
        asked, shown = asked.but(offset=0), asked.grouping.of
    with _passage(asked, state):
        found = _found(asked, state, 0 if asked.offset else shown)
        recorded = recording(request, asked, found.answer, state)
        if asked.is_grouped:
            found = found.first(asked.grouping.of)
        groups = _groups(asked, found, state)
        if isinstance(groups, Made):
            found = found.at(shown_places(groups))
        page = _page(asked, found, state, " ".join(find.split()))
        marks = marks_of(request, asked, state, recorded())
        clusters = _clusters(asked, groups, page, state)
        drawn = map_view(asked, found.hits, state) if asked.show == "map" and found.hits else None
        return templates.page(
            "search.html",
            asked=asked,
            answer=found.answer,
            page=page,
            marks=marks,
            map=drawn,
            clusters=clusters,
        )


@router.get("/search/more", response_class=HTMLResponse, include_in_schema=False)
def more_results(request: Request, asked: AskedHere, state: State, templates: Rendering) -> HTMLResponse:
    """The hits from `offset` on alone, to be added to a page of results."""
    if asked.is_grouped:
        asked = asked.but(show="grid")
    with _passage(asked, state):
        found = _found(asked, state)
        page = _page(asked, found, state)
        marks = marks_of(request, asked, state, NOT_RECORDED)
        return templates.page("results.html", asked=asked, answer=found.answer, page=page, marks=marks)


@router.get("/search.json", responses=PROBLEMS)
def search_json(request: Request, asked: AskedHere, state: State) -> SearchAnswer:
    """The ranked figures for words, a picture, a known figure, or several of them together."""
    with _passage(asked, state):
        answer = answer_search(asked, state)
    recorded = record_search(request, resolve(asked, state.index), answer, state)
    return answer.model_copy(update={"record": recorded.id, "record_problem": recorded.problem})


def best_hits(asked: Asked, state: AppState) -> tuple[Hit, ...]:
    """The best hits of a search, as many as are to be grouped or drawn on a map.

    Raises what `answer_search` raises.
    """
    asked = asked.but(show="map", offset=0)
    with _passage(asked, state):
        return _found(asked, state, asked.grouping.of).hits[: asked.grouping.of]


def answer_search(asked: Asked, state: AppState) -> SearchAnswer:
    """The ranked figures with all that was searched.

    Raises QueryError, NotFound, PictureError, EncoderMismatch or EmptyIndex.
    """
    return _found(asked, state).answer


def _passage(asked: Asked, state: AppState) -> AbstractContextManager[None]:
    """The wait until this search may be worked on: one with pictures to encode lets words pass."""
    encodes = any(not (picture.is_figure and picture.is_whole) for picture in asked.pictures)
    return state.searching.passage(_PICTURE_PATIENCE if encodes else 0.0)


def _groups(asked: Asked, found: "_Found", state: AppState) -> Made | SettingsError | None:
    """The hits in groups where these are shown, or why they cannot be grouped so."""
    if asked.show != "clusters" or not found.hits:
        return None
    try:
        return made(found.hits, asked.grouping, state.index, state.settings)
    except SettingsError as error:
        return error


def _clusters(
    asked: Asked, groups: Made | SettingsError | None, page: ResultPage, state: AppState
) -> ClustersPage | None:
    if isinstance(groups, SettingsError):
        return no_clusters(asked, groups, state.settings)
    return clusters_page(asked, groups, page.hits, state.settings) if groups else None


@dataclass(frozen=True, slots=True)
class _Found:
    hits: tuple[Hit, ...]
    answer: SearchAnswer

    def first(self, count: int) -> "_Found":
        """The same with the first hits alone."""
        left_out = len(self.hits) > count
        answer = self.answer.model_copy(
            update={
                "hits": self.answer.hits[:count],
                "count": min(self.answer.count, count),
                "more": self.answer.more or left_out,
            }
        )
        return _Found(self.hits[:count], answer)

    def at(self, places: Sequence[int]) -> "_Found":
        """The same with the hits at these places alone, still said to be as many as they were."""
        hits = tuple(self.answer.hits[place] for place in places)
        return _Found(
            tuple(self.hits[place] for place in places), self.answer.model_copy(update={"hits": hits})
        )


def _found(asked: Asked, state: AppState, at_least: int = 0) -> _Found:
    settings = state.settings
    check_asked(asked, settings)
    if state.index.status().figures == 0:
        raise EmptyIndex(
            "The index is empty: there is nothing to find yet.",
            "Fill it on the server with: ipatent ingest PATH",
        )
    asked = resolve(asked, state.index)
    query, pictures = read_query(asked, state)
    most = max(settings.max_k, settings.max_clustered) if asked.is_grouped else settings.max_k
    results = search(
        replace(
            query,
            filters=_EVERYTHING if asked.browses_all else query.filters,
            k=max(query.k, min(at_least, most)),
            facets=() if asked.offset else FACETS,
        ),
        state.index,
        state.encoder,
        candidates=settings.candidates,
        max_k=most,
        max_query_chars=settings.max_query_chars,
        closer=closer_look(settings),
    )
    matched = _hold_words(results.hits)
    answer = SearchAnswer(
        q=asked.q,
        matched_words=matched,
        unknown_number="" if matched or not asked.q else _unknown_number(asked.q, state),
        k=query.k,
        offset=results.offset,
        text_weight=query.text_weight,
        pictures=pictures,
        hits=answer_hits(results.hits),
        count=len(results.hits),
        more=results.more,
        matching=results.matching,
        undated=results.undated,
        relevant_until=results.relevant_until,
        candidates=results.candidates,
        searched=results.searched,
        index=results.index,
        generation=results.generation,
        encoder=results.encoder,
        seconds=results.seconds,
        seconds_encoding=results.seconds_encoding,
        facets=answer_facets(results.facets) if results.facets else None,
    )
    return _Found(results.hits, answer)


def _page(asked: Asked, found: _Found, state: AppState, find: str = "") -> ResultPage:
    facets = found.answer.facets
    applicants = _applicants(asked, state, find) if find else ()
    in_force = chips(asked, facets)
    return result_page(
        asked,
        found.answer,
        found.hits,
        state.settings,
        link_facets(asked, facets, find, applicants) if facets else None,
        in_force,
        () if found.answer.matching else _suggestions(asked, state, in_force),
        find,
    )


def _applicants(asked: Asked, state: AppState, find: str) -> tuple[FacetValue, ...]:
    expression = read_wording(asked.q).expression
    return state.index.facet_values(Within(asked.filters, expression), "applicant", find)


def _suggestions(asked: Asked, state: AppState, in_force: Sequence[Chip]) -> tuple[Suggestion, ...]:
    """The filters without which something would match, those that let most through first."""
    expression = read_wording(asked.q).expression
    made = [Suggestion(chip, state.index.size(Within(chip.without, expression)).figures) for chip in in_force]
    return tuple(sorted((each for each in made if each.figures), key=lambda each: -each.figures))


def _with_years(request: Request, asked: Asked) -> Asked:
    """The query with the years of the form, which has a field for the first and one for the last."""
    first, last = (" ".join(request.query_params.get(name, "").split()) for name in ("year_from", "year_to"))
    years = Filters.parse([("year", f"{first}..{last}")]).years if first or last else (None, None)
    return asked.but(filters=replace(asked.filters, years=years), offset=0, browse=True)


def _hold_words(hits: tuple[Hit, ...]) -> bool:
    return any(found.part == "words" and found.raw > 0 for hit in hits for found in hit.evidence)


def _unknown_number(text: str, state: AppState) -> str:
    """The publication number that `text` is, as printed, where no patent of the index has it."""
    try:
        number = PublicationNumber.parse(text)
    except ValueError:
        return ""
    try:
        state.index.patent(str(number))
    except NotFound:
        return number.display
    return ""


def _problem_of(asked: Asked, state: AppState) -> Problem:
    try:
        check_asked(asked, state.settings)
    except QueryError as error:
        return Problem(error=error.message, advice=error.advice)
    raise AssertionError("an empty query is always a problem")
