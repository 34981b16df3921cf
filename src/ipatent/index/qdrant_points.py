"""Points: what Qdrant holds of a figure and of a patent, and how rows and ids come from each other.

A row is 63 bits: 50 of a hash of the patent's id, then 13 of the figure's place among those of its
patent. It is the point's id too, so a row is looked up without a search, figures of a patent stand
together, and ingesting the same again writes the same points.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import numpy as np

from ipatent.filters import applicant_key, cpc_levels
from ipatent.index import Entry, Rows, rows
from ipatent.index.qdrant_text import figure_words, patent_words, sparse, word_starts, words_held
from ipatent.index.words import title_key
from ipatent.patents import Figure, Patent, Vectors

if TYPE_CHECKING:
    from qdrant_client import grpc

_PLACES = 13
_REST = (1 << 36) - 1
MOST_FIGURES: Final = 1 << _PLACES
"""Figures that one patent may have."""

FIGURE_FACETS: Final = ("type", "view", "office", "kind", "cpc", "locarno", "applicant", "year")
_KIND_AT_END = re.compile(r"(?<=\d)[A-Z]\d?$")


def number_of(patent_id: str, attempt: int = 0) -> int:
    """The number that a patent gets, or, where another has it already, the next one to try."""
    content = f"{attempt}/{rows.plain(patent_id)}".encode()
    return int.from_bytes(hashlib.sha256(content).digest()[:8]) >> (64 - 50)


def row_of(number: int, place: int) -> int:
    """The row of the figure at `place`, from 0, of the patent with this number."""
    return number << _PLACES | place


def newness_of(day: int, row: int) -> int:
    """What is highest for the latest figures; of one day, figures of a patent stand together in order."""
    return day << 36 | (_REST - (row & _REST))


def patents_of(of: Rows) -> Rows:
    """The numbers of the patents that rows belong to."""
    return of >> _PLACES


def place_of(row: int) -> int:
    """The place of a figure among those of its patent, from 0."""
    return row & (MOST_FIGURES - 1)


def without_kind(patent_id: str) -> str:
    """An id without the kind code at its end."""
    return _KIND_AT_END.sub("", patent_id)


def text_id(text: str) -> str:
    """The UUID of a point that is known by a text; points stand in the order of the first 8 bytes."""
    content = rows.plain(text).encode()
    return str(UUID(bytes=content[:8].ljust(8, b"\0") + hashlib.sha256(content).digest()[:8]))


def figure_key(figure_id: str) -> str:
    """A UUID that a figure is looked up by; it takes less room than the id."""
    return str(UUID(bytes=hashlib.sha256(rows.plain(figure_id).encode()).digest()[:16]))


def object_id(name: str) -> str:
    """The first half of an object's sha256 name as a UUID, which takes a quarter of the room."""
    try:
        return str(UUID(hex=name[:32]))
    except ValueError:
        return str(UUID(bytes=hashlib.sha256(rows.plain(name).encode()).digest()[:16]))


def patent_payload(entry: Entry, number: int, complete: bool, figures: int) -> dict[str, Any]:
    """What is held of a patent; until it is complete it has no fingerprint, so that it is ingested again.

    `figures` is how many points of it there may be.
    """
    patent = entry.patent
    words = patent_words(patent)
    return {
        "id": rows.plain(patent.id),
        "number": number,
        "fingerprint": rows.plain(entry.fingerprint) if complete else "",
        "complete": complete,
        "sheets": entry.sheets,
        "figures": figures,
        "title": title_key(patent.title),
        "stem": without_kind(rows.plain(patent.id)),
        "words": words,
        "starts": word_starts(patent),
        "size": words_held(words),
        "body": rows.patent_to_json(patent),
    }


def figure_points(entry: Entry, number: int) -> "list[grpc.PointStruct]":
    """One point for each figure; a zero caption vector is left out."""
    from qdrant_client import grpc

    of_patent = patent_columns(entry.patent)
    text_of_patent = patent_words(entry.patent)
    points = []
    each = zip(entry.figures, entry.image_vectors, entry.caption_vectors, strict=True)
    for place, (figure, image, caption) in enumerate(each):
        own = figure_words(figure)
        words = f"{own} {text_of_patent}".strip()
        indices, values = sparse(words)
        vectors = {
            "image": _dense(image),
            "words": grpc.Vector(sparse=grpc.SparseVector(indices=indices, values=values)),
        }
        if caption.any():
            vectors["caption"] = _dense(caption)
        if not indices:
            del vectors["words"]
        payload = {
            **of_patent,
            **figure_columns(figure),
            "patent": number,
            "newness": newness_of(of_patent["published"], row_of(number, place)),
            "figure": figure_key(figure.id),
            "words": words,
            "starts": word_starts(entry.patent, figure),
            "size": words_held(own),
            "body": rows.figure_to_json(figure),
        }
        points.append(
            grpc.PointStruct(
                id=grpc.PointId(num=row_of(number, place)),
                payload=values_of(payload),
                vectors=grpc.Vectors(vectors=grpc.NamedVectors(vectors=vectors)),
            )
        )
    return points


