"""Judgements as qrels and searches as runs, in the formats of TREC's evaluation program."""

import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from ipatent.records.judgements import Judgements
from ipatent.records.query_key import Parameters
from ipatent.records.search_record import SearchRecord

_BREAKS = re.compile(r"[\s%\0-\x1f\x7f\ud800-\udfff]")


def to_qrels(judged: Mapping[str, Judgements]) -> str:
    """`topic 0 figure grade`, one line for each judgement; topics are query keys.

    Grades: 2 relevant, 1 partly, 0 not. Blanks in figure ids are percent-encoded, as in runs.
    """
    return "".join(
        f"{key} 0 {_name(figure)} {int(grade)}\n"
        for key, grades in sorted(judged.items())
        for figure, grade in sorted(grades.items())
    )


def to_run(record: SearchRecord, tag: str = "ipatent") -> str:
    """`topic Q0 figure rank score tag`, one line for each figure delivered."""
    return "".join(
        f"{record.query_key} Q0 {_name(hit.figure_id)} {rank} {hit.score:.6f} {_name(tag) or 'ipatent'}\n"
        for rank, hit in enumerate(record.ranked, 1)
    )


def to_topics(parameters: Mapping[str, Parameters]) -> str:
    """`topic<TAB>name=value…`, one line for each query that was judged."""
    return "".join(
        f"{key}\t{urlencode(pairs, errors='replace')}\n" for key, pairs in sorted(parameters.items())
    )


def _name(text: str) -> str:
    """`text` as one word: what trec_eval would split at is percent-encoded."""
    return _BREAKS.sub(lambda found: quote(found.group(), safe="", errors="replace"), text)
