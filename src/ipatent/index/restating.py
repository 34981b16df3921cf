"""Restating: all picture vectors of an embedded index replaced by those of another encoder, in place."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from ipatent.encode import EncoderSpec
from ipatent.errors import IndexProblem
from ipatent.index import rows, schema, vectors
from ipatent.patents import Vectors

_AT_ONCE = 512

Restated = Callable[[Sequence[str]], Vectors]
"""Unit rows (n, image_dim) by the names of pictures in the object store."""


def restate(path: Path, stored: EncoderSpec, spec: EncoderSpec, vectors_of: Restated) -> int:
    """Give every figure of the index in `path` the vector that `vectors_of` has for its picture.

    One transaction, so that whoever searches sees either all old vectors or all new ones, and a
    process that is killed has changed nothing. Words, captions and numbers of rows stay. What
    `vectors_of` raises undoes it. Returns the number of figures. Raises IndexProblem when the index
    is no longer filled by `stored`, or cannot be written.
    """
    count = 0
    with schema.problems(path), closing(schema.connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            (found,) = connection.execute("SELECT encoder FROM state").fetchone()
            if not found or rows.spec_from_json(found) != stored:
                raise IndexProblem(
                    f"The index {path} was given to another encoder meanwhile.", "Run the command again."
                )
            last = -1
            while block := connection.execute(
                "SELECT row, json_extract(body, '$.image') FROM figures WHERE row > ? ORDER BY row LIMIT ?",
                (last, _AT_ONCE),
            ).fetchall():
                made = vectors_of([name for _, name in block])
                connection.executemany(
                    "UPDATE figures SET image_vector = ? WHERE row = ?",
                    ((vectors.to_bytes(vector), row) for (row, _), vector in zip(block, made, strict=True)),
                )
                last = block[-1][0]
                count += len(block)
            # Another epoch makes every reader read all vectors anew, not only those of new rows.
            connection.execute(
                "UPDATE state SET encoder = ?, generation = generation + 1,"
                " epoch = (epoch + 1 + abs(random() % 1048574)) % 1048576",
                (rows.spec_to_json(spec),),
            )
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
    return count


def stored_pictures(path: Path) -> Iterator[tuple[str, bytes]]:
    """The name of every figure's picture, and its vector as it is stored (float16)."""
    with schema.problems(path), closing(schema.connect(path)) as connection:
        yield from connection.execute("SELECT json_extract(body, '$.image'), image_vector FROM figures")


__all__ = ["Restated", "restate", "stored_pictures"]
