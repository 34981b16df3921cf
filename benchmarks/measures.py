"""How right the reading of patents is: figures, labels, captions, numerals, terms, fields against a truth."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ipatent.numerals import find_numerals
from ipatent.patents import Box, Caption, Component, Numeral, Patent, Sheet
from ipatent.references import own_labels
from ipatent.sheets import cut_figures, on_sheet

_SAME_PLACE = 0.3
_WHOLE = 0.9
_NEAR = 10
"""Pixels around a numeral's true box in which the middle of the one read may lie."""


@dataclass(frozen=True, slots=True)
class PrintedFigure:
    """A figure as it stands on its sheet; the boxes are in pixels of the sheet."""

    box: Box
    labels: tuple[str, ...]
    caption: str = ""
    turn: int = 0
    numerals: tuple[Numeral, ...] = ()


@dataclass(slots=True)
class Count:
    """How many were right, of those that were read, and of those that are there."""

    right: int = 0
    read: int = 0
    there: int = 0

    @property
    def precision(self) -> float:
        """Of those read, the share that is right."""
        return self.right / self.read if self.read else 1.0

    @property
    def recall(self) -> float:
        """Of those there, the share that was read."""
        return self.right / self.there if self.there else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.right / (self.read + self.there) if self.read + self.there else 1.0


@dataclass(slots=True)
class Measures:
    """The counts of all sheets and patents measured so far; `wrong` names what was misread."""

    sheets: Count = field(default_factory=Count)
    """Sheets with the right number of figures."""
    labels: Count = field(default_factory=Count)
    boxes: Count = field(default_factory=Count)
    """Figures whose box shares 0.9 of the joint area with the true one."""
    turns: Count = field(default_factory=Count)
    captions: Count = field(default_factory=Count)
    numerals: Count = field(default_factory=Count)
    terms: Count = field(default_factory=Count)
    fields: Count = field(default_factory=Count)
    wrong: list[str] = field(default_factory=list)


def printed_figures(
    sheet: Sheet, known: Collection[str], marks: Collection[str]
) -> tuple[PrintedFigure, ...]:
    """The figures of a sheet as they are read, with the numerals that an ingest gives them; no captions."""
    figures = []
    for cut in cut_figures(sheet):
        found = find_numerals(cut.pixels, known, marks)
        numerals = tuple(Numeral(n.text, on_sheet(n.box, cut)) for n in found)
        figures.append(PrintedFigure(cut.box, cut.labels, "", cut.turn, numerals))
    return tuple(figures)


def captioned(
    sheets: Mapping[int, Sequence[PrintedFigure]], captions: Iterable[Caption]
) -> dict[int, tuple[PrintedFigure, ...]]:
    """The figures of a patent's sheets with the labels and captions that an ingest gives them in the end."""
    texts = {label: caption.text for caption in captions for label in caption.labels}
    own = iter(own_labels([figure.labels for figures in sheets.values() for figure in figures]))
    result = {}
    for number, figures in sheets.items():
        named = []
        for figure in figures:
            labels = next(own)
            caption = "; ".join(dict.fromkeys(texts[label] for label in labels if label in texts))
            named.append(replace(figure, labels=labels, caption=caption))
        result[number] = tuple(named)
    return result


def measure_sheet(
    name: str, read: Sequence[PrintedFigure], there: Sequence[PrintedFigure], measures: Measures
) -> None:
    """Counts one sheet: its figures, labels, boxes, turns, captions and numerals."""
    _count(measures.sheets, len(read) == len(there), name, f"{len(read)} figures for {len(there)}", measures)
    labels_read = Counter(label for figure in read for label in figure.labels)
    labels_there = Counter(label for figure in there for label in figure.labels)
    measures.labels.right += (labels_read & labels_there).total()
    measures.labels.read += labels_read.total()
    measures.labels.there += labels_there.total()
    if labels_read != labels_there:
        measures.wrong.append(f"{name}: labels {sorted(labels_read)} for {sorted(labels_there)}")
    for figure in there:
        nearest = max(read, key=lambda one: overlap(one.box, figure.box), default=None)
        shared = overlap(nearest.box, figure.box) if nearest else 0.0
        if nearest is None or shared < _SAME_PLACE:
            nearest = PrintedFigure(Box(0, 0, 1, 1), (), "", -1)
        label = "/".join(figure.labels)
        _count(measures.boxes, shared >= _WHOLE, name, f"box of {label} overlaps by {shared:.2f}", measures)
        _count(
            measures.turns, nearest.turn == figure.turn, name, f"turn of {label}: {nearest.turn}", measures
        )
        if figure.caption:
            same = plain(nearest.caption) == plain(figure.caption)
            _count(measures.captions, same, name, f"caption of {label}: {nearest.caption!r}", measures)
    _measure_numerals(name, read, there, measures)


