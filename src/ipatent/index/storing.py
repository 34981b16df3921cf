"""Storing: the statements that write a patent into the index's file, and those that remove it.

All run inside a transaction of the caller.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ipatent.encode import EncoderSpec
from ipatent.encode.matching import check_encoder
from ipatent.errors import EncoderMismatch, IndexProblem
from ipatent.index import Entry, rows, vectors, words
from ipatent.patents import Vectors


def check(entry: Entry) -> None:
    """Raise ValueError where an entry's parts do not fit together."""
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
    """The number of commits so far."""
    return int(connection.execute("SELECT generation FROM state").fetchone()[0])


def identity(connection: sqlite3.Connection) -> str:
    """Five hexadecimal digits drawn when the index was made: tells it from another at the same place."""
    (epoch,) = connection.execute("SELECT epoch FROM state").fetchone()
    return f"{epoch:05x}"


def next_generation(connection: sqlite3.Connection) -> int:
    """The number of this commit, counted on."""
    connection.execute("UPDATE state SET generation = generation + 1")
    return generation(connection)


def stored_encoder(connection: sqlite3.Connection) -> EncoderSpec | None:
    """The encoder that filled the index; None while it is empty."""
    (encoder,) = connection.execute("SELECT encoder FROM state").fetchone()
    return rows.spec_from_json(encoder) if encoder else None


def insert(connection: sqlite3.Connection, entry: Entry) -> None:
    """Write a patent that is not there yet, with figures, words and what it is filtered by."""
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
    """Take a patent out with all that belongs to it; how many figures went."""
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


def tie_encoder(
    connection: sqlite3.Connection, path: Path, encoder: EncoderSpec | None, entry: Entry
) -> None:
    """Note the encoder of a still empty index; raises EncoderMismatch where it is another."""
    stored = stored_encoder(connection)
    if stored and encoder:
        check_encoder(stored, encoder)
    spec = stored or encoder
    if not spec:
        raise EncoderMismatch(
            f"The index {path} is not yet tied to an encoder.", "Open it with the encoder's spec."
        )
    dims = (entry.image_vectors.shape[1], entry.caption_vectors.shape[1])
    if dims != (spec.image_dim, spec.caption_dim):
        raise EncoderMismatch(
            f"The vectors of {entry.patent.id} have {dims[0]} and {dims[1]} dimensions, those of the "
            f"index {spec.image_dim} and {spec.caption_dim} (encoder {spec.name}).",
            f"Ingest with --encoder {spec.name}.",
        )
    if not stored:
        connection.execute("UPDATE state SET encoder = ?", (rows.spec_to_json(spec),))


def entries(connection: sqlite3.Connection) -> Iterator[Entry]:
    """Every patent with all that was stored of it, in order of id. Raises IndexProblem where damaged."""
    spec = stored_encoder(connection)
    if spec is None:
        return
    patents = connection.execute("SELECT row, id, fingerprint, sheets, body FROM patents ORDER BY id")
    for row, patent_id, fingerprint, sheets, body in patents:
        found = connection.execute(
            "SELECT body, image_vector, caption_vector FROM figures WHERE patent = ? ORDER BY row", (row,)
        ).fetchall()
        yield Entry(
            rows.patent_from_json(body),
            tuple(rows.figure_from_json(each) for each, _, _ in found),
            _matrix([image for _, image, _ in found], spec.image_dim, patent_id),
            _matrix([caption for _, _, caption in found], spec.caption_dim, patent_id),
            fingerprint,
            sheets,
        )


def _matrix(stored: list[bytes | None], size: int, patent_id: str) -> Vectors:
    """(n, size) float32, zeros where there is no vector."""
    blank = bytes(2 * size)
    if any(each is not None and len(each) != len(blank) for each in stored):
        raise IndexProblem(
            f"A vector of {patent_id} is not of the index's encoder.", "Mend it with: ipatent check --mend"
        )
    joined = b"".join(blank if each is None else each for each in stored)
    return vectors.from_bytes(joined, size).astype(np.float32)
