"""Hand tools: hammers, screwdrivers, pliers."""

import numpy as np

from ipatent.sample.dice import Dice
from ipatent.sample.objects.kind import Kind
from ipatent.sample.profiles import arc, ellipse, rectangle, regular, spline, strip, wavy
from ipatent.sample.scene import Part
from ipatent.sample.solids import Solid, ball, box, cylinder, extrude, join, lathe, loft, rod, sweep, torus


def _lying(solid: Solid) -> Solid:
    """A solid made along z, laid along x."""
    return solid.turned("y", 90)


def _along_x(sections: list[tuple[float, float, float]], power_points: int = 40) -> Solid:
    """A handle through ellipses (x, half width, half height)."""
    table = np.array(sections)
    fine = spline(table, steps=5)
    rings = [np.column_stack([np.full(power_points, x), ellipse(a, b, power_points)]) for x, a, b in fine]
    return loft(rings, 20)


def hammer(dice: Dice) -> list[Part]:
    """A head (claw, ball, cross or mallet) on a handle."""
    long, thick = dice.real(6, 9), dice.real(0.3, 0.45)
    style = dice.pick(("claw", "ball", "cross", "mallet", "sledge"))
    grip = dice.real(0.35, 0.5)
    swell = dice.real(1.0, 1.5)
    parts = [
        Part(
            "handle",
            _along_x(
                [
                    (0, grip, grip * 0.8),
                    (long * 0.15, grip * swell, grip),
                    (long * 0.4, grip, grip * 0.85),
                    (long * 0.65, thick * 0.8, thick * 0.7),
                    (long, thick, thick * 0.8),
                ]
            ),
            "head",
            (-2.5, 0, 0),
        )
    ]
    at = long - 0.1
    face = dice.real(0.5, 0.8)
    if style == "mallet":
        head = dice.pick((box(1.5, 1.5, 3.4, 0.15), cylinder(0.95, 3.4, 56))).moved(0, 0, -1.7)
        parts.append(Part("head", head.moved(at)))
        for z in (-1.72, 1.5):
            parts.append(
                Part(
                    "striking cap",
                    cylinder(1.0, 0.22, 56).moved(at, 0, z),
                    "head",
                    (0, 0, 0.9 if z > 0 else -0.9),
                )
            )
    elif style == "sledge":
        parts.append(Part("head", extrude(regular(8, 0.95, 22.5), 3.0, base=-1.5).moved(at)))
        parts.append(
            Part(
                "striking face",
                lathe([(0.85, 0), (0.85, 0.2), (0.7, 0.35)], 48).moved(at, 0, 1.5),
                "head",
                (0, 0, 1),
            )
        )
        parts.append(
            Part(
                "striking face",
                lathe([(0.85, 0), (0.85, 0.2), (0.7, 0.35)], 48).turned("x", 180).moved(at, 0, -1.5),
                "head",
                (0, 0, -1),
            )
        )
    else:
        parts.append(
            Part(
                "head",
                join(box(1.1, 1.0, 1.1, 0.2).moved(at, 0, -0.55), cylinder(0.4, 1.0, 36).moved(at, 0, -1.5)),
            )
        )
        parts.append(
            Part(
                "striking face",
                lathe([(face, 0), (face, 0.6), (face * 0.8, 0.75)], 48).turned("x", 180).moved(at, 0, -1.4),
                "head",
                (0, 0, -1.2),
            )
        )
        if style == "claw":
            for y in (-0.27, 0.27):
                path = spline(
                    [
                        (at, y, 0.4),
                        (at - 0.1, y * 1.2, 1.2),
                        (at - 0.6, y * 1.7, 1.9),
                        (at - 1.4, y * 2, 2.3),
                    ],
                    steps=6,
                )
                claw = sweep(rectangle(0.4, 0.5, 0.08), path, scales=np.linspace(1.1, 0.35, len(path)))
                parts.append(Part("claw", claw, "head", (0, 0, 1.2)))
        elif style == "ball":
            parts.append(Part("peen neck", cylinder(0.38, 0.6, 36).moved(at, 0, 0.5), "head", (0, 0, 0.8)))
            parts.append(Part("ball peen", ball(0.62, 40).moved(at, 0, 1.45), "peen neck", (0, 0, 1.6)))
        else:
            wedge = (
                extrude(np.array([[-0.5, 0], [0.5, 0], [0.12, 1.5], [-0.12, 1.5]]), 1.0)
                .turned("x", 90)
                .moved(at, 0.5, 0.5)
            )
            parts.append(Part("cross peen", wedge, "head", (0, 0, 1.2)))
    cover = dice.pick(("rings", "sleeve", "hole", "none"))
    if cover == "rings":
        for number in range(dice.whole(3, 7)):
            parts.append(
                Part(
                    "grip ring",
                    _lying(torus(grip * 1.02, 0.07, 40, 12)).moved(0.5 + number * 0.45),
                    "handle",
                    (-3.4, 0, 0),
                )
            )
    elif cover == "sleeve":
        length = long * dice.real(0.3, 0.45)
        sleeve = _along_x(
            [
                (0.05, grip * 1.25, grip * 1.15),
                (length * 0.4, grip * swell * 1.15, grip * 1.2),
                (length, grip * 1.2, grip * 1.1),
            ]
        )
        parts.append(Part("grip sleeve", sleeve, "handle", (-4.5, 0, 0)))
        parts.append(Part("end cap", ball(grip * 1.1, 32).scaled(0.5, 1, 1), "handle", (-5.5, 0, 0)))
    elif cover == "hole":
        parts.append(
            Part("hanging loop", torus(0.4, 0.1, 36, 12).turned("x", 90).moved(-0.35), "handle", (-3.4, 0, 0))
        )
    return parts


