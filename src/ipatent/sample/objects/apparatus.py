"""Apparatus: pumps, valves, fans, housings."""

import math

import numpy as np

from ipatent.sample.dice import Dice
from ipatent.sample.objects.kind import Kind
from ipatent.sample.objects.machines import bolt
from ipatent.sample.profiles import circle, fillet, rectangle, regular, spline, superellipse, wavy
from ipatent.sample.scene import Part
from ipatent.sample.solids import (
    Solid,
    ball,
    box,
    cylinder,
    extrude,
    join,
    lathe,
    loft,
    pipe,
    rod,
    sweep,
    torus,
    tube,
)


def _flange(radius: float, bore: float, bolts: int, thick: float = 0.25) -> Solid:
    holes = [
        circle(0.13, 20, (radius * 0.8 * math.cos(a), radius * 0.8 * math.sin(a)))
        for a in np.linspace(0.3, 2 * math.pi + 0.3, bolts, endpoint=False)
    ]
    return extrude(circle(radius, 56), thick, [circle(bore, 40), *holes])


def pump(dice: Dice) -> list[Part]:
    """A centrifugal, piston or hand pump with motor, ports and base."""
    style = dice.pick(("centrifugal", "piston", "hand", "gear"))
    parts: list[Part] = []
    if style in ("centrifugal", "gear"):
        radius, long = dice.real(1.3, 2.0), dice.real(3, 4.5)
        fins, axis = dice.whole(6, 14), radius + 0.5
        casing = (
            cylinder(radius * 1.15, 1.3, 56)
            if style == "centrifugal"
            else extrude(superellipse(radius * 0.9, radius * 1.25, 2.6, 64), 1.3)
        )
        parts.append(Part("pump casing", casing.turned("y", 90).moved(long / 2, 0, axis)))
        inlet = pipe(0.55, 0.4, 1.0, 40).turned("y", 90).moved(long / 2 + 1.25, 0, axis)
        parts.append(
            Part(
                "suction port",
                join(
                    inlet,
                    _flange(0.95, 0.42, dice.pick((4, 6))).turned("y", 90).moved(long / 2 + 2.2, 0, axis),
                ),
                "pump casing",
                (2, 0, 0),
            )
        )
        tall = dice.real(0.9, 1.8)
        outlet = pipe(0.5, 0.36, tall, 40).moved(long / 2 + 0.65, radius * 0.5, axis + radius * 0.8)
        parts.append(
            Part(
                "discharge port",
                join(
                    outlet,
                    _flange(0.85, 0.38, 4).moved(long / 2 + 0.65, radius * 0.5, axis + radius * 0.8 + tall),
                ),
                "pump casing",
                (0, 0, 1.8),
            )
        )
        body = (
            wavy(radius * 0.85, fins * 2, radius * 0.05, 192)
            if dice.chance(0.6)
            else circle(radius * 0.85, 56)
        )
        parts.append(
            Part(
                "motor",
                extrude(body, long).turned("y", 90).moved(-long / 2 - 0.3, 0, axis),
                "lantern",
                (-2.4, 0, 0),
            )
        )
        parts.append(
            Part(
                "lantern",
                cylinder(radius * 0.6, 0.5, 48).turned("y", 90).moved(long / 2 - 0.4, 0, axis),
                "pump casing",
                (-1, 0, 0),
            )
        )
        cover = (
            lathe([(radius * 0.95, 0), (radius * 0.95, 0.5), (radius * 0.7, 0.8)], 56)
            .turned("y", -90)
            .moved(-long / 2 - 0.3, 0, axis)
        )
        parts.append(Part("fan cover", cover, "motor", (-3.8, 0, 0)))
        parts.append(
            Part(
                "terminal box",
                box(1.2, 0.9, 0.7, 0.1).moved(-0.3, 0, axis + radius * 0.82),
                "motor",
                (-2.4, 0, 1.5),
            )
        )
        foot = dice.pick(("plate", "legs"))
        if foot == "plate":
            parts.append(
                Part("base plate", box(long + 2.6, radius * 2.2, 0.3, 0.2).moved(0.2, 0, 0), "", (0, 0, -1.5))
            )
            for x in (-long * 0.35, long * 0.5 + 0.6):
                parts.append(
                    Part(
                        "pedestal",
                        box(0.7, radius * 1.2, axis - radius * 0.6).moved(x, 0, 0.29),
                        "base plate",
                        (0, 0, -0.8),
                    )
                )
        else:
            for x in (-long * 0.35, long * 0.2):
                for y in (-1, 1):
                    parts.append(
                        Part(
                            "foot",
                            join(
                                rod((x, y * radius * 0.5, axis - radius * 0.5), (x, y * radius, 0.1), 0.2),
                                cylinder(0.35, 0.15, 28).moved(x, y * radius, 0),
                            ),
                            "motor",
                            (0, 0, -1.5),
                        )
                    )
    else:
        radius, high = dice.real(0.7, 1.2), dice.real(3.5, 5.5)
        base = dice.pick((rectangle(radius * 4, radius * 3, 0.4), circle(radius * 1.9, 56)))
        parts.append(Part("foot plate", extrude(base, 0.3), "", (0, 0, -1.2)))
        parts.append(Part("barrel", pipe(radius, radius * 0.85, high, 56).moved(z=0.3), "foot plate"))
        parts.append(
            Part(
                "barrel head",
                lathe([(radius * 1.2, 0), (radius * 1.2, 0.4), (radius * 0.4, 0.7)], 56).moved(z=high + 0.3),
                "barrel",
                (0, 0, 1.5),
            )
        )
        rise = dice.real(0.8, 2.5)
        parts.append(
            Part("piston rod", cylinder(0.17, rise + 0.8, 28).moved(z=high + 0.6), "barrel head", (0, 0, 2.8))
        )
        top = high + rise + 1.4
        if style == "piston":
            parts.append(
                Part(
                    "cross grip",
                    join(
                        rod((-1.5, 0, top), (1.5, 0, top), 0.24),
                        ball(0.34, 24).moved(-1.5, 0, top),
                        ball(0.34, 24).moved(1.5, 0, top),
                    ),
                    "piston rod",
                    (0, 0, 3.8),
                )
            )
        else:
            parts.append(
                Part(
                    "fulcrum",
                    box(0.4, 0.4, 1.3).moved(radius * 0.9, 0, high + 0.5),
                    "barrel head",
                    (1, 0, 1.5),
                )
            )
            parts.append(
                Part(
                    "pump lever",
                    sweep(
                        rectangle(0.3, 0.35, 0.08),
                        spline([(-0.4, 0, top - 0.2), (1.2, 0, top), (4, 0, top - 0.8), (4.8, 0, top - 1.6)]),
                    ),
                    "fulcrum",
                    (1, 0, 3.4),
                )
            )
        level = high * dice.real(0.15, 0.7)
        spout = tube(
            spline(
                [(-radius * 0.8, 0, level), (-radius - 0.8, 0, level + 0.1), (-radius - 1.5, 0, level - 0.5)]
            ),
            0.28,
            20,
        )
        parts.append(Part("outlet spout", spout, "barrel", (-1.6, 0, 0)))
        if dice.chance(0.6):
            gauge = join(
                cylinder(0.6, 0.25, 40).turned("x", 90).moved(0, -radius - 0.3, level + 1),
                rod((0, -radius + 0.1, level + 1), (0, -radius - 0.4, level + 1), 0.12),
            )
            parts.append(Part("pressure gauge", gauge, "barrel", (0, -1.6, 0)))
        for number in range(dice.whole(0, 4)):
            parts.append(
                Part(
                    "reinforcing ring",
                    torus(radius, 0.1, 48, 12).moved(z=0.8 + number * high / 4.5),
                    "barrel",
                )
            )
    return parts


