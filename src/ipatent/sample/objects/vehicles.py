"""Vehicles on wheels: bicycles and cars."""

import math

import numpy as np

from ipatent.sample.dice import Dice
from ipatent.sample.objects.kind import Kind
from ipatent.sample.profiles import (
    Floats,
    arc,
    circle,
    ellipse,
    fillet,
    gear_outline,
    rectangle,
    spline,
    superellipse,
)
from ipatent.sample.scene import Part
from ipatent.sample.solids import (
    Solid,
    box,
    cylinder,
    extrude,
    join,
    loft,
    pipe,
    rod,
    sweep,
    torus,
    tube,
)


def refined(rings: list[Floats], steps: int = 4) -> Floats:
    """More rings between the given ones, on smooth curves."""
    flat = np.array([ring.ravel() for ring in rings])
    return spline(flat, steps=steps).reshape(-1, len(rings[0]), 3)


def _wheel(radius: float, tyre: float, spokes: int, style: str) -> tuple[Solid, Solid]:
    """Tyre and inner part of a wheel in the x-z plane about the origin."""
    outer = torus(radius, tyre, 64, 14).turned("x", 90)
    hub = cylinder(0.16, 0.5, 24).moved(z=-0.25).turned("x", 90)
    if style == "disc":
        return outer, join(cylinder(radius * 0.97, 0.12, 56).moved(z=-0.06).turned("x", 90), hub)
    width = 0.03 if style == "wire" else 0.12
    arms = [
        rod((0, 0, 0), (radius * math.cos(a), 0, radius * math.sin(a)), width, 12)
        for a in np.linspace(0.1, 2 * math.pi + 0.1, spokes, endpoint=False)
    ]
    return outer, join(hub, *arms)


