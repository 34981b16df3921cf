"""An audit of generated titles: how far they are backed, how they change, how far models agree."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean

import httpx2

from ipatent.describe import Group
from ipatent.describe.answers import Answer, WrongAnswer, read_answer
from ipatent.describe.asking import asked
from ipatent.describe.endpoint import TITLE_FORM, Endpoint, EndpointFailed, Refused
from ipatent.describe.prompt import drawing, messages
from ipatent.describe.support import support, telling_words
from ipatent.describe.titling import Limits, Read
from ipatent.errors import IPatentError
from ipatent.stems import stems

TEMPERATURE = 0.8
"""Of the samples: warm enough that an unsure model says something else each time."""
LOW_SUPPORT = 0.5

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Topic:
    """A cluster to be described: the query that it comes from, its place there, and its figures."""

    query: str
    number: int
    keywords: tuple[str, ...]
    group: Group


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer of a model to a topic; without a title where `failed` says why."""

    topic: int
    model: str
    title: str = ""
    description: str = ""
    support: float | None = None
    unsupported: tuple[str, ...] = ()
    failed: str = ""
    words: frozenset[str] = frozenset()
    """Stems of its nouns."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a model's samples amount to; None where nothing could be measured."""

    model: str
    asked: int
    answered: int
    support: float | None
    """Mean share of nouns that captions and terms back."""
    low: int
    """Samples with a support below `LOW_SUPPORT`."""
    stability: float | None
    """Mean likeness of two samples of one topic."""
    failures: tuple[tuple[str, int], ...]
    """Reasons why there was no title, the commonest first."""


@dataclass(frozen=True, slots=True)
class Audit:
    """All samples and what they amount to."""

    topics: tuple[Topic, ...]
    samples: tuple[Sample, ...]
    models: tuple[Measured, ...]
    agreement: tuple[tuple[str, str, float | None], ...]
    """For two models each: mean likeness of their samples of one topic."""
    repeats: int


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of nouns that two texts have in common (Jaccard), by their stems; 1 for two empty ones."""
    return len(one & other) / len(one | other) if one or other else 1.0


async def audit(
    topics: Sequence[Topic],
    endpoints: Sequence[Endpoint],
    read: Read,
    repeats: int = 3,
    language: str = "en",
    limits: Limits | None = None,
    say: Say | None = None,
) -> Audit:
    """Every topic put `repeats` times to every endpoint, with different seeds and nothing cached.

    A model that fails is counted, not raised. Models are told apart by name and, where two have one
    name, by address. `limits` hold as for titles, but for `page_seconds`.
    """
    limits = limits or Limits()
    names = _names(endpoints)
    samples: list[Sample] = []
    timeout = httpx2.Timeout(limits.seconds, connect=min(10.0, limits.seconds))
    async with httpx2.AsyncClient(timeout=timeout, follow_redirects=False) as client:
        for endpoint, name in zip(endpoints, names, strict=True):
            gate = asyncio.Semaphore(limits.at_once)
            asker = _Asker(endpoint, name, read, language, limits, client, gate)
            for number, topic in enumerate(topics):
                if say:
                    say(f"{name}: {number + 1} of {len(topics)}")
                samples += await asyncio.gather(
                    *(asker.sample(number, topic.group, seed) for seed in range(1, repeats + 1))
                )
    return measured(topics, samples, names, repeats)


def measured(topics: Sequence[Topic], samples: Sequence[Sample], names: Sequence[str], repeats: int) -> Audit:
    """What the samples amount to."""
    agreement = tuple(
        (one, other, _agreement(samples, one, other, len(topics))) for one, other in combinations(names, 2)
    )
    models = tuple(_measured(name, [one for one in samples if one.model == name]) for name in names)
    return Audit(tuple(topics), tuple(samples), models, agreement, repeats)


@dataclass(frozen=True, slots=True)
class _Asker:
    endpoint: Endpoint
    name: str
    read: Read
    language: str
    limits: Limits
    client: httpx2.AsyncClient
    gate: asyncio.Semaphore

    async def sample(self, number: int, group: Group, seed: int) -> Sample:
        try:
            async with self.gate, asyncio.timeout(self.limits.seconds):
                answer = await self._answer(group, seed)
        except TimeoutError:
            return Sample(number, self.name, failed="the model took longer than the time allowed")
        except (EndpointFailed, WrongAnswer) as error:
            return Sample(number, self.name, failed=str(error))
        except IPatentError as error:
            return Sample(number, self.name, failed=error.message)
        except (OSError, ValueError):
            return Sample(number, self.name, failed="a picture of the group cannot be read")
        text = f"{answer.title} {answer.description}"
        backed, lacking = await asyncio.to_thread(support, text, group, self.language)
        words = frozenset(stems(telling_words(text, self.language)))
        return Sample(number, self.name, answer.title, answer.description, backed, lacking, "", words)

    async def _answer(self, group: Group, seed: int) -> Answer:
        names = group.pictures[: self.limits.figures]
        pictures = await asyncio.to_thread(
            lambda: [drawing(self.read(name), self.limits.pixels) for name in names]
        )

        async def ask(shown: list[bytes]) -> Answer:
            return await asked(
                self.endpoint,
                self.client,
                None,
                messages(group, shown, self.language),
                TITLE_FORM,
                read_answer,
                temperature=TEMPERATURE,
                # The second try of one sample must not be the first of the next.
                seed=2 * seed,
            )

        try:
            return await ask(pictures)
        except Refused as refusal:
            if not refusal.too_long or len(pictures) < 2:
                raise
            return await ask(pictures[:1])


def _names(endpoints: Sequence[Endpoint]) -> tuple[str, ...]:
    models = [endpoint.model for endpoint in endpoints]
    return tuple(
        f"{endpoint.model} at {endpoint.url}" if models.count(endpoint.model) > 1 else endpoint.model
        for endpoint in endpoints
    )


def _measured(name: str, samples: Sequence[Sample]) -> Measured:
    answered = [one for one in samples if not one.failed]
    backed = [one.support for one in answered if one.support is not None]
    alike = [
        likeness(one.words, other.words)
        for one, other in combinations(answered, 2)
        if one.topic == other.topic
    ]
    reasons = [one.failed for one in samples if one.failed]
    return Measured(
        name,
        len(samples),
        len(answered),
        round(fmean(backed), 3) if backed else None,
        sum(share < LOW_SUPPORT for share in backed),
        round(fmean(alike), 3) if alike else None,
        tuple(
            sorted(((one, reasons.count(one)) for one in set(reasons)), key=lambda pair: (-pair[1], pair[0]))
        ),
    )


def _agreement(samples: Sequence[Sample], one: str, other: str, topics: int) -> float | None:
    means = []
    for topic in range(topics):
        left, right = (
            [
                sample.words
                for sample in samples
                if (sample.topic, sample.model, sample.failed) == (topic, name, "")
            ]
            for name in (one, other)
        )
        if left and right:
            means.append(fmean(likeness(a, b) for a in left for b in right))
    return round(fmean(means), 3) if means else None
