"""Fusion: the scores of a query's parts become one score per figure.

A query has up to four parts that speak for a figure. Its pictures are compared with the pictures
("image"). Its words are compared with the indexed words ("words"), with the captions' meaning
("caption"), and, where the encoder can, with the pictures ("tower"). Each part speaks its own
language: a cosine of 0.82 may mean "anything" under one encoder and "the very thing" under another,
and a BM25 has no upper end. Adding them up would let the part with the largest numbers decide. So,
for one pool of figures that all have a score under every part:

1. *Calibrate* each part to [0, 1], keeping its order.
   A cosine is measured in standard deviations above the mean of the pool (z-score: Montague and
   Aslam, "Relevance score normalization for metasearch", CIKM 2001), then bent into [0, 1] by
   `squash`: the mean of the pool comes out near 0.05, two deviations above it at 0.5, an outlier
   near 1. A BM25 has a true zero (no word in common) and is divided by the best of the pool.
2. *Join the views*, where the query has several pictures of one thing; each is calibrated alone.
   "any": a figure is as good as its best view, and so a patent is as good as its best figure under
   any view. "all": the patent's score under a view is that of its best figure, and its agreement is
   the harmonic mean over the views, which one view without a match pulls down to nearly nothing,
   where an arithmetic mean would let one very good view make up for it. A figure gets half from its
   own best view and half from its patent's agreement: figures stay ranked as figures, and those of
   patents that show all views come before all others.
3. *Add* the calibrated scores by weight (CombSUM: Fox and Shaw, "Combination of multiple searches",
   TREC-2, 1994). `text_weight` goes to the words' parts together and the rest to the picture. Among
   the words' parts the shares are fixed (`TEXT_SHARES`), and "words" has more than the others
   together: the best match by words can never be overtaken by figures that share no word at all.
   Explicit weights replace all this and are scaled to sum 1.
4. *Subtract* what is asked to be less: "unlike" (pictures) and "without" (words), each calibrated
   like its opposite, with `AGAINST` as the weight of both together (after Rocchio, "Relevance
   feedback in information retrieval", 1971, but on calibrated scores, so that it means the same
   under every encoder). Of several negative pictures the one that a figure is most like counts.

A figure's score is therefore exactly the sum of calibrated score x weight over the parts, which is
what is shown as evidence, or 0 where that is negative; the order is that of the sum. At
`text_weight` 0 or 1 only one side is left, and because calibration keeps order, the ranking is that
of this side alone.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipatent.errors import QueryError
from ipatent.index import Rows, Scores
from ipatent.query import Combine, PartName, Weights

Reals = npt.NDArray[np.float64]

TEXT_SHARES: dict[PartName, float] = {"words": 0.55, "caption": 0.25, "tower": 0.20}
STANDS_OUT = 2.0
"""How many standard deviations above the mean of the pool count as half a match."""
AGAINST = 0.5
"""Weight of all that is asked to be less, against 1 for all that is asked for: what is very much like
a negative example falls behind half a match, and what is a little like it hardly moves."""

_NEGATIVE: tuple[PartName, ...] = ("unlike", "without")


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Scores (n,) of a pool of n figures under one part: as measured and calibrated to [0, 1].

    `view` (n,) is the picture that matched best, 1-based; 0 for words.
    """

    raw: Scores
    calibrated: Reals
    view: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Fused:
    """The sums (n,) by which a pool of n figures is ordered, with what they are made of, by part."""

    sums: Reals
    parts: dict[PartName, Part]
    weights: dict[PartName, float]

    @property
    def scores(self) -> Reals:
        """(n,) in [0, 1]"""
        return np.clip(self.sums, 0.0, 1.0)


def fuse(parts: Mapping[PartName, Part], weights: Mapping[PartName, float]) -> Fused:
    """The pool's fused scores; NaN (nothing to compare with) counts as no match."""
    size = len(next(iter(parts.values())).raw) if parts else 0
    total = np.zeros(size)
    for name in sorted(parts):
        if weights[name]:
            total += weights[name] * parts[name].calibrated
    return Fused(total, dict(parts), dict(weights))


