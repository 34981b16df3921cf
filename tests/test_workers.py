"""Work in other processes: whatever a task does there, only that task is lost, and it is reported."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ipatent.errors import SourceError
from ipatent.workers import Crashed, Done, run_tasks

ENOUGH = 60.0


def work(task: str) -> Any:
    if task == "segfault":
        ctypes.string_at(0)
    if task == "abort":
        os.abort()
    if task == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if task == "exit":
        os._exit(3)
    if task == "hang":
        time.sleep(600)
    if task == "eat memory":
        return len([np.empty(1 << 28) for _ in range(100)])
    if task == "expected":
        raise SourceError("is damaged", "Mend it.")
    if task == "awkward":
        raise AwkwardError("a", "b")
    if task == "unpicklable":
        return lambda: None
    if task == "hears Ctrl-C":
        return signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
    if task == "large":
        return b"x" * 30_000_000
    return task.upper()


class AwkwardError(Exception):
    """An exception that cannot be built again from its args."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(first)


def run(*tasks: str, processes: int = 2, seconds: float = ENOUGH) -> dict[str, Done[str, Any]]:
    return {done.task: done for done in run_tasks(work, tasks, processes, seconds)}


def test_every_task_comes_back_with_its_result() -> None:
    names = [f"task {n}" for n in range(9)]
    finished = run(*names)
    assert {name: done.result for name, done in finished.items()} == {name: name.upper() for name in names}


def test_tasks_that_harm_their_process_are_reported_and_the_others_are_done() -> None:
    harmful = ["segfault", "abort", "kill", "exit", "expected", "awkward", "unpicklable", "large"]
    finished = run("first", *harmful, "last")
    assert (finished["first"].result, finished["last"].result) == ("FIRST", "LAST")
    errors = {task: str(finished[task].error) for task in harmful}
    assert "SIGSEGV" in errors["segfault"]
    assert "SIGABRT" in errors["abort"]
    assert "SIGKILL, perhaps because memory ran out" in errors["kill"]
    assert errors["exit"] == "made the reader crash"
    assert isinstance(finished["expected"].error, SourceError)
    assert errors["expected"] == "is damaged Mend it."
    assert "AwkwardError" in errors["awkward"]
    assert "than can be handed over" in errors["unpicklable"]
    assert len(finished["large"].result) == 30_000_000


def test_a_task_that_eats_memory_fails_alone() -> None:
    finished = run("eat memory", "other", processes=1)
    assert finished["eat memory"].error is not None
    assert finished["other"].result == "OTHER"


def test_a_task_that_hangs_is_ended_at_the_time_limit() -> None:
    started = time.monotonic()
    finished = run("hang", "other", processes=2, seconds=15)
    assert isinstance(finished["hang"].error, Crashed)
    assert str(finished["hang"].error) == "took longer than 15 seconds"
    assert finished["other"].result == "OTHER"
    assert time.monotonic() - started < ENOUGH


def test_time_that_the_caller_takes_is_not_counted_against_a_finished_task() -> None:
    seen = []
    for done in run_tasks(work, ["a", "b", "c", "d"], 2, 10.0):
        seen.append(done.result)
        if len(seen) == 1:
            time.sleep(10.5)  # as long as encoding a large patent may take
    assert sorted(seen) == ["A", "B", "C", "D"]


def test_processes_end_with_the_iterator() -> None:
    import multiprocessing

    iterator = run_tasks(work, ["a", "hang", "hang "], 2, ENOUGH)
    next(iterator)
    iterator.close()
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("tasks", [[], ["only"]])
def test_no_task_and_one_task_are_fine(tasks: list[str]) -> None:
    function: Callable[[str], Any] = work
    assert [done.result for done in run_tasks(function, tasks, 4, ENOUGH)] == [t.upper() for t in tasks]


def test_tasks_are_taken_only_as_processes_are_free_for_them() -> None:
    taken = []

    def tasks() -> Iterator[str | None]:
        for name in "abcdef":
            taken.append(name)
            yield name
            yield None

    seen = []
    for done in run_tasks(work, tasks(), 2, ENOUGH):
        seen.append(done.result)
        assert len(taken) <= len(seen) + 2
    assert sorted(seen) == list("ABCDEF")


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals cannot be blocked on Windows")
def test_even_the_first_process_of_a_program_never_hears_of_ctrl_c() -> None:
    code = """
from ipatent.workers import run_tasks
from tests.test_workers import work

if __name__ == "__main__":
    print([done.result for done in run_tasks(work, ["hears Ctrl-C"] * 2, 2, 60)])
"""
    root = Path(__file__).parent.parent
    ended = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert ended.stdout == "[False, False]\n", ended.stderr
