"""The report of an audit: as JSON, and as one HTML file with its plots, without scripts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ipatent.describe.audit import LOW_SUPPORT, TEMPERATURE, Audit, Measured, Sample, Topic, likeness

_BINS = 10
_HIGH = 90
_WIDE = 24


@dataclass(frozen=True, slots=True)
class _Bar:
    """One bar of a histogram, in the plot's own units."""

    x: float
    y: float
    height: float
    count: int
    told: str
    is_low: bool = False


@dataclass(frozen=True, slots=True)
class _Plot:
    model: str
    support: tuple[_Bar, ...]
    stability: tuple[_Bar, ...]
    unknown: int
    """Answers whose support could not be measured."""


@dataclass(frozen=True, slots=True)
class _Shown:
    topic: Topic
    samples: tuple[Sample, ...]


def audit_json(audit: Audit) -> dict[str, Any]:
    """The audit as plain values."""
    return {
        "repeats": audit.repeats,
        "temperature": TEMPERATURE,
        "models": [
            {
                "model": one.model,
                "asked": one.asked,
                "answered": one.answered,
                "support": one.support,
                "low_support": one.low,
                "stability": one.stability,
                "failures": [{"reason": reason, "count": count} for reason, count in one.failures],
            }
            for one in audit.models
        ],
        "agreement": [{"models": [one, other], "likeness": mean} for one, other, mean in audit.agreement],
        "topics": [
            {
                "query": topic.query,
                "cluster": topic.number,
                "figures": len(topic.group.figures),
                "keywords": list(topic.keywords),
                "samples": [
                    {
                        "model": one.model,
                        "title": one.title,
                        "description": one.description,
                        "support": one.support,
                        "unsupported": list(one.unsupported),
                        "failed": one.failed,
                    }
                    for one in audit.samples
                    if one.topic == number
                ],
            }
            for number, topic in enumerate(audit.topics)
        ],
    }


def audit_page(audit: Audit) -> str:
    """The audit as a self-contained page: measures, plots, and every title beside its keywords."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    agreed = {pair: mean for one, other, mean in audit.agreement for pair in ((one, other), (other, one))}
    return environment.get_template("audit.html").render(
        audit=audit,
        plots=[
            _plot(one, [each for each in audit.samples if each.model == one.model]) for one in audit.models
        ],
        agreed=agreed,
        shown=[
            _Shown(topic, tuple(one for one in audit.samples if one.topic == number))
            for number, topic in enumerate(audit.topics)
        ],
        temperature=TEMPERATURE,
        low=LOW_SUPPORT,
        high=_HIGH,
        wide=_WIDE,
        bins=_BINS,
    )


def _plot(measured: Measured, samples: Sequence[Sample]) -> _Plot:
    answered = [one for one in samples if not one.failed]
    backed = [one.support for one in answered if one.support is not None]
    stable = []
    for topic in dict.fromkeys(one.topic for one in answered):
        own = [one.words for one in answered if one.topic == topic]
        if len(own) > 1:
            pairs = ((a, b) for at, a in enumerate(own) for b in own[at + 1 :])
            stable.append(fmean(likeness(a, b) for a, b in pairs))
    return _Plot(measured.model, _bars(backed, LOW_SUPPORT), _bars(stable, 0.0), len(answered) - len(backed))


def _bars(values: Sequence[float], low: float) -> tuple[_Bar, ...]:
    """Counts of values in [0, 1] in tenths; a full one counts to the last."""
    counts = Counter(min(_BINS - 1, int(value * _BINS + 1e-9)) for value in values)
    most = max(counts.values(), default=1)
    return tuple(
        _Bar(
            x=at * _WIDE,
            y=round(_HIGH * (1 - counts[at] / most), 1),
            height=round(_HIGH * counts[at] / most, 1),
            count=counts[at],
            told=f"{at / _BINS:.1f} to {(at + 1) / _BINS:.1f}: {counts[at]}",
            is_low=(at + 1) / _BINS <= low,
        )
        for at in range(_BINS)
    )
