"""Work done in processes of its own, so that a file that crashes or hangs a decoder harms only itself."""

import contextlib
import multiprocessing
import os
import pickle
import signal
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")

MEMORY = 6 * 1024**3
"""Address space that one worker may use, in bytes, where the system can limit it."""


@dataclass(frozen=True, slots=True)
class Done(Generic[Task, Result]):
    """A finished task: its result, or the exception that it raised or that stands for its fate."""

    task: Task
    result: Result | None = None
    error: Exception | None = None


class Crashed(Exception):
    """The process that worked on the task died or was ended; the message says which."""


@dataclass(slots=True, eq=False)
class _Worker:
    process: BaseProcess
    pipe: "Connection[Any, Any]"
    task: Any = None
    busy: bool = False
    started: float = field(default_factory=time.monotonic)


def run_tasks(
    work: Callable[[Task], Result], tasks: Iterable[Task | None], processes: int, seconds: float
) -> Generator[Done[Task, Result], None, None]:
    """Each task with its result, as they finish; `work` and the tasks must be picklable.

    Tasks are taken as processes are free for them: at most `processes` are under way and no further
    one is begun before a finished one is taken, so memory stays bounded. None among the tasks says
    that the next is not at hand yet; then what has finished comes first. A task that takes longer
    than `seconds`, or whose process dies, comes back as Crashed; the others are not disturbed.
    Processes end when the iterator is closed.
    """
    context = multiprocessing.get_context("spawn")
    waiting = iter(tasks)
    more = True
    workers: list[_Worker] = []
    try:
        while True:
            paused = False
            while more and not paused and sum(worker.busy for worker in workers) < processes:
                try:
                    task = next(waiting)
                except StopIteration:
                    more = False
                    break
                if task is None:
                    paused = True
                    continue
                idle = next((worker for worker in workers if not worker.busy), None)
                if idle is None:
                    workers.append(idle := _start(context, work))
                _give(idle, task)
            if any(worker.busy for worker in workers):
                yield from _collect(workers, seconds, wait_for_one=not paused)
            elif not more:
                return
    finally:
        for worker in workers:
            _stop(worker)


def _start(context: Any, work: Callable[[Any], Any]) -> _Worker:
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, work), daemon=True)
    with _without_interrupts(), _with_one_thread():
        process.start()
    theirs.close()
    return _Worker(process, ours)


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ctrl-C waits meanwhile; a process started so never hears of it: it is the parent's to handle."""
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    # Until Python 3.13 the tracker lets interrupts through once it runs, so it must run already.
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _with_one_thread() -> Iterator[None]:
    """A process started meanwhile multiplies matrices in one thread, unless the user said otherwise.

    Several readers with a thread for each core each spend half their time waiting for one another.
    """
    unsaid = [name for name in _THREADS if name not in os.environ]
    os.environ.update(dict.fromkeys(unsaid, "1"))
    try:
        yield
    finally:
        for name in unsaid:
            os.environ.pop(name, None)


def _give(worker: _Worker, task: Any) -> None:
    worker.task, worker.busy, worker.started = task, True, time.monotonic()
    with contextlib.suppress(OSError):  # a worker that died meanwhile is noticed when collecting
        worker.pipe.send(task)


def _collect(workers: list[_Worker], seconds: float, wait_for_one: bool) -> Iterator[Done[Any, Any]]:
    """What has finished, crashed or run out of time; waits until something has where that is wanted."""
    busy = [worker for worker in workers if worker.busy]
    left = min(worker.started + seconds - time.monotonic() for worker in busy) if wait_for_one else 0.0
    ready = set(wait([worker.pipe for worker in busy], timeout=max(left, 0.01 if wait_for_one else 0.0)))
    for worker in busy:
        # While others' results were dealt with, this worker may have finished too.
        if worker.pipe in ready or worker.pipe.poll():
            try:
                result, error = worker.pipe.recv()
            except (EOFError, OSError):
                worker.process.join(5)
                workers.remove(worker)
                code = worker.process.exitcode
                _stop(worker)
                yield Done(worker.task, error=Crashed(_fate(code)))
                continue
            worker.busy = False
            yield Done(worker.task, result, error)
        elif time.monotonic() > worker.started + seconds:
            workers.remove(worker)
            _stop(worker)
            yield Done(worker.task, error=Crashed(f"took longer than {seconds:g} seconds"))


def _fate(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            name = signal.Signals(-code).name
            hint = ", perhaps because memory ran out" if name == "SIGKILL" else ""
            return f"made the reader crash ({name}{hint})"
    return "made the reader crash"


def _stop(worker: _Worker) -> None:
    worker.pipe.close()
    if worker.process.is_alive():
        worker.process.kill()
    worker.process.join(5)
    worker.process.close()


def _serve(pipe: "Connection[Any, Any]", work: Callable[[Any], Any]) -> None:
    """The life of a worker: tasks in, results or exceptions out, until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_memory()
    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer: tuple[Any, Exception | None] = (work(task), None)
        except Exception as error:
            answer = (None, _portable(error))
        try:
            pipe.send(answer)
        except OSError:
            return
        # Too much for this process or for one message, or nothing that can be sent at all.
        except Exception as error:
            pipe.send((None, Crashed(f"gave more than can be handed over ({type(error).__name__})")))


def _portable(error: Exception) -> Exception:
    """The error where it survives the way to another process, else its text."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - its own bytes
    except Exception:
        return Crashed(f"made the reader fail ({type(error).__name__}: {error})")
    return error


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
