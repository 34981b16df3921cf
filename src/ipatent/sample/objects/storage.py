"""Things to keep things in: shelves, racks, baskets, suitcases."""

import numpy as np

from ipatent.sample.dice import Dice
from ipatent.sample.objects.kind import Kind
from ipatent.sample.profiles import fillet, helix, rectangle, spline, superellipse
from ipatent.sample.scene import Part
from ipatent.sample.solids import (
    ball,
    beam,
    box,
    cylinder,
    extrude,
    join,
    lathe,
    loft,
    rod,
    sweep,
    torus,
    tube,
)


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


def basket(dice: Dice) -> list[Part]:
    """A tray or basket of wires, slats or closed walls, with handles and feet."""
    wide, deep, high = dice.real(4, 6), dice.real(3, 4.4), dice.real(1.4, 3)
    flare, style = dice.real(1.0, 1.3), dice.pick(("wire", "slat", "solid"))
    power = dice.real(2.2, 6)
    lower, upper = (
        superellipse(wide / 2, deep / 2, power, 64),
        superellipse(wide / 2 * flare, deep / 2 * flare, power, 64),
    )
    parts = [Part("bottom", extrude(lower, 0.2))]
    if style == "solid":
        outline = upper
        wall = extrude(lower * 1.0, high, [lower * 0.95], taper=flare)
        parts.append(Part("side wall", wall.moved(z=0.2), "bottom", (0, 0, 1)))
        for side in (-1, 1):
            parts.append(
                Part(
                    "grip",
                    torus(0.6, 0.13, 36, 12).turned("y", 90).moved(side * wide / 2 * flare * 1.02, 0, high),
                    "side wall",
                    (side * 1.2, 0, 0.5),
                )
            )
    else:
        outline = upper
        count = dice.whole(14, 26)
        for number in range(count):
            at = number * 64 // count
            start, end = (*lower[at], 0.1), (*upper[at], high)
            bar = rod(start, end, 0.07, 12) if style == "wire" else beam(start, end, 0.3, 0.08)
            parts.append(Part("upright wire" if style == "wire" else "slat", bar, "bottom", (0, 0, 0.9)))
        for number in range(dice.whole(0, 3)):
            share = (number + 1) / 4
            hoop = np.column_stack([lower + (upper - lower) * share, np.full(64, high * share)])
            parts.append(Part("hoop", tube(hoop, 0.06, 12, closed=True), "bottom", (0, 0, 1.2)))
    rim = np.column_stack([outline, np.full(64, high)])
    parts.append(Part("rim", tube(rim, dice.real(0.09, 0.16), 12, closed=True), "bottom", (0, 0, 1.8)))
    if dice.chance(0.6):
        tall = dice.real(1.5, 3)
        bow = spline(
            [
                (-wide / 2 * flare, 0, high),
                (-wide * 0.35, 0, high + tall),
                (wide * 0.35, 0, high + tall),
                (wide / 2 * flare, 0, high),
            ],
            steps=10,
        )
        parts.append(Part("carrying handle", tube(bow, 0.13), "rim", (0, 0, 3)))
    else:
        coil = helix(0.2, 0.16, 5, 14) + np.array([0, -deep / 2 * flare - 0.2, high])
        parts.append(Part("coil hanger", tube(coil, 0.05, 12), "rim", (0, -1, 2)))
    for x in (-wide * 0.3, wide * 0.3):
        for y in (-deep * 0.28, deep * 0.28):
            parts.append(Part("foot", lathe([(0.16, -0.5), (0.26, 0)], 24).moved(x, y), "bottom", (0, 0, -1)))
    return parts


