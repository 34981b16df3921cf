"""Flowcharts, block diagrams and tables."""

import random

import numpy as np

from ipatent.sample.diagrams.diagram import Diagram, Sheetful, Subject
from ipatent.sample.story import article
from ipatent.sample.style import Style

VERBS = (
    "receive",
    "detect",
    "measure",
    "compare",
    "compute",
    "store",
    "transmit",
    "adjust",
    "filter",
    "select",
    "verify",
    "update",
    "display",
    "generate",
    "classify",
    "sample",
    "estimate",
    "release",
    "heat",
    "align",
)
THINGS = (
    "sensor signal",
    "position",
    "reference value",
    "temperature",
    "control command",
    "operating state",
    "user input",
    "calibration data",
    "load",
    "speed",
    "pressure value",
    "image data",
    "time stamp",
    "error value",
    "feature vector",
    "motor current",
    "battery level",
    "setpoint",
)
TESTS = (
    "value above threshold?",
    "end position reached?",
    "error detected?",
    "user present?",
    "signal valid?",
    "limit exceeded?",
    "timer expired?",
    "calibration done?",
)
BLOCKS = (
    "processor",
    "memory",
    "power supply",
    "sensor",
    "user interface",
    "communication module",
    "drive circuit",
    "motor",
    "display",
    "controller",
    "battery",
    "antenna",
    "amplifier",
    "A/D converter",
    "filter",
    "input device",
    "output stage",
    "clock generator",
    "storage unit",
    "network",
    "server",
    "actuator",
)


