"""Exports: what they hold, that hostile text harms nobody, that alterations are found."""

import csv
import io
import json
import re
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from drawn_patents import draw
from index_entries import figure
from ipatent.classification import Classification
from ipatent.errors import SettingsError, SourceError
from ipatent.exports import (
    Listing,
    Sight,
    list_collection,
    list_record,
    to_bibtex,
    to_csv,
    to_json,
    to_pdf,
    to_qrels,
    to_ris,
    to_run,
    verify,
)
from ipatent.exports.document import check
from ipatent.exports.speech import Speech
from ipatent.exports.typesetting import Typesetting
from ipatent.patents import Box, Figure, Patent
from ipatent.pictures import encode_png, encode_thumbnail
from ipatent.publication import PublicationNumber
from ipatent.records import Grade, QueryImage, record_hash
from ipatent.records.collections import Collection, Item
from search_records import TIME, ranked, search_record

HOSTILE = (
    '=HYPERLINK("http://evil.example","x")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "＝1+1",
    "{\\input{/etc/passwd}} $x_1$ & 50% #1 ~ ^ }",
    "ends early\r\nER  - \r\nTY  - JOUR",
    "שלום עולם (12) כיסא",
    "كرسي قابل للطي",
    "\u202egnp.exe\u202c",
    "折りたたみ椅子 折叠椅 접이식 의자",
    "Łódź Ελλάδα Стул",
    "\x00\x07\x1b[31m\x7f\x9b \ud800 \ufffe",
    "\N{GRINNING FACE}\U0010fffd \u0301\u0301\u0301",
    "x" * 5000,
    "word " * 2000,
    "<script>alert(1)</script> &amp; <b>",
    "(unbalanced \\( parens \\",
    "",
)


def patent_of(place: int, **others: object) -> Patent:
    publication = PublicationNumber("US", f"D{900000 + place}", "S1")
    patent = Patent(
        id=str(publication),
        number=publication,
        title=f"Klappstuhl Größe {place}",
        published=date(2015, 12, 1),
        filed=date(2014, 3, 2),
        priority=date(2013, 3, 2),
        applicants=("Müller & Söhne GmbH",),
        inventors=("Ada Example", "Grace Sample"),
        classifications=(Classification.parse("LOC", "06-01"), Classification.parse("CPC", "A47C 4/04")),
        abstract="A chair that folds.",
    )
    return replace(patent, **others)  # type: ignore[arg-type]


def listing_of(*patents: Patent, **others: object) -> Listing:
    """A search that found one figure of each patent."""
    known: dict[str, tuple[Figure, Patent]] = {}
    for patent in patents:
        found = figure(patent.id, 1, caption=f"perspective view of a chair of {patent.title}")
        known[found.id] = (found, patent)
    record = search_record(ranked=ranked(*known), id="aBcDeFgHjKmN", **others)
    grades = dict.fromkeys(list(known)[:1], Grade.PARTLY)
    return list_record(record, known.get, grades, dict.fromkeys(list(known)[:1], "see hinge"))


THUMBNAIL = encode_thumbnail(draw(3, 1), 320)
DRAWING = encode_png(draw(3, 1))
SIGHT = Sight(lambda figure: THUMBNAIL, lambda picture: DRAWING)
BLIND = Sight(lambda figure: None, lambda picture: None)


@contextmanager
def opened(content: bytes) -> Iterator[pypdfium2.PdfDocument]:
    document = pypdfium2.PdfDocument(content)
    try:
        yield document
    finally:
        document.close()


def pages_of(content: bytes) -> list[str]:
    with opened(content) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


# -- PDF


