"""Drawing sheets: figures laid out under the running header, with labels, at 300 dpi."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ipatent.sample.callouts import Placed, place_callouts
from ipatent.sample.drawing import Drawing
from ipatent.sample.halftone import dithered, screened
from ipatent.sample.lettering import paste, word
from ipatent.sample.pen import Ink, Line, draw
from ipatent.sample.style import Style

WIDTH, HEIGHT = 2560, 3300
_LEFT, _TOP, _RIGHT, _BOTTOM = 190, 340, 2370, 3110

PixelBox = tuple[int, int, int, int]
"""x, y, width, height in sheet pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class FigureContent:
    """A figure to be drawn: `draw(width, height)` gives its drawing fitted into that many pixels."""

    label: str
    view: str
    figure_type: str
    caption: str
    aspect: float
    draw: Callable[[float, float], Drawing]


@dataclass(frozen=True, slots=True)
class PlacedFigure:
    """A figure as it stands on its sheet. `box` holds drawing and numerals, without the label."""

    label: str
    label_text: str
    label_box: PixelBox
    box: PixelBox
    view: str
    figure_type: str
    caption: str
    numerals: tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Text on the sheet with its box; `upwards` text reads from bottom to top."""

    text: str
    box: PixelBox
    upwards: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class DrawnSheet:
    """One finished sheet."""

    ink: Ink
    figures: tuple[PlacedFigure, ...]
    spans: tuple[Span, ...]
    header_box: PixelBox
    rotated: bool


@dataclass(frozen=True, slots=True)
class Header:
    """The running header of a patent's sheets."""

    date: str
    number: str
    sheets: int


def draw_sheet(
    contents: Sequence[FigureContent],
    style: Style,
    header: Header,
    number: int,
    rotated: bool,
    chance: random.Random,
) -> DrawnSheet:
    """Draws one to four figures on a sheet; with `rotated` they stand turned by 90 degrees."""
    width, height = _RIGHT - _LEFT, _BOTTOM - _TOP
    if rotated:
        width, height = height, width
    area = np.zeros((height, width), dtype=bool)
    figures: list[PlacedFigure] = []
    for content, cell in zip(contents, _cells(contents, width, height), strict=True):
        figures.append(_place(area, content, cell, style, chance, len(contents)))
    sheet = np.zeros((HEIGHT, WIDTH), dtype=bool)
    sheet[_TOP:_BOTTOM, _LEFT:_RIGHT] = np.rot90(area) if rotated else area

    def moved(box: PixelBox) -> PixelBox:
        x, y, w, h = box
        if rotated:
            x, y, w, h = y, width - (x + w), h, w
        return x + _LEFT, y + _TOP, w, h

    placed = tuple(
        PlacedFigure(
            f.label,
            f.label_text,
            moved(f.label_box),
            moved(f.box),
            f.view,
            f.figure_type,
            f.caption,
            tuple(Placed(n.numeral, n.term, moved(n.box)) for n in f.numerals),
        )
        for f in figures
    )
    spans, header_box = _draw_header(sheet, header, number)
    for figure in placed:
        spans.append(Span(figure.label_text, figure.label_box, rotated))
        spans += [Span(n.numeral, n.box, rotated) for n in figure.numerals]
    return DrawnSheet(sheet, placed, tuple(spans), header_box, rotated)


