"""What of a query picture is searched: shown small, and its box set by four numbers."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import RedirectResponse, Response

from ipatent.errors import QueryError
from ipatent.patents import Box
from ipatent.pictures import encode_png, shrink
from ipatent.web.asked import Asked, read_asked
from ipatent.web.querying import open_original, searched_pixels
from ipatent.web.state import State

router = APIRouter(tags=["pictures"])

_LONGER_SIDE = 480
AskedHere = Annotated[Asked, Depends(read_asked)]


@router.get(
    "/preview",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}, "description": "The part searched with."}},
)
def preview(asked: AskedHere, state: State) -> Response:
    """The one picture of the address as it is searched: cut, cleaned, turned, mirrored."""
    if len(asked.pictures) != 1:
        raise QueryError("A preview shows one picture.", "Give one img or one like.")
    picture = asked.pictures[0]
    pixels = open_original(picture, state).pixels
    with state.decoding:
        searched = shrink(searched_pixels(picture, pixels), _LONGER_SIDE)
    headers = {"Cache-Control": "private, max-age=3600"}
    return Response(encode_png(searched), media_type="image/png", headers=headers)


@router.get("/part", response_class=RedirectResponse, status_code=303, include_in_schema=False)
def part(
    asked: AskedHere,
    state: State,
    place: int,
    x: int,
    y: int,
    width: Annotated[int, Query(ge=1)],
    height: Annotated[int, Query(ge=1)],
) -> RedirectResponse:
    """To the search with the box of one picture set; the whole picture needs no box."""
    if not 0 <= place < len(asked.pictures):
        raise QueryError("The search has no such picture.", "Go back and choose the picture again.")
    picture = asked.pictures[place]
    original_height, original_width = open_original(picture, state).pixels.shape[:2]
    x, y = min(max(x, 0), original_width - 1), min(max(y, 0), original_height - 1)
    box = Box(x, y, min(width, original_width - x), min(height, original_height - y))
    whole = Box(0, 0, original_width, original_height)
    changed = replace(picture, box=None if box == whole else box)
    pictures = (*asked.pictures[:place], changed, *asked.pictures[place + 1 :])
    return RedirectResponse(replace(asked, pictures=pictures, offset=0).url(), 303)
