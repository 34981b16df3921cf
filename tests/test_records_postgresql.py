"""Records on PostgreSQL through kills, a bad network and wrong settings, on a real server."""

import gc
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from ipatent.errors import RecordsProblem, SettingsError
from ipatent.records import Database, collections, open_records
from ipatent.settings import Settings
from office_servers import PASSWORD, Network, PostgreSQLServer, postgresql_server
from servers import free_port

# pg8000 leaves a socket to the garbage collector when it is refused.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    yield
    gc.collect()


def test_what_was_acknowledged_survives_a_kill_and_work_goes_on_by_itself(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with postgresql_server(tmp_path_factory.mktemp("killed")) as server:
        server.execute("CREATE DATABASE office")
        database = Database.open(server.url("office"), PASSWORD)
        acknowledged: set[str] = set()
        problems: list[RecordsProblem] = []
        ended = threading.Event()

        def write(writer: int) -> None:
            number = 0
            while not ended.is_set():
                name = f"{writer}-{number}"
                try:
                    collections.create(database, name)
                    acknowledged.add(name)
                except RecordsProblem as problem:
                    problems.append(problem)
                    time.sleep(0.02)
                number += 1

        threads = [threading.Thread(target=write, args=(n,)) for n in range(3)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(2):
                before = len(acknowledged)
                _wait_until(lambda before=before: len(acknowledged) > before + 20)
                server.kill()
                known = len(problems)
                _wait_until(lambda known=known: len(problems) > known)
                server.start()
            before = len(acknowledged)
            _wait_until(lambda: len(acknowledged) > before + 10)
        finally:
            ended.set()
            for thread in threads:
                thread.join()
        names = [each.name for each in collections.list_collections(database)]
        database.close()
        assert acknowledged <= set(names)
        assert len(names) == len(set(names))
        for problem in problems:
            assert "The records in postgresql://office@127.0.0.1" in problem.message
            assert PASSWORD not in str(problem)
        assert any("cannot be reached" in problem.message for problem in problems)


def _wait_until(condition: object, seconds: float = 30) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_connection_that_breaks_is_told_and_replaced(postgresql: PostgreSQLServer) -> None:
    with Network(postgresql.port) as network:
        url = postgresql.url("postgres").replace(str(postgresql.port), str(network.port))
        with Database.open(url, PASSWORD) as database:
            collections.create(database, "before")

            def ask_while_it_breaks() -> None:
                with database.reading() as connection:
                    network.cut_after = 1
                    connection.execute(text("SELECT 1"))

            with pytest.raises(RecordsProblem, match="cannot be reached"):
                ask_while_it_breaks()
            network.cut_after = 0
            collections.create(database, "after")
            assert {each.name for each in collections.list_collections(database)} >= {"before", "after"}


@pytest.mark.parametrize(
    ("url", "password", "said"),
    [
        ("postgresql://office@HOST/postgres", "wrong", "do not accept this user or password"),
        ("postgres://office:wrong@HOST/postgres", "", "do not accept this user or password"),
        ("postgresql://office@HOST/nothing", PASSWORD, "There is no database.*createdb"),
        ("postgresql://office@NOBODY/postgres", PASSWORD, "cannot be reached: connection refused"),
        ("postgresql://office@HOST/postgres?sslmode=verify-full", PASSWORD, "cannot be reached"),
        ("postgresql+unheard://office@HOST/postgres", PASSWORD, "unheard"),
    ],
)
def test_what_is_wrong_is_told_without_the_password(
    postgresql: PostgreSQLServer, url: str, password: str, said: str
) -> None:
    url = url.replace("HOST", f"127.0.0.1:{postgresql.port}").replace("NOBODY", f"127.0.0.1:{free_port()}")
    with pytest.raises(RecordsProblem, match=said) as told:
        Database.open(url, password)
    assert "wrong" not in str(told.value)
    assert PASSWORD not in str(told.value)


def test_the_password_comes_from_a_file_or_the_environment_and_is_not_shown(
    postgresql: PostgreSQLServer, tmp_path: Path
) -> None:
    url = postgresql.url("postgres")
    (tmp_path / "password").write_text(PASSWORD + "\n")
    from_file = Settings(records=url, records_password="no", records_password_file=str(tmp_path / "password"))
    for settings in (from_file, Settings(records=url, records_password=PASSWORD)):
        with open_records(settings) as database:
            assert database.place == url
        assert PASSWORD not in repr(settings)
    with pytest.raises(SettingsError, match="records_password_file"):
        open_records(Settings(records=url, records_password_file=str(tmp_path / "missing")))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("sslmode=sometimes", "sslmode"),
        ("colour=red", "colour"),
        ("sslmode=require&sslrootcert=/no/file", "sslrootcert"),
    ],
)
def test_options_of_the_address_that_cannot_be_meant_are_refused(options: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Database.open(f"postgresql://office@localhost/x?{options}")


def test_a_writer_that_waits_for_long_is_told_who_is_in_the_way(
    postgresql: PostgreSQLServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ipatent.records.postgresql._SECONDS", 5.3)
    with (
        Database.open(postgresql.url("postgres"), PASSWORD) as database,
        database.writing(),
        pytest.raises(RecordsProblem, match="locked by another process"),
    ):
        collections.create(database, "waiting")


def test_a_writer_that_fell_silent_does_not_keep_others_out(
    postgresql: PostgreSQLServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ipatent.records.postgresql._IDLE", 1)

    def fall_silent(database: Database) -> None:
        with database.writing() as connection:
            connection.execute(text("DELETE FROM collections"))
            collections.create(other, "meanwhile")

    with (
        Database.open(postgresql.url("postgres"), PASSWORD) as database,
        Database.open(postgresql.url("postgres"), PASSWORD) as other,
    ):
        with pytest.raises(RecordsProblem):
            fall_silent(database)
        assert "meanwhile" in [each.name for each in collections.list_collections(database)]
