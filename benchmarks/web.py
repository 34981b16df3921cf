"""Workers under load: `python -m benchmarks.web [--workers 1,2,4] [--seconds 10] [--minutes 10]`.

`ipatent serve --workers N` answers over an index of 40,000 figures (see `benchmarks.desk`), or that of
`--data DIR`. Users visit it from processes of their own: a page of 50 results for words, its first 20
thumbnails, the page of a figure and of its patent; then at once the next visit. More and more users come
as long as nineteen of twenty answers of each kind take at most 500 ms. The rate then, its errors and the
memory of all processes are printed. With `--minutes` the best number of users goes on for that long, with
memory told each minute.

The users speak HTTP over connections that stay open, by a few lines of asyncio: a complete client would
take more of the processor than what it measures.
"""

import argparse
import asyncio
import multiprocessing
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

import numpy as np

from benchmarks.desk import cpu_seconds, data_folder, questions, resident_mb

LIMIT = 500.0
"""Milliseconds within which 95 % of the answers of each kind must come."""
KINDS = ("search", "thumbnail", "figure", "patent")
USERS = (1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64)
PROCESSES = 2
_THUMBNAILS = 20
_WARM_UP = 3.0
_THUMBNAIL = re.compile(rb'src="(/thumbnails/[0-9a-f]{64})"')
_FIGURE = re.compile(rb'href="(/figures/[^"?#]+)')
_PATENT = re.compile(rb'href="(/patents/[^"?#]+)')
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.I)


@dataclass(slots=True)
class Load:
    """What came of some seconds of load."""

    milliseconds: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers per second."""
        return sum(map(len, self.milliseconds.values())) / self.seconds

    def p95(self, kind: str) -> float:
        """Milliseconds within which 95 % of the answers of a kind came."""
        return float(np.percentile(self.milliseconds[kind] or [np.nan], 95))

    @property
    def is_quick(self) -> bool:
        """Whether each kind of answer came in time."""
        return all(self.p95(kind) <= LIMIT for kind in KINDS)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="a data folder with an index")
    parser.add_argument("--figures", type=int, default=40_000)
    parser.add_argument("--workers", default="1,2,4")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument(
        "--minutes", type=float, default=0.0, help="how long the best number of users goes on"
    )
    parser.add_argument("--users", type=int, help="this many instead of more and more")
    options = parser.parse_args()
    data = options.data or data_folder(options.figures)
    print(f"{'workers':>7} {'users':>6} {'answers/s':>10} {'searches/s':>11}", end="")
    print("".join(f"{kind + ' p95':>15}" for kind in KINDS), f"{'errors':>7} {'CPU':>6} {'memory':>8}")
    for workers in map(int, options.workers.split(",")):
        with _served(data, workers) as (url, process):
            _pressed(url, min(4, USERS[-1]), _WARM_UP, 0)
            best = 1
            for users in (options.users,) if options.users else USERS:
                load = _told(url, process, workers, users, options.seconds)
                if not load.is_quick and not options.users:
                    break
                best = users
            if options.minutes:
                _long_run(url, process, workers, best, options.minutes)


def _told(url: str, process: int, workers: int, users: int, seconds: float) -> Load:
    cpu, started = _cpu(process), time.perf_counter()
    load = _pressed(url, users, seconds, users)
    spent = (_cpu(process) - cpu) / (time.perf_counter() - started)
    times = "".join(f"{load.p95(kind):12.0f} ms" for kind in KINDS)
    print(
        f"{workers:7} {users:6} {load.rate:10.1f} {len(load.milliseconds['search']) / load.seconds:11.1f}"
        f"{times} {len(load.errors):7} {100 * spent:4.0f} % {_memory(process):5.0f} MB",
        flush=True,
    )
    for error in sorted(set(load.errors))[:3]:
        print(f"        {error}", flush=True)
    return load


def _long_run(url: str, process: int, workers: int, users: int, minutes: float) -> None:
    errors, first = 0, _memory(process)
    for _ in range(max(1, round(minutes))):
        errors += len(_told(url, process, workers, users, 60.0).errors)
    print(f"        {minutes:.0f} minutes: {errors} errors, memory {first:.0f} -> {_memory(process):.0f} MB")


@contextmanager
def _served(data: Path, workers: int) -> Iterator[tuple[str, int]]:
    """The address and the process id of a server over a data folder."""
    serve = [sys.executable, "-m", "ipatent", "serve", "--data", str(data), "--port", "0"]
    server = subprocess.Popen([*serve, "--workers", str(workers)], stdout=subprocess.PIPE, text=True)
    try:
        yield (
            next(word for line in server.stdout or () for word in line.split() if "http://" in word),
            server.pid,
        )
    finally:
        server.terminate()
        server.wait(60)


def _tree(process: int) -> list[int]:
    """A process and those it started."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(each for child in children for each in _tree(int(child)))]


