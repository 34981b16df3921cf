"""Household goods: bottles, mugs, kettles, faucets, suitcases, toys, baskets."""

import numpy as np

from ipatent.sample.dice import Dice
from ipatent.sample.objects.kind import Kind
from ipatent.sample.profiles import circle, ellipse, fillet, helix, rectangle, spline, superellipse, wavy
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
    pipe,
    rod,
    sweep,
    torus,
    tube,
)


def bottle(dice: Dice) -> list[Part]:
    """A hollow body with a neck and a cap: turned, squared or flat, with ribs, a grip or a handle."""
    wide, high = dice.real(1.1, 2.2), dice.real(4.5, 8)
    neck, throat = dice.real(0.4, 0.8), dice.real(0.7, 1.4)
    wall = 0.09
    style = dice.pick(("turned", "waisted", "square", "flat", "ribbed"))
    shoulder = high * dice.real(0.6, 0.85)
    parts: list[Part] = []
    if style in ("turned", "waisted", "ribbed"):
        waist = wide * (dice.real(0.6, 0.85) if style == "waisted" else 1.0)
        curve = spline(
            [(wide, 0.25), (waist, high * 0.4), (wide, shoulder), (neck * 1.6, high * 0.96), (neck, high)],
            steps=8,
        )
        outer = np.concatenate([[(wide * 0.85, 0)], curve, [(neck, high + throat)]])
        inner = np.column_stack([np.maximum(outer[:, 0] - wall, 0.05), outer[:, 1]])[::-1]
        inner[-1, 1] = inner[-2, 1]
        parts.append(Part("body", lathe(np.concatenate([outer, inner, [(0, inner[-1, 1])], [(0, 0)]]), 64)))
        if style == "ribbed":
            for number in range(dice.whole(3, 7)):
                level = high * 0.15 + number * high * 0.08
                parts.append(Part("rib", torus(wide, 0.1, 56, 12).moved(z=level), "body"))
    else:
        depth = wide * (0.9 if style == "square" else dice.real(0.4, 0.6))
        power = dice.real(3, 7)
        sizes = [(0.94, 0.0), (1, 0.12), (1, shoulder), (0.9, shoulder + 0.3), (neck / wide, high)]
        rings = [
            np.column_stack(
                [
                    superellipse(
                        wide * s, max(depth * s, neck if s < 0.5 else 0), power if s > 0.5 else 2.2, 56
                    ),
                    np.full(56, z),
                ]
            )
            for s, z in sizes
        ]
        parts.append(Part("body", loft(rings, 28)))
        parts.append(Part("neck", cylinder(neck, throat).moved(z=high - 0.01), "body"))
        if dice.chance(0.5):
            label = (
                extrude(rectangle(wide * 1.2, shoulder * 0.5, 0.2), 0.06)
                .turned("x", 90)
                .moved(0, -depth, shoulder * 0.5)
            )
            parts.append(Part("label panel", label, "body", (0, -1.5, 0)))
    top = high + throat
    closure = dice.pick(("screw", "pump", "sport", "stopper"))
    cap_size = neck * dice.real(1.15, 1.5)
    up = (0.0, 0.0, 2.0)
    if closure == "screw":
        knurl = wavy(cap_size, dice.whole(18, 36), 0.03, 144) if dice.chance(0.6) else circle(cap_size, 56)
        parts.append(Part("cap", extrude(knurl, throat * 0.8).moved(z=top - throat * 0.7), "body", up))
        parts.append(
            Part(
                "collar ring",
                pipe(cap_size * 1.05, neck, 0.12).moved(z=top - throat * 0.9),
                "body",
                (0, 0, 1),
            )
        )
    elif closure == "pump":
        parts.append(Part("collar", cylinder(cap_size, 0.6).moved(z=top - 0.4), "body", (0, 0, 1)))
        parts.append(Part("plunger", cylinder(0.16, 1.1, 24).moved(z=top + 0.2), "collar", (0, 0, 1.8)))
        spout = sweep(
            rectangle(0.4, 0.3, 0.1),
            fillet([(-0.3, 0, top + 1.4), (1.3, 0, top + 1.4), (1.7, 0, top + 1.0)], 0.4),
        )
        parts.append(Part("spout", spout, "plunger", (0, 0, 2.6)))
    elif closure == "sport":
        parts.append(
            Part(
                "lid",
                lathe(spline([(cap_size, 0), (cap_size, 0.5), (0.3, 1.0), (0.25, 1.5)], steps=6)).moved(
                    z=top - 0.4
                ),
                "body",
                up,
            )
        )
        loop = spline(
            [
                (-cap_size, 0, 0),
                (-cap_size * 1.1, 0, 1.5),
                (0, 0, 2.2),
                (cap_size * 1.1, 0, 1.5),
                (cap_size, 0, 0),
            ],
            steps=8,
        )
        parts.append(Part("carrying loop", tube(loop, 0.12).moved(z=top - 0.2), "lid", (0, 0, 3.4)))
    else:
        parts.append(
            Part(
                "stopper",
                lathe([(neck * 0.9, 0), (neck * 1.05, 0.3), (neck * 1.05, 0.5)]).moved(z=top),
                "body",
                (0, 0, 1),
            )
        )
        parts.append(Part("knob", ball(neck * 1.1, 36).moved(z=top + neck * 1.3), "stopper", up))
    return parts


