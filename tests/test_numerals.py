"""Reference numerals found in drawings, by their shapes alone and with OCR."""

import numpy as np
import pytest

from ipatent import ocr
from ipatent.numerals import find_numerals, sought
from ipatent.patents import Component, Pixels
from ipatent.sample.lettering import word
from ipatent.surroundings import section_marks

EXPECTED = ("10", "12a", "104", "S210", "38")
PLACES = ((150, 200), (900, 260), (160, 700), (850, 760), (500, 1050))


@pytest.fixture(params=["shapes", "OCR"], autouse=True)
def means(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each behaviour holds with OCR and without it."""
    if request.param == "shapes":
        monkeypatch.setattr(ocr, "available", lambda: False)
    elif not ocr.available():
        pytest.skip("OCR is not installed: pip install 'ipatent[ocr]' to run this")
    return str(request.param)


def drawing(face: str = "times", size: int = 46) -> Pixels:
    """A figure of 1200 x 1200: a box with numerals around it."""
    pixels = np.full((1200, 1200), 255, np.uint8)
    pixels[350:355, 350:800] = pixels[640:645, 350:800] = 0
    pixels[350:640, 350:355] = pixels[350:640, 795:800] = 0
    for text, (x, y) in zip(EXPECTED, PLACES, strict=True):
        stamp = word(text, face, size)
        pixels[y : y + stamp.shape[0], x : x + stamp.shape[1]][stamp] = 0
    return pixels


@pytest.mark.parametrize("face", ["times", "sans", "vera italic"])
def test_numerals_that_the_description_knows_are_found_where_they_stand(face: str) -> None:
    found = {n.text: n.box for n in find_numerals(drawing(face), EXPECTED)}
    assert set(found) == set(EXPECTED)
    for text, (x, y) in zip(EXPECTED, PLACES, strict=True):
        assert (found[text].x, found[text].y) == (x, y)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_numerals_are_read_in_a_drawing_printed_sideways(quarters: int) -> None:
    turned = np.ascontiguousarray(np.rot90(drawing(), quarters))
    assert {n.text for n in find_numerals(turned, EXPECTED)} == set(EXPECTED)


def test_a_numeral_that_the_description_does_not_know_is_not_reported() -> None:
    assert {n.text for n in find_numerals(drawing(), ("10", "12a"))} == {"10", "12a"}


def test_none_are_sought_where_the_description_names_no_parts() -> None:
    assert find_numerals(drawing(), ()) == ()


def test_a_blank_or_tiny_picture_has_no_numerals() -> None:
    assert find_numerals(np.full((300, 200), 255, np.uint8), EXPECTED) == ()
    assert find_numerals(np.zeros((1, 1), np.uint8), EXPECTED) == ()


def test_a_letter_that_touches_its_lead_line_does_not_hide_a_step() -> None:
    pixels = np.full((600, 600), 255, np.uint8)
    stamp = word("S302", "sans", 50)
    pixels[200 : 200 + stamp.shape[0], 250 : 250 + stamp.shape[1]][stamp] = 0
    rows = np.flatnonzero(pixels[:, 255] == 0)
    pixels[rows[0] : rows[0] + 3, 60:256] = 0
    assert [n.text for n in find_numerals(pixels, ("S302", "S304"))] == ["S302"]


def put(pixels: Pixels, text: str, x: int, y: int, face: str = "sans", size: int = 46) -> tuple[int, int]:
    """Prints a word; the first column and row behind it."""
    stamp = word(text, face, size)
    pixels[y : y + stamp.shape[0], x : x + stamp.shape[1]][stamp] = 0
    return x + stamp.shape[1], y + stamp.shape[0]


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_prime_belongs_to_its_numeral(quarters: int) -> None:
    pixels = np.full((900, 900), 255, np.uint8)
    right, _ = put(pixels, "12", 200, 200)
    pixels[198:212, right + 6 : right + 10] = 0
    put(pixels, "12", 500, 600)
    put(pixels, "34", 200, 700)
    for known, texts in ((("12", "12'", "34"), ["12", "12'", "34"]), (("12′", "34"), ["12′", "34"])):
        found = find_numerals(np.ascontiguousarray(np.rot90(pixels, quarters)), known)
        assert sorted(n.text for n in found) == texts


def test_numerals_in_circles_and_over_a_rule_are_found() -> None:
    pixels = np.full((900, 900), 255, np.uint8)
    right, bottom = put(pixels, "24", 200, 200)
    pixels[bottom + 8 : bottom + 11, 196 : right + 4] = 0
    right, bottom = put(pixels, "36", 600, 600)
    y, x = np.mgrid[:900, :900]
    away = np.hypot(x - (600 + right) / 2, y - (600 + bottom) / 2)
    pixels[(away > 52) & (away < 56)] = 0
    put(pixels, "48", 200, 650)
    assert sorted(n.text for n in find_numerals(pixels, ("24", "36", "48"))) == ["24", "36", "48"]


def test_numbers_on_an_axis_and_in_decimals_are_no_numerals() -> None:
    pixels = np.full((1200, 1200), 255, np.uint8)
    pixels[1000:1004, 100:1100] = pixels[100:1000, 100:104] = 0
    for number, text in enumerate(("10", "20", "30", "40", "50")):
        put(pixels, text, 150 + 200 * number, 1020, size=38)
    right, bottom = put(pixels, "2", 300, 300)
    pixels[bottom - 5 : bottom + 3, right + 4 : right + 9] = 0
    put(pixels, "32", right + 13, 300)
    for text, x, y in (("32", 700, 200), ("34", 800, 450), ("36", 600, 800)):
        put(pixels, text, x, y)
    found = find_numerals(pixels, ("20", "32", "34", "36", "40"))
    assert [n.text for n in found] == ["32", "34", "36"]


def test_a_numeral_whose_first_digit_touches_its_lead_line_is_read_by_ocr(means: str) -> None:
    pixels = np.full((600, 600), 255, np.uint8)
    right, bottom = put(pixels, "206", 300, 250, size=50)
    pixels[bottom - 3 : bottom, 40:320] = 0
    found = find_numerals(pixels, ("202", "204", "206"))
    assert [n.text for n in found] == (["206"] if means == "OCR" else [])
    assert all(n.box.x <= 300 and abs(n.box.right - right) <= 2 for n in found)


def test_steps_and_lettered_fellows_are_sought_beside_the_components() -> None:
    text = (
        "The frame 12a has a leg 14. In step 110, a signal is sent. The lever 16' is 250 mm long, "
        "dates from 1999, turns by 90° within 30 seconds, and "
        "at least 40 % of it is steel, as in Example 77 of claim 88."
    )
    known = sought(text, (Component("12a", "frame"), Component("14", "leg")))
    assert {"12a", "12b", "14", "110", "16'"} <= known
    assert not known & {"250", "1999", "90", "30", "40", "77", "88"}
    assert sought(text, ()) == frozenset()


def test_the_numbers_of_a_table_are_not_taken_for_numerals() -> None:
    pixels = np.full((900, 900), 255, np.uint8)
    for row, numbers in enumerate((("52", "97", "12"), ("63", "81", "44"), ("75", "39", "66"))):
        for column, text in enumerate(numbers):
            stamp = word(text, "sans", 46)
            y, x = 150 + 200 * row, 150 + 250 * column
            pixels[y : y + stamp.shape[0], x : x + stamp.shape[1]][stamp] = 0
    assert find_numerals(pixels, ("10", "12", "14")) == ()


def test_a_raster_of_specks_is_left_alone() -> None:
    noise = np.random.default_rng(4).random((800, 800)) < 0.15
    pixels = np.where(noise, 0, 255).astype(np.uint8)
    assert find_numerals(pixels, EXPECTED) == ()


def test_the_marks_of_a_section_line_are_no_numerals() -> None:
    marks = section_marks("a sectional view taken along line 14-14 of FIG. 1, with 16-18 parts")
    assert marks == {"14"}
    pixels = np.full((900, 900), 255, np.uint8)
    put(pixels, "14", 400, 60)
    put(pixels, "14", 402, 800)
    put(pixels, "14", 150, 430)
    put(pixels, "16", 700, 430)
    found = find_numerals(pixels, ("14", "16"), marks)
    assert [n.text for n in found] == ["14", "16"]
    assert found[0].box.x < 300


def test_entries_of_a_ruled_table_are_no_numerals() -> None:
    pixels = np.full((900, 1200), 255, np.uint8)
    for y in (200, 330, 460, 590):
        pixels[y : y + 4, 100:804] = 0
    for x in (100, 450, 800):
        pixels[200:594, x : x + 4] = 0
    put(pixels, "24", 250, 250)
    put(pixels, "36", 600, 380)
    put(pixels, "48", 950, 700)
    assert [n.text for n in find_numerals(pixels, ("24", "36", "48"))] == ["48"]
