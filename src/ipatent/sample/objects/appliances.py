"""Appliances: fans and the housings of devices."""

import math

import numpy as np

from ipatent.sample.dice import Dice
from ipatent.sample.objects.kind import Kind
from ipatent.sample.profiles import (
    circle,
    fillet,
    rectangle,
    spline,
)
from ipatent.sample.scene import Part
from ipatent.sample.solids import (
    Solid,
    box,
    cylinder,
    extrude,
    join,
    lathe,
    loft,
    pipe,
    rod,
    torus,
    tube,
)


def fan(dice: Dice) -> list[Part]:
    """Blades on a hub in a guard, a box, a ring or free on a stand."""
    radius, blades = dice.real(2, 2.8), dice.whole(3, 7)
    style = dice.pick(("guard", "box", "ring", "ceiling"))
    parts: list[Part] = []
    hub, pitch, chord = radius * dice.real(0.16, 0.3), dice.real(18, 38), dice.real(0.35, 0.8)

    def facing(solid: Solid) -> Solid:
        return solid if style == "ceiling" else solid.turned("x", 90)

    reach = radius * (1.5 if style == "ceiling" else 0.95)
    outline = spline(
        [
            (hub * 0.7, -0.2 * chord),
            (reach * 0.55, -0.75 * chord),
            (reach, -0.4 * chord),
            (reach * 0.97, 0.4 * chord),
            (reach * 0.5, 0.6 * chord),
            (hub * 0.7, 0.3 * chord),
        ],
        closed=True,
        steps=5,
    )
    for number in range(blades):
        blade = extrude(outline, 0.07, base=-0.035).turned("x", pitch).turned("z", 360 / blades * number)
        parts.append(Part("blade", facing(blade), "hub", (0, -2, 0) if style != "ceiling" else (0, 0, -1)))
    parts.append(
        Part(
            "hub",
            facing(lathe([(hub, -0.4), (hub, 0.2), (hub * 0.6, 0.5)], 44)),
            "",
            (0, -3, 0) if style != "ceiling" else (0, 0, -2),
        )
    )
    if style == "guard":
        rings = dice.whole(3, 6)
        for number in range(rings):
            share = (number + 1) / rings
            ring = torus(radius * 1.05 * share, 0.05, 64, 12).moved(z=0.75 - 0.45 * share**3)
            parts.append(Part("guard ring", facing(ring), "guard wire", (0, -4.5, 0)))
        for number in range(dice.whole(8, 16)):
            turned = 2 * math.pi * number / 14
            path = spline(
                [(0.2, 0, 0.75), (radius * 0.7, 0, 0.6), (radius * 1.05, 0, 0.3), (radius * 1.05, 0, -0.4)],
                steps=5,
            )
            parts.append(
                Part(
                    "guard wire",
                    facing(tube(path, 0.04, 12).turned("z", math.degrees(turned))),
                    "hub",
                    (0, -4.5, 0),
                )
            )
    elif style == "box":
        parts.append(
            Part(
                "frame",
                facing(
                    extrude(
                        rectangle(radius * 2.35, radius * 2.35, 0.4),
                        1.2,
                        [circle(radius * 1.03, 72)],
                        base=-0.6,
                    )
                ),
                "motor",
            )
        )
        for x in (-1, 1):
            for z in (-1, 1):
                parts.append(
                    Part(
                        "mounting boss",
                        facing(pipe(0.22, 0.1, 1.3, 24).moved(x * radius * 1.0, z * radius * 1.0, -0.65)),
                        "frame",
                        (x, 0, z),
                    )
                )
    elif style == "ring":
        parts.append(
            Part(
                "shroud",
                facing(
                    lathe(
                        [
                            (radius, -0.6),
                            (radius * 1.12, -0.6),
                            (radius * 1.05, 0),
                            (radius * 1.15, 0.6),
                            (radius, 0.6),
                        ],
                        72,
                        ring=True,
                    )
                ),
                "motor",
                (0, -0.2, 0),
            )
        )
        for number in range(3):
            strut = rod((hub, 0, -0.55), (radius * 1.02, 0, -0.55), 0.09, 12).turned("z", 30 + 120 * number)
            parts.append(Part("strut", facing(strut), "shroud", (0, 1.5, 0)))
    if style == "ceiling":
        parts.append(
            Part(
                "motor",
                lathe([(hub * 1.5, 0.2), (hub * 1.7, 0.5), (hub * 1.5, 0.9), (hub * 0.5, 1.1)], 52),
                "down rod",
                (0, 0, 0.8),
            )
        )
        parts.append(
            Part("down rod", cylinder(0.12, dice.real(1, 2.6), 24).moved(z=1.1), "canopy", (0, 0, 1.6))
        )
        parts.append(
            Part("canopy", lathe([(0.3, 0), (0.9, 0.5), (0.9, 0.6)], 44).moved(z=2.4), "", (0, 0, 2.6))
        )
        parts.append(
            Part(
                "light bowl",
                lathe(spline([(0.1, -1.3), (0.7, -1.05), (0.95, -0.45)], steps=6), 48),
                "hub",
                (0, 0, -3),
            )
        )
    else:
        parts.append(
            Part(
                "motor",
                facing(lathe([(hub * 1.3, -1.4), (hub * 1.5, -1.2), (hub * 1.5, -0.5)], 44)),
                "hub",
                (0, 2.4, 0),
            )
        )
        stand = dice.pick(("column", "wire", "none")) if style != "box" else dice.pick(("feet", "none"))
        drop = radius * dice.real(1.3, 2.2)
        if stand == "column":
            parts.append(Part("column", cylinder(0.22, drop, 32).moved(0, 0.9, -drop), "motor", (0, 2.4, -1)))
            parts.append(
                Part(
                    "base",
                    lathe([(radius * 0.7, -0.3), (radius * 0.7, -0.1), (0.3, 0.15)], 60).moved(0, 0.9, -drop),
                    "column",
                    (0, 2.4, -2),
                )
            )
        elif stand == "wire":
            path = fillet(
                [
                    (-radius * 1.1, 0.3, 0),
                    (-radius * 1.1, 0.3, -radius * 1.2),
                    (-radius * 0.6, -1, -radius * 1.3),
                    (radius * 0.6, -1, -radius * 1.3),
                    (radius * 1.1, 0.3, -radius * 1.2),
                    (radius * 1.1, 0.3, 0),
                ],
                0.5,
            )
            parts.append(Part("stand", tube(path, 0.13), "motor", (0, 0, -1.6)))
        elif stand == "feet":
            for x in (-1, 1):
                parts.append(
                    Part(
                        "foot",
                        box(0.5, 2.2, 0.35, 0.15).moved(x * radius * 0.8, 0, -radius * 1.17 - 0.35),
                        "frame",
                        (0, 0, -1),
                    )
                )
    return parts


