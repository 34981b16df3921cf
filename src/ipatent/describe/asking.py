"""Asking an endpoint for JSON: down the ladder of constraints, once more after a slip, then given up."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import httpx2

from ipatent.describe.answers import WrongAnswer
from ipatent.describe.cache import Cache
from ipatent.describe.endpoint import RUNGS, Endpoint, EndpointFailed, Form, Refused, pause

Read = TypeVar("Read")

_WARMER = 0.4


async def asked(
    endpoint: Endpoint,
    client: httpx2.AsyncClient,
    cache: Cache | None,
    messages: list[dict[str, Any]],
    form: Form,
    read: Callable[[Any], Read],
    *,
    most_tokens: int = 0,
    temperature: float = 0.0,
    seed: int = 1,
) -> Read:
    """What `read` makes of the endpoint's chat completion.

    A request that is refused is made again with the next weaker constraint, and `cache` remembers
    for all processes which one this endpoint takes. A prompt that is too long is not tried further. An
    answer that `read` raises WrongAnswer for, and a failure that may pass, are tried once more. Raises
    Refused, EndpointFailed or WrongAnswer.
    """
    first = await asyncio.to_thread(cache.rung, endpoint.name) if cache else 0
    rung, tried = min(first, len(RUNGS) - 1), False
    while True:
        try:
            # The second time a little warmer: cold, the model would say the same again.
            warmth = max(temperature, _WARMER) if tried else temperature
            body = await endpoint.chat(
                client, messages, rung, warmth, form, most_tokens=most_tokens, seed=seed + tried
            )
            answer = read(body)
        except Refused as refusal:
            if refusal.too_long or rung + 1 == len(RUNGS):
                raise
            rung += 1
        except EndpointFailed as failure:
            if tried or not failure.passing:
                raise
            tried = True
            await pause(failure)
        except WrongAnswer:
            if tried:
                raise
            tried = True
        else:
            if cache and rung != first:
                await asyncio.to_thread(cache.remember_rung, endpoint.name, rung)
            return answer
