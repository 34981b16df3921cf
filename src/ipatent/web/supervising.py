"""Several processes behind one port: started, watched, started again when one dies, and ended together.

Each worker opens the index, the stores and the encoder itself and shares nothing with the others but the
socket on which requests come, so any of them answers any request. Whichever is free takes the next one.
"""

import logging
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from ipatent.errors import IPatentError, SettingsError
from ipatent.settings import Settings
from ipatent.web.logs import set_up_logs
from ipatent.web.server import BACKLOG, SharedSocket, announce, answer, listen, url_of
from ipatent.web.state import AppState
from ipatent.web.sweeping import sweep_daily

log = logging.getLogger(__name__)

OpenState = Callable[[Settings], AbstractContextManager[AppState]]
"""Opens what a worker answers from; it is called in the worker, so it must be picklable."""

_READY = "ready"
_GRACE = 5.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
"""Seconds before a worker that ended before it was ready is started again: twice as long each time."""


@dataclass(frozen=True, slots=True)
class _Task:
    """All that a worker is given."""

    open_state: OpenState
    settings: Settings
    host: str
    listening: socket.socket
    tallies: Path


@dataclass(slots=True, eq=False)
class _Worker:
    place: int
    process: BaseProcess | None = None
    channel: "Connection[Any, Any] | None" = None
    ready: bool = False
    pause: float = 0.0
    due: float = field(default_factory=time.monotonic)


def serve_by_workers(
    open_state: OpenState, settings: Settings, on_ready: Callable[[str], None] | None = None
) -> None:
    """Answer requests by as many processes as the settings say, until SIGINT or SIGTERM.

    Prints the URL once all of them answer, then calls `on_ready` with it. A worker that dies is logged
    and started again. Told to stop, the workers finish their requests for as long as stop_seconds says;
    those that do not end are ended. Raises SettingsError where the address cannot be listened on, and
    what the first start of a worker raised.
    """
    with (
        listen(settings.host, settings.port) as listening,
        tempfile.TemporaryDirectory(prefix="ipatent-") as tallies,
        _signals() as (bell, stopping),
    ):
        listening.listen(BACKLOG)
        url = url_of(settings.host, listening)
        task = _Task(open_state, settings, settings.host, listening, Path(tallies))
        workers = [_Worker(place) for place in range(settings.workers)]
        told = False
        try:
            while not stopping.is_set():
                for worker in workers:
                    _start_where_due(worker, task)
                if not told and all(worker.ready for worker in workers):
                    announce(url, on_ready)
                    told = True
                _wait_for_news(workers, bell)
                for worker in workers:
                    _take_news(worker, first=not told)
        finally:
            # Those who come now are refused at once instead of waiting for nobody.
            listening.close()
            _end(workers, settings.stop_seconds + _GRACE)


@contextmanager
def _signals() -> Iterator[tuple[int, threading.Event]]:
    """A descriptor that can be read once SIGINT or SIGTERM came, and whether one came."""
    bell, rope = os.pipe()
    os.set_blocking(rope, False)
    stopping = threading.Event()

    def stop(*_: object) -> None:
        stopping.set()
        with suppress(BlockingIOError):
            os.write(rope, b"!")

    before = {sig: signal.signal(sig, stop) for sig in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield bell, stopping
    finally:
        for sig, handler in before.items():
            signal.signal(sig, handler)
        os.close(bell)
        os.close(rope)


def _start_where_due(worker: _Worker, task: _Task) -> None:
    if worker.process is not None or time.monotonic() < worker.due:
        return
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(task, worker.place, theirs), name=f"worker-{worker.place}")
    # Ctrl-C reaches all processes of a terminal; one that is still loading leaves it to this one.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    theirs.close()
    worker.process, worker.channel, worker.ready = process, ours, False


def _wait_for_news(workers: list[_Worker], bell: int) -> None:
    running = [worker for worker in workers if worker.process is not None]
    sources: list[Any] = [bell, *(worker.process.sentinel for worker in running if worker.process)]
    sources += [worker.channel for worker in running if worker.channel and not worker.ready]
    paused = [worker.due for worker in workers if worker.process is None]
    wait(sources, max(0.0, min(paused) - time.monotonic()) if paused else None)


def _take_news(worker: _Worker, first: bool) -> None:
    """Note that a worker is ready, or that it died; raises what it says where it never was ready."""
    process, channel = worker.process, worker.channel
    if process is None or channel is None:
        return
    said: object = None
    if not worker.ready:
        with suppress(EOFError, OSError):
            said = channel.recv() if channel.poll() else None
        if said == _READY:
            worker.ready, worker.pause = True, 0.0
            return
    if process.is_alive() and said is None:
        return
    process.join()
    channel.close()
    how = _how_it_ended(process)
    if first and not worker.ready:
        if isinstance(said, IPatentError):
            raise said
        raise SettingsError(f"A worker of the server {how} before it was ready.", "Its reason stands above.")
    reason = f": {said}" if said else ""
    if not worker.ready:
        worker.pause = min(max(2 * worker.pause, _FIRST_PAUSE), _LONGEST_PAUSE)
    log.warning(
        "Worker %d (process %s) %s%s. It is started again%s.",
        worker.place,
        process.pid,
        how,
        reason,
        f" in {worker.pause:.1f} s" if worker.pause else "",
    )
    worker.process, worker.channel, worker.ready = None, None, False
    worker.due = time.monotonic() + worker.pause


def _how_it_ended(process: BaseProcess) -> str:
    code = process.exitcode or 0
    return f"was ended by signal {-code}" if code < 0 else f"ended with status {code}"


def _end(workers: list[_Worker], seconds: float) -> None:
    """End all workers: asked first, made to after some seconds."""
    running = [worker.process for worker in workers if worker.process is not None]
    for process in running:
        process.terminate()
    until = time.monotonic() + seconds
    for process in running:
        process.join(max(0.0, until - time.monotonic()))
    for process in running:
        if process.is_alive():
            log.warning("Process %s did not end within %.0f s and is ended now.", process.pid, seconds)
            process.kill()
            process.join()


def _work(task: _Task, place: int, channel: "Connection[Any, Any]") -> None:
    """The life of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    set_up_logs(task.settings)
    try:
        with task.open_state(task.settings) as state:
            threading.Thread(target=_end_with, args=(channel,), name="supervised", daemon=True).start()
            sweeping = sweep_daily(state.uploads, task.settings) if place == 0 else None
            answer(
                state,
                task.host,
                SharedSocket.of(task.listening),
                lambda: channel.send(_READY),
                str(place),
                task.tallies,
            )
            if sweeping:
                sweeping.set()
    except IPatentError as error:
        channel.send(error)
        sys.exit(1)


def _end_with(channel: "Connection[Any, Any]") -> None:
    """End this process in good order when the one that watches it is gone, however it went."""
    with suppress(EOFError, OSError):
        channel.recv()
    os.kill(os.getpid(), signal.SIGTERM)
