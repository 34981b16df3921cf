"""Words: what is indexed of patents and figures, and their BM25 scores for a query.

Title, applicants and abstract are indexed once per patent, caption, terms and labels once per
figure; a figure's score is its own BM25 plus that of its patent, so a title is neither counted
once per drawing nor lost for a drawing without a caption.

BM25 (Robertson and Zaragoza, "The probabilistic relevance framework", 2009) is the one of SQLite's
FTS5, k1 = 1.2, b = 0.75, with a weight per column. FTS5 gives no weight to a word found in more
than half of the rows; such words are left out of the search unless there is no other, which saves
most of the time. A patent whose whole title or publication number is the query comes first.
"""

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipatent.index import Rows, Scores
from ipatent.patents import Figure, Patent
from ipatent.publication import PublicationNumber
from ipatent.wording import query_words, tokens

MOST_WORDS = 32
"""Words of a query that are looked up per table, the rarest first."""
MOST_POSTINGS = 60_000
"""Rows that the words of a query may match in one table before its commonest words are left out."""

_KIND_CODE = re.compile(r"[A-Z]\d?")
COLUMNS = {"patent_words": "6.0, 1.0, 1.0", "figure_words": "2.0, 1.0, 1.0"}


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """Rows of one table with a word of the query, ascending, and their scores (n,) float64."""

    rows: Rows
    scores: npt.NDArray[np.float64]


def title_key(text: str) -> str:
    """What two titles have in common when they differ in case, accents and punctuation only."""
    return " ".join(tokens(text))


def add_patent(connection: sqlite3.Connection, row: int, patent: Patent) -> None:
    """Index the words of a patent."""
    connection.execute(
        "INSERT INTO patent_words (rowid, title, applicants, abstract) VALUES (?, ?, ?, ?)",
        (row, title_words(patent), title_key(" ".join(patent.applicants)), title_key(patent.abstract)),
    )


def add_figure(connection: sqlite3.Connection, row: int, figure: Figure) -> None:
    """Index the words of a figure."""
    connection.execute(
        "INSERT INTO figure_words (rowid, caption, terms, labels) VALUES (?, ?, ?, ?)",
        (
            row,
            caption_words(figure),
            title_key(" ".join(figure.terms)),
            title_key(" ".join(figure.labels)),
        ),
    )


def title_words(patent: Patent) -> str:
    """The words of the title in all its languages."""
    return title_key(" ".join(dict.fromkeys((patent.title, *(title for _, title in patent.titles)))))


def caption_words(figure: Figure) -> str:
    """The words of the caption, then those of view and object that it lacks (`thereof`, `elevational`)."""
    caption = tokens(figure.caption)
    more = [word for word in tokens(f"{figure.view} {figure.depicts}") if word not in caption]
    return " ".join((*caption, *more))


def match(connection: sqlite3.Connection, text: str, rows: Rows, patents: Rows) -> Matches:
    """All figures with a word of `text`.

    `rows` (n,) and `patents` (n,) are the figures of the index with their patents, both ascending.
    """
    named, is_number = _named(connection, text)
    words = [] if is_number else query_words(text)
    nothing = Matches(np.empty(0, np.int64), np.empty(0))
    if not (words or named) or not len(rows):
        return nothing
    counts = {table: _counts(connection, table, words) for table in COLUMNS}
    sizes = {"patent_words": 1 + int(np.count_nonzero(np.diff(patents))), "figure_words": len(rows)}
    telling = {
        table: [word for word in words if 0 < found[word] <= sizes[table] / 2]
        for table, found in counts.items()
    }
    if not any(telling.values()):
        telling = {table: [word for word in words if found[word]] for table, found in counts.items()}
    scores = np.zeros(len(rows))
    for table, keys in (("patent_words", patents), ("figure_words", rows)):
        chosen = _rarest(telling[table], counts[table])
        if chosen:
            _add(scores, keys, _scored(connection, table, chosen))
    if named:
        scores[np.isin(patents, named)] += scores.max() + 1.0
    if not scores.any():
        return nothing
    found_at = np.flatnonzero(scores)
    return Matches(rows[found_at], scores[found_at])


