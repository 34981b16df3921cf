"""Which ink of a sheet belongs to which of its figures, when it carries several labels."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ipatent.components import Components, Ink, Ints, find_components
from ipatent.labels import Label
from ipatent.pages import Chosen
from ipatent.patents import Box

MOST_FIGURES = 8

_CELL = 12
_SIGNIFICANT = 0.05
"""A group counts as a figure from this share of the largest group's extent."""


def assign_figures(parts: Components, drawn: Chosen, labels: Sequence[Label]) -> Ints | None:
    """The label (n,) that each component belongs to, -1 for what is not drawn; None when unclear.

    Ink is gathered into groups by growing it, step by step, until as many groups of a figure's
    size are left as there are labels; then labels and groups are paired so that the sum of their
    distances is least. Where the numbers never agree, or a label lies far from any group, the
    sheet is better kept whole than cut wrongly.
    """
    if not 2 <= len(labels) <= MOST_FIGURES or not drawn.any():
        return None
    grouped = _groups(parts, drawn, len(labels))
    if grouped is None:
        return None
    group, boxes = grouped
    costs = np.asarray([[_gap(label.box, box) for box in boxes] for label in labels])
    pairing, worst = _cheapest_pairing(costs)
    if worst > 0.12 * max(parts.shape):
        return None
    label_of_group = np.empty(len(boxes), np.int64)
    for label, chosen in enumerate(pairing):
        label_of_group[chosen] = label
    assigned = np.where(group >= 0, label_of_group[np.maximum(group, 0)], -1)
    return assigned.astype(np.int64)


def _groups(parts: Components, drawn: Chosen, wanted: int) -> tuple[Ints, list[Box]] | None:
    """The group (n,) of each drawn component, and the groups' boxes, when exactly `wanted` stand out."""
    coarse = _coarse(parts, drawn)
    grown = coarse
    first_runs = parts.runs[np.unique(parts.runs[:, 3], return_index=True)[1]]
    rows = np.minimum(first_runs[:, 0] // _CELL, coarse.shape[0] - 1)
    columns = np.minimum(first_runs[:, 1] // _CELL, coarse.shape[1] - 1)
    for _ in range(14):
        blobs = find_components(grown)
        blob_of_cell = _painted(blobs)
        member = blob_of_cell[rows, columns]
        extents = blobs.width * blobs.height
        large = np.flatnonzero(extents >= _SIGNIFICANT * extents.max())
        if len(large) < wanted:
            return None
        if len(large) > wanted and len(outermost := _outermost(blobs, large)) == wanted:
            large = outermost
        if len(large) == wanted:
            rank = np.full(len(blobs), -1, np.int64)
            rank[large] = np.arange(wanted)
            group = np.where(drawn, rank[member], -1)
            boxes = [_box_of(parts, group == number) for number in range(wanted)]
            stray = drawn & (group < 0)
            group[stray] = np.argmin([_distances(parts, stray, box) for box in boxes], axis=0)
            return group.astype(np.int64), [_box_of(parts, group == number) for number in range(wanted)]
        grown = _grow(grown)
    return None


def _outermost(blobs: Components, chosen: Ints) -> Ints:
    """Those that do not lie inside another, as hatching lies inside the outline of its figure."""
    left, top, right, bottom = (v[chosen] for v in (blobs.left, blobs.top, blobs.right, blobs.bottom))
    inside = (
        (left[:, None] >= left)
        & (top[:, None] >= top)
        & (right[:, None] <= right)
        & (bottom[:, None] <= bottom)
    )
    np.fill_diagonal(inside, False)
    outermost: Ints = chosen[~inside.any(axis=1)]
    return outermost


def _coarse(parts: Components, drawn: Chosen) -> Ink:
    """Which cells of `_CELL` pixels hold drawn ink."""
    height, width = parts.shape
    coarse = np.zeros((height // _CELL + 1, width // _CELL + 1), bool)
    runs = parts.runs[drawn[parts.runs[:, 3]]]
    first, last = runs[:, 1] // _CELL, (runs[:, 2] - 1) // _CELL
    counts = last - first + 1
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    coarse[np.repeat(runs[:, 0] // _CELL, counts), np.repeat(first, counts) + offsets] = True
    return coarse


def _grow(ink: Ink) -> Ink:
    grown = ink.copy()
    grown[1:] |= ink[:-1]
    grown[:-1] |= ink[1:]
    grown[:, 1:] |= ink[:, :-1]
    grown[:, :-1] |= ink[:, 1:]
    return grown


def _painted(blobs: Components) -> Ints:
    """The component of each cell, -1 where there is none."""
    picture = np.full(blobs.shape, -1, np.int64)
    for row, start, stop, component in blobs.runs:
        picture[row, start:stop] = component
    return picture


def _box_of(parts: Components, chosen: npt.NDArray[np.bool_]) -> Box:
    left, top = int(parts.left[chosen].min()), int(parts.top[chosen].min())
    return Box(left, top, int(parts.right[chosen].max()) - left, int(parts.bottom[chosen].max()) - top)


def _distances(parts: Components, chosen: npt.NDArray[np.bool_], box: Box) -> npt.NDArray[np.float64]:
    """How far each chosen component lies from a box."""
    left, right = parts.left[chosen], parts.right[chosen]
    top, bottom = parts.top[chosen], parts.bottom[chosen]
    across = np.maximum(np.maximum(left - box.right, box.x - right), 0)
    along = np.maximum(np.maximum(top - box.bottom, box.y - bottom), 0)
    distances: npt.NDArray[np.float64] = np.hypot(across, along)
    return distances


def _gap(a: Box, b: Box) -> float:
    """The distance between two boxes, 0 where they meet; a box beside counts as a little farther."""
    across = max(a.x - b.right, b.x - a.right, 0)
    along = max(a.y - b.bottom, b.y - a.bottom, 0)
    off_centre = abs((a.x + a.right) - (b.x + b.right)) / 2
    return float(np.hypot(across, along) + 0.05 * off_centre)


def _cheapest_pairing(costs: npt.NDArray[np.float64]) -> tuple[list[int], float]:
    """For each row the column of the pairing with the least sum, and the largest cost in it.

    Exact, by dynamic programming over sets of columns (Held & Karp 1962); for up to eight.
    """
    size = len(costs)
    best: dict[int, tuple[float, list[int]]] = {0: (0.0, [])}
    for row in range(size):
        following: dict[int, tuple[float, list[int]]] = {}
        for used, (total, chosen) in best.items():
            for column in range(size):
                if used >> column & 1:
                    continue
                key, cost = used | 1 << column, total + float(costs[row, column])
                if key not in following or cost < following[key][0]:
                    following[key] = (cost, [*chosen, column])
        best = following
    _, chosen = best[(1 << size) - 1]
    return chosen, max(float(costs[row, column]) for row, column in enumerate(chosen))
