"""Patches: compact local features of every figure, for a closer look at the best of a ranking.

A drawing's local features (`ipatent.encode.spatial`) are projected to the `DIMENSIONS` in which those
of the collection vary most, and kept as bytes: some 8 kB a figure, in a file of their own beside the
index, by the hash of the drawing. They are optional: `ipatent patches` prepares them.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ipatent.encode.builtin import ASSETS, IMAGE_MODEL, SIZE
from ipatent.encode.files import hash_files
from ipatent.encode.prepare import version
from ipatent.encode.spatial import LAYER, Patches, SpatialEncoder, open_spatial
from ipatent.errors import IndexProblem, QueryError
from ipatent.patents import Figure, Pixels
from ipatent.settings import Settings

FILE = "patches.sqlite"
DIMENSIONS = 32
BEST = 100
"""Figures of a ranking that are looked at closer."""
SHARE = 0.5
"""The say of the patches beside the cosine of the whole drawings, both in standard deviations."""
LEARNT_FROM = 300
"""Figures whose features tell in which dimensions they vary."""
_FLOOR = 0.5
"""Cosine from which on two places count as alike."""
_AT_ONCE = 16

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.int8]
Open = Callable[[Figure], Pixels]


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """The mean (d,) of local features and the axes (`DIMENSIONS`, d) along which they vary most."""

    mean: Floats
    axes: Floats

    @classmethod
    def learnt(cls, features: Floats) -> "Basis":
        """From local features (n, d); principal components."""
        mean = features.mean(axis=0)
        away = features - mean
        values, vectors = np.linalg.eigh(away.T @ away)
        axes = vectors[:, np.argsort(-values)[:DIMENSIONS]].T
        return cls(mean.astype(np.float32), np.ascontiguousarray(axes, np.float32))

    def compact(self, features: Floats) -> Bytes:
        """(n, `DIMENSIONS`) int8 of local features (n, d); 127 is 1."""
        rows = (features - self.mean) @ self.axes.T
        lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        compacted: Bytes = np.rint(rows / lengths * 127).astype(np.int8)
        return compacted


def patch_likeness(query: Bytes, other: Bytes) -> float:
    """How alike two drawings are by places that are each other's nearest, 0 to about 0.5.

    The sum over mutual nearest neighbours of what their cosine exceeds `_FLOOR` by, against the
    geometric mean of how many places there are.
    """
    if not (len(query) and len(other)):
        return 0.0
    cosines = (query.astype(np.float32) / 127) @ (other.astype(np.float32) / 127).T
    best = cosines.argmax(axis=1)
    rows = np.flatnonzero(cosines.argmax(axis=0)[best] == np.arange(len(cosines)))
    alike = np.maximum(cosines[rows, best[rows]] - _FLOOR, 0.0).sum()
    return float(alike / np.sqrt(cosines.size))


def looked_closer(
    calibrated: npt.NDArray[np.float64], raw: Floats, places: npt.NDArray[np.int64], patches: Floats
) -> npt.NDArray[np.float64]:
    """Calibrated scores (n,) in the order that the patches of the figures at `places` suggest.

    `raw` (n,) are cosines of whole drawings, `patches` (m,) the likeness of the figures at `places`
    (m,) by patches, NaN where they have none: these keep to their cosine. The scores stay the same
    numbers, dealt out anew among these figures.
    """
    whole, closer = _standard(raw[places]), _standard(patches)
    mixed = np.where(np.isnan(closer), whole, (1 - SHARE) * whole + SHARE * np.nan_to_num(closer))
    order = places[np.lexsort((places, -mixed))]
    dealt = calibrated.copy()
    dealt[order] = -np.sort(-calibrated[places])
    return dealt


def _standard(values: Floats) -> npt.NDArray[np.float64]:
    """In standard deviations from the mean; NaN stays NaN."""
    known = values[~np.isnan(values)].astype(np.float64)
    if not len(known):
        return values.astype(np.float64)
    standard: npt.NDArray[np.float64] = (values - known.mean()) / (known.std() + 1e-9)
    return standard


@dataclass(frozen=True, slots=True)
class PatchStore:
    """The file of compact local features in a data folder."""

    path: Path

    @classmethod
    def of(cls, folder: Path) -> "PatchStore":
        """The store of a data folder; it need not be there yet."""
        return cls(folder / FILE)

    def basis(self) -> Basis | None:
        """The basis in use; None where nothing was prepared, or with another model."""
        if not self.path.exists():
            return None
        with self._connected() as file:
            row = file.execute("SELECT mean, axes FROM basis WHERE model = ?", (model_hash(),)).fetchone()
        if row is None:
            return None
        mean = np.frombuffer(row[0], np.float32)
        return Basis(mean, np.frombuffer(row[1], np.float32).reshape(DIMENSIONS, len(mean)))

    def read(self, images: Sequence[str]) -> dict[str, Bytes]:
        """The features of those drawings that have some, by the hash of the drawing."""
        found: dict[str, Bytes] = {}
        with self._connected() as file:
            for at in range(0, len(images), 500):
                some = images[at : at + 500]
                marks = ",".join("?" * len(some))
                query = f"SELECT image, features FROM patches WHERE image IN ({marks})"  # noqa: S608
                for image, features in file.execute(query, tuple(some)):
                    found[image] = np.frombuffer(features, np.int8).reshape(-1, DIMENSIONS)
        return found

    def prepare(
        self, figures: Sequence[Figure], picture: Open, encoder: SpatialEncoder, told: Callable[[int], None]
    ) -> int:
        """Features for all `figures` that have none; how many were added. `told` hears how many are done.

        The first time, or with another model, a basis is learnt and everything is prepared anew. What
        is written stays when it is broken off. Raises NotFound where a drawing is missing.
        """
        basis = self.basis()
        if basis is None:
            basis = self._begin(figures, picture, encoder)
        known = self.read([figure.image for figure in figures])
        missing = [figure for figure in figures if figure.image not in known]
        for at in range(0, len(missing), _AT_ONCE):
            some = missing[at : at + _AT_ONCE]
            encoded = encoder.encode([picture(figure) for figure in some])
            with self._connected() as file:
                file.executemany(
                    "INSERT OR REPLACE INTO patches VALUES (?, ?)",
                    [
                        (figure.image, basis.compact(each.features).tobytes())
                        for figure, each in zip(some, encoded, strict=True)
                    ],
                )
            told(min(at + _AT_ONCE, len(missing)))
        return len(missing)

    def _begin(self, figures: Sequence[Figure], picture: Open, encoder: SpatialEncoder) -> Basis:
        step = max(1, len(figures) // LEARNT_FROM)
        chosen = figures[::step][:LEARNT_FROM]
        encoded: list[Patches] = []
        for at in range(0, len(chosen), _AT_ONCE):
            encoded += encoder.encode([picture(figure) for figure in chosen[at : at + _AT_ONCE]])
        features = [each.features for each in encoded if len(each)]
        if sum(map(len, features)) < DIMENSIONS:
            raise IndexProblem("There are no drawings to prepare patches of.", "Ingest patents first.")
        basis = Basis.learnt(np.concatenate(features))
        with self._connected() as file:
            file.executescript(
                "DROP TABLE IF EXISTS basis; DROP TABLE IF EXISTS patches;"
                "CREATE TABLE basis (model TEXT, mean BLOB, axes BLOB);"
                "CREATE TABLE patches (image TEXT PRIMARY KEY, features BLOB) WITHOUT ROWID;"
            )
            row = (model_hash(), basis.mean.tobytes(), basis.axes.tobytes())
            file.execute("INSERT INTO basis VALUES (?, ?, ?)", row)
        return basis

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=10)) as file, file:
                yield file
        except sqlite3.Error as error:
            raise IndexProblem(
                f"{self.path} cannot be used: {error}.", "Delete it and run: ipatent patches"
            ) from None


@dataclass(frozen=True, slots=True, eq=False)
class CloserLook:
    """A look at the best figures of a ranking by patches, over what was prepared."""

    store: PatchStore
    basis: Basis
    encoder: SpatialEncoder

    @classmethod
    def open(cls, folder: Path, encoder: Callable[[], SpatialEncoder]) -> "CloserLook":
        """Over the store of a data folder; raises QueryError where nothing was prepared for this model."""
        store = PatchStore.of(folder)
        basis = store.basis()
        if basis is None:
            raise QueryError(
                "Patches are not prepared for this index, or with another image model.",
                "Run on the server: ipatent patches. Or search without rerank=patches.",
            )
        return cls(store, basis, encoder())

    def likeness(self, views: Iterable[Pixels | Figure], figures: Sequence[Figure]) -> Floats:
        """(n,) how alike each of `figures` is to the best of the `views`; NaN where it has no patches."""
        asked = [self._of(view) for view in views]
        known = self.store.read([figure.image for figure in figures])
        scores = [
            max((patch_likeness(one, known[figure.image]) for one in asked), default=np.nan)
            if figure.image in known
            else np.nan
            for figure in figures
        ]
        return np.array(scores, np.float32)

    def _of(self, view: Pixels | Figure) -> Bytes:
        if isinstance(view, Figure):
            return self.store.read([view.image]).get(view.image, np.empty((0, DIMENSIONS), np.int8))
        return self.basis.compact(self.encoder.encode([view])[0].features)


def closer_look(settings: Settings) -> Callable[[], CloserLook]:
    """What opens the closer look over the data folder of these settings, when it is asked for."""
    return lambda: CloserLook.open(settings.data_dir, lambda: open_spatial(settings.threads))


@cache
def model_hash() -> str:
    """What the features depend on: the weights, the layer and the way from pixels to the square."""
    return f"{hash_files([ASSETS / IMAGE_MODEL])}/{LAYER}/{version(SIZE)}"
