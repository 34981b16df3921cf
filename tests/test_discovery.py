"""Which files an ingest finds, what it takes each for, and why it leaves one out."""

import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

from ipatent.errors import SourceError
from ipatent.sources.bulk import NO_PATENT
from ipatent.sources.discovery import Discovery, content_key, discover, picture_group, printable
from patent_files import LIMITS, drawing, write_patent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "patents").mkdir()
    return tmp_path / "patents"


def picture(path: Path, seed: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    drawing(seed, 200, 150).save(path, "PNG")
    return path


def reasons(found: Discovery) -> dict[str, str]:
    return {Path(skip.path).name: skip.reason for skip in found.skipped}


def test_files_are_told_by_content_whatever_they_are_called(folder: Path) -> None:
    write_patent(folder / "a.pdf").rename(folder / "a.txt")
    picture(folder / "b.png").rename(folder / "b.pdf")
    found = discover([folder], LIMITS)
    assert [(job.kind, job.paths[0].name) for job in found.jobs] == [("pdf", "a.txt"), ("pictures", "b.pdf")]
    assert not found.skipped


def test_each_file_left_out_is_named_with_its_reason(folder: Path) -> None:
    (folder / "empty.pdf").touch()
    (folder / "zip.pdf").write_bytes(b"PK\x03\x04" + bytes(40))
    (folder / "text.pdf").write_text("hello")
    (folder / "notes.txt").write_text("hello")
    (folder / "grant.xml").write_text("<?xml version='1.0'?>")
    (folder / "large.pdf").write_bytes(b"%PDF-1.4" + bytes(2000))
    (folder / ".hidden").write_text("hello")
    limits = type(LIMITS)(1000, LIMITS.sheet_pixels, LIMITS.pages)
    found = discover([folder], limits)
    assert not found.jobs
    assert reasons(found) == {
        "empty.pdf": "is empty (0 bytes)",
        "zip.pdf": "is a ZIP archive without a directory at its end: it is truncated; copy it again",
        "text.pdf": "is named .pdf but holds no PDF",
        "notes.txt": "is neither a PDF nor a picture nor a patent in XML (.txt file)",
        "grant.xml": NO_PATENT,
        "large.pdf": "is larger than the limit of 1,000 bytes (2,008);"
        " raise it with the setting max_file_bytes",
    }


def test_links_in_circles_and_to_nowhere_are_survived(folder: Path) -> None:
    write_patent(folder / "a.pdf")
    (folder / "deeper").mkdir()
    (folder / "deeper" / "up").symlink_to(folder)
    (folder / "self").symlink_to(folder / "self")
    (folder / "one").symlink_to(folder / "two")
    (folder / "two").symlink_to(folder / "one")
    (folder / "nowhere").symlink_to(folder / "missing")
    (folder / "again.pdf").symlink_to(folder / "a.pdf")
    found = discover([folder, folder / "self"], LIMITS)
    assert [job.paths[0].name for job in found.jobs] == ["a.pdf"]
    assert reasons(found) == {
        "self": "is a loop of links",
        "one": "is a loop of links",
        "two": "is a loop of links",
        "nowhere": "is a broken link",
    }


def test_pipes_sockets_and_devices_are_left_out_without_waiting_for_them(folder: Path) -> None:
    os.mkfifo(folder / "pipe.pdf")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "socket"))
        found = discover([folder, folder / "pipe.pdf", Path("/dev/zero")], LIMITS)
    assert not found.jobs
    assert reasons(found) == dict.fromkeys(
        ("pipe.pdf", "socket", "zero"), "is no regular file, but a pipe, a socket or a device"
    )


def test_strange_names_are_shown_on_one_line_and_make_plain_ids(folder: Path) -> None:
    (folder / "[bold]x[").mkdir()
    names = [b"new\nline.pdf", b"raw\xff\xfe.pdf", b"[bold]x[/].pdf", b"\x1b[31mred.pdf", b"~.pdf", b" .pdf"]
    for number, name in enumerate(names):
        write_patent(folder / "plain.pdf", seed=number).rename(folder / os.fsdecode(name))
    found = discover([folder], LIMITS)
    assert not found.skipped
    assert {job.fallback_id for job in found.jobs} == {
        "new\\nline",
        "raw\\xff\\xfe",
        "]",
        "\\x1b[31mred",
        "~",
        "document",
    }
    assert all(job.name.isprintable() and job.place.isprintable() for job in found.jobs)
    assert all(content_key(job, LIMITS) for job in found.jobs)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_and_folders_that_may_not_be_read_are_reported(folder: Path) -> None:
    write_patent(folder / "a.pdf").chmod(0)
    (folder / "closed").mkdir()
    (folder / "closed").chmod(0)
    try:
        found = discover([folder], LIMITS)
    finally:
        (folder / "closed").chmod(0o700)
    assert reasons(found) == {
        "a.pdf": "cannot be read: Permission denied",
        "closed": "cannot be opened: Permission denied",
    }


