"""Vessels for liquids: bottles, mugs, kettles."""

import numpy as np

from ipatent.sample.dice import Dice
from ipatent.sample.objects.kind import Kind
from ipatent.sample.profiles import circle, fillet, rectangle, spline, superellipse, wavy
from ipatent.sample.scene import Part
from ipatent.sample.solids import ball, cylinder, extrude, lathe, loft, pipe, rod, sweep, torus, tube


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
                    [
                        *spline([(foot, -0.25), (wide * 1.2, -0.12), (wide * 1.8, 0.2)], steps=6).tolist(),
                        (wide * 1.75, 0.26),
                        (foot, -0.04),
                    ],
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
    inner = np.column_stack([np.maximum(curve[:, 0] - 0.09, 0.1), np.maximum(curve[:, 1], 0.12)])[::-1]
    shell = np.concatenate([curve, inner, [(0, 0.12), (0, 0)]])
    parts = [Part("vessel", lathe(shell, 64))]
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


VESSELS = {
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
}
"""Kinds of vessel by name."""
