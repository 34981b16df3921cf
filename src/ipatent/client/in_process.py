"""A web application asked in this process, as if it were a server: for `Client(transport=InProcess(app))`."""

from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import ExitStack
from typing import Any

import httpx2
from anyio.from_thread import start_blocking_portal

Message = MutableMapping[str, Any]
Asgi = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]


class InProcess(httpx2.BaseTransport):
    """Answers by an ASGI application that runs in a thread of its own, without a network."""

    def __init__(self, app: Asgi) -> None:
        self._transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        self._stack = ExitStack()
        self._portal = self._stack.enter_context(start_blocking_portal())

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The application's answer, complete."""
        return self._portal.call(self._answer, request)

    def close(self) -> None:
        """End the thread."""
        self._stack.close()

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        content = request.read()
        asked = httpx2.Request(request.method, request.url, headers=request.headers, content=content)
        answer = await self._transport.handle_async_request(asked)
        raw = b"".join([part async for part in answer.aiter_raw()])
        return httpx2.Response(answer.status_code, headers=answer.headers, content=raw)
