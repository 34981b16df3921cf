"""Words on Qdrant: which figures hold those of a query, and their BM25 scores.

The server finds candidates by a sparse vector, then all that BM25 depends on is taken exactly: how many
rows hold a word (counted by the server over the whole index), how long texts are on average, and the
candidates' own words. The server's own IDF is not used: it is computed in each shard for itself, over
figures, where titles and abstracts are to be weighed over patents.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ipatent.errors import QueryError
from ipatent.index import Candidates, Rows, Scores, rows
from ipatent.index.qdrant_filters import among, every, expression_condition, holds, is_, none_of
from ipatent.index.qdrant_points import patents_of, without_kind
from ipatent.index.qdrant_store import Conditions, Store
from ipatent.index.qdrant_text import (
    OF,
    TABLES,
    Sought,
    Table,
    TableSize,
    Text,
    Weighing,
    dimension,
    every_sought,
    near_holds,
    phrase_sought,
    rarity,
    stem_of,
)
from ipatent.index.words import MOST_WORDS, named_by
from ipatent.wording import Expression, Near, Phrase, Wording, query_words, tokens

if TYPE_CHECKING:
    from qdrant_client import grpc

T = TypeVar("T")
Remembering = Callable[[Hashable, Callable[[], T]], T]

_MOST_READ = 20_000
_MOST_CHECKED = 50_000
_SIZES = 100_000
_TEXT = ("words",)


@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """Plain words made ready: what is sought, how it weighs, and the patents that the text names."""

    sought: tuple[Sought, ...]
    weighing: Weighing
    named: frozenset[int]

    def score(self, text: Text) -> float:
        """The BM25 score of a figure, without what naming its patent adds."""
        return sum(self.weighing.score(text, sought) for sought in self.sought)


class Words:
    """The words of one state of an index; `remember` keeps what was computed for it."""

    def __init__(self, store: Store, threads: Executor, remember: "Remembering[object]") -> None:
        self._store = store
        self._threads = threads
        self._remember = remember

    # -- finding and scoring

    def best(self, wording: Wording, limit: int, conditions: Conditions) -> Candidates:
        """The best figures of those that satisfy `conditions`, which say nothing of the expression."""
        if wording.expression is None:
            scores = self._best_plain(wording.text, limit, conditions)
        else:
            scores = self._best_satisfying(wording.expression, limit, conditions)
        found = np.fromiter(scores, np.int64, len(scores))
        values = np.fromiter(scores.values(), np.float64, len(scores))
        order = np.lexsort((found, -values))[:limit]
        return Candidates(found[order], values[order].astype(np.float32))

    def scores(self, wording: Wording, of: Rows) -> Scores:
        """The scores of rows, in their order; 0 where no word matches."""
        found = np.zeros(len(of), np.float32)
        points = self._store.by_rows(of, _TEXT)
        if wording.expression is None:
            plain = self.plain(wording.text)
            bonus = self._bonus(wording.text) if plain.named else 0.0
            for at, row in enumerate(of.tolist()):
                if row in points:
                    named = int(patents_of(of[at : at + 1])[0]) in plain.named
                    found[at] = plain.score(_text(points[row])) + (bonus if named else 0.0)
            return found
        weighing = self._weighing(tuple(every_sought(wording.expression)))
        for at, row in enumerate(of.tolist()):
            if row in points:
                found[at] = weighing.satisfied(_text(points[row]), wording.expression)[1]
        return found

    def condition(self, expression: Expression) -> "grpc.Condition":
        """What an expression asks of a figure. Raises QueryError where it is too wide to be checked."""
        return expression_condition(expression, self._checked)

    def phrase_counts(self, phrases: Sequence[str]) -> tuple[int, ...]:
        """In how many figures each phrase occurs, in caption or terms."""

        def count(phrase: str) -> int:
            words = tuple(tokens(phrase))
            if not words:
                return 0
            sought = phrase_sought(Phrase(words), "figures")
            assert sought is not None
            return self._store.count("figures", [holds(Sought("figures", "ct", sought.stems))])

        return tuple(self._threads.map(count, phrases))

    # -- plain words

    def plain(self, text: str) -> Plain:
        """Which words of `text` are looked for in which table: the telling ones, the rarest first."""
        return self._known(("plain", text), lambda: self._plain(text))

    def _plain(self, text: str) -> Plain:
        named, is_number = self._named(text)
        words = [] if is_number else query_words(text)
        each = {table: [Sought(table, OF[table], (stem_of(word),)) for word in words] for table in TABLES}
        counts = self._counts([sought for table in TABLES for sought in each[table]])
        sizes = {"patents": self._illustrated(), "figures": self.sizes()["figures"].count}
        telling = {
            table: [sought for sought in each[table] if 0 < counts[sought] <= sizes[table] / 2]
            for table in TABLES
        }
        if not any(telling.values()):
            telling = {table: [sought for sought in each[table] if counts[sought]] for table in TABLES}
        chosen = [
            sought
            for table in TABLES
            for sought in sorted(telling[table], key=lambda sought: (counts[sought], sought.stems))[
                :MOST_WORDS
            ]
        ]
        return Plain(tuple(chosen), self._weighing(chosen), named)

    def _best_plain(self, text: str, limit: int, conditions: Conditions) -> dict[int, float]:
        plain = self.plain(text)
        scores: dict[int, float] = {}
        if plain.sought:
            # The product ranks nearly as the score does, so what it ranks a little lower is scored too.
            points = self._store.wordy(
                _weights(plain.sought, plain.weighing), limit + limit // 2 + 100, conditions, _TEXT
            )
            scores = {point.id.num: plain.score(_text(point)) for point in points}
        scores = {row: score for row, score in scores.items() if score > 0}
        if plain.named:
            bonus = self._bonus(text)
            for point in self._store.each(
                "figures", [*conditions, among("patent", sorted(plain.named))], _TEXT
            ):
                scores[point.id.num] = plain.score(_text(point)) + bonus
        return scores

    def _bonus(self, text: str) -> float:
        """What lifts figures of a named patent above all others."""

        def highest() -> float:
            plain = self.plain(text)
            if not plain.sought:
                return 1.0
            points = self._store.wordy(_weights(plain.sought, plain.weighing), 100, (), _TEXT)
            return 1.0 + max((plain.score(_text(point)) for point in points), default=0.0)

        return self._known(("bonus", text), highest)

    def _named(self, text: str) -> tuple[frozenset[int], bool]:
        """The patents that `text` names, and whether it is a publication number."""
        named = named_by(text)
        asked: list[grpc.Condition] = []
        if named.title:
            asked.append(is_("title", named.title))
        stem = rows.plain(named.stem)
        asked += [is_("stem", each) for each in {stem, without_kind(stem)}]
        found = set()
        for condition in asked:
            for point in self._store.each("patents", [condition], ("number", "id", "title")):
                payload = point.payload
                by_title = bool(named.title) and payload["title"].string_value == named.title
                if by_title or named.means(payload["id"].string_value):
                    found.add(payload["number"].integer_value)
        return frozenset(found), named.number is not None

    # -- expressions

    def _best_satisfying(
        self, expression: Expression, limit: int, conditions: Conditions
    ) -> dict[int, float]:
        sought = tuple(every_sought(expression))
        weighing = self._weighing(sought)
        narrowed = [*conditions, self.condition(expression)]
        matching = self._store.count("figures", narrowed)
        if matching <= max(_MOST_READ, limit):
            points: Iterable[object] = self._store.each("figures", narrowed, _TEXT)
        else:
            points = self._store.wordy(_weights(sought, weighing), 2 * limit + 1000, narrowed, _TEXT)
        scores: dict[int, float] = {}
        for point in points:
            held, score = weighing.satisfied(_text(point), expression)
            if held:
                scores[point.id.num] = score  # type: ignore[attr-defined]
        if len(scores) < min(limit, matching):
            for point in self._store.each("figures", narrowed, ()):
                scores.setdefault(point.id.num, 0.0)
                if len(scores) >= limit:
                    break
        return scores

    def _checked(self, leaf: Near | Phrase) -> tuple[Sequence[int], Sequence[int]]:
        """Patents and figures with words near each other, or several of which the last is only begun."""
        return self._known(("checked", leaf), lambda: self._check(leaf))

    def _check(self, leaf: Near | Phrase) -> tuple[Sequence[int], Sequence[int]]:
        found: dict[Table, list[int]] = {}
        for table in TABLES:
            sides = (leaf.left, leaf.right) if isinstance(leaf, Near) else (leaf,)
            sought = [each for side in sides if (each := phrase_sought(side, table)) is not None]
            if not sought:
                found[table] = []
                continue
            possible = [every(map(holds, sought))]
            if self._store.count(table, possible) > _MOST_CHECKED:
                raise QueryError(
                    f"More than {_MOST_CHECKED:,} figures or patents hold these words somewhere, too many to"
                    " see which have them together.",
                    "Add a rarer word, or name the field, e.g. caption:(leg NEAR hinge).",
                )
            held = [
                point
                for point in self._store.each(table, possible, ("words", "number"))
                if _together(_text(point), leaf, table)
            ]
            if table == "patents":
                found[table] = [point.payload["number"].integer_value for point in held]
            else:
                found[table] = [point.id.num for point in held]
        return found["patents"], found["figures"]

    # -- what is true of the whole index

    def sizes(self) -> dict[Table, TableSize]:
        """How many rows each table has, and how many words they have on average."""

        def count() -> dict[Table, TableSize]:
            sizes: dict[Table, TableSize] = {}
            for table in TABLES:
                found = self._store.counts_by(table, "size", (), _SIZES)
                number = sum(count for _, count in found)
                words = sum(size * count for size, count in found)
                sizes[table] = TableSize(number, words / number if number else 0.0)
            return sizes

        return self._known("sizes", count)

    def _illustrated(self) -> int:
        """How many patents have figures."""
        return self._known(
            "illustrated", lambda: self._store.count("patents", [none_of([is_("figures", 0)])])
        )

    def _weighing(self, sought: Iterable[Sought]) -> Weighing:
        counts, sizes = self._counts(sought), self.sizes()
        return Weighing(
            sizes, {each: rarity(sizes[each.table].count, count) for each, count in counts.items()}
        )

    def _counts(self, sought: Iterable[Sought]) -> dict[Sought, int]:
        each_once = list(dict.fromkeys(sought))

        def count(one: Sought) -> int:
            return self._known(("count", one), lambda: self._store.count(one.table, [holds(one)]))

        return dict(zip(each_once, self._threads.map(count, each_once), strict=True))

    def _known(self, key: Hashable, compute: Callable[[], T]) -> T:
        found: T = self._remember(key, compute)  # type: ignore[assignment]
        return found


def _text(point: object) -> Text:
    return Text(point.payload["words"].string_value)  # type: ignore[attr-defined]


def _together(text: Text, leaf: Near | Phrase, table: Table) -> bool:
    if isinstance(leaf, Near):
        return near_holds(text, leaf, table)
    sought = phrase_sought(leaf, table)
    return sought is not None and text.frequency(sought) > 0


def _weights(sought: Iterable[Sought], weighing: Weighing) -> dict[int, float]:
    """The query's sparse vector: each stem by its rarity."""
    weights: dict[int, float] = {}
    for each in sought:
        for stem in each.stems:
            at = dimension(each.table, stem)
            weights[at] = weights.get(at, 0.0) + weighing.rarities[each]
    return weights