def valve(dice: Dice) -> list[Part]:
    """A gate, ball, globe or relief valve with flanged or threaded ends and hand wheel or lever."""
    bore, long = dice.real(0.6, 1.0), dice.real(3.2, 5)
    ends, style = (
        dice.pick(("flanged", "threaded", "hexagon")),
        dice.pick(("wheel", "lever", "cap", "actuator")),
    )
    shape = dice.pick(("globe", "block", "barrel"))
    run = pipe(bore * 1.15, bore, long, 48).turned("y", 90).moved(-long / 2)
    core = {
        "globe": ball(bore * 1.9, 44),
        "block": box(bore * 3, bore * 3, bore * 3, 0.3).moved(z=-bore * 1.5),
        "barrel": cylinder(bore * 1.6, bore * 3.4, 52).moved(z=-bore * 1.7),
    }[shape]
    parts = [Part("valve body", join(core)), Part("flow passage", run, "valve body")]
    bolts = dice.pick((4, 6, 8))
    for side in (-1, 1):
        if ends == "flanged":
            end = _flange(bore * 2.1, bore, bolts).turned("y", 90).moved(side * long / 2 - 0.125)
            parts.append(Part("flange", end, "flow passage", (side * 1.8, 0, 0)))
        elif ends == "threaded":
            rings = [
                torus(bore * 1.2, 0.07, 40, 12).turned("y", 90).moved(side * (long / 2 - 0.1 - n * 0.17))
                for n in range(5)
            ]
            parts.append(Part("threaded end", join(*rings), "flow passage", (side * 1.2, 0, 0)))
        else:
            parts.append(
                Part(
                    "union nut",
                    extrude(regular(6, bore * 1.7), 0.8, [circle(bore, 36)])
                    .turned("y", 90)
                    .moved(side * (long / 2 - 0.3) - 0.4),
                    "flow passage",
                    (side * 1.6, 0, 0),
                )
            )
    neck = bore * dice.real(1.6, 2.6)
    top = bore * 1.5 + neck
    parts.append(
        Part(
            "bonnet",
            lathe(
                [
                    (bore * 1.1, bore * 1.2),
                    (bore * 0.9, top - 0.5),
                    (bore * 1.35, top - 0.45),
                    (bore * 1.35, top),
                ],
                48,
            ),
            "valve body",
            (0, 0, 1.2),
        )
    )
    rise = dice.real(0.8, 2.0)
    parts.append(Part("stem", cylinder(0.2, rise + 0.4, 28).moved(z=top - 0.05), "bonnet", (0, 0, 2.2)))
    high = top + rise
    if style == "wheel":
        radius, spokes = bore * dice.real(1.6, 2.3), dice.whole(3, 6)
        arms = [
            rod((0, 0, high), (radius * math.cos(a), radius * math.sin(a), high), 0.12)
            for a in np.linspace(0.2, 2 * math.pi + 0.2, spokes, endpoint=False)
        ]
        parts.append(
            Part(
                "hand wheel",
                join(
                    torus(radius, 0.18, 52).moved(z=high), *arms, cylinder(0.36, 0.4, 28).moved(z=high - 0.2)
                ),
                "stem",
                (0, 0, 3.4),
            )
        )
    elif style == "lever":
        path = fillet(
            [(0, 0, high), (bore * 2, 0, high), (bore * 3, 0, high + 0.5), (bore * 5, 0, high + 0.5)], 0.4
        )
        parts.append(Part("lever", sweep(rectangle(0.55, 0.16), path), "stem", (0, 0, 3)))
        parts.append(
            Part(
                "lever sleeve",
                sweep(rectangle(0.7, 0.3, 0.12), [(bore * 3.3, 0, high + 0.5), (bore * 5.2, 0, high + 0.5)]),
                "lever",
                (1.5, 0, 3),
            )
        )
        parts.append(Part("nut", extrude(regular(6, 0.36), 0.25).moved(z=high + 0.07), "stem", (0, 0, 4)))
    elif style == "cap":
        parts.append(
            Part(
                "cap",
                lathe([(bore * 0.9, 0), (bore * 0.9, 1.0), (bore * 0.6, 1.4)], 44).moved(z=high - 0.6),
                "stem",
                (0, 0, 3),
            )
        )
        parts.append(
            Part(
                "pull ring",
                torus(0.45, 0.08, 36, 12).turned("x", 90).moved(0, 0, high + 1.1),
                "cap",
                (0, 0, 3.8),
            )
        )
    else:
        parts.append(
            Part(
                "actuator",
                dice.pick(
                    (box(bore * 3.4, bore * 2.6, bore * 2.2, 0.25), cylinder(bore * 1.9, bore * 2, 52))
                ).moved(z=high - 0.2),
                "stem",
                (0, 0, 3),
            )
        )
        parts.append(
            Part(
                "cable gland",
                cylinder(0.25, 0.7, 24).turned("y", 90).moved(bore * 1.6, 0, high + bore),
                "actuator",
                (1.2, 0, 3),
            )
        )
        parts.append(
            Part(
                "position indicator",
                lathe([(0.4, 0), (0.4, 0.2), (0.2, 0.35)], 32).moved(
                    z=high - 0.2 + bore * 2.2 * (1 if dice.chance(0.5) else 0.93)
                ),
                "actuator",
                (0, 0, 4),
            )
        )
    if dice.chance(0.5):
        for a in np.linspace(0.4, 2 * math.pi + 0.4, 4, endpoint=False):
            parts.append(
                Part(
                    "bonnet bolt",
                    bolt(0.11, 0.1).moved(bore * 1.12 * math.cos(a), bore * 1.12 * math.sin(a), top),
                    "bonnet",
                    (0, 0, 2),
                )
            )
    return parts


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


APPARATUS = {
    "pump": Kind(
        pump,
        ("pump", "pump assembly", "fluid pump"),
        ("self-priming", "low-pulsation", "portable"),
        ("F04D 29/42", "F04B 9/14"),
        "15-02",
        ("D15/7", "D23/233"),
        "conveying a liquid",
        "lose their prime and leak at the shaft",
    ),
    "valve": Kind(
        valve,
        ("valve", "shut-off valve", "flow control valve"),
        ("quick-acting", "leak-tight", "motorized"),
        ("F16K 3/02", "F16K 31/60"),
        "23-01",
        ("D23/233", "D23/235"),
        "controlling the flow of a fluid",
        "seize after long standstill",
    ),
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
"""Kinds of apparatus by name."""
