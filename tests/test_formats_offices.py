"""Patents of the EPO, of WIPO and of other offices: what is read of their XML, and their drawings."""

from datetime import date
from functools import partial
from pathlib import Path

import pytest

from formats import Shelf, reasons
from ipatent.errors import SourceError
from ipatent.patents import Sheet
from ipatent.sources.documents import read_document, read_patent_xml
from office_files import (
    DOCDB,
    PAP,
    ST96,
    ep_document,
    grant,
    st32,
    tiff,
    wo_application,
    write_tar,
    zipped,
)
from patent_files import LIMITS, write_patent


def symbols(xml: str) -> list[tuple[str, str]]:
    return [(one.scheme, one.symbol) for one in read_patent_xml(xml.encode()).patent.classifications]


def test_an_epo_patent_gives_its_fields_and_its_titles_in_three_languages() -> None:
    patent = read_patent_xml(ep_document().encode()).patent
    assert patent.id == "EP2912867B1"
    assert patent.title == "FOLDING STOOL"
    assert patent.titles == (("de", "KLAPPHOCKER"), ("en", "FOLDING STOOL"), ("fr", "TABOURET PLIANT"))
    assert (patent.published, patent.filed) == (date(2025, 1, 29), date(2012, 10, 29))
    assert patent.priority == date(2011, 10, 31), "the earliest claim, in whatever order they stand"
    assert (patent.applicants, patent.inventors) == (("Stool & Sons",), ("Ann B. Lee",))
    assert symbols(ep_document()) == [("CPC", "A47C 4/28"), ("IPC", "A47C 9/10")]
    assert patent.abstract == "A stool that folds."
    assert [(caption.labels, caption.text) for caption in patent.captions] == [
        (("1",), "perspective view of a stool"),
        (("3", "4"), "its legs"),
    ]
    assert "A leg 10 carries" in patent.description


def test_the_figures_on_an_epo_sheet_are_told_by_its_xml() -> None:
    files = {f"imgf000{n}.tif": partial(tiff, n) for n in (1, 2)}
    one, two = read_document(ep_document().encode(), "a.xml", files, "beside it", LIMITS).sheets()
    assert isinstance(one, Sheet)
    assert isinstance(two, Sheet)
    assert one.known
    assert two.known
    assert (one.known.labels, two.known.labels) == (("1", "2"), ("3", "4"))


def test_an_international_application_gives_the_same_fields() -> None:
    text = read_patent_xml(wo_application().encode())
    patent = text.patent
    assert patent.id == "WO2020012345A1"
    assert (patent.title, dict(patent.titles)["fr"]) == ("Stool", "Tabouret")
    assert (patent.published, patent.filed, patent.priority) == (
        date(2020, 1, 16),
        date(2019, 7, 1),
        date(2018, 7, 10),
    )
    assert (patent.applicants, patent.inventors) == (("TABOURETS SA",), ("Zoé Roux",))
    assert patent.abstract == "A stool."
    assert symbols(wo_application()) == [("IPC", "A47C 9/10")]
    assert text.drawings == ("000005.tif",)


def test_a_record_of_docdb_gives_the_names_as_they_are_best_spelled() -> None:
    patent = read_patent_xml(DOCDB.encode()).patent
    assert (patent.id, patent.title, patent.family) == ("EP1000000A1", "Spade", "54321")
    assert patent.priority == date(1997, 11, 3)
    assert (patent.applicants, patent.inventors) == (("Spades B.V.",), ("KLEIN JAN",))
    assert symbols(DOCDB) == [("IPC", "A01B 1/00")]
    start, end = DOCDB.index("<exchange-document "), DOCDB.index("</exchange-documents>")
    with pytest.raises(SourceError, match="holds 2 bibliographic records"):
        read_patent_xml((DOCDB[:end] + DOCDB[start:end] + DOCDB[end:]).encode())


@pytest.mark.parametrize("prefix", ["pat:", "p1:", ""])
def test_a_patent_by_st96_is_read_whatever_its_prefixes(prefix: str) -> None:
    text = read_patent_xml(ST96.replace("pat:", prefix).replace("jp" + prefix, "jppat:").encode())
    patent = text.patent
    assert patent.id == "JP2024123456A"
    assert (patent.title, dict(patent.titles)["ja"]) == ("Folding stool", "折り畳み椅子")
    assert (patent.published, patent.filed, patent.priority) == (
        date(2024, 9, 12),
        date(2023, 3, 1),
        date(2022, 3, 2),
    )
    assert (patent.applicants, patent.inventors) == (("Isu KK",), ("Aki Mori",))
    assert [one.symbol for one in patent.classifications] == ["A47C 9/10"]
    assert patent.captions[0].text == "front view of a stool"
    assert dict(text.labels) == {"JP2024-000001.tif": ("1",), "JP2024-000002.tif": ("2",)}


