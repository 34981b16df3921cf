"""Which files are there, what each is by its content, and which pictures belong to one patent."""

import errno
import hashlib
import os
import re
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from ipatent.errors import SourceError
from ipatent.pictures import media_type
from ipatent.publication import find_publication_number
from ipatent.sources import Limits
from ipatent.sources.archives import archive_kind
from ipatent.sources.bulk import (
    Address,
    digest_of,
    looks_like_xml,
    survey_archive,
    survey_xml,
    worth_reading,
)
from ipatent.sources.companions import beside

Kind = Literal["pdf", "pictures", "xml"]

_COUNTER = re.compile(
    r"^(?P<prefix>.*?)[-_. ]*(?P<word>fig(?:ure)?|sheet|page|img|image|drawing|d|p)?[-_. ]*(?P<count>\d{1,5})"
    r"[a-z]?$",
    re.IGNORECASE,
)
_VIEWS = frozenset(
    "front rear back side left right top bottom plan perspective isometric exploded section detail view "
    "fig figure sheet page img image drawing scan photo".split()
)
TRUTH = ".truth.json"
"""What the sample generator writes beside a patent; no source, and not worth a word."""

_INDEX = "index.sqlite"
_OWN = frozenset((_INDEX, f"{_INDEX}-wal", f"{_INDEX}-shm", "objects", "uploads", "models"))
"""What lies in a data folder beside patents that a user may keep there."""

_GZIP = b"\x1f\x8b"


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
    """Of a patent in XML: where in its file it stands."""

    @property
    def name(self) -> str:
        """How the job is named to the user."""
        first = printable(self.paths[0])
        if self.address:
            return f"{first}/{printable(self.address.name)}" if self.address.name else first
        return first if len(self.paths) == 1 else f"{first} (and {len(self.paths) - 1} more)"


@dataclass(frozen=True, slots=True)
class Discovery:
    """The jobs found, in order of path, and the files left out with the reason for each."""

    jobs: tuple[Job, ...]
    skipped: tuple[Skip, ...]


