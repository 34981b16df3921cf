"""The map: its data, its script, and what is done with the figures picked on it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from ipatent.cluster import representatives
from ipatent.errors import QueryError
from ipatent.filters import Filters
from ipatent.query import MOST_EXAMPLES
from ipatent.web.answers import Problem
from ipatent.web.asked import Asked, read_asked
from ipatent.web.collections import collect_several, read_place
from ipatent.web.map_plotly import plotly_script
from ipatent.web.map_view import MapAnswer, MapPlacesAnswer, answer_map, answer_places, mark_of
from ipatent.web.objects import FOR_EVER
from ipatent.web.search import best_hits
from ipatent.web.state import AppState, State

router = APIRouter(tags=["map"])

AskedHere = Annotated[Asked, Depends(read_asked)]

PROBLEMS: dict[int | str, dict[str, object]] = {
    400: {"model": Problem, "description": "A parameter is missing, malformed or out of range."},
    404: {"model": Problem, "description": "No such picture or figure."},
    409: {"model": Problem, "description": "The index is empty, or another encoder filled it."},
}


@router.get("/map.json", responses=PROBLEMS)
def map_json(asked: AskedHere, state: State) -> MapAnswer:
    """The best `of` figures of a search on a map in 2 or 3 `dims`, laid out by `project`.

    `project=pca` answers at once, `project=neighbours` takes a second for a thousand figures.
    """
    return answer_map(asked, best_hits(asked, state), state)


@router.get(
    "/map/places.json",
    response_model=MapPlacesAnswer,
    responses={**PROBLEMS, 304: {"description": "They are as they were."}},
)
def places_json(
    asked: AskedHere, request: Request, response: Response, state: State
) -> MapPlacesAnswer | Response:
    """The places of `map.json` alone; the browser keeps them until figures or index change."""
    hits = best_hits(asked, state)
    headers = {"ETag": mark_of(asked, hits, state.index.generation()), "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match", "").removeprefix("W/") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return answer_places(asked, hits, state)


@router.get("/map/plotly-{digest}.js", include_in_schema=False)
def plotly_js(digest: str, request: Request) -> Response:
    """The script that draws the map, packed once; of another version than the installed one there is none."""
    script = plotly_script()
    if not script.url.endswith(f"-{digest}.js"):
        raise HTTPException(404)
    headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(script.packed, media_type="text/javascript; charset=utf-8", headers=headers)
    return Response(script.unpacked, media_type="text/javascript; charset=utf-8", headers=headers)


@router.post("/map/pick", response_class=RedirectResponse, include_in_schema=False)
def pick(
    asked: AskedHere,
    request: Request,
    state: State,
    do: Annotated[Literal["within", "like", "unlike", "collect"], Form()],
    pick: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies it
    into: Annotated[str, Form(max_length=200)] = "",
    name: Annotated[str, Form(max_length=2000)] = "",
    record: Annotated[str, Form(max_length=100)] = "",
) -> RedirectResponse:
    """Go on with figures picked on the map: among them alone, with them as examples, or collect them.

    Each `pick` holds lines of RANK and ID. Of many figures those that differ most become examples.
    """
    figures = [read_place(line) for lines in pick for line in lines.splitlines() if line.strip()]
    if not figures:
        raise QueryError(
            "No figure was picked.", "Draw around some on the map, or tick them in its table, and try again."
        )
    if do == "collect":
        return collect_several(figures, asked.url(), request, state, into, name, record)
    ids = [figure for _, figure in figures]
    if do == "within":
        others = [pair for pair in asked.filters.parameters() if pair[0] != "among"]
        within = Filters.parse([*others, *(("among", each) for each in ids)])
        return RedirectResponse(asked.but(filters=within, show="grid", offset=0).url(), 303)
    return RedirectResponse(_with_examples(asked, ids, do == "unlike", state).url(), 303)


def _with_examples(asked: Asked, ids: list[str], against: bool, state: AppState) -> Asked:
    room = MOST_EXAMPLES - len(asked.unwanted if against else asked.wanted)
    if room < 1:
        raise QueryError(
            f"The query has {MOST_EXAMPLES} such examples already.", "Remove some of them and pick again."
        )
    images, _ = state.index.vectors_of(ids)
    for place in representatives(images, range(len(ids)), room):
        asked = asked.with_like(ids[place], against)
    return asked
