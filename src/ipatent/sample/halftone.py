"""Grey pictures as dots of ink."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from ipatent.sample.pen import Ink


def dithered(grey: npt.NDArray[np.uint8], size: tuple[int, int], dot: int = 2) -> Ink:
    """The picture stretched to `size` (width, height) and dithered to 1 bit (Floyd and Steinberg, 1976).

    Dots of two pixels survive printing and scanning; single ones do not.
    """
    fine = Image.fromarray(grey).resize(size, Image.Resampling.BICUBIC)
    coarse = fine.resize((max(1, size[0] // dot), max(1, size[1] // dot)), Image.Resampling.BOX)
    coarse = coarse.point(lambda v: 255 if v > 244 else v).convert("1")
    return ~np.asarray(coarse.resize(size, Image.Resampling.NEAREST).convert("1"))


def screened(grey: npt.NDArray[np.uint8], size: tuple[int, int], pitch: float) -> Ink:
    """The picture stretched to `size` as round dots on a slanting grid, larger where it is darker."""
    fine = np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BICUBIC), np.float32) / 255
    across, down = np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32)[:, None]
    turn = np.float32(np.pi / pitch)
    grid = np.cos((across + down) * turn) * np.cos((across - down) * turn)
    dots: Ink = (fine < 0.96) & (fine < 0.5 + 0.47 * grid)
    return dots
