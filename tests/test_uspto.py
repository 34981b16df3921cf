"""What is read from the patents of the USPTO in XML of all ages."""

import os
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from ipatent.errors import SourceError
from ipatent.patents import Sheet
from ipatent.sources import BrokenSheet
from ipatent.sources.documents import read_document, read_patent_xml
from ipatent.sources.uspto_fields import Symbols
from office_files import PAP, grant, sheet_names, st32, tiff
from patent_files import LIMITS

STEM = "US09123456-20200107"


def symbols(xml: str) -> list[tuple[str, str]]:
    return [(one.scheme, one.symbol) for one in read_patent_xml(xml.encode()).patent.classifications]


def pictures(*names: str) -> dict[str, partial[bytes]]:
    return {name.lower(): partial(tiff, seed) for seed, name in enumerate(names)}


def test_a_grant_of_today_gives_its_bibliographic_data() -> None:
    patent = read_patent_xml(grant().encode()).patent
    assert patent.id == "US9123456B2"
    assert patent.title == "Folding stool"
    assert (patent.published, patent.filed) == (date(2020, 1, 7), date(2018, 3, 1))
    assert patent.applicants == ("Stool & Sons",)
    assert patent.inventors == ("Ann B. Lee",)
    assert patent.abstract == "A stool — it folds."


def test_its_classes_are_its_own_and_not_those_of_what_it_cites() -> None:
    assert symbols(grant()) == [
        ("CPC", "A47C 9/10"),
        ("CPC", "A47C 4/28"),
        ("IPC", "A47C 9/10"),
        ("USPC", "297/16.1"),
        ("USPC", "D6/601"),
    ]


def test_the_description_has_a_line_for_each_heading_and_paragraph_and_no_claims() -> None:
    lines = read_patent_xml(grant().encode()).patent.description.splitlines()
    assert lines[:2] == ["BACKGROUND", "Stools are known."]
    assert lines[2:4] == ["BRIEF DESCRIPTION OF THE DRAWINGS", "FIGURES"]
    assert lines[-4:] == ["DETAILED DESCRIPTION", "A leg 10 carries", "a seat.", "a hinge (12)"]


def test_captions_are_read_whatever_the_heading_of_their_section() -> None:
    captions = read_patent_xml(grant().encode()).patent.captions
    assert [(caption.labels, caption.text) for caption in captions] == [
        (("1",), "perspective view of a stool"),
        (("2A", "2B"), "sections of it"),
    ]


@pytest.mark.parametrize(
    ("line", "caption"),
    [
        ("FIG. 1: is a side view;", "side view"),
        ("FIG. 1: A side view.", "side view"),
        ("FIG. 1 - Side view of a lamp", "Side view of a lamp"),
        ("FIG. 1. Side view", "Side view"),
        ("Figure 1 shows a lamp.", "a lamp"),
    ],
)
def test_a_caption_may_follow_a_colon_or_a_dash(line: str, caption: str) -> None:
    body = f"<description-of-drawings><p>{line}</p></description-of-drawings>"
    (found,) = read_patent_xml(grant(body=body).encode()).patent.captions
    assert (found.labels, found.text) == (("1",), caption)


def test_the_front_page_repeat_is_no_sheet() -> None:
    assert read_patent_xml(grant(sheets=3).encode()).drawings == tuple(sheet_names(STEM, 3)[1:])


@pytest.mark.parametrize(
    ("number", "kind", "expected"),
    [
        ("D0871717", "S1", "USD871717S1"),
        ("PP030123", "P2", "USPP30123P2"),
        ("RE047123", "E1", "USRE47123E1"),
        ("H0002200", "H1", "USH2200H1"),
    ],
)
def test_designs_plants_and_reissues_keep_their_series(number: str, kind: str, expected: str) -> None:
    assert read_patent_xml(grant(number, kind).encode()).patent.id == expected


def test_a_design_grant_has_its_locarno_class() -> None:
    xml = grant("D0871717", "S1").replace(
        "<classification-national>",
        "<classification-locarno><edition>12</edition><main-classification>0601</main-classification>"
        "</classification-locarno><classification-national>",
    )
    assert ("LOC", "06-01") in symbols(xml)


def test_inventors_listed_as_applicants_give_way_to_the_assignee() -> None:
    xml = grant().replace(
        "<orgname>Stool &amp; Sons</orgname>", "<last-name>Lee</last-name><first-name>Ann B.</first-name>"
    )
    assert read_patent_xml(xml.encode()).patent.applicants == ("Ann B. Lee",)
    owned = xml.replace(
        "</us-bibliographic-data-grant>",
        "<assignees><assignee><addressbook><orgname>Seats Inc.</orgname></addressbook></assignee></assignees>"
        "</us-bibliographic-data-grant>",
    )
    assert read_patent_xml(owned.encode()).patent.applicants == ("Seats Inc.",)


def test_a_grant_of_2002_gives_the_same_fields() -> None:
    text = read_patent_xml(st32().encode())
    patent = text.patent
    assert patent.id == "US6336130B1"
    assert patent.title == "Lamp with CO2"
    assert (patent.published, patent.filed) == (date(2002, 1, 1), None), "a date without a day is none"
    assert (patent.applicants, patent.inventors) == (("Lamp Works",), ("Ann Lee",))
    assert [one.symbol for one in patent.classifications] == ["F21V 29/00", "362/294", "705/26"]
    assert patent.abstract == "A lamp — dim."
    assert [(one.labels, one.text) for one in patent.captions] == [(("1",), "front view of a lamp")]
    assert patent.description.splitlines() == [
        "FIELD",
        "Lamps.",
        "BRIEF DESCRIPTION OF THE DRAWINGS",
        "FIG. 1 is a front view of a lamp;",
        "A bulb 3 glows.",
    ]
    assert text.drawings == ("US06336130-20020101-D00001.TIF",)


