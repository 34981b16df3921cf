"""Letters as ink: words set with the typefaces that every installation has."""

from functools import cache
from pathlib import Path

import numpy as np
import reportlab
from PIL import Image, ImageDraw, ImageFont

from ipatent.sample.pen import Ink

FACES = {
    "times": "_er_____.pfb",
    "times bold": "_eb_____.pfb",
    "times italic": "_ei_____.pfb",
    "times bold italic": "_ebi____.pfb",
    "sans": "_a______.pfb",
    "sans bold": "_ab_____.pfb",
    "sans italic": "_ai_____.pfb",
    "vera": "Vera.ttf",
    "vera bold": "VeraBd.ttf",
    "vera italic": "VeraIt.ttf",
    "courier": "com_____.pfb",
    "courier bold": "cob_____.pfb",
}
"""Typefaces by name: the files come with reportlab."""


@cache
def face(name: str, size: int) -> ImageFont.FreeTypeFont:
    """The typeface at this size in pixels."""
    return ImageFont.truetype(str(Path(reportlab.__file__).parent / "fonts" / FACES[name]), size)


def word(text: str, name: str, size: int) -> Ink:
    """The tight ink of `text`; at least one pixel large."""
    font = face(name, size)
    left, top, right, bottom = font.getbbox(text)
    picture = Image.new("L", (max(1, int(right - left) + 4), max(1, int(bottom - top) + 4)), 0)
    ImageDraw.Draw(picture).text((2 - left, 2 - top), text, fill=255, font=font)
    ink = np.asarray(picture) > 110
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    if not len(rows):
        return np.zeros((1, 1), dtype=bool)
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def paste(ink: Ink, stamp: Ink, x: int, y: int) -> None:
    """Adds `stamp` to `ink` with its upper left corner at (x, y); what lies outside is cut off."""
    height, width = ink.shape
    left, top = max(0, x), max(0, y)
    right, bottom = min(width, x + stamp.shape[1]), min(height, y + stamp.shape[0])
    if left < right and top < bottom:
        ink[top:bottom, left:right] |= stamp[top - y : bottom - y, left - x : right - x]
