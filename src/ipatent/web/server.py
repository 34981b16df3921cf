"""Running the web application on an address of this machine."""

import os
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn

from ipatent.errors import SettingsError
from ipatent.web.app import create_app
from ipatent.web.guard import hosts_of
from ipatent.web.logs import request_log
from ipatent.web.metrics import Counting, answers_metrics
from ipatent.web.observing import Observed
from ipatent.web.state import AppState
from ipatent.web.sweeping import sweep_daily
from ipatent.web.tracing import open_tracing

_GRACE = 3.0
"""Seconds after which a process that should have ended is ended, though one of its threads still works."""


BACKLOG = 2048
"""Connections that may wait to be taken."""


class SharedSocket(socket.socket):
    """A listening socket of several processes, which each take one connection at a time from it.

    asyncio takes as many at once as may wait, so a burst of them, all those of a browser, say, would go
    to whichever process wakes first. Told that one may wait, it takes one; this lets as many wait as ever.
    """

    @classmethod
    def of(cls, listening: socket.socket) -> "SharedSocket":
        """The same socket; the one given is no longer of use."""
        return cls(listening.family, listening.type, listening.proto, listening.detach())

    def listen(self, backlog: int = BACKLOG, /) -> None:
        """Listen, with room for `BACKLOG` connections at least."""
        super().listen(max(backlog, BACKLOG))


class _Server(uvicorn.Server):
    """A server that tells when it answers, and that ends in good order, within a time, on a signal."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None], stop_seconds: float) -> None:
        super().__init__(config)
        self._announce = announce
        self._seconds = stop_seconds + _GRACE

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        # Not handed on afterwards, as uvicorn does: what was opened is closed, and the end is a good one.
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        elif not self.should_exit:
            self.should_exit = True
            # A search in a thread cannot be broken off. What is stored is stored in transactions.
            end = threading.Timer(self._seconds, os._exit, (1,))
            end.daemon = True
            end.start()


def serve(
    state: AppState,
    host: str | None = None,
    port: int | None = None,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Answer requests until interrupted; `host` and `port` default to the settings.

    Prints the URL once requests are answered, then calls `on_ready` with it. Port 0 takes any
    free one. Requests in flight are finished, for as long as the setting stop_seconds says. Raises
    SettingsError where the address cannot be listened on.
    """
    host = state.settings.host if host is None else host
    port = state.settings.port if port is None else port
    with listen(host, port) as listening:
        url = url_of(host, listening)
        sweeping = sweep_daily(state.uploads, state.settings)
        answer(state, host, listening, lambda: announce(url, on_ready))
        sweeping.set()


def answer(
    state: AppState,
    host: str,
    listening: socket.socket,
    announce: Callable[[], None],
    worker: str = "0",
    tallies: Path | None = None,
) -> None:
    """Answer requests that come to a socket until a signal says to end.

    `worker` names this process among those that share the socket; what they count lies in `tallies`.
    """
    settings = state.settings
    counting = Counting(worker, tallies)
    state.searching.tell_waiting(counting.waiting)
    tracing = open_tracing(os.environ)
    told = (counting.answered, request_log(bool(settings.log_clients)), *((tracing.tell,) if tracing else ()))
    shown = counting if answers_metrics(settings, host) else None
    app = Observed(create_app(state, hosts_of(host), shown), told, counting.in_flight)
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        backlog=1 if isinstance(listening, SharedSocket) else BACKLOG,
        # Whole seconds, by uvicorn's type; a fraction is as good.
        timeout_graceful_shutdown=settings.stop_seconds,  # type: ignore[arg-type]
    )
    try:
        _Server(config, announce, settings.stop_seconds).run(sockets=[listening])
    finally:
        if tracing:
            tracing.close()


def announce(url: str, on_ready: Callable[[str], None] | None) -> None:
    """Tell the user, then the program, where requests are answered."""
    print(f"iPatent is at {url} (stop it with Ctrl-C)", flush=True)
    if on_ready:
        on_ready(url)


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address; raises SettingsError, with the reason, where that cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio switches Nagle's delay off; without it, 40 ms an answer are lost.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except (OSError, OverflowError) as error:
        listening.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise SettingsError(
            f"The server cannot listen on {host} port {port}: {reason}.",
            "Choose another port, e.g. --port 8001, or 0 for any free one.",
        ) from None
    return listening


def url_of(host: str, listening: socket.socket) -> str:
    """The address of the start page of a server that listens on a socket bound to `host`."""
    port = listening.getsockname()[1]
    if host in ("0.0.0.0", "::", ""):  # noqa: S104
        return f"http://localhost:{port}"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
