"""Patents of the USPTO on their way into the index: loose, in archives, many in one file."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ipatent.index.embedded import EmbeddedIndex
from ipatent.ingest import IngestSummary, ingest
from ipatent.settings import Settings
from office_files import grant, patent_files, st32, tiff, write_files, write_tar, zipped
from patent_files import drawing
from tiny_encoder import SPEC, TinyEncoder

SETTINGS = Settings(processes=1)
STEM = "US09123456-20200107"


class Library:
    """A data folder with an index that the tiny encoder fills."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = EmbeddedIndex.open(folder / "index.sqlite", SPEC, create=True)

    def ingest(self, *paths: Path) -> IngestSummary:
        return ingest(paths, self.index, TinyEncoder(), self.folder / "objects", SETTINGS)

    def figures(self) -> dict[str, list[str]]:
        """The figures of each patent."""
        return {
            patent.id: [figure.id.removeprefix(patent.id) for figure in self.index.figures_of(patent.id)]
            for patent in self.index.patents()
        }


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "data")
    yield library
    library.index.close()


def counts(summary: IngestSummary) -> tuple[int, int, int]:
    return summary.new, summary.unchanged, summary.replaced


def reasons(summary: IngestSummary) -> list[str]:
    return [f"{Path(skip.path).name}: {skip.reason}" for skip in summary.skipped]


def test_a_zip_is_indexed_with_text_and_sheets_and_unchanged_the_second_time(
    tmp_path: Path, library: Library
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(patent_files(sheets=2)))
    assert counts(library.ingest(path)) == (1, 0, 0)
    assert library.figures() == {"US9123456B2": ["/1/1", "/2/1"]}
    (patent,) = library.index.patents()
    assert patent.title == "Folding stool"
    assert patent.source == f"{path}/{STEM}/{STEM}.XML"
    assert counts(library.ingest(path)) == (0, 1, 0)


def test_a_week_as_a_tar_is_indexed_patent_by_patent(tmp_path: Path, library: Library) -> None:
    week = {f"I/{n}.ZIP": zipped(patent_files(n, 1, seed=int(n[-1]))) for n in ("09123451", "09123452")}
    bad = zipped(patent_files("09123453", 1))
    path = write_tar(tmp_path / "week.tar", {**week, "I/bad.ZIP": bad[:2000]})
    summary = library.ingest(path)
    assert counts(summary) == (2, 0, 0)
    assert len(summary.skipped) == 1
    assert "bad.ZIP" in summary.skipped[0].path
    more = write_tar(tmp_path / "week.tar", {**week, "I/bad.ZIP": bad})
    assert counts(library.ingest(more)) == (1, 2, 0), "only what is new is read"


def test_the_same_patent_loose_and_in_an_archive_is_one(tmp_path: Path, library: Library) -> None:
    write_files(tmp_path / "in" / "loose", patent_files(sheets=1))
    (tmp_path / "in" / "packed.zip").write_bytes(zipped(patent_files(sheets=1)))
    summary = library.ingest(tmp_path / "in")
    assert list(library.figures()) == ["US9123456B2"]
    assert summary.new == 1
    assert "is of the same publication" in summary.skipped[0].reason


def test_loose_xml_takes_the_pictures_that_it_names_and_leaves_the_others(
    tmp_path: Path, library: Library
) -> None:
    folder = write_files(tmp_path / "in", patent_files(sheets=2))
    (folder / f"{STEM}-M00001.TIF").write_bytes(tiff(9))
    drawing(5, 300, 200).save(folder / "mug_1.png")
    assert counts(library.ingest(folder)) == (2, 0, 0)
    assert library.figures() == {"US9123456B2": ["/1/1", "/2/1"], "mug": ["/1/1"]}


def test_a_changed_drawing_is_noticed_in_every_kind_of_container(tmp_path: Path, library: Library) -> None:
    before, after = patent_files(sheets=1), patent_files(sheets=1, seed=7)
    folder = write_files(tmp_path / "loose", before)
    library.ingest(folder)
    assert counts(library.ingest(write_files(folder, after))) == (0, 0, 1)
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(before))
    assert counts(library.ingest(path)) == (0, 0, 1)
    tar = write_tar(tmp_path / "a.tar", {"a.zip": zipped(after)})
    assert counts(library.ingest(tar)) == (0, 0, 1)


def test_missing_drawings_are_noted_one_by_one_and_read_once_they_are_there(
    tmp_path: Path, library: Library
) -> None:
    folder = write_files(tmp_path / "in", patent_files(sheets=3))
    lost = folder / f"{STEM}-D00002.TIF"
    shutil.move(lost, tmp_path / "kept.TIF")
    summary = library.ingest(folder)
    assert library.figures() == {"US9123456B2": ["/1/1", "/3/1"]}
    assert [note.reason for note in summary.notes] == [f"{STEM}-D00002.TIF: the file is missing"]
    shutil.move(tmp_path / "kept.TIF", lost)
    summary = library.ingest(folder)
    assert counts(summary) == (0, 0, 1)
    assert not summary.notes
    assert library.figures() == {"US9123456B2": ["/1/1", "/2/1", "/3/1"]}


def test_patents_without_any_drawing_are_skipped_one_line_each(tmp_path: Path, library: Library) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.xml").write_text(grant(sheets=12))
    (tmp_path / "in" / "b.xml").write_text(st32())
    only_text = {name: data for name, data in patent_files("09000002").items() if name.endswith("XML")}
    (tmp_path / "in" / "c.zip").write_bytes(zipped(only_text))
    summary = library.ingest(tmp_path / "in")
    assert library.figures() == {}
    assert sorted(reasons(summary)) == [
        "US09000002-20200107.XML: US9000002B2: its 2 drawings are not in the archive",
        "a.xml: US9123456B2: its 12 drawings are not beside it",
        "b.xml: US6336130B1: its drawing is not beside it",
    ]


def test_a_week_of_text_in_one_file_is_counted_and_its_few_drawings_are_found(
    tmp_path: Path, library: Library
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "ipg200107.xml").write_text("".join(grant(f"090000{n:02d}", sheets=2) for n in range(30)))
    assert reasons(library.ingest(folder)) == [
        "ipg200107.xml: 30 of the 30 documents in this file are patents whose drawings are not beside it"
    ]
    for name, data in patent_files("09000007").items():
        if name.endswith("TIF"):
            (folder / name.split("/")[1]).write_bytes(data)
    assert counts(library.ingest(folder)) == (1, 0, 0)
    assert library.figures() == {"US9000007B2": ["/1/1", "/2/1"]}
    assert counts(library.ingest(folder)) == (0, 1, 0)


def test_hostile_xml_is_skipped_with_its_reason_and_harms_nothing(tmp_path: Path, library: Library) -> None:
    folder = write_files(tmp_path / "in", patent_files(sheets=1))
    laugh = '<!DOCTYPE us-patent-grant [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    (folder / "laugh.xml").write_text(f"<?xml version='1.0'?>{laugh}<us-patent-grant>&b;</us-patent-grant>")
    (folder / "half.xml").write_text(grant()[:900])
    summary = library.ingest(folder)
    assert list(library.figures()) == ["US9123456B2"]
    assert [reason.split(";")[0].split(",")[0] for reason in sorted(reasons(summary))] == [
        "half.xml: is damaged XML: unclosed token",
        "laugh.xml: declares the entity 'a'",
    ]
