"""Clusters: the figures of a result in groups of drawings that look alike, best-ranked group first.

Vectors are centred and reduced to their leading directions first (Ding and He, "K-means clustering via
principal component analysis", 2004), which costs nothing in purity and makes thousands of figures quick.
The same vectors and the same seed give the same groups.

K-means is this program's own, so that it needs nothing beyond numpy; the other two methods come from
scikit-learn, which the extra `clusters` brings.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from ipatent.errors import QueryError, SettingsError
from ipatent.patents import Vectors
from ipatent.project import leading

Method = Literal["kmeans", "auto", "agglomerative", "hdbscan"]
METHODS: Final[tuple[Method, ...]] = get_args(Method)

MOST_CHOSEN = 15
"""The largest number of groups that `auto` tries."""
NEAR_DUPLICATE = 0.1
"""Cosine distance up to which `agglomerative` takes two drawings for the same, where nothing is said."""
_DIRECTIONS = 64
_DENSITY_DIRECTIONS = 16
_SAMPLE = 1000
_WEAK = 0.1
_STEPS = 100

Points = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
"""(n,) group of each figure, from 0; -1 where it belongs to none."""
Sentences = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cluster:
    """One group. `members` are 0-based places in the ranking: the medoid first, then by rank."""

    members: tuple[int, ...]

    @property
    def medoid(self) -> int:
        """The figure most like all others of the group."""
        return self.members[0]


@dataclass(frozen=True, slots=True)
class Clusters:
    """The groups, ordered by their best-ranked member, and the figures that fit into none.

    `sentences` say how the groups came about, each by itself so that it can be translated.
    """

    method: Method
    groups: tuple[Cluster, ...]
    rest: tuple[int, ...]
    """0-based places, by rank."""
    sentences: tuple[str, ...]

    @property
    def explained(self) -> str:
        """How the groups came about, in one line."""
        return " ".join(self.sentences)


@dataclass(frozen=True, slots=True)
class _Asked:
    vectors: Vectors
    points: Points
    k: int
    distance: float
    seed: int


def cluster(
    vectors: Vectors,
    method: Method = "kmeans",
    k: int = 5,
    *,
    captions: Vectors | None = None,
    caption_weight: float = 0.0,
    distance: float = NEAR_DUPLICATE,
    seed: int = 0,
) -> Clusters:
    """The figures whose `vectors` (n, d) are given in rank order, in groups.

    `kmeans` makes `k` groups, or as many as there are different vectors. `auto` chooses k. In
    `agglomerative` groups every two figures are within `distance` (1 - cosine); `hdbscan` (Campello,
    Moulavi and Sander 2013) finds dense groups. The last two leave a rest, as do vectors that are
    zero or not finite. `captions` (n, e) count with `caption_weight` (0 to 1) beside the images; a
    zero row, a figure without text, counts as an average one. Raises QueryError when the method is
    unknown or a number is out of range, SettingsError when the method needs scikit-learn and it is absent.
    """
    if method not in _WAYS:
        raise QueryError(f"There is no way {method!r} of clustering.", f"Known ones: {', '.join(METHODS)}.")
    if k < 1:
        raise QueryError(f"{k} clusters cannot be made.", "Ask for at least 1.")
    if not 0 <= caption_weight <= 1:
        raise QueryError(f"The weight of captions is {caption_weight}.", "It must be from 0 to 1.")
    if not 0 <= distance <= 2:
        raise QueryError(f"The distance {distance} is no cosine distance.", "It must be from 0 to 2.")
    given = np.asarray(vectors, np.float32)
    lengths = np.linalg.norm(np.where(np.isfinite(given), given, 0.0), axis=1)
    usable = np.flatnonzero(np.isfinite(given).all(axis=1) & (lengths > 0))
    rows = given[usable] / lengths[usable, None]
    if captions is not None and caption_weight > 0:
        rows = _mixed(rows, np.asarray(captions, np.float32)[usable], caption_weight)
    if not len(rows):
        return Clusters(method, (), tuple(range(len(given))), ("There is nothing to group.",))
    labels, sentences = _WAYS[method](_Asked(rows, _points(rows, seed), k, distance, seed))
    return _arranged(method, labels, rows, usable, len(given), sentences)


def representatives(vectors: Vectors, members: Sequence[int], count: int = 5) -> tuple[int, ...]:
    """Up to `count` of `members` that show a group best: the first, then each the farthest from those before.

    `vectors` (n, d) are those that were grouped (Gonzalez, "Clustering to minimize the maximum
    intercluster distance", 1985). Equal drawings are taken only once.
    """
    if not members or count < 1:
        return ()
    rows = np.nan_to_num(np.asarray(vectors, np.float32)[list(members)])
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    chosen = [0]
    apart = 1.0 - rows @ rows[0]
    while len(chosen) < min(count, len(members)):
        farthest = int(apart.argmax())
        if apart[farthest] < 1e-4:
            break
        chosen.append(farthest)
        apart = np.minimum(apart, 1.0 - rows @ rows[farthest])
    return tuple(members[at] for at in chosen)


def _mixed(images: Vectors, captions: Vectors, weight: float) -> Vectors:
    captions = np.nan_to_num(captions)
    told = np.linalg.norm(captions, axis=1) > 0
    if not told.any():
        return images
    captions = np.where(told[:, None], captions, captions[told].mean(axis=0))
    parts = []
    for rows, share in ((images, 1.0 - weight), (captions, weight)):
        rows = rows - rows.mean(axis=0)
        # Both parts spread equally, so that the weight means what it says.
        spread = float(np.sqrt((rows**2).sum(axis=1).mean()))
        parts.append(np.sqrt(share) * rows / (spread or 1.0))
    mixed: Vectors = np.concatenate(parts, axis=1).astype(np.float32)
    mixed /= np.maximum(np.linalg.norm(mixed, axis=1, keepdims=True), 1e-12)
    return mixed


def _points(rows: Vectors, seed: int) -> Points:
    # Double precision: sums of several threads come in any order, and must not decide on a group.
    return leading(rows, _DIRECTIONS, seed).astype(np.float64)


def _k_means(points: Points, k: int, seed: int, starts: int) -> Labels:
    """The best of several descents (Lloyd 1982), each from middles that lie apart."""
    random = np.random.default_rng(seed)
    lengths = (points**2).sum(axis=1)
    found = [_descended(points, lengths, _apart(points, lengths, k, random)) for _ in range(starts)]
    return min(found, key=lambda one: one[1])[0]


def _apart(points: Points, lengths: Points, k: int, random: np.random.Generator) -> Points:
    """k of the points, far from each other: greedy k-means++ (Arthur and Vassilvitskii 2007)."""
    tries = 2 + int(np.log(k))
    chosen = [int(random.integers(len(points)))]
    nearest = _squares(points, lengths, points[chosen])[:, 0]
    while len(chosen) < k:
        at = np.searchsorted(np.cumsum(nearest), random.random(tries) * nearest.sum())
        at = np.minimum(at, len(points) - 1)
        left = np.minimum(nearest[:, None], _squares(points, lengths, points[at]))
        best = int(left.sum(axis=0).argmin())
        chosen.append(int(at[best]))
        nearest = left[:, best]
    return points[chosen]


def _descended(points: Points, lengths: Points, middles: Points) -> tuple[Labels, float]:
    """The groups where the middles come to rest, and the sum of squared distances to them."""
    k = len(middles)
    labels = np.full(len(points), -1, np.int64)
    for _ in range(_STEPS):
        squares = _squares(points, lengths, middles)
        found = squares.argmin(axis=1)
        own = squares[np.arange(len(points)), found]
        for empty in np.flatnonzero(np.bincount(found, minlength=k) == 0):
            farthest = int(own.argmax())
            found[farthest], own[farthest] = empty, 0.0
        if (found == labels).all():
            break
        labels = found
        members = np.eye(k)[labels]
        middles = members.T @ points / members.sum(axis=0)[:, None]
    return labels, float(own.sum())


def _squares(points: Points, lengths: Points, middles: Points) -> Points:
    """(n, k) squared distances."""
    across = lengths[:, None] + (middles**2).sum(axis=1)[None, :]
    apart: Points = np.maximum(across - 2 * points @ middles.T, 0.0)
    return apart


def _different(points: Points) -> int:
    return len(np.unique(points.round(6), axis=0))


def _by_k_means(asked: _Asked) -> tuple[Labels, Sentences]:
    k = min(asked.k, _different(asked.points))
    starts = 10 if len(asked.points) <= _SAMPLE else 3
    labels = _k_means(asked.points, k, asked.seed, starts)
    told = "One group by k-means." if k == 1 else f"{k} groups by k-means."
    fewer = f"{asked.k} were asked for, but no more of these drawings differ."
    return labels, (told, fewer) if k < asked.k else (told,)


def _by_choice(asked: _Asked) -> tuple[Labels, Sentences]:
    """K-means with the k of the highest mean silhouette (Rousseeuw 1987), found on a sample."""
    most = min(MOST_CHOSEN, _different(asked.points) - 1)
    if most < 2:
        return np.zeros(len(asked.points), np.int64), ("One group: there are too few different drawings.",)
    step = -(-len(asked.points) // _SAMPLE)
    sample = asked.points[::step]
    most = min(most, _different(sample) - 1)
    apart = _distances(sample)
    clear = {k: _silhouette(apart, _k_means(sample, k, asked.seed, 1)) for k in range(2, most + 1)}
    k = max(clear, key=lambda k: (round(clear[k], 4), -k), default=1)
    labels = _k_means(asked.points, k, asked.seed, 5 if step == 1 else 3)
    silhouette = f"{clear.get(k, 0.0):.2f}"
    told = (
        f"{k} groups by k-means: of 2 to {most} groups, {k} are best told apart"
        f" (mean silhouette {silhouette})."
    )
    weak = "Even these run into each other."
    return labels, (told, weak) if clear.get(k, 0.0) < _WEAK else (told,)


def _by_distance(asked: _Asked) -> tuple[Labels, Sentences]:
    try:
        from scipy.sparse import csr_matrix
        from scipy.sparse.csgraph import connected_components
        from sklearn.cluster import AgglomerativeClustering
    except ImportError:
        raise _absent("agglomerative") from None

    apart = 1.0 - asked.vectors @ asked.vectors.T
    # Complete linkage never joins what no chain of close pairs connects: each such part is done alone.
    _, part = connected_components(csr_matrix(apart <= asked.distance + 1e-6), directed=False)
    labels = np.full(len(apart), -1, np.int64)
    count = 0
    for number in np.flatnonzero(np.bincount(part) > 1):
        members = np.flatnonzero(part == number)
        inside = np.maximum(apart[np.ix_(members, members)], 0.0)
        if inside.max() <= asked.distance + 1e-6:
            found = np.zeros(len(members), np.int64)
        else:
            found = AgglomerativeClustering(
                None, metric="precomputed", linkage="complete", distance_threshold=asked.distance + 1e-6
            ).fit_predict(inside)
        for group in range(int(found.max()) + 1):
            together = members[found == group]
            if len(together) > 1:
                labels[together] = count
                count += 1
    alike = f"{1 - asked.distance:.2f}"
    return labels, (
        f"Groups of near-duplicates: {count}. In each, any two drawings are at least {alike} alike.",
    )


def _by_density(asked: _Asked) -> tuple[Labels, Sentences]:
    try:
        from sklearn.cluster import HDBSCAN
        from threadpoolctl import threadpool_limits
    except ImportError:
        raise _absent("hdbscan") from None

    least = max(3, round(len(asked.points) ** 0.5 / 4))
    if len(asked.points) < 2 * least:
        return np.full(len(asked.points), -1, np.int64), ("Too few drawings for dense groups.",)
    points = np.ascontiguousarray(asked.points[:, :_DENSITY_DIRECTIONS])
    # One thread: so few numbers gain nothing from more, which wait for each other on a busy machine.
    with threadpool_limits(1, user_api="openmp"):
        found = HDBSCAN(min_cluster_size=least, min_samples=2, copy=True).fit_predict(points)
    labels: Labels = np.asarray(found, np.int64)
    count = int(labels.max()) + 1
    return labels, (f"Groups by density (HDBSCAN): {count}, each of at least {least} drawings.",)


def _absent(method: Method) -> SettingsError:
    return SettingsError(
        f"The method {method} needs scikit-learn, which is not installed.",
        'Install it on the server with: pip install "ipatent[clusters]". Or take kmeans or auto.',
    )


_WAYS: dict[str, Callable[[_Asked], tuple[Labels, Sentences]]] = {
    "kmeans": _by_k_means,
    "auto": _by_choice,
    "agglomerative": _by_distance,
    "hdbscan": _by_density,
}


def _distances(points: Points) -> Points:
    squares = (points**2).sum(axis=1)
    apart: Points = np.sqrt(np.maximum(squares[:, None] + squares[None, :] - 2 * points @ points.T, 0.0))
    return apart


def _silhouette(apart: Points, labels: Labels) -> float:
    """Mean silhouette from the distances (n, n); a figure alone in its group counts 0."""
    groups = np.eye(int(labels.max()) + 1)[labels]
    sizes = groups.sum(axis=0)
    sums = apart @ groups
    own = sizes[labels]
    at = np.arange(len(labels))
    inside = sums[at, labels] / np.maximum(own - 1, 1)
    means = sums / np.maximum(sizes, 1)
    means[at, labels] = np.inf
    means[:, sizes == 0] = np.inf
    outside = means.min(axis=1)
    larger = np.maximum(inside, outside)
    scores = np.where((own > 1) & (larger > 0), (outside - inside) / np.maximum(larger, 1e-12), 0.0)
    return float(scores.mean())


def _arranged(
    method: Method, labels: Labels, rows: Vectors, usable: npt.NDArray[Any], count: int, sentences: Sentences
) -> Clusters:
    groups = []
    for label in range(int(labels.max(initial=-1)) + 1):
        members = np.flatnonzero(labels == label)
        if not len(members):
            continue
        alike = rows[members] @ rows[members].sum(axis=0)
        # Rounding keeps the better-ranked of two equal drawings the medoid.
        medoid = members[int(alike.round(5).argmax())]
        ordered = (medoid, *(member for member in members if member != medoid))
        groups.append(Cluster(tuple(int(usable[member]) for member in ordered)))
    groups.sort(key=lambda group: min(group.members))
    grouped = {member for group in groups for member in group.members}
    rest = tuple(place for place in range(count) if place not in grouped)
    if rest and groups:
        sentences = (*sentences, f"{len(rest)} fit into none.")
    return Clusters(method, tuple(groups), rest, sentences)
