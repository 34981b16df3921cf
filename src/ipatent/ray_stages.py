"""What runs on the machines of a Ray cluster: readers of documents and encoders of their figures.

A reader is an actor that lets a process of its own do the reading, as an ingest on one machine does: a
document that crashes or hangs a decoder harms only itself, in the same way and with the same words.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ipatent.encode import Encoder, EncoderSpec
from ipatent.errors import IPatentError, PictureError
from ipatent.ingest import vectors_of
from ipatent.objects import Objects
from ipatent.patents import Vectors
from ipatent.print_cache import FILE_NAME as PRINT_CACHE
from ipatent.print_cache import with_cache
from ipatent.reading import Reading, ReadingTask, read_job, version
from ipatent.sources.names import printable
from ipatent.workers import run_tasks


@dataclass(frozen=True, slots=True)
class Shipped:
    """A document on its way: the task as the driver knows it, and the bytes of its files.

    `contents` is None where the files must lie under the same paths on the reader's machine, with the
    sizes and times of change in `stamps`. `keep` says that objects travel back, instead of into a bucket.
    """

    task: ReadingTask
    contents: tuple[bytes, ...] | None
    stamps: tuple[tuple[int, int], ...]
    keep: bool


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """What a reader gives: the reading, or the error that is to be told; neither where files are absent."""

    reading: Reading | None = None
    error: Exception | None = None


Drawn = tuple[bytes, ...]
"""The objects that a document gave; without those for the encoder where they went to a bucket."""


def stamp(path: Path) -> tuple[int, int]:
    """What tells whether a file is the same: its size and time of change."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns


class Reader:
    """Reads one document at a time, in a process that is kept for the next one."""

    def __init__(self, seconds: float) -> None:
        self._task: ReadingTask | None = None
        work = partial(with_cache, _cache(), read_job)
        self._finished = run_tasks(work, self._tasks(), 1, seconds)

    def ready(self) -> str:
        """The version of reading on this machine."""
        return version()

    def read(self, shipped: Shipped) -> tuple[Read, Drawn]:
        """The document's figures with their pictures, and the objects to keep."""
        if shipped.contents is None and not _here(shipped):
            return Read(), ()
        with tempfile.TemporaryDirectory(prefix="ipatent-ray-") as name:
            root = Path(name).resolve()
            paths = shipped.task.job.paths if shipped.contents is None else _unpacked(shipped, root)
            objects = str(root / "objects") if shipped.keep else shipped.task.objects
            job = replace(shipped.task.job, paths=paths)
            read = self.read_task(replace(shipped.task, job=job, objects=objects))
            drawn = _drawn(root / "objects") if shipped.keep else ()
            return _renamed(read, shipped.task, paths), drawn

    def read_task(self, task: ReadingTask) -> Read:
        """The document as it lies on this machine."""
        self._task = task
        done = next(self._finished)
        return Read(done.result, done.error)

    def _tasks(self) -> Iterator[ReadingTask]:
        while True:
            assert self._task
            yield self._task


class Encoding:
    """Encodes the figures of documents."""

    def __init__(self, make: Callable[[], Encoder], max_pixels: int) -> None:
        self._make = make
        self._max_pixels = max_pixels
        self._encoder: Encoder | None = None

    def ready(self) -> EncoderSpec | IPatentError:
        """The spec of the encoder on this machine, or why there is none."""
        try:
            self._encoder = self._encoder or self._make()
        except IPatentError as error:
            return error
        return self._encoder.spec

    def encode(self, read: Read, drawn: Drawn) -> tuple[Read, tuple[Vectors, Vectors] | None]:
        """The reading without its pictures, and the vectors of its figures, image and caption."""
        del drawn  # named so that both parts of a reading are made anew together where one is lost
        if read.reading is None:
            return read, None
        if isinstance(self.ready(), IPatentError) or self._encoder is None:
            raise RuntimeError("the encoder is gone")
        bare = replace(read, reading=replace(read.reading, pictures=()))
        try:
            return bare, vectors_of(read.reading, self._encoder, self._max_pixels)
        except PictureError as error:
            return Read(error=error), None


def _cache() -> Path:
    """Where this machine keeps what was read by OCR; it may be missing."""
    folder = Path.home() / ".cache" / "ipatent"
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return folder / PRINT_CACHE


def _here(shipped: Shipped) -> bool:
    """Whether the files lie on this machine as they do on the driver's."""
    try:
        return tuple(map(stamp, shipped.task.job.paths)) == shipped.stamps
    except OSError:
        return False


def _unpacked(shipped: Shipped, root: Path) -> tuple[Path, ...]:
    """The files under `root`, below their own folders, so that what is found in names is the same."""
    paths = []
    for path, content in zip(shipped.task.job.paths, shipped.contents or (), strict=True):
        whole = path.resolve().parent / path.name
        copy = root / "files" / whole.relative_to(whole.anchor)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)
        paths.append(copy)
    return tuple(paths)


def _drawn(folder: Path) -> Drawn:
    store = Objects.open(folder)
    return tuple(store.get(one.name) for one in store.each())


def _renamed(read: Read, task: ReadingTask, paths: tuple[Path, ...]) -> Read:
    """The same with the document's own paths instead of those of its copy here."""
    names = [
        (printable(there), printable(own.absolute()))
        for path, copy in zip(task.job.paths, paths, strict=True)
        for own, there in ((path, copy), (path.parent, copy.parent))
    ]

    def own(text: str) -> str:
        for there, name in names:
            text = text.replace(there, name)
        return text

    if read.error is not None:
        error = read.error
        return Read(error=type(error)(*(own(arg) if isinstance(arg, str) else arg for arg in _args(error))))
    reading = read.reading
    if reading is None:
        return read
    notes = tuple(replace(note, path=task.job.name, reason=own(note.reason)) for note in reading.notes)
    patent = replace(reading.patent, source=own(reading.patent.source))
    return Read(replace(reading, notes=notes, patent=patent))


def _args(error: Exception) -> tuple[object, ...]:
    return (error.message, error.advice) if isinstance(error, IPatentError) else error.args
