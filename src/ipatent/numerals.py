"""Reference numerals in a drawing: the small print beside lead lines, with its boxes."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipatent import ocr
from ipatent.components import Components, Ink, find_components, ink_of
from ipatent.glyphs import normalise, printed_glyphs
from ipatent.label_print import Turn
from ipatent.patents import Box, Component, Numeral, Pixels
from ipatent.surroundings import Surroundings, in_tables, seen, without_section_marks

VERSION = "4"
"""Changes whenever other numerals would be found; part of what identifies an indexed file."""

_ALPHABET = "0123456789ABCDEFGHJKLMNPRSTUVWXYabcdefghijkmnpqrstuvwxyz"
_NUMERAL = re.compile(r"^(?:\d{1,4}[A-Za-z]?|[A-Z]{1,2}\d{1,4})'?$")
_SMALLEST, _TALLEST = 14, 80
"""Heights of numerals in pixels: 3.2 mm as the rules ask is 38 pixels at 300 dpi."""
_MOST_LETTERS = 4000
_MOST_CANDIDATES = 240
_LEAST_WEIGHT = 2.5
"""A drawing is not read sideways for less than one clear numeral of two digits."""
_LONGEST = 6
_MENTION = re.compile(
    r"\b(?P<before>[a-z]{2,})\s+(?P<numeral>(?:\d{2,4}[a-z]?|[A-Z]\d{2,4})['’′]?)(?P<after>(?!\w|[.,/]\d|\s*%).{0,12})",
    re.DOTALL,
)
_BEFORE_AMOUNTS = frozenset(
    "about above and approximately are at below between by every exceeding for from in is least most nearly "
    "of on only or over roughly than through to under until up was were with within example examples claim "
    "claims page line lines row column since before after".split()
)
_UNIT = re.compile(
    r"^[\s-]*(?:°|%|µ|(?:[munpkMG]?[mgslVAWFHJN]|[cdk]m|kg|[kMG]?Hz|ml|min|hours?|days?|years?|degrees?|percent|"
    r"minutes?|seconds?|inch(?:es)?|feet|times|parts|members?|millimet\w+|centimet\w+|rpm|psi|bar|wt|mol)\b)"
)
_LETTERED = re.compile(r"^(\d{1,4})[a-h]$")
_LOOKALIKES = str.maketrans("OoQDIl|ZSsBGgq", "00001112558699")


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A short line of letters: what their shapes say, how sure that is, and where."""

    text: str
    score: float
    box: Box
    expected: bool
    touching: bool = False
    """Whether a letter is missing that touches a line, so that only OCR can tell."""


def sought(description: str, components: Sequence[Component]) -> frozenset[str]:
    """The numerals that the drawings of a patent may bear.

    Those of its components, the steps and parts that the text numbers without naming them as often
    as a component is named (`in step 110`), and the fellows of a lettered one: where there is a
    `102a` there may be a `102b`. None where the text has no components.
    """
    if not components:
        return frozenset()
    known = {component.numeral for component in components}
    for mention in _MENTION.finditer(description):
        if mention["before"] not in _BEFORE_AMOUNTS and not _UNIT.match(mention["after"]):
            known.add(mention["numeral"].replace("’", "'").replace("′", "'"))
    stems = {found[1] for numeral in known if (found := _LETTERED.match(numeral))}
    return frozenset(known | {stem + letter for stem in stems for letter in "abcdefgh"})


