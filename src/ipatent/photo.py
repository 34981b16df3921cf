"""Photos of paper made like scans: straightened, evenly lit, black on white."""

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from ipatent.patents import Pixels

LONGER_SIDE: Final = 2400
"""Pixels of a cleaned photo's longer side, at most: about 200 dpi of an A4 sheet that fills the picture."""

_SMALL = 400
"""Longer side of the copy in which the sheet's outline is sought."""
_LEAST_PAPER, _MOST_PAPER = 0.15, 0.93
"""Share of the picture that a sheet with visible edges takes."""
_FILLED = 0.93
"""Share of the outline's inside that must be paper, and of the paper that must lie inside."""
_EDGE = 0.008
"""Share of the straightened sheet cut off all round: its edge is not part of the drawing."""
_DARKER = 0.86
"""How bright a stroke may be at most, beside the paper around it."""
_COARSE = 160
"""Longer side of the copy from which the paper's light is estimated."""
_BLACK = 0.45
"""What is this dark beside the paper is ink also amid ink, where there is no paper around it."""

Reals = npt.NDArray[np.float64]


def clean_photo(pixels: Pixels) -> Pixels:
    """The sheet in a photo as (h, w) uint8 of 0 and 255: seen from the front, without shades.

    The paper's four edges are found as the outline of the brightest large area; where there is no
    such outline the picture keeps its shape. Strokes are what is darker than the mean around them
    (Bradley and Roth, "Adaptive thresholding using the integral image", 2007). At most `LONGER_SIDE`
    pixels long.
    """
    image = Image.fromarray(pixels)
    longer = max(image.size)
    if longer >= 2 * LONGER_SIDE:
        image = image.reduce(longer // LONGER_SIDE)
    image = image.convert("L")
    corners = find_sheet(np.asarray(image))
    if corners is not None:
        image = _straightened(image, corners)
    elif max(image.size) > LONGER_SIDE:
        image.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.BOX)
    return _black_on_white(image)


def find_sheet(grey: Pixels) -> Reals | None:
    """The corners of a sheet of paper in (h, w) uint8: (4, 2) x and y, clockwise from the upper left.

    None where no bright quadrilateral stands out from what is around it.
    """
    height, width = grey.shape
    factor = max(1, max(height, width) // _SMALL)
    small = Image.fromarray(grey).reduce(factor)
    # The larger of the neighbours: lines drawn on the paper vanish from it.
    light = np.asarray(small.filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.MinFilter(3)))
    paper = _largest(light > _threshold(light))
    share = paper.mean()
    if not _LEAST_PAPER <= share <= _MOST_PAPER:
        return None
    sides = _sides(paper)
    if sides is None:
        return None
    corners = np.array([_crossing(sides[side], sides[side - 1]) for side in range(4)])
    if not np.isfinite(corners).all() or not _is_outline(corners, paper):
        return None
    # Maximum and minimum together widen the paper by one pixel of the small copy.
    centre = corners.mean(axis=0)
    inward = np.sign(centre - corners) * 1.0
    found: Reals = np.clip((corners + inward + 0.5) * factor, 0, [width - 1, height - 1])
    return found


def _threshold(values: Pixels) -> int:
    """The level that parts the values best in two (Otsu, 1979)."""
    counts = np.bincount(values.ravel(), minlength=256).astype(np.float64)
    below = counts.cumsum()
    above = below[-1] - below
    sums = (counts * np.arange(256)).cumsum()
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return int(np.nanargmax(np.nan_to_num(between)))


