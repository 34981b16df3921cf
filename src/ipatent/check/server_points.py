"""Points of an index on Qdrant that contradict each other: figures, patents, vectors, words."""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np

from ipatent.check.findings import Finding, Options, found
from ipatent.check.mending import put_anew
from ipatent.errors import NotFound
from ipatent.index.qdrant import QdrantIndex
from ipatent.index.qdrant_filters import is_
from ipatent.index.qdrant_points import figure_in, patents_of, vector_in
from ipatent.index.qdrant_store import Store
from ipatent.index.qdrant_text import figure_words
from ipatent.index.qdrant_writing import patents_by_id, stored_in
from ipatent.migrate import entry_of
from ipatent.patents import Figure, Vectors

Encoded = Callable[[Figure, str], tuple[Vectors, Vectors]]

_PATIENCE = 2.0
"""Seconds after which a patent that is still being written counts as left so."""


def figures(index: QdrantIndex) -> Iterator[Figure]:
    """All figures, also of patents that are not complete."""
    if store := index.store():
        yield from map(figure_in, store.each("figures", (), ("body",)))


def point_faults(index: QdrantIndex, options: Options, encoded: Encoded) -> list[Finding]:
    """What is wrong between the points of figures and of patents."""
    store = index.store()
    if store is None:
        return []
    findings = _unfinished(index, store)
    with closing(sqlite3.connect("", isolation_level=None)) as file:
        _note_patents(file, store)
        findings += _figures(file, index, store)
    return findings + _vectors(index, store, options, encoded)


def _unfinished(index: QdrantIndex, store: Store) -> list[Finding]:
    half = _incomplete(store)
    if half:
        time.sleep(_PATIENCE)
        half &= _incomplete(store)
    left = sorted(half)

    def delete() -> None:
        for patent_id in left:
            if index.fingerprint(patent_id) is None:
                index.delete(patent_id)

    return found(
        "unfinished-patents",
        "Patents were left half written by an ingest that broke off.",
        left,
        "deletes them, so that the next ingest reads their documents again",
        delete,
    )


def _incomplete(store: Store) -> set[str]:
    return {
        point.payload["id"].string_value for point in store.each("patents", [is_("complete", False)], ("id",))
    }


def _note_patents(file: sqlite3.Connection, store: Store) -> None:
    """Note the complete patents by number, with how many figures they have and their words."""
    file.execute("PRAGMA journal_mode = OFF")
    file.execute("CREATE TABLE patents (number INTEGER PRIMARY KEY, id TEXT, figures INTEGER, words TEXT)")
    file.execute("CREATE TABLE met (number INTEGER PRIMARY KEY, figures INTEGER)")
    file.execute("CREATE TABLE wrong (id TEXT PRIMARY KEY) WITHOUT ROWID")
    keys = ("id", "number", "figures", "words", "complete")
    for point in store.each("patents", (), keys):
        payload = point.payload
        row = (payload["number"].integer_value, payload["id"].string_value)
        count = payload["figures"].integer_value if payload["complete"].bool_value else -1
        words = payload["words"].string_value
        file.execute("INSERT OR REPLACE INTO patents VALUES (?, ?, ?, ?)", (*row, count, words))


def _figures(file: sqlite3.Connection, index: QdrantIndex, store: Store) -> list[Finding]:
    homeless: list[int] = []
    points = store.each("figures", (), ("body", "words"))
    for number, same in groupby(points, key=lambda point: int(patents_of(np.array(point.id.num)))):
        known = file.execute("SELECT id, figures, words FROM patents WHERE number = ?", (number,)).fetchone()
        group = list(same)
        if known is None:
            homeless += [point.id.num for point in group]
            continue
        file.execute("INSERT OR REPLACE INTO met VALUES (?, ?)", (number, len(group)))
        if any(_words_differ(point, known[2]) for point in group):
            file.execute("INSERT OR IGNORE INTO wrong VALUES (?)", (known[0],))
    lacking = _lacking(file, index)
    wordless = [name for (name,) in file.execute("SELECT id FROM wrong ORDER BY id")]
    return [
        *found(
            "figures-without-patent",
            "Figures belong to a patent that is not there.",
            [f"point {row}" for row in homeless],
            "deletes them",
            lambda: _delete_points(store, homeless),
        ),
        *found(
            "patents-without-figures",
            "Patents lack figures, or have other ones than they say.",
            lacking,
            "deletes them, so that the next ingest reads their documents again",
            lambda: _delete_patents(index, lacking),
        ),
        *found(
            "words-out-of-step",
            "Figures hold other words than they and their patents have.",
            wordless,
            "indexes their words anew",
            lambda: _put_anew(index, wordless),
        ),
    ]


