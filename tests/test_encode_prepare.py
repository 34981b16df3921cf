"""From pixels to the square that a model sees."""

import numpy as np
import pytest
from PIL import Image

from drawings import THINGS, as_jpeg, draw, on_page
from ipatent.encode.prepare import ink_box, planes, square


def difference(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(float) - b.astype(float)).mean())


@pytest.mark.parametrize("thing", THINGS)
def test_a_drawing_looks_the_same_wherever_it_stands_on_the_page(thing: str) -> None:
    alone = square(draw(thing), 384)
    page = square(on_page(draw(thing), 3300, 2560, top=1900, left=700), 384)
    assert np.array_equal(alone, page)


def test_a_drawing_keeps_its_proportions_and_is_never_cropped() -> None:
    pixels = np.full((500, 2000), 255, np.uint8)
    pixels[100:400, 50] = pixels[100:400, 1949] = pixels[100, 50:1950] = pixels[399, 50:1950] = 0
    left, top, right, bottom = ink_box(square(pixels, 384)) or (0, 0, 0, 0)
    assert (right - left) / (bottom - top) == pytest.approx(1900 / 300, rel=0.03)
    assert 0 < left < right < 384
    assert 0 < top < bottom < 384


def test_a_line_of_one_pixel_survives_a_sixfold_reduction() -> None:
    sheet = np.full((2300, 2300), 255, np.uint8)
    sheet[5:-5, 5] = sheet[5:-5, -5] = sheet[5, 5:-5] = sheet[-5, 5:-5] = 0
    sheet[100:2200, 1150] = 0
    middle = square(sheet, 384)[150:230, 150:234]
    darkest = middle.min(axis=1)
    assert (darkest < 200).all()


def test_grey_and_colour_pictures_of_the_same_drawing_are_equal() -> None:
    grey = draw("gear")
    assert np.array_equal(square(grey, 384), square(np.repeat(grey[:, :, None], 3, axis=2), 384))


def test_yellowed_noisy_paper_becomes_clean_white() -> None:
    dice = np.random.default_rng(0)
    clean = draw("chair").astype(float)
    scan = np.clip(clean * 0.86 + dice.normal(0, 4, clean.shape), 0, 255).astype(np.uint8)
    scan = as_jpeg(scan)
    prepared = square(scan, 384)
    assert prepared[0, 0] == 255
    assert np.median(prepared) == 255
    assert difference(prepared, square(draw("chair"), 384)) < 4


def test_white_lines_on_black_are_turned_into_black_on_white() -> None:
    assert difference(square(255 - draw("bottle"), 384), square(draw("bottle"), 384)) < 1


def test_a_speck_of_dirt_in_the_corner_does_not_shrink_the_drawing() -> None:
    page = on_page(draw("lamp"), 3300, 2560, top=1000, left=800)
    dirty = page.copy()
    dirty[12:14, 12:14] = 0
    dirty[3290, 2500] = 0
    assert np.array_equal(square(page, 384), square(dirty, 384))


def test_a_picture_of_nothing_but_small_dots_is_kept_whole() -> None:
    page = np.full((2000, 2000), 255, np.uint8)
    page[::100, ::100] = 0
    assert ink_box(page) == (0, 0, 1901, 1901)


@pytest.mark.parametrize(
    "shape",
    [(1, 5000), (5000, 1), (1, 1), (3, 3), (2, 4000, 3), (16, 20000)],
)
def test_extreme_shapes_give_a_square(shape: tuple[int, ...]) -> None:
    for value in (0, 255, 128):
        prepared = square(np.full(shape, value, np.uint8), 384)
        assert prepared.shape == (384, 384)
        assert prepared.dtype == np.uint8


def test_a_single_long_line_stays_visible() -> None:
    assert square(np.zeros((1, 5000), np.uint8)[:, :], 384).shape == (384, 384)
    page = np.full((40, 5000), 255, np.uint8)
    page[20] = 0
    assert square(page, 384).min() < 100


@pytest.mark.parametrize("value", [255, 250, 200, 140])
def test_blank_paper_of_any_shade_gives_a_white_square(value: int) -> None:
    assert (square(np.full((700, 500), value, np.uint8), 384) == 255).all()


def test_pictures_without_pixels_give_a_white_square() -> None:
    assert (square(np.zeros((0, 10), np.uint8), 384) == 255).all()


def test_the_size_of_a_picture_hardly_changes_what_the_model_sees() -> None:
    full = square(draw("bicycle"), 384)
    assert difference(full, square(draw("bicycle", side=2000), 384)) < 3
    assert difference(full, square(draw("bicycle", side=500), 384)) < 6


def test_pictures_are_not_changed_by_preparing_them() -> None:
    pixels = draw("gear")
    before = pixels.copy()
    square(pixels, 384)
    assert np.array_equal(pixels, before)


def test_views_into_larger_pictures_are_accepted() -> None:
    pixels = np.asarray(Image.fromarray(draw("gear")).convert("RGB"))[::-1, 10:-10]
    assert square(pixels, 384).min() < 100


def test_values_are_normalised_with_the_mean_and_deviation_of_the_model() -> None:
    squares = np.array([[[0, 255]]], np.uint8)
    tensor = planes(squares, (0.5, 0.25, 0.0), (0.5, 0.5, 1.0))
    assert tensor.shape == (1, 3, 1, 2)
    assert tensor.dtype == np.float32
    assert tensor[0, :, 0, 0].tolist() == [-1.0, -0.5, 0.0]
    assert tensor[0, :, 0, 1].tolist() == [1.0, 1.5, 1.0]
