"""Expressions: which figures satisfy one, and how well, over two tables of words.

Title, applicants and abstract belong to a patent and hold for all its figures; caption, terms and
labels belong to a figure. Each leaf is looked up in the tables that its field lies in and becomes a
set of figures; AND, OR and NOT combine the sets, so a word of the title and one of the caption
satisfy an AND together. The score is the sum of the BM25 scores of the leaves that are not negated.
"""

import re
import sqlite3
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipatent.index import Rows
from ipatent.index.words import COLUMNS, MOST_POSTINGS
from ipatent.publication import PublicationNumber
from ipatent.stems import stems
from ipatent.wording import And, Expression, FieldName, Near, Not, Or, Phrase

Mask = npt.NDArray[np.bool_]
Reals = npt.NDArray[np.float64]

_PLACES: dict[FieldName, tuple[str, str]] = {
    "title": ("patent_words", "title"),
    "applicant": ("patent_words", "applicants"),
    "abstract": ("patent_words", "abstract"),
    "caption": ("figure_words", "caption"),
    "term": ("figure_words", "terms"),
    "label": ("figure_words", "labels"),
}
_LONGEST_ENDING = 6
_SEPARATORS = re.compile(r"[^A-Z0-9]")


@dataclass(frozen=True, slots=True, eq=False)
class Satisfied:
    """Of the n figures of an index: which satisfy an expression, and their scores."""

    figures: Mask
    scores: Reals


def satisfied(connection: sqlite3.Connection, expression: Expression, rows: Rows, patents: Rows) -> Satisfied:
    """`rows` (n,) and `patents` (n,) are the figures of the index with their patents, both ascending."""
    if isinstance(expression, Not):
        inner = satisfied(connection, expression.part, rows, patents)
        return Satisfied(~inner.figures, np.zeros(len(rows)))
    if isinstance(expression, And | Or):
        parts = [satisfied(connection, part, rows, patents) for part in expression.parts]
        sets = [part.figures for part in parts]
        combine = np.logical_and if isinstance(expression, And) else np.logical_or
        figures = combine.reduce(sets)
        return Satisfied(figures, np.where(figures, np.sum([part.scores for part in parts], axis=0), 0.0))
    if isinstance(expression, Phrase) and expression.field == "number":
        return Satisfied(_spread(_numbered(connection, expression), patents)[0], np.zeros(len(rows)))
    figures, scores = np.zeros(len(rows), bool), np.zeros(len(rows))
    for table, keys in (("patent_words", patents), ("figure_words", rows)):
        field = expression.left.field if isinstance(expression, Near) else expression.field
        if field and _PLACES[field][0] != table:
            continue
        here, scored = _spread(_found(connection, table, expression), keys)
        figures |= here
        scores += scored
    return Satisfied(figures, scores)


def _found(connection: sqlite3.Connection, table: str, leaf: Phrase | Near) -> dict[int, float]:
    """Rows of the table that hold the leaf, with their scores."""
    phrases = (leaf.left, leaf.right) if isinstance(leaf, Near) else (leaf,)
    column = f"{_PLACES[phrases[0].field][1]} : " if phrases[0].field else ""
    if isinstance(leaf, Near):
        return _looked_up(
            connection, table, f"{column}NEAR({_fts(leaf.left)} {_fts(leaf.right)}, {leaf.distance})"
        )
    if not leaf.prefix:
        return _looked_up(connection, table, column + _fts(leaf))
    return _begun(connection, table, column, leaf)


def _begun(connection: sqlite3.Connection, table: str, column: str, leaf: Phrase) -> dict[int, float]:
    """Rows with a word that begins so. The tables hold stems: `foldi` begins `folding` but not `fold`.

    Where the beginning is not its own stem, or may reach into an ending, the words themselves decide.
    """
    beginning = leaf.words[-1]
    sure: dict[int, float] = {}
    asked = [f"{column}{_fts(leaf)}"]
    if stems([beginning]) == [beginning]:
        sure = _looked_up(connection, table, asked.pop())
    shorter = range(max(3, len(beginning) - _LONGEST_ENDING), len(beginning) + 1)
    asked += [f'{column}"{beginning[:size]}"' for size in shorter]
    pattern = re.compile(rf"(?<!\S){re.escape(beginning)}")
    names = (
        [column.partition(" ")[0]] if column else [name for where, name in _PLACES.values() if where == table]
    )
    doubtful: dict[int, float] = {}
    for query in asked:
        doubtful.update(_looked_up(connection, table, query, leave_out=sure))
    for row in doubtful.keys() - sure.keys():
        texts = connection.execute(
            f"SELECT {', '.join(names)} FROM {table} WHERE rowid = ?",  # noqa: S608
            (row,),
        ).fetchone()
        if any(pattern.search(text) for text in texts):
            sure[row] = doubtful[row]
    return sure


def _looked_up(
    connection: sqlite3.Connection, table: str, query: str, leave_out: dict[int, float] | None = None
) -> dict[int, float]:
    (count,) = connection.execute(
        f"SELECT count(*) FROM {table} WHERE {table} MATCH ?",  # noqa: S608
        (query,),
    ).fetchone()
    if not count or (leave_out and count == len(leave_out)):
        return {}
    # What so many hold tells little, and weighing each would take most of the time.
    weight = f"-bm25({table}, {COLUMNS[table]})" if count <= MOST_POSTINGS else "0.0"
    return dict(
        connection.execute(f"SELECT rowid, {weight} FROM {table} WHERE {table} MATCH ?", (query,))  # noqa: S608
    )


def _fts(phrase: Phrase) -> str:
    # Tokens hold letters and digits only; quotes keep AND, OR, NOT and NEAR from being operators.
    quoted = " ".join(phrase.words).encode(errors="replace").decode()
    return f'"{quoted}"' + ("*" if phrase.prefix else "")


def _spread(found: dict[int, float], keys: Rows) -> tuple[Mask, Reals]:
    """What was found for some keys as a mask and scores over all of `keys`, which are ascending."""
    if not found:
        return np.zeros(len(keys), bool), np.zeros(len(keys))
    known = np.fromiter(found, np.int64, len(found))
    scores = np.fromiter(found.values(), np.float64, len(found))
    order = np.argsort(known)
    known, scores = known[order], scores[order]
    at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    here = known[at] == keys
    return here, np.where(here, scores[at], 0.0)


def _numbered(connection: sqlite3.Connection, phrase: Phrase) -> dict[int, float]:
    """Patents whose number is this, with or without office and kind code; with `*`, that begin so."""
    typed = _SEPARATORS.sub("", phrase.typed.upper())
    if not typed:
        return {}
    with suppress(ValueError):
        typed = str(PublicationNumber.parse(typed))
    ending = ".*" if phrase.prefix else "(?:[A-Z][0-9]?)?"
    pattern = re.compile(rf"(?:[A-Z]{{2}}0*)?{re.escape(typed)}{ending}")
    found = connection.execute("SELECT row, id FROM patents WHERE instr(id, ?)", (typed,))
    return {row: 0.0 for row, patent_id in found if pattern.fullmatch(_SEPARATORS.sub("", patent_id.upper()))}
