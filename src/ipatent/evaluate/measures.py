"""Rankings and what is relevant become numbers, through `ir_measures`."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from ipatent.errors import IPatentError
from ipatent.evaluate import MEASURES, Answer, Scored

_AT_ONCE = 64
"""Topics handed over at once: a full ranking of many figures for each is a lot of memory."""
_KEPT = 6
"""How much of a ranking is kept to be looked at."""


def score(answers: Iterable[Answer]) -> tuple[Scored, ...]:
    """Each answer with its measures. A topic of which nothing was found scores 0.

    The order of a ranking counts, not its scores: ties were broken by whoever ranked. Raises
    IPatentError when `ir_measures` is not installed.
    """
    waiting = iter(answers)
    found: list[Scored] = []
    while block := tuple(islice(waiting, _AT_ONCE)):
        found.extend(_score_block(block))
    return tuple(found)


def _score_block(block: tuple[Answer, ...]) -> Iterator[Scored]:
    wanted = {answer.topic.id: dict(answer.topic.relevant) for answer in block}
    run = {
        answer.topic.id: {name: -float(rank) for rank, name in enumerate(answer.ranked)} for answer in block
    }
    values = _measured(wanted, run)
    for answer in block:
        scored = values.get(answer.topic.id, {})
        yield Scored(answer.topic, tuple(scored.get(name, 0.0) for name in MEASURES), answer.ranked[:_KEPT])


def _measured(
    wanted: Mapping[str, Mapping[str, int]], run: Mapping[str, Mapping[str, float]]
) -> dict[str, dict[str, float]]:
    try:
        import ir_measures
    except ImportError:
        raise IPatentError(
            "Measuring needs the package ir-measures.", "Install it with: pip install 'ipatent[eval]'"
        ) from None
    asked = {
        ir_measures.AP: "mAP",
        ir_measures.Success @ 1: "R@1",
        ir_measures.Success @ 5: "R@5",
        ir_measures.Success @ 10: "R@10",
        ir_measures.nDCG @ 10: "nDCG@10",
        ir_measures.RR: "MRR",
    }
    found: dict[str, dict[str, float]] = {}
    for metric in ir_measures.iter_calc(list(asked), wanted, run):
        found.setdefault(metric.query_id, {})[asked[metric.measure]] = float(metric.value)
    return found
