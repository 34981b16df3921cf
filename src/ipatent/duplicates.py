"""Duplicates: hits that show the same drawing, re-published or scanned again, become one."""

import numpy as np

from ipatent.patents import Vectors

SAME_DRAWING = 0.98
"""Cosine of two pictures from which on they count as one drawing."""
MOST_COMPARED = 1000
"""Hits that are compared with each other, the best first; those after them stand alone."""


def same_drawings(vectors: Vectors, threshold: float = SAME_DRAWING) -> list[list[int]]:
    """Hits with their unit vectors (n, dimension), best first, as groups; each begins with its best.

    A hit joins the group whose first hit it is most like, so that a chain of small changes never
    joins two drawings that differ.
    """
    count = len(vectors)
    compared = vectors[:MOST_COMPARED]
    alike = compared @ compared.T
    # Few are like any before them; only those are looked at one by one.
    like_another = np.asarray(np.tril(alike >= threshold, -1).any(axis=1))
    groups: list[list[int]] = []
    firsts: list[int] = []
    for at in range(count):
        if at < len(compared) and like_another[at]:
            likeness = alike[at, firsts]
            nearest = int(likeness.argmax())
            if likeness[nearest] >= threshold:
                groups[nearest].append(at)
                continue
        if at < MOST_COMPARED:
            firsts.append(at)
        groups.append([at])
    return groups


def alone(count: int) -> list[list[int]]:
    """Every hit a group of its own."""
    return [[at] for at in range(count)]
