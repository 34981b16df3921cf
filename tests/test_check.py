"""Everything that can come apart between index, objects and records, broken on purpose and mended."""

import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from qdrant_client import grpc
from typer.testing import CliRunner

from ipatent.backup import backup, open_source, restore
from ipatent.check import Checked, Options, check
from ipatent.cli import app
from ipatent.index.embedded import EmbeddedIndex
from ipatent.index.qdrant import QdrantIndex
from ipatent.ingest import ingest
from ipatent.objects import Objects
from ipatent.records import Database, collections
from ipatent.settings import Settings
from ipatent.wording import read_wording
from library_files import made, of_folder, of_index
from patent_files import write_patent
from servers import QdrantServer, qdrant
from tiny_encoder import SPEC, TinyEncoder

ALL_AGES = Options(older_than=-60.0)
FIRST = "USD900000S1"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A sound data folder, of which a test breaks something."""
    settings = made(tmp_path / "data", patents=2)
    with EmbeddedIndex.open(tmp_path / "data/index.sqlite") as index:
        index.forget_source("3.x:aa")
        index.mark_source("3.x:bb", json.dumps({"patent": FIRST}))
    return settings


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QdrantServer]:
    with qdrant(tmp_path_factory.mktemp("qdrant")) as running:
        yield running


def look(settings: Settings, mend: bool = False, deep: bool = False) -> Checked:
    return check(settings, Options(deep, -60.0), mend, encoder=TinyEncoder())


def kinds(checked: Checked) -> dict[str, int]:
    return {one.kind: one.count for one in checked.findings}


def change(settings: Settings, *statements: str) -> None:
    """Run statements on the index file behind everybody's back."""
    with closing(sqlite3.connect(Path(settings.data) / "index.sqlite", isolation_level=None)) as file:
        for statement in statements:
            file.execute(statement)


def drawings(settings: Settings) -> Objects:
    return Objects.open(Path(settings.data) / "objects")


def figure_names(settings: Settings, which: str) -> str:
    with EmbeddedIndex.open(Path(settings.data) / "index.sqlite") as index:
        return str(getattr(index.figures_of(FIRST)[0], which))


def damage(settings: Settings, name: str) -> None:
    (Path(settings.data) / "objects" / name[:2] / name[2:4] / name).write_bytes(b"\x89PNG nothing")


def test_a_sound_index_is_sound_and_mending_changes_nothing(settings: Settings) -> None:
    before = of_folder(Path(settings.data))
    checked = look(settings, mend=True, deep=True)
    assert checked.sound
    assert kinds(checked) == {}
    assert (checked.patents, checked.figures) == (2, 10)
    assert of_folder(Path(settings.data)) == before


@pytest.mark.parametrize(
    ("statements", "kind", "count"),
    [
        (["UPDATE figures SET image_vector = x'00' WHERE id LIKE '%/2/1'"], "wrong-vectors", 2),
        (["UPDATE figures SET image_vector = zeroblob(128) WHERE id LIKE '%/2/1'"], "wrong-vectors", 2),
        (["UPDATE figures SET caption_vector = x'0000' WHERE id LIKE '%/3/1'"], "wrong-vectors", 2),
        (["DELETE FROM figure_words WHERE rowid IN (SELECT min(row) FROM figures)"], "words-out-of-step", 1),
        (["DELETE FROM patent_words"], "words-out-of-step", 2),
        (["UPDATE figure_words SET caption = 'other words'"], "words-out-of-step", 10),
        (["INSERT INTO patent_words (rowid, title) VALUES (99, 'ghost')"], "words-out-of-step", 1),
        (["UPDATE state SET figures = 7, patents = 9"], "wrong-counts", 2),
    ],
)
def test_what_the_index_file_itself_can_give_is_mended_to_what_it_was(
    settings: Settings, statements: list[str], kind: str, count: int
) -> None:
    before = of_folder(Path(settings.data))
    with EmbeddedIndex.open(Path(settings.data) / "index.sqlite", SPEC) as reader:
        change(settings, *statements)
        checked = look(settings)
        assert kinds(checked)[kind] == count
        assert not checked.sound
        mended = look(settings, mend=True)
        assert mended.sound
        assert kind in {one.kind for one in mended.mended}
        assert of_folder(Path(settings.data)) == before
        assert len(reader.matching_words(read_wording("mitten"), 50).rows) == 5
        vector = reader.image_vector(f"{FIRST}/2/1")
        (best,) = reader.figures_at(reader.nearest_images(vector, 1).rows)
        assert best[0].id == f"{FIRST}/2/1"


