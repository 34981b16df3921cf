"""Projection: places in 2 or 3 dimensions for figures, so that a map of a result can be drawn.

`leading` is principal component analysis and answers at once. `neighbours` keeps near drawings
near: t-SNE (van der Maaten and Hinton, "Visualizing data using t-SNE", 2008), exact for up to
1,200 figures; of more, as many are laid out and the others placed among them. It starts from the
principal components, so both maps lie alike.
"""

import numpy as np
import numpy.typing as npt

from ipatent.errors import QueryError
from ipatent.patents import Vectors

Places = npt.NDArray[np.float32]
"""(n, 2) or (n, 3), centred, the farthest point at distance 1."""

_DIRECTIONS = 32
_ENOUGH = 5
_MOST = 1200
_STEPS = 250
_EARLY = 75


def leading(vectors: Vectors, dimensions: int, seed: int = 0) -> Vectors:
    """(n, min(dimensions, n, d)) float32: the centred vectors along their directions of most spread.

    A randomised range finder with two power iterations (Halko, Martinsson and Tropp 2011). The sign
    of each direction is fixed, so the same vectors always give the same places.
    """
    rows = np.asarray(vectors, np.float32)
    if not len(rows):
        return np.zeros((0, dimensions), np.float32)
    centred = rows - rows.mean(axis=0)
    count = min(dimensions, *centred.shape)
    start = np.random.default_rng(seed).standard_normal(
        (centred.shape[1], min(count + 10, centred.shape[1])), dtype=np.float32
    )
    basis = np.linalg.qr(centred @ start)[0]
    for _ in range(2):
        basis = np.linalg.qr(centred @ np.linalg.qr(centred.T @ basis)[0])[0]
    left, sizes, right = np.linalg.svd(basis.T @ centred, full_matrices=False)
    found = (basis @ left)[:, :count] * sizes[:count]
    strongest = np.abs(right[:count]).argmax(axis=1)
    signs = np.where(right[np.arange(count), strongest] < 0, -1.0, 1.0)
    placed: Vectors = (found * signs).astype(np.float32)
    return placed


def principal(vectors: Vectors, dimensions: int = 2, seed: int = 0) -> Places:
    """Places along the directions of most spread, at once; vectors that are not finite lie in the middle.

    Raises QueryError when `dimensions` is not 2 or 3.
    """
    rows, usable = _usable(vectors, dimensions)
    found = leading(rows, dimensions, seed)
    return _scaled(found, usable, dimensions)


