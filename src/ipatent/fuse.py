"""Fusion: the scores of a query's parts become one score per figure.

A query has up to four parts. Its picture is compared with the pictures ("image"). Its words are
compared with the indexed words ("words"), with the captions' meaning ("caption"), and, where the
encoder can, with the pictures ("tower"). Each part speaks its own language: a cosine of 0.82 may
mean "anything" under one encoder and "the very thing" under another, and a BM25 has no upper end.
Adding them up would let the part with the largest numbers decide. So, for one pool of figures that
all have a score under every part:

1. *Calibrate* each part to [0, 1], keeping its order.
   A cosine is measured in standard deviations above the mean of the pool (z-score: Montague and
   Aslam, "Relevance score normalization for metasearch", CIKM 2001), then bent into [0, 1] by
   `squash`: the mean of the pool comes out near 0.05, two deviations above it at 0.5, an outlier
   near 1. A BM25 has a true zero (no word in common) and is divided by the best of the pool.
2. *Add* the calibrated scores by weight (CombSUM: Fox and Shaw, "Combination of multiple searches",
   TREC-2, 1994). `text_weight` goes to the words' parts together and the rest to the picture. Among
   the words' parts the shares are fixed (`TEXT_SHARES`), and "words" has more than the others
   together: the best match by words can never be overtaken by figures that share no word at all.

A figure's score is therefore exactly the sum of calibrated score x weight over the parts, which is
what is shown as evidence. At `text_weight` 0 or 1 only one side is left, and because calibration
keeps order, the ranking is that of this side alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipatent.index import Scores
from ipatent.patents import PartName

Reals = npt.NDArray[np.float64]

TEXT_SHARES: dict[PartName, float] = {"words": 0.55, "caption": 0.25, "tower": 0.20}
STANDS_OUT = 2.0
"""How many standard deviations above the mean of the pool count as half a match."""


@dataclass(frozen=True, slots=True, eq=False)
class Fused:
    """Scores (n,) in [0, 1] of a pool of n figures, with what they are made of, by part."""

    scores: Reals
    calibrated: dict[PartName, Reals]
    weights: dict[PartName, float]


def fuse(raw: Mapping[PartName, Scores], text_weight: float) -> Fused:
    """The pool's fused scores from its raw scores (n,) under each part.

    `text_weight` counts only when there are both a picture and words. NaN (nothing to compare
    with) counts as no match.
    """
    weights = part_weights(tuple(raw), text_weight)
    calibrated: dict[PartName, Reals] = {
        part: against_best(scores) if part == "words" else standing_out(scores)
        for part, scores in raw.items()
    }
    size = len(next(iter(raw.values()))) if raw else 0
    total = np.zeros(size)
    for part in sorted(raw):
        if weights[part]:
            total += weights[part] * calibrated[part]
    return Fused(np.clip(total, 0.0, 1.0), calibrated, weights)


def part_weights(parts: tuple[PartName, ...], text_weight: float) -> dict[PartName, float]:
    """The share of each part in the fused score; they sum to 1."""
    shares = {part: share for part, share in TEXT_SHARES.items() if part in parts}
    if "image" not in parts:
        text_weight = 1.0
    elif not shares:
        text_weight = 0.0
    total = sum(shares.values())
    weights = {part: text_weight * (shares[part] / total) for part in shares}
    return weights if "image" not in parts else {**weights, "image": 1.0 - text_weight}


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
