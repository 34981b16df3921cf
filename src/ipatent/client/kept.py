"""What the server answers about records, collections, judgements and saved searches, as typed values."""

from datetime import datetime
from typing import Any

from pydantic import ConfigDict

from ipatent.client.answers import Answer


class RecordLine(Answer):
    """One recorded search in the list."""

    id: str
    time: datetime
    last_time: datetime
    count: int
    """How often it was asked and answered alike within minutes."""
    url: str
    words: str
    pictures: int
    hits: int
    encoder: str
    generation: int
    seconds: float
    user: str


class RecordsAnswer(Answer):
    """Recorded searches, newest first."""

    records: tuple[RecordLine, ...]
    total: int
    offset: int


class Moved(Answer):
    """A figure that both answers hold at different ranks, from 1."""

    figure_id: str
    old_rank: int
    new_rank: int


class Change(Answer):
    """How the answer of the record `newer` differs from that of `older`, and why."""

    older: str
    newer: str
    changed: bool
    reasons: tuple[str, ...]
    patents: int
    figures: int
    new: tuple[str, ...]
    gone: tuple[str, ...]
    moved: tuple[Moved, ...]
    sentence: str


class Export(Answer):
    """A record or collection as its JSON export holds it; `ipatent verify` checks the hashes of the file."""

    model_config = ConfigDict(frozen=True, extra="allow")

    kind: str
    program: str
    exported: str
    record: dict[str, Any] | None = None
    collection: dict[str, Any] | None = None
    subject_sha256: str
    """The hash that stands on each page of the PDF."""
    figures: list[dict[str, Any]]
    sha256: str


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


class Collected(Answer):
    """Where a figure now is; `changed` is False where it was in already."""

    figure: str
    is_in: bool
    changed: bool
    collection: CollectionLine


class Measures(Answer):
    """How good a ranking is as far as is known; None where a measure has no meaning yet."""

    k: int
    returned: int
    judged: int
    relevant: int
    known_relevant: int
    precision_of_judged: float | None
    precision: float | None
    """Unjudged figures count as not relevant."""
    recall: float | None
    """Of those known; the true recall may be lower."""
    ndcg: float | None


class Judgements(Answer):
    """What holds now for one query."""

    key: str
    """The topic in the qrels."""
    grades: dict[str, int]
    measures: Measures | None
    sentence: str


class SavedSearch(Answer):
    """A saved search; `unread` counts figures that some run found new and nobody has marked as read."""

    id: str
    name: str
    url: str
    created: datetime
    last_run: datetime | None
    generation: int
    unread: int
    user: str


class SavedSearches(Answer):
    """All saved searches by name."""

    saved: tuple[SavedSearch, ...]


class OneSaved(Answer):
    """A saved search with the figures found new and not read yet, latest first."""

    saved: SavedSearch
    new: tuple[str, ...]


class Run(Answer):
    """What one run of a saved search found; `problem` says why it could not be asked."""

    id: str
    name: str
    new: tuple[str, ...]
    first: bool
    other_index: bool
    other_encoder: bool
    problem: str


class Runs(Answer):
    """The runs of all saved searches."""

    runs: tuple[Run, ...]


class Read(Answer):
    """How many figures were unread before they were marked as read."""

    read: int


class Deleted(Answer):
    """What was deleted."""

    deleted: str