def test_a_report_says_what_was_asked_and_found_and_carries_its_hash_on_each_page() -> None:
    listing = listing_of(*(patent_of(n) for n in range(9)))
    pages = pages_of(to_pdf(listing, SIGHT, at=TIME))
    assert len(pages) == 3
    assert listing.record
    for number, text in enumerate(pages, 1):
        assert f"sha256 {record_hash(listing.record)}" in text
        assert f"Page {number} of 3" in text
        assert "record aBcDeFgHjKmN" in text
    first = " ".join(pages[0].split())
    for said in (
        "folding chair",
        "A47G",
        "part 10,20,30,40",
        "2026-03-04 09:30:15 UTC",
        "tiny, preprocessing grid-8-1",
        "3 patents, 9 figures; state 12",
        "1 of 9 figures, 1 of them relevant",
        "Signed off by",
        "Signature",
    ):
        assert said in first, said
    assert "Klappstuhl Größe 0" in pages[1]
    for said in (
        "US D900,000 S1 · FIG. 1",
        "Müller & Söhne GmbH",
        "published 2015-12-01 · filed 2014-03-02 · priority 2013-03-02",
        "LOC 06-01, CPC A47C 4/04",
        "perspective view of a chair",
        "partly relevant",
        "Note: see hinge",
        "0.900",
    ):
        assert said in pages[1], said
    assert "Klappstuhl Größe 8" in pages[2]


def test_a_report_is_written_in_the_language_lent_to_it_but_what_was_asked_stays() -> None:
    german = {
        "Search report": "Recherchebericht",
        "Page %(number)s of %(count)s": "Seite %(number)s von %(count)s",
        "relevant": "einschlägig",
        "published": "veröffentlicht",
        "Before": "Vor",
    }
    speech = Speech(
        gettext=lambda message: german.get(message, message),
        decimal=lambda value, digits: f"{value:.{digits}f}".replace(".", ","),
    )
    listing = listing_of(patent_of(1))
    judged = replace(listing, figures=tuple(replace(each, grade=Grade.RELEVANT) for each in listing.figures))
    text = "\n".join(pages_of(to_pdf(judged, SIGHT, at=TIME, speech=speech)))
    for said in ("RECHERCHEBERICHT", "Seite 1 von", "einschlägig", "veröffentlicht", "Vor", "folding chair"):
        assert said in text
    assert "0,9" in text
    assert "Search report" not in text
    assert "SEARCH REPORT" in pages_of(to_pdf(listing, SIGHT))[0], "the next one is English again"


def test_publication_numbers_in_a_report_lead_to_the_publication() -> None:
    content = to_pdf(listing_of(patent_of(1)), SIGHT)
    assert b"/URI (https://worldwide.espacenet.com/patent/search?q=pn%3DUSD900001S1)" in content


def test_the_same_report_is_the_same_file() -> None:
    listing = listing_of(patent_of(1))
    assert to_pdf(listing, SIGHT, at=TIME) == to_pdf(listing, SIGHT, at=TIME)


