"""Machine elements: gears, bearings, pulleys, hinges, brackets."""

import math

import numpy as np

from ipatent.sample.dice import Dice
from ipatent.sample.objects.kind import Kind
from ipatent.sample.profiles import Floats, arc, circle, fillet, gear_outline, rectangle, regular, wavy
from ipatent.sample.scene import Part
from ipatent.sample.solids import Solid, ball, box, cylinder, extrude, join, lathe, pipe, rod, sweep, torus


def bolt(radius: float, length: float, head: str = "hexagon") -> Solid:
    """A bolt that stands on z = 0, head up."""
    top = {
        "hexagon": regular(6, radius * 1.9),
        "round": circle(radius * 1.8, 32),
        "square": rectangle(radius * 3.2, radius * 3.2),
    }[head]
    return join(cylinder(radius, length, 24), extrude(top, radius * 1.2, base=length))


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
    if dice.chance(0.4) and style != "thrust":
        parts.append(
            Part("seal", pipe(outer - race, inner + race, 0.06, 64).moved(z=thick), "outer ring", (0, 0, 4.5))
        )
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
"""Kinds of machine element by name."""
