"""Metrics for Prometheus: what all workers of this server counted, in its text format at `/metrics`."""

import os
import platform
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from ipatent import __version__
from ipatent.errors import IPatentError
from ipatent.index import Index
from ipatent.settings import Settings
from ipatent.web.guard import hosts_of
from ipatent.web.observing import Answered
from ipatent.web.state import State
from ipatent.web.tally import BUCKETS, Numbers, Tally, read_tally

router = APIRouter(include_in_schema=False)

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
TALLY_FILE = "worker-{}.tally"

REQUESTS = "ipatent_request_seconds"
STAGES = "ipatent_stage_seconds"
IN_FLIGHT = "ipatent_requests_in_flight"
WAITING = "ipatent_searches_waiting"
STARTS = "ipatent_worker_starts_total"
_PROCESS = "ipatent_worker_process_id"

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as Prometheus is told of it."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...] = ()


METRICS = (
    Metric(
        REQUESTS, "histogram", "Time from a request to the end of its answer.", ("method", "route", "status")
    ),
    Metric(STAGES, "histogram", "Time of one stage in all of one request.", ("stage",)),
    Metric(IN_FLIGHT, "gauge", "Requests being answered.", ("worker",)),
    Metric(WAITING, "gauge", "Searches that wait for a place to be worked on.", ("worker",)),
    Metric(STARTS, "counter", "How often a worker was started.", ("worker",)),
    Metric(_PROCESS, "gauge", "Process id of a worker.", ("worker",)),
    Metric("ipatent_worker_resident_bytes", "gauge", "Memory of a worker.", ("worker",)),
    Metric("ipatent_worker_cpu_seconds_total", "counter", "Processor time of a worker.", ("worker",)),
    Metric("ipatent_index_up", "gauge", "1 where the index answers, else 0."),
    Metric("ipatent_index_figures", "gauge", "Figures in the index."),
    Metric("ipatent_index_patents", "gauge", "Patents in the index."),
    Metric("ipatent_index_sheets", "gauge", "Sheets in the index."),
    Metric("ipatent_index_generation", "gauge", "Grows with every change of the index."),
    Metric("ipatent_index_bytes", "gauge", "What the index takes on disk; 0 where that is not known."),
    Metric("ipatent_build_info", "gauge", "Always 1.", ("version", "python", "encoder")),
)


class Counting:
    """What one worker counts, and how all are read: their files lie in `folder`, where there are several."""

    def __init__(self, worker: str = "0", folder: Path | None = None) -> None:
        self._folder = folder
        self._worker = (worker,)
        self._tally = Tally(folder / TALLY_FILE.format(worker) if folder else None)
        self._tally.set(IN_FLIGHT, self._worker, 0.0)
        self._tally.set(WAITING, self._worker, 0.0)
        self._tally.set(_PROCESS, self._worker, float(os.getpid()))
        self._tally.add(STARTS, self._worker)

    def in_flight(self, change: int) -> None:
        """A request came (1) or was answered (-1)."""
        self._tally.add(IN_FLIGHT, self._worker, float(change))

    def waiting(self, searches: int) -> None:
        """So many searches wait now."""
        self._tally.set(WAITING, self._worker, float(searches))

    def answered(self, answered: Answered) -> None:
        """Count an answered request with its stages."""
        method = answered.method if answered.method in _METHODS else "other"
        self._tally.observe(REQUESTS, (method, answered.route, str(answered.status)), answered.seconds)
        for name, seconds in tuple(answered.stages.seconds.items()):
            self._tally.observe(STAGES, (name,), seconds)

    def numbers(self) -> Numbers:
        """What all workers counted together."""
        if self._folder is None:
            return self._tally.numbers()
        together: Numbers = {}
        for file in sorted(self._folder.glob(TALLY_FILE.format("*"))):
            for series, numbers in read_tally(file).items():
                before = together.get(series, (0.0,) * len(numbers))
                together[series] = tuple(map(sum, zip(before, numbers, strict=True)))
        return together


def answers_metrics(settings: Settings, host: str) -> bool:
    """Whether a server that listens on `host` shall answer `/metrics`."""
    return settings.metrics == "on" or (
        settings.metrics == "auto"
        and hosts_of(host) is not None
        and host.lower().strip("[]") in ("localhost", "127.0.0.1", "::1")
    )


@router.get("/metrics")
def metrics(request: Request, state: State) -> Response:
    """All metrics, where this server is to tell them."""
    counting: Counting | None = request.app.state.counting
    if counting is None:
        raise HTTPException(404)
    numbers = {**counting.numbers(), **_of_index(state.index)}
    numbers.update(_of_processes(numbers))
    build = (__version__, platform.python_version(), state.encoder.spec.name)
    numbers["ipatent_build_info", build] = (1.0,)
    return Response(exposition(numbers), headers={"Cache-Control": "no-store"}, media_type=MEDIA_TYPE)


def exposition(numbers: Numbers) -> str:
    """The numbers in Prometheus' text format 0.0.4."""
    of_metric: dict[str, list[tuple[tuple[str, ...], tuple[float, ...]]]] = defaultdict(list)
    for (name, labels), values in sorted(numbers.items()):
        of_metric[name].append((labels, values))
    return "".join(line + "\n" for metric in METRICS for line in _lines(metric, of_metric[metric.name]))


def _lines(metric: Metric, all_series: Sequence[tuple[tuple[str, ...], tuple[float, ...]]]) -> Iterator[str]:
    if not all_series:
        return
    yield f"# HELP {metric.name} {metric.help}"
    yield f"# TYPE {metric.name} {metric.kind}"
    for values_of_labels, numbers in all_series:
        labels = dict(zip(metric.labels, values_of_labels, strict=True))
        if metric.kind != "histogram":
            yield f"{metric.name}{_shown(labels)} {_number(numbers[0])}"
            continue
        bounds = [*map(_number, BUCKETS), "+Inf"]
        below = [*accumulate(numbers[1:])]
        for bound, count in zip(bounds, below, strict=True):
            yield f"{metric.name}_bucket{_shown({**labels, 'le': bound})} {_number(count)}"
        yield f"{metric.name}_sum{_shown(labels)} {_number(numbers[0])}"
        yield f"{metric.name}_count{_shown(labels)} {_number(below[-1])}"


def _shown(labels: Mapping[str, str]) -> str:
    pairs = [f'{name}="{_escaped(value)}"' for name, value in labels.items()]
    return "{" + ",".join(pairs) + "}" if pairs else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _of_index(index: Index) -> Numbers:
    try:
        status = index.status()
    except IPatentError:
        return {("ipatent_index_up", ()): (0.0,)}
    counts = {
        "up": 1,
        "figures": status.figures,
        "patents": status.patents,
        "sheets": status.sheets,
        "generation": status.generation,
        "bytes": status.bytes,
    }
    return {(f"ipatent_index_{name}", ()): (float(count),) for name, count in counts.items()}


def _of_processes(numbers: Numbers) -> Numbers:
    """Memory and processor time of the workers that run, where the system tells (Linux)."""
    found: Numbers = {}
    for (name, labels), (process, *_) in numbers.items():
        if name != _PROCESS:
            continue
        place = Path(f"/proc/{int(process)}")
        try:
            pages = int((place / "statm").read_text().split()[1])
            ticks = (place / "stat").read_text().rpartition(")")[2].split()[11:13]
        except (OSError, IndexError):
            continue
        found["ipatent_worker_resident_bytes", labels] = (float(pages * os.sysconf("SC_PAGE_SIZE")),)
        seconds = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
        found["ipatent_worker_cpu_seconds_total", labels] = (seconds,)
    return found
