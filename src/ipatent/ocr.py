"""Reading print from pixels, with the recogniser of RapidOCR where the `ocr` extra is installed.

Only the recognition model is taken from that package, and run by ONNX Runtime directly: lines of
print are found from connected components, which on the clean scans of patent offices is some
fifty times faster than a detection network. Nothing is downloaded.
"""

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from PIL import Image

from ipatent.components import Components, find_components, ink_of
from ipatent.errors import IPatentError
from ipatent.patents import Box, Pixels, Word
from ipatent.print_cache import in_use

INSTALL = "install OCR with: pip install 'ipatent[ocr]'"
"""What to do where OCR is wanted and missing."""

_VERSION = "1"
"""Changes whenever the same picture of a line would be read differently by the same model."""

_MODEL = "*rec*.onnx"
_HEIGHT = 48
_MOST_WIDTH = 1600
_BATCH = 8
_SQUEEZE = 0.85
"""Lines of print are read narrower than they are: the model's time grows with width alone."""
_MARGIN = 0.25
_LEAST = 0.5
"""Confidence below which a line counts as no print."""
_MOST_LETTERS = 20_000
_MOST_LINES = 600
_KEPT = "".join(chr(c) for c in (*range(0x21, 0x7F), *range(0xA1, 0x180))) + "–—‘’“”•"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a line says, how sure that is (0 to 1), and where each character stands.

    `places` are the characters' middles as shares of the line's width.
    """

    text: str
    confidence: float
    places: tuple[float, ...]


def available() -> bool:
    """Whether print can be read from pixels here."""
    return _model_file() is not None


@cache
def _model_file() -> Path | None:
    # The package is found but not imported: importing it would load OpenCV for nothing.
    spec = find_spec("rapidocr")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if found := sorted(Path(folder, "models").glob(_MODEL)):
            return found[0]
    return None


@cache
def _model_hash(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


class _Recogniser:
    """The loaded model with its alphabet; one thread, so that worker processes do not crowd each other."""

    def __init__(self, path: Path) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False
        self.session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.input = self.session.get_inputs()[0].name
        listed = self.session.get_modelmeta().custom_metadata_map["character"].split("\n")
        alphabet = ["", *(c for c in listed if c), " "]
        kept = [n for n, c in enumerate(alphabet) if c in _KEPT or c in ("", " ")]
        self.kept = np.asarray(kept)
        self.alphabet = [alphabet[n] for n in kept]


_lock = threading.Lock()
_loaded: dict[Path, _Recogniser] = {}


def _recogniser() -> _Recogniser:
    path = _model_file()
    if path is None:
        raise IPatentError(
            "Print cannot be read: OCR is not installed.", f"{INSTALL[0].upper()}{INSTALL[1:]}"
        )
    with _lock:
        if path not in _loaded:
            try:
                _loaded[path] = _Recogniser(path)
            except Exception as error:  # ONNX Runtime has exceptions of many unrelated kinds
                raise IPatentError(
                    f"The model that reads print cannot be loaded ({type(error).__name__}).",
                    "Install it again: pip install --force-reinstall 'rapidocr>=3.10,<4'",
                ) from None
        return _loaded[path]


def read_lines(lines: Sequence[Pixels], squeeze: float = 1.0) -> tuple[Reading, ...]:
    """What each picture of one upright line (height, width) grey says; empty text where nothing.

    Only Latin letters, digits and punctuation are read. Lines are read a few at a time, those of
    like width together; where a cache is in use, the same few are not read twice. Raises
    IPatentError where OCR is not installed.
    """
    prepared = [_prepare(line, squeeze) for line in lines]
    order = sorted(range(len(prepared)), key=lambda n: prepared[n].shape[1])
    readings = [Reading("", 0.0, ())] * len(prepared)
    start = 0
    while start < len(order):
        widest = prepared[order[start]].shape[1] * 1.3 + 16
        stop = start + 1
        while stop < len(order) and stop - start < _BATCH and prepared[order[stop]].shape[1] <= widest:
            stop += 1
        chosen = order[start:stop]
        for n, reading in zip(chosen, _read_or_remember([prepared[n] for n in chosen]), strict=True):
            readings[n] = reading
        start = stop
    return tuple(readings)


def _read_or_remember(lines: Sequence[npt.NDArray[np.float32]]) -> list[Reading]:
    """What prepared lines (48, width) say, read together.

    They are cached together too: a line's scores depend a little on the width of its fellows, and
    what comes from the cache is to be exactly what would be read.
    """
    kept, path = in_use(), _model_file()
    if kept is None or path is None:
        return _read_together(lines)
    content = hashlib.sha256(_VERSION.encode() + _model_hash(path))
    for line in lines:
        content.update(line.shape[1].to_bytes(4, "big") + line.tobytes())
    key = content.digest()
    found = _readings(kept.get(key))
    if found is None or len(found) != len(lines):
        found = _read_together(lines)
        kept.put(key, [[one.text, one.confidence, one.places] for one in found])
    return found


def _readings(value: object) -> list[Reading] | None:
    """What the cache holds, where it is what was put there."""
    try:
        return [Reading(str(t), float(c), tuple(float(p) for p in places)) for t, c, places in value]  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        return None


def _read_together(lines: Sequence[npt.NDArray[np.float32]]) -> list[Reading]:
    recogniser = _recogniser()
    width = max(line.shape[1] for line in lines)
    batch = np.zeros((len(lines), 3, _HEIGHT, width), np.float32)
    for row, line in enumerate(lines):
        batch[row, :, :, : line.shape[1]] = line
    (scores,) = recogniser.session.run(None, {recogniser.input: batch})
    return [
        _decode(np.asarray(scores[row])[:, recogniser.kept], recogniser.alphabet, width / line.shape[1])
        for row, line in enumerate(lines)
    ]


def _prepare(line: Pixels, squeeze: float) -> npt.NDArray[np.float32]:
    """The line at the model's height, (48, width) float32 in [-1, 1]."""
    height, width = line.shape[:2]
    wanted = min(max(round(width * _HEIGHT / height * squeeze), 16), _MOST_WIDTH)
    small = Image.fromarray(line).resize((wanted, _HEIGHT), Image.Resampling.BILINEAR)
    return np.asarray(small, np.float32) / 127.5 - 1


