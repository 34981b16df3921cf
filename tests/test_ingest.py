"""From files to the index, whatever happens on the way."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ipatent.errors import IndexProblem, SourceError
from ipatent.index.embedded import EmbeddedIndex
from ipatent.ingest import IngestSummary, Step, ingest
from ipatent.objects import Objects
from ipatent.opening import patent_id_of
from ipatent.settings import Settings
from patent_files import drawing, write_many_pages, write_patent
from tiny_encoder import SPEC, TinyEncoder

SETTINGS = Settings(processes=1, max_pages=100, max_sheet_pixels=20_000_000)


class Library:
    """A data folder with an index that the tiny encoder fills."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = EmbeddedIndex.open(folder / "index.sqlite", SPEC, create=True)

    def ingest(self, *paths: Path, settings: Settings = SETTINGS) -> IngestSummary:
        return ingest(paths, self.index, TinyEncoder(), self.folder / "objects", settings)

    def ids(self) -> list[str]:
        return [patent.id for patent in self.index.patents()]

    def content(self) -> dict[str, bytes]:
        """Each figure with its vector and all that is stored of it and its patent."""
        return {
            figure.id: repr((figure, patent)).encode() + self.index.image_vector(figure.id).tobytes()
            for patent in self.index.patents()
            for figure in self.index.figures_of(patent.id)
        }


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "data")
    yield library
    library.index.close()


@pytest.fixture
def patents(tmp_path: Path) -> Path:
    folder = tmp_path / "patents"
    folder.mkdir()
    return folder


def write_some(folder: Path, count: int, sheets: int = 2) -> None:
    for n in range(count):
        write_patent(folder / f"p{n}.pdf", f"D900,{n:03}", f"THING {n}", sheets=sheets, seed=n)


