"""The database of the records: opened, checked, and used in transactions, by threads and processes."""

import re
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, insert, inspect, select, text
from sqlalchemy.dialects import postgresql as postgres
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from ipatent.errors import RecordsProblem, SettingsError
from ipatent.records import postgresql, tables
from ipatent.settings import Settings
from ipatent.sqlite_files import write_ahead

FILE_NAME = "records.sqlite"
_APPLICATION_ID = 0x69507265  # "iPre"
_BUSY_SECONDS = 30
_WRITING = "ipatent_writing"
_REBUILDING = "ipatent_rebuilding"


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
    def open(cls, place: str | Path, password: str = "", upgrade: bool = False) -> "Database":
        """The database at a file path or an SQLAlchemy URL; its tables are made when absent.

        Older tables are brought up to date where that disturbs nobody, or with `upgrade` always.
        Raises RecordsProblem when it cannot be reached or read, is no database of records, a newer
        version wrote it, or its tables wait for `upgrade`.
        """
        database = cls._at(place, password)
        try:
            database._prepare(upgrade)
        except BaseException:
            database.close()
            raise
        return database

    @classmethod
    def version_at(cls, place: str | Path, password: str = "") -> tuple[int | None, str]:
        """The version of a database's tables, None where it has none yet, and its place for messages.

        Nothing is changed.

        Raises RecordsProblem when it cannot be reached or read.
        """
        url = _url(place)
        if _is_sqlite(url) and url.database and not Path(url.database).exists():
            return None, url.database
        with cls._at(place, password) as database, database.reading() as connection:
            return database._version(connection), database.place

    @classmethod
    def _at(cls, place: str | Path, password: str) -> "Database":
        url = _url(place)
        if not _is_sqlite(url):
            url = postgresql.with_driver(url, password)
        shown = url.database if _is_sqlite(url) and url.database else postgresql.shown(url)
        if _is_sqlite(url) and url.database and not url.database.startswith("file:"):
            try:
                Path(url.database).absolute().parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise RecordsProblem(
                    f"The folder of the records {shown} cannot be made: {error.strerror or error}.",
                    "Name another data folder with --data, or another database with the setting records.",
                ) from None
        return cls(_engine(url, shown), shown)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database."""
        with _problems(self.place), self._engine.connect() as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                postgresql.begin_reading(connection)
            yield connection

    @contextmanager
    def writing(self, how: str = _WRITING) -> Iterator[Connection]:
        """A transaction that is committed as a whole at the end of the block, or not at all."""
        with _problems(self.place), self._engine.connect() as plain:
            connection = plain.execution_options(**{how: True})
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    postgresql.begin_writing(connection)
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

    def _prepare(self, by_hand: bool) -> None:
        with self.reading() as connection:
            version = self._version(connection)
        if version is None:
            with self.writing() as connection:
                version = self._version(connection)  # another process may have been quicker
                if version is None:
                    self._create(connection)
                    return
        if version < tables.VERSION:
            self._upgrade(by_hand)

    def _create(self, connection: Connection) -> None:
        present = set(inspect(connection).get_table_names())
        if clash := sorted(present & set(tables.metadata.tables)):
            raise RecordsProblem(
                f"The database {self.place} holds something else: it has a table {clash[0]} of its own.",
                "Name an empty database with the setting records.",
            )
        tables.metadata.create_all(connection)
        connection.execute(insert(tables.schema_version).values(id=1, version=tables.VERSION))
        if connection.dialect.name == "sqlite":
            connection.execute(text(f"PRAGMA application_id = {_APPLICATION_ID}"))

    def _upgrade(self, by_hand: bool) -> None:
        from ipatent.records import upgrading

        try:
            with self.writing(_REBUILDING) as connection:
                version = self._version(connection)
                if version is None or version == tables.VERSION:
                    return
                if not by_hand and (steps := upgrading.by_hand(version)):
                    raise RecordsProblem(
                        f"The records in {self.place} are of an older version of this program, and bringing"
                        f" them up to date would disturb others that use them: {steps[0]}",
                        "End all servers of the older version, then run: ipatent records upgrade",
                    )
                upgrading.upgrade(connection, version)
        finally:
            self._engine.dispose()  # with the connection on which references were not looked after

    def _version(self, connection: Connection) -> int | None:
        """The version of the tables; None where there are none."""
        if not inspect(connection).has_table(tables.schema_version.name):
            return None
        version = connection.execute(select(tables.schema_version.c.version)).scalar()
        if version is None:
            raise RecordsProblem(
                f"The database {self.place} holds something else: its table schema_version is empty.",
                "Name another database with the setting records.",
            )
        if version > tables.VERSION:
            raise RecordsProblem(
                f"The records in {self.place} were written by a newer version of this program"
                f" (tables of version {version}, this one knows {tables.VERSION}).",
                "Install that version, or name another database with the setting records.",
            )
        return int(version)


def open_records(settings: Settings) -> Database:
    """The records that the settings name: a URL, or `records.sqlite` in the data folder."""
    return Database.open(place_in(settings), password_in(settings))


def place_in(settings: Settings) -> str | Path:
    """Where the records are that the settings name."""
    return settings.records or settings.data_dir / FILE_NAME


def password_in(settings: Settings) -> str:
    """The password of the records; empty where there is none. Raises SettingsError."""
    if not settings.records_password_file:
        return settings.records_password
    try:
        return Path(settings.records_password_file).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, RuntimeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The password file {settings.records_password_file} cannot be read: {type(error).__name__}.",
            "Check the setting records_password_file.",
        ) from None


def insert_once(connection: Connection, table: Table, **values: Any) -> None:
    """Insert a row, or do nothing where its key is there already, perhaps since a moment ago."""
    of_dialect = sqlite.insert if connection.dialect.name == "sqlite" else postgres.insert
    connection.execute(of_dialect(table).values(**values).on_conflict_do_nothing())


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _url(place: str | Path) -> URL:
    if isinstance(place, Path) or "://" not in place:
        return URL.create("sqlite", database=str(Path(place).expanduser().absolute()))
    try:
        url = make_url(re.sub(r"^postgres://", "postgresql://", place))
    except ArgumentError:
        url = None
    if url is None or url.get_backend_name() not in ("sqlite", "postgresql"):
        raise RecordsProblem(
            "The setting records is not the URL of a database that can hold records.",
            "Write sqlite:///PATH or postgresql://USER@HOST/DATABASE, or leave it empty.",
        )
    if _is_sqlite(url) and url.database in (None, "", ":memory:"):
        raise RecordsProblem(
            "The setting records names an SQLite database without a file.", "Write sqlite:///PATH."
        )
    return url


def _engine(url: URL, shown: str) -> Engine:
    try:
        if not _is_sqlite(url):
            return postgresql.engine_of(url)
        engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False})
    except (NoSuchModuleError, ImportError) as error:
        driver = getattr(error, "name", None) or url.drivername
        raise RecordsProblem(
            f"The driver {driver} for the records in {shown} is not installed.",
            "Install it: pip install 'ipatent[postgres]', and write the address as postgresql://…",
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
    write_ahead(connection, _BUSY_SECONDS)
    connection.execute("PRAGMA synchronous = FULL")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get(_REBUILDING):  # a table that is made anew must not take along what refers to it
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    writing = options.get(_WRITING) or options.get(_REBUILDING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def _problems(place: str) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise _translated(error, place) from error
    except (OSError, struct.error) as error:  # pg8000 hands on what breaks a connection
        raise postgresql.problem_of(error, place) from error


def _translated(error: Exception, place: str) -> RecordsProblem:
    origin = getattr(error, "orig", None) or error
    if place.startswith("postgresql:") and isinstance(error, DBAPIError):
        return postgresql.problem_of(origin, place)
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
