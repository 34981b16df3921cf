"""Backups: made, verified and put back whole, and refused where they are not."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from drawn_patents import fill
from index_entries import random_entry
from ipatent.backup import backup, open_source, restore, verify
from ipatent.cli import app
from ipatent.errors import BackupProblem
from ipatent.index.embedded import EmbeddedIndex
from ipatent.index.qdrant import QdrantIndex
from ipatent.objects import Objects
from ipatent.records import Database, collections
from ipatent.settings import Settings
from library_files import made, of_folder, of_index, of_records
from servers import QdrantServer, qdrant
from tiny_encoder import SPEC, TinyEncoder


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A data folder that no test changes."""
    return made(tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="module")
def archive(kept: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it in a file."""
    path = tmp_path_factory.mktemp("backup") / "kept.tar"
    backup(str(path), kept)
    return path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QdrantServer]:
    with qdrant(tmp_path_factory.mktemp("qdrant")) as running:
        yield running


def put_back(path: Path, to: Settings, replace: bool = False) -> None:
    restore(open_source(str(path), to), to, replace)


def refusal(path: Path, folder: Path) -> str:
    """What verifying and restoring a broken backup say, both the same; nothing is left to be seen."""
    settings = Settings(data=str(folder))
    with pytest.raises(BackupProblem) as verifying:
        verify(open_source(str(path), settings))
    with pytest.raises(BackupProblem) as restoring:
        put_back(path, settings)
    assert str(verifying.value) == str(restoring.value)
    assert not folder.exists()
    return str(verifying.value)


def test_a_file_puts_everything_back_to_the_last_bit_and_twice_changes_nothing(
    kept: Settings, archive: Path, tmp_path: Path
) -> None:
    settings = Settings(data=str(tmp_path / "other"))
    put_back(archive, settings)
    before = of_folder(tmp_path / "other")
    assert before == of_folder(Path(kept.data))
    put_back(archive, settings)
    assert of_folder(tmp_path / "other") == before
    assert not list(tmp_path.glob("other/*.new*"))
    with EmbeddedIndex.open(tmp_path / "other/index.sqlite", SPEC) as index:
        query = TinyEncoder().encode_captions(["garden"])
        assert len(index.nearest_captions(query, 5).rows) == 5


def test_the_file_can_be_read_without_this_program(archive: Path) -> None:
    with tarfile.open(archive) as file:
        names = file.getnames()
        assert names[-1] == "manifest.json"

        def read(name: str) -> bytes:
            member = file.extractfile(name)
            assert member
            return member.read()

        manifest = json.loads(read("manifest.json"))
        folder = next(name for name in names if name.endswith("patents.jsonl")).rpartition("/")[0]
        first = json.loads(read(f"{folder}/patents.jsonl").splitlines()[0])
        images = np.load(BytesIO(read(f"{folder}/images.npy")))
        figure = first["figures"][0]
        assert read(f"objects/{figure['image'][:2]}/{figure['image'][2:4]}/{figure['image']}")[1:4] == b"PNG"
    assert (manifest["format"], manifest["version"], manifest["figures"]) == ("ipatent-backup", 1, 15)
    assert images.dtype == np.float16
    assert images.shape[1] == SPEC.image_dim


def test_a_folder_takes_of_a_second_backup_only_what_is_new(tmp_path: Path) -> None:
    settings = made(tmp_path / "data")
    place = f"{tmp_path / 'backups'}/"
    first = backup(place, settings)
    again = backup(place, settings)
    assert again.written == 0
    with EmbeddedIndex.open(tmp_path / "data/index.sqlite", SPEC) as index:
        index.put(random_entry(np.random.default_rng(1), "USD1S1", figures=2))
    third = backup(place, settings)
    assert (third.patents, third.missing) == (4, 3)
    assert 0 < third.written < first.written / 3
    for at, patents in ((first.made, 3), ("", 4)):
        other = Settings(data=str(tmp_path / f"other{patents}"))
        assert restore(open_source(place, other, at), other).patents == patents
    assert of_folder(tmp_path / "other3") != of_folder(tmp_path / "data")
    assert of_folder(tmp_path / "other4") == of_folder(tmp_path / "data")
    with pytest.raises(BackupProblem, match="There is no backup 1999"):
        open_source(place, settings, "1999")


def test_an_index_goes_to_a_server_and_back_with_all_vectors(
    kept: Settings, archive: Path, server: QdrantServer, tmp_path: Path
) -> None:
    settings = Settings(data=str(tmp_path / "served"), index=f"qdrant://{server.node}/restored")
    put_back(archive, settings)
    with EmbeddedIndex.open(Path(kept.data) / "index.sqlite") as index:
        there = of_index(index)
    with QdrantIndex.open(settings.index, SPEC) as served:
        assert of_index(served) == there
        served.delete("USD900001S1")
    with pytest.raises(BackupProblem, match=r"2 patents in qdrant://.*--replace"):
        put_back(archive, settings)
    put_back(archive, settings, replace=True)
    put_back(archive, settings)
    with QdrantIndex.open(settings.index, SPEC) as served:
        assert of_index(served) == there
    backup(str(tmp_path / "from-server.tar"), settings)
    put_back(tmp_path / "from-server.tar", Settings(data=str(tmp_path / "back")))
    assert of_folder(tmp_path / "back") == of_folder(Path(kept.data))


def test_what_is_there_is_not_overwritten_unless_it_may_go(archive: Path, tmp_path: Path) -> None:
    settings = made(tmp_path / "data", patents=4)
    with pytest.raises(BackupProblem, match=r"4 patents in .*rows of records.*--data, or add --replace"):
        put_back(archive, settings)
    with pytest.raises(BackupProblem, match="is there already"):
        backup(str(archive), settings)
    put_back(archive, settings, replace=True)
    with EmbeddedIndex.open(tmp_path / "data/index.sqlite") as index:
        assert index.status().patents == 3
        assert index.status().figures == 15
    with Database.open(tmp_path / "data/records.sqlite") as records:
        assert len(collections.list_collections(records)) == 1
        assert collections.create(records, "another")


@pytest.mark.parametrize("where", range(12))
def test_a_flipped_byte_anywhere_is_found(archive: Path, tmp_path: Path, where: int) -> None:
    content = bytearray(archive.read_bytes())
    place = int(np.random.default_rng(where).integers(len(content) - 1024))
    if where < 3:  # in the head of the first member, in the manifest, in the end
        place = (100, content.rindex(b'"patents"') + 2, len(content) - 5)[where]
    content[place] ^= 0x41
    broken = tmp_path / "broken.tar"
    broken.write_bytes(content)
    assert "Nothing was changed" in refusal(broken, tmp_path / "data") or where == 0


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_file_that_is_cut_off_is_not_taken_for_a_backup(
    archive: Path, tmp_path: Path, share: float
) -> None:
    content = archive.read_bytes()
    cut = tmp_path / "cut.tar"
    cut.write_bytes(content[: int(len(content) * share)])
    said = refusal(cut, tmp_path / "data")
    assert "is not complete" in said or (share == 0.0 and "no backup of iPatent" in said)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("../../evil", tarfile.REGTYPE),
        ("/etc/evil", tarfile.REGTYPE),
        ("objects/../../../evil", tarfile.REGTYPE),
        ("encoder/../evil.npz", tarfile.REGTYPE),
        ("objects/aa/aa/" + "a" * 64, tarfile.SYMTYPE),
        ("index/000000/images.npy", tarfile.DIRTYPE),
        ("records/sqlite_master;drop-000000.jsonl", tarfile.REGTYPE),
    ],
)
def test_a_member_that_would_lead_elsewhere_is_refused(
    archive: Path, tmp_path: Path, name: str, kind: bytes
) -> None:
    header = tarfile.TarInfo(name)
    header.type, header.linkname = kind, "/etc/passwd"
    hostile = tmp_path / "hostile.tar"
    hostile.write_bytes(header.tobuf(tarfile.USTAR_FORMAT) + archive.read_bytes())
    assert "which is no part of a backup" in refusal(hostile, tmp_path / "data")


def test_a_member_that_would_fill_the_memory_is_refused(archive: Path, tmp_path: Path) -> None:
    header = tarfile.TarInfo("index/000000/images.npy")
    header.size = 8**11 - 1
    hostile = tmp_path / "hostile.tar"
    hostile.write_bytes(header.tobuf(tarfile.USTAR_FORMAT) + archive.read_bytes())
    assert "is larger than any part of a backup" in refusal(hostile, tmp_path / "data")


def test_a_backup_of_a_newer_layout_is_refused(kept: Settings, tmp_path: Path) -> None:
    place = tmp_path / "backups"
    backup(f"{place}/", kept)
    (manifest,) = (place / "backups").iterdir()
    manifest.write_bytes(manifest.read_bytes().replace(b'"version": 1', b'"version": 2'))
    with pytest.raises(BackupProblem, match=r"made by a newer iPatent \(layout 2"):
        open_source(str(place), kept)


def test_a_drawing_that_was_damaged_in_the_folder_is_found(kept: Settings, tmp_path: Path) -> None:
    place = tmp_path / "backups"
    backup(f"{place}/", kept)
    path = next((place / "objects").glob("*/*/*"))
    path.write_bytes(path.read_bytes()[:-1])
    assert f"{path.name} do not have the sum" in refusal(place, tmp_path / "data")
    path.unlink()
    assert f"{path.name} is missing" in refusal(place, tmp_path / "data")


SCRIPT = """
import sys, time
from ipatent.backup import backup, open_source, restore
from ipatent.settings import Settings
def slowly(*told):
    print(*told, flush=True)
    time.sleep(0 if told[0] == "Verifying" else 0.02)
settings = Settings(data=sys.argv[2])
if sys.argv[1] == "backup":
    backup(sys.argv[3], settings, progress=slowly)
else:
    restore(open_source(sys.argv[3], settings), settings, progress=slowly)
"""


def kill_in_the_middle(what: str, data: Path, to: Path, sign: str, lines: int = 1) -> None:
    """Let another process do it, and end it as a power cut would, after some lines that begin so."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, what, str(data), str(to)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    for line in process.stdout:
        lines -= line.startswith(sign)
        if not lines:
            break
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()


def test_a_killed_backup_leaves_no_file_of_that_name_and_the_next_one_is_whole(tmp_path: Path) -> None:
    settings = made(tmp_path / "data")
    with EmbeddedIndex.open(tmp_path / "data/index.sqlite", SPEC) as index:
        for number in range(40):
            index.put(random_entry(np.random.default_rng(number), f"USD{number}S1"))
    to = tmp_path / "killed.tar"
    kill_in_the_middle("backup", tmp_path / "data", to, "")
    assert not to.exists()
    backup(str(to), settings)
    assert verify(open_source(str(to), settings)).patents == 43
    assert [path.name for path in tmp_path.iterdir() if "killed" in path.name] == ["killed.tar"]


@pytest.mark.parametrize(("after", "lines"), [("Verifying", 5), ("Restoring", 50)])
def test_a_killed_restore_shows_nothing_and_the_next_one_goes_on(
    kept: Settings, archive: Path, tmp_path: Path, after: str, lines: int
) -> None:
    data = tmp_path / "data"
    kill_in_the_middle("restore", data, archive, after, lines)
    if (data / "index.sqlite").exists():
        with EmbeddedIndex.open(data / "index.sqlite") as index:
            assert index.status().patents == 0
        assert not any(rows for name, rows in of_records(data).items() if name != "schema_version")
    put_back(archive, Settings(data=str(data)))
    assert of_folder(data) == of_folder(Path(kept.data))


def test_a_backup_made_while_patents_come_and_go_holds_each_whole(tmp_path: Path) -> None:
    settings = made(tmp_path / "data")
    done = threading.Event()

    def change() -> None:
        with EmbeddedIndex.open(tmp_path / "data/index.sqlite", SPEC) as index:
            number = 0
            while not done.is_set():
                entry = random_entry(np.random.default_rng(number), f"USD{number % 40}S1", f"{number}")
                index.put(entry)
                if number % 3 == 0:
                    index.delete(entry.patent.id)
                number += 1

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for number in range(4):
            summary = backup(str(tmp_path / f"{number}.tar"), settings)
            manifest = verify(open_source(str(tmp_path / f"{number}.tar"), settings))
            assert manifest.figures == summary.figures
    finally:
        done.set()
        thread.join()
    other = Settings(data=str(tmp_path / "other"))
    put_back(tmp_path / "3.tar", other)
    with EmbeddedIndex.open(tmp_path / "other/index.sqlite", SPEC) as index:
        assert {patent.id for patent in index.patents(0, 500)} >= {f"USD90000{n}S1" for n in range(3)}


def test_a_missing_drawing_is_counted_and_hinders_nothing(tmp_path: Path) -> None:
    settings = made(tmp_path / "data")
    objects = Objects.open(tmp_path / "data/objects")
    gone, damaged = (one.name for _, one in zip(range(2), objects.each(), strict=False))
    objects.delete(gone)
    (tmp_path / "data/objects" / damaged[:2] / damaged[2:4] / damaged).write_bytes(b"")
    for to in (tmp_path / "one.tar", tmp_path / "many"):
        assert backup(str(to), settings).missing == 2
        other = Settings(data=str(tmp_path / f"other-{to.name}"))
        assert restore(open_source(str(to), other), other).missing == 2
        held = Objects.open(f"{other.data}/objects")
        assert not held.exists(gone)
        assert sum(1 for _ in held.each()) == 43


def test_an_empty_index_can_be_kept_and_put_back(tmp_path: Path) -> None:
    EmbeddedIndex.open(tmp_path / "data/index.sqlite", create=True).close()
    settings = Settings(data=str(tmp_path / "data"))
    backup(str(tmp_path / "empty.tar"), settings)
    full = made(tmp_path / "full")
    put_back(tmp_path / "empty.tar", full, replace=True)
    with EmbeddedIndex.open(tmp_path / "full/index.sqlite") as index:
        assert index.status().patents == 0
    assert not of_records(tmp_path / "full")["collections"]


def test_the_commands_say_what_they_did(kept: Settings, tmp_path: Path) -> None:
    def run(*words: str) -> str:
        result = CliRunner().invoke(app, list(words), env=os.environ | {"COLUMNS": "300"})
        assert result.exit_code == 0, result.output
        return result.stdout

    to = str(tmp_path / "kept.tar")
    assert "holds 3 patents, 15 figures, 45 drawings" in run("backup", to, "--data", kept.data)
    assert "is whole: 3 patents, 15 figures" in run("backup", to, "--verify")
    told = json.loads(run("restore", to, "--data", str(tmp_path / "other"), "--json"))
    assert (told["patents"], told["records"]["judgements"]) == (3, 2)
    for wrong, says in (("x.zip", "ends in .tar"), ("ftp://a/b", "no place"), ("none.tar", "no backup")):
        result = CliRunner().invoke(app, ["restore", wrong, "--data", str(tmp_path / "other")])
        assert says in str(result.exception)


def test_an_adapted_encoder_is_kept_with_its_head(tmp_path: Path) -> None:
    from ipatent.encode.head import FOLDER, MARK, Head

    head = Head(np.zeros(SPEC.image_dim, np.float32), np.eye(SPEC.image_dim, dtype=np.float32))
    path = head.save(tmp_path / "data" / FOLDER)
    spec = replace(SPEC, name=f"tiny{MARK}{path.stem}")

    class Adapted(TinyEncoder):
        @property
        def spec(self) -> object:  # type: ignore[override]
            return spec

    state = fill(tmp_path / "data", Adapted(), patents=1).state
    state.index.close()
    state.records.close()
    settings = Settings(data=str(tmp_path / "data"))
    backup(str(tmp_path / "one.tar"), settings)
    put_back(tmp_path / "one.tar", Settings(data=str(tmp_path / "other")))
    assert Head.load(tmp_path / "other" / FOLDER, path.stem).digest == head.digest
    shutil.rmtree(tmp_path / "data" / FOLDER)
    with pytest.raises(BackupProblem, match="head of the encoder"):
        backup(str(tmp_path / "two.tar"), settings)
