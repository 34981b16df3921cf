"""Uploads: a query picture is sent once, stored by its hash, and searched with by address."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from ipatent.errors import PictureError
from ipatent.pictures import open_picture
from ipatent.web.answers import Problem, UploadAnswer
from ipatent.web.asked import Asked, PictureAsked, like_upload
from ipatent.web.guard import too_many_bytes
from ipatent.web.state import AppState, State

router = APIRouter(tags=["search"])

PROBLEMS: dict[int | str, dict[str, object]] = {
    400: {"model": Problem, "description": "No file came with the request."},
    413: {"model": Problem, "description": "Too many bytes or pixels."},
    415: {"model": Problem, "description": "Not a picture of an accepted format."},
    422: {"model": Problem, "description": "Damaged or truncated."},
}

Picture = Annotated[UploadFile, File(description="PNG, JPEG, WebP, TIFF, GIF or BMP.")]
Field = Annotated[str, Form(max_length=20_000)]


@router.post("/upload", response_class=RedirectResponse, status_code=303, include_in_schema=False)
def upload(
    request: Request, state: State, file: Picture, q: Field = "", w: Field = "", k: Field = ""
) -> RedirectResponse:
    """Store the picture and go to the search with it; q, w and k are taken along."""
    asked = Asked(q=" ".join(q.split()), w=_float(w), k=_int(k))
    request.state.asked = asked  # fills the form again should the picture be refused
    answer = _store(request, state, file)
    return RedirectResponse(asked.with_picture(PictureAsked(answer.sha256)).url(), 303)


@router.post("/upload.json", responses=PROBLEMS)
def upload_json(request: Request, state: State, file: Picture) -> UploadAnswer:
    """Store a query picture; search with it at `/search?img=<sha256>`."""
    return _store(request, state, file)


def _store(request: Request, state: AppState, file: UploadFile) -> UploadAnswer:
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(403, "Pictures are accepted from this server's own pages only")
    settings = state.settings
    data = file.file.read(settings.max_upload_bytes + 1)
    if len(data) > settings.max_upload_bytes:
        raise too_many_bytes(settings.max_upload_bytes)
    if not data and not file.filename:
        raise PictureError("No picture was chosen.", "Choose a file, drop one on the page, or paste one.")
    # Decoded whole before it is kept: what cannot be searched with is not stored.
    with state.decoding:
        height, width = open_picture(data, settings.max_upload_pixels).shape[:2]
    sha = state.uploads.put(data)
    return UploadAnswer(
        sha256=sha,
        width=width,
        height=height,
        search_url=like_upload(sha).url(),
        preview_url=f"/pictures/{sha}",
    )


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _int(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
