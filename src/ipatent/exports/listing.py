"""What is exported: a search record or a collection, with all that is known of each figure in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ipatent.errors import NotFound
from ipatent.index import Index
from ipatent.patents import Figure, Patent
from ipatent.records.collections import Collection
from ipatent.records.judgements import Grade, Judgements
from ipatent.records.search_record import SearchRecord, digest, record_data
from ipatent.records.writing import time_text

LookUp = Callable[[str], tuple[Figure, Patent] | None]
"""Figure id to figure and patent; None where the index no longer holds it."""

NOT_IN_INDEX = "no longer in the index"

GRADES: dict[Grade, str] = {
    Grade.RELEVANT: "relevant",
    Grade.PARTLY: "partly relevant",
    Grade.NOT: "not relevant",
}


@dataclass(frozen=True, slots=True)
class ListedFigure:
    """One line of an export. `score` is None in a collection; `figure` and `patent` are None where
    the index no longer holds them."""

    figure_id: str
    rank: int
    """Place in the ranking, or in the collection."""
    score: float | None = None
    figure: Figure | None = None
    patent: Patent | None = None
    grade: Grade | None = None
    note: str = ""
    found_in: str = ""
    """Id of the record of the search that found it; empty where not known."""
    found_rank: int | None = None

    @property
    def found(self) -> str:
        """Where it was found, e.g. `rank 3 of record aBcD…`; empty where not known."""
        rank = f"rank {self.found_rank} of " if self.found_rank else ""
        return f"{rank}record {self.found_in}" if self.found_in else ""

    @property
    def publication(self) -> str:
        """The publication number as printed, or what the figure's id begins with."""
        return self.patent.display if self.patent else self.figure_id.rsplit("/", 2)[0]

    @property
    def url(self) -> str:
        """The publication's page at Espacenet, or empty."""
        return self.patent.number.espacenet_url if self.patent and self.patent.number else ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A search record or a collection, ready to be written in any format.

    `data` is what the hash is taken over; `sha256` is the hash that stands on every page.
    """

    kind: Literal["search", "collection"]
    title: str
    data: Mapping[str, Any]
    sha256: str
    figures: tuple[ListedFigure, ...]
    record: SearchRecord | None = None
    collection: Collection | None = None
    judgements: Judgements | None = None
    """Of the record's query; of a collection there are none."""

    @property
    def id(self) -> str:
        """Id of the record or the collection."""
        return str(self.data["id"])


def look_up_in(index: Index) -> LookUp:
    """How to look up figures in an index; patents met before are remembered."""
    patents: dict[str, Patent] = {}

    def look_up(figure_id: str) -> tuple[Figure, Patent] | None:
        try:
            figure = index.figure(figure_id)
            if figure.patent_id not in patents:
                patents[figure.patent_id] = index.patent(figure.patent_id)
        except NotFound:
            return None
        return figure, patents[figure.patent_id]

    return look_up


def list_record(
    record: SearchRecord,
    look_up: LookUp,
    judgements: Judgements | None = None,
    notes: Mapping[str, str] | None = None,
    top: int | None = None,
) -> Listing:
    """The record's first `top` figures (all where None) with judgements and notes by figure id."""
    judgements, notes = judgements or {}, notes or {}
    figures = []
    for rank, hit in enumerate(record.ranked[:top], 1):
        figure, patent = look_up(hit.figure_id) or (None, None)
        figures.append(
            ListedFigure(
                hit.figure_id,
                rank,
                float(hit.score),
                figure,
                patent,
                judgements.get(hit.figure_id),
                notes.get(hit.figure_id, ""),
            )
        )
    data = record_data(record)
    return Listing(
        "search", record.title, data, digest(data), tuple(figures), record=record, judgements=judgements
    )


def list_collection(collection: Collection, look_up: LookUp) -> Listing:
    """The collection's figures in their order, with their notes."""
    figures = []
    for place, item in enumerate(collection.items, 1):
        figure, patent = look_up(item.figure_id) or (None, None)
        figures.append(
            ListedFigure(
                item.figure_id, place, None, figure, patent, None, item.note, item.record or "", item.rank
            )
        )
    data = collection_data(collection)
    return Listing("collection", collection.name, data, digest(data), tuple(figures), collection=collection)


def collection_data(collection: Collection) -> dict[str, Any]:
    """The collection as JSON values."""
    return {
        "id": collection.id,
        "name": collection.name,
        "description": collection.description,
        "created": time_text(collection.created),
        "changed": time_text(collection.changed),
        "user": collection.user,
        "items": [
            {
                "figure": item.figure_id,
                "note": item.note,
                "added": time_text(item.added),
                "record": item.record,
                "rank": item.rank,
            }
            for item in collection.items
        ],
    }
