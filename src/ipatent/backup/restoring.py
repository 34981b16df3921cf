"""Putting a backup back: filled in beside, and visible only when all of it is there.

Objects come first, for nobody sees them without figures. The index is filled beside the live one, the
records are one transaction, and last the new index takes the place of the old one in one step. A run
that breaks off has changed nothing that can be seen, or the records alone; the next one goes on.
"""

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from ipatent.backup import kept_records
from ipatent.backup.layout import HEAD, RECORDS, SOURCES, Kind, Manifest, damaged, in_blocks, lines_in
from ipatent.backup.member import Member
from ipatent.backup.source import Show, Source, Together, verify
from ipatent.encode import EncoderSpec
from ipatent.encode.head import FOLDER, Head
from ipatent.errors import BackupProblem
from ipatent.index import Entry, Index, Outcome
from ipatent.index.embedded import FILE_NAME, EmbeddedIndex
from ipatent.objects import Objects
from ipatent.opening import open_index, open_objects, open_uploads
from ipatent.records import Database, open_records
from ipatent.settings import Settings

_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class RestoreSummary:
    """What was put back; all zero where everything was there already."""

    patents: int
    figures: int
    records: dict[str, int]
    missing: int
    """Drawings that were not in the backup either."""
    made: str
    """When the backup was made."""


