"""Machine elements: gears, bearings, pulleys."""

import math

import numpy as np

from ipatent.sample.dice import Dice
from ipatent.sample.objects.hardware import bolt
from ipatent.sample.objects.kind import Kind
from ipatent.sample.profiles import (
    Floats,
    arc,
    circle,
    fillet,
    gear_outline,
    rectangle,
    regular,
    wavy,
)
from ipatent.sample.scene import Part
from ipatent.sample.solids import (
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
)


def _spread(count: int, radius: float, turn: float = 0.0) -> list[tuple[float, float]]:
    angles = [2 * math.pi * n / count + turn for n in range(count)]
    return [(radius * math.cos(a), radius * math.sin(a)) for a in angles]


def gear(dice: Dice) -> list[Part]:
    """A spur, bevel, double or ring gear with web, spokes or holes, hub and shaft."""
    radius, teeth, thick = dice.real(2, 3), dice.whole(14, 40), dice.real(0.6, 1.4)
    depth = radius * dice.real(0.09, 0.18)
    style = dice.pick(("spur", "bevel", "double", "train", "spoked"))
    hub, bore = radius * dice.real(0.3, 0.42), radius * dice.real(0.12, 0.2)
    outline = gear_outline(teeth, radius - depth, radius, dice.real(0.35, 0.6))
    holes: list[Floats] = []
    if dice.chance(0.65) and style != "spoked":
        count = dice.whole(3, 8)
        holes = [circle(radius * 0.13, 28, at) for at in _spread(count, radius * 0.6)]
    if style == "spoked":
        count = dice.whole(3, 6)
        for number in range(count):
            a, b = 360 / count * number + 9, 360 / count * (number + 1) - 9
            holes.append(
                np.concatenate(
                    [arc((0, 0), radius * 0.76, a, b, 12), arc((0, 0), hub * 1.25, b - 6, a + 6, 8)]
                )
            )
    parts = [Part("toothed wheel", extrude(outline, thick, holes, taper=0.72 if style == "bevel" else 1.0))]
    top = thick
    long = thick * dice.real(0.5, 1.2)
    hub_ring = pipe(hub, bore, long, 40).moved(z=top)
    parts.append(Part("hub", hub_ring, "toothed wheel", (0, 0, 1.2)))
    if style == "double":
        pinion = extrude(
            gear_outline(max(9, teeth // 2), radius * 0.45, radius * 0.58), thick, [circle(bore, 32)]
        )
        parts.append(Part("pinion", pinion.moved(z=top + long), "hub", (0, 0, 2.4)))
        top += thick + long
    if style == "train":
        small = max(9, teeth // 2)
        scale = small / teeth
        mate = extrude(
            gear_outline(small, (radius - depth) * scale, radius * scale + depth * 0.2, 0.45),
            thick,
            [circle(bore * 0.8, 32)],
        )
        parts.append(
            Part("driven wheel", mate.moved(radius * (1 + scale) - depth * 0.4), "toothed wheel", (1.6, 0, 0))
        )
        parts.append(
            Part(
                "driven shaft",
                cylinder(bore * 0.8, thick * 4, 32).moved(radius * (1 + scale) - depth * 0.4, 0, -thick),
                "driven wheel",
                (1.6, 0, 2.5),
            )
        )
    shaft = dice.pick(("plain", "keyed", "splined", "none"))
    if shaft != "none":
        section = wavy(bore * 0.95, 8, bore * 0.08) if shaft == "splined" else circle(bore, 36)
        low, high = thick * dice.real(1, 2.5), thick * dice.real(1.5, 4)
        parts.append(Part("shaft", extrude(section, low + high + top, base=-low), "hub", (0, 0, 4)))
        if shaft == "keyed":
            parts.append(
                Part(
                    "key",
                    box(bore * 0.5, bore * 0.7, thick * 1.2, 0.04).moved(0, bore * 0.95, top + long * 0.3),
                    "shaft",
                    (0, 1.5, 3),
                )
            )
    if dice.chance(0.5):
        for x, y in _spread(dice.whole(3, 6), hub * 1.9 if not holes else hub * 0.75):
            parts.append(
                Part(
                    "fastener",
                    bolt(0.1, 0.15 if not holes else long + 0.1, "hexagon").moved(x, y, thick - 0.05),
                    "hub",
                    (0, 0, 2),
                )
            )
    return [
        Part(p.term, p.solid.turned("x", 70), p.on, (0.0, -p.explode[2], 0.35 * p.explode[2])) for p in parts
    ]


def bearing(dice: Dice) -> list[Part]:
    """Rings with balls or rollers, cage, seals, and sometimes a housing with feet or a flange."""
    outer, thick = dice.real(2, 3), dice.real(0.8, 1.6)
    inner = outer * dice.real(0.4, 0.6)
    race = (outer - inner) * 0.24
    middle = (outer + inner) / 2
    style = dice.pick(("ball", "roller", "thrust", "needle"))
    groove = race * 0.6
    parts: list[Part] = []
    if style == "thrust":
        for level, term in ((0.0, "lower washer"), (thick * 1.3, "upper washer")):
            parts.append(
                Part(term, pipe(outer, inner, thick * 0.45, 64).moved(z=level), "", (0, 0, level * 1.5))
            )
    else:
        parts.append(
            Part(
                "outer ring",
                lathe(
                    [
                        (outer - race, 0),
                        (outer - 0.06, 0),
                        (outer, 0.06),
                        (outer, thick - 0.06),
                        (outer - 0.06, thick),
                        (outer - race, thick),
                        (outer - race, thick * 0.75),
                        (outer - race + groove * 0.4, thick / 2),
                        (outer - race, thick * 0.25),
                    ],
                    64,
                    ring=True,
                ),
            )
        )
        parts.append(
            Part(
                "inner ring",
                lathe(
                    [
                        (inner, 0),
                        (inner + race, 0),
                        (inner + race, thick * 0.25),
                        (inner + race - groove * 0.4, thick / 2),
                        (inner + race, thick * 0.75),
                        (inner + race, thick),
                        (inner, thick),
                    ],
                    64,
                    ring=True,
                ),
                "outer ring",
                (0, 0, 2.5),
            )
        )
    count = dice.whole(8, 16)
    size = min((outer - inner) * 0.3, math.pi * middle / count * 0.8)
    for number, (x, y) in enumerate(_spread(count, middle)):
        turned = 360 / count * number
        if style in ("ball", "thrust"):
            level = thick * 0.88 if style == "thrust" else thick / 2
            element = ball(size if style == "ball" else thick * 0.43, 20).moved(x, y, level)
            parts.append(Part("ball", element, "cage", (0, 0, 1.2)))
        else:
            width = size * (0.45 if style == "needle" else 0.85)
            element = cylinder(width, thick * 0.85, 20).moved(x, y, thick * 0.07)
            parts.append(Part("roller", element.moved(0, 0, 0.001 * turned / 360), "cage", (0, 0, 1.2)))
    if style != "thrust":
        parts.append(
            Part(
                "cage",
                pipe(middle + size * 0.35, middle - size * 0.35, thick * 0.12, 56).moved(z=thick * 0.84),
                "outer ring",
                (0, 0, 3.6),
            )
        )
    if style != "thrust":
        parts += _bearing_extras(dice, outer, inner, race, thick)
    mount = dice.pick(("none", "pillow", "flange", "shaft"))
    if mount == "pillow":
        base = np.concatenate(
            [
                [
                    [-outer * 1.9, -outer * 1.15],
                    [outer * 1.9, -outer * 1.15],
                    [outer * 1.9, -outer * 0.8],
                    [outer * 1.25, -outer * 0.7],
                ],
                arc((0, 0), outer * 1.25, -30, 210, 30),
                [[-outer * 1.25, -outer * 0.7], [-outer * 1.9, -outer * 0.8]],
            ]
        )
        parts.append(
            Part(
                "pillow block",
                extrude(base, thick * 1.1, [circle(outer, 64)], base=-thick * 0.05),
                "",
                (0, 0, -2),
            )
        )
        for x in (-1, 1):
            parts.append(
                Part(
                    "mounting bolt",
                    bolt(0.16, 0.5)
                    .turned("x", -90)
                    .turned("x", 180)
                    .moved(x * outer * 1.6, -outer * 0.75, thick / 2),
                    "pillow block",
                    (0, 1.6, -2),
                )
            )
    elif mount == "flange":
        sides = dice.pick((3, 4))
        plate = extrude(
            regular(sides, outer * (2.3 if sides == 3 else 1.85), 45 if sides == 4 else 90),
            thick * 0.4,
            [
                circle(outer, 64),
                *(
                    circle(0.2, 20, at)
                    for at in _spread(sides, outer * 1.4, math.radians(45 if sides == 4 else 90))
                ),
            ],
        )
        parts.append(Part("flange plate", plate, "", (0, 0, -2)))
    elif mount == "shaft":
        parts.append(
            Part("shaft", cylinder(inner, thick * 4, 56).moved(z=-thick * 1.5), "inner ring", (0, 0, -3))
        )
    return [
        Part(p.term, p.solid.turned("x", 65), p.on, (0.0, -p.explode[2], 0.4 * p.explode[2])) for p in parts
    ]


def _bearing_extras(dice: Dice, outer: float, inner: float, race: float, thick: float) -> list[Part]:
    """Seal, collar, groove or rim by which one bearing differs from the next."""
    parts: list[Part] = []
    out, within = outer - race, inner + race
    if dice.chance(0.35):
        ridges = dice.whole(1, 3)
        step = (out - within) / (2 * ridges + 1)
        profile = [(within, 0.0)]
        for number in range(2 * ridges + 1):
            level = 0.05 if number % 2 == 0 else 0.14
            profile += [(within + number * step, level), (within + (number + 1) * step, level)]
        seal = lathe(np.array([*profile, (out, 0.0)]), 64, ring=True)
        parts.append(Part("seal", seal.moved(z=thick), "outer ring", (0, 0, 4.5)))
    extra = dice.pick(("collar", "rim", "snap ring", "collar with screws", "none"))
    if extra.startswith("collar"):
        tall = thick * dice.real(0.3, 0.9)
        parts.append(
            Part(
                "locking collar", pipe(within * 0.98, inner, tall, 56).moved(z=thick), "inner ring", (0, 0, 6)
            )
        )
        if extra == "collar with screws":
            for x, y in _spread(dice.whole(2, 4), within * 0.98, 0.5):
                screw = rod(
                    (x * 0.9, y * 0.9, thick + tall / 2), (x * 1.12, y * 1.12, thick + tall / 2), 0.11
                )
                parts.append(Part("set screw", screw, "locking collar", (x * 0.5, y * 0.5, 6)))
    elif extra == "rim":
        rim = pipe(outer * dice.real(1.08, 1.25), outer - 0.02, thick * dice.real(0.15, 0.35), 64)
        parts.append(Part("rim", rim, "outer ring", (0, 0, -1.2)))
    elif extra == "snap ring":
        gap = arc((0, 0), outer + 0.03, 20, 335, 60)
        ring = sweep(rectangle(0.16, 0.12), np.column_stack([gap, np.full(60, thick * 0.8)]))
        parts.append(Part("snap ring", ring, "outer ring", (0, 0, 5.4)))
    return parts


def pulley(dice: Dice) -> list[Part]:
    """A grooved wheel in a block, on a bracket or on a shaft, with hook or belt."""
    radius, thick = dice.real(1.6, 2.4), dice.real(0.6, 1.2)
    grooves = dice.whole(1, 3)
    step = thick / grooves
    deep = dice.real(0.2, 0.45)
    profile = [(0.3, 0.0)]
    for number in range(grooves):
        z = number * step
        profile += [
            (radius, z),
            (radius, z + step * 0.15),
            (radius - deep, z + step * 0.42),
            (radius - deep, z + step * 0.58),
            (radius, z + step * 0.85),
        ]
    profile += [(radius, thick), (0.3, thick)]
    wheel = lathe(np.array(profile), 64, ring=True).moved(z=-thick / 2).turned("x", 90)
    parts = [Part("sheave", wheel, "axle", (0, -1.5, 0))]
    parts.append(
        Part(
            "axle",
            cylinder(0.3, thick * 2.4, 32).moved(z=-thick * 1.2).turned("x", 90),
            "cheek plate",
            (0, -4, 0),
        )
    )
    frame = dice.pick(("cheeks", "fork", "bracket", "box"))
    gap = thick / 2 + 0.1
    if frame in ("cheeks", "box"):
        wide = radius * dice.real(0.5, 1.1)
        shape = np.concatenate(
            [arc((0, 0), wide, 180, 360, 20), [[wide * 0.6, radius + 0.9], [-wide * 0.6, radius + 0.9]]]
        )
        if frame == "box":
            shape = rectangle(radius * 2.3, radius * 2.7, 0.6) + np.array([0, 0.2])
        for side in (-1, 1):
            plate = extrude(shape, 0.15).turned("x", 90).moved(0, side * gap + (0.15 if side > 0 else 0), 0)
            parts.append(Part("cheek plate", plate, "", (0, side * 2.2, 0)))
        parts.append(
            Part("spacer", box(wide, gap * 2, 0.5).moved(0, 0, radius + 0.35), "cheek plate", (0, 0, 1.2))
        )
    elif frame == "fork":
        path = fillet(
            [
                (0, -gap - 0.2, -0.5),
                (0, -gap - 0.2, radius + 0.6),
                (0, gap + 0.2, radius + 0.6),
                (0, gap + 0.2, -0.5),
            ],
            0.3,
        )
        parts.append(Part("cheek plate", sweep(rectangle(0.8, 0.2), path), "", (0, 0, 2)))
    else:
        shape = np.array([[-0.6, -0.6], [0.6, -0.6], [1.4, radius + 1], [-1.4, radius + 1]])
        for side in (-1, 1):
            parts.append(
                Part(
                    "cheek plate",
                    extrude(shape, 0.2).turned("x", 90).moved(0, side * gap + (0.2 if side > 0 else 0), 0),
                    "mounting plate",
                    (0, side * 2, 0),
                )
            )
        parts.append(
            Part(
                "mounting plate",
                extrude(
                    rectangle(3.8, gap * 2 + 1.4, 0.3),
                    0.25,
                    [circle(0.2, 20, (x, y)) for x in (-1.6, 1.6) for y in (-gap, gap)],
                ).moved(z=radius + 1),
                "",
                (0, 0, 1.8),
            )
        )
    if frame != "bracket":
        end = dice.pick(("hook", "eye", "swivel"))
        top = radius + 0.8
        if end == "hook":
            bow = np.array(
                [
                    (0, 0, top),
                    (0, 0, top + 0.9),
                    *[
                        (0.65 + 0.65 * math.cos(t) - 0.0, 0, top + 1.6 + 0.65 * math.sin(t))
                        for t in np.linspace(math.pi, -0.7, 14)
                    ],
                ]
            )
            parts.append(
                Part(
                    "hook",
                    join(rod(bow[0], bow[1], 0.22), sweep(circle(0.18, 16), bow[1:])),
                    "spacer",
                    (0, 0, 2.4),
                )
            )
        elif end == "eye":
            parts.append(
                Part(
                    "eye", torus(0.55, 0.18, 40).turned("x", 90).moved(0, 0, top + 0.6), "spacer", (0, 0, 2.2)
                )
            )
        else:
            parts.append(
                Part(
                    "swivel",
                    join(cylinder(0.4, 0.4, 32).moved(0, 0, top), cylinder(0.2, 0.8, 24).moved(0, 0, top)),
                    "spacer",
                    (0, 0, 1.8),
                )
            )
            parts.append(
                Part(
                    "shackle",
                    sweep(
                        circle(0.15, 16),
                        fillet(
                            [
                                (-0.5, 0, top + 0.8),
                                (-0.5, 0, top + 1.9),
                                (0.5, 0, top + 1.9),
                                (0.5, 0, top + 0.8),
                            ],
                            0.5,
                        ),
                    ),
                    "swivel",
                    (0, 0, 3),
                )
            )
    if dice.chance(0.5):
        for side in (-1, 1):
            y = -thick / 2 + step / 2
            parts.append(
                Part(
                    "rope",
                    rod(
                        (side * (radius - deep + 0.1), y, 0),
                        (side * (radius - deep + 0.1), y, -radius * 2),
                        0.12,
                    ),
                    "sheave",
                    (0, 0, -1),
                )
            )
    nut = extrude(regular(6, 0.5), 0.3).turned("x", 90)
    parts.append(Part("nut", nut.moved(0, -thick * 1.05, 0), "axle", (0, -5.2, 0)))
    return parts


MACHINES = {
    "gear": Kind(
        gear,
        ("gear", "gear wheel", "gear assembly"),
        ("low-noise", "backlash-free", "planetary"),
        ("F16H 55/17", "F16H 1/06"),
        "15-99",
        ("D15/148", "D15/149"),
        "transmitting torque",
        "are noisy and wear at the flanks",
    ),
    "bearing": Kind(
        bearing,
        ("bearing", "rolling bearing", "bearing unit"),
        ("sealed", "self-aligning", "maintenance-free"),
        ("F16C 19/06", "F16C 33/58"),
        "15-99",
        ("D8/382", "D15/143"),
        "supporting a rotating shaft",
        "lose lubricant and overheat",
    ),
    "pulley": Kind(
        pulley,
        ("pulley", "pulley block", "sheave assembly"),
        ("low-friction", "self-locking", "swivelling"),
        ("B66D 3/08", "F16H 55/36"),
        "15-99",
        ("D8/360", "D34/33"),
        "guiding a rope",
        "let the rope jump off the sheave",
    ),
}
"""Kinds of machine element by name."""