def mug(dice: Dice) -> list[Part]:
    """A cup with a handle: straight, tapered or bellied; round, angular or no-loop handle; lid or foot."""
    wide, high = dice.real(1.5, 2.4), dice.real(2.6, 4.6)
    foot = wide * dice.real(0.55, 1.05)
    wall = dice.real(0.1, 0.25)
    belly = dice.pick((0.0, 0.0, 0.35, -0.25))
    middle = (wide + foot) / 2 + belly
    outer = spline([(foot, 0.1), (middle, high * 0.45), (wide, high)], steps=10)
    inner = (outer - np.array([wall, 0]))[::-1]
    bottom = [(0.0, inner[-1, 1] + 0.15), (0.0, 0.0), (foot * 0.92, 0.0)]
    body = lathe(np.concatenate([outer, inner, bottom]), 64)
    parts = [Part("cup body", body)]
    handle = dice.pick(("ear", "square", "ring", "strap", "none"))
    a, b = high * dice.real(0.12, 0.3), high * dice.real(0.7, 0.92)
    reach = dice.real(0.9, 1.6)

    def edge(level: float) -> float:
        return float(np.interp(level, outer[:, 1], outer[:, 0])) - 0.04

    points = [
        (edge(a), 0, a),
        (edge(a) + reach * 0.8, 0, a + 0.1),
        (edge(b) + reach, 0, b - 0.3),
        (edge(b), 0, b),
    ]
    if handle == "ear":
        parts.append(
            Part("handle", tube(spline(points, steps=10), dice.real(0.14, 0.24)), "cup body", (1.6, 0, 0))
        )
    elif handle == "square":
        path = fillet([points[0], (edge(b) + reach, 0, a), (edge(b) + reach, 0, b), points[3]], 0.35)
        parts.append(Part("handle", sweep(rectangle(0.4, 0.22, 0.08), path), "cup body", (1.6, 0, 0)))
    elif handle == "ring":
        radius = (b - a) * 0.4
        ring = torus(radius, 0.17).turned("x", 90).moved(edge((a + b) / 2) + radius * 0.85, 0, (a + b) / 2)
        parts.append(Part("ring handle", ring, "cup body", (1.8, 0, 0)))
    elif handle == "strap":
        parts.append(
            Part(
                "band",
                pipe(edge((a + b) / 2) + 0.12, edge((a + b) / 2) - 0.05, (b - a) * 0.6, 56).moved(z=a),
                "cup body",
                (0, 0, -1.4),
            )
        )
        parts.append(Part("grip", sweep(rectangle(0.5, 0.16), spline(points, steps=10)), "band", (1.8, 0, 0)))
    if dice.chance(0.4):
        lid = lathe([(wide * 1.04, 0), (wide * 1.04, 0.18), (wide * 0.7, 0.35), (0.3, 0.4)], 64).moved(z=high)
        parts.append(Part("lid", lid, "cup body", (0, 0, 1.4)))
        parts.append(Part("lid knob", ball(0.26, 24).moved(z=high + 0.55), "lid", (0, 0, 2.2)))
    if dice.chance(0.4):
        parts.append(
            Part(
                "saucer",
                lathe(
                    spline([(foot, -0.25), (wide * 1.2, -0.12), (wide * 1.8, 0.2)], steps=6).tolist()
                    + [(wide * 1.75, 0.26), (foot, -0.04)],
                    72,
                ).moved(z=-0.02),
                "cup body",
                (0, 0, -1.5),
            )
        )
    return parts


