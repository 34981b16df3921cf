"""The record of an answered search: made from what was asked and answered, and kept."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import datetime

from fastapi import Request

from ipatent import __version__
from ipatent.errors import RecordsProblem
from ipatent.records import IndexState, QueryImage, RankedFigure, SearchRecord, searches
from ipatent.records.writing import now
from ipatent.stages import stage
from ipatent.web.asked import Asked, PictureAsked
from ipatent.web.facet_links import chips
from ipatent.web.grouping_asked import USUAL
from ipatent.web.language import ENGLISH, speaking
from ipatent.web.map_asked import USUAL_MAP
from ipatent.web.results import SearchAnswer
from ipatent.web.state import AppState

REPLACES = "X-Replaces-Record"
"""Header by which a page names the record that it made a moment ago and that this search takes the place of.

A header, not a parameter: no link of another site can make a browser send it.
"""
_UNRECORDED = "unrecorded"


@dataclass(frozen=True, slots=True)
class Recorded:
    """Whether a search was recorded: the record's id, or why there is none."""

    id: str = ""
    time: datetime | None = None
    problem: str = ""
    """Why a search that should have been recorded is not; empty where it was, or need not be."""


NOT_RECORDED = Recorded()


def recording(
    request: Request, asked: Asked, answer: SearchAnswer, state: AppState
) -> Callable[[], Recorded]:
    """Begin to keep the record of a search, as `record_search` does; call what is returned for the outcome.

    The disk takes its time, in which the page can be put together; but what a page says of its record
    is said only once that is kept.
    """
    outcome: Future[Recorded] = Future()
    context = copy_context()

    def keep() -> None:
        try:
            outcome.set_result(context.run(record_search, request, asked, answer, state))
        except BaseException as error:  # whoever waits gets it
            outcome.set_exception(error)

    threading.Thread(target=keep, name="recording").start()
    return outcome.result


def record_search(request: Request, asked: Asked, answer: SearchAnswer, state: AppState) -> Recorded:
    """Keep the record of a search with its first hits; later pages of it are not recorded again.

    A search is answered even when it cannot be recorded (a full disk, a locked database); the
    problem is told beside the answer then. Browsing the whole index asks for nothing and is not recorded.
    """
    if asked.offset or asked.browses_all or getattr(request.state, _UNRECORDED, False):
        return NOT_RECORDED
    try:
        with stage("record"):
            record = record_of(asked, answer, state)
            kept = searches.store(state.records, record, replaces=request.headers.get(REPLACES, ""))
    except RecordsProblem as problem:
        return Recorded(problem=problem.message)
    return Recorded(kept, record.time)


def unrecorded() -> dict[str, object]:
    """The state of an ASGI scope whose search is not to be recorded; no request can say so from outside."""
    return {_UNRECORDED: True}


def record_of(asked: Asked, answer: SearchAnswer, state: AppState) -> SearchRecord:
    """What was asked and answered, not yet stored.

    The address says what is looked for and leaves out how it is laid out: another layout of the same
    answer is the same search.
    """
    asked = replace(
        asked, show="grid", tiles="medium", reasons=False, offset=0, grouping=USUAL, map=USUAL_MAP
    )
    with speaking(ENGLISH):  # for the file of a case, whoever asked
        filters = [
            (chip.title, f"not {chip.text}" if chip.is_not else chip.text)
            for chip in chips(asked, answer.facets)
        ]
    if asked.less:
        filters.append(("Less like", asked.less))
    if len(asked.wanted) > 1 and asked.combine == "all":
        filters.append(("Pictures", "all must match"))
    return SearchRecord(
        time=now(),
        url=asked.url(),
        parameters=asked.parameters,
        index=IndexState(answer.index, answer.generation, state.index.status().patents, answer.searched),
        encoder=state.encoder.spec if asked.is_ranked else None,
        ranked=tuple(RankedFigure(hit.figure.id, hit.score) for hit in answer.hits[: answer.k]),
        seconds=answer.seconds,
        words=asked.q,
        pictures=tuple(query_image(picture) for picture in asked.pictures),
        filters=tuple(filters),
        program=__version__,
    )


def query_image(picture: PictureAsked) -> QueryImage:
    """A picture of the address as a record names it."""
    return QueryImage(
        sha256="" if picture.is_figure else picture.name,
        figure_id=picture.name if picture.is_figure else "",
        box=picture.box,
        turn=picture.turn,
        mirrored=picture.mirror,
        negative=picture.against,
    )
