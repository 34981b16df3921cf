"""Adapting an index: its vectors go through a head learned of them, and come back when asked to.

The vectors that the encoder below gave are kept beside the index by the names of the pictures, so that
no drawing is read again, neither for the head, nor to take it back, nor to learn another; only those
of figures ingested since are encoded. The head is written first, then all vectors and the encoder's
name change in one transaction: whenever the process dies, the index fits the head that it names.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from ipatent.adapt import Examples, Verdict, learn, validate
from ipatent.encode import Encoder, EncoderSpec
from ipatent.encode.head import AdaptedEncoder, Head, adapted_spec
from ipatent.errors import IndexProblem, NotFound, QueryError
from ipatent.index.embedded import EmbeddedIndex
from ipatent.index.restating import restate, stored_pictures
from ipatent.objects import Objects
from ipatent.patents import Vectors
from ipatent.pictures import open_picture

_AT_ONCE = 16
_ROWS = 512
MOST_FIGURES = 40_000
"""Figures that a head is learned from; of a larger index whole patents are drawn."""
_PAGE = 500

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Adapted:
    """What came of adapting an index: whether the head was kept, and why."""

    verdict: Verdict
    kept: bool
    encoder: str
    """Name of the encoder of the index now."""
    figures: int
    """Figures whose vectors changed."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """An index with what belongs to it: the encoder in use, the drawings, and the folder of the heads."""

    path: Path
    encoder: Encoder
    objects: Objects
    folder: Path
    max_pixels: int

    @property
    def base(self) -> Encoder:
        """The encoder below the head, where there is one."""
        return self.encoder.base if isinstance(self.encoder, AdaptedEncoder) else self.encoder


def adapt(
    place: Place,
    judged: Sequence[Sequence[str]] = (),
    seed: int = 0,
    trial: bool = False,
    progress: Progress | None = None,
) -> Adapted:
    """Learn a head from the figures of an index and put all its vectors through it, if that helps.

    `judged` are ids of figures that belong together besides those of one patent. The head is compared
    with the encoder below, also where the index has a head already. Where it does not help beyond
    chance, or with `trial`, nothing changes. Raises QueryError where there is too little to learn
    from, NotFound when a drawing that must be encoded is missing, IndexProblem and EncoderError when
    something cannot be written.
    """
    with _known(place, progress) as known:
        examples = _examples(place, known, judged, seed)
        verdict = validate(examples, seed, lambda done, total: _tell(progress, "Testing", done, total))
        if trial or not verdict.helps:
            return Adapted(verdict, False, place.encoder.spec.name, 0)
        head = learn(examples, verdict.shrinkage)
        file = head.save(place.folder)
        spec = adapted_spec(place.base.spec, head)
        count = _restated(place, known, spec, head, progress)
        for other in set(place.folder.glob("*.npz")) - {file}:
            other.unlink(missing_ok=True)
    return Adapted(verdict, True, spec.name, count)


def undo(place: Place, progress: Progress | None = None) -> int:
    """Give an index the vectors of the encoder below its head again; the number of figures.

    Raises QueryError where the index has no head, else as `adapt`.
    """
    if not isinstance(place.encoder, AdaptedEncoder):
        raise QueryError("The index is not adapted.", "There is nothing to undo.")
    with _known(place, progress) as known:
        count = _restated(place, known, place.base.spec, None, progress)
    shutil.rmtree(place.folder, ignore_errors=True)
    return count


def _restated(
    place: Place, known: "_Known", spec: EncoderSpec, head: Head | None, progress: Progress | None
) -> int:
    def vectors_of(names: Sequence[str]) -> Vectors:
        found = known.vectors(names)
        return head.apply(found) if head else found

    while True:
        try:
            return restate(place.path, place.encoder.spec, spec, vectors_of)
        except _Unknown:  # another process ingested meanwhile
            known.fill(place, progress)


def _examples(place: Place, known: "_Known", judged: Sequence[Sequence[str]], seed: int) -> Examples:
    """What an index holds to learn from: at most `MOST_FIGURES` figures of patents with several."""
    names: list[str] = []
    patents: list[int] = []
    families: list[int] = []
    numbers: dict[str, int] = {}
    at: dict[str, int] = {}
    with EmbeddedIndex.open(place.path) as index:
        everything = [
            (patent.id, patent.family)
            for offset in range(0, index.status().patents, _PAGE)
            for patent in index.patents(offset, _PAGE)
        ]
        order = np.random.default_rng(seed).permutation(len(everything)).tolist()
        for number in order:
            patent_id, family = everything[number]
            for figure in index.figures_of(patent_id):
                at[figure.id] = len(names)
                names.append(figure.image)
                patents.append(number)
                families.append(numbers.setdefault(family or f"/{patent_id}", len(numbers)))
            if len(names) >= MOST_FIGURES:
                break
    together = [sorted({at[each] for each in group if each in at}) for group in judged]
    return Examples(
        known.vectors(names),
        np.array(patents, np.int64),
        np.array(families, np.int64),
        tuple(np.array(group, np.int64) for group in together if len(group) > 1),
    )


class _Unknown(Exception):
    """The vector of a picture is not known yet."""


class _Known:
    """Vectors of the encoder below by the names of pictures, float16, in a file beside the heads."""

    def __init__(self, connection: sqlite3.Connection, dimension: int) -> None:
        self._connection = connection
        self._dimension = dimension

    def fill(self, place: Place, progress: Progress | None) -> None:
        """See that every picture of the index is known, encoding what is not."""
        plain = place.encoder is place.base
        missing: dict[str, None] = {}
        for some in _in_blocks(stored_pictures(place.path), _ROWS):
            if plain:
                self._keep(some)
            else:
                there = self._find([name for name, _ in some])
                missing.update((name, None) for name, _ in some if name not in there)
        waiting = list(missing)
        for at in range(0, len(waiting), _AT_ONCE):
            some_names = waiting[at : at + _AT_ONCE]
            pictures = [open_picture(_drawing(place.objects, n), place.max_pixels) for n in some_names]
            made = place.base.encode_pictures(pictures).astype("<f2")
            self._keep((name, row.tobytes()) for name, row in zip(some_names, made, strict=True))
            _tell(progress, "Encoding", at + len(some_names), len(waiting))

    def vectors(self, names: Sequence[str]) -> Vectors:
        """(n, d) float32, in their order. Raises _Unknown."""
        found = np.zeros((len(names), self._dimension), np.float32)
        for at in range(0, len(names), _ROWS):
            some = names[at : at + _ROWS]
            known = self._find(some)
            for n, name in enumerate(some):
                if name not in known:
                    raise _Unknown(name)
                found[at + n] = np.frombuffer(known[name], "<f2")
        return found

    def _find(self, names: Sequence[str]) -> Mapping[str, bytes]:
        marks = ",".join("?" * len(names))
        query = f"SELECT name, vector FROM vectors WHERE name IN ({marks})"  # noqa: S608 - question marks
        return dict(self._connection.execute(query, list(names)).fetchall())

    def _keep(self, vectors: Iterable[tuple[str, bytes]]) -> None:
        with self._connection:
            self._connection.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", vectors)


@contextmanager
def _known(place: Place, progress: Progress | None) -> Iterator[_Known]:
    """The vectors of the encoder below, all of them."""
    spec = place.base.spec
    path = place.folder / f"below-{spec.weights[:12]}-{spec.preprocessing}.sqlite"
    try:
        place.folder.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS vectors"
                " (name TEXT PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
            )
            known = _Known(connection, spec.image_dim)
            known.fill(place, progress)
            yield known
    except (OSError, sqlite3.Error) as error:
        raise IndexProblem(
            f"The vectors beside the index cannot be kept in {path}: {error}.",
            "Free some space, or give this user the right to write there; the index is as it was.",
        ) from None


def _drawing(objects: Objects, name: str) -> bytes:
    try:
        return objects.get(name)
    except NotFound:
        raise NotFound(
            f"The drawing {name[:12]} is missing from the object store.",
            "Ingest its patent again, or delete it from the index.",
        ) from None


def _in_blocks(each: Iterator[tuple[str, bytes]], size: int) -> Iterator[list[tuple[str, bytes]]]:
    while block := list(islice(each, size)):
        yield block


def _tell(progress: Progress | None, what: str, done: int, total: int) -> None:
    if progress:
        progress(what, done, total)
