"""A few drawings, always the same, to compare what runs a model."""

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

COUNT = 8
_DRAWN_AT = 512


def drawings(size: int) -> npt.NDArray[np.uint8]:
    """(8, size, size) uint8 grey: outlines, hatching, curves and dots on white paper."""
    return np.stack([_drawing(seed, size) for seed in range(COUNT)])


def _drawing(seed: int, size: int) -> npt.NDArray[np.uint8]:
    dice = np.random.default_rng(seed)
    sheet = Image.new("L", (_DRAWN_AT, _DRAWN_AT), 255)
    pen = ImageDraw.Draw(sheet)
    for _ in range(6 + 2 * seed):
        left, top = (float(value) for value in dice.uniform(20, 300, 2))
        wide, high = (float(value) for value in dice.uniform(30, 190, 2))
        box = (left, top, left + wide, top + high)
        width = int(dice.integers(1, 5))
        match int(dice.integers(0, 5)):
            case 0:
                pen.rectangle(box, outline=0, width=width)
            case 1:
                pen.ellipse(box, outline=0, width=width)
            case 2:
                pen.arc(box, 20, 250, fill=0, width=width)
            case 3:
                corners = dice.uniform((left, top), (left + wide, top + high), (5, 2))
                pen.polygon([(float(x), float(y)) for x, y in corners], outline=0, width=width)
            case _:
                for step in range(0, int(wide), 9):
                    pen.line((left + step, top, left + step + 20, top + high), fill=0, width=1)
    return np.asarray(sheet.resize((size, size), Image.Resampling.BOX))
