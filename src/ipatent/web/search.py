"""The search page: a query in the address, a ranked grid of figures."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ipatent.errors import EmptyIndex, NotFound, QueryError
from ipatent.publication import PublicationNumber
from ipatent.query import Hit
from ipatent.search import search
from ipatent.web.answers import (
    Problem,
    SearchAnswer,
    answer_hit,
)
from ipatent.web.asked import Asked, check_asked, read_asked
from ipatent.web.home import answer_home
from ipatent.web.querying import read_query, resolve
from ipatent.web.state import AppState, Rendering, State

router = APIRouter(tags=["search"])

AskedHere = Annotated[Asked, Depends(read_asked)]

PROBLEMS: dict[int | str, dict[str, object]] = {
    400: {"model": Problem, "description": "A parameter is missing, malformed or out of range."},
    404: {"model": Problem, "description": "No such picture or figure."},
    409: {"model": Problem, "description": "The index is empty, or another encoder filled it."},
}


@router.get("/search", response_class=HTMLResponse, include_in_schema=False)
def search_page(asked: AskedHere, state: State, templates: Rendering) -> Response:
    """The grid, or the teaching page where nothing was asked."""
    if asked.is_empty:
        problem = _problem_of(asked, state)
        return templates.page("home.html", 400, asked=asked, home=answer_home(state.index), problem=problem)
    resolved = resolve(asked, state.index)
    if resolved != asked:
        return RedirectResponse(resolved.url(), 303)
    return templates.page("search.html", asked=asked, answer=answer_search(asked, state))


@router.get("/search.json", responses=PROBLEMS)
def search_json(asked: AskedHere, state: State) -> SearchAnswer:
    """The ranked figures for words, a picture, a known figure, or several of them together."""
    return answer_search(asked, state)


def answer_search(asked: Asked, state: AppState) -> SearchAnswer:
    """The ranked figures with all that was searched.

    Raises QueryError, NotFound, PictureError, EncoderMismatch or EmptyIndex.
    """
    settings = state.settings
    check_asked(asked, settings)
    if state.index.status().figures == 0:
        raise EmptyIndex(
            "The index is empty: there is nothing to find yet.",
            "Fill it on the server with: ipatent ingest PATH",
        )
    asked = resolve(asked, state.index)
    query, pictures = read_query(asked, state)
    results = search(
        query,
        state.index,
        state.encoder,
        candidates=settings.candidates,
        max_k=settings.max_k,
        max_query_chars=settings.max_query_chars,
    )
    matched = _hold_words(results.hits)
    return SearchAnswer(
        q=asked.q,
        matched_words=matched,
        unknown_number="" if matched or not asked.q else _unknown_number(asked.q, state),
        k=query.k,
        text_weight=query.text_weight,
        pictures=pictures,
        hits=tuple(answer_hit(hit) for hit in results.hits),
        count=len(results.hits),
        candidates=results.candidates,
        searched=results.searched,
        generation=results.generation,
        encoder=results.encoder,
        seconds=results.seconds,
        seconds_encoding=results.seconds_encoding,
    )


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