def _largest(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The connected area around the centre of what is set, grown from there."""
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return mask
    row, column = int(np.median(rows)), int(np.median(columns))
    nearest = int(np.argmin((rows - row) ** 2 + (columns - column) ** 2))
    grown = np.zeros_like(mask)
    grown[rows[nearest], columns[nearest]] = True
    size = 1
    while True:
        for axis in (0, 1):
            _sweep(grown, mask, axis)
        now = int(grown.sum())
        if now == size:
            return grown
        size = now


def _sweep(grown: npt.NDArray[np.bool_], mask: npt.NDArray[np.bool_], axis: int) -> None:
    """Grow along whole runs of `mask` in one direction, in place."""
    inside = mask if axis else mask.T
    seeds = grown if axis else grown.T
    height, width = inside.shape
    starts = np.ones((height, width), bool)
    starts[:, 1:] = inside[:, 1:] != inside[:, :-1]
    runs = starts.ravel().cumsum() - 1
    touched = np.bincount(runs, weights=seeds.ravel()) > 0
    seeds |= touched[runs].reshape(height, width) & inside


def _sides(paper: npt.NDArray[np.bool_]) -> Reals | None:
    """Lines a x + b y = c along the upper, right, lower and left edge of the paper, (4, 3)."""
    rows, columns = np.nonzero(paper)
    sums, differences = columns + rows, columns - rows
    tips = np.array(
        [
            (columns[place], rows[place])
            for place in (sums.argmin(), differences.argmax(), sums.argmax(), differences.argmin())
        ],
        dtype=np.float64,
    )
    lines = []
    for side in range(4):
        start, end = tips[side], tips[(side + 1) % 4]
        across = side % 2  # 0: an upper or lower edge, followed by column
        first, last = sorted((start[across], end[across]))
        margin = 0.06 * (last - first)
        at = np.arange(int(first + margin), int(last - margin) + 1)
        if len(at) < 8:
            return None
        along = paper[:, at].T if across == 0 else paper[at]
        has = along.any(axis=1)
        if has.mean() < 0.9:
            return None
        edge = along.argmax(axis=1) if side in (0, 3) else along.shape[1] - 1 - along[:, ::-1].argmax(axis=1)
        line = _line(at[has].astype(np.float64), edge[has].astype(np.float64))
        if line is None:
            return None
        slope, offset = line
        lines.append((slope, -1.0, -offset) if across == 0 else (-1.0, slope, -offset))
    return np.array(lines)


def _line(at: Reals, edge: Reals) -> tuple[float, float] | None:
    """Slope and offset of the line through most of the points; None where they are no line."""
    kept = np.ones(len(at), bool)
    slope = offset = 0.0
    for _ in range(4):
        slope, offset = np.polyfit(at[kept], edge[kept], 1)
        away = np.abs(slope * at + offset - edge)
        kept = away <= max(1.5, 1.5 * float(np.median(away)))
        if kept.sum() < 8:
            return None
    away = np.abs(slope * at + offset - edge)
    return (float(slope), float(offset)) if (away <= 3).mean() >= 0.7 else None


def _crossing(one: Reals, other: Reals) -> Reals:
    matrix = np.array([one[:2], other[:2]])
    if abs(np.linalg.det(matrix)) < 1e-6:
        return np.array([np.nan, np.nan])
    return np.asarray(np.linalg.solve(matrix, np.array([one[2], other[2]])), np.float64)


def _is_outline(corners: Reals, paper: npt.NDArray[np.bool_]) -> bool:
    """Whether the corners bound a convex shape that is the paper."""
    height, width = paper.shape
    edges = np.roll(corners, -1, axis=0) - corners
    following = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0]
    if not (turns > 0).all() or np.linalg.norm(edges, axis=1).min() < 0.2 * min(height, width):
        return False
    y, x = np.mgrid[:height, :width]
    inside = np.ones(paper.shape, bool)
    for corner, edge in zip(corners, edges, strict=True):
        inside &= edge[0] * (y - corner[1]) - edge[1] * (x - corner[0]) >= -0.5
    both = float((inside & paper).sum())
    return both >= _FILLED * float(max(inside.sum(), paper.sum(), 1))


def _straightened(image: Image.Image, corners: Reals) -> Image.Image:
    """The quadrilateral inside `corners` as a rectangle of about its size."""
    lengths = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width, height = max(lengths[0], lengths[2]), max(lengths[1], lengths[3])
    scale = min(1.0, LONGER_SIDE / max(width, height))
    width, height = max(1, round(width * scale)), max(1, round(height * scale))
    edge_x, edge_y = _EDGE * width, _EDGE * height
    target = [(-edge_x, -edge_y), (width + edge_x, -edge_y), (width + edge_x, height + edge_y)]
    target.append((-edge_x, height + edge_y))
    return image.transform(
        (width, height),
        Image.Transform.PERSPECTIVE,
        tuple(_perspective(np.array(target), corners)),
        Image.Resampling.BILINEAR,
    )


def _perspective(source: Reals, target: Reals) -> Reals:
    """The eight numbers of the projection that takes the four points of `source` to `target`."""
    rows, values = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
        values += [u, v]
    return np.asarray(np.linalg.solve(np.array(rows), np.array(values)), np.float64)


def _black_on_white(image: Image.Image) -> Pixels:
    """Strokes black, all else white, whatever the light."""
    width, height = image.size
    longer = max(width, height)
    reach = max(6, longer // 80)
    soft = image.filter(ImageFilter.GaussianBlur(longer / 2400)) if longer > 1200 else image
    step = max(1, longer // _COARSE)
    coarse = image.reduce(step)
    # Closing: ink and solid black up to a quarter of the picture are filled from the paper around.
    for grow_or_shrink in (ImageFilter.MaxFilter(5), ImageFilter.MinFilter(5)):
        for _ in range(_COARSE // 12):
            coarse = coarse.filter(grow_or_shrink)
    coarse = coarse.filter(ImageFilter.GaussianBlur(2))
    paper = np.asarray(coarse.resize(image.size, Image.Resampling.BILINEAR)).astype(np.uint16)
    around = np.asarray(soft.filter(ImageFilter.BoxBlur(reach))).astype(np.uint16)
    shade = np.asarray(soft).astype(np.uint16) * 256
    stroke = (shade < around * round(256 * _DARKER)) & (shade < paper * round(256 * _DARKER))
    ink = stroke | (shade < paper * round(256 * _BLACK))
    return np.where(ink, np.uint8(0), np.uint8(255))
