"""Sheets become figures: what is cut, what is read, and what is taken out of the picture."""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ipatent.components import find_components, ink_of
from ipatent.pages import page_kind, running_header
from ipatent.patents import Box, Pixels, Sheet, Word
from ipatent.sheets import clean_picture, cut_figures, on_sheet, turned_versions

WIDTH, HEIGHT = 1700, 2200
PLOTTER = {
    "F": [(0, 6, 0, 0, 4, 0), (0, 3, 3, 3)],
    "I": [(1, 0, 3, 0), (2, 0, 2, 6), (1, 6, 3, 6)],
    "G": [(4, 0, 1, 0, 0, 1, 0, 5, 1, 6, 4, 6, 4, 3, 3, 3)],
    "1": [(1, 1, 2, 0, 2, 6), (1, 6, 3, 6)],
    "2": [(0, 1, 1, 0, 3, 0, 4, 1, 4, 2, 3, 3, 1, 3, 0, 4, 0, 6, 4, 6)],
    "3": [(0, 1, 1, 0, 3, 0, 4, 1, 4, 2, 3, 3, 1, 3), (3, 3, 4, 4, 4, 5, 3, 6, 1, 6, 0, 5)],
    "7": [(0, 0, 4, 0, 4, 1, 2, 4, 2, 6)],
}


def paper() -> Image.Image:
    return Image.new("L", (WIDTH, HEIGHT), 255)


def draw_label(page: Image.Image, x: int, y: int, text: str, turn: int = 0) -> Box:
    """Writes `FIG.` and a number in single strokes, turned anticlockwise; the box it covers."""
    strip = Image.new("L", (60 * (len(text) + 5), 70), 255)
    pen = ImageDraw.Draw(strip)
    at = 6
    for character in f"FIG. {text}":
        if character == ".":
            pen.rectangle((at, 56, at + 5, 61), fill=0)
            at += 34
            continue
        for line in PLOTTER.get(character, []):
            points = [(at + line[i] * 9, 6 + line[i + 1] * 9) for i in range(0, len(line), 2)]
            pen.line(points, fill=0, width=5)
        at += 54 if character != " " else 10
    strip = strip.crop((0, 0, at, 70)).rotate(turn, expand=True)
    page.paste(strip, (x, y))
    return Box(x, y, strip.width, strip.height)


def draw_header(page: Image.Image) -> None:
    pen = ImageDraw.Draw(page)
    for left, text in (
        (200, "U.S. Patent"),
        (600, "Jun. 2, 2020"),
        (900, "Sheet 1 of 6"),
        (1250, "US D886,202 S"),
    ):
        pen.text((left, 150), text, fill=0, font_size=28)


def draw_mug(page: Image.Image, x: int, y: int, size: int = 400) -> Box:
    pen = ImageDraw.Draw(page)
    pen.rectangle((x, y, x + size, y + size), outline=0, width=4)
    pen.arc((x + size - 60, y + 80, x + size + 140, y + size - 80), 270, 90, fill=0, width=4)
    pen.ellipse((x, y - 40, x + size, y + 40), outline=0, width=4)
    return Box(x, y - 40, size + 141, size + 41)


def sheet(page: Image.Image, words: tuple[Word, ...] = ()) -> Sheet:
    return Sheet(1, np.asarray(page), words)


