"""Second looks at a ranking by pictures: the neighbours of the neighbours, and the siblings.

A query names those it wants, and they are taken in this order, whatever the order of the names:

    expansion     before the search: the picture is drawn towards its nearest figure
    augmentation  the best figures are drawn towards their nearest among each other
    kreciprocal   the best figures are ordered by the neighbours that they share with the picture
    patches       the best figures are compared with the picture place by place (`ipatent.patches`)
    siblings      a figure's score is mixed with that of its patent's two best figures

Each is a pure function on unit vectors or scores; `docs/quality.md` says what each gains and costs.
But for patches, all need only the vectors that are stored: nothing is prepared for them.
"""

from collections.abc import Iterable
from typing import Final, get_args

import numpy as np
import numpy.typing as npt

from ipatent.errors import QueryError
from ipatent.index import Rows, Scores
from ipatent.patents import Vectors
from ipatent.query import SecondLook

Reals = npt.NDArray[np.float64]

SECOND_LOOKS: Final[tuple[SecondLook, ...]] = get_args(SecondLook)
NONE: Final = "none"
"""What asks for no second look where the setting has some."""
AMONG_THE_BEST: Final[frozenset[SecondLook]] = frozenset({"augmentation", "kreciprocal"})
"""Looks at the vectors of the best figures."""
BEST = 300
"""Figures that are compared with each other: the cost grows with the square."""
SHARE = 0.2
"""The say of a figure's patent in its score: with more, the first hit gets worse."""
_ITSELF = 0.999
"""A picture is not drawn towards its own copy, which would keep it where it is."""


def read_second_looks(text: str) -> tuple[SecondLook, ...]:
    """The second looks named in `text`, with commas between them; `none` and nothing are none at all.

    Raises QueryError for a name that is not known.
    """
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    known = {str(name): name for name in SECOND_LOOKS}
    for name in names:
        if name not in known and (name != NONE or len(names) > 1):
            raise QueryError(
                f"There is no second look called {name[:40]!r}.",
                f"Known are {', '.join(SECOND_LOOKS)}, with commas between several, and {NONE} alone.",
            )
    return in_order(known[name] for name in names if name != NONE)


def in_order(names: Iterable[SecondLook]) -> tuple[SecondLook, ...]:
    """Each name once, in the order in which they are taken."""
    wanted = set(names)
    return tuple(name for name in SECOND_LOOKS if name in wanted)


def best_places(calibrated: Reals) -> Rows:
    """Places of the `BEST` highest of (n,) scores, the highest first, the earlier of equals first."""
    places: Rows = np.argsort(-calibrated, kind="stable")[:BEST].astype(np.int64)
    return places


def among_the_best(
    names: Iterable[SecondLook], calibrated: Reals, raw: Scores, places: Rows, vectors: Vectors
) -> Reals:
    """Calibrated scores (n,) in the order that the neighbours of the figures at `places` suggest.

    `vectors` (m, dimension) are those of the figures at `places` (m,), `raw` (n,) the cosines to the
    query's best view. The scores stay the same numbers: they are only dealt out anew among these
    figures, so that they mean beside words what they meant before.
    """
    scores, wanted = raw[places].astype(np.float32), set(names)
    if "augmentation" in wanted:
        scores = drawn_scores(scores, vectors)
    if "kreciprocal" in wanted:
        scores = k_reciprocal(with_query(scores, vectors))
    order = places[np.lexsort((places, -scores.astype(np.float64)))]
    dealt = calibrated.copy()
    dealt[order] = -np.sort(-calibrated[places])
    return dealt


def with_query(scores: Scores, pool: Vectors) -> Scores:
    """As `likenesses`, where the query is known only by its cosines (n,) to the pool."""
    size = len(pool) + 1
    cosines = np.ones((size, size), np.float32)
    cosines[1:, 1:] = pool @ pool.T
    cosines[0, 1:] = cosines[1:, 0] = scores
    return cosines


def drawn_scores(scores: Scores, pool: Vectors, k: int = 2, power: float = 3.0) -> Scores:
    """Cosines (n,) to a query of the pool's vectors as `augmented` draws them; the query is not needed."""
    if len(pool) < 2:
        return scores
    best, weights = _neighbours(pool, k, power)
    drawn = pool.astype(np.float64) + np.einsum("nk,nkd->nd", weights, pool[best].astype(np.float64))
    sums = scores.astype(np.float64) + (weights * scores[best]).sum(axis=1)
    moved: Scores = (sums / np.linalg.norm(drawn, axis=1)).astype(np.float32)
    return moved


def expanded_unlike_itself(query: Vectors, found: Vectors) -> Vectors:
    """The `query` (1, dimension) drawn towards the nearest of `found` that is no copy of it."""
    others = found[found @ query[0] < _ITSELF] if len(found) else found
    return expanded(query, others, k=1)


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
    best, weights = _neighbours(vectors, k, power)
    drawn = vectors.astype(np.float64) + np.einsum("nk,nkd->nd", weights, vectors[best].astype(np.float64))
    moved: Vectors = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    return moved


def _neighbours(vectors: Vectors, k: int, power: float) -> tuple[Rows, Reals]:
    """Places and weights (n, k) of the nearest others of each vector."""
    likeness = (vectors @ vectors.T).astype(np.float64)
    np.fill_diagonal(likeness, -np.inf)
    k = min(k, len(vectors) - 1)
    best: Rows = np.argpartition(-likeness, k - 1, axis=1)[:, :k]
    weights: Reals = np.maximum(np.take_along_axis(likeness, best, axis=1), 0.0) ** power
    return best, weights


def with_siblings(scores: Reals | Scores, patents: Rows, share: float = SHARE) -> Reals:
    """Scores (n,) mixed with those of each figure's patent: the mean of its two best figures.

    A patent of which several views are alike is more probably meant than one with a single lucky
    view, and all its figures move up together. `patents` (n,) are any numbers that tell them apart.
    """
    if not len(scores):
        return np.zeros(0)
    _, group = np.unique(patents, return_inverse=True)
    order = np.lexsort((-scores, group))
    first = np.flatnonzero(np.diff(group[order], prepend=-1))
    best = scores[order[first]].astype(np.float64)
    after = np.minimum(first + 1, len(order) - 1)
    has_second = group[order[after]] == group[order[first]]
    second = np.where(has_second, scores[order[after]], best)
    mixed: Reals = (1 - share) * scores.astype(np.float64) + share * ((best + second) / 2)[group]
    return mixed
