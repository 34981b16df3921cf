"""What is printed beside a numeral: primes that belong to it, sentences and numbers it is a piece of."""

import re
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from ipatent.components import Components
from ipatent.label_print import Turn
from ipatent.patents import Box, Numeral

_SENTENCE = 14
"""Letters in a row from which on a line is a sentence and no word with a numeral beside it."""
_SECTION = re.compile(r"\blines?\s+(\d{1,3}[A-Za-z]?['’]?)\s?[-–—]\s?(\d{1,3}[A-Za-z]?['’]?)(?!\w)")
_BOTH_ENDS = 4
"""Heights by which the two marks of a section line are at least apart."""


def section_marks(text: str) -> frozenset[str]:
    """The marks of the lines along which sections are taken: `4` of `taken along line 4-4 of FIG. 2`."""
    return frozenset(first for first, second in _SECTION.findall(text) if first == second)


def without_section_marks(numerals: Sequence[Numeral], marks: Collection[str]) -> list[Numeral]:
    """Without the marks at both ends of a section line, which stand at one level or one above the other."""
    ends: set[Numeral] = set()
    named = [numeral for numeral in numerals if numeral.text in marks]
    for number, one in enumerate(named):
        for other in named[number + 1 :]:
            tall = max(one.box.height, other.box.height, one.box.width)
            across, along = abs(one.box.x - other.box.x), abs(one.box.y - other.box.y)
            if (
                one.text == other.text
                and min(across, along) < tall
                and max(across, along) > _BOTH_ENDS * tall
            ):
                ends |= {one, other}
    return [numeral for numeral in numerals if numeral not in ends]


def seen(parts: Components, letters: npt.NDArray[np.int64], turn: Turn) -> tuple[npt.NDArray[np.int64], ...]:
    """x, y, width, height of components where text of this turn reads left to right."""
    rows, columns = parts.shape
    left, top, right, bottom = (v[letters] for v in (parts.left, parts.top, parts.right, parts.bottom))
    if turn == 0:
        return left, top, right - left, bottom - top
    if turn == 180:
        return columns - right, rows - bottom, right - left, bottom - top
    if turn == 90:
        return rows - bottom, left, bottom - top, right - left
    return top, columns - right, bottom - top, right - left


def in_tables(parts: Components, boxes: Sequence[Box]) -> list[bool]:
    """Whether each box stands in a ruled table: four lines across the whole of it, and three down."""
    grids: dict[int, bool] = {}
    result = []
    for box in boxes:
        around = np.flatnonzero(
            (parts.left < box.x)
            & (parts.right > box.right)
            & (parts.top < box.y)
            & (parts.bottom > box.bottom)
            & (parts.width > 4 * max(box.width, box.height))
        )
        for n in around:
            if int(n) not in grids:
                grids[int(n)] = _is_grid(parts, int(n))
        result.append(any(grids[int(n)] for n in around))
    return result


def _is_grid(parts: Components, n: int) -> bool:
    width, height = int(parts.width[n]), int(parts.height[n])
    runs = parts.runs[parts.runs[:, 3] == n]
    row, start, stop = runs[:, 0], runs[:, 1] - int(parts.left[n]), runs[:, 2] - int(parts.left[n])
    across = np.unique(row[stop - start >= 0.9 * width])
    steps = np.zeros(width + 1, np.int64)
    np.add.at(steps, start, 1)
    np.add.at(steps, stop, -1)
    down = np.flatnonzero(np.cumsum(steps[:-1]) >= 0.9 * height)
    lines_across, lines_down = (int((np.diff(rule) > 8).sum()) + bool(len(rule)) for rule in (across, down))
    return lines_across >= 4 and lines_down >= 3


class Surroundings:
    """What stands beside a numeral, seen in its reading direction."""

    def __init__(self, parts: Components, turn: Turn) -> None:
        self._shape, self._turn = parts.shape, turn
        self._x, self._y, self._width, self._height = seen(parts, np.arange(len(parts)), turn)

    def continues(self, box: Box) -> bool:
        """Whether this is a piece of something longer: a number with a decimal comma, a sentence."""
        x, y, width, height = self._place(box)
        level = np.abs(self._y + self._height - (y + height))
        letter = (
            (level < 0.3 * height)
            & (self._height > 0.5 * height)
            & (self._height < 1.6 * height)
            & (self._width < 1.6 * height)
        )
        comma = (level < 0.4 * height) & (self._height < 0.45 * height) & (self._width < 0.35 * height)
        print_ = np.flatnonzero(letter | (comma & (self._height > 0.08 * height)))
        for reach, least in ((0.35, 1), (1.2, _SENTENCE)):
            count = 0
            for onward in (True, False):
                edge = x + width if onward else x
                starts = self._x[print_] if onward else -(self._x[print_] + self._width[print_])
                stops = self._x[print_] + self._width[print_] if onward else -self._x[print_]
                edge = edge if onward else -edge
                for n in np.argsort(starts, kind="stable"):
                    if starts[n] < edge - 0.2 * height or stops[n] <= edge:
                        continue
                    if starts[n] - edge > reach * height:
                        break
                    edge = int(stops[n])
                    count += int(letter[print_[n]])
            if count >= least:
                return True
        return False

    def with_primes(self, numeral: Numeral, known: Mapping[str, str]) -> Numeral | None:
        """The numeral as the description writes it.

        None where the description knows it only with a prime, and no prime is printed.
        """
        x, y, width, height = self._place(numeral.box)
        if f"{numeral.text}'" not in known and f"{numeral.text}''" not in known:
            return numeral
        marks = np.flatnonzero(
            (self._x >= x + width - 0.1 * height)
            & (self._x + self._width <= x + width + 0.75 * height)
            & (self._y >= y - 0.35 * height)
            & (self._y + self._height <= y + 0.6 * height)
            & (self._height >= 0.12 * height)
            & (self._width <= 0.4 * height)
            & (self._height >= 0.8 * self._width)
        )
        for count in range(min(len(marks), 2), -1, -1):
            text = numeral.text + "'" * count
            if text in known:
                right = max([x + width, *(self._x[marks[:count]] + self._width[marks[:count]]).tolist()])
                top = min([y, *self._y[marks[:count]].tolist()])
                return Numeral(known[text], self._box(x, top, right - x, y + height - top))
        return None

    def _place(self, box: Box) -> tuple[int, int, int, int]:
        """x, y, width, height where text of this turn reads left to right."""
        rows, columns = self._shape
        if self._turn == 0:
            return box.x, box.y, box.width, box.height
        if self._turn == 180:
            return columns - box.right, rows - box.bottom, box.width, box.height
        if self._turn == 90:
            return rows - box.bottom, box.x, box.height, box.width
        return box.y, columns - box.right, box.height, box.width

    def _box(self, x: int, y: int, width: int, height: int) -> Box:
        """The inverse of `_place`."""
        rows, columns = self._shape
        if self._turn == 0:
            return Box(x, y, width, height)
        if self._turn == 180:
            return Box(columns - x - width, rows - y - height, width, height)
        if self._turn == 90:
            return Box(y, rows - x - width, height, width)
        return Box(columns - y - height, x, height, width)