def neighbours(vectors: Vectors, dimensions: int = 2, seed: int = 0) -> Places:
    """Places that keep near drawings near; distances between far ones mean little. Seeded.

    Fewer than five usable vectors are placed by `principal`. Raises QueryError when `dimensions` is
    not 2 or 3.
    """
    rows, usable = _usable(vectors, dimensions)
    if len(rows) < _ENOUGH:
        return principal(vectors, dimensions, seed)
    points = leading(rows, _DIRECTIONS, seed)
    step = -(-len(points) // _MOST)
    landmarks = points[::step]
    start = landmarks[:, :dimensions]
    start = np.pad(start, ((0, 0), (0, dimensions - start.shape[1])))
    spread = float(start[:, 0].std())
    if spread == 0:
        return principal(vectors, dimensions, seed)
    # What lies in one place would stay there: equal drawings are set a hair apart.
    noise = np.random.default_rng(seed).standard_normal(start.shape, dtype=np.float32)
    placed = _descended(_affinities(landmarks), start / spread * 1e-4 + noise * 1e-6)
    return _scaled(placed if step == 1 else _between(points, landmarks, placed), usable, dimensions)


def _squared(points: Vectors, others: Vectors) -> Vectors:
    across = (points**2).sum(axis=1)[:, None] + (others**2).sum(axis=1)[None, :]
    apart: Vectors = np.maximum(across - 2 * points @ others.T, 0.0)
    return apart


def _affinities(points: Vectors) -> Vectors:
    """(n, n) float32, symmetric, of sum 1: the chance that two points are neighbours."""
    count = len(points)
    perplexity = min(30.0, max(1.5, (count - 1) / 4))
    near = min(count - 1, int(3 * perplexity) + 1)
    apart = _squared(points, points)
    np.fill_diagonal(apart, np.inf)
    at = np.argpartition(apart, near - 1, axis=1)[:, :near]
    squares = np.take_along_axis(apart, at, axis=1).astype(np.float64)
    squares -= squares.min(axis=1, keepdims=True)
    low, high = np.zeros((count, 1)), np.full((count, 1), 1e6)
    for _ in range(50):  # the width at which each point has so many neighbours, by halving
        narrow = np.sqrt((low + 1e-9) * high)
        weights = np.exp(-squares * narrow)
        weights /= weights.sum(axis=1, keepdims=True)
        entropy = -(weights * np.log(weights + 1e-30)).sum(axis=1, keepdims=True)
        wide = entropy > np.log(perplexity)
        low, high = np.where(wide, narrow, low), np.where(wide, high, narrow)
    chances = np.zeros((count, count), np.float32)
    np.put_along_axis(chances, at, weights.astype(np.float32), axis=1)
    chances += chances.T.copy()
    chances /= chances.sum()
    return chances


def _descended(chances: Vectors, start: Vectors) -> Vectors:
    """The layout after gradient descent with momentum; all pairs count, since there are few points."""
    places = start.astype(np.float32)
    moved = np.zeros_like(places)
    gains = np.ones_like(places)
    rate = max(len(places) / 12.0, 10.0)
    # Two tables of all pairs, written over and over: making new ones takes longer than filling them.
    near = np.empty_like(chances)
    pull = np.empty_like(chances)
    for step in range(_STEPS):
        squares = (places**2).sum(axis=1)
        np.matmul(places * -2.0, places.T, out=near)
        near += squares[:, None]
        near += squares[None, :] + 1.0
        np.reciprocal(near, out=near)
        np.fill_diagonal(near, 0.0)
        np.multiply(chances, (12.0 if step < _EARLY else 1.0) * near.sum(), out=pull)
        pull -= near
        pull *= near
        slope = 4 * (pull.sum(axis=1)[:, None] * places - pull @ places) / near.sum()
        gains = np.maximum(np.where(slope * moved < 0, gains + 0.2, gains * 0.8), 0.01)
        moved = (0.5 if step < _EARLY else 0.8) * moved - rate * gains * slope
        places = places + moved
        places -= places.mean(axis=0)
    return places.astype(np.float32)


def _between(points: Vectors, landmarks: Vectors, placed: Vectors) -> Vectors:
    """Each point among its three nearest landmarks, nearer to the nearer ones."""
    apart = _squared(points, landmarks)
    at = np.argpartition(apart, 2, axis=1)[:, :3]
    weights = 1.0 / (np.take_along_axis(apart, at, axis=1) + 1e-6)
    weights /= weights.sum(axis=1, keepdims=True)
    found: Vectors = (placed[at] * weights[:, :, None]).sum(axis=1).astype(np.float32)
    return found


def _usable(vectors: Vectors, dimensions: int) -> tuple[Vectors, npt.NDArray[np.bool_]]:
    if dimensions not in (2, 3):
        raise QueryError(f"A map of {dimensions} dimensions cannot be drawn.", "Ask for 2 or 3.")
    rows = np.asarray(vectors, np.float32)
    usable = np.asarray(np.isfinite(rows).all(axis=1), np.bool_)
    return rows[usable], usable


def _scaled(found: Vectors, usable: npt.NDArray[np.bool_], dimensions: int) -> Places:
    places = np.zeros((len(usable), dimensions), np.float32)
    if len(found):
        found = found - found.mean(axis=0)
        size = float(np.linalg.norm(found, axis=1).max())
        places[usable, : found.shape[1]] = found / (size or 1.0)
    return places
