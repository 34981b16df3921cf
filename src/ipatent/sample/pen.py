"""Ink: polylines drawn with a round pen into 1-bit pictures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from ipatent.sample.profiles import Floats

Ink = npt.NDArray[np.bool_]
"""A 1-bit picture (height, width): True is ink."""

_PHASES = 4


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A polyline (k, 2) in pixels with its pen width; `dash` lists lengths on and off, in pixels."""

    points: Floats
    width: float
    dash: tuple[float, ...] = ()


def draw(ink: Ink, lines: Sequence[Line]) -> None:
    """Draws the lines into `ink`; what lies outside is cut off."""
    by_style: dict[tuple[float, tuple[float, ...]], list[Floats]] = {}
    for line in lines:
        by_style.setdefault((round(line.width, 2), line.dash), []).append(line.points)
    for (width, dash), polylines in by_style.items():
        samples, along = _sampled(polylines)
        if dash:
            samples = samples[_inked(along, dash)]
        _stamp(ink, samples, width)


def _sampled(polylines: list[Floats]) -> tuple[Floats, Floats]:
    """Points at most one pixel apart along all polylines, with the length run from each start."""
    points = np.concatenate(polylines)
    owner = np.repeat(np.arange(len(polylines)), [len(p) for p in polylines])
    start = np.flatnonzero(owner[1:] == owner[:-1])
    step = points[start + 1] - points[start]
    length = np.linalg.norm(step, axis=1)
    total = np.cumsum(length) - length
    first = np.searchsorted(owner[start], np.arange(len(polylines)))
    base = total[np.minimum(first, max(0, len(total) - 1))] if len(total) else total
    counts = np.ceil(length).astype(np.int64) + 1
    segment = np.repeat(np.arange(len(start)), counts)
    index = np.arange(len(segment)) - (np.cumsum(counts) - counts)[segment]
    t = index / np.maximum(counts[segment] - 1, 1)
    samples = points[start[segment]] + t[:, None] * step[segment]
    along = total[segment] - base[owner[start[segment]]] + t * length[segment]
    return samples, along


def _inked(along: Floats, dash: tuple[float, ...]) -> npt.NDArray[np.bool_]:
    marks = np.cumsum(dash)
    return np.asarray(np.searchsorted(marks, np.mod(along, marks[-1]), side="right") % 2 == 0)


def _stamp(ink: Ink, samples: Floats, width: float) -> None:
    height, across = ink.shape
    reach = math.ceil(width / 2) + 1
    inside = np.all((samples > reach) & (samples < np.array([across, height]) - reach - 1.0), axis=1)
    fine = np.floor(samples[inside] * _PHASES).astype(np.int64)
    whole, phase = fine // _PHASES, fine % _PHASES
    base = whole[:, 1] * across + whole[:, 0]
    code = phase[:, 1] * _PHASES + phase[:, 0]
    flat = ink.reshape(-1)
    for number in range(_PHASES * _PHASES):
        chosen = base[code == number]
        for dx, dy in _disc(width, number % _PHASES, number // _PHASES):
            flat[chosen + (dy * across + dx)] = True


@cache
def _disc(width: float, phase_x: int, phase_y: int) -> tuple[tuple[int, int], ...]:
    """Offsets of the pixels whose middle the round pen covers."""
    x, y = (phase_x + 0.5) / _PHASES, (phase_y + 0.5) / _PHASES
    reach = math.ceil(width / 2) + 1
    span = range(-reach, reach + 1)
    return tuple(
        (dx, dy)
        for dx in span
        for dy in span
        if (dx + 0.5 - x) ** 2 + (dy + 0.5 - y) ** 2 <= width * width / 4
    )
