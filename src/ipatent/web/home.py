"""The first page: how to search, with examples taken from the index."""

from collections.abc import Iterator
from contextlib import suppress

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from ipatent.errors import NotFound
from ipatent.index import Index
from ipatent.patents import Figure, Patent
from ipatent.web.answers import Example, HomeAnswer, summarise_figure, summarise_patent
from ipatent.web.asked import Asked
from ipatent.web.state import Rendering, State

router = APIRouter(tags=["search"])

_EXAMPLES = 12
# Some patents have no title yet.
_LOOKED_AT = 16


@router.get("/", response_class=HTMLResponse, include_in_schema=False)
def home(state: State, templates: Rendering) -> HTMLResponse:
    """The empty state that teaches."""
    return templates.page("home.html", home=answer_home(state.index), problem=None)


@router.get("/index.json")
def home_json(state: State) -> HomeAnswer:
    """Examples of queries from the index."""
    return answer_home(state.index)


def answer_home(index: Index) -> HomeAnswer:
    """Examples from patents spread evenly over the index."""
    status = index.status()
    wanted = min(_LOOKED_AT, status.patents)
    examples: list[Example] = []
    for place in range(wanted):
        for patent in index.patents(place * status.patents // wanted, 1):
            with suppress(NotFound):  # deleted since the line above
                examples.extend(_example_of(patent, index.figures_of(patent.id)))
    both_url = both_words = ""
    if len(examples) > 1:
        both_words = examples[1].words
        both_url = Asked(q=both_words).with_like(examples[0].figure.id).url()
    return HomeAnswer(
        patents=status.patents,
        figures=status.figures,
        examples=tuple(examples[:_EXAMPLES]),
        both_url=both_url,
        both_words=both_words,
    )


def _example_of(patent: Patent, figures: tuple[Figure, ...]) -> Iterator[Example]:
    # The first figure is most often the view that shows the whole thing.
    for figure in figures[:1]:
        if words := patent.title or figure.caption:
            yield Example(
                words=words,
                words_url=Asked(q=words).url(),
                figure=summarise_figure(figure),
                patent=summarise_patent(patent),
            )