def _cells(contents: Sequence[FigureContent], width: int, height: int) -> list[PixelBox]:
    count = len(contents)
    mean = sum(c.aspect for c in contents) / count
    if count == 1:
        return [(0, 0, width, height)]
    if count <= 3:
        stacked = min(width / mean, height / count) >= min(height, width / count / mean)
        if stacked:
            return [(0, height * i // count, width, height // count) for i in range(count)]
        return [(width * i // count, 0, width // count, height) for i in range(count)]
    rows = (count + 1) // 2
    return [
        (width // 2 * (i % 2), height * (i // 2) // rows, width // 2, height // rows) for i in range(count)
    ]


def _place(
    area: Ink, content: FigureContent, cell: PixelBox, style: Style, chance: random.Random, count: int
) -> PlacedFigure:
    x, y, width, height = cell
    text = style.label.format(content.label)
    stamp = word(text, style.label_face, style.label_size if count < 4 else min(style.label_size, 60))
    if style.underline:
        stamp = np.pad(stamp, ((0, 14), (0, 0)))
        stamp[-5:] = True
    label_height, label_width = stamp.shape
    place = style.label_place if count == 1 or style.label_place == "below" else "below"
    gap = chance.randint(45, 110) if count < 4 else 35
    room_x, room_y = width - 60, height - 60
    if place in ("below", "above"):
        room_y -= label_height + gap
    elif place == "right":
        room_x -= label_width + gap
    ink, numerals = draw_figure(content, room_x, room_y, style)
    figure_height, figure_width = ink.shape
    total_x = figure_width + (label_width + gap if place == "right" else 0)
    total_y = figure_height + (label_height + gap if place in ("below", "above") else 0)
    left = x + max(0, width - total_x) // 2
    top = y + int(max(0, height - total_y) * (0.5 if count > 1 else chance.uniform(0.25, 0.5)))
    figure_top = top + (label_height + gap if place == "above" else 0)
    paste(area, ink, left, figure_top)
    if place == "below":
        label_x, label_y = left + (figure_width - label_width) // 2, figure_top + figure_height + gap
    elif place == "above":
        label_x, label_y = left + (figure_width - label_width) // 2, top
    elif place == "right":
        label_x, label_y = (
            left + figure_width + gap,
            figure_top + int(figure_height * chance.uniform(0.4, 0.8)),
        )
    else:
        label_x, label_y = _corner(area, stamp.shape, cell, (left, figure_top, figure_width, figure_height))
    label_x = min(max(label_x, x), area.shape[1] - label_width)
    label_y = min(max(label_y, y), area.shape[0] - label_height)
    paste(area, stamp, label_x, label_y)
    return PlacedFigure(
        content.label,
        text,
        (label_x, label_y, label_width, label_height),
        (left, figure_top, figure_width, figure_height),
        content.view,
        content.figure_type,
        content.caption,
        tuple(
            Placed(n.numeral, n.term, (n.box[0] + left, n.box[1] + figure_top, *n.box[2:])) for n in numerals
        ),
    )


def _corner(area: Ink, size: tuple[int, ...], cell: PixelBox, figure: PixelBox) -> tuple[int, int]:
    """A free corner of the figure for its label, or the place below it."""
    height, width = size
    x, y, w, h = figure
    for left, top in ((x, y + h - height), (x + w - width, y + h - height), (x, y), (x + w - width, y)):
        left, top = max(cell[0], left), max(cell[1], top)
        if not area[max(0, top - 25) : top + height + 25, max(0, left - 25) : left + width + 25].any():
            return left, top
    return x + (w - width) // 2, min(y + h + 45, cell[1] + cell[3] - height)


def draw_figure(content: FigureContent, width: int, height: int, style: Style) -> tuple[Ink, list[Placed]]:
    """The tight ink of a figure with its numerals, no larger than width x height."""
    fill = style.fill if content.figure_type == "drawing" else max(style.fill, 0.85)
    room_x, room_y = width * fill, height * fill
    drawing = content.draw(room_x, room_y)
    if drawing.callouts:
        room_x, room_y = min(room_x, width - 300), min(room_y, height - 300)
        drawing = content.draw(room_x, room_y)
    ink, numerals = _inked(drawing, style)
    for _ in range(6):
        if ink.shape[1] <= width and ink.shape[0] <= height:
            return ink, numerals
        # Numerals stand around the drawing and do not shrink with it.
        over_x, over_y = max(0, ink.shape[1] - width), max(0, ink.shape[0] - height)
        room_x = min(room_x, max(drawing.width - over_x - 10, drawing.width * 0.6))
        room_y = min(room_y, max(drawing.height - over_y - 10, drawing.height * 0.6))
        drawing = content.draw(room_x, room_y)
        ink, numerals = _inked(drawing, style)
    return _inked(replace(drawing, callouts=()), style)


def _inked(drawing: Drawing, style: Style) -> tuple[Ink, list[Placed]]:
    """A drawing's tight ink, and the numerals in it."""
    margin = 260 if drawing.callouts else 170
    ink = np.zeros((int(drawing.height) + 2 * margin, int(drawing.width) + 2 * margin), dtype=bool)
    if drawing.tone is not None:
        paste(ink, drawing.tone, margin, margin)
    if drawing.grey is not None:
        size = (max(2, round(drawing.width)), max(2, round(drawing.height)))
        dots = screened(drawing.grey, size, drawing.pitch) if drawing.pitch else dithered(drawing.grey, size)
        paste(ink, dots, margin, margin)
    draw(ink, [Line(line.points + margin, line.width, line.dash) for line in drawing.lines])
    numerals: list[Placed] = []
    terms = dict(drawing.terms)
    for words in drawing.words:
        stamp = word(words.text, words.face, max(14, round(words.size)))
        h, w = stamp.shape
        x, y = round(words.x - w / 2) + margin, round(words.y - h / 2) + margin
        if words.clear:
            ink[max(0, y - 8) : y + h + 8, max(0, x - 8) : x + w + 8] = False
        paste(ink, stamp, x, y)
        if words.numeral:
            numerals.append(Placed(words.numeral, terms.get(words.numeral, ""), (x, y, w, h)))
    shifted = [replace(c, x=c.x + margin, y=c.y + margin) for c in drawing.callouts]
    numerals += place_callouts(ink, shifted, style)
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    top, left = int(rows[0]), int(columns[0])
    tight = ink[top : rows[-1] + 1, left : columns[-1] + 1]
    return tight, [
        Placed(n.numeral, n.term, (n.box[0] - left, n.box[1] - top, n.box[2], n.box[3])) for n in numerals
    ]


def _draw_header(sheet: Ink, header: Header, number: int) -> tuple[list[Span], PixelBox]:
    spans: list[Span] = []
    base = 284
    items = (
        ("U.S. Patent", 58, 328.0, 0.0),
        (header.date, 41, 945.0, 0.5),
        (f"Sheet {number} of {header.sheets}", 41, 1362.0, 0.5),
        (header.number, 50, 2205.0, 1.0),
    )
    for text, size, x, share in items:
        # The descenders of comma and p hang below the baseline; the cap height stands on it.
        stamp = word(text, "times bold", size)
        drop = word(text, "times bold", size).shape[0] - word("US", "times bold", size).shape[0]
        height, width = stamp.shape
        left = int(x - share * width)
        paste(sheet, stamp, left, base - height + drop)
        spans.append(Span(text, (left, base - height + drop, width, height)))
    top = min(s.box[1] for s in spans)
    bottom = max(s.box[1] + s.box[3] for s in spans)
    left, right = spans[0].box[0], spans[-1].box[0] + spans[-1].box[2]
    return spans, (left, top, right - left, bottom - top)
