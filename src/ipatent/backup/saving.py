"""Making a backup: patents block by block with their drawings, then sources, uploads and records."""

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import Table

from ipatent import __version__
from ipatent.backup import kept_records
from ipatent.backup.archive import ArchiveTarget
from ipatent.backup.layout import (
    CAPTIONS,
    HEAD,
    IMAGES,
    MISSING,
    PATENTS,
    RECORDS,
    SOURCES,
    UPLOADS,
    Block,
    Kind,
    Manifest,
    Tally,
    array_to_bytes,
    ends_block,
    entry_to_json,
    in_blocks,
)
from ipatent.backup.places import place_in
from ipatent.backup.prefix import PrefixTarget
from ipatent.encode import EncoderSpec
from ipatent.encode.head import FOLDER, without_head
from ipatent.errors import BackupProblem, NotFound
from ipatent.index import Entry, Index
from ipatent.objects import Objects
from ipatent.opening import open_index, open_objects, open_uploads
from ipatent.records import Database, open_records
from ipatent.records.pictures_named import pictures_named
from ipatent.settings import Settings

_AT_ONCE = 8
Show = Callable[[int, int], None]


class Target(Protocol):
    """What takes the members of a backup."""

    blocks: list[Block]
    written: int

    def put_block(self, path: str, content: bytes) -> None:
        """Take lines or vectors."""
        ...

    def wants(self, kind: Kind, name: str) -> bool:
        """Whether an object is not there yet."""
        ...

    def put_object(self, kind: Kind, name: str, content: bytes) -> None:
        """Take a drawing or an upload, by the hash of its bytes."""
        ...

    def finish(self, manifest: Manifest) -> None:
        """Take the list of all, which makes the backup whole."""
        ...


@dataclass(frozen=True, slots=True)
class BackupSummary:
    """What a backup holds, and the bytes that were written for it."""

    to: str
    patents: int
    figures: int
    objects: int
    uploads: int
    records: dict[str, int]
    missing: int
    written: int
    made: str


@dataclass(slots=True)
class _Counts:
    """What was met so far."""

    patents: int = 0
    sheets: int = 0
    figures: int = 0
    blocks: int = 0
    missing: list[str] = field(default_factory=list)
    objects: Tally = field(default_factory=Tally)
    uploads: Tally = field(default_factory=Tally)


def backup(to: str, settings: Settings, replace: bool = False, progress: Show | None = None) -> BackupSummary:
    """Write all that the settings name, index, drawings and records, to a file, a folder or a bucket.

    Others may search and ingest meanwhile. Raises BackupProblem where `to` cannot be written,
    IndexProblem and RecordsProblem where what is there cannot be read.
    """
    place = place_in(to, settings)
    with closing(open_index(settings)) as index, closing(open_records(settings)) as records:
        drawings, uploads = open_objects(settings), open_uploads(settings)
        if place is not None:
            with PrefixTarget(place) as target:
                return _save(target, to, settings, index, drawings, uploads, records, progress)
        with ArchiveTarget(Path(to).expanduser(), replace) as file:
            return _save(file, to, settings, index, drawings, uploads, records, progress)


def _save(
    target: Target,
    to: str,
    settings: Settings,
    index: Index,
    drawings: Objects,
    uploads: Objects,
    records: Database,
    progress: Show | None,
) -> BackupSummary:
    status = index.status()
    counts = _Counts()

    def tell(done: int) -> None:
        if progress:
            progress(done, max(done, status.patents))

    _save_patents(target, index, status.encoder, drawings, counts, tell)
    sources = ((key, json.dumps({"key": key, "summary": summary})) for key, summary in index.each_source())
    _save_lines(target, SOURCES, sources)
    _save_lines(target, MISSING, ((name, json.dumps({"name": name})) for name in counts.missing))
    _save_head(target, settings, status.encoder)
    _save_uploads(target, uploads, records, counts)
    rows, version = _save_records(target, records)
    if status.identity and index.status().identity != status.identity:
        raise BackupProblem(
            "The index was given to another encoder, or restored, while the backup was made.",
            "Run the command again.",
        )
    manifest = Manifest(
        made=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        program=__version__,
        patents=counts.patents,
        sheets=counts.sheets,
        figures=counts.figures,
        encoder=status.encoder,
        identity=status.identity,
        generation=status.generation,
        records=rows,
        records_version=version,
        objects=counts.objects.total(),
        uploads=counts.uploads.total(),
        missing=len(counts.missing),
        blocks=tuple(target.blocks),
    ).sealed()
    target.finish(manifest)
    return BackupSummary(
        to=to,
        patents=counts.patents,
        figures=counts.figures,
        objects=manifest.objects.count,
        uploads=manifest.uploads.count,
        records=rows,
        missing=len(counts.missing),
        written=target.written,
        made=manifest.made,
    )


