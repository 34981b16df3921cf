"""Collections on the web: made, filled from anywhere, annotated, put in order, searched with, exported."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Body, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field

from ipatent.errors import NotFound, QueryError
from ipatent.exports import list_collection, look_up_in
from ipatent.query import MOST_EXAMPLES
from ipatent.records import collections as kept
from ipatent.records.collections import Collection
from ipatent.web.answers import Answer, Problem, figure_url
from ipatent.web.asked import Asked, PictureAsked
from ipatent.web.exporting import FILES, ExportAnswer, send
from ipatent.web.figure import find_figure
from ipatent.web.language import gettext
from ipatent.web.marks import CURRENT, current_collection, way_back
from ipatent.web.state import AppState, Rendering, State

router = APIRouter(tags=["collections"])

_KEPT_SECONDS = 31_536_000

GONE: dict[int | str, dict[str, object]] = {
    400: {"model": Problem, "description": "A name or note is empty, too long, or taken."},
    404: {"model": Problem, "description": "No such collection, or figure in it."},
}

Line = Annotated[str, Form(max_length=2000)]
Long = Annotated[str, Form(max_length=100_000)]


class CollectionLine(Answer):
    """A collection in the list."""

    id: str
    name: str
    description: str
    created: datetime
    changed: datetime
    figures: int
    user: str


class CollectionsAnswer(Answer):
    """All collections, last changed first."""

    collections: tuple[CollectionLine, ...]
    current: str = Field(description="Id of the one that this browser collects into, or empty.")


class CollectionText(Answer):
    """The name and description of a collection; what is null stays as it is."""

    name: str | None = None
    description: str | None = None


class NewItem(Answer):
    """A figure to be collected."""

    figure: str = Field(description="Its id, e.g. USD744296S1/2/1.")
    note: str = ""
    record: str = Field(default="", description="Id of the search record it was found in.")
    rank: int | None = Field(default=None, ge=1, description="Its rank there.")


class ChangedItem(Answer):
    """What changes of a collected figure; what is null stays as it is."""

    figure: str
    note: str | None = None
    place: int | None = Field(default=None, ge=1, description="Its new place, from 1.")


class Order(Answer):
    """The figures that come first, in this order; the others follow as they stood."""

    figures: list[str] = Field(max_length=10_000)


class Collect(Answer):
    """A figure to be put into a collection, or to be taken out of it."""

    figure: str
    into: str = Field(default="", description="Id of the collection; empty for the current one.")
    name: str = Field(default="", description="Name of a new collection to be made for it.")
    out: bool = Field(default=False, description="Take it out instead.")
    record: str = ""
    rank: int | None = Field(default=None, ge=1)


class Collected(Answer):
    """Where the figure now is, or is not."""

    figure: str
    is_in: bool
    changed: bool = Field(description="False where it was so already.")
    collection: CollectionLine


class Deleted(Answer):
    """What was deleted."""

    deleted: str


@router.get("/collections.json")
def collections_json(
    request: Request,
    state: State,
    figure: Annotated[str, Query(max_length=2000, description="Only those that hold this figure.")] = "",
) -> CollectionsAnswer:
    """All collections, last changed first."""
    current = current_collection(request, state)
    return CollectionsAnswer(
        collections=tuple(
            CollectionLine(**asdict(each)) for each in kept.list_collections(state.records, figure)
        ),
        current=current.id if current else "",
    )


@router.post("/collections.json", status_code=201, responses=GONE)
def create_json(given: CollectionText, state: State) -> CollectionLine:
    """Make an empty collection."""
    made = kept.create(state.records, given.name or "", given.description or "")
    return _line(made, state)


@router.post("/collections/collect.json", responses=GONE)
def collect_json(given: Collect, request: Request, response: Response, state: State) -> Collected:
    """Put a figure into the current collection, another one or a new one, which then is the current one."""
    into = _target(given, request, state)
    is_in, changed = _collect(given, into, state)
    _make_current(response, into)
    return Collected(figure=given.figure, is_in=is_in, changed=changed, collection=_line(into, state))


@router.get(
    "/collections/{collection_id}.json",
    response_class=Response,
    responses={**GONE, 200: {"model": ExportAnswer}, 304: {"description": "It is as it was."}},
)
def collection_json(collection_id: str, request: Request, state: State) -> Response:
    """A collection with its figures and notes, and hashes that prove it unaltered."""
    return _file(collection_id, "json", request, state)


@router.patch("/collections/{collection_id}.json", responses=GONE)
def change_json(collection_id: str, given: CollectionText, state: State) -> CollectionLine:
    """Give a collection another name or description."""
    _edit(collection_id, given, state)
    return _line(collection_id, state)


@router.delete("/collections/{collection_id}.json", responses=GONE)
def delete_json(collection_id: str, state: State) -> Deleted:
    """Forget a collection with its notes."""
    kept.delete_collection(state.records, collection_id)
    return Deleted(deleted=collection_id)


@router.post("/collections/{collection_id}/figures.json", responses=GONE)
def add_json(collection_id: str, given: NewItem, state: State) -> Collected:
    """Put a figure at the end of a collection; nothing changes where it is in already."""
    collect = Collect(figure=given.figure, into=collection_id, record=given.record, rank=given.rank)
    is_in, changed = _collect(collect, collection_id, state, given.note)
    return Collected(
        figure=given.figure, is_in=is_in, changed=changed, collection=_line(collection_id, state)
    )


@router.patch("/collections/{collection_id}/figures.json", responses=GONE)
def change_item_json(collection_id: str, given: ChangedItem, state: State) -> CollectionLine:
    """Write the note of a collected figure, or put it at another place."""
    if given.note is not None:
        kept.annotate(state.records, collection_id, given.figure, given.note)
    if given.place is not None:
        kept.move(state.records, collection_id, given.figure, given.place)
    return _line(collection_id, state)


@router.delete("/collections/{collection_id}/figures.json", responses=GONE)
def remove_json(
    collection_id: str, figure: Annotated[str, Query(max_length=2000)], state: State
) -> CollectionLine:
    """Take a figure out of a collection."""
    kept.remove(state.records, collection_id, figure)
    return _line(collection_id, state)


@router.put("/collections/{collection_id}/order.json", responses=GONE)
def order_json(collection_id: str, given: Annotated[Order, Body()], state: State) -> CollectionLine:
    """Put the figures of a collection into another order."""
    kept.reorder(state.records, collection_id, given.figures)
    return _line(collection_id, state)


@router.get("/collections", response_class=HTMLResponse, include_in_schema=False)
def collections_page(request: Request, state: State, templates: Rendering) -> HTMLResponse:
    """The list of collections, with a form for another one."""
    return templates.page(
        "collections.html",
        collections=kept.list_collections(state.records),
        current=current_collection(request, state),
    )


@router.post("/collections", response_class=RedirectResponse, include_in_schema=False)
def create(name: Line, state: State, description: Long = "") -> RedirectResponse:
    """Make a collection, from now on the current one, and go to it."""
    made = kept.create(state.records, name, description)
    return _to(f"/collections/{made}", made)


@router.get("/collections/collect", response_class=HTMLResponse, include_in_schema=False)
def choose(
    request: Request,
    state: State,
    templates: Rendering,
    figure: Annotated[str, Query(max_length=2000)],
    rank: int = 0,
    record: Annotated[str, Query(max_length=100)] = "",
    back: Annotated[str, Query(max_length=20_000)] = "/",
) -> HTMLResponse:
    """Which collection a figure is to be put into, where none is current."""
    find_figure(figure, state)
    return templates.page(
        "collect.html",
        collections=kept.list_collections(state.records),
        current=current_collection(request, state),
        given=f"{rank} {figure}",
        figure=figure,
        figure_page=figure_url(figure),
        record=record,
        back=way_back(back),
    )


@router.post("/collections/collect", response_class=RedirectResponse, include_in_schema=False)
def collect(
    request: Request,
    state: State,
    put: Annotated[str, Form(alias="collect", max_length=2000)] = "",
    take: Annotated[str, Form(alias="uncollect", max_length=2000)] = "",
    into: Line = "",
    name: Line = "",
    record: Line = "",
    back: Annotated[str, Form(max_length=20_000)] = "/",
) -> RedirectResponse:
    """Collect the figure that a button names as RANK and ID, then back to its place on the page."""
    rank, figure = read_place(put or take)
    given = Collect(figure=figure, into=into, name=name, out=bool(take), record=record, rank=rank or None)
    back = way_back(back)
    if not (into or name.strip() or current_collection(request, state)):
        choice = {"figure": figure, "rank": rank, "record": record, "back": back}
        return RedirectResponse(f"/collections/collect?{urlencode(choice)}", 303)
    chosen = _target(given, request, state)
    _collect(given, chosen, state)
    return _to(f"{back}#hit-{rank}" if rank else back, chosen)


@router.post("/collections/current", response_class=RedirectResponse, include_in_schema=False)
def make_current(
    state: State, collection: Line = "", back: Annotated[str, Form(max_length=20_000)] = "/collections"
) -> RedirectResponse:
    """From now on this browser collects into another collection, or into none."""
    chosen = kept.get(state.records, collection).id if collection else ""
    return _to(way_back(back), chosen)


@router.get(
    "/collections/{collection_id}.{suffix}",
    response_class=Response,
    responses={**GONE, **FILES},
    name="collection_file",
)
def collection_file(
    collection_id: str, suffix: Literal["pdf", "csv", "ris", "bib"], request: Request, state: State
) -> Response:
    """A collection as PDF report, CSV, RIS or BibTeX."""
    return _file(collection_id, suffix, request, state)


@router.get("/collections/{collection_id}/delete", response_class=HTMLResponse, include_in_schema=False)
def ask_to_delete(collection_id: str, state: State, templates: Rendering) -> HTMLResponse:
    """Whether the collection is really to be deleted."""
    found = kept.get(state.records, collection_id)
    return templates.page(
        "confirm.html",
        title=gettext("Delete this collection?"),
        what=found.name,
        told=gettext("Its order and its notes will be gone; the figures stay in the index."),
        action=f"/collections/{found.id}/delete",
        back=f"/collections/{found.id}",
    )


@router.post("/collections/{collection_id}/delete", response_class=RedirectResponse, include_in_schema=False)
def delete(collection_id: str, state: State) -> RedirectResponse:
    """Forget it, then back to the list."""
    kept.delete_collection(state.records, collection_id)
    return RedirectResponse("/collections", 303)


@router.post("/collections/{collection_id}/edit", response_class=RedirectResponse, include_in_schema=False)
def edit(collection_id: str, name: Line, state: State, description: Long = "") -> RedirectResponse:
    """Write its name and description."""
    _edit(collection_id, CollectionText(name=name, description=description), state)
    return RedirectResponse(f"/collections/{collection_id}", 303)


@router.post("/collections/{collection_id}/figures", response_class=RedirectResponse, include_in_schema=False)
def change_item(
    collection_id: str,
    figure: Line,
    state: State,
    act: Annotated[Literal["note", "up", "down", "remove"], Form()] = "note",
    note: Long = "",
) -> RedirectResponse:
    """Write a figure's note, move it by one place, or take it out; then back to its place."""
    found = kept.get(state.records, collection_id)
    ids = [item.figure_id for item in found.items]
    place = ids.index(figure) + 1 if figure in ids else 0
    if act == "note":
        kept.annotate(state.records, found.id, figure, note)
    elif act == "remove":
        kept.remove(state.records, found.id, figure)
        place = min(place, len(ids) - 1)
    else:
        place = max(1, min(place + (1 if act == "down" else -1), len(ids)))
        kept.move(state.records, found.id, figure, place)
    return RedirectResponse(f"/collections/{found.id}#item-{place}", 303)


