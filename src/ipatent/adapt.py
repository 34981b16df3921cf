"""Adaptation: a linear head on an encoder's vectors, learned from a collection's own figures.

Figures of one patent show one thing, so the directions in which their vectors differ are those that do
not matter here: view, crop, line width. Within-class covariance normalisation (Hatch, Kajarekar and
Stolcke, "Within-class covariance normalization for SVM-based speaker recognition", Interspeech 2006)
shrinks each direction by how much figures of one group differ along it. The covariance is mixed with
a multiple of the identity, without which some hundred figures could not fill 1,280 dimensions (Ledoit
and Wolf 2004); how much of it, three-fold cross-validation decides.

Figures judged relevant to one query in the product form a group as those of a patent do. What was
judged not relevant is not used: it does not say along which directions it differs.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipatent.encode.head import Head
from ipatent.errors import QueryError
from ipatent.evaluate.statistics import Estimate, bootstrapped
from ipatent.patents import Vectors

Reals = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

SHRINKAGES = (0.1, 0.3, 0.5, 0.7, 0.85)
"""Shares of the identity that are tried."""
FOLDS = 3
LEAST_PATENTS = 10
"""Patents with several figures that a head can be learned from; 47 gave a clear result."""
MOST_TOPICS = 2000
_AT_ONCE = 256


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """What is learned from: vectors (n, d) as the encoder below gives them, and what belongs together."""

    vectors: Vectors
    patents: Places
    """(n,) numbers that tell patents apart."""
    families: Places
    """(n,) numbers that tell families apart: figures of one never stand on both sides of a test."""
    judged: tuple[Places, ...] = ()
    """Places of figures that were judged relevant to one query, with the figure asked with."""


@dataclass(frozen=True, slots=True)
class Gain:
    """A measure without and with the head on held-out patents, and the gain with its 95 % interval."""

    before: float
    after: float
    gain: Estimate


@dataclass(frozen=True, slots=True)
class Verdict:
    """What cross-validation says: every figure asked once, under a head that never saw its family."""

    average_precision: Gain
    first: Gain
    """R@1: whether the first hit is right."""
    topics: int
    patents: int
    judged: int
    """Groups of figures that judgements brought in."""
    shrinkage: float

    @property
    def helps(self) -> bool:
        """Whether mAP gains more than chance explains and R@1 does not fall."""
        return self.average_precision.gain.low > 0 and self.first.gain.mean >= 0


def learn(examples: Examples, shrinkage: float) -> Head:
    """The head that all of `examples` give."""
    groups = _groups(examples)
    scatter, freedom = _scatter(examples.vectors, groups)
    return _head(examples.vectors.mean(axis=0, dtype=np.float64), scatter / max(freedom, 1), shrinkage)


def validate(
    examples: Examples, seed: int = 0, progress: Callable[[int, int], None] | None = None
) -> Verdict:
    """What a head gains on patents of this collection that it never saw.

    Families are dealt into three parts; the figures of each ask among those of their part alone, under
    the head that the other two give. (Among the whole collection any head would seem to help: figures
    that it has seen lie otherwise than those that it has not, which gives away the latter.) For each
    part that share of the identity is taken that is best on the other parts. Raises QueryError where
    there are fewer than `LEAST_PATENTS` patents with several figures.
    """
    vectors, patents = examples.vectors, examples.patents
    counts = np.bincount(patents)
    several = int(np.count_nonzero(counts > 1))
    if several < LEAST_PATENTS:
        raise QueryError(
            f"Only {several} patents of the index have several figures;"
            f" it takes {LEAST_PATENTS} to learn from.",
            "Ingest more patents, then adapt again.",
        )
    part = _parts(examples.families, seed)
    asking = _asking(counts[patents] > 1, seed)
    before = np.zeros((len(asking), 2))
    groups = _groups(examples)
    sides = [_side(group, part) for group in groups]
    every, freedom = _scatter(vectors, groups)
    found = np.zeros((len(SHRINKAGES), len(asking), 2))
    for fold in range(FOLDS):
        # A group across two parts belongs to none: it is left out under either's head.
        hidden = [group for group, side in zip(groups, sides, strict=True) if fold in side]
        without, less = _scatter(vectors, hidden)
        mean = vectors[part != fold].mean(axis=0, dtype=np.float64)
        covariance = (every - without) / max(freedom - less, 1)
        here, members = np.flatnonzero(part[asking] == fold), np.flatnonzero(part == fold)
        places = np.searchsorted(members, asking[here])
        held, owners = vectors[members], patents[members]
        before[here] = _measured(held, owners, places)
        for n, shrinkage in enumerate(SHRINKAGES):
            turned = _head(mean, covariance, shrinkage).apply(held)
            found[n, here] = _measured(turned, owners, places)
            if progress:
                progress(fold * len(SHRINKAGES) + n + 1, FOLDS * len(SHRINKAGES))
    after = np.zeros_like(before)
    for fold in range(FOLDS):
        here = part[asking] == fold
        after[here] = found[_best(found[:, ~here]), here]
    gains = bootstrapped(after - before, [str(n) for n in examples.families[asking]], seed, 2000)
    (old_ap, old_first), (new_ap, new_first) = before.mean(axis=0), after.mean(axis=0)
    return Verdict(
        Gain(float(old_ap), float(new_ap), gains[0]),
        Gain(float(old_first), float(new_first), gains[1]),
        topics=len(asking),
        patents=several,
        judged=len(examples.judged),
        shrinkage=SHRINKAGES[_best(found)],
    )


def measured(vectors: Vectors, patents: Places) -> tuple[float, float]:
    """mAP and R@1 of figures asking for the others of their patent, each leaving itself out."""
    asking = _asking(np.bincount(patents)[patents] > 1, 0)
    precision, first = _measured(vectors, patents, asking).mean(axis=0)
    return float(precision), float(first)


def _best(found: Reals) -> int:
    """The shrinkage with the highest mAP in `found` (shrinkages, topics, 2)."""
    return int(found[:, :, 0].mean(axis=1).argmax())


def _groups(examples: Examples) -> list[Places]:
    """Places of figures that belong together, two or more each."""
    order = np.argsort(examples.patents, kind="stable")
    starts = np.flatnonzero(np.diff(examples.patents[order])) + 1
    groups = [*np.split(order, starts), *examples.judged]
    return [group for group in groups if len(group) > 1]


def _scatter(vectors: Vectors, groups: Sequence[Places]) -> tuple[Reals, int]:
    """The sum (d, d) of squares around the groups' means, and its degrees of freedom."""
    scatter = np.zeros((vectors.shape[1], vectors.shape[1]))
    for block in _blocks(groups):
        rows = [vectors[group] - vectors[group].mean(axis=0) for group in block]
        centred = np.concatenate(rows)
        scatter += centred.T @ centred
    return scatter, sum(len(group) - 1 for group in groups)


