"""How well figures are found: tasks with known answers, the field's measures, and their uncertainty.

A *topic* is a question with its relevant figures (or patents); a *system* (an encoder, or the whole
search) *answers* it with a ranking; the answer is *scored*; all scored topics of one task under one
system are an *outcome*.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ipatent.patents import Box

MEASURES = ("mAP", "R@1", "R@5", "R@10", "nDCG@10", "MRR")
"""R@k is the share of topics with something relevant among the first k, as in re-identification."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One question, and what is relevant to it."""

    id: str
    group: str
    """The patent it comes from; topics of one patent are not independent of each other."""
    relevant: Mapping[str, int]
    """Grade (1 or more) by id of figure or patent."""
    figure: str = ""
    """The figure asked with, where there is one."""
    box: Box | None = None
    """The part of the figure asked with; None for all of it."""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A ranking, best first, of ids of figures or patents."""

    topic: Topic
    ranked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """A topic with its measures (in the order of `MEASURES`) and the first few of its ranking."""

    topic: Topic
    values: tuple[float, ...]
    best: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One task under one system: every topic scored."""

    task: str
    system: str
    collection: str
    scored: tuple[Scored, ...]
    candidates: int = 0
    """How many figures or patents were ranked for each topic; 0 where that is not known."""
    seconds: float = 0.0
    note: str = field(default="")