def restore(
    source: Source,
    settings: Settings,
    replace: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> RestoreSummary:
    """Put a backup where the settings say, after verifying all of it; again changes nothing.

    Raises BackupProblem for a damaged backup, and where something else is there already and
    `replace` does not say that it may go.
    """
    manifest = verify(source, _part(progress, "Verifying"))
    _make_folder(settings)
    with closing(open_index(settings, create=True)) as index, closing(open_records(settings)) as records:
        index_there = _same_index(index, source, manifest)
        records_there = _same_records(records, manifest)
        if not replace:
            _refuse(index, index_there, records, records_there)
        _check_version(records, manifest)
        show = _part(progress, "Restoring")
        if index_there or manifest.encoder is None:
            _fill(source, settings, None, None if records_there else records, show)
            if not index_there:
                _empty(index)
        else:
            with _beside(settings, index, manifest.encoder, manifest.checksum[:12]) as new:
                _fill(source, settings, new, None if records_there else records, show)
                new.take_over()
    return RestoreSummary(
        manifest.patents, manifest.figures, manifest.records, manifest.missing, manifest.made
    )


@dataclass(frozen=True, slots=True, eq=False)
class _New:
    """An index that is filled unseen, and how it comes to be seen."""

    index: Index
    put_all: Callable[[list[Entry]], Sequence[Outcome]]
    take_over: Callable[[], None]


@contextmanager
def _beside(settings: Settings, live: Index, spec: EncoderSpec, mark: str) -> Iterator[_New]:
    """A new index beside the live one; that of an earlier run with the same mark, if it broke off."""
    if settings.index:
        from ipatent.index.qdrant import QdrantIndex

        assert isinstance(live, QdrantIndex)
        with live.beside(spec, mark) as server:
            yield _New(server, server.put_all, server.take_over)
        return
    path = settings.data_dir / FILE_NAME
    beside = path.with_name(f"{FILE_NAME}.{mark}.new")
    with EmbeddedIndex.open(beside, spec, create=True) as file:

        def take_over() -> None:
            file.close()
            EmbeddedIndex.replace(path, beside)

        yield _New(file, lambda entries: [file.put(entry) for entry in entries], take_over)


def _fill(
    source: Source, settings: Settings, new: _New | None, records: Database | None, progress: Show | None
) -> None:
    """Put objects, patents, sources and the head of the encoder into their places, and rows of records."""
    together = Together()
    with ExitStack() as stack:
        putting = stack.enter_context(closing(_Putting(settings)))
        rows = None
        if records is not None:
            rows = _Rows(records, stack)
        for member in source.members(progress):
            if isinstance(member, Manifest):
                continue
            if member.kind:
                putting.put(member)
            elif member.path.startswith(RECORDS):
                if rows:
                    rows.put(member)
            elif member.path.startswith(HEAD):
                _put_head(member, settings)
            elif new and member.path.startswith(SOURCES):
                _put_sources(member.read(), new.index)
            elif new and (entries := list(together.entries(member))):
                putting.wait()  # so that no figure is ever without its drawing
                _put_entries(new, entries)
        putting.wait()
        if rows:
            rows.finish()


class _Rows:
    """Rows of records, all in one transaction, which is committed when the stack is left."""

    def __init__(self, records: Database, stack: ExitStack) -> None:
        self._records = records
        self._stack = stack
        self._connection: Connection | None = None

    def put(self, member: Member) -> None:
        """Put the rows of a block into their table."""
        name = member.path.removeprefix(RECORDS).rpartition("-")[0]
        kept_records.insert_lines(self._open(), kept_records.table_named(name), member.read())

    def finish(self) -> None:
        """All rows were given."""
        kept_records.count_on(self._open())

    def _open(self) -> Connection:
        if self._connection is None:  # as late as can be: writers wait for it
            self._connection = self._stack.enter_context(self._records.writing())
            kept_records.clear(self._connection)
        return self._connection


class _Putting:
    """Puts objects into their stores, some at once."""

    def __init__(self, settings: Settings) -> None:
        self._stores: dict[Kind, Objects] = {
            "objects": open_objects(settings),
            "uploads": open_uploads(settings),
        }
        self._threads = ThreadPoolExecutor(_AT_ONCE, "ipatent-restore")
        self._waiting: deque[Future[None]] = deque()

    def put(self, member: Member) -> None:
        """Begin to put an object; raises what putting an earlier one raised."""
        self._waiting.append(self._threads.submit(self._put, member))
        if len(self._waiting) > _AT_ONCE:
            self._waiting.popleft().result()

    def wait(self) -> None:
        """Until all are there."""
        while self._waiting:
            self._waiting.popleft().result()

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(cancel_futures=True)

    def _put(self, member: Member) -> None:
        assert member.kind
        store = self._stores[member.kind]
        if not store.exists(member.name):
            store.put(member.read())


def _put_entries(new: _New, entries: list[Entry]) -> None:
    try:
        new.put_all(entries)
    except ValueError as error:  # a patent that contradicts itself
        raise damaged(f"{error}") from None


def _put_sources(content: bytes, index: Index) -> None:
    for source in lines_in(content):
        key, summary = source.get("key"), source.get("summary")
        if not isinstance(key, str) or not isinstance(summary, str):
            raise damaged("a source in it cannot be read")
        if index.source(key) != summary:
            index.mark_source(key, summary)


def _put_head(member: Member, settings: Settings) -> None:
    """Put the head of an adapted encoder into the data folder. Raises EncoderError where it is damaged."""
    folder = settings.data_dir / FOLDER
    path = folder / Path(member.path).name
    if path.exists():
        return
    beside = path.with_name(f"{path.name}.part")
    with _writing(path):
        folder.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            file.write(member.read())
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    Head.load(folder, path.stem)


def _same_index(index: Index, source: Source, manifest: Manifest) -> bool:
    """Whether the index holds just what the backup does, as it does after an earlier run."""
    status = index.status()
    if (status.patents, status.sheets, status.figures) != (
        manifest.patents,
        manifest.sheets,
        manifest.figures,
    ):
        return False
    if not status.patents:
        return status.encoder == manifest.encoder
    if status.encoder != manifest.encoder:
        return False
    together = Together()
    return all(
        index.fingerprint(entry.patent.id) == entry.fingerprint
        for member in source.members()
        if not isinstance(member, Manifest) and not member.kind
        for entry in together.entries(member)
    )


def _same_records(records: Database, manifest: Manifest) -> bool:
    """Whether the records are just those of the backup."""
    there = {block.path: block.sha256 for block in manifest.blocks if block.path.startswith(RECORDS)}
    found: dict[str, str] = {}
    with records.reading() as connection:
        for table in kept_records.tables():
            for number, content in enumerate(in_blocks(kept_records.lines_of(connection, table))):
                path = f"{RECORDS}{table.name}-{number:06}.jsonl"
                found[path] = hashlib.sha256(content).hexdigest()
                if there.get(path) != found[path]:
                    return False
    return found == there


def _refuse(index: Index, index_there: bool, records: Database, records_there: bool) -> None:
    status = index.status()
    rows = 0 if records_there else sum(kept_records.counts(records).values())
    if (status.patents and not index_there) or rows:
        patents = 0 if index_there else status.patents
        raise BackupProblem(
            f"There is something already: {patents:,} patents in {status.path}, {rows:,} rows of records"
            f" in {records.place}.",
            "Restore into another data folder with --data, or add --replace: what is there is lost then.",
        )


def _check_version(records: Database, manifest: Manifest) -> None:
    with records.reading() as connection:
        version = kept_records.version_of(connection)
    if manifest.records_version > version:
        raise BackupProblem(
            f"The backup's records are of a newer iPatent (tables of version {manifest.records_version},"
            f" known here: {version}).",
            "Update iPatent, then run it again.",
        )


def _empty(index: Index) -> None:
    while page := index.patents(0, 100):
        for patent in page:
            index.delete(patent.id)


def _make_folder(settings: Settings) -> None:
    with _writing(settings.data_dir):
        settings.data_dir.mkdir(parents=True, exist_ok=True)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupProblem(
            f"{path} cannot be written: {error.strerror or error}.",
            "Check the permissions and the space that is left, or name another folder with --data.",
        ) from None


def _part(progress: Callable[[str, int, int], None] | None, what: str) -> Show | None:
    if progress is None:
        return None
    told = progress
    return lambda done, total: told(what, done, total)
