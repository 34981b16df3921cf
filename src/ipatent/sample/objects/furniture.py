"""Furniture: chairs and tables."""

import math

import numpy as np

from ipatent.sample.dice import Dice
from ipatent.sample.objects.kind import Kind
from ipatent.sample.profiles import (
    circle,
    ellipse,
    fillet,
    rectangle,
    regular,
    spline,
    superellipse,
)
from ipatent.sample.scene import Part
from ipatent.sample.solids import (
    ball,
    beam,
    box,
    cylinder,
    extrude,
    join,
    lathe,
    rod,
    tube,
)


def chair(dice: Dice) -> list[Part]:
    """A seat with a back, carried by legs, a sled, a pedestal or a star base."""
    wide, deep, high = dice.real(4, 5.6), dice.real(4, 5), dice.real(3.6, 5)
    thick = dice.real(0.2, 0.5)
    outline = dice.pick(("round", "square", "soft", "oval"))
    shapes = {
        "round": circle(wide / 2, 64),
        "square": rectangle(wide, deep, 0.15),
        "soft": rectangle(wide, deep, dice.real(0.6, 1.6)),
        "oval": superellipse(wide / 2, deep / 2, 2.6, 64),
    }
    parts = [Part("seat", extrude(shapes[outline], thick).moved(z=high), explode=(0, 0, 1.5))]
    stand = dice.pick(("legs", "splayed", "square legs", "pedestal", "star", "sled"))
    x, y, lean = wide * 0.33, deep * 0.33, dice.real(0.3, 1.1)
    corners = [(-x, -y), (x, -y), (x, y), (-x, y)]
    if stand in ("legs", "splayed"):
        out = 1 + (lean / 2 if stand == "splayed" else 0)
        size = dice.real(0.13, 0.26)
        for a, b in corners:
            leg = rod((a * out, b * out, 0), (a, b, high), size)
            parts.append(Part("leg", leg, "seat", (a * 0.3, b * 0.3, -1.8)))
        if dice.chance(0.5):
            level = high * dice.real(0.3, 0.5)
            share = 1 + (out - 1) * (1 - level / high)
            for a, b in ((0, 1), (2, 3)):
                start, end = ((corners[i][0] * share, corners[i][1] * share, level) for i in (a, b))
                parts.append(
                    Part("cross bar", rod(start, end, size * 0.6), "leg", (0, -2 + 4 * (a > 0), -2.2))
                )
    elif stand == "square legs":
        size = dice.real(0.3, 0.5)
        for a, b in corners:
            parts.append(Part("leg", box(size, size, high).moved(a, b), "seat", (0, 0, -1.8)))
        if dice.chance(0.6):
            for b in (-y, y):
                rail = box(2 * x - size, size * 0.6, size * 1.4).moved(0, b, high - size * 1.6)
                parts.append(Part("apron", rail, "leg", (0, b * 0.4, -0.6)))
    elif stand == "pedestal":
        foot = dice.real(1.4, 2.2)
        profile = [(foot, 0), (foot, 0.15), (foot * 0.5, 0.4), (0.25, 0.9), (0.22, high)]
        smooth = spline(profile[1:], steps=6)
        parts.append(Part("pedestal", lathe(np.concatenate([[profile[0]], smooth])), "seat", (0, 0, -2)))
    elif stand == "star":
        parts.append(Part("column", cylinder(0.22, high - 0.5).moved(z=0.5), "seat", (0, 0, -1)))
        arms = dice.whole(4, 6)
        for number in range(arms):
            arm = beam((0, 0, 0.6), (2.3, 0, 0.35), 0.35, 0.25).turned("z", 360 / arms * number + 20)
            wheel = cylinder(0.22, 0.3, 24).turned("x", 90).moved(2.25, 0.15, 0.22)
            parts.append(Part("foot", arm, "column", (0, 0, -2)))
            parts.append(Part("caster", wheel.turned("z", 360 / arms * number + 20), "foot", (0, 0, -3)))
    else:
        for a in (-x, x):
            path = fillet([(a, -y, high), (a, -y - 0.2, 0.2), (a, y + 0.2, 0.2), (a, y, high)], 0.7)
            parts.append(Part("sled frame", tube(path, 0.15), "seat", (a * 0.4, 0, -1.5)))
    return parts + _chair_back(dice, wide, deep, high + thick)


