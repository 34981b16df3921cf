"""Other matter: maps, pages of text, blank forms, signs."""

import random

import numpy as np

from ipatent.sample.diagrams.diagram import Diagram, Sheetful, Subject
from ipatent.sample.lettering import face
from ipatent.sample.profiles import circle, regular, spline
from ipatent.sample.style import Style

_WORDS = (
    "the a of and to in is for with that when device user shall be on this part before after each use may"
    " not hold open close press until water power cover remove place keep away from children heat store"
    " warranty service number date name address number please read carefully instructions safety"
).split()
_STREETS = ("Main St.", "Park Ave.", "Oak Rd.", "River Way", "Hill Dr.", "1st St.", "Lake Rd.", "Mill Ln.")
_ASKED = ("Name", "Address", "City", "Date", "Signature", "Phone", "Serial No.", "Amount", "Item", "Total")


def chart_of_streets(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """A map: winding roads drawn as double lines, a river, names, a marked place."""
    page = Sheetful(1700, style)
    for _ in range(chance.randint(5, 9)):
        if chance.random() < 0.5:
            ends = [(0.0, chance.uniform(0, 1200)), (1600.0, chance.uniform(0, 1200))]
        else:
            ends = [(chance.uniform(0, 1600), 0.0), (chance.uniform(0, 1600), 1200.0)]
        middle = [
            (
                (ends[0][0] + ends[1][0]) / 2 + chance.uniform(-250, 250),
                (ends[0][1] + ends[1][1]) / 2 + chance.uniform(-250, 250),
            )
        ]
        road = spline(np.array([ends[0], *middle, ends[1]]), steps=20)
        across = np.gradient(road, axis=0)[:, ::-1] * np.array([1, -1])
        across /= np.linalg.norm(across, axis=1, keepdims=True) + 1e-9
        gap = chance.choice((0.0, 14.0, 22.0))
        page.stroke(np.clip(road + across * gap, 0, [1600, 1200]))
        if gap:
            page.stroke(np.clip(road - across * gap, 0, [1600, 1200]))
    for _ in range(chance.randint(0, 3)):
        knots = circle(chance.uniform(80, 200), 9, (chance.uniform(250, 1350), chance.uniform(250, 950)))
        shape = spline(knots * np.array([chance.uniform(0.8, 1.1) for _ in range(9)])[:, None], closed=True)
        page.stroke(np.concatenate([shape, shape[:1]]))
    for _ in range(chance.randint(3, 7)):
        page.label(chance.choice(_STREETS), chance.uniform(150, 1450), chance.uniform(60, 1140), 36, True)
    x, y = chance.uniform(300, 1300), chance.uniform(300, 900)
    page.stroke(np.concatenate([circle(24, 20, (x, y)), [[x + 24, y]], [[x, y + 70]], [[x - 24, y]]]), 1.5)
    if chance.random() < 0.6:
        page.frame(0, 0, 1600, 1200)
    return _other(page, f"a map of places at which the {subject.noun} is used", subject)


def text_page(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """Paragraphs of running text under a heading."""
    page = Sheetful(1700, style)
    name = chance.choice(("times", "sans", "vera", "times"))
    size = chance.choice((40, 46, 52))
    wide, y = chance.choice((1200.0, 1500.0, 1700.0)), 0.0
    page.write(
        " ".join(chance.sample(_WORDS, 3)).title(),
        chance.choice((0.0, wide * 0.25)),
        y,
        round(size * 1.4),
        "times bold",
    )
    y += size * 2.4
    for _ in range(chance.randint(2, 5)):
        for _ in range(chance.randint(2, 7)):
            x = 0.0
            line = ""
            while x < wide * 0.92:
                line += chance.choice(_WORDS) + " "
                x = face(name, size).getlength(line)
            page.write(line.strip().capitalize(), 0, y, size, name)
            y += size * 1.4
        page.write(
            " ".join(chance.choice(_WORDS) for _ in range(chance.randint(2, 5))) + ".", 0, y, size, name
        )
        y += size * chance.uniform(1.8, 2.6)
    return _other(page, f"an instruction sheet for the {subject.noun}", subject)


def blank_form(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """A form to be filled in: labels before rules, boxes to tick."""
    page = Sheetful(1700, style)
    page.write(
        chance.choice(("ORDER FORM", "APPLICATION", "SERVICE RECORD", "RECEIPT")), 500, 0, 68, "times bold"
    )
    y = 130.0
    for _ in range(chance.randint(6, 12)):
        x = 0.0
        for part in range(chance.choice((1, 1, 2))):
            stop = 1600.0 if part else chance.choice((760.0, 1600.0))
            x += page.write(chance.choice(_ASKED) + ":", x, y, 46, "times") + 20
            if x < stop - 100:
                page.stroke([(x, y + 8), (stop, y + 8)])
            x = stop + 40
            if stop > 1500:
                break
        if chance.random() < 0.25:
            y += 90
            for column in range(3):
                page.frame(column * 500, y - 36, column * 500 + 40, y + 4)
                page.write(chance.choice(_ASKED), column * 500 + 60, y, 42, "times")
        y += 105
    if chance.random() < 0.5:
        page.frame(-70, -110, 1680, y + 20)
    return _other(page, f"a blank form that accompanies the {subject.noun}", subject)


def sign(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """A sign or logo: a few bold shapes with a word."""
    page = Sheetful(1200, style)
    heavy = chance.choice((4.0, 7.0, 11.0))
    sides = chance.choice((3, 4, 6, 8, 40))
    for scale in chance.choice(((500.0,), (500.0, 420.0))):
        shape = regular(sides, scale, 90 if sides < 5 else 22.5)
        page.stroke(np.concatenate([shape, shape[:1]]), heavy)
    text = "".join(chance.choice("ABCDEGKLMNORSTUVX") for _ in range(chance.randint(1, 5)))
    page.write(text, -len(text) * 75, 80, 240, chance.choice(("sans bold", "times bold", "vera bold")))
    if chance.random() < 0.5:
        star = regular(5, 140, 90)[[0, 2, 4, 1, 3, 0]] + np.array([0.0, -230.0 if sides > 3 else 260.0])
        page.stroke(star, heavy * 0.6)
    return _other(page, f"a sign that is applied to the {subject.noun}", subject)


def _other(page: Sheetful, phrase: str, subject: Subject) -> Diagram:
    return Diagram(page.drawing(), phrase, f"It is supplied with the {subject.noun}.")
