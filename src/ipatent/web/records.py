"""Search records: the list of searches, one search as it was answered, asked again, exported, deleted."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field

from ipatent.errors import NotFound, QueryError
from ipatent.exports import Listing, list_record, look_up_in
from ipatent.exports.listing import ListedFigure
from ipatent.index import Index
from ipatent.records import Change, Grade, SearchRecord, compare, judgements, searches
from ipatent.records.query_key import parameters_of
from ipatent.web.answers import Answer, Problem
from ipatent.web.asked import Asked, PictureAsked
from ipatent.web.exporting import FILES, ExportAnswer, send
from ipatent.web.formats import count
from ipatent.web.language import gettext, noted
from ipatent.web.marks import measured_for, said, way_back
from ipatent.web.picture_asked import PICTURE_NAMES
from ipatent.web.replay import record_again
from ipatent.web.state import AppState, Rendering, State

router = APIRouter(tags=["records"])

PAGE = 50
MOST_PER_PAGE = 500
SHOWN = 100
"""Hits shown of a record at first, and figures of each kind in a comparison."""

Text = Annotated[str, Query(alias="q", max_length=500, description="Words that the search must hold.")]
Offset = Annotated[int, Query(ge=0)]
Top = Annotated[int | None, Query(ge=1, description="Only the first figures; all where absent.")]

GONE: dict[int | str, dict[str, object]] = {404: {"model": Problem, "description": "No such record."}}


class RecordLine(Answer):
    """One recorded search in the list."""

    id: str
    time: datetime
    last_time: datetime
    count: int = Field(description="How often it was asked and answered alike within minutes.")
    url: str = Field(description="The search itself.")
    words: str
    pictures: int
    filters: tuple[tuple[str, str], ...]
    hits: int
    encoder: str = Field(description="Empty where none was used.")
    generation: int = Field(description="State of the index.")
    seconds: float
    user: str


class RecordsAnswer(Answer):
    """Recorded searches, newest first."""

    records: tuple[RecordLine, ...]
    total: int
    offset: int


class MovedAnswer(Answer):
    """A figure that both answers hold at different ranks, from 1."""

    figure_id: str
    old_rank: int
    new_rank: int


class ChangeAnswer(Answer):
    """How the answer of `newer` differs from that of `older`, and why."""

    older: str
    newer: str
    changed: bool
    reasons: tuple[str, ...]
    patents: int = Field(description="How many more patents the index holds; negative for fewer.")
    figures: int
    new: tuple[str, ...]
    gone: tuple[str, ...]
    moved: tuple[MovedAnswer, ...]
    sentence: str = Field(description="All of this in English, for a file.")


class Deleted(Answer):
    """What was deleted."""

    deleted: str


@dataclass(frozen=True, slots=True)
class Thumb:
    """A query picture in small: its picture, how it is described, and whether it is to be avoided."""

    url: str
    name: str
    against: bool


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A comparison as the page tells it."""

    change: Change
    reasons: tuple[str, ...]
    new: tuple[tuple[int, ListedFigure], ...]
    """With the new rank."""
    gone: tuple[tuple[int, ListedFigure], ...]
    """With the old rank."""
    moved: tuple[tuple[int, int, ListedFigure], ...]


@router.get("/records.json")
def records_json(
    state: State,
    text: Text = "",
    offset: Offset = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_PER_PAGE)] = PAGE,
) -> RecordsAnswer:
    """Recorded searches, newest first; with `q`, those whose words, filters or address hold all of it."""
    found = searches.list_records(state.records, text, offset, limit)
    return RecordsAnswer(
        records=tuple(RecordLine(**asdict(each)) for each in found.records), total=found.total, offset=offset
    )


@router.get("/records", response_class=HTMLResponse, include_in_schema=False)
def records_page(state: State, templates: Rendering, text: Text = "", offset: Offset = 0) -> HTMLResponse:
    """The list of searches."""
    found = searches.list_records(state.records, text, offset, PAGE)
    thumbs = {each.id: thumbs_of(each.url, state.index) for each in found.records}
    return templates.page(
        "records.html", found=found, thumbs=thumbs, text=text, step=PAGE, last=offset + len(found.records)
    )


