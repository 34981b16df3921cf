"""Duplicates: hits that show the same drawing, re-published or scanned again, become one."""

import numpy as np
from numpy.typing import NDArray

from ipatent.patents import Vectors

SAME_DRAWING = 0.98
"""Cosine of two pictures from which on they count as one drawing."""
MOST_COMPARED = 1000
"""Hits that are compared with each other, the best first; those after them stand alone."""

_FIRST_DIMENSIONS = 256
_ROUNDING = 1e-4
"""Of sums in single precision."""


def same_drawings(vectors: Vectors, threshold: float = SAME_DRAWING) -> list[list[int]]:
    """Hits with their unit vectors (n, dimension), best first, as groups; each begins with its best.

    A hit joins the group whose first hit it is most like, so that a chain of small changes never
    joins two drawings that differ.
    """
    count = len(vectors)
    compared = vectors[:MOST_COMPARED]
    # Few are like any before them; only those are looked at one by one.
    suspects = np.flatnonzero(_may_be_alike(compared, threshold).any(axis=1))
    likenesses = dict(zip(suspects.tolist(), compared[suspects] @ compared.T, strict=True))
    groups: list[list[int]] = []
    firsts: list[int] = []
    for at in range(count):
        if at in likenesses and firsts:
            likeness = likenesses[at][firsts]
            nearest = int(likeness.argmax())
            if likeness[nearest] >= threshold:
                groups[nearest].append(at)
                continue
        if at < MOST_COMPARED:
            firsts.append(at)
        groups.append([at])
    return groups


def _may_be_alike(vectors: Vectors, threshold: float) -> NDArray[np.bool_]:
    """Which pairs may reach the threshold, (n, n), told of each with those before it.

    Vectors are no farther apart in a part of their dimensions than in all of them, so the first ones
    show of almost every pair that it is too far apart, for a fifth of the work.
    """
    part = vectors[:, :_FIRST_DIMENSIONS]
    inside = np.einsum("nd,nd->n", part, part)
    whole = np.einsum("nd,nd->n", vectors, vectors)
    apart = (inside[:, None] + inside) - 2 * (part @ part.T)
    most = (whole[:, None] + whole) - 2 * threshold
    return np.tril(apart <= most + _ROUNDING, -1)


def alone(count: int) -> list[list[int]]:
    """Every hit a group of its own."""
    return [[at] for at in range(count)]
