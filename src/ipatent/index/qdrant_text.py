"""Text for Qdrant: the words of figures and patents as marked stems, and how well they match.

Each word becomes its stem with a letter for its field before it: `ichair` stands in a title, `cchair`
in a caption. The server indexes these as they are, so one text index answers for any field or one, and
a phrase is found as stems in a row, never across two fields. Stems and BM25 are those of the embedded
index (see `ipatent.index.words`), so both engines find and weigh the same.
"""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from ipatent.index import rows
from ipatent.index.words import caption_words, title_key, title_words
from ipatent.patents import Figure, Patent
from ipatent.publication import PublicationNumber
from ipatent.stems import stems
from ipatent.wording import And, Expression, FieldName, Near, Not, Or, Phrase, tokens

Table = Literal["patents", "figures"]
TABLES: Final[tuple[Table, ...]] = ("patents", "figures")

MARKS: Final[dict[FieldName, str]] = {
    "title": "i",
    "applicant": "a",
    "abstract": "b",
    "caption": "c",
    "term": "t",
    "label": "l",
}
NUMBER_MARK: Final = "n"
OF: Final[dict[Table, str]] = {"patents": "iab", "figures": "ctl"}
WEIGHTS: Final[dict[str, float]] = {"i": 6.0, "a": 1.0, "b": 1.0, "c": 2.0, "t": 1.0, "l": 1.0}
"""By field, as in the embedded index."""

K1: Final = 1.2
B: Final = 0.75
_TYPICAL_SIZE: Final[dict[Table, float]] = {"patents": 40.0, "figures": 10.0}
_END: Final = 1 << 40
_SEPARATORS = re.compile(r"[^A-Z0-9]")


@dataclass(frozen=True, slots=True)
class Sought:
    """Stems in a row in one table, in some of its fields; with `prefix` the last may go on. Hashable."""

    table: Table
    marks: str
    stems: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class TableSize:
    """How many rows a table has, and how many words they have on average."""

    count: int
    words: float


class Text:
    """The words of one figure and its patent, by field."""

    __slots__ = ("_by_mark", "_counts", "sizes")

    def __init__(self, words: str) -> None:
        found = words.split()
        self._counts = Counter(found)
        self._by_mark: dict[str, list[str]] = {}
        for word in found:
            self._by_mark.setdefault(word[0], []).append(word[1:])
        self.sizes: dict[Table, int] = {
            table: sum(len(self._by_mark.get(mark, ())) for mark in marks) for table, marks in OF.items()
        }

    def places(self, sought: Sought, mark: str) -> list[int]:
        """Where the stems begin in a field."""
        held = self._by_mark.get(mark)
        if not held:
            return []
        *firsts, last = sought.stems
        count = len(sought.stems)
        return [
            at
            for at in range(len(held) - count + 1)
            if (held[at + count - 1].startswith(last) if sought.prefix else held[at + count - 1] == last)
            and held[at : at + count - 1] == firsts
        ]

    def frequency(self, sought: Sought) -> float:
        """How often the stems occur, each time weighed by its field."""
        if len(sought.stems) == 1 and not sought.prefix:
            stem = sought.stems[0]
            return sum(WEIGHTS[mark] * self._counts[mark + stem] for mark in sought.marks)
        return sum(WEIGHTS[mark] * len(self.places(sought, mark)) for mark in sought.marks)

    def numbered(self, form: str) -> bool:
        """Whether the patent has a number that can be written so."""
        return NUMBER_MARK + form in self._counts


def patent_words(patent: Patent) -> str:
    """The marked stems of what holds for all figures of a patent, and the forms of its number."""
    fields = (
        ("i", title_words(patent)),
        ("a", title_key(" ".join(patent.applicants))),
        ("b", title_key(patent.abstract)),
    )
    marked = [_marked(mark, text) for mark, text in fields]
    return " ".join([*filter(None, marked), *(NUMBER_MARK + form for form in number_forms(patent.id))])


