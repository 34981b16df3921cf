"""What the print of a figure label says, read by OCR: a second witness beside the shapes of its letters."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ipatent import ocr
from ipatent.components import Components
from ipatent.pages import Chosen
from ipatent.patents import Box, Pixels

Turn = Literal[0, 90, 180, 270]
"""Clockwise degrees by which the sheet must be turned for the label to read upright."""

SURE = 0.8
"""Confidence from which a reading is believed."""

_LABEL = re.compile(
    r"\W*F[I1l!|j]?[GC6](?:S|URES?)?[^A-Za-z0-9]*([0-9OIl|]{1,3})([A-HJKMNP-Z])?['’]?\W*", re.IGNORECASE
)
_LOOKALIKES = str.maketrans("OoIiLl|", "0011111")
_OTHER_PRINT = 7
"""Letters from which a line is more than a label that was misread."""
_TALLEST = 0.045
"""Of the sheet's height: what is taller is no letter."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of print on a sheet, and how far beyond its end, in its own heights, more may belong to it."""

    box: Box
    turn: Turn
    ahead: float


def read_label_prints(
    parts: Components, header: Chosen, lines: Sequence[Line]
) -> list[tuple[str, Box, float]]:
    """For each line the figure number that it prints (`2A`; empty if none), its box, and the confidence.

    Confidence without a number says that the line is other print.

    Raises IPatentError where OCR is not installed.
    """
    chosen = [_letters(parts, header, line) for line in lines]
    pictures = [_upright(parts, found, line.turn) for found, line in zip(chosen, lines, strict=True)]
    result = []
    readings = ocr.read_lines([picture for picture in pictures if picture is not None])
    left = iter(readings)
    for line, found, picture in zip(lines, chosen, pictures, strict=True):
        reading = next(left) if picture is not None else None
        match = _LABEL.fullmatch(reading.text.replace(" ", "")) if reading else None
        number = match[1].translate(_LOOKALIKES).lstrip("0") if match else ""
        if reading and match and number:
            box = _bounds(parts, found)
            result.append((number + (match[2] or "").upper(), box, reading.confidence))
        else:
            other = reading is not None and sum(c.isalpha() for c in reading.text) >= _OTHER_PRINT
            result.append(("", line.box, reading.confidence if reading and other else 0.0))
    return result


def _letters(parts: Components, header: Chosen, line: Line) -> Chosen:
    """The components in the band of a line, up to the first wide gap beyond its end; (n,) bool."""
    height, width = parts.shape
    left, top, right, bottom = _seen(parts, line.turn)
    start, above, stop, below = _seen_box(line.box, (height, width), line.turn)
    tall = below - above
    middle = (top + bottom) / 2
    small = np.maximum(parts.height, parts.width) <= _TALLEST * height
    band: Chosen = (
        ~header
        & small
        & (top >= above - 0.3 * tall)
        & (bottom <= below + 0.3 * tall)
        & (middle >= above)
        & (middle <= below + 0.1 * tall)
        & (left >= start - 0.3 * tall)
        & (left <= stop + line.ahead * tall)
    )
    numbers = np.flatnonzero(band)
    end = float(stop)
    for n in numbers[np.argsort(left[numbers], kind="stable")]:
        if left[n] > end + 2.2 * tall:
            band &= left < left[n]
            break
        end = max(end, float(right[n]))
    return band


def _upright(parts: Components, chosen: Chosen, turn: Turn) -> Pixels | None:
    """The chosen components as black print on white, turned upright, with paper around them."""
    if not chosen.any():
        return None
    box = _bounds(parts, chosen)
    if min(box.width, box.height) < 8:
        return None
    mask = np.rot90(parts.mask(chosen, box), k=-turn // 90)
    margin = max(round(0.25 * mask.shape[0]), 2)
    picture = np.where(np.pad(mask, margin), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(picture)


def _bounds(parts: Components, chosen: Chosen) -> Box:
    left, top = int(parts.left[chosen].min()), int(parts.top[chosen].min())
    right, bottom = int(parts.right[chosen].max()), int(parts.bottom[chosen].max())
    return Box(left, top, right - left, bottom - top)


def _seen(parts: Components, turn: Turn) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Left, top, right, bottom of all components where text of this turn reads left to right."""
    height, width = parts.shape
    left, top, right, bottom = parts.left, parts.top, parts.right, parts.bottom
    if turn == 90:
        return height - bottom, left, height - top, right
    if turn == 180:
        return width - right, height - bottom, width - left, height - top
    if turn == 270:
        return top, width - right, bottom, width - left
    return left, top, right, bottom


def _seen_box(box: Box, shape: tuple[int, int], turn: Turn) -> tuple[int, int, int, int]:
    height, width = shape
    if turn == 90:
        return height - box.bottom, box.x, height - box.y, box.right
    if turn == 180:
        return width - box.right, height - box.bottom, width - box.x, height - box.y
    if turn == 270:
        return box.y, width - box.right, box.bottom, width - box.x
    return box.x, box.y, box.right, box.bottom
