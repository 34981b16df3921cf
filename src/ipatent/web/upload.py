"""Uploads: query pictures are sent once, stored by a name nobody can guess, and searched by address."""

from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException

from ipatent import uploads
from ipatent.document_pages import is_document, pages_of
from ipatent.errors import NotFound, PictureError, QueryError
from ipatent.pictures import media_type, open_picture
from ipatent.query import MOST_EXAMPLES
from ipatent.web.answers import Answer, Problem, UploadAnswer
from ipatent.web.asked import Asked, like_upload
from ipatent.web.guard import too_many_bytes
from ipatent.web.objects import find_picture
from ipatent.web.picture_asked import PICTURE_NAMES
from ipatent.web.state import AppState, Rendering, State

router = APIRouter(tags=["search"])

PROBLEMS: dict[int | str, dict[str, object]] = {
    400: {"model": Problem, "description": "No file came with the request, or no such page."},
    413: {"model": Problem, "description": "Too many bytes or pixels."},
    415: {"model": Problem, "description": "Not a picture of an accepted format."},
    422: {"model": Problem, "description": "Damaged or truncated."},
}

SHOWN_PAGES = 40
"""Pages of a document that are offered as small pictures; the others by their number."""
_THUMBNAIL = 240
_ORDER = ("of", "q", "less", *PICTURE_NAMES)

Picture = Annotated[
    UploadFile, File(description="PNG, JPEG, WebP, AVIF, TIFF, GIF or BMP, or a page of a PDF.")
]
Field = Annotated[str, Form(max_length=20_000)]
Name = Annotated[str, Form(max_length=64)]


class Pages(Answer):
    """A stored document of several pages, and the small pictures of its first ones."""

    document: str
    count: int
    thumbnails: tuple[str, ...]


@router.post("/upload", response_class=RedirectResponse, status_code=303, include_in_schema=False)
def upload(
    request: Request,
    state: State,
    file: Annotated[list[UploadFile], File()],
    q: Field = "",
    w: Field = "",
    k: Field = "",
    to: Field = "",
) -> RedirectResponse:
    """Store the pictures and go to the search with them.

    `to` is the query string of the search they are added to; q, w and k are taken over those in it. A
    document of several pages leads to the choice of a page first.
    """
    carried = _carried(to, {"q": " ".join(q.split()), "w": w.strip(), "k": k.strip()})
    # Fills the form again should a picture be refused.
    request.state.asked = Asked(q=dict(carried).get("q", ""), w=_float(w), k=_int(k))
    _check_sender(request)
    files = [each for each in file if each.filename or each.size] or file[:1]
    present = sum(name in ("img", "like") for name, _ in carried)
    _check_room(present + len(files))
    names: list[tuple[str, str]] = []
    documents: list[tuple[str, str]] = []
    for each in files:
        data = _bytes_of(each, state)
        if is_document(data) and (pages := _stored_pages(data, state)) is not None:
            documents.append(("of", pages))
        else:
            names.append(("img", _stored(_single(data, 1, state), state)[0]))
    return RedirectResponse(_address([*carried, *names, *documents]), 303)


@router.post("/upload.json", responses=PROBLEMS)
def upload_json(
    request: Request,
    state: State,
    file: Picture,
    page: Annotated[int, Form(ge=1, description="Page of a PDF or TIFF, from 1.")] = 1,
) -> UploadAnswer:
    """Store a query picture; search with it at `/search?img=<sha256>`."""
    _check_sender(request)
    data = _bytes_of(file, state)
    count = 1
    if is_document(data):
        limits = (state.settings.max_upload_pixels, state.settings.max_pages)
        drawn = pages_of(data, (page - 1,), *limits)
        count = drawn.count
        if not drawn.pictures:
            raise QueryError(f"The document has no page {page}.", f"It has {count} pages.")
        if count > 1 or media_type(data) != "image/tiff":
            data = drawn.pictures[0]
    sha, width, height = _stored(data, state)
    return UploadAnswer(
        sha256=sha,
        width=width,
        height=height,
        pages=count,
        search_url=like_upload(sha).url(),
        preview_url=f"/pictures/{sha}",
    )


@router.get("/pages", response_class=HTMLResponse, include_in_schema=False)
def choose_page(request: Request, state: State, templates: Rendering, of: str = "") -> HTMLResponse:
    """The pages of a document that was sent, to choose from."""
    pages = _pages_named(of, state)
    carried = urlencode([pair for pair in request.query_params.multi_items() if pair != ("of", of)])
    asked = Asked(q=request.query_params.get("q", ""))
    return templates.page("pages.html", asked=asked, pages=pages, of=of, carried=carried)