def _cpu(process: int) -> float:
    return sum(map(cpu_seconds, _tree(process)))


def _memory(process: int) -> float:
    """Resident memory of all processes in MB; what they share counts once for each."""
    return sum(map(resident_mb, _tree(process)))


def _pressed(url: str, users: int, seconds: float, seed: int) -> Load:
    """The load of some users, who come from a few processes."""
    shares = [users // PROCESSES + (n < users % PROCESSES) for n in range(PROCESSES)]
    context = multiprocessing.get_context("spawn")
    together = Load(seconds=seconds)
    with context.Pool(PROCESSES) as pool:
        asked = [(url, share, seconds, f"{seed} {n}") for n, share in enumerate(shares) if share]
        for load in pool.starmap(_users, asked):
            together.errors += load.errors
            for kind in KINDS:
                together.milliseconds[kind] += load.milliseconds[kind]
    return together


def _users(url: str, users: int, seconds: float, seed: str) -> Load:
    load = Load(seconds=seconds)

    async def all_of_them() -> None:
        until = time.perf_counter() + seconds
        await asyncio.gather(*(_user(url, f"{seed} {n}", until, load) for n in range(users)))

    asyncio.run(all_of_them())
    return load


async def _user(url: str, seed: str, until: float, load: Load) -> None:
    connection = Connection(url)
    chance = random.Random(seed)
    words = questions(500, seed=chance.randrange(1 << 30))

    async def get(kind: str, path: str) -> bytes:
        begun = time.perf_counter()
        body = await connection.get(path)
        load.milliseconds[kind].append(1000 * (time.perf_counter() - begun))
        return body

    while time.perf_counter() < until:
        try:
            page = await get("search", f"/search?q={quote(chance.choice(words))}&k=50")
            for path in _THUMBNAIL.findall(page)[:_THUMBNAILS]:
                await get("thumbnail", path.decode())
            figures, patents = _FIGURE.findall(page), _PATENT.findall(page)
            if figures:
                await get("figure", chance.choice(figures).decode())
            if patents:
                await get("patent", chance.choice(patents).decode())
        except (OSError, EOFError, ValueError) as error:
            load.errors.append(f"{type(error).__name__}: {error}")
            connection.close()
            await asyncio.sleep(0.1)
    connection.close()


class Connection:
    """A connection to a server that stays open from one request to the next, as a browser's does."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._host, self._port = str(address.hostname), address.port or 80
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> bytes:
        """The body as it was sent. Raises OSError, EOFError, or ValueError for a status other than 200."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port, limit=1 << 22)
        reader, writer = self._streams
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\nSec-Fetch-Site: same-origin\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if found := _LENGTH.search(head):
            body = await reader.readexactly(int(found[1]))
        else:
            body = await self._chunks(reader)
        status = head[9:12].decode()
        if status != "200":
            raise ValueError(f"status {status} of {path.partition('?')[0]}")
        return body

    async def _chunks(self, reader: asyncio.StreamReader) -> bytes:
        body = bytearray()
        while size := int(await reader.readuntil(b"\r\n"), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readexactly(2)
        return bytes(body)

    def close(self) -> None:
        """Close it; the next request opens another one."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


if __name__ == "__main__":
    main()
