"""Re-ranking by a vision model: the best hits put in order anew, with a reason for each.

Listwise in windows that slide from the last of the hits to the first (Sun et al., "Is ChatGPT good at
search?", EMNLP 2023): each window holds as many drawings as the model sees at once, and its best move
on into the next. Nothing fails with it: where the model does not answer, the order stays as far as it
got, with the reason why.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import httpx2

from ipatent.describe.answers import WrongAnswer
from ipatent.describe.asking import asked
from ipatent.describe.cache import Cache
from ipatent.describe.endpoint import Endpoint, EndpointFailed, Refused
from ipatent.describe.prompt import drawing
from ipatent.describe.ranking_prompt import (
    RULES,
    VERSION,
    Sought,
    form_for,
    ranking_messages,
    read_ranking,
    tokens_for,
    told,
)
from ipatent.describe.reasons import checked
from ipatent.describe.titling import Limits, Read
from ipatent.errors import IPatentError
from ipatent.patents import Figure, Patent

Shown = tuple[Figure, Patent]
_LEAST_WINDOW = 2


@dataclass(frozen=True, slots=True)
class Step:
    """How far a re-ranking got. Places are 0-based, in the original ranking of the hits given."""

    done: int
    of: int
    """Windows, of which `done` were looked at."""
    order: tuple[int, ...]
    """All places, the best first as far as is known."""
    reasons: tuple[tuple[int, str], ...]
    """By place; those known so far that may be shown."""
    dropped: int = 0
    """Reasons that named nothing visible, repeated the prompt, or must not be shown."""
    unanswered: int = 0
    """Windows without a usable answer: these drawings keep their order."""
    failed: str = ""
    """Why it ended early; empty otherwise."""


def windows(count: int, size: int) -> tuple[tuple[int, int], ...]:
    """Beginnings and ends of the windows over `count` places, the last places first.

    Each shares nearly half of its places with the next, so that what is best may rise through all.
    """
    size = max(_LEAST_WINDOW, min(size, count))
    found: list[tuple[int, int]] = []
    for end in range(count, 0, -((size + 1) // 2)):
        if end <= size:
            return (*found, (0, size))
        found.append((end - size, end))
    return tuple(found)


async def re_ranked(
    sought: Sought,
    hits: Sequence[Shown],
    endpoint: Endpoint,
    cache: Cache | None,
    read: Read,
    language: str = "en",
    limits: Limits | None = None,
    places: asyncio.Semaphore | None = None,
) -> AsyncIterator[Step]:
    """The hits in a new order, a step for each window that was looked at; the last one is the outcome.

    `limits` hold as for titles: `seconds` for one window, `page_seconds` for all, `figures` in one
    window; `places` are held by questions of several pages together. Closing the iterator, or
    cancelling the task that reads it, ends the request under way.
    """
    limits = limits or Limits()
    if len(hits) < 2:
        yield Step(0, 0, tuple(range(len(hits))), ())
        return
    until = asyncio.get_running_loop().time() + limits.page_seconds
    timeout = httpx2.Timeout(limits.seconds, connect=min(10.0, limits.seconds))
    async with httpx2.AsyncClient(timeout=timeout, follow_redirects=False) as client:
        standing = _Standing(sought, hits, endpoint, language, limits)
        ranker = _Ranker(standing, cache, read, client, places or asyncio.Semaphore(1), until)
        async for step in ranker.steps():
            yield step


def known_ranking(
    sought: Sought,
    hits: Sequence[Shown],
    endpoint: Endpoint,
    cache: Cache,
    language: str = "en",
    limits: Limits | None = None,
) -> Step | None:
    """What `re_ranked` would tell of the hits by what the cache holds alone; None where it holds nothing.

    `of` are the windows there are and `done` those that are known; the others keep their order.
    """
    limits = limits or Limits()
    size = min(limits.figures, len(hits))
    while len(hits) >= _LEAST_WINDOW and size >= _LEAST_WINDOW:
        standing, known = _Standing(sought, hits, endpoint, language, limits), 0
        every = windows(len(hits), size)
        for start, end in every:
            kept = cache.ranking(standing.key(standing.shown(start, end)))
            if kept is not None:
                standing.take(start, end, kept)
                known += 1
        if known:
            return standing.step(known, len(every))
        # Where a whole window was too much for the model, it was asked with half of it.
        size //= 2
    return None


@dataclass(slots=True)
class _Standing:
    """The hits in the order that is known so far, with the reasons."""

    sought: Sought
    hits: Sequence[Shown]
    endpoint: Endpoint
    language: str
    limits: Limits
    order: list[int] = field(default_factory=list)
    reasons: dict[int, str] = field(default_factory=dict)
    dropped: int = 0
    unanswered: int = 0

    def __post_init__(self) -> None:
        self.order = list(range(len(self.hits)))

    def shown(self, start: int, end: int) -> list[Shown]:
        """The hits that now stand in a window."""
        return [self.hits[at] for at in self.order[start:end]]

    def take(self, start: int, end: int, kept: Sequence[tuple[int, str]]) -> None:
        """Put a window in the order that the model gave, and keep the reasons that may be shown."""
        places, shown = self.order[start:end], self.shown(start, end)
        told_of = [shown[at] for at, _ in kept]
        said = [text for _, text in kept]
        fine = checked(said, told_of, self.sought.words, RULES, self.language)
        for (at, text), reason in zip(kept, fine, strict=True):
            self.dropped += bool(text and not reason)
            if reason:
                self.reasons[places[at]] = reason
        self.order[start:end] = [places[at] for at, _ in kept]

    def step(self, done: int, of: int, failed: str = "") -> Step:
        """How far it got."""
        reasons = tuple(sorted((at, text) for at, text in self.reasons.items() if text))
        return Step(done, of, tuple(self.order), reasons, self.dropped, self.unanswered, failed)

    def key(self, shown: Sequence[Shown]) -> str:
        """What the answer for a window is kept under."""
        parts = [
            self.endpoint.name,
            VERSION,
            self.sought.key,
            self.language,
            self.limits.pixels,
            [[figure.image, told(figure, patent)] for figure, patent in shown],
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(slots=True)
class _Ranker:
    standing: _Standing
    cache: Cache | None
    read: Read
    client: httpx2.AsyncClient
    held: asyncio.Semaphore
    until: float
    pictures: dict[int, bytes | None] = field(default_factory=dict)

    async def steps(self) -> AsyncIterator[Step]:
        standing = self.standing
        size = standing.limits.figures
        left, done = list(windows(len(standing.hits), size)), 0
        while left:
            start, end = left[0]
            failed = ""
            try:
                await self._window(start, end)
            except Refused as refusal:
                if refusal.too_long and end - start > _LEAST_WINDOW:
                    size = max(_LEAST_WINDOW, (end - start) // 2)
                    left = list(windows(end, size))
                    continue
                failed = str(refusal)
            except WrongAnswer:
                standing.unanswered += 1
            except TimeoutError:
                failed = "the model took longer than the time allowed"
            except EndpointFailed as failure:
                failed = str(failure)
            except IPatentError as error:
                failed = error.message
            if failed:
                yield standing.step(done, done + len(left), failed)
                return
            left, done = left[1:], done + 1
            yield standing.step(done, done + len(left))

    async def _window(self, start: int, end: int) -> None:
        standing = self.standing
        shown = standing.shown(start, end)
        key = standing.key(shown)
        kept = await asyncio.to_thread(self.cache.ranking, key) if self.cache else None
        if kept is None:
            async with (
                asyncio.timeout_at(self.until),
                self.held,
                asyncio.timeout(standing.limits.seconds),
            ):
                kept = await self._asked(standing.order[start:end], shown)
            if self.cache:
                await asyncio.to_thread(self.cache.keep_ranking, key, kept, standing.endpoint.model)
        standing.take(start, end, kept)

    async def _asked(self, places: Sequence[int], shown: Sequence[Shown]) -> list[tuple[int, str]]:
        pictures = await asyncio.to_thread(self._pictures, places)
        standing, count = self.standing, len(shown)
        return await asked(
            standing.endpoint,
            self.client,
            self.cache,
            ranking_messages(standing.sought, shown, pictures, standing.language),
            form_for(count),
            lambda body: read_ranking(body, count),
            most_tokens=tokens_for(count),
        )

    def _pictures(self, places: Sequence[int]) -> list[bytes | None]:
        standing = self.standing
        for at in places:
            if at in self.pictures:
                continue
            try:
                self.pictures[at] = drawing(self.read(standing.hits[at][0].image), standing.limits.pixels)
            except (OSError, ValueError, IPatentError):
                self.pictures[at] = None
        return [self.pictures[at] for at in places]
