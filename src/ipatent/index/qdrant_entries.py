"""Entries: all that an index on Qdrant holds, patent by patent with vectors, while others may write."""

import itertools
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ipatent.encode import EncoderSpec
from ipatent.errors import IndexProblem
from ipatent.index import Entry
from ipatent.index.qdrant_filters import among, is_
from ipatent.index.qdrant_points import figure_in, patent_in, text_id, vector_in
from ipatent.index.qdrant_reach import in_order
from ipatent.index.qdrant_store import Store
from ipatent.patents import Vectors

_AT_ONCE = 32
"""Patents that are fetched together; their texts must fit into one message."""
_ATTEMPTS = 5
_PATIENCE = 0.2
_PATENT = ("id", "number", "fingerprint", "figures", "sheets", "body")


def entries(store: Store, spec: EncoderSpec) -> Iterator[Entry]:
    """Every complete patent, in order of id.

    There is no transaction over several points, so a patent counts when its fingerprint is the same
    before and after its figures were read and they are as many as it says; else it is read again, and
    left out once it is gone. Raises IndexProblem when figures stay missing.
    """
    ids = (payload["id"].string_value for payload in in_order(store, "patents", _complete(), "id", ()))
    while some := list(itertools.islice(ids, _AT_ONCE)):
        whole = dict(_whole(store, spec, some))
        for patent_id in some:
            entry = whole.get(patent_id) or _patiently(store, spec, patent_id)
            if entry:
                yield entry


def _patiently(store: Store, spec: EncoderSpec, patent_id: str) -> Entry | None:
    for _ in range(_ATTEMPTS):
        points = store.by_texts("patents", [text_id(patent_id)], ("fingerprint",))
        if not any(point.payload["fingerprint"].string_value for point in points.values()):
            return None  # deleted, or being written
        if found := dict(_whole(store, spec, [patent_id])):
            return found[patent_id]
        time.sleep(_PATIENCE)
    raise IndexProblem(f"Figures of {patent_id} are missing.", "Mend it with: ipatent check --mend")


def _whole(store: Store, spec: EncoderSpec, ids: Sequence[str]) -> Iterator[tuple[str, Entry]]:
    """The patents that nobody wrote to while they were read."""
    keys = [text_id(each) for each in ids]
    before = store.by_texts("patents", keys, _PATENT)
    numbers = [point.payload["number"].integer_value for point in before.values()]
    figures: dict[int, list[Any]] = {number: [] for number in numbers}
    for point in store.each("figures", [among("patent", numbers)], ("body", "patent"), ("image", "caption")):
        figures[point.payload["patent"].integer_value].append(point)
    after = store.by_texts("patents", keys, ("fingerprint",))
    for key, point in before.items():
        found = figures[point.payload["number"].integer_value]
        fingerprint = point.payload["fingerprint"].string_value
        now = after[key].payload["fingerprint"].string_value if key in after else ""
        if fingerprint and fingerprint == now and len(found) == point.payload["figures"].integer_value:
            yield point.payload["id"].string_value, _entry(point, found, spec)


def _entry(point: Any, figures: Sequence[Any], spec: EncoderSpec) -> Entry:
    return Entry(
        patent_in(point),
        tuple(map(figure_in, figures)),
        _matrix(figures, "image", spec.image_dim),
        _matrix(figures, "caption", spec.caption_dim),
        point.payload["fingerprint"].string_value,
        point.payload["sheets"].integer_value,
    )


def _matrix(figures: Sequence[Any], name: str, size: int) -> Vectors:
    """(n, size) float32, zeros where there is no vector."""
    matrix = np.zeros((len(figures), size), np.float32)
    for place, point in enumerate(figures):
        if (vector := vector_in(point, name)).size:
            matrix[place] = vector
    return matrix


def _complete() -> list[Any]:
    return [is_("complete", True)]


__all__ = ["entries"]
