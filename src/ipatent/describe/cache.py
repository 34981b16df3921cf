"""Titles and rankings that were generated before, in one SQLite file that several processes share."""

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from ipatent.describe.answers import Answer
from ipatent.describe.prompt import VERSION
from ipatent.errors import RecordsProblem
from ipatent.sqlite_files import write_ahead

_TABLES = (
    "CREATE TABLE IF NOT EXISTS titles (key TEXT PRIMARY KEY, title TEXT NOT NULL, description TEXT NOT NULL,"
    " model TEXT NOT NULL, made REAL NOT NULL)",
    "CREATE TABLE IF NOT EXISTS rankings (key TEXT PRIMARY KEY, body TEXT NOT NULL, model TEXT NOT NULL,"
    " made REAL NOT NULL)",
    "CREATE TABLE IF NOT EXISTS endpoints (key TEXT PRIMARY KEY, rung INTEGER NOT NULL)",
)


class Cache:
    """The cache in the file `path`, made when absent; safe to use from several threads and processes.

    Each call opens the file anew, which takes less than a millisecond beside seconds of a model.
    Raises RecordsProblem when the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as connection:
            write_ahead(connection)
            for table in _TABLES:
                connection.execute(table)

    def get(self, key: str) -> Answer | None:
        """What was kept under `key`."""
        with self._open() as connection:
            found = connection.execute(
                "SELECT title, description FROM titles WHERE key = ?", (key,)
            ).fetchone()
        return Answer(*found) if found else None

    def keep(self, key: str, answer: Answer, model: str) -> Answer:
        """Keep an answer; the one that counts, which is another process's where that was first."""
        with self._open() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO titles VALUES (?, ?, ?, ?, ?)",
                (key, answer.title, answer.description, model, time.time()),
            )
            found = connection.execute(
                "SELECT title, description FROM titles WHERE key = ?", (key,)
            ).fetchone()
        return Answer(*found)

    def ranking(self, key: str) -> Any:
        """The ranking that was kept under `key`, as it was answered, or None."""
        with self._open() as connection:
            found = connection.execute("SELECT body FROM rankings WHERE key = ?", (key,)).fetchone()
        return json.loads(found[0]) if found else None

    def keep_ranking(self, key: str, body: Any, model: str) -> None:
        """Keep a ranking; one that another process kept before stays."""
        with self._open() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO rankings VALUES (?, ?, ?, ?)",
                (key, json.dumps(body), model, time.time()),
            )

    def rung(self, endpoint: str) -> int:
        """How far down the ladder of constraints this endpoint is known to stand; 0 where not known."""
        with self._open() as connection:
            found = connection.execute("SELECT rung FROM endpoints WHERE key = ?", (endpoint,)).fetchone()
        return int(found[0]) if found else 0

    def remember_rung(self, endpoint: str, rung: int) -> None:
        """Remember which constraints this endpoint understands."""
        with self._open() as connection:
            connection.execute("INSERT OR REPLACE INTO endpoints VALUES (?, ?)", (endpoint, rung))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=10)) as connection, connection:
                yield connection
        except sqlite3.Error as error:
            raise RecordsProblem(
                f"The cache of titles {self._path} cannot be used: {error}.",
                "Delete the file: titles are then made anew.",
            ) from None


def cache_key(model: str, pictures: Sequence[str], language: str) -> str:
    """The key of a title: model, version of the prompt, hashes of the images, language."""
    parts = json.dumps([model, VERSION, list(pictures), language])
    return hashlib.sha256(parts.encode()).hexdigest()
