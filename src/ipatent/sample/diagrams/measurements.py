"""Further graphs and molecules, in other manners than the first ones."""

import random

import numpy as np

from ipatent.sample.diagrams.diagram import Diagram, Sheetful, Subject
from ipatent.sample.diagrams.systems import dotted
from ipatent.sample.profiles import arc, circle, regular
from ipatent.sample.style import Style

_GROUPS = ("OH", "NH2", "COOH", "O", "N", "F", "Cl", "OCH3", "R1", "R2", "S", "HO", "CH3")


def spectrum(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """Narrow peaks over an axis, or a noisy trace."""
    page = Sheetful(1600, style)
    wide, tall = 1500.0, chance.choice((700.0, 1000.0))
    run = np.linspace(0, 1, 700)
    noise = np.random.default_rng(chance.getrandbits(32))
    for trace in range(chance.choice((1, 1, 2, 3))):
        level = noise.normal(0, chance.choice((0.0, 0.004, 0.015)), 700)
        if chance.random() < 0.5:
            for _ in range(chance.randint(4, 14)):
                level += noise.uniform(0.08, 0.85) * np.exp(
                    -(((run - noise.uniform(0, 1)) / noise.uniform(0.003, 0.012)) ** 2)
                )
        else:
            level += 0.5 + np.cumsum(noise.normal(0, 0.02, 700))
        level = np.clip(level * (0.9 - 0.2 * trace), -0.02, 0.98)
        page.stroke(np.column_stack([run * wide, tall - level * tall]), 0.8)
    _axes(page, chance, wide, tall, chance.choice(("2-Theta (deg)", "m/z", "Wavelength (nm)", "Time (min)")))
    return Diagram(
        page.drawing(),
        f"a graph of a spectrum of a coating of the {subject.noun}",
        f"The coating of the {subject.noun} shows these peaks.",
    )


def timing(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """Digital signals one above the other."""
    page = Sheetful(1700, style)
    rows = chance.randint(3, 7)
    for row in range(rows):
        y, x, high = row * 170.0, 230.0, chance.random() < 0.5
        page.label(chance.choice(("CLK", "DATA", "EN", "RST", "OUT", "V1", "SW", "I_L")), 70, y + 40, 44)
        points = [(x, y if high else y + 90)]
        step = chance.choice((70.0, 140.0)) if row else 70.0
        while x < 1600:
            x += step * (1 if row == 0 else chance.randint(1, 4))
            points.append((min(x, 1650.0), y if high else y + 90))
            high = not high
            points.append((min(x, 1650.0), y if high else y + 90))
        page.stroke(points, 1.2)
    for number in range(chance.randint(1, 4)):
        at = 230 + 350.0 * (number + 1) * chance.uniform(0.8, 1.0)
        page.stroke([(at, -40), (at, rows * 170.0)], 0.7, (14.0, 14.0))
        page.label(f"t{number + 1}", at, rows * 170.0 + 40, 42)
    if chance.random() < 0.6:
        page.arrow([(230, rows * 170.0), (1680, rows * 170.0)])
        page.label("Time", 1660, rows * 170.0 + 50, 42)
    return Diagram(
        page.drawing(),
        f"a timing chart of signals of the {subject.noun}",
        f"The signals switch the {subject.noun}.",
    )


def shares(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """A pie, a scatter of points, or grouped bars."""
    page = Sheetful(1600, style)
    form = chance.choice(("pie", "scatter", "scatter", "groups"))
    if form == "pie":
        page.stroke(np.concatenate([circle(500, 90), [[500, 0]]]), 1.2)
        turn = 0.0
        for number in range(chance.randint(3, 7)):
            turn += chance.uniform(0.5, 1.4)
            page.stroke([(0, 0), (500 * np.cos(turn), 500 * np.sin(turn))])
            page.label(
                f"{chance.randint(3, 40)}%",
                330 * float(np.cos(turn + 0.3)),
                330 * float(np.sin(turn + 0.3)),
                44,
            )
            page.label(
                f"Group {number + 1}", 660 * float(np.cos(turn + 0.3)), 590 * float(np.sin(turn + 0.3)), 40
            )
    else:
        wide, tall = 1400.0, chance.choice((900.0, 1200.0))
        noise = np.random.default_rng(chance.getrandbits(32))
        if form == "scatter":
            x = noise.uniform(0.05, 0.95, chance.randint(20, 120))
            y = np.clip(
                0.5 + chance.uniform(-0.8, 0.8) * (x - 0.5) + noise.normal(0, 0.12, len(x)), 0.03, 0.97
            )
            for ring in dotted(np.column_stack([x * wide, y * tall]), chance.choice((9.0, 14.0))):
                page.stroke(ring, chance.choice((1.0, 2.5)))
        else:
            count, per = chance.randint(3, 6), chance.randint(2, 3)
            for group in range(count):
                for bar in range(per):
                    left = wide * (group + 0.2 + 0.6 * bar / per) / count
                    right, top = left + wide * 0.55 / per / count, tall * chance.uniform(0.1, 0.85)
                    page.frame(left, top, right, tall)
                    page.stroke([((left + right) / 2, top - 40), ((left + right) / 2, top + 30)])
                    for at in np.arange(left, right, 9.0) if bar == 0 else ():
                        page.stroke([(at, top), (at, tall)])
        _axes(page, chance, wide, tall, chance.choice(("Dose (mg)", "Group", "Size (um)", "Day")))
    return Diagram(
        page.drawing(),
        f"a graph of test results of the {subject.noun}",
        f"Samples of the {subject.noun} were tested.",
    )


def _axes(page: Sheetful, chance: random.Random, wide: float, tall: float, name: str) -> None:
    if chance.random() < 0.5:
        page.frame(0, 0, wide, tall)
    elif chance.random() < 0.5:
        page.arrow([(0, tall), (0, -60)])
        page.arrow([(0, tall), (wide + 60, tall)])
    else:
        page.stroke([(0, 0), (0, tall), (wide, tall)], 1.2)
    count = chance.randint(4, 9)
    for step in range(count + 1):
        page.stroke([(wide * step / count, tall), (wide * step / count, tall + 16)])
        page.label(str(step * chance.choice((1, 10))), wide * step / count, tall + 52, 36)
        if chance.random() < 0.9:
            page.stroke([(-16, tall - tall * step / count), (0, tall - tall * step / count)])
            page.label(str(step * 5), -60, tall - tall * step / count, 36)
    page.label(name, wide / 2, tall + 130, 46)


def chain(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """Zigzag chains with side groups and rings."""
    page = Sheetful(1600, style)
    for row in range(chance.randint(1, 3)):
        x, y = 0.0, row * 620.0
        up = True
        for place in range(chance.randint(4, 11)):
            nx, ny = x + 112, y + (-65 if up else 65)
            page.stroke([(x, y), (nx, ny)], 1.2)
            if chance.random() < 0.25:
                page.stroke([(x + 12, y + 24), (nx - 6, ny + 26)], 1.2)
            if place and chance.random() < 0.35:
                end = y + (130 if up else -130)
                page.stroke([(x, y), (x, end)], 1.2)
                if chance.random() < 0.4:
                    page.stroke([(x + 20, y), (x + 20, end)], 1.2)
                page.label(chance.choice(_GROUPS), x, end + (40 if up else -40), 54)
            elif place and chance.random() < 0.2:
                page.label(chance.choice(("N", "O", "S", "NH")), x, y, 54, clear=True)
            x, y, up = nx, ny, not up
        if chance.random() < 0.5:
            ring = regular(chance.choice((5, 6, 6)), 130, 30 if up else 90) + np.array([x + 120, y])
            page.stroke(np.concatenate([ring, ring[:1]]), 1.2)
            if chance.random() < 0.5:
                page.stroke(np.concatenate([circle(75, 40, (x + 120, y)), [[x + 195, y]]]))
        else:
            page.label(chance.choice(_GROUPS), x + 56, y, 54)
    return Diagram(
        page.drawing(),
        f"a chemical structure of a lubricant of the {subject.noun}",
        f"The lubricant keeps the {subject.noun} moving.",
    )


def reaction(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """Molecules before and after an arrow, in one or more rows."""
    page = Sheetful(1800, style)
    for row in range(chance.randint(1, 4)):
        x, y = 0.0, row * 520.0
        for step in range(chance.randint(2, 3)):
            if step:
                page.arrow([(x, y), (x + 220, y)])
                page.label(chance.choice(("H2O", "Pd/C", "NaOH", "heat", "cat.", "DMF")), x + 110, y - 46, 42)
                x += 340
            for part in range(chance.choice((1, 1, 2))):
                ring = regular(6, 120, 30) + np.array([x + 120, y])
                page.stroke(np.concatenate([ring, ring[:1]]), 1.2)
                for a, b in ((0, 1), (2, 3), (4, 5)):
                    page.stroke((ring[[a, b]] - [x + 120, y]) * 0.8 + [x + 120, y], 1.2)
                if part:
                    far = regular(6, 120, 30) + np.array([x - 88, y])
                    page.stroke(np.concatenate([far, far[:1]]), 1.2)
                for corner in chance.sample(range(6), chance.randint(1, 2)):
                    away = (ring[corner] - [x + 120, y]) / 120
                    page.stroke(np.array([ring[corner], ring[corner] + away * 80]), 1.2)
                    tip = ring[corner] + away * 125
                    page.label(chance.choice(_GROUPS), float(tip[0]), float(tip[1]), 50)
                x += 208 if part == 0 else 0
            x += 230
    if chance.random() < 0.3:
        page.stroke(arc((-120, 0), 60, 120, 240))
    return Diagram(
        page.drawing(),
        f"a chemical formula of a reaction that cures the {subject.noun}",
        f"The reaction cures a resin of the {subject.noun}.",
    )