def _count(count: Count, right: bool, name: str, what: str, measures: Measures) -> None:
    count.right += right
    count.read += 1
    count.there += 1
    if not right:
        measures.wrong.append(f"{name}: {what}")


def _measure_numerals(
    name: str, read: Sequence[PrintedFigure], there: Sequence[PrintedFigure], measures: Measures
) -> None:
    left = [numeral for figure in there for numeral in figure.numerals]
    found = [numeral for figure in read for numeral in figure.numerals]
    measures.numerals.there += len(left)
    measures.numerals.read += len(found)
    for numeral in found:
        true = next((one for one in left if one.text == numeral.text and _at(numeral.box, one.box)), None)
        if true is None:
            measures.wrong.append(f"{name}: no numeral {numeral.text} at {numeral.box}")
        else:
            left.remove(true)
            measures.numerals.right += 1
    measures.wrong.extend(f"{name}: numeral {one.text} at {one.box} not read" for one in left)


def _at(read: Box, there: Box) -> bool:
    x, y = read.x + read.width / 2, read.y + read.height / 2
    inside = there.x - _NEAR <= x <= there.right + _NEAR and there.y - _NEAR <= y <= there.bottom + _NEAR
    return inside or overlap(read, there) >= _SAME_PLACE


def measure_fields(name: str, read: Patent, there: Mapping[str, Any], measures: Measures) -> None:
    """Counts the bibliographic fields of a patent that the truth knows."""
    found: dict[str, object] = {
        "number": plain(read.display) if " " in there["number"] else plain(read.id),
        "title": plain(read.title),
        "published": str(read.published),
        "filed": str(read.filed),
        "applicants": [plain(one) for one in read.applicants],
        "inventors": [plain(one) for one in read.inventors],
    }
    schemes = {one.partition(" ")[0] for one in there.get("classes", ())}
    found["classes"] = sorted(
        f"{one.scheme} {one.symbol}" for one in read.classifications if one.scheme in schemes
    )
    if " " in there["number"]:  # as printed: without the digit of the kind code
        found["number"] = re.sub(r"(?<=s)\d$", "", str(found["number"]))
    for key, value in found.items():
        wanted = there.get(key)
        if not wanted:
            continue
        if key in ("number", "title"):
            wanted = plain(wanted)
        elif key in ("applicants", "inventors"):
            wanted = [plain(one) for one in wanted]
        elif key == "classes":
            wanted = sorted(wanted)
        _count(measures.fields, value == wanted, name, f"{key}: {value} for {wanted}", measures)


def measure_terms(
    name: str, read: Iterable[Component], there: Mapping[str, Collection[str]], measures: Measures
) -> None:
    """Counts the numerals whose term is one of those that the truth allows."""
    left = set(there)
    measures.terms.there += len(there)
    for component in read:
        left.discard(component.numeral)
        measures.terms.read += 1
        if plain_term(component.term) in {plain_term(term) for term in there.get(component.numeral, ())}:
            measures.terms.right += 1
        else:
            measures.wrong.append(f"{name}: {component.numeral} is no {component.term!r}")
    measures.wrong.extend(f"{name}: {numeral} has no term; {there[numeral]}" for numeral in sorted(left))


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes."""
    across = min(a.right, b.right) - max(a.x, b.x)
    along = min(a.bottom, b.bottom) - max(a.y, b.y)
    if across <= 0 or along <= 0:
        return 0.0
    return across * along / (a.width * a.height + b.width * b.height - across * along)


def plain(text: str) -> str:
    """The letters and digits of a text: what it says, whatever its capitals, spaces and punctuation."""
    return "".join(c for c in text.lower() if c.isalnum())


def plain_term(term: str) -> str:
    """A term without capitals and articles."""
    return plain(re.sub(r"\b(?:an?|the)\b", "", term.lower()))


def true_sheets(path: Path) -> dict[str, dict[int, tuple[PrintedFigure, ...]]]:
    """The hand-checked figures in `sheets.json`: by source file, then by number of the sheet."""
    sheets: dict[str, dict[int, tuple[PrintedFigure, ...]]] = {}
    for entry in json.loads(path.read_text()):
        numerals = tuple(Numeral(one["text"], Box(*one["box"])) for one in entry.get("numerals", ()))
        figures = []
        for one in entry["figures"]:
            labels, box = tuple(one["labels"]), Box(*one["box"])
            figures.append(PrintedFigure(box, labels, one["caption"], entry["turn"], numerals))
            numerals = ()  # known for the sheet only
        sheets.setdefault(entry["source"], {})[entry["sheet"]] = tuple(figures)
    return sheets