def test_figures_without_their_patent_and_patents_without_figures_go(settings: Settings) -> None:
    change(settings, f"DELETE FROM patents WHERE id = '{FIRST}'")  # foreign keys are off here
    change(settings, "DELETE FROM figures WHERE id LIKE 'USD900001S1/%'")
    found = kinds(look(settings))
    assert (found["figures-without-patent"], found["patents-without-figures"]) == (5, 1)
    mended = look(settings, mend=True)
    assert mended.sound
    assert (mended.patents, mended.figures) == (0, 0)
    assert not list(drawings(settings).each())
    with EmbeddedIndex.open(Path(settings.data) / "index.sqlite") as index:
        assert index.sources() == {}


def test_a_thumbnail_is_made_anew_from_its_drawing(settings: Settings) -> None:
    before = of_folder(Path(settings.data))
    drawings(settings).delete(figure_names(settings, "thumbnail"))
    assert kinds(look(settings)) == {"missing-thumbnails": 1}
    assert look(settings, mend=True).sound
    assert of_folder(Path(settings.data)) == before


def test_a_thumbnail_of_another_size_takes_the_place_of_the_missing_one(settings: Settings) -> None:
    drawings(settings).delete(figure_names(settings, "thumbnail"))
    other = Settings(data=settings.data, thumbnail=100)
    assert look(other, mend=True).sound
    assert drawings(settings).exists(figure_names(settings, "thumbnail"))
    with EmbeddedIndex.open(Path(settings.data) / "index.sqlite") as index:
        assert index.fingerprint(FIRST) == "drawn-0"


def test_damaged_bytes_are_found_only_by_reading_all(settings: Settings) -> None:
    before = of_folder(Path(settings.data))
    damage(settings, figure_names(settings, "thumbnail"))
    assert look(settings).sound
    assert kinds(look(settings, deep=True)) == {"missing-thumbnails": 1}
    assert look(settings, mend=True, deep=True).sound
    assert of_folder(Path(settings.data)) == before


def test_objects_that_nobody_shows_go_when_they_are_old_enough(settings: Settings) -> None:
    stray = drawings(settings).put(b"nobody shows this")
    assert check(settings).sound
    path = Path(settings.data) / "objects" / stray[:2] / stray[2:4] / stray
    os.utime(path, (time.time() - 25 * 3600,) * 2)
    assert kinds(check(settings)) == {"orphaned-objects": 1}
    assert check(settings, mend=True).sound
    assert not path.exists()


@pytest.mark.parametrize("deep", [False, True])
def test_a_lost_drawing_comes_back_with_the_next_ingest(tmp_path: Path, deep: bool) -> None:
    settings = Settings(data=str(tmp_path / "data"), processes=1)
    source = write_patent(tmp_path / "a chair.pdf", "D900,001", sheets=2)

    def read() -> int:
        with EmbeddedIndex.open(tmp_path / "data/index.sqlite", SPEC, create=True) as index:
            return ingest([source], index, TinyEncoder(), tmp_path / "data/objects", settings).replaced

    read()
    before = of_folder(tmp_path / "data")
    with EmbeddedIndex.open(tmp_path / "data/index.sqlite") as index:
        name = index.figures_of("USD900001S1")[0].image
    if deep:
        damage(settings, name)
    else:
        drawings(settings).delete(name)
    assert read() == 0  # nobody notices
    checked = look(settings, mend=True, deep=deep)
    (finding,) = (one for one in checked.findings if one.kind == "missing-drawings")
    assert finding.command == f"ipatent ingest '{source}'"
    assert not checked.sound
    assert read() == 1
    assert look(settings, deep=True).sound
    assert of_folder(tmp_path / "data") == before


def test_records_of_figures_that_are_gone_are_told_and_kept(settings: Settings) -> None:
    with Database.open(Path(settings.data) / "records.sqlite") as records:
        collection = collections.create(records, "of another index")
        collections.add(records, collection, "USD1S1/1/1")
    checked = look(settings, mend=True)
    assert kinds(checked) == {"collected-figures-gone": 1}
    assert checked.findings[0].examples == ("USD1S1/1/1",)
    assert checked.sound
    with Database.open(Path(settings.data) / "records.sqlite") as records:
        assert collections.get(records, collection).items


def test_a_pictures_search_whose_upload_is_gone_is_told(settings: Settings) -> None:
    uploads = Objects.open(Path(settings.data) / "uploads")
    for one in list(uploads.each()):
        uploads.delete(one.name)
    assert kinds(look(settings)) == {"searched-pictures-gone": 1}


