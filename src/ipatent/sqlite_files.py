"""SQLite files that several processes may make and use at the same time."""

import sqlite3
import time
from typing import Any

BUSY_SECONDS = 30.0
_NAP = 0.02


def write_ahead(connection: Any, patience: float = BUSY_SECONDS) -> None:
    """Switch the file of a DB-API `connection` to write-ahead logging, waiting up to `patience` seconds.

    SQLite's own timeout does not cover this: where another process is about to do the same, it fails at
    once. Raises sqlite3.OperationalError when the file stays locked or cannot be written.
    """
    until = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_NAP)
