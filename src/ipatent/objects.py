"""Objects: bytes kept under the sha256 of their content, in a folder or in an S3 bucket."""

import hashlib
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import obstore
from obstore import exceptions
from obstore.store import LocalStore, ObjectStore, from_url

from ipatent.errors import IndexProblem, NotFound

_NAME = re.compile(r"[0-9a-f]{64}")
_NO_ROOM = ("no space left", "os error 28", "quota exceeded", "os error 122", "file too large", "os error 27")
_NOT_ALLOWED = ("permission denied", "os error 13", "not permitted", "read-only file system", "os error 30")
_NEARLY_FULL = 1_000_000


@dataclass(frozen=True, slots=True)
class Stored:
    """An object that is there: its name, its bytes, and when it was written, in seconds since 1970."""

    name: str
    size: int
    written: float


class Objects:
    """A store of bytes by content hash; safe to use from several threads and processes.

    An object is whole or absent: it is written beside its place and moved there. The name of an
    object is the sha256 of its bytes, 64 lower-case hexadecimal digits; any other name raises
    NotFound, so a name that comes from a URL can never lead out of the store.
    """

    def __init__(self, store: ObjectStore, place: str) -> None:
        self._store = store
        self._place = place

    @classmethod
    def open(cls, place: str | Path) -> "Objects":
        """The store at a folder (made when absent) or a URL (`s3://bucket/prefix`, `memory:///`).

        Raises IndexProblem when the folder cannot be used or the URL is not understood.
        """
        if "://" in str(place):
            try:
                return cls(from_url(str(place)), str(place))
            except (exceptions.BaseError, ValueError) as error:
                raise IndexProblem(
                    f"{place} is not a place for objects: {_first_line(error)}.",
                    "Name a folder, or a URL such as s3://bucket/prefix.",
                ) from None
        folder = Path(place).expanduser().absolute()
        with _problems(str(folder)):
            folder.mkdir(parents=True, exist_ok=True)
            return cls(LocalStore(prefix=folder), str(folder))

    @property
    def folder(self) -> Path | None:
        """The folder that the objects lie in; None where they lie elsewhere."""
        return None if "://" in self._place else Path(self._place)

    def put(self, content: bytes) -> str:
        """Keep `content`; its name. Content that is there already costs one look.

        Raises IndexProblem when the disk is full or the place cannot be written to.
        """
        name = hashlib.sha256(content).hexdigest()
        if not self.exists(name):
            with _problems(self._place):
                obstore.put(self._store, _path(name), content)
        return name

    def get(self, name: str) -> bytes:
        """The bytes kept under `name`. Raises NotFound."""
        with _problems(self._place, name):
            return bytes(obstore.get(self._store, _path(name)).bytes())

    def exists(self, name: str) -> bool:
        """Whether there are bytes under `name`."""
        try:
            self.size(name)
        except NotFound:
            return False
        return True

    def size(self, name: str) -> int:
        """How many bytes are kept under `name`. Raises NotFound."""
        with _problems(self._place, name):
            return int(obstore.head(self._store, _path(name))["size"])

    def delete(self, name: str) -> None:
        """Forget the bytes under `name`. Raises NotFound."""
        self.size(name)  # S3 deletes what is absent without a word
        with _problems(self._place, name):
            obstore.delete(self._store, _path(name))

    def each(self) -> Iterator[Stored]:
        """All objects that are there, in no order, listed page by page; other files are left out."""
        with _problems(self._place):
            for page in obstore.list(self._store):
                for one in page:
                    name = one["path"].rpartition("/")[2]
                    if _NAME.fullmatch(name) and one["path"] == _path(name):
                        yield Stored(name, int(one["size"]), one["last_modified"].timestamp())


def _path(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise NotFound(f"{name[:80]!r} is not the name of an object.", "Names are 64 hexadecimal digits.")
    return f"{name[:2]}/{name[2:4]}/{name}"


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0].rstrip(".")


@contextmanager
def _problems(place: str, name: str = "") -> Iterator[None]:
    try:
        yield
    except (exceptions.NotFoundError, FileNotFoundError):
        if name:
            raise NotFound(
                f"There is no object {name}.", "It may have been deleted; ingest it again."
            ) from None
        raise IndexProblem(
            f"The object folder {place} is gone.", "Put it back, or start again to have it made anew."
        ) from None
    except (exceptions.BaseError, OSError) as error:
        raise _translated(error, place) from None


def _translated(error: Exception, place: str) -> IndexProblem:
    reason = _first_line(error)
    text = str(error).lower()
    if any(sign in text for sign in _NO_ROOM) or _is_full(place):
        return IndexProblem(
            f"The disk is full: nothing more can be written to {place}.",
            "Free some space, or move the data folder to a larger disk; what was stored before is unharmed.",
        )
    if isinstance(error, exceptions.PermissionDeniedError | exceptions.UnauthenticatedError) or any(
        sign in text for sign in _NOT_ALLOWED
    ):
        return IndexProblem(
            f"The object store {place} cannot be used: permission denied.",
            "Give this user the right to read and write there, or name another data folder with --data.",
        )
    return IndexProblem(
        f"The object store {place} cannot be used: {reason}.",
        "Check that it is a folder on a healthy disk, or a bucket that can be reached.",
    )


def _is_full(place: str) -> bool:
    if "://" in place:
        return False
    try:
        return shutil.disk_usage(place).free < _NEARLY_FULL
    except OSError:
        return False
