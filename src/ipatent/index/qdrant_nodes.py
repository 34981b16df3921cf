"""The nodes of a Qdrant server or cluster: addresses, versions, calls that go on at another node.

A call goes to the node that answered last. Where that node is down or does not answer in time, the
next one is asked, and all of them again and again until patience ends; every call of the index may be
repeated without harm, since what it writes is always the same points under the same ids.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from ipatent.errors import IndexProblem, SettingsError

SCHEMES: Final = ("qdrant://", "qdrants://")
PORT: Final = 6334
LEAST_VERSION: Final = (1, 16)
"""The first server with all that is asked of it; text is indexed by phrases since 1.15, tested is 1.16."""
MOST_BYTES: Final = 512 * 1024 * 1024
_READ_PATIENCE = 6.0
_TRY_SECONDS = 20.0
_TRIES_WHERE_ABSENT = 3
_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.0)

_ADDRESS = re.compile(
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?::(?P<port>\d{1,5}))?"
)
_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}")


@dataclass(frozen=True, slots=True)
class Address:
    """Where an index lies: nodes as `host:port`, whether by TLS, and the prefix of its collections."""

    nodes: tuple[str, ...]
    encrypted: bool
    prefix: str

    @classmethod
    def parse(cls, url: str) -> "Address":
        """The address written as `qdrant://HOST[:PORT][,HOST[:PORT]...][/NAME]`, or `qdrants://` for TLS.

        Raises SettingsError.
        """
        scheme, separator, rest = url.partition("://")
        hosts, _, prefix = rest.rstrip("/").partition("/")
        found = [_ADDRESS.fullmatch(host.strip()) for host in hosts.split(",")]
        ports = [int(each["port"] or PORT) for each in found if each]
        fits = all(found) and all(0 < port < 65536 for port in ports)
        if f"{scheme}{separator}" not in SCHEMES or not fits or (prefix and not _PREFIX.fullmatch(prefix)):
            raise SettingsError(
                f"The setting index is {url!r}, which is no address of an index.",
                "Write qdrant://HOST:6334, several nodes as qdrant://HOST1:6334,HOST2:6334, and a name of"
                " your own as qdrant://HOST:6334/NAME; or leave it empty for the index in the data folder.",
            )
        nodes = tuple(f"{each['host']}:{port}" for each, port in zip(found, ports, strict=True) if each)
        return cls(tuple(dict.fromkeys(nodes)), scheme == "qdrants", prefix or "ipatent")

    def __str__(self) -> str:
        return f"{'qdrants' if self.encrypted else 'qdrant'}://{','.join(self.nodes)}/{self.prefix}"


class NoCollection(IndexProblem):
    """A collection that was asked for is not there."""


class Nodes:
    """The nodes of one server or cluster, asked one after another until one answers. Thread-safe."""

    def __init__(self, address: Address, key: str, patience: float) -> None:
        _needs_client()
        self.address = address
        self._key = key
        self._patience = patience
        self._channels: dict[str, Any] = {}
        self._stubs: dict[tuple[str, str], Any] = {}
        self._first = 0
        self._closed = False
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of all connections; may be called twice."""
        with self._lock:
            self._closed = True
            for channel in self._channels.values():
                channel.close()
            self._channels.clear()
            self._stubs.clear()

    def again(self) -> "Nodes":
        """The same nodes, with connections of their own."""
        return Nodes(self.address, self._key, self._patience)

    def check_versions(self) -> str:
        """The version of a node that answers; raises IndexProblem where one is too old, or none answers."""
        from qdrant_client.grpc import HealthCheckRequest

        found = str(self.call("Qdrant", "HealthCheck", HealthCheckRequest()).version)
        numbers = tuple(int(part) for part in re.findall(r"\d+", found)[:2])
        if numbers < LEAST_VERSION:
            least = ".".join(map(str, LEAST_VERSION))
            raise IndexProblem(
                f"The Qdrant server at {self.address} is version {found}; iPatent needs {least} or newer.",
                f"Update the server, e.g. to the container image qdrant/qdrant:v{least}.3.",
            )
        return found

    def call(self, service: str, method: str, request: Any, writing: bool = False) -> Any:
        """The answer of the first node that gives one.

        Raises NoCollection, or IndexProblem when no node answers within the patience, the key is
        refused, or the server cannot do it.
        """
        patience = self._patience if writing else min(self._patience, _READ_PATIENCE)
        deadline = time.monotonic() + patience
        count = len(self.address.nodes)
        tries = 0
        while True:
            node = self.address.nodes[(self._first + tries) % count]
            try:
                stub = self._stub(node, service)
                left = max(deadline - time.monotonic(), 0.2)
                answer = getattr(stub, method)(
                    request, timeout=min(_TRY_SECONDS, left), metadata=self._metadata()
                )
            except Exception as error:
                if not _is_rpc(error):
                    if self._closed:
                        raise self._was_closed() from None
                    raise
                failure = error
            else:
                self._first = (self._first + tries) % count
                return answer
            tries += 1
            if self._closed:
                raise self._was_closed() from None
            gone = _is_absent(failure) and tries <= _TRIES_WHERE_ABSENT
            if not (_may_pass(failure) or gone) or time.monotonic() > deadline:
                raise _translated(failure, self.address) from None
            if tries % count == 0:
                time.sleep(_PAUSES[min(tries // count, len(_PAUSES)) - 1])

    def _metadata(self) -> tuple[tuple[str, str], ...]:
        return (("api-key", self._key),) if self._key else ()

    def _stub(self, node: str, service: str) -> Any:
        with self._lock:
            if self._closed:
                raise self._was_closed()
            known = self._stubs.get((node, service))
            if known is None:
                known = self._stubs[node, service] = _stubs()[service](self._channel(node))
            return known

    def _channel(self, node: str) -> Any:
        import grpc as wire

        known = self._channels.get(node)
        if known is None:
            options = [
                ("grpc.max_send_message_length", MOST_BYTES),
                ("grpc.max_receive_message_length", MOST_BYTES),
                ("grpc.initial_reconnect_backoff_ms", 100),
                ("grpc.min_reconnect_backoff_ms", 100),
                ("grpc.max_reconnect_backoff_ms", 1000),
                ("grpc.keepalive_time_ms", 20_000),
                ("grpc.enable_http_proxy", 0),
            ]
            if self.address.encrypted:
                known = wire.secure_channel(node, wire.ssl_channel_credentials(), options)
            else:
                known = wire.insecure_channel(node, options)
            self._channels[node] = known
        return known

    def _was_closed(self) -> IndexProblem:
        return IndexProblem(f"The index {self.address} has been closed.", "Open it again.")


def _stubs() -> Mapping[str, Callable[[Any], Any]]:
    from qdrant_client import grpc

    return {"Points": grpc.PointsStub, "Collections": grpc.CollectionsStub, "Qdrant": grpc.QdrantStub}


def _needs_client() -> None:
    with missing_client():
        import qdrant_client.grpc  # noqa: F401


@contextmanager
def missing_client() -> Iterator[None]:
    """Turn the absence of the client into an IndexProblem that says how to install it."""
    try:
        yield
    except ImportError:
        raise IndexProblem(
            "An index on Qdrant needs the package qdrant-client, which is not installed.",
            "Install it with: pip install 'ipatent[qdrant]'",
        ) from None


def _is_rpc(error: Exception) -> bool:
    import grpc as wire

    return isinstance(error, wire.RpcError)


def _status(error: Any) -> tuple[Any, str]:
    return error.code(), str(error.details() or "")


def _may_pass(error: Any) -> bool:
    """Whether another node, or the same a little later, may answer."""
    import grpc as wire

    code, details = _status(error)
    if code == wire.StatusCode.INTERNAL:
        return not _is_full(details)
    return code in (
        wire.StatusCode.UNAVAILABLE,
        wire.StatusCode.DEADLINE_EXCEEDED,
        wire.StatusCode.ABORTED,
        wire.StatusCode.CANCELLED,
        wire.StatusCode.RESOURCE_EXHAUSTED,
    )


def _is_absent(error: Any) -> bool:
    """Whether a collection is not there, which happens for a moment where another takes its place."""
    import grpc as wire

    return bool(_status(error)[0] == wire.StatusCode.NOT_FOUND)


def _is_full(details: str) -> bool:
    return any(said in details.lower() for said in ("no space left", "no disk space", "not enough space"))


def _translated(error: Any, address: Address) -> IndexProblem:
    import grpc as wire

    code, details = _status(error)
    said = " ".join(details.split())[:300]
    if _is_full(details):
        return IndexProblem(
            f"The disk of the Qdrant server at {address} is full: nothing more can be written.",
            "Free some space there or add a node; what was stored before is unharmed.",
        )
    if code == wire.StatusCode.NOT_FOUND:
        return NoCollection(f"The index {address} lacks a collection: {said}", "Ingest patents into it.")
    if code in (wire.StatusCode.UNAUTHENTICATED, wire.StatusCode.PERMISSION_DENIED):
        return IndexProblem(
            f"The Qdrant server at {address} refuses the key.",
            "Give the server's key as IPATENT_QDRANT_KEY, or its file with the setting qdrant_key_file.",
        )
    if code in (wire.StatusCode.UNAVAILABLE, wire.StatusCode.DEADLINE_EXCEEDED, wire.StatusCode.CANCELLED):
        count = len(address.nodes)
        nodes = "It does not answer" if count == 1 else f"None of its {count} nodes does answer"
        return IndexProblem(
            f"The Qdrant server at {address} cannot be reached. {nodes} ({said or code.name}).",
            "Start it, or correct the setting index. What was reported as stored is not lost.",
        )
    return IndexProblem(
        f"The Qdrant server at {address} could not do what was asked ({code.name}: {said}).",
        "Look into the server's log; when some of its nodes are down, start them.",
    )
