"""How an ingest grows: `python -m benchmarks.growth [--patents DIR] [--count 60] [--runs 3] [--no-ray]`.

The same patents (a folder, or generated ones) are indexed by one reader process, by two, and by two
readers on a Ray cluster that is started here. Prints figures per second, seconds of the processor per
figure, both as ratios to one process, the overhead of Ray against two processes, and what a million
figures cost: all from the difference between ingesting all patents and half of them, so that starting
processes does not count, which a large ingest does not feel. What OCR read in the first run, which is not
counted, is known to all later ones. On a busy machine only the seconds of the
processor mean anything.
"""

import argparse
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from ipatent.encode.builtin import BuiltinEncoder
from ipatent.index.embedded import EmbeddedIndex
from ipatent.ingest import Stages, ingest
from ipatent.print_cache import FILE_NAME as PRINT_CACHE
from ipatent.sample import generate
from ipatent.settings import Settings

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Way:
    """A way to ingest: how many readers, and where."""

    name: str
    processes: int
    stages: Stages | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What one ingest took."""

    figures: int
    seconds: float
    processor: float

    def without(self, other: "Measured") -> "Measured":
        """What more patents took: without what every ingest takes, such as starting its processes."""
        return Measured(
            self.figures - other.figures,
            max(self.seconds - other.seconds, 1e-3),
            max(self.processor - other.processor, 1e-3),
        )

    @property
    def rate(self) -> float:
        """Figures per second."""
        return self.figures / self.seconds

    @property
    def cost(self) -> float:
        """Seconds of the processor per figure."""
        return self.processor / self.figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patents", type=Path)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--ray", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    encoder = BuiltinEncoder.load(0)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        folder = options.patents or scratch / "sample"
        if not options.patents:
            generate(folder, options.count, 0)
        files = sorted(folder.rglob("*.pdf"))
        ways = [Way("one process", 1), Way("two processes", 2)]
        stages = None
        if options.ray:
            from ipatent.ray_ingest import RayStages

            started = time.monotonic()
            make = partial(BuiltinEncoder.load, 0)
            stages = RayStages("auto", make, encoder.spec, Settings(processes=2))
            print(f"the cluster was started in {time.monotonic() - started:.1f} s")
            ways.append(Way("Ray, two readers", 2, stages))
        measured: dict[str, list[Measured]] = {way.name: [] for way in ways}
        try:
            for run in range(options.runs + 1):  # the first one warms up, so that models are loaded
                for way in ways:  # in turn, so that what else the machine does meets all of them
                    data = scratch / f"{run} {way.name}"
                    half = _measured(partial(_ingested, files[::2], data / "half", encoder, way))
                    whole = _measured(partial(_ingested, files, data / "whole", encoder, way))
                    if not run and not way.stages:  # readers on Ray keep what OCR read for all ingests
                        shutil.copy(data / "whole" / PRINT_CACHE, scratch)
                    if run:
                        measured[way.name].append(whole.without(half))
        finally:
            if stages:
                stages.close()
    _print(measured)


def _ingested(patents: list[Path], data: Path, encoder: BuiltinEncoder, way: Way) -> int:
    data.mkdir(parents=True)
    if (known := data.parent.parent / PRINT_CACHE).exists():
        shutil.copy(known, data)
    with EmbeddedIndex.open(data / "index.sqlite", encoder.spec, create=True) as index:
        settings = Settings(data=str(data), processes=way.processes)
        return ingest(patents, index, encoder, data / "objects", settings, None, way.stages).figures


def _measured(work: Callable[[], int]) -> Measured:
    before, started = _processor(), time.monotonic()
    figures = work()
    return Measured(figures, time.monotonic() - started, _processor() - before)


def _processor() -> float:
    """Seconds of the processor that this process, its ended children and its living descendants took."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = ended.ru_utime + ended.ru_stime
    parents: dict[int, tuple[int, float]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        # Of living processes, also what their own ended children took.
        parents[int(folder.name)] = (int(fields[1]), sum(map(int, fields[11:15])) / _TICK)
    for pid, (_, seconds) in parents.items():
        at = pid
        while at in parents and at != os.getpid():
            at = parents[at][0]
        if at == os.getpid():
            own = resource.getrusage(resource.RUSAGE_SELF) if pid == at else None
            total += own.ru_utime + own.ru_stime if own else seconds
    return total


def _print(measured: dict[str, list[Measured]]) -> None:
    first = next(iter(measured.values()))
    print(f"{first[0].figures} more figures; median of {len(first)}")
    rates = {name: median(one.rate for one in each) for name, each in measured.items()}
    costs = {name: median(one.cost for one in each) for name, each in measured.items()}
    base, cheapest = rates["one process"], costs["one process"]
    for name in measured:
        print(
            f"{name:18} {rates[name]:6.2f} figures/s ({rates[name] / base:.2f}),"
            f" {costs[name] * 1000:5.0f} ms of the processor per figure ({costs[name] / cheapest:.2f}),"
            f" {costs[name] * 1e6 / 3600:,.0f} processor hours per million figures"
        )
    if len(measured) == 3:
        local, ray = (name for name in measured if name != "one process")
        print(
            f"overhead of Ray against two processes: {rates[local] / rates[ray] - 1:+.0%} of the time,"
            f" {costs[ray] / costs[local] - 1:+.0%} of the processor"
        )


if __name__ == "__main__":
    main()
