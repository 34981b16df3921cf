"""Toys: robots, stacking towers, pull-along animals, spinning tops."""

import numpy as np

from ipatent.sample.dice import Dice
from ipatent.sample.objects.kind import Kind
from ipatent.sample.profiles import circle, ellipse, rectangle, spline
from ipatent.sample.scene import Part
from ipatent.sample.solids import ball, box, cylinder, extrude, join, lathe, loft, pipe, rod, torus, tube


def toy(dice: Dice) -> list[Part]:
    """A robot, a stacking tower, a pull-along animal or a spinning top."""
    style = dice.pick(("robot", "tower", "animal", "top"))
    parts: list[Part] = []
    if style == "robot":
        wide, deep, high = dice.real(1.8, 3), dice.real(1.2, 2), dice.real(2, 3)
        parts.append(Part("torso", box(wide, deep, high, dice.real(0.05, 0.5)).moved(z=1.8)))
        head = dice.pick(
            (
                box(wide * 0.7, deep * 0.8, 1.3, 0.2),
                cylinder(wide * 0.38, 1.3),
                lathe(
                    np.concatenate(
                        [
                            [(wide * 0.42, 0)],
                            circle(wide * 0.42, 40)[:10] * np.array([1, 1.3]) + np.array([0, 0.5]),
                        ]
                    ),
                    40,
                ),
            )
        )
        parts.append(Part("head", head.moved(z=high + 2.0), "neck", (0, 0, 1.6)))
        parts.append(Part("neck", cylinder(0.3, 0.22).moved(z=high + 1.8), "torso", (0, 0, 0.7)))
        for x in (-1, 1):
            parts.append(
                Part(
                    "eye",
                    cylinder(0.18, 0.15, 24)
                    .turned("x", 90)
                    .moved(x * wide * 0.17, -deep * 0.38, high + 2.75),
                    "head",
                    (0, -1, 1.6),
                )
            )
            arm = rod((x * wide / 2, 0, high + 1.4), (x * (wide / 2 + 0.7), -0.2, high + 0.2), 0.22)
            parts.append(
                Part(
                    "arm",
                    join(arm, ball(0.34, 24).moved(x * (wide / 2 + 0.75), -0.2, high)),
                    "torso",
                    (x * 1.3, 0, 0),
                )
            )
            parts.append(Part("leg", cylinder(0.34, 1.8, 28).moved(x * wide * 0.27), "torso", (0, 0, -1)))
            parts.append(
                Part("foot", box(0.8, 1.3, 0.4, 0.2).moved(x * wide * 0.27, -0.2), "leg", (0, 0, -1.8))
            )
        parts.append(
            Part(
                "antenna",
                join(
                    rod((0, 0, high + 3.2), (0.2, 0, high + 4.2), 0.06, 12),
                    ball(0.18, 20).moved(0.2, 0, high + 4.2),
                ),
                "head",
                (0, 0, 2.2),
            )
        )
        parts.append(
            Part(
                "chest plate",
                extrude(rectangle(wide * 0.6, high * 0.4, 0.15), 0.1)
                .turned("x", 90)
                .moved(0, -deep / 2, 1.8 + high * 0.55),
                "torso",
                (0, -1.2, 0),
            )
        )
    elif style == "tower":
        count, wide = dice.whole(4, 8), dice.real(2, 3)
        shape = dice.pick(("ring", "disc", "cup"))
        parts.append(
            Part("base", lathe([(wide * 1.15, 0), (wide * 1.15, 0.3), (wide * 0.9, 0.5)], 64), "", (0, 0, -1))
        )
        for number in range(count):
            radius, level = wide * (1 - 0.75 * number / count), 0.5 + number * 0.7
            ring = {
                "ring": torus(radius * 0.66, 0.35, 56).moved(z=0.35),
                "disc": pipe(radius, 0.22, 0.66, 56),
                "cup": lathe([(radius * 0.85, 0), (radius, 0.6), (radius * 0.3, 0.66)], 56),
            }[shape]
            parts.append(
                Part("ring" if shape != "cup" else "cup", ring.moved(z=level), "base", (0, 0, 0.5 * number))
            )
        parts.append(Part("spindle", cylinder(0.2, count * 0.7 + 0.7, 24).moved(z=0.4), "base"))
        parts.append(
            Part("top ball", ball(0.5, 32).moved(z=count * 0.7 + 1.4), "spindle", (0, 0, 0.6 * count))
        )
    elif style == "animal":
        long = dice.real(3.4, 4.6)
        rings = [
            np.column_stack(
                [np.full(40, x * long - long / 2), ellipse(0.9 * s, 1.1 * s, 40) + np.array([0, 2.2])]
            )
            for x, s in ((0, 0.3), (0.08, 0.75), (0.35, 1.0), (0.7, 0.95), (0.92, 0.7), (1, 0.3))
        ]
        parts.append(Part("body", loft(rings, 20)))
        parts.append(
            Part("head", ball(dice.real(0.75, 1.05), 36).moved(long / 2 + 0.4, 0, 3.5), "body", (1.2, 0, 0.5))
        )
        parts.append(
            Part(
                "snout",
                lathe([(0.45, 0), (0.4, 0.6), (0.25, 0.75)], 28)
                .turned("y", 95)
                .moved(long / 2 + 1.1, 0, 3.35),
                "head",
                (2, 0, 0.5),
            )
        )
        tall = dice.real(0.5, 1.5)
        for y in (-0.45, 0.45):
            ear = ball(0.4, 24).scaled(0.5, 0.3, tall).moved(long / 2 + 0.3, y, 4.3 + tall * 0.3)
            parts.append(Part("ear", ear, "head", (0.6, y, 1.8)))
        for station in (-long * 0.3, long * 0.3):
            parts.append(
                Part("axle", rod((station, -1.4, 0.7), (station, 1.4, 0.7), 0.1), "body", (0, 0, -1))
            )
            for y in (-1.35, 1.1):
                parts.append(
                    Part(
                        "wheel",
                        cylinder(0.7, 0.25, 44).turned("station", -90).moved(station, y, 0.7),
                        "axle",
                        (0, y * 0.8, -1),
                    )
                )
        parts.append(
            Part(
                "tail",
                tube(
                    spline([(-long / 2 + 0.1, 0, 2.4), (-long / 2 - 0.7, 0, 2.9), (-long / 2 - 0.9, 0, 3.7)]),
                    0.13,
                ),
                "body",
                (-1, 0, 0.4),
            )
        )
    else:
        wide = dice.real(1.6, 2.6)
        curve = spline(
            [(0.06, -1.6), (wide * 0.5, -0.7), (wide, 0), (wide * dice.real(0.5, 0.9), 0.5), (0.3, 0.9)],
            steps=8,
        )
        parts.append(Part("body", lathe(np.concatenate([[(0, -1.7)], curve]), 64)))
        parts.append(Part("rim", torus(wide, 0.16, 64), "body", (0, 0, 1)))
        parts.append(Part("stem", cylinder(0.2, dice.real(1.2, 2.4), 24).moved(z=0.8), "body", (0, 0, 1.8)))
        parts.append(
            Part(
                "grip",
                lathe([(0.3, 0), (0.45, 0.2), (0.3, 0.9), (0.5, 1.1)], 28).moved(z=1.8),
                "stem",
                (0, 0, 3),
            )
        )
    return parts


TOYS = {
    "toy": Kind(
        toy,
        ("toy", "play figure", "educational toy"),
        ("interactive", "stackable", "child-safe"),
        ("A63H 3/00", "A63H 33/00"),
        "21-01",
        ("D21/578", "D21/483"),
        "amusing and teaching a child",
        "come apart into small pieces",
    ),
}
"""Kinds of toy by name."""
