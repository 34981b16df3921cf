"""Lines of text broken, justified and set into columns."""

from collections.abc import Sequence
from dataclasses import dataclass

from ipatent.sample.pdf import Page, text_width

Run = tuple[str, str]
"""Text and the name of its font."""


@dataclass(frozen=True, slots=True)
class SetLine:
    """One line: pieces (x, text, font) from the column's left edge, its size and its height."""

    pieces: tuple[tuple[float, str, str], ...]
    size: float
    lead: float
    spacing: float = 0.0


def gap(points: float) -> SetLine:
    """White space."""
    return SetLine((), 9, points)


def paragraph(
    runs: Sequence[Run],
    width: float,
    size: float = 9.0,
    lead: float = 0.0,
    first: float = 0.0,
    hang: float = 0.0,
    justified: bool = True,
    aligned: str = "left",
) -> list[SetLine]:
    """The runs broken into lines of `width`; `first` and `hang` indent the first and later lines."""
    lead = lead or size * 1.08
    # A comma that begins a run belongs to the word before it.
    words = [
        (word, font, number == 0 and word[0] in ",;")
        for text, font in runs
        for number, word in enumerate(text.split())
    ]
    lines: list[SetLine] = []
    row: list[tuple[str, str, bool]] = []
    used, indent = 0.0, first
    for word, font, glued in words:
        long = text_width(word, font, size)
        blank = 0.0 if glued else text_width(" ", font, size)
        if row and not glued and used + blank + long > width - indent:
            lines.append(_line(row, indent, width, size, lead, justified, aligned))
            row, used, indent = [], 0.0, hang
        used += long + (blank if row else 0.0)
        row.append((word, font, glued))
    if row:
        lines.append(_line(row, indent, width, size, lead, False, aligned))
    return lines


def _line(
    row: list[tuple[str, str, bool]],
    indent: float,
    width: float,
    size: float,
    lead: float,
    justified: bool,
    aligned: str,
) -> SetLine:
    groups: list[tuple[str, str]] = []
    for word, font, glued in row:
        joint = "" if glued or not groups else " "
        if groups and groups[-1][1] == font:
            groups[-1] = (f"{groups[-1][0]}{joint}{word}", font)
        else:
            groups.append((joint + word, font))
    natural = sum(text_width(text, font, size) for text, font in groups)
    blanks = sum(text.count(" ") for text, _ in groups)
    spacing = (width - indent - natural) / blanks if justified and blanks else 0.0
    x = indent
    if aligned == "centre":
        x = (width - natural) / 2
    elif aligned == "right":
        x = width - natural
    pieces = []
    for text, font in groups:
        pieces.append((x, text, font))
        x += text_width(text, font, size) + spacing * text.count(" ")
    return SetLine(tuple(pieces), size, lead, spacing)


def centred(text: str, width: float, font: str = "bold", size: float = 9.0) -> list[SetLine]:
    """A heading."""
    return paragraph([(text, font)], width, size, justified=False, aligned="centre")


def inid(code: str, runs: Sequence[Run], width: float, hang: float = 0.0, size: float = 9.0) -> list[SetLine]:
    """A bibliographic entry: its INID code in the margin, its text beside it."""
    inner = width - 25
    lines = paragraph(runs, inner, size, hang=hang, justified=False)
    moved = [
        SetLine(tuple((x + 25, text, font) for x, text, font in line.pieces), size, line.lead)
        for line in lines
    ]
    head = moved[0]
    moved[0] = SetLine(((0.0, code, "regular"), *head.pieces), size, head.lead)
    return moved


def leader(
    left: Sequence[Run], right: Sequence[Run], width: float, start: float = 25.0, size: float = 9.0
) -> SetLine:
    """Left and right text joined by dots."""
    pieces: list[tuple[float, str, str]] = []
    x = start
    for text, font in left:
        pieces.append((x, text, font))
        x += text_width(text, font, size) + 2
    total = sum(text_width(text, font, size) for text, font in right)
    dots = int((width - total - x - 6) / text_width(".", "regular", size))
    if dots > 1:
        pieces.append((x + 2, "." * dots, "regular"))
    x = width - total
    for text, font in right:
        pieces.append((x, text, font))
        x += text_width(text, font, size)
    return SetLine(tuple(pieces), size, size * 1.08)


def place(
    page: Page, lines: Sequence[SetLine], x: float, top: float, bottom: float
) -> tuple[list[SetLine], float]:
    """Sets lines downwards from `top` (points from the page's foot); returns the rest and the level."""
    level = top
    for number, line in enumerate(lines):
        if level - line.lead < bottom:
            return list(lines[number:]), level
        level -= line.lead
        for offset, text, font in line.pieces:
            page.text(x + offset, level, text, font, line.size, line.spacing)
    return [], level
