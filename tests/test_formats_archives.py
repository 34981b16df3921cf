"""Shards of samples, compressed tars, and PDFs and pictures inside archives."""

import gzip
import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from formats import Shelf, reasons
from ipatent.sources.archives import list_archive, open_within, read_entry
from ipatent.sources.discovery import discover
from office_files import patent_files, tiff, write_tar, zipped
from patent_files import LIMITS, drawing, write_patent


def png(seed: int = 1) -> bytes:
    stream = io.BytesIO()
    drawing(seed, 200, 150).save(stream, "PNG")
    return stream.getvalue()


def sample(
    key: str, name: str, caption: str, terms: str = "leg__SEP__folding seat", seed: int = 1
) -> dict[str, bytes]:
    """One sample of a shard with texts for each field."""
    return {
        f"{key}.__key__": key.encode(),
        f"{key}.class.txt": b"A47C 9/10",
        f"{key}.desc.txt": caption.encode(),
        f"{key}.image.png": png(seed),
        f"{key}.labels.txt": terms.encode(),
        f"{key}.name.txt": name.encode(),
        f"{key}.title.txt": b"Folding stool",
    }


def packed(path: Path, files: dict[str, bytes]) -> Path:
    plain = write_tar(path.with_suffix(".plain"), files)
    path.write_bytes(gzip.compress(plain.read_bytes(), 1))
    plain.unlink()
    return path


SHARD = {
    **sample("000001", "USD0871717-20200107-D00001", "front view of a stool", seed=1),
    **sample("000002", "USD0871717-20200107-D00002", "rear view of a stool", seed=2),
    **sample("000003", "USD0871718-20200107-D00001", "top view of a lamp", seed=3),
}


@pytest.mark.parametrize("name", ["shard.tar", "shard.tar.gz"])
def test_a_shard_becomes_patents_with_captions_terms_titles_and_classes(
    tmp_path: Path, shelf: Shelf, name: str
) -> None:
    path = packed(tmp_path / name, SHARD) if name.endswith("gz") else write_tar(tmp_path / name, SHARD)
    summary = shelf.ingest(path)
    assert not summary.skipped
    assert shelf.figures() == {"USD871717S1": ["/1/1", "/2/1"], "USD871718S1": ["/1/1"]}
    patent = shelf.patents()["USD871717S1"]
    assert patent.title == "Folding stool"
    assert [one.symbol for one in patent.classifications] == ["A47C 9/10"]
    figure = shelf.figure("USD871717S1/2/1")
    assert (figure.caption, figure.view) == ("rear view of a stool", "rear")
    assert figure.terms == ("leg", "folding seat")
    again = shelf.ingest(path)
    assert (again.new, again.unchanged) == (0, 2)


def test_samples_of_one_patent_are_gathered_across_shards(tmp_path: Path, shelf: Shelf) -> None:
    (tmp_path / "in").mkdir()
    one = {**sample("a", "USD0871717", "front view", seed=1), **sample("b", "USD0871718", "top view", seed=2)}
    two = {**sample("c", "USD0871718", "rear view", seed=3), **sample("d", "USD0871717", "left view", seed=4)}
    write_tar(tmp_path / "in" / "shard-0.tar", one)
    write_tar(tmp_path / "in" / "shard-1.tar", two)
    shelf.ingest(tmp_path / "in")
    views = [figure.view for figure in shelf.index.figures_of("USD871717S1")]
    assert sorted(views) == ["front", "left side"]
    assert len(shelf.figures()["USD871718S1"]) == 2


def test_generic_samples_of_a_picture_with_text_or_json_are_read(tmp_path: Path, shelf: Shelf) -> None:
    told = {"caption": "side view of a lamp", "title": "Lamp", "patent_id": "EP1234567A1"}
    shelf.ingest(
        write_tar(
            tmp_path / "a.tar",
            {
                "x/1.png": png(1),
                "x/1.json": json.dumps(told).encode(),
                "x/mug_2.tif": tiff(2),
                "x/mug_2.txt": "a cup of tea — hot".encode(),
                "x/mug_2.cls": b"7",
            },
        )
    )
    assert shelf.patents()["EP1234567A1"].title == "Lamp"
    assert shelf.figure("mug/1/1").caption == "a cup of tea — hot"


def test_samples_without_picture_and_keys_that_come_twice_are_counted(tmp_path: Path, shelf: Shelf) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        for files in (SHARD, sample("000003", "USD0871719", "plan view", seed=9), {"000009.title.txt": b"x"}):
            for name, data in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    summary = shelf.ingest(path)
    assert reasons(summary) == [
        "a.tar: 1 of its 5 samples have no picture",
        "a.tar: 1 of its 5 samples have a key that came before; all were read",
    ]
    assert set(shelf.figures()) == {"USD871717S1", "USD871718S1", "USD871719S1"}


