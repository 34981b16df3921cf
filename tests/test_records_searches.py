"""Search records: stored once, found again, compared, and safe among several processes."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from ipatent.errors import IndexProblem, IPatentError, NotFound, RecordsProblem
from ipatent.records import (
    Database,
    QueryImage,
    RankedFigure,
    SearchRecord,
    collections,
    compare,
    open_records,
    record_hash,
    searches,
)
from ipatent.records.search_record import canonical, record_data, record_of
from ipatent.records.tables import VERSION
from ipatent.settings import Settings
from search_records import STATE, TIME, ranked, search_record
from tiny_encoder import SPEC


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """All that works on records works on both kinds of database alike."""
    if "records" in metafunc.fixturenames:
        metafunc.parametrize("records", ["SQLite", "PostgreSQL"], indirect=True)


HERE = Path(__file__).parent


def test_a_stored_record_comes_back_whole(records: Database) -> None:
    record = search_record(
        pictures=(
            QueryImage(sha256="a" * 64, turn=90, mirrored=True),
            QueryImage(figure_id="P9/1/1", negative=True),
        ),
        user="ada",
    )
    record_id = searches.store(records, record)
    assert searches.get(records, record_id) == replace(record, id=record_id, count=1, last_time=TIME)
    assert record_hash(searches.get(records, record_id)) == record_hash(replace(record, id=record_id))


def test_a_record_written_as_json_is_read_as_the_same(records: Database) -> None:
    record = search_record()
    assert record_of(record_data(record)) == record
    assert canonical(record_data(record)).isascii()


def test_ids_are_short_and_neither_guessable_nor_unsafe_in_an_address(records: Database) -> None:
    ids = {searches.store(records, search_record(f"P{n}/1/1")) for n in range(50)}
    assert len(ids) == 50
    assert all(len(name) == 12 and name.isalnum() and name.isascii() for name in ids)
    assert len({name[:4] for name in ids}) > 45


def test_a_reloaded_page_is_counted_and_not_stored_again(records: Database) -> None:
    first = searches.store(records, search_record())
    for minutes in (1, 9, 18):  # each within ten minutes of the one before
        later = search_record(time=TIME + timedelta(minutes=minutes), seconds=minutes)
        assert searches.store(records, later) == first
    stored = searches.get(records, first)
    assert (stored.count, stored.time, stored.last_time) == (4, TIME, TIME + timedelta(minutes=18))
    assert searches.list_records(records).total == 1


@pytest.mark.parametrize(
    "other",
    [
        {"time": TIME + timedelta(minutes=11)},
        {"url": "/search?q=folding+chair"},
        {"index": replace(STATE, generation=13)},
        {"encoder": replace(SPEC, weights="b" * 64)},
        {"ranked": ranked("P2/1/1", "P1/1/1", "P3/1/1")},
        {"user": "ada"},
    ],
    ids=["later", "address", "index", "encoder", "ranking", "user"],
)
def test_what_differs_is_a_record_of_its_own(records: Database, other: dict[str, object]) -> None:
    first = searches.store(records, search_record())
    assert searches.store(records, search_record(**other)) != first
    assert searches.list_records(records).total == 2


def weighed(weight: str, time: datetime = TIME) -> SearchRecord:
    record = search_record(time=time)
    parameters = (*record.parameters, ("w", weight))
    return replace(record, url=f"{record.url}&w={weight}", parameters=parameters)


def test_of_a_weight_that_is_moved_only_the_last_value_stays(records: Database) -> None:
    looked_at = searches.store(records, search_record())
    passed = [searches.store(records, weighed("0.1"))]
    for n, weight in enumerate(("0.2", "0.3")):
        time = TIME + timedelta(seconds=n)
        passed.append(searches.store(records, weighed(weight, time=time), replaces=passed[-1]))
    assert {each.id for each in searches.list_records(records).records} == {looked_at, passed[-1]}
    assert searches.store(records, weighed("0.3"), replaces=passed[-1]) == passed[-1], "not of itself"
    assert searches.get(records, passed[-1]).count == 2


@pytest.mark.parametrize("why", ["other query", "other user", "too late", "seen twice", "collected"])
def test_a_record_that_was_more_than_passed_is_not_replaced(records: Database, why: str) -> None:
    first = searches.store(records, weighed("0.1"))
    following = weighed("0.2")
    if why == "other query":
        following = replace(following, parameters=(("q", "table"),))
    elif why == "other user":
        following = replace(following, user="ada")
    elif why == "too late":
        following = replace(following, time=TIME + timedelta(seconds=11))
    elif why == "seen twice":
        searches.store(records, weighed("0.1"))
    else:
        collections.add(records, collections.create(records, "kept"), "P1/1/1", record=first, rank=1)
    searches.store(records, following, replaces=first)
    assert searches.get(records, first).id == first


def test_records_are_listed_newest_first_in_pages(records: Database) -> None:
    for n in range(25):
        time = TIME + timedelta(hours=n)
        searches.store(records, search_record(f"P{n}/1/1", time=time, words=f"thing {n}"))
    page = searches.list_records(records, offset=10, limit=10)
    assert page.total == 25
    assert [summary.words for summary in page.records] == [f"thing {n}" for n in range(14, 4, -1)]
    assert page.records[0].hits == 1
    assert searches.list_records(records, offset=100).records == ()


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("CHAIR", ["folding chair"]),
        ("chair folding", ["folding chair"]),
        ("a47g", ["folding chair", "50% zinc_alloy"]),
        ("50%", ["50% zinc_alloy"]),
        ("zinc_", ["50% zinc_alloy"]),
        ("%", ["50% zinc_alloy"]),
        ("foldingxchair", []),
        ("' OR 1=1 --", []),
        ("\0\ud800", []),
    ],
)
def test_the_list_is_filtered_by_words_taken_literally(
    records: Database, sought: str, found: list[str]
) -> None:
    searches.store(records, search_record(time=TIME + timedelta(hours=1)))
    searches.store(
        records,
        search_record(words="50% zinc_alloy", parameters=(("q", "50% zinc_alloy"),), url="/search?q=x"),
    )
    assert [summary.words for summary in searches.list_records(records, sought).records] == found


def test_any_text_is_stored(records: Database) -> None:
    words = "\0 \ud800 'x'; DROP TABLE search_records; -- שלום 椅子 \N{GRINNING FACE} \u202e" + "x" * 100_000
    record_id = searches.store(records, search_record(words=words, parameters=(("q", words),)))
    stored = searches.get(records, record_id)
    assert stored.words == words.replace("\0", "\N{REPLACEMENT CHARACTER}").replace(
        "\ud800", "\N{REPLACEMENT CHARACTER}"
    )
    assert len(record_hash(stored)) == 64


def test_an_unknown_or_deleted_record_says_so(records: Database) -> None:
    record_id = searches.store(records, search_record())
    searches.delete_record(records, record_id)
    for call in (searches.get, searches.delete_record):
        with pytest.raises(NotFound, match="There is no search record"):
            call(records, record_id)
    with pytest.raises(NotFound):
        searches.get(records, "\0'\ud800")


def test_old_records_go_when_they_may_but_not_those_a_collection_refers_to(records: Database) -> None:
    old = [searches.store(records, search_record(f"P{n}/1/1", time=TIME)) for n in range(3)]
    collection = collections.create(records, "kept")
    collections.add(records, collection, "P1/1/1", record=old[1], rank=1)
    late = search_record("P9/1/1", time=TIME + timedelta(days=31))
    searches.store(records, late)
    assert searches.list_records(records).total == 4, "0 days keep for ever"
    searches.store(records, replace(late, user="ada"), keep_days=30)
    left = {summary.id for summary in searches.list_records(records).records}
    assert len(left) == 3
    assert left & set(old) == {old[1]}
    assert searches.delete_old(records, 30, TIME + timedelta(days=400)) == 2


def test_the_same_answer_is_said_to_be_the_same() -> None:
    change = compare(search_record(), search_record(seconds=9.0))
    assert (change.changed, change.reasons) == (False, ())
    assert change.sentence == (
        "The answer is the same: 3 figures in the same order. Index and encoder are as they were."
    )


def test_a_changed_answer_says_what_changed_and_why() -> None:
    grown = replace(STATE, generation=20, patents=5, figures=1400)
    change = compare(
        search_record("A/1/1", "B/1/1", "C/1/1"), search_record("B/1/1", "D/1/1", "C/1/1", index=grown)
    )
    assert (change.changed, change.reasons, change.patents, change.figures) == (
        True,
        ("index grew",),
        2,
        1391,
    )
    assert (change.new, change.gone) == (("D/1/1",), ("A/1/1",))
    assert [(moved.figure_id, moved.old_rank, moved.new_rank) for moved in change.moved] == [("B/1/1", 2, 1)]
    assert change.sentence == (
        "The answer changed: 1 figure new, 1 figure gone and 1 figure moved."
        " The index grew from 3 to 5 patents (9 to 1,400 figures)."
    )


@pytest.mark.parametrize(
    ("other", "reasons", "said"),
    [
        ({"index": replace(STATE, figures=8, patents=2)}, ("index shrank",), "The index shrank from 3 to 2"),
        ({"index": replace(STATE, generation=13)}, ("index changed",), "Patents in the index were replaced"),
        ({"index": replace(STATE, identity="x")}, ("other index",), "Another index was searched"),
        ({"encoder": replace(SPEC, name="clip")}, ("encoder",), "The encoder changed from tiny (weights"),
        ({"encoder": None, "index": replace(STATE, figures=10)}, ("index grew", "encoder"), "to none."),
        ({"parameters": (("q", "table"),)}, ("other query",), "do not ask for quite the same"),
        ({"program": "0.2.0"}, ("not known",), "version 0.1.0, now version 0.2.0"),
    ],
)
def test_each_reason_for_a_change_is_named(
    other: dict[str, object], reasons: tuple[str, ...], said: str
) -> None:
    change = compare(search_record(), search_record("P1/1/1", **other))
    assert change.reasons == reasons
    assert change.sentence.startswith("The answer changed: 2 figures gone. ")
    assert said in change.sentence


def test_records_lie_in_the_data_folder_unless_a_setting_names_a_database(tmp_path: Path) -> None:
    with open_records(Settings(data=str(tmp_path / "new" / "folder"))) as database:
        record_id = searches.store(database, search_record())
    path = tmp_path / "new" / "folder" / "records.sqlite"
    with open_records(Settings(data="elsewhere", records=f"sqlite:///{path}")) as database:
        assert searches.get(database, record_id).words == "folding chair"


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("mysql://host/db", "not the URL of a database"),
        ("sqlite://", "without a file"),
        ("://", "not the URL of a database"),
        ("postgresql+nosuch://host/db", "driver .* is not installed"),
    ],
)
def test_a_database_that_cannot_be_used_is_refused_with_advice(place: str, message: str) -> None:
    with pytest.raises(RecordsProblem, match=message):
        Database.open(place)


def test_records_of_a_newer_version_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    with Database.open(path) as database, database.writing() as connection:
        connection.execute(text(f"UPDATE schema_version SET version = {VERSION + 1}"))
    before = path.read_bytes()
    with pytest.raises(RecordsProblem, match="written by a newer version of this program"):
        Database.open(path)
    assert path.read_bytes() == before


def test_a_file_that_is_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    path.write_bytes(b"Dear diary, " * 100)
    with pytest.raises(RecordsProblem, match="damaged or is no database of records"):
        Database.open(path)
    assert path.read_bytes() == b"Dear diary, " * 100
    other = tmp_path / "other.sqlite"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE collections (x)")
    connection.close()
    with pytest.raises(RecordsProblem, match="holds something else"):
        Database.open(other)


def test_a_database_that_cannot_be_reached_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordsProblem, match="cannot be made"):
        Database.open(tmp_path / "file" / "records.sqlite")
    (tmp_path / "records.sqlite").mkdir()
    with pytest.raises(RecordsProblem, match="cannot be written"):
        Database.open(tmp_path / "records.sqlite")


def test_a_failed_write_leaves_nothing_behind(records: Database) -> None:
    def fail() -> None:
        with records.writing() as connection:
            connection.execute(text("INSERT INTO collections VALUES ('x', 'half', '', '2026', '2026', '')"))
            raise IndexProblem("in the middle")

    with pytest.raises(IPatentError, match="in the middle"):
        fail()
    assert collections.list_collections(records) == ()


def test_threads_store_at_once_and_lose_nothing(records: Database) -> None:
    failures: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for n in range(15):
                searches.store(records, search_record(f"{name}{n}/1/1"))
                searches.store(records, search_record("same/1/1"))
                searches.list_records(records, limit=5)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "ABCD"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    page = searches.list_records(records, limit=1000)
    assert page.total == 61
    assert sorted(summary.count for summary in page.records)[-1] == 60


# Stores records of figures NAME0/1/1 ... and names each on its own line once `store` has returned.
_WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
from ipatent.records import Database, collections, searches
from search_records import search_record
name, count = sys.argv[3], int(sys.argv[4])
print("ready", flush=True)
sys.stdin.readline()
with Database.open(sys.argv[2]) as database:
    for number in range(count):
        figures = [f"{name}{number}/1/{n}" for n in range(100)]
        print(searches.store(database, search_record(*figures)), flush=True)
"""


