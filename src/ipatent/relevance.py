"""Relevance: after which hit probably nothing relevant comes.

How like two pictures of one thing are depends on the encoder alone and not on how many others are in
the index. So how probable it is that a hit is relevant is a logistic function of what was measured:
the cosine of the picture, the share of the best BM25, the cosine of the caption; with one set of
constants for pictures, for words, and for both. `training/fit_relevance.py` fits them on generated
families and says how good they are. An encoder for which that was not done has no line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from ipatent.fuse import Fused, Reals
from ipatent.index import Rows
from ipatent.query import PartName

Kind = Literal["image", "text", "both"]

RUN = 10
"""So many hits in a row that are probably not relevant end the list."""


@dataclass(frozen=True, slots=True)
class Line:
    """Constants of a logistic function, and the probability from which on a hit counts as relevant."""

    intercept: float
    image: float
    words: float
    caption: float
    threshold: float


LINES: Final[dict[tuple[str, Kind], Line]] = {
    ("e5b5ed45f8a0", "image"): Line(-5.62, 7.91, 0.0, 0.0, threshold=0.1),
    ("e5b5ed45f8a0", "text"): Line(-5.75, 0.0, 6.52, 8.14, threshold=0.35),
    ("e5b5ed45f8a0", "both"): Line(-8.2, 4.14, 3.82, 6.8, threshold=0.6),
}
"""By the beginning of the encoder's weights hash, and by what is asked with."""
HASH_DIGITS = 12


def kind_of(parts: Mapping[PartName, object]) -> Kind:
    """What a query with these parts is asked with."""
    if "image" not in parts:
        return "text"
    return "both" if "words" in parts else "image"


def probabilities(line: Line, image: Reals, words: Reals, caption: Reals) -> Reals:
    """(n,) how probably each hit is relevant; NaN counts as 0, which is no likeness at all."""
    exponent = line.intercept + sum(
        weight * np.nan_to_num(values)
        for weight, values in ((line.image, image), (line.words, words), (line.caption, caption))
    )
    likely: Reals = 1.0 / (1.0 + np.exp(-exponent))
    return likely


def last_relevant(probable: Reals, threshold: float) -> int:
    """The rank of the last hit at or above the threshold before a run of `RUN` hits below it; 0 if none."""
    above = np.flatnonzero(probable >= threshold)
    if not len(above) or above[0] >= RUN:
        return 0
    gaps = np.flatnonzero(np.diff(above) > RUN)
    return int(above[gaps[0]] if len(gaps) else above[-1]) + 1


def relevant_until(fused: Fused, order: Rows, groups: Sequence[Sequence[int]], weights: str) -> int | None:
    """The rank of the last hit that is probably relevant, or None where that was never measured.

    `order` are the places in `fused` by rank, `groups` the first hits as they were collapsed;
    `weights` is the hash of the encoder's weights.
    """
    line = LINES.get((weights[:HASH_DIGITS], kind_of(fused.parts)))
    if line is None or not groups:
        return None
    # Behind the hits that were looked up, figures stand alone; doubles there hardly move the line.
    looked_up = sum(map(len, groups))
    ranked = order[[*(group[0] for group in groups), *range(looked_up, len(order))]]

    def of(name: PartName, calibrated: bool = False) -> Reals:
        part = fused.parts.get(name)
        if part is None:
            return np.zeros(len(ranked))
        return (part.calibrated if calibrated else part.raw.astype(np.float64))[ranked]

    probable = probabilities(line, of("image"), of("words", calibrated=True), of("caption"))
    return last_relevant(probable, line.threshold)
