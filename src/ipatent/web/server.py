"""Running the web application on an address of this machine."""

import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from ipatent.errors import SettingsError
from ipatent.web.app import create_app
from ipatent.web.guard import hosts_of
from ipatent.web.state import AppState
from ipatent.web.sweeping import sweep_daily


class _Announcing(uvicorn.Server):
    """A server that tells when it answers."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()


def serve(
    state: AppState,
    host: str | None = None,
    port: int | None = None,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Answer requests until interrupted; `host` and `port` default to the settings.

    Prints the URL once requests are answered, then calls `on_ready` with it. Port 0 takes any
    free one. Raises SettingsError where the address cannot be listened on.
    """
    host = state.settings.host if host is None else host
    port = state.settings.port if port is None else port
    listening = listen(host, port)
    url = f"http://{_shown(host)}:{listening.getsockname()[1]}"

    def announce() -> None:
        print(f"iPatent is at {url} (stop it with Ctrl-C)", flush=True)
        if on_ready:
            on_ready(url)

    config = uvicorn.Config(
        create_app(state, hosts_of(host)),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    # The server ends in good order first, then hands the interrupt on.
    sweeping = sweep_daily(state.uploads, state.settings)
    with listening, suppress(KeyboardInterrupt):
        _Announcing(config, announce).run(sockets=[listening])
    sweeping.set()


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


def _shown(host: str) -> str:
    if host in ("0.0.0.0", "::", ""):  # noqa: S104
        return "localhost"
    return f"[{host}]" if ":" in host else host
