"""A sheet becomes figures: header off, labels read and taken out, the drawing cut to its ink."""

from dataclasses import dataclass

import numpy as np

from ipatent.components import Components, find_components, ink_of
from ipatent.labels import find_labels
from ipatent.pages import Chosen, running_header
from ipatent.patents import Box, Pixels, Sheet

VERSION = "1"
"""Changes whenever figures would be cut differently; part of what identifies an indexed file."""

_MARGIN = 12


@dataclass(frozen=True, slots=True, eq=False)
class CutFigure:
    """A drawing cut from a sheet: its box in sheet pixels, its pixels without labels, its labels."""

    box: Box
    pixels: Pixels
    labels: tuple[str, ...]


def cut_figures(sheet: Sheet) -> tuple[CutFigure, ...]:
    """The figures on a sheet, at the sheet's own resolution; none when it carries no ink.

    Running header and `FIG. n` labels are painted over with the paper's white, so that a picture's
    vector says nothing of the number printed beside it. A sheet is kept as one figure that
    carries all its labels.
    """
    ink = ink_of(sheet.pixels)
    parts = find_components(ink)
    if not len(parts):
        return ()
    header = running_header(parts)
    labels, printed = find_labels(parts, ink, sheet.words, header)
    box = _drawing_box(parts, header | printed)
    if box is None:
        return ()
    pixels = _without(sheet.pixels, parts, header | printed)
    cut = np.ascontiguousarray(box.cut(pixels))
    names = sorted({label.text for label in labels if label.text}, key=_in_sequence)
    return (CutFigure(box, cut, tuple(names)),)


def clean_picture(pixels: Pixels) -> Pixels:
    """A query picture cleaned as indexed drawings are; unchanged where it shows no ink."""
    figures = cut_figures(Sheet(1, pixels))
    return figures[0].pixels if figures else pixels


def _in_sequence(label: str) -> tuple[int, str]:
    digits = label.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ'")
    return (int(digits or 0), label)


def _drawing_box(parts: Components, removed: Chosen) -> Box | None:
    """The box of all ink that is neither removed, nor a speck, nor the edge of the scanner."""
    height, width = parts.shape
    speck = (parts.area < 10) & (np.maximum(parts.width, parts.height) < 0.003 * max(height, width))
    at_edge = (parts.left <= 2) | (parts.top <= 2) | (parts.right >= width - 2) | (parts.bottom >= height - 2)
    slim = np.minimum(parts.width / width, parts.height / height) < 0.02
    scanner = at_edge & slim & (parts.area < 0.02 * height * width)
    kept = ~removed & ~speck & ~scanner
    if not kept.any():
        kept = ~removed & ~speck
        if not kept.any():
            return None
    left = max(int(parts.left[kept].min()) - _MARGIN, 0)
    top = max(int(parts.top[kept].min()) - _MARGIN, 0)
    right = min(int(parts.right[kept].max()) + _MARGIN, width)
    bottom = min(int(parts.bottom[kept].max()) + _MARGIN, height)
    return Box(left, top, right - left, bottom - top)


def _without(pixels: Pixels, parts: Components, removed: Chosen) -> Pixels:
    """The picture with some components painted white, the grey rim of each stroke included."""
    if not removed.any():
        return pixels
    mask = parts.mask(removed)
    rim = mask.copy()
    for axis in (0, 1):
        rim |= np.roll(rim, 1, axis) | np.roll(rim, -1, axis)
    others = parts.mask(~removed)
    cleaned = pixels.copy()
    cleaned[rim & ~others] = 255
    return cleaned
