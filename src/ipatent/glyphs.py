"""Shapes of printed capitals and digits, to find and read figure labels without an OCR engine."""

import ctypes
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image, ImageDraw

from ipatent.components import Ink, find_components

ROWS, COLUMNS = 20, 16
ALPHABET = "FIGURES0123456789ABCDHJKLMNP"
_FONTS = (
    "Helvetica",
    "Helvetica-Bold",
    "Helvetica-Oblique",
    "Times-Roman",
    "Times-Bold",
    "Times-Italic",
    "Courier",
    "Courier-Bold",
)
_LOWER_CASE = "igures"
_CELL = 90
_PLOTTER = {
    "F": ["0,0 0,6", "0,0 4,0", "0,3 3,3"],
    "I": ["1,0 3,0", "2,0 2,6", "1,6 3,6"],
    "G": ["4,0 1,0 0,1 0,5 1,6 4,6 4,3 3,3"],
    "0": ["1,0 3,0 4,1 4,5 3,6 1,6 0,5 0,1 1,0"],
    "1": ["1,1 2,0 2,6", "1,6 3,6"],
    "2": ["0,1 1,0 3,0 4,1 4,2 3,3 1,3 0,4 0,6 4,6"],
    "3": ["0,1 1,0 3,0 4,1 4,2 3,3 1,3", "3,3 4,4 4,5 3,6 1,6 0,5"],
    "4": ["3,6 3,0 0,4 4,4"],
    "5": ["4,0 0,0 0,3 3,3 4,4 4,5 3,6 1,6 0,5"],
    "6": ["4,1 3,0 1,0 0,1 0,5 1,6 3,6 4,5 4,4 3,3 0,3"],
    "7": ["0,0 4,0 4,1 2,4 2,6"],
    "8": ["1,3 0,2 0,1 1,0 3,0 4,1 4,2 3,3 1,3 0,4 0,5 1,6 3,6 4,5 4,4 3,3"],
    "9": ["4,3 1,3 0,2 0,1 1,0 3,0 4,1 4,5 3,6 1,6 0,5"],
}
"""The single-stroke letters of drawing plotters, as polylines on a grid of 4 x 6."""

Shapes = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Glyphs:
    """Normalised shapes (n, ROWS * COLUMNS) float32 of unit length, and what each stands for."""

    shapes: Shapes
    aspects: Shapes
    """log(width / height) of each, (n,)."""
    characters: npt.NDArray[np.str_]

    def read(self, shapes: Shapes, aspects: Shapes) -> npt.NDArray[np.float32]:
        """Likeness (m, n) in [-1, 1] of m shapes to each glyph; proportions count too."""
        apart = np.abs(aspects[:, None] - self.aspects[None, :])
        likeness: npt.NDArray[np.float32] = shapes @ self.shapes.T - 0.35 * np.minimum(apart, 1.5)
        return likeness


def normalise(ink: Ink) -> tuple[Shapes, float]:
    """A tightly cut glyph as a unit vector (ROWS * COLUMNS,) float32, and its log aspect ratio."""
    picture = Image.fromarray(ink.astype(np.uint8) * 255)
    framed = np.zeros((ROWS, COLUMNS), np.float32)  # the frame makes a plain bar a shape too
    framed[1:-1, 1:-1] = np.asarray(picture.resize((COLUMNS - 2, ROWS - 2), Image.Resampling.BOX), np.float32)
    small = framed.ravel() - framed.mean()
    length = float(np.linalg.norm(small))
    shape = small / length if length > 0 else small
    return shape, float(np.log(ink.shape[1] / ink.shape[0]))


@cache
def printed_glyphs(characters: str = ALPHABET + _LOWER_CASE) -> Glyphs:
    """The characters in the standard PDF typefaces, drawn by the PDF engine itself.

    No font files are needed: a page is set in the fourteen standard fonts, which every PDF engine
    carries, and rendered.
    """
    document = pdfium.PdfDocument.new()
    page = document.new_page(_CELL * len(characters), _CELL * len(_FONTS))
    for row, font_name in enumerate(_FONTS):
        font = pdfium_c.FPDFText_LoadStandardFont(document.raw, font_name.encode())
        for column, character in enumerate(characters):
            text = pdfium_c.FPDFPageObj_CreateTextObj(document.raw, font, 48.0)
            encoded = (character + "\0").encode("utf-16-le")
            buffer = ctypes.cast(
                ctypes.create_string_buffer(encoded, len(encoded)), ctypes.POINTER(ctypes.c_ushort)
            )
            pdfium_c.FPDFText_SetText(text, buffer)
            pdfium_c.FPDFPageObj_Transform(text, 1, 0, 0, 1, column * _CELL + 20, row * _CELL + 25)
            pdfium_c.FPDFPage_InsertObject(page.raw, text)
        pdfium_c.FPDFFont_Close(font)
    pdfium_c.FPDFPage_GenerateContent(page.raw)
    picture = page.render(scale=1, grayscale=True).to_numpy().squeeze()
    document.close()
    shapes, aspects, names = [], [], []
    for row in range(len(_FONTS)):
        top = (len(_FONTS) - 1 - row) * _CELL
        for column, character in enumerate(characters):
            cell = picture[top : top + _CELL, column * _CELL : (column + 1) * _CELL] < 128
            parts = find_components(cell)
            if not len(parts):
                continue
            if character in "ij":  # the dot is a component of its own in a scan
                cell = parts.mask(parts.area == parts.area.max())
            ys, xs = np.nonzero(cell)
            shape, aspect = normalise(cell[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1])
            shapes.append(shape)
            aspects.append(aspect)
            names.append(character)
    for character, lines in _PLOTTER.items():
        if character not in characters:
            continue
        for pen in (3, 6):
            cell = _stroke(lines, pen)
            ys, xs = np.nonzero(cell)
            shape, aspect = normalise(cell[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1])
            shapes.append(shape)
            aspects.append(aspect)
            names.append(character)
    return Glyphs(np.stack(shapes), np.asarray(aspects, np.float32), np.asarray(names))


def _stroke(lines: list[str], pen: int) -> Ink:
    picture = Image.new("1", (70, 90))
    draw = ImageDraw.Draw(picture)
    for line in lines:
        points = [tuple(int(v) * 11 + 10 for v in point.split(",")) for point in line.split()]
        draw.line(points, fill=1, width=pen)
    stroked: Ink = np.asarray(picture, bool)
    return stroked
