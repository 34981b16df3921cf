"""What a server keeps of the work: `client.records`, `.collections`, `.judgements`, `.saved`."""

from typing import Literal
from urllib.parse import quote, urlencode

from ipatent.client.connection import Connection
from ipatent.client.errors import ClientError
from ipatent.client.kept import (
    Change,
    Collected,
    CollectionLine,
    CollectionsAnswer,
    Deleted,
    Export,
    Judgements,
    OneSaved,
    Read,
    RecordsAnswer,
    Run,
    Runs,
    SavedSearch,
    SavedSearches,
)
from ipatent.client.pictures import Figure, figure_id
from ipatent.client.results import Results

RecordFormat = Literal["pdf", "json", "csv", "ris", "bib", "run", "qrels"]
CollectionFormat = Literal["pdf", "json", "csv", "ris", "bib"]
Grade = Literal[0, 1, 2]
RELEVANT: Grade = 2
PARTLY: Grade = 1
NOT: Grade = 0


class Records:
    """Searches as they were asked and answered; every search of words, pictures or filters becomes one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, text: str = "", offset: int = 0, limit: int = 50) -> RecordsAnswer:
        """Recorded searches, newest first; with `text`, those that hold all of it."""
        pairs = (("q", text),) if text else ()
        return self._connection.get(
            "/records.json", RecordsAnswer, (*pairs, ("offset", str(offset)), ("limit", str(limit)))
        )

    def get(self, record: str | Results) -> Export:
        """A search with its ranked figures, and the hashes that prove it unaltered."""
        return self._connection.get(f"{self._path(record)}.json", Export)

    def replay(self, record: str | Results) -> Change:
        """Ask it again; the new answer is recorded, too, and compared with the old one."""
        return self._connection.send("POST", f"{self._path(record)}/replay.json", Change)

    def change(self, older: str | Results, newer: str | Results) -> Change:
        """What became of an answer in that of a newer record, and why."""
        pairs = (("to", _record_id(newer)),)
        return self._connection.get(f"{self._path(older)}/change.json", Change, pairs)

    def export(self, record: str | Results, form: RecordFormat, top: int | None = None) -> bytes:
        """The bytes of a file: report, list, citations, or a run or qrels of TREC; `top` figures only."""
        pairs = () if top is None else (("top", str(top)),)
        return self._connection.fetch(f"{self._path(record)}.{form}", pairs).content

    def delete(self, record: str | Results) -> str:
        """Forget it; collections keep the figures that they have from it. Its id."""
        return self._connection.send("DELETE", f"{self._path(record)}.json", Deleted).deleted

    @staticmethod
    def _path(record: str | Results) -> str:
        return f"/records/{quote(_record_id(record), safe='')}"


class Collections:
    """Figures that belong together for somebody, in an order, with notes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, holding: str | Figure = "") -> tuple[CollectionLine, ...]:
        """All collections, last changed first, or those that hold a figure."""
        figure = figure_id(holding)
        pairs = (("figure", figure),) if figure else ()
        return self._connection.get("/collections.json", CollectionsAnswer, pairs).collections

    def create(self, name: str, description: str = "") -> CollectionLine:
        """An empty collection; the name must not be taken."""
        given = {"name": name, "description": description}
        return self._connection.send("POST", "/collections.json", CollectionLine, json=given)

    def get(self, collection: str | CollectionLine) -> Export:
        """A collection with its figures and notes, and the hashes that prove it unaltered."""
        return self._connection.get(f"{self._path(collection)}.json", Export)

    def add(
        self,
        collection: str | CollectionLine,
        figure: str | Figure,
        note: str = "",
        record: str | Results = "",
        rank: int | None = None,
    ) -> Collected:
        """Put a figure at the end; nothing changes where it is in. `record` says where it was found."""
        found_in = record if record == "" else _record_id(record)
        given = {"figure": figure_id(figure), "note": note, "record": found_in, "rank": rank}
        return self._connection.send("POST", f"{self._path(collection)}/figures.json", Collected, json=given)

    def annotate(self, collection: str | CollectionLine, figure: str | Figure, note: str) -> CollectionLine:
        """Write the note of a figure."""
        given = {"figure": figure_id(figure), "note": note}
        path = f"{self._path(collection)}/figures.json"
        return self._connection.send("PATCH", path, CollectionLine, json=given)

    def remove(self, collection: str | CollectionLine, figure: str | Figure) -> CollectionLine:
        """Take a figure out."""
        asked = urlencode({"figure": figure_id(figure)})
        path = f"{self._path(collection)}/figures.json?{asked}"
        return self._connection.send("DELETE", path, CollectionLine)

    def export(self, collection: str | CollectionLine, form: CollectionFormat) -> bytes:
        """The bytes of a file: report, list or citations."""
        return self._connection.fetch(f"{self._path(collection)}.{form}").content

    def delete(self, collection: str | CollectionLine) -> str:
        """Forget it with its notes. Its id."""
        return self._connection.send("DELETE", f"{self._path(collection)}.json", Deleted).deleted

    @staticmethod
    def _path(collection: str | CollectionLine) -> str:
        name = collection if isinstance(collection, str) else collection.id
        return f"/collections/{quote(name, safe='')}"


