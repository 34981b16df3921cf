"""Outcomes as JSON: written after a run, read to compare two of them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ipatent.errors import SourceError
from ipatent.evaluate import MEASURES, Outcome, Scored, Topic
from ipatent.evaluate.statistics import estimates
from ipatent.patents import Box

FORMAT = "ipatent-eval-1"


def outcomes_json(outcomes: Sequence[Outcome], seed: int) -> dict[str, Any]:
    """Every outcome with its means, their 95 % intervals, and each topic's measures."""
    return {
        "format": FORMAT,
        "measures": list(MEASURES),
        "seed": seed,
        "outcomes": [_outcome_json(outcome, seed) for outcome in outcomes],
    }


def _outcome_json(outcome: Outcome, seed: int) -> dict[str, Any]:
    return {
        "task": outcome.task,
        "system": outcome.system,
        "collection": outcome.collection,
        "topics": len(outcome.scored),
        "patents": len({one.topic.group for one in outcome.scored}),
        "candidates": outcome.candidates,
        "seconds": round(outcome.seconds, 3),
        "note": outcome.note,
        "summary": {
            name: {"mean": e.mean, "low": e.low, "high": e.high}
            for name, e in estimates(outcome.scored, seed).items()
        },
        "queries": [
            {
                "id": one.topic.id,
                "group": one.topic.group,
                "figure": one.topic.figure,
                "box": str(one.topic.box) if one.topic.box else "",
                "text": one.topic.text,
                "relevant": dict(one.topic.relevant),
                "values": list(one.values),
                "best": list(one.best),
            }
            for one in outcome.scored
        ],
    }


def read_outcomes(path: Path) -> tuple[Outcome, ...]:
    """The outcomes in a file that `ipatent eval` wrote. Raises SourceError when it is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != FORMAT or data["measures"] != list(MEASURES):
            raise ValueError(f"its format is {data['format']!r}")
        return tuple(
            Outcome(
                task=str(each["task"]),
                system=str(each["system"]),
                collection=str(each["collection"]),
                scored=tuple(_scored(query) for query in each["queries"]),
                candidates=int(each["candidates"]),
                seconds=float(each["seconds"]),
                note=str(each["note"]),
            )
            for each in data["outcomes"]
        )
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.", "Check its path.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SourceError(
            f"{path} is no result of an evaluation by this version.",
            "Write one with: ipatent eval reid --data DIR --to FILE.json",
        ) from None


def _scored(query: dict[str, Any]) -> Scored:
    topic = Topic(
        id=str(query["id"]),
        group=str(query["group"]),
        relevant={str(name): int(grade) for name, grade in query["relevant"].items()},
        figure=str(query["figure"]),
        box=Box.parse(query["box"]) if query["box"] else None,
        text=str(query["text"]),
    )
    values = tuple(float(value) for value in query["values"])
    if len(values) != len(MEASURES):
        raise ValueError("a topic lacks measures")
    return Scored(topic, values, tuple(map(str, query["best"])))
