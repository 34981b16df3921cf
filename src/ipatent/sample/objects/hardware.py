"""Hardware: hinges, brackets, and the bolts that hold them."""

import numpy as np

from ipatent.sample.dice import Dice
from ipatent.sample.objects.kind import Kind
from ipatent.sample.profiles import arc, circle, fillet, rectangle, regular
from ipatent.sample.scene import Part
from ipatent.sample.solids import Solid, ball, box, cylinder, extrude, join, lathe, pipe, rod, sweep


def bolt(radius: float, length: float, head: str = "hexagon") -> Solid:
    """A bolt that stands on z = 0, head up."""
    top = {
        "hexagon": regular(6, radius * 1.9),
        "round": circle(radius * 1.8, 32),
        "square": rectangle(radius * 3.2, radius * 3.2),
    }[head]
    return join(cylinder(radius, length, 24), extrude(top, radius * 1.2, base=length))


def hinge(dice: Dice) -> list[Part]:
    """Two leaves with knuckles round a pin, opened by some angle; butt, strap or T shapes."""
    high, wide, thick = dice.real(3, 5.5), dice.real(1.4, 2.6), dice.real(0.12, 0.3)
    knuckles = dice.whole(1, 3) * 2 + 1
    radius = thick * dice.real(1.4, 2.2)
    opened = dice.real(60, 170)
    shape = dice.pick(("plain", "rounded", "strap", "butterfly", "tee"))
    parts: list[Part] = []
    length = high / knuckles
    for side in (0, 1):
        term = "first leaf" if side == 0 else "second leaf"
        reach = wide * (2.4 if shape == "strap" or (shape == "tee" and side) else 1.0)
        if shape == "plain":
            leaf = rectangle(reach, high)
        elif shape == "rounded":
            leaf = rectangle(reach, high, 0.6)
        elif shape == "butterfly":
            leaf = np.array(
                [
                    [-reach / 2, -high * 0.3],
                    [reach / 2, -high / 2],
                    [reach / 2, high / 2],
                    [-reach / 2, high * 0.3],
                ]
            )
        else:
            leaf = np.array(
                [
                    [-reach / 2, -high / 2],
                    [reach / 2, -high * 0.12],
                    [reach / 2, high * 0.12],
                    [-reach / 2, high / 2],
                ]
            )
            if shape == "tee" and not side:
                leaf = rectangle(reach, high)
        rows = [-0.32, 0.0, 0.32]
        columns = (0.22,) if reach < wide * 2 else (-0.2, 0.08, 0.36)
        flare = 0.5 if shape in ("strap",) or (shape == "tee" and side) else 1.0
        bores = [
            circle(0.14, 20, (c * reach, r * high * (flare if c > 0 else 1)))
            for c in columns
            for r in (rows if flare == 1 else rows[1:2])
        ]
        plate = extrude(leaf, thick, bores, base=-thick / 2).moved(reach / 2 + radius * 0.6).turned("x", 90)
        curls = [
            pipe(radius, radius * 0.55, length * 0.96, 32).moved(0, 0, -high / 2 + n * length + length * 0.02)
            for n in range(side, knuckles, 2)
        ]
        solid = join(plate, *curls).turned("z", -opened / 2 if side else 180 + opened / 2)
        parts.append(Part(term, solid, "pin", (2.0 if side else -2.0, 0, 0)))
        if dice.chance(0.5):
            turned = -opened / 2 if side else 180 + opened / 2
            screws = [
                bolt(0.1, 0.1, "round")
                .turned("x", 90)
                .moved(c * reach + reach / 2 + radius * 0.6, -thick, r * high)
                for c in columns
                for r in (rows if flare == 1 else rows[1:2])
            ]
            parts.append(Part("screw", join(*screws).turned("z", turned), term, (0, -2.4, 0)))
    parts.append(
        Part(
            "pin",
            cylinder(radius * 0.55, high * 1.04, 28).moved(z=-high * 0.52),
            "first leaf",
            (0, 0, high * 0.9),
        )
    )
    tip = dice.pick(("ball", "flat", "steeple", "none"))
    for sign in (-1, 1):
        if tip == "ball":
            parts.append(
                Part(
                    "finial",
                    ball(radius * 1.1, 28).moved(z=sign * (high / 2 + radius)),
                    "pin",
                    (0, 0, high * (1.0 if sign > 0 else -0.4)),
                )
            )
        elif tip == "flat":
            parts.append(
                Part(
                    "finial",
                    cylinder(radius * 1.2, 0.15, 28).moved(z=high / 2 if sign > 0 else -high / 2 - 0.15),
                    "pin",
                    (0, 0, high * (1.0 if sign > 0 else -0.4)),
                )
            )
        elif tip == "steeple":
            cone = lathe([(radius, 0), (radius * 0.6, 0.2), (radius * 0.9, 0.3), (0.03, 0.9)], 28).moved(
                z=high / 2
            )
            parts.append(
                Part(
                    "finial",
                    cone if sign > 0 else cone.turned("x", 180),
                    "pin",
                    (0, 0, high * (1.0 if sign > 0 else -0.4)),
                )
            )
    return parts


