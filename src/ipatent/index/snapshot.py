"""The snapshot: what the embedded index holds in memory of one generation, and how it catches up."""

import sqlite3
from dataclasses import dataclass

import numpy as np

from ipatent.index import Rows, storing, vectors
from ipatent.index.columns import Columns, FigureColumns, empty_columns, extended


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """What is held in memory: the figures of one generation with their patents and vectors."""

    epoch: int
    """Which filling of the file this is; -1 before anything was read."""
    generation: int
    last_row: int
    rows: Rows
    patents: Rows
    images: vectors.Blocks
    captions: vectors.Blocks
    columns: Columns


def empty() -> Snapshot:
    """Nothing read yet."""
    return Snapshot(-1, 0, 0, np.empty(0, np.int64), np.empty(0, np.int64), (), (), empty_columns())


def caught_up(old: Snapshot, connection: sqlite3.Connection) -> Snapshot:
    """`old` brought up to what the open read transaction sees, reading only the rows that came since."""
    epoch, generation = connection.execute("SELECT epoch, generation FROM state").fetchone()
    if old.epoch == epoch and old.generation >= generation:
        return old
    if old.epoch != epoch:
        old = empty()
    removed = connection.execute(
        "SELECT first_row, last_row FROM removals WHERE generation > ?", (old.generation,)
    ).fetchall()
    known = [span for span in removed if span[0] <= old.last_row]
    images, captions = vectors.without(old.images, known), vectors.without(old.captions, known)
    keep = ~vectors.inside(old.rows, known)
    parts = [(old.rows[keep], old.patents[keep])]
    figures: list[FigureColumns] = []
    spec = storing.stored_encoder(connection)
    last_row = old.last_row
    cursor = connection.execute(
        "SELECT row, patent, image_vector, caption_vector, type, view, captioned FROM figures"
        " WHERE row > ? ORDER BY row",
        (last_row,),
    )
    while spec and (chunk := cursor.fetchmany(vectors.BLOCK)):
        new = np.fromiter((row for row, *_ in chunk), np.int64, len(chunk))
        parts.append((new, np.fromiter((patent for _, patent, *_ in chunk), np.int64, len(chunk))))
        figures += [(row, patent, *columns) for row, patent, _, _, *columns in chunk]
        joined = b"".join(image for _, _, image, *_ in chunk)
        images = vectors.extended(images, new, vectors.from_bytes(joined, spec.image_dim))
        with_text = np.fromiter((caption is not None for _, _, _, caption, *_ in chunk), bool, len(chunk))
        joined = b"".join(caption for _, _, _, caption, *_ in chunk if caption is not None)
        captions = vectors.extended(captions, new[with_text], vectors.from_bytes(joined, spec.caption_dim))
        last_row = int(new[-1])
    return Snapshot(
        epoch,
        generation,
        last_row,
        np.concatenate([part[0] for part in parts]),
        np.concatenate([part[1] for part in parts]),
        images,
        captions,
        extended(old.columns, keep, figures, connection),
    )