def _chair_back(dice: Dice, wide: float, deep: float, level: float) -> list[Part]:
    tall, tilt = dice.real(3, 5), dice.real(0.3, 1.1)
    style = dice.pick(("slats", "spindles", "panel", "hoop", "none", "rails"))
    count = dice.whole(3, 7)
    x, y = wide * 0.36, deep * 0.36
    parts: list[Part] = []
    up = (0.0, 0.8, 2.6)
    if style in ("slats", "spindles", "rails"):
        for a in (-x, x):
            parts.append(
                Part("upright", rod((a, y, level - 0.1), (a, y + tilt, level + tall), 0.17), "seat", up)
            )
        for number in range(count):
            share = (number + 0.7) / (count + 0.2)
            if style == "slats":
                at = (0, y + tilt * share, level + tall * share)
                slat = box(2 * x - 0.3, 0.14, tall / count * 0.5).moved(*at)
                parts.append(Part("slat", slat, "upright", (0, 1.2, 3.6)))
            elif style == "spindles":
                a = -x + 2 * x * (number + 1) / (count + 1)
                bar = rod((a, y, level - 0.1), (a, y + tilt * 0.95, level + tall * 0.94), 0.08, 12)
                parts.append(Part("spindle", bar, "seat", (0, 1, 3.4)))
            else:
                path = spline(
                    [
                        (-x, y + tilt * share, level + tall * share),
                        (0, y + tilt * share + 0.6, level + tall * share),
                        (x, y + tilt * share, level + tall * share),
                    ],
                    steps=8,
                )
                parts.append(Part("back rail", tube(path, 0.12, 12), "upright", (0, 1.2, 3.6)))
        if style == "spindles":
            top = box(2 * x + 0.7, 0.3, 0.6, 0.1).moved(0, y + tilt * 0.97, level + tall * 0.93)
            parts.append(Part("crest rail", top, "spindle", (0, 1.4, 4.6)))
    elif style == "panel":
        shape = dice.pick((rectangle(wide * 0.9, tall * 0.75, 0.7), ellipse(wide * 0.42, tall * 0.4, 56)))
        holes = [rectangle(wide * 0.35, 0.5, 0.24)] if dice.chance(0.4) else []
        panel = extrude(shape, 0.25, holes).turned("x", 90 - math.degrees(math.atan2(tilt, tall)))
        parts.append(Part("backrest", panel.moved(0, y + tilt * 0.8, level + tall * 0.62), "support", up))
        for a in (-x * 0.4, x * 0.4):
            post = rod((a, y, level - 0.1), (a, y + tilt * 0.8, level + tall * 0.6), 0.13)
            parts.append(Part("support", post, "seat", (0, 0.6, 1.9)))
    elif style == "hoop":
        hoop = spline(
            [
                (-x, y, level - 0.1),
                (-x * 1.1, y + tilt, level + tall * 0.7),
                (0, y + tilt * 1.2, level + tall),
                (x * 1.1, y + tilt, level + tall * 0.7),
                (x, y, level - 0.1),
            ],
            steps=10,
        )
        parts.append(Part("hoop", tube(hoop, 0.18), "seat", up))
        parts.append(
            Part(
                "cushion",
                ball(1, 32, 1)
                .scaled(x * 0.7, 0.25, tall * 0.28)
                .moved(0, y + tilt * 0.7, level + tall * 0.45),
                "hoop",
                (0, -1.2, 2.6),
            )
        )
    if style != "none" and dice.chance(0.3):
        for a in (-x * 1.25, x * 1.25):
            path = fillet(
                [(a, -y * 0.8, level - 0.1), (a, -y * 0.9, level + 1.8), (a, y * 1.1, level + 1.9)], 0.5
            )
            parts.append(Part("armrest", tube(path, 0.2), "seat", (a * 0.4, 0, 1.6)))
    return parts