def screwdriver(dice: Dice) -> list[Part]:
    """A blade in a fluted, ball, T or ratchet handle, with several tips."""
    long, shank = dice.real(3.5, 7), dice.real(0.13, 0.22)
    grip, length = dice.real(0.5, 0.85), dice.real(2.4, 4)
    style = dice.pick(("fluted", "turned", "tee", "ball", "hexagon"))
    parts = [Part("shank", _lying(cylinder(shank, long, 28)))]
    if style == "fluted":
        flutes = wavy(grip, dice.whole(5, 9), grip * 0.1)
        rings = [
            np.column_stack([np.full(len(flutes), -x * length), flutes * s])
            for x, s in ((0, 0.6), (0.12, 0.9), (0.25, 0.75), (0.4, 1), (0.85, 1), (1, 0.75))
        ]
        parts.append(Part("handle", loft(rings[::-1]), "shank", (-2, 0, 0)))
    elif style == "turned":
        curve = spline(
            [
                (grip * 0.5, 0),
                (grip * 0.9, length * 0.12),
                (grip * 0.55, length * 0.25),
                (grip, length * 0.6),
                (grip * 0.8, length * 0.95),
            ],
            steps=7,
        )
        parts.append(Part("handle", lathe(curve, 48).turned("y", -90), "shank", (-2, 0, 0)))
    elif style == "tee":
        parts.append(
            Part(
                "cross handle",
                rod((-0.3, -length * 0.55, 0), (-0.3, length * 0.55, 0), grip * 0.55, 32),
                "shank",
                (-2, 0, 0),
            )
        )
        parts.append(
            Part("socket", _lying(cylinder(grip * 0.5, 1.0, 32)).moved(-0.1), "cross handle", (-0.9, 0, 0))
        )
        for y in (-1, 1):
            parts.append(
                Part(
                    "end cap",
                    ball(grip * 0.62, 28).moved(-0.3, y * length * 0.55),
                    "cross handle",
                    (-2, y * 1.2, 0),
                )
            )
    elif style == "ball":
        parts.append(Part("ball handle", ball(grip * 1.4, 44).moved(-grip * 1.2), "shank", (-2, 0, 0)))
        parts.append(
            Part("collar", _lying(cylinder(grip * 0.6, 0.5, 36)).moved(-0.1), "ball handle", (-0.8, 0, 0))
        )
    else:
        parts.append(
            Part("handle", extrude(regular(6, grip), length, taper=0.9).turned("y", -90), "shank", (-2, 0, 0))
        )
        parts.append(
            Part(
                "swivel cap",
                _lying(lathe([(grip * 0.7, 0), (grip * 0.8, 0.2), (grip * 0.8, 0.4)], 40)).moved(
                    -length - 0.4
                ),
                "handle",
                (-3, 0, 0),
            )
        )
    for number in range(dice.whole(0, 3)):
        if style in ("turned", "hexagon"):
            parts.append(
                Part(
                    "grip band",
                    _lying(torus(grip * 0.98, 0.08, 40, 12)).moved(-length * (0.45 + 0.13 * number)),
                    "handle",
                    (-1.6, 0, 0),
                )
            )
    tip = dice.pick(("flat", "cross", "hex", "chuck"))
    if tip == "flat":
        blade = extrude(
            np.array(
                [[-shank, -shank * 0.9], [0.8, -shank * 1.7], [0.8, shank * 1.7], [-shank, shank * 0.9]]
            ),
            0.1,
            base=-0.05,
        )
        parts.append(Part("flat tip", blade.moved(long - 0.05), "shank", (1.2, 0, 0)))
    elif tip == "cross":
        parts.append(
            Part(
                "cross tip",
                _lying(extrude(wavy(shank * 0.9, 4, shank * 0.3, 48), 0.6, taper=0.25)).moved(long),
                "shank",
                (1.2, 0, 0),
            )
        )
    elif tip == "hex":
        parts.append(
            Part(
                "hexagonal tip",
                _lying(extrude(regular(6, shank * 1.5), 0.8)).moved(long - 0.1),
                "shank",
                (1.2, 0, 0),
            )
        )
    else:
        parts.append(
            Part(
                "chuck",
                _lying(lathe([(shank * 2.2, 0), (shank * 2.4, 0.5), (shank * 1.6, 0.9)], 36)).moved(
                    long - 0.3
                ),
                "shank",
                (1.0, 0, 0),
            )
        )
        parts.append(
            Part("bit", _lying(extrude(regular(6, shank), 1.2)).moved(long + 0.5), "chuck", (2.2, 0, 0))
        )
    if dice.chance(0.4):
        parts.append(
            Part(
                "hexagonal bolster",
                _lying(extrude(regular(6, shank * 2.3), 0.35)).moved(0.02),
                "shank",
                (-0.4, 0, 0),
            )
        )
    return parts


