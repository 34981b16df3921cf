"""Stems: what forms of a word have in common (`mitten`, `mittens`), by the index's own rules.

They are those of the Porter stemmer inside SQLite's FTS5 (Porter, "An algorithm for suffix
stripping", 1980), asked of a table in memory, so that they never differ from what is searched.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing

TOKENIZER = "porter unicode61 remove_diacritics 2"

_MOST_KNOWN = 50_000
_known: dict[str, str] = {}


def stems(words: Sequence[str]) -> list[str]:
    """The stem of each word; words are tokens as `ipatent.wording.tokens` gives them."""
    # A table takes about a millisecond to open, and texts say the same words again and again.
    found = {word: stem for word in words if (stem := _known.get(word)) is not None}
    absent = [word for word in dict.fromkeys(words) if word not in found]
    fresh = dict(zip(absent, _stemmed(absent), strict=True))
    if len(_known) + len(fresh) > _MOST_KNOWN:
        _known.clear()
    _known.update(fresh)
    found |= fresh
    return [found[word] for word in words]


def _stemmed(words: Sequence[str]) -> list[str]:
    if not words:
        return []
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE VIRTUAL TABLE words USING fts5 (word, tokenize = '{TOKENIZER}')")
        connection.execute("CREATE VIRTUAL TABLE forms USING fts5vocab (words, instance)")
        # A row for each, since SQLite may see two words where the tokens hold one.
        connection.executemany(
            "INSERT INTO words (rowid, word) VALUES (?, ?)",
            ((n, word.encode(errors="replace").decode()) for n, word in enumerate(words)),
        )
        found = dict(connection.execute("SELECT doc, term FROM forms WHERE offset = 0"))
    return [found.get(n, word) for n, word in enumerate(words)]