@router.get(
    "/records/{record_id}.json",
    response_class=Response,
    responses={**GONE, 200: {"model": ExportAnswer}, 304: {"description": "It is as it was."}},
)
def record_json(record_id: str, request: Request, state: State, top: Top = None) -> Response:
    """Everything about a search, with the hashes that prove it unaltered (schema `ipatent/export`)."""
    return send(request, listing_of(record_id, state, top), "json", state)


@router.get(
    "/records/{record_id}.{suffix}", response_class=Response, responses={**GONE, **FILES}, name="record_file"
)
def record_file(
    record_id: str,
    suffix: Literal["pdf", "csv", "ris", "bib", "run", "qrels"],
    request: Request,
    state: State,
    top: Top = None,
) -> Response:
    """A search as PDF report, CSV, RIS, BibTeX, or in the formats of TREC: run, and qrels as judged."""
    return send(request, listing_of(record_id, state, top), suffix, state)


@router.get("/records/{record_id}/change.json", responses=GONE)
def change_json(record_id: str, state: State, to: Annotated[str, Query(max_length=100)]) -> ChangeAnswer:
    """What became of an answer in that of a newer record, and why."""
    return _answer_change(
        record_id, to, compare(searches.get(state.records, record_id), searches.get(state.records, to))
    )


@router.post("/records/{record_id}/replay.json", responses=GONE)
def replay_json(record_id: str, request: Request, state: State) -> ChangeAnswer:
    """Ask a recorded search again; the answer is recorded, too, and compared with the old one."""
    old = searches.get(state.records, record_id)
    newer = record_again(request.app, old.url)
    return _answer_change(record_id, newer, compare(old, searches.get(state.records, newer)))


@router.post("/records/{record_id}/replay", response_class=RedirectResponse, include_in_schema=False)
def replay(record_id: str, request: Request, state: State) -> RedirectResponse:
    """Ask it again, then to the page that compares the answers."""
    newer = record_again(request.app, searches.get(state.records, record_id).url)
    return RedirectResponse(f"/records/{record_id}?with={newer}", 303)


@router.delete("/records/{record_id}.json", responses=GONE)
def delete_json(record_id: str, state: State) -> Deleted:
    """Forget a record; collections keep the figures that they have from it."""
    searches.delete_record(state.records, record_id)
    return Deleted(deleted=record_id)


@router.get("/records/{record_id}/delete", response_class=HTMLResponse, include_in_schema=False)
def ask_to_delete(record_id: str, state: State, templates: Rendering) -> HTMLResponse:
    """Whether the record is really to be deleted."""
    record = searches.get(state.records, record_id)
    return templates.page(
        "confirm.html",
        title=gettext("Delete this search record?"),
        what=record.words or record.title,
        told=gettext("The proof of this search will be gone. Collections keep the figures found in it."),
        action=f"/records/{record_id}/delete",
        back=f"/records/{record_id}",
    )


@router.post("/records/{record_id}/delete", response_class=RedirectResponse, include_in_schema=False)
def delete(
    record_id: str, state: State, back: Annotated[str, Form(max_length=2000)] = "/records"
) -> RedirectResponse:
    """Forget it, then back to the list."""
    searches.delete_record(state.records, record_id)
    return RedirectResponse(way_back(back), 303)


@router.get("/records/{record_id}", response_class=HTMLResponse, include_in_schema=False)
def record_page(
    record_id: str,
    state: State,
    templates: Rendering,
    newer: Annotated[str, Query(alias="with", max_length=100)] = "",
    top: Annotated[int, Query(ge=1)] = SHOWN,
) -> HTMLResponse:
    """A search as it was asked and answered; `with` compares it with a newer one."""
    listing = listing_of(record_id, state, top)
    record = listing.record
    assert record
    changed: ShownChange | None = None
    other: SearchRecord | None = None
    if newer:
        other = searches.get(state.records, newer)
        changed = _shown_change(record, other, state.index)
    return templates.page(
        "record.html",
        record=record,
        listing=listing,
        thumbs=thumbs_of(record.url, state.index),
        measured=said(measured_for(record.parameters, state, record.id)) if listing.judgements else "",
        changed=changed,
        other=other,
        grades=GRADES,
    )


