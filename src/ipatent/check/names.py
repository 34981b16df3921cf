"""Names: which objects figures name and which are there, compared in a temporary file and not in memory."""

import sqlite3
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Literal

from ipatent.objects import Stored
from ipatent.patents import Figure

Part = Literal["image", "sheet", "thumbnail"]


class Names:
    """Two sets of names on disk; use it in a `with` statement."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("", isolation_level=None)
        self._file.execute("PRAGMA journal_mode = OFF")
        self._file.execute("PRAGMA cache_size = -64000")
        self._file.execute(
            "CREATE TABLE named (name TEXT, figure TEXT, part TEXT, PRIMARY KEY (name, figure, part))"
            " WITHOUT ROWID"
        )
        self._file.execute("CREATE TABLE stored (name TEXT PRIMARY KEY, written REAL) WITHOUT ROWID")
        self._file.execute("CREATE TABLE bad (name TEXT PRIMARY KEY) WITHOUT ROWID")

    def store(self, objects: Iterable[Stored]) -> None:
        """Note objects that are there."""
        rows = ((one.name, one.written) for one in objects)
        self._file.execute("BEGIN")
        self._file.executemany("INSERT OR REPLACE INTO stored VALUES (?, ?)", rows)
        self._file.execute("COMMIT")

    def name(self, figures: Iterable[Figure]) -> None:
        """Note what figures name."""
        self._file.execute("BEGIN")
        for figure in figures:
            parts = (("image", figure.image), ("sheet", figure.sheet_image), ("thumbnail", figure.thumbnail))
            rows = [(name, figure.id, part) for part, name in parts if name]
            self._file.executemany("INSERT OR IGNORE INTO named VALUES (?, ?, ?)", rows)
        self._file.execute("COMMIT")

    def spoil(self, names: Iterable[str]) -> None:
        """Note objects whose bytes are damaged."""
        self._file.executemany("INSERT OR IGNORE INTO bad VALUES (?)", ((name,) for name in names))

    def missing(self) -> list[str]:
        """Names that figures show and that are not there."""
        query = "SELECT DISTINCT name FROM named WHERE name NOT IN (SELECT name FROM stored) ORDER BY name"
        return [name for (name,) in self._file.execute(query)]

    def there(self) -> Iterator[str]:
        """Names that figures show and that are there."""
        query = "SELECT name FROM stored WHERE name IN (SELECT name FROM named)"
        for (name,) in self._file.execute(query):
            yield name

    def nameless(self, before: float) -> list[str]:
        """Objects that no figure names and that were written before a time."""
        query = (
            "SELECT name FROM stored WHERE written < ? AND name NOT IN (SELECT name FROM named) ORDER BY name"
        )
        return [name for (name,) in self._file.execute(query, (before,))]

    def bad(self) -> list[str]:
        """Objects whose bytes are damaged, in order."""
        return [name for (name,) in self._file.execute("SELECT name FROM bad ORDER BY name")]

    def showing(self, names: Iterable[str]) -> list[tuple[str, Part, str]]:
        """The figures that name these objects: id, part and name, in order of id."""
        rows = [
            (figure, part, name)
            for name in names
            for figure, part in self._file.execute("SELECT figure, part FROM named WHERE name = ?", (name,))
        ]
        return sorted(rows)

    def __enter__(self) -> "Names":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
