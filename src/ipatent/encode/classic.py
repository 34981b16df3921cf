"""Two descriptors from before the neural networks, as encoders: what everything else is measured against.

`hog` counts the directions of edges cell by cell (Dalal and Triggs 2005). `ahdh` divides the ink
again and again at its centre of mass and describes how its density spreads, in the manner of the
adaptive hierarchical density histogram that PatMedia searched patents with (Sidiropoulos, Vrochidis
and Kompatsiaris 2011; Vrochidis et al. 2010). Words are compared as the built-in encoder does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipatent.encode import EncoderSpec
from ipatent.encode.builtin import ASSETS
from ipatent.encode.files import hash_files
from ipatent.encode.prepare import square, version
from ipatent.encode.session import unit_rows
from ipatent.encode.static_text import TABLE, TOKENIZER, StaticText
from ipatent.errors import EncoderError
from ipatent.patents import Pixels, Vectors

Reals = npt.NDArray[np.float64]
Grey = npt.NDArray[np.uint8]

HOG_SIDE, HOG_CELLS, DIRECTIONS = 128, 8, 9
_CLIP = 0.2
AHDH_SIDE, AHDH_LEVELS, AHDH_DENSE = 256, 8, 2
_INK = 160


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A function from a grey square of `side` pixels to (`dimension`,) numbers, and its version."""

    describe: Callable[[Grey], Reals]
    side: int
    dimension: int
    version: int


@dataclass(frozen=True, slots=True, eq=False)
class ClassicEncoder:
    """A descriptor computed from the pixels alone; there is no text tower."""

    spec: EncoderSpec
    descriptor: Descriptor
    text: StaticText

    @classmethod
    def load(cls, name: str) -> "ClassicEncoder":
        """The encoder `hog` or `ahdh`. Raises EncoderError when the table of words is damaged."""
        descriptor = DESCRIPTORS[name]
        text = StaticText.load(ASSETS)
        spec = EncoderSpec(
            name=name,
            weights=hash_files([ASSETS / TABLE, ASSETS / TOKENIZER]),
            preprocessing=f"{name}-{descriptor.version}-{version(descriptor.side)}",
            image_dim=descriptor.dimension,
            caption_dim=text.dimension,
            has_text_tower=False,
        )
        return cls(spec, descriptor, text)

    def encode_pictures(self, pictures: Sequence[Pixels]) -> Vectors:
        """(n, image_dim) float32 unit rows; a blank picture gives a row that is like nothing else."""
        made = np.zeros((len(pictures), self.spec.image_dim), np.float32)
        for row, picture in enumerate(pictures):
            made[row] = self.descriptor.describe(square(picture, self.descriptor.side))
            if not made[row].any():
                made[row, -1] = 1.0
        return unit_rows(made)

    def encode_captions(self, texts: Sequence[str]) -> Vectors:
        """(n, 256) float32 unit rows; a zero row for a text without any known word."""
        return self.text.encode(texts)

    def encode_text_as_picture(self, texts: Sequence[str]) -> Vectors:  # noqa: ARG002
        """Raises EncoderError: words and pictures cannot be compared directly here."""
        raise EncoderError(
            f"The encoder {self.spec.name} cannot compare words with pictures.",
            "Search the captions instead, or choose a model with a text tower, e.g. "
            "--encoder ViT-B-16/laion400m_e32.",
        )


