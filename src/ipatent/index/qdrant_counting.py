"""Counting on Qdrant: facets of a set of figures, counted by the server."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ipatent.facets import MOST_APPLICANTS, Facet, FacetName, FacetValue
from ipatent.index import Rows
from ipatent.index.counting import Counted, held, listed
from ipatent.index.qdrant_filters import absent, among, begins, is_
from ipatent.index.qdrant_points import text_id, texts_in
from ipatent.index.qdrant_store import Conditions, Store
from ipatent.wording import tokens

MOST_VALUES = 50_000
"""Values of one facet that are told apart; an office's applicants may be more, the rarest are not listed."""
_MOST_FOUND = 2000


def facet(store: Store, name: FacetName, conditions: Conditions, best: Mapping[int, Any]) -> Facet:
    """The values that figures have, with how many of them and of the `best` points have each."""
    counts = dict(store.counts_by("figures", name, conditions, MOST_VALUES))
    among_best: Counter[str] = Counter()
    for point in best.values():
        if name in point.payload:
            among_best.update(texts_in(point.payload[name]))
    unknown = store.count("figures", [*conditions, absent(name)])
    return listed(name, _counted(store, name, counts, among_best, unknown))


def holding(
    store: Store, name: FacetName, conditions: Conditions, containing: str, limit: int
) -> tuple[FacetValue, ...]:
    """The commonest values whose label holds each word of `containing` as the beginning of a word."""
    wanted = tokens(containing)
    if name == "applicant" and wanted:
        keys = _applicants(store, wanted)
        found = store.counts_by("figures", name, [*conditions, among(name, keys)], MOST_VALUES)
        counts = {key: count for key, count in found if key in keys}
    else:
        counts = dict(store.counts_by("figures", name, conditions, MOST_VALUES))
    return held(name, _counted(store, name, counts, Counter(), 0), containing, limit)


def best_points(store: Store, best: Rows, names: Sequence[FacetName]) -> dict[int, Any]:
    """The points of the best rows with what they are counted by; those that were removed are absent."""
    return store.by_rows(best, ["patent", *names])


def applicant_note(key: str, name: str) -> tuple[str, dict[str, Any]]:
    """The id and payload of the note of how an applicant's name is written."""
    starts = " ".join(dict.fromkeys(f"a{word}" for word in tokens(f"{key} {name}")))
    return text_id(f"\0applicant {key}"), {"note": "applicant", "key": key, "name": name, "starts": starts}


def _counted(
    store: Store,
    name: FacetName,
    counts: Mapping[str, int],
    best: Mapping[str, int],
    unknown: int,
) -> Counted:
    # In an order of their own, so that equal counts are listed in the same way each time.
    values = sorted(counts.keys() | best.keys())
    labels = _names(store, counts, values) if name == "applicant" else values
    return Counted(
        values,
        labels,
        np.array([counts.get(value, 0) for value in values], np.int64),
        np.array([best.get(value, 0) for value in values], np.int64),
        unknown,
    )


def _names(store: Store, counts: Mapping[str, int], keys: Sequence[str]) -> list[str]:
    """How each applicant is written; of those too rare to be listed, the key."""
    least = min(sorted(counts.values(), reverse=True)[:MOST_APPLICANTS], default=0)
    ids = {key: applicant_note(key, "")[0] for key in keys if counts.get(key, 0) >= least}
    found = store.by_texts("notes", ids.values(), ("name",))
    names = {key: found[id_].payload["name"].string_value for key, id_ in ids.items() if id_ in found}
    return [names.get(key, key) for key in keys]


def _applicants(store: Store, wanted: Iterable[str]) -> set[str]:
    # The index of beginnings knows none of a single letter.
    asked = [begins(f"a{word}") for word in wanted if len(word) > 1]
    keys: set[str] = set()
    for point in store.each("notes", [*asked, is_("note", "applicant")], ("key",)):
        keys.add(point.payload["key"].string_value)
        if len(keys) == _MOST_FOUND:
            break
    return keys
