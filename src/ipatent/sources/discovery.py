"""Which files are there, what each is by its content, and which pictures belong to one patent."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Literal

from ipatent.errors import SourceError
from ipatent.pictures import media_type
from ipatent.print_cache import FILE_NAME as PRINT_CACHE
from ipatent.publication import find_publication_number
from ipatent.sources import Limits
from ipatent.sources.archives import archive_kind, gunzipped_head
from ipatent.sources.bulk import Address, digest_of, looks_like_xml, survey_xml, worth_reading
from ipatent.sources.catalogues import read_catalogue
from ipatent.sources.companions import beside, named_after
from ipatent.sources.documents import DRAWINGS
from ipatent.sources.gunzip import GZIP
from ipatent.sources.names import natural, picture_group, printable
from ipatent.sources.shards import digest_of_ranges
from ipatent.sources.survey import LeftOut, patents_in
from ipatent.sources.tables import table_kind

Kind = Literal["pdf", "pictures", "xml", "samples"]

TRUTH = ".truth.json"
"""What the sample generator writes beside a patent; no source, and not worth a word."""

_INDEX = "index.sqlite"
_FILES = (f"{name}{ending}" for name in (_INDEX, PRINT_CACHE) for ending in ("", "-wal", "-shm"))
_OWN = frozenset((*_FILES, "objects", "uploads", "models"))
"""What lies in a data folder beside patents that a user may keep there."""


@dataclass(frozen=True, slots=True)
class Skip:
    """Something that was not ingested, or only in part, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Job:
    """What one reader reads in one go: a PDF, the pictures of one patent, or its XML with pictures."""

    kind: Kind
    paths: tuple[Path, ...]
    fallback_id: str
    """The patent's id where no publication number is found."""
    place: str
    """Where it comes from, whatever its content: a document found there again is the same one."""
    address: Address | None = None
    """Of a patent in XML or in an archive: where in its file it stands."""
    rows: tuple[bytes, ...] = ()
    """Of pictures described by a table: what it says of each, packed, in their order."""

    @property
    def name(self) -> str:
        """How the job is named to the user."""
        first = printable(self.paths[0])
        if self.address:
            if self.address.kind == "samples" and len(self.paths) > 1:
                first = f"{first} (and {len(self.paths) - 1} more)"
            return f"{first}/{printable(self.address.name)}" if self.address.name else first
        return first if len(self.paths) == 1 else f"{first} (and {len(self.paths) - 1} more)"


@dataclass(frozen=True, slots=True)
class Discovery:
    """The jobs found, in order of path, and the files left out with the reason for each."""

    jobs: tuple[Job, ...]
    skipped: tuple[Skip, ...]


@dataclass(frozen=True, slots=True)
class Prospect:
    """What an ingest has before it: `found` gives jobs and what is left out, as they are met.

    `jobs` is their number, where no archive must be gone through to know it.
    """

    jobs: int | None
    found: Iterator[Job | Skip]


@dataclass(slots=True)
class _Found:
    """The files of a discovery by what they are."""

    jobs: list[Job] = field(default_factory=list)
    skipped: list[Skip] = field(default_factory=list)
    pictures: dict[tuple[Path, str], list[Path]] = field(default_factory=dict)
    texts: list[Path] = field(default_factory=list)
    tables: dict[Path, str] = field(default_factory=dict)
    archives: list[tuple[Path, str]] = field(default_factory=list)
    """With their kinds."""
    samples: dict[str, list[tuple[Path, Address]]] = field(default_factory=dict)
    """By patent: the shards that hold samples of it, and where."""


def discover(paths: Iterable[Path], limits: Limits) -> Discovery:
    """All that `prospect` finds."""
    found = list(prospect(paths, limits).found)
    return Discovery(
        tuple(one for one in found if isinstance(one, Job)),
        tuple(one for one in found if isinstance(one, Skip)),
    )


def prospect(paths: Iterable[Path], limits: Limits) -> Prospect:
    """All PDFs, pictures and patents in XML at or below `paths`, told by content, grouped by patent.

    Archives are listed, not unpacked, and that only as the jobs are taken, so that an archive of
    any size costs little memory and no waiting; pictures that an XML file names belong to its
    patent, those that a table of metadata names to the patent that it says. Links are followed,
    each folder entered and each file read once, so loops end. Raises SourceError when one of
    `paths` does not exist, before any job; what lies below and cannot be read is told as skipped.
    Hidden files, whose names begin with a dot, are left out, and so is what an index keeps beside
    itself where its data folder lies among the patents.
    """
    found = _Found()
    seen: set[object] = set()
    for root in paths:
        if not os.path.lexists(root):
            raise SourceError(f"{printable(root)} does not exist.", "Check the path and try again.")
        for path in _files(root, found.skipped, seen):
            _sort(path, limits, found)
    claimed: set[object] = set()
    for job in _in_texts(found.texts, found.skipped):
        claimed.update(_identity(path) for path in job.paths)
        found.jobs.append(job)
    if claimed:
        found.jobs = [
            job for job in found.jobs if job.kind != "pdf" or _identity(job.paths[0]) not in claimed
        ]
        for members in found.pictures.values():
            members[:] = [path for path in members if _identity(path) not in claimed]
    found.jobs.extend(_described(found))
    for (folder, group), members in found.pictures.items():
        if members:
            place = printable(Path(os.path.realpath(folder)) / f"{group}*")
            found.jobs.append(Job("pictures", tuple(sorted(members, key=natural)), group, place))
    return Prospect(None if found.archives else len(found.jobs), _distinct(_in_order(found)))


