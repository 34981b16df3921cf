"""Graphical user interfaces: windows, telephones, dashboards."""

import random

import numpy as np

from ipatent.sample.diagrams.diagram import Diagram, Sheetful, Subject
from ipatent.sample.profiles import arc, circle, rectangle
from ipatent.sample.style import Style

_MENUS = ("File", "Edit", "View", "Tools", "Window", "Help", "Options", "Search")
_BUTTONS = ("OK", "Cancel", "Apply", "Start", "Stop", "Back", "Next", "Save", "Send", "Close", "Settings")
_FIELDS = (
    "Name",
    "Date",
    "User ID",
    "Mode",
    "Speed",
    "Address",
    "Password",
    "Temperature",
    "Level",
    "Status",
)
_APPS = (
    "Mail",
    "Phone",
    "Photos",
    "Music",
    "Maps",
    "Clock",
    "Notes",
    "Store",
    "Camera",
    "News",
    "Home",
    "Chat",
)


def window(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """A window with title bar, menus, fields and buttons."""
    page = Sheetful(1700, style)
    wide, tall = 1600.0, chance.choice((900.0, 1100.0, 1300.0))
    page.frame(0, 0, wide, tall)
    page.stroke([(0, 80), (wide, 80)])
    page.write(f"{subject.noun.title()} Manager", 30, 56, 42, "sans bold")
    for place, sign in enumerate("x-o"):
        right = wide - 30 - place * 70
        page.frame(right - 46, 18, right, 64)
        page.write(sign, right - 34, 54, 40, "sans")
    y = 80.0
    if chance.random() < 0.75:
        x = 30.0
        for menu in chance.sample(_MENUS, 5):
            x += page.write(menu, x, 128, 38, "sans") + 60
        page.stroke([(0, 150), (wide, 150)])
        y = 150.0
    side = chance.choice((0.0, 380.0, 380.0))
    if side:
        page.stroke([(side, y), (side, tall)])
        for row in range(chance.randint(4, 8)):
            page.write(chance.choice(_FIELDS + _MENUS), 70, y + 70 + row * 80, 38, "sans")
            page.frame(20, y + 42 + row * 80, 52, y + 74 + row * 80)
    for row in range(chance.randint(3, 6)):
        level = y + 60 + row * 110
        page.write(chance.choice(_FIELDS) + ":", side + 50, level + 48, 40, "sans")
        right = wide - chance.choice((60, 300, 500))
        page.frame(side + 420, level, right, level + 70)
        if chance.random() < 0.4:
            page.frame(right - 70, level, right, level + 70)
            page.stroke([(right - 52, level + 26), (right - 35, level + 48), (right - 18, level + 26)])
        elif chance.random() < 0.6:
            page.write(str(chance.randint(1, 9999)), side + 440, level + 50, 40, "sans")
    x = wide - 60
    for text in chance.sample(_BUTTONS, chance.randint(2, 3)):
        _button(page, text, x - 250, tall - 110, 240, 76)
        x -= 290
    _numerals(page, chance, subject, wide, tall)
    return _screen(page, subject)


def telephone(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """The screen of a telephone with icons or a list."""
    page = Sheetful(1500, style)
    wide, tall = 860.0, chance.choice((1500.0, 1700.0))
    body = rectangle(wide + 90, tall + 330, 90) + np.array([wide / 2, tall / 2])
    page.stroke(np.concatenate([body, body[:1]]), 1.3)
    page.frame(0, 0, wide, tall)
    page.stroke(np.concatenate([circle(50, 32, (wide / 2, tall + 82)), [[wide / 2 + 50, tall + 82]]]))
    page.stroke([(wide / 2 - 80, -80), (wide / 2 + 80, -80)], 2.0)
    page.stroke([(0, 60), (wide, 60)])
    page.write(f"{chance.randint(1, 12)}:{chance.randint(10, 59)}", wide / 2 - 45, 46, 38, "sans")
    page.frame(wide - 90, 18, wide - 30, 44)
    if chance.random() < 0.5:
        columns = chance.choice((3, 4))
        pitch = wide / columns
        apps = [chance.choice(_APPS) for _ in range(columns * chance.randint(3, 5))]
        for place, app in enumerate(apps):
            x, y = (place % columns + 0.5) * pitch, 180.0 + place // columns * 270
            tile = rectangle(pitch * 0.62, pitch * 0.62, 24) + np.array([x, y])
            page.stroke(np.concatenate([tile, tile[:1]]))
            _pictogram(page, chance, x, y, pitch * 0.2)
            page.label(app, x, y + pitch * 0.42, 34)
    else:
        page.write(chance.choice(("Messages", "Devices", "Settings", "Contacts")), 60, 140, 52, "sans bold")
        page.stroke([(0, 180), (wide, 180)])
        for row in range(chance.randint(4, 8)):
            y = 180 + row * 160.0
            page.stroke([(0, y + 160), (wide, y + 160)])
            _pictogram(page, chance, 80, y + 80, 42)
            page.write(f"{chance.choice(_FIELDS)} {chance.randint(1, 9)}", 170, y + 72, 42, "sans")
            page.write(chance.choice(_BUTTONS).lower(), 170, y + 128, 32, "sans")
            page.stroke([(wide - 60, y + 60), (wide - 40, y + 80), (wide - 60, y + 100)])
    _numerals(page, chance, subject, wide, tall)
    return _screen(page, subject)


def dashboard(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """A screen of panels with gauges, curves, lists and buttons."""
    page = Sheetful(1700, style)
    wide, tall = 1640.0, 1080.0
    outline = rectangle(wide + 80, tall + 80, 40) + np.array([wide / 2, tall / 2])
    page.stroke(np.concatenate([outline, outline[:1]]), 1.2)
    columns, rows = chance.choice(((2, 2), (3, 2), (2, 3)))
    pitch_x, pitch_y = wide / columns, (tall - 100) / rows
    page.write(chance.choice(("Overview", "Control Panel", "Dashboard", "Monitor")), 20, 60, 54, "sans bold")
    for text, x in zip(chance.sample(_BUTTONS, 3), (700.0, 1000.0, 1300.0), strict=True):
        _button(page, text, x, 10, 260, 70)
    for place in range(columns * rows):
        left, top = place % columns * pitch_x, 100 + place // columns * pitch_y
        page.frame(left + 12, top + 12, left + pitch_x - 12, top + pitch_y - 12)
        page.write(chance.choice(_FIELDS), left + 34, top + 64, 36, "sans bold")
        x, y = left + pitch_x / 2, top + pitch_y / 2 + 30
        reach = min(pitch_x, pitch_y) * 0.3
        form = chance.choice(("gauge", "curve", "list", "buttons", "bars"))
        if form == "gauge":
            page.stroke(arc((x, y + 30), reach, 180, 360, 40))
            angle = chance.uniform(3.4, 6.0)
            page.stroke(
                [(x, y + 30), (x + reach * 0.8 * np.cos(angle), y + 30 + reach * 0.8 * np.sin(angle))]
            )
            page.label(str(chance.randint(0, 100)), x, y + 80, 44)
        elif form == "curve":
            run = np.linspace(-1.3, 1.3, 40)
            page.stroke(
                np.column_stack([x + run * reach, y + reach * 0.6 * np.sin(run * chance.uniform(2, 6))])
            )
            page.frame(x - 1.4 * reach, y - 0.8 * reach, x + 1.4 * reach, y + 0.8 * reach)
        elif form == "list":
            for row in range(4):
                page.write(
                    f"{chance.choice(_FIELDS)}  {chance.randint(0, 999)}",
                    left + 50,
                    y - 80 + row * 66,
                    36,
                    "sans",
                )
        elif form == "buttons":
            for row in range(2):
                _button(page, chance.choice(_BUTTONS), x - 130, y - 70 + row * 100, 260, 76)
        else:
            for bar in range(5):
                high = reach * chance.uniform(0.2, 1.6)
                page.frame(
                    x - reach + bar * reach * 0.4,
                    y + reach * 0.8 - high,
                    x - reach + (bar + 0.7) * reach * 0.4,
                    y + reach * 0.8,
                )
    _numerals(page, chance, subject, wide, tall)
    return _screen(page, subject)


def _button(page: Sheetful, text: str, left: float, top: float, wide: float, tall: float) -> None:
    shape = rectangle(wide, tall, 16) + np.array([left + wide / 2, top + tall / 2])
    page.stroke(np.concatenate([shape, shape[:1]]))
    page.label(text, left + wide / 2, top + tall / 2, 38)


def _pictogram(page: Sheetful, chance: random.Random, x: float, y: float, r: float) -> None:
    form = chance.choice(("disc", "bars", "arrow", "cross", "person"))
    if form == "disc":
        page.stroke(np.concatenate([circle(r, 24, (x, y)), [[x + r, y]]]))
        page.stroke([(x, y), (x, y - r * 0.7)])
    elif form == "bars":
        for step in (-0.6, 0.0, 0.6):
            page.stroke([(x - r, y + step * r), (x + r, y + step * r)], 1.6)
    elif form == "arrow":
        page.stroke([(x - r, y), (x, y - r), (x + r, y), (x + r, y + r), (x - r, y + r), (x - r, y)])
    elif form == "cross":
        page.stroke([(x - r, y), (x + r, y)], 1.6)
        page.stroke([(x, y - r), (x, y + r)], 1.6)
    else:
        page.stroke(np.concatenate([circle(r * 0.45, 20, (x, y - r * 0.5)), [[x + r * 0.45, y - r * 0.5]]]))
        page.stroke(arc((x, y + r), r * 0.9, 180, 360, 20))


def _numerals(page: Sheetful, chance: random.Random, subject: Subject, wide: float, tall: float) -> None:
    if chance.random() < 0.6:
        page.numeral(str(subject.first), "screen", wide + 170, -60, (wide - 20, 70))
        page.numeral(str(subject.first + 2), "input field", wide + 180, tall * 0.5, (wide - 90, tall * 0.45))


def _screen(page: Sheetful, subject: Subject) -> Diagram:
    return Diagram(
        page.drawing(),
        f"a screen shot of a user interface for operating the {subject.noun}",
        f"The screen {subject.first} shows the state of the {subject.noun}, which is set in the input field"
        f" {subject.first + 2}.",
    )
