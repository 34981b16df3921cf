"""The SQLite file of the embedded index: its tables, its version, and connections to it."""

import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from ipatent.errors import IndexProblem

APPLICATION_ID = 0x69506174  # "iPat", so that `file` and this program tell it from other SQLite files
BUSY_SECONDS = 30.0
_MAGIC = b"SQLite format 3\x00"
_NEARLY_FULL = 1_000_000

# Step n brings a file from version n to n + 1. Steps that were released never change: the next
# shape of the tables is one more step at the end.
#
# `body` holds the whole Patent or Figure as JSON and is what is read back; the columns and tables
# beside it are there to filter, count and look up by. Row numbers are never used twice, so that a
# reader who knows rows up to n need only read those above n, and `removals`, to be up to date. An
# index that took the place of another has another `epoch`, and its figures rows of their own range.
STEPS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE state (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            generation INTEGER NOT NULL,
            patents INTEGER NOT NULL,
            sheets INTEGER NOT NULL,
            figures INTEGER NOT NULL,
            encoder TEXT,
            epoch INTEGER NOT NULL
        )""",
        "INSERT INTO state VALUES (1, 0, 0, 0, 0, NULL, abs(random() % 1048576))",
        """CREATE TABLE patents (
            row INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            fingerprint TEXT NOT NULL,
            office TEXT NOT NULL,
            kind TEXT NOT NULL,
            published TEXT,
            filed TEXT,
            family TEXT NOT NULL,
            title_key TEXT NOT NULL,
            sheets INTEGER NOT NULL,
            figures INTEGER NOT NULL,
            body TEXT NOT NULL
        )""",
        "CREATE INDEX patents_by_title ON patents (title_key)",
        "CREATE INDEX patents_by_published ON patents (published)",
        "CREATE INDEX patents_by_filed ON patents (filed)",
        "CREATE INDEX patents_by_office ON patents (office, kind)",
        "CREATE INDEX patents_by_family ON patents (family)",
        """CREATE TABLE classifications (
            patent INTEGER NOT NULL REFERENCES patents (row) ON DELETE CASCADE,
            scheme TEXT NOT NULL,
            section TEXT NOT NULL,
            class TEXT NOT NULL,
            subclass TEXT NOT NULL,
            symbol TEXT NOT NULL
        )""",
        "CREATE INDEX classifications_by_patent ON classifications (patent)",
        "CREATE INDEX classifications_by_section ON classifications (scheme, section)",
        "CREATE INDEX classifications_by_class ON classifications (scheme, class)",
        "CREATE INDEX classifications_by_subclass ON classifications (scheme, subclass)",
        """CREATE TABLE applicants (
            patent INTEGER NOT NULL REFERENCES patents (row) ON DELETE CASCADE,
            name TEXT NOT NULL
        )""",
        "CREATE INDEX applicants_by_patent ON applicants (patent)",
        "CREATE INDEX applicants_by_name ON applicants (name)",
        """CREATE TABLE figures (
            row INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            patent INTEGER NOT NULL REFERENCES patents (row) ON DELETE CASCADE,
            sheet INTEGER NOT NULL,
            body TEXT NOT NULL,
            image_vector BLOB NOT NULL,
            caption_vector BLOB
        )""",
        "CREATE INDEX figures_by_patent ON figures (patent)",
        "INSERT INTO sqlite_sequence (name, seq) SELECT 'figures', epoch << 40 FROM state",
        """CREATE TABLE removals (
            generation INTEGER NOT NULL,
            first_row INTEGER NOT NULL,
            last_row INTEGER NOT NULL
        )""",
        "CREATE INDEX removals_by_generation ON removals (generation)",
        "CREATE TABLE sources (key TEXT PRIMARY KEY, summary TEXT NOT NULL)",
        "CREATE VIRTUAL TABLE patent_words USING fts5"
        " (title, applicants, abstract, tokenize = 'porter unicode61 remove_diacritics 2')",
        "CREATE VIRTUAL TABLE figure_words USING fts5"
        " (caption, terms, labels, tokenize = 'porter unicode61 remove_diacritics 2')",
    ),
    (
        "ALTER TABLE patents ADD COLUMN priority TEXT",
        "UPDATE patents SET priority = json_extract(body, '$.priority')",
        "ALTER TABLE figures ADD COLUMN type TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE figures ADD COLUMN view TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE figures ADD COLUMN captioned INTEGER NOT NULL DEFAULT 0",
        "UPDATE figures SET type = coalesce(json_extract(body, '$.type'), ''),"
        " view = coalesce(json_extract(body, '$.view'), ''),"
        " captioned = coalesce(json_extract(body, '$.caption'), '') <> ''",
    ),
)


def open_file(path: Path, create: bool) -> None:
    """Make sure that `path` is an index of this version: made when `create`, brought up when older.

    Raises IndexProblem when there is none, it is no index, or a newer version wrote it.
    """
    _inspect(path, create)
    with problems(path):
        connection = connect(path, create)
        try:
            ensure_version(connection, path)
        finally:
            connection.close()


def connect(path: Path, create: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode that waits for other writers and keeps what it commits."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        _prepare(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    # FULL costs one flush per patent, which is nothing beside encoding it, and then neither a
    # killed process nor a power cut loses what was reported as stored.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cache_size = -32768")


def ensure_version(
    connection: sqlite3.Connection, path: Path, steps: Sequence[Sequence[str]] = STEPS
) -> None:
    """Run the steps that the file has not seen yet, all in one transaction."""
    found = _version(connection)
    if found == len(steps) and _application(connection) == APPLICATION_ID:
        return
    if found == 0:
        # Both only take effect on an empty file. Pages of 16 KiB hold a figure with its vectors.
        connection.execute("PRAGMA page_size = 16384")
        _switch_to_wal(connection)
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = _version(connection)
        foreign = _application(connection) != APPLICATION_ID and (found or _has_tables(connection))
        if foreign:
            raise _no_index(path)
        if found > len(steps):
            raise IndexProblem(
                f"The index {path} was written by a newer iPatent"
                f" (version {found} of the file; known here: {len(steps)}).",
                "Update iPatent, or name another data folder with --data.",
            )
        for step in steps[found:]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(steps)}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


@contextmanager
def problems(path: Path) -> Iterator[None]:
    """Turn what SQLite raises into an IndexProblem that says what to do."""
    try:
        yield
    except sqlite3.ProgrammingError as error:
        if "closed" not in str(error):
            raise
        raise IndexProblem(f"The index {path} has been closed.", "Open it again.") from None
    except sqlite3.Error as error:
        raise _translated(error, path) from error


def _inspect(path: Path, create: bool) -> None:
    try:
        if path.is_dir():
            raise IndexProblem(f"{path} is a folder, not an index.", "Name another data folder with --data.")
        if not path.exists():
            if not create:
                raise IndexProblem(
                    f"There is no index at {path}.",
                    "Make one with: ipatent ingest PATH, or try: ipatent demo.",
                )
            path.parent.mkdir(parents=True, exist_ok=True)
            return
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
    except OSError as error:
        raise IndexProblem(
            f"The index {path} cannot be opened: {error.strerror or error}.",
            "Check the folder's permissions, or name another data folder with --data.",
        ) from None
    if head != _MAGIC and (head or not create):
        raise _no_index(path)


def _no_index(path: Path) -> IndexProblem:
    return IndexProblem(
        f"{path} is not an index of iPatent.", "Move it away, or name another data folder with --data."
    )


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # SQLite does not wait for others here, so two processes that start together must.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _application(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA application_id").fetchone()[0])


def _has_tables(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None


def _translated(error: sqlite3.Error, path: Path) -> IndexProblem:
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    full = code == sqlite3.SQLITE_FULL
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        full = _is_full(path)
    if full:
        return IndexProblem(
            f"The disk is full: nothing more can be written to {path}.",
            "Free some space, or move the data folder to a larger disk; what was stored before is unharmed.",
        )
    if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_IOERR_WRITE:  # quotas and limits come so
        return IndexProblem(
            f"The disk is full, or a quota or limit is reached: nothing more can be written to {path}.",
            "Free some space, or move the data folder to a larger disk; what was stored before is unharmed.",
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return IndexProblem(
            f"Another process has kept the index {path} locked for {BUSY_SECONDS:.0f} seconds.",
            "Wait until it is done, then try again.",
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH):
        return IndexProblem(
            f"The index {path} cannot be written to: {error}.",
            "Give this user the right to write the file and its folder, or name another with --data.",
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return IndexProblem(
            f"The index {path} is damaged: {error}.",
            "Move it away and ingest the patents again; the drawings beside it are still good.",
        )
    return IndexProblem(
        f"The index {path} could not be used: {error}.", "Check the disk, then try again or ingest anew."
    )


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _NEARLY_FULL
    except OSError:
        return False


def size_on_disk(path: Path) -> int:
    """Bytes of the index with the log of changes that SQLite keeps beside it."""
    total = 0
    for name in (path, Path(f"{path}-wal")):
        try:
            total += name.stat().st_size
        except FileNotFoundError:
            continue
    return total


def copy_over(source: Path, target: Path) -> None:
    """Give `target` all that `source` holds, in one transaction, then remove `source`.

    The file itself stays, so whoever has `target` open reads on undisturbed and then sees the new
    content; moving `source` there would leave them with a file that is gone, and its log with a
    file that it does not belong to.
    """
    with problems(target), closing(connect(source)) as new, closing(connect(target)) as live:
        (before,) = live.execute("SELECT generation FROM state").fetchone()
        new.execute("UPDATE state SET generation = max(generation, ?) + 1", (before,))
        new.backup(live)
    for name in (source, Path(f"{source}-wal"), Path(f"{source}-shm")):
        name.unlink(missing_ok=True)
