"""Real servers for tests: started on free loopback ports, each in a folder of its own, stopped by pid."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tools.servers import cache

_SECONDS_TO_START = 60
_MUCH = 2_000_000_000


def qdrant_program() -> Path | None:
    """Qdrant's server: that of `TEST_QDRANT`, that which `tools.servers` fetched, or one on the path."""
    if named := os.environ.get("TEST_QDRANT"):
        return Path(named)
    fetched = cache() / "qdrant-1.16.3"
    if fetched.exists():
        return fetched
    found = shutil.which("qdrant")
    return Path(found) if found else None


class QdrantServer:
    """A Qdrant server that can be killed and started again; several may form a cluster."""

    def __init__(self, folder: Path, program: Path, cluster_of: "QdrantServer | bool | None" = None) -> None:
        self.folder = folder
        self.port, self.http_port, self.peer_port = (free_port() for _ in range(3))
        self._program = program
        self._cluster_of = cluster_of
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def node(self) -> str:
        """`host:port` for gRPC."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and wait until it listens."""
        self.folder.mkdir(parents=True, exist_ok=True)
        arguments: list[str] = []
        if self._cluster_of is not None:
            arguments += ["--uri", f"http://127.0.0.1:{self.peer_port}"]
        if isinstance(self._cluster_of, QdrantServer):
            arguments += ["--bootstrap", f"http://127.0.0.1:{self._cluster_of.peer_port}"]
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("QDRANT__")
        } | {
            "QDRANT__SERVICE__HOST": "127.0.0.1",
            "QDRANT__SERVICE__GRPC_PORT": str(self.port),
            "QDRANT__SERVICE__HTTP_PORT": str(self.http_port),
            "QDRANT__SERVICE__MAX_WORKERS": "2",
            "QDRANT__STORAGE__STORAGE_PATH": str(self.folder / "storage"),
            "QDRANT__STORAGE__SNAPSHOTS_PATH": str(self.folder / "snapshots"),
            "QDRANT__STORAGE__PERFORMANCE__MAX_SEARCH_THREADS": "2",
            "QDRANT__STORAGE__WAL__WAL_CAPACITY_MB": "1",
            "QDRANT__STORAGE__OPTIMIZERS__DEFAULT_SEGMENT_NUMBER": "1",
            "QDRANT__CLUSTER__ENABLED": "true" if self._cluster_of is not None else "false",
            "QDRANT__CLUSTER__P2P__PORT": str(self.peer_port),
            "QDRANT__TELEMETRY_DISABLED": "true",
            "QDRANT__LOG_LEVEL": "WARN",
        }
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._program), *arguments],
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        deadline = time.monotonic() + _SECONDS_TO_START
        while not listens(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError((self.folder / "log").read_text(errors="replace")[-2000:])
            time.sleep(0.05)

    def kill(self) -> None:
        """Stop it at once, as a power cut would."""
        self._stop(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end."""
        self._stop(signal.SIGTERM)

    def _stop(self, sent: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(sent)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def qdrant(folder: Path) -> Iterator[QdrantServer]:
    """A running server, or the test is skipped."""
    program = program_or_skip()
    with quick_room(folder) as room:
        server = QdrantServer(room, program)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def qdrant_cluster(folder: Path, size: int) -> Iterator[list[QdrantServer]]:
    """A running cluster of some nodes, or the test is skipped."""
    program = program_or_skip()
    servers: list[QdrantServer] = []
    with quick_room(folder) as room:
        try:
            for n in range(size):
                servers.append(QdrantServer(room / str(n), program, servers[0] if servers else True))
                servers[-1].start()
            yield servers
        finally:
            for server in servers:
                server.kill()


@contextmanager
def quick_room(folder: Path) -> Iterator[Path]:
    """A folder in memory where there is room, else `folder`: a server waits for the disk at every step."""
    memory = Path("/dev/shm")
    try:
        roomy = shutil.disk_usage(memory).free > _MUCH
        room = tempfile.mkdtemp(prefix="ipatent-", dir=memory) if roomy else None
    except OSError:
        room = None
    if room is None:
        yield folder
        return
    try:
        yield Path(room)
    finally:
        shutil.rmtree(room)


def program_or_skip() -> Path:
    """Qdrant's server; skips the test with the reason where it is not installed."""
    program = qdrant_program()
    if program is None:
        pytest.skip("needs Qdrant's server: python -m tools.servers fetches it; or name one by TEST_QDRANT")
    return program


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Whether somebody listens on a port of this machine."""
    with socket.socket() as caller:
        caller.settimeout(0.5)
        return caller.connect_ex(("127.0.0.1", port)) == 0