def _blocks(groups: Sequence[Places]) -> Iterator[list[Places]]:
    for at in range(0, len(groups), _AT_ONCE):
        yield list(groups[at : at + _AT_ONCE])


def _head(mean: Reals, covariance: Reals, shrinkage: float) -> Head:
    dimension = len(mean)
    level = max(float(np.trace(covariance)) / dimension, 1e-12)
    mixed = (1 - shrinkage) * covariance + shrinkage * level * np.eye(dimension)
    # The inverse of the Cholesky factor turns vectors otherwise than the root would, with equal cosines.
    matrix = np.linalg.inv(np.linalg.cholesky(mixed)) * np.sqrt(level)
    return Head(mean.astype(np.float32), matrix.astype(np.float32))


def _parts(families: Places, seed: int) -> Places:
    """(n,) the part of each figure; whole families are dealt out."""
    dice = np.random.default_rng(seed)
    dealt: Places = (dice.permutation(int(families.max()) + 1) % FOLDS)[families]
    return dealt


def _side(group: Places, part: Places) -> frozenset[int]:
    return frozenset(part[group].tolist())


def _asking(has_others: npt.NDArray[np.bool_], seed: int) -> Places:
    able = np.flatnonzero(has_others)
    if len(able) <= MOST_TOPICS:
        return able
    return np.sort(np.random.default_rng(seed).choice(able, MOST_TOPICS, replace=False))


def _measured(vectors: Vectors, patents: Places, asking: Places) -> Reals:
    """Average precision and whether the first hit is right, (topics, 2)."""
    found = np.zeros((len(asking), 2))
    for at in range(0, len(asking), _AT_ONCE):
        places = asking[at : at + _AT_ONCE]
        scores = vectors[places] @ vectors.T
        scores[np.arange(len(places)), places] = -np.inf
        right = patents[np.argsort(-scores, axis=1, kind="stable")[:, :-1]] == patents[places][:, None]
        for n, row in enumerate(right):
            ranks = np.flatnonzero(row)
            found[at + n] = (np.arange(1, len(ranks) + 1) / (ranks + 1)).mean(), row[0]
    return found
