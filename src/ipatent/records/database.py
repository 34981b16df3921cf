"""The database of the records: opened, checked, and used in transactions, by threads and processes."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, insert, inspect, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from ipatent.errors import RecordsProblem
from ipatent.records.tables import VERSION, metadata, schema_version
from ipatent.settings import Settings

FILE_NAME = "records.sqlite"
_APPLICATION_ID = 0x69507265  # "iPre"
_BUSY_SECONDS = 30
_CREATION_LOCK = 0x69507265
"""PostgreSQL advisory lock held while the tables are made."""
_WRITING = "ipatent_writing"


class Database:
    """An open database of records; close it, or use it in a `with` statement.

    Safe to use from several threads, and by several processes at once. Do not carry one into a
    forked process: open it there.
    """

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self.place = place
        """Where it lies, for messages; without a password."""

    @classmethod
    def open(cls, place: str | Path) -> "Database":
        """The database at a file path or an SQLAlchemy URL; its tables are made when absent.

        Raises RecordsProblem when it cannot be reached or read, is no database of records, or a
        newer version wrote it.
        """
        url = _url(place)
        shown = url.database if _is_sqlite(url) and url.database else url.render_as_string()
        if _is_sqlite(url) and url.database and not url.database.startswith("file:"):
            try:
                Path(url.database).absolute().parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise RecordsProblem(
                    f"The folder of the records {shown} cannot be made: {error.strerror or error}.",
                    "Name another data folder with --data, or another database with the setting records.",
                ) from None
        database = cls(_engine(url, shown), shown)
        try:
            database._prepare()
        except BaseException:
            database.close()
            raise
        return database

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database."""
        with _problems(self.place), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is committed as a whole at the end of the block, or not at all."""
        with _problems(self.place), self._engine.connect() as plain:
            connection = plain.execution_options(**{_WRITING: True})
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def __enter__(self) -> "Database":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _prepare(self) -> None:
        with self.reading() as connection:
            if inspect(connection).has_table(schema_version.name):
                self._check(connection)
                return
        with self.writing() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CREATION_LOCK})
            tables = set(inspect(connection).get_table_names())
            if schema_version.name in tables:  # another process was quicker
                self._check(connection)
                return
            if clash := sorted(tables & set(metadata.tables)):
                raise RecordsProblem(
                    f"The database {self.place} holds something else: it has a table {clash[0]} of its own.",
                    "Name an empty database with the setting records.",
                )
            metadata.create_all(connection)
            connection.execute(insert(schema_version).values(id=1, version=VERSION))
            if connection.dialect.name == "sqlite":
                connection.execute(text(f"PRAGMA application_id = {_APPLICATION_ID}"))

    def _check(self, connection: Connection) -> None:
        version = connection.execute(select(schema_version.c.version)).scalar()
        if version is None:
            raise RecordsProblem(
                f"The database {self.place} holds something else: its table schema_version is empty.",
                "Name another database with the setting records.",
            )
        if version > VERSION:
            raise RecordsProblem(
                f"The records in {self.place} were written by a newer version of this program"
                f" (tables of version {version}, this one knows {VERSION}).",
                "Install that version, or name another database with the setting records.",
            )


def open_records(settings: Settings) -> Database:
    """The records that the settings name: a URL, or `records.sqlite` in the data folder."""
    return Database.open(settings.records or settings.data_dir / FILE_NAME)


def insert_once(connection: Connection, table: Table, **values: Any) -> None:
    """Insert a row, or do nothing where its key is there already, perhaps since a moment ago."""
    of_dialect = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(of_dialect(table).values(**values).on_conflict_do_nothing())


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _url(place: str | Path) -> URL:
    if isinstance(place, Path) or "://" not in place:
        return URL.create("sqlite", database=str(Path(place).expanduser().absolute()))
    try:
        url = make_url(place)
    except ArgumentError:
        url = None
    if url is None or url.get_backend_name() not in ("sqlite", "postgresql"):
        raise RecordsProblem(
            "The setting records is not the URL of a database that can hold records.",
            "Write sqlite:///PATH or postgresql+pg8000://USER:PASSWORD@HOST/DATABASE, or leave it empty.",
        )
    if _is_sqlite(url) and url.database in (None, "", ":memory:"):
        raise RecordsProblem(
            "The setting records names an SQLite database without a file.", "Write sqlite:///PATH."
        )
    return url


def _engine(url: URL, shown: str) -> Engine:
    try:
        if not _is_sqlite(url):
            return create_engine(url, pool_pre_ping=True)
        engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False})
    except (NoSuchModuleError, ImportError) as error:
        driver = getattr(error, "name", None) or url.drivername
        raise RecordsProblem(
            f"The driver {driver} for the records in {shown} is not installed.",
            "Install it (pip install pg8000) and write the URL as postgresql+pg8000://…",
        ) from None
    except (SQLAlchemyError, TypeError) as error:
        raise RecordsProblem(f"The setting records is not usable: {error}.") from None
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _: Any) -> None:
    # Python's own transaction handling begins too late: a write that follows a read could fail.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous = FULL")


def _write_ahead(connection: Any) -> None:
    """Switch to write-ahead logging; SQLite itself does not wait where another is about to do the same."""
    patience = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > patience:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(_WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def _problems(place: str) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise _translated(error, place) from error


def _translated(error: Exception, place: str) -> RecordsProblem:
    origin = getattr(error, "orig", None) or error
    reason = str(origin).strip().split("\n", 1)[0].rstrip(".")[:300]
    said = reason.lower()
    if "full" in said or "no space" in said:
        return RecordsProblem(
            f"The disk is full: nothing more can be written to the records in {place}.",
            "Free some space; what was stored before is unharmed.",
        )
    if "locked" in said:
        return RecordsProblem(
            f"The records in {place} have been locked by another process for {_BUSY_SECONDS} seconds.",
            "Try again; if it stays so, end that process.",
        )
    if "readonly" in said or "unable to open" in said or "permission denied" in said:
        return RecordsProblem(
            f"The records in {place} cannot be written: {reason}.",
            "Give this user the right to read and write that file and its folder.",
        )
    if "not a database" in said or "malformed" in said:
        return RecordsProblem(
            f"The file {place} is damaged or is no database of records: {reason}.",
            "Restore it from a backup, or move it away to start anew.",
        )
    return RecordsProblem(
        f"The records in {place} cannot be used: {reason}.",
        "Check that the database runs and that the setting records names it rightly.",
    )