def kettle(dice: Dice) -> list[Part]:
    """A pot with spout, lid and an overhead or side handle."""
    wide, high = dice.real(1.8, 2.6), dice.real(2.2, 3.6)
    belly = dice.real(0.25, 0.75)
    lip = wide * dice.real(0.4, 0.65)
    curve = spline([(wide * 0.8, 0), (wide, high * belly), (lip, high)], steps=12)
    parts = [Part("vessel", lathe(np.concatenate([[(0, 0)], curve]), 64))]
    lid = lathe(
        spline([(lip * 1.03, 0), (lip * 0.8, dice.real(0.15, 0.5)), (0.15, dice.real(0.4, 0.7))], steps=6), 56
    ).moved(z=high)
    parts.append(Part("lid", lid, "vessel", (0, 0, 1.6)))
    knob = dice.pick(
        (
            ball(0.3, 28),
            lathe([(0.15, -0.3), (0.15, 0), (0.35, 0.2), (0.35, 0.35)], 28),
            torus(0.28, 0.09).turned("x", 90),
        )
    )
    parts.append(Part("knob", knob.moved(z=high + 0.85), "lid", (0, 0, 2.4)))
    length = dice.real(1.0, 2.0)
    start = float(np.interp(high * 0.4, curve[:, 1], curve[:, 0])) - 0.25
    spout = dice.pick(("goose", "straight", "beak"))
    if spout == "goose":
        path = spline(
            [
                (start, 0, high * 0.35),
                (start + length * 0.7, 0, high * 0.45),
                (start + length * 0.75, 0, high * 0.8),
                (start + length * 1.2, 0, high * 1.05),
            ],
            steps=8,
        )
        parts.append(
            Part(
                "spout", tube(path, 0.24, 20, scales=np.linspace(1.4, 0.8, len(path))), "vessel", (1.4, 0, 0)
            )
        )
    elif spout == "straight":
        path = np.linspace((start, 0, high * 0.45), (start + length, 0, high * 0.98), 8)
        parts.append(
            Part("spout", tube(path, 0.34, 24, scales=np.linspace(1.5, 0.6, 8)), "vessel", (1.4, 0, 0.6))
        )
    else:
        beak = extrude(np.array([[-0.5, 0], [0.5, 0], [0.12, 0.9], [-0.12, 0.9]]), 0.7, taper=0.8).turned(
            "z", -90
        )
        parts.append(Part("pouring beak", beak.moved(start - 0.1, 0, high * 0.62), "vessel", (1.2, 0, 0.4)))
    handle = dice.pick(("bail", "side", "stick"))
    if handle == "bail":
        tall = dice.real(1.4, 2.4)
        path = spline(
            [
                (-wide * 0.8, 0, high * 0.75),
                (-wide * 0.7, 0, high + tall * 0.7),
                (0, 0, high + tall),
                (wide * 0.7, 0, high + tall * 0.7),
                (wide * 0.8, 0, high * 0.75),
            ],
            steps=10,
        )
        parts.append(Part("bail handle", sweep(rectangle(0.35, 0.2, 0.08), path), "vessel", (0, 0, 2.6)))
    elif handle == "side":
        path = spline(
            [
                (-wide * 0.75, 0, high * 0.85),
                (-wide - 0.9, 0, high * 0.95),
                (-wide - 1.0, 0, high * 0.3),
                (-wide * 0.9, 0, 0.4),
            ]
        )
        parts.append(Part("handle", tube(path, 0.2), "vessel", (-1.6, 0, 0)))
    else:
        parts.append(
            Part(
                "stick handle",
                rod((-wide * 0.7, 0, high * 0.6), (-wide - 2.4, 0, high * 0.85), 0.22),
                "vessel",
                (-1.8, 0, 0.4),
            )
        )
        parts.append(
            Part(
                "ferrule",
                rod((-wide * 0.85, 0, high * 0.62), (-wide - 0.4, 0, high * 0.69), 0.3),
                "stick handle",
                (-0.7, 0, 0.2),
            )
        )
    if dice.chance(0.5):
        parts.append(
            Part(
                "heating base",
                lathe([(wide, -0.6), (wide * 1.05, -0.45), (wide * 0.9, -0.1)], 64),
                "vessel",
                (0, 0, -1.5),
            )
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


def toy(dice: Dice) -> list[Part]:
    """A robot, a stacking tower, a pull-along animal or a spinning top."""
    style = dice.pick(("robot", "tower", "animal", "top"))
    parts: list[Part] = []
    if style == "robot":
        wide, deep, high = dice.real(1.8, 3), dice.real(1.2, 2), dice.real(2, 3)
        parts.append(Part("torso", box(wide, deep, high, dice.real(0.05, 0.5)).moved(z=1.8)))
        head = dice.pick(
            (
                box(wide * 0.7, deep * 0.8, 1.3, 0.2),
                cylinder(wide * 0.38, 1.3),
                lathe(
                    np.concatenate(
                        [
                            [(wide * 0.42, 0)],
                            circle(wide * 0.42, 40)[:10] * np.array([1, 1.3]) + np.array([0, 0.5]),
                        ]
                    ),
                    40,
                ),
            )
        )
        parts.append(Part("head", head.moved(z=high + 2.0), "neck", (0, 0, 1.6)))
        parts.append(Part("neck", cylinder(0.3, 0.22).moved(z=high + 1.8), "torso", (0, 0, 0.7)))
        for x in (-1, 1):
            parts.append(
                Part(
                    "eye",
                    cylinder(0.18, 0.15, 24)
                    .turned("x", 90)
                    .moved(x * wide * 0.17, -deep * 0.38, high + 2.75),
                    "head",
                    (0, -1, 1.6),
                )
            )
            arm = rod((x * wide / 2, 0, high + 1.4), (x * (wide / 2 + 0.7), -0.2, high + 0.2), 0.22)
            parts.append(
                Part(
                    "arm",
                    join(arm, ball(0.34, 24).moved(x * (wide / 2 + 0.75), -0.2, high)),
                    "torso",
                    (x * 1.3, 0, 0),
                )
            )
            parts.append(Part("leg", cylinder(0.34, 1.8, 28).moved(x * wide * 0.27), "torso", (0, 0, -1)))
            parts.append(
                Part("foot", box(0.8, 1.3, 0.4, 0.2).moved(x * wide * 0.27, -0.2), "leg", (0, 0, -1.8))
            )
        parts.append(
            Part(
                "antenna",
                join(
                    rod((0, 0, high + 3.2), (0.2, 0, high + 4.2), 0.06, 12),
                    ball(0.18, 20).moved(0.2, 0, high + 4.2),
                ),
                "head",
                (0, 0, 2.2),
            )
        )
        parts.append(
            Part(
                "chest plate",
                extrude(rectangle(wide * 0.6, high * 0.4, 0.15), 0.1)
                .turned("x", 90)
                .moved(0, -deep / 2, 1.8 + high * 0.55),
                "torso",
                (0, -1.2, 0),
            )
        )
    elif style == "tower":
        count, wide = dice.whole(4, 8), dice.real(2, 3)
        shape = dice.pick(("ring", "disc", "cup"))
        parts.append(
            Part("base", lathe([(wide * 1.15, 0), (wide * 1.15, 0.3), (wide * 0.9, 0.5)], 64), "", (0, 0, -1))
        )
        for number in range(count):
            radius, level = wide * (1 - 0.75 * number / count), 0.5 + number * 0.7
            ring = {
                "ring": torus(radius * 0.66, 0.35, 56).moved(z=0.35),
                "disc": pipe(radius, 0.22, 0.66, 56),
                "cup": lathe([(radius * 0.85, 0), (radius, 0.6), (radius * 0.3, 0.66)], 56),
            }[shape]
            parts.append(
                Part("ring" if shape != "cup" else "cup", ring.moved(z=level), "base", (0, 0, 0.5 * number))
            )
        parts.append(Part("spindle", cylinder(0.2, count * 0.7 + 0.7, 24).moved(z=0.4), "base"))
        parts.append(
            Part("top ball", ball(0.5, 32).moved(z=count * 0.7 + 1.4), "spindle", (0, 0, 0.6 * count))
        )
    elif style == "animal":
        long = dice.real(3.4, 4.6)
        rings = [
            np.column_stack(
                [np.full(40, x * long - long / 2), ellipse(0.9 * s, 1.1 * s, 40) + np.array([0, 2.2])]
            )
            for x, s in ((0, 0.3), (0.08, 0.75), (0.35, 1.0), (0.7, 0.95), (0.92, 0.7), (1, 0.3))
        ]
        parts.append(Part("body", loft(rings, 20)))
        parts.append(
            Part("head", ball(dice.real(0.75, 1.05), 36).moved(long / 2 + 0.4, 0, 3.5), "body", (1.2, 0, 0.5))
        )
        parts.append(
            Part(
                "snout",
                lathe([(0.45, 0), (0.4, 0.6), (0.25, 0.75)], 28)
                .turned("y", 95)
                .moved(long / 2 + 1.1, 0, 3.35),
                "head",
                (2, 0, 0.5),
            )
        )
        tall = dice.real(0.5, 1.5)
        for y in (-0.45, 0.45):
            ear = ball(0.4, 24).scaled(0.5, 0.3, tall).moved(long / 2 + 0.3, y, 4.3 + tall * 0.3)
            parts.append(Part("ear", ear, "head", (0.6, y, 1.8)))
        for x in (-long * 0.3, long * 0.3):
            parts.append(Part("axle", rod((x, -1.4, 0.7), (x, 1.4, 0.7), 0.1), "body", (0, 0, -1)))
            for y in (-1.35, 1.1):
                parts.append(
                    Part(
                        "wheel",
                        cylinder(0.7, 0.25, 44).turned("x", -90).moved(x, y, 0.7),
                        "axle",
                        (0, y * 0.8, -1),
                    )
                )
        parts.append(
            Part(
                "tail",
                tube(
                    spline([(-long / 2 + 0.1, 0, 2.4), (-long / 2 - 0.7, 0, 2.9), (-long / 2 - 0.9, 0, 3.7)]),
                    0.13,
                ),
                "body",
                (-1, 0, 0.4),
            )
        )
    else:
        wide = dice.real(1.6, 2.6)
        shape = spline(
            [(0.06, -1.6), (wide * 0.5, -0.7), (wide, 0), (wide * dice.real(0.5, 0.9), 0.5), (0.3, 0.9)],
            steps=8,
        )
        parts.append(Part("body", lathe(np.concatenate([[(0, -1.7)], shape]), 64)))
        parts.append(Part("rim", torus(wide, 0.16, 64), "body", (0, 0, 1)))
        parts.append(Part("stem", cylinder(0.2, dice.real(1.2, 2.4), 24).moved(z=0.8), "body", (0, 0, 1.8)))
        parts.append(
            Part(
                "grip",
                lathe([(0.3, 0), (0.45, 0.2), (0.3, 0.9), (0.5, 1.1)], 28).moved(z=1.8),
                "stem",
                (0, 0, 3),
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


HOUSEHOLD = {
    "bottle": Kind(
        bottle,
        ("bottle", "container", "drinking bottle"),
        ("leakproof", "insulated", "squeezable"),
        ("B65D 1/02", "B65D 23/10"),
        "09-01",
        ("D9/516", "D9/686"),
        "holding a liquid",
        "slip from the hand and leak when tilted",
    ),
    "mug": Kind(
        mug,
        ("mug", "cup", "drinking vessel"),
        ("spill-proof", "stackable", "double-walled"),
        ("A47G 19/22", "A47G 23/02"),
        "07-01",
        ("D7/536", "D7/509"),
        "drinking hot beverages",
        "burn the fingers and topple over",
    ),
    "kettle": Kind(
        kettle,
        ("kettle", "teapot", "pouring vessel"),
        ("quick-boiling", "drip-free", "cool-touch"),
        ("A47J 27/21", "A47G 19/14"),
        "07-02",
        ("D7/318", "D7/321"),
        "heating and pouring water",
        "drip after pouring and expose the hand to steam",
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
    "toy": Kind(
        toy,
        ("toy", "play figure", "educational toy"),
        ("interactive", "stackable", "child-safe"),
        ("A63H 3/00", "A63H 33/00"),
        "21-01",
        ("D21/578", "D21/483"),
        "amusing and teaching a child",
        "come apart into small pieces",
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
"""Kinds of household goods by name."""
