"""The comparison: two to four figures side by side, at the scale in which they were printed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse
from pydantic import Field

from ipatent.errors import NotFound, QueryError
from ipatent.records.collections import list_collections
from ipatent.terms import components_in
from ipatent.web.answers import (
    Answer,
    ComponentAnswer,
    FigureSummary,
    PatentSummary,
    Problem,
    Symbol,
    answer_components,
    summarise_figure,
    summarise_patent,
)
from ipatent.web.figure import find_figure, sheet_size
from ipatent.web.state import AppState, Rendering, State

router = APIRouter(tags=["patents"])

_FEWEST, _MOST = 2, 4
_MM_PER_INCH = 25.4
_USUAL_DPI = (150, 200, 300, 400, 600)
_SNAP = 0.04
"""How far a scan may be from a usual resolution, or from the proportions of paper, as a fraction."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A size of paper in millimetres, upright."""

    width: float
    height: float


_PAPERS = (Paper(215.9, 279.4), Paper(210, 297))


class ComparedFigure(Answer):
    """One figure of a comparison with what is known of it and of its patent; what is unknown is empty."""

    figure: FigureSummary
    type: str
    patent: PatentSummary
    filed: date | None
    applicants: tuple[str, ...]
    inventors: tuple[str, ...]
    classifications: tuple[Symbol, ...]
    components: tuple[ComponentAnswer, ...] = Field(description="Those of this figure, where they are known.")
    pixels_per_mm: float | None = Field(
        description="Pixels of the drawing per millimetre as printed; null where the sheet does not tell."
    )
    without_url: str = Field(description="The comparison without this figure; empty where two are left.")


class CompareAnswer(Answer):
    """Two to four figures in the order asked for."""

    figures: tuple[ComparedFigure, ...]
    same_scale: bool = Field(description="Whether the printed scale of every figure is known.")


def read_figure_ids(
    figure: Annotated[list[str] | None, Query(description="Id of a figure; give two to four.")] = None,
) -> tuple[str, ...]:
    """The figures asked for, each once, in their order; raises QueryError unless there are two to four."""
    ids = tuple(dict.fromkeys(one.strip() for one in figure or () if one.strip()))
    if len(ids) < _FEWEST:
        raise QueryError(
            "A comparison needs at least two different figures.",
            "Press “Compare” on two to four figures, then follow the bar at the foot of the page.",
        )
    if len(ids) > _MOST:
        raise QueryError(
            f"{len(ids)} figures are too many to compare; the limit is {_MOST}.",
            "Leave out all but the most telling ones.",
        )
    return ids


FigureIds = Annotated[tuple[str, ...], Depends(read_figure_ids)]


@router.get("/compare.json", responses={400: {"model": Problem}, 404: {"model": Problem}})
def compare_json(ids: FigureIds, state: State) -> CompareAnswer:
    """Two to four figures with their captions, data, components and printed scale."""
    return answer_comparison(ids, state)


@router.get("/compare", response_class=HTMLResponse, include_in_schema=False)
def compare_page(ids: FigureIds, state: State, templates: Rendering) -> HTMLResponse:
    """The figures side by side."""
    answer = answer_comparison(ids, state)
    in_collections = {one: list_collections(state.records, one) for one in ids}
    twin = _url("/compare.json", ids)
    return templates.page("compare.html", answer=answer, twin=twin, in_collections=in_collections)


def answer_comparison(ids: tuple[str, ...], state: AppState) -> CompareAnswer:
    """The figures in the order of `ids`; raises NotFound."""
    figures = tuple(_answer(one, ids, state) for one in ids)
    return CompareAnswer(figures=figures, same_scale=all(one.pixels_per_mm for one in figures))


def printed_scale(width: int, height: int) -> float | None:
    """Pixels per millimetre of a sheet of this many pixels, if it has the proportions of Letter or A4.

    A resolution near a usual one is taken for it: scanners cut a few pixels off. Else None.
    """
    longer, shorter = max(width, height), max(min(width, height), 1)
    paper = min(_PAPERS, key=lambda paper: abs(longer / shorter - paper.height / paper.width))
    if abs(longer / shorter * paper.width / paper.height - 1) > _SNAP:
        return None
    dpi = longer / paper.height * _MM_PER_INCH
    usual = min(_USUAL_DPI, key=lambda usual: abs(dpi / usual - 1))
    # A cut-out may have the proportions of paper by chance, but hardly a scanner's resolution, too.
    return usual / _MM_PER_INCH if abs(dpi / usual - 1) <= _SNAP else None


def _answer(figure_id: str, ids: tuple[str, ...], state: AppState) -> ComparedFigure:
    figure = find_figure(figure_id, state)
    patent = state.index.patent(figure.patent_id)
    try:
        scale = printed_scale(*sheet_size(figure, state))
    except NotFound:  # its place then shows that the picture is missing; the others are still compared
        scale = None
    return ComparedFigure(
        figure=summarise_figure(figure),
        type=figure.type,
        patent=summarise_patent(patent),
        filed=patent.filed,
        applicants=patent.applicants,
        inventors=patent.inventors,
        classifications=tuple(Symbol(scheme=c.scheme, symbol=c.symbol) for c in patent.classifications),
        components=answer_components(components_in(figure, patent)),
        pixels_per_mm=scale,
        without_url=_url("/compare", (one for one in ids if one != figure_id)) if len(ids) > _FEWEST else "",
    )


def _url(page: str, ids: Iterable[str]) -> str:
    return f"{page}?{urlencode([('figure', one) for one in ids])}"