def flowchart(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """Steps in boxes and decisions in diamonds, joined by arrows."""
    page = Sheetful(1500, style)
    x, y, wide, tall = 700.0, 60.0, 640.0, 140.0
    steps = chance.randint(4, 7)
    step = chance.choice((2, 10))
    number = subject.first
    told = []
    gap = 90.0
    start = chance.random() < 0.7
    if start:
        page.pill(x, y, 300, 90, "START")
        page.arrow([(x, y + 45), (x, y + 45 + gap)])
        y += 45 + gap + tall / 2
    else:
        y += tall / 2
    decisions: list[tuple[float, float]] = []
    above = y - tall / 2 - gap * 0.5
    was_decision = True
    for index in range(steps):
        number += step
        printed = f"S{number}" if style.arrow_leads else str(number)
        things = [*THINGS, *(f"{term} position" for term in subject.terms[:3])]
        decide = not was_decision and index < steps - 1 and chance.random() < 0.5
        if decide:
            text = chance.choice(TESTS)
            page.diamond(x, y + 30, wide * 0.95, tall + 90, text)
            page.numeral(
                printed,
                f"decide whether {text.rstrip('?')}",
                x + wide * 0.42 + 60,
                y - 40,
                (x + wide * 0.3, y + 6),
            )
            decisions.append((y + 30, above))
            bottom = y + 30 + (tall + 90) / 2
            page.label("YES", x + 60, bottom + 30)
            told.append(f"in step {printed}, the method continues to decide whether {text.rstrip('?')}")
        else:
            text = f"{chance.choice(VERBS)} {chance.choice(things)}"
            page.box(x, y, wide, tall, text)
            page.numeral(
                printed,
                text,
                x + wide / 2 + 110,
                y - tall * 0.5,
                (x + wide / 2, y - tall * 0.2),
            )
            bottom = y + tall / 2
            told.append(f"in step {printed}, the method continues to {text}")
        if not decide:
            above = y - tall / 2 - gap * 0.5
        was_decision = decide
        if index < steps - 1:
            page.arrow([(x, bottom), (x, bottom + gap)])
            y = bottom + gap + tall / 2
    page.arrow([(x, bottom), (x, bottom + gap)])
    page.pill(x, bottom + gap + 45, 300, 90, "END")
    for level, target in decisions:
        side = x - wide * 0.475
        page.arrow([(side, level), (side - 160, level), (side - 160, target), (x, target)])
        page.label("NO", side - 60, level - 34)
    return Diagram(page.drawing(), f"a flowchart of a method of operating the {subject.noun}", sentence(told))


def block_diagram(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """Named blocks on a grid, joined by lines, within a broken outline."""
    page = Sheetful(1800, style)
    columns, rows = chance.choice(((3, 2), (3, 3), (2, 3), (2, 4)))
    names = chance.sample(BLOCKS, columns * rows)
    if subject.terms and chance.random() < 0.5:
        names[0] = f"{subject.terms[0]} unit"
    wide, tall = 1500 / columns * 0.68, chance.choice((150.0, 190.0, 230.0))
    pitch_x, pitch_y = 1700 / columns, tall * 1.9
    skip = {chance.randrange(columns * rows)} if columns * rows > 4 else set()
    step = chance.choice((2, 10))
    spots = {}
    told = []
    number = subject.first
    for index, name in enumerate(names):
        if index in skip:
            continue
        x, y = (index % columns + 0.5) * pitch_x, (index // columns + 0.5) * pitch_y
        spots[index] = (x, y)
        number += step
        page.box(x, y, wide, tall, name.upper() if style.underline else name)
        page.numeral(str(number), name, x + wide * 0.36, y - tall / 2 - 62, (x + wide * 0.24, y - tall / 2))
        told.append(f"the {subject.noun} comprises {article(name)} {number}")
    heads = chance.random() < 0.5
    for index, (x, y) in spots.items():
        right, below = index + 1, index + columns
        if right in spots and right % columns:
            path = [(x + wide / 2, y), (spots[right][0] - wide / 2, y)]
            page.arrow(path, both=chance.random() < 0.3) if heads else page.stroke(path)
        if below in spots and chance.random() < 0.75:
            path = [(x, y + tall / 2), (x, spots[below][1] - tall / 2)]
            page.arrow(path, both=chance.random() < 0.3) if heads else page.stroke(path)
    if chance.random() < 0.6:
        page.frame(10, -30, pitch_x * columns - 10, pitch_y * rows - 20, dashed=True)
        page.numeral(
            str(subject.first), "control system", pitch_x * columns + 60, -110, (pitch_x * columns - 10, -10)
        )
        told.append(f"these parts form the control system {subject.first}")
    return Diagram(
        page.drawing(), f"a block diagram of a control system of the {subject.noun}", sentence(told)
    )


def table(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """A ruled table of measured values."""
    page = Sheetful(1700, style)
    columns, rows = chance.randint(3, 6), chance.randint(5, 12)
    units = ("mm", "N", "°C", "kPa", "s", "rpm", "V", "g", "%")
    heads = ["Sample"] + [
        f"{chance.choice(THINGS).split()[0].capitalize()} ({chance.choice(units)})"
        for _ in range(columns - 1)
    ]
    wide, tall = 1700 / columns, 100.0
    size = min(44.0, wide / 9)
    for row in range(rows + 2):
        page.stroke([(0, row * tall), (1700, row * tall)], 1.5 if row in (0, 1, rows + 1) else 1.0)
    inner = chance.random() < 0.8
    for column in range(columns + 1):
        if inner or column in (0, columns):
            page.stroke([(column * wide, 0), (column * wide, (rows + 1) * tall)])
    for column, head in enumerate(heads):
        page.label(head, (column + 0.5) * wide, tall / 2, size)
    for row in range(rows):
        for column in range(columns):
            text = str(row + 1) if column == 0 else f"{chance.uniform(0.1, 99):.{chance.choice((1, 2))}f}"
            page.label(text, (column + 0.5) * wide, (row + 1.5) * tall, 44)
    what = subject.terms[0] if subject.terms else subject.noun
    return Diagram(
        page.drawing(),
        f"a table of measured values of the {what}",
        f"The values were measured on {rows} samples of the {subject.noun}.",
    )


def sentence(clauses: list[str]) -> str:
    """The clauses as sentences."""
    return " ".join(clause[0].upper() + clause[1:] + "." for clause in clauses)


def ticks(low: float, high: float, count: int) -> list[float]:
    """Evenly spaced values."""
    return [float(v) for v in np.linspace(low, high, count)]
