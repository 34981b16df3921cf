"""Figure labels on a sheet: `FIG. 1`, `Fig. 2A`, printed upright, sideways or upside down."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ipatent import ocr
from ipatent.components import Components, Ink, find_components
from ipatent.glyphs import Glyphs, normalise, printed_glyphs
from ipatent.label_print import SURE, Line, Turn, read_label_prints
from ipatent.pages import Chosen, running_header
from ipatent.patents import Box, Word

_TURNS: tuple[Turn, ...] = (0, 90, 270, 180)
_MOST_LETTERS = 6000
"""A sheet with more specks of a letter's size is a raster or noise, in which no label can be read."""
_MOST_LABELS = 100
_MOST_DOUBTFUL = 12
"""Lines that may be labels, read by OCR besides those that are."""
_WORD = re.compile(r"^(?:F[I1lJ]?G(?:S|URES?)?|Fig(?:s|ures?)?)[.,\-:]?$")
_WHOLE = re.compile(r"^(?:F[I1l]G(?:S|URES?)?|Fig(?:s|ures?)?)[.,\-:]?\s?(\d{1,3}\s?[A-Z]?)$", re.IGNORECASE)
_NUMBER = re.compile(r"^[.\-]?(\d{1,3}[A-Za-z]?)\.?$")


@dataclass(frozen=True, slots=True)
class Label:
    """One figure label: what it says (`1`, `2A`; empty where unreadable), where, and which way up."""

    text: str
    box: Box
    turn: Turn


@dataclass(frozen=True, slots=True)
class _Letter:
    """A component seen in the reading direction of one turn: x runs along the line."""

    number: int
    x: int
    y: int
    width: int
    height: int


