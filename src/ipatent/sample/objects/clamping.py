"""Tools that grip work: wrenches and clamps."""

import math

import numpy as np

from ipatent.sample.dice import Dice
from ipatent.sample.objects.kind import Kind
from ipatent.sample.profiles import (
    arc,
    circle,
    ellipse,
    fillet,
    helix,
    rectangle,
    regular,
    spline,
    strip,
    wavy,
)
from ipatent.sample.scene import Part
from ipatent.sample.solids import (
    Solid,
    ball,
    box,
    cylinder,
    extrude,
    join,
    lathe,
    rod,
    tube,
)


def wrench(dice: Dice) -> list[Part]:
    """Open-end, ring, combination, adjustable or pipe wrench."""
    long, wide, thick = dice.real(6, 9), dice.real(0.5, 0.8), dice.real(0.3, 0.5)
    style = dice.pick(("open", "combination", "adjustable", "ring", "hook"))
    shank = extrude(rectangle(long - 1.2, wide, wide * 0.2), thick).moved(long / 2)
    parts = [Part("shank", shank)]
    if dice.chance(0.5):
        parts.append(
            Part(
                "recessed panel",
                extrude(rectangle(long * 0.45, wide * 0.5, wide * 0.24), 0.06).moved(long / 2, 0, thick),
                "shank",
                (0, 0, 1),
            )
        )

    def jaw(radius: float, opening: float, angle: float) -> Solid:
        half = math.degrees(math.asin(opening / radius))
        outer = arc((0, 0), radius, half, 360 - half, 36)
        slot = np.array([[-radius * 0.15, -opening], [-radius * 0.35, 0], [-radius * 0.15, opening]])
        return extrude(np.concatenate([outer, slot]), thick * 1.5, base=-thick * 0.25).turned("z", angle)

    tilt = dice.real(5, 25)
    radius = dice.real(0.95, 1.35)
    if style in ("open", "combination"):
        parts.append(
            Part("open jaw", jaw(radius, radius * 0.48, -180 + tilt).moved(0.2), "shank", (-1.8, 0, 0))
        )
    if style == "open":
        parts.append(
            Part(
                "second jaw", jaw(radius * 0.85, radius * 0.38, tilt).moved(long - 0.2), "shank", (1.8, 0, 0)
            )
        )
    if style in ("combination", "ring"):
        hole = wavy(radius * 0.55, 12, 0.05) if dice.chance(0.6) else regular(6, radius * 0.58)
        ends = (long,) if style == "combination" else (0.0, long)
        for number, x in enumerate(ends):
            ring = extrude(
                circle(radius * (0.95 - 0.15 * number), 56),
                thick * 1.6,
                [hole * (1 - 0.15 * number)],
                base=-thick * 0.3,
            )
            parts.append(Part("ring end", ring.moved(x), "shank", (1.8 if x else -1.8, 0, 0)))
    if style == "adjustable":
        fixed = np.array(
            [
                [0.6, -0.5],
                [0.3, -1.2],
                [-0.9, -1.3],
                [-1.6, -0.9],
                [-1.7, -0.55],
                [-0.4, -0.45],
                [-0.1, 0.9],
                [0.4, 0.8],
            ]
        )
        parts.append(
            Part("fixed jaw", extrude(fixed, thick * 1.5, base=-thick * 0.25), "shank", (-0.8, -0.8, 0))
        )
        moving = np.array([[-0.3, 0.1], [-1.65, 0.0], [-1.75, 0.35], [-1.0, 0.75], [-0.1, 0.9], [0.0, 0.5]])
        parts.append(
            Part("movable jaw", extrude(moving, thick * 1.2, base=-thick * 0.1), "fixed jaw", (-1.2, 1.6, 0))
        )
        worm = lathe(
            np.concatenate(
                [
                    [(0.12, -0.36)],
                    *[[(0.25, -0.32 + 0.12 * n), (0.18, -0.26 + 0.12 * n)] for n in range(6)],
                    [(0.12, 0.42)],
                ]
            ),
            28,
        )
        parts.append(
            Part("adjusting screw", worm.turned("y", 90).moved(0.2, 0.3, thick), "movable jaw", (0, 1.0, 1.2))
        )
    if style == "hook":
        hook = spline([(0.8, 0), (0, 0.9), (-1.4, 1.0), (-2.3, 0.2), (-2.3, -0.7)], steps=8)
        parts.append(
            Part(
                "hook jaw", extrude(strip(hook, 0.5), thick * 1.2, base=-thick * 0.1), "shank", (-1.8, 0.4, 0)
            )
        )
        parts.append(
            Part(
                "pivot pin",
                cylinder(0.22, thick * 2, 28).moved(0.7, 0.1, -thick * 0.5),
                "hook jaw",
                (0, 0, 1.6),
            )
        )
        parts.append(
            Part(
                "heel jaw", extrude(rectangle(0.9, 1.2, 0.1), thick).moved(-0.1, -0.4), "shank", (-0.6, -1, 0)
            )
        )
    if style in ("adjustable", "hook"):
        sleeve = dice.pick(
            (rectangle(long * 0.4, wide * 1.35, 0.2), rectangle(long * 0.45, wide * 1.25, wide * 0.6))
        )
        parts.append(
            Part(
                "grip",
                extrude(
                    sleeve,
                    thick * 1.5,
                    [ellipse(0.22, 0.16, 28) + np.array([long * 0.14, 0])],
                    base=-thick * 0.25,
                ).moved(long * 0.82),
                "shank",
                (2.4, 0, 0),
            )
        )
    return parts


