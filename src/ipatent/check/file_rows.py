"""Rows of the embedded index that contradict each other: figures, patents, vectors, words, counts."""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from ipatent.check.findings import Finding, Options, found
from ipatent.encode import EncoderSpec
from ipatent.errors import NotFound
from ipatent.index import rows, schema, storing, vectors, words
from ipatent.patents import Figure, Vectors

Encoded = Callable[[Figure, str], tuple[Vectors, Vectors]]
"""A figure's image and caption vectors, (1, image_dim) and (1, caption_dim), by its patent's id."""

_FIGURE_WORDS = (
    "SELECT f.row, f.id, f.body, w.rowid, w.caption, w.terms, w.labels FROM figures AS f"
    " LEFT JOIN figure_words AS w ON w.rowid = f.row"
)
_PATENT_WORDS = (
    "SELECT p.row, p.id, p.body, w.rowid, w.title, w.applicants, w.abstract FROM patents AS p"
    " LEFT JOIN patent_words AS w ON w.rowid = p.row"
)


def figures(path: Path) -> Iterator[Figure]:
    """All figures, whatever their vectors are."""
    with _reading(path) as connection:
        for (body,) in connection.execute("SELECT body FROM figures ORDER BY row"):
            yield rows.figure_from_json(body)


def row_faults(path: Path, options: Options, encoded: Encoded) -> list[Finding]:
    """What is wrong inside the index file; each is mended in one transaction."""
    findings: list[Finding] = []
    with _reading(path) as connection:
        spec = storing.stored_encoder(connection)
        findings += _strays(connection, path)
        if spec:
            findings += _vectors(connection, path, spec, encoded)
        findings += _words(connection, path)
        findings += _counts(connection, path)
        if options.deep:
            (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            findings += found(
                "damaged-file",
                f"The index file is damaged: {answer}.",
                [str(path)] if answer != "ok" else [],
                "cannot mend it; put a backup back",
                command="ipatent restore FROM --replace",
            )
    findings += _leftovers(path, options)
    return findings


def _strays(connection: sqlite3.Connection, path: Path) -> list[Finding]:
    homeless = [
        (row, figure)
        for row, figure in connection.execute(
            "SELECT row, id FROM figures WHERE patent NOT IN (SELECT row FROM patents) ORDER BY row"
        )
    ]
    empty = [
        name
        for (name,) in connection.execute(
            "SELECT id FROM patents WHERE row NOT IN (SELECT patent FROM figures) ORDER BY id"
        )
    ]
    return [
        *found(
            "figures-without-patent",
            "Figures belong to a patent that is not there.",
            [figure for _, figure in homeless],
            "deletes them",
            lambda: _delete_figures(path, [row for row, _ in homeless]),
        ),
        *found(
            "patents-without-figures",
            "Patents have no figure.",
            empty,
            "deletes them, so that the next ingest reads their documents again",
            lambda: _delete_patents(path, empty),
        ),
    ]


def _vectors(
    connection: sqlite3.Connection, path: Path, spec: EncoderSpec, encoded: Encoded
) -> list[Finding]:
    bad: list[str] = []
    sizes = (spec.image_dim, spec.caption_dim)
    for figure, image, caption in connection.execute("SELECT id, image_vector, caption_vector FROM figures"):
        if not _good(image, sizes[0]) or (caption is not None and not _good(caption, sizes[1])):
            bad.append(figure)
    return found(
        "wrong-vectors",
        "Vectors of figures are missing, damaged, or of another encoder.",
        bad,
        "encodes their drawings anew",
        lambda: _encode(path, bad, encoded),
    )


def _good(vector: bytes | None, size: int) -> bool:
    if vector is None or len(vector) != 2 * size:
        return False
    length = float(np.linalg.norm(np.frombuffer(vector, "<f2").astype(np.float32)))
    return 0.9 < length < 1.1


def _encode(path: Path, figure_ids: Iterable[str], encoded: Encoded) -> None:
    with _reading(path) as connection:
        wanted = [
            (figure_id, rows.figure_from_json(body))
            for figure_id in figure_ids
            for (body,) in connection.execute("SELECT body FROM figures WHERE id = ?", (figure_id,))
        ]
        spec = storing.stored_encoder(connection)
    assert spec
    made = []
    for figure_id, figure in wanted:
        try:
            made.append((figure_id, *encoded(figure, figure.patent_id)))
        except NotFound:  # without its drawing it gets none, so that the others can be searched
            nothing = np.zeros((1, spec.image_dim), np.float32), np.zeros((1, spec.caption_dim), np.float32)
            made.append((figure_id, *nothing))
    with _writing(path) as connection:
        for figure_id, image, caption in made:
            text = vectors.to_bytes(caption[0]) if caption.any() else None
            connection.execute(
                "UPDATE figures SET image_vector = ?, caption_vector = ? WHERE id = ?",
                (vectors.to_bytes(image[0]), text, figure_id),
            )
        # Another epoch makes every reader read all vectors anew, not only those of new rows.
        connection.execute("UPDATE state SET epoch = (epoch + 1 + abs(random() % 1048574)) % 1048576")


def _words(connection: sqlite3.Connection, path: Path) -> list[Finding]:
    wrong = [
        name for _, name, body, row, *held in connection.execute(_FIGURE_WORDS) if _differs(body, row, held)
    ]
    wrong += [
        name
        for _, name, body, row, *held in connection.execute(_PATENT_WORDS)
        if _patent_differs(body, row, held)
    ]
    for table, of in (("figure_words", "figures"), ("patent_words", "patents")):
        query = f"SELECT rowid FROM {table} WHERE rowid NOT IN (SELECT row FROM {of})"  # noqa: S608 - own names
        wrong += [f"row {row} of {table}" for (row,) in connection.execute(query)]
    return found(
        "words-out-of-step",
        "The index of words lacks figures or patents, or holds other words than they have.",
        wrong,
        "indexes their words anew",
        lambda: _index_words(path),
    )


def _differs(body: str, row: int | None, held: list[str]) -> bool:
    figure = rows.figure_from_json(body)
    terms, labels = words.title_key(" ".join(figure.terms)), words.title_key(" ".join(figure.labels))
    return row is None or held != [words.caption_words(figure), terms, labels]


def _patent_differs(body: str, row: int | None, held: list[str]) -> bool:
    patent = rows.patent_from_json(body)
    applicants = words.title_key(" ".join(patent.applicants))
    return row is None or held != [words.title_words(patent), applicants, words.title_key(patent.abstract)]


def _index_words(path: Path) -> None:
    with _writing(path) as connection:
        figure_rows = [
            row for row, _, body, has, *held in connection.execute(_FIGURE_WORDS) if _differs(body, has, held)
        ]
        patent_rows = [
            row
            for row, _, body, has, *held in connection.execute(_PATENT_WORDS)
            if _patent_differs(body, has, held)
        ]
        for row in figure_rows:
            connection.execute("DELETE FROM figure_words WHERE rowid = ?", (row,))
            (body,) = connection.execute("SELECT body FROM figures WHERE row = ?", (row,)).fetchone()
            words.add_figure(connection, row, rows.figure_from_json(body))
        for row in patent_rows:
            connection.execute("DELETE FROM patent_words WHERE rowid = ?", (row,))
            (body,) = connection.execute("SELECT body FROM patents WHERE row = ?", (row,)).fetchone()
            words.add_patent(connection, row, rows.patent_from_json(body))
        connection.execute("DELETE FROM figure_words WHERE rowid NOT IN (SELECT row FROM figures)")
        connection.execute("DELETE FROM patent_words WHERE rowid NOT IN (SELECT row FROM patents)")


_COUNTED = (
    "SELECT (SELECT count(*) FROM patents), (SELECT coalesce(sum(sheets), 0) FROM patents),"
    " (SELECT count(*) FROM figures)"
)


def _counts(connection: sqlite3.Connection, path: Path) -> list[Finding]:
    told = connection.execute("SELECT patents, sheets, figures FROM state").fetchone()
    counted = connection.execute(_COUNTED).fetchone()
    names = ("patents", "sheets", "figures")
    wrong = [f"{a:,} {name}, told {b:,}" for name, a, b in zip(names, counted, told, strict=True) if a != b]
    what = "The index tells other numbers than it holds."
    return found("wrong-counts", what, wrong, "counts anew", lambda: _count(path))


def _count(path: Path) -> None:
    with _writing(path) as connection:
        connection.execute(f"UPDATE state SET (patents, sheets, figures) = ({_COUNTED})")  # noqa: S608


def _delete_figures(path: Path, of: Iterable[int]) -> None:
    with _writing(path) as connection:
        generation = storing.generation(connection)
        for row in of:
            connection.execute("INSERT INTO removals VALUES (?, ?, ?)", (generation, row, row))
            connection.execute("DELETE FROM figure_words WHERE rowid = ?", (row,))
            connection.execute("DELETE FROM figures WHERE row = ?", (row,))
        connection.execute(f"UPDATE state SET (patents, sheets, figures) = ({_COUNTED})")  # noqa: S608


def _delete_patents(path: Path, ids: Iterable[str]) -> None:
    with _writing(path) as connection:
        for patent_id in ids:
            for (row,) in connection.execute("SELECT row FROM patents WHERE id = ?", (patent_id,)).fetchall():
                storing.remove(connection, row, storing.generation(connection))
        connection.execute(f"UPDATE state SET (patents, sheets, figures) = ({_COUNTED})")  # noqa: S608


def _leftovers(path: Path, options: Options) -> list[Finding]:
    """Files of re-encodings and restores that broke off and were never taken up again."""
    oldest = time.time() - options.older_than
    left = [one for one in sorted(path.parent.glob(f"{path.name}.*.new*")) if one.stat().st_mtime < oldest]

    def delete() -> None:
        for one in left:
            one.unlink(missing_ok=True)

    return found(
        "leftover-files",
        "Files of a re-encoding or a restore that broke off lie beside the index.",
        [str(one) for one in left],
        "deletes them",
        delete,
    )


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    with schema.problems(path), closing(schema.connect(path)) as connection:
        connection.execute("BEGIN")
        yield connection


@contextmanager
def _writing(path: Path) -> Iterator[sqlite3.Connection]:
    with schema.problems(path), closing(schema.connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        storing.next_generation(connection)
        yield connection
        connection.execute("COMMIT")
