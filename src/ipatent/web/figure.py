"""The figure page: one drawing in full resolution with all that is known of it."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from ipatent.errors import NotFound
from ipatent.terms import components_in
from ipatent.web.answers import (
    FigureAnswer,
    Problem,
    answer_components,
    answer_patent,
    figure_url,
    summarise_figure,
)
from ipatent.web.asked import Asked
from ipatent.web.state import AppState, Rendering, State

router = APIRouter(tags=["patents"])


# Before the page: its pattern takes any path, this one also.
@router.get("/figures/{figure_id:path}.json", responses={404: {"model": Problem}})
def figure_json(figure_id: str, state: State) -> FigureAnswer:
    """A figure with its sheet, terms and patent; ids look like `USD744296S1/2/1`."""
    return answer_figure(figure_id, state)


@router.get("/figures/{figure_id:path}", response_class=HTMLResponse, include_in_schema=False)
def figure_page(figure_id: str, state: State, templates: Rendering) -> HTMLResponse:
    """The drawing and its patent."""
    return templates.page("figure.html", answer=answer_figure(figure_id, state))


def answer_figure(figure_id: str, state: AppState) -> FigureAnswer:
    """The figure with its neighbours; raises NotFound."""
    try:
        figure = state.index.figure(figure_id)
        patent = state.index.patent(figure.patent_id)
    except NotFound:
        raise NotFound(
            f"The index holds no figure {figure_id[:80]}.",
            "Figure ids look like USD744296S1/2/1: publication, sheet, figure. It may have been deleted.",
        ) from None
    figures = state.index.figures_of(patent.id)
    ids = [other.id for other in figures]
    place = ids.index(figure.id) if figure.id in ids else 0
    components = components_in(figure, patent)
    return FigureAnswer(
        figure=summarise_figure(figure),
        sheet=figure.sheet,
        box=str(figure.box),
        sheet_url=f"/images/{figure.sheet_image}",
        terms=figure.terms,
        components=answer_components(components or patent.components),
        components_are_of_figure=bool(components),
        previous_url=figure_url(ids[place - 1]) if place > 0 else "",
        next_url=figure_url(ids[place + 1]) if place + 1 < len(ids) else "",
        part_search_url=Asked(img=figure.image).url(),
        patent=answer_patent(patent, figures),
    )
