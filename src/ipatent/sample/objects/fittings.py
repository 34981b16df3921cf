"""Fittings of a house: lamps, clocks, faucets."""

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
    wavy,
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
    low, wide = -radius * dice.real(1.2, 2.2), radius * dice.real(1.15, 1.6)
    gable = np.array(
        [[-wide, low], [wide, low], [wide, radius * 0.7], [0, radius * 1.9], [-wide, radius * 0.7]]
    )
    arch = np.concatenate([[[-wide, low], [wide, low]], arc((0, 0), wide, 0, 180, 40)])
    rim = dice.pick(
        (
            circle(radius * 1.15, 72),
            rectangle(radius * 2.4, radius * 2.4, dice.real(0.1, 1.4)),
            regular(8, radius * 1.25, 22.5),
            regular(6, radius * 1.35),
            wavy(radius * 1.25, dice.whole(6, 16), radius * 0.09, 160),
            gable,
            arch,
            ellipse(radius * 1.6, radius * 1.15, 72),
        )
    )

    def up(solid: Solid) -> Solid:
        return solid.turned("x", 90)

    parts = [
        Part("case", up(extrude(rim, deep, [circle(radius, 64)])), "", (0, 2, 0)),
        Part("dial", up(cylinder(radius, deep * 0.5, 64)), "case", (0, 0.4, 0)),
    ]
    base = float(rim[:, 1].min())
    if dice.chance(0.25):
        swing = dice.real(-12, 12)
        bob = join(
            box(0.12, 0.08, 2.4).moved(0, 0, -2.4),
            cylinder(0.5, 0.12, 36).turned("x", 90).moved(0, 0.06, -2.7),
        )
        parts.append(Part("pendulum", bob.turned("y", swing).moved(0, -deep / 2, base), "case", (0, -1, -1)))
    if dice.chance(0.3):
        bezel = lathe(
            [(radius * 0.96, 0), (radius * 1.08, 0), (radius * 1.04, 0.2), (radius * 0.96, 0.2)],
            64,
            ring=True,
        )
        parts.append(Part("bezel", up(bezel).moved(y=-deep), "case", (0, -2.6, 0)))
    marks = dice.pick((4, 12, 12, 24))
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


def faucet(dice: Dice) -> list[Part]:
    """A spout on a body with a lever, cross handles or a sensor."""
    body, tall = dice.real(0.35, 0.6), dice.real(1.6, 5)
    reach = dice.real(2.4, 4)
    base = dice.pick(
        (circle(body * 1.6, 56), rectangle(body * 3.4, body * 3.4, 0.3), superellipse(3.2, body * 1.6, 3, 56))
    )
    parts = [
        Part("base plate", extrude(base, 0.25), "", (0, 0, -1)),
        Part("body", cylinder(body, tall, 48).moved(z=0.25), "base plate"),
    ]
    top = tall + 0.25
    spout = dice.pick(("gooseneck", "straight", "square", "waterfall"))
    if spout == "gooseneck":
        path = spline(
            [
                (0, 0, top - 0.1),
                (0, 0, top + 1.4),
                (-0.0, -reach * 0.45, top + 2.6),
                (0, -reach * 0.95, top + 1.5),
                (0, -reach, top + 0.4),
            ],
            steps=10,
        )
        parts.append(Part("spout", tube(path, body * 0.55, 24), "body", (0, 0, 1.6)))
        end = (0.0, -reach, top + 0.4)
    elif spout == "straight":
        rise = dice.real(-0.1, 0.5)
        parts.append(
            Part(
                "spout",
                rod((0, 0, top - 0.5), (0, -reach, top - 0.5 + rise), body * 0.5, 28),
                "body",
                (0, -1.4, 0.3),
            )
        )
        end = (0.0, -reach + 0.3, top - 0.7 + rise)
    elif spout == "square":
        path = fillet(
            [(0, 0, top - 0.1), (0, 0, top + 1.5), (0, -reach, top + 1.5), (0, -reach, top + 1.0)], 0.15
        )
        parts.append(Part("spout", sweep(rectangle(body * 1.1, body * 0.8), path), "body", (0, 0, 1.6)))
        end = (0.0, -reach, top + 1.0)
    else:
        trough = extrude(rectangle(body * 2.6, reach), 0.3).moved(0, -reach / 2, top - 0.4)
        parts.append(Part("spout trough", trough, "body", (0, -1.2, 0.8)))
        end = (0.0, -reach + 0.4, top - 0.4)
    parts.append(
        Part(
            "aerator",
            cylinder(body * 0.62, 0.35, 32).moved(end[0], end[1], end[2] - 0.35),
            "spout",
            (0, -0.2, -1.2),
        )
    )
    handle = dice.pick(("lever", "cross", "side", "twin"))
    if handle == "lever":
        parts.append(
            Part(
                "cartridge cap",
                lathe([(body * 1.05, 0), (body * 1.05, 0.3), (body * 0.4, 0.6)], 40).moved(
                    0,
                    0.0 if spout in ("straight", "waterfall") else 1.1,
                    top if spout in ("straight", "waterfall") else 0.25,
                ),
                "body",
                (0, 0.6, 2),
            )
        )
        y = 0.0 if spout in ("straight", "waterfall") else 1.1
        z = (top if spout in ("straight", "waterfall") else 0.25) + 0.5
        parts.append(
            Part(
                "lever",
                sweep(
                    rectangle(0.4, 0.14, 0.05),
                    spline([(0, y, z), (0.2, y + 0.9, z + 0.4), (0.2, y + 1.9, z + 0.5)]),
                ),
                "cartridge cap",
                (0, 1.2, 2.8),
            )
        )
    elif handle == "side":
        parts.append(
            Part(
                "valve stub",
                rod((body * 0.8, 0, tall * 0.5), (body + 0.8, 0, tall * 0.5), body * 0.6, 32),
                "body",
                (0.9, 0, 0),
            )
        )
        parts.append(
            Part(
                "lever",
                rod((body + 0.6, 0, tall * 0.5), (body + 0.9, -0.3, tall * 0.5 + 1.8), 0.13),
                "valve stub",
                (1.8, 0, 0.3),
            )
        )
    else:
        for x in (-2.0, 2.0):
            parts.append(
                Part(
                    "valve body",
                    lathe([(0.65, 0), (0.6, 0.3), (0.4, 0.5), (0.4, 1.0)], 36).moved(x),
                    "base plate",
                    (x * 0.4, 0, 0.5),
                )
            )
            grip = [
                rod((x - 0.75, 0, 1.2), (x + 0.75, 0, 1.2), 0.14),
                rod((x, -0.75, 1.2), (x, 0.75, 1.2), 0.14),
            ]
            solid = join(*grip) if handle == "cross" else beam((x, 0, 1.1), (x * 1.75, -0.1, 1.3), 0.4, 0.2)
            parts.append(
                Part(
                    "handle",
                    join(cylinder(0.3, 0.4, 28).moved(x, 0, 1.0), solid),
                    "valve body",
                    (x * 0.4, 0, 1.6),
                )
            )
    return parts


FITTINGS = {
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
    "faucet": Kind(
        faucet,
        ("faucet", "mixer tap", "water outlet"),
        ("single-lever", "touchless", "water-saving"),
        ("E03C 1/04", "F16K 11/00"),
        "23-01",
        ("D23/238", "D23/242"),
        "dispensing mixed water",
        "splash and are difficult to mount",
    ),
}
"""Kinds of fitting by name."""
