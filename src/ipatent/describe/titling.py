"""Titling: generated titles for the groups of a page, several at once, handed out in order.

Nothing waits for it and nothing fails with it: a group whose title cannot be had in time gets its
extractive one, with the reason.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import httpx2

from ipatent.describe import Group, Title
from ipatent.describe.answers import Answer, WrongAnswer, read_answer
from ipatent.describe.asking import asked
from ipatent.describe.cache import Cache, cache_key
from ipatent.describe.endpoint import TITLE_FORM, Endpoint, EndpointFailed, Refused
from ipatent.describe.extractive import extractive_title
from ipatent.describe.prompt import drawing, messages
from ipatent.describe.support import support
from ipatent.errors import IPatentError

Read = Callable[[str], bytes]
"""The bytes of an image by its sha256 name; may raise NotFound."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long, how many, how large."""

    seconds: float = 60.0
    """For one title, retries included."""
    page_seconds: float = 180.0
    at_once: int = 2
    figures: int = 5
    pixels: int = 768


async def titles(
    groups: Sequence[Group],
    endpoint: Endpoint | None,
    cache: Cache | None,
    read: Read,
    language: str = "en",
    limits: Limits | None = None,
    places: asyncio.Semaphore | None = None,
) -> AsyncIterator[Title]:
    """One title per group, in their order, each as soon as it and those before are there.

    `places` are held by questions of several pages together; the wait for one counts for the page, not
    for the title.
    Closing the iterator, or cancelling the task that reads it, ends all requests under way.
    """
    if endpoint is None:
        for group in groups:
            yield extractive_title(group)
        return
    limits = limits or Limits()
    until = asyncio.get_running_loop().time() + limits.page_seconds
    # A page waits for few places at a time, so that one of many groups does not keep others waiting.
    gate, lookup = asyncio.Semaphore(limits.at_once), asyncio.Lock()
    places = places or asyncio.Semaphore(limits.at_once)
    timeout = httpx2.Timeout(limits.seconds, connect=min(10.0, limits.seconds))
    async with httpx2.AsyncClient(timeout=timeout, follow_redirects=False) as client:
        asker = _Asker(endpoint, cache, read, language, limits, client, gate, places, lookup, until)
        tasks = [asyncio.create_task(asker.title(group)) for group in groups]
        try:
            for task in tasks:
                yield await task
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def all_titles(
    groups: Sequence[Group],
    endpoint: Endpoint | None,
    cache: Cache | None,
    read: Read,
    language: str = "en",
    limits: Limits | None = None,
    places: asyncio.Semaphore | None = None,
) -> tuple[Title, ...]:
    """The same, all together."""
    written = titles(groups, endpoint, cache, read, language, limits, places)
    async with aclosing(written) as stream:  # type: ignore[type-var]
        return tuple([title async for title in stream])


@dataclass(frozen=True, slots=True)
class _Asker:
    endpoint: Endpoint
    cache: Cache | None
    read: Read
    language: str
    limits: Limits
    client: httpx2.AsyncClient
    gate: asyncio.Semaphore
    places: asyncio.Semaphore
    lookup: asyncio.Lock
    """Held while a title is looked up, so that the groups come to the gate in their order."""
    until: float

    async def title(self, group: Group) -> Title:
        shown = group.pictures[: self.limits.figures]
        if not shown:
            return extractive_title(group, "the group has no pictures to show to the model")
        key = cache_key(self.endpoint.name, shown, self.language)
        try:
            found = await self._kept(key)
            if found is None:
                found = await self._made(group, shown)
                if self.cache:
                    found = await asyncio.to_thread(self.cache.keep, key, found, self.endpoint.model)
        except TimeoutError:
            return extractive_title(group, "the model took longer than the time allowed")
        except (EndpointFailed, WrongAnswer) as error:
            return extractive_title(group, str(error))
        except IPatentError as error:
            return extractive_title(group, error.message)
        return await asyncio.to_thread(self._marked, found, group)

    async def _kept(self, key: str) -> Answer | None:
        if self.cache is None:
            return None
        async with self.lookup:
            return await asyncio.to_thread(self.cache.get, key)

    async def _made(self, group: Group, shown: Sequence[str]) -> Answer:
        async with (
            asyncio.timeout_at(self.until),
            self.gate,
            self.places,
            asyncio.timeout(self.limits.seconds),
        ):
            pictures = await asyncio.to_thread(self._pictures, shown)
            return await self._asked(group, pictures)

    def _pictures(self, shown: Sequence[str]) -> list[bytes]:
        try:
            return [drawing(self.read(name), self.limits.pixels) for name in shown]
        except (OSError, ValueError):
            raise WrongAnswer("a picture of the group cannot be read") from None

    async def _asked(self, group: Group, pictures: list[bytes]) -> Answer:
        """With the medoid alone where all pictures are too much for the model's context."""

        async def ask(shown: list[bytes]) -> Answer:
            said = messages(group, shown, self.language)
            return await asked(self.endpoint, self.client, self.cache, said, TITLE_FORM, read_answer)

        try:
            return await ask(pictures)
        except Refused as refusal:
            if not refusal.too_long or len(pictures) == 1:
                raise
            return await ask(pictures[:1])

    def _marked(self, found: Answer, group: Group) -> Title:
        backed, lacking = support(f"{found.title} {found.description}", group, self.language)
        return Title(found.title, found.description, "generated", self.endpoint.model, backed, lacking)