def printable(path: Path | str) -> str:
    """A path on one line: control characters and undecodable bytes are shown escaped."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def discover(paths: Iterable[Path], limits: Limits) -> Discovery:
    """All PDFs, pictures and patents in XML at or below `paths`, told by content, grouped by patent.

    Archives are listed, not unpacked; pictures that an XML file names belong to its patent. Links
    are followed, each folder entered and each file read once, so loops end. Raises SourceError when
    one of `paths` does not exist; what lies below and cannot be read is listed as skipped. Hidden
    files, whose names begin with a dot, are left out, and so is what an index keeps beside itself
    where its data folder lies among the patents.
    """
    jobs: list[Job] = []
    skipped: list[Skip] = []
    pictures: dict[tuple[Path, str], list[Path]] = {}
    texts: list[Path] = []
    seen: set[object] = set()
    for root in paths:
        if not os.path.lexists(root):
            raise SourceError(f"{printable(root)} does not exist.", "Check the path and try again.")
        for path in _files(root, skipped, seen):
            kind = _kind(path, limits, skipped)
            if kind == "pdf":
                name = printable(path.stem).strip() or "document"
                jobs.append(Job("pdf", (path,), name, printable(os.path.realpath(path))))
            elif kind == "pictures":
                pictures.setdefault((path.parent, picture_group(path)), []).append(path)
            elif kind == "xml":
                texts.append(path)
            elif kind is not None:
                jobs.extend(_in_archive(path, kind, skipped))
    claimed: set[object] = set()
    for job in _in_texts(texts, skipped):
        claimed.update(_identity(path) for path in job.paths)
        jobs.append(job)
    for (folder, group), members in pictures.items():
        members = [path for path in members if not claimed or _identity(path) not in claimed]
        if not members:
            continue
        place = printable(Path(os.path.realpath(folder)) / f"{group}*")
        jobs.append(Job("pictures", tuple(sorted(members, key=_natural)), group, place))
    jobs.sort(key=lambda job: _natural(job.paths[0]))
    return Discovery(tuple(_distinct(jobs)), tuple(skipped))


def _in_archive(path: Path, kind: str, skipped: list[Skip]) -> Iterator[Job]:
    """A job for each patent in a ZIP or tar."""
    try:
        survey = survey_archive(path, kind)
    except SourceError as error:
        skipped.append(Skip(printable(path), error.message))
        return
    for name, reason in survey.left_out:
        skipped.append(Skip(printable(path / name) if name else printable(path), reason))
    real = printable(os.path.realpath(path))
    for address in survey.addresses:
        name = printable(address.name)
        yield Job("xml", (path,), name.rsplit("/", 1)[-1], f"{real}/{name}", address)


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
            yield Job("xml", (path, *found), printable(path.stem), place, address)


def _names_in(folder: Path) -> dict[str, Path]:
    """The files in a folder by their names in lower case."""
    try:
        return {path.name.lower(): path for path in folder.iterdir() if path.is_file()}
    except OSError:
        return {}


def picture_group(path: Path) -> str:
    """The patent that a picture belongs to, by its name: number, prefix before a counter, or folder.

    `USD871717-20200107-D00002.png` and `USD871717_3.tif` belong to that publication; `mug_1.png`
    and `mug_2.png` to `mug`; `chair/front.png` and `chair/fig2.png` to `chair`.
    """
    stem = printable(path.stem).strip()
    folder = printable(path.parent.name or Path(os.path.realpath(path)).parent.name)
    if number := find_publication_number(stem):
        return str(number)
    if number := find_publication_number(folder):
        return str(number)
    prefix = stem
    if counted := _COUNTER.match(stem):
        prefix = counted["prefix"].strip("-_. ")
    words = [word for word in re.split(r"[-_. ]+", prefix.lower()) if word]
    if not words or all(word in _VIEWS or word.isdigit() for word in words):
        return folder or "pictures"
    return prefix


def content_key(job: Job, limits: Limits) -> str:
    """sha256 over the names and bytes of a job's files; raises SourceError when one cannot be read."""
    digest = hashlib.sha256()
    paths = job.paths
    if job.address and (job.address.document or job.address.length >= 0):
        digest.update(digest_of(paths[0], job.address))
        paths = paths[1:]
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
            children = sorted(path.iterdir(), key=_natural, reverse=True)
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
    """What a file is by its first bytes: a kind of job, `zip` or `tar`.

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
    if archive := archive_kind(head):
        return archive
    if looks_like_xml(head):
        return "xml"
    if status.st_size > limits.file_bytes:
        leave_out(too_large(path, limits))
        return None
    if b"%PDF-" in head:
        return "pdf"
    if media_type(head) != "application/octet-stream":
        return "pictures"
    named = path.suffix.lower()
    if head.startswith(_GZIP):
        leave_out("is a gzip archive; unpack it with gunzip: a plain tar or ZIP is read as it is")
        return None
    if named == ".pdf":
        leave_out("is named .pdf but holds no PDF")
    else:
        leave_out(f"is neither a PDF nor a picture nor a patent in XML ({named or 'no'} file)")
    return None


def _distinct(jobs: list[Job]) -> list[Job]:
    """Equal fallback ids of different places told apart by a short hash of the place."""
    counts: Counter[str] = Counter()
    distinct = []
    for job in jobs:
        counts[job.fallback_id] += 1
        if counts[job.fallback_id] > 1 and not find_publication_number(job.fallback_id):
            job = replace(job, fallback_id=other_id(job.fallback_id, job.place))
        distinct.append(job)
    return distinct


def other_id(patent_id: str, place: str) -> str:
    """An id of its own for a document of another place that would have the same one."""
    return f"{patent_id}~{hashlib.sha256(place.encode()).hexdigest()[:8]}"


def _natural(path: Path) -> tuple[tuple[str, int], ...]:
    """Sort key in which `fig10` comes after `fig9`."""
    parts = re.findall(r"(\D*)(\d{1,18})?", printable(path))
    return tuple((text, int(number or -1)) for text, number in parts)