def test_us_priority_is_the_earliest_application_gone_on_from_and_no_earlier_publication() -> None:
    related = (
        "<us-related-documents><continuation><relation><parent-doc><document-id><date>20150203</date>"
        "</document-id></parent-doc><child-doc><document-id><date>20010101</date></document-id></child-doc>"
        "</relation></continuation><us-provisional-application><document-id><date>20140506</date></document-id>"
        "</us-provisional-application><related-publication><document-id><date>20020101</date></document-id>"
        "</related-publication></us-related-documents>"
    )
    claims = "<priority-claims><priority-claim><date>20140912</date></priority-claim></priority-claims>"
    before = "<classifications-ipcr>"
    assert read_patent_xml(grant().encode()).patent.priority is None
    xml = grant().replace(before, related + before)
    assert read_patent_xml(xml.encode()).patent.priority == date(2014, 5, 6)
    xml = grant().replace(before, claims + before)
    assert read_patent_xml(xml.encode()).patent.priority == date(2014, 9, 12)


def test_the_older_forms_have_a_priority_too() -> None:
    foreign = "<B300><B310/><B320><DATE><PDAT>19970408</PDAT></DATE></B320></B300>"
    parent = (
        "<B600><B630><B631><PARENT-US><CDOC><DOC><DATE><PDAT>19900101</PDAT></DATE></DOC></CDOC><PDOC><DOC><DATE>"
        "<PDAT>19960402</PDAT></DATE></DOC></PDOC></PARENT-US></B631></B630></B600>"
    )
    assert read_patent_xml(st32().replace("<B500>", foreign + "<B500>").encode()).patent.priority == date(
        1997, 4, 8
    )
    xml = st32().replace("<B500>", foreign + "<B500>").replace("<B700>", parent + "<B700>")
    assert read_patent_xml(xml.encode()).patent.priority == date(1996, 4, 2)
    provisional = (
        "<continuity-data><non-provisional-of-provisional><document-id><document-date>20000113</document-date>"
        "</document-id></non-provisional-of-provisional></continuity-data>"
    )
    xml = PAP.replace("<inventors>", provisional + "<inventors>")
    assert read_patent_xml(xml.encode()).patent.priority == date(2000, 1, 13)


@pytest.mark.parametrize(
    ("number", "kind", "expected", "shown"),
    [
        ("PP012345", "P3", "USPP12345P3", "US PP12,345 P3"),
        ("PP012345", "P2", "USPP12345P2", "US PP12,345 P2"),
        ("RE045678", "E1", "USRE45678E1", "US RE45,678 E1"),
        ("RE045678", "E", "USRE45678E", "US RE45,678 E"),
    ],
)
def test_plants_and_reissues_keep_series_and_kind(number: str, kind: str, expected: str, shown: str) -> None:
    patent = read_patent_xml(grant(number, kind).encode()).patent
    assert (patent.id, patent.display) == (expected, shown)


def test_a_week_of_the_epo_is_indexed_through_its_archives(tmp_path: Path, shelf: Shelf) -> None:
    def publication(number: str) -> bytes:
        stem = f"EP{number}NWB1"
        return zipped(
            {
                f"{stem}.xml": ep_document(number).encode(),
                "imgf0001.tif": tiff(int(number[-1])),
                "imgf0002.tif": tiff(10 + int(number[-1])),
                "imgb0001.tif": tiff(99),
                "TOC.xml": b"<?xml version='1.0'?><ep-package/>",
            }
        )

    week = {f"DOC/EPNWB1/EP{n}NWB1.zip": publication(n) for n in ("2912867", "2912868")}
    summary = shelf.ingest(write_tar(tmp_path / "week.tar", week))
    assert shelf.figures() == {
        "EP2912867B1": ["/1/1", "/2/1"],
        "EP2912868B1": ["/1/1", "/2/1"],
    }
    assert not [reason for reason in reasons(summary) if "drawing" in reason]
    assert shelf.figure("EP2912867B1/1/1").labels == ("1", "2")


def test_drawings_as_a_pdf_beside_the_xml_are_its_sheets(tmp_path: Path, shelf: Shelf) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "wo.xml").write_text(wo_application('<img file="drawings.pdf"/>'))
    write_patent(tmp_path / "a" / "drawings.pdf", number="", sheets=2)
    shelf.ingest(tmp_path / "a")
    assert list(shelf.figures()) == ["WO2020012345A1"]
    assert len(shelf.figures()["WO2020012345A1"]) >= 2


def test_a_record_that_names_no_drawings_takes_those_of_its_name(tmp_path: Path, shelf: Shelf) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "EP1000000A1.xml").write_text(DOCDB)
    (tmp_path / "a" / "EP1000000A1_1.tif").write_bytes(tiff(1))
    (tmp_path / "a" / "EP1000000A1_2.tif").write_bytes(tiff(2))
    (tmp_path / "a" / "EP1000001A1_1.tif").write_bytes(tiff(3))
    summary = shelf.ingest(tmp_path / "a")
    assert shelf.figures() == {"EP1000000A1": ["/1/1", "/2/1"], "EP1000001A1": ["/1/1"]}
    assert any("names no drawings; those of its name were taken" in note.reason for note in summary.notes)
