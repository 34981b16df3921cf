"""Figures of an object: what a camera sees of it, inked in a draughtsman's manner."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ipatent.sample.drawing import Callout, Drawing, Words
from ipatent.sample.halftone import dithered
from ipatent.sample.hidden_lines import Seen, look
from ipatent.sample.pen import Ink, Line
from ipatent.sample.profiles import Floats
from ipatent.sample.scene import Part, Scene
from ipatent.sample.style import Style
from ipatent.sample.views import VIEWS, camera

_RESOLUTION = 480
_ENVIRONMENT = (26.0, 16.0)
_BROKEN_STROKE = (70.0, 9.0, 9.0, 9.0)
_AXIS = (60.0, 14.0, 10.0, 14.0)


@dataclass(frozen=True, slots=True, eq=False)
class ObjectView:
    """One view of an object before it has a size on paper."""

    name: str
    seen: Seen
    style: Style
    parts: tuple[Part, ...]
    seed: str


def object_view(
    scene: Scene,
    parts: Sequence[Part],
    name: str,
    style: Style,
    seed: str,
    section: tuple[float, float] | None = None,
) -> ObjectView:
    """`scene` from the direction called `name`; `section` is the direction a section is seen from."""
    view = VIEWS[name]
    azimuth, elevation = view.azimuth, view.elevation
    if not view.parallel:
        azimuth += style.azimuth
        elevation += math.copysign(style.elevation, elevation)
        azimuth = -azimuth if style.mirrored else azimuth
    if section:
        azimuth, elevation = section
    eye = camera(azimuth, elevation, None if view.parallel else style.distance)
    seen = look(scene, eye, _RESOLUTION, section is not None, style.shading == "tone" and section is None)
    return ObjectView(name, seen, style, tuple(parts), seed)


def object_drawing(
    view: ObjectView, width: float, height: float, numerals: dict[int, tuple[str, str]]
) -> Drawing:
    """The view fitted into width x height pixels.

    `numerals` maps part numbers to (numeral, term); those of parts that can be seen get a callout.
    """
    seen, style = view.seen, view.style
    scale = min(width / seen.width, height / seen.height)
    chance = random.Random(view.seed)
    pens = {
        "crease": style.pen,
        "contact": style.pen,
        "outline": style.outline,
        "axis": max(2.0, style.pen * 0.7),
        "shading": 2.0,
        "cut": style.outline * 1.2,
    }
    strokes = style.shading in ("strokes", "both")
    lines: list[Line] = []
    for line in seen.lines:
        if line.kind == "shading" and not strokes:
            continue
        broken = line.part >= 0 and view.parts[line.part].environment
        dash = _ENVIRONMENT if broken else _AXIS if line.kind == "axis" else ()
        points = line.points * scale
        if line.kind == "shading":
            points = _shortened(points, chance)
            if len(points) < 2:
                continue
            dash = _BROKEN_STROKE if style.broken_strokes else ()
        lines.append(Line(points, pens[line.kind], dash))
    if style.shading in ("glints", "both"):
        lines += _glints(seen, scale, chance)
    if len(seen.cut):
        lines += [Line(piece * scale, pens["cut"]) for piece in seen.cut]
        lines += _hatching(view, scale)
    tone = _tone(seen, scale) if seen.shade is not None else None
    callouts = _callouts(seen, scale, numerals, chance)
    return Drawing(seen.width * scale, seen.height * scale, tuple(lines), (), tuple(callouts), (), tone)


def section_marks(view: ObjectView, drawing: Drawing, name: str, upright: bool) -> Drawing:
    """Adds the line along which a section is taken, with arrows and its letters, to a figure."""
    width, height, size = drawing.width, drawing.height, max(44.0, view.style.numeral_size * 1.05)
    out, arm = 70.0, 60.0
    dash = (70.0, 16.0, 14.0, 16.0)
    lines, words = list(drawing.lines), list(drawing.words)
    along = height if upright else width
    middle = (width if upright else height) / 2

    def place(a: float, b: float) -> tuple[float, float]:
        return (middle + b, a) if upright else (a, middle + b)

    lines.append(Line(np.array([place(-out, 0), place(along + out, 0)]), view.style.pen, dash))
    for at in (-out, along + out):
        lines.append(Line(np.array([place(at, 0), place(at, -arm)]), view.style.pen * 1.3))
        lines.append(
            Line(
                np.array([place(at - 10, -arm + 24), place(at, -arm), place(at + 10, -arm + 24)]),
                view.style.pen,
            )
        )
        x, y = place(at, -arm - size * 0.8)
        words.append(Words(name, x, y, size, view.style.label_face))
    return Drawing(width, height, tuple(lines), tuple(words), drawing.callouts, drawing.terms, drawing.tone)


def _shortened(points: Floats, chance: random.Random) -> Floats:
    """A shading stroke broken off at random, as by a hand that lifts the pen."""
    if chance.random() < 0.3:
        return points[:0]
    count = len(points)
    start = int(count * chance.uniform(0.0, 0.25))
    end = int(count * chance.uniform(0.6, 1.0))
    return points[start:end]


def _glints(seen: Seen, scale: float, chance: random.Random) -> list[Line]:
    """Groups of short oblique strokes on the larger visible surfaces, as on glass or polish."""
    surfaces, counts = np.unique(seen.surface_map[seen.surface_map >= 0], return_counts=True)
    lines: list[Line] = []
    area = seen.width * seen.height
    for surface in surfaces[counts > area * 0.012][:12]:
        rows, columns = np.nonzero(seen.surface_map == surface)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(rows))
            x, y = float(columns[at]), float(rows[at])
            gap = chance.uniform(5, 9)
            for stroke in range(chance.randint(2, 4)):
                length = chance.uniform(12, 48)
                t = np.arange(-length / 2, length / 2)
                xs, ys = x + stroke * gap + 0.62 * t, y - 0.78 * t
                ok = (xs >= 0) & (ys >= 0) & (xs < seen.width) & (ys < seen.height)
                xs, ys = xs[ok], ys[ok]
                on = seen.surface_map[ys.astype(int), xs.astype(int)] == surface
                inside = np.flatnonzero(on)
                if len(inside) > 8 and on[inside[0] : inside[-1] + 1].all():
                    keep = inside[2:-2]
                    lines.append(Line(np.stack([xs[keep], ys[keep]], 1) * scale, 2.0))
    return lines


def _hatching(view: ObjectView, scale: float) -> list[Line]:
    """Oblique lines within the cut faces, another direction and distance for each part."""
    seen = view.seen
    lines: list[Line] = []
    for shell in np.unique(seen.cut_shell):
        pieces = seen.cut[seen.cut_shell == shell] * scale
        part = seen.shell_part[shell]
        angle = math.radians((45, 135, 30, 120, 60, 150)[part % 6])
        gap = view.style.hatch * (1.0, 1.35, 0.8)[part // 2 % 3]
        turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
        local = pieces @ turn.T
        low, high = np.floor(local[:, :, 1].min() / gap), np.ceil(local[:, :, 1].max() / gap)
        for row in np.arange(low, high + 1):
            y = row * gap + 0.37
            a, b = local[:, 0], local[:, 1]
            cross = (a[:, 1] <= y) != (b[:, 1] <= y)
            if not cross.any():
                continue
            a, b = a[cross], b[cross]
            xs = np.sort(a[:, 0] + (y - a[:, 1]) * (b[:, 0] - a[:, 0]) / (b[:, 1] - a[:, 1]))
            for left, right in zip(xs[::2], xs[1::2], strict=False):
                if right - left > 3:
                    lines.append(
                        Line(np.array([[left, y], [right, y]]) @ turn, max(2.0, view.style.pen * 0.7))
                    )
    return lines


def _tone(seen: Seen, scale: float) -> Ink:
    """Shades as dots."""
    if seen.shade is None:
        raise ValueError("the view was not shaded")
    size = (max(1, round(seen.width * scale)), max(1, round(seen.height * scale)))
    return dithered((seen.shade * 255).astype(np.uint8), size)


def _callouts(
    seen: Seen, scale: float, numerals: dict[int, tuple[str, str]], chance: random.Random
) -> list[Callout]:
    callouts: list[Callout] = []
    height, width = seen.part_map.shape
    done: set[str] = set()
    for part, (numeral, term) in numerals.items():
        if numeral in done:
            continue
        rows, columns = np.nonzero(seen.part_map == part)
        if len(rows) < 14:
            continue
        picks = np.array([chance.randrange(len(rows)) for _ in range(24)])
        x, y = columns[picks], rows[picks]
        solid = np.zeros(len(picks))
        for dx, dy in ((-3, 0), (3, 0), (0, -3), (0, 3)):
            there = seen.part_map[np.clip(y + dy, 0, height - 1), np.clip(x + dx, 0, width - 1)]
            solid += there == part
        border = np.minimum(np.minimum(x, width - x), np.minimum(y, height - y))
        best = int(np.argmin(border - 60 * solid))
        done.add(numeral)
        callouts.append(Callout(numeral, term, float(x[best] * scale), float(y[best] * scale)))
    return callouts