def _lacking(file: sqlite3.Connection, index: QdrantIndex) -> list[str]:
    query = (
        "SELECT id, patents.figures FROM patents LEFT JOIN met USING (number)"
        " WHERE patents.figures >= 0 AND (coalesce(met.figures, 0) <> patents.figures OR patents.figures = 0)"
        " ORDER BY id"
    )
    suspects = file.execute(query).fetchall()
    # What was written while the points were read is looked at once more.
    return [name for name, count in suspects if not count or _still_lacks(index, name)]


def _still_lacks(index: QdrantIndex, patent_id: str) -> bool:
    store = index.store()
    point = patents_by_id(store, [patent_id])[0] if store else None
    if store is None or point is None:
        return False
    stored = stored_in(point)
    return store.count("figures", [is_("patent", stored.number)]) != stored.figures


def _words_differ(point: Any, of_patent: str) -> bool:
    words: str = point.payload["words"].string_value
    return words != f"{figure_words(figure_in(point))} {of_patent}".strip()


def _vectors(index: QdrantIndex, store: Store, options: Options, encoded: Encoded) -> list[Finding]:
    from qdrant_client import grpc

    lacking = grpc.Condition(
        filter=grpc.Filter(must_not=[grpc.Condition(has_vector=grpc.HasVectorCondition(has_vector="image"))])
    )
    without = store.each("figures", [lacking], ("publication",))
    bad = {point.payload["publication"].string_value for point in without}
    if options.deep:
        for point in store.each("figures", (), ("publication",), ("image", "caption")):
            if not _good(point):
                bad.add(point.payload["publication"].string_value)
    names = sorted(bad)
    return found(
        "wrong-vectors",
        "Figures of these patents have no vector, or a damaged one.",
        names,
        "encodes their drawings anew",
        lambda: _encode(index, names, encoded),
    )


def _good(point: Any) -> bool:
    image, caption = (vector_in(point, name) for name in ("image", "caption"))
    lengths = [float(np.linalg.norm(each)) for each in (image, caption) if each.size]
    return bool(image.size) and all(0.9 < length < 1.1 for length in lengths)


def _encode(index: QdrantIndex, patent_ids: Iterable[str], encoded: Encoded) -> None:
    for patent_id in patent_ids:
        entry = entry_of(index, patent_id)
        if entry is None:
            continue
        try:
            made = [encoded(figure, patent_id) for figure in entry.figures]
        except NotFound:
            continue  # told, and mended, as a missing drawing
        images = np.concatenate([image for image, _ in made])
        captions = np.concatenate([caption for _, caption in made])
        put_anew(index, replace(entry, image_vectors=images, caption_vectors=captions))


def _put_anew(index: QdrantIndex, patent_ids: Iterable[str]) -> None:
    for patent_id in patent_ids:
        entry = entry_of(index, patent_id)
        if entry is not None:
            put_anew(index, entry)


def _delete_points(store: Store, of: list[int]) -> None:
    from qdrant_client import grpc

    for at in range(0, len(of), 1000):
        store.remove("figures", [grpc.PointId(num=row) for row in of[at : at + 1000]])


def _delete_patents(index: QdrantIndex, patent_ids: Iterable[str]) -> None:
    for patent_id in patent_ids:
        index.delete(patent_id)