def picture(path: Path, seed: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    drawing(seed, 200, 150).save(path)
    return path


def counts(summary: IngestSummary) -> tuple[int, int, int]:
    return summary.new, summary.unchanged, summary.replaced


def sound(path: Path) -> bool:
    connection = sqlite3.connect(path)
    try:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        connection.close()


def test_broken_files_are_reported_and_the_others_are_indexed(library: Library, patents: Path) -> None:
    write_some(patents, 2)
    (patents / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing")
    write_many_pages(patents / "long.pdf", 10_000)
    (patents / "empty.png").touch()
    (patents / "[bold]line\nbreak.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    shutil.copy(patents / "p0.pdf", patents / "zz copy.pdf")
    steps: list[Step] = []
    summary = ingest(
        [patents], library.index, TinyEncoder(), library.folder / "objects", SETTINGS, steps.append
    )
    assert (summary.patents, summary.sheets, summary.figures) == (2, 4, 4)
    assert counts(summary) == (2, 0, 0)
    reasons = {Path(skip.path).name: skip.reason for skip in summary.skipped}
    assert set(reasons) == {
        "broken.pdf",
        "long.pdf",
        "empty.png",
        "[bold]line\\nbreak.png",
        "zz copy.pdf",
    }
    assert "no PDF reader could open it" in reasons["broken.pdf"]
    assert "10,000 pages" in reasons["long.pdf"]
    assert reasons["zz copy.pdf"].startswith("has the same content as ")
    assert [step.done for step in steps] == list(range(1, 7))
    assert {step.total for step in steps} == {6}
    assert library.ids() == ["USD900000S1", "USD900001S1"]


def test_twice_gives_the_same_index_and_reads_nothing_again(
    library: Library, patents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_some(patents, 2)
    picture(patents / "mug" / "1.png", 1)
    picture(patents / "mug" / "2.png", 2)
    assert counts(library.ingest(patents)) == (3, 0, 0)
    before = library.content()
    monkeypatch.setattr("ipatent.ingest.read_job", None)
    monkeypatch.chdir(patents)
    again = library.ingest(Path(), patents / "p0.pdf")
    assert counts(again) == (0, 3, 0)
    assert (again.patents, again.sheets, again.figures) == (3, 6, 6)
    assert library.content() == before


def test_a_changed_file_replaces_what_it_gave_before(library: Library, patents: Path) -> None:
    path = write_patent(patents / "a.pdf", title="MUG", seed=1)
    library.ingest(path)
    first = path.read_bytes()
    write_patent(path, title="CUP", seed=2)
    assert counts(library.ingest(path)) == (0, 0, 1)
    assert [patent.title for patent in library.index.patents()] == ["CUP"]
    path.write_bytes(first)  # and back again
    assert counts(library.ingest(path)) == (0, 0, 1)
    assert [patent.title for patent in library.index.patents()] == ["MUG"]


def test_pictures_that_join_a_folder_replace_the_patent_of_that_folder(
    library: Library, patents: Path
) -> None:
    picture(patents / "mug" / "1.png", 1)
    library.ingest(patents)
    picture(patents / "mug" / "2.png", 2)
    assert counts(library.ingest(patents)) == (0, 0, 1)
    assert library.ids() == ["mug"]
    assert len(library.index.figures_of("mug")) == 2


def test_documents_of_one_name_in_different_folders_are_kept_apart(
    library: Library, patents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed, folder in enumerate("ab"):
        picture(patents / folder / "mug.png", seed)
        monkeypatch.chdir(patents / folder)
        library.ingest(Path("mug.png"))  # named alike, one run each
    assert len(library.ids()) == 2
    before = library.content()
    assert counts(library.ingest(patents)) == (0, 2, 0)
    assert library.content() == before
    picture(patents / "b" / "mug.png", 7)
    assert counts(library.ingest(patents)) == (0, 1, 1)
    after = library.content()
    assert after.keys() == before.keys()
    assert [id for id in after if after[id] != before[id]] == [next(id for id in after if "~" in id)]


def test_of_two_files_of_one_publication_the_last_in_order_is_kept_and_the_other_named(
    library: Library, patents: Path
) -> None:
    for name, title in (("v1", "OLD MUG"), ("v2", "NEW MUG")):
        write_patent(patents / f"{name}.pdf", title=title, seed=len(title))
    for expected in ((1, 0, 0), (0, 1, 0)):
        summary = library.ingest(patents, settings=replace(SETTINGS, processes=2))
        assert counts(summary) == expected
        assert [patent.title for patent in library.index.patents()] == ["NEW MUG"]
        (skip,) = summary.skipped
        assert Path(skip.path).name == "v1.pdf"
        assert "USD900001S1, as" in skip.reason
        assert "v2.pdf, which was kept" in skip.reason


def test_a_scan_whose_number_becomes_readable_takes_the_place_of_the_scan(
    library: Library, patents: Path
) -> None:
    path = write_patent(patents / "scan.pdf", number="")
    library.ingest(path)
    assert library.ids() == ["scan"]
    write_patent(path, number="D900,123")
    assert counts(library.ingest(path)) == (0, 0, 1)
    assert library.ids() == ["USD900123S1"]


def test_what_was_deleted_comes_back_with_the_next_ingest(library: Library, patents: Path) -> None:
    write_some(patents, 2)
    library.ingest(patents)
    before = library.content()
    library.index.delete(patent_id_of("US D900,001 S", library.index))
    assert library.ids() == ["USD900000S1"]
    assert counts(library.ingest(patents)) == (1, 1, 0)
    assert library.content() == before


def test_raising_the_limit_that_a_sheet_was_over_brings_the_sheet_in(library: Library, patents: Path) -> None:
    picture(patents / "mug" / "1.png", 1)
    drawing(2, 400, 400).save(patents / "mug" / "2.png")
    small = replace(SETTINGS, max_sheet_pixels=50_000)
    for expected in ((1, 0, 0), (0, 1, 0)):
        summary = library.ingest(patents, settings=small)
        assert counts(summary) == expected
        assert any("the limit is 50,000" in note.reason for note in summary.notes)
    assert counts(library.ingest(patents)) == (0, 0, 1)
    assert len(library.index.figures_of("mug")) == 2


def test_a_reader_that_runs_out_of_time_costs_only_its_file(
    library: Library, patents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_some(patents, 1)
    picture(patents / "slow.png", 1)
    monkeypatch.setattr("ipatent.ingest.read_job", _slow_reader)
    summary = library.ingest(patents, settings=replace(SETTINGS, seconds_per_file=15, processes=2))
    assert counts(summary) == (1, 0, 0)
    assert [skip.reason for skip in summary.skipped] == ["took longer than 15 seconds"]


def _slow_reader(task: object) -> object:
    from ipatent.reading import ReadingTask, read_job

    assert isinstance(task, ReadingTask)
    if "slow" in task.job.name:
        time.sleep(600)
    return read_job(task)


def test_files_that_vanish_are_reported(
    library: Library, patents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = picture(patents / "mug.png", 1)
    genuine = os.fstat
    monkeypatch.setattr("ipatent.sources.discovery.os.fstat", lambda fd: (path.unlink(True), genuine(fd))[1])
    summary = library.ingest(patents)
    assert summary.patents == 0
    assert "No such file" in summary.skipped[0].reason


def test_a_path_that_does_not_exist_stops_before_anything_is_done(library: Library, patents: Path) -> None:
    write_some(patents, 1)
    with pytest.raises(SourceError, match="does not exist"):
        library.ingest(patents, patents / "missing")
    assert library.ids() == []


def test_a_drawing_is_found_by_its_picture_after_an_ingest(library: Library, patents: Path) -> None:
    write_some(patents, 3)
    library.ingest(patents)
    objects = Objects.open(library.folder / "objects")
    for figure in library.index.figures_of("USD900001S1"):
        assert objects.get(figure.sheet_image)
        assert objects.get(figure.thumbnail)
        vector = library.index.image_vector(figure.id)
        (best,) = library.index.figures_at(library.index.nearest_images(vector, 1).rows)
        assert best[0] == figure


# -- whole processes: killed, interrupted, two at once, a full disk

ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("IPATENT_")}


def ingesting(data: Path, patents: Path, *more: object, first: str = "") -> "subprocess.Popen[str]":
    """`ipatent ingest` in a process group of its own, after the statement `first`."""
    # Where tests run in the background, a shell has Ctrl-C ignored, and processes inherit that.
    heard = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)"
    code = f"{heard}\n{first}\nfrom ipatent.__main__ import main\nmain()"
    options = ("--data", data, "--encoder", "builtin", "--processes", 1, *more)
    return subprocess.Popen(
        [sys.executable, "-c", code, "ingest", *map(str, (patents, *options))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
        start_new_session=True,
    )


def stored(data: Path) -> dict[str, bytes]:
    """Each figure in an index with its vector; asserts that every patent is whole."""
    found = {}
    with EmbeddedIndex.open(data / "index.sqlite") as index:
        status = index.status()
        objects = Objects.open(data / "objects")
        for patent in index.patents():
            figures = index.figures_of(patent.id)
            assert len(figures) == 2
            for figure in figures:
                assert all(map(objects.exists, (figure.image, figure.sheet_image, figure.thumbnail)))
                found[figure.id] = index.image_vector(figure.id).tobytes()
        assert (status.patents * 2, status.figures) == (len(found), len(found))
    assert sound(data / "index.sqlite")
    return found


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """A folder of patents, and what an undisturbed ingest of it stores."""
    folder = tmp_path_factory.mktemp("six")
    (folder / "patents").mkdir()
    write_some(folder / "patents", 6)
    undisturbed = ingesting(folder / "data", folder / "patents")
    _, said = undisturbed.communicate(timeout=600)
    assert undisturbed.returncode == 0, said
    return folder / "patents", stored(folder / "data")


SLOWLY = """
import time
from ipatent.index.embedded import EmbeddedIndex
put = EmbeddedIndex.put
EmbeddedIndex.put = lambda *given: (time.sleep(0.5), put(*given))[1]
"""
"""Storing takes so long that an ingest is not over when the test, on a busy machine, comes to end it."""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_an_ingest_ended_at_any_moment_loses_nothing_reported_and_goes_on(
    tmp_path: Path, six: tuple[Path, dict[str, bytes]], end: signal.Signals
) -> None:
    patents, expected = six
    data = tmp_path / "data"
    reported = 0
    for moment in (1, 3):
        process = ingesting(data, patents, first=SLOWLY)
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("Indexing "):
                reported = int(line.split()[1].partition("/")[0])
                if reported >= moment:
                    break
        process.send_signal(end)
        out, err = process.communicate(timeout=600)
        assert process.returncode == (130 if end == signal.SIGINT else -end), err
        assert "Traceback" not in err
        if end == signal.SIGINT:
            assert "run the same again to go on" in out
        assert len(stored(data)) >= 2 * reported
    last = ingesting(data, patents, "--json")
    out, err = last.communicate(timeout=600)
    assert last.returncode == 0, err
    summary = json.loads(out)
    assert summary["patents"] == 6
    assert summary["unchanged"] >= reported
    assert stored(data) == expected


@pytest.mark.parametrize("moment", [0.15, 0.5, 1.0, 1.5])
def test_ctrl_c_at_a_terminal_ends_an_ingest_quietly_at_any_moment(
    tmp_path: Path, six: tuple[Path, dict[str, bytes]], moment: float
) -> None:
    process = ingesting(tmp_path / "data", six[0], first="print('started', flush=True)")
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    time.sleep(moment)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the readers too
    _, err = process.communicate(timeout=600)
    done_before = moment >= 1 and process.returncode == 0  # a quick machine needs no longer for six
    assert process.returncode == 130 or done_before
    assert "Traceback" not in err


def test_two_ingests_at_once_both_succeed(tmp_path: Path, six: tuple[Path, dict[str, bytes]]) -> None:
    patents, expected = six
    both = [ingesting(tmp_path / "data", patents, "--json") for _ in range(2)]
    for process in both:
        out, err = process.communicate(timeout=600)
        assert process.returncode == 0, err
        assert json.loads(out)["patents"] == 6
    assert stored(tmp_path / "data") == expected


LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}))"


def test_a_full_disk_stops_an_ingest_with_a_message_and_the_next_run_goes_on(
    tmp_path: Path, six: tuple[Path, dict[str, bytes]]
) -> None:
    patents, expected = six
    data = tmp_path / "data"
    process = ingesting(data, patents, first=LIMITED.format(400_000))
    _, err = process.communicate(timeout=600)
    assert process.returncode == 1
    assert "The disk is full" in err
    assert "Traceback" not in err
    with EmbeddedIndex.open(data / "index.sqlite") as index:
        assert index.status().patents < 6
    stored(data)
    process = ingesting(data, patents)
    _, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    assert stored(data) == expected


def test_a_disk_that_fills_up_for_real_is_reported_too(
    tmp_path: Path, six: tuple[Path, dict[str, bytes]]
) -> None:
    patents, _ = six
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", str(disk)], capture_output=True
    )
    if not mounted or mounted.returncode:
        pytest.skip("only root may mount the small disk that this test fills")
    try:
        process = ingesting(disk / "data", patents)
        _, err = process.communicate(timeout=600)
        assert process.returncode == 1
        assert "The disk is full" in err
        assert "Traceback" not in err
        if (disk / "data" / "index.sqlite").exists():
            assert sound(disk / "data" / "index.sqlite")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_an_index_that_cannot_be_written_stops_the_run_and_is_named(
    library: Library, patents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_some(patents, 1)
    (library.folder / "objects").write_text("in the way")
    with pytest.raises(IndexProblem, match="objects"):
        library.ingest(patents)
    assert library.ids() == []


def test_vectors_do_not_depend_on_the_company_in_which_a_patent_is_ingested(
    library: Library, patents: Path, tmp_path: Path
) -> None:
    write_some(patents, 2)
    library.ingest(patents)
    other = Library(tmp_path / "other")
    other.ingest(patents / "p1.pdf")
    try:
        assert np.array_equal(
            other.index.image_vector("USD900001S1/1/1"), library.index.image_vector("USD900001S1/1/1")
        )
    finally:
        other.index.close()
