"""What print was read as before, by the content of its pixels: the same picture is not read by OCR twice."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

from ipatent.sqlite_files import write_ahead

Task = TypeVar("Task")
Result = TypeVar("Result")

FILE_NAME = "print.sqlite"
"""The cache in a data folder; it may be deleted at any time."""

LARGEST = 256_000_000
"""Bytes of the file; beyond, what was stored first is dropped."""

_DROPPED = 0.25
_UNWRITTEN = 200
_CHECKED = 1_000
"""Rows written between two looks at the size."""


class PrintCache:
    """Readings by key, in an SQLite file that several processes may use at once.

    It never raises: a file that is damaged is made anew, and where it cannot be used at all,
    nothing is found in it and nothing kept.
    """

    def __init__(self, path: Path, largest: int = LARGEST) -> None:
        self._path = path
        self._largest = largest
        self._file: sqlite3.Connection | None = None
        self._usable = True
        self._new: dict[bytes, str] = {}
        self._written = 0

    def get(self, key: bytes) -> Any | None:
        """What was put under the key, or None."""
        text = self._new.get(key)
        if text is None:
            query = "SELECT value FROM print WHERE key = ?"
            found = self._attempt(lambda file: file.execute(query, (key,)).fetchone())
            text = found[0] if found else None
        with suppress(TypeError, ValueError):
            return None if text is None else json.loads(text)
        return None

    def put(self, key: bytes, value: Any) -> None:
        """Keep something that JSON can hold."""
        self._new[key] = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        if len(self._new) >= _UNWRITTEN:
            self.write()

    def write(self) -> None:
        """Write what is not yet written."""
        if self._new:
            self._attempt(self._insert)
            self._new = {}

    def _insert(self, file: sqlite3.Connection) -> None:
        file.execute("BEGIN IMMEDIATE")
        file.executemany("INSERT OR REPLACE INTO print (key, value) VALUES (?, ?)", self._new.items())
        self._written += len(self._new)
        if self._written >= _CHECKED:
            self._written = 0
            _drop_oldest(file, self._largest)
        file.execute("COMMIT")

    def close(self) -> None:
        """Write what is not yet written, and close the file."""
        self.write()
        if self._file:
            self._file.close()
            self._file = None

    def _attempt(self, action: Callable[[sqlite3.Connection], Result]) -> Result | None:
        """What an action on the file gives; None where the file cannot be used."""
        try:
            if self._file is None and self._usable:
                self._file = _opened(self._path)
            return action(self._file) if self._file else None
        except sqlite3.OperationalError:  # locked for long, read-only, or the disk is full
            self._give_up(for_good=True)
        except sqlite3.DatabaseError:  # damaged: it is opened anew the next time
            self._give_up(for_good=False)
            _remove(self._path)
        return None

    def _give_up(self, for_good: bool) -> None:
        self._usable = not for_good
        if self._file:
            with suppress(sqlite3.Error):
                self._file.close()
            self._file = None


def _opened(path: Path) -> sqlite3.Connection:
    for last in (False, True):
        file = sqlite3.connect(path, timeout=10, isolation_level=None)
        try:
            write_ahead(file)
            file.execute("PRAGMA synchronous = OFF")
            file.execute(
                "CREATE TABLE IF NOT EXISTS print (row INTEGER PRIMARY KEY, key BLOB UNIQUE, value TEXT)"
            )
            file.execute("SELECT key, value FROM print LIMIT 1").fetchone()
        except sqlite3.DatabaseError as error:
            file.close()
            if last or isinstance(error, sqlite3.OperationalError):
                raise
            _remove(path)
        else:
            return file
    raise AssertionError


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        with suppress(OSError):
            path.with_name(path.name + ending).unlink(missing_ok=True)


def _drop_oldest(file: sqlite3.Connection, largest: int) -> None:
    (pages,), (free,), (size,) = (
        file.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "freelist_count", "page_size")
    )
    if (pages - free) * size > largest:
        first, last = file.execute("SELECT min(row), max(row) FROM print").fetchone()
        file.execute("DELETE FROM print WHERE row <= ?", (first + int((last - first) * _DROPPED),))


_in_use: ContextVar[PrintCache | None] = ContextVar("print_cache", default=None)


def in_use() -> PrintCache | None:
    """The cache of the document that is being read, or None where there is none."""
    return _in_use.get()


@contextmanager
def using(path: Path) -> Iterator[None]:
    """Readings of print in here are kept in, and taken from, the cache at a path."""
    cache = PrintCache(path)
    before = _in_use.set(cache)
    try:
        yield
    finally:
        _in_use.reset(before)
        cache.close()


def with_cache(path: Path, work: Callable[[Task], Result], task: Task) -> Result:
    """What `work` gives for a task, print being read with the cache at a path."""
    with using(path):
        return work(task)
