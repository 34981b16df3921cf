"""The tables of the records: made, brought up to date and left alone, in SQLite and PostgreSQL."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import text
from typer.testing import CliRunner

from ipatent.cli import app
from ipatent.errors import RecordsProblem
from ipatent.records import Database, collections, searches, tables, upgrading
from office_servers import PASSWORD
from search_records import search_record

_NAMES = count()
_STEPS = upgrading.FOLDER

_STEP = '''"""A table is made anew with a colour."""
import sqlalchemy as sa
from alembic import op
revision, down_revision, automatic = "0002", "0001", {automatic}
def upgrade():
    with op.batch_alter_table("collections", recreate="auto") as batch:
        batch.add_column(sa.Column("colour", sa.String(10), nullable=False, server_default="red"))
        batch.alter_column("description", new_column_name="about")
    {more}
'''


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database that is empty."""
    if request.param == "SQLite":
        return f"sqlite:///{tmp_path / 'records.sqlite'}"
    server = request.getfixturevalue("postgresql")
    name = f"tables{next(_NAMES)}"
    server.execute(f"CREATE DATABASE {name}")
    return str(server.url(name)).replace("office@", f"office:{quote(PASSWORD, safe='')}@")


Step = Callable[..., Path]


@pytest.fixture
def step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Step:
    """Lets the program have one more version of the tables."""

    def write(automatic: bool = True, more: str = "") -> Path:
        folder = tmp_path / "100% steps"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(_STEPS, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "versions" / "v0002_colour.py").write_text(_STEP.format(automatic=automatic, more=more))
        monkeypatch.setattr(upgrading, "FOLDER", folder)
        monkeypatch.setattr(tables, "VERSION", 2)
        return folder

    return write


def fill(place: str) -> tuple[str, str]:
    """Something of each kind that refers to another; the ids of a record and a collection."""
    with Database.open(place) as database:
        record = searches.store(database, search_record())
        collection = collections.create(database, "chairs", "folding ones")
        collections.add(database, collection, "P1/1/1", record=record, rank=1)
        return record, collection


def asked(place: str, what: str) -> list[tuple[object, ...]]:
    with Database._at(place, "") as database, database.reading() as connection:
        return [tuple(row) for row in connection.execute(text(what))]


def test_the_steps_lead_to_the_tables_that_the_program_works_with(place: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(upgrading.FOLDER))
    config.set_main_option("path_separator", "os")
    with Database._at(place, "") as database, database.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, tables.metadata)
    assert differences == []
    assert len(upgrading.pending(0)) == tables.VERSION


def test_older_tables_are_brought_up_to_date_when_opened_and_lose_nothing(place: str, step: Step) -> None:
    record, collection = fill(place)
    step()
    Database.open(place).close()
    assert asked(place, "SELECT name, about, colour FROM collections") == [("chairs", "folding ones", "red")]
    assert asked(place, "SELECT collection, record, rank FROM collection_items") == [(collection, record, 1)]
    assert asked(place, "SELECT version FROM schema_version") == [(2,)]
    Database.open(place).close()
    with Database.open(place) as database, pytest.raises(RecordsProblem), database.writing() as connection:
        connection.execute(text("UPDATE collection_items SET collection = 'nowhere'"))


def test_a_step_that_fails_leaves_everything_as_it_was(place: str, step: Step) -> None:
    fill(place)
    before = asked(place, "SELECT * FROM collections")
    step(more="op.execute('SELECT * FROM no_such_table')")
    with pytest.raises(RecordsProblem, match="no_such_table"):
        Database.open(place)
    assert asked(place, "SELECT * FROM collections") == before
    assert asked(place, "SELECT version FROM schema_version") == [(1,)]
    step()
    Database.open(place).close()
    assert asked(place, "SELECT version FROM schema_version") == [(2,)]


def test_a_step_that_would_disturb_others_waits_for_the_command(
    place: str, step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(place)
    step(automatic=False)
    monkeypatch.setenv("IPATENT_RECORDS", place)
    with pytest.raises(RecordsProblem, match=r"made anew with a colour.*ipatent records upgrade"):
        Database.open(place)
    told = CliRunner().invoke(app, ["records", "status"])
    assert "tables of version 1" in told.stdout
    assert "A table is made anew with a colour." in told.stdout
    done = CliRunner().invoke(app, ["records", "upgrade"])
    assert "tables of version 2, before 1" in " ".join(done.stdout.split())
    assert "pass:word" not in told.stdout + done.stdout
    Database.open(place).close()


_OPEN = """
import sys
from ipatent.records import Database, tables, upgrading
from pathlib import Path
tables.VERSION, upgrading.FOLDER = 2, Path(sys.argv[2])
sys.stdin.readline()
with Database.open(sys.argv[1]):
    print("opened")
"""


def test_several_processes_may_bring_the_tables_up_to_date_at_once(place: str, step: Step) -> None:
    fill(place)
    folder = step()
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _OPEN, place, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    answers = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        answers.append(process.communicate(timeout=60))
    assert [answer[0] for answer in answers] == ["opened\n"] * 2, answers
    assert asked(place, "SELECT colour FROM collections") == [("red",)]


def test_a_database_that_is_up_to_date_is_opened_without_alembic(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from ipatent.records import Database\n"
        "for _ in range(2): Database.open(Path(sys.argv[1])).close()\n"
        "import ipatent.cli; print('alembic' in sys.modules, 'mako' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "records.sqlite")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"