@pytest.mark.parametrize("name", ["cut.tar", "cut.tar.gz"])
def test_of_a_shard_cut_short_what_lies_before_is_read_and_the_rest_reported(
    tmp_path: Path, shelf: Shelf, name: str
) -> None:
    path = packed(tmp_path / name, SHARD) if name.endswith("gz") else write_tar(tmp_path / name, SHARD)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    summary = shelf.ingest(path)
    assert "USD871717S1" in shelf.figures()
    assert summary.skipped


def test_a_week_as_a_compressed_tar_of_zips_is_read_in_place(tmp_path: Path, shelf: Shelf) -> None:
    week = {f"I/{n}.ZIP": zipped(patent_files(n, 1, seed=int(n[-1]))) for n in ("09123451", "09123452")}
    summary = shelf.ingest(packed(tmp_path / "week.tgz", week))
    assert not summary.skipped
    assert set(shelf.figures()) == {"US9123451B2", "US9123452B2"}


def test_loose_patents_in_a_compressed_tar_are_read(tmp_path: Path, shelf: Shelf) -> None:
    files = {**patent_files("09123451", 2, seed=1), **patent_files("09123452", 1, seed=2)}
    shelf.ingest(packed(tmp_path / "week.tar.gz", files))
    assert shelf.figures() == {"US9123451B2": ["/1/1", "/2/1"], "US9123452B2": ["/1/1"]}


def test_going_back_in_a_compressed_tar_gives_the_same_bytes(tmp_path: Path) -> None:
    files = {f"{n}.bin": os.urandom(20_000_000) for n in range(6)}
    path = packed(tmp_path / "a.tar.gz", files)
    with open_within(path, None) as file:
        entries, _ = list_archive(file, "tar")
    for entry in (entries[5], entries[0], entries[4], entries[3], entries[0]):
        with open_within(path, None) as file:
            assert read_entry(file, entry, 1 << 30) == files[entry.name]


def test_a_gzip_that_expands_beyond_measure_is_refused(tmp_path: Path) -> None:
    info = tarfile.TarInfo("zeros.png")
    info.size = 300_000_000
    path = tmp_path / "bomb.tar.gz"
    with gzip.open(path, "wb", 9) as file:
        file.write(info.tobuf())
        for _ in range(300):
            file.write(bytes(1_000_000))
        file.write(bytes(2048))
    found = discover([path], LIMITS)
    assert [skip.reason for skip in found.skipped if "expands more than 100 times" in skip.reason]


def test_a_damaged_gzip_and_one_that_holds_no_tar_say_so(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.xml.gz").write_bytes(gzip.compress(b"<?xml version='1.0'?><a/>"))
    (tmp_path / "in" / "b.tar.gz").write_bytes(b"\x1f\x8b" + bytes(100))
    found = {Path(skip.path).name: skip.reason for skip in discover([tmp_path / "in"], LIMITS).skipped}
    assert found["a.xml.gz"].startswith("is a gzip file that holds no tar")
    assert found["b.tar.gz"].startswith("is a damaged gzip file")


@pytest.mark.parametrize("form", ["zip", "tar", "tar.gz"])
def test_pdfs_and_pictures_in_archives_are_patents(tmp_path: Path, shelf: Shelf, form: str) -> None:
    files = {
        "docs/one.pdf": write_patent(tmp_path / "one.pdf", "D900,001", seed=1).read_bytes(),
        "USD0871717-20200107-D00001.png": png(1),
        "USD0871717-20200107-D00002.png": png(2),
        "mug/front.png": png(3),
        "../../evil/cup_1.png": png(4),
        os.fsdecode(b"raw\xff_1.png"): png(5),
    }
    path = tmp_path / f"a.{form}"
    if form == "zip":
        files.pop(os.fsdecode(b"raw\xff_1.png"))
        path.write_bytes(zipped(files))
    elif form == "tar":
        write_tar(path, files, tarfile.GNU_FORMAT)
    else:
        packed(path, files)
    before = set(tmp_path.parent.rglob("cup_1.png"))
    summary = shelf.ingest(path)
    assert not summary.skipped
    figures = shelf.figures()
    assert figures["USD900001S1"] == ["/1/1", "/2/1"]
    assert figures["USD871717S1"] == ["/1/1", "/2/1"]
    assert {"mug", "cup"} <= set(figures)
    assert ("raw\\xff" in figures) == (form != "zip")
    assert shelf.patents()["USD900001S1"].source == f"{path}/docs/one.pdf"
    assert set(tmp_path.parent.rglob("cup_1.png")) == before, "nothing is written under its names"
    again = shelf.ingest(path)
    assert (again.new, again.unchanged) == (0, len(figures))


def test_a_table_inside_an_archive_is_told_to_be_unread(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "a.tar", {"a.png": png(), "t.csv": b"file\na.png\n"})
    found = discover([path], LIMITS)
    assert len(found.jobs) == 1
    assert ["1 tables of metadata inside are not read there" in skip.reason for skip in found.skipped] == [
        True
    ]
