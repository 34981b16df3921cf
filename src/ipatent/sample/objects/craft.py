"""Craft for air and water: drones and boats."""

import math

import numpy as np

from ipatent.sample.dice import Dice
from ipatent.sample.objects.kind import Kind
from ipatent.sample.objects.vehicles import refined
from ipatent.sample.profiles import (
    ellipse,
    fillet,
    rectangle,
    spline,
    superellipse,
)
from ipatent.sample.scene import Part
from ipatent.sample.solids import (
    ball,
    box,
    cylinder,
    extrude,
    join,
    lathe,
    loft,
    rod,
    torus,
    tube,
)


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
            a, b = reach * 0.9 * math.cos(angle), reach * 0.9 * math.sin(angle)
            parts.append(
                Part(
                    "landing leg",
                    rod((a, b, 0.25), (a * 1.08, b * 1.08, -0.8), 0.09, 12),
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
    shape = refined(rings, 4)
    parts = [Part("hull", loft(shape, 10))]
    edges = [tube(shape[:, at], 0.07, 12) for at in (0, -1)]
    parts.append(Part("gunwale", join(*edges), "hull", (0, 0, 0.7)))
    deck = 0.02
    if style in ("rowing", "canoe"):
        for number in range(dice.whole(2, 4)):
            x = (number / 3.2 - 0.42) * long * 0.8
            parts.append(Part("thwart", box(0.5, wide * 0.7, 0.12).moved(x, 0, deck), "hull", (0, 0, 1.2)))
        for y in dice.pick(((-1, 1), (-1, 1), (1,), ())):
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
        boom, belly = long * dice.real(0.3, 0.46), dice.real(0.2, 0.4)
        sail = dice.pick(
            (
                np.array([[0, 0], [-boom, 0.1], [-boom * belly * 2, tall * 0.4], [0, tall * 0.9]]),
                np.array([[0, 0], [-boom, 0.2], [-boom * 0.8, tall * 0.8], [0, tall * 0.62]]),
                np.array([[0, 0], [-boom, 0.1], [-boom, tall * 0.66], [0, tall * 0.7]]),
            )
        )
        if dice.chance(0.45):
            roof = extrude(rectangle(long * 0.25, wide * 0.5, 0.3), dice.real(0.4, 0.9), taper=0.85)
            parts.append(Part("deckhouse", roof.moved(-long * 0.12, 0, deck), "hull", (0, 0, 1)))
        parts.append(
            Part(
                "main sail",
                extrude(sail, 0.04).turned("x", 90).moved(long * 0.1 - 0.15, 0, 1.0),
                "mast",
                (-1, 0, 1.5),
            )
        )
        fore = dice.pick(("jib", "jib", "none"))
        if fore == "jib":
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


CRAFT = {
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
"""Kinds of craft by name."""
