"""Mending by way of the index's own operations, so that it is the same for a file and for a server."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ipatent.errors import NotFound
from ipatent.index import Entry, Index
from ipatent.migrate import entry_of
from ipatent.patents import Figure

MARK = "+again"
"""Behind a patent's fingerprint: its document counts as changed, so that the next ingest reads it again."""
_MOST_SOURCES = 20


def change_figures(index: Index, patent_id: str, figures: Mapping[str, Figure]) -> None:
    """Let some figures of a patent, by id, be others; vectors stay."""
    entry = entry_of(index, patent_id)
    if entry is not None:
        put_anew(index, replace(entry, figures=tuple(figures.get(one.id, one) for one in entry.figures)))


def put_anew(index: Index, entry: Entry) -> None:
    """Store a patent although its fingerprint is the same.

    In two steps, each a whole one: whatever breaks off in between, its document is read again.
    """
    index.put(replace(entry, fingerprint=f"{entry.fingerprint}+anew"))
    index.put(entry)


def read_again(index: Index, patent_id: str) -> None:
    """Let the next ingest read a patent's document again; it stays until then."""
    entry = entry_of(index, patent_id)
    if entry is not None:
        index.put(replace(entry, fingerprint=_unmarked(entry.fingerprint) + MARK))


def sources_of(index: Index, patent_ids: Iterable[str]) -> list[str]:
    """The files that patents were read from, at most 20; then the folder of them all is to be named."""
    files: dict[str, None] = {}
    for patent_id in patent_ids:
        try:
            files[index.patent(patent_id).source] = None
        except NotFound:
            continue
        if len(files) > _MOST_SOURCES:
            return ["PATH..."]
    return [name for name in files if name] or ["PATH..."]


def _unmarked(fingerprint: str) -> str:
    return fingerprint.removesuffix(MARK)
