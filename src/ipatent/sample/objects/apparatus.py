"""Apparatus for fluids: pumps and valves."""

import math

import numpy as np

from ipatent.sample.dice import Dice
from ipatent.sample.objects.hardware import bolt
from ipatent.sample.objects.kind import Kind
from ipatent.sample.profiles import (
    circle,
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
    box,
    cylinder,
    extrude,
    join,
    lathe,
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
}
"""Kinds of apparatus by name."""