def bracket(dice: Dice) -> list[Part]:
    """An angle, a U, a corner or a pipe bracket, with gusset, slots, holes and bolts."""
    wide, high, deep, thick = dice.real(2, 4), dice.real(2.6, 4.5), dice.real(2.4, 4.2), dice.real(0.2, 0.45)
    style = dice.pick(("angle", "u", "zee", "saddle", "arm"))
    parts: list[Part] = []
    count = dice.whole(1, 3)
    bore = dice.real(0.16, 0.32)
    slotted = dice.chance(0.4)

    def plate(a: float, b: float, corner: float) -> Solid:
        hole = rectangle(bore * 4, bore * 2, bore * 0.97) if slotted else circle(bore, 28)
        spots = [((n + 0.5) / count - 0.5) * a * 0.8 for n in range(count)]
        return extrude(rectangle(a, b, corner), thick, [hole + np.array([x, b * 0.1]) for x in spots])

    corner = dice.pick((0.0, 0.35, 0.8))
    if style in ("angle", "arm"):
        parts.append(Part("base plate", plate(wide, deep, corner).moved(0, -deep / 2)))
        parts.append(
            Part(
                "upright plate",
                plate(wide, high, corner).turned("x", 90).moved(0, 0, high / 2),
                "base plate",
                (0, 1.4, 0.8),
            )
        )
        ribs = dice.whole(1, 2)
        for number in range(ribs):
            x = (number + 0.5) / ribs * wide * 0.9 - wide * 0.45
            size = dice.real(0.5, 0.85)
            web = extrude(
                np.array(
                    [[0, 0], [-deep * size, 0], [-deep * size, 0.15], [-0.15, high * size], [0, high * size]]
                ),
                thick * 0.8,
            )
            parts.append(
                Part(
                    "gusset",
                    web.turned("x", 90).turned("z", 90).moved(x - thick * 0.4, -thick, thick),
                    "base plate",
                    (0, -1.2, 1.8),
                )
            )
        if style == "arm":
            parts.append(
                Part(
                    "support arm",
                    sweep(
                        rectangle(0.5, 0.35),
                        fillet(
                            [
                                (0, -0.1, high * 0.8),
                                (0, -deep * 0.8, high * 0.9),
                                (0, -deep * 1.2, high * 1.3),
                            ],
                            0.6,
                        ),
                    ),
                    "upright plate",
                    (0, -2, 2),
                )
            )
            parts.append(
                Part(
                    "cradle",
                    pipe(0.7, 0.5, 0.8, 40).turned("y", 90).moved(-0.4, -deep * 1.2, high * 1.3 + 0.5),
                    "support arm",
                    (0, -2, 3),
                )
            )
    elif style == "u":
        path = fillet(
            [(-wide / 2, 0, high), (-wide / 2, 0, 0), (wide / 2, 0, 0), (wide / 2, 0, high)],
            dice.real(0.1, 0.9),
        )
        parts.append(Part("channel", sweep(rectangle(deep * 0.6, thick), path)))
        for x in (-1, 1):
            parts.append(
                Part(
                    "boss",
                    pipe(0.55, 0.3, 0.35, 36)
                    .turned("y", 90)
                    .moved(x * (wide / 2 + 0.2) - 0.175, 0, high * 0.75),
                    "channel",
                    (x * 1.4, 0, 0),
                )
            )
        parts.append(
            Part(
                "cross pin",
                rod((-wide * 0.85, 0, high * 0.75), (wide * 0.85, 0, high * 0.75), 0.28, 28),
                "boss",
                (3, 0, 0),
            )
        )
    elif style == "zee":
        step = high * dice.real(0.4, 0.8)
        shape = np.array(
            [
                [-deep, 0],
                [0, 0],
                [0, step],
                [deep * 0.8, step],
                [deep * 0.8, step - thick],
                [thick, step - thick],
                [thick, -thick],
                [-deep, -thick],
            ]
        )
        parts.append(
            Part("offset plate", extrude(shape, wide).turned("x", 90).turned("z", 90).moved(-wide / 2, 0, 0))
        )
        for n in range(count):
            x = ((n + 0.5) / count - 0.5) * wide * 0.8
            parts.append(
                Part(
                    "bolt",
                    bolt(bore * 0.8, thick + 0.3).moved(x, -deep * 0.5, -0.3),
                    "offset plate",
                    (0, 0, 1.4),
                )
            )
            parts.append(
                Part(
                    "washer",
                    pipe(bore * 1.9, bore * 0.85, 0.1, 32).moved(x, deep * 0.5, step),
                    "offset plate",
                    (0, 0, 1),
                )
            )
    else:
        radius = wide * 0.45
        saddle = np.concatenate(
            [
                [[-wide, 0], [-radius - thick, 0]],
                arc((0, 0.2), radius + thick, 175, 5, 24),
                [[radius + thick, 0], [wide, 0], [wide, -thick], [radius, -thick]],
                arc((0, 0.2), radius, -2, 182, 24),
                [[-radius, -thick], [-wide, -thick]],
            ]
        )
        parts.append(
            Part("saddle clip", extrude(saddle, deep * 0.5).turned("x", 90).moved(0, deep * 0.25, thick))
        )
        parts.append(
            Part(
                "pipe",
                pipe(radius * 0.98, radius * 0.8, deep * 2, 48).turned("x", 90).moved(0, deep, thick + 0.2),
                "saddle clip",
                (0, 0, -2),
            )
        )
        parts.append(Part("base plate", box(wide * 2.2, deep * 0.7, thick).moved(z=-thick), "", (0, 0, -3.5)))
        for x in (-1, 1):
            parts.append(
                Part(
                    "bolt",
                    bolt(bore * 0.8, thick + 0.25).moved(x * wide * 0.82, 0, -0.2),
                    "base plate",
                    (0, 0, 1.6),
                )
            )
    if style in ("angle", "arm", "u") and dice.chance(0.6):
        for n in range(2):
            x = (n - 0.5) * wide * 0.55
            parts.append(
                Part(
                    "bolt",
                    bolt(bore * 0.75, thick + 0.35).moved(x, -deep * 0.35 if style != "u" else 0, -0.2),
                    parts[0].term,
                    (0, 0, -1.8 if style == "u" else 2.4),
                )
            )
    return parts


HARDWARE = {
    "hinge": Kind(
        hinge,
        ("hinge", "door hinge", "hinge assembly"),
        ("self-closing", "concealed", "adjustable"),
        ("E05D 3/02", "E05D 5/04"),
        "08-06",
        ("D8/323", "D8/327"),
        "pivotally joining a door to a frame",
        "sag with time and cannot be adjusted",
    ),
    "bracket": Kind(
        bracket,
        ("bracket", "mounting bracket", "support bracket"),
        ("adjustable", "reinforced", "snap-in"),
        ("F16M 13/02", "F16B 12/44"),
        "08-08",
        ("D8/354", "D8/373"),
        "mounting an article to a wall",
        "bend under load and need exact drilling",
    ),
}
"""Kinds of hardware by name."""
