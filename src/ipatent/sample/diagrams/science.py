"""Plots, circuits and chemical structures."""

import itertools
import math
import random

import numpy as np

from ipatent.sample.diagrams.charts import sentence, ticks
from ipatent.sample.diagrams.diagram import Diagram, Sheetful, Subject
from ipatent.sample.profiles import Floats, arc, circle
from ipatent.sample.story import article
from ipatent.sample.style import Style

_AXES = (
    ("Time (s)", "Force (N)"),
    ("Frequency (Hz)", "Gain (dB)"),
    ("Temperature (°C)", "Viscosity (mPa·s)"),
    ("Strain (%)", "Stress (MPa)"),
    ("Speed (rpm)", "Torque (Nm)"),
    ("Flow rate (l/min)", "Pressure (kPa)"),
    ("Cycles", "Wear (mm)"),
    ("Wavelength (nm)", "Absorbance"),
)


def graph(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """Curves, points or bars over labelled axes."""
    page = Sheetful(1600, style)
    wide, tall = 1400.0, chance.choice((900.0, 1050.0, 1250.0))
    across, up = chance.choice(_AXES)
    page.stroke([(0, 0), (0, tall), (wide, tall)], 1.3)
    if chance.random() < 0.5:
        page.stroke([(0, 0), (wide, 0), (wide, tall)], 1.0)
    grid = chance.random() < 0.35
    for index, value in enumerate(ticks(0, chance.choice((1, 10, 100, 500)), 6)):
        x = wide * index / 5
        page.stroke([(x, tall), (x, tall - 18)])
        page.label(f"{value:g}", x, tall + 40, 34)
        if grid and 0 < index < 5:
            page.stroke([(x, 0), (x, tall)], 0.7, (12.0, 14.0))
    for index, value in enumerate(ticks(0, chance.choice((1, 5, 50, 250)), 6)):
        level = tall - tall * index / 5
        page.stroke([(0, level), (18, level)])
        page.label(f"{value:g}", -55, level, 34)
        if grid and 0 < index < 5:
            page.stroke([(0, level), (wide, level)], 0.7, (12.0, 14.0))
    page.label(across, wide / 2, tall + 110, 44)
    page.label(up, 40 + len(up) * 9, -50, 44)
    style_name = chance.choice(("curves", "points", "bars", "decay"))
    told = []
    count = chance.randint(2, 4) if style_name != "bars" else 1
    if style_name == "bars":
        bars = chance.randint(5, 9)
        for index in range(bars):
            high = tall * chance.uniform(0.15, 0.92)
            left = wide * (index + 0.25) / bars
            page.frame(left, tall - high, left + wide * 0.5 / bars, tall)
            for row in np.arange(tall - high + 20, tall, 26):
                page.stroke([(left, min(row + 24, tall)), (left + wide * 0.5 / bars, row)], 0.6)
    run = np.linspace(0, 1, 160)
    for index in range(count if style_name != "bars" else 0):
        a, b, c = chance.uniform(0.3, 0.95), chance.uniform(1.2, 6), chance.uniform(0, 3)
        curve: Floats = run
        if style_name == "decay":
            curve = a * np.exp(-b * run) + 0.08
        elif chance.random() < 0.4:
            curve = 0.45 + 0.38 * a * np.sin(2 * b * run + c) * np.exp(-run * chance.uniform(0, 2))
        else:
            curve = a * (1 - np.exp(-b * run)) * (1 - 0.15 * run * chance.random())
        curve = np.clip(curve, 0.01, 0.97)
        points = np.column_stack([run * wide, tall - curve * tall])
        number = str(subject.first + 2 * (index + 1))
        if style_name == "points":
            for px, py in points[6::14]:
                page.stroke(
                    np.concatenate([circle(11, 10, (px, py)), [[px + 11, py]]])
                    if index % 2
                    else np.array(
                        [
                            [px - 11, py - 11],
                            [px + 11, py + 11],
                            [px, py],
                            [px - 11, py + 11],
                            [px + 11, py - 11],
                        ]
                    )
                )
        page.stroke(
            points, 1.2, () if index == 0 else ((30.0, 16.0), (8.0, 12.0), (40.0, 12.0, 8.0, 12.0))[index - 1]
        )
        at = points[int(100 + 15 * index)]
        page.numeral(number, "curve", at[0] + 90, at[1] - 95, (float(at[0]), float(at[1])))
        whose = f"the {subject.noun}" if index == 0 else "a comparative example"
        told.append(f"curve {number} shows the {up.split(' (')[0].lower()} of {whose}")
    what, against = (name.split(" (")[0].lower() for name in (up, across))
    phrase = f"a graph of {what} against {against} for the {subject.noun}"
    return Diagram(
        page.drawing(),
        phrase,
        sentence(told or [f"the bars show results of the {subject.noun} for several samples"]),
    )


def circuit(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """Resistors, capacitors, coils, diodes and sources on a ladder of wires."""
    page = Sheetful(1700, style)
    loops, rows = chance.randint(3, 5), chance.choice((1, 1, 2))
    pitch, tall = 1600 / loops, 430.0
    names: dict[str, int] = {}
    told = []
    number = subject.first

    def element(kind: str, a: tuple[float, float], b: tuple[float, float]) -> None:
        nonlocal number
        x0, y0, x1, y1 = *a, *b
        length = math.hypot(x1 - x0, y1 - y0)
        unit = np.array([x1 - x0, y1 - y0]) / length
        side = np.array([-unit[1], unit[0]])
        middle = np.array([x0 + x1, y0 + y1]) / 2
        half = 80.0

        def at(along: float, off: float) -> Floats:
            return np.asarray(middle + unit * along + side * off)

        reach = {"C": 14.0, "V": 60.0}.get(kind, half)
        page.stroke(np.array([a, at(-reach, 0)]))
        page.stroke(np.array([at(reach, 0), b]))
        if kind == "R":
            if style.curved_leads:
                page.stroke(
                    np.array(
                        [
                            at(-half, 0),
                            *[at(-half + (n + 0.5) * half / 4, 32 * (-1) ** n) for n in range(8)],
                            at(half, 0),
                        ]
                    )
                )
            else:
                page.stroke(
                    np.array([at(-half, -32), at(half, -32), at(half, 32), at(-half, 32), at(-half, -32)])
                )
        elif kind == "C":
            for s in (-14, 14):
                page.stroke(np.array([at(s, -50), at(s, 50)]), 1.4)
        elif kind == "L":
            for n in range(4):
                bump = arc((0, 0), half / 4, 180, 0, 12)
                page.stroke(np.array([at(-half + half / 4 + n * half / 2 + u, v * 1.3) for u, v in bump]))
        elif kind == "D":
            page.stroke(np.array([at(-40, -42), at(-40, 42), at(40, 0), at(-40, -42)]))
            page.stroke(np.array([at(40, -42), at(40, 42)]))
            page.stroke(np.array([at(-half, 0), at(half, 0)]))
        elif kind == "V":
            page.stroke(
                np.concatenate(
                    [circle(60, 40, (float(middle[0]), float(middle[1]))), [middle + np.array([60, 0])]]
                )
            )
            page.label("~" if chance.random() < 0.5 else "V", float(middle[0]), float(middle[1]), 44)
        else:
            page.stroke(np.array([at(-half, 0), at(half * 0.9, -46)]))
            for end in (-half, half):
                spot = at(end, 0)
                page.stroke(
                    np.concatenate(
                        [circle(9, 12, (float(spot[0]), float(spot[1]))), [spot + np.array([9, 0])]]
                    )
                )
        names[kind] = names.get(kind, 0) + 1
        number += 2
        term = {
            "R": "resistor",
            "C": "capacitor",
            "L": "coil",
            "D": "diode",
            "V": "voltage source",
            "S": "switch",
        }[kind]
        off = at(0, -105 if abs(unit[0]) > 0.5 else -120)
        if style.arrow_leads or chance.random() < 0.4:
            page.numeral(str(number), term, float(off[0]), float(off[1]))
            told.append(f"the circuit has {article(term)} {number}")
        else:
            page.numeral(f"{kind}{names[kind]}", term, float(off[0]), float(off[1]))
            told.append(f"the circuit has a {term} {kind}{names[kind]}")

    for row in range(rows):
        top, bottom = row * tall * 1.35, row * tall * 1.35 + tall
        for loop in range(loops):
            left, right = loop * pitch, (loop + 1) * pitch
            element(chance.choice("RRLDSC"), (left, top), (right, top))
            page.stroke([(left, bottom), (right, bottom)])
            if loop == 0:
                element("V", (left, top), (left, bottom))
            element(chance.choice("RRCCLD"), (right, top), (right, bottom))
            for spot in ((right, top), (right, bottom)):
                page.stroke(np.concatenate([circle(5, 10, spot), [[spot[0] + 5, spot[1]]]]), 2.0)
        x, y = loops * pitch * 0.5, bottom
        page.stroke([(x, y), (x, y + 60)])
        for n in range(3):
            page.stroke([(x - 45 + 14 * n, y + 60 + 18 * n), (x + 45 - 14 * n, y + 60 + 18 * n)])
    return Diagram(page.drawing(), f"a circuit diagram of the {subject.noun}", sentence(told))


def chemical_structure(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """Fused and linked rings with double bonds and substituents."""
    page = Sheetful(1500, style)
    bond = 150.0
    groups = ("OH", "CH3", "NH2", "COOH", "F", "Cl", "OCH3", "CF3", "NO2", "R1", "R2", "CN", "SO3H", "Br")
    rings = chance.randint(1, 4)
    centres: list[tuple[float, float]] = [(0.0, 0.0)]
    linked = chance.random() < 0.4
    directions = [math.radians(30 + 60 * n) for n in range(6)]
    spacing = bond * (math.sqrt(3) + (1.0 if linked else 0.0))
    for _ in range(rings - 1):
        x, y = centres[-1]
        free = [(x + spacing * math.cos(d), y + spacing * math.sin(d)) for d in directions]
        free = [c for c in free if all(math.hypot(c[0] - p[0], c[1] - p[1]) > spacing * 0.9 for p in centres)]
        centres.append(chance.choice(free))
    corners: dict[tuple[int, int], tuple[float, float]] = {}
    uses: dict[tuple[int, int], int] = {}
    turned = math.radians(30) if linked else 0.0
    drawn: set[tuple[tuple[int, int], tuple[int, int]]] = set()
    for cx, cy in centres:
        aromatic = chance.random() < 0.75
        ring = [
            (
                cx + bond * math.cos(turned + math.pi / 3 * n + math.pi / 3),
                cy + bond * math.sin(turned + math.pi / 3 * n + math.pi / 3),
            )
            for n in range(6)
        ]
        keys = [(round(px / 20), round(py / 20)) for px, py in ring]
        for key, point in zip(keys, ring, strict=True):
            corners[key] = point
            uses[key] = uses.get(key, 0) + 1
        for n in range(6):
            a, b = ring[n], ring[(n + 1) % 6]
            pair = tuple(sorted((keys[n], keys[(n + 1) % 6])))
            if (pair[0], pair[1]) not in drawn:
                page.stroke([a, b], 1.2)
                drawn.add((pair[0], pair[1]))
            if aromatic and n % 2 == 0:
                page.stroke(
                    [
                        (
                            cx + (p[0] - cx) * 0.82 + (q[0] - p[0]) * 0.06,
                            cy + (p[1] - cy) * 0.82 + (q[1] - p[1]) * 0.06,
                        )
                        for p, q in ((a, b), (b, a))
                    ],
                    1.2,
                )
        if chance.random() < 0.35:
            px, py = ring[chance.randrange(6)]
            page.label(chance.choice(("N", "O", "S", "NH")), px, py, 56, clear=True)
    if linked:
        for a, b in itertools.pairwise(centres):
            d = np.array(b) - np.array(a)
            d = d / np.linalg.norm(d)
            page.stroke(np.array([np.array(a) + d * bond, np.array(b) - d * bond]), 1.2)
    outer = [point for key, point in corners.items() if uses[key] == 1]
    chance.shuffle(outer)
    middle = np.array(centres).mean(0)
    named = []
    for point in outer[: chance.randint(2, 4)]:
        nearest = min(centres, key=lambda c: math.hypot(c[0] - point[0], c[1] - point[1]))
        out = np.array(point) - np.array(nearest)
        out = out / np.linalg.norm(out)
        if linked and any(
            math.hypot(point[0] + out[0] * bond - c[0], point[1] + out[1] * bond - c[1]) < bond * 1.2
            for c in centres
        ):
            continue
        length = chance.choice((1, 1, 2))
        tip = np.array(point)
        for n in range(length):
            bend = out if n == 0 else np.array([out[0] * 0.5 - out[1] * 0.87, out[0] * 0.87 + out[1] * 0.5])
            onward = tip + bend * bond * 0.8
            page.stroke(np.array([tip, onward]), 1.2)
            tip = onward
        group = chance.choice(groups)
        named.append(group)
        page.label(
            group,
            float(tip[0] + (tip[0] - middle[0]) * 0.08 + out[0] * 34),
            float(tip[1] + out[1] * 34),
            56,
            clear=False,
        )
    page.label(
        f"({chance.choice(('I', 'II', 'III', 'IV'))})",
        float(max(c[0] for c in centres) + bond * 3.0),
        float(middle[1]),
        float(style.numeral_size),
    )
    coats = subject.terms[-1] if subject.terms else subject.noun
    carried = ", ".join(named) or "R1"
    text = (
        f"The compound carries the substituents {carried} and is a monomer of the resin of which the"
        f" {coats} is moulded."
    )
    return Diagram(page.drawing(), f"a structural formula of a monomer of the resin of the {coats}", text)
