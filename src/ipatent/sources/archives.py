"""ZIP, tar and tar.gz archives as lists of what they hold: read member by member, never unpacked, bounded.

Names inside an archive are only keys: nothing is ever written under them. A ZIP inside an archive
is listed too, a ZIP inside that one is not.
"""

import errno
import io
import os
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from ipatent.errors import SourceError
from ipatent.sources.gunzip import GZIP, open_gunzipped

LARGEST_INNER = 256_000_000
"""Bytes of a compressed ZIP inside a ZIP, which is held in memory while it is read."""

_DIRECTORY = 64_000_000
"""Bytes of a ZIP's directory: some 500,000 members."""

_MEMBERS = 2_000_000
_FREE_EXPANSION = 16_000_000
_EXPANSION = 100
"""A member may expand to this many times its packed size, or to the bytes above without a question."""

# What the readers of the standard library answer to damaged and hostile directories.
_DAMAGE = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, struct.error, ValueError, LookupError)
_SURPRISES = (OverflowError, NotImplementedError)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file inside an archive and the bytes that hold it; reading it needs no directory again."""

    name: str
    """The path inside the archive, with slashes."""
    offset: int
    """Of its bytes in a tar; of its local header in a ZIP; counted in the archive file."""
    packed: int
    size: int
    mark: int
    """CRC-32 in a ZIP; in a tar, which has none, the time of change."""
    zipped: bool = True
    deflated: bool = False
    problem: str = ""
    """Why it cannot be read, or empty."""

    @property
    def base(self) -> str:
        """The last part of the name."""
        return self.name.rsplit("/", 1)[-1]

    @property
    def folder(self) -> str:
        """The name without its last part, with the slash; empty at the top."""
        return self.name[: len(self.name) - len(self.base)]

    @property
    def stem(self) -> str:
        """The last part of the name without its extension."""
        return self.base.rpartition(".")[0] or self.base

    @property
    def suffix(self) -> str:
        """The extension in lower case, with its dot."""
        return "." + self.base.rpartition(".")[2].lower() if "." in self.base else ""


class Window(io.RawIOBase):
    """A part of a file as a file of its own, read only."""

    def __init__(self, file: "IO[bytes] | io.RawIOBase", start: int, length: int) -> None:
        self._file = file
        self._start = start
        self._length = length
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._length}[whence]
        if base + offset < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._at = base + offset
        return self._at

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        wanted = min(len(buffer), max(self._length - self._at, 0))
        self._file.seek(self._start + self._at)
        data = self._file.read(wanted) or b""
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


class GunzippedArchive(io.BufferedReader):
    """A compressed tar, unpacked as it is read: going far back in it is dear, and its end not known."""


class _Headers:
    """A file whose single reads are small, so that no header of a tar can ask for much memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek = file.seek
        self.tell = file.tell

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= 1 << 20:
            raise SourceError("has a header of absurd length")
        return self._file.read(size)


