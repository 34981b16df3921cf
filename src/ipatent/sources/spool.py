"""The files that stand loose in an archive, kept until all are known: in memory while few, then on disk."""

import os
import pickle
import sqlite3
from collections.abc import Iterator
from contextlib import closing

from ipatent.errors import SourceError
from ipatent.sources.archives import Entry

_IN_MEMORY = 50_000
_BATCH = 2_000


class Spool:
    """Entries in the order in which they were added; beyond a number they wait in a temporary file.

    The file has no name and goes with the object.
    """

    def __init__(self, in_memory: int = _IN_MEMORY) -> None:
        self._in_memory = in_memory
        self._waiting: list[Entry] = []
        self._file: sqlite3.Connection | None = None

    def add(self, entry: Entry) -> None:
        """Keep an entry. Raises SourceError when the temporary file cannot be written."""
        self._waiting.append(entry)
        if len(self._waiting) >= (_BATCH if self._file else self._in_memory):
            self._write()

    def shelves(self) -> Iterator[list[Entry]]:
        """All entries at once where they are few, else folder by folder as these were first met."""
        if self._file is None:
            yield self._waiting
            return
        self._write()
        query = "SELECT folder FROM entries GROUP BY folder ORDER BY min(rowid)"
        with closing(self._file.execute(query)) as folders:
            for (folder,) in folders:
                found = self._file.execute(
                    "SELECT entry FROM entries WHERE folder = ? ORDER BY rowid", (folder,)
                )
                yield [pickle.loads(one) for (one,) in found]  # noqa: S301 - its own bytes

    def everything(self) -> list[Entry]:
        """All entries, in memory."""
        if self._file is None:
            return self._waiting
        self._write()
        found = self._file.execute("SELECT entry FROM entries ORDER BY rowid")
        return [pickle.loads(one) for (one,) in found]  # noqa: S301 - its own bytes

    def close(self) -> None:
        """Give the temporary file back."""
        if self._file is not None:
            self._file.close()

    def _write(self) -> None:
        try:
            if self._file is None:
                self._file = sqlite3.connect("", isolation_level=None)
                self._file.execute("PRAGMA journal_mode = OFF")
                self._file.execute("PRAGMA cache_size = -32000")
                self._file.execute("CREATE TABLE entries (folder BLOB, entry BLOB)")
                self._file.execute("CREATE INDEX by_folder ON entries (folder)")
            rows = [(os.fsencode(one.folder), pickle.dumps(one, 5)) for one in self._waiting]
            self._file.executemany("INSERT INTO entries VALUES (?, ?)", rows)
        except sqlite3.Error as error:
            raise SourceError(
                f"lists more files than fit into memory, and the temporary file for them failed ({error});"
                " make room in the folder for temporary files (TMPDIR)"
            ) from None
        self._waiting.clear()
