"""Reference numerals found in drawings, by their shapes alone and with OCR."""

import numpy as np
import pytest

from ipatent import ocr
from ipatent.numerals import find_numerals
from ipatent.patents import Pixels
from ipatent.sample.lettering import word

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
