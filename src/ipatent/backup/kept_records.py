"""The records as lines of JSON, table by table, and back into the tables of any database."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from ipatent.backup.layout import damaged, lines_in
from ipatent.records import Database
from ipatent.records.tables import metadata, schema_version

_AT_ONCE = 500


def tables() -> tuple[Table, ...]:
    """The tables that are kept, each after those that it refers to."""
    return tuple(table for table in metadata.sorted_tables if table.name != schema_version.name)


def version_of(connection: Connection) -> int:
    """The version of the tables."""
    return int(connection.execute(select(schema_version.c.version)).scalar_one())


def counts(database: Database) -> dict[str, int]:
    """Rows of each table."""
    with database.reading() as connection:
        return {
            table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            for table in tables()
        }


def lines_of(connection: Connection, table: Table) -> Iterator[tuple[str, str]]:
    """The rows of a table in order of their key: a text that tells them apart, and the row as JSON."""
    key = list(table.primary_key.columns)
    streaming = connection.execution_options(yield_per=_AT_ONCE)
    for row in streaming.execute(select(table).order_by(*key)).mappings():
        body = {column.name: row[column.name] for column in table.columns}
        name = "\0".join(str(body[column.name]) for column in key)
        yield f"{table.name}\0{name}", json.dumps(body, sort_keys=True, separators=(",", ":"))


def clear(connection: Connection) -> None:
    """Delete all rows of all tables."""
    for table in reversed(tables()):
        connection.execute(delete(table))


def insert_lines(connection: Connection, table: Table, content: bytes) -> int:
    """Put rows back; how many. Raises BackupProblem where they do not fit the table."""
    rows = [_row(table, body) for body in lines_in(content)]
    for at in range(0, len(rows), _AT_ONCE):
        try:
            connection.execute(insert(table), rows[at : at + _AT_ONCE])
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).split("\n", 1)[0][:200]
            raise damaged(f"rows of {table.name} do not fit ({reason})") from None
    return len(rows)


def count_on(connection: Connection) -> None:
    """Let numbers that a database gives out itself go on after those that were put back."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables():
        column = table.autoincrement_column
        if column is not None and column.default is None:
            highest = connection.execute(select(func.max(column))).scalar()
            if highest is not None:
                statement = text("SELECT setval(pg_get_serial_sequence(:name, :column), :highest)")
                connection.execute(statement, {"name": table.name, "column": column.name, "highest": highest})


def table_named(name: str) -> Table:
    """Raises BackupProblem where there is no such table."""
    found = next((table for table in tables() if table.name == name), None)
    if found is None:
        raise damaged(f"it holds a table {name} that is not known")
    return found


def _row(table: Table, body: dict[str, Any]) -> dict[str, Any]:
    if not _fits(body, table.columns.keys()):
        raise damaged(f"a row of {table.name} has other columns")
    return {name: body.get(name) for name in table.columns.keys()}  # noqa: SIM118 - columns, not a dict


def _fits(body: dict[str, Any], columns: Iterable[str]) -> bool:
    return set(body) <= set(columns) and all(
        value is None or isinstance(value, str | int | float) for value in body.values()
    )
