"""Second looks at a ranking by pictures: the neighbours of the neighbours, and the siblings.

Each is a pure function on unit vectors or scores; `docs/quality.md` says what each gains and costs.
"""

import numpy as np
import numpy.typing as npt

from ipatent.index import Rows, Scores
from ipatent.patents import Vectors

Reals = npt.NDArray[np.float64]


def likenesses(query: Vectors, pool: Vectors) -> Scores:
    """The cosines of everything with everything (n + 1, n + 1), the query (1, dimension) first."""
    every = np.concatenate((query, pool))
    cosines: Scores = every @ every.T
    return cosines


def k_reciprocal(likeness: Scores, k: int = 10, spread: int = 3, weight: float = 0.3) -> Scores:
    """Scores (n,) of a pool of figures by shared neighbours, from `likenesses` of query and pool.

    Two pictures are neighbours of each other when each is among the `k` nearest of the other; that
    set grows by those of its members that agree with it by two thirds. Pictures are alike as far as
    their weighted sets overlap (Jaccard), each set first averaged over its `spread` nearest. The
    score is `weight` parts of the cosine and the rest of that overlap (Zhong et al., "Re-ranking
    person re-identification with k-reciprocal encoding", CVPR 2017). The cost grows with n²: take a
    few hundred of the nearest.
    """
    count = len(likeness) - 1
    if count < 1:
        return np.zeros(0, np.float32)
    order = np.argsort(-likeness, axis=1, kind="stable")
    k, spread = min(k, count), min(spread, count + 1)
    sets = _grown(_mutual(order, k), _mutual(order, max(1, round(k / 2))))
    shares = np.where(sets, np.exp(likeness - 1.0), 0.0)
    shares /= shares.sum(axis=1, keepdims=True)
    if spread > 1:
        shares = shares[order[:, :spread]].mean(axis=1)
    shared = np.minimum(shares[0], shares[1:]).sum(axis=1)
    overlap = shared / (2.0 - shared)
    scores: Scores = (weight * likeness[0, 1:] + (1 - weight) * overlap).astype(np.float32)
    return scores


def _mutual(order: Rows, k: int) -> npt.NDArray[np.bool_]:
    """Whether each is among the other's `k` nearest (and itself); (n, n)."""
    near = np.zeros(order.shape, bool)
    np.put_along_axis(near, order[:, : k + 1], True, axis=1)
    return near & near.T


def _grown(sets: npt.NDArray[np.bool_], half: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Each set with the half-size sets of those members that share two thirds with it."""
    sizes = half.sum(axis=1)
    shared = half.astype(np.float32) @ sets.T.astype(np.float32)
    agree = sets & (2 / 3 * sizes[None, :] <= shared.T)
    grown: npt.NDArray[np.bool_] = sets | (agree.astype(np.float32) @ half.astype(np.float32) > 0)
    return grown


def expanded(query: Vectors, pool: Vectors, k: int = 3, power: float = 3.0) -> Vectors:
    """The `query` (1, dimension) drawn towards its `k` nearest of the `pool`, by cosine to `power`.

    Radenović, Tolias and Chum, "Fine-tuning CNN image retrieval with no human annotation", 2018.
    """
    if not len(pool):
        return query
    scores = (pool @ query[0]).astype(np.float64)
    best = np.argsort(-scores, kind="stable")[:k]
    weights = np.maximum(scores[best], 0.0) ** power
    drawn = query[0].astype(np.float64) + weights @ pool[best].astype(np.float64)
    length = np.linalg.norm(drawn)
    moved: Vectors = (drawn / length if length else drawn).astype(np.float32)[None]
    return moved


def augmented(vectors: Vectors, k: int = 3, power: float = 3.0) -> Vectors:
    """Each of `vectors` (n, dimension) drawn towards its `k` nearest others, as `expanded` does a query.

    Database-side augmentation (Turcot and Lowe, "Better matching with fewer features", 2009).
    """
    if len(vectors) < 2:
        return vectors
    likeness = (vectors @ vectors.T).astype(np.float64)
    np.fill_diagonal(likeness, -np.inf)
    k = min(k, len(vectors) - 1)
    best = np.argpartition(-likeness, k - 1, axis=1)[:, :k]
    weights = np.maximum(np.take_along_axis(likeness, best, axis=1), 0.0) ** power
    drawn = vectors.astype(np.float64) + np.einsum("nk,nkd->nd", weights, vectors[best].astype(np.float64))
    moved: Vectors = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    return moved


def with_siblings(scores: Scores, patents: Rows, share: float = 0.5) -> Scores:
    """Scores (n,) mixed with those of each figure's patent: the mean of its two best figures.

    A patent of which several views are alike is more probably meant than one with a single lucky
    view, and all its figures move up together. `patents` (n,) are any numbers that tell them apart.
    """
    if not len(scores):
        return scores
    _, group = np.unique(patents, return_inverse=True)
    order = np.lexsort((-scores, group))
    first = np.flatnonzero(np.diff(group[order], prepend=-1))
    best = scores[order[first]].astype(np.float64)
    after = np.minimum(first + 1, len(order) - 1)
    has_second = group[order[after]] == group[order[first]]
    second = np.where(has_second, scores[order[after]], best)
    mixed: Scores = ((1 - share) * scores + share * ((best + second) / 2)[group]).astype(np.float32)
    return mixed