def test_the_box_is_outlined_in_the_query_picture() -> None:
    height, width = draw(3, 1).shape
    box = Box(width // 2, height // 2, width // 4, height // 4)
    for picture, expected in ((QueryImage("a" * 64, box=box), True), (QueryImage("a" * 64), False)):
        with opened(to_pdf(listing_of(patent_of(1), pictures=(picture,)), SIGHT)) as document:
            page = np.asarray(document[0].render(scale=2).to_pil().convert("RGB")).astype(int)
        red = (page[..., 0] > 150) & (page[..., 1] < 100) & (page[..., 2] < 100)
        assert red.any() == expected
        if expected:
            rows, columns = np.nonzero(red)
            drawn = (np.ptp(columns) / np.ptp(rows)) / (box.width / box.height)
            assert drawn == pytest.approx(1, abs=0.05)


def test_pictures_that_are_gone_or_broken_leave_a_note_and_not_a_shorter_report() -> None:
    listing = listing_of(patent_of(1))
    broken = Sight(lambda figure: b"no picture", lambda picture: DRAWING[:200])
    for sight in (BLIND, broken):
        pages = pages_of(to_pdf(listing, sight))
        assert "no longer kept" in pages[0]
        assert "no picture" in pages[1]


def test_several_query_pictures_are_all_shown() -> None:
    pictures = tuple(
        QueryImage(f"{n:064x}", turn=90 * (n % 4), negative=n == 6, figure_id="P1/1/1" if n == 2 else "")
        for n in range(7)
    )
    pages = pages_of(to_pdf(listing_of(patent_of(1), pictures=pictures), SIGHT))
    text = " ".join(" ".join(pages).split())
    for n in range(7):
        assert f"Picture {n + 1}" in text
        assert f"{n:064x}" in text
    assert "Picture 7, to be avoided" in text
    assert "the whole of figure P1/1/1, turned by 180°" in text


def test_no_text_breaks_a_report() -> None:
    patents = [
        patent_of(n, title=text, applicants=(text, text), abstract=text) for n, text in enumerate(HOSTILE)
    ]
    listing = listing_of(*patents, words=" ".join(HOSTILE), user=HOSTILE[7], url="/search?q=" + "x" * 9000)
    noted = tuple(replace(one, note=text) for one, text in zip(listing.figures, HOSTILE, strict=True))
    pages = pages_of(to_pdf(replace(listing, figures=noted), SIGHT))
    assert all(f"sha256 {listing.sha256}" in text for text in pages)
    assert all(f"Page {n} of {len(pages)}" in text for n, text in enumerate(pages, 1))
    everything = "".join(pages)
    for said in ("折りたたみ椅子", "접이식", "<script>alert(1)</script>", "(unbalanced \\( parens \\"):
        assert said in everything, said
    assert "\u202e" not in everything
    collection = Collection("id", HOSTILE[11], HOSTILE[8], TIME, TIME, (Item("gone/1/1", "", TIME),))
    assert pages_of(to_pdf(list_collection(collection, lambda _: None), SIGHT))


def test_text_never_leaves_its_column() -> None:
    typesetting = Typesetting()
    for text in HOSTILE:
        for width in (30.0, 200.0):
            for line in typesetting.lines(text, 10, width, most=50):
                assert typesetting.width(line, 10) <= width + 10 or len(line) <= 2, (text, line)


def test_right_to_left_words_are_put_in_reading_order() -> None:
    runs = Typesetting().runs("chair אבג 12 דה x")
    assert "".join(run.text for run in runs) == "chair הד 12 גבא x"


def test_a_figure_that_left_the_index_stays_listed() -> None:
    listing = list_record(search_record("P1/1/1", id="x"), lambda _: None)
    pages = pages_of(to_pdf(listing, SIGHT))
    assert "The figure P1/1/1 is no longer in the index." in pages[1]
    assert b"no longer in the index" in to_csv(listing)
    assert json.loads(to_json(listing))["figures"][0]["in_index"] is False
    assert "P1" in to_ris(listing)
    assert "P1" in to_bibtex(listing)


def test_an_answer_without_figures_makes_a_report() -> None:
    listing = list_record(search_record(ranked=(), id="x"), lambda _: None)
    (text,) = pages_of(to_pdf(listing, SIGHT))
    assert "There are no figures in this report." in text


def test_a_report_of_five_hundred_figures_takes_seconds_and_little_memory() -> None:
    pictures = [encode_thumbnail(draw(n % 12, n % 5), 320) for n in range(60)]
    listing = listing_of(*(patent_of(n) for n in range(500)))
    sight = Sight(lambda figure: pictures[hash(figure.id) % 60], lambda picture: DRAWING)
    started = time.process_time()
    content = to_pdf(listing, sight)
    assert time.process_time() - started < 30
    with opened(content) as document:
        assert 60 < len(document) < 90
    tracemalloc.start()
    to_pdf(listing, sight)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60_000_000
    assert len(content) < 15_000_000


def test_a_font_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "font.ttf").write_bytes(b"\0\1\0\0 no font")
    for name in ("font.ttf", "missing.ttf"):
        with pytest.raises(SettingsError, match="cannot be used"):
            to_pdf(listing_of(patent_of(1)), SIGHT, str(tmp_path / name))


