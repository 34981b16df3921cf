"""Photos of paper: found, straightened and made black on white."""

import io
import time

import numpy as np
import pytest
from PIL import Image, ImageFilter

from drawn_patents import Library, draw
from ipatent.patents import Pixels
from ipatent.photo import _perspective, clean_photo, find_sheet
from ipatent.query import Example, Query
from ipatent.search import search


def photograph(drawing: Pixels, seed: int, size: tuple[int, int] = (900, 1200)) -> tuple[Pixels, Pixels]:
    """A photo of a sheet with the drawing, lying at an angle on a desk in uneven light; and its corners."""
    chance = np.random.default_rng(seed)
    sheet = np.full((1100, 850), 255, np.uint8)
    top, left = (1100 - drawing.shape[0]) // 2, (850 - drawing.shape[1]) // 2
    sheet[top : top + drawing.shape[0], left : left + drawing.shape[1]] = drawing
    width, height = size
    high, wide = sheet.shape
    scale = min(width * 0.74 / wide, height * 0.8 / high)
    half = np.array([wide, high]) * scale / 2
    corners = np.array([width, height]) / 2 + half * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    corners += chance.uniform(-0.07, 0.07, (4, 2)) * half.min() * 2
    flat = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], float)
    numbers = tuple(_perspective(corners, flat))
    how = (size, Image.Transform.PERSPECTIVE, numbers, Image.Resampling.BICUBIC)
    seen = np.asarray(Image.fromarray(sheet).transform(*how, fillcolor=0), np.float32)
    there = np.asarray(Image.new("L", (wide, high), 255).transform(*how, fillcolor=0), np.float32) / 255
    y, x = np.mgrid[:height, :width]
    angle = chance.uniform(0, 2 * np.pi)
    light = 1 - 0.3 * ((x / width - 0.5) * np.cos(angle) + (y / height - 0.5) * np.sin(angle) + 0.5)
    shade = chance.uniform(0.3, 0.7, 2)
    light *= 1 - 0.25 * np.exp(-(((x / width - shade[0]) / 0.25) ** 2 + ((y / height - shade[1]) / 0.3) ** 2))
    photo = ((seen * 0.82 + 25) * there + 70 * (1 - there)) * light + chance.normal(0, 4, light.shape)
    image = Image.fromarray(np.clip(photo, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.6))
    stream = io.BytesIO()
    image.convert("RGB").save(stream, "JPEG", quality=60)
    return np.asarray(Image.open(stream)), corners


@pytest.mark.parametrize("seed", range(5))
def test_the_four_corners_of_a_sheet_are_found(seed: int) -> None:
    photo, corners = photograph(draw(5, 1), seed)
    found = find_sheet(np.asarray(Image.fromarray(photo).convert("L")))
    assert found is not None
    assert np.abs(found - corners).max() < 9  # of 1200


def test_a_scan_has_no_outline_and_keeps_its_shape_and_its_lines() -> None:
    scan = draw(5, 1)
    assert find_sheet(scan) is None
    cleaned = clean_photo(scan)
    assert cleaned.shape == scan.shape
    assert (cleaned != scan).mean() < 0.01


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_picture_of_one_colour_stays_whole(value: int) -> None:
    assert clean_photo(np.full((300, 200), value, np.uint8)).shape == (300, 200)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (3, 2, 3), (9000, 40)])
def test_any_shape_is_cleaned_without_a_fault(shape: tuple[int, ...]) -> None:
    noise = np.random.default_rng(1).integers(0, 255, shape, np.uint8)
    cleaned = clean_photo(noise)
    assert cleaned.ndim == 2
    assert set(np.unique(cleaned)) <= {0, 255}


def test_thin_lines_survive_and_solid_black_stays_solid() -> None:
    sheet = np.full((600, 600), 235, np.uint8)
    sheet[100:250, 100:250] = 20
    sheet[400, 50:550] = 90
    shaded = (sheet * np.linspace(0.5, 1, 600)).astype(np.uint8)
    cleaned = clean_photo(shaded)
    assert (cleaned[115:235, 115:235] == 0).all()
    assert (cleaned[399:402, 60:540] == 0).any(axis=0).mean() > 0.98
    assert (cleaned[450:, :] == 255).mean() > 0.99


def test_a_cleaned_photo_finds_its_figure_first(library: Library) -> None:
    def first(picture: Pixels) -> str:
        query = Query(examples=(Example(picture),), k=1)
        return search(query, library.state.index, library.state.encoder).hits[0].figure.id

    wanted = [f"USD90000{patent}S1/{view + 1}/1" for patent in (1, 3, 5, 7) for view in (0, 2)]
    photos = [photograph(draw(p, v), 10 * p + v)[0] for p in (1, 3, 5, 7) for v in (0, 2)]
    cleaned = sum(first(clean_photo(each)) == id for each, id in zip(photos, wanted, strict=True))
    as_is = sum(first(each) == id for each, id in zip(photos, wanted, strict=True))
    assert cleaned >= 7
    assert cleaned > as_is


def test_twelve_megapixels_take_little_time() -> None:
    photo, _ = photograph(draw(5, 1), 1, (3000, 4000))
    started = time.process_time()
    clean_photo(photo)
    assert time.process_time() - started < 1.0  # 0.3 s on a quiet machine