def _in_order(found: _Found) -> Iterator[Job | Skip]:
    """What was found by path, archives gone through in their turn; patents of shards come last."""
    yield from found.skipped
    waiting: list[tuple[Path, Job | str]] = [(job.paths[0], job) for job in found.jobs]
    waiting.extend(found.archives)
    waiting.sort(key=lambda one: natural(one[0]))
    for path, one in waiting:
        if isinstance(one, str):
            yield from _in_archive(path, one, found.samples)
        else:
            yield one
    yield from sorted(_in_shards(found.samples), key=lambda job: natural(job.paths[0]))


def _sort(path: Path, limits: Limits, found: _Found) -> None:
    """Puts a file where it belongs."""
    kind = _kind(path, limits, found.skipped)
    if kind == "pdf":
        name = printable(path.stem).strip() or "document"
        found.jobs.append(Job("pdf", (path,), name, printable(os.path.realpath(path))))
    elif kind == "pictures":
        found.pictures.setdefault((path.parent, picture_group(path)), []).append(path)
    elif kind == "xml":
        found.texts.append(path)
    elif kind in ("zip", "tar"):
        found.archives.append((path, kind))
    elif kind is not None:
        found.tables[path] = kind


def _described(found: _Found) -> Iterator[Job]:
    """A job for each patent that a table describes; its pictures are taken from those found."""
    if not found.tables:
        return
    catalogue = read_catalogue(found.tables, [path for paths in found.pictures.values() for path in paths])
    found.skipped.extend(Skip(printable(path), reason) for path, reason in catalogue.left_out)
    for members in found.pictures.values():
        members[:] = [path for path in members if path not in catalogue.spoken_of]
    for one in catalogue.patents.values():
        place = f"{printable(os.path.realpath(one.table))}#{one.group}"
        yield Job("pictures", tuple(one.paths), one.group, place, None, tuple(one.rows))


def _in_shards(samples: dict[str, list[tuple[Path, Address]]]) -> Iterator[Job]:
    """A job for each patent of which shards hold samples, gathered from all of them."""
    for group, parts in samples.items():
        paths = tuple(dict.fromkeys(path for path, _ in parts))
        ranges = [replace(one, file=paths.index(path)) for path, address in parts for one in address.samples]
        address = replace(parts[0][1], samples=tuple(ranges))
        place = f"{printable(os.path.realpath(paths[0]))}/{group}"
        yield Job("samples", paths, group, place, address)


def _in_archive(
    path: Path, kind: str, samples: dict[str, list[tuple[Path, Address]]]
) -> Iterator[Job | Skip]:
    """A job for each patent in a ZIP or tar; samples of a shard are put with those of other shards."""
    real = printable(os.path.realpath(path))
    try:
        for one in patents_in(path, kind):
            name = printable(one.name)
            if isinstance(one, LeftOut):
                yield Skip(printable(path / one.name) if one.name else printable(path), one.reason)
            elif one.kind == "samples":
                samples.setdefault(one.group, []).append((path, one))
            else:
                fallback = printable(one.group).strip() or name.rsplit("/", 1)[-1]
                yield Job(one.kind, (path,), fallback, f"{real}/{name}", one)
    except SourceError as error:
        yield Skip(printable(path), error.message)


def _in_texts(paths: list[Path], skipped: list[Skip]) -> Iterator[Job]:
    """A job for each patent in loose XML files, with the pictures beside them that it names."""
    folders: dict[Path, dict[str, Path]] = {}
    for path in paths:
        if path.parent not in folders:
            folders[path.parent] = _names_in(path.parent)
        folder = folders[path.parent]
        try:
            with path.open("rb") as file:
                parts = survey_xml(file)
        except OSError as error:
            skipped.append(Skip(printable(path), f"cannot be read: {error.strerror or error}"))
            continue
        chosen, reasons = worth_reading(parts, partial(beside, folder=folder), "beside it")
        skipped.extend(Skip(printable(path), reason) for reason in reasons)
        real = printable(os.path.realpath(path))
        for part in chosen:
            whole = len(parts) == 1
            address = (
                Address() if whole else Address(f"@{part.start}", None, (), None, part.start, part.length)
            )
            place = real if whole else f"{real}@{part.start}"
            found = beside(part.pictures, folder)
            if whole and not any(name.lower() in folder for name in part.drawings):
                found = (
                    *found,
                    *(one for one in named_after(path, folder) if one.suffix.lower() in DRAWINGS),
                )
            yield Job("xml", (path, *found), printable(path.stem), place, address)


