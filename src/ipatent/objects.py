"""Objects: bytes kept under the sha256 of their content, in a folder or in an S3 bucket."""

import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import obstore
from obstore import exceptions
from obstore.store import LocalStore, ObjectStore, S3Store, from_url

from ipatent.bucket import Bucket, Unreachable, names_no_bucket, problem_of
from ipatent.errors import IndexProblem, NotFound
from ipatent.pictures import media_type

if TYPE_CHECKING:
    from obstore import Attributes, GetResult

Given = TypeVar("Given")
Got = TypeVar("Got")

FOR_EVER = "public, max-age=31536000, immutable"
"""How long a picture may be kept by whoever got it: its name is its content."""

_NAME = re.compile(r"[0-9a-f]{64}")
_LABEL = re.compile(r"[a-z]{1,20}")
_NO_ROOM = ("no space left", "os error 28", "quota exceeded", "os error 122", "file too large", "os error 27")
_NOT_ALLOWED = ("permission denied", "os error 13", "not permitted", "read-only file system", "os error 30")
_NEARLY_FULL = 1_000_000
_AT_ONCE = 8
"""Objects of one call that travel to or from a bucket at the same time."""
_PART = 8_000_000
"""Bytes of a part; what is larger goes to a bucket in parts."""
_PARTS_AT_ONCE = 3
_CHUNK = 256_000
_STILL_DOWN = 2.0
"""Seconds after an outage was met in which nobody else waits for the same."""
_DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class Stored:
    """An object that is there: its name, its bytes, and when it was written, in seconds since 1970."""

    name: str
    size: int
    written: float


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """An object on its way: `size` is that of the whole; `chunks` raise IndexProblem when it breaks off."""

    size: int
    chunks: Iterator[bytes]