def suitcase(dice: Dice) -> list[Part]:
    """A shell on wheels with handle, ribs, locks or straps."""
    wide, deep, high = dice.real(3.2, 4.6), dice.real(1.6, 2.4), dice.real(4.6, 6.6)
    radius = dice.real(0.15, 0.9)
    gap = 0.08
    half = deep / 2 - gap / 2

    outline = rectangle(wide, high, radius, 8)
    rings = [
        np.column_stack([outline, np.full(len(outline), 0.0)]),
        np.column_stack([outline, np.full(len(outline), half * 0.8)]),
        np.column_stack([outline * 0.97, np.full(len(outline), half * 0.95)]),
        np.column_stack([outline * 0.93, np.full(len(outline), half)]),
    ]
    front = loft(rings).turned("x", 90).moved(0, -gap / 2, high / 2 + 0.4)
    rear = front.scaled(1, -1, 1)
    parts = [
        Part("front shell", front, "", (0, -2.2, 0)),
        Part("rear shell", rear, "front shell", (0, 2.2, 0)),
    ]
    seam = extrude(outline * 0.985, gap * 1.2).turned("x", 90).moved(0, gap * 0.6, high / 2 + 0.4)
    parts.append(Part("seam frame", seam, "front shell"))
    face = -deep / 2
    decor = dice.pick(("ribs", "cross ribs", "pocket", "belt", "plain"))
    count = dice.whole(3, 8)
    if decor in ("ribs", "cross ribs"):
        for number in range(count):
            share = (number + 0.5) / count - 0.5
            at = (
                (share * wide * 0.8, face, high / 2 + 0.4)
                if decor == "ribs"
                else (0.0, face, high / 2 + 0.4 + share * high * 0.8)
            )
            size = (
                (wide * 0.4 / count, high * 0.78) if decor == "ribs" else (wide * 0.78, high * 0.35 / count)
            )
            parts.append(
                Part(
                    "rib",
                    extrude(rectangle(*size, min(size) * 0.48), 0.1).turned("x", 90).moved(*at),
                    "front shell",
                    (0, -3, 0),
                )
            )
    elif decor == "pocket":
        pocket = extrude(rectangle(wide * 0.75, high * dice.real(0.3, 0.55), 0.3), 0.25, taper=0.96).turned(
            "x", 90
        )
        parts.append(Part("pocket", pocket.moved(0, face, high * 0.4), "front shell", (0, -3.2, 0)))
    elif decor == "belt":
        for level in (0.3, 0.7):
            parts.append(
                Part(
                    "belt",
                    box(wide + 0.12, deep + 0.12, 0.3, radius * 0.3).moved(z=0.4 + high * level),
                    "front shell",
                    (0, 0, 1),
                )
            )
    corners = [
        (-wide * 0.4, -deep * 0.32),
        (wide * 0.4, -deep * 0.32),
        (wide * 0.4, deep * 0.32),
        (-wide * 0.4, deep * 0.32),
    ]
    for x, y in corners if dice.chance(0.7) else corners[2:]:
        fork = box(0.35, 0.45, 0.3).moved(x, y, 0.25)
        wheel = cylinder(0.26, 0.22, 28).turned("y", 90).moved(x - 0.11, y, 0.16)
        parts += [
            Part("wheel fork", fork, "rear shell", (0, 0, -0.8)),
            Part("wheel", wheel, "wheel fork", (0, 0, -1.6)),
        ]
    top = high + 0.4
    pull = dice.real(1.2, 2.6)
    span = wide * dice.real(0.2, 0.32)
    bar = fillet(
        [
            (-span, deep * 0.3, top - 0.3),
            (-span, deep * 0.3, top + pull),
            (span, deep * 0.3, top + pull),
            (span, deep * 0.3, top - 0.3),
        ],
        0.2,
    )
    parts.append(Part("telescopic handle", tube(bar, 0.11), "rear shell", (0, 0, 1.8)))
    loop = fillet(
        [(-0.8, 0, top - 0.1), (-0.7, 0, top + 0.45), (0.7, 0, top + 0.45), (0.8, 0, top - 0.1)], 0.25
    )
    parts.append(
        Part("carry handle", sweep(rectangle(0.35, 0.16, 0.06), loop), "front shell", (0, -0.4, 1.2))
    )
    parts.append(
        Part(
            "lock", box(0.3, 0.7, 0.5, 0.05).moved(wide / 2 + 0.05, 0, high * 0.6), "seam frame", (1.2, 0, 0)
        )
    )
    return parts


STORAGE = {
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
    "suitcase": Kind(
        suitcase,
        ("suitcase", "luggage case", "trolley case"),
        ("lightweight", "expandable", "impact-resistant"),
        ("A45C 5/14", "A45C 13/26"),
        "03-01",
        ("D3/279", "D3/276"),
        "carrying a traveller's belongings",
        "crack at the corners and are heavy",
    ),
    "basket": Kind(
        basket,
        ("basket", "storage basket", "tray"),
        ("nestable", "collapsible", "ventilated"),
        ("B65D 25/28", "A47G 19/00"),
        "07-07",
        ("D32/55", "D7/553"),
        "holding loose articles",
        "cannot be nested and deform under load",
    ),
}
"""Kinds of storage by name."""
