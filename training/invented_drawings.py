"""Invented line drawings: what object drawings have in common, without being of anything.

The generated objects are of thirty kinds; real ones are of every kind. These drawings put outlines,
ribs, holes, meshes, knurls, stipple and hatching together at random, often with mirror symmetry, so
that a classifier learns that repeated shapes without print are a drawing.
"""

import math
import random
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ipatent.sample.callouts import place_callouts
from ipatent.sample.drawing import Callout
from ipatent.sample.lettering import paste, word
from ipatent.sample.pen import Ink, Line, draw
from ipatent.sample.profiles import circle, ellipse, gear_outline, rectangle, regular, spline, superellipse
from ipatent.sample.style import Style

Floats = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]
"""Middle x and y, width, height."""


def invented(chance: random.Random, style: Style, width: int, height: int) -> Ink:
    """The ink of one invented drawing, about `width` x `height` pixels or slimmer."""
    slim = chance.choice((1.0, 1.0, 0.75, 0.5, 0.3, 0.15))
    across, down = (width, height * slim) if chance.random() < 0.5 else (width * slim, height)
    lines: list[Line] = []
    middle: Box = (0.0, 0.0, across * 0.94, down * 0.94)
    _outline(lines, chance, style, middle)
    bodies = [middle]
    for _ in range(chance.choice((0, 1, 2, 3, 5))):
        x, y, w, h = chance.choice(bodies)
        inner: Box = (
            x + (0.0 if chance.random() < 0.6 else chance.uniform(-0.25, 0.25) * w),
            y + chance.uniform(-0.3, 0.3) * h,
            w * chance.uniform(0.15, 0.9),
            h * chance.uniform(0.1, 0.8),
        )
        _outline(lines, chance, style, inner)
        bodies.append(inner)
    for _ in range(chance.choice((0, 1, 1, 2, 3, 4))):
        x, y, w, h = chance.choice(bodies)
        part: Box = (
            x + (0.0 if chance.random() < 0.5 else chance.uniform(-0.2, 0.2) * w),
            y + chance.uniform(-0.2, 0.2) * h,
            w * chance.uniform(0.3, 0.95),
            h * chance.uniform(0.2, 0.95),
        )
        chance.choice(_FILLINGS)(lines, chance, style, part)
    if chance.random() < 0.55:
        lines += [Line(line.points * [-1, 1], line.width, line.dash) for line in lines]
    if chance.random() < 0.35:
        lines = _tilted(lines, chance)
    points = np.concatenate([line.points for line in lines])
    low = points.min(0)
    span = points.max(0) - low
    scale = min(width / max(span[0], 1), height / max(span[1], 1))
    margin = 200
    ink = np.zeros((int(span[1] * scale) + 2 * margin, int(span[0] * scale) + 2 * margin), dtype=bool)
    draw(ink, [Line((line.points - low) * scale + margin, line.width, line.dash) for line in lines])
    if chance.random() < 0.3:
        _number(ink, chance, style, (points - low) * scale + margin)
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _outline(lines: list[Line], chance: random.Random, style: Style, box: Box) -> None:
    x, y, w, h = box
    kind = chance.choice(
        ("rectangle", "rectangle", "rounded", "rounded", "ellipse", "super", "blob", "polygon", "turned")
    )
    if kind == "rectangle":
        shape = rectangle(w, h)
    elif kind == "rounded":
        shape = rectangle(w, h, min(w, h) * chance.uniform(0.05, 0.5))
    elif kind == "ellipse":
        shape = ellipse(w / 2, h / 2, 80)
    elif kind == "super":
        shape = superellipse(w / 2, h / 2, chance.uniform(2.5, 7), 80)
    elif kind == "blob":
        wobble = np.array([chance.uniform(0.7, 1.0) for _ in range(9)])[:, None]
        shape = spline(ellipse(w / 2, h / 2, 9) * wobble, closed=True, steps=12)
    elif kind == "polygon":
        shape = regular(chance.choice((3, 4, 5, 6, 8)), 1.0, chance.uniform(0, 90)) * [w / 2, h / 2]
    else:
        # A turned part: steps on both sides of an axis.
        count = chance.randint(3, 9)
        radii = [w / 2 * chance.uniform(0.3, 1.0) for _ in range(count)]
        levels = np.linspace(-h / 2, h / 2, count + 1)
        side = [(r, level) for n, r in enumerate(radii) for level in (levels[n], levels[n + 1])]
        if chance.random() < 0.5:
            side = [(float(a), float(b)) for a, b in spline(np.array(side), steps=5)]
        shape = np.array([*side, *[(-a, b) for a, b in reversed(side)]])
        for level in levels[1:-1]:
            if chance.random() < 0.7:
                half = min(abs(side[0][0]), w / 2)
                lines.append(_line([(x - half, y + level), (x + half, y + level)], style.pen))
    closed = np.concatenate([shape, shape[:1]]) + np.array([x, y])
    dash = (26.0, 16.0) if chance.random() < 0.12 else ()
    lines.append(Line(closed, style.outline, dash))
    for _ in range(chance.choice((0, 0, 1, 2))):
        shrink = 1 - chance.uniform(0.02, 0.15)
        lines.append(Line((closed - [x, y]) * shrink + np.array([x, y]), style.pen))


