"""Where shells run into each other: the lines in which their surfaces cut."""

import numpy as np
import numpy.typing as npt

from ipatent.sample.profiles import Floats

Ints = npt.NDArray[np.int64]

_CHUNK = 400_000
_CROWD = 6


def contact_segments(
    corners: Floats, surfaces: Ints, shells: Ints, shell_part: Ints
) -> list[tuple[Floats, int, int]]:
    """Straight pieces (2, 3) of all lines in which two shells cut, with the two surfaces.

    `corners` is (m, 3, 3), one triangle a row. Surfaces that merely touch give nothing. The shells of
    a part that has many of them (spokes, wires) are not compared with each other.
    """
    low, high = corners.min(1), corners.max(1)
    count = int(shells.max()) + 1
    members = [np.flatnonzero(shells == number) for number in range(count)]
    shell_low = np.array([low[m].min(0) for m in members])
    shell_high = np.array([high[m].max(0) for m in members])
    slack = 1e-9
    meet = np.all(
        (shell_low[:, None] < shell_high[None] - slack) & (shell_low[None] < shell_high[:, None] - slack),
        axis=2,
    )
    crowded = np.bincount(shell_part)[shell_part] > _CROWD
    meet &= ~((shell_part[:, None] == shell_part[None]) & crowded[:, None])
    first_rows: list[Ints] = []
    second_rows: list[Ints] = []
    for a, b in np.argwhere(np.triu(meet, 1)):
        inner_low = np.maximum(shell_low[a], shell_low[b]) - slack
        inner_high = np.minimum(shell_high[a], shell_high[b]) + slack
        left, right = (
            m[np.all((low[m] <= inner_high) & (high[m] >= inner_low), axis=1)]
            for m in (members[a], members[b])
        )
        if not len(left) or not len(right):
            continue
        step = max(1, _CHUNK // len(right))
        for start in range(0, len(left), step):
            piece = left[start : start + step]
            near = np.ones((len(piece), len(right)), dtype=bool)
            for axis in range(3):
                near &= low[piece, axis, None] <= high[right, axis]
                near &= high[piece, axis, None] >= low[right, axis]
            i, j = np.nonzero(near)
            first_rows.append(piece[i])
            second_rows.append(right[j])
    if not first_rows:
        return []
    first, second = np.concatenate(first_rows), np.concatenate(second_rows)
    ends, found = _cuts(corners[first], corners[second])
    chosen = np.flatnonzero(found)
    return [(ends[k], int(surfaces[first[k]]), int(surfaces[second[k]])) for k in chosen]


def _cuts(first: Floats, second: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """The piece (k, 2, 3) in which each pair of triangles cuts, and whether there is one."""
    points: list[Floats] = []
    hits: list[npt.NDArray[np.bool_]] = []
    for triangles, others in ((first, second), (second, first)):
        edge_a, edge_b = others[:, 1] - others[:, 0], others[:, 2] - others[:, 0]
        normal = np.cross(edge_a, edge_b)
        for corner in range(3):
            start, end = triangles[:, corner], triangles[:, (corner + 1) % 3]
            along = end - start
            slope = np.einsum("ij,ij->i", normal, along)
            safe = np.where(np.abs(slope) < 1e-14, 1.0, slope)
            t = np.einsum("ij,ij->i", normal, others[:, 0] - start) / safe
            point = start + t[:, None] * along
            offset = point - others[:, 0]
            size = np.einsum("ij,ij->i", normal, normal) + 1e-30
            u = np.einsum("ij,ij->i", np.cross(offset, edge_b), normal) / size
            v = np.einsum("ij,ij->i", np.cross(edge_a, offset), normal) / size
            inside = (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1 + 1e-9)
            hits.append((np.abs(slope) >= 1e-14) & (t >= 0) & (t <= 1) & inside)
            points.append(point)
    every, hit = np.stack(points, 1), np.stack(hits, 1)
    begin = hit.argmax(1)
    finish = 5 - hit[:, ::-1].argmax(1)
    rows = np.arange(len(every))
    ends = np.stack([every[rows, begin], every[rows, finish]], 1)
    length = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
    return ends, (hit.sum(1) >= 2) & (length > 1e-9)
