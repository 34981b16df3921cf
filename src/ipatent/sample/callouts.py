"""Reference numerals set around a figure, each with a lead line, out of each other's way."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ipatent.sample.drawing import Callout
from ipatent.sample.lettering import paste, word
from ipatent.sample.pen import Ink, Line, draw
from ipatent.sample.profiles import Floats
from ipatent.sample.style import Style

_CELL = 10


@dataclass(frozen=True, slots=True)
class Placed:
    """A numeral as it stands in the picture: text, term, and its box (x, y, width, height)."""

    numeral: str
    term: str
    box: tuple[int, int, int, int]


def place_callouts(ink: Ink, callouts: Sequence[Callout], style: Style) -> list[Placed]:
    """Draws numerals and lead lines into `ink` where there is room; returns those that found any."""
    if not callouts:
        return []
    rows, columns = np.nonzero(ink[::4, ::4])
    middle = np.array([columns.mean() * 4, rows.mean() * 4]) if len(rows) else np.array(ink.shape[::-1]) / 2
    placed: list[Placed] = []
    lines: list[Line] = []
    busy = _cells(ink)
    for callout in callouts:
        stamp = word(callout.numeral, style.numeral_face, style.numeral_size)
        anchor = np.array([callout.x, callout.y])
        found = _spot(busy, ink.shape, anchor, middle, stamp.shape)
        if found is None:
            continue
        x, y = found
        height, width = stamp.shape
        paste(ink, stamp, x, y)
        box = (x, y, width, height)
        lead = _lead(anchor, box, style.curved_leads)
        lines.append(Line(lead, max(2.0, style.pen * 0.8)))
        if style.arrow_leads:
            lines.append(Line(_arrow(lead), max(2.0, style.pen * 0.8)))
        busy[
            max(0, y // _CELL - 1) : (y + height) // _CELL + 2,
            max(0, x // _CELL - 1) : (x + width) // _CELL + 2,
        ] = 4
        steps = lead[np.linspace(0, len(lead) - 1, 40).astype(int)]
        busy[
            np.clip(steps[:, 1] // _CELL, 0, busy.shape[0] - 1).astype(int),
            np.clip(steps[:, 0] // _CELL, 0, busy.shape[1] - 1).astype(int),
        ] += 2
        placed.append(Placed(callout.numeral, callout.term, box))
    draw(ink, lines)
    return placed


def _cells(ink: Ink) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    height, width = (size // _CELL * _CELL for size in ink.shape)
    # Rows first: reducing along whole rows is several times faster than block by block.
    rows = np.logical_or.reduce(ink[:height, :width].reshape(height // _CELL, _CELL, width), axis=1)
    blocks = rows.reshape(height // _CELL, width // _CELL, _CELL)
    return np.asarray(blocks.any(axis=2), dtype=np.int64)


def _spot(
    busy: np.ndarray[tuple[int, int], np.dtype[np.int64]],
    shape: tuple[int, ...],
    anchor: Floats,
    middle: Floats,
    size: tuple[int, ...],
) -> tuple[int, int] | None:
    """The upper left corner of the best free place for a numeral, or None."""
    outward = math.atan2(anchor[1] - middle[1], anchor[0] - middle[0])
    distance, turn = (
        grid.ravel()
        for grid in np.meshgrid(np.arange(110, 900, 55), np.linspace(-math.pi, math.pi, 24, endpoint=False))
    )
    centre = anchor + distance[:, None] * np.stack([np.cos(outward + turn), np.sin(outward + turn)], 1)
    corner = centre - np.array([size[1], size[0]]) / 2
    height, width = shape[:2]
    ok = np.all(
        (corner > 8) & (corner + np.array([size[1], size[0]]) < np.array([width, height]) - 8), axis=1
    )
    distance, turn, centre, corner = distance[ok], turn[ok], centre[ok], corner[ok]
    if not len(distance):
        return None
    sums = np.zeros((busy.shape[0] + 1, busy.shape[1] + 1), dtype=np.int64)
    sums[1:, 1:] = busy.cumsum(0).cumsum(1)
    left = np.clip((corner[:, 0] // _CELL).astype(int) - 1, 0, busy.shape[1])
    top = np.clip((corner[:, 1] // _CELL).astype(int) - 1, 0, busy.shape[0])
    right = np.clip(((corner[:, 0] + size[1]) // _CELL).astype(int) + 2, 0, busy.shape[1])
    bottom = np.clip(((corner[:, 1] + size[0]) // _CELL).astype(int) + 2, 0, busy.shape[0])
    filled = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    t = np.linspace(0.1, 0.85, 16)[None, :, None]
    way = anchor + t * (centre[:, None] - anchor)
    crossed = busy[
        np.clip(way[:, :, 1] // _CELL, 0, busy.shape[0] - 1).astype(int),
        np.clip(way[:, :, 0] // _CELL, 0, busy.shape[1] - 1).astype(int),
    ].sum(1)
    cost = distance + 90 * np.abs(turn) + 45 * crossed + 1e6 * (filled > 0)
    best = int(cost.argmin())
    return None if filled[best] else (int(corner[best, 0]), int(corner[best, 1]))


def _lead(anchor: Floats, box: tuple[int, int, int, int], curved: bool) -> Floats:
    """The lead line from beside the numeral to the anchor (k, 2)."""
    x, y, width, height = box
    centre = np.array([x + width / 2, y + height / 2])
    towards = anchor - centre
    reach = np.array([width / 2 + 10, height / 2 + 8])
    share = float(np.min(reach / np.maximum(np.abs(towards), 1e-6)))
    start = centre + towards * min(share, 0.9)
    if not curved:
        return np.array([start + (anchor - start) * s for s in np.linspace(0, 1, 8)])
    along = anchor - start
    side = np.array([-along[1], along[0]]) * 0.14
    t = np.linspace(0, 1, 24)[:, None]
    return np.asarray(start + t * along + side * np.sin(2 * math.pi * t) * 0.6)


def _arrow(lead: Floats) -> Floats:
    tip = lead[-1]
    back = lead[-3] - tip
    back = back / (np.linalg.norm(back) + 1e-9) * 20
    side = np.array([-back[1], back[0]]) * 0.35
    return np.array([tip + back + side, tip, tip + back - side])
