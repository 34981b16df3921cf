"""Search records and collections sent as files: PDF, JSON, CSV, RIS, BibTeX, TREC."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response
from pydantic import ConfigDict, Field
from starlette.exceptions import HTTPException

from ipatent import __version__, exports
from ipatent.exports import Listing
from ipatent.exports.sight import sight_of
from ipatent.exports.speech import Speech
from ipatent.records.search_record import digest
from ipatent.web.answers import Answer
from ipatent.web.formats import count, decimal
from ipatent.web.language import gettext, ngettext, spoken
from ipatent.web.state import AppState

PATIENCE_SECONDS = 60.0
"""How long a request waits for the reports asked for before it."""
_LONGEST_NAME = 60


class ExportAnswer(Answer):
    """A JSON export, schema `ipatent/export` version 1; `ipatent verify` checks its hashes."""

    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True)

    document_schema: str = Field(alias="schema")
    version: int
    kind: Literal["search", "collection"]
    program: str
    exported: str
    record: dict[str, Any] | None = Field(default=None, description="Of a search: what the hash is of.")
    collection: dict[str, Any] | None = Field(default=None, description="Of a collection: the same.")
    subject_sha256: str = Field(description="The hash that stands on each page of the PDF.")
    figures: list[dict[str, Any]]
    sha256: str


@dataclass(frozen=True, slots=True)
class Format:
    """A format to write a listing in; the writer gets what it needs for a PDF, too."""

    media_type: str
    write: Callable[[Listing, AppState], bytes]


def _pdf(listing: Listing, state: AppState) -> bytes:
    with _printing(state):
        sight = sight_of(state.index, state.objects, state.uploads)
        speech = Speech(gettext, ngettext, count, decimal)
        return exports.to_pdf(listing, sight, state.settings.report_font, speech=speech)


def _run(listing: Listing, _: AppState) -> bytes:
    if listing.record is None:
        raise HTTPException(404)
    return exports.to_run(listing.record).encode("utf-8", "replace")


def _qrels(listing: Listing, _: AppState) -> bytes:
    if listing.record is None:
        raise HTTPException(404)
    return exports.to_qrels({listing.record.query_key: listing.judgements or {}}).encode("utf-8", "replace")


FORMATS: dict[str, Format] = {
    "pdf": Format("application/pdf", _pdf),
    "json": Format("application/json", lambda listing, _: exports.to_json(listing).encode()),
    "csv": Format("text/csv; charset=utf-8", lambda listing, _: exports.to_csv(listing)),
    "ris": Format(
        "application/x-research-info-systems",
        lambda listing, _: exports.to_ris(listing).encode("utf-8", "replace"),
    ),
    "bib": Format(
        "application/x-bibtex; charset=utf-8",
        lambda listing, _: exports.to_bibtex(listing).encode("utf-8", "replace"),
    ),
    "run": Format("text/plain; charset=utf-8", _run),
    "qrels": Format("text/plain; charset=utf-8", _qrels),
}

FILES: dict[int | str, dict[str, object]] = {
    200: {
        "description": "The file.",
        "content": {kind.media_type.partition(";")[0]: {} for kind in FORMATS.values()},
    },
    304: {"description": "It is as it was when it was fetched last."},
    503: {"description": "Too many reports are being made."},
}


def send(request: Request, listing: Listing, suffix: str, state: AppState) -> Response:
    """The listing as a file of the format `suffix`; 304 where the browser has it already.

    Every fact in the file goes into its tag, but not the time at which it was made.
    """
    form = FORMATS[suffix]
    facts = [
        listing.sha256,
        suffix,
        spoken().code if suffix == "pdf" else "",
        __version__,
        state.index.status().generation,
        len(listing.figures),
        [(figure.figure_id, figure.note, figure.grade) for figure in listing.figures],
        sorted((listing.judgements or {}).items()),
        listing.record.count if listing.record else 0,
    ]
    tag = f'W/"{digest(facts)[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    content = form.write(listing, state)
    # JSON is also the page's twin and is read in place.
    headers["Content-Disposition"] = disposition(
        f"{listing.kind}-{listing.title}", f"{listing.id}.{suffix}", inline=suffix == "json"
    )
    return Response(content, media_type=form.media_type, headers=headers)


def disposition(name: str, end: str, inline: bool = False) -> str:
    """The header that names a download: letters of any script for today's browsers, ASCII for others."""
    words = re.sub(r"[\W_]+", "-", name).strip("-")[:_LONGEST_NAME].rstrip("-")
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    plain = re.sub(r"-{2,}", "-", plain).strip("-") or "export"
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}-{end}\"; filename*=UTF-8''{quote(f'{words}-{end}')}"


@contextmanager
def _printing(state: AppState) -> Iterator[None]:
    """One report is made at a time, and only a few wait for it; raises HTTPException for more."""
    if not state.print_queue.acquire(blocking=False):
        raise _busy()
    try:
        if not state.printing.acquire(timeout=PATIENCE_SECONDS):
            raise _busy()
        try:
            yield
        finally:
            state.printing.release()
    finally:
        state.print_queue.release()


def _busy() -> HTTPException:
    return HTTPException(
        503, "Too many reports are being made at this moment; try again in a minute", {"Retry-After": "60"}
    )