def _names_in(folder: Path) -> dict[str, Path]:
    """The files in a folder by their names in lower case."""
    try:
        return {path.name.lower(): path for path in folder.iterdir() if path.is_file()}
    except OSError:
        return {}


def content_key(job: Job, limits: Limits) -> str:
    """sha256 over the names and bytes of a job's files; raises SourceError when one cannot be read."""
    digest = hashlib.sha256()
    paths = job.paths
    if job.address and job.address.kind == "samples":
        return digest_of_ranges(paths, job.address.samples).hex()
    if job.address and (job.address.document or job.address.length >= 0 or job.address.kind != "xml"):
        digest.update(digest_of(paths[0], job.address))
        paths = paths[1:]
    for rows in job.rows:
        digest.update(rows)
    for path in paths:
        try:
            with path.open("rb") as file:
                if os.fstat(file.fileno()).st_size > limits.file_bytes:
                    raise SourceError(too_large(path, limits))
                inner = hashlib.file_digest(file, "sha256").digest()
        except OSError as error:
            raise SourceError(f"cannot be read: {error.strerror or error}") from None
        digest.update(inner)
        if len(job.paths) > 1 or job.kind == "pictures":
            digest.update(os.fsencode(path.name))
    return digest.hexdigest()


def too_large(path: Path, limits: Limits) -> str:
    """Why a file over the byte limit is left out."""
    return (
        f"is larger than the limit of {limits.file_bytes:,} bytes ({path.stat().st_size:,});"
        " raise it with the setting max_file_bytes"
    )


def _files(root: Path, skipped: list[Skip], seen: set[object]) -> Iterator[Path]:
    """What is no folder at or below a path, in natural order.

    Hidden ones, samples' truths and what an index keeps in its data folder are left out.
    `seen` holds what was met before, under whatever name, and grows.
    """
    waiting = [root]
    while waiting:
        path = waiting.pop()
        if (identity := _identity(path)) in seen:
            continue
        seen.add(identity)
        if not os.path.isdir(path):  # noqa: PTH112 - unlike Path.is_dir it never raises
            yield path
            continue
        try:
            children = sorted(path.iterdir(), key=natural, reverse=True)
        except OSError as error:
            skipped.append(Skip(printable(path), f"cannot be opened: {error.strerror or error}"))
            continue
        names = {child.name for child in children}
        own = _OWN if _INDEX in names else frozenset()
        waiting.extend(child for child in children if child.name not in own and not _aside(child.name))


def _aside(name: str) -> bool:
    return name.startswith(".") or name.endswith(TRUTH)


def _identity(path: Path) -> object:
    """What is the same for all names of one file; the path itself where there is no file."""
    try:
        status = path.stat()
    except OSError:
        return path
    return status.st_dev, status.st_ino


def _kind(path: Path, limits: Limits, skipped: list[Skip]) -> str | None:
    """What a file is by its first bytes: a kind of job, of archive or of table.

    Notes why where it is nothing that is read here.
    """

    def leave_out(reason: str) -> None:
        skipped.append(Skip(printable(path), reason))

    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            leave_out("is no regular file, but a pipe, a socket or a device")
            return None
        if status.st_size == 0:
            leave_out("is empty (0 bytes)")
            return None
        with path.open("rb") as file:
            head = file.read(1024)
    except FileNotFoundError:
        leave_out("is a broken link")
        return None
    except OSError as error:
        looped = error.errno == errno.ELOOP
        leave_out("is a loop of links" if looped else f"cannot be read: {error.strerror or error}")
        return None
    if head.startswith(GZIP):
        try:
            if archive_kind(gunzipped_head(path)) == "tar":
                return "tar"
        except SourceError as error:
            leave_out(error.message)
            return None
        leave_out("is a gzip file that holds no tar; unpack it with gunzip: what it holds is read as it is")
        return None
    if archive := archive_kind(head):
        return archive
    if looks_like_xml(head):
        return "xml"
    table = table_kind(path.name, head)
    if table == "list":
        leave_out("is a list of pictures, as benchmarks bring it; the pictures themselves are read")
        return None
    if table:
        return table
    if status.st_size > limits.file_bytes:
        leave_out(too_large(path, limits))
        return None
    if b"%PDF-" in head:
        return "pdf"
    if media_type(head) != "application/octet-stream":
        return "pictures"
    named = path.suffix.lower()
    if named == ".pdf":
        leave_out("is named .pdf but holds no PDF")
    else:
        leave_out(f"is neither a PDF nor a picture nor a patent in XML ({named or 'no'} file)")
    return None


def _distinct(found: Iterable[Job | Skip]) -> Iterator[Job | Skip]:
    """Equal fallback ids of different places told apart by a short hash of the place."""
    taken: set[str] = set()
    for one in found:
        if isinstance(one, Job) and not find_publication_number(one.fallback_id):
            if one.fallback_id in taken:
                one = replace(one, fallback_id=other_id(one.fallback_id, one.place))
            else:
                taken.add(one.fallback_id)
        yield one


def other_id(patent_id: str, place: str) -> str:
    """An id of its own for a document of another place that would have the same one."""
    return f"{patent_id}~{hashlib.sha256(place.encode()).hexdigest()[:8]}"
