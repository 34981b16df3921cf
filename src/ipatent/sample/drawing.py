"""A figure before it is inked: lines, words, and the points that reference numerals lead to."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ipatent.sample.pen import Ink, Line
from ipatent.sample.profiles import Floats


@dataclass(frozen=True, slots=True)
class Words:
    """Text in a figure, centred at (x, y); `clear` blanks the ink behind it."""

    text: str
    x: float
    y: float
    size: float
    face: str = "times"
    clear: bool = False
    numeral: str = ""
    """The reference numeral this is, if it is one."""


@dataclass(frozen=True, slots=True)
class Callout:
    """A reference numeral with its term and the point (x, y) its lead line ends at."""

    numeral: str
    term: str
    x: float
    y: float


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """What one figure shows, in 300-dpi pixels: (0, 0) is its upper left corner.

    `terms` names the numerals that stand in the drawing as words. `tone` is ink laid under the
    lines, of the drawing's size. `grey` is a picture (uint8, white = 255) of any resolution that is
    stretched over the drawing and dithered under the lines, or screened with `pitch` pixels a dot.
    """

    width: float
    height: float
    lines: tuple[Line, ...]
    words: tuple[Words, ...] = ()
    callouts: tuple[Callout, ...] = ()
    terms: tuple[tuple[str, str], ...] = ()
    tone: Ink | None = None
    grey: npt.NDArray[np.uint8] | None = None
    pitch: float = 0.0

    def fitted(self, width: float, height: float) -> "Drawing":
        """The drawing scaled to fit; pen widths stay, letters scale."""
        scale = min(width / self.width, height / self.height)
        return replace(
            self,
            width=self.width * scale,
            height=self.height * scale,
            lines=tuple(
                Line(line.points * scale, line.width, tuple(d * scale for d in line.dash))
                for line in self.lines
            ),
            words=tuple(replace(w, x=w.x * scale, y=w.y * scale, size=w.size * scale) for w in self.words),
            callouts=tuple(replace(c, x=c.x * scale, y=c.y * scale) for c in self.callouts),
        )


def line(points: list[tuple[float, float]] | Floats, width: float, dash: tuple[float, ...] = ()) -> Line:
    """A line through these points."""
    return Line(np.asarray(points, dtype=float), width, dash)