def table(dice: Dice) -> list[Part]:
    """A top on four legs, trestles, a column or a frame, sometimes with a drawer or a shelf."""
    wide, deep, high = dice.real(6, 10), dice.real(4, 6), dice.real(3, 5.5)
    thick = dice.real(0.2, 0.5)
    top = dice.pick(
        (
            rectangle(wide, deep, 0.0),
            rectangle(wide, deep, dice.real(0.5, 2)),
            circle(deep * 0.65, 72),
            superellipse(wide / 2, deep / 2, 2.5, 72),
            regular(6, deep * 0.7),
            regular(8, deep * 0.65, 22.5),
        )
    )
    parts = [Part("table top", extrude(top, thick).moved(z=high), explode=(0, 0, 1.5))]
    a, b = float(top[:, 0].max()) * 0.72, float(top[:, 1].max()) * 0.68
    stand = dice.pick(("square", "turned", "trestle", "column", "hairpin", "panel"))
    corners = [(-a, -b), (a, -b), (a, b), (-a, b)]
    if stand == "square":
        size, foot = dice.real(0.35, 0.6), dice.real(0.5, 1)
        for x, y in corners:
            leg = extrude(rectangle(size, size) * foot, high, taper=1 / foot).moved(x, y)
            parts.append(Part("leg", leg, "table top", (x * 0.2, y * 0.2, -1.5)))
        for y in (-b, b):
            parts.append(
                Part("apron", box(2 * a - size, 0.2, 0.7).moved(0, y, high - 0.7), "leg", (0, y * 0.5, 0))
            )
    elif stand == "turned":
        waist = dice.real(0.14, 0.24)
        shape = [
            (0.16, 0),
            (0.3, 0.2 * high),
            (waist, 0.35 * high),
            (0.32, 0.55 * high),
            (waist, 0.7 * high),
            (0.34, 0.85 * high),
            (0.34, high),
        ]
        for x, y in corners:
            parts.append(
                Part("leg", lathe(spline(shape, steps=6), 32).moved(x, y), "table top", (0, 0, -1.8))
            )
    elif stand == "trestle":
        spread = dice.real(0.4, 1.2)
        for x in (-a * 0.8, a * 0.8):
            for side in (-1, 1):
                strut = beam((x, side * (b * 0.4 + spread), 0), (x, side * b * 0.4, high), 0.35, 0.3)
                parts.append(Part("strut", strut, "table top", (x * 0.3, 0, -1.5)))
            parts.append(
                Part("foot", box(0.5, b * 0.8 + 2.4 * spread, 0.2).moved(x), "strut", (x * 0.3, 0, -2.5))
            )
        parts.append(
            Part(
                "stretcher",
                beam((-a * 0.8, 0, high * 0.4), (a * 0.8, 0, high * 0.4), 0.5, 0.3),
                "strut",
                (0, 0, -0.7),
            )
        )
    elif stand == "column":
        parts.append(Part("column", cylinder(dice.real(0.3, 0.7), high), "table top", (0, 0, -1.2)))
        arms = dice.whole(3, 5)
        for number in range(arms):
            arm = beam((0, 0, 0.5), (b * 1.2, 0, 0.15), 0.4, 0.3).turned("z", 30 + 360 / arms * number)
            parts.append(Part("foot", arm, "column", (0, 0, -2.4)))
    elif stand == "hairpin":
        for x, y in corners:
            tip = (x * 1.12, y * 1.12, 0.1)
            path = fillet([(x - 0.5, y, high), tip, (x + 0.3, y + 0.3, high)], 0.25)
            parts.append(Part("wire leg", tube(path, 0.1, 12), "table top", (0, 0, -1.5)))
    else:
        for x in (-a, a):
            parts.append(Part("side panel", box(0.3, b * 2, high).moved(x), "table top", (x * 0.35, 0, -1)))
        parts.append(
            Part(
                "rear panel",
                box(2 * a - 0.3, 0.2, high * 0.6).moved(0, b * 0.9, high * 0.4),
                "side panel",
                (0, 2.5, -0.6),
            )
        )
    if stand in ("square", "panel") and dice.chance(0.6):
        drawers = dice.whole(1, 3)
        for number in range(drawers):
            span = 1.7 * a / drawers
            x = -0.85 * a + span * (number + 0.5)
            front = box(span * 0.9, b * 1.2, 0.55).moved(x, -b * 0.5, high - 0.62)
            knob = ball(0.13, 20).moved(x, -b * 1.1 - 0.12, high - 0.34)
            parts.append(
                Part("drawer", join(front, knob), "apron" if stand == "square" else "side panel", (0, -3, 0))
            )
    if stand in ("square", "turned") and dice.chance(0.4):
        parts.append(
            Part("lower shelf", box(2 * a + 0.2, 2 * b + 0.2, 0.2).moved(z=high * 0.25), "leg", (0, 0, -0.9))
        )
    return parts


FURNITURE = {
    "chair": Kind(
        chair,
        ("chair", "seat", "seating unit"),
        ("stackable", "adjustable", "lightweight"),
        ("A47C 7/02", "A47C 5/00"),
        "06-01",
        ("D6/334", "D6/367"),
        "supporting a seated person",
        "tip easily and take much room when stored",
    ),
    "table": Kind(
        table,
        ("table", "work table", "desk"),
        ("collapsible", "modular", "knock-down"),
        ("A47B 13/02", "A47B 3/08"),
        "06-03",
        ("D6/656", "D6/691"),
        "supporting articles at a convenient height",
        "wobble on uneven floors",
    ),
}
"""Kinds of furniture by name."""