@dataclass(frozen=True, slots=True)
class Named:
    """The patents that a text names: by their whole title, their id, or their number.

    A number typed without kind code names all publications of that number.
    """

    title: str
    """The title as `title_key` writes it; empty names none."""
    stem: str
    """What the id is, or, before a kind code, begins with."""
    number: PublicationNumber | None
    """The publication number that the text is: it then means nothing else."""

    def means(self, patent_id: str) -> bool:
        """Whether the text is the number of this patent."""
        kind = patent_id.removeprefix(self.stem) if patent_id.startswith(self.stem) else None
        if kind is None:
            return False
        return not kind or bool(self.number and not self.number.kind and _KIND_CODE.fullmatch(kind))


def named_by(text: str) -> Named:
    """What patents `text` names."""
    typed = text.strip()[:100].encode(errors="replace").decode()
    try:
        number = PublicationNumber.parse(typed)
    except ValueError:
        return Named(title_key(text), typed, None)
    return Named(title_key(text), str(number), number)


def _named(connection: sqlite3.Connection, text: str) -> tuple[list[int], bool]:
    """The rows of the patents that `text` names, and whether it is a publication number."""
    named = named_by(text)
    by_title = (
        connection.execute("SELECT row FROM patents WHERE title_key = ?", (named.title,))
        if named.title
        else ()
    )
    found = [row for (row,) in by_title]
    beginning = connection.execute(
        "SELECT row, id FROM patents WHERE id >= ? AND id < ? LIMIT 1000", (named.stem, f"{named.stem}~")
    )
    found += [row for row, patent_id in beginning if named.means(patent_id)]
    return found, named.number is not None


def best(matches: Matches, limit: int) -> tuple[Rows, Scores]:
    """The `limit` best matches: highest score first, then lowest row."""
    order = np.lexsort((matches.rows, -matches.scores))[:limit]
    return matches.rows[order], matches.scores[order].astype(np.float32)


def scores_of(matches: Matches, rows: Rows) -> Scores:
    """The scores of `rows`, in their order; 0 where no word matches."""
    if not len(matches.rows):
        return np.zeros(len(rows), np.float32)
    at = np.minimum(np.searchsorted(matches.rows, rows), len(matches.rows) - 1)
    return np.where(matches.rows[at] == rows, matches.scores[at], 0.0).astype(np.float32)


def counts_of(connection: sqlite3.Connection, phrases: Sequence[str]) -> tuple[int, ...]:
    """In how many figures each phrase occurs, in caption or terms, in any form of its words."""
    query = "SELECT count(*) FROM figure_words WHERE figure_words MATCH ?"
    found = []
    for phrase in phrases:
        words = " ".join(tokens(phrase))
        asked = f'{{caption terms}} : "{words}"'
        found.append(int(connection.execute(query, (asked,)).fetchone()[0]) if words else 0)
    return tuple(found)


def _quoted(words: list[str]) -> str:
    # Tokens hold letters and digits only; the quotes keep AND, OR, NOT and NEAR from being operators.
    return " OR ".join(f'"{word}"' for word in words)


def _counts(connection: sqlite3.Connection, table: str, words: list[str]) -> dict[str, int]:
    query = f"SELECT count(*) FROM {table} WHERE {table} MATCH ?"  # noqa: S608
    return {word: int(connection.execute(query, (_quoted([word]),)).fetchone()[0]) for word in words}


def _rarest(words: list[str], counts: dict[str, int]) -> list[str]:
    chosen: list[str] = []
    postings = 0
    for word in sorted(words, key=lambda word: (counts[word], word))[:MOST_WORDS]:
        postings += counts[word]
        if chosen and postings > MOST_POSTINGS:
            break
        chosen.append(word)
    return chosen


def _scored(connection: sqlite3.Connection, table: str, words: list[str]) -> Matches:
    found = connection.execute(
        f"SELECT rowid, -bm25({table}, {COLUMNS[table]}) FROM {table} WHERE {table} MATCH ? ORDER BY rowid",  # noqa: S608
        (_quoted(words),),
    ).fetchall()
    return Matches(
        np.fromiter((row for row, _ in found), np.int64, len(found)),
        np.fromiter((score for _, score in found), np.float64, len(found)),
    )


def _add(scores: npt.NDArray[np.float64], keys: Rows, matches: Matches) -> None:
    if len(matches.rows):
        at = np.minimum(np.searchsorted(matches.rows, keys), len(matches.rows) - 1)
        scores += np.where(matches.rows[at] == keys, matches.scores[at], 0.0)
