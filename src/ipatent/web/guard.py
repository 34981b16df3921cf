"""The outermost layer: security headers on every answer, a limit on bodies, and a last resort for faults."""

import logging
import secrets

from fastapi import HTTPException, Request
from starlette.datastructures import MutableHeaders
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

# A form has fields around its picture.
_FORM_BYTES = 100_000
# A browser shows the answer only after it could send all; more than this is cut off.
_DRAINED_TIMES = 10


class Guard:
    """ASGI layer around the whole application; `app` must answer HTTP and lifespan only."""

    def __init__(self, app: ASGIApp, max_upload_bytes: int) -> None:
        self._app = app
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
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
            elif without_body and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        if without_body:
            scope = {**scope, "method": "GET"}
        try:
            await self._app(scope, self._limited(receive), guarded_send)
        except Exception:
            # The one place for faults of the program itself: logged whole, told politely.
            request_id = secrets.token_hex(6)
            log.exception("Request %s to %s failed", request_id, scope["path"])
            if begun:
                raise
            problem = Problem(
                error="Something went wrong in the program, not in your request.",
                advice="Try again; if it happens again, tell whoever runs this server the request id.",
                request_id=request_id,
            )
            await respond(Request(scope), 500, problem)(scope, receive, guarded_send)

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


def too_many_bytes(limit: int) -> HTTPException:
    """The refusal of an upload that is larger than `limit` bytes."""
    return HTTPException(
        413,
        f"The upload is larger than the limit of {limit / 1e6:,.1f} MB (setting max_upload_bytes). "
        "Save the picture smaller or as black and white PNG",
    )
