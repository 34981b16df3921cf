"""Vehicles: bicycles, cars, drones, boats, carts."""

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


def _refined(rings: list[Floats], steps: int = 4) -> Floats:
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
        Part("saddle", loft(_refined(saddle, 3)).moved(post[0], 0, post[2] + 0.1), "seat post", (0, 0, 1.7))
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
    parts = [Part("body", loft(_refined(rings, 4)))]
    belt = floor + high * 0.96
    cabin = {
        "sedan": (-0.28, 0.22, 0.55, 0.5),
        "van": (-0.46, 0.3, 0.86, 0.62),
        "pickup": (-0.05, 0.24, 0.6, 0.5),
        "roadster": (-0.1, 0.1, 0.2, 0.3),
        "hatch": (-0.42, 0.2, 0.7, 0.55),
    }[style]
    start, end, roof, _ = cabin
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
        for y in (-0.6, 0.6):
            parts.append(
                Part(
                    "seat", box(0.9, 0.8, 0.75, 0.25).moved(-long * 0.06, y, belt - 0.15), "body", (0, 0, 1.6)
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


def drone(dice: Dice) -> list[Part]:
    """A body with three to eight arms, rotors, landing gear, camera, guards."""
    arms, reach, body = dice.pick((3, 4, 4, 4, 6, 8)), dice.real(2.4, 3.6), dice.real(0.8, 1.3)
    shell = dice.pick(("box", "dome", "hexagon", "slim"))
    core = {
        "box": box(body * 2, body * 1.5, 0.6, 0.3),
        "dome": lathe(spline([(body, 0), (body * 0.95, 0.3), (0.2, 0.8)], steps=7), 52),
        "hexagon": extrude(
            np.column_stack(
                [
                    body * np.cos(np.radians(np.arange(0, 360, 60))),
                    body * np.sin(np.radians(np.arange(0, 360, 60))),
                ]
            ),
            0.5,
            taper=0.85,
        ),
        "slim": extrude(superellipse(body * 1.6, body * 0.7, 2.6, 56), 0.45),
    }[shell]
    parts = [Part("fuselage", core)]
    turn = 45 if arms == 4 else 90 if arms == 3 else 30
    arm_style = dice.pick(("round", "flat", "twin"))
    guard = dice.pick(("none", "none", "ring"))
    blades = dice.whole(2, 3)
    spin, size = dice.real(0, 90), reach * math.sin(math.pi / max(arms, 4)) * 0.85
    for number in range(arms):
        angle = turn + 360 / arms * number
        out = (1.6 * math.cos(math.radians(angle)), 1.6 * math.sin(math.radians(angle)))
        arm = {
            "round": rod((body * 0.4, 0, 0.3), (reach, 0, 0.3), 0.13),
            "flat": box(reach - 0.4, 0.4, 0.14, 0.05).moved(reach / 2 + 0.2, 0, 0.23),
            "twin": join(
                rod((body * 0.4, -0.25, 0.3), (reach, -0.1, 0.3), 0.08, 12),
                rod((body * 0.4, 0.25, 0.3), (reach, 0.1, 0.3), 0.08, 12),
            ),
        }[arm_style]
        parts.append(Part("arm", arm.turned("z", angle), "fuselage", (*out, 0)))
        motor = cylinder(0.28, 0.5, 32).moved(reach, 0, 0.2)
        parts.append(Part("motor", motor.turned("z", angle), "arm", (*out, 0.8)))
        outline = spline(
            [
                (0.05, -0.06),
                (size * 0.4, -0.16),
                (size, -0.05),
                (size, 0.06),
                (size * 0.5, 0.12),
                (0.05, 0.06),
            ],
            closed=True,
            steps=4,
        )
        vanes = [
            extrude(outline, 0.04).turned("x", 12).turned("z", spin + 360 / blades * n) for n in range(blades)
        ]
        rotor = join(cylinder(0.1, 0.18, 24).moved(z=-0.05), *vanes).moved(reach, 0, 0.78)
        parts.append(Part("rotor", rotor.turned("z", angle), "motor", (*out, 1.8)))
        if guard == "ring":
            parts.append(
                Part(
                    "rotor guard",
                    torus(size * 1.06, 0.06, 52, 12).moved(reach, 0, 0.75).turned("z", angle),
                    "arm",
                    (*out, 2.6),
                )
            )
    gear = dice.pick(("skids", "legs", "none"))
    if gear == "skids":
        for y in (-1, 1):
            path = fillet([(-1.2, y * 1.1, -1.0), (1.2, y * 1.1, -1.0)], 0.1)
            legs = [rod((x, y * 0.5, 0.05), (x * 1.2, y * 1.1, -1.0), 0.07, 12) for x in (-0.6, 0.6)]
            parts.append(
                Part("landing skid", join(tube(path, 0.09, 12), *legs), "fuselage", (0, y * 0.5, -1.2))
            )
    elif gear == "legs":
        for number in range(arms):
            angle = math.radians(turn + 360 / arms * number)
            x, y = reach * 0.9 * math.cos(angle), reach * 0.9 * math.sin(angle)
            parts.append(
                Part(
                    "landing leg",
                    rod((x, y, 0.25), (x * 1.08, y * 1.08, -0.8), 0.09, 12),
                    "arm",
                    (0, 0, -1.2),
                )
            )
    if dice.chance(0.75):
        parts.append(
            Part(
                "gimbal",
                join(
                    box(0.5, 0.12, 0.5).moved(0.0, -0.35, -0.5),
                    box(0.5, 0.12, 0.5).moved(0, 0.35, -0.5),
                    cylinder(0.3, 0.12, 28).moved(z=-0.1),
                ),
                "fuselage",
                (0, 0, -1),
            )
        )
        parts.append(
            Part(
                "camera",
                join(
                    ball(0.33, 28).moved(0, 0, -0.45),
                    cylinder(0.16, 0.2, 24).turned("x", 90).moved(0, -0.25, -0.45),
                ),
                "gimbal",
                (0, -0.4, -2),
            )
        )
    top = float(core.high[2])
    cover = dice.pick(("battery", "mast", "box"))
    if cover == "battery":
        parts.append(
            Part(
                "battery",
                box(body * 0.9, body * 0.5, 0.3, 0.08).moved(0, 0, top - 0.05),
                "fuselage",
                (0, 0, 1.4),
            )
        )
    elif cover == "mast":
        parts.append(
            Part(
                "antenna mast",
                join(
                    cylinder(0.06, 0.9, 20).moved(z=top - 0.05),
                    lathe([(0.3, 0), (0.3, 0.1), (0.1, 0.25)], 32).moved(z=top + 0.8),
                ),
                "fuselage",
                (0, 0, 1.4),
            )
        )
    else:
        parts.append(Part("parcel", box(1.1, 0.9, 0.7).moved(0, 0, -1.6), "fuselage", (0, 0, -2.6)))
    return parts


def boat(dice: Dice) -> list[Part]:
    """A hull with deck, seats, cabin, mast or motor."""
    long, wide, deep = dice.real(7, 10), dice.real(2.2, 3.4), dice.real(1.0, 1.6)
    style = dice.pick(("rowing", "sail", "motor", "canoe"))
    stern = 0.08 if style == "canoe" else dice.real(0.6, 0.95)
    rings = []
    for x, w, d in (
        (0, stern, 0.75),
        (0.2, max(stern, 0.85), 0.95),
        (0.5, 1, 1),
        (0.78, 0.72, 0.92),
        (0.94, 0.25, 0.72),
        (1, 0.04, 0.55),
    ):
        half = wide / 2 * w
        t = np.linspace(0, math.pi, 30)
        under = np.column_stack([half * np.cos(t), -deep * d * np.abs(np.sin(t)) ** _fullness(style)])
        lift = 0.25 * x**3 + (0.15 * (1 - x) ** 3 if style == "canoe" else 0)
        rings.append(np.column_stack([np.full(30, (x - 0.5) * long), under + np.array([0, lift])]))
    shape = _refined(rings, 4)
    parts = [Part("hull", loft(shape, 10))]
    edges = [tube(shape[:, at], 0.07, 12) for at in (0, -1)]
    parts.append(Part("gunwale", join(*edges), "hull", (0, 0, 0.7)))
    deck = 0.02
    if style in ("rowing", "canoe"):
        for number in range(dice.whole(2, 4)):
            x = (number / 3.2 - 0.42) * long * 0.8
            parts.append(Part("thwart", box(0.5, wide * 0.7, 0.12).moved(x, 0, deck), "hull", (0, 0, 1.2)))
        for y in (-1, 1):
            shaft = rod((-0.2, y * 0.5, 0.6), (-1.4, y * wide * 1.1, -0.2), 0.08, 12)
            blade = (
                extrude(ellipse(0.6, 0.22, 32), 0.06).turned("z", y * 118).moved(-1.6, y * wide * 1.2, -0.3)
            )
            parts.append(Part("oar", join(shaft, blade), "oarlock", (0, y * 1.2, 0.8)))
            parts.append(
                Part(
                    "oarlock",
                    torus(0.16, 0.05, 28, 12).turned("x", 90).moved(-0.35, y * wide * 0.48, 0.3),
                    "hull",
                    (0, y * 0.5, 0.8),
                )
            )
    elif style == "sail":
        tall = dice.real(7, 10)
        parts.append(Part("mast", cylinder(0.13, tall, 24).moved(long * 0.1, 0, deck), "hull", (0, 0, 1.5)))
        sail = np.array([[0, 0], [-long * 0.45, 0.1], [-long * 0.3, tall * 0.4], [0, tall * 0.9]])
        parts.append(
            Part(
                "main sail",
                extrude(sail, 0.04).turned("x", 90).moved(long * 0.1 - 0.15, 0, 1.0),
                "mast",
                (-1, 0, 1.5),
            )
        )
        parts.append(
            Part(
                "jib",
                extrude(np.array([[0.1, 0.2], [long * 0.36, 0], [0.2, tall * 0.75]]), 0.04)
                .turned("x", 90)
                .moved(long * 0.1 + 0.15, 0, 0.8),
                "mast",
                (1.2, 0, 1.5),
            )
        )
        parts.append(
            Part("boom", rod((long * 0.1, 0, 0.9), (-long * 0.37, 0, 0.95), 0.09, 14), "mast", (-0.6, 0, 0.8))
        )
        parts.append(
            Part(
                "keel",
                extrude(np.array([[-0.9, 0], [0.9, 0], [0.4, -1.4], [-0.6, -1.4]]), 0.16)
                .turned("x", 90)
                .moved(0, 0.08, -deep * 0.8),
                "hull",
                (0, 0, -1.2),
            )
        )
    else:
        parts.append(
            Part(
                "cabin",
                extrude(
                    rectangle(long * dice.real(0.2, 0.36), wide * 0.62, 0.3), dice.real(0.7, 1.3), taper=0.86
                ).moved(long * 0.05, 0, deck),
                "hull",
                (0, 0, 1.6),
            )
        )
        parts.append(
            Part(
                "windshield",
                box(0.08, wide * 0.6, 0.5).turned("y", -25).moved(long * 0.26, 0, deck + 0.1),
                "cabin",
                (0.8, 0, 1.6),
            )
        )
        parts.append(
            Part(
                "outboard motor",
                join(
                    box(0.6, 0.6, 0.9, 0.15).moved(-long / 2 - 0.35, 0, 0.1),
                    box(0.3, 0.15, 1.6).moved(-long / 2 - 0.35, 0, -1.4),
                ),
                "hull",
                (-1.4, 0, 0),
            )
        )
        rails = fillet(
            [
                (-long * 0.05, -wide * 0.42, 0.1),
                (long * 0.2, -wide * 0.4, 0.7),
                (long * 0.46, 0, 0.85),
                (long * 0.2, wide * 0.4, 0.7),
                (-long * 0.05, wide * 0.42, 0.1),
            ],
            0.8,
        )
        parts.append(Part("hand rail", tube(rails, 0.06, 12), "hull", (0.6, 0, 1)))
    parts.append(
        Part(
            "rudder",
            extrude(rectangle(0.7, 1.1, 0.2), 0.08).turned("x", 90).moved(-long / 2 - 0.2, 0.04, -0.5),
            "hull",
            (-1, 0, -0.4),
        )
    )
    return parts


def _fullness(style: str) -> float:
    """How full the sections of a hull are: small is boxy."""
    return {"rowing": 0.6, "sail": 0.9, "motor": 0.75, "canoe": 0.5}[style]


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
    "drone": Kind(
        drone,
        ("drone", "unmanned aerial vehicle", "multicopter"),
        ("foldable", "long-range", "amphibious"),
        ("B64U 10/13", "B64C 39/02"),
        "12-07",
        ("D12/16.1", "D21/441"),
        "carrying a camera in flight",
        "are damaged by hard landings",
    ),
    "boat": Kind(
        boat,
        ("boat", "watercraft", "vessel"),
        ("unsinkable", "foldable", "planing"),
        ("B63B 1/04", "B63B 3/00"),
        "12-06",
        ("D12/302", "D12/314"),
        "travelling on water",
        "pitch in waves and take on water",
    ),
}
"""Kinds of vehicle by name."""
