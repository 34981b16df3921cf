"""A search record: what was asked, of which index and encoder, and what was answered."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from ipatent.encode import EncoderSpec
from ipatent.patents import Box
from ipatent.records.query_key import Parameters, query_key
from ipatent.records.writing import time_of, time_text

_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class QueryImage:
    """A picture that was searched with: an upload (`sha256`) or an indexed figure (`figure_id`).

    `box` is in the original's pixels; `turn` is in clockwise degrees; a negative one was to be avoided.
    """

    sha256: str = ""
    figure_id: str = ""
    box: Box | None = None
    turn: int = 0
    mirrored: bool = False
    negative: bool = False


@dataclass(frozen=True, slots=True)
class RankedFigure:
    """A figure as delivered, at the place that its position in the list says."""

    figure_id: str
    score: float


@dataclass(frozen=True, slots=True)
class IndexState:
    """Which index answered, and in what state.

    `identity` tells one index from another (a path with its epoch, a collection's name);
    `generation` grows with every commit to it.
    """

    identity: str
    generation: int
    patents: int
    figures: int


@dataclass(frozen=True, slots=True)
class SearchRecord:
    """One search with its answer.

    `parameters` are those of the address; `words`, `pictures` and `filters` say the same in parts.
    `encoder` is None where the query used none. `count` is how often the same search gave the same
    answer within a few minutes, `last_time` when it last did. `id` is empty until stored.
    """

    time: datetime
    url: str
    """Path and query string, as in the browser's address line."""
    parameters: Parameters
    index: IndexState
    encoder: EncoderSpec | None
    ranked: tuple[RankedFigure, ...]
    """Best first, as delivered."""
    seconds: float
    words: str = ""
    pictures: tuple[QueryImage, ...] = ()
    filters: Parameters = ()
    """Names and values in words that a reader understands, e.g. `("CPC", "A47G")`."""
    user: str = ""
    program: str = ""
    """Version of this program."""
    id: str = ""
    count: int = 1
    last_time: datetime | None = None

    @property
    def query_key(self) -> str:
        """What judgements of this search are filed under."""
        return query_key(self.parameters)

    @property
    def title(self) -> str:
        """The query in a few words."""
        shown = f"“{self.words}”" if self.words else ""
        count = len(self.pictures)
        pictures = "" if not count else "a picture" if count == 1 else f"{count} pictures"
        return " and ".join(part for part in (shown, pictures) if part) or "a search"


def record_data(record: SearchRecord) -> dict[str, Any]:
    """The record as JSON values: all that is proved of it, so without `count` and `last_time`."""
    return {
        "id": record.id,
        "time": time_text(record.time),
        "url": record.url,
        "parameters": [list(pair) for pair in record.parameters],
        "words": record.words,
        "pictures": [
            {**asdict(picture), "box": str(picture.box) if picture.box else ""} for picture in record.pictures
        ],
        "filters": [list(pair) for pair in record.filters],
        "encoder": asdict(record.encoder) if record.encoder else None,
        "index": asdict(record.index),
        "seconds": round(record.seconds, _DECIMALS),
        "user": record.user,
        "program": record.program,
        "ranked": [[hit.figure_id, round(float(hit.score), _DECIMALS)] for hit in record.ranked],
    }


def record_of(data: dict[str, Any]) -> SearchRecord:
    """The record that `record_data` wrote; raises KeyError, TypeError or ValueError where it did not."""
    pictures = (
        QueryImage(**{**picture, "box": Box.parse(picture["box"]) if picture["box"] else None})
        for picture in data["pictures"]
    )
    return SearchRecord(
        time=time_of(data["time"]),
        url=data["url"],
        parameters=tuple((name, value) for name, value in data["parameters"]),
        index=IndexState(**data["index"]),
        encoder=EncoderSpec(**data["encoder"]) if data["encoder"] else None,
        ranked=tuple(RankedFigure(figure_id, score) for figure_id, score in data["ranked"]),
        seconds=data["seconds"],
        words=data["words"],
        pictures=tuple(pictures),
        filters=tuple((name, value) for name, value in data["filters"]),
        user=data["user"],
        program=data["program"],
        id=data["id"],
    )


def canonical(data: Any) -> str:
    """JSON of one form only: names sorted, no blanks, ASCII. Equal data give equal text."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def digest(data: Any) -> str:
    """sha256 of the canonical JSON, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(data).encode("ascii")).hexdigest()


def record_hash(record: SearchRecord) -> str:
    """The hash that stands on every page of a report: sha256 over the record's canonical JSON."""
    return digest(record_data(record))


def sameness(record: SearchRecord) -> str:
    """Equal for two searches that asked the same and were answered the same."""
    data = record_data(replace(record, id="", seconds=0.0))
    del data["time"]
    return digest(data)
