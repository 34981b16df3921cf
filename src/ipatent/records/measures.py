"""Precision, recall and nDCG of a search, as far as its figures were judged."""

import math
from dataclasses import dataclass

from ipatent.records.judgements import Grade, Judgements
from ipatent.records.search_record import SearchRecord


@dataclass(frozen=True, slots=True)
class Measures:
    """How good a ranking is, as far as is known; a measure that has no meaning yet is None.

    How unjudged figures count is said beside each measure, because it decides what the number means.
    """

    k: int
    """The measures look at the first `k` figures."""
    returned: int
    """How many of these there are."""
    judged: int
    """How many of these were judged."""
    relevant: int
    """How many of these are relevant or partly so."""
    known_relevant: int
    """How many figures are known to be relevant or partly so for this query, wherever they were found."""
    precision_of_judged: float | None
    """Relevant among the judged; unjudged ones are left out. None where none was judged."""
    precision: float | None
    """Relevant among the returned; unjudged ones count as not relevant, so it can only rise by judging."""
    recall: float | None
    """Found among the known relevant; those nobody has seen yet are not known, so the true recall may
    be lower. None where none is known."""
    ndcg: float | None
    """Against the best order of all known figures; unjudged ones count as not relevant. Gain 2, 1, 0 by
    grade, discounted by log2(rank + 1) (Järvelin and Kekäläinen 2002). None where none is known."""


def measures(record: SearchRecord, judgements: Judgements, k: int | None = None) -> Measures:
    """What the judgements of the record's query say of its ranking; `k` of None looks at all of it.

    Partly relevant figures count as relevant in precision and recall, and half in nDCG.
    """
    k = len(record.ranked) if k is None else max(k, 0)
    top = [hit.figure_id for hit in record.ranked[:k]]
    grades = [judgements.get(figure) for figure in top]
    judged = sum(grade is not None for grade in grades)
    relevant = sum(bool(grade) for grade in grades)
    known = sorted((grade for grade in judgements.values() if grade), reverse=True)
    best = _gain(known[:k])
    return Measures(
        k=k,
        returned=len(top),
        judged=judged,
        relevant=relevant,
        known_relevant=len(known),
        precision_of_judged=relevant / judged if judged else None,
        precision=relevant / len(top) if top and judged else None,
        recall=relevant / len(known) if known else None,
        ndcg=_gain([grade or Grade.NOT for grade in grades]) / best if best else None,
    )


def _gain(grades: list[Grade]) -> float:
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))