def archive_kind(head: bytes) -> str:
    """`zip`, `tar`, or empty, by the first 1,024 bytes of a file, unpacked where it is gzip."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    return "tar" if head[257:262] == b"ustar" else ""


def gunzipped_head(path: Path) -> bytes:
    """The first 1,024 bytes inside a gzip file; raises SourceError when they cannot be read."""
    try:
        stream = open_gunzipped(path)
        stream.seek(0)
        return io.BufferedReader(Window(stream, 0, 1024)).read()
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror or error}") from None


def entries_in(file: IO[bytes], kind: str) -> Iterator[Entry]:
    """The files in a ZIP or tar, in the order of its directory, one by one as a tar is gone through.

    Folders and links are left out. Of a tar that is damaged or cut short, what lies before the
    damage is given. Raises SourceError then, and where more is listed than can be real. The file
    may be read elsewhere in between.
    """
    try:
        yield from _list_tar(file) if kind == "tar" else _list_zip(file)
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror or error}") from None
    except (*_DAMAGE, *_SURPRISES) as error:
        raise SourceError(f"is a damaged or truncated {kind.upper()} archive ({error})") from None


def list_archive(file: IO[bytes], kind: str) -> tuple[list[Entry], str]:
    """All that `entries_in` gives, and what is wrong with the archive, or nothing.

    Raises SourceError where it gives nothing but an error.
    """
    found: list[Entry] = []
    try:
        for entry in entries_in(file, kind):
            found.append(entry)
    except SourceError as error:
        if not found:
            raise
        return found, error.message
    return found, ""


def list_inner(file: IO[bytes], inner: Entry) -> tuple[list[Entry], IO[bytes] | None]:
    """The files in a ZIP that is itself a member, and the file in memory that they are read from.

    A ZIP that lies uncompressed in its archive is read in place: offsets count from the archive,
    and the second value is None. Raises SourceError as `list_archive` does.
    """
    if inner.problem:
        raise SourceError(inner.problem)
    if inner.deflated or isinstance(file, GunzippedArchive):
        unpacked = io.BytesIO(read_entry(file, inner, LARGEST_INNER))
        return list_archive(unpacked, "zip")[0], unpacked
    start = _data_start(file, inner)
    found, _ = list_archive(io.BufferedReader(Window(file, start, inner.size)), "zip")
    return [replace(entry, offset=entry.offset + start) for entry in found], None


def read_entry(file: IO[bytes], entry: Entry, most: int) -> bytes:
    """The bytes of a member of at most `most` bytes.

    Raises SourceError when it is encrypted, damaged, cut short, or larger than it says or may be.
    """
    if entry.size > most:
        raise SourceError(
            f"is larger than the limit of {most:,} bytes ({entry.size:,}); raise it with the setting"
            " max_file_bytes"
        )
    with open_entry(file, entry) as stream:
        data = stream.read(entry.size + 1)
    if len(data) != entry.size:
        raise SourceError("is cut short inside its archive, or longer than its directory says")
    if entry.zipped and zlib.crc32(data) != entry.mark:
        raise SourceError("is damaged inside its archive: its checksum is wrong")
    return data


def open_entry(file: IO[bytes], entry: Entry) -> IO[bytes]:
    """A member as a stream, unpacked as it is read; raises SourceError when it cannot be."""
    if entry.problem:
        raise SourceError(entry.problem)
    window = Window(file, _data_start(file, entry), entry.packed)
    if entry.deflated:
        return io.BufferedReader(_Inflated(window, entry.size))
    return io.BufferedReader(window)


def open_within(path: Path, inner: Entry | None) -> IO[bytes]:
    """The archive file that offsets of entries count in: the file, or a compressed ZIP inside it.

    A file packed by gzip is unpacked as it is read. Raises SourceError when it cannot be read.
    """
    file: IO[bytes]
    try:
        file = path.open("rb")
        packed = file.read(2) == GZIP
        file.seek(0)
        if packed:
            file.close()
            file = GunzippedArchive(Window(open_gunzipped(path), 0, 1 << 62))
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror or error}") from None
    if inner is None:
        return file
    with file:
        return io.BytesIO(read_entry(file, inner, LARGEST_INNER))


class _Inflated(io.RawIOBase):
    """A deflated member, unpacked as far as it is read and never beyond the size it states."""

    def __init__(self, packed: io.RawIOBase, size: int) -> None:
        self._packed = packed
        self._left = size + 1  # one byte more shows that a member is longer than it states
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self._waiting = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        wanted = min(len(buffer), self._left)
        while wanted and not self._inflate.eof:
            data = self._waiting or self._packed.read(1 << 16) or b""
            if not data:
                raise SourceError("is cut short inside its archive")
            try:
                out = self._inflate.decompress(data, wanted)
            except zlib.error as error:
                raise SourceError(f"is damaged inside its archive ({error})") from None
            self._waiting = self._inflate.unconsumed_tail
            if out:
                buffer[: len(out)] = out
                self._left -= len(out)
                return len(out)
        return 0


def _data_start(file: IO[bytes], entry: Entry) -> int:
    if not entry.zipped:
        return entry.offset
    file.seek(max(entry.offset, 0))
    header = file.read(30) if entry.offset >= 0 else b""
    if len(header) < 30 or not header.startswith(b"PK\x03\x04"):
        raise SourceError("is not where the directory of its archive says; the archive is damaged")
    name, extra = struct.unpack("<HH", header[26:30])
    return entry.offset + 30 + int(name) + int(extra)


def _list_zip(file: IO[bytes]) -> Iterator[Entry]:
    _check_directory(file)
    with zipfile.ZipFile(file) as archive:
        infos = archive.infolist()
        archive.NameToInfo.clear()
        # What was given is let go, so that a long directory is never held twice.
        infos.reverse()
        while infos:
            info = infos.pop()
            if not info.is_dir():
                yield _of_zip(info)


def _check_directory(file: IO[bytes]) -> None:
    """Refuses a directory too large to hold in memory before it is read."""
    length = file.seek(0, os.SEEK_END)
    # An archive without a comment, as nearly all are, ends with the record: no need to read more.
    for longest in (1_000, 66_000):
        file.seek(max(length - longest, 0))
        tail = file.read(longest)
        end = tail.rfind(b"PK\x05\x06")
        if end == len(tail) - 22:
            break
    if end < 0 or len(tail) < end + 22:
        raise SourceError("is a ZIP archive without a directory at its end: it is truncated; copy it again")
    size = int(struct.unpack_from("<I", tail, end + 12)[0])
    if size == 0xFFFFFFFF and end >= 20 and tail[end - 20 : end - 16] == b"PK\x06\x07":
        file.seek(struct.unpack_from("<Q", tail, end - 12)[0])
        record = file.read(56)
        size = int(struct.unpack_from("<Q", record, 40)[0])
    if size > _DIRECTORY:
        raise SourceError(f"is a ZIP archive with a directory of {size:,} bytes, more than can be real")


def _of_zip(info: zipfile.ZipInfo) -> Entry:
    problem = ""
    if info.flag_bits & 0x1:
        problem = "is encrypted; unpack the archive with its password and ingest the folder"
    elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        problem = f"is packed by a method not read here ({info.compress_type}); unpack the archive"
    elif info.file_size > _FREE_EXPANSION and info.file_size > _EXPANSION * info.compress_size:
        problem = (
            f"would expand from {info.compress_size:,} to {info.file_size:,} bytes,"
            f" more than {_EXPANSION} times; that is refused"
        )
    deflated = info.compress_type == zipfile.ZIP_DEFLATED
    name = info.filename.replace("\\", "/")
    return Entry(
        name,
        info.header_offset,
        info.compress_size,
        info.file_size,
        info.CRC,
        deflated=deflated,
        problem=problem,
    )


def _list_tar(file: IO[bytes]) -> Iterator[Entry]:
    length = 1 << 62 if isinstance(file, GunzippedArchive) else file.seek(0, os.SEEK_END)
    file.seek(0)
    count = 0
    with tarfile.open(fileobj=_Headers(file), mode="r:") as archive:  # type: ignore[call-overload]
        while info := archive.next():
            archive.members = []  # which would grow with the archive
            count += 1
            if count > _MEMBERS:
                raise SourceError(f"is a tar archive of more than {_MEMBERS:,} members, which is refused")
            if not info.isreg() or info.issparse():
                continue
            problem = "" if info.offset_data + info.size <= length else "is cut off where the archive ends"
            yield Entry(
                info.name,
                info.offset_data,
                info.size,
                info.size,
                int(info.mtime),
                zipped=False,
                problem=problem,
            )
        end = archive.offset
    file.seek(min(end, length))
    if file.read(512).strip(b"\0"):
        raise SourceError(f"is a damaged tar archive: what follows its first {count:,} members is no member")