class Objects:
    """A store of bytes by content hash; safe to use from several threads and processes.

    An object is whole or absent: it is written beside its place and moved there. The name of an
    object is the sha256 of its bytes, 64 lower-case hexadecimal digits; any other name raises
    NotFound, so a name that comes from a URL can never lead out of the store.
    """

    def __init__(self, store: ObjectStore, place: str, bucket: Bucket | None = None) -> None:
        self._store = store
        self._place = place
        self._bucket = bucket
        self._linking: S3Store | None = None
        self._outage: tuple[float, Unreachable] | None = None

    @classmethod
    def open(cls, place: str | Path | Bucket) -> "Objects":
        """The store at a folder (made when absent), in a bucket, or at a URL (`memory:///`).

        A bucket is not asked for anything yet. Raises IndexProblem when the folder cannot be used or
        the URL is not understood, and SettingsError where there is no usable key for a bucket.
        """
        if str(place).startswith("s3://"):
            place = Bucket(str(place))
        if isinstance(place, Bucket):
            return cls(place.store(), place.url, place)
        if "://" in str(place):
            try:
                return cls(from_url(str(place)), str(place))
            except (exceptions.BaseError, ValueError) as error:
                raise IndexProblem(
                    f"{place} is not a place for objects: {_first_line(error)}.",
                    "Name a folder, or a URL such as s3://bucket/prefix.",
                ) from None
        folder = Path(place).expanduser().absolute()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return cls(LocalStore(prefix=folder), str(folder))
        except (exceptions.BaseError, OSError) as error:
            raise _translated(error, str(folder)) from None

    @property
    def place(self) -> str:
        """Where the objects lie, for messages."""
        return self._place

    @property
    def folder(self) -> Path | None:
        """The folder that the objects lie in; None where they lie elsewhere."""
        return None if "://" in self._place else Path(self._place)

    def check(self) -> None:
        """Ask the store for something small. Raises IndexProblem with the reason where it cannot be used."""
        with self._problems():
            for _ in obstore.list(self._store, chunk_size=1):
                return

    def put(self, content: bytes) -> str:
        """Keep `content`; its name. Content that is there already costs one look.

        Raises IndexProblem when the disk is full or the place cannot be written to.
        """
        name = hashlib.sha256(content).hexdigest()
        if not self.exists(name):
            self._put(_path(name), content)
        return name

    def put_all(self, contents: Sequence[bytes]) -> list[str]:
        """Keep several; their names, in the same order. As `put`, some at once where that is quicker."""
        return self._each(self.put, contents)

    def get(self, name: str) -> bytes:
        """The bytes kept under `name`. Raises NotFound."""
        with self._problems(name):
            return bytes(obstore.get(self._store, _path(name)).bytes())

    def get_all(self, names: Sequence[str]) -> list[bytes]:
        """The bytes of several, in the same order. Raises NotFound."""
        return self._each(self.get, names)

    def read(self, name: str, first: int = 0, last: int | None = None) -> Content:
        """The bytes from `first` to `last`, both included, piece by piece. Raises NotFound.

        Both must lie within the object; without `last` they reach to its end.
        """
        with self._problems(name):
            if last is not None:
                found = obstore.get(self._store, _path(name), options={"range": (first, last + 1)})
            elif first:
                found = obstore.get(self._store, _path(name), options={"range": {"offset": first}})
            else:
                found = obstore.get(self._store, _path(name))
            return Content(int(found.meta["size"]), self._chunks(found, name))

    def exists(self, name: str) -> bool:
        """Whether there are bytes under `name`."""
        try:
            self.size(name)
        except NotFound:
            return False
        return True

    def size(self, name: str) -> int:
        """How many bytes are kept under `name`. Raises NotFound."""
        return self.look_up(name).size

    def look_up(self, name: str) -> Stored:
        """What is known of the object without fetching it. Raises NotFound."""
        with self._problems(name):
            found = obstore.head(self._store, _path(name))
            return Stored(name, int(found["size"]), found["last_modified"].timestamp())

    def delete(self, name: str) -> None:
        """Forget the bytes under `name`. Raises NotFound."""
        self.size(name)  # S3 deletes what is absent without a word
        with self._problems(name):
            obstore.delete(self._store, _path(name))

    def each(self) -> Iterator[Stored]:
        """All objects that are there, in no order, listed page by page; other files are left out."""
        with self._problems():
            for page in obstore.list(self._store):
                for one in page:
                    name = one["path"].rpartition("/")[2]
                    if _NAME.fullmatch(name) and one["path"] == _path(name):
                        yield Stored(name, int(one["size"]), one["last_modified"].timestamp())

    def touch(self, name: str) -> None:
        """Let the object count as written just now, to the day; a name that is not there is no error."""
        if not _NAME.fullmatch(name):
            return
        if (folder := self.folder) is not None:
            with suppress(OSError):
                os.utime(folder / _path(name))
            return
        with suppress(NotFound):
            if self.look_up(name).written < time.time() - _DAY:
                self._put(_path(name), self.get(name))  # S3 knows no other way

    def put_first(self, label: str, content: bytes) -> bytes:
        """Keep `content` under a word of the store's own unless something is there; what is there then."""
        if not _LABEL.fullmatch(label):
            raise ValueError(label)
        with self._problems(), suppress(FileNotFoundError, exceptions.NotFoundError):
            return bytes(obstore.get(self._store, label).bytes())
        with self._problems():
            with suppress(exceptions.AlreadyExistsError, exceptions.PreconditionError):
                obstore.put(self._store, label, content, mode="create")
            # Read again: a server that knows no conditions lets the last of several writers win.
            return bytes(obstore.get(self._store, label).bytes())

    def link(self, name: str, seconds: int) -> str | None:
        """An address of the object in its bucket that anybody may fetch for a while; None in a folder.

        Nobody looks whether the object is there. Raises NotFound for what is no name.
        """
        path = _path(name)
        if self._bucket is None:
            return None
        with self._problems():
            if self._linking is None:
                self._linking = self._bucket.as_linked().store()
            return obstore.sign(self._linking, "GET", path, timedelta(seconds=seconds))

    @property
    def link_origin(self) -> str:
        """What links begin with: scheme, host and port; empty in a folder."""
        return self._bucket.link_origin if self._bucket else ""

    def _put(self, path: str, content: bytes) -> None:
        with self._problems():
            if self._bucket is None:
                obstore.put(self._store, path, content)
                return
            told: Attributes = {"Content-Type": media_type(content), "Cache-Control": FOR_EVER}
            try:
                obstore.put(
                    self._store,
                    path,
                    content,
                    attributes=told,
                    use_multipart=len(content) > _PART,
                    chunk_size=_PART,
                    max_concurrency=_PARTS_AT_ONCE,
                )
            except FileNotFoundError as error:  # a put misses nothing but its bucket
                raise problem_of(error, self._bucket) from None

    def _each(self, call: Callable[[Given], Got], given: Sequence[Given]) -> list[Got]:
        if self._bucket is None or len(given) < 2:
            return [call(one) for one in given]
        with ThreadPoolExecutor(min(_AT_ONCE, len(given)), "objects") as pool:
            return list(pool.map(call, given))

    def _chunks(self, found: "GetResult", name: str) -> Iterator[bytes]:
        with self._problems(name):
            for chunk in found.stream(_CHUNK):
                yield bytes(chunk)

    @contextmanager
    def _problems(self, name: str = "") -> Iterator[None]:
        outage = self._outage
        if outage and time.monotonic() < outage[0]:
            raise Unreachable(outage[1].message, outage[1].advice)
        try:
            yield
        except (exceptions.NotFoundError, FileNotFoundError) as error:
            if self._bucket and names_no_bucket(error):
                raise problem_of(error, self._bucket) from None
            if name:
                raise NotFound(
                    f"There is no object {name}.", "It may have been deleted; ingest it again."
                ) from None
            raise IndexProblem(
                f"The object folder {self._place} is gone.",
                "Put it back, or start again to have it made anew.",
            ) from None
        except (exceptions.BaseError, OSError) as error:
            if self._bucket is None:
                raise _translated(error, self._place) from None
            problem = problem_of(error, self._bucket)
            if isinstance(problem, Unreachable):
                self._outage = (time.monotonic() + _STILL_DOWN, problem)
            raise problem from None


def copy_all(
    old: Objects, new: Objects, wanted: Iterable[str], progress: Callable[[int], None] | None = None
) -> int:
    """Bring objects from one store to another; how many were not there yet.

    A few at a time, so memory stays bounded; a run that breaks off goes on. Raises NotFound for a name
    that the old store does not hold, before more is copied.
    """
    done = copied = 0
    waiting: list[str] = []

    def bring(name: str) -> bool:
        if new.exists(name):
            return False
        new.put(old.get(name))
        return True

    def empty() -> None:
        nonlocal done, copied
        with ThreadPoolExecutor(_AT_ONCE, "objects") as pool:
            copied += sum(pool.map(bring, waiting))
        done += len(waiting)
        waiting.clear()
        if progress:
            progress(done)

    for name in wanted:
        waiting.append(name)
        if len(waiting) == _AT_ONCE * 8:
            empty()
    if waiting:
        empty()
    return copied


def _path(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise NotFound(f"{name[:80]!r} is not the name of an object.", "Names are 64 hexadecimal digits.")
    return f"{name[:2]}/{name[2:4]}/{name}"


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0].rstrip(".")


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