def _line(points: object, width: float, dash: tuple[float, ...] = ()) -> Line:
    return Line(np.asarray(points, dtype=float), width, dash)


def _ribs(lines: list[Line], chance: random.Random, style: Style, box: Box) -> None:
    x, y, w, h = box
    count = chance.randint(4, 45)
    upright = chance.random() < 0.6
    lens = chance.random() < 0.3
    ends = chance.random() < 0.3
    for n in np.linspace(-0.5, 0.5, count):
        reach = math.sqrt(max(0.0, 0.25 - n * n)) * 2 if lens else 1.0
        a, b = (n * w, -reach * h / 2), (n * w, reach * h / 2)
        if not upright:
            a, b = (-reach * w / 2, n * h), (reach * w / 2, n * h)
        if ends:
            size = (w / count * 0.6, h * reach) if upright else (w * reach, h / count * 0.6)
            slot = rectangle(max(size[0], 3), max(size[1], 3), min(size) * 0.45) + np.array(
                [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]
            )
            lines.append(Line(np.concatenate([slot, slot[:1]]) + np.array([x, y]), style.pen))
        else:
            lines.append(_line([(a[0] + x, a[1] + y), (b[0] + x, b[1] + y)], style.pen))


def _grid(lines: list[Line], chance: random.Random, style: Style, box: Box) -> None:
    x, y, w, h = box
    columns = chance.randint(3, 26)
    pitch = w / columns
    rows = int(min(40, max(1, h / pitch)))
    stagger = chance.random() < 0.5
    kind = chance.choice(("ring", "square", "hexagon", "dot", "slot", "cross"))
    r = pitch * chance.uniform(0.2, 0.48)
    for row in range(rows):
        for column in range(columns):
            at = np.array(
                [
                    (column - (columns - 1) / 2 + (0.5 if stagger and row % 2 else 0)) * pitch + x,
                    (row - (rows - 1) / 2) * pitch * (0.87 if stagger else 1) + y,
                ]
            )
            if kind == "ring":
                shape = circle(r, 18)
            elif kind == "square":
                shape = rectangle(2 * r, 2 * r)
            elif kind == "hexagon":
                shape = regular(6, r * 1.15, 30)
            elif kind == "slot":
                shape = rectangle(2 * r, r * 0.7, r * 0.3)
            elif kind == "cross":
                lines.append(Line(np.array([[-r, -r], [r, r]]) + at, style.pen))
                continue
            else:
                shape = circle(max(3.0, r * 0.15), 8)
            lines.append(Line(np.concatenate([shape, shape[:1]]) + at, style.pen))


def _rings(lines: list[Line], chance: random.Random, style: Style, box: Box) -> None:
    x, y, w, h = box
    size = min(w, h) / 2
    for _ in range(chance.randint(2, 9)):
        ring = circle(size * chance.uniform(0.1, 1.0), 72, (x, y))
        lines.append(
            Line(np.concatenate([ring, ring[:1]]), style.pen, (26.0, 16.0) if chance.random() < 0.1 else ())
        )
    spokes = chance.choice((0, 0, 6, 12, 24, 48))
    inner, outer = size * chance.uniform(0.1, 0.5), size * chance.uniform(0.6, 1.0)
    for n in range(spokes):
        turn = np.array([math.cos(2 * math.pi * n / spokes), math.sin(2 * math.pi * n / spokes)])
        if chance.random() < 0.97:
            lines.append(Line(np.array([turn * inner, turn * outer]) + np.array([x, y]), style.pen))
    if chance.random() < 0.3:
        gear = gear_outline(chance.randint(8, 30), size * 0.85, size) + np.array([x, y])
        lines.append(Line(np.concatenate([gear, gear[:1]]), style.pen))


def _mesh(lines: list[Line], chance: random.Random, style: Style, box: Box) -> None:
    x, y, w, h = box
    gap = chance.uniform(0.03, 0.12) * max(w, h)
    for slope in (1.0, -1.0) if chance.random() < 0.6 else (1.0,):
        for start in np.arange(-w / 2 - h, w / 2, gap):
            t = np.clip(np.array([-w / 2 - start, w / 2 - start]), 0, h)
            if t[1] > t[0]:
                ends = np.column_stack([start + t, slope * (t - h / 2)])
                lines.append(Line(ends + np.array([x, y]), max(2.0, style.pen * 0.8)))