def hog(grey: Grey) -> Reals:
    """Histograms of oriented gradients of a square: (blocks * blocks * 4 * directions,).

    Directions are without sign; votes are shared between the two nearest. Each block of 2 x 2 cells
    is scaled to length one, clipped at 0.2, and scaled again.
    """
    ink = 255.0 - grey.astype(np.float64)
    down, across = np.gradient(ink)
    strength = np.hypot(down, across)
    place = (np.arctan2(down, across) % np.pi) / np.pi * DIRECTIONS
    low = np.floor(place).astype(np.int64)
    share = place - low
    cell = grey.shape[0] // HOG_CELLS
    row, column = np.indices(grey.shape) // cell
    at = (row * HOG_CELLS + column) * DIRECTIONS
    size = HOG_CELLS * HOG_CELLS * DIRECTIONS
    votes = np.zeros(size)
    votes += np.bincount((at + low % DIRECTIONS).ravel(), (strength * (1 - share)).ravel(), size)
    votes += np.bincount((at + (low + 1) % DIRECTIONS).ravel(), (strength * share).ravel(), size)
    cells = votes.reshape(HOG_CELLS, HOG_CELLS, DIRECTIONS)
    blocks = np.concatenate((cells[:-1, :-1], cells[:-1, 1:], cells[1:, :-1], cells[1:, 1:]), axis=2)
    for _ in range(2):
        blocks = blocks / (np.linalg.norm(blocks, axis=2, keepdims=True) + 1e-6 * 255)
        blocks = np.minimum(blocks, _CLIP)
    flat: Reals = blocks.ravel()
    return flat


def ahdh(grey: Grey) -> Reals:
    """The adaptive hierarchical density histogram of a square's ink.

    At each level every region is divided into four at the centre of mass of its ink. The first
    levels give the share of the ink in each region. Below, a region is told by which of its four
    parts are denser than itself, one of 16 patterns, weighted by its ink; each level gives a
    histogram of these. Square roots are taken, so that the cosine compares histograms by their
    Bhattacharyya coefficient, and each level has the same say.
    """
    y, x = np.nonzero(grey < _INK)
    found = [np.zeros(4**level) for level in range(1, AHDH_DENSE + 1)]
    found += [np.zeros(16) for _ in range(AHDH_DENSE, AHDH_LEVELS)]
    total = len(y)
    if total:
        region = np.zeros(total, np.int64)
        path = np.zeros(1, np.int64)
        boxes = np.array([[0.0, 0.0, grey.shape[0], grey.shape[1]]])
        for level in range(AHDH_LEVELS):
            counts = np.bincount(region, minlength=len(boxes)).astype(np.float64)
            middle_y = np.bincount(region, y, len(boxes)) / counts + 0.5
            middle_x = np.bincount(region, x, len(boxes)) / counts + 0.5
            part = 4 * region + 2 * (y + 0.5 > middle_y[region]) + (x + 0.5 > middle_x[region])
            inside = np.bincount(part, minlength=4 * len(boxes)).astype(np.float64)
            below = _quartered(boxes, middle_y, middle_x)
            if level < AHDH_DENSE:
                paths = (4 * path[:, None] + np.arange(4)).ravel()
                found[level][paths] = inside / total
                path = paths[inside > 0]
            else:
                area = np.maximum((below[:, 2] - below[:, 0]) * (below[:, 3] - below[:, 1]), 1e-9)
                whole = np.maximum((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), 1e-9)
                denser = (inside / area).reshape(-1, 4) > (counts / whole)[:, None]
                pattern = denser @ np.array([1, 2, 4, 8])
                found[level][:] = np.bincount(pattern, counts, 16) / total
            kept = np.flatnonzero(inside)
            renamed = np.zeros(len(inside), np.int64)
            renamed[kept] = np.arange(len(kept))
            region, boxes = renamed[part], below[kept]
    return np.concatenate([np.sqrt(level) for level in found])


def _quartered(boxes: Reals, middle_y: Reals, middle_x: Reals) -> Reals:
    """The four parts of each box (n, 4: top, left, bottom, right) as (4n, 4)."""
    top, left, bottom, right = boxes.T
    parts = np.stack(
        (
            np.stack((top, left, middle_y, middle_x), 1),
            np.stack((top, middle_x, middle_y, right), 1),
            np.stack((middle_y, left, bottom, middle_x), 1),
            np.stack((middle_y, middle_x, bottom, right), 1),
        ),
        axis=1,
    )
    flat: Reals = parts.reshape(-1, 4)
    return flat


DESCRIPTORS = {
    "hog": Descriptor(hog, HOG_SIDE, (HOG_CELLS - 1) ** 2 * 4 * DIRECTIONS, 1),
    "ahdh": Descriptor(
        ahdh, AHDH_SIDE, sum(4**n for n in range(1, AHDH_DENSE + 1)) + 16 * (AHDH_LEVELS - AHDH_DENSE), 1
    ),
}
