"""Further flowcharts, block diagrams, circuits and tables, in other manners than the first ones."""

import random

import numpy as np

from ipatent.sample.diagrams.charts import BLOCKS, TESTS, THINGS, VERBS, sentence
from ipatent.sample.diagrams.diagram import Diagram, Sheetful, Subject
from ipatent.sample.profiles import Floats, arc, circle, ellipse, rectangle, spline
from ipatent.sample.story import article
from ipatent.sample.style import Style


def winding_flowchart(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """Steps in two or three columns or one row, with rounded boxes, bars and decisions."""
    page = Sheetful(1800, style)
    columns, rows = chance.choice(((2, 4), (2, 5), (3, 3), (3, 4), (4, 1), (5, 1)))
    wide, tall = chance.choice((380.0, 440.0)), chance.choice((130.0, 180.0))
    pitch_x, pitch_y = wide + chance.uniform(120, 220), tall + chance.uniform(80, 130)
    rounded = chance.random() < 0.5
    lanes = rows > 1 and chance.random() < 0.3
    told = []
    number = subject.first
    last: tuple[float, float] | None = None
    for place in range(columns * rows):
        column, row = divmod(place, rows)
        if rows == 1:
            column, row = place, 0
        x, y = column * pitch_x, row * pitch_y
        number += 2
        text = f"{chance.choice(VERBS)} {chance.choice(THINGS)}"
        if 0 < place < columns * rows - 1 and row not in (0, rows - 1) and chance.random() < 0.3:
            test = chance.choice(TESTS)
            text = f"decide whether {test.rstrip('?')}"
            page.diamond(x, y, wide, tall + 50, test)
            page.label("N", x + wide / 2 + 24, y - 30)
        elif rounded:
            shape = rectangle(wide, tall, 40) + np.array([x, y])
            page.stroke(np.concatenate([shape, shape[:1]]))
            page.text_in(text, x, y, wide * 0.85)
        else:
            page.box(x, y, wide, tall, text)
        page.numeral(str(number), text, x + wide * 0.4, y - tall / 2 - 44, (x + wide * 0.3, y - tall / 2))
        told.append(f"in step {number}, the method is to {text}")
        if last:
            if row == 0 and rows > 1:
                turn = x - pitch_x / 2
                page.arrow(
                    [
                        (last[0], last[1] + tall / 2),
                        (last[0], last[1] + tall / 2 + 40),
                        (turn, last[1] + tall / 2 + 40),
                        (turn, y - tall / 2 - 70),
                        (x, y - tall / 2 - 70),
                        (x, y - tall / 2),
                    ]
                )
            elif rows == 1:
                page.arrow([(last[0] + wide / 2, y), (x - wide / 2, y)])
            else:
                page.arrow([(x, last[1] + tall / 2), (x, y - tall / 2)])
        last = (x, y)
    if lanes:
        for column in range(columns + 1):
            edge = (column - 0.5) * pitch_x
            page.stroke([(edge, -tall - 150), (edge, rows * pitch_y)], 1.0)
    return Diagram(page.drawing(), f"a flow diagram of the operation of the {subject.noun}", sentence(told))


def network(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """Servers, stores and terminals about a cloud."""
    page = Sheetful(1800, style)
    around = chance.randint(3, 6)
    number = subject.first
    told = []
    cloud = np.array([(np.cos(t), np.sin(t)) for t in np.linspace(0, 2 * np.pi, 120)])
    bumps = 1 + 0.09 * np.abs(np.sin(np.linspace(0, 2 * np.pi, 120) * chance.choice((3.5, 4.5))))
    page.stroke(cloud * bumps[:, None] * np.array([260, 150]))
    page.text_in(chance.choice(("network", "Internet", "communication network")), 0, 0, 300)
    for place in range(around):
        angle = 2 * np.pi * (place + 0.3) / around
        x, y = 700 * float(np.cos(angle)), 520 * float(np.sin(angle))
        number += 2
        name = chance.choice(BLOCKS)
        form = chance.choice(("box", "cylinder", "terminal", "box"))
        if form == "box":
            page.box(x, y, 340, 150, name)
        elif form == "cylinder":
            _cylinder(page, x, y, 230, 220, "database")
            name = "database"
        else:
            page.frame(x - 110, y - 90, x + 110, y + 50)
            page.stroke(
                [
                    (x - 150, y + 100),
                    (x - 110, y + 60),
                    (x + 110, y + 60),
                    (x + 150, y + 100),
                    (x - 150, y + 100),
                ]
            )
            name = "terminal"
        page.numeral(str(number), name, x + 240, y - 130, (x + 110, y - 80))
        way = np.array([x, y]) / np.hypot(x / 270, y / 165)
        end = np.array([x, y]) * (1 - 190 / np.hypot(x, y))
        page.stroke(np.array([way, end])) if chance.random() < 0.5 else page.arrow(
            [tuple(way), tuple(end)], both=True
        )
        told.append(f"{article(name)} {number} is connected to the network")
    return Diagram(
        page.drawing(), f"a block diagram of a network that includes the {subject.noun}", sentence(told)
    )


def _cylinder(page: Sheetful, x: float, y: float, wide: float, tall: float, text: str) -> None:
    top = ellipse(wide / 2, 32) + np.array([x, y - tall / 2])
    page.stroke(np.concatenate([top, top[:1]]))
    low = ellipse(wide / 2, 32, 48)[:25] + np.array([x, y + tall / 2])
    page.stroke(np.concatenate([[[x + wide / 2, y - tall / 2]], low, [[x - wide / 2, y - tall / 2]]]))
    page.label(text, x, y, 38)


def nested_blocks(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """Units that hold modules, side by side or along a bus."""
    page = Sheetful(1800, style)
    number = subject.first
    told = []
    units = chance.randint(1, 3)
    x = 0.0
    bus = chance.random() < 0.5
    for _ in range(units):
        names = chance.sample(BLOCKS, chance.randint(2, 5))
        wide = chance.choice((380.0, 460.0, 560.0)) * (1.6 if units == 1 else 1.0)
        tall = 110.0
        pitch = tall + chance.uniform(40, 90)
        for row, name in enumerate(names):
            number += 2
            y = 130 + row * pitch + tall / 2
            half = chance.random() < 0.25
            page.box(
                x + wide / 2 - (wide * 0.22 if half else 0), y, wide * (0.38 if half else 0.8), tall, name
            )
            if half:
                page.box(x + wide * 0.72, y, wide * 0.38, tall, chance.choice(BLOCKS))
            page.numeral(str(number), name, x + wide + 80, y - 50, (x + wide * 0.88, y))
            told.append(f"the unit has {article(name)} {number}")
            if row and chance.random() < 0.7:
                page.stroke([(x + wide * 0.3, y - pitch + tall / 2), (x + wide * 0.3, y - tall / 2)])
        bottom = 130 + len(names) * pitch
        page.frame(0 + x, 0, x + wide, bottom, dashed=chance.random() < 0.3)
        page.label(
            chance.choice(("HOST", "CONTROL UNIT", "DEVICE", "TERMINAL", "SYSTEM")), x + wide / 2, 60, 44
        )
        if bus:
            page.arrow([(x + wide / 2, bottom), (x + wide / 2, 1130.0)], both=True)
        elif x:
            page.arrow([(x - 220, 260.0), (x, 260.0)], both=chance.random() < 0.5)
        x += wide + 220
    if bus:
        page.frame(-20, 1130, x - 180, 1180)
        page.label("BUS", (x - 200) / 2, 1155, 36)
    return Diagram(
        page.drawing(), f"a schematic block diagram of electronics of the {subject.noun}", sentence(told)
    )


def logic(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """Gates, amplifiers, transistors and integrated circuits, wired."""
    page = Sheetful(1800, style)
    columns, rows = chance.randint(2, 4), chance.randint(2, 4)
    number = subject.first
    told = []
    for column in range(columns):
        for row in range(rows):
            x, y = column * 430.0, row * 300.0
            number += 2
            form = chance.choice(("and", "or", "amplifier", "transistor", "chip", "resistor", "amplifier"))
            inputs: list[float] = [y - 35, y + 35]
            reach = 120.0
            if form == "and":
                page.stroke(
                    np.concatenate(
                        [
                            [[x + 20, y - 70], [x - 60, y - 70], [x - 60, y + 70], [x + 20, y + 70]],
                            arc((x + 20, y), 70, 90, -90, 20),
                        ]
                    )
                )
            elif form == "or":
                page.stroke(
                    spline(
                        np.array(
                            [
                                (x - 60, y - 70),
                                (x + 30, y - 55),
                                (x + 90, y),
                                (x + 30, y + 55),
                                (x - 60, y + 70),
                                (x - 35, y),
                                (x - 60, y - 70),
                            ]
                        )
                    )
                )
            elif form == "amplifier":
                page.stroke([(x - 60, y - 80), (x - 60, y + 80), (x + 90, y), (x - 60, y - 80)])
                page.label("+", x - 38, y - 35, 40)
                page.label("-", x - 38, y + 35, 40)
            elif form == "transistor":
                inputs, reach = [y], 40.0
                page.stroke([(x - 40, y), (x - 10, y)])
                page.stroke([(x - 10, y - 50), (x - 10, y + 50)], 1.6)
                page.stroke([(x - 10, y - 20), (x + 40, y - 60), (x + 40, y - 120)])
                page.arrow([(x - 10, y + 20), (x + 40, y + 60)])
                page.stroke([(x + 40, y + 60), (x + 40, y + 110)])
                _ground(page, x + 40, y + 110)
                if chance.random() < 0.5:
                    page.stroke(np.concatenate([circle(85, 36, (x + 10, y)), [[x + 95, y]]]))
            elif form == "chip":
                page.frame(x - 70, y - 100, x + 90, y + 100)
                inputs = [y - 60, y, y + 60]
                page.label(f"U{column + 1}{row}", x + 10, y, 40)
                reach = 90.0
            else:
                inputs, reach = [y], 90.0
                page.stroke(
                    [
                        (x - 60, y),
                        (x - 50, y - 28),
                        *[(x - 50 + 20 * n, y + 28 * (-1) ** n) for n in range(1, 7)],
                        (x + 90, y),
                    ]
                )
            for level in inputs:
                page.stroke([(x - 190, level), (x - 60 if form != "transistor" else x - 40, level)])
                if column == 0:
                    page.stroke(np.concatenate([circle(9, 12, (x - 199, level)), [[x - 190, level]]]))
            page.stroke([(x + min(reach, 90), y), (x + 240, y)])
            if row and chance.random() < 0.6:
                page.stroke([(x + 240, y - 300), (x + 240, y)])
                page.stroke(np.concatenate([circle(5, 10, (x + 240, y)), [[x + 245, y]]]), 2.0)
            name = f"{form} gate" if form in ("and", "or") else form
            page.numeral(str(number), name, x + 30, y - 140)
            told.append(f"the circuit has {article(name)} {number}")
            if chance.random() < 0.25:
                page.stroke([(x + 180, y), (x + 180, y + 60)])
                for s in (60, 86):
                    page.stroke([(x + 140, y + s), (x + 220, y + s)], 1.4)
                page.stroke([(x + 180, y + 86), (x + 180, y + 130)])
                _ground(page, x + 180, y + 130)
    return Diagram(page.drawing(), f"a circuit diagram of a driver of the {subject.noun}", sentence(told))


def _ground(page: Sheetful, x: float, y: float) -> None:
    for n in range(3):
        page.stroke([(x - 36 + 12 * n, y + 14 * n), (x + 36 - 12 * n, y + 14 * n)])


def open_table(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """A table without upright rules, or one of words, with head and foot lines."""
    page = Sheetful(1700, style)
    columns, rows = chance.randint(2, 5), chance.randint(4, 16)
    wide, tall = 1700 / columns, chance.choice((70.0, 95.0, 140.0))
    words = chance.random() < 0.5
    ruled = words and chance.random() < 0.6
    size = int(min(44.0, wide / 9))
    for level in (0.0, tall, (rows + 1) * tall):
        page.stroke([(0, level), (1700, level)], 1.4)
    for column in range(columns):
        page.write(
            chance.choice(("Item", "No.", "Example", "Ref.", "Result", "Unit", "Type", "Mode")),
            column * wide + 20,
            tall * 0.7,
            size,
            "times bold",
        )
        for row in range(rows):
            y = (row + 1.7) * tall
            if words and column:
                page.write(chance.choice(THINGS), column * wide + 20, y, min(size, int(wide / 9)))
            else:
                page.write(
                    f"{chance.uniform(0, 99):.2f}" if column else str(row + 1), column * wide + 20, y, size
                )
    for row in range(1, rows + 1):
        if ruled:
            page.stroke([(0, row * tall), (1700, row * tall)])
    for column in range(columns + 1):
        if ruled:
            page.stroke([(column * wide, 0), (column * wide, (rows + 1) * tall)])
    return Diagram(
        page.drawing(),
        f"a table of settings of the {subject.noun}",
        f"The {subject.noun} is set as the table says.",
    )


def tables_in_text(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """One to four small ruled tables under headings, with lines of text between them."""
    page = Sheetful(1700, style)
    y = 0.0
    size = chance.choice((34, 40, 46))
    for number in range(1, chance.randint(1, 4) + 1):
        heading = f"Table {number}. {chance.choice(THINGS).capitalize()} and {chance.choice(THINGS)}"
        page.write(heading, chance.choice((0.0, 420.0)), y, size)
        y += size
        columns, rows = chance.randint(3, 8), chance.randint(2, 9)
        tall = size * chance.choice((1.5, 2.0, 2.6))
        wide = chance.choice((1700.0, 1300.0)) / columns
        for row in range(rows + 1):
            page.stroke([(0, y + row * tall), (columns * wide, y + row * tall)], 1.2)
        for column in range(columns + 1):
            page.stroke([(column * wide, y), (column * wide, y + rows * tall)], 1.2)
        small = int(min(size, wide / 7))
        for row in range(rows):
            for column in range(columns):
                middle = ((column + 0.5) * wide, y + (row + 0.5) * tall)
                if row == 0:
                    page.text_in(chance.choice(THINGS).split()[0], *middle, wide * 0.9)
                elif chance.random() < 0.9:
                    page.label(f"{chance.uniform(0, 60):.2f}", *middle, small)
        y += rows * tall + size * 2
        for _ in range(chance.choice((0, 0, 1, 2))):
            words = " ".join(chance.choice(THINGS) for _ in range(chance.randint(2, 5)))
            page.write(f"The {words}.", 0, y, size)
            y += size * 1.6
        y += size
    return Diagram(
        page.drawing(),
        f"a table of results of tests of the {subject.noun}",
        f"The {subject.noun} was tested.",
    )


def dotted(points: Floats, radius: float) -> list[Floats]:
    """Small circles about points."""
    return [np.concatenate([circle(radius, 10, (float(x), float(y))), [[x + radius, y]]]) for x, y in points]