def clamp(dice: Dice) -> list[Part]:
    """A C-clamp, bar clamp or spring clamp."""
    wide, high, thick = dice.real(2.4, 3.6), dice.real(4, 6), dice.real(0.5, 0.9)
    style = dice.pick(("c", "bar", "spring"))
    parts: list[Part] = []
    if style == "c":
        bow = dice.pick(
            (
                fillet([(0, 0), (wide, 0), (wide, high), (0, high)], dice.real(0.4, 1.4), 8),
                spline(
                    [(0, 0), (wide * 0.9, 0.2), (wide * 1.2, high / 2), (wide * 0.9, high - 0.2), (0, high)],
                    steps=8,
                ),
            )
        )
        parts.append(
            Part("frame", extrude(strip(bow, dice.real(0.5, 0.8)), thick, base=-thick / 2).turned("x", 90))
        )
        parts.append(Part("boss", cylinder(0.5, 0.9, 36).moved(0, 0, -0.45), "frame", (-0.8, 0, 0)))
        reach = high * dice.real(0.45, 0.75)
        parts += _spindle(dice, reach)
        parts.append(Part("anvil", cylinder(0.45, 0.3, 36).moved(0, 0, high - 0.5), "frame", (0, 0, 0.9)))
    elif style == "bar":
        long = dice.real(7, 10)
        parts.append(Part("bar", box(0.3, 0.7, long).moved(0, 0, -1)))
        arm = np.array([[0.6, 0.0], [-2.2, 0.15], [-2.5, 0.55], [-1.2, 0.9], [0.6, 1.0]])
        parts.append(
            Part(
                "fixed arm",
                extrude(arm, thick, base=-thick / 2).turned("x", 90).moved(0, 0, long - 1.6),
                "bar",
                (0, 0, 1.6),
            )
        )
        level = long * dice.real(0.2, 0.5)
        parts.append(
            Part(
                "sliding arm",
                extrude(arm * np.array([1, -1]), thick, base=-thick / 2).turned("x", 90).moved(0, 0, level),
                "bar",
                (-1.5, 0, 0),
            )
        )
        parts += [
            Part(
                p.term,
                p.solid.scaled(0.8, 0.8, 0.8).moved(-2, 0, level),
                p.on if p.on != "frame" else "sliding arm",
                p.explode,
            )
            for p in _spindle(dice, 1.6)
        ]
        parts.append(
            Part("jaw pad", cylinder(0.42, 0.25, 32).moved(-2, 0, long - 1.75), "fixed arm", (0, 0, -0.8))
        )
    else:
        for side in (-1, 1):
            shape = spline(
                [(0.2, -3.2), (0.9, -1.6), (0.45, 0), (1.0, 1.2), (0.35, 2.6)], steps=7
            ) * np.array([side, 1])
            jaw = extrude(strip(shape, 0.45), thick * 1.3, base=-thick * 0.65).turned("x", 90)
            parts.append(Part("lever", jaw, "pivot", (side * 1.5, 0, 0)))
            parts.append(
                Part(
                    "jaw pad",
                    box(0.3, thick * 1.1, 0.7, 0.1).moved(side * 0.2, 0, 2.2),
                    "lever",
                    (side * 0.6, 0, 1.6),
                )
            )
            parts.append(
                Part(
                    "finger grip",
                    box(0.5, thick * 1.5, 1.3, 0.2).moved(side * 0.45, 0, -3.6),
                    "lever",
                    (side * 1.5, 0, -1.4),
                )
            )
        parts.append(
            Part(
                "pivot",
                cylinder(0.3, thick * 1.8, 32).turned("x", 90).moved(0, thick * 0.9, 0),
                "lever",
                (0, -2, 0),
            )
        )
        coil = helix(0.42, 0.14, 4, 18)
        parts.append(
            Part(
                "torsion spring", tube(coil, 0.05, 12).turned("x", 90).moved(0, 0.3, 0), "pivot", (0, -3.2, 0)
            )
        )
    return parts