def point_of(point_id: str, payload: Mapping[str, Any]) -> "grpc.PointStruct":
    """A point without vectors."""
    from qdrant_client import grpc

    return grpc.PointStruct(
        id=grpc.PointId(uuid=point_id),
        payload=values_of(payload),
        vectors=grpc.Vectors(vectors=grpc.NamedVectors()),
    )


def patent_columns(patent: Patent) -> dict[str, Any]:
    """What a patent is filtered and counted by; days are yyyymmdd, 0 where not known."""
    levels: list[str] = []
    symbols: list[str] = []
    locarno: list[str] = []
    for each in patent.classifications:
        if each.scheme in ("CPC", "IPC"):
            compact = rows.plain(each.symbol).replace(" ", "")
            levels += [level for level in cpc_levels(compact) if level]
            symbols += _beginnings(compact)
        elif each.scheme == "LOC":
            locarno += [symbol for symbol in (each.symbol[:2], each.symbol) if symbol]
    days = [_day(day) for day in (patent.published, patent.filed, patent.priority)]
    number = patent.number
    columns: dict[str, Any] = {
        "publication": rows.plain(patent.id),
        "office": number.office if number else "",
        "kind": number.kind if number else "",
        "published": days[0],
        "earliest": min(filter(None, days), default=0),
        "year": str(patent.published.year) if patent.published else "",
        "cpc": _once(levels),
        "symbols": _once(symbols),
        "locarno": _once(locarno),
        "applicant": _once(key for name in patent.applicants if (key := applicant_key(rows.plain(name)))),
    }
    return {name: value for name, value in columns.items() if value != "" and value != []}


def figure_columns(figure: Figure) -> dict[str, Any]:
    """What a figure is filtered and counted by."""
    columns: dict[str, Any] = {
        "type": rows.plain(figure.type),
        "view": rows.plain(figure.view),
        "captioned": figure.caption != "",
        "objects": _once(map(object_id, objects_of(figure))),
    }
    return {name: value for name, value in columns.items() if value != ""}


def objects_of(figure: Figure) -> tuple[str, ...]:
    """The names of the objects that a figure shows."""
    return tuple(name for name in (figure.image, figure.sheet_image, figure.thumbnail) if name)


def values_of(payload: Mapping[str, Any]) -> "dict[str, grpc.Value]":
    """`payload` as Qdrant takes it."""
    return {name: _value(value) for name, value in payload.items()}


def patent_in(point: Any) -> Patent:
    """The patent that a point holds."""
    return rows.patent_from_json(point.payload["body"].string_value)


def figure_in(point: Any) -> Figure:
    """The figure that a point holds."""
    return rows.figure_from_json(point.payload["body"].string_value)


def texts_in(value: "grpc.Value") -> list[str]:
    """The texts of a payload's value: one, or those of a list; numbers as text."""
    kind = value.WhichOneof("kind")
    if kind == "list_value":
        return [each.string_value for each in value.list_value.values]
    return [value.string_value] if kind == "string_value" else []


def vector_in(point: Any, name: str) -> Vectors:
    """(1, dimension) float32 of a retrieved point's named vector; no column where it has none."""
    if name not in point.vectors.vectors.vectors:
        return np.empty((1, 0), np.float32)
    found = point.vectors.vectors.vectors[name]
    data = found.dense.data if found.WhichOneof("vector") == "dense" else found.data
    return np.fromiter(data, np.float32, len(data))[None, :]


def query_vector(vector: Vectors) -> list[float]:
    """The numbers of a (1, dimension) vector."""
    numbers: list[float] = np.atleast_2d(vector)[0].astype(np.float32).tolist()
    return numbers


def _dense(vector: Vectors) -> "grpc.Vector":
    from qdrant_client import grpc

    # Halves, as the server keeps them, so that it rounds nothing by rules of its own.
    return grpc.Vector(dense=grpc.DenseVector(data=vector.astype(np.float16).astype(np.float32).tolist()))


def _value(value: Any) -> "grpc.Value":
    from qdrant_client import grpc

    if isinstance(value, bool):
        return grpc.Value(bool_value=value)
    if isinstance(value, int):
        return grpc.Value(integer_value=value)
    if isinstance(value, str):
        return grpc.Value(string_value=value)
    return grpc.Value(list_value=grpc.ListValue(values=[_value(each) for each in value]))


def _beginnings(symbol: str) -> list[str]:
    """What a filter may name of a symbol beyond its subclass: `A47C1/024` by `A47C1/`, `A47C1/02` …"""
    group, slash, subgroup = symbol.partition("/")
    if not slash:
        return []
    return [f"{group}/", *(f"{group}/{subgroup[:size]}" for size in range(2, len(subgroup) + 1))]


def _once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _day(day: date | None) -> int:
    return day.year * 10_000 + day.month * 100 + day.day if day else 0
