"""JSON exports: everything about a search or a collection, with hashes that tell whether it was altered."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from ipatent import __version__
from ipatent.errors import SourceError
from ipatent.exports.listing import GRADES, ListedFigure, Listing
from ipatent.records.measures import measures
from ipatent.records.search_record import digest
from ipatent.records.writing import now, time_text

SCHEMA = "ipatent/export"
VERSION = 1
"""Version of the schema; it grows when a name changes its meaning or goes."""

_SUBJECTS = {"search": "record", "collection": "collection"}


@dataclass(frozen=True, slots=True)
class Verification:
    """What checking a JSON export showed. `sha256` is the hash that a PDF of the same carries."""

    genuine: bool
    kind: str
    id: str
    sha256: str
    trouble: str = ""
    """What does not agree; empty where all does."""


def to_json(listing: Listing, at: datetime | None = None) -> str:
    """The whole export as JSON, schema `ipatent/export` version 1.

    `record` or `collection` is what the hash `subject_sha256` is taken over, the one that stands on
    every page of the PDF; `sha256` is taken over the whole document but itself. Both are sha256 of
    JSON with sorted names, no blanks, and all but ASCII escaped.
    """
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "version": VERSION,
        "kind": listing.kind,
        "program": f"ipatent {__version__}",
        "exported": time_text(at or now()),
        _SUBJECTS[listing.kind]: listing.data,
        "subject_sha256": listing.sha256,
        "figures": [_figure(figure) for figure in listing.figures],
    }
    if listing.record:
        judged = listing.judgements or {}
        record = listing.record
        document["asked"] = {
            "count": record.count,
            "last_time": time_text(record.last_time or record.time),
        }
        document["judgements"] = {figure: int(grade) for figure, grade in judged.items()}
        document["measures"] = asdict(measures(record, judged))
    document["sha256"] = digest(document)
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def verify(text: str) -> bool:
    """Whether a JSON export is as it was written. Raises SourceError when it is none."""
    return check(text).genuine


def check(text: str) -> Verification:
    """Whether a JSON export is as it was written, and what it is.

    Who alters a file on purpose can also compute its hashes anew: the proof is that the hash
    agrees with the one on the signed paper. Raises SourceError when `text` is no export of a known version.
    """
    try:
        document = json.loads(text, object_pairs_hook=_once, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"This is not a JSON export: {error}.", "Give the .json file of an export."
        ) from None
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise SourceError("This JSON is not an export of ipatent.", "Give the .json file of an export.")
    kind = document.get("kind")
    if document.get("version") != VERSION or kind not in _SUBJECTS:
        raise SourceError(
            f"This export has version {document.get('version')!r}; this program knows {VERSION}.",
            "Verify it with the version of ipatent that is named in it.",
        )
    subject = document.get(_SUBJECTS[kind])
    rest = {name: value for name, value in document.items() if name != "sha256"}
    trouble = ""
    if digest(subject) != document.get("subject_sha256"):
        trouble = f"The {_SUBJECTS[kind]} does not agree with its hash."
    elif digest(rest) != document.get("sha256"):
        trouble = f"What stands beside the {_SUBJECTS[kind]} does not agree with the document's hash."
    name = str(subject.get("id", "")) if isinstance(subject, dict) else ""
    return Verification(not trouble, kind, name, digest(subject), trouble)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names stand once each: of two, readers would see different ones."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _figure(listed: ListedFigure) -> dict[str, Any]:
    figure, patent = listed.figure, listed.patent
    known: dict[str, Any] = {
        "rank": listed.rank,
        "score": None if listed.score is None else round(listed.score, 6),
        "figure": listed.figure_id,
        "in_index": figure is not None,
        "grade": None if listed.grade is None else int(listed.grade),
        "judgement": "" if listed.grade is None else GRADES[listed.grade],
        "note": listed.note,
        "found": listed.found,
    }
    if figure:
        known |= {
            "sheet": figure.sheet,
            "label": figure.display_label,
            "caption": figure.caption,
            "view": figure.view,
            "image_sha256": figure.image,
            "thumbnail_sha256": figure.thumbnail,
        }
    if patent:
        known |= {
            "publication": patent.id,
            "number": patent.display,
            "title": patent.title,
            "published": _day(patent.published),
            "filed": _day(patent.filed),
            "priority": _day(patent.priority),
            "applicants": list(patent.applicants),
            "inventors": list(patent.inventors),
            "classifications": [{"scheme": c.scheme, "symbol": c.symbol} for c in patent.classifications],
            "family": patent.family,
            "url": listed.url,
        }
    return known


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