def bicycle(dice: Dice) -> list[Part]:
    """Diamond, step-through, cruiser, cargo or folding frame; wheels, bars, saddle, drive."""
    wheel, base = dice.real(1.5, 2.1), dice.real(5, 6)
    style = dice.pick(("diamond", "step", "cruiser", "cargo", "folding"))
    if style == "folding":
        wheel *= 0.62
    front = wheel * (0.7 if style == "cargo" else 1.0)
    tyre, spokes = dice.real(0.08, 0.2), dice.whole(10, 22)
    rim = dice.pick(("wire", "wire", "bar", "disc"))
    count = spokes if rim == "wire" else 5
    size = dice.real(0.1, 0.17)
    bottom = np.array([base * 0.42, 0, wheel * 0.85])
    seat = np.array([base * 0.32, 0, wheel * 0.85 + 2.0])
    head = np.array([base * 0.8, 0, wheel * 0.85 + dice.real(1.7, 2.3)])
    lower_head = head + np.array([0.18, 0, -0.6])
    rear_axle, front_axle = np.array([0.0, 0, wheel]), np.array([base, 0, front])
    tubes = {
        "diamond": [(seat, head), (bottom, lower_head), (bottom, seat)],
        "step": [(bottom + (seat - bottom) * 0.35, head), (bottom, lower_head), (bottom, seat)],
        "cruiser": [(bottom, seat)],
        "cargo": [(seat * 0.6 + bottom * 0.4, lower_head), (bottom, seat)],
        "folding": [(bottom + np.array([0, 0, 0.3]), lower_head), (bottom, seat)],
    }[style]
    bars = [rod(a, b, size * (1.7 if style == "folding" and i == 0 else 1)) for i, (a, b) in enumerate(tubes)]
    if style == "cruiser":
        bars += [
            tube(spline([seat, (seat + head) / 2 + np.array([0, 0, 0.35]), head]), size),
            tube(spline([bottom, (bottom + lower_head) / 2 + np.array([0, 0, -0.3]), lower_head]), size),
        ]
    bars.append(rod(lower_head + np.array([0.03, 0, -0.1]), head + np.array([-0.05, 0, 0.12]), size * 1.4))
    parts = [Part("frame", join(*bars), "")]
    stays = [
        rod(rear_axle + np.array([0, y, 0]), end + np.array([0, y * 0.4, 0]), size * 0.6, 12)
        for y in (-0.22, 0.22)
        for end in (bottom, seat + np.array([0.05, 0, -0.25]))
    ]
    parts.append(Part("rear stay", join(*stays), "frame"))
    for axle, radius, name, away in (
        (rear_axle, wheel, "rear wheel", -1.6),
        (front_axle, front, "front wheel", 1.8),
    ):
        outer, inner = _wheel(radius - tyre, tyre, count, rim)
        parts.append(Part("tire", outer.moved(*axle), name, (away * 1.7, 0, 0)))
        parts.append(Part(name, inner.moved(*axle), "fork" if away > 0 else "rear stay", (away, 0, 0)))
    blades = [
        tube(
            spline(
                [
                    front_axle + np.array([0, y, 0]),
                    front_axle * 0.35 + lower_head * 0.65 + np.array([0.1, y, 0]),
                    lower_head + np.array([0.05, y * 0.6, 0.0]),
                ]
            ),
            size * 0.7,
            14,
        )
        for y in (-0.24, 0.24)
    ]
    parts.append(
        Part(
            "fork",
            join(*blades, rod(lower_head, head + np.array([-0.12, 0, 0.45]), size)),
            "frame",
            (0.8, 0, 0),
        )
    )
    top = head + np.array([-0.15, 0, 0.5])
    bar = dice.pick(("flat", "drop", "swept"))
    if bar == "flat":
        grips = tube(
            spline(
                [
                    top + np.array([0.0, -1.1, 0.1]),
                    top + np.array([0.1, 0, 0]),
                    top + np.array([0.0, 1.1, 0.1]),
                ]
            ),
            0.07,
            14,
        )
    elif bar == "drop":
        sides = [
            tube(
                spline(
                    [
                        top,
                        top + np.array([0.1, s * 0.75, 0]),
                        top + np.array([0.65, s * 0.8, -0.05]),
                        top + np.array([0.7, s * 0.8, -0.5]),
                        top + np.array([0.2, s * 0.8, -0.6]),
                    ]
                ),
                0.07,
                14,
            )
            for s in (-1, 1)
        ]
        grips = join(*sides)
    else:
        sides = [
            tube(
                spline(
                    [
                        top,
                        top + np.array([0.15, s * 0.5, 0.25]),
                        top + np.array([-0.4, s * 1.0, 0.3]),
                        top + np.array([-1.0, s * 1.05, 0.15]),
                    ]
                ),
                0.07,
                14,
            )
            for s in (-1, 1)
        ]
        grips = join(*sides)
    parts.append(Part("handlebar", grips, "fork", (0.4, 0, 1.2)))
    post = seat + np.array([-0.08, 0, dice.real(0.4, 1.0)])
    parts.append(Part("seat post", rod(seat, post, size * 0.75), "frame", (0, 0, 0.8)))
    saddle = [
        np.column_stack([np.full(32, x), superellipse(w, 0.12, 2.4, 32) + np.array([0, z])])
        for x, w, z in (
            (-0.55, 0.12, 0.08),
            (-0.45, 0.38, 0.1),
            (-0.1, 0.3, 0.05),
            (0.3, 0.14, 0.02),
            (0.65, 0.08, 0.0),
        )
    ]
    parts.append(
        Part("saddle", loft(refined(saddle, 3)).moved(post[0], 0, post[2] + 0.1), "seat post", (0, 0, 1.7))
    )
    ring = (
        extrude(gear_outline(28, 0.42, 0.48), 0.06, [circle(0.3, 28)])
        .turned("x", 90)
        .moved(bottom[0], -0.2, bottom[2])
    )
    parts.append(Part("chainring", ring, "crank", (0, -1.2, 0)))
    angle = dice.real(0, math.pi)
    cranks = []
    for sign, y in ((1, -0.35), (-1, 0.35)):
        tip = bottom + np.array([sign * 0.75 * math.cos(angle), y, sign * 0.75 * math.sin(angle)])
        cranks += [
            rod(bottom + np.array([0, y, 0]), tip, 0.07, 12),
            box(0.35, 0.3, 0.1).moved(tip[0], tip[1] * 1.35, tip[2] - 0.05),
        ]
    parts.append(
        Part(
            "crank",
            join(*cranks, rod(bottom + np.array([0, -0.4, 0]), bottom + np.array([0, 0.4, 0]), 0.09, 14)),
            "frame",
            (0, -2, 0),
        )
    )
    if style == "cargo" or dice.chance(0.25):
        rack = (
            box(1.6, 0.9, 0.1).moved(base * 0.95, 0, front * 2 + 0.2)
            if style == "cargo"
            else box(1.6, 0.6, 0.08).moved(-0.1, 0, wheel * 2 + 0.15)
        )
        parts.append(Part("luggage carrier", rack, "frame", (0, 0, 1.2)))
        if style == "cargo":
            parts.append(
                Part(
                    "cargo box",
                    extrude(rectangle(1.7, 1.2, 0.1), 0.9, [rectangle(1.55, 1.05, 0.08)], taper=1.12).moved(
                        base * 0.95, 0, front * 2 + 0.3
                    ),
                    "luggage carrier",
                    (0, 0, 2),
                )
            )
    if dice.chance(0.35):
        for axle, radius in ((rear_axle, wheel), (front_axle, front)):
            guard = arc((0, 0), radius + 0.2, 20, 160, 16)
            parts.append(
                Part(
                    "mudguard",
                    sweep(
                        rectangle(0.35, 0.04), np.column_stack([guard[:, 0], np.zeros(16), guard[:, 1]])
                    ).moved(*axle),
                    "frame",
                    (0, 0, 0.8),
                )
            )
    return parts