def housing(dice: Dice) -> list[Part]:
    """A case for electronics: lid, screws, vents, buttons, screen, connectors."""
    wide, deep, high = dice.real(3.4, 6), dice.real(2.4, 4.6), dice.real(1, 2.6)
    radius, lid_high = dice.real(0.1, 0.9), dice.real(0.25, 0.6)
    wall = 0.12
    outline = rectangle(wide, deep, radius, 8)
    shape = dice.pick(("straight", "sloped", "domed"))
    tray = extrude(outline, high, [rectangle(wide - 2 * wall, deep - 2 * wall, max(0.05, radius - wall), 8)])
    parts = [
        Part("lower housing", tray),
        Part("bottom wall", extrude(outline * 0.98, 0.12, base=-0.12), "lower housing", (0, 0, -0.8)),
    ]
    if shape == "domed":
        rings = [
            np.column_stack([outline * s, np.full(len(outline), high + h * lid_high * 2)])
            for s, h in ((1, 0), (0.99, 0.4), (0.95, 0.75), (0.85, 1.0))
        ]
        parts.append(Part("upper housing", loft(rings), "lower housing", (0, 0, 1.8)))
        top = high + lid_high * 2
        fit = 0.8
    else:
        parts.append(
            Part(
                "upper housing",
                extrude(outline, lid_high, base=high, taper=0.9 if shape == "sloped" else 1.0),
                "lower housing",
                (0, 0, 1.8),
            )
        )
        top = high + lid_high
        fit = 0.84
    board = box(wide * 0.8, deep * 0.8, 0.08).moved(0, 0, high * 0.4)
    chips = [
        box(0.5, 0.5, 0.15).moved(x, y, high * 0.4 + 0.08)
        for x, y in ((-wide * 0.2, 0.2), (wide * 0.15, -deep * 0.15), (0.1, deep * 0.2))
    ]
    parts.append(Part("circuit board", join(board, *chips), "lower housing", (0, 0, 0.9)))
    up = (0.0, 0.0, 2.6)
    panel = dice.pick(("screen", "keys", "vents", "dial"))
    if panel == "screen":
        parts.append(
            Part(
                "display",
                extrude(rectangle(wide * fit * 0.8, deep * 0.45, 0.12), 0.06, base=top).moved(0, deep * 0.12),
                "upper housing",
                up,
            )
        )
        for number in range(dice.whole(2, 5)):
            x = (number + 0.5) * wide * 0.14 - wide * 0.3
            parts.append(
                Part("button", cylinder(0.16, 0.12, 28).moved(x, -deep * 0.28, top), "upper housing", up)
            )
    elif panel == "keys":
        rows, columns = dice.whole(2, 4), dice.whole(3, 5)
        for row in range(rows):
            for column in range(columns):
                x, y = (
                    ((column + 0.5) / columns - 0.5) * wide * fit * 0.9,
                    ((row + 0.5) / rows - 0.5) * deep * fit * 0.9,
                )
                key = extrude(
                    rectangle(wide / columns * 0.6, deep / rows * 0.55, 0.08), 0.14, base=top, taper=1.0
                )
                parts.append(Part("key", key.moved(x, y), "upper housing", up))
    elif panel == "vents":
        count = dice.whole(4, 9)
        for number in range(count):
            x = ((number + 0.5) / count - 0.5) * wide * fit * 0.9
            parts.append(
                Part(
                    "ventilation rib",
                    extrude(rectangle(wide * 0.4 / count, deep * 0.6, 0.05), 0.1, base=top).moved(x),
                    "upper housing",
                    up,
                )
            )
    else:
        parts.append(
            Part(
                "dial",
                lathe([(deep * 0.25, 0), (deep * 0.22, 0.4), (deep * 0.18, 0.45)], 52).moved(
                    wide * 0.15, 0, top
                ),
                "upper housing",
                up,
            )
        )
        parts.append(
            Part(
                "pointer",
                box(0.1, deep * 0.2, 0.08).moved(wide * 0.15, deep * 0.1, top + 0.45),
                "dial",
                (0, 0, 3.2),
            )
        )
    for number in range(dice.whole(1, 4)):
        x = (number - 1.2) * wide * 0.2
        port = extrude(rectangle(0.5, 0.3, 0.08), 0.16).turned("x", 90).moved(x, -deep / 2, high * 0.5)
        parts.append(Part("connector", port, "lower housing", (0, -1.4, 0)))
    if dice.chance(0.5):
        for x in (-1, 1):
            ear = extrude(rectangle(0.9, deep * 0.4, 0.25), 0.15, [circle(0.15, 20)]).moved(
                x * (wide / 2 + 0.4)
            )
            parts.append(Part("mounting ear", ear, "lower housing", (x * 1.2, 0, 0)))
    if dice.chance(0.45):
        parts.append(
            Part(
                "antenna",
                rod((wide * 0.4, deep / 2 - 0.1, high * 0.7), (wide * 0.5, deep / 2 + 0.2, high + 2.6), 0.13),
                "lower housing",
                (0, 1, 1),
            )
        )
    if dice.chance(0.4):
        for number in range(6):
            y = -deep * 0.35 + number * deep * 0.12
            parts.append(
                Part(
                    "cooling fin",
                    box(0.35, 0.1, high * 0.7).moved(wide / 2 + 0.15, y, high * 0.15),
                    "lower housing",
                    (1.2, 0, 0),
                )
            )
    return parts


APPLIANCES = {
    "fan": Kind(
        fan,
        ("fan", "ventilator", "air circulator"),
        ("low-noise", "oscillating", "bladed"),
        ("F04D 29/38", "F04D 25/08"),
        "23-04",
        ("D23/370", "D23/377"),
        "moving air",
        "are loud and draw much power",
    ),
    "housing": Kind(
        housing,
        ("housing", "electronic device", "enclosure"),
        ("waterproof", "heat-dissipating", "shielded"),
        ("H05K 5/02", "H05K 7/20"),
        "14-02",
        ("D14/240", "D13/184"),
        "enclosing electronic components",
        "let in dust and retain heat",
    ),
}
"""Kinds of appliance by name."""
