"""The search page: a query in the address, a ranked grid of figures."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from ipatent.components import ink_of
from ipatent.errors import EmptyIndex, NotFound, QueryError
from ipatent.patents import Box, Pixels
from ipatent.pictures import open_picture
from ipatent.publication import PublicationNumber
from ipatent.query import Example, Hit, Query
from ipatent.search import search
from ipatent.web.answers import (
    LikeAnswer,
    Problem,
    QueryPicture,
    SearchAnswer,
    answer_hit,
    summarise_figure,
    summarise_patent,
)
from ipatent.web.asked import Asked, check_asked, read_asked
from ipatent.web.home import answer_home
from ipatent.web.objects import find_picture, picture_limit
from ipatent.web.state import AppState, Rendering, State

router = APIRouter(tags=["search"])

AskedHere = Annotated[Asked, Depends(read_asked)]

PROBLEMS: dict[int | str, dict[str, object]] = {
    400: {"model": Problem, "description": "A parameter is missing, malformed or out of range."},
    404: {"model": Problem, "description": "No such picture or figure."},
    409: {"model": Problem, "description": "The index is empty, or another encoder filled it."},
}


@router.get("/search", response_class=HTMLResponse, include_in_schema=False)
def search_page(asked: AskedHere, state: State, templates: Rendering) -> HTMLResponse:
    """The grid, or the teaching page where nothing was asked."""
    if asked.is_empty:
        problem = _problem_of(asked, state)
        return templates.page("home.html", 400, asked=asked, home=answer_home(state.index), problem=problem)
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
    picture = _open_query_picture(asked, state) if asked.img else None
    like = _answer_like(asked.like, state) if asked.like else None
    weight = settings.text_weight if asked.w is None else asked.w
    query = Query(
        text=asked.q,
        examples=(
            *([Example(picture.cut)] if picture else ()),
            *([Example(like=asked.like)] if asked.like else ()),
        ),
        filters=asked.filters,
        offset=asked.offset,
        collapse=asked.collapse,
        text_weight=weight,
        k=min(settings.k, settings.max_k) if asked.k is None else asked.k,
    )
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
        text_weight=weight,
        picture=picture.answer if picture else None,
        like=like,
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


@dataclass(frozen=True, slots=True, eq=False)
class _OpenedPicture:
    cut: Pixels
    answer: QueryPicture


def _open_query_picture(asked: Asked, state: AppState) -> _OpenedPicture:
    data = find_picture(state, asked.img)
    with state.decoding:
        pixels = open_picture(data, picture_limit(state))
    height, width = pixels.shape[:2]
    cut = _cut(pixels, asked.box) if asked.box else pixels
    if not ink_of(cut).any():
        if asked.box:
            raise QueryError(
                "The part of the picture inside the box is blank.",
                "Draw the box around some lines, or leave it empty for the whole picture.",
            )
        raise QueryError(
            "The picture is blank: there is no line in it to search for.",
            "Choose another picture, or scan it darker.",
        )
    answer = QueryPicture(
        sha256=asked.img,
        width=width,
        height=height,
        box=str(asked.box) if asked.box else "",
        preview_url=f"/pictures/{asked.img}",
    )
    return _OpenedPicture(cut, answer)


def _cut(pixels: Pixels, box: Box) -> Pixels:
    height, width = pixels.shape[:2]
    if not box.within(width, height):
        raise QueryError(
            f"The box {box} reaches outside the picture, which is {width} × {height} pixels.",
            "X + W must not exceed the width, Y + H not the height. Leave it empty for the whole picture.",
        )
    return box.cut(pixels)


def _answer_like(figure_id: str, state: AppState) -> LikeAnswer:
    try:
        figure = state.index.figure(figure_id)
        patent = state.index.patent(figure.patent_id)
    except NotFound:
        raise NotFound(
            f"The index holds no figure {figure_id[:80]}.", "It may have been deleted; search again."
        ) from None
    return LikeAnswer(figure=summarise_figure(figure), patent=summarise_patent(patent))


def _problem_of(asked: Asked, state: AppState) -> Problem:
    try:
        check_asked(asked, state.settings)
    except QueryError as error:
        return Problem(error=error.message, advice=error.advice)
    raise AssertionError("an empty query is always a problem")
