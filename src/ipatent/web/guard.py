"""The outermost layer: who may be called by which name, security headers, a limit on bodies, faults.

A request must name this server in its Host header: the address it listens on, or localhost. A page
elsewhere could otherwise point a name of its own at this machine (DNS rebinding) and read the index
through a visitor's browser. A server that listens on all addresses (0.0.0.0 or ::) is meant to be
reached under names that only its owner knows, so any name is accepted there.

What changes something (POST, PATCH, PUT, DELETE) is accepted from this server's own pages only: a
browser says by `Sec-Fetch-Site`, or else by `Origin`, which page a request comes from. Programs that
are no browsers send neither.
"""

import logging
import secrets
from urllib.parse import urlsplit

from fastapi import HTTPException, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ipatent.web.answers import Problem
from ipatent.web.problems import respond

log = logging.getLogger(__name__)

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def headers_with(pictures_from: str) -> dict[str, str]:
    """The security headers, where pages may show pictures of one more place."""
    if not pictures_from:
        return SECURITY_HEADERS
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    with_place = policy.replace("img-src 'self'", f"img-src 'self' {pictures_from}")
    return SECURITY_HEADERS | {"Content-Security-Policy": with_place}


_READING = frozenset({"GET", "HEAD", "OPTIONS"})

# A form has fields around its picture.
_FORM_BYTES = 100_000
# A browser shows the answer only after it could send all; more than this is cut off.
_DRAINED_TIMES = 10


class Guard:
    """ASGI layer around the whole application; `app` must answer HTTP and lifespan only.

    `hosts` are the names that requests may call this server by, without port; None accepts any.
    `pictures_from` is one more place, as scheme, host and port, that pages may show pictures of.
    """

    def __init__(
        self,
        app: ASGIApp,
        max_upload_bytes: int,
        hosts: frozenset[str] | None = None,
        pictures_from: str = "",
    ) -> None:
        self._app = app
        self._headers = headers_with(pictures_from)
        self._hosts = hosts
        self._limit = max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False
        without_body = scope["method"] == "HEAD"

        async def guarded_send(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
            elif without_body and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        around = scope
        if without_body:
            scope = {**scope, "method": "GET"}
        if not self._is_called_rightly(scope):
            # The answer needs no name, and must not repeat one that is not ours.
            without_host = [pair for pair in scope["headers"] if pair[0] != b"host"]
            request = Request({**scope, "headers": without_host})
            await respond(request, 400, _WRONG_NAME)(scope, receive, guarded_send)
            return
        if not _is_own(scope):
            await respond(Request(scope), 403, _FOREIGN)(scope, receive, guarded_send)
            return
        try:
            await self._app(scope, self._limited(receive), guarded_send)
        except Exception:
            # The one place for faults of the program itself: logged whole, told politely.
            request_id = scope.get("state", {}).get("request_id") or secrets.token_hex(6)
            route = getattr(scope.get("route"), "path", "an unknown route")
            log.exception("Request %s to %s failed", request_id, route)
            if begun:
                raise
            problem = Problem(
                error="Something went wrong in the program, not in your request.",
                advice="Try again; if it happens again, tell whoever runs this server the request id.",
                request_id=request_id,
            )
            await respond(Request(scope), 500, problem)(scope, receive, guarded_send)
        finally:
            if "route" in scope:  # for the layers around this one
                around["route"] = scope["route"]

    def _is_called_rightly(self, scope: Scope) -> bool:
        given = Headers(scope=scope).getlist("host")
        if self._hosts is None or not given:  # a browser always names the host
            return True
        return len(given) == 1 and _name_of(given[0]) in self._hosts

    def _limited(self, receive: Receive) -> Receive:
        most = self._limit + _FORM_BYTES
        received = 0

        async def limited_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received <= most:
                return message
            while message.get("more_body") and received < most * _DRAINED_TIMES:
                message = await receive()
                received += len(message.get("body", b""))
            raise too_many_bytes(self._limit)

        return limited_receive


_WRONG_NAME = Problem(
    error="This server is not known by the name in the address.",
    advice="Open it at the address it printed when it started, or at localhost. To serve other "
    "machines by any name, start it with --host 0.0.0.0.",
)


_FOREIGN = Problem(
    error="This request was sent by a page of another site, so nothing was changed.",
    advice="Open this server's own page and do it there.",
)


def _is_own(scope: Scope) -> bool:
    """Whether a request only reads, or comes from one of our pages or from no browser."""
    if scope["method"] in _READING:
        return True
    headers = Headers(scope=scope)
    if site := headers.get("sec-fetch-site"):
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""


def hosts_of(host: str) -> frozenset[str] | None:
    """The names of a server that listens on `host`; None where it listens on all addresses."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104
        return None
    return frozenset({host.lower().strip("[]"), "localhost", "127.0.0.1", "::1"})


def _name_of(given: str) -> str:
    try:
        return (urlsplit(f"//{given}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def too_many_bytes(limit: int) -> HTTPException:
    """The refusal of an upload that is larger than `limit` bytes."""
    return HTTPException(
        413,
        f"The upload is larger than the limit of {limit / 1e6:,.1f} MB (setting max_upload_bytes). "
        "Save the picture smaller or as black and white PNG",
    )