def car(dice: Dice) -> list[Part]:
    """A body lofted through sections, wheels, lamps, bumpers, cabin or load bed."""
    long, wide, high = dice.real(7, 9), dice.real(2.8, 3.4), dice.real(1.0, 1.4)
    wheel = dice.real(0.62, 0.85)
    style = dice.pick(("sedan", "van", "pickup", "roadster", "hatch"))
    floor = wheel * 0.6
    sill = [(0, 0.82, 0.75), (0.08, 0.96, 0.95), (0.5, 1, 1), (0.92, 0.97, 0.96), (1, 0.84, 0.7)]
    rings = [
        np.column_stack(
            [
                np.full(48, (x - 0.5) * long),
                superellipse(wide / 2 * w, high / 2 * h, 4, 48) + np.array([0, floor + high / 2]),
            ]
        )
        for x, w, h in sill
    ]
    parts = [Part("body", loft(refined(rings, 4)))]
    belt = floor + high * 0.96
    cabin = {
        "sedan": (-0.28, 0.22, 0.55, 0.5),
        "van": (-0.46, 0.3, 0.86, 0.62),
        "pickup": (-0.05, 0.24, 0.6, 0.5),
        "roadster": (-0.1, 0.1, 0.2, 0.3),
        "hatch": (-0.42, 0.2, 0.7, 0.55),
    }[style]
    start, end, _roof, _ = cabin
    rise = dice.real(0.9, 1.25) * (1.3 if style == "van" else 1)
    if style != "roadster":
        span = (end - start) * long
        lean = dice.real(0.5, 1.0)
        side = np.array(
            [
                [0, 0],
                [span, 0],
                [span - lean * 1.3, rise],
                [lean * (0.3 if style in ("van", "hatch") else 1.1), rise],
            ]
        ) + np.array([start * long, belt - 0.12])
        smooth = fillet([*side, side[0]], 0.3)[:-1]
        cab = extrude(smooth, wide * 0.84).turned("x", 90).moved(0, wide * 0.42, 0)
        parts.append(Part("cabin", cab, "body", (0, 0, 1.8)))
        inner = (side - side.mean(0)) * np.array([0.84, 0.62]) + side.mean(0)
        halves = dice.whole(1, 3)
        low, top = inner[:, 0].min(), inner[:, 0].max()
        for n in range(halves):
            a, b = low + (top - low) * n / halves, low + (top - low) * (n + 1) / halves - 0.12
            xs = np.array([a, b, b, a])
            zs = np.array([inner[0, 1], inner[0, 1], inner[2, 1], inner[2, 1]])
            left = np.interp(zs, [inner[0, 1], inner[3, 1]], [inner[0, 0], inner[3, 0]])
            right = np.interp(zs, [inner[1, 1], inner[2, 1]], [inner[1, 0], inner[2, 0]])
            pane = np.column_stack([np.clip(xs, left, right), zs])
            for y in (-1, 1):
                parts.append(
                    Part(
                        "window",
                        extrude(pane, 0.05)
                        .turned("x", 90)
                        .moved(0, y * wide * 0.42 + (0.05 if y > 0 else 0.0), 0),
                        "cabin",
                        (0, y * 1.4, 1.8),
                    )
                )
        glass = np.array(
            [[-wide * 0.36, 0], [wide * 0.36, 0], [wide * 0.32, rise * 0.8], [-wide * 0.32, rise * 0.8]]
        )
        angle = math.degrees(math.atan2(rise, lean * 1.3))
        screen = extrude(glass, 0.05).turned("z", 90).turned("y", angle - 180)
        mid = (side[1] + side[2]) / 2
        screen = screen.moved(*(np.array([mid[0] + 0.02, 0, mid[1]]) - (screen.low + screen.high) / 2))
        parts.append(Part("windshield", screen, "cabin", (1.6, 0, 1.8)))
    else:
        parts.append(
            Part(
                "windshield",
                extrude(rectangle(wide * 0.8, 0.7, 0.25), 0.06)
                .turned("x", 70)
                .turned("z", 90)
                .moved(long * 0.12, 0, belt + 0.2),
                "body",
                (0, 0, 1),
            )
        )
        for offset in (-0.6, 0.6):
            parts.append(
                Part(
                    "seat",
                    box(0.9, 0.8, 0.75, 0.25).moved(-long * 0.06, offset, belt - 0.15),
                    "body",
                    (0, 0, 1.6),
                )
            )
    if style == "pickup":
        bed = extrude(
            rectangle(long * 0.42, wide * 0.92, 0.15), 0.5, [rectangle(long * 0.38, wide * 0.78, 0.1)]
        ).moved(-long * 0.27, 0, belt - 0.1)
        parts.append(Part("load bed", bed, "body", (0, 0, 1.2)))
    spokes = dice.whole(4, 8)
    for x in (-long * 0.31, long * 0.31):
        for y in (-1, 1):
            at = (x, y * (wide / 2 - 0.18), wheel)
            tyre = pipe(wheel, wheel * 0.68, 0.5, 48).moved(z=-0.25).turned("x", 90)
            arms = [
                box(0.16, 0.14, wheel * 0.7).moved(0, y * 0.18, 0).turned("y", 360 / spokes * n)
                for n in range(spokes)
            ]
            parts.append(Part("tire", tyre.moved(*at), "rim", (0, y * 1.6, -0.4)))
            parts.append(
                Part(
                    "rim",
                    join(
                        *arms,
                        cylinder(wheel * 0.2, 0.34, 28).moved(z=-0.17).turned("x", 90).moved(0, y * 0.1, 0),
                    ).moved(*at),
                    "body",
                    (0, y * 2.4, -0.4),
                )
            )
            arch = arc((x, wheel), wheel * 1.16, 15, 165, 20)
            parts.append(
                Part(
                    "wheel arch",
                    sweep(
                        rectangle(0.2, 0.1),
                        np.column_stack([arch[:, 0], np.full(20, y * (wide / 2 - 0.02)), arch[:, 1]]),
                    ),
                    "body",
                    (0, y * 0.8, 0),
                )
            )
    lamp = dice.pick((circle(0.25, 32), rectangle(0.7, 0.28, 0.1), ellipse(0.4, 0.2, 32)))
    for y in (-1, 1):
        parts.append(
            Part(
                "headlamp",
                extrude(lamp, 0.2)
                .turned("x", 90)
                .turned("z", 90)
                .moved(long * 0.475, y * wide * 0.3, floor + high * 0.62),
                "body",
                (1.2, 0, 0),
            )
        )
        parts.append(
            Part(
                "mirror",
                box(0.2, 0.35, 0.25, 0.06).moved(end * long - 0.8, y * wide * 0.5, belt),
                "body",
                (0, y, 0.6),
            )
        )
    parts.append(
        Part(
            "bumper",
            box(0.35, wide * 0.86, 0.3, 0.12).moved(long * 0.49, 0, floor + 0.05),
            "body",
            (1.4, 0, -0.3),
        )
    )
    parts.append(
        Part(
            "grille",
            extrude(rectangle(wide * dice.real(0.25, 0.45), 0.32, 0.1), 0.12)
            .turned("x", 90)
            .turned("z", 90)
            .moved(long * 0.47, 0, floor + high * 0.4),
            "body",
            (1.3, 0, 0),
        )
    )
    return parts


VEHICLES = {
    "bicycle": Kind(
        bicycle,
        ("bicycle", "cycle", "pedal vehicle"),
        ("folding", "electrically assisted", "step-through"),
        ("B62K 3/02", "B62K 15/00"),
        "12-11",
        ("D12/111", "D12/117"),
        "riding on roads",
        "are heavy and hard to mount",
    ),
    "car": Kind(
        car,
        ("vehicle", "motor vehicle", "automobile"),
        ("electric", "autonomous", "compact"),
        ("B62D 25/08", "B60R 19/02"),
        "12-08",
        ("D12/92", "D12/98"),
        "carrying passengers",
        "have much drag and poor sight to the rear",
    ),
}
"""Kinds of vehicle by name."""
