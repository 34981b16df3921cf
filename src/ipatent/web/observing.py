"""The layer around everything: each request gets an id, is timed stage by stage, and told of afterwards.

What was asked is never told: an address holds the words of a search, which are confidential before an
application is filed. A request is known by its route, `/search` or `/patent/{patent_id}`, and its id.
"""

import re
import secrets
import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ipatent.stages import Stages, watched

HEADER = "X-Request-ID"
WATCHED_BY_PROGRAMS = ("/healthz", "/readyz", "/metrics")
"""Routes that programs ask for every few seconds."""
_SANE = re.compile(r"[A-Za-z0-9._:+/=-]{1,100}")
_THUMBNAILS = "/thumbnails/"
_NO_ROUTE = "none"

current_request: ContextVar[str] = ContextVar("request", default="")
"""The id of the request that is worked on; empty outside of one."""


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """A request that was answered, without what was asked; `started` by time.perf_counter, in seconds."""

    request_id: str
    method: str
    route: str
    status: int
    started: float
    seconds: float
    stages: Stages
    client: str
    headers: Headers


class Observed:
    """ASGI application around `app` that calls each of `tell` after every request.

    `in_flight` is called with 1 when a request comes and with -1 when it was answered.
    """

    def __init__(
        self,
        app: ASGIApp,
        tell: Sequence[Callable[[Answered], None]],
        in_flight: Callable[[int], None],
    ) -> None:
        self._app = app
        self._tell = tell
        self._in_flight = in_flight

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = _sane(headers.get(HEADER, "")) or secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        # Newer versions of FastAPI would tell a collector the whole address of each request.
        scope["fastapi.telemetry"] = None
        status = 500  # where none is told, the server will say so
        method, started = scope["method"], time.perf_counter()

        async def telling_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        self._in_flight(1)
        token = current_request.set(request_id)
        with watched() as stages:
            try:
                await self._app(scope, receive, telling_send)
            finally:
                self._in_flight(-1)
                client = scope.get("client")
                answered = Answered(
                    request_id,
                    method,
                    _route_of(scope),
                    status,
                    started,
                    time.perf_counter() - started,
                    stages,
                    client[0] if client else "",
                    headers,
                )
                for tell in self._tell:
                    tell(answered)
                current_request.reset(token)


def _sane(given: str) -> str:
    return given if _SANE.fullmatch(given) else ""


def _route_of(scope: Scope) -> str:
    """The template of the address, so that there are few and none tells what was asked."""
    route = scope.get("route")
    if route is not None:
        return str(route.path)
    if scope["path"].startswith(_THUMBNAILS):  # answered before routing
        return _THUMBNAILS + "{sha}"
    return _NO_ROUTE