@pytest.mark.parametrize("method", ["open", "stat"])
def test_a_refused_file_is_reported_also_when_root_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    write_patent(folder / "a.pdf")
    write_patent(folder / "b.pdf", seed=1)
    genuine = getattr(Path, method)

    def refuse(path: Path, *rest: object, **more: object) -> object:
        if path.name == "a.pdf":
            raise PermissionError(13, "Permission denied", str(path))
        return genuine(path, *rest, **more)

    monkeypatch.setattr(Path, method, refuse)
    found = discover([folder], LIMITS)
    assert reasons(found) == {"a.pdf": "cannot be read: Permission denied"}
    assert [job.paths[0].name for job in found.jobs] == ["b.pdf"]


def test_a_refused_folder_is_reported_also_when_root_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_patent(folder / "a.pdf")
    (folder / "closed").mkdir()
    genuine = Path.iterdir

    def refuse(path: Path) -> object:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return genuine(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    found = discover([folder], LIMITS)
    assert reasons(found) == {"closed": "cannot be opened: Permission denied"}
    assert len(found.jobs) == 1


def test_folders_thousands_deep_are_entered_or_reported_but_never_break_the_run(folder: Path) -> None:
    write_patent(folder / "a.pdf")
    here = Path.cwd()
    try:
        os.chdir(folder)
        for name in ["d"] * 1050 + ["d" * 250] * 20:  # deeper than any path may be long
            Path(name).mkdir()
            os.chdir(name)
        os.chdir(here)
        found = discover([folder], LIMITS)
    finally:
        os.chdir(here)
        subprocess.run(["rm", "-rf", folder / "d"], check=True)
    assert len(found.jobs) == 1
    assert [skip.reason for skip in found.skipped] == ["cannot be read: File name too long"]


def test_a_path_that_does_not_exist_is_an_error_that_names_it(folder: Path) -> None:
    with pytest.raises(SourceError, match=r"miss\\ning does not exist"):
        discover([folder / "miss\ning"], LIMITS)


def test_the_same_file_given_in_several_ways_is_found_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_patent(folder / "a.pdf")
    monkeypatch.chdir(folder)
    found = discover([path, Path("a.pdf"), Path(".."), folder / ".." / "patents"], LIMITS)
    assert len(found.jobs) == 1


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("x/USD871717-20200107-D00002.png", "USD871717S1"),
        ("x/USD871717_3.tif", "USD871717S1"),
        ("USD871717/front.png", "USD871717S1"),
        ("x/mug_1.png", "mug"),
        ("x/mug fig 12a.png", "mug"),
        ("x/mug.png", "mug"),
        ("chair/front.png", "chair"),
        ("chair/fig2.png", "chair"),
        ("chair/0001.png", "chair"),
        ("chair/perspective view 2.png", "chair"),
    ],
)
def test_pictures_are_gathered_by_number_then_prefix_then_folder(path: str, group: str) -> None:
    assert picture_group(Path("/data") / path) == group


def test_pictures_of_one_patent_come_in_the_order_in_which_people_count(folder: Path) -> None:
    for number in (10, 9, 1):
        picture(folder / f"mug_{number}.png", number)
    (job,) = discover([folder], LIMITS).jobs
    assert [path.name for path in job.paths] == ["mug_1.png", "mug_9.png", "mug_10.png"]


def test_documents_of_one_name_in_different_places_get_ids_of_their_own(folder: Path) -> None:
    picture(folder / "a" / "mug_1.png", 1)
    picture(folder / "b" / "mug_1.png", 2)
    picture(folder / "mug" / "1.png", 3)
    write_patent(folder / "mug.pdf")
    write_patent(folder / "mug.PDF", seed=1)
    ids = [job.fallback_id for job in discover([folder], LIMITS).jobs]
    assert len(set(ids)) == 5
    assert ids[0] == "mug"
    assert ids == [job.fallback_id for job in discover([folder], LIMITS).jobs]


@pytest.mark.parametrize("unit", ["-", ". ", "1a", "fig-", " ", "_", "9", "US", "fig 1 "])
def test_names_made_to_be_slow_are_sorted_quickly(folder: Path, unit: str) -> None:
    started = time.process_time()  # however busy the machine is
    for ending in ("!", "x1", ""):
        path = Path("/") / (unit * 250)[:240] / ((unit * 250)[:240] + ending + ".png")
        assert picture_group(path)
    assert time.process_time() - started < 1


def test_an_index_among_the_patents_is_not_taken_for_one(folder: Path) -> None:
    write_patent(folder / "a.pdf")
    picture(folder / "models" / "b.png")  # a folder like any other
    for below in (folder, folder / "data"):
        picture(below / "objects" / "aa" / "bb" / ("c" * 64))
        picture(below / "uploads" / ("d" * 64))
        (below / "index.sqlite").touch()
    (folder / "index.sqlite").unlink()
    (folder / "objects").rename(folder / "things")
    (folder / "uploads").rename(folder / "loads")
    found = discover([folder], LIMITS)
    assert [job.paths[0].parent.name for job in found.jobs] == ["patents", "loads", "models", "bb"]
    assert not found.skipped


def test_a_name_is_printed_so_that_it_can_do_no_harm() -> None:
    assert printable(os.fsdecode(b"a\r\nb\x00\x1b\xff\xe2\x80\xae")) == "a\\r\\nb\\x00\\x1b\\xff\\u202e"
    assert printable("Tüte 4.png") == "Tüte 4.png"