def figure_words(figure: Figure) -> str:
    """The marked stems of what a figure says itself."""
    fields = (
        ("c", caption_words(figure)),
        ("t", title_key(" ".join(figure.terms))),
        ("l", title_key(" ".join(figure.labels))),
    )
    return " ".join(filter(None, (_marked(mark, text) for mark, text in fields)))


def word_starts(patent: Patent, figure: Figure | None = None) -> str:
    """Every word and its stem once, marked; what begins with something is looked up here."""
    fields = [
        ("i", title_words(patent)),
        ("a", title_key(" ".join(patent.applicants))),
        ("b", title_key(patent.abstract)),
    ]
    if figure is not None:
        fields += [
            ("c", caption_words(figure)),
            ("t", title_key(" ".join(figure.terms))),
            ("l", title_key(" ".join(figure.labels))),
        ]
    found: dict[str, None] = {}
    for mark, text in fields:
        words = rows.plain(text).split()
        for word, stem in zip(words, stems(words), strict=True):
            found[mark + word] = found[mark + stem] = None
    found.update((NUMBER_MARK + form, None) for form in number_forms(patent.id))
    return " ".join(found)


def words_held(words: str) -> int:
    """How many words there are, not counting numbers."""
    return sum(not word.startswith(NUMBER_MARK) for word in words.split())


def number_forms(patent_id: str) -> list[str]:
    """The ways in which a publication's number may be typed: with or without office, zeros, kind code."""
    whole = _SEPARATORS.sub("", rows.plain(patent_id).upper())
    forms = [whole]
    if found := re.match(r"[A-Z]{2}(0*)", whole):
        forms += [whole[2 + zeros :] for zeros in range(len(found[1]) + 1)]
    forms += [bare for form in forms if (bare := re.sub(r"[A-Z][0-9]?$", "", form)) != form]
    return list(dict.fromkeys(filter(None, forms)))


def typed_number(phrase: Phrase) -> str:
    """A number of a query in the form in which those of patents are held."""
    typed = _SEPARATORS.sub("", phrase.typed.upper())
    try:
        return _SEPARATORS.sub("", str(PublicationNumber.parse(typed)).upper()) if typed else ""
    except ValueError:
        return typed


def sparse(words: str) -> tuple[list[int], list[float]]:
    """Dimensions and weights of a sparse vector that ranks nearly as BM25 does, for finding candidates.

    A query weighs each dimension by the word's rarity. What is not known when a figure is stored, the
    average length of texts, is taken as typical here and put right when candidates are scored.
    """
    text = Text(words)
    weights: dict[int, float] = {}
    for table, marks in OF.items():
        by_stem: dict[str, float] = {}
        for mark in marks:
            for stem in text._by_mark.get(mark, ()):
                by_stem[stem] = by_stem.get(stem, 0.0) + WEIGHTS[mark]
        for stem, frequency in by_stem.items():
            at = dimension(table, stem)
            weights[at] = weights.get(at, 0.0) + _saturated(
                frequency, text.sizes[table], _TYPICAL_SIZE[table]
            )
    return list(weights), list(weights.values())


def dimension(table: Table, stem: str) -> int:
    """The dimension of a stem in one table."""
    return int.from_bytes(hashlib.blake2b(f"{table[0]}{stem}".encode(), digest_size=4).digest())


def rarity(count: int, holding: int) -> float:
    """The weight of what `holding` of `count` rows hold, as SQLite's FTS5 gives it."""
    return max(math.log((count - holding + 0.5) / (holding + 0.5)), 1e-6) if count else 1e-6


def stem_of(word: str) -> str:
    """The stem of one word."""
    return stems([word])[0]


def phrase_sought(phrase: Phrase, table: Table) -> Sought | None:
    """What a phrase means in a table; None where its field is not there."""
    marks = OF[table]
    if phrase.field:
        if MARKS[phrase.field] not in marks:
            return None
        marks = MARKS[phrase.field]
    words = list(phrase.words)
    found = stems(words)
    if phrase.prefix:
        found[-1] = words[-1]
    return Sought(table, marks, tuple(found), phrase.prefix)


