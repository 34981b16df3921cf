"""How sure a mean over topics is, and whether two systems differ, when topics come in patents.

Figures of one patent are alike and are found or missed together, so whole patents are drawn, never
single topics (Field and Welsh 2007, the cluster bootstrap).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipatent.errors import QueryError
from ipatent.evaluate import MEASURES, Outcome, Scored

Reals = npt.NDArray[np.float64]

ROUNDS = 2000
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over topics with the 95 % interval of the bootstrap."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """What the second system gains over the first, and how probable so large a gap is by chance."""

    measure: str
    first: float
    second: float
    gain: Estimate
    p: float


def estimates(scored: Sequence[Scored], seed: int = 0, rounds: int = ROUNDS) -> dict[str, Estimate]:
    """The mean of each measure over all topics, with its interval; patents are drawn with replacement."""
    if not scored:
        return {}
    values = np.array([one.values for one in scored], np.float64)
    found = bootstrapped(values, [one.topic.group for one in scored], seed, rounds)
    return dict(zip(MEASURES, found, strict=True))


def differences(
    first: Outcome, second: Outcome, seed: int = 0, rounds: int = ROUNDS
) -> tuple[Difference, ...]:
    """Each measure of two systems on the same topics, compared pair by pair.

    The test flips the sign of all differences of a patent at once (Fisher's randomisation test on
    clusters), so that many figures of one patent do not pass for many observations. Raises QueryError
    when the two have no topic in common, or did not both answer the same ones.
    """
    ours = {one.topic.id: one for one in first.scored}
    theirs = {one.topic.id: one for one in second.scored}
    if ours.keys() != theirs.keys():
        missing = len(ours.keys() ^ theirs.keys())
        raise QueryError(
            f"The two runs of {first.task} do not answer the same topics: {missing} are only in one of them.",
            "Compare runs over the same collection with the same options and seed.",
        )
    if not ours:
        raise QueryError(f"The runs of {first.task} hold no topic.", "Run the evaluation again.")
    names = list(ours)
    groups = [ours[name].topic.group for name in names]
    before = np.array([ours[name].values for name in names], np.float64)
    after = np.array([theirs[name].values for name in names], np.float64)
    gains = bootstrapped(after - before, groups, seed, rounds)
    chances = _chances(after - before, groups, seed, rounds)
    return tuple(
        Difference(name, float(before[:, at].mean()), float(after[:, at].mean()), gains[at], chances[at])
        for at, name in enumerate(MEASURES)
    )


def bootstrapped(values: Reals, groups: Sequence[str], seed: int, rounds: int) -> list[Estimate]:
    """Mean and interval of each column of `values` (topics, measures); whole groups are drawn."""
    sums, counts = _summed(values, groups)
    clusters = len(counts)
    dice = np.random.default_rng(seed)
    drawn = np.concatenate(
        [
            _redrawn(sums, counts, dice.multinomial(clusters, np.full(clusters, 1 / clusters), size=some))
            for some in _portions(rounds)
        ]
    )
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    return [
        Estimate(float(mean), float(below), float(above))
        for mean, below, above in zip(values.mean(axis=0), low, high, strict=True)
    ]


def _redrawn(sums: Reals, counts: Reals, times: npt.NDArray[np.int64]) -> Reals:
    means: Reals = (times @ sums) / (times @ counts)[:, None]
    return means


def _chances(gaps: Reals, groups: Sequence[str], seed: int, rounds: int) -> list[float]:
    sums, _ = _summed(gaps, groups)
    seen = np.abs(sums.sum(axis=0))
    dice = np.random.default_rng(seed)
    # Sums that are equal but for rounding count as equal.
    least = seen - 1e-9 * np.maximum(1.0, seen)
    extreme = np.zeros(gaps.shape[1])
    for some in _portions(rounds):
        signs = dice.choice((-1.0, 1.0), size=(some, len(sums)))
        extreme += (np.abs(signs @ sums) >= least).sum(axis=0)
    return [float((1 + count) / (1 + rounds)) for count in extreme]


def _summed(values: Reals, groups: Sequence[str]) -> tuple[Reals, Reals]:
    """Sums (clusters, measures) and sizes (clusters,) by patent."""
    _, cluster = np.unique(np.asarray(groups), return_inverse=True)
    counts = np.bincount(cluster).astype(np.float64)
    sums = np.zeros((len(counts), values.shape[1]))
    np.add.at(sums, cluster, values)
    return sums, counts


def _portions(rounds: int) -> list[int]:
    whole, rest = divmod(rounds, _AT_ONCE)
    return [_AT_ONCE] * whole + ([rest] if rest else [])
