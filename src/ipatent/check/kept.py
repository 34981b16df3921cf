"""Records that name what is not there: reported and never deleted, for they are somebody's work."""

import json
from collections.abc import Iterable, Iterator

from sqlalchemy import Column, select

from ipatent.check.findings import Finding, found
from ipatent.errors import NotFound
from ipatent.index import Index
from ipatent.objects import Objects
from ipatent.records import Database
from ipatent.records.pictures_named import pictures_named
from ipatent.records.tables import collection_items, judgements, seen_figures

_NAMING: tuple[tuple[str, str, "Column[str]"], ...] = (
    ("collected-figures-gone", "Collections name figures that are gone.", collection_items.c.figure_id),
    ("judged-figures-gone", "Judgements name figures that are gone.", judgements.c.figure_id),
    ("seen-figures-gone", "Saved searches saw figures that are gone.", seen_figures.c.figure_id),
)


def record_faults(records: Database, index: Index, uploads: Objects) -> Iterator[Finding]:
    """What records name that is gone; all of it harmless."""
    for kind, what, column in _NAMING:
        yield from found(
            kind,
            what,
            _gone(_named(records, column), index),
            "leaves them as they are; ingest the patents again to see the figures",
            harmless=True,
        )
    yield from found(
        "searched-pictures-gone",
        "Searches name uploaded pictures that are not there.",
        [name for name in sorted(pictures_named(records)) if not uploads.exists(name)],
        "leaves them as they are; such searches cannot be run again",
        harmless=True,
    )


def source_faults(index: Index) -> list[Finding]:
    """Documents that count as ingested, whose patents are not there."""
    known: dict[str, bool] = {}
    stale: list[str] = []
    for key, summary in index.each_source():
        patent_id = _patent_of(summary)
        if patent_id not in known:
            known[patent_id] = bool(patent_id) and index.fingerprint(patent_id) is not None
        if not known[patent_id]:
            stale.append(key)
    return found(
        "documents-without-patent",
        "Documents count as ingested, but their patents are not there (perhaps they were deleted).",
        stale,
        "forgets them, so that an ingest of these documents reads them again",
        lambda: _forget(index, stale),
    )


def _patent_of(summary: str) -> str:
    try:
        return str(json.loads(summary)["patent"])
    except (ValueError, KeyError, TypeError):
        return ""


def _forget(index: Index, keys: Iterable[str]) -> None:
    for key in keys:
        index.forget_source(key)


def _named(records: Database, column: "Column[str]") -> list[str]:
    with records.reading() as connection:
        return [name for (name,) in connection.execute(select(column).distinct().order_by(column))]


def _gone(figure_ids: list[str], index: Index) -> list[str]:
    return [figure_id for figure_id in figure_ids if not _is_there(index, figure_id)]


def _is_there(index: Index, figure_id: str) -> bool:
    try:
        index.figure(figure_id)
    except NotFound:
        return False
    return True
