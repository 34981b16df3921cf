"""Patents where offices deliver them: XML loose or many in one file; in archives also PDFs and pictures."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Literal

from ipatent.errors import SourceError
from ipatent.sources import Document, Limits
from ipatent.sources.archives import Entry, open_entry, open_within, read_entry
from ipatent.sources.documents import DRAWINGS, is_patent_root, read_document
from ipatent.sources.images import read_picture_files
from ipatent.sources.markup import LONGEST_DOCUMENT, Piece, pieces, root_name
from ipatent.sources.pdf import read_pdf
from ipatent.sources.shards import Range, read_samples
from ipatent.sources.uspto_fields import sheets_of

NO_PATENT = (
    "is XML, but no patent in a form that is read here (USPTO, EPO, and offices that follow ST.36 or ST.96)"
)

_NO_SHEET = re.compile(r"-[A-CE-Z]\d{4,6}\.\w+$", re.IGNORECASE)

AddressKind = Literal["xml", "pdf", "pictures", "samples"]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a patent stands: in an archive, or among others in one file; with its pictures.

    XML without `document` is a plain file. `start` and `length` say which part of the file it is;
    a length of -1 means the whole. A PDF has only `document`, pictures alone only `pictures`,
    samples of a shard only `samples`.
    """

    name: str = ""
    """The path inside the archive, as shown to the user."""
    document: Entry | None = None
    pictures: tuple[Entry, ...] = ()
    inner: Entry | None = None
    """The compressed ZIP inside the archive that the entries count from, if any."""
    start: int = 0
    length: int = -1
    kind: AddressKind = "xml"
    group: str = ""
    """Of pictures and samples: the patent that they belong to by their names."""
    samples: tuple[Range, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One document met in a file of XML: where it stands and the picture files that it names."""

    start: int
    length: int
    pictures: tuple[str, ...]
    """All picture files that it names: drawings, formulas, chemical structures."""
    drawings: tuple[str, ...]
    known: bool
    """Whether it is a patent in a form that is read here."""
    too_long: bool


def looks_like_xml(head: bytes) -> bool:
    """Whether a file that begins like this is XML."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"<?xml", b"<!DOCTYPE")):
        return True
    return start.startswith(b"<") and is_patent_root(root_name(start[:200]))


def survey_xml(stream: IO[bytes]) -> list[Part]:
    """The documents in a stream of XML, in order; only one is held in memory at a time."""
    return [_part_of(piece) for piece in pieces(stream)]


def _part_of(piece: Piece) -> Part:
    pictures = tuple(name for name in piece.files if name.lower().endswith(DRAWINGS))
    drawings = sheets_of(name for name in pictures if not _NO_SHEET.search(name))
    known = piece.data is not None and is_patent_root(root_name(piece.data))
    return Part(piece.start, piece.length, pictures, drawings, known, piece.data is None)


def worth_reading(
    parts: list[Part], at_hand: Callable[[tuple[str, ...]], object], where: str
) -> tuple[list[Part], list[str]]:
    """The parts to read, and the reasons for which the others are left out, counted.

    A document that stands alone in its file is read even where it lacks its drawings, so that what
    is missing is told by its number.
    """
    if len(parts) == 1:
        (only,) = parts
        if only.too_long:
            return [], [f"is longer than the limit of {LONGEST_DOCUMENT:,} bytes for one patent"]
        return ([only], []) if only.known else ([], [NO_PATENT])
    chosen: list[Part] = []
    counts: Counter[str] = Counter()
    for part in parts:
        if part.too_long:
            counts[f"longer than the limit of {LONGEST_DOCUMENT:,} bytes for one patent"] += 1
        elif not part.known:
            counts["not patents in a form that is read here"] += 1
        elif not part.drawings:
            counts["patents that name no drawings"] += 1
        elif at_hand(part.drawings):
            chosen.append(part)
        else:
            counts[f"patents whose drawings are not {where}"] += 1
    reasons = [
        f"{count:,} of the {len(parts):,} documents in this file are {what}" for what, count in counts.items()
    ]
    return chosen, reasons or ([] if parts else ["is empty"])


def read_at(paths: tuple[Path, ...], address: Address, limits: Limits) -> Document:
    """The patent at an address; `paths` are the file and, beside it, its pictures.

    Raises SourceError as the reader of its kind does, and where the file cannot be read.
    """
    path = paths[0]
    if address.kind == "samples":
        return read_samples(paths, address.samples, address.group, limits)
    if address.kind == "xml" and address.document is None:
        pictures = {one.name.lower(): partial(_bytes_of, one, limits.file_bytes) for one in paths[1:]}
        return read_document(document_bytes(path, address), str(path), pictures, "beside it", limits)
    # A compressed archive inside the archive is unpacked once and kept while the patent is read.
    unpacked = open_within(path, address.inner) if address.inner else None

    def read(entry: Entry) -> bytes:
        if unpacked:
            return read_entry(unpacked, entry, limits.file_bytes)
        with open_within(path, None) as file:
            return read_entry(file, entry, limits.file_bytes)

    source = f"{path}/{address.name}"
    document = address.document
    if document is None:
        files = [(entry.base, partial(read, entry)) for entry in address.pictures]
        return read_picture_files(files, address.group, source, limits)
    if address.kind == "pdf":
        return read_pdf(Path(document.base), limits, data=read(document), source=source)
    ordered = sorted(address.pictures, key=lambda entry: entry.folder == document.folder)
    inside = {entry.base.lower(): partial(read, entry) for entry in ordered}
    return read_document(document_bytes(path, address), source, inside, "in the archive", limits)


def document_bytes(path: Path, address: Address) -> bytes:
    """The XML of one patent; raises SourceError when it cannot be read or is longer than the limit."""
    try:
        with open_within(path, address.inner) as file:
            if address.document is None:
                return _part(file, address)
            if address.length < 0:
                return read_entry(file, address.document, LONGEST_DOCUMENT)
            with open_entry(file, address.document) as stream:
                return _part(stream, address)
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror or error}") from None


def _part(stream: IO[bytes], address: Address) -> bytes:
    if stream.seekable():
        stream.seek(address.start)
    else:
        left = address.start
        while left and (skipped := len(stream.read(min(left, 1 << 20)))):
            left -= skipped
    data = stream.read(address.length if address.length >= 0 else LONGEST_DOCUMENT + 1)
    if len(data) > LONGEST_DOCUMENT:
        raise SourceError(f"is longer than the limit of {LONGEST_DOCUMENT:,} bytes for one patent")
    return data


def _bytes_of(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise SourceError(f"It cannot be read: {error.strerror or error}.") from None
    if len(data) > most:
        raise SourceError(f"It is larger than the limit of {most:,} bytes.")
    return data


def digest_of(path: Path, address: Address) -> bytes:
    """sha256 over what an archive's directory says of a patent and its pictures, without reading those.

    A tar has no checksums: there the bytes of the XML count too. Raises SourceError when they
    cannot be read.
    """
    digest = hashlib.sha256()
    document = address.document
    if address.kind == "xml" and (document is None or not document.zipped or address.length >= 0):
        digest.update(document_bytes(path, address))
    for entry in (document, *address.pictures):
        if entry is not None:
            digest.update(f"{entry.base}\0{entry.size}\0{entry.mark}\n".encode("utf-8", "surrogateescape"))
    return digest.digest()
