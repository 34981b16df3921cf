"""From files to the index: read, cut, encode, store. Twice gives the same; a kill loses nothing reported."""

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ipatent.encode import Encoder
from ipatent.errors import IndexProblem, IPatentError, PictureError, SourceError
from ipatent.index import Entry, Index, Outcome
from ipatent.patents import Figure, Patent, Vectors
from ipatent.pictures import open_picture
from ipatent.reading import Reading, ReadingTask, read_job, rename, version
from ipatent.settings import Settings
from ipatent.sources import Limits
from ipatent.sources.discovery import Job, Skip, content_key, discover, other_id
from ipatent.views import spelled_out
from ipatent.workers import Done, run_tasks

_BATCH = 8


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
    total: int
    name: str
    outcome: Outcome | None
    """None when it was skipped."""


@dataclass(frozen=True, slots=True)
class _Task:
    """A document to read: its place in the order of this run, and the key of its content."""

    position: int
    job: Job
    key: str


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a document of this run gave to the index."""

    task: _Task
    outcome: Outcome
    sheets: int
    figures: int
    notes: tuple[Skip, ...]


def limits_of(settings: Settings) -> Limits:
    """The limits on sources that the settings give."""
    return Limits(settings.max_file_bytes, settings.max_sheet_pixels, settings.max_pages)


def ingest(
    paths: Sequence[Path],
    index: Index,
    encoder: Encoder,
    objects: Path,
    settings: Settings,
    progress: Callable[[Step], None] | None = None,
) -> IngestSummary:
    """Index every PDF, picture and patent in XML at or below `paths`; each patent is committed as a whole.

    A file that cannot be read is skipped with its reason and never stops the rest. A file whose
    bytes were ingested before, by this version, is not read again. Interrupting (Ctrl-C) returns
    the summary so far. Raises SourceError for a path that does not exist, and IndexProblem when
    the index or the object store cannot be written; all that was reported done is then kept.
    """
    started = time.monotonic()
    limits = limits_of(settings)
    found = discover(paths, limits)
    run = _Run(len(found.jobs), progress)
    run.skipped.extend(found.skipped)
    interrupted = False
    try:
        memory = _Memory(index, limits)
        pending = {id(task.job): task for task in _leave_out_known(found.jobs, limits, memory, run)}
        tasks = [ReadingTask(task.job, limits, str(objects), settings.thumbnail) for task in pending.values()]
        processes = min(settings.processes or os.cpu_count() or 1, max(len(tasks), 1))
        with closing(run_tasks(read_job, tasks, processes, settings.seconds_per_file)) as finished:
            for done in finished:
                _store(done, pending[id(done.task.job)], memory, encoder, settings, run)
    except KeyboardInterrupt:
        interrupted = True
    kept = tuple(run.kept.values())
    outcomes = Counter(one.outcome for one in kept)
    return IngestSummary(
        files=len(found.jobs),
        patents=len(kept),
        sheets=sum(one.sheets for one in kept),
        figures=sum(one.figures for one in kept),
        new=outcomes["new"],
        unchanged=outcomes["unchanged"],
        replaced=outcomes["replaced"],
        skipped=tuple(run.skipped),
        notes=tuple(note for one in kept for note in one.notes),
        seconds=time.monotonic() - started,
        interrupted=interrupted,
    )


class _Run:
    """What one ingest has done so far."""

    def __init__(self, total: int, progress: Callable[[Step], None] | None) -> None:
        self.total = total
        self.done = 0
        self.progress = progress
        self.kept: dict[str, _Kept] = {}
        """By patent id."""
        self.skipped: list[Skip] = []

    def keep(self, patent_id: str, kept: _Kept) -> None:
        if earlier := self.kept.get(patent_id):
            self.skipped.append(Skip(earlier.task.job.name, same_publication(patent_id, kept.task.job)))
            if earlier.outcome == "new":
                kept = replace(kept, outcome="new")
        self.kept[patent_id] = kept
        self._tell(kept.task.job, kept.outcome)

    def skip(self, job: Job, reason: str) -> None:
        self.skipped.append(Skip(job.name, reason))
        self._tell(job, None)

    def _tell(self, job: Job, outcome: Outcome | None) -> None:
        self.done += 1
        if self.progress:
            self.progress(Step(self.done, self.total, job.name, outcome))


class _Memory:
    """What the index remembers of the documents that were ingested completely, by content key."""

    def __init__(self, index: Index, limits: Limits) -> None:
        self.index = index
        # A document of which sheets were left out is read again when the limits are others.
        self._partly = f"+{limits.sheet_pixels}+{limits.pages}"
        self._summaries: dict[str, dict[str, Any]] = {
            key: json.loads(summary) for key, summary in index.sources().items()
        }
        self._ids = {s["place"]: s["patent"] for s in self._summaries.values() if s.get("place")}

    def summary(self, key: str) -> dict[str, Any] | None:
        """The summary under a content key."""
        return self._summaries.get(key)

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
        self._summaries[key] = summary
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
        return None if key is None else self._summaries.get(key, {}).get("place", "")


def same_publication(patent_id: str, kept: Job) -> str:
    """Why a document is left out beside another one of the same publication."""
    return f"is of the same publication, {patent_id}, as {kept.name}, which was kept"


def _leave_out_known(jobs: Sequence[Job], limits: Limits, memory: _Memory, run: _Run) -> list[_Task]:
    """The documents still to read; those done before are counted as unchanged.

    Of several of one publication the last in order of path is kept.
    """
    tasks: dict[str, _Task] = {}
    for position, (job, key) in enumerate(_keys(jobs, limits)):
        if isinstance(key, SourceError):
            run.skip(job, key.message)
        elif key in tasks:
            run.skip(job, f"has the same content as {tasks[key].job.name}")
        else:
            tasks[key] = _Task(position, job, key)
    pending: list[_Task] = []
    for key, task in tasks.items():
        known = memory.summary(key)
        if known is None:
            pending.append(task)
            continue
        patent_id = known["patent"]
        rival = tasks.get(memory.key_of(patent_id) or "")
        if memory.holds(patent_id, key):
            notes = tuple(Skip(path, reason) for path, reason in known["notes"])
            run.keep(patent_id, _Kept(task, "unchanged", known["sheets"], known["figures"], notes))
        elif rival and rival.position > task.position:
            run.skip(task.job, same_publication(patent_id, rival.job))
        else:
            pending.append(task)
    return pending


def _keys(jobs: Sequence[Job], limits: Limits) -> Iterator[tuple[Job, str | SourceError]]:
    def key_of(job: Job) -> str | SourceError:
        try:
            return f"{version()}:{content_key(job, limits)}"
        except SourceError as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        yield from zip(jobs, pool.map(key_of, jobs), strict=True)


def _store(
    done: Done[ReadingTask, Reading],
    task: _Task,
    memory: _Memory,
    encoder: Encoder,
    settings: Settings,
    run: _Run,
) -> None:
    if isinstance(done.error, IndexProblem):
        raise done.error
    if done.result is None:
        run.skip(task.job, _reason(done.error))
        return
    reading = memory.with_own_id(done.result, task.job)
    rival = run.kept.get(reading.patent.id)
    if rival and rival.task.position > task.position:
        memory.mark(task.key, task.job, reading)
        run.skip(task.job, same_publication(reading.patent.id, rival.task.job))
        return
    try:
        image_vectors = encode_pictures(reading.pictures, encoder, settings.max_sheet_pixels)
    except PictureError as error:
        run.skip(task.job, str(error))
        return
    entry = Entry(
        patent=reading.patent,
        figures=reading.figures,
        image_vectors=image_vectors,
        caption_vectors=encoder.encode_captions([caption_text(f, reading.patent) for f in reading.figures]),
        fingerprint=memory.fingerprint(task.key, reading.complete),
        sheets=reading.sheets,
    )
    outcome = memory.index.put(entry)
    if memory.forget_earlier(task.job, reading.patent.id):
        outcome = "replaced"
    memory.mark(task.key, task.job, reading)
    run.keep(
        reading.patent.id, _Kept(task, outcome, reading.sheets, len(reading.figures), tuple(reading.notes))
    )


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