def _save_patents(
    target: Target,
    index: Index,
    spec: EncoderSpec | None,
    drawings: Objects,
    counts: _Counts,
    progress: Callable[[int], None],
) -> None:
    if spec is None:
        return
    with ThreadPoolExecutor(_AT_ONCE, "ipatent-backup") as threads:
        for lines in _grouped(index.each_entry()):
            kept = _save_drawings(target, index, list(lines), drawings, counts, threads)
            folder = f"index/{counts.blocks:06}"
            images = array_to_bytes([entry.image_vectors for entry in kept], spec.image_dim)
            captions = array_to_bytes([entry.caption_vectors for entry in kept], spec.caption_dim)
            target.put_block(f"{folder}/{IMAGES}", images)
            target.put_block(f"{folder}/{CAPTIONS}", captions)
            text = "".join(f"{lines[entry]}\n" for entry in kept)
            target.put_block(f"{folder}/{PATENTS}", text.encode())
            counts.blocks += 1
            counts.patents += len(kept)
            counts.sheets += sum(entry.sheets for entry in kept)
            counts.figures += sum(len(entry.figures) for entry in kept)
            progress(counts.patents)


def _grouped(entries: Iterator[Entry]) -> Iterator[dict[Entry, str]]:
    """The patents of one block after the other, each with its line."""
    some: dict[Entry, str] = {}
    size = 0
    for entry in entries:
        some[entry] = entry_to_json(entry)
        size += len(some[entry])
        if ends_block(entry.patent.id, len(some), size):
            yield some
            some, size = {}, 0
    if some:
        yield some


def _save_drawings(
    target: Target,
    index: Index,
    entries: Sequence[Entry],
    drawings: Objects,
    counts: _Counts,
    threads: ThreadPoolExecutor,
) -> list[Entry]:
    """Write the drawings of some patents; the patents without those that were deleted meanwhile."""
    owners: dict[str, list[Entry]] = {}
    for entry in entries:
        for figure in entry.figures:
            for name in (figure.sheet_image, figure.image, figure.thumbnail):
                owners.setdefault(name, []).append(entry)
    gone: list[str] = []
    for name, (content, size) in _fetched(target, "objects", list(owners), drawings, threads):
        if size is None:
            gone.append(name)
            continue
        if content is not None:
            target.put_object("objects", name, content)
        counts.objects.add(name, size)
    left: set[str] = set()
    for name in gone:
        changed = [one for one in owners[name] if index.fingerprint(one.patent.id) != one.fingerprint]
        left.update(one.patent.id for one in changed)
        if len(changed) < len(owners[name]):
            counts.missing.append(name)
    return [entry for entry in entries if entry.patent.id not in left]


def _fetched(
    target: Target, kind: Kind, names: Sequence[str], store: Objects, threads: ThreadPoolExecutor
) -> Iterator[tuple[str, tuple[bytes | None, int | None]]]:
    """Each name with its bytes, where the target wants them, and their number.

    None where it is missing, or damaged.
    """

    def fetch(name: str) -> tuple[bytes | None, int | None]:
        try:
            if not target.wants(kind, name):
                return None, store.size(name)
            content = store.get(name)
        except NotFound:
            return None, None
        if hashlib.sha256(content).hexdigest() != name:
            return None, None
        return content, len(content)

    waiting: deque[tuple[str, Future[tuple[bytes | None, int | None]]]] = deque()
    for name in names:
        waiting.append((name, threads.submit(fetch, name)))
        if len(waiting) > _AT_ONCE:
            first, result = waiting.popleft()
            yield first, result.result()
    for first, result in waiting:
        yield first, result.result()


def _save_lines(target: Target, path: str, lines: Iterable[tuple[str, str]]) -> None:
    for number, content in enumerate(in_blocks(iter(lines))):
        target.put_block(f"{path}-{number:06}.jsonl", content)


def _save_head(target: Target, settings: Settings, spec: EncoderSpec | None) -> None:
    """Write what an adapted encoder learned of the index; without it the vectors are of no use."""
    digits = without_head(spec.name)[1] if spec else ""
    if not digits:
        return
    path = settings.data_dir / FOLDER / f"{digits}.npz"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BackupProblem(
            f"The head of the encoder, {path}, cannot be read: {error.strerror or error}.",
            "Put it back, or take it off with: ipatent adapt --undo",
        ) from None
    target.put_block(f"{HEAD}{digits}.npz", content)


def _save_uploads(target: Target, uploads: Objects, records: Database, counts: _Counts) -> None:
    """Write the uploaded pictures that records name and that are still there."""
    kept: list[str] = []
    with ThreadPoolExecutor(_AT_ONCE, "ipatent-backup") as threads:
        named = sorted(pictures_named(records))
        for name, (content, size) in _fetched(target, "uploads", named, uploads, threads):
            if size is None:
                continue  # forgotten after the days of keep_uploads_days
            if content is not None:
                target.put_object("uploads", name, content)
            counts.uploads.add(name, size)
            kept.append(name)
    _save_lines(target, UPLOADS, ((name, json.dumps({"name": name})) for name in kept))


def _save_records(target: Target, records: Database) -> tuple[dict[str, int], int]:
    """Write all tables as of one state; the rows of each, and the version of the tables."""
    counted: dict[str, int] = {}
    with records.reading() as connection:
        version = kept_records.version_of(connection)
        for table in kept_records.tables():
            counted[table.name] = 0

            def lines(table: Table = table) -> Iterator[tuple[str, str]]:
                for key, line in kept_records.lines_of(connection, table):
                    counted[table.name] += 1
                    yield key, line

            _save_lines(target, f"{RECORDS}{table.name}", lines())
    return counted, version