def pliers(dice: Dice) -> list[Part]:
    """Two crossed levers with jaws: pliers, shears or scissors."""
    style = dice.pick(("pliers", "needle", "scissors", "cutter"))
    thick = dice.real(0.25, 0.45)
    spread, long = dice.real(0.7, 1.3), dice.real(3.5, 5)
    parts: list[Part] = []
    tip = {"pliers": 2.0, "needle": 3.2, "scissors": 4.4, "cutter": 1.5}[style]
    for side in (-1, 1):
        base = 0.02 + (thick if side > 0 and style == "scissors" else 0.0)
        jaw = np.array(
            [
                [-0.5, 0.05],
                [-0.55, 0.7],
                [0.5, 0.85],
                [tip * 0.6, 0.5 if style != "needle" else 0.35],
                [tip, 0.16],
                [tip, 0.04],
            ]
        )
        if style == "cutter":
            jaw = np.concatenate([[[-0.5, 0.05]], arc((0.5, 0.1), 1.1, 170, 0, 14)])
        parts.append(
            Part(
                "blade" if style in ("scissors", "cutter") else "jaw",
                extrude(jaw * np.array([1, side]), thick, base=base),
                "pivot",
                (1.5, side * 1.2, 0),
            )
        )
        path = spline(
            [
                (0.2, side * 0.45),
                (-0.8, side * spread * 0.8),
                (-long * 0.5, side * spread * 1.1),
                (-long, side * spread * dice.real(0.5, 1.0)),
            ],
            steps=7,
        )
        arm = sweep(rectangle(0.42, thick), np.column_stack([path, np.full(len(path), base + thick / 2)]))
        parts.append(
            Part(
                "lever arm", arm, "blade" if style in ("scissors", "cutter") else "jaw", (-1.5, side * 1.0, 0)
            )
        )
        if style == "scissors":
            bow = (
                torus(dice.real(0.7, 0.9), 0.2, 44)
                .scaled(1.25, 1, 1)
                .moved(-long - 0.6, side * spread * 0.95, base + thick / 2)
            )
            parts.append(Part("finger bow", bow, "lever arm", (-2.4, side * 1.2, 0)))
        else:
            half = path[len(path) // 3 :]
            grip = sweep(
                ellipse(0.36, 0.3, 20), np.column_stack([half, np.full(len(half), base + thick / 2)])
            )
            parts.append(Part("grip", grip, "lever arm", (-2.8, side * 1.2, 0)))
    parts.append(
        Part(
            "pivot",
            join(
                cylinder(0.38, thick * 2.4, 36).moved(0, 0, -0.1),
                box(0.5, 0.1, 0.05).moved(0, 0, thick * 2.3),
            ),
            "lever arm",
            (0, 0, 1.8),
        )
    )
    if style in ("needle", "cutter") and dice.chance(0.7):
        leaf = spline([(-0.7, 0.3), (-1.6, 0.1), (-2.6, -0.4)], steps=6)
        parts.append(
            Part("leaf spring", extrude(strip(leaf, 0.1), thick * 0.8, base=0.1), "lever arm", (-1.5, 0, 1.2))
        )
    return parts


TOOLS = {
    "hammer": Kind(
        hammer,
        ("hammer", "striking tool", "hand tool"),
        ("shock-absorbing", "balanced", "non-slip"),
        ("B25D 1/00", "B25G 1/01"),
        "08-01",
        ("D8/75", "D8/78"),
        "driving nails",
        "transmit shock to the hand of the user",
    ),
    "screwdriver": Kind(
        screwdriver,
        ("screwdriver", "driver tool", "hand tool"),
        ("ratcheting", "multi-bit", "ergonomic"),
        ("B25B 15/00", "B25G 1/10"),
        "08-05",
        ("D8/82", "D8/83"),
        "driving screws",
        "turn in the hand under high torque",
    ),
    "pliers": Kind(
        pliers,
        ("pliers", "cutting tool", "gripping tool"),
        ("spring-loaded", "compound-action", "ergonomic"),
        ("B25B 7/02", "B26B 17/00"),
        "08-03",
        ("D8/52", "D8/57"),
        "gripping and cutting",
        "tire the hand in long use",
    ),
}
"""Kinds of hand tool by name."""