def test_vectors_of_another_encoder_of_the_same_width_are_found_by_a_deep_look(settings: Settings) -> None:
    rng = np.random.default_rng(1)
    vector = rng.standard_normal(SPEC.image_dim).astype(np.float32)
    halves = (vector / np.linalg.norm(vector)).astype("<f2").tobytes().hex()
    change(settings, f"UPDATE figures SET image_vector = x'{halves}'")
    assert look(settings).sound
    checked = look(settings, mend=True, deep=True)
    assert kinds(checked) == {"vectors-of-another-encoder": 2}
    assert checked.findings[0].command == "ipatent ingest --re-encode"
    with_unknown = check(settings, Options(deep=True, older_than=-60.0))
    assert "encoder-missing" in kinds(with_unknown)


def test_documents_whose_patents_are_gone_are_forgotten(settings: Settings) -> None:
    with EmbeddedIndex.open(Path(settings.data) / "index.sqlite") as index:
        index.mark_source("3.x:cc", json.dumps({"patent": "USD1S1"}))
        index.mark_source("3.x:dd", "no JSON")
    assert kinds(look(settings)) == {"documents-without-patent": 2}
    assert look(settings, mend=True).sound
    with EmbeddedIndex.open(Path(settings.data) / "index.sqlite") as index:
        assert list(index.sources()) == ["3.x:bb"]


def test_leftovers_of_broken_off_runs_are_found(settings: Settings) -> None:
    left = Path(settings.data) / "index.sqlite.abc.new"
    left.touch()
    assert kinds(look(settings)) == {"leftover-files": 1}
    assert look(settings, mend=True).sound
    assert not left.exists()


def test_a_damaged_file_is_told_with_the_way_back(settings: Settings) -> None:
    path = Path(settings.data) / "index.sqlite"
    change(settings, "PRAGMA wal_checkpoint(TRUNCATE)", "DROP INDEX patents_by_family")
    change(
        settings,
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'sources')"
        " WHERE name = 'applicants_by_name'",
    )
    assert path.exists()
    checked = look(settings, deep=True)
    assert kinds(checked)["damaged-file"] == 1
    assert any(one.command == "ipatent restore FROM --replace" for one in checked.findings)


def test_points_on_a_server_are_checked_and_mended(
    settings: Settings, server: QdrantServer, tmp_path: Path
) -> None:
    backup(str(tmp_path / "sound.tar"), settings)
    served = Settings(data=str(tmp_path / "served"), index=f"qdrant://{server.node}/checked")
    restore(open_source(str(tmp_path / "sound.tar"), served), served)
    assert look(served, deep=True).sound
    with QdrantIndex.open(served.index, SPEC) as index:
        before = of_index(index)
        store = index.store()
        assert store
        points = list(store.each("figures", (), ("publication", "words", "body"), ("image",)))
        mine = [each for each in points if each.payload["publication"].string_value == FIRST]
        number = mine[0].id.num >> 13
        selector = grpc.PointsSelector(points=grpc.PointsIdsList(ids=[mine[0].id]))
        names = grpc.VectorsSelector(names=["image"])
        store.nodes.call(
            "Points",
            "DeleteVectors",
            grpc.DeletePointVectors(
                collection_name=store.filling["figures"], wait=True, points_selector=selector, vectors=names
            ),
            writing=True,
        )
        words = grpc.SetPayloadPoints(
            collection_name=store.filling["figures"],
            wait=True,
            payload={"words": grpc.Value(string_value="other")},
            points_selector=selector,
        )
        store.nodes.call("Points", "SetPayload", words, writing=True)
        stray = grpc.PointStruct(id=grpc.PointId(num=(number + 1) << 13))
        for key, value in mine[1].payload.items():
            stray.payload[key].CopyFrom(value)
        stray.vectors.vectors.vectors["image"].dense.data.extend([0.125] * SPEC.image_dim)
        store.write("figures", [stray])
        found = kinds(look(served, deep=True))
        assert found == {"figures-without-patent": 1, "words-out-of-step": 1, "wrong-vectors": 1}
        mended = look(served, mend=True, deep=True)
        assert kinds(mended) == {}
        assert of_index(index) == before
        store.remove("figures", [mine[2].id])
        assert kinds(look(served))["patents-without-figures"] == 1
        assert "documents-without-patent" in {one.kind for one in look(served, mend=True).mended}
        assert [patent.id for patent in index.patents()] == ["USD900001S1"]


def test_the_command_tells_by_its_status_whether_all_is_well(settings: Settings) -> None:
    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["check", "--data", settings.data, *words])
        return result.exit_code, result.stdout

    assert run() == (0, "Everything fits together: 2 patents, 10 figures.\n")
    drawings(settings).delete(figure_names(settings, "thumbnail"))
    code, told = run("--json")
    assert (code, json.loads(told)["sound"]) == (1, False)
    code, shown = run()
    assert code == 1
    assert "makes them anew" in shown
    assert run("--mend")[0] == 0
