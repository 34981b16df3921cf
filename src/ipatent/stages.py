"""Stages of answering a request: how long each part of the work took, noted for whoever watches."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal

StageName = Literal["wait", "encode", "nearest", "words", "fuse", "figures", "facets", "record", "render"]
_MOST = 200
"""Runs kept of one request; of a request that does more only the sums go on."""


@dataclass(frozen=True, slots=True)
class Run:
    """One stage passed once; `started` by time.perf_counter, both in seconds."""

    name: StageName
    started: float
    seconds: float


@dataclass(slots=True)
class Stages:
    """What was passed while one request was answered."""

    runs: list[Run] = field(default_factory=list)
    seconds: dict[StageName, float] = field(default_factory=dict)
    """All runs of each stage together, in the order of their beginnings."""

    def add(self, run: Run) -> None:
        """Note a run."""
        self.seconds[run.name] = self.seconds.get(run.name, 0.0) + run.seconds
        if len(self.runs) < _MOST:
            self.runs.append(run)


_watching: ContextVar[Stages | None] = ContextVar("stages", default=None)


@contextmanager
def stage(name: StageName) -> Iterator[None]:
    """Time the block as one run of a stage, where somebody watches; some microseconds."""
    stages = _watching.get()
    if stages is None:
        yield
        return
    started = time.perf_counter()
    try:
        yield
    finally:
        stages.add(Run(name, started, time.perf_counter() - started))


@contextmanager
def watched() -> Iterator[Stages]:
    """Collect the stages that are passed in this context, and in threads that copy it."""
    stages = Stages()
    token = _watching.set(stages)
    try:
        yield stages
    finally:
        _watching.reset(token)