@router.post("/pages", response_class=RedirectResponse, status_code=303, include_in_schema=False)
def take_pages(
    request: Request,
    state: State,
    of: Name,
    page: Annotated[list[int], Form()] = [],  # noqa: B006 - FastAPI copies it
    number: Annotated[str, Form(max_length=10)] = "",
    to: Field = "",
) -> RedirectResponse:
    """Add the chosen pages to the search that `to` is."""
    _check_sender(request)
    pages = _pages_named(of, state)
    typed = [int(number)] if number.strip().isdigit() else []
    chosen = list(dict.fromkeys([*page, *typed])) or [1]
    carried = _carried(to, {})
    _check_room(sum(name in ("img", "like") for name, _ in carried) + len(chosen))
    wrong = next((each for each in chosen if not 1 <= each <= pages.count), None)
    if wrong is not None:
        raise QueryError(f"The document has no page {wrong}.", f"It has {pages.count} pages.")
    settings = state.settings
    data = find_picture(state, pages.document)
    drawn = pages_of(data, [each - 1 for each in chosen], settings.max_upload_pixels, settings.max_pages)
    names = [("img", _stored(picture, state)[0]) for picture in drawn.pictures]
    return RedirectResponse(_address([*carried, *names]), 303)


def _address(pairs: list[tuple[str, str]]) -> str:
    """Of the search, or of the choice of pages where a document waits; names in their usual order."""
    waiting = any(name == "of" for name, _ in pairs)
    ordered = sorted(pairs, key=lambda pair: _ORDER.index(pair[0]) if pair[0] in _ORDER else len(_ORDER))
    return f"{'/pages' if waiting else '/search'}?{urlencode(ordered, safe='@~,/')}"


def _carried(to: str, over: dict[str, str]) -> list[tuple[str, str]]:
    """The pairs of a query string, those that are given anew replaced, without the place in the list."""
    given = {name: value for name, value in over.items() if value}
    pairs = [pair for pair in parse_qsl(to, max_num_fields=1000) if pair[0] not in (*given, "offset")]
    return [*given.items(), *pairs]


def _check_sender(request: Request) -> None:
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(403, "Pictures are accepted from this server's own pages only")


def _check_room(pictures: int) -> None:
    if pictures > MOST_EXAMPLES:
        raise QueryError(
            f"The query would have {pictures} pictures to look for; at most {MOST_EXAMPLES} are allowed.",
            "Remove some.",
        )


def _bytes_of(file: UploadFile, state: AppState) -> bytes:
    most = state.settings.max_upload_bytes
    data = file.file.read(most + 1)
    if len(data) > most:
        raise too_many_bytes(most)
    if not data and not file.filename:
        raise PictureError("No picture was chosen.", "Choose a file, drop one on the page, or paste one.")
    return data


def _single(data: bytes, page: int, state: AppState) -> bytes:
    """A picture, or the page of a document as one."""
    if not is_document(data) or media_type(data) == "image/tiff":
        return data
    settings = state.settings
    drawn = pages_of(data, (page - 1,), settings.max_upload_pixels, settings.max_pages)
    return drawn.pictures[0]


def _stored(data: bytes, state: AppState) -> tuple[str, int, int]:
    """The name, width and height of a picture, decoded whole before it is kept."""
    with state.decoding:
        height, width = open_picture(data, state.settings.max_upload_pixels).shape[:2]
    return uploads.keep(state.uploads, data), width, height


def _stored_pages(data: bytes, state: AppState) -> str | None:
    """The name of the list of a document's pages; None where it has only one."""
    settings = state.settings
    with state.decoding:
        drawn = pages_of(data, range(SHOWN_PAGES), settings.max_upload_pixels, settings.max_pages, _THUMBNAIL)
    if drawn.count < 2:
        return None
    pages = Pages(
        document=uploads.keep(state.uploads, data),
        count=drawn.count,
        thumbnails=tuple(uploads.keep(state.uploads, picture) for picture in drawn.pictures),
    )
    return uploads.keep(state.uploads, pages.model_dump_json().encode())


def _pages_named(name: str, state: AppState) -> Pages:
    try:
        return Pages.model_validate_json(find_picture(state, name))
    except (NotFound, ValueError):
        raise NotFound(
            "The document of this address is not on this server (any more).", "Upload it again."
        ) from None


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