def find_numerals(pixels: Pixels, known: Collection[str], marks: Collection[str] = ()) -> tuple[Numeral, ...]:
    """The reference numerals of a figure in reading order, with boxes in its pixels.

    `known` are the numerals of the patent's description: one of them is believed with less evidence
    than another, and where there are none, as in a design patent, none are sought. Shapes are
    compared with printed glyphs in all four directions; where OCR is installed it has the last word.
    `marks` are those of section lines, which are no numerals where they stand at both ends of a line.
    """
    if not known:
        return ()
    primed = {numeral.replace("’", "'").replace("′", "'"): numeral for numeral in known}
    bare = frozenset(numeral.rstrip("'") for numeral in primed)
    ink = ink_of(pixels)
    parts = find_components(ink)
    long_side = np.maximum(parts.height, parts.width)
    letters = np.flatnonzero((long_side >= _SMALLEST) & (long_side <= _TALLEST) & (parts.area >= 12))
    if not 0 < len(letters) <= _MOST_LETTERS:
        return ()
    best: tuple[float, Turn, list[_Candidate]] = (0.0, 0, [])
    turns: tuple[Turn, ...] = (0, 90, 270, 180)
    for turn in turns:
        found = _candidates(parts, ink, letters, turn, bare)
        weight = sum(
            c.score * len(c.text) ** 1.5 * (1.0 if c.expected else 0.5)
            for c in found
            if (c.expected or c.touching) and c.score > 0.6
        )
        # Drawings stand upright by now, unless they have no label and another way reads clearly better.
        if turn == 0 or weight > max(1.3 * best[0], _LEAST_WEIGHT):
            best = (weight, turn, found)
    _, turn, found = best
    chosen = _verified(pixels, found, turn, bare) if ocr.available() else _by_shape(found)
    surroundings = Surroundings(parts, turn)
    chosen = [
        numeral
        for numeral in chosen
        if not surroundings.continues(numeral.box) and not _is_tick(numeral, found, turn)
    ]
    entries = in_tables(parts, [numeral.box for numeral in chosen])
    chosen = [numeral for numeral, entry in zip(chosen, entries, strict=True) if not entry]
    chosen = _plausible(_apart(chosen), sum(_is_stranger(c) for c in found), turn)
    chosen = without_section_marks(chosen, marks)
    chosen = [n for numeral in chosen if (n := surroundings.with_primes(numeral, primed))]
    chosen.sort(key=lambda numeral: (numeral.box.y // 60, numeral.box.x))
    return tuple(chosen)


def _plausible(chosen: list[Numeral], strangers: int, turn: Turn) -> list[Numeral]:
    """Without what numerals never are: table entries, dashes read as 1."""
    repeats = Counter(numeral.text for numeral in chosen)
    if strangers > 2 * len(chosen) or (len(chosen) > 20 and len(chosen) > 2.2 * len(repeats)):
        # Mostly numbers that the text does not know, or the same ones over and over: a table or a graph.
        return [numeral for numeral in chosen if len(numeral.text) > 2]
    heights = [_print_height(numeral, turn) for numeral in chosen if len(numeral.text) > 1]
    usual = float(np.median(heights)) if len(heights) > 1 else 0.0
    return [
        numeral
        for numeral in chosen
        if (set(numeral.text) - {"1"} and len(numeral.text) > 1)
        or (repeats[numeral.text] < 5 and (not usual or 0.8 < _print_height(numeral, turn) / usual < 1.25))
    ]


def _is_tick(numeral: Numeral, found: Sequence[_Candidate], turn: Turn) -> bool:
    """Whether it stands in a row or column with numbers that no description knows, as on an axis."""
    if not numeral.text.isdecimal():
        return False
    box, height = numeral.box, _print_height(numeral, turn)
    fellows = [
        other
        for other in found
        if other.text.isdecimal()
        and not (other.expected or other.touching)
        and other.score > 0.7
        and 0.85 < _print_height(Numeral(other.text, other.box), turn) / height < 1.18
    ]
    for side in ("x", "y", "right", "bottom"):
        edge = getattr(box, side)
        if len({o.text for o in fellows if abs(getattr(o.box, side) - edge) <= 0.12 * height}) >= 2:
            return True
    return False


def _print_height(numeral: Numeral, turn: Turn) -> int:
    return numeral.box.height if turn in (0, 180) else numeral.box.width


def _is_stranger(candidate: _Candidate) -> bool:
    """Whether this clearly is a number, and none of the description's."""
    return (
        not candidate.expected
        and not candidate.touching
        and candidate.score > 0.8
        and candidate.text.isdecimal()
    )


def _by_shape(found: Sequence[_Candidate]) -> list[Numeral]:
    """Those whose shapes alone are evidence enough."""
    return [
        Numeral(c.text, c.box) for c in found if c.expected and c.score >= (0.62 if len(c.text) > 1 else 0.75)
    ]


def _verified(
    pixels: Pixels, found: Sequence[_Candidate], turn: Turn, known: Collection[str]
) -> list[Numeral]:
    """Those that OCR reads as a numeral, with the text it reads."""
    grey = pixels if pixels.ndim == 2 else pixels.min(axis=2)
    likely = sorted((c for c in found if c.score > 0.35), key=lambda c: -c.score)[:_MOST_CANDIDATES]
    cuts = [_upright(grey, c.box, turn) for c in likely]
    chosen: list[Numeral] = []
    for candidate, reading in zip(likely, ocr.read_lines(cuts), strict=True):
        text = _numeral(reading.text, known)
        if text == candidate.text and candidate.expected:
            sure = True
        elif candidate.touching and (len(text) < 3 or text == candidate.text):
            sure = False
        elif text in known:
            sure = reading.confidence > (0.6 if len(text) > 1 else 0.85)
        else:
            text, sure = candidate.text, candidate.expected and candidate.score > 0.8 and len(text) > 1
        if sure:
            chosen.append(Numeral(text, candidate.box))
    return chosen


def _numeral(text: str, known: Collection[str]) -> str:
    """What OCR read, tidied; look-alikes of digits are digits where that gives a known numeral."""
    text = re.sub(r"[^A-Za-z0-9']", "", text.replace("’", "'"))
    if text in known:
        return text
    digits = text.translate(_LOOKALIKES)
    for guess in (digits, digits[:-1] + text[-1:], text[:-1].translate(_LOOKALIKES) + text[-1:].lower()):
        if guess in known:
            return guess
    return text


def _upright(grey: Pixels, box: Box, turn: Turn) -> Pixels:
    """The candidate turned upright, with paper around it."""
    margin = max(round(0.2 * min(box.width, box.height)), 4)
    cut = grey[max(box.y - margin, 0) : box.bottom + margin, max(box.x - margin, 0) : box.right + margin]
    return np.ascontiguousarray(np.rot90(cut, k={0: 0, 90: -1, 180: 2, 270: 1}[turn]))


def _candidates(
    parts: Components, ink: Ink, letters: npt.NDArray[np.int64], turn: Turn, known: frozenset[str]
) -> list[_Candidate]:
    """The short lines of letters that read as numerals in one direction."""
    x, y, width, height = seen(parts, letters, turn)
    tall = (height >= _SMALLEST) & (height >= 0.9 * width) & (height <= 14 * width)
    keep = np.flatnonzero(tall)
    runs = _runs(x[keep], y[keep], width[keep], height[keep])
    lines = [keep[run] for run in runs if len(run) <= _LONGEST]
    if not lines:
        return []
    glyphs = printed_glyphs(_ALPHABET)
    members = np.concatenate(lines)
    normal = [normalise(_glyph(parts, ink, int(letters[n]), turn)) for n in members]
    likeness = glyphs.read(
        np.stack([shape for shape, _ in normal]), np.asarray([aspect for _, aspect in normal], np.float32)
    )
    best = np.stack([likeness[:, glyphs.characters == c].max(axis=1) for c in _ALPHABET], axis=1)
    by_length: dict[int, list[tuple[str, str]]] = {}
    for numeral in sorted(known):
        if all(c in _ALPHABET for c in numeral):
            by_length.setdefault(len(numeral), []).append((numeral, numeral))
        # The S of S102 often touches its lead line; the digits alone tell it where no 102 is known.
        if re.fullmatch(r"[A-Z]\d{2,4}", numeral) and numeral[1:] not in known:
            by_length.setdefault(len(numeral) - 1, []).append((numeral[1:], numeral))
    ends = {numeral[1:] for numeral in known if len(numeral) > 2}
    starts = {numeral[:-1] for numeral in known if len(numeral) > 2}
    found: list[_Candidate] = []
    start = 0
    for run in lines:
        scores = best[start : start + len(run)]
        start += len(run)
        text, score = _free(scores)
        expected = False
        for printed, numeral in by_length.get(len(run), ()):
            likely = _score(scores, printed)
            if likely > score - (0.0 if expected else 0.06):
                text, score, expected = numeral, likely, True
        box = _bounds(parts, letters[run])
        if not _NUMERAL.match(text) or score <= 0.3:
            continue
        expected = expected or text in known
        rests = ((-1, ends), (1, starts)) if score > 0.6 and text.isdecimal() else ()
        longer = [_widened(box, turn, side) for side, rest in rests if text in rest]
        if expected:  # `12` may be what is left of `212`, if there is ink before it
            longer = [one for one in longer if _has_ink_beside(ink, one, box)]
        found += [_Candidate(text, score, one, False, touching=True) for one in longer]
        if expected or not longer:
            found.append(_Candidate(text, score, box, expected))
    return found


def _widened(box: Box, turn: Turn, side: int) -> Box:
    """The box with room for one more letter before (-1) or after it (1) in its reading direction."""
    forwards = (side == 1) == (turn in (0, 270))
    if turn in (0, 180):
        room = round(0.75 * box.height)
        return Box(max(box.x - (0 if forwards else room), 0), box.y, box.width + room, box.height)
    room = round(0.75 * box.width)
    return Box(box.x, max(box.y - (0 if forwards else room), 0), box.width, box.height + room)


def _has_ink_beside(ink: Ink, widened: Box, box: Box) -> bool:
    """Whether a letter's worth of ink stands in the room by which a box was widened."""
    inside, around = (np.count_nonzero(ink[one.y : one.bottom, one.x : one.right]) for one in (box, widened))
    return bool(around - inside > 0.15 * inside)


def _free(scores: npt.NDArray[np.float32]) -> tuple[str, float]:
    """The likeliest text of a line whatever the description says, digits first."""
    digits = scores[:, :10]
    text = "".join(_ALPHABET[n] for n in digits.argmax(axis=1))
    score = float(np.minimum(digits.max(axis=1), 0.95).mean())
    whole = "".join(_ALPHABET[n] for n in scores.argmax(axis=1))
    if whole != text and float(scores.max(axis=1).mean()) > score + 0.05:
        return whole, float(scores.max(axis=1).mean())
    return text, score


def _score(scores: npt.NDArray[np.float32], numeral: str) -> float:
    likely = np.asarray([scores[n, _ALPHABET.index(c)] for n, c in enumerate(numeral)])
    return float(min(likely.mean(), likely.min() + 0.25))


def _runs(
    x: npt.NDArray[np.int64],
    y: npt.NDArray[np.int64],
    width: npt.NDArray[np.int64],
    height: npt.NDArray[np.int64],
) -> list[list[int]]:
    """Letters of like height on one base line, close together; each a list of positions."""
    runs: list[list[int]] = []
    open_runs: list[list[int]] = []
    base = y + height
    for n in np.argsort(x, kind="stable").tolist():
        open_runs = [run for run in open_runs if x[n] - (x[run[-1]] + width[run[-1]]) < 0.8 * height[run[0]]]
        for run in open_runs:
            first, last = run[0], run[-1]
            gap = x[n] - (x[last] + width[last])
            level = abs(int(base[n] - base[first])) < 0.3 * height[first]
            alike = 0.55 * height[first] <= height[n] <= 1.6 * height[first]
            if level and alike and -0.3 * width[last] <= gap < 0.5 * max(height[first], height[n]):
                run.append(n)
                break
        else:
            run = [n]
            runs.append(run)
            open_runs.append(run)
    return runs


def _glyph(parts: Components, ink: Ink, n: int, turn: Turn) -> Ink:
    cut = ink[parts.top[n] : parts.bottom[n], parts.left[n] : parts.right[n]]
    upright: Ink = np.rot90(cut, k={0: 0, 90: -1, 180: 2, 270: 1}[turn])
    return upright


def _bounds(parts: Components, members: npt.NDArray[np.int64]) -> Box:
    left, top = int(parts.left[members].min()), int(parts.top[members].min())
    right, bottom = int(parts.right[members].max()), int(parts.bottom[members].max())
    return Box(left, top, right - left, bottom - top)


def _apart(found: Sequence[Numeral]) -> list[Numeral]:
    """Without numerals that lie in one another, such as a mark inside a zero."""
    kept: list[Numeral] = []
    for numeral in sorted(found, key=lambda n: -n.box.width * n.box.height):
        x, y = numeral.box.x + numeral.box.width / 2, numeral.box.y + numeral.box.height / 2
        if not any(k.box.x <= x < k.box.right and k.box.y <= y < k.box.bottom for k in kept):
            kept.append(numeral)
    return kept