@router.get("/collections/{collection_id}", response_class=HTMLResponse, include_in_schema=False)
def collection_page(collection_id: str, request: Request, state: State, templates: Rendering) -> HTMLResponse:
    """The figures of a collection in their order, with their notes."""
    found = kept.get(state.records, collection_id)
    current = current_collection(request, state)
    listing = list_collection(found, look_up_in(state.index))
    return templates.page(
        "collection.html",
        collection=found,
        listing=listing,
        is_current=current is not None and current.id == found.id,
        search_url=search_url(found, state),
        most=MOST_EXAMPLES,
    )


def search_url(collection: Collection, state: AppState) -> str:
    """A search with the first figures of a collection as examples; empty where the index holds none."""
    examples: list[PictureAsked] = []
    for item in collection.items:
        if len(examples) == MOST_EXAMPLES:
            break
        try:
            examples.append(PictureAsked(state.index.figure(item.figure_id).id, is_figure=True))
        except NotFound:
            continue
    return Asked(pictures=tuple(examples)).url() if examples else ""


def read_place(given: str) -> tuple[int, str]:
    """The rank (0 where unknown) and the figure's id of a button's value `RANK ID`."""
    rank, _, figure = given.partition(" ")
    if not rank.isdigit() or len(rank) > 9 or not figure:
        raise QueryError("No figure was named.", "Go back and press the button again.")
    return int(rank), figure


