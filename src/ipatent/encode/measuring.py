"""Which runtime is fastest on this machine for a model, among those that give the same vectors.

Measured once per machine, model, versions and threads, and kept in the folder of models.
"""

import hashlib
import json
import os
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ipatent.encode import runtimes
from ipatent.encode.calibration import drawings
from ipatent.encode.runtimes import (
    AUTO,
    FULL,
    ONNXRUNTIME,
    OPENVINO,
    TENSORRT,
    GuardedSession,
    RuntimeFailed,
    Say,
    Session,
)
from ipatent.errors import EncoderError
from ipatent.patents import Vectors

FILE_NAME = "runtimes.json"
SECONDS = 2.0
"""How long all runtimes together are measured, loading aside; each runs two batches at least."""
MARGIN = 1.1
"""How many times as fast a runtime must be to be taken instead of the one before it."""
SAME = 0.9999
"""The least mean cosine with ONNX Runtime's vectors at which another's count as the same."""
SANE = 0.99
"""The same for vectors of fewer digits, which never count as the same, but must not be wrong."""

Feed = Callable[[npt.NDArray[np.uint8]], npt.NDArray[Any]]


def _silent(message: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Ways:
    """How models of pictures shall be run, and where what was measured is kept."""

    runtime: str = ONNXRUNTIME
    precision: str = FULL
    threads: int = 1
    folder: Path | None = None
    say: Say = field(default=_silent, compare=False)

    @property
    def is_plain(self) -> bool:
        """Whether ONNX Runtime on the CPU is all that is asked for."""
        return self.runtime == ONNXRUNTIME and self.precision == FULL


@dataclass(frozen=True, slots=True)
class Subject:
    """A model of pictures to measure: its file, how squares become its input, and how many at once."""

    name: str
    path: Path
    weights: str
    """sha256 of all that decides its vectors, hexadecimal."""
    size: int
    batch: int
    feed: Feed = field(compare=False)


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of measuring: the runtime taken, pictures a second, likeness, and what was refused."""

    model: str
    taken: str
    asked: str
    weights: str
    precision: str
    threads: int
    machine: str
    versions: str
    when: str
    rates: dict[str, float] = field(default_factory=dict)
    cosines: dict[str, float] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """One sentence for people."""
        quick = sorted(self.rates, key=lambda name: -self.rates[name])
        rates = ", ".join(f"{name} {self.rates[name]:.1f} pictures/s" for name in quick)
        refused = "".join(f"; not {name}: {why}" for name, why in self.refused.items())
        exact = "" if self.precision == FULL else f" in {self.precision}"
        return f"Runtime: {self.taken}{exact} ({rates or 'not measured'}{refused})."


def open_measured(subject: Subject, ways: Ways) -> Session:
    """The model in the runtime that `ways` asks for, or in the fastest one for `auto`.

    ONNX Runtime on the CPU, where that is asked for, is opened without being measured. Another is
    taken only when its vectors agree with it; what cannot be had or disagrees is said, and ONNX
    Runtime is taken. Raises EncoderError when bf16 is asked for and nothing installed does it.
    """
    if ways.is_plain:
        return runtimes.open_onnxruntime(subject.path, ways.threads)
    names = _candidates(ways)
    if ways.precision == FULL and names == (ONNXRUNTIME,):
        if ways.runtime != AUTO:
            ways.say(
                f"Runtime {ways.runtime} is not installed ({runtimes.TO_INSTALL[ways.runtime]})."
                f" {ONNXRUNTIME} is taken instead."
            )
        return runtimes.open_onnxruntime(subject.path, ways.threads)
    found = _read(ways.folder).get(_key(subject, ways))
    opened: dict[str, Session] = {}
    if found is None:
        found, opened = _measure(subject, ways, names)
        # What could not be run may run after something was installed that has no version here.
        if set(found.cosines) == set(names):
            _keep(ways.folder, _key(subject, ways), found)
    ways.say(found.summary)
    if found.taken == ONNXRUNTIME:
        return opened.get(ONNXRUNTIME) or runtimes.open_onnxruntime(subject.path, ways.threads)
    try:
        session = opened.get(found.taken) or runtimes.open_in(
            found.taken, subject.path, ways.threads, ways.precision
        )
    except RuntimeFailed as error:
        if ways.precision != FULL:
            raise _needs_precision(ways, str(error)) from None
        ways.say(f"Runtime {found.taken} cannot be used: {error}. {ONNXRUNTIME} is taken instead.")
        return runtimes.open_onnxruntime(subject.path, ways.threads)
    return GuardedSession(session, found.taken, lambda: _spare(subject, ways), ways.say)


def measured(folder: Path, weights: str | None = None) -> tuple[Measured, ...]:
    """What was measured on this machine with what is installed now, for the model of these weights or all."""
    here = _machine(), runtimes.versions()
    return tuple(
        one
        for one in _read(folder).values()
        if weights in (None, one.weights) and (one.machine, one.versions) == here
    )


def _candidates(ways: Ways) -> tuple[str, ...]:
    if ways.precision != FULL:
        return (OPENVINO,)
    if ways.runtime == AUTO:
        # TensorRT builds for minutes before it runs; who wants that asks for it.
        return tuple(name for name in runtimes.installed() if name != TENSORRT)
    return (ONNXRUNTIME, ways.runtime) if ways.runtime in runtimes.installed() else (ONNXRUNTIME,)


def _measure(subject: Subject, ways: Ways, names: tuple[str, ...]) -> tuple[Measured, dict[str, Session]]:
    """Run the candidates in turn; what was found, and the session that won."""
    squares = drawings(subject.size)
    plain = runtimes.open_onnxruntime(subject.path, ways.threads)
    expected, _ = _timed(plain, subject, squares, 0.0)
    rates: dict[str, float] = {}
    cosines: dict[str, float] = {}
    refused: dict[str, str] = {}
    best: dict[str, Session] = {}
    least = 0.0
    share = SECONDS / len(names)
    for name in names:
        try:
            session: Session = (
                plain
                if name == ONNXRUNTIME
                else runtimes.open_in(name, subject.path, ways.threads, ways.precision)
            )
            vectors, rate = _timed(session, subject, squares, share)
        except RuntimeFailed as error:
            refused[name] = str(error)
            continue
        cosine = _likeness(vectors, expected)
        cosines[name] = round(cosine, 6)
        if cosine < (SAME if ways.precision == FULL else SANE):
            refused[name] = f"its vectors differ, mean cosine {cosine:.5f}"
            continue
        rates[name] = round(rate, 2)
        if not best or name == ways.runtime or (ways.runtime == AUTO and rate > least):
            best, least = {name: session}, rate * MARGIN
    if not best:
        raise _needs_precision(ways, "; ".join(refused.values()))
    taken = next(iter(best))
    found = Measured(
        model=subject.name,
        taken=taken,
        asked=ways.runtime,
        weights=subject.weights,
        precision=ways.precision,
        threads=ways.threads,
        machine=_machine(),
        versions=runtimes.versions(),
        when=datetime.now(UTC).isoformat(timespec="seconds"),
        rates=rates,
        cosines=cosines,
        refused=refused,
    )
    return found, best


def _timed(
    session: Session, subject: Subject, squares: npt.NDArray[np.uint8], seconds: float
) -> tuple[Vectors, float]:
    """The vectors of `squares`, and pictures a second over batches run for about `seconds`.

    Raises RuntimeFailed when the session fails.
    """
    name = session.get_inputs()[0].name
    feeds = [
        {name: subject.feed(squares[at : at + subject.batch])} for at in range(0, len(squares), subject.batch)
    ]
    try:
        rows = np.concatenate([np.asarray(session.run(None, feed)[0], np.float32) for feed in feeds])
        pictures, begun, spent = 0, time.perf_counter(), 0.0
        while seconds and (not pictures or spent < seconds):
            feed = feeds[(pictures // subject.batch) % len(feeds)]
            session.run(None, feed)
            pictures += len(feed[name])
            spent = time.perf_counter() - begun
    except Exception as error:
        # The runtimes' exceptions share no public base class but Exception.
        raise RuntimeFailed(runtimes.short(error)) from None
    return rows.reshape(len(rows), -1), pictures / spent if spent else 0.0


def _likeness(vectors: Vectors, expected: Vectors) -> float:
    """The mean cosine of rows; 0 where they are not even of one shape, or not numbers."""
    if vectors.shape != expected.shape or not np.isfinite(vectors).all():
        return 0.0
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(expected, axis=1)
    return float(np.mean((vectors * expected).sum(1) / np.maximum(lengths, 1e-12)))


def _spare(subject: Subject, ways: Ways) -> Session:
    if ways.precision != FULL:
        raise _needs_precision(ways, "it failed at work")
    return runtimes.open_onnxruntime(subject.path, ways.threads)


def _needs_precision(ways: Ways, reason: str) -> EncoderError:
    return EncoderError(
        f"Nothing here runs the model in {ways.precision}: {reason}.",
        f"Install OpenVINO (pip install 'ipatent[openvino]'), or set precision to {FULL} and encode all"
        " figures anew: ipatent ingest --re-encode.",
    )


def _machine() -> str:
    """What kind of machine this is: processor and cores; models may lie on a disk that several share."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    processor = names[0] if names else platform.processor()
    return f"{platform.node()} {platform.machine()} {processor} {os.cpu_count()}"


def _key(subject: Subject, ways: Ways) -> str:
    parts = (
        subject.weights, ways.runtime, ways.precision, str(ways.threads), _machine(), runtimes.versions(),
    )  # fmt: skip
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def _read(folder: Path | None) -> dict[str, Measured]:
    """What was kept; nothing where the file is missing, or is not what was written."""
    if folder is None:
        return {}
    try:
        content = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        return {key: Measured(**value) for key, value in content.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _keep(folder: Path | None, key: str, found: Measured) -> None:
    """Add to what is kept; a folder that cannot be written only means measuring again."""
    if folder is None:
        return
    content = {name: asdict(one) for name, one in (_read(folder) | {key: found}).items()}
    beside = folder / f"{FILE_NAME}.{os.getpid()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        beside.replace(folder / FILE_NAME)
    except OSError:
        beside.unlink(missing_ok=True)
