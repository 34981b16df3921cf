"""The embedded index: one SQLite file for everything, its vectors also in memory for an exact scan.

A patent with its figures, vectors and words is one transaction, so a process that is killed leaves
nothing half-written. Each commit raises the generation; a reader in any process looks at it before
each search and takes in only what came since. Readers never wait for writers (SQLite's WAL mode),
and writers wait for each other.
"""

import os
import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from ipatent.encode import EncoderSpec
from ipatent.encode.matching import check_encoder
from ipatent.errors import EncoderMismatch, IndexProblem, NotFound
from ipatent.facets import FacetName, Facets, FacetValue
from ipatent.index import (
    EVERYTHING,
    Candidates,
    Entry,
    IndexStatus,
    Outcome,
    Rows,
    Scores,
    Size,
    Within,
    counting,
    rows,
    schema,
    storing,
    vectors,
    words,
)
from ipatent.index.look import Look, Memory, gone, rows_by_id
from ipatent.index.snapshot import Snapshot, caught_up, empty
from ipatent.patents import Figure, Patent, Vectors
from ipatent.wording import Wording

FILE_NAME = "index.sqlite"


class EmbeddedIndex:
    """An `Index` in one file, for a single machine. Close it, or use it in a `with` statement.

    Safe to use from several threads; several processes may read and write the same file. Do not
    carry one into a forked process: open it there.
    """

    def __init__(self, path: Path, encoder: EncoderSpec | None) -> None:
        self.path = path
        self._encoder = encoder
        self._idle: list[sqlite3.Connection] = []
        self._closed = threading.Event()
        self._writer = threading.Lock()
        self._refresher = threading.Lock()
        self._snapshot = empty()
        self._memory = Memory()
        self._threads = ThreadPoolExecutor(
            os.cpu_count() or 1, "ipatent-scan", initializer=vectors.one_thread_each
        )

    @classmethod
    def open(
        cls, path: str | Path, encoder: EncoderSpec | None = None, create: bool = False
    ) -> "EmbeddedIndex":
        """The index in the file `path`.

        With `create` it is made when absent. With `encoder`, the index is checked to be filled by
        it, or, still empty of vectors, is tied to it by the first `put`. Raises IndexProblem when
        there is no index, it is damaged, or a newer version wrote it, and EncoderMismatch.
        """
        path = Path(path).expanduser().absolute()
        schema.open_file(path, create)
        index = cls(path, encoder)
        try:
            with index._reading() as connection:
                stored = storing.stored_encoder(connection)
            if encoder and stored:
                check_encoder(stored, encoder)
        except BaseException:
            index.close()
            raise
        return index

    def __enter__(self) -> "EmbeddedIndex":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        self._closed.set()
        while self._idle:
            self._idle.pop().close()
        self._threads.shutdown(wait=False)

    # -- state

    def status(self) -> IndexStatus:
        """Counts and state, as of the last commit of any process."""
        with self._reading() as connection:
            generation, patents, sheets, figures, encoder = connection.execute(
                "SELECT generation, patents, sheets, figures, encoder FROM state"
            ).fetchone()
            identity = storing.identity(connection)
        return IndexStatus(
            patents=patents,
            sheets=sheets,
            figures=figures,
            generation=generation,
            encoder=rows.spec_from_json(encoder) if encoder else None,
            bytes=schema.size_on_disk(self.path),
            path=str(self.path),
            identity=identity,
        )

    def generation(self) -> int:
        """Grows with every commit, also by other processes; some microseconds."""
        with self._reading() as connection:
            return storing.generation(connection)

    # -- writing

    def put(self, entry: Entry) -> Outcome:
        """Store or replace one patent in one transaction; an equal fingerprint changes nothing.

        Raises EncoderMismatch when the vectors are not those of the index's encoder, IndexProblem
        when the file cannot be written, and ValueError when the entry contradicts itself.
        """
        storing.check(entry)
        with self._writing() as connection:
            storing.tie_encoder(connection, self.path, self._encoder, entry)
            found = connection.execute(
                "SELECT row, fingerprint FROM patents WHERE id = ?", (rows.plain(entry.patent.id),)
            ).fetchone()
            if found and found[1] == rows.plain(entry.fingerprint):
                return "unchanged"
            generation = storing.next_generation(connection)
            if found:
                storing.remove(connection, found[0], generation)
            storing.insert(connection, entry)
            return "replaced" if found else "new"

    def delete(self, patent_id: str) -> int:
        """Remove a patent with its figures; how many figures went. Raises NotFound."""
        with self._writing() as connection:
            row = _patent_row(connection, patent_id)
            return storing.remove(connection, row, storing.next_generation(connection))

    def objects_in_use(self, names: Collection[str]) -> set[str]:
        """Which of these objects some figure still shows; reads every figure, so it takes its time."""
        query = "SELECT body FROM figures"
        used: set[str] = set()
        with self._reading() as connection:
            for (body,) in connection.execute(query):
                figure = rows.figure_from_json(body)
                used.update({figure.image, figure.sheet_image, figure.thumbnail}.intersection(names))
        return used

    def fingerprint(self, patent_id: str) -> str | None:
        """The fingerprint that a patent was stored with, or None where there is no such patent."""
        found = self._row("SELECT fingerprint FROM patents WHERE id = ?", patent_id)
        return str(found[0]) if found else None

    def sheets_of(self, patent_id: str) -> int:
        """How many drawing sheets a patent was stored with. Raises NotFound."""
        if found := self._row("SELECT sheets FROM patents WHERE id = ?", patent_id):
            return int(found[0])
        raise _no_patent(patent_id)

    def sources(self) -> dict[str, str]:
        """The summary of every source file that was ingested completely, by content key."""
        return dict(self.each_source())

    def each_source(self) -> Iterator[tuple[str, str]]:
        """What `sources` gives, one by one in order of the keys, without holding all in memory."""
        with self._reading() as connection:
            for key, summary in connection.execute("SELECT key, summary FROM sources ORDER BY key"):
                yield str(key), str(summary)

    def source(self, key: str) -> str | None:
        """The summary of the source file of this content key; None where it was not ingested completely."""
        found = self._row("SELECT summary FROM sources WHERE key = ?", key)
        return str(found[0]) if found else None

    def mark_source(self, key: str, summary: str) -> None:
        """Remember that a source file was ingested completely."""
        with self._writing() as connection:
            storing.next_generation(connection)
            texts = rows.plain(key), rows.plain(summary)
            connection.execute("INSERT OR REPLACE INTO sources VALUES (?, ?)", texts)

    def forget_source(self, key: str) -> None:
        """Let the source file of this content key count as never ingested; none there is no error."""
        with self._writing() as connection:
            storing.next_generation(connection)
            connection.execute("DELETE FROM sources WHERE key = ?", (rows.plain(key),))

    def each_entry(self) -> Iterator[Entry]:
        """Every patent with all that was stored of it, in order of id, as of one state of the index.

        Others may write meanwhile. Raises IndexProblem where a vector is damaged.
        """
        with self._reading() as connection, _transaction(connection, "BEGIN"):
            yield from storing.entries(connection)

    @staticmethod
    def replace(path: Path, by: Path) -> None:
        """Put all that the closed index `by` holds in the place of what `path` holds; `by` is gone then.

        One transaction: whoever has `path` open, in any process, goes on and finds the new content
        next. This is how an index comes to another encoder: filled beside, then swapped in.
        """
        schema.copy_over(by, path)

    # -- looking up

    def patent(self, patent_id: str) -> Patent:
        """Raises NotFound."""
        if found := self._row("SELECT body FROM patents WHERE id = ?", patent_id):
            return rows.patent_from_json(found[0])
        raise _no_patent(patent_id)

    def patents(self, offset: int = 0, limit: int = 100) -> tuple[Patent, ...]:
        """In order of id."""
        with self._reading() as connection:
            found = connection.execute(
                "SELECT body FROM patents ORDER BY id LIMIT ? OFFSET ?", (limit, offset)
            ).fetchall()
        return tuple(rows.patent_from_json(body) for (body,) in found)

    def figure(self, figure_id: str) -> Figure:
        """Raises NotFound."""
        if found := self._row("SELECT body FROM figures WHERE id = ?", figure_id):
            return rows.figure_from_json(found[0])
        raise _no_figure(figure_id)

    def figures_of(self, patent_id: str) -> tuple[Figure, ...]:
        """In the order they were given: by sheet and figure. Raises NotFound."""
        with self._reading() as connection:
            bodies = connection.execute(
                "SELECT body FROM figures WHERE patent = ? ORDER BY row",
                (_patent_row(connection, patent_id),),
            ).fetchall()
        return tuple(rows.figure_from_json(body) for (body,) in bodies)

    def figures_at(self, rows_: Rows) -> tuple[tuple[Figure, Patent], ...]:
        """One pair per row, in their order. Raises NotFound when a row was removed since."""
        wanted = f"[{','.join(str(int(row)) for row in rows_)}]"
        with self._reading() as connection, _transaction(connection, "BEGIN"):
            found = connection.execute(
                "SELECT row, patent, body FROM figures WHERE row IN (SELECT value FROM json_each(?))",
                (wanted,),
            ).fetchall()
            of = {row: patent for row, patent, _ in found}
            bodies = connection.execute(
                "SELECT row, body FROM patents WHERE row IN (SELECT value FROM json_each(?))",
                (f"[{','.join(map(str, set(of.values())))}]",),
            ).fetchall()
        figures = {row: rows.figure_from_json(body) for row, _, body in found}
        patents = {row: rows.patent_from_json(body) for row, body in bodies}
        try:
            return tuple((figures[row], patents[of[row]]) for row in map(int, rows_))
        except KeyError as missing:
            raise gone(missing.args[0]) from None

    def image_vector(self, figure_id: str) -> Vectors:
        """(1, image_dim) float32. Raises NotFound."""
        if found := self._row("SELECT image_vector FROM figures WHERE id = ?", figure_id):
            return np.frombuffer(found[0], "<f2").astype(np.float32)[None, :]
        raise _no_figure(figure_id)

    def image_vectors_at(self, rows_: Rows) -> Vectors:
        """(n, image_dim) float32, in their order. Raises NotFound when a row was removed since."""
        blocks = self._current().images
        found = vectors.vectors_of(blocks, rows_, blocks[0].scan.d if blocks else 0)
        if blocks and np.isnan(found).any():
            raise gone(int(rows_[np.isnan(found).any(axis=1)][0]))
        return found

    def vectors_of(self, figure_ids: Sequence[str]) -> tuple[Vectors, Vectors]:
        """Image and caption vectors (n, dimension) float32, in their order; NaN where there is none."""
        with self._look() as look:
            known = rows_by_id(look.connection, figure_ids)
            images, captions = look.snapshot.images, look.snapshot.captions
        wanted = np.array([known.get(rows.plain(each), -1) for each in figure_ids], np.int64)
        return (
            vectors.vectors_of(images, wanted, images[0].scan.d if images else 0),
            vectors.vectors_of(captions, wanted, captions[0].scan.d if captions else 0),
        )

    def siblings(self, rows_: Rows, within: Within = EVERYTHING) -> tuple[Rows, Rows]:
        """All figures within of the patents that `rows_` belong to, ascending, and those patents (n,)."""
        with self._look() as look:
            wanted = np.zeros(len(look.snapshot.columns.patent_rows), bool)
            wanted[look.snapshot.columns.patent[look.places(rows_)]] = True
            found = wanted[look.snapshot.columns.patent]
            if within:
                found &= look.narrowed(within).figures
            return look.snapshot.rows[found], look.snapshot.patents[found]

    # -- narrowing and counting

    def size(self, within: Within) -> Size:
        """How many figures satisfy `within`, and how many more would, were their dates known."""
        with self._look() as look:
            if not within:
                return Size(len(look.snapshot.rows), 0)
            found = look.narrowed(within)
            return Size(int(np.count_nonzero(found.figures)), int(np.count_nonzero(found.undated)))

    def facets(self, within: Within, best: Rows, names: tuple[FacetName, ...]) -> Facets:
        """Exact counts of figures per value, within the set and among the `best` rows."""
        with self._look() as look:
            places = look.places(best)
            figures = look.narrowed(within).figures
            return Facets(
                int(np.count_nonzero(figures)),
                len(places),
                tuple(counting.facet(name, look.tally(within, name), places) for name in names),
            )

    def facet_values(
        self, within: Within, name: FacetName, containing: str, limit: int = 50
    ) -> tuple[FacetValue, ...]:
        """The commonest values of a facet whose label holds these words; for searching long lists."""
        with self._look() as look:
            return counting.holding(name, look.tally(within, name), containing, limit)

    def phrase_counts(self, phrases: Sequence[str]) -> tuple[int, ...]:
        """In how many figures each phrase occurs, in caption or terms; for weighing keywords."""
        with self._reading() as connection:
            return words.counts_of(connection, phrases)

    # -- ranking

    def newest(self, limit: int, within: Within = EVERYTHING) -> Candidates:
        """By day of publication, latest first, undated last, then in the order of storing; scores are 0."""
        with self._look() as look:
            allowed = np.flatnonzero(look.narrowed(within).figures)
            days = look.snapshot.columns.published[look.snapshot.columns.patent[allowed]]
            if len(days) > limit:
                least = np.partition(days, len(days) - limit)[len(days) - limit]
                allowed, days = allowed[days >= least], days[days >= least]
            order = np.argsort(-days, kind="stable")[:limit]
            return Candidates(look.snapshot.rows[allowed[order]], np.zeros(len(order), np.float32))

    def nearest_images(self, vector: Vectors, limit: int, within: Within = EVERYTHING) -> Candidates:
        """By cosine to the (1, image_dim) vector; exact; ties in the order of storing."""
        snapshot, allowed = self._allowed(within)
        return self._nearest(snapshot.images, vector, limit, allowed)

    def nearest_captions(self, vector: Vectors, limit: int, within: Within = EVERYTHING) -> Candidates:
        """By cosine to the (1, caption_dim) vector; exact; figures without text are left out."""
        snapshot, allowed = self._allowed(within)
        return self._nearest(snapshot.captions, vector, limit, allowed)

    def matching_words(self, wording: Wording, limit: int, within: Within = EVERYTHING) -> Candidates:
        """By BM25; see `ipatent.index.words` and, of an expression, `ipatent.index.expressions`."""
        with self._look() as look:
            matches = look.matches(wording)
            if within:
                allowed = look.narrowed(within).figures
                kept = allowed[np.searchsorted(look.snapshot.rows, matches.rows)]
                matches = words.Matches(matches.rows[kept], matches.scores[kept])
        return Candidates(*words.best(matches, limit))

    # -- scoring

    def image_scores(self, vector: Vectors, rows_: Rows) -> Scores:
        """Raises NotFound when a row was removed since."""
        scores = self._scores(self._current().images, vector, rows_)
        if np.isnan(scores).any():
            raise gone(int(rows_[np.isnan(scores)][0]))
        return scores

    def caption_scores(self, vector: Vectors, rows_: Rows) -> Scores:
        """NaN where a figure has no text."""
        return self._scores(self._current().captions, vector, rows_)

    def word_scores(self, wording: Wording, rows_: Rows) -> Scores:
        """0 where no word matches."""
        with self._look() as look:
            return words.scores_of(look.matches(wording), rows_)

    def _nearest(
        self, blocks: vectors.Blocks, vector: Vectors, limit: int, allowed: Rows | None
    ) -> Candidates:
        return Candidates(*vectors.nearest(blocks, _query(blocks, vector), limit, self._threads, allowed))

    def _scores(self, blocks: vectors.Blocks, vector: Vectors, rows_: Rows) -> Scores:
        return vectors.scores_of(blocks, _query(blocks, vector), rows_, self._threads)

    def _allowed(self, within: Within) -> tuple[Snapshot, Rows | None]:
        with self._look() as look:
            if not within:
                return look.snapshot, None
            return look.snapshot, look.snapshot.rows[look.narrowed(within).figures]

    # -- keeping up with commits

    def _current(self) -> Snapshot:
        with self._look() as look:
            return look.snapshot

    @contextmanager
    def _look(self) -> Iterator[Look]:
        """A look at what a read transaction sees."""
        with self._reading() as connection, _transaction(connection, "BEGIN"):
            yield Look(connection, self._refreshed(connection), self._memory)

    def _refreshed(self, connection: sqlite3.Connection) -> Snapshot:
        """The snapshot of what the open read transaction sees, or of a later commit."""
        epoch, generation = connection.execute("SELECT epoch, generation FROM state").fetchone()
        if self._snapshot.epoch != epoch or self._snapshot.generation < generation:
            with self._refresher:
                self._snapshot = caught_up(self._snapshot, connection)
        return self._snapshot

    # -- connections and transactions

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A connection of one's own for a while; threads come and go, connections are kept."""
        if self._closed.is_set():
            raise IndexProblem(f"The index {self.path} has been closed.", "Open it again.")
        with schema.problems(self.path):
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = schema.connect(self.path)
            try:
                yield connection
            finally:
                if self._closed.is_set():
                    connection.close()
                else:
                    self._idle.append(connection)

    def _row(self, query: str, key: str) -> tuple[Any, ...] | None:
        with self._reading() as connection:
            found: tuple[Any, ...] | None = connection.execute(query, (rows.plain(key),)).fetchone()
        return found

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._writer, self._reading() as connection, _transaction(connection, "BEGIN IMMEDIATE"):
            yield connection


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _patent_row(connection: sqlite3.Connection, patent_id: str) -> int:
    found = connection.execute("SELECT row FROM patents WHERE id = ?", (rows.plain(patent_id),)).fetchone()
    if not found:
        raise _no_patent(patent_id)
    return int(found[0])


def _query(blocks: vectors.Blocks, vector: Vectors) -> Vectors:
    query = np.ascontiguousarray(np.atleast_2d(vector), np.float32)
    if blocks and query.shape != (1, blocks[0].scan.d):
        raise EncoderMismatch(
            f"The query's vector has {query.shape[-1]} dimensions, those of the index {blocks[0].scan.d}.",
            "Search with the encoder that filled the index.",
        )
    return query


def _no_patent(patent_id: str) -> NotFound:
    return NotFound(f"There is no patent {patent_id} in the index.", "Check the number, or ingest it.")


def _no_figure(figure_id: str) -> NotFound:
    return NotFound(f"There is no figure {figure_id} in the index.", "It may have been deleted.")
