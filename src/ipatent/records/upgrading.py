"""The tables of older versions brought up to date, by Alembic; imported only where that is needed."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, text, update

from ipatent.errors import RecordsProblem
from ipatent.records import tables

FOLDER = Path(__file__).parent / "migrations"


def pending(version: int) -> list[Script]:
    """The steps from the tables of `version` to those of this program, in order."""
    found = [step for step in _scripts().walk_revisions() if int(step.revision) > version]
    return sorted(found, key=lambda step: int(step.revision))


def by_hand(version: int) -> list[str]:
    """What the steps do that must not happen by themselves while others use the tables."""
    return [step.doc for step in pending(version) if not getattr(step.module, "automatic", True)]


def upgrade(connection: Connection, version: int) -> None:
    """Bring tables of `version` up to date in the transaction that is open; all of it, or nothing.

    The number that the program itself keeps tells where to begin, so a database that Alembic never
    saw is taken over as it is. Raises RecordsProblem when rows would be left without what they
    refer to.
    """
    config = _config()
    config.attributes["connection"] = connection
    command.stamp(config, f"{version:04d}", purge=True)
    command.upgrade(config, "head")
    if connection.dialect.name == "sqlite" and connection.execute(text("PRAGMA foreign_key_check")).first():
        raise RecordsProblem(
            "The records cannot be brought up to date: some of them refer to others that are gone.",
            "They are as they were. Please report it.",
        )
    connection.execute(update(tables.schema_version).values(version=tables.VERSION))


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
