"""Flat areas, with or without holes, cut into triangles."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ipatent.sample.profiles import Floats

Ints = npt.NDArray[np.int64]


def signed_area(points: Floats) -> float:
    """Area of an outline: positive when it runs anticlockwise."""
    x, y = points[:, 0], points[:, 1]
    return 0.5 * float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


def cap_triangles(loops: Sequence[Floats]) -> tuple[Floats, Ints]:
    """Points (n, 2) and triangles (m, 3) that fill the first loop less the others.

    The first loop runs anticlockwise, holes run clockwise. A loop that can be seen whole from its
    middle becomes a fan; all others lose one ear after the other.
    """
    outline = loops[0]
    if len(loops) == 1:
        middle = outline.mean(0)
        a, b = outline - middle, np.roll(outline, -1, 0) - middle
        if np.all(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0] > 1e-12):
            count = len(outline)
            index = np.arange(count)
            triangles = np.stack([index, (index + 1) % count, np.full(count, count)], 1)
            return np.concatenate([outline, [middle]]), triangles
    merged = outline
    for hole in sorted(loops[1:], key=lambda loop: -float(loop[:, 0].max())):
        merged = _bridged(merged, hole)
    return merged, _ears(merged)


def _bridged(outline: Floats, hole: Floats) -> Floats:
    start = int(hole[:, 0].argmax())
    hole = np.roll(hole, -start, axis=0)
    gaps = np.linalg.norm(outline - hole[0], axis=1)
    for candidate in np.argsort(gaps, kind="stable"):
        if not _crosses(hole[0], outline[candidate], outline) and not _crosses(
            hole[0], outline[candidate], hole
        ):
            break
    at = int(candidate)
    return np.concatenate([outline[: at + 1], hole, hole[:1], outline[at:]])


def _crosses(p: Floats, q: Floats, loop: Floats) -> bool:
    a, b = loop, np.roll(loop, -1, 0)

    def side(u: Floats, v: Floats, w: Floats) -> Floats:
        return np.asarray(
            (v[..., 0] - u[..., 0]) * (w[..., 1] - u[..., 1])
            - (v[..., 1] - u[..., 1]) * (w[..., 0] - u[..., 0])
        )

    first, second = side(p, q, a), side(p, q, b)
    third, fourth = side(a, b, p), side(a, b, q)
    return bool(np.any((first * second < -1e-18) & (third * fourth < -1e-18)))


def _ears(points: Floats) -> Ints:
    left = list(range(len(points)))
    triangles: list[tuple[int, int, int]] = []
    at = misses = 0
    while len(left) > 3 and misses <= len(left):
        count = len(left)
        at %= count
        i, j, k = left[at - 1], left[at], left[(at + 1) % count]
        a, b, c = points[i], points[j], points[k]
        turning = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        if turning > 1e-14 and not _holds_point(a, b, c, points[left]):
            triangles.append((i, j, k))
            del left[at]
            misses = 0
        elif abs(turning) <= 1e-14:
            del left[at]
            misses = 0
        else:
            at += 1
            misses += 1
    if len(left) == 3:
        triangles.append((left[0], left[1], left[2]))
    return np.array(triangles, dtype=np.int64).reshape(-1, 3)


def _holds_point(a: Floats, b: Floats, c: Floats, others: Floats) -> bool:
    x, y = others[:, 0], others[:, 1]
    eps = 1e-12
    first = (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) > eps
    second = (c[0] - b[0]) * (y - b[1]) - (c[1] - b[1]) * (x - b[0]) > eps
    third = (a[0] - c[0]) * (y - c[1]) - (a[1] - c[1]) * (x - c[0]) > eps
    return bool(np.any(first & second & third))