def test_a_design_of_2001_has_locarno_and_national_classes() -> None:
    assert symbols(st32("D0435854", "S", "1402", "D14480"))[:2] == [("LOC", "14-02"), ("USPC", "D14/480")]


def test_an_application_of_2002_gives_the_same_fields() -> None:
    text = read_patent_xml(PAP.encode())
    patent = text.patent
    assert patent.id == "US20020012345A1"
    assert (patent.published, patent.filed) == (date(2002, 1, 31), date(2001, 7, 5))
    assert (patent.applicants, patent.inventors) == (("Lamp Works",), ("Ann Lee", "Bo C. Ray, Jr."))
    assert [one.symbol for one in patent.classifications] == ["F21V 29/00", "362/294", "D26/1.1"]
    assert patent.abstract == "A cool lamp."
    assert [(one.labels, one.text) for one in patent.captions] == [
        (("1",), "plan view"),
        (("2",), "Exploded view"),
    ]
    assert patent.description.splitlines()[-2:] == ["DETAIL", "A fin 4 cools."]
    assert text.drawings == ("US20020012345A1-20020131-D00001.TIF",)


@pytest.mark.parametrize(
    ("columns", "symbol"),
    [
        ("709202", "709/202"),
        ("705 26", "705/26"),
        ("707  7", "707/7"),
        ("2063081", "206/308.1"),
        ("369 772", "369/77.2"),
        (" 60645", "60/645"),
        ("D 6626", "D6/626"),
        ("D14480", "D14/480"),
        ("PLT226", "PLT/226"),
        ("600300000", "600/300"),
        ("705001100", "705/1.1"),
        ("24030 R", "240/30R"),
    ],
)
def test_national_classes_are_read_from_their_columns(columns: str, symbol: str) -> None:
    found = Symbols()
    found.national(columns)
    assert [one.symbol for one in found.all()] == [symbol]


def test_sheets_come_in_order_and_a_missing_one_is_named() -> None:
    first, second, third = sheet_names(STEM, 3)[1:]
    images = pictures(third, first)
    document = read_document(grant(sheets=3).encode(), "a.zip", images, "in the archive", LIMITS)
    one, two, three = document.sheets()
    assert isinstance(one, Sheet)
    assert isinstance(three, Sheet)
    assert (one.number, three.number) == (1, 3)
    assert two == BrokenSheet(second, "the file is missing")


def test_a_sheet_saved_in_another_format_is_found() -> None:
    names = [name.replace(".TIF", ".png") for name in sheet_names(STEM, 2)]
    document = read_document(grant().encode(), "a.xml", pictures(*names), "beside it", LIMITS)
    assert [type(sheet) for sheet in document.sheets()] == [Sheet, Sheet]


def test_a_damaged_or_overlarge_sheet_does_not_cost_the_others() -> None:
    first, second, third = sheet_names(STEM, 3)[1:]
    files = {**pictures(third), first.lower(): lambda: b"II*\0", second.lower(): lambda: tiff(1, 9000, 9000)}
    one, two, three = read_document(grant(sheets=3).encode(), "a.zip", files, "in it", LIMITS).sheets()
    assert isinstance(one, BrokenSheet)
    assert "damaged" in one.reason
    assert isinstance(two, BrokenSheet)
    assert "max_sheet_pixels" in two.reason
    assert isinstance(three, Sheet)


def test_a_patent_without_any_of_its_drawings_says_so_by_its_number() -> None:
    with pytest.raises(SourceError, match=r"^US9123456B2: its 2 drawings are not in the archive$"):
        read_document(grant().encode(), "a.zip", {}, "in the archive", LIMITS)
    with pytest.raises(SourceError, match=r"^US9123456B2: its drawing is not beside it$"):
        read_document(grant(sheets=1).encode(), "a.xml", {}, "beside it", LIMITS)
    with pytest.raises(SourceError, match=r"^US9123456B2: it names no drawings$"):
        read_document(grant(sheets=0).encode(), "a.xml", {}, "beside it", LIMITS)


def test_other_xml_and_xml_without_a_number_are_refused_by_name() -> None:
    with pytest.raises(SourceError, match="begins with <svg>"):
        read_patent_xml(b"<svg/>")
    with pytest.raises(SourceError, match="no publication number"):
        read_patent_xml(grant("??").encode())
    with pytest.raises(SourceError, match="no bibliographic data"):
        read_patent_xml(b"<us-patent-grant/>")


@pytest.mark.real
def test_real_patents_of_all_ages_are_read() -> None:
    root = Path(os.environ.get("IPATENT_REAL_PATENTS", Path(__file__).parents[2] / "shared" / "data"))
    folder = root / "uspto"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    found = {path.stem: read_patent_xml(path.read_bytes()) for path in sorted(folder.glob("*.xml"))}
    assert {stem: str(text.patent.number) for stem, text in found.items()} == {
        "US06336130": "US6336130B1",
        "US06859910": "US6859910B2",
        "US07272630B2": "US7272630B2",
        "US08926509": "US8926509B2",
        "US08927118": "US8927118B2",
        "US20010000044A1": "US20010000044A1",
        "US20050004437A1": "US20050004437A1",
        "USD435854S1": "USD435854S1",
    }
    assert [len(text.drawings) for text in found.values()] == [3, 9, 15, 10, 0, 2, 2, 4]
    assert [sum(len(one.labels) for one in text.patent.captions) for text in found.values()][-1] == 14
    for text in found.values():
        assert text.patent.title
        assert text.patent.published
        assert text.patent.filed
        assert text.patent.inventors
        assert text.patent.classifications
        assert bool(text.patent.captions) == bool(text.drawings)
