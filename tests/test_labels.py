"""Labels, the figures they belong to, and what else is printed on a sheet, beyond the simple cases."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ipatent import ocr
from ipatent.components import find_components, ink_of
from ipatent.pages import running_header
from ipatent.patents import Box, Caption, Pixels, Sheet, Word
from ipatent.references import own_labels
from ipatent.sample.lettering import word
from ipatent.sheets import CutFigure, cut_figures
from ipatent.sources import Limits
from ipatent.sources.cover import Cover, find_number, read_cover
from ipatent.sources.pdf import read_pdf
from ipatent.sources.second_reading import is_doubtful, missing_labels, with_missing

WIDTH, HEIGHT = 1700, 2200
LIMITS = Limits(file_bytes=1 << 30, sheet_pixels=100_000_000, pages=500)

needs_ocr = pytest.mark.skipif(
    not ocr.available(), reason="OCR is not installed: pip install 'ipatent[ocr]' to run this"
)


def paper() -> Pixels:
    return np.full((HEIGHT, WIDTH), 255, np.uint8)


def put(pixels: Pixels, text: str, x: int, y: int, size: int = 70) -> Box:
    """Print with its upper left corner at (x, y); the box it covers."""
    stamp = word(text, "times", size)
    pixels[y : y + stamp.shape[0], x : x + stamp.shape[1]][stamp] = 0
    return Box(x, y, stamp.shape[1], stamp.shape[0])


def frame(pixels: Pixels, box: Box) -> None:
    for y in (box.y, box.bottom):
        pixels[y : y + 4, box.x : box.right + 4] = 0
    for x in (box.x, box.right):
        pixels[box.y : box.bottom + 4, x : x + 4] = 0


def cut(pixels: Pixels, words: tuple[Word, ...] = ()) -> tuple[CutFigure, ...]:
    return cut_figures(Sheet(1, pixels, words))


@needs_ocr
def test_shapes_and_ocr_together_overrule_a_misread_text_layer() -> None:
    pixels = paper()
    frame(pixels, Box(400, 400, 800, 700))
    box = put(pixels, "FIG. 8", 700, 1300)
    (figure,) = cut(pixels, (Word("FIG.3", box),))
    assert figure.labels == ("8",)


def test_without_ocr_the_text_layer_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "available", lambda: False)
    pixels = paper()
    frame(pixels, Box(400, 400, 800, 700))
    box = put(pixels, "FIG. 8", 700, 1300)
    (figure,) = cut(pixels, (Word("FIG.3", box),))
    assert figure.labels == ("3",)


@needs_ocr
def test_print_that_only_begins_like_a_label_stays_in_the_drawing() -> None:
    pixels = paper()
    frame(pixels, Box(400, 400, 800, 700))
    put(pixels, "FIGURINE SHOP", 500, 700, 60)
    put(pixels, "FIG. 2", 700, 1300)
    (figure,) = cut(pixels)
    assert figure.labels == ("2",)
    assert (figure.pixels[250:400] < 128).sum() > 3000


def test_a_dotted_line_under_a_label_goes_with_it() -> None:
    pixels = paper()
    frame(pixels, Box(400, 400, 800, 700))
    box = put(pixels, "FIG. 2", 700, 1300)
    for x in range(box.x, box.right, 14):
        pixels[box.bottom + 14 : box.bottom + 19, x : x + 5] = 0
    (figure,) = cut(pixels)
    assert figure.labels == ("2",)
    assert abs(figure.box.bottom - 1116) <= 6


def test_hatching_stays_with_its_figure() -> None:
    pixels = paper()
    image = Image.fromarray(pixels)
    pen = ImageDraw.Draw(image)
    for left, top in ((300, 300), (300, 1200)):
        pen.rectangle((left, top, left + 1000, top + 600), outline=0, width=4)
        for patch in (0, 500):  # two hatched patches that touch neither the outline nor one another
            for step in range(0, 300, 14):
                x, y = left + 100 + patch + step, top + 100
                pen.line((x, y, x, y + 400), fill=0, width=3)
            pen.line((left + 100 + patch, top + 300, left + 394 + patch, top + 300), fill=0, width=3)
    pixels = np.array(image)
    put(pixels, "FIG. 1", 700, 980)
    put(pixels, "FIG. 2", 700, 1880)
    one, two = cut(pixels)
    assert (one.labels, two.labels) == (("1",), ("2",))
    assert (one.box.y, two.box.y) == (288, 1188)
    assert one.box.height == two.box.height


def test_a_label_beside_an_enlargement_circle_belongs_to_the_sheet_that_draws_it() -> None:
    assert own_labels([("7",), ("8", "9"), ("9",)]) == (("7",), ("8",), ("9",))


def test_labels_that_stand_nowhere_alone_all_stay() -> None:
    assert own_labels([("1",), ("2", "3"), ()]) == (("1",), ("2", "3"), ())
    assert own_labels([("2", "3"), ("2",), ("3",)]) == (("2", "3"), ("2",), ("3",))


def test_the_first_line_of_a_text_is_no_running_header() -> None:
    pixels = paper()
    image = Image.fromarray(pixels)
    pen = ImageDraw.Draw(image)
    for line in range(12):
        text = "the seat of the chair is carried by four legs and a back rest which"
        pen.text((200, 150 + 40 * line), text, fill=0, font_size=36)
    assert not running_header(find_components(ink_of(np.asarray(image)))).any()


def test_a_number_with_a_lost_or_doubled_digit_is_not_believed() -> None:
    assert find_number("US 99,372,9999 B2") is None
    assert str(find_number("US 10,372,9999 B2 US010372999B2")) == "US10372999B2"


def test_misread_codes_classes_and_commas_of_a_cover_are_mended() -> None:
    cover = read_cover(
        ["(10) Patent No.: US D681,887 S"],
        [
            "(S4) BRACKET",
            "(7l) Applicant: Harbor Technology Co., Ltd. Taiyuan (CN)",
            "(51) LOC (1O) Cl. .... O6 - Ol",
            "(52) U.S. Cl.",
            "USPC .... O30/132; 8/345",
            "(22) Filed: Jun. 1,7 2010",
            "(57) CLAIM",
        ],
    )
    assert cover.title == "BRACKET"
    assert str(cover.filed) == "2010-06-01"
    assert cover.applicants == ("Harbor Technology Co., Ltd.",)
    assert [c.symbol for c in cover.classifications] == ["06-01", "D30/132", "D8/345"]


def test_a_cover_with_an_unread_class_or_a_missing_caption_is_doubtful() -> None:
    lines = ["(54) CHAIR", "(51) LOC (10) Cl. ....", "(57) CLAIM"]
    cover = read_cover(["(45) Date of Patent: May 7, 2013"], lines)
    assert is_doubtful(cover, (), lines)
    whole = ["(54) CHAIR", "(51) LOC (10) Cl. .... 06-01", "(57) CLAIM"]
    cover = read_cover(["(45) Date of Patent: May 7, 2013"], whole)
    captions = (Caption(("1",), "front view"), Caption(("2", "3"), "side views"))
    assert not is_doubtful(cover, captions, whole)
    assert is_doubtful(cover, (captions[1],), whole)
    assert is_doubtful(Cover(), captions, whole)


def test_a_missing_caption_is_put_in_its_place() -> None:
    had = (Caption(("1",), "front view"), Caption(("3",), "top view"))
    second = (Caption(("1",), "frout view"), Caption(("2",), "rear view"))
    assert missing_labels(had) == ("2",)
    assert [c.text for c in with_missing(had, second)] == ["front view", "rear view", "top view"]


@needs_ocr
def test_a_cover_whose_text_layer_is_garbled_is_read_from_its_picture(tmp_path: Path) -> None:
    from ipatent.sample.pdf import PAGE_HEIGHT, PAGE_WIDTH, Page, group4, write_pdf
    from test_ocr import COVER, drawing, page

    cover = Page()
    cover.picture(group4(page(COVER) < 128), 0, 0, PAGE_WIDTH, PAGE_HEIGHT)
    scale = PAGE_HEIGHT / 3300
    for x, y, text, size in COVER:
        garbled = text.replace("06-01", "~").replace("FIG. 2 is a front view thereof", "rlc 2s a fru")
        cover.hidden_text(x * scale, PAGE_HEIGHT - y * scale, garbled, len(text) * size * 0.1, size * scale)
    sheet = Page()
    sheet.picture(group4(drawing() < 128), 0, 0, PAGE_WIDTH, PAGE_HEIGHT)
    path = tmp_path / "garbled.pdf"
    path.write_bytes(write_pdf([cover, sheet], "garbled"))
    patent = read_pdf(path, LIMITS).patent
    assert [c.symbol for c in patent.classifications] == ["06-01"]
    assert [c.labels for c in patent.captions] == [("1",), ("2",), ("3",)]
    assert patent.captions[1].text == "front view thereof"
