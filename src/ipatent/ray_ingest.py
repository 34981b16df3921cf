"""An ingest on Ray: documents are read and encoded on the machines of a cluster, and stored from here.

Plain actors, not Ray Data: the order of documents, which of several of one publication is kept, and what
was ingested before are known only here, where each result is needed alone and as soon as it is there. So
there are no datasets, only a bounded number of documents under way, and half as much to install.
"""

import os
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ipatent.bucket import Bucket
from ipatent.encode import Encoder, EncoderSpec
from ipatent.errors import ClusterProblem, IPatentError
from ipatent.ingest import Encoded
from ipatent.objects import Objects
from ipatent.ray_stages import Encoding, Read, Reader, Shipped, stamp
from ipatent.reading import ReadingTask, version
from ipatent.settings import Settings
from ipatent.workers import Crashed, Done

AUTO = "auto"
_LARGEST = 64_000_000
"""Bytes of a document that is sent to a reader; larger ones are read where they lie."""
_MOST_UNDER_WAY = 512_000_000
_EACH = 2
"""Documents of a reader: one in work and one waiting."""
_ATTEMPTS = 3
_SECONDS_TO_START = 120.0
_PAUSE = 0.02


@dataclass(slots=True, eq=False)
class _UnderWay:
    task: ReadingTask
    size: int
    reader: Any
    read: Any
    drawn: Any
    encoded: Any
    attempt: int
    keep: bool


@dataclass(slots=True, eq=False)
class _Cluster:
    """The actors of an ingest, and how many documents each reader has."""

    ray: Any
    readers: list[Any] = field(default_factory=list)
    encoders: list[Any] = field(default_factory=list)
    busy: dict[Any, int] = field(default_factory=dict)
    starting: dict[Any, Any] = field(default_factory=dict)
    """Readers that wait for room, by what they will answer."""
    turn: int = 0