def _decode(scores: npt.NDArray[np.float32], alphabet: Sequence[str], share: float) -> Reading:
    """The best path of a connectionist temporal classification: repeats and blanks dropped."""
    best = scores.argmax(axis=1)
    steps = len(best)
    new = np.flatnonzero((best > 0) & (best != np.concatenate([[0], best[:-1]])))
    if not len(new):
        return Reading("", 0.0, ())
    text = "".join(alphabet[n] for n in best[new])
    places = tuple(min(float((step + 0.5) / steps * share), 1.0) for step in new)
    return Reading(text, float(scores[new, best[new]].mean()), places)


def read_words(pixels: Pixels, box: Box | None = None) -> tuple[Word, ...]:
    """The printed words on a page, or inside `box` of it, with boxes in pixels of the page.

    Upright print in lines is read, as on covers and text pages; drawings between it are left out.
    Raises IPatentError where OCR is not installed.
    """
    grey = pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels.min(axis=2))
    lines = find_lines(find_components(ink_of(grey)))
    if box:
        lines = [line for line in lines if line.y >= box.y and line.bottom <= box.bottom]
    cuts = [_framed(grey, line) for line in lines]
    words: list[Word] = []
    for line, reading in zip(lines, read_lines(cuts, _SQUEEZE), strict=True):
        if reading.confidence >= _LEAST:
            words.extend(_words(reading, line))
    return tuple(words)


def _framed(grey: Pixels, line: Box) -> Pixels:
    """The line with a little paper around it, as the model was trained on."""
    margin, left, right = _margins(line)
    cut = grey[max(line.y - margin, 0) : line.bottom + margin, max(line.x - left, 0) : line.right + right]
    return np.ascontiguousarray(cut)