def _stipple(lines: list[Line], chance: random.Random, _style: Style, box: Box) -> None:
    x, y, w, h = box
    noise = np.random.default_rng(chance.getrandbits(32))
    count = int(min(6000, w * h / chance.uniform(150, 900)))
    density = chance.choice((1.0, 2.5))
    spots = np.column_stack(
        [(noise.random(count) ** density - 0.5) * w, (noise.random(count) - 0.5) * h]
    ) + np.array([x, y])
    size = chance.uniform(2.5, 5.0)
    lines.extend(Line(np.array([spot, spot + 0.5]), size) for spot in spots)


def _shading(lines: list[Line], chance: random.Random, style: Style, box: Box) -> None:
    x, y, w, h = box
    slanting = chance.random() < 0.6
    for _ in range(chance.randint(5, 60)):
        length = chance.uniform(0.05, 0.5) * min(w, h)
        at = np.array([chance.uniform(-w / 2, w / 2) + x, chance.uniform(-h / 2, h / 2) + y])
        along = np.array([0.6, -0.8] if slanting else [0.0, 1.0])
        dash = (40.0, 9.0, 9.0, 9.0) if style.broken_strokes else ()
        lines.append(Line(np.array([at - along * length / 2, at + along * length / 2]), 2.0, dash))


def _tufts(lines: list[Line], chance: random.Random, style: Style, box: Box) -> None:
    x, y, w, h = box
    for _ in range(chance.randint(4, 50)):
        at = np.array([chance.uniform(-w / 2, w / 2), chance.uniform(-h / 2, h / 2)]) + np.array([x, y])
        knots = at + np.cumsum(
            [[chance.uniform(-0.08, 0.08) * w, chance.uniform(-0.08, 0.08) * h] for _ in range(4)], axis=0
        )
        lines.append(Line(spline(knots, steps=6), style.pen))


def _cells(lines: list[Line], chance: random.Random, style: Style, box: Box) -> None:
    """Plain panels side by side, as on a cabinet or a housing: boxes without print."""
    x, y, w, h = box
    columns, rows = chance.randint(1, 5), chance.randint(1, 6)
    gap = chance.uniform(0.0, 0.3)
    for row in range(rows):
        for column in range(columns):
            panel = rectangle(w / columns * (1 - gap), h / rows * (1 - gap), chance.choice((0.0, 8.0, 20.0)))
            at = [x + ((column + 0.5) / columns - 0.5) * w, y + ((row + 0.5) / rows - 0.5) * h]
            lines.append(Line(np.concatenate([panel, panel[:1]]) + at, style.pen))
            if chance.random() < 0.3:
                knob = circle(min(w / columns, h / rows) * 0.12, 24) + at
                lines.append(Line(np.concatenate([knob, knob[:1]]), style.pen))


_FILLINGS: tuple[Callable[[list[Line], random.Random, Style, Box], None], ...] = (
    _ribs,
    _ribs,
    _grid,
    _grid,
    _rings,
    _mesh,
    _stipple,
    _shading,
    _shading,
    _tufts,
    _cells,
    _cells,
)


def _tilted(lines: list[Line], chance: random.Random) -> list[Line]:
    """The drawing seen obliquely, with the thickness of a plate."""
    angle = chance.uniform(-0.6, 0.6)
    squeeze = chance.uniform(0.4, 0.95)
    shear = np.array(
        [[math.cos(angle), math.sin(angle) * squeeze], [-math.sin(angle), math.cos(angle) * squeeze]]
    )
    tilted = [Line(line.points @ shear, line.width, line.dash) for line in lines]
    first = tilted[0]
    depth = np.array([0.0, chance.uniform(0.02, 0.3) * float(np.ptp(first.points, axis=0).max())])
    return [*tilted, Line(first.points + depth, first.width, first.dash)]


def _number(ink: Ink, chance: random.Random, style: Style, points: Floats) -> None:
    """Reference numerals with lead lines, or a short word as printed on a product."""
    if chance.random() < 0.7:
        picks = [points[chance.randrange(len(points))] for _ in range(chance.randint(1, 14))]
        called = [Callout(str(chance.randint(1, 400)), "part", float(x), float(y)) for x, y in picks]
        place_callouts(ink, called, style)
        return
    for _ in range(chance.randint(1, 4)):
        x, y = points[chance.randrange(len(points))]
        text = chance.choice(("ON", "OFF", "HOT", "MAX", "1", "TEST", "6-8mm", "LED"))
        paste(ink, word(text, "sans bold", chance.randint(24, 60)), int(x), int(y))