class Judging:
    """Which figures are relevant to which query: 2 relevant, 1 partly, 0 not."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def judge(self, query: str | Results, figure: str | Figure, grade: Grade | None) -> Judgements:
        """Say how relevant a figure is to a search, given by its results or its query string.

        None takes the judgement back. What is measured so far comes back.
        """
        given = {"figure": figure_id(figure), "grade": grade, "query": _query_string(query)}
        return self._connection.send("POST", "/judgements.json", Judgements, json=given)

    def of(self, query: str | Results) -> Judgements:
        """The judgements of a search with what they measure."""
        return self._connection.get("/judgements.json", Judgements, (("query", _query_string(query)),))

    def qrels(self, query: str | Results = "") -> str:
        """Judgements in TREC's format, `topic 0 figure grade`: all, or those of one search."""
        asked = query if query == "" else _query_string(query)
        pairs = (("query", asked),) if asked else ()
        return self._connection.fetch("/judgements.qrels", pairs).content.decode("utf-8")

    def topics(self) -> str:
        """What each topic of the qrels asks: its key, a tab, the query string."""
        return self._connection.fetch("/judgements.topics").content.decode("utf-8")


class Saved:
    """Searches kept under a name, to be asked again for what is new."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> tuple[SavedSearch, ...]:
        """All saved searches by name."""
        return self._connection.get("/saved.json", SavedSearches).saved

    def save(self, name: str, query: str | Results) -> SavedSearch:
        """Save a search; what its results hold counts as seen."""
        given = {"name": name, "url": f"/search?{_query_string(query)}"}
        if isinstance(query, Results) and query.first.record:
            given = {"name": name, "record": query.first.record}
        return self._connection.send("POST", "/saved.json", SavedSearch, json=given)

    def get(self, saved: str | SavedSearch) -> OneSaved:
        """A saved search with what is new in it."""
        return self._connection.get(f"{self._path(saved)}.json", OneSaved)

    def run(self, saved: str | SavedSearch) -> Run:
        """Ask it again."""
        return self._connection.send("POST", f"{self._path(saved)}/run.json", Run)

    def run_all(self) -> tuple[Run, ...]:
        """Ask all of them again; a failure does not stop the others."""
        return self._connection.send("POST", "/saved/run.json", Runs).runs

    def mark_read(self, saved: str | SavedSearch) -> int:
        """Mark what is new as read; how many figures that were."""
        return self._connection.send("POST", f"{self._path(saved)}/read.json", Read).read

    def delete(self, saved: str | SavedSearch) -> str:
        """Forget it and what it has seen. Its id."""
        return self._connection.send("DELETE", f"{self._path(saved)}.json", Deleted).deleted

    @staticmethod
    def _path(saved: str | SavedSearch) -> str:
        return f"/saved/{quote(saved if isinstance(saved, str) else saved.id, safe='')}"


def _record_id(record: str | Results) -> str:
    if isinstance(record, str):
        return record
    if not record.first.record:
        raise ClientError(
            record.first.record_problem or "This search was not recorded.",
            "Searches that begin after the first hit, and lists of all figures, have no record.",
        )
    return record.first.record


def _query_string(query: str | Results) -> str:
    if isinstance(query, Results):
        return urlencode(query.parameters, safe="@~,/")
    return query.rpartition("?")[2]