def part_weights(
    names: Collection[PartName], text_weight: float, explicit: Weights | None = None
) -> dict[PartName, float]:
    """The weight of each part: those of parts that speak for a figure sum to 1, the others to -AGAINST.

    `text_weight` counts only when there are both pictures and words. Raises QueryError when explicit
    weights leave nothing to rank by.
    """
    against = [name for name in _NEGATIVE if name in names]
    weights = {name: -AGAINST / len(against) for name in against}
    if explicit is not None:
        given: dict[PartName, float] = {
            name: getattr(explicit, name) for name in (*TEXT_SHARES, "image") if name in names
        }
        total = sum(given.values())
        if given and not total:
            raise QueryError(
                f"The weights of all parts of this query are 0 ({', '.join(given)}).",
                "Give at least one of them a weight above 0.",
            )
        return {**{name: weight / total for name, weight in given.items()}, **weights}
    shares = {name: share for name, share in TEXT_SHARES.items() if name in names}
    if "image" not in names:
        text_weight = 1.0
    elif not shares:
        text_weight = 0.0
    total = sum(shares.values())
    weights.update({name: text_weight * (share / total) for name, share in shares.items()})
    return weights if "image" not in names else {**weights, "image": 1.0 - text_weight}


def by_words(raw: Scores) -> Part:
    """A part measured in BM25."""
    return Part(raw, against_best(raw), np.zeros(len(raw), np.int64))


def by_meaning(raw: Scores) -> Part:
    """A part measured as one cosine."""
    return Part(raw, standing_out(raw), np.zeros(len(raw), np.int64))


def by_views(views: Sequence[Scores], patents: Rows | None, combine: Combine) -> Part:
    """A part measured as one cosine (n,) per picture; `patents` (n,) says which figures belong together.

    `patents` may be None for a single picture, and is not looked at for "any".
    """
    calibrated = np.array([standing_out(view) for view in views])
    best = calibrated.argmax(axis=0)
    raw = np.asarray(views)[best, np.arange(len(best))]
    own = calibrated.max(axis=0)
    if combine == "all" and len(views) > 1 and patents is not None and len(own):
        own = (own + agreement(calibrated, patents)) / 2
    return Part(raw, own, best + 1)


def agreement(calibrated: Reals, patents: Rows) -> Reals:
    """(n,) how well all views (v, n) are met by the figures of each figure's patent: a harmonic mean."""
    _, group = np.unique(patents, return_inverse=True)
    best = np.zeros((len(calibrated), group.max() + 1))
    for view, scores in enumerate(calibrated):
        np.maximum.at(best[view], group, scores)
    means: Reals = len(best) / (1.0 / np.maximum(best, 1e-9)).sum(axis=0)
    return means[group]


def standing_out(scores: Scores) -> Reals:
    """Cosines (n,) calibrated by how far they stand out from the pool; 0 where NaN."""
    values = scores.astype(np.float64)
    known = ~np.isnan(values)
    if not known.any():
        return np.zeros(len(values))
    mean, deviation = values[known].mean(), values[known].std()
    if deviation == 0.0:
        return np.where(known, 0.5, 0.0)
    calibrated = squash((np.where(known, values, mean) - mean) / deviation - STANDS_OUT)
    return np.where(known, calibrated, 0.0)


def against_best(scores: Scores) -> Reals:
    """BM25 scores (n,), 0 for no match, as shares of the best; all 0 where nothing matches."""
    values = np.nan_to_num(scores.astype(np.float64))
    best = values.max(initial=0.0)
    return values / best if best > 0.0 else np.zeros(len(values))


def squash(z: Reals) -> Reals:
    """Any real numbers to (0, 1), 0 to 0.5, strictly growing.

    The tails are algebraic: unlike those of a logistic curve they do not reach 1 within floating
    point for a duplicate that stands out by 40 deviations, so no order is lost there.
    """
    return 0.5 + 0.5 * z / np.sqrt(1.0 + z * z)