def every_sought(expression: Expression) -> Iterable[Sought]:
    """All that scores depend on, also below a NOT; numbers aside."""
    if isinstance(expression, Not):
        yield from every_sought(expression.part)
    elif isinstance(expression, And | Or):
        for part in expression.parts:
            yield from every_sought(part)
    else:
        for phrase in (expression.left, expression.right) if isinstance(expression, Near) else (expression,):
            if phrase.field != "number":
                yield from filter(None, (phrase_sought(phrase, table) for table in TABLES))


@dataclass(frozen=True, slots=True)
class Weighing:
    """What BM25 needs to know of the whole index: sizes of the tables, and rarities of what is sought."""

    sizes: dict[Table, TableSize]
    rarities: dict[Sought, float]

    def score(self, text: Text, sought: Sought) -> float:
        """The BM25 score of one phrase."""
        frequency = text.frequency(sought)
        return self._weighed(text, sought, frequency) if frequency else 0.0

    def satisfied(self, text: Text, expression: Expression) -> tuple[bool, float]:
        """Whether a figure satisfies an expression, and its score."""
        if isinstance(expression, Not):
            return not self.satisfied(text, expression.part)[0], 0.0
        if isinstance(expression, And | Or):
            parts = [self.satisfied(text, part) for part in expression.parts]
            holds = (all if isinstance(expression, And) else any)(held for held, _ in parts)
            return holds, sum(score for _, score in parts) if holds else 0.0
        if isinstance(expression, Near):
            return self._near(text, expression)
        if expression.field == "number":
            return text.numbered(typed_number(expression)), 0.0
        scores = [
            self.score(text, sought)
            for table in TABLES
            if (sought := phrase_sought(expression, table)) is not None
        ]
        return any(scores), sum(scores)

    def _near(self, text: Text, near: Near) -> tuple[bool, float]:
        total = 0.0
        held = False
        for table in TABLES:
            left, right = phrase_sought(near.left, table), phrase_sought(near.right, table)
            if left is None or right is None:
                continue
            counts = [0.0, 0.0]
            for mark in left.marks:
                for side, count in enumerate(_met(text, left, right, mark, near.distance)):
                    counts[side] += WEIGHTS[mark] * count
            held = held or any(counts)
            total += sum(
                self._weighed(text, sought, count)
                for sought, count in zip((left, right), counts, strict=True)
                if count
            )
        return held, total

    def _weighed(self, text: Text, sought: Sought, frequency: float) -> float:
        size = self.sizes[sought.table]
        return self.rarities[sought] * _saturated(frequency, text.sizes[sought.table], size.words)


def near_holds(text: Text, near: Near, table: Table) -> bool:
    """Whether both sides stand near each other in a field of the table."""
    left, right = phrase_sought(near.left, table), phrase_sought(near.right, table)
    if left is None or right is None:
        return False
    return any(_met(text, left, right, mark, near.distance)[0] for mark in left.marks)


def _met(text: Text, left: Sought, right: Sought, mark: str, distance: int) -> tuple[int, int]:
    """How many places of the left and of the right side have one of the other near, as FTS5 counts them."""
    lefts, rights = text.places(left, mark), text.places(right, mark)
    met: tuple[set[int], set[int]] = (set(), set())
    i = j = 0
    while i < len(lefts) and j < len(rights):
        a, b = lefts[i], rights[j]
        last = max(a, b)
        if a < last - len(left.stems) - distance:
            i += 1
        elif b < last - len(right.stems) - distance:
            j += 1
        else:
            met[0].add(a)
            met[1].add(b)
            following = (lefts[i + 1 : i + 2] or [_END])[0], (rights[j + 1 : j + 2] or [_END])[0]
            if following[0] <= following[1]:
                i += 1
            else:
                j += 1
    return len(met[0]), len(met[1])


def _saturated(frequency: float, size: int, typical: float) -> float:
    return frequency * (K1 + 1) / (frequency + K1 * (1 - B + B * size / (typical or 1.0)))


def _marked(mark: str, text: str) -> str:
    words = tokens(rows.plain(text))
    return " ".join(mark + stem for stem in stems(words))