class RayStages:
    """The stages of an ingest on a Ray cluster; close it, or use it in a `with` statement.

    `address` is that of a cluster, or `auto`: the one that RAY_ADDRESS names or that runs on this
    machine, else one that is started here for this ingest. `make` opens the encoder, on each machine;
    it must be that of `spec`. Raises ClusterProblem where there is no Ray or no such cluster.
    """

    def __init__(
        self, address: str, make: Callable[[], Encoder], spec: EncoderSpec, settings: Settings
    ) -> None:
        self._ray, self._ours = _connected(address)
        self._settings = settings
        self._cluster = _Cluster(self._ray)
        self._local: Reader | None = None
        try:
            self._start(make, spec)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the actors and let go of the cluster."""
        cluster = self._cluster
        for actor in (*cluster.readers, *cluster.starting.values(), *cluster.encoders):
            self._ray.kill(actor)
        cluster.readers, cluster.encoders, cluster.starting = [], [], {}
        if self._ours:
            self._ray.shutdown()

    def __enter__(self) -> "RayStages":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __call__(
        self, tasks: Iterator[ReadingTask | None]
    ) -> Generator[Done[ReadingTask, Encoded], None, None]:
        """Each document with its vectors, as they are ready."""
        under_way: list[_UnderWay] = []
        more = True
        while more or under_way:
            paused = False
            while more and not paused and self._room(under_way):
                try:
                    task = next(tasks)
                except StopIteration:
                    more = False
                    break
                if task is None:
                    paused = True
                else:
                    under_way.append(self._begun(task, 1))
            yield from self._finished(under_way, wait=not paused)

    # -- the cluster

    def _start(self, make: Callable[[], Encoder], spec: EncoderSpec) -> None:
        ray, settings = self._ray, self._settings
        resources = ray.cluster_resources()
        gpus = int(resources.get("GPU", 0))
        nodes = sum(1 for node in ray.nodes() if node["Alive"])
        again = {"max_restarts": -1, "max_task_retries": _ATTEMPTS}
        encoding = ray.remote(Encoding)
        for _ in range(gpus or nodes):
            room = {"num_gpus": 1} if gpus else {"num_cpus": 0, "scheduling_strategy": "SPREAD"}
            self._cluster.encoders.append(
                encoding.options(**again, **room).remote(make, settings.max_sheet_pixels)
            )
        self._check_encoders(spec)
        reader = ray.remote(Reader)
        for _ in range(settings.processes or max(int(resources.get("CPU", 1)), 1)):
            actor = reader.options(num_cpus=1, **again).remote(settings.seconds_per_file)
            self._cluster.starting[actor.ready.remote()] = actor
        self._take_in(_SECONDS_TO_START)

    def _check_encoders(self, spec: EncoderSpec) -> None:
        asked = [actor.ready.remote() for actor in self._cluster.encoders]
        answered, _ = self._ray.wait(asked, num_returns=len(asked), timeout=_SECONDS_TO_START)
        kept = []
        for actor, answer in zip(self._cluster.encoders, asked, strict=True):
            if answer not in answered:
                self._ray.kill(actor)
                continue
            found = self._got(answer)
            if isinstance(found, IPatentError):
                raise ClusterProblem(
                    f"A machine of the cluster cannot open the encoder {spec.name}: {found.message}",
                    f"Install it there as here. {found.advice}",
                )
            if replace(found, name=spec.name) != spec:
                raise ClusterProblem(
                    f"A machine of the cluster has another encoder {spec.name} than the index's.",
                    "Install the same version of iPatent and of the model's files everywhere.",
                )
            kept.append(actor)
        self._cluster.encoders = kept
        if not kept:
            raise _no_room()

    def _take_in(self, seconds: float) -> None:
        """Take in readers that found room meanwhile; waits for the first one."""
        cluster = self._cluster
        if not cluster.starting:
            return
        asked = list(cluster.starting)
        ready, _ = self._ray.wait(asked, num_returns=len(asked) if not seconds else 1, timeout=seconds or 0)
        for answer in ready:
            actor = cluster.starting.pop(answer)
            found = self._got(answer)
            if found != version():
                raise ClusterProblem(
                    f"A machine of the cluster reads by version {found}, this one by {version()}.",
                    "Install the same version of iPatent, with the same extras, everywhere.",
                )
            cluster.readers.append(actor)
            cluster.busy[actor] = 0
        if not cluster.readers:
            raise _no_room()

    # -- documents

    def _room(self, under_way: list[_UnderWay]) -> bool:
        self._take_in(0)
        size = sum(one.size for one in under_way)
        return size < _MOST_UNDER_WAY and min(self._cluster.busy.values()) < _EACH

    def _begun(self, task: ReadingTask, attempt: int) -> _UnderWay:
        cluster = self._cluster
        shipped, size = _shipped(task)
        reader = min(cluster.readers, key=lambda one: cluster.busy[one])
        cluster.busy[reader] += 1
        read, drawn = reader.read.options(num_returns=2).remote(self._ray.put(shipped))
        encoded = self._encoded(read, drawn)
        return _UnderWay(task, size, reader, read, drawn, encoded, attempt, shipped.keep)

    def _encoded(self, read: Any, drawn: Any) -> Any:
        cluster = self._cluster
        cluster.turn = (cluster.turn + 1) % len(cluster.encoders)
        return cluster.encoders[cluster.turn].encode.remote(read, drawn)

    def _finished(self, under_way: list[_UnderWay], wait: bool) -> Iterator[Done[ReadingTask, Encoded]]:
        if not under_way:
            return
        answers = [one.encoded for one in under_way]
        ready, _ = self._ray.wait(answers, num_returns=1, timeout=None if wait else _PAUSE)
        if not ready:
            return
        more, _ = self._ray.wait(answers, num_returns=len(answers), timeout=0)
        done = set(more)
        for one in [each for each in under_way if each.encoded in done]:
            under_way.remove(one)
            self._cluster.busy[one.reader] -= 1
            result = self._result(one)
            if isinstance(result, Done):
                yield result
            else:
                under_way.append(result)

    def _result(self, one: _UnderWay) -> Done[ReadingTask, Encoded] | _UnderWay:
        """What became of a document; it is begun again where its machine was lost."""
        errors = self._ray.exceptions
        try:
            read, vectors = self._ray.get(one.encoded)
            if read.reading is None and read.error is None:
                read, vectors = self._read_here(one.task)
            elif one.keep and read.reading is not None:
                _keep(self._ray.get(one.drawn), one.task)
        except errors.RayTaskError as error:
            return Done(one.task, error=Crashed(f"made a machine of the cluster fail ({error.cause})"))
        except errors.RayError as error:
            if one.attempt < _ATTEMPTS:
                return self._begun(one.task, one.attempt + 1)
            return Done(one.task, error=Crashed(f"was lost with its machine ({type(error).__name__})"))
        if read.reading is None:
            return Done(one.task, error=read.error)
        return Done(one.task, Encoded(read.reading, lambda: vectors))

    def _read_here(self, task: ReadingTask) -> tuple[Read, Any]:
        """A document that is too large to send and does not lie there, read on this machine."""
        self._local = self._local or Reader(self._settings.seconds_per_file)
        read = self._local.read_task(task)
        result: tuple[Read, Any] = self._ray.get(self._encoded(self._ray.put(read), None))
        return result

    def _got(self, answer: Any) -> Any:
        try:
            return self._ray.get(answer)
        except self._ray.exceptions.RayError as error:
            raise ClusterProblem(
                f"A machine of the cluster cannot start what reads or encodes: {_first_line(error)}.",
                "Install iPatent there, in the same version and for the same Python.",
            ) from None


def _connected(address: str) -> tuple[Any, bool]:
    """Ray, and whether the connection was made just now; one that there is already is used."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anybody outside
    try:
        import ray
    except ImportError:
        raise ClusterProblem("Ray is not installed.", "Install it with: pip install 'ipatent[ray]'") from None
    if ray.is_initialized():
        return ray, False
    options: dict[str, Any] = {"logging_level": "ERROR", "log_to_driver": False}
    if address != AUTO:
        options["address"] = address
    elif not os.environ.get("RAY_ADDRESS"):
        options["include_dashboard"] = False
    try:
        ray.init(**options)
    except (ConnectionError, ValueError, RuntimeError, TimeoutError) as error:
        raise ClusterProblem(
            f"The Ray cluster at {address} cannot be reached: {_first_line(error)}.",
            "Start it with: ray start --head; or let one be started here with: --ray auto",
        ) from None
    return ray, True


def _shipped(task: ReadingTask) -> tuple[Shipped, int]:
    """A document as it is sent, and how many bytes of it are."""
    keep = not isinstance(task.objects, Bucket)
    stamps: tuple[tuple[int, int], ...] = ()
    try:
        stamps = tuple(map(stamp, task.job.paths))
        size = sum(each for each, _ in stamps)
        if size <= _LARGEST:
            contents = tuple(path.read_bytes() for path in task.job.paths)
            return Shipped(task, contents, stamps, keep), size
    except OSError:
        stamps = ()  # it is gone, which reading it on this machine will tell
    return Shipped(task, None, stamps, keep), 0


def _keep(drawn: tuple[bytes, ...], task: ReadingTask) -> None:
    assert not isinstance(task.objects, Bucket)
    Objects.open(task.objects).put_all(drawn)


def _no_room() -> ClusterProblem:
    return ClusterProblem(
        f"The Ray cluster had no room for this ingest within {_SECONDS_TO_START:.0f} seconds.",
        "Wait until others are done, add machines, or ask for less with --processes.",
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip().split("\n", 1)[0] or type(error).__name__).rstrip(".")[:300]


__all__ = ["AUTO", "RayStages"]
