"""Storing: the statements that write a patent into the index's file, and those that remove it.

All run inside a transaction of the caller.
"""

import sqlite3

import numpy as np

from ipatent.encode import EncoderSpec
from ipatent.index import Entry, rows, vectors, words


def check(entry: Entry) -> None:
    count = len(entry.figures)
    for name, matrix in (("image", entry.image_vectors), ("caption", entry.caption_vectors)):
        if matrix.ndim != 2 or len(matrix) != count:
            raise ValueError(
                f"{entry.patent.id}: {count} figures, but {name} vectors of shape {matrix.shape}"
            )
        if not np.isfinite(matrix).all():
            raise ValueError(f"{entry.patent.id}: a vector of the {name}s is not finite")
    if strays := [figure.id for figure in entry.figures if figure.patent_id != entry.patent.id]:
        raise ValueError(f"{entry.patent.id}: the figure {strays[0]} belongs to another patent")
    if len({figure.id for figure in entry.figures}) != count:
        raise ValueError(f"{entry.patent.id}: two figures have the same id")


def generation(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT generation FROM state").fetchone()[0])


def identity(connection: sqlite3.Connection) -> str:
    (epoch,) = connection.execute("SELECT epoch FROM state").fetchone()
    return f"{epoch:05x}"


def next_generation(connection: sqlite3.Connection) -> int:
    connection.execute("UPDATE state SET generation = generation + 1")
    return generation(connection)


def stored_encoder(connection: sqlite3.Connection) -> EncoderSpec | None:
    (encoder,) = connection.execute("SELECT encoder FROM state").fetchone()
    return rows.spec_from_json(encoder) if encoder else None


def insert(connection: sqlite3.Connection, entry: Entry) -> None:
    patent = entry.patent
    number = patent.number
    patent_row = connection.execute(
        "INSERT INTO patents (id, fingerprint, office, kind, published, filed, priority, family, title_key,"
        " sheets, figures, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            rows.plain(patent.id),
            rows.plain(entry.fingerprint),
            number.office if number else "",
            number.kind if number else "",
            patent.published.isoformat() if patent.published else None,
            patent.filed.isoformat() if patent.filed else None,
            patent.priority.isoformat() if patent.priority else None,
            rows.plain(patent.family),
            words.title_key(patent.title),
            entry.sheets,
            len(entry.figures),
            rows.patent_to_json(patent),
        ),
    ).lastrowid
    assert patent_row is not None
    connection.executemany(
        "INSERT INTO classifications VALUES (?, ?, ?, ?, ?, ?)",
        ((patent_row, c.scheme, c.section, c.class_, c.subclass, c.symbol) for c in patent.classifications),
    )
    connection.executemany(
        "INSERT INTO applicants VALUES (?, ?)", ((patent_row, rows.plain(name)) for name in patent.applicants)
    )
    words.add_patent(connection, patent_row, patent)
    vectors_ = zip(entry.image_vectors, entry.caption_vectors, strict=True)
    for figure, (image, caption) in zip(entry.figures, vectors_, strict=True):
        row = connection.execute(
            "INSERT INTO figures (id, patent, sheet, body, image_vector, caption_vector, type, view,"
            " captioned) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                rows.plain(figure.id),
                patent_row,
                figure.sheet,
                rows.figure_to_json(figure),
                vectors.to_bytes(image),
                vectors.to_bytes(caption) if caption.any() else None,
                rows.plain(figure.type),
                rows.plain(figure.view),
                figure.caption != "",
            ),
        ).lastrowid
        assert row is not None
        words.add_figure(connection, row, figure)
    connection.execute(
        "UPDATE state SET patents = patents + 1, sheets = sheets + ?, figures = figures + ?",
        (entry.sheets, len(entry.figures)),
    )


def remove(connection: sqlite3.Connection, patent_row: int, generation: int) -> int:
    (sheets,) = connection.execute("SELECT sheets FROM patents WHERE row = ?", (patent_row,)).fetchone()
    first, last, count = connection.execute(
        "SELECT min(row), max(row), count(*) FROM figures WHERE patent = ?", (patent_row,)
    ).fetchone()
    if count:
        # The rows of a patent were given out in one transaction: nothing of another lies between.
        connection.execute("INSERT INTO removals VALUES (?, ?, ?)", (generation, first, last))
        connection.execute("DELETE FROM figure_words WHERE rowid BETWEEN ? AND ?", (first, last))
    connection.execute("DELETE FROM patent_words WHERE rowid = ?", (patent_row,))
    connection.execute("DELETE FROM figures WHERE patent = ?", (patent_row,))
    connection.execute("DELETE FROM patents WHERE row = ?", (patent_row,))
    connection.execute(
        "UPDATE state SET patents = patents - 1, sheets = sheets - ?, figures = figures - ?", (sheets, count)
    )
    return int(count)
