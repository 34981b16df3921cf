"""Drawings, thumbnails and previews of query pictures, by the hash of their content."""

import re
from collections.abc import Iterator
from itertools import chain

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from ipatent import uploads
from ipatent.errors import NotFound
from ipatent.objects import FOR_EVER as FOR_EVER
from ipatent.pictures import encode_png, media_type, open_picture, shrink
from ipatent.web.asked import SHA256
from ipatent.web.rendering import StaticFiles
from ipatent.web.state import AppState, State

router = APIRouter(include_in_schema=True, tags=["pictures"])

_PREVIEW = 1600
"""Longer side of a query picture as shown, in pixels."""

_HELD = 2_000_000
"""Larger pictures are sent piece by piece as they come from the store."""

_MAGIC = 64
"""Bytes that tell what kind of picture it is."""

_PICTURES: dict[int | str, dict[str, object]] = {
    200: {"content": {"image/png": {}, "image/webp": {}, "image/jpeg": {}}, "description": "The picture."},
    206: {"description": "The stretch of it that the header Range asks for."},
    302: {"description": "It is fetched from the object store itself, where the server is set up so."},
    304: {"description": "The browser has it already."},
    404: {"content": {"image/svg+xml": {}}, "description": "A placeholder picture."},
    416: {"description": "The picture is shorter than that."},
}


@router.get("/thumbnails/{sha}", response_class=Response, responses=_PICTURES)
def thumbnail(sha: str, request: Request, state: State) -> Response:
    """A figure's small picture."""
    return _serve(request, state, sha)


@router.get("/images/{sha}", response_class=Response, responses=_PICTURES)
def image(sha: str, request: Request, state: State) -> Response:
    """A figure or a sheet in full resolution."""
    return _serve(request, state, sha)


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


def _serve(request: Request, state: AppState, sha: str) -> Response:
    if not SHA256.match(sha):
        return _placeholder(request)
    if _is_cached(request, sha):
        return _not_changed(sha)
    seconds = state.settings.objects_link_seconds
    if seconds and (link := state.objects.link(sha, seconds)):
        # The link itself is kept for half its life, so that the browser knows the picture again.
        return RedirectResponse(link, 302, {"Cache-Control": f"private, max-age={seconds // 2}"})
    try:
        return _sent(request, state, sha)
    except NotFound:
        return _placeholder(request)


def _sent(request: Request, state: AppState, sha: str) -> Response:
    headers = {"ETag": f'"{sha}"', "Cache-Control": FOR_EVER, "Accept-Ranges": "bytes"}
    first, last, status = 0, None, 200
    if asked := _range_asked(request, sha):
        size = state.objects.size(sha)
        stretch = stretch_of(asked, size)
        if stretch is None:
            told = {"Content-Range": f"bytes */{size}", "Cache-Control": "no-store"}
            return Response(status_code=416, headers=told)
        first, last, status = *stretch, 206
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    content = state.objects.read(sha, first, last)
    length = content.size if last is None else last - first + 1
    begin = next(content.chunks, b"")
    head = begin
    if first or length < min(_MAGIC, content.size):
        head = b"".join(state.objects.read(sha, 0, min(_MAGIC, content.size) - 1).chunks)
    kind = media_type(head)
    if length <= _HELD:
        return Response(b"".join((begin, *content.chunks)), status, headers, kind)
    headers["Content-Length"] = str(length)
    body: Iterator[bytes] = chain((begin,), content.chunks)
    return StreamingResponse(body, status, headers, kind)


def _range_asked(request: Request, sha: str) -> str:
    """The header Range; empty where it is for another picture than this, or asks what is not given.

    Several stretches at once are not given: then the whole is sent.
    """
    asked = "".join(request.headers.get("range", "").split())
    found = _RANGE.fullmatch(asked)
    if found is None or (found[2] and int(found[2]) < int(found[1])):
        return ""
    return asked if request.headers.get("if-range", "") in ("", f'"{sha}"') else ""


_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))", re.IGNORECASE)


def stretch_of(asked: str, size: int) -> tuple[int, int] | None:
    """First and last byte that `bytes=A-B`, `bytes=A-` or `bytes=-N` asks of `size`; None beyond the end."""
    found = _RANGE.fullmatch(asked)
    if found is None:
        raise ValueError(asked)
    if found[3]:
        first, last = max(size - int(found[3]), 0), size - 1
    else:
        first, last = int(found[1]), min(int(found[2] or size), size - 1)
    return (first, last) if first <= last else None


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
