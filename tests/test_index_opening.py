"""Opening an index: what is no index, or not for us, is refused with advice; nothing is harmed."""

import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index_entries import random_entry
from ipatent.errors import EncoderMismatch, IndexProblem, NotFound
from ipatent.index.embedded import EmbeddedIndex
from ipatent.index.schema import STEPS, connect, ensure_version
from ipatent.wording import read_wording
from test_objects import _NO_LONGER_ROOT
from tiny_encoder import SPEC


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "index.sqlite"


def filled(path: Path, patents: int = 3) -> Path:
    rng = np.random.default_rng(0)
    with EmbeddedIndex.open(path, SPEC, create=True) as index:
        for number in range(patents):
            index.put(random_entry(rng, f"P{number}"))
    return path


def read_all(path: Path) -> None:
    with EmbeddedIndex.open(path) as index:
        index.nearest_images(np.ones((1, SPEC.image_dim), np.float32), 10)
        index.matching_words(read_wording("chair"), 10)
        index.patents()


def test_a_missing_index_is_reported_and_not_made(path: Path) -> None:
    with pytest.raises(IndexProblem, match="ipatent ingest"):
        EmbeddedIndex.open(path)
    assert not path.exists()


def test_a_new_index_is_empty_and_has_no_encoder_yet(path: Path) -> None:
    with EmbeddedIndex.open(path, create=True) as index:
        status = index.status()
    assert (status.patents, status.sheets, status.figures, status.encoder) == (0, 0, 0, None)
    assert status.bytes > 0
    assert status.path == str(path)


@pytest.mark.parametrize(
    "name", ["a b?c#d%20.sqlite", "ünïcode 手袋.sqlite", "new\nline.sqlite", "not utf-8 \udcff.sqlite"]
)
def test_any_file_name_will_do(tmp_path: Path, name: str) -> None:
    filled(tmp_path / name)
    with EmbeddedIndex.open(tmp_path / name) as index:
        assert index.status().patents == 3
    assert (tmp_path / name).exists()


def test_opening_twice_keeps_what_is_there(path: Path) -> None:
    filled(path)
    with EmbeddedIndex.open(path, SPEC, create=True) as index:
        assert index.status().patents == 3
        assert index.status().encoder == SPEC


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7 no index", b"\0" * 100_000], ids=["empty", "PDF", "zeros"]
)
def test_a_file_that_is_no_index_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(IndexProblem, match="not an index"):
        EmbeddedIndex.open(path)
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    connection.close()
    with pytest.raises(IndexProblem, match="not an index"):
        EmbeddedIndex.open(path, SPEC, create=True)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]
    connection.close()


def test_a_folder_in_place_of_the_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexProblem, match="folder"):
        EmbeddedIndex.open(tmp_path, create=True)