def _margins(line: Box) -> tuple[int, int, int]:
    """Paper above and below, on the left, and on the right, where punctuation may stand."""
    return max(round(_MARGIN * line.height), 2), max(round(0.2 * line.height), 4), round(0.6 * line.height)


def find_lines(parts: Components) -> list[Box]:
    """The boxes of the lines of upright print on a page, from top to bottom.

    Letters reach out to the right by their own height; those that meet make a line, so columns
    and the two ends of a row of leader dots come out apart.
    """
    height, width = parts.shape
    tall, wide = parts.height, parts.width
    letter = (
        (tall >= 0.0035 * height)
        & (tall <= 0.022 * height)
        & (wide <= 8 * tall)
        & (wide >= 0.08 * tall)
        & (parts.area >= 0.1 * wide * tall)
    )
    numbers = np.flatnonzero(letter)
    if not 2 <= len(numbers) <= _MOST_LETTERS:
        return []
    # Only the middle of each letter counts, lest descenders tie a line to the next one.
    rise = tall[numbers] // 4
    top = (parts.top[numbers] + rise) // 2
    bottom = np.maximum((parts.bottom[numbers] - rise) // 2, top + 1)
    left = parts.left[numbers] // 2
    right = (
        np.minimum(parts.right[numbers] + np.maximum(tall[numbers], 0.006 * height).astype(int), width) // 2
    )
    painted = np.zeros((height // 2 + 2, width // 2 + 2), np.int32)
    np.add.at(painted, (top, left), 1)
    np.add.at(painted, (top, right), -1)
    np.add.at(painted, (bottom, left), -1)
    np.add.at(painted, (bottom, right), 1)
    smeared = find_components(painted.cumsum(axis=0).cumsum(axis=1) > 0)
    return _line_boxes(parts, numbers, _groups(smeared, left, top))


def _groups(smeared: Components, left: np.ndarray, top: np.ndarray) -> np.ndarray:
    """For each letter the smeared component that its upper left corner lies in."""
    row, start, _, component = smeared.runs.T
    key = row * (smeared.shape[1] + 1) + start
    found: np.ndarray = component[np.searchsorted(key, top * (smeared.shape[1] + 1) + left, side="right") - 1]
    return found


def _line_boxes(parts: Components, numbers: np.ndarray, group: np.ndarray) -> list[Box]:
    boxes = []
    order = np.argsort(group, kind="stable")
    for members in np.split(numbers[order], np.flatnonzero(np.diff(group[order])) + 1):
        tall = parts.height[members]
        x, right = int(parts.left[members].min()), int(parts.right[members].max())
        y, bottom = int(parts.top[members].min()), int(parts.bottom[members].max())
        level = np.median(parts.bottom[members])
        aligned = (np.abs(parts.bottom[members] - level) < 0.3 * np.median(tall)).mean()
        if bottom - y > 2.2 * np.median(tall) or (len(members) >= 5 and aligned < 0.6):
            continue
        boxes.append(Box(x, y, right - x, bottom - y))
    boxes.sort(key=lambda box: (box.y, box.x))
    return boxes[:_MOST_LINES]


def _words(reading: Reading, line: Box) -> list[Word]:
    """The words of a line; their boxes follow from where the model saw their characters."""
    words: list[Word] = []
    bounds: list[tuple[int, int]] = []
    start = 0
    for position in range(len(reading.text) + 1):
        if position == len(reading.text) or reading.text[position] == " ":
            if position > start:
                bounds.append((start, position))
            start = position + 1
    _, before, after = _margins(line)
    whole = line.width + before + after
    gap = 0.2 * line.height
    edges = [
        line.x - before + whole * (reading.places[a[1] - 1] + reading.places[b[0]]) / 2
        for a, b in pairwise(bounds)
    ]
    for number, (first, last) in enumerate(bounds):
        left = line.x if number == 0 else round(edges[number - 1] + gap)
        right = line.right if number == len(bounds) - 1 else round(edges[number] - gap)
        words.append(
            Word(reading.text[first:last], Box(max(left, 0), line.y, max(right - left, 1), line.height))
        )
    return words