def _target(given: Collect, request: Request, state: AppState) -> str:
    if given.name.strip():
        return kept.create(state.records, given.name)
    if given.into:
        return kept.get(state.records, given.into).id
    current = current_collection(request, state)
    if current is None:
        raise QueryError(
            "No collection is chosen to collect into.", "Name one, or the name of a new one, and try again."
        )
    return current.id


def _collect(given: Collect, into: str, state: AppState, note: str = "") -> tuple[bool, bool]:
    """Whether the figure is in now, and whether that changed."""
    if given.out:
        kept.remove(state.records, into, given.figure)
        return False, True
    find_figure(given.figure, state)
    return True, kept.add(state.records, into, given.figure, note, given.record, given.rank)


def collect_several(
    figures: Sequence[tuple[int, str]],
    back: str,
    request: Request,
    state: AppState,
    into: str = "",
    name: str = "",
    record: str = "",
) -> RedirectResponse:
    """Collect figures, given by rank (0 where unknown) and id, then back to the page they stand on.

    Raises QueryError where no collection is named and none is current, NotFound for an unknown one.
    """
    for _, figure in figures:
        find_figure(figure, state)
    chosen = _target(Collect(figure="", into=into, name=name), request, state)
    kept.add_all(state.records, chosen, [(figure, rank or None) for rank, figure in figures], record=record)
    return _to(way_back(back), chosen)


def _edit(collection_id: str, given: CollectionText, state: AppState) -> None:
    if given.name is not None:
        kept.rename(state.records, collection_id, given.name)
    if given.description is not None:
        kept.describe(state.records, collection_id, given.description)


def _line(collection_id: str, state: AppState) -> CollectionLine:
    found = kept.get(state.records, collection_id)
    return CollectionLine(
        id=found.id,
        name=found.name,
        description=found.description,
        created=found.created,
        changed=found.changed,
        figures=len(found.items),
        user=found.user,
    )


def _file(collection_id: str, suffix: str, request: Request, state: AppState) -> Response:
    found = kept.get(state.records, collection_id)
    return send(request, list_collection(found, look_up_in(state.index)), suffix, state)


def _to(address: str, current: str) -> RedirectResponse:
    response = RedirectResponse(address, 303)
    _make_current(response, current)
    return response


def _make_current(response: Response, collection_id: str) -> None:
    if collection_id:
        response.set_cookie(
            CURRENT, collection_id, max_age=_KEPT_SECONDS, samesite="lax", httponly=True, path="/"
        )
    else:
        response.delete_cookie(CURRENT, path="/")
