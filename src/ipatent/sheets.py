"""A sheet becomes figures: header off, labels read and taken out, the drawing cut to its ink and upright."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ipatent.components import Components, Ink, find_components, ink_of
from ipatent.label_print import Turn
from ipatent.labels import Label, find_labels
from ipatent.pages import Chosen, running_header
from ipatent.patents import Box, Figure, Pixels, Sheet
from ipatent.pictures import shrink
from ipatent.splitting import assign_figures

VERSION = "5"
"""Changes whenever figures would be cut differently; part of what identifies an indexed file."""

_MARGIN = 12
_MOST_PIXELS = 9_000_000
_MOST_EDGES = 600_000
"""Borders between ink and paper along the rows; a dense sheet at 300 dpi has about 200,000."""


@dataclass(frozen=True, slots=True, eq=False)
class CutFigure:
    """A drawing cut from a sheet: its box in sheet pixels, its pixels without labels, its labels.

    `pixels` are upright: turned clockwise by `turn` degrees from how they stand on the sheet.
    """

    box: Box
    pixels: Pixels
    labels: tuple[str, ...]
    turn: Turn = 0


def cut_figures(sheet: Sheet) -> tuple[CutFigure, ...]:
    """The figures on a sheet, at the sheet's own resolution; none when it carries no ink.

    Running header and `FIG. n` labels are painted over with the paper's white, so that a picture's
    vector says nothing of the number printed beside it. A sheet with several labels is divided
    among them where that is clear, else kept as one figure that carries all its labels. A drawing
    printed sideways or upside down is turned as its label reads.
    """
    ink = ink_of(sheet.pixels)
    parts = find_components(ink)
    if not len(parts):
        return ()
    header = running_header(parts)
    labels, printed = find_labels(parts, ink, sheet.words, header)
    removed = header | printed
    drawn = _drawn(parts, removed)
    if not drawn.any():
        return ()
    named = [label for label in labels if label.text]
    figure = assign_figures(parts, ~removed & (parts.area >= 3), named)
    if figure is None:
        names = sorted({label.text for label in named}, key=_in_sequence)
        return (_cut(sheet.pixels, parts, drawn, removed, tuple(names), _direction(labels)),)
    order = sorted(range(len(named)), key=lambda number: _in_sequence(named[number].text))
    return tuple(
        _cut(
            sheet.pixels,
            parts,
            drawn & (figure == number),
            removed | ((figure >= 0) & (figure != number)),
            (named[number].text,),
            named[number].turn,
        )
        for number in order
    )


def _cut(
    pixels: Pixels,
    parts: Components,
    drawn: Chosen,
    removed: Chosen,
    labels: tuple[str, ...],
    turn: Turn,
) -> CutFigure:
    """The box around the drawn components, with everything removed painted white, turned upright."""
    height, width = parts.shape
    left = max(int(parts.left[drawn].min()) - _MARGIN, 0)
    top = max(int(parts.top[drawn].min()) - _MARGIN, 0)
    right = min(int(parts.right[drawn].max()) + _MARGIN, width)
    bottom = min(int(parts.bottom[drawn].max()) + _MARGIN, height)
    box = Box(left, top, right - left, bottom - top)
    return CutFigure(box, turned(_without(pixels, parts, removed, box), turn), labels, turn)


def turned(pixels: Pixels, turn: Turn) -> Pixels:
    """The picture turned clockwise by quarters."""
    return np.ascontiguousarray(np.rot90(pixels, k=-turn // 90))


def on_sheet(box: Box, figure: CutFigure | Figure) -> Box:
    """Where a box in the pixels of a figure's upright image, such as a numeral's, lies on its sheet."""
    x, y, width, height = box.x, box.y, box.width, box.height
    if figure.turn == 90:
        x, y, width, height = y, figure.box.height - box.right, height, width
    elif figure.turn == 180:
        x, y = figure.box.width - box.right, figure.box.height - box.bottom
    elif figure.turn == 270:
        x, y, width, height = figure.box.width - box.bottom, x, height, width
    return Box(figure.box.x + x, figure.box.y + y, width, height)


def _direction(labels: Sequence[Label]) -> Turn:
    """How most labels of a sheet are turned, those whose number could be read first; 0 without labels."""
    voters = [label for label in labels if label.text] or labels
    votes = Counter(label.turn for label in voters)
    return max(votes, key=lambda turn: (votes[turn], turn == 0), default=0)


def clean_picture(pixels: Pixels) -> Pixels:
    """A query picture cleaned as indexed drawings are: header and labels off, cut to its ink, upright.

    Only its own label tells which way up a picture is; one without is left as it stands.
    A picture of more than 9 megapixels is made smaller first. One without ink, or so noisy that
    it can be no drawing, is returned without being cleaned, so that the time is bounded.
    """
    return _cleaned(pixels)[0]


def turned_versions(pixels: Pixels) -> tuple[Pixels, ...]:
    """A query picture cleaned, once for each way up it may stand: as given first, then turned.

    One only where its label tells the way up, or where it is no drawing.
    """
    cleaned, certain = _cleaned(pixels)
    turns: tuple[Turn, ...] = (0,) if certain else (0, 90, 180, 270)
    return tuple(turned(cleaned, turn) for turn in turns)


def _cleaned(pixels: Pixels) -> tuple[Pixels, bool]:
    """The picture cleaned, and whether nothing is left to ask about its way up."""
    height, width = pixels.shape[:2]
    if height * width > _MOST_PIXELS:
        pixels = shrink(pixels, int(max(height, width) * (_MOST_PIXELS / (height * width)) ** 0.5))
    ink = ink_of(pixels)
    if np.count_nonzero(ink[:, 1:] != ink[:, :-1]) > _MOST_EDGES:
        return pixels, True
    parts = find_components(ink)
    header = running_header(parts)
    labels, printed = find_labels(parts, ink, (), header)
    drawn = _drawn(parts, header | printed)
    if not drawn.any():
        return pixels, True
    return _cut(pixels, parts, drawn, header | printed, (), _direction(labels)).pixels, bool(labels)


def _in_sequence(label: str) -> tuple[int, str]:
    digits = label.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ'")
    return (int(digits or 0), label)


def _drawn(parts: Components, removed: Chosen) -> Chosen:
    """The components that make up drawings: neither removed, nor specks, nor the edge of the scanner."""
    height, width = parts.shape
    speck = (parts.area < 10) & (np.maximum(parts.width, parts.height) < 0.003 * max(height, width))
    at_edge = (parts.left <= 2) | (parts.top <= 2) | (parts.right >= width - 2) | (parts.bottom >= height - 2)
    slim = np.minimum(parts.width / width, parts.height / height) < 0.02
    scanner = at_edge & slim & (parts.area < 0.02 * height * width)
    kept: Chosen = ~removed & ~speck & ~scanner
    if not kept.any():
        kept = ~removed & ~speck
    return kept


def _without(pixels: Pixels, parts: Components, removed: Chosen, box: Box) -> Pixels:
    """The picture inside `box` with some components painted white, the grey rim of each stroke included."""
    reaching = (
        (parts.left < box.right + 1)
        & (parts.right > box.x - 1)
        & (parts.top < box.bottom + 1)
        & (parts.bottom > box.y - 1)
    )
    cut = box.cut(pixels)
    if not (removed & reaching).any():
        return np.ascontiguousarray(cut)
    rim = parts.mask(removed & reaching, box)
    for axis in (0, 1):
        rim |= _shifted(rim, axis)
    cleaned = cut.copy()
    cleaned[rim & ~parts.mask(~removed & reaching, box)] = 255
    return cleaned


def _shifted(ink: Ink, axis: int) -> Ink:
    """The ink moved by one pixel both ways along an axis."""
    moved = np.zeros_like(ink)
    to, back = (slice(1, None), slice(None, -1)) if axis == 0 else (np.s_[:, 1:], np.s_[:, :-1])
    moved[to] |= ink[back]
    moved[back] |= ink[to]
    return moved