def test_components_agree_with_a_flood_fill_on_random_ink() -> None:
    rng = np.random.default_rng(1)
    for density in (0.15, 0.35, 0.55):
        ink = rng.random((40, 57)) < density
        parts = find_components(ink)
        numbers = np.full(ink.shape, -1)
        for row, start, stop, component in parts.runs:
            numbers[row, start:stop] = component
        assert (numbers >= 0).tolist() == ink.tolist()
        assert parts.area.sum() == ink.sum()
        for row, column in zip(*np.nonzero(ink), strict=True):
            window = numbers[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
            assert set(window[window >= 0].tolist()) == {numbers[row, column]}
        for component in range(len(parts)):
            ys, xs = np.nonzero(numbers == component)
            assert (parts.left[component], parts.right[component]) == (xs.min(), xs.max() + 1)
            assert (parts.top[component], parts.bottom[component]) == (ys.min(), ys.max() + 1)
            reached = {(int(ys[0]), int(xs[0]))}
            frontier = list(reached)
            cells = set(zip(ys.tolist(), xs.tolist(), strict=True))
            while frontier:
                y, x = frontier.pop()
                near = {(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & cells - reached
                reached |= near
                frontier.extend(near)
            assert reached == cells


def test_header_and_label_are_neither_in_the_box_nor_in_the_picture() -> None:
    page = paper()
    draw_header(page)
    mug = draw_mug(page, 500, 800)
    draw_label(page, 650, 1500, "3")
    (figure,) = cut_figures(sheet(page))
    assert figure.labels == ("3",)
    assert abs(figure.box.x - mug.x) <= 15
    assert abs(figure.box.bottom - mug.bottom) <= 15
    assert figure.pixels.shape == (figure.box.height, figure.box.width)


def test_a_label_inside_the_drawing_is_painted_over_and_the_drawing_kept() -> None:
    page = paper()
    draw_mug(page, 300, 800, 1000)
    without = np.asarray(page).copy()
    label = draw_label(page, 700, 1300, "2")
    (figure,) = cut_figures(sheet(page))
    assert figure.labels == ("2",)
    assert label.cut(np.asarray(page)).min() == 0
    assert np.array_equal(figure.pixels, figure.box.cut(without))


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_label_is_read_whichever_way_it_is_turned(turn: int) -> None:
    page = paper()
    draw_mug(page, 500, 600)
    draw_label(page, 1150, 700, "7", turn)
    (figure,) = cut_figures(sheet(page))
    assert figure.labels == ("7",)


def lying(turn: int, *labels: tuple[int, int, str]) -> tuple[Pixels, Pixels]:
    """A page with a mug and labels that stands turned clockwise by `turn`, and the mug upright."""
    page = paper()
    mug = draw_mug(page, 300, 500)
    upright = np.asarray(page)[mug.y - 12 : mug.bottom + 12, mug.x - 12 : mug.right + 12].copy()
    for x, y, text in labels:
        draw_label(page, x, y, text)
    return np.ascontiguousarray(np.rot90(np.asarray(page), -turn // 90)), upright


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_drawing_printed_sideways_or_upside_down_is_turned_as_its_label_reads(turn: int) -> None:
    pixels, upright = lying(turn, (420, 1010, "7"))
    (figure,) = cut_figures(Sheet(1, pixels))
    assert figure.turn == -turn % 360
    assert abs(figure.pixels.shape[1] - upright.shape[1]) <= 2
    assert abs(figure.pixels.shape[0] - upright.shape[0]) <= 2
    assert np.array_equal(figure.pixels, np.rot90(figure.box.cut(pixels), -figure.turn // 90))
    part = Box(40, 70, 90, 30)
    there = on_sheet(part, figure).cut(pixels)
    assert np.array_equal(part.cut(figure.pixels), np.rot90(there, -figure.turn // 90))


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_query_sheet_stands_upright_whichever_way_it_is_given(turn: int) -> None:
    upright, _ = lying(0, (420, 1010, "7"))
    pixels, _ = lying(turn, (420, 1010, "7"))
    assert np.array_equal(clean_picture(pixels), clean_picture(upright))


def test_a_sheet_that_is_kept_whole_stands_as_most_of_its_labels_read() -> None:
    page = Image.fromarray(lying(90, (350, 1010, "1"), (350, 1120, "2"))[0])
    draw_label(page, 100, 100, "3")
    (figure,) = cut_figures(sheet(page))
    assert set(figure.labels) == {"1", "2", "3"}
    assert figure.turn == 270


def test_figures_of_one_sheet_are_turned_each_as_its_own_label_reads() -> None:
    page = paper()
    draw_mug(page, 200, 300)
    draw_label(page, 320, 810, "1")
    draw_mug(page, 200, 1300)
    draw_label(page, 800, 1400, "2", 90)
    assert [(f.labels, f.turn) for f in cut_figures(sheet(page))] == [(("1",), 0), (("2",), 90)]


def test_a_drawing_without_a_label_is_left_as_it_stands() -> None:
    pixels, upright = lying(90)
    (figure,) = cut_figures(Sheet(1, pixels))
    assert figure.turn == 0
    assert np.array_equal(figure.pixels, np.rot90(upright, -1))
    assert np.array_equal(clean_picture(pixels), figure.pixels)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_the_line_under_a_label_goes_with_it(turn: int) -> None:
    page = paper()
    mug = draw_mug(page, 500, 600)
    label = Image.new("L", (420, 110), 255)
    box = draw_label(label, 10, 5, "7")
    ImageDraw.Draw(label).line((10, 90, box.right, 90), fill=0, width=4)
    page.paste(label.rotate(turn, expand=True), (1200, 700))
    (figure,) = cut_figures(sheet(page))
    assert figure.labels == ("7",)
    assert abs(figure.box.right - mug.right) <= 15


def test_two_figures_on_a_sheet_are_cut_apart_in_order_of_their_labels() -> None:
    page = paper()
    lower = draw_mug(page, 500, 1400)
    draw_label(page, 620, 1920, "1")
    upper = draw_mug(page, 450, 500)
    draw_label(page, 570, 1010, "2")
    first, second = cut_figures(sheet(page))
    assert (first.labels, second.labels) == (("1",), ("2",))
    assert abs(first.box.y - lower.y) <= 15
    assert abs(second.box.y - upper.y) <= 15


def test_neighbouring_figures_leave_no_ink_in_each_others_pictures() -> None:
    page = paper()
    pen = ImageDraw.Draw(page)
    pen.polygon([(300, 400), (900, 400), (300, 1300)], outline=0, width=4)
    pen.polygon([(1000, 500), (1000, 1400), (420, 1400)], outline=0, width=4)
    draw_label(page, 300, 300, "1")
    draw_label(page, 700, 1450, "2")
    figures = cut_figures(sheet(page))
    assert [figure.labels for figure in figures] == [("1",), ("2",)]
    for figure in figures:
        assert len(find_components(ink_of(figure.pixels))) == 1


def test_a_sheet_that_cannot_be_divided_keeps_all_its_labels() -> None:
    page = paper()
    draw_mug(page, 500, 800)
    draw_label(page, 650, 1400, "1")
    draw_label(page, 650, 1550, "2")
    (figure,) = cut_figures(sheet(page))
    assert figure.labels == ("1", "2")


def test_a_label_is_taken_from_the_text_layer_where_its_shapes_cannot_be_read() -> None:
    page = paper()
    draw_mug(page, 500, 800)
    pen = ImageDraw.Draw(page)
    for x in (600, 650, 700):
        pen.line((x, 1500, x + 20, 1540), fill=0, width=4)
    words = (
        Word("FIG", Box(595, 1495, 100, 50)),
        Word(".", Box(700, 1535, 5, 8)),
        Word("12", Box(715, 1495, 40, 50)),
    )
    (figure,) = cut_figures(sheet(page, words))
    assert figure.labels == ("12",)
    assert figure.box.bottom < 1400


def test_dust_and_scanner_edges_do_not_widen_the_box() -> None:
    page = paper()
    mug = draw_mug(page, 500, 800)
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 0, 6, HEIGHT), fill=0)
    for x, y in ((100, 2000), (1600, 300), (1500, 2100)):
        pen.rectangle((x, y, x + 1, y + 1), fill=0)
    (figure,) = cut_figures(sheet(page))
    assert abs(figure.box.x - mug.x) <= 15
    assert abs(figure.box.right - mug.right) <= 15


def test_thin_lines_and_grey_tones_pass_unharmed() -> None:
    page = paper()
    pen = ImageDraw.Draw(page)
    pen.line((300, 500, 1300, 500), fill=0, width=1)
    for x, shade in enumerate(range(20, 250, 5)):
        pen.rectangle((300 + x * 20, 800, 319 + x * 20, 1300), fill=shade)
    original = np.asarray(page)
    (figure,) = cut_figures(sheet(page))
    assert np.array_equal(figure.pixels, figure.box.cut(original))


@pytest.mark.parametrize("turn", [0, 90])
def test_a_photograph_keeps_every_tone_also_when_it_is_turned(turn: int) -> None:
    page = Image.new("RGB", (WIDTH, HEIGHT), (255, 255, 255))
    y, x = np.mgrid[:500, :700]
    photograph = np.stack([40 + x // 8, 60 + y // 6, 110 + 40 * np.sin(x / 30)], axis=2).astype(np.uint8)
    photograph[100] = 0
    page.paste(Image.fromarray(photograph), (300, 600))
    label = paper()
    draw_label(label, 500, 1200, "3")
    pixels = np.minimum(np.asarray(page), np.asarray(label)[:, :, None])
    (figure,) = cut_figures(Sheet(1, np.ascontiguousarray(np.rot90(pixels, turn // 90))))
    assert (figure.labels, figure.turn) == (("3",), turn)
    assert np.array_equal(figure.pixels[12:-12, 12:-12], photograph)


def test_a_blank_sheet_gives_no_figure() -> None:
    assert cut_figures(sheet(paper())) == ()


def test_a_query_picture_without_ink_is_left_as_it_is() -> None:
    white = np.full((30, 40), 255, np.uint8)
    assert np.array_equal(clean_picture(white), white)


def test_a_query_sheet_is_cleaned_like_an_indexed_one() -> None:
    page = paper()
    draw_header(page)
    draw_mug(page, 500, 800)
    draw_label(page, 650, 1500, "3")
    cleaned = clean_picture(np.asarray(page))
    assert cleaned.shape[0] < 600


def test_a_query_without_a_label_is_tried_each_way_up_and_one_with_a_label_only_upright() -> None:
    unlabelled, _ = lying(0)
    versions = turned_versions(unlabelled)
    assert len(versions) == 4
    for quarters, version in enumerate(versions):
        assert np.array_equal(version, np.rot90(clean_picture(unlabelled), -quarters))
    labelled, _ = lying(90, (420, 1010, "7"))
    (only,) = turned_versions(labelled)
    assert np.array_equal(only, clean_picture(labelled))


def text_page() -> Pixels:
    page = paper()
    pen = ImageDraw.Draw(page)
    for line in range(45):
        pen.text(
            (200, 150 + 40 * line),
            "the seat of the chair is carried by four legs and a back",
            fill=0,
            font_size=28,
        )
    return np.asarray(page)


def test_pages_of_print_drawings_and_blank_pages_are_told_apart() -> None:
    drawing = paper()
    draw_header(drawing)
    draw_mug(drawing, 500, 800)
    kinds = []
    for pixels in (text_page(), np.asarray(drawing), np.asarray(paper())):
        parts = find_components(ink_of(pixels))
        kinds.append(page_kind(parts, running_header(parts)))
    assert kinds == ["text", "drawing", "blank"]


def test_figure_boxes_lie_in_the_sheet_even_when_drawn_to_its_edge() -> None:
    page = paper()
    ImageDraw.Draw(page).ellipse((0, 0, WIDTH - 1, HEIGHT - 1), outline=0, width=5)
    (figure,) = cut_figures(sheet(page))
    assert figure.box.within(WIDTH, HEIGHT)
    assert all(size > 0 for pair in pairwise((figure.box.width, figure.box.height)) for size in pair)
