"""Projection: places in 2 or 3 dimensions for figures, so that a map of a result can be drawn.

`leading` is principal component analysis and answers at once. `neighbours` keeps near drawings
near: t-SNE (van der Maaten and Hinton, "Visualizing data using t-SNE", 2008) with the Barnes-Hut
approximation in 2 dimensions. It starts from the principal components, so both maps lie alike.
"""

import numpy as np
import numpy.typing as npt

from ipatent.errors import QueryError
from ipatent.patents import Vectors

Places = npt.NDArray[np.float32]
"""(n, 2) or (n, 3), centred, the farthest point at distance 1."""

_DIRECTIONS = 32
_ENOUGH = 5


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
    from sklearn.manifold import TSNE

    points = leading(rows, _DIRECTIONS, seed)
    start = points[:, :dimensions].copy()
    if start.shape[1] < dimensions:
        start = np.pad(start, ((0, 0), (0, dimensions - start.shape[1])))
    spread = float(start[:, 0].std())
    if spread == 0:
        return principal(vectors, dimensions, seed)
    # What lies in one place would stay there: equal drawings are set a hair apart.
    start = start / spread * 1e-4
    start += np.random.default_rng(seed).standard_normal(start.shape).astype(np.float32) * 1e-6
    found = TSNE(
        dimensions,
        perplexity=min(30.0, (len(points) - 1) / 3),
        init=start.astype(np.float32),
        learning_rate="auto",
        random_state=seed,
        max_iter=_steps(len(points), dimensions),
        method="barnes_hut",
        angle=0.7 if dimensions == 3 else 0.6,
        n_jobs=1,
    ).fit_transform(points)
    return _scaled(np.asarray(found, np.float32), usable, dimensions)


def _steps(count: int, dimensions: int) -> int:
    return 300 if count * (dimensions - 1) > 1500 else 500


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