def test_an_index_of_a_newer_version_is_refused(path: Path) -> None:
    filled(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(IndexProblem, match="newer iPatent") as caught:
        EmbeddedIndex.open(path)
    assert "Update" in caught.value.advice


def test_an_older_index_is_brought_up_to_date_with_all_its_content(path: Path) -> None:
    filled(path)
    connection = connect(path)
    ensure_version(
        connection, path, (*STEPS, ("ALTER TABLE figures ADD COLUMN colour TEXT NOT NULL DEFAULT ''",))
    )
    assert connection.execute("PRAGMA user_version").fetchone() == (len(STEPS) + 1,)
    assert {view for (view,) in connection.execute("SELECT view FROM figures")} == {""}
    connection.close()


def test_a_step_that_fails_changes_nothing(path: Path) -> None:
    filled(path)
    connection = connect(path)
    steps = (
        *STEPS,
        ("ALTER TABLE figures ADD COLUMN colour TEXT", "ALTER TABLE nowhere ADD COLUMN colour TEXT"),
    )
    with pytest.raises(sqlite3.OperationalError):
        ensure_version(connection, path, steps)
    connection.close()
    with EmbeddedIndex.open(path) as index:
        assert index.status().patents == 3


def test_a_damaged_index_is_reported(path: Path) -> None:
    filled(path, 60)
    content = bytearray(path.read_bytes())
    content[20_000:] = os.urandom(len(content) - 20_000)
    path.write_bytes(content)
    with pytest.raises(IndexProblem, match="damaged"):
        read_all(path)


def test_another_encoder_is_refused_with_both_names_and_the_way_out(path: Path) -> None:
    filled(path)
    other = replace(SPEC, name="other", weights="f" * 64)
    with pytest.raises(EncoderMismatch) as caught:
        EmbeddedIndex.open(path, other)
    assert "tiny" in caught.value.message
    assert "other" in caught.value.message
    assert "--encoder tiny" in caught.value.advice
    assert "ingest --re-encode" in caught.value.advice


def test_the_same_weights_under_another_name_are_the_same_encoder(path: Path) -> None:
    with EmbeddedIndex.open(filled(path), replace(SPEC, name="local-dir:/moved")) as index:
        assert index.put(random_entry(np.random.default_rng(1), "Q1")) == "new"
        assert index.status().encoder == SPEC


def test_an_index_without_an_encoder_takes_no_vectors(path: Path) -> None:
    with EmbeddedIndex.open(path, create=True) as index, pytest.raises(EncoderMismatch):
        index.put(random_entry(np.random.default_rng(0), "P1"))


def test_vectors_of_other_dimensions_are_refused(path: Path) -> None:
    entry = random_entry(np.random.default_rng(0), "P1")
    with EmbeddedIndex.open(path, replace(SPEC, image_dim=128), create=True) as index:
        with pytest.raises(EncoderMismatch, match="128"):
            index.put(entry)
        assert index.status().patents == 0


def test_a_query_vector_of_other_dimensions_is_refused(path: Path) -> None:
    with EmbeddedIndex.open(filled(path)) as index, pytest.raises(EncoderMismatch, match="7 dimensions"):
        index.nearest_images(np.ones((1, 7), np.float32), 3)


def test_two_encoders_cannot_both_fill_a_fresh_index(path: Path) -> None:
    rng = np.random.default_rng(0)
    with (
        EmbeddedIndex.open(path, SPEC, create=True) as first,
        EmbeddedIndex.open(path, replace(SPEC, preprocessing="other"), create=True) as second,
    ):
        first.put(random_entry(rng, "P1"))
        with pytest.raises(EncoderMismatch):
            second.put(random_entry(rng, "P2"))
        assert second.status().patents == 1


def test_an_index_that_takes_the_place_of_another_is_seen_by_those_who_have_it_open(path: Path) -> None:
    other = replace(SPEC, name="other", weights="f" * 64, image_dim=5, caption_dim=4)
    beside = path.with_name("beside.sqlite")
    entry = random_entry(np.random.default_rng(0), "Q1", figures=2)
    with EmbeddedIndex.open(filled(path)) as reader:
        old = reader.nearest_images(np.ones((1, SPEC.image_dim), np.float32), 100)
        before = reader.generation()
        with EmbeddedIndex.open(beside, other, create=True) as new:
            eye = {
                "image_vectors": np.eye(2, 5, dtype=np.float32),
                "caption_vectors": np.eye(2, 4, dtype=np.float32),
            }
            new.put(replace(entry, **eye))
        EmbeddedIndex.replace(path, beside)
        assert not list(path.parent.glob("beside*"))
        assert reader.generation() > before
        assert reader.status().encoder == other
        assert [patent.id for patent in reader.patents()] == ["Q1"]
        found = reader.nearest_images(np.eye(1, 5, dtype=np.float32), 100)
        assert [each.id for each, _ in reader.figures_at(found.rows)] == ["Q1/1/1", "Q1/2/1"]
        assert reader.nearest_captions(np.eye(1, 4, dtype=np.float32), 1).scores.tolist() == [1.0]
        assert len(reader.matching_words(read_wording(entry.patent.title), 100).rows) == 2
        with pytest.raises(NotFound):
            reader.figures_at(old.rows)
        with EmbeddedIndex.open(path, other) as writer:
            writer.put(replace(entry, fingerprint="2", **eye))
            writer.delete("Q1")
        assert not len(reader.nearest_images(np.eye(1, 5, dtype=np.float32), 100).rows)


def test_a_closed_index_says_so(path: Path) -> None:
    index = EmbeddedIndex.open(filled(path))
    index.close()
    index.close()
    with pytest.raises(IndexProblem, match="closed"):
        index.status()


_WRITE = """
import sys
sys.path.insert(0, sys.argv[2])
import numpy as np
from index_entries import random_entry
from ipatent.errors import IndexProblem
from ipatent.index.embedded import EmbeddedIndex
try:
    index = EmbeddedIndex.open(sys.argv[1])
    index.put(random_entry(np.random.default_rng(1), "Q1"))
except IndexProblem as problem:
    print(problem)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="takes root's rights away as Linux does")
def test_an_index_that_may_not_be_written_is_reported(path: Path) -> None:
    filled(path)
    path.chmod(0o444)
    path.parent.chmod(0o555)
    try:
        done = subprocess.run(
            [sys.executable, "-c", _NO_LONGER_ROOT + _WRITE, str(path), str(Path(__file__).parent)],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    finally:
        path.parent.chmod(0o755)
    assert "cannot be written to" in done.stdout
    assert "Give this user the right" in done.stdout
