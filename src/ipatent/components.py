"""Connected components of the ink on a page: boxes, ink counts and masks."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipatent.patents import Box, Pixels

Ink = npt.NDArray[np.bool_]
"""(height, width) bool, true where there is ink."""
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """The 8-connected components of an ink image.

    Each array has one entry per component; `right` and `bottom` are exclusive; `area` counts ink
    pixels. `runs` (m, 4) lists the horizontal runs (row, start, stop, component), by row.
    """

    left: Ints
    top: Ints
    right: Ints
    bottom: Ints
    area: Ints
    runs: Ints
    shape: tuple[int, int]

    def __len__(self) -> int:
        return len(self.area)

    @property
    def width(self) -> Ints:
        """Widths in pixels."""
        return self.right - self.left

    @property
    def height(self) -> Ints:
        """Heights in pixels."""
        return self.bottom - self.top

    def mask(self, wanted: npt.NDArray[np.bool_], box: Box | None = None) -> Ink:
        """The ink of the components for which `wanted` (n,) is true, on the page or inside `box` only."""
        box = box or Box(0, 0, self.shape[1], self.shape[0])
        row, start, stop, component = self.runs.T
        chosen = (
            wanted[component] & (row >= box.y) & (row < box.bottom) & (stop > box.x) & (start < box.right)
        )
        runs = np.stack(
            [
                row[chosen] - box.y,
                np.maximum(start[chosen] - box.x, 0),
                np.minimum(stop[chosen] - box.x, box.width),
            ],
            axis=1,
        )
        return paint_runs(runs, (box.height, box.width))


def paint_runs(runs: Ints, shape: tuple[int, int]) -> Ink:
    """An ink image with the given runs (m, >=3: row, start, stop) painted."""
    height, width = shape
    edges = np.zeros(height * (width + 1) + 1, np.int8)
    base = runs[:, 0] * (width + 1)
    np.add.at(edges, base + runs[:, 1], 1)
    np.add.at(edges, base + runs[:, 2], -1)
    painted: Ink = np.cumsum(edges[:-1], dtype=np.int8).reshape(height, width + 1)[:, :width] > 0
    return painted


def ink_of(pixels: Pixels) -> Ink:
    """Where a page has ink: darker than midway between its paper and black.

    The paper is taken as the 90th percentile of brightness, so that grey scans keep their lines.
    """
    grey = pixels if pixels.ndim == 2 else pixels.min(axis=2)
    sample = grey[::8, ::8]
    paper = float(np.percentile(sample, 90)) if sample.size else 255.0
    ink: Ink = grey < max(40.0, min(paper * 0.75, 200.0))
    return ink


def find_components(ink: Ink) -> Components:
    """The 8-connected components of `ink`, numbered by first row, then first column.

    Runs of ink are joined with overlapping runs of the row above by pointer jumping on a forest of
    minimal labels (Shiloach & Vishkin 1982), vectorised over all runs.
    """
    height, width = ink.shape
    padded = np.zeros((height, width + 2), np.int8)
    padded[:, 1:-1] = ink
    steps = np.diff(padded, axis=1).ravel()
    starts = np.flatnonzero(steps == 1)
    stops = np.flatnonzero(steps == -1)
    row, start, stop = starts // (width + 1), starts % (width + 1), stops % (width + 1)
    parents = _join(_touching(row, start, stop, width), len(row))
    _, component = np.unique(parents, return_inverse=True)
    component = component.astype(np.int64).reshape(-1)
    count = int(component.max()) + 1 if len(component) else 0
    left = np.full(count, width, np.int64)
    top = np.full(count, height, np.int64)
    right = np.zeros(count, np.int64)
    bottom = np.zeros(count, np.int64)
    np.minimum.at(left, component, start)
    np.maximum.at(right, component, stop)
    np.minimum.at(top, component, row)
    np.maximum.at(bottom, component, row + 1)
    area = np.bincount(component, weights=stop - start, minlength=count).astype(np.int64)
    runs = np.stack([row, start, stop, component], axis=1).astype(np.int64)
    return Components(left, top, right, bottom, area, runs, (height, width))


def _touching(row: Ints, start: Ints, stop: Ints, width: int) -> tuple[Ints, Ints]:
    """Pairs of runs in neighbouring rows that touch, corners included."""
    pitch = width + 4
    first_column = row * pitch + start
    last_column = row * pitch + stop  # exclusive: touching corners still meet
    above = pitch
    low = np.searchsorted(last_column, first_column - above, side="left")
    high = np.searchsorted(first_column, last_column - above, side="right")
    # Only runs of the row directly above count; the pitch keeps rows apart.
    counts = np.maximum(high - low, 0)
    lower = np.repeat(np.arange(len(row)), counts)
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    upper = np.repeat(low, counts) + offsets
    return lower.astype(np.int64), upper.astype(np.int64)


def _join(pairs: tuple[Ints, Ints], count: int) -> Ints:
    """The smallest run number in each connected set of runs."""
    a, b = pairs
    parent = np.arange(count)
    while True:
        root_a, root_b = parent[a], parent[b]
        apart = root_a != root_b
        if not apart.any():
            return parent
        a, b, root_a, root_b = a[apart], b[apart], root_a[apart], root_b[apart]
        np.minimum.at(parent, np.maximum(root_a, root_b), np.minimum(root_a, root_b))
        while True:
            jumped = parent[parent]
            if np.array_equal(jumped, parent):
                break
            parent = jumped
