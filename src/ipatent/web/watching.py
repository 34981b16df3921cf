"""Saved searches on the web: kept under a name, asked again, with what is new since the last time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field
from starlette.exceptions import HTTPException

from ipatent.errors import NotFound, QueryError
from ipatent.exports import look_up_in
from ipatent.exports.listing import ListedFigure
from ipatent.records import searches
from ipatent.records import watching as kept
from ipatent.records.watching import Found, SavedSearch
from ipatent.web.answers import Answer, Problem
from ipatent.web.language import gettext, translate
from ipatent.web.records import thumbs_of
from ipatent.web.replay import find_again
from ipatent.web.state import AppState, Rendering, State

router = APIRouter(tags=["saved searches"])

GONE: dict[int | str, dict[str, object]] = {
    400: {"model": Problem, "description": "A name is empty, too long or taken, or no search's address."},
    404: {"model": Problem, "description": "No such saved search."},
}
BUSY: dict[int | str, dict[str, object]] = {
    503: {"model": Problem, "description": "The saved searches are being run already."}
}

Line = Annotated[str, Form(max_length=2000)]
Address = Annotated[str, Form(max_length=kept.MAX_URL)]


class SavedLine(Answer):
    """A saved search; `unread` counts figures that some run found new and nobody has marked as read."""

    id: str
    name: str
    url: str
    created: datetime
    last_run: datetime | None = Field(description="Null before the first run.")
    generation: int = Field(description="State of the index at the last run; -1 before the first.")
    unread: int
    user: str


class SavedAnswer(Answer):
    """All saved searches by name."""

    saved: tuple[SavedLine, ...]


class OneSaved(Answer):
    """A saved search with the figures found new and not read yet, latest first."""

    saved: SavedLine
    new: tuple[str, ...]


class ToSave(Answer):
    """A search to be saved; with `record`, what it found then counts as seen."""

    name: str
    url: str = Field(default="", description="Path and query, e.g. /search?q=folding+chair.")
    record: str = Field(default="", description="Id of a record of the search; its address may be left out.")


class RunAnswer(Answer):
    """What one run of a saved search found; `problem` says why it could not be asked."""

    id: str
    name: str
    new: tuple[str, ...] = Field(description="Found by this run and by none before, best first.")
    first: bool = Field(description="Whether it was the first run, in which nothing is new.")
    other_index: bool = False
    other_encoder: bool = False
    problem: str = ""


class RunsAnswer(Answer):
    """The runs of all saved searches."""

    runs: tuple[RunAnswer, ...]


class Read(Answer):
    """How many figures were unread before they were marked as read."""

    read: int


class Deleted(Answer):
    """What was deleted."""

    deleted: str


@router.get("/saved.json")
def saved_json(state: State) -> SavedAnswer:
    """All saved searches with how much is new."""
    return SavedAnswer(saved=tuple(_line(each) for each in kept.list_saved(state.records)))


@router.post("/saved.json", status_code=201, responses=GONE)
def save_json(given: ToSave, state: State) -> SavedLine:
    """Save a search under a name."""
    return _line(kept.get(state.records, _save(given, state)))


@router.post("/saved/run.json", responses=BUSY)
def run_all_json(request: Request, state: State) -> RunsAnswer:
    """Ask all saved searches again, as `ipatent watch --run` does; a failure does not stop the others."""
    return RunsAnswer(runs=_run(kept.list_saved(state.records), request, state))


@router.get("/saved/{saved_id}.json", responses=GONE)
def one_json(saved_id: str, state: State) -> OneSaved:
    """A saved search with what is new in it."""
    found = kept.get(state.records, saved_id)
    return OneSaved(saved=_line(found), new=kept.unread(state.records, found.id))


@router.post("/saved/{saved_id}/run.json", responses={**GONE, **BUSY})
def run_json(saved_id: str, request: Request, state: State) -> RunAnswer:
    """Ask one saved search again."""
    return _run((kept.get(state.records, saved_id),), request, state)[0]


@router.post("/saved/{saved_id}/read.json", responses=GONE)
def read_json(saved_id: str, state: State) -> Read:
    """Mark what is new as read."""
    return Read(read=kept.mark_read(state.records, saved_id))


@router.delete("/saved/{saved_id}.json", responses=GONE)
def delete_json(saved_id: str, state: State) -> Deleted:
    """Forget a saved search and what it has seen."""
    kept.delete_saved(state.records, saved_id)
    return Deleted(deleted=saved_id)


@router.get("/saved", response_class=HTMLResponse, include_in_schema=False)
def saved_page(state: State, templates: Rendering) -> HTMLResponse:
    """The list of saved searches."""
    return _list_page(state, templates, ())


@router.post("/saved", response_class=RedirectResponse, include_in_schema=False)
def save(name: Line, state: State, url: Address = "", record: Line = "") -> RedirectResponse:
    """Save a search, then to the list of them."""
    saved = _save(ToSave(name=name, url=url, record=record), state)
    return RedirectResponse(f"/saved#saved-{saved}", 303)


@router.post("/saved/run", response_class=HTMLResponse, include_in_schema=False)
def run_all(request: Request, state: State, templates: Rendering) -> HTMLResponse:
    """Ask them all again and tell what came of it."""
    return _list_page(state, templates, _run(kept.list_saved(state.records), request, state))


@router.get("/saved/{saved_id}", response_class=HTMLResponse, include_in_schema=False)
def one_page(saved_id: str, state: State, templates: Rendering) -> HTMLResponse:
    """A saved search with the figures that are new in it."""
    return _one_page(saved_id, state, templates, None)


@router.post("/saved/{saved_id}/run", response_class=HTMLResponse, include_in_schema=False)
def run(saved_id: str, request: Request, state: State, templates: Rendering) -> HTMLResponse:
    """Ask it again and show what is new."""
    ran = _run((kept.get(state.records, saved_id),), request, state)[0]
    return _one_page(saved_id, state, templates, ran)


@router.post("/saved/{saved_id}/read", response_class=RedirectResponse, include_in_schema=False)
def mark_read(saved_id: str, state: State) -> RedirectResponse:
    """Mark what is new as read, then to the list."""
    kept.mark_read(state.records, saved_id)
    return RedirectResponse("/saved", 303)


@router.get("/saved/{saved_id}/delete", response_class=HTMLResponse, include_in_schema=False)
def ask_to_delete(saved_id: str, state: State, templates: Rendering) -> HTMLResponse:
    """Whether it is really to be deleted."""
    found = kept.get(state.records, saved_id)
    return templates.page(
        "confirm.html",
        title=gettext("Delete this saved search?"),
        what=found.name,
        told=gettext("It will not be asked any more. Its records and collections stay."),
        action=f"/saved/{found.id}/delete",
        back="/saved",
    )


@router.post("/saved/{saved_id}/delete", response_class=RedirectResponse, include_in_schema=False)
def delete(saved_id: str, state: State) -> RedirectResponse:
    """Forget it, then to the list."""
    kept.delete_saved(state.records, saved_id)
    return RedirectResponse("/saved", 303)


def _save(given: ToSave, state: AppState) -> str:
    record = searches.get(state.records, given.record) if given.record else None
    url = given.url or (record.url if record else "")
    if not url.startswith("/search?"):
        raise QueryError(
            "This is not the address of a search.", "Give path and query: /search?q=folding+chair"
        )
    saved = kept.save(state.records, given.name, url)
    if record and record.url == url:
        kept.take_in(
            state.records, saved, Found(record.ranked, record.index, record.encoder or state.encoder.spec)
        )
    return saved


def _run(saved: tuple[SavedSearch, ...], request: Request, state: AppState) -> tuple[RunAnswer, ...]:
    with _running(state):
        return tuple(_run_one(each, request, state) for each in saved)


def _run_one(saved: SavedSearch, request: Request, state: AppState) -> RunAnswer:
    try:
        news = kept.take_in(state.records, saved.id, find_again(request.app, saved.url, state))
    except (QueryError, NotFound) as error:
        problem = " ".join(translate(each) for each in (error.message, error.advice) if each)
        return RunAnswer(id=saved.id, name=saved.name, new=(), first=False, problem=problem)
    return RunAnswer(
        id=saved.id,
        name=saved.name,
        new=tuple(hit.figure_id for hit in news.new),
        first=news.first,
        other_index=news.other_index,
        other_encoder=news.other_encoder,
    )


@contextmanager
def _running(state: AppState) -> Iterator[None]:
    if not state.watching.acquire(blocking=False):
        raise HTTPException(503, "The saved searches are being run already; look again in a minute")
    try:
        yield
    finally:
        state.watching.release()


def _line(saved: SavedSearch) -> SavedLine:
    return SavedLine(**asdict(saved))


def _list_page(state: AppState, templates: Rendering, runs: tuple[RunAnswer, ...]) -> HTMLResponse:
    saved = kept.list_saved(state.records)
    return templates.page(
        "saved.html",
        saved=saved,
        runs={each.id: each for each in runs},
        new=sum(len(each.new) for each in runs),
        thumbs={each.id: thumbs_of(each.url, state.index) for each in saved},
    )


def _one_page(saved_id: str, state: AppState, templates: Rendering, ran: RunAnswer | None) -> HTMLResponse:
    saved = kept.get(state.records, saved_id)
    look_up = look_up_in(state.index)
    listed = []
    for place, figure_id in enumerate(kept.unread(state.records, saved.id), 1):
        figure, patent = look_up(figure_id) or (None, None)
        listed.append(ListedFigure(figure_id, place, None, figure, patent))
    return templates.page(
        "saved_search.html",
        saved=saved,
        ran=ran,
        listed=listed,
        thumbs=thumbs_of(saved.url, state.index),
    )
