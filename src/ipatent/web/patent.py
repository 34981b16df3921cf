"""The patent page: its bibliographic data and all its figures."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from ipatent.errors import NotFound
from ipatent.web.answers import PatentAnswer, Problem, answer_patent
from ipatent.web.state import AppState, Rendering, State

router = APIRouter(tags=["patents"])


# Before the page: its pattern takes any path, this one also.
@router.get("/patents/{patent_id:path}.json", responses={404: {"model": Problem}})
def patent_json(patent_id: str, state: State) -> PatentAnswer:
    """A patent with all its figures; ids look like `USD744296S1`."""
    return _answer(patent_id, state)


@router.get("/patents/{patent_id:path}", response_class=HTMLResponse, include_in_schema=False)
def patent_page(patent_id: str, state: State, templates: Rendering) -> HTMLResponse:
    """The patent and its figures."""
    return templates.page("patent.html", answer=_answer(patent_id, state))


def _answer(patent_id: str, state: AppState) -> PatentAnswer:
    try:
        patent = state.index.patent(patent_id)
    except NotFound:
        raise NotFound(
            f"The index holds no patent {patent_id[:80]}.",
            "Publication numbers are written without separators, e.g. USD744296S1.",
        ) from None
    return answer_patent(patent, state.index.figures_of(patent.id))