def writer(path: Path, name: str, count: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(HERE), str(path), name, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_several_processes_make_and_fill_one_database_at_once(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    processes = [writer(path, name, 20) for name in "PQR"]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    told: set[str] = set()
    for process in processes:
        out, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        told |= set(out.split())
    with Database.open(path) as database:
        stored = {summary.id for summary in searches.list_records(database, limit=1000).records}
    assert stored == told
    assert len(told) == 60


@pytest.mark.parametrize("acknowledged", [1, 13])
def test_a_killed_writer_loses_no_record_that_it_reported(tmp_path: Path, acknowledged: int) -> None:
    path = tmp_path / "records.sqlite"
    process = writer(path, "P", 100_000)
    assert process.stdin
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("\n")
    process.stdin.flush()
    told = [process.stdout.readline().strip() for _ in range(acknowledged)]
    os.kill(process.pid, signal.SIGKILL)
    told += process.stdout.read().split()
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    with Database.open(path) as database:
        page = searches.list_records(database, limit=10**6)
        stored = {summary.id for summary in page.records}
        assert {name for name in told if len(name) == 12} <= stored
        assert len(stored) <= len(told) + 1
        assert all(len(searches.get(database, name).ranked) == 100 for name in stored)
        assert searches.store(database, search_record("after/1/1"))


def test_scores_of_any_number_type_are_stored(records: Database) -> None:
    import numpy as np

    record = search_record(ranked=(RankedFigure("P1/1/1", np.float32(0.1)),))  # type: ignore[arg-type]
    stored = searches.get(records, searches.store(records, record))
    assert stored.ranked == (RankedFigure("P1/1/1", 0.1),)
