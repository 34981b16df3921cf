"""From pixels to the square that an image model sees; figures and query pictures go the same way.

A drawing is cut to its ink, padded to a square with paper and made smaller: never cropped, never
stretched. Reducing a 300-dpi sheet six times turns a line of one pixel into a pale grey one, so
ink is darkened after the reduction.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from ipatent.patents import Pixels

VERSION = 1
"""Raise it whenever a picture would give other pixels than before; indexes must then be re-encoded."""

MARGIN = 0.04
"""Paper left on each side of the ink, as a share of the longer side of the ink box."""
PAPER_FLOOR = 0.90
"""Pixels at least this bright, as a share of the paper's brightness, count as paper."""
INK = 0.75
"""Pixels darker than this share of the paper's brightness count as ink where the box is sought."""
GAMMA = 0.5
"""Exponent of the darkening: ink that covers a quarter of a pixel becomes half black. Measured as
same-patent mAP on drawing sheets: 0.429 at 0.7, 0.435 at 0.5, 0.437 at 0.35."""
SPECK = 0.001
"""An outlying mark with less than this share of all ink is dirt and does not widen the ink box."""
GAP = 0.02
"""How far from the rest a mark must lie to be outlying, as a share of the picture's side."""

Grey = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a drawing lies in its square: pixel (x, y) of it is at ((x - left) * scale + across, ...)."""

    left: int
    top: int
    scale: float
    across: int
    down: int


def version(size: int) -> str:
    """The name of this way from pixels to a square of `size`, as an index records it."""
    return f"pad-square-{size}-{VERSION}"


def square(pixels: Pixels, size: int, filter: Image.Resampling = Image.Resampling.HAMMING) -> Grey:
    """The drawing on white paper as (size, size) uint8 grey, ink dark, in its own proportions.

    `pixels` is (height, width) or (height, width, 3) uint8 of any size. White lines on black are
    turned into black on white. A picture without ink, or without pixels, gives a white square.
    """
    return placed_square(pixels, size, filter)[0]


def placed_square(
    pixels: Pixels, size: int, filter: Image.Resampling = Image.Resampling.HAMMING
) -> tuple[Grey, Placement]:
    """`square` of the drawing, and where it lies in it."""
    sheet = np.full((size, size), 255, np.uint8)
    if not pixels.size:
        return sheet, Placement(0, 0, 1.0, 0, 0)
    picture = _level(_grey(pixels))
    box = ink_box(np.asarray(picture))
    if box is None:
        return sheet, Placement(0, 0, size / max(pixels.shape[:2]), 0, 0)
    left, top, right, bottom = box
    room = size / (max(right - left, bottom - top) * (1 + 2 * MARGIN))
    width, height = (max(1, min(size, round(side * room))) for side in (right - left, bottom - top))
    small = picture.resize((width, height), filter, box=box).point(_DARKEN)
    x, y = (size - width) // 2, (size - height) // 2
    sheet[y : y + height, x : x + width] = np.asarray(small)
    return sheet, Placement(left, top, room, x, y)


def planes(squares: npt.NDArray[np.uint8], mean: tuple[float, ...], std: tuple[float, ...]) -> Floats:
    """Grey squares (n, size, size) as (n, 3, size, size) float32, normalised per channel.

    `mean` and `std` are those of the model, for values from 0 to 1.
    """
    scaled = squares[:, None].astype(np.float32) / 255
    centre = np.asarray(mean, np.float32)[None, :, None, None]
    spread = np.asarray(std, np.float32)[None, :, None, None]
    return ((scaled - centre) / spread).astype(np.float32, copy=False)


def ink_box(grey: Grey) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom of the ink on white paper without outlying dirt; None if blank."""
    # Summing bytes is several times quicker than summing booleans.
    ink = (grey < round(255 * INK)).view(np.uint8)
    rows = _extent(ink.sum(axis=1, dtype=np.uint32))
    if rows is None:
        return None
    top, bottom = rows
    columns = _extent(ink[top:bottom].sum(axis=0, dtype=np.uint32))
    if columns is None:
        return None
    return columns[0], top, columns[1], bottom


def _extent(profile: npt.NDArray[np.uint32]) -> tuple[int, int] | None:
    """First and one past the last position with ink, leaving out specks far from the rest."""
    inked = np.flatnonzero(profile)
    if not len(inked):
        return None
    gap = max(2, round(len(profile) * GAP))
    breaks = np.flatnonzero(np.diff(inked) > gap)
    starts = inked[np.concatenate(([0], breaks + 1))]
    ends = inked[np.concatenate((breaks, [len(inked) - 1]))] + 1
    enough = profile.sum() * SPECK
    kept = [
        (int(start), int(end))
        for start, end in zip(starts, ends, strict=True)
        if profile[start:end].sum() >= enough
    ]
    # Very many equal dots (a dotted line along the whole side) are a drawing, not dirt.
    if not kept:
        return int(starts[0]), int(ends[-1])
    return kept[0][0], kept[-1][1]


def _grey(pixels: Pixels) -> Image.Image:
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    return picture if picture.mode == "L" else picture.convert("L")


def _level(picture: Image.Image) -> Image.Image:
    """Paper to 255 and the darkest ink to 0, dark pictures inverted, paper's noise wiped off."""
    counts = np.asarray(picture.histogram(), np.int64)
    if _is_negative(picture, counts):
        picture = picture.point(_INVERT)
        counts = counts[::-1]
    paper = _paper(counts)
    floor = paper * PAPER_FLOOR
    inked = counts[: int(paper * INK)].cumsum()
    # Pale pencil is stretched to black, but only so far: a blank grey sheet must stay blank.
    black = (
        min(int(np.searchsorted(inked, inked[-1] * 0.02, "right")), 128) if inked.size and inked[-1] else 0
    )
    values = np.arange(256, dtype=np.float64)
    levels = np.clip((values - black) / max(floor - black, 1.0), 0, 1) * 255
    return picture.point([int(level) for level in np.rint(levels)])


def _paper(counts: npt.NDArray[np.int64]) -> int:
    """The paper's brightness: the commonest value of the brighter half, smoothed over noise."""
    smooth = np.convolve(counts, np.ones(9), "same")[128:]
    if not smooth.any():
        return 255
    # Where noise spreads the paper over several values, its middle is the mode of the smoothed
    # counts; ties go to the brighter value, as paper is what is brightest.
    return 255 - int(np.argmax(smooth[::-1]))


def _is_negative(picture: Image.Image, counts: npt.NDArray[np.int64]) -> bool:
    """Whether it shows light lines on dark: dark along the border and dark for the most part."""
    if counts[:96].sum() < 0.7 * counts.sum():
        return False
    pixels = np.asarray(picture)
    border = np.concatenate((pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]))
    return bool(np.median(border) < 96) and bool(counts[128:].sum() > 0)


_INVERT = [255 - value for value in range(256)]
_DARKEN = [round(255 * (1 - (1 - value / 255) ** GAMMA)) for value in range(256)]
