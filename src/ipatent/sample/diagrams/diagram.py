"""What every diagram gives, and the pen to draw it with."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ipatent.sample.drawing import Drawing, Words
from ipatent.sample.lettering import face
from ipatent.sample.pen import Line
from ipatent.sample.profiles import Floats, arc, spline
from ipatent.sample.style import Style

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Diagram:
    """A drawing with the words that follow `FIG. n is` and the text of the description."""

    drawing: Drawing
    phrase: str
    text: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What a diagram is about: the first free reference numeral, the noun, the terms of its parts."""

    first: int
    noun: str
    terms: tuple[str, ...]


Draughter = Callable[[random.Random, Style, Subject], Diagram]
"""Draws a diagram."""


class Sheetful:
    """Collects the strokes and words of a diagram; its size follows from what was drawn."""

    def __init__(self, width: float, style: Style) -> None:
        self._width = width
        self._style = style
        self._lines: list[Line] = []
        self._words: list[Words] = []
        self._terms: list[tuple[str, str]] = []
        self._face = style.numeral_face

    def stroke(
        self, points: Sequence[Point] | Floats, weight: float = 1.0, dash: tuple[float, ...] = ()
    ) -> None:
        """A polyline."""
        self._lines.append(Line(np.asarray(points, dtype=float), self._style.pen * weight, dash))

    def arrow(self, points: Sequence[Point], both: bool = False) -> None:
        """A polyline with a head at its end, or at both."""
        self.stroke(points)
        self._head(points[-2], points[-1])
        if both:
            self._head(points[1], points[0])

    def _head(self, start: Point, end: Point) -> None:
        angle = math.atan2(end[1] - start[1], end[0] - start[0])
        for turn in (-0.36, -0.18, 0.0, 0.18, 0.36):
            back = (end[0] - 26 * math.cos(angle + turn), end[1] - 26 * math.sin(angle + turn))
            self.stroke([back, end])

    def frame(self, left: float, top: float, right: float, bottom: float, dashed: bool = False) -> None:
        """A rectangle."""
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        self.stroke(corners, 1.0, (34.0, 18.0) if dashed else ())

    def box(self, x: float, y: float, width: float, height: float, text: str) -> None:
        """A rectangle about (x, y) with text in it."""
        self.frame(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        self.text_in(text, x, y, width * 0.88)

    def pill(self, x: float, y: float, width: float, height: float, text: str) -> None:
        """A box with round ends."""
        r = height / 2
        left, right = arc((x - width / 2 + r, y), r, 90, 270, 16), arc((x + width / 2 - r, y), r, -90, 90, 16)
        outline = np.concatenate([left, right, left[:1]])
        self.stroke(outline)
        self.label(text, x, y, 40)

    def diamond(self, x: float, y: float, width: float, height: float, text: str) -> None:
        """A decision."""
        self.stroke(
            [
                (x - width / 2, y),
                (x, y - height / 2),
                (x + width / 2, y),
                (x, y + height / 2),
                (x - width / 2, y),
            ]
        )
        self.text_in(text, x, y, width * 0.55)

    def label(self, text: str, x: float, y: float, size: float = 38.0, clear: bool = False) -> None:
        """Text centred at a point."""
        self._words.append(Words(text, x, y, size, self._face, clear))

    def write(self, text: str, left: float, baseline: float, size: int, name: str = "") -> float:
        """Text that begins at `left` on a baseline, in the draughtsman's face or another; gives its width."""
        name = name or self._face
        if not text.strip():
            return face(name, size).getlength(text)
        font = face(name, size)
        start, top, stop, bottom = font.getbbox(text, anchor="ls")
        middle = (left + (start + stop) / 2, baseline + (top + bottom) / 2)
        self._words.append(Words(text, *middle, float(size), name))
        return font.getlength(text)

    def text_in(self, text: str, x: float, y: float, room: float) -> None:
        """Text centred at a point, broken into lines no wider than `room`."""
        size = 40
        font = face(self._face, size)
        rows = [""]
        for word in text.split():
            trial = f"{rows[-1]} {word}".strip()
            if rows[-1] and font.getlength(trial) > room:
                rows.append(word)
            else:
                rows[-1] = trial
        for index, row in enumerate(rows):
            self.label(row, x, y + (index - (len(rows) - 1) / 2) * size * 1.15, size)

    def numeral(self, text: str, term: str, x: float, y: float, end: Point | None = None) -> None:
        """A reference numeral at a point, with a lead line to `end`."""
        self._words.append(Words(text, x, y, float(self._style.numeral_size), self._face, numeral=text))
        self._terms.append((text, term))
        if end:
            away = np.array([end[0] - x, end[1] - y])
            start = np.array([x, y]) + away / (np.linalg.norm(away) + 1e-9) * self._style.numeral_size * 0.85
            if self._style.curved_leads:
                middle = (start + np.array(end)) / 2 + np.array([away[1], -away[0]]) * 0.12
                self.stroke(spline(np.array([start, middle, end])), 0.8)
            else:
                self.stroke([tuple(start), end], 0.8)

    def drawing(self) -> Drawing:
        """The finished drawing, moved so that everything has positive coordinates."""
        low, high = np.full(2, np.inf), np.full(2, -np.inf)
        for line in self._lines:
            low, high = np.minimum(low, line.points.min(0)), np.maximum(high, line.points.max(0))
        for word in self._words:
            half = len(word.text) * word.size * 0.3
            low = np.minimum(low, [word.x - half, word.y - word.size])
            high = np.maximum(high, [word.x + half, word.y + word.size])
        width, height = high - low
        return Drawing(
            float(width),
            float(height),
            tuple(Line(line.points - low, line.width, line.dash) for line in self._lines),
            tuple(
                Words(w.text, w.x - float(low[0]), w.y - float(low[1]), w.size, w.face, w.clear, w.numeral)
                for w in self._words
            ),
            (),
            tuple(self._terms),
        )