def test_a_collection_report_has_notes_and_where_each_was_found() -> None:
    items = (Item("USD900001S1/1/1", "hinge as claimed", TIME, "aBc", 3), Item("gone/1/1", "", TIME))
    collection = Collection("cOl", "Chairs for the file", "Opposition 7", TIME, TIME, items, "ada")
    patent = patent_of(1)
    known = {"USD900001S1/1/1": (figure(patent.id, 1), patent)}
    listing = list_collection(collection, known.get)
    pages = pages_of(to_pdf(listing, SIGHT))
    assert "Chairs for the file" in pages[0]
    assert "Opposition 7" in pages[0]
    assert "Signed off by" in pages[0]
    assert "Found: rank 3 of record aBc" in pages[1]
    assert "Note: hinge as claimed" in pages[1]
    assert "The figure gone/1/1 is no longer in the index." in pages[1]
    assert all(f"sha256 {listing.sha256}" in text for text in pages)


# -- JSON


def test_a_json_export_is_verified_and_carries_the_hash_of_the_printed_report() -> None:
    listing = listing_of(patent_of(1), patent_of(2))
    text = to_json(listing, datetime(2026, 1, 1, tzinfo=UTC))
    assert verify(text)
    found = check(text)
    assert (found.kind, found.id, found.sha256) == ("search", "aBcDeFgHjKmN", listing.sha256)
    document = json.loads(text)
    assert document["schema"] == "ipatent/export"
    assert document["figures"][0]["title"] == "Klappstuhl Größe 1"
    assert document["figures"][0]["judgement"] == "partly relevant"
    assert document["record"]["ranked"][0] == ["USD900001S1/1/1", 0.9]
    assert document["measures"]["precision_of_judged"] == 1.0
    assert verify(json.dumps(document, indent=None, ensure_ascii=False)), "the form does not matter"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"score": 0.9,', '"score": 0.8,'),
        ("Klappstuhl", "Klappstuhi"),
        ('"words": "folding chair"', '"words": "folding  chair"'),
        ('"generation": 12', '"generation": 13'),
        ('"grade": 1', '"grade": 2'),
        ('"exported": "2026', '"exported": "2025'),
        ('"in_index": true,', '"in_index": true, "more": 1,'),
    ],
)
def test_every_alteration_of_a_json_export_is_found(old: str, new: str) -> None:
    text = to_json(listing_of(patent_of(1)), TIME)
    assert text.count(old) >= 1
    assert not verify(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a JSON export"),
        ("[1]", "not an export of ipatent"),
        ('{"schema": "other"}', "not an export of ipatent"),
        ('{"schema": "ipatent/export", "version": 9, "kind": "search"}', "has version 9"),
        ('{"a": 1, "a": 2}', "a name stands twice"),
        ('{"a": NaN}', "NaN is no JSON number"),
        ("[" * 100_000, "not a JSON export"),
    ],
)
def test_what_is_no_export_cannot_be_verified(text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        verify(text)


def test_hostile_texts_survive_json() -> None:
    listing = listing_of(*(patent_of(n, title=text) for n, text in enumerate(HOSTILE)))
    text = to_json(listing)
    assert text.isascii()
    assert verify(text)
    assert [one["title"] for one in json.loads(text)["figures"]] == list(HOSTILE)


# -- CSV


def cells_of(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_csv_export_holds_a_line_for_each_figure() -> None:
    (line, _) = cells_of(to_csv(listing_of(patent_of(1), patent_of(2))))
    assert (line["rank"], line["score"], line["publication"]) == ("1", "0.900000", "US D900,001 S1")
    assert line["title"] == "Klappstuhl Größe 1"
    assert line["inventors"] == "Ada Example; Grace Sample"
    assert line["classes"] == "LOC 06-01; CPC A47C 4/04"
    assert (line["judgement"], line["note"]) == ("partly relevant", "see hinge")


def test_no_cell_of_a_csv_export_is_a_formula() -> None:
    listing = listing_of(*(patent_of(n, title=text, applicants=(text,)) for n, text in enumerate(HOSTILE)))
    noted = tuple(replace(one, note=text) for one, text in zip(listing.figures, HOSTILE, strict=True))
    lines = cells_of(to_csv(replace(listing, figures=noted)))
    assert len(lines) == len(HOSTILE)
    for line in lines:
        for cell in line.values():
            assert not re.match(r"\s*[=+\-@＝＋－＠]", cell), cell
            assert not re.search(r"[\x00-\x08\x1b]", cell)
    assert lines[0]["title"] == "'" + HOSTILE[0]
    assert lines[17]["title"] == HOSTILE[17]


# -- RIS and BibTeX


def test_a_ris_export_has_one_entry_for_each_patent() -> None:
    entry, rest = to_ris(listing_of(patent_of(1), patent_of(2))).split("ER  - \r\n\r\n", 1)
    lines = entry.split("\r\n")
    assert lines[0] == "TY  - PAT"
    for line in (
        "AU  - Ada Example",
        "AU  - Grace Sample",
        "TI  - Klappstuhl Größe 1",
        "PB  - Müller & Söhne GmbH",
        "PY  - 2015",
        "DA  - 2015/12/01/",
        "SN  - US D900,001 S1",
        "N1  - FIG. 1: perspective view of a chair of Klappstuhl Größe 1 [see hinge]",
        "ID  - USD900001S1",
    ):
        assert line in lines
    assert rest.count("TY  - PAT") == 1


def test_no_text_ends_a_ris_entry_early() -> None:
    text = to_ris(listing_of(*(patent_of(n, title=text) for n, text in enumerate(HOSTILE))))
    assert len(re.findall(r"^TY  - ", text, re.MULTILINE)) == len(HOSTILE)
    assert len(re.findall(r"^ER  - ", text, re.MULTILINE)) == len(HOSTILE)
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in text.split("\r\n") if line)
    assert text.encode("utf-8")


def test_a_bibtex_export_has_one_entry_for_each_patent() -> None:
    text = to_bibtex(listing_of(patent_of(1), patent_of(2)))
    assert text.startswith("@patent{USD900001S1,\n")
    for line in (
        "  author = {Ada Example and Grace Sample},",
        "  title = {{Klappstuhl Größe 1}},",
        "  number = {US D900,001 S1},",
        r"  holder = {{Müller \& Söhne GmbH}},",
        "  date = {2015-12-01},",
    ):
        assert line in text.splitlines()
    assert text.count("@patent{") == 2


def test_bibtex_braces_are_balanced_whatever_a_title_holds() -> None:
    patents = [patent_of(n, title=text, inventors=(text,)) for n, text in enumerate(HOSTILE)]
    text = to_bibtex(listing_of(*patents))
    bare = re.sub(r"\\[{}]", "", text)
    depth = 0
    for letter in bare:
        depth += (letter == "{") - (letter == "}")
        assert depth >= 0
    assert depth == 0
    assert r"\textbackslash{}input\{/etc/passwd\}" in text
    assert text.encode("utf-8")


def test_bibtex_keys_are_unique_and_plain() -> None:
    patents = [patent_of(1, id=name, number=None) for name in ("stühle, alt", "stühle alt", "椅子", "机")]
    keys = re.findall(r"@patent\{(.*),", to_bibtex(listing_of(*patents)))
    assert keys == ["stuhlealt", "stuhlealt-2", "patent", "patent-2"]


# -- TREC


def test_qrels_and_runs_have_the_columns_of_trec_eval() -> None:
    record = search_record("P 1/1/1", "P2/1/1", "100%\n/1/1")
    run = [line.split(" ") for line in to_run(record, "built in").splitlines()]
    key = record.query_key
    assert run[0] == [key, "Q0", "P%201/1/1", "1", "0.900000", "built%20in"]
    assert run[2][2] == "100%25%0A/1/1"
    qrels = to_qrels({key: {"P 1/1/1": Grade.RELEVANT, "P2/1/1": Grade.NOT}})
    assert qrels == f"{key} 0 P%201/1/1 2\n{key} 0 P2/1/1 0\n"


def test_a_coloured_query_picture_is_shown_in_colour() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (300, 200), (0, 90, 200)).save(buffer, "JPEG")
    sight = Sight(lambda figure: THUMBNAIL, lambda picture: buffer.getvalue())
    with opened(to_pdf(listing_of(patent_of(1)), sight)) as document:
        page = np.asarray(document[0].render(scale=1).to_pil().convert("RGB")).astype(int)
    assert ((page[..., 2] - page[..., 0]) > 100).any()
