"""A backup in one file: a plain tar, written in one go and read in one go, member by member.

Only ordinary files under the names of the layout are read, of limited size, so that nothing in a
file can lead elsewhere or fill the memory.
"""

import contextlib
import hashlib
import os
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from ipatent.backup.layout import (
    MANIFEST,
    MOST_BLOCK_BYTES,
    MOST_OBJECT_BYTES,
    Block,
    Kind,
    Manifest,
    Tally,
    damaged,
    is_block,
    object_of,
    path_of,
)
from ipatent.backup.member import Member
from ipatent.errors import BackupProblem

_PIECE = 512
_END = bytes(2 * _PIECE)


class ArchiveTarget:
    """A tar file that appears under its name once it is complete; use it in a `with` statement.

    Raises BackupProblem when it is there already and is not to be replaced, or cannot be written.
    """

    def __init__(self, path: Path, replace: bool) -> None:
        if path.exists() and not replace:
            raise BackupProblem(f"{path} is there already.", "Name another file, or add --replace.")
        self._path = path
        self._beside = path.with_name(f".{path.name}.part")
        self._time = int(time.time())
        self.blocks: list[Block] = []
        self.written = 0
        with _told(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._beside.open("ab")
            _lock(self._file, self._beside)
            self._file.truncate(0)

    def put_block(self, path: str, content: bytes) -> None:
        """Write a block."""
        self.blocks.append(Block(path, hashlib.sha256(content).hexdigest(), len(content)))
        self._write(path, content)

    def wants(self, kind: Kind, name: str) -> bool:
        """Whether an object must be given: always here, where nothing is from an earlier backup."""
        return bool(kind and name)

    def put_object(self, kind: Kind, name: str, content: bytes) -> None:
        """Write an object."""
        self._write(path_of(kind, name), content)

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, and let the file appear under its name."""
        self._write(MANIFEST, manifest.to_json())
        with _told(self._path):
            self._file.write(_END)
            self._file.flush()
            os.fsync(self._file.fileno())
            self._beside.replace(self._path)
            with contextlib.suppress(OSError):  # not every system can flush a folder
                folder = os.open(self._path.parent, os.O_RDONLY)
                try:
                    os.fsync(folder)
                finally:
                    os.close(folder)

    def __enter__(self) -> "ArchiveTarget":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if error is not None:
            self._beside.unlink(missing_ok=True)

    def _write(self, path: str, content: bytes) -> None:
        header = tarfile.TarInfo(path)
        header.size, header.mtime, header.mode = len(content), self._time, 0o644
        with _told(self._path):
            self._file.write(header.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict"))
            self._file.write(content)
            self._file.write(bytes(-len(content) % _PIECE))
        self.written += len(content)


class ArchiveSource:
    """The members of a tar file, checked as they are read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.total = _size(path)
        """Bytes, for showing how far it is."""

    def members(self, progress: Callable[[int, int], None] | None = None) -> Iterator[Member | Manifest]:
        """All members in order, the manifest last, when all sums were found to be right.

        Raises BackupProblem for a file that is cut off, damaged, or no backup.
        """
        blocks: list[Block] = []
        tallies: dict[Kind, Tally] = {"objects": Tally(), "uploads": Tally()}
        with _told(self._path), self._path.open("rb") as file:
            while True:
                path, content = _next(file, self.total)
                if progress:
                    progress(file.tell(), self.total)
                if path == MANIFEST:
                    break
                if thing := object_of(path):
                    kind, name = thing
                    if hashlib.sha256(content).hexdigest() != name:
                        raise damaged(f"the bytes of {path} do not have the sum that is their name")
                    tallies[kind].add(name, len(content))
                    yield Member(path, content, kind, name)
                else:
                    blocks.append(Block(path, hashlib.sha256(content).hexdigest(), len(content)))
                    yield Member(path, content)
            rest = file.read(len(_END) + 1)
        if len(rest) < len(_END):
            raise incomplete()
        if rest != _END:
            raise damaged("something follows its manifest")
        manifest = Manifest.from_json(content)
        _compare(manifest, blocks, tallies)
        yield manifest


def _compare(manifest: Manifest, blocks: list[Block], tallies: dict[Kind, Tally]) -> None:
    for told, found in zip(manifest.blocks, blocks, strict=False):
        if told != found:
            raise damaged(f"{found.path} has another sum than the manifest says")
    if len(manifest.blocks) != len(blocks):
        raise damaged("it holds other blocks than its manifest names")
    if (manifest.objects, manifest.uploads) != (tallies["objects"].total(), tallies["uploads"].total()):
        raise damaged("it holds other drawings or pictures than its manifest counts")


def _next(file: BinaryIO, total: int) -> tuple[str, bytes]:
    """The next member's path and bytes, of a file of so many bytes."""
    first = file.tell() == 0
    piece = file.read(_PIECE)
    try:
        header = tarfile.TarInfo.frombuf(piece, "ascii", "strict")
    except (tarfile.HeaderError, ValueError):
        if first:
            raise BackupProblem(
                "This is no backup of iPatent.", "Name a file that ipatent backup made."
            ) from None
        if len(piece) < _PIECE or piece == bytes(_PIECE):
            raise incomplete() from None
        raise damaged("the head of a member cannot be read") from None
    path, size = header.name, header.size
    known = path == MANIFEST or is_block(path) or object_of(path)
    if header.type != tarfile.REGTYPE or not known:
        raise damaged(f"it holds {path[:80]!r}, which is no part of a backup")
    most = MOST_OBJECT_BYTES if object_of(path) else MOST_BLOCK_BYTES
    if not 0 <= size <= most:
        raise damaged(f"{path} is larger than any part of a backup")
    if size > total - file.tell():  # before room is made for it
        raise incomplete()
    content = file.read(size)
    padding = file.read(-size % _PIECE)
    if len(content) != size or len(padding) != -size % _PIECE:
        raise incomplete()
    if any(padding):
        raise damaged(f"there is something behind {path}")
    return path, content


def incomplete() -> BackupProblem:
    """The error for a backup without its end."""
    return BackupProblem(
        "The backup is not complete: its end is missing.",
        "Nothing was changed. Fetch it again, or use another one.",
    )


def _size(path: Path) -> int:
    with _told(path):
        return path.stat().st_size


def _lock(file: BinaryIO, path: Path) -> None:
    """Let no other process write the same backup."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Another process may have finished it since it was opened here: then it is the backup itself.
        ours = path.stat().st_ino == os.fstat(file.fileno()).st_ino
    except OSError:
        ours = False
    if not ours:
        file.close()
        raise BackupProblem(
            f"Another process is writing the same backup ({path}).",
            "Wait until it is done, or name another file.",
        )


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupProblem(
            f"{path} cannot be written or read: {error.strerror or error}.",
            "Check the path, the permissions and the space that is left.",
        ) from None


__all__ = ["ArchiveSource", "ArchiveTarget", "incomplete"]
