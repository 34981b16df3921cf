"""Flat outlines and space curves from which solids are made; all lengths are in model units."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
"""Points: (n, 2) of an outline or (n, 3) of a curve in space."""


def circle(radius: float, count: int = 48, centre: tuple[float, float] = (0.0, 0.0)) -> Floats:
    """A circle as `count` points, anticlockwise."""
    return np.asarray(ellipse(radius, radius, count) + np.array(centre))


def ellipse(a: float, b: float, count: int = 48) -> Floats:
    """An ellipse with half axes `a` along x and `b` along y, anticlockwise."""
    turn = np.linspace(0.0, 2 * math.pi, count, endpoint=False)
    return np.stack([a * np.cos(turn), b * np.sin(turn)], 1)


def superellipse(a: float, b: float, power: float = 4.0, count: int = 48) -> Floats:
    """Between an ellipse (`power` 2) and a rectangle (large `power`), anticlockwise."""
    turn = np.linspace(0.0, 2 * math.pi, count, endpoint=False)
    cos, sin = np.cos(turn), np.sin(turn)
    bent = 2.0 / power
    return np.stack([a * np.sign(cos) * np.abs(cos) ** bent, b * np.sign(sin) * np.abs(sin) ** bent], 1)


def rectangle(width: float, height: float, radius: float = 0.0, steps: int = 6) -> Floats:
    """A rectangle about the origin, with rounded corners where `radius` is positive."""
    a, b = width / 2, height / 2
    radius = min(radius, 0.98 * a, 0.98 * b)
    if radius <= 0:
        return np.array([[-a, -b], [a, -b], [a, b], [-a, b]])
    corners = [(a - radius, b - radius, 0), (-a + radius, b - radius, 90), (-a + radius, -b + radius, 180)]
    corners.append((a - radius, -b + radius, 270))
    return np.concatenate([arc((x, y), radius, turn, turn + 90, steps) for x, y, turn in corners])


def regular(sides: int, radius: float, turn: float = 0.0) -> Floats:
    """A regular polygon; `turn` in degrees."""
    angles = np.linspace(0, 2 * math.pi, sides, endpoint=False) + math.radians(turn)
    return radius * np.stack([np.cos(angles), np.sin(angles)], 1)


def arc(centre: Sequence[float], radius: float, start: float, end: float, count: int = 12) -> Floats:
    """Points of an arc from `start` to `end` degrees, both included."""
    turn = np.radians(np.linspace(start, end, count))
    return np.stack([centre[0] + radius * np.cos(turn), centre[1] + radius * np.sin(turn)], 1)


def gear_outline(teeth: int, inner: float, outer: float, sharp: float = 0.45) -> Floats:
    """A toothed outline; `sharp` in (0, 1) is the width of a tooth's tip against its foot."""
    pitch = 2 * math.pi / teeth
    pattern = ((-0.25, inner), (-0.25 * sharp, outer), (0.25 * sharp, outer), (0.25, inner), (0.5, inner))
    turns = np.array([tooth * pitch + at * pitch for tooth in range(teeth) for at, _ in pattern])
    radii = np.array([radius for _ in range(teeth) for _, radius in pattern])
    return np.stack([radii * np.cos(turns), radii * np.sin(turns)], 1)


def wavy(radius: float, lobes: int, depth: float, count: int = 96) -> Floats:
    """A circle whose radius swings by `depth` `lobes` times a turn."""
    turn = np.linspace(0.0, 2 * math.pi, count, endpoint=False)
    radii = radius + depth * np.cos(lobes * turn)
    return np.stack([radii * np.cos(turn), radii * np.sin(turn)], 1)


def spline(
    points: Sequence[Sequence[float] | Floats] | Floats, closed: bool = False, steps: int = 8
) -> Floats:
    """A smooth curve (Catmull-Rom) through 2-D or 3-D points, with `steps` points a piece."""
    knots = np.asarray(points, dtype=float)
    if closed:
        padded = np.concatenate([knots[-1:], knots, knots[:2]])
    else:
        padded = np.concatenate([[2 * knots[0] - knots[1]], knots, [2 * knots[-1] - knots[-2]]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    pieces = []
    for index in range(len(padded) - 3):
        a, b, c, d = padded[index : index + 4]
        pieces.append(
            0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        )
    curve = np.concatenate(pieces)
    return curve if closed else np.concatenate([curve, knots[-1:]])


def strip(path: Sequence[Sequence[float]] | Floats, width: float) -> Floats:
    """The outline of a band of constant `width` along a 2-D path."""
    points = np.asarray(path, dtype=float)
    along = np.gradient(points, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-12
    side = np.stack([-along[:, 1], along[:, 0]], 1) * width / 2
    return np.concatenate([points - side, (points + side)[::-1]])


def fillet(points: Sequence[Sequence[float]], radius: float, steps: int = 6) -> Floats:
    """An open 2-D or 3-D path with its inner corners rounded."""
    knots = np.asarray(points, dtype=float)
    made: list[Floats] = [knots[:1]]
    for before, corner, after in zip(knots, knots[1:], knots[2:], strict=False):
        back, on = before - corner, after - corner
        cut = min(radius, 0.49 * float(np.linalg.norm(back)), 0.49 * float(np.linalg.norm(on)))
        start = corner + back / np.linalg.norm(back) * cut
        end = corner + on / np.linalg.norm(on) * cut
        t = np.linspace(0, 1, steps)[:, None]
        made.append((1 - t) ** 2 * start + 2 * t * (1 - t) * corner + t**2 * end)
    made.append(knots[-1:])
    return np.concatenate(made)


def helix(radius: float, pitch: float, turns: float, count: int = 20) -> Floats:
    """A helix about the z axis from z = 0 upwards, with `count` points a turn."""
    t = np.linspace(0, turns, int(turns * count) + 1)
    return np.stack([radius * np.cos(2 * math.pi * t), radius * np.sin(2 * math.pi * t), pitch * t], 1)