GRADES: dict[Grade, str] = {
    Grade.RELEVANT: noted("relevant"),
    Grade.PARTLY: noted("partly relevant"),
    Grade.NOT: noted("not relevant"),
}


def listing_of(record_id: str, state: AppState, top: int | None = None) -> Listing:
    """The record with what the index knows of its figures and with the judgements of its query."""
    record = searches.get(state.records, record_id)
    judged = judgements.judgements_of(state.records, record.query_key)
    return list_record(record, look_up_in(state.index), judged, top=top)


def thumbs_of(url: str, index: Index) -> tuple[Thumb, ...]:
    """The query pictures of a recorded address, as they were searched with."""
    made = []
    for name, value in parameters_of(url):
        if name not in PICTURE_NAMES:
            continue
        try:
            picture = PictureAsked.parse(name, value)
        except QueryError:
            continue  # an address of another version
        address = Asked(pictures=(picture,)).url("/preview")
        if picture.is_figure and picture.is_whole:
            try:
                address = f"/thumbnails/{index.figure(picture.name).thumbnail}"
            except NotFound:
                address = f"/thumbnails/{picture.name}"  # a placeholder in its place
        said_of = picture.name if picture.is_figure else gettext("a picture")
        made.append(Thumb(address, said_of, picture.against))
    return tuple(made)


def _answer_change(older: str, newer: str, change: Change) -> ChangeAnswer:
    return ChangeAnswer(
        older=older,
        newer=newer,
        changed=change.changed,
        reasons=change.reasons,
        patents=change.patents,
        figures=change.figures,
        new=change.new,
        gone=change.gone,
        moved=tuple(MovedAnswer(**asdict(each)) for each in change.moved),
        sentence=change.sentence,
    )


def _shown_change(old: SearchRecord, new: SearchRecord, index: Index) -> ShownChange:
    change, look_up = compare(old, new), look_up_in(index)
    old_ranks = {hit.figure_id: rank for rank, hit in enumerate(old.ranked, 1)}
    new_ranks = {hit.figure_id: rank for rank, hit in enumerate(new.ranked, 1)}

    def listed(figure_id: str, rank: int) -> ListedFigure:
        figure, patent = look_up(figure_id) or (None, None)
        return ListedFigure(figure_id, rank, None, figure, patent)

    return ShownChange(
        change,
        _reasons(change, old, new),
        tuple((new_ranks[each], listed(each, new_ranks[each])) for each in change.new[:SHOWN]),
        tuple((old_ranks[each], listed(each, old_ranks[each])) for each in change.gone[:SHOWN]),
        tuple(
            (each.old_rank, each.new_rank, listed(each.figure_id, each.new_rank))
            for each in change.moved[:SHOWN]
        ),
    )


_CAUSES = {
    "other query": noted("The two searches do not ask for quite the same."),
    "other index": noted("Another index was searched."),
    "index changed": noted("Patents in the index were replaced."),
    "not known": noted("Index and encoder are as they were, so the program or its settings differ."),
}


def _reasons(change: Change, old: SearchRecord, new: SearchRecord) -> tuple[str, ...]:
    told = []
    counts = {
        "old": count(old.index.patents),
        "new": count(new.index.patents),
        "before": count(old.index.figures),
        "now": count(new.index.figures),
    }
    for reason in change.reasons:
        if reason == "index grew":
            said_of = gettext(
                "The index grew from %(old)s to %(new)s patents, %(before)s to %(now)s figures."
            )
            told.append(said_of % counts)
        elif reason == "index shrank":
            said_of = gettext(
                "The index shrank from %(old)s to %(new)s patents, %(before)s to %(now)s figures."
            )
            told.append(said_of % counts)
        elif reason == "encoder":
            names = {"old": _encoder(old), "new": _encoder(new)}
            told.append(gettext("The encoder changed from %(old)s to %(new)s.") % names)
        else:
            told.append(gettext(_CAUSES[reason]))
    return tuple(told) or (gettext("Index and encoder are as they were."),)


def _encoder(record: SearchRecord) -> str:
    spec = record.encoder
    return f"{spec.name} ({spec.weights[:12]})" if spec else gettext("none")
