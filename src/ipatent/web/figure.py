"""The figure page: one drawing in full resolution with all that is known of it."""

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from ipatent.errors import NotFound
from ipatent.patents import Box, Component, Figure
from ipatent.pictures import picture_size
from ipatent.records.collections import list_collections
from ipatent.terms import components_in
from ipatent.web.answers import (
    FigureAnswer,
    OutlineAnswer,
    Problem,
    SheetAnswer,
    answer_components,
    answer_numerals,
    answer_patent,
    figure_url,
    summarise_figure,
)
from ipatent.web.asked import like_figure
from ipatent.web.evidence_links import evidence_from
from ipatent.web.objects import picture_limit
from ipatent.web.state import AppState, Rendering, State

router = APIRouter(tags=["patents"])

View = Annotated[
    Literal["figure", "sheet"],
    Query(description="`sheet` adds the whole drawing sheet, with the places of its figures."),
]


# Before the page: its pattern takes any path, this one also.
@router.get("/figures/{figure_id:path}.json", responses={404: {"model": Problem}})
def figure_json(figure_id: str, state: State, view: View = "figure") -> FigureAnswer:
    """A figure with its numerals, sheet, terms and patent; ids look like `USD744296S1/2/1`."""
    return answer_figure(figure_id, state, view == "sheet")


@router.get("/figures/{figure_id:path}", response_class=HTMLResponse, include_in_schema=False)
def figure_page(
    figure_id: str, request: Request, state: State, templates: Rendering, view: str = "figure"
) -> HTMLResponse:
    """The drawing and its patent; any other `view` than `sheet` shows the figure alone.

    Reached from a search with a picture, it also tells which regions correspond.
    """
    answer = answer_figure(figure_id, state, view == "sheet")
    in_collections = {figure_id: list_collections(state.records, figure_id)}
    evidence = evidence_from(request, figure_id)
    return templates.page("figure.html", answer=answer, in_collections=in_collections, evidence=evidence)


def find_figure(figure_id: str, state: AppState) -> Figure:
    """The indexed figure; raises NotFound with what ids look like."""
    try:
        return state.index.figure(figure_id)
    except NotFound:
        raise NotFound(
            f"The index holds no figure {figure_id[:80]}.",
            "Figure ids look like USD744296S1/2/1: publication, sheet, figure. It may have been deleted.",
        ) from None


def answer_figure(figure_id: str, state: AppState, with_sheet: bool = False) -> FigureAnswer:
    """The figure with its neighbours; raises NotFound."""
    figure = find_figure(figure_id, state)
    patent = state.index.patent(figure.patent_id)
    figures = state.index.figures_of(patent.id)
    ids = [other.id for other in figures]
    place = ids.index(figure.id) if figure.id in ids else 0
    of_figure = components_in(figure, patent)
    components = of_figure or patent.components
    return FigureAnswer(
        figure=summarise_figure(figure),
        type=figure.type,
        sheet=figure.sheet,
        box=str(figure.box),
        turn=figure.turn,
        sheet_url=f"/images/{figure.sheet_image}",
        whole_sheet=_answer_sheet(figure, figures, components, state) if with_sheet else None,
        numerals=answer_numerals(figure.numerals, components),
        terms=figure.terms,
        components=answer_components(components),
        components_are_of_figure=bool(of_figure),
        previous_url=figure_url(ids[place - 1]) if place > 0 else "",
        next_url=figure_url(ids[place + 1]) if place + 1 < len(ids) else "",
        part_search_url=like_figure(figure.id).url(),
        patent=answer_patent(patent, figures),
    )


def box_on_sheet(figure: Figure, box: Box) -> Box:
    """Where a box of the figure's picture lies on its sheet, in pixels of the sheet."""
    x, y, width, height = box.x, box.y, box.width, box.height
    if figure.turn == 90:
        x, y, width, height = y, figure.width - box.right, height, width
    elif figure.turn == 180:
        x, y = figure.width - box.right, figure.height - box.bottom
    elif figure.turn == 270:
        x, y, width, height = figure.height - box.bottom, x, height, width
    return Box(figure.box.x + x, figure.box.y + y, width, height)


def sheet_size(figure: Figure, state: AppState) -> tuple[int, int]:
    """Width and height of the figure's sheet in pixels; raises NotFound when its picture is gone."""
    try:
        data = state.objects.get(figure.sheet_image)
    except NotFound:
        raise NotFound(
            f"The picture of sheet {figure.sheet} is missing from the data folder.",
            "Ingest the patent's file again; it is then put back.",
        ) from None
    return picture_size(data, picture_limit(state))


def _answer_sheet(
    figure: Figure, figures: tuple[Figure, ...], components: tuple[Component, ...], state: AppState
) -> SheetAnswer:
    width, height = sheet_size(figure, state)
    numerals = tuple(replace(n, box=box_on_sheet(figure, n.box)) for n in figure.numerals)
    return SheetAnswer(
        width=width,
        height=height,
        url=f"/images/{figure.sheet_image}",
        figures=tuple(
            OutlineAnswer(
                id=other.id, label=other.display_label, url=figure_url(other.id), box=str(other.box)
            )
            for other in figures
            if other.sheet == figure.sheet
        ),
        numerals=answer_numerals(numerals, components),
    )
