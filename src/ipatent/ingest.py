"""From files to the index: read, cut, encode, store. Twice gives the same; a kill loses nothing reported."""

import json
import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ipatent.bucket import Bucket
from ipatent.encode import Encoder
from ipatent.errors import IndexProblem, IPatentError, PictureError, SourceError
from ipatent.index import Entry, Index, Outcome
from ipatent.ledger import Kept, Ledger, Met
from ipatent.patents import Figure, Patent, Vectors
from ipatent.pictures import open_picture
from ipatent.print_cache import FILE_NAME as PRINT_CACHE
from ipatent.print_cache import with_cache
from ipatent.reading import Reading, ReadingTask, read_job, rename, version
from ipatent.settings import Settings
from ipatent.sources import Limits
from ipatent.sources.discovery import Job, Skip, content_key, other_id, prospect
from ipatent.views import spelled_out
from ipatent.workers import Done, run_tasks

_BATCH = 8
_LOOK_AHEAD = 8
"""Documents whose content is read for its key before they are needed."""
_NO_PLACE = '"place": ""'
_PATIENCE = 0.2
"""Seconds of looking through known documents after which finished ones are stored first."""


@dataclass(frozen=True, slots=True)
class IngestSummary:
    """What an ingest did: counts of this run, what was skipped and why, what the sources lacked."""

    files: int
    """Documents looked at: PDFs, groups of pictures, patents in XML."""
    patents: int
    sheets: int
    figures: int
    new: int
    unchanged: int
    replaced: int
    skipped: tuple[Skip, ...]
    notes: tuple[Skip, ...]
    seconds: float
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One document dealt with, as told to whoever shows the progress."""

    done: int
    total: int | None
    """None as long as archives are still gone through, so that nobody knows."""
    name: str
    outcome: Outcome | None
    """None when it was skipped."""


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """A document that was read, and how to get the vectors of its figures.

    `vectors` gives image (n, image_dim) and caption (n, caption_dim) vectors; raises PictureError.
    """

    reading: Reading
    vectors: Callable[[], tuple[Vectors, Vectors]]


Stages = Callable[[Iterator[ReadingTask | None]], Generator[Done[ReadingTask, Encoded], None, None]]
"""Reads and encodes documents, as they are asked for; each comes back once, in any order."""


@dataclass(frozen=True, slots=True)
class _Task:
    """A document to read: its place in the order of this run, and the key of its content."""

    position: int
    job: Job
    key: str


def limits_of(settings: Settings) -> Limits:
    """The limits on sources that the settings give."""
    return Limits(settings.max_file_bytes, settings.max_sheet_pixels, settings.max_pages)


def ingest(
    paths: Sequence[Path],
    index: Index,
    encoder: Encoder,
    objects: Path | Bucket,
    settings: Settings,
    progress: Callable[[Step], None] | None = None,
    elsewhere: "Stages | None" = None,
) -> IngestSummary:
    """Index every PDF, picture and patent in XML at or below `paths`; each patent is committed as a whole.

    A file that cannot be read is skipped with its reason and never stops the rest. A file whose
    bytes were ingested before, by this version, is not read again. Interrupting (Ctrl-C) returns
    the summary so far. With `elsewhere` documents are read and encoded there, and only what that
    gives is stored here. Raises SourceError for a path that does not exist, and IndexProblem when
    the index or the object store cannot be written; all that was reported done is then kept.
    """
    started = time.monotonic()
    limits = limits_of(settings)
    before = prospect(paths, limits)
    with closing(Ledger()) as ledger:
        run = _Run(before.jobs, ledger, progress)
        interrupted = False
        try:
            memory = _Memory(index, limits)
            under_way: dict[int, _Task] = {}
            tasks = _given(_to_read(before.found, limits, memory, run), under_way, limits, objects, settings)
            stages = elsewhere or partial(_here, encoder, objects, settings)
            with closing(stages(tasks)) as finished:
                for done in finished:
                    _store(done, under_way.pop(id(done.task)), memory, run)
        except KeyboardInterrupt:
            interrupted = True
        totals = ledger.totals()
        return IngestSummary(
            files=run.met,
            patents=totals.patents,
            sheets=totals.sheets,
            figures=totals.figures,
            new=totals.outcomes["new"],
            unchanged=totals.outcomes["unchanged"],
            replaced=totals.outcomes["replaced"],
            skipped=tuple(run.skipped),
            notes=tuple(note for notes in run.notes.values() for note in notes),
            seconds=time.monotonic() - started,
            interrupted=interrupted,
        )


class _Run:
    """What one ingest has done so far; what is worth a word is kept in memory, all else in the ledger."""

    def __init__(self, total: int | None, ledger: Ledger, progress: Callable[[Step], None] | None) -> None:
        self.total = total
        self.met = 0
        self.done = 0
        self.ledger = ledger
        self.progress = progress
        self.notes: dict[str, tuple[Skip, ...]] = {}
        """By patent id."""
        self.skipped: list[Skip] = []

    def keep(self, patent_id: str, kept: Kept, notes: tuple[Skip, ...]) -> None:
        """Count a patent that is in the index now; an earlier document of the same one gives way."""
        if earlier := self.ledger.kept(patent_id):
            self.skipped.append(Skip(earlier.name, same_publication(patent_id, kept.name)))
            if earlier.outcome == "new":
                kept = replace(kept, outcome="new")
        self.ledger.keep(patent_id, kept)
        self.notes.pop(patent_id, None)
        if notes:
            self.notes[patent_id] = notes
        self._tell(kept.name, kept.outcome)

    def skip(self, job: Job, reason: str) -> None:
        """Count a document left out, with the reason."""
        self.skipped.append(Skip(job.name, reason))
        self._tell(job.name, None)

    def _tell(self, name: str, outcome: Outcome | None) -> None:
        self.done += 1
        if self.progress:
            self.progress(Step(self.done, self.total, name, outcome))


class _Memory:
    """What the index remembers of the documents that were ingested completely, by content key."""

    def __init__(self, index: Index, limits: Limits) -> None:
        self.index = index
        # A document of which sheets were left out is read again when the limits are others.
        self._partly = f"+{limits.sheet_pixels}+{limits.pages}"
        self._ids: dict[str, str] = {}
        """By the places of documents without a publication number: what they were stored as."""
        for _, text in index.each_source():
            if _NO_PLACE not in text:
                summary = json.loads(text)
                self._ids[summary["place"]] = summary["patent"]

    def summary(self, key: str) -> dict[str, Any] | None:
        """The summary under a content key."""
        text = self.index.source(key)
        return None if text is None else dict(json.loads(text))

    def fingerprint(self, key: str, complete: bool) -> str:
        """What a patent of this content is stored with."""
        return key if complete else key + self._partly

    def holds(self, patent_id: str, key: str) -> bool:
        """Whether the index holds the patent as this content gives it now."""
        return self.index.fingerprint(patent_id) in (key, key + self._partly)

    def key_of(self, patent_id: str) -> str | None:
        """The content key of what the index holds as this patent."""
        fingerprint = self.index.fingerprint(patent_id)
        return fingerprint.partition("+")[0] if fingerprint else None

    def mark(self, key: str, job: Job, reading: Reading) -> None:
        """Remember that a document was ingested completely."""
        summary = {
            "patent": reading.patent.id,
            "sheets": reading.sheets,
            "figures": len(reading.figures),
            "notes": [[note.path, note.reason] for note in reading.notes],
            "place": "" if reading.patent.number else job.place,
        }
        if summary["place"]:
            self._ids[job.place] = reading.patent.id
        self.index.mark_source(key, json.dumps(summary))

    def with_own_id(self, reading: Reading, job: Job) -> Reading:
        """The reading under an id that no document of another place has in the index.

        Only documents without a publication number are concerned: two files of one publication are
        versions of it, and the later replaces the earlier.
        """
        patent = reading.patent
        if patent.number is not None:
            return reading
        for candidate in (self._ids.get(job.place), patent.id):
            if candidate and self._place_of(candidate) in (None, job.place):
                return rename(reading, candidate)
        return rename(reading, other_id(patent.id, job.place))

    def forget_earlier(self, job: Job, patent_id: str) -> bool:
        """Delete what the same document was stored as before its publication number could be read."""
        earlier = self._ids.get(job.place)
        if earlier is None or earlier == patent_id or self._place_of(earlier) != job.place:
            return False
        self.index.delete(earlier)
        return True

    def _place_of(self, patent_id: str) -> str | None:
        """Where the document of this id comes from; None where the index holds no such document."""
        key = self.key_of(patent_id)
        return None if key is None else (self.summary(key) or {}).get("place", "")


def same_publication(patent_id: str, kept: str) -> str:
    """Why a document is left out beside another one of the same publication, which is named."""
    return f"is of the same publication, {patent_id}, as {kept}, which was kept"


def _to_read(
    found: Iterable[Job | Skip], limits: Limits, memory: _Memory, run: _Run
) -> Iterator[_Task | None]:
    """The documents to read, as they are found; those done before are counted as unchanged.

    Of several of one publication the last in order of path is kept: one that was done before but
    is not what the index holds waits to the end, when it is known whether that one is there too.
    Gives None now and then while it meets only known documents.
    """
    ledger = run.ledger
    since = time.monotonic()
    for job, key in _keys(found, limits, run):
        run.met += 1
        if isinstance(key, SourceError):
            run.skip(job, key.message)
            continue
        if same := ledger.met(key):
            run.skip(job, f"has the same content as {same.name}")
            continue
        task = _Task(run.met, job, key)
        ledger.meet(key, Met(task.position, job.name))
        known = memory.summary(key)
        if known is None:
            yield task
            since = time.monotonic()
        elif memory.holds(known["patent"], key):
            notes = tuple(Skip(path, reason) for path, reason in known["notes"])
            kept = Kept(task.position, job.name, "unchanged", known["sheets"], known["figures"])
            run.keep(known["patent"], kept, notes)
        else:
            ledger.put_off((known["patent"], task))
        if time.monotonic() - since > _PATIENCE:
            yield None
            since = time.monotonic()
    run.total = run.met
    for patent_id, task in ledger.put_off_so_far():
        rival = ledger.met(memory.key_of(patent_id) or "")
        if rival and rival.position > task.position:
            run.skip(task.job, same_publication(patent_id, rival.name))
        else:
            yield task


def _keys(found: Iterable[Job | Skip], limits: Limits, run: _Run) -> Iterator[tuple[Job, str | SourceError]]:
    """Each job with the key of its content, a few read ahead; what is left out is noted on the way."""

    def key_of(job: Job) -> str | SourceError:
        try:
            return f"{version()}:{content_key(job, limits)}"
        except SourceError as error:
            return error

    ahead: deque[tuple[Job, Future[str | SourceError]]] = deque()
    with ThreadPoolExecutor(2) as pool:
        for one in found:
            if isinstance(one, Skip):
                run.skipped.append(one)
                continue
            ahead.append((one, pool.submit(key_of, one)))
            if len(ahead) > _LOOK_AHEAD:
                job, key = ahead.popleft()
                yield job, key.result()
        for job, key in ahead:
            yield job, key.result()


def _given(
    tasks: Iterable[_Task | None],
    under_way: dict[int, _Task],
    limits: Limits,
    objects: Path | Bucket,
    settings: Settings,
) -> Iterator[ReadingTask | None]:
    """What the readers are given for each task; `under_way` says which task that is."""
    place = objects if isinstance(objects, Bucket) else str(objects)
    for task in tasks:
        given = None
        if task is not None:
            given = ReadingTask(task.job, limits, place, settings.thumbnail)
            under_way[id(given)] = task
        yield given


def _here(
    encoder: Encoder, objects: Path | Bucket, settings: Settings, tasks: Iterator[ReadingTask | None]
) -> Generator[Done[ReadingTask, Encoded], None, None]:
    """Documents read by processes of this machine and encoded in this one."""
    cache = settings.data_dir if isinstance(objects, Bucket) else objects.parent
    processes = settings.processes or os.cpu_count() or 1
    work = partial(with_cache, cache / PRINT_CACHE, read_job)
    with closing(run_tasks(work, tasks, processes, settings.seconds_per_file)) as finished:
        for done in finished:
            if done.result is None:
                yield Done(done.task, error=done.error)
            else:
                vectors = partial(vectors_of, done.result, encoder, settings.max_sheet_pixels)
                yield Done(done.task, Encoded(done.result, vectors))


def vectors_of(reading: Reading, encoder: Encoder, max_pixels: int) -> tuple[Vectors, Vectors]:
    """Image (n, image_dim) and caption (n, caption_dim) vectors of a document's figures.

    Raises PictureError where a picture cannot be opened.
    """
    images = encode_pictures(reading.pictures, encoder, max_pixels)
    return images, encoder.encode_captions([caption_text(f, reading.patent) for f in reading.figures])


def _store(done: Done[ReadingTask, Encoded], task: _Task, memory: _Memory, run: _Run) -> None:
    if isinstance(done.error, IndexProblem):
        raise done.error
    if done.result is None:
        run.skip(task.job, _reason(done.error))
        return
    reading = memory.with_own_id(done.result.reading, task.job)
    rival = run.ledger.kept(reading.patent.id)
    if rival and rival.position > task.position:
        memory.mark(task.key, task.job, reading)
        run.skip(task.job, same_publication(reading.patent.id, rival.name))
        return
    try:
        image_vectors, caption_vectors = done.result.vectors()
    except PictureError as error:
        run.skip(task.job, str(error))
        return
    entry = Entry(
        patent=reading.patent,
        figures=reading.figures,
        image_vectors=image_vectors,
        caption_vectors=caption_vectors,
        fingerprint=memory.fingerprint(task.key, reading.complete),
        sheets=reading.sheets,
    )
    outcome = memory.index.put(entry)
    if memory.forget_earlier(task.job, reading.patent.id):
        outcome = "replaced"
    memory.mark(task.key, task.job, reading)
    kept = Kept(task.position, task.job.name, outcome, reading.sheets, len(reading.figures))
    run.keep(reading.patent.id, kept, reading.notes)


def _reason(error: Exception | None) -> str:
    if isinstance(error, IPatentError):
        return str(error)
    return f"{error}" if error and str(error) else f"could not be read ({type(error).__name__})"


def encode_pictures(pictures: Sequence[bytes], encoder: Encoder, max_pixels: int) -> Vectors:
    """One unit row (n, image_dim) per encoded picture, decoded a few at a time."""
    blocks = [
        encoder.encode_pictures([open_picture(data, max_pixels) for data in pictures[at : at + _BATCH]])
        for at in range(0, len(pictures), _BATCH)
    ]
    return np.concatenate(blocks) if blocks else np.zeros((0, encoder.spec.image_dim), np.float32)


def caption_text(figure: Figure, patent: Patent) -> str:
    """What a figure is compared by as a sentence: the patent's title and the caption, spelled out."""
    caption = spelled_out(figure.caption, figure.depicts)
    return ". ".join(part for part in (patent.title.capitalize(), caption) if part)
