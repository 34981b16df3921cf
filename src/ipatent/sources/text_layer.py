"""The text layer of a PDF page: words with boxes, and lines in the order in which a person reads them."""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ipatent.patents import Box, Word

MAX_CHARACTERS = 60_000
"""Characters read of one page; a page that claims more is not a page of a patent."""

_ENOUGH = 40
"""Words that tell the level of a line; looking at all of an endless one would take forever."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text with its box in the units of its words."""

    text: str
    box: Box


def read_words(page: pdfium.PdfPage, width: int, height: int) -> tuple[Word, ...]:
    """The words of a page's text layer, boxes in pixels of its picture of `width` x `height`."""
    text_page = page.get_textpage()
    handle = text_page.raw
    count = min(max(pdfium_c.FPDFText_CountChars(handle), 0), MAX_CHARACTERS)
    edges = [ctypes.c_double() for _ in range(4)]
    left, right, bottom, top = edges
    to_x, to_y = ctypes.c_int(), ctypes.c_int()

    def device(x: float, y: float) -> tuple[int, int]:
        pdfium_c.FPDF_PageToDevice(page.raw, 0, 0, width, height, 0, x, y, to_x, to_y)
        return to_x.value, to_y.value

    words: list[Word] = []
    letters: list[str] = []
    xs: list[int] = []
    ys: list[int] = []

    def finish() -> None:
        if letters:
            x, y = max(min(xs), 0), max(min(ys), 0)
            box = Box(x, y, max(max(xs) - x, 1), max(max(ys) - y, 1))
            words.append(Word("".join(letters), box))
        letters.clear()
        xs.clear()
        ys.clear()

    for index in range(count):
        code = pdfium_c.FPDFText_GetUnicode(handle, index)
        character = chr(code) if 32 < code < 0x110000 and not 0xD800 <= code < 0xE000 else " "
        if character.isspace() or character == "\ufffe":
            finish()
            continue
        if pdfium_c.FPDFText_GetCharBox(handle, index, left, right, bottom, top):
            for x, y in (device(left.value, top.value), device(right.value, bottom.value)):
                xs.append(x)
                ys.append(y)
            letters.append(character)
    finish()
    text_page.close()
    return tuple(words)


def lines_of(words: Sequence[Word]) -> tuple[Line, ...]:
    """Words joined into lines from top to bottom, whatever order the text layer has them in.

    Two words share a line when their middles differ by less than half a word's height; they are
    joined without a space where their boxes nearly touch (text layers made by OCR split
    `FIG. 1` into `FIG`, `.`, `1`).
    """
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda w: w.box.y + w.box.height / 2):
        middle = word.box.y + word.box.height / 2
        for row in reversed(rows[-3:]):
            first = row[:_ENOUGH]
            tall = [w for w in first if w.box.height > 8] or first
            height = median(w.box.height for w in tall)
            if abs(median(w.box.y + w.box.height / 2 for w in tall) - middle) < 0.5 * height:
                row.append(word)
                break
        else:
            rows.append([word])
    return tuple(_join(sorted(row, key=lambda w: w.box.x)) for row in rows)


def _join(row: list[Word]) -> Line:
    height = max(w.box.height for w in row)
    text = row[0].text
    for before, word in pairwise(row):
        gap = word.box.x - before.box.right
        punctuation = word.text[0] in ".,;:)" or before.text[-1] in "(/" or word.text[0] == "/"
        text += ("" if gap < (0.28 if punctuation else 0.12) * height else " ") + word.text
    x, y = min(w.box.x for w in row), min(w.box.y for w in row)
    right, bottom = max(w.box.right for w in row), max(w.box.bottom for w in row)
    return Line(text, Box(x, y, right - x, bottom - y))


def column_lines(words: Sequence[Word], width: int, height: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines of a US patent's text page: those above the columns, then left and right column.

    The page header ends at about 9 % of the height, on a cover page at the rule below the number
    (13 %); the gutter lies at the middle of the page. Both are sought near there.
    """
    gutter = _gutter(words, width, height)
    head_end = _head_end(words, height)
    head = [w for w in words if w.box.y + w.box.height / 2 < head_end]
    body = [w for w in words if w.box.y + w.box.height / 2 >= head_end]
    numbers = _line_numbers(body, gutter, width)
    body = [w for w in body if w not in numbers]
    left = [w for w in body if w.box.x + w.box.width / 2 < gutter]
    right = [w for w in body if w.box.x + w.box.width / 2 >= gutter]
    columns = tuple(line.text for line in lines_of(left)) + tuple(line.text for line in lines_of(right))
    return tuple(line.text for line in lines_of(head)), columns


def _gutter(words: Sequence[Word], width: int, height: int) -> float:
    """The column crossed by the fewest words between 44 % and 56 % of the width."""
    first, last = int(width * 0.44), int(width * 0.56)
    if last <= first:
        return width / 2
    steps = np.zeros(last - first + 1, np.int64)
    for word in words:
        if word.box.y >= 0.13 * height and word.box.right > first and word.box.x < last:
            steps[max(word.box.x, first) - first] += 1
            steps[min(word.box.right, last) - first] -= 1
    crossed = np.cumsum(steps[:-1])
    free = first + np.flatnonzero(crossed == crossed.min())
    return float(free[np.argmin(np.abs(free - width * 0.5))])


def _line_numbers(words: Sequence[Word], gutter: float, width: int) -> frozenset[Word]:
    """The numbers 5, 10, 15 … printed between the columns, where there is such a series."""
    found = [
        word
        for word in words
        if word.text.isdecimal()
        and len(word.text) <= 2
        and int(word.text) % 5 == 0
        and abs(word.box.x + word.box.width / 2 - gutter) < 0.025 * width
    ]
    return frozenset(found if len({word.text for word in found}) >= 4 else ())


def _head_end(words: Sequence[Word], height: int) -> float:
    for word in words:
        if word.text.startswith(("(45", "(43")) and word.box.y < 0.2 * height:
            return word.box.bottom + 0.4 * word.box.height
    dated = [
        w.box.bottom for w in words if w.text in ("Date", "Pub.") and 0.06 * height < w.box.y < 0.2 * height
    ]
    return min(dated) + 0.004 * height if dated else 0.095 * height
