"""From files to the index: read, cut, encode, store. Twice gives the same; a kill loses nothing reported."""

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ipatent.encode import Encoder
from ipatent.errors import IndexProblem, IPatentError, NotFound, SourceError
from ipatent.index import Entry, Index, Outcome
from ipatent.patents import Figure, Patent, Vectors
from ipatent.pictures import open_picture
from ipatent.reading import VERSION, Reading, ReadingTask, read_job, rename
from ipatent.settings import Settings
from ipatent.sources import Limits
from ipatent.sources.discovery import Job, Skip, content_key, discover, other_id
from ipatent.workers import Done, run_tasks

_BATCH = 8


@dataclass(frozen=True, slots=True)
class IngestSummary:
    """What an ingest did: counts of this run, what was skipped and why, what the sources lacked."""

    files: int
    """Documents looked at: PDFs, and groups of pictures."""
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
class _Known:
    """What the index remembers of a file that was ingested completely."""

    patent: str
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
    """Index every PDF and picture at or below `paths`; each patent is committed as a whole.

    A file that cannot be read is skipped with its reason and never stops the rest. A file whose
    bytes were ingested before, by this version, is not read again. Interrupting (Ctrl-C) returns
    the summary so far. Raises SourceError for a path that does not exist, and IndexProblem when
    the index or the object store cannot be written; all that was reported done is then kept.
    """
    started = time.monotonic()
    limits = limits_of(settings)
    found = discover(paths, limits)
    run = _Run(index, len(found.jobs), progress)
    run.skipped.extend(found.skipped)
    interrupted = False
    try:
        pending = _leave_out_known(found.jobs, limits, index, run)
        tasks = [ReadingTask(job, limits, str(objects), settings.thumbnail) for job, _ in pending]
        keys = {id(task): key for task, (_, key) in zip(tasks, pending, strict=True)}
        processes = min(settings.processes or os.cpu_count() or 1, max(len(tasks), 1))
        for done in run_tasks(read_job, tasks, processes, settings.seconds_per_file):
            _store(done, keys[id(done.task)], index, encoder, settings, run)
    except KeyboardInterrupt:
        interrupted = True
    return IngestSummary(
        files=len(found.jobs),
        patents=run.outcomes["new"] + run.outcomes["unchanged"] + run.outcomes["replaced"],
        sheets=run.sheets,
        figures=run.figures,
        new=run.outcomes["new"],
        unchanged=run.outcomes["unchanged"],
        replaced=run.outcomes["replaced"],
        skipped=tuple(run.skipped),
        notes=tuple(run.notes),
        seconds=time.monotonic() - started,
        interrupted=interrupted,
    )


class _Run:
    """The counts of one ingest while it goes on."""

    def __init__(self, index: Index, total: int, progress: Callable[[Step], None] | None) -> None:
        self.index = index
        self.total = total
        self.done = 0
        self.progress = progress
        self.outcomes: dict[Outcome, int] = {"new": 0, "unchanged": 0, "replaced": 0}
        self.sheets = 0
        self.figures = 0
        self.skipped: list[Skip] = []
        self.notes: list[Skip] = []

    def count(self, job: Job, outcome: Outcome, sheets: int, figures: int, notes: Sequence[Skip]) -> None:
        self.outcomes[outcome] += 1
        self.sheets += sheets
        self.figures += figures
        self.notes.extend(notes)
        self._tell(job, outcome)

    def skip(self, job: Job, reason: str) -> None:
        self.skipped.append(Skip(job.name, reason))
        self._tell(job, None)

    def _tell(self, job: Job, outcome: Outcome | None) -> None:
        self.done += 1
        if self.progress:
            self.progress(Step(self.done, self.total, job.name, outcome))


def _leave_out_known(jobs: Sequence[Job], limits: Limits, index: Index, run: _Run) -> list[tuple[Job, str]]:
    """The jobs still to do with their content keys; those done before are counted as unchanged."""
    known = index.sources()
    pending: list[tuple[Job, str]] = []
    seen: dict[str, Job] = {}
    for job, key in _keys(jobs, limits):
        if isinstance(key, SourceError):
            run.skip(job, key.message)
            continue
        if key in seen:
            run.skip(job, f"has the same content as {seen[key].name}")
            continue
        seen[key] = job
        before = _known(known.get(key))
        if before and index.fingerprint(before.patent) is not None:
            run.count(job, "unchanged", before.sheets, before.figures, before.notes)
        else:
            pending.append((job, key))
    return pending


def _keys(jobs: Sequence[Job], limits: Limits) -> Iterator[tuple[Job, str | SourceError]]:
    def key_of(job: Job) -> str | SourceError:
        try:
            return f"{VERSION}:{content_key(job, limits)}"
        except SourceError as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        yield from zip(jobs, pool.map(key_of, jobs), strict=True)


def _known(summary: str | None) -> _Known | None:
    if summary is None:
        return None
    values = json.loads(summary)
    notes = tuple(Skip(path, reason) for path, reason in values["notes"])
    return _Known(values["patent"], values["sheets"], values["figures"], notes)


def _store(
    done: Done[ReadingTask, Reading],
    key: str,
    index: Index,
    encoder: Encoder,
    settings: Settings,
    run: _Run,
) -> None:
    job = done.task.job
    if isinstance(done.error, IndexProblem):
        raise done.error
    if done.result is None:
        run.skip(job, _reason(done.error))
        return
    reading = _with_own_id(done.result, index)
    entry = Entry(
        patent=reading.patent,
        figures=reading.figures,
        image_vectors=encode_pictures(reading.pictures, encoder, settings.max_sheet_pixels),
        caption_vectors=encoder.encode_captions([caption_text(f, reading.patent) for f in reading.figures]),
        fingerprint=key,
        sheets=reading.sheets,
    )
    outcome = index.put(entry)
    summary = {
        "patent": reading.patent.id,
        "sheets": reading.sheets,
        "figures": len(reading.figures),
        "notes": [[note.path, note.reason] for note in reading.notes],
    }
    index.mark_source(key, json.dumps(summary))
    run.count(job, outcome, reading.sheets, len(reading.figures), reading.notes)


def _reason(error: Exception | None) -> str:
    if isinstance(error, IPatentError):
        return str(error)
    return f"{error}" if error and str(error) else f"could not be read ({type(error).__name__})"


def _with_own_id(reading: Reading, index: Index) -> Reading:
    """Another id where the index already holds a document of the same name from another place.

    Only documents without a publication number are concerned: two files of one publication are
    versions of it, and the later replaces the earlier.
    """
    patent = reading.patent
    if patent.number is not None:
        return reading
    try:
        stored = index.patent(patent.id)
    except NotFound:
        return reading
    if stored.source == patent.source:
        return reading
    return rename(reading, other_id(patent.id, Path(patent.source)))


def encode_pictures(pictures: Sequence[bytes], encoder: Encoder, max_pixels: int) -> Vectors:
    """One unit row (n, image_dim) per encoded picture, decoded a few at a time."""
    blocks = [
        encoder.encode_pictures([open_picture(data, max_pixels) for data in pictures[at : at + _BATCH]])
        for at in range(0, len(pictures), _BATCH)
    ]
    return np.concatenate(blocks) if blocks else np.zeros((0, encoder.spec.image_dim), np.float32)


def caption_text(figure: Figure, patent: Patent) -> str:
    """What a figure is compared by as a sentence: the patent's title and the figure's caption."""
    return ". ".join(part for part in (patent.title.capitalize(), figure.caption) if part)
