"""Drawings, thumbnails and previews of query pictures, by the hash of their content."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from ipatent import uploads
from ipatent.errors import NotFound
from ipatent.objects import Objects
from ipatent.pictures import encode_png, media_type, open_picture, shrink
from ipatent.web.asked import SHA256
from ipatent.web.rendering import StaticFiles
from ipatent.web.state import AppState, State

router = APIRouter(include_in_schema=True, tags=["pictures"])

_PREVIEW = 1600
"""Longer side of a query picture as shown, in pixels."""

FOR_EVER = "public, max-age=31536000, immutable"

_PICTURES: dict[int | str, dict[str, object]] = {
    200: {"content": {"image/png": {}, "image/webp": {}, "image/jpeg": {}}, "description": "The picture."},
    304: {"description": "The browser has it already."},
    404: {"content": {"image/svg+xml": {}}, "description": "A placeholder picture."},
}


@router.get("/thumbnails/{sha}", response_class=Response, responses=_PICTURES)
def thumbnail(sha: str, request: Request, state: State) -> Response:
    """A figure's small picture."""
    return _serve(request, state.objects, sha)


@router.get("/images/{sha}", response_class=Response, responses=_PICTURES)
def image(sha: str, request: Request, state: State) -> Response:
    """A figure or a sheet in full resolution."""
    return _serve(request, state.objects, sha)


@router.get("/pictures/{sha}", response_class=Response, responses=_PICTURES)
def preview(sha: str, request: Request, state: State) -> Response:
    """A query picture, upright, not too large, and in a format that every browser shows."""
    if _is_cached(request, sha):
        return _not_changed(sha)
    try:
        data = find_picture(state, sha)
    except NotFound:
        return _placeholder(request)
    with state.decoding:
        pixels = shrink(open_picture(data, picture_limit(state)), _PREVIEW)
    return _picture(encode_png(pixels), sha, "private, max-age=86400")


def find_picture(state: AppState, sha: str) -> bytes:
    """The bytes of an uploaded or an indexed picture; raises NotFound."""
    if not SHA256.match(sha):
        raise NotFound("There is no such picture.")
    try:
        found = uploads.content_of(state.uploads.get(sha))
        uploads.touch(state.uploads, sha)
        return found
    except NotFound:
        pass
    try:
        return state.objects.get(sha)
    except NotFound:
        raise NotFound(
            "The picture of this search is not on this server (any more).", "Upload the picture again."
        ) from None


def picture_limit(state: AppState) -> int:
    """Most pixels of a stored picture: uploads and sheets have passed one limit or the other."""
    return max(state.settings.max_upload_pixels, state.settings.max_sheet_pixels)


def _serve(request: Request, store: Objects, sha: str) -> Response:
    if not SHA256.match(sha):
        return _placeholder(request)
    if _is_cached(request, sha):
        return _not_changed(sha)
    try:
        data = store.get(sha)
    except NotFound:
        return _placeholder(request)
    return _picture(data, sha)


def _picture(data: bytes, sha: str, cache: str = FOR_EVER) -> Response:
    headers = {"ETag": f'"{sha}"', "Cache-Control": cache}
    return Response(data, media_type=media_type(data), headers=headers)


def _is_cached(request: Request, sha: str) -> bool:
    known = request.headers.get("if-none-match", "")
    return bool(SHA256.match(sha)) and f'"{sha}"' in known


def _not_changed(sha: str) -> Response:
    return Response(status_code=304, headers={"ETag": f'"{sha}"', "Cache-Control": FOR_EVER})


def _placeholder(request: Request) -> Response:
    static: StaticFiles = request.app.state.static
    file = static.by_name["placeholder.svg"]
    return Response(file.data, 404, {"Cache-Control": "no-store"}, file.media_type)
