"""Furniture: chairs, tables, shelves, shoe racks, lamps, clocks."""

import math

import numpy as np

from ipatent.sample.dice import Dice
from ipatent.sample.objects.kind import Kind
from ipatent.sample.profiles import (
    arc,
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
    Solid,
    ball,
    beam,
    box,
    cylinder,
    extrude,
    join,
    lathe,
    pipe,
    rod,
    sweep,
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


def shelf(dice: Dice) -> list[Part]:
    """Boards between side panels, on ladders of rods, or on brackets at the wall."""
    wide, deep, high = dice.real(4, 8), dice.real(1.5, 2.5), dice.real(5, 9)
    count, thick = dice.whole(3, 6), dice.real(0.12, 0.35)
    style = dice.pick(("case", "ladder", "rods", "cubes", "wall"))
    parts: list[Part] = []
    step = high / count
    for number in range(count):
        level = 0.3 + number * step
        span = wide - 0.2 if style == "case" else wide
        depth = deep * (1 - 0.12 * number) if style == "ladder" else deep
        y = (deep - depth) / 2
        parts.append(
            Part(
                "shelf board",
                box(span, depth, thick).moved(0, y, level),
                "side panel",
                (0, -2.2, 0.3 * number),
            )
        )
    if style == "case":
        for x in (-wide / 2, wide / 2):
            parts.append(Part("side panel", box(0.25, deep, high).moved(x), "shelf board", (x * 0.5, 0, 0)))
        parts.append(
            Part("top panel", box(wide + 0.4, deep + 0.1, 0.25).moved(z=high), "side panel", (0, 0, 1.6))
        )
        if dice.chance(0.6):
            parts.append(
                Part("rear panel", box(wide, 0.1, high).moved(0, deep / 2 + 0.06), "side panel", (0, 2.6, 0))
            )
        if dice.chance(0.5):
            parts.append(
                Part(
                    "door",
                    box(wide / 2 - 0.2, 0.15, step * 0.9).moved(-wide / 4, -deep / 2 - 0.1, 0.4),
                    "side panel",
                    (-1, -3.4, 0),
                )
            )
    elif style == "ladder":
        for x in (-wide / 2 - 0.15, wide / 2 + 0.15):
            for y in (-deep / 2, deep / 2):
                rail = beam((x, y, 0), (x, deep * 0.42 if y < 0 else y, high), 0.25, 0.25)
                parts.append(Part("side rail", rail, "shelf board", (x * 0.4, 0, 0)))
    elif style == "rods":
        for x in (-wide * 0.46, wide * 0.46):
            for y in (-deep * 0.42, deep * 0.42):
                pole = join(cylinder(0.1, high, 20).moved(x, y), ball(0.17, 20).moved(x, y, high))
                parts.append(Part("pole", pole, "shelf board", (x * 0.4, y * 0.4, 0)))
    elif style == "cubes":
        columns = dice.whole(2, 4)
        for number in range(columns + 1):
            x = -wide / 2 + wide * number / columns
            parts.append(
                Part(
                    "divider",
                    box(0.15, deep, high - step * 0.2).moved(x, 0, 0.3),
                    "shelf board",
                    (0, 0, 2 if number % 2 else -2),
                )
            )
    else:
        for x in (-wide * 0.32, wide * 0.32):
            plate = box(0.5, 0.12, high).moved(x, deep / 2 + 0.06)
            arms = [
                extrude(np.array([[0, 0], [deep * 0.9, 0], [deep * 0.9, -0.15], [0, -0.7]]), 0.15)
                .turned("x", 90)
                .turned("z", -90)
                .moved(x + 0.075, deep / 2, 0.3 + n * step)
                for n in range(count)
            ]
            parts.append(Part("wall bracket", join(plate, *arms), "shelf board", (0, 2, 0)))
    return parts


def shoe_rack(dice: Dice) -> list[Part]:
    """Tiers of rods or slats between end frames."""
    wide, deep = dice.real(6, 9), dice.real(2.4, 3.4)
    tiers, bars = dice.whole(2, 5), dice.whole(3, 6)
    gap, slope = dice.real(1.3, 2.0), dice.real(0, 0.5)
    style = dice.pick(("rods", "slats", "mesh"))
    frame = dice.pick(("hoop", "panel", "posts"))
    high = tiers * gap + 0.8
    parts: list[Part] = []
    for side in (-1, 1):
        x = side * wide / 2
        away = (side * 2.0, 0.0, 0.0)
        if frame == "hoop":
            path = fillet(
                [(x, -deep / 2, 0), (x, -deep / 2, high), (x, deep / 2, high), (x, deep / 2, 0)], 0.6
            )
            parts.append(Part("end frame", tube(path, 0.13, 12), "", away))
        elif frame == "panel":
            parts.append(
                Part(
                    "end panel",
                    extrude(rectangle(deep, high, 0.5), 0.2, [rectangle(deep * 0.4, 0.4, 0.19)])
                    .turned("x", 90)
                    .turned("z", 90)
                    .moved(x - 0.1, 0, high / 2),
                    "",
                    away,
                )
            )
        else:
            for y in (-deep / 2, deep / 2):
                parts.append(Part("post", box(0.3, 0.3, high, 0.06).moved(x, y), "", away))
                parts.append(
                    Part("foot", lathe([(0.3, -0.3), (0.22, 0)], 24).moved(x, y), "post", (0, 0, -1))
                )
    holder = {"hoop": "end frame", "panel": "end panel", "posts": "post"}[frame]
    for tier in range(tiers):
        level = 0.7 + tier * gap
        for bar in range(bars):
            share = bar / (bars - 1) - 0.5
            y, z = share * deep * 0.85, level + share * slope
            if style == "slats":
                solid = box(wide, deep * 0.5 / bars, 0.12).moved(0, y, z)
                parts.append(Part("slat", solid, holder, (0, 0, 0.5 * tier)))
            else:
                solid = rod((-wide / 2, y, z), (wide / 2, y, z), 0.09, 12)
                parts.append(Part("rod", solid, holder, (0, 0, 0.5 * tier)))
        if style == "mesh":
            for cross in range(5):
                x = (cross - 2) * wide / 6
                parts.append(
                    Part(
                        "cross wire",
                        rod(
                            (x, -deep * 0.45, level - slope / 2 - 0.1),
                            (x, deep * 0.45, level + slope / 2 - 0.1),
                            0.05,
                            12,
                        ),
                        "rod",
                    )
                )
    return parts


def lamp(dice: Dice) -> list[Part]:
    """A shade on a stem, an arm with joints, or a stand with three legs."""
    style = dice.pick(("stem", "arm", "tripod", "arc"))
    high = dice.real(5, 8)
    wide, narrow, tall = dice.real(1.5, 2.6), dice.real(0.6, 1.4), dice.real(1.4, 2.6)
    wall = 0.08
    dome = dice.pick(("cone", "bell", "drum", "globe"))
    if dome == "globe":
        head = ball(wide * 0.75, 40)
    else:
        outer = {
            "cone": [(wide, 0), (narrow, tall)],
            "drum": [(wide * 0.9, 0), (wide * 0.9, tall)],
            "bell": spline([(wide, 0), (wide * 0.85, tall * 0.3), (narrow * 0.6, tall * 0.75), (0.3, tall)]),
        }[dome]
        line = np.asarray(outer, dtype=float)
        head = lathe(np.concatenate([line, (line - np.array([wall, 0]))[::-1]]), 64, ring=True)
        head = join(head, rod((-narrow, 0, tall * 0.96), (narrow, 0, tall * 0.96), 0.06, 12))
    foot = dice.real(1.1, 1.9)
    parts: list[Part] = []
    if style == "stem":
        waist = dice.real(0.1, 0.3)
        turned = spline(
            [
                (foot, 0.25),
                (foot * 0.4, 0.6),
                (waist, 1.2),
                (dice.real(0.2, 0.9), high * 0.4),
                (waist, high * 0.7),
                (0.12, high),
            ],
            steps=8,
        )
        parts.append(Part("base", cylinder(foot * 1.05, 0.25, 56), "", (0, 0, -1.6)))
        parts.append(Part("stem", lathe(turned, 48), "base"))
        parts.append(Part("shade", head.moved(z=high - tall * 0.7), "stem", (0, 0, 2.4)))
        parts.append(Part("finial", ball(0.2, 24).moved(z=high + tall * 0.35), "shade", (0, 0, 3.6)))
    elif style == "arm":
        elbow, reach = (-dice.real(0.6, 1.6), 0.0, high * 0.6), dice.real(1.5, 3)
        tip = (reach, 0.0, high)
        parts += [
            Part("base", lathe([(foot, 0), (foot, 0.3), (foot * 0.85, 0.45)], 56), "", (0, 0, -1.4)),
            Part("lower arm", rod((0, 0, 0.4), elbow, 0.12), "base"),
            Part(
                "joint",
                cylinder(0.32, 0.6, 32).turned("x", 90).moved(elbow[0], 0.3, elbow[2]),
                "lower arm",
                (-1.4, 0, 0),
            ),
            Part("upper arm", rod(elbow, tip, 0.11), "joint", (0.8, 0, 1.2)),
            Part(
                "shade",
                head.scaled(0.7, 0.7, 0.7).turned("y", dice.real(-35, 10)).moved(reach, 0, high - tall * 0.6),
                "upper arm",
                (2.2, 0, 1.4),
            ),
        ]
    elif style == "tripod":
        for number in range(3):
            turn = math.radians(90 + 120 * number)
            leg = rod(
                (1.9 * math.cos(turn), 1.9 * math.sin(turn), 0),
                (0.15 * math.cos(turn), 0.15 * math.sin(turn), high - 0.3),
                0.13,
            )
            parts.append(Part("leg", leg, "hub", (0, 0, -1.4)))
        parts.append(Part("hub", cylinder(0.4, 0.5).moved(z=high - 0.5), "shade"))
        parts.append(Part("shade", head.moved(z=high - 0.1), "hub", (0, 0, 1.8)))
    else:
        bow = spline(
            [(-1.5, 0, 0.3), (-1.6, 0, high * 0.6), (0, 0, high), (1.6, 0, high * 0.9), (1.9, 0, high * 0.7)],
            steps=10,
        )
        parts += [
            Part("base", box(foot * 1.6, foot * 1.6, 0.35, 0.2).moved(-1.5), "", (0, 0, -1.4)),
            Part("bowed tube", tube(bow, 0.12), "base"),
            Part(
                "shade",
                head.scaled(0.75, 0.75, 0.75).moved(1.9, 0, high * 0.7 - tall * 0.74),
                "bowed tube",
                (0, 0, -1.5),
            ),
        ]
    return parts


def clock(dice: Dice) -> list[Part]:
    """A dial with hands in a round, square or many-sided case, standing or hanging."""
    radius, deep = dice.real(2, 3), dice.real(0.4, 1.2)
    rim = dice.pick(
        (
            circle(radius * 1.15, 72),
            rectangle(radius * 2.4, radius * 2.4, dice.real(0.1, 1.4)),
            regular(8, radius * 1.25, 22.5),
            regular(6, radius * 1.35),
        )
    )

    def up(solid: Solid) -> Solid:
        return solid.turned("x", 90)

    parts = [
        Part("case", up(extrude(rim, deep, [circle(radius, 64)])), "", (0, 2, 0)),
        Part("dial", up(cylinder(radius, deep * 0.5, 64)), "case", (0, 0.4, 0)),
    ]
    marks = dice.pick((4, 12))
    for number in range(marks):
        turn = 2 * math.pi * number / marks
        mark = (
            box(0.12, 0.05, radius * 0.16)
            .moved(0, -deep * 0.5 - 0.02, radius * 0.76)
            .turned("y", math.degrees(turn))
        )
        parts.append(Part("hour mark", mark, "dial", (0, -0.6, 0)))
    for term, length, angle, width in (
        ("hour hand", 0.5, dice.real(0, 360), 0.2),
        ("minute hand", 0.8, dice.real(0, 360), 0.12),
    ):
        hand = box(width, 0.06, radius * length).moved(0, -deep * 0.5 - 0.15, -0.2).turned("y", angle)
        parts.append(Part(term, hand, "dial", (0, -1.8, 0)))
    parts.append(Part("spindle", up(cylinder(0.14, 0.3, 20)).moved(y=-deep * 0.5), "dial", (0, -3, 0)))
    stand = dice.pick(("feet", "bells", "ring", "none"))
    if stand in ("feet", "bells"):
        for x in (-1, 1):
            parts.append(
                Part(
                    "foot",
                    rod((x * radius * 0.7, -deep / 2, -radius), (x * radius, -deep / 2, -radius * 1.5), 0.15),
                    "case",
                    (0, 0, -1),
                )
            )
            if stand == "bells":
                bell = lathe(np.concatenate([[(0.75, -0.05)], arc((0, 0), 0.75, 0, 90, 10)]), 32).turned(
                    "y", x * 35
                )
                parts.append(
                    Part(
                        "bell",
                        bell.moved(x * radius * 0.75, -deep / 2, radius * 1.12),
                        "case",
                        (x * 0.6, 0, 1),
                    )
                )
    elif stand == "ring":
        ring = sweep(rectangle(0.25, 0.12), np.column_stack([circle(0.5, 32), np.zeros(32)]), closed=True)
        parts.append(
            Part("hanger ring", up(ring).moved(0, -deep / 2, radius * 1.25 + 0.5), "case", (0, 0, 1))
        )
        parts.append(
            Part("collar", pipe(0.3, 0.15, 0.3, 24).moved(0, -deep / 2, radius * 1.12), "case", (0, 0, 0.5))
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
    "shelf": Kind(
        shelf,
        ("shelf", "shelving unit", "bookcase"),
        ("modular", "wall-mounted", "adjustable"),
        ("A47B 47/02", "A47B 96/02"),
        "06-04",
        ("D6/675", "D6/705"),
        "storing and displaying articles",
        "need many fasteners and sag under load",
    ),
    "shoe rack": Kind(
        shoe_rack,
        ("shoe rack", "footwear rack", "storage rack"),
        ("expandable", "stackable", "tiered"),
        ("A47B 61/04", "A47G 25/00"),
        "06-04",
        ("D6/679", "D6/671"),
        "keeping footwear in order",
        "fit one size of shoe only",
    ),
    "lamp": Kind(
        lamp,
        ("lamp", "table lamp", "luminaire"),
        ("adjustable", "dimmable", "articulated"),
        ("F21S 6/00", "F21V 21/26"),
        "26-05",
        ("D26/106", "D26/93"),
        "lighting a work surface",
        "cast glare and cannot be aimed",
    ),
    "clock": Kind(
        clock,
        ("clock", "alarm clock", "wall clock"),
        ("illuminated", "silent", "compact"),
        ("G04B 37/00", "G04B 19/00"),
        "10-01",
        ("D10/15", "D10/28"),
        "showing the time of day",
        "are hard to read from the side",
    ),
}
"""Kinds of furniture by name."""
