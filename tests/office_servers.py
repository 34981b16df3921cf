"""An S3 server, a PostgreSQL server, and a bad network between them and us: real ones, on free ports."""

import asyncio
import datetime
import hashlib
import hmac
import json
import os
import shutil
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from tools.servers import POSTGRESQL, SEAWEEDFS, cache

from ipatent.records import Database
from ipatent.records.tables import metadata, schema_version
from servers import free_port, listens, quick_room

KEY, SECRET = "office", "not-for-anybody"
PASSWORD = "pass:word/of@records"
_SECONDS_TO_START = 60
_NOBODY = 65534


class Server:
    """A server that can be killed and started again; a subclass says how it is run."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, log: Any) -> subprocess.Popen[bytes]:
        """Start the process."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether it can be used."""
        return listens(self.port)

    def start(self) -> None:
        """Start, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = self.run(log)
        deadline = time.monotonic() + _SECONDS_TO_START
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError((self.folder / "log").read_text(errors="replace")[-3000:])
            time.sleep(0.05)

    def kill(self) -> None:
        """Stop it at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end."""
        self._end(signal.SIGINT)

    def _end(self, sent: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(sent)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class S3Server(Server):
    """SeaweedFS with its S3 gateway."""

    def __init__(self, folder: Path, program: Path) -> None:
        super().__init__(folder, free_port())
        self._program = program
        self._ports = {name: free_port() for name in ("master", "volume", "filer")}
        self._grpc = {name: free_port() for name in ("master", "volume", "filer", "s3")}
        who = {
            "name": "office",
            "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        (folder / "s3.json").write_text(json.dumps({"identities": [who]}))

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def run(self, log: Any) -> subprocess.Popen[bytes]:
        """Start the process."""
        ports = [f"-{name}.port={port}" for name, port in self._ports.items()]
        ports += [f"-{name}.port.grpc={port}" for name, port in self._grpc.items()]
        (self.folder / "data").mkdir(exist_ok=True)
        return subprocess.Popen(
            [
                *(str(self._program), "-logdir", str(self.folder), "server", f"-dir={self.folder / 'data'}"),
                *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3", f"-s3.port={self.port}", *ports),
                *(f"-s3.config={self.folder / 's3.json'}", "-s3.port.iceberg=0", "-s3.port.lance=0"),
                *(
                    "-s3.iam=false",
                    "-s3.autoCreateBucket=false",
                    "-master.telemetry=false",
                    "-master.volumeSizeLimitMB=64",
                ),
                *("-master.electionTimeout=500ms", "-master.raftBootstrap"),
                *("-volume.max=20", f"-filer.localSocket={self.folder / 'filer.sock'}"),
                f"-s3.localSocket={self.folder / 's3.sock'}",
            ],
            cwd=self.folder,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )

    def answers(self) -> bool:
        """Whether a bucket can be made, and written to."""
        if not listens(self.port):
            return False
        try:
            self.make_bucket("alive")
            return self._request("PUT", "/alive/x", b"x") == 200
        except OSError:
            return False

    def make_bucket(self, name: str) -> None:
        """Make an empty bucket, unless it is there."""
        try:
            self._request("PUT", f"/{name}")
        except urllib.error.HTTPError as error:
            if error.code != 409:
                raise

    def _request(self, method: str, path: str, body: bytes = b"") -> int:
        """A request signed by AWS's Signature Version 4."""
        time_now = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
        digest = hashlib.sha256(body).hexdigest()
        host = f"127.0.0.1:{self.port}"
        names = "host;x-amz-content-sha256;x-amz-date"
        headers = f"host:{host}\nx-amz-content-sha256:{digest}\nx-amz-date:{time_now}\n"
        asked = hashlib.sha256(f"{method}\n{path}\n\n{headers}\n{names}\n{digest}".encode()).hexdigest()
        scope = f"{time_now[:8]}/us-east-1/s3/aws4_request"
        key = f"AWS4{SECRET}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        signed = hmac.new(
            key, f"AWS4-HMAC-SHA256\n{time_now}\n{scope}\n{asked}".encode(), "sha256"
        ).hexdigest()
        request = urllib.request.Request(
            f"http://{host}{path}",
            body or None,
            {
                "x-amz-date": time_now,
                "x-amz-content-sha256": digest,
                "Authorization": f"AWS4-HMAC-SHA256 Credential={KEY}/{scope}, SignedHeaders={names},"
                f" Signature={signed}",
            },
            method=method,
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            status: int = answer.status
            return status


class PostgreSQLServer(Server):
    """A PostgreSQL server with one user, who may make databases and needs a password."""

    def __init__(self, folder: Path, programs: Path) -> None:
        super().__init__(folder, free_port())
        self._programs = programs
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self._as = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
            if not _others_may_run(programs / "initdb"):
                self._programs = folder / "postgresql" / programs.relative_to(cache() / POSTGRESQL)
                shutil.copytree(cache() / POSTGRESQL, folder / "postgresql")
            folder.chmod(0o755)
            os.chown(folder, _NOBODY, _NOBODY)
        (folder / "password").write_text(PASSWORD)
        (folder / "password").chmod(0o644)
        subprocess.run(
            [
                *(self._programs / "initdb", "-D", folder / "data", "-U", "office", "-A", "scram-sha-256"),
                *("--pwfile", folder / "password", "-E", "UTF8", "--locale=C", "--no-sync"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            **self._as,
        )

    def url(self, database: str) -> str:
        """The setting `records` for a database; the password comes beside it."""
        return f"postgresql://office@127.0.0.1:{self.port}/{database}"

    def run(self, log: Any) -> subprocess.Popen[bytes]:
        """Start the process."""
        return subprocess.Popen(
            [
                *(self._programs / "postgres", "-D", self.folder / "data", "-p", str(self.port)),
                *("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="),
                *(
                    "-c",
                    "shared_buffers=16MB",
                    "-c",
                    "dynamic_shared_memory_type=mmap",
                    "-c",
                    "synchronous_commit=on",
                    "-c",
                    "fsync=on",
                ),
            ],
            cwd=self.folder,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            **self._as,
        )

    def answers(self) -> bool:
        """Whether it lets us in."""
        try:
            self.execute("SELECT 1")
        except Exception:
            return False
        return True

    def execute(self, command: str, database: str = "postgres") -> list[Any]:
        """The rows that a command gives, outside of any transaction."""
        import pg8000.native

        connection = pg8000.native.Connection(
            "office", password=PASSWORD, host="127.0.0.1", port=self.port, database=database, timeout=10
        )
        try:
            return list(connection.run(command) or ())
        finally:
            connection.close()


def _others_may_run(program: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (program.resolve(), *program.resolve().parents))


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """A running S3 server, or the test is skipped."""
    named = os.environ.get("TEST_S3") or shutil.which("weed")
    program = Path(named) if named else cache() / SEAWEEDFS
    if not program.exists():
        pytest.skip("needs an S3 server: python -m tools.servers fetches it; or name SeaweedFS's by TEST_S3")
    with quick_room(folder) as room:
        server = S3Server(room, program)
        server.start()
        try:
            yield server
        finally:
            server.kill()


@contextmanager
def postgresql_server(folder: Path) -> Iterator[PostgreSQLServer]:
    """A running PostgreSQL server, or the test is skipped."""
    fetched = cache() / POSTGRESQL / "pgserver" / "pginstall" / "bin"
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    named = os.environ.get("TEST_POSTGRESQL")
    found = next((each for each in (*((Path(named),) if named else ()), *installed[::-1], fetched) if
                  (each / "initdb").exists()), None)  # fmt: skip
    if found is None:
        pytest.skip("needs PostgreSQL: python -m tools.servers fetches it; or name its folder bin by"
                    " TEST_POSTGRESQL")  # fmt: skip
    with quick_room(folder) as room:
        server = PostgreSQLServer(room, found)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def emptied(server: PostgreSQLServer) -> Iterator[Database]:
    """The records in a database of the server, which is made once, without anything in it."""
    if not server.execute("SELECT 1 FROM pg_database WHERE datname = 'emptied'"):
        server.execute("CREATE DATABASE emptied")
    with Database.open(server.url("emptied"), PASSWORD) as database:
        names = ", ".join(f'"{name}"' for name in metadata.tables if name != schema_version.name)
        with database.writing() as connection:
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
        yield database


class Network:
    """What lies between us and a server on this machine: it can be slow, cut or dead."""

    def __init__(self, port: int) -> None:
        self.port = free_port()
        self.bytes_a_second = 0.0
        """0 is as fast as it goes."""
        self.cut_after = 0
        """Bytes towards the server after which a connection breaks; 0 is never. Then it is 0 again."""
        self.cuts = 0
        self._to = port
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._join, "127.0.0.1", self.port))
        self._ready.set()
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.close()
            return
        ways = (self._carry(reader, back, True), self._carry(there, writer, False))
        try:
            await asyncio.gather(*ways)
        except OSError:
            pass
        finally:
            for each in (writer, back):
                each.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, there: bool) -> None:
        carried = 0
        while data := await reader.read(16_384):
            if self.bytes_a_second:
                await asyncio.sleep(len(data) / self.bytes_a_second)
            carried += len(data)
            if there and self.cut_after and carried > self.cut_after:
                self.cut_after = 0
                self.cuts += 1
                raise ConnectionResetError
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError

    def __enter__(self) -> "Network":
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