def find_labels(
    parts: Components, ink: Ink, words: Sequence[Word], header: Chosen
) -> tuple[tuple[Label, ...], Chosen]:
    """The labels of a sheet in reading order, and which components (n,) bool print them.

    Labels are found by their shapes, so a sheet without a text layer is read too; a text layer,
    where there is one, adds labels whose shapes were not recognised and corrects their numbers.
    Where OCR is installed it reads the labels again, and lines that may be labels besides.
    """
    height = parts.shape[0]
    labels, used, doubtful = _printed_labels(parts, ink, header)
    for mended in (_close(ink, 1), _close(ink, 2), _thicken(_thicken(ink))) if not labels else ():
        # Grey print is scanned as a raster of dots: its letters hold together only when closed.
        mended_parts = find_components(mended)
        labels, _, more = _printed_labels(mended_parts, mended, running_header(mended_parts))
        for label in labels:
            tall = min(label.box.width, label.box.height)  # a dotted rule under the label included
            used |= _inside(parts, label.box, round(0.6 * tall)) & (parts.height <= 1.2 * tall)
        doubtful.extend(more)
        if labels:
            break
    from_text = _labels_in_text(words, height)
    if ocr.available():
        shaped = labels
        labels = _read_again(parts, header, labels, doubtful, from_text)
        for label in shaped:
            if not any(_overlap(label.box, known.box) for known in labels):
                used &= ~_inside(parts, label.box)  # other print, which belongs to the drawing
    else:
        labels = [_with_number(label, from_text) for label in labels]
    for label in from_text:
        if not any(_overlap(label.box, known.box) or _same(label, known) for known in labels):
            labels.append(label)
            loose = max(6, round(0.4 * min(label.box.width, label.box.height)))  # its boxes are inexact
            used |= _inside(parts, label.box, loose) & (parts.height <= 0.045 * height)
    for label in labels:
        used |= _inside(parts, label.box) | _underline(parts, label)
    labels.sort(key=lambda label: (label.box.y // 100, label.box.x))
    return tuple(labels), used


def _read_again(
    parts: Components,
    header: Chosen,
    labels: Sequence[Label],
    doubtful: Sequence[tuple[float, Label]],
    from_text: Sequence[Label],
) -> list[Label]:
    """The labels as two of three witnesses have them: shapes, text layer, OCR; and more that OCR reads."""
    turns = {label.turn for label in labels}
    likely = sorted(doubtful, key=lambda one: -one[0])
    others = [
        label
        for _, label in likely
        if (not turns or label.turn in turns) and not any(_overlap(label.box, known.box) for known in labels)
    ][:_MOST_DOUBTFUL]
    lines = [Line(label.box, label.turn, 0.9 if label.text else 4.0) for label in labels]
    lines += [Line(label.box, label.turn, 4.0) for label in others]
    readings = read_label_prints(parts, header, lines)
    short = [n for n, line in enumerate(lines) if line.ahead < 4 and not readings[n][0]]
    longer = [Line(lines[n].box, lines[n].turn, 4.0) for n in short]
    for n, reading in zip(short, read_label_prints(parts, header, longer), strict=True):
        readings[n] = reading
    found: list[Label] = []
    for label, (text, box, confidence) in zip(labels, readings, strict=False):
        layer = _with_number(label, from_text).text
        agreed = (
            bool(label.text) and label.text == layer and any(_overlap(label.box, o.box) for o in from_text)
        )
        if not text and confidence >= SURE and not agreed:
            continue
        if text and confidence >= SURE and not agreed:
            found.append(Label(text, box, label.turn))
        else:
            found.append(Label(layer, label.box, label.turn))
    for label, (text, box, confidence) in zip(others, readings[len(labels) :], strict=True):
        if text and confidence >= SURE and not any(_overlap(box, known.box) for known in found):
            found.append(Label(text, box, label.turn))
    return found


def _same(label: Label, known: Label) -> bool:
    """Whether a label of the text layer, whose boxes are inexact, is one that is known already."""
    reach = 2 * max(min(known.box.width, known.box.height), 12)
    near = (
        label.box.x - reach < known.box.right
        and known.box.x - reach < label.box.right
        and label.box.y - reach < known.box.bottom
        and known.box.y - reach < label.box.bottom
    )
    return label.text == known.text and near


def _printed_labels(
    parts: Components, ink: Ink, header: Chosen
) -> tuple[list[Label], Chosen, list[tuple[float, Label]]]:
    """The labels recognised by their letters' shapes, the components that print them, and doubtful ones.

    Doubtful is a short line that begins with something like an F, with that likeness.
    """
    height = parts.shape[0]
    long_side = np.maximum(parts.height, parts.width)
    letters = ~header & (parts.area >= 8) & (long_side >= 0.005 * height) & (long_side <= 0.045 * height)
    used = np.zeros(len(parts), bool)
    labels: list[Label] = []
    doubtful: list[tuple[float, Label]] = []
    if letters.sum() > _MOST_LETTERS:
        return labels, used, doubtful
    for turn in _TURNS:
        for run in _lines(parts, letters & ~used, turn):
            text, members, likeness = _read(run, parts, ink, printed_glyphs(), turn)
            label = Label(text, _bounds(parts, members), turn)
            if likeness == 1.0:
                used[members] = True
                labels.append(label)
            elif likeness >= 0.55 and len(run) <= 10:
                doubtful.append((likeness, label))
    return labels, used, doubtful


def _thicken(ink: Ink) -> Ink:
    """Every stroke one pixel wider on each side."""
    grown = ink.copy()
    grown[1:] |= ink[:-1]
    grown[:-1] |= ink[1:]
    wide = grown.copy()
    wide[:, 1:] |= grown[:, :-1]
    wide[:, :-1] |= grown[:, 1:]
    return wide


def _close(ink: Ink, reach: int) -> Ink:
    """Gaps of up to `2 * reach` pixels filled, strokes otherwise as wide as they were."""
    grown = ink
    for _ in range(reach):
        grown = _thicken(grown)
    shrunk = ~grown
    for _ in range(reach):
        shrunk = _thicken(shrunk)
    closed: Ink = ~shrunk
    return closed


def _turned(parts: Components, numbers: np.ndarray, turn: Turn) -> list[_Letter]:
    """The boxes of components in coordinates in which text of this turn reads left to right."""
    height, width = parts.shape
    letters = []
    for n in numbers:
        left, top, right, bottom = (int(v[n]) for v in (parts.left, parts.top, parts.right, parts.bottom))
        if turn == 0:
            letters.append(_Letter(int(n), left, top, right - left, bottom - top))
        elif turn == 180:
            letters.append(_Letter(int(n), width - right, height - bottom, right - left, bottom - top))
        elif turn == 90:
            letters.append(_Letter(int(n), height - bottom, left, bottom - top, right - left))
        else:
            letters.append(_Letter(int(n), top, width - right, bottom - top, right - left))
    return letters


def _lines(parts: Components, chosen: Chosen, turn: Turn) -> list[list[_Letter]]:
    """Runs of letters of like height at one level, spaced as in a line of print."""
    letters = _turned(parts, np.flatnonzero(chosen), turn)
    letters = [letter for letter in letters if letter.height >= 0.4 * letter.width]
    letters.sort(key=lambda letter: letter.x)
    runs: list[list[_Letter]] = []
    open_runs: list[list[_Letter]] = []
    for letter in letters:
        open_runs = [run for run in open_runs if letter.x - (run[-1].x + run[-1].width) < 3.0 * run[0].height]
        for run in open_runs:
            first, last = run[0], run[-1]
            base = abs((letter.y + letter.height) - (first.y + first.height)) < 0.42 * first.height
            alike = 0.55 * first.height <= letter.height <= 1.5 * first.height
            if base and alike and letter.x >= last.x + 0.3 * last.width:
                run.append(letter)
                break
        else:
            run = [letter]
            runs.append(run)
            open_runs.append(run)
    return [run for run in runs if len(run) >= 2]


def _glyph(letter: _Letter, parts: Components, ink: Ink, turn: Turn) -> Ink:
    n = letter.number
    cut = ink[parts.top[n] : parts.bottom[n], parts.left[n] : parts.right[n]]
    upright: Ink = np.rot90(cut, k={0: 0, 90: -1, 180: 2, 270: 1}[turn])
    return upright


def _read(
    run: list[_Letter], parts: Components, ink: Ink, glyphs: Glyphs, turn: Turn
) -> tuple[str, np.ndarray, float]:
    """The label in a line of letters: its number, the components that print it, and 1.

    Where there is none, no number, all components, and how like an F the first letter is, below 1.
    """
    whole = np.asarray([letter.number for letter in run])
    if len(run) > 40:
        return "", whole, 0.0
    normal = [normalise(_glyph(letter, parts, ink, turn)) for letter in run]
    shapes = np.stack([shape for shape, _ in normal])
    likeness = glyphs.read(shapes, np.asarray([aspect for _, aspect in normal], np.float32))
    like_f = likeness[:, glyphs.characters == "F"].max(axis=1)
    if not (like_f[:-3] >= 0.55).any():  # as nearly everywhere: what follows need not be looked at
        return "", whole, min(float(like_f[0]), 0.99)
    best = {c: likeness[:, glyphs.characters == c].max(axis=1) for c in set(glyphs.characters.tolist())}
    for start in range(len(run) - 3):
        f, i, g = (
            best["F"][start],
            max(best["I"][start + 1], best["i"][start + 1]),
            max(best["G"][start + 2], best["g"][start + 2]),
        )
        slim = (
            run[start + 1].width < 0.9 * run[start].width
            or run[start + 1].width < 0.4 * run[start + 1].height
        )
        if f < 0.55 or g < 0.45 or i < 0.3 or not slim or (f + g) / 2 < 0.6:
            continue
        rest = range(start + 3, len(run))
        for word in ("URES", "URE", "S"):
            tail = list(rest)[: len(word)]
            if len(tail) < len(rest) and all(_is(c, t, best) for c, t in zip(word, tail, strict=False)):
                rest = range(start + 3 + len(word), len(run))
                break
        text, last = _number(run, rest, best)
        if (rest.start - start > 3 or f < 0.75 or g < 0.75) and not text:
            continue  # three letters that might be any word, and no number behind them
        if text.startswith("0"):
            continue
        return text, whole[start : last + 1], 1.0
    return "", whole, min(float(best["F"][0]), 0.99)


def _is(character: str, position: int, best: dict[str, np.ndarray]) -> bool:
    """Whether a glyph reads as this letter rather than as a digit."""
    letter = max(best[character][position], best[character.lower()][position])
    return bool(letter > 0.6 and letter > max(best[d][position] for d in "0123456789"))


def _number(run: list[_Letter], rest: range, best: dict[str, np.ndarray]) -> tuple[str, int]:
    """The digits and one letter that follow, and the position of the last member read."""
    text, last = "", rest.start - 1
    height = run[0].height
    for position in rest:
        gap = run[position].x - (run[position - 1].x + run[position - 1].width)
        if gap > (3.0 if not text else 0.7) * height:
            break
        if position == rest.start and run[position].height < 0.6 * height:
            continue  # a dot that the scan made large
        digits = {c: float(best[c][position]) for c in "0123456789"}
        capitals = {c: float(best[c][position]) for c in "ABCDEFGHJKLMN"}
        digit, capital = max(digits, key=digits.__getitem__), max(capitals, key=capitals.__getitem__)
        least = 0.35 if gap < 0.35 * height else 0.6  # what touches the number belongs to it
        if text and capitals[capital] > digits[digit] + 0.08 and capitals[capital] > least:
            return text + capital, position
        if digits[digit] < 0.45 or len(text) == 3:
            break
        text, last = text + digit, position
    return text, last


def _underline(parts: Components, label: Label) -> Chosen:
    """The rule drawn under a label, seen in the label's reading direction."""
    box = label.box
    height, width = parts.shape
    left, top, right, bottom = parts.left, parts.top, parts.right, parts.bottom
    start, stop, above, below = box.x, box.right, box.y, box.bottom
    if label.turn == 180:
        top, bottom, above, below = height - bottom, height - top, height - box.bottom, height - box.y
    elif label.turn == 270:  # reads downwards: its foot is to the left
        left, top, right, bottom = top, width - right, bottom, width - left
        start, stop, above, below = box.y, box.bottom, width - box.right, width - box.x
    elif label.turn == 90:  # reads upwards: its foot is to the right
        left, top, right, bottom = top, left, bottom, right
        start, stop, above, below = box.y, box.bottom, box.x, box.right
    tall, long = below - above, stop - start
    rule: Chosen = (
        (bottom - top <= 0.25 * tall)
        & (right - left >= 0.5 * long)
        & (right - left <= 1.4 * long)
        & (top >= below - 0.3 * tall)
        & (top <= below + 0.7 * tall)
        & (np.minimum(right, stop) - np.maximum(left, start) >= 0.45 * long)
    )
    middle = (top + bottom) / 2
    dots: Chosen = (
        (bottom - top <= 0.15 * tall)
        & (right - left <= 0.5 * tall)
        & (top >= below)
        & (top <= below + 0.7 * tall)
        & (left >= start - 0.2 * tall)
        & (right <= stop + 0.2 * tall)
    )
    if dots.sum() >= 4:  # a dotted or dashed rule
        reach = right[dots].max() - left[dots].min()
        if reach >= 0.5 * long and np.ptp(middle[dots]) <= 0.15 * tall:
            rule |= dots
    return rule


def _bounds(parts: Components, members: np.ndarray) -> Box:
    left, top = int(parts.left[members].min()), int(parts.top[members].min())
    right, bottom = int(parts.right[members].max()), int(parts.bottom[members].max())
    return Box(left, top, right - left, bottom - top)


def _labels_in_text(words: Sequence[Word], height: int) -> list[Label]:
    """Labels in the text layer: one word (`FIG.1`) or two neighbours (`FIG`, `.`, `6`)."""
    labels: list[Label] = []
    for index, word in enumerate(words):
        if len(labels) == _MOST_LABELS:
            break
        if word.box.bottom < 0.08 * height:
            continue
        if whole := _WHOLE.match(word.text):
            labels.append(Label(_tidy(whole.group(1)), word.box, _turn_of(word.box, len(word.text))))
        elif _WORD.match(word.text):
            box = word.box
            for following in words[index + 1 : index + 4]:
                if not _adjoins(box, following.box):
                    break
                box = _hull(box, following.box)
                if number := _NUMBER.match(following.text):
                    labels.append(Label(_tidy(number.group(1)), box, _turn_of(box, 6)))
                    break
    return labels


def _tidy(text: str) -> str:
    return re.sub(r"\s", "", text).upper()


def _turn_of(box: Box, letters: int) -> Turn:
    return 90 if letters > 2 and box.height > 1.5 * box.width else 0


def _adjoins(a: Box, b: Box) -> bool:
    reach = 2 * max(min(a.width, a.height), min(b.width, b.height), 12)
    return (
        a.x - reach < b.right and b.x - reach < a.right and a.y - reach < b.bottom and b.y - reach < a.bottom
    )


def _hull(a: Box, b: Box) -> Box:
    x, y = min(a.x, b.x), min(a.y, b.y)
    return Box(x, y, max(a.right, b.right) - x, max(a.bottom, b.bottom) - y)


def _overlap(a: Box, b: Box) -> bool:
    return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom


def _with_number(label: Label, from_text: Sequence[Label]) -> Label:
    """The label with the number that the text layer has for the same place."""
    for other in from_text:
        least = 0.5 if label.text else 0.0
        if other.text and _shared(label.box, other.box) > least:
            return Label(other.text, label.box, label.turn)
    return label


def _shared(a: Box, b: Box) -> float:
    """Intersection over union of two boxes."""
    across = min(a.right, b.right) - max(a.x, b.x)
    along = min(a.bottom, b.bottom) - max(a.y, b.y)
    if across <= 0 or along <= 0:
        return 0.0
    common = across * along
    return common / (a.width * a.height + b.width * b.height - common)


def _inside(parts: Components, box: Box, margin: int = 6) -> Chosen:
    inside: Chosen = (
        (parts.left >= box.x - margin)
        & (parts.right <= box.right + margin)
        & (parts.top >= box.y - margin)
        & (parts.bottom <= box.bottom + margin)
    )
    return inside