def _spindle(dice: Dice, reach: float) -> list[Part]:
    radius = 0.26
    turns = int((reach + 1.6) / 0.22)
    ridges = [(radius * (1.0 if n % 2 else 0.8), -1.6 + 0.11 * n) for n in range(2 * turns)]
    screw = lathe(np.array(ridges), 28)
    parts = [
        Part("spindle", screw.moved(z=0), "frame", (0, 0, -1.5)),
        Part(
            "swivel pad",
            lathe([(0.35, 0), (0.55, 0.15), (0.55, 0.35)], 36).moved(z=reach),
            "spindle",
            (0, 0, -0.6),
        ),
    ]
    grip = dice.pick(("bar", "wing", "handle"))
    if grip == "bar":
        parts.append(
            Part(
                "tommy bar",
                join(
                    rod((-1.1, 0, -1.7), (1.1, 0, -1.7), 0.11),
                    ball(0.2, 20).moved(-1.1, 0, -1.7),
                    ball(0.2, 20).moved(1.1, 0, -1.7),
                ),
                "spindle",
                (0, 0, -2.6),
            )
        )
    elif grip == "wing":
        parts.append(
            Part(
                "wing grip",
                extrude(ellipse(1.0, 0.4, 40), 0.3, base=-0.15).turned("x", 90).moved(0, 0, -1.9),
                "spindle",
                (0, 0, -2.4),
            )
        )
    else:
        parts.append(
            Part(
                "handle",
                lathe(spline([(0.3, -4), (0.5, -3.4), (0.4, -2.4), (0.5, -1.7)], steps=6), 36),
                "spindle",
                (0, 0, -2.4),
            )
        )
    return parts


CLAMPING = {
    "wrench": Kind(
        wrench,
        ("wrench", "spanner", "hand tool"),
        ("ratcheting", "adjustable", "reversible"),
        ("B25B 13/08", "B25B 13/14"),
        "08-05",
        ("D8/21", "D8/28"),
        "turning nuts and bolts",
        "slip from worn bolt heads",
    ),
    "clamp": Kind(
        clamp,
        ("clamp", "clamping device", "vise"),
        ("quick-release", "one-handed", "self-aligning"),
        ("B25B 5/10", "B25B 1/10"),
        "08-05",
        ("D8/72", "D8/74"),
        "holding workpieces together",
        "mark the workpiece and need both hands",
    ),
}
"""Kinds of gripping tool by name."""
