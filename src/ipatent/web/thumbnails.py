"""The short way of thumbnails: hundreds are asked for at once, so they pass by routing and compression.

What this layer does not answer (an unknown name, another method, a part of a picture, a store that
cannot be read) goes on to `ipatent.web.objects`, which says the same in full.
"""

import threading
from collections import OrderedDict

from anyio import to_thread
from starlette.types import ASGIApp, Receive, Scope, Send

from ipatent.errors import IndexProblem, NotFound
from ipatent.objects import FOR_EVER, Objects
from ipatent.pictures import media_type
from ipatent.web.asked import SHA256

_PLACE = "/thumbnails/"
_REMEMBERED_BYTES = 32_000_000
_LONGEST = 1_000_000
"""A larger picture is none that was made small; it is sent, but not remembered."""


class Thumbnails:
    """ASGI layer that sends the pictures of `store` under `/thumbnails/`, the latest from memory.

    With `linked`, browsers are sent to the store itself, so this layer leaves all to the next.
    """

    def __init__(self, app: ASGIApp, store: Objects, linked: bool = False) -> None:
        self._app = app
        self._linked = linked
        self._pictures = RememberedPictures(store)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            self._linked
            or scope["type"] != "http"
            or scope["method"] != "GET"
            or not scope["path"].startswith(_PLACE)
            or not SHA256.match(sha := scope["path"][len(_PLACE) :])
            or any(name == b"range" for name, _ in scope["headers"])
        ):
            await self._app(scope, receive, send)
            return
        etag = f'"{sha}"'.encode()
        kept = [(b"etag", etag), (b"cache-control", FOR_EVER.encode())]
        if any(name == b"if-none-match" and etag in value for name, value in scope["headers"]):
            await send({"type": "http.response.start", "status": 304, "headers": kept})
            await send({"type": "http.response.body", "body": b""})
            return
        data = self._pictures.recall(sha)
        if data is None:
            try:
                data = await to_thread.run_sync(self._pictures.read, sha)
            except (NotFound, IndexProblem):
                await self._app(scope, receive, send)
                return
        told = [(b"content-type", media_type(data).encode()), (b"content-length", b"%d" % len(data))]
        await send({"type": "http.response.start", "status": 200, "headers": [*told, *kept]})
        await send({"type": "http.response.body", "body": data})


class RememberedPictures:
    """Pictures of a store, the latest kept in memory up to `most_bytes`; safe for threads."""

    def __init__(self, store: Objects, most_bytes: int = _REMEMBERED_BYTES) -> None:
        self._store = store
        self._room = most_bytes
        self._known: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def recall(self, name: str) -> bytes | None:
        """The picture, where it is in memory."""
        with self._lock:
            data = self._known.get(name)
            if data is not None:
                self._known.move_to_end(name)
            return data

    def read(self, name: str) -> bytes:
        """The picture from the store. Raises NotFound."""
        data = self._store.get(name)
        with self._lock:
            if name not in self._known and len(data) <= _LONGEST:
                self._known[name] = data
                self._room -= len(data)
                while self._room < 0:
                    self._room += len(self._known.popitem(last=False)[1])
        return data
