"""Patent drawings for training: which there are, whose they are, and what a step sees of them.

Pictures come from a folder with lists as DeepPatent's (a path and a label a line), from a folder
whose sub-folders or file names tell the patents, or from what iPatent has indexed (`of_index`). They
go the way that the product's encoder goes: figure labels and headers off, cut to the ink, padded to a
square. Squares are kept in a folder, so that later epochs read small files.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

Squares = npt.NDArray[np.uint8]
SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".gif", ".bmp"}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A drawing: where its bytes are, and the patent it belongs to."""

    place: str
    patent: str


@dataclass(frozen=True, slots=True)
class Pictures:
    """Drawings, and how their bytes are had."""

    listed: tuple[Labelled, ...]
    read: Callable[[str], bytes]
    origin: str
    clean: bool = True
    """Whether figure labels and headers may still be on them."""


def of_list(folder: Path, path: Path) -> Pictures:
    """The pictures that a list names below `folder`, as `ipatent eval reid` reads it."""
    from ipatent.evaluate.lists import read_list

    listed = tuple(Labelled(one.path, one.label) for one in read_list(path))
    return Pictures(listed, _Below(folder), str(folder.resolve()))


def of_folder(folder: Path) -> Pictures:
    """Every picture in `folder`; its patent is its sub-folder, or told by its name."""
    from ipatent.sources.names import picture_group

    listed = []
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES):
        inside = path.relative_to(folder)
        patent = inside.parts[0] if len(inside.parts) > 1 else picture_group(inside)
        listed.append(Labelled(inside.as_posix(), patent))
    return Pictures(tuple(listed), _Below(folder), str(folder.resolve()))


def of_index(data: str) -> Pictures:
    """The figures that iPatent has indexed in its data folder, by patent."""
    from contextlib import closing

    from ipatent.opening import open_index
    from ipatent.settings import load_settings

    settings = load_settings({"data": data or None})
    listed = []
    with closing(open_index(settings)) as index:
        for figure, patent in index.figures_at(index.newest(1_000_000_000).rows):
            listed.append(Labelled(figure.image, patent.id))
    listed.sort(key=lambda one: (one.patent, one.place))
    return Pictures(tuple(listed), _Stored(str(settings.data_dir)), str(settings.data_dir), clean=False)


def without(pictures: Pictures, share: float, seed: int) -> tuple[Pictures, Pictures]:
    """Two parts by patent: to train on, and about `share` of the patents, held back by hash."""

    def held(patent: str) -> bool:
        digest = hashlib.sha256(f"{seed} {patent}".encode()).digest()
        return int.from_bytes(digest[:4], "big") < share * 2**32

    parts = [tuple(one for one in pictures.listed if held(one.patent) is back) for back in (False, True)]
    kept, back = (Pictures(part, pictures.read, pictures.origin, pictures.clean) for part in parts)
    return kept, back


@dataclass(frozen=True, slots=True)
class _Below:
    folder: Path

    def __call__(self, place: str) -> bytes:
        try:
            return (self.folder / place).read_bytes()
        except OSError as error:
            raise SystemExit(f"{self.folder / place} cannot be read: {error.strerror or error}.") from None


class _Stored:
    """Bytes by content hash from a data folder; opened anew in each process that reads."""

    def __init__(self, data: str) -> None:
        self.data = data
        self._objects = None

    def __call__(self, place: str) -> bytes:
        if self._objects is None:
            from ipatent.opening import open_objects
            from ipatent.settings import load_settings

            self._objects = open_objects(load_settings({"data": self.data}))
        return self._objects.get(place)

    def __getstate__(self) -> str:
        return self.data

    def __setstate__(self, state: str) -> None:
        self.data, self._objects = state, None


@dataclass(frozen=True, slots=True)
class Squared:
    """Pictures as squares of `size`, kept below `folder` once they were made."""

    pictures: Pictures
    size: int
    resampling: Image.Resampling
    folder: Path
    max_pixels: int = 80_000_000

    def __getitem__(self, number: int) -> Squares:
        """(size, size) uint8 grey. A picture that cannot be read ends the run, naming it."""
        from ipatent.encode.prepare import square, version
        from ipatent.errors import IPatentError
        from ipatent.pictures import open_picture
        from ipatent.sheets import clean_picture

        one = self.pictures.listed[number]
        told = f"{self.pictures.origin} {one.place} {version(self.size)} {self.resampling.name}"
        name = hashlib.sha256(told.encode()).hexdigest()
        path = self.folder / name[:2] / f"{name}.png"
        if not path.is_file():
            try:
                pixels = open_picture(self.pictures.read(one.place), self.max_pixels)
            except IPatentError as error:
                raise SystemExit(f"{one.place} of {self.pictures.origin}: {error}") from None
            made = square(
                clean_picture(pixels) if self.pictures.clean else pixels, self.size, self.resampling
            )
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f"{name}.{os.getpid()}.part")
            Image.fromarray(made).save(beside, "PNG")
            beside.replace(path)
        with Image.open(path) as kept:
            return np.asarray(kept.convert("L"))


class Steps:
    """What each micro-step trains on, by its number, so that any process can make any of it.

    Step n of rank r draws from a generator of its own, by (seed, n, r): a run that was broken off
    sees what it would have seen.
    """

    def __init__(self, squared: Squared, patents: int, each: int, seed: int, rank: int, turns: bool) -> None:
        members: dict[str, list[int]] = {}
        for number, one in enumerate(squared.pictures.listed):
            members.setdefault(one.patent, []).append(number)
        self.squared, self.each, self.seed, self.rank, self.turns = squared, each, seed, rank, turns
        self.members = [members[patent] for patent in sorted(members) if len(members[patent]) > 1]
        if len(self.members) < 2:
            raise SystemExit("Training needs at least two patents with two drawings each.")
        self.patents = min(patents, len(self.members))

    def __getitem__(self, step: int) -> tuple[Squares, npt.NDArray[np.int64]]:
        """Squares (n, size, size) uint8 and the number of the patent of each, (n,)."""
        dice = np.random.default_rng((self.seed, step, self.rank))
        squares: list[Squares] = []
        labels: list[int] = []
        for label in dice.choice(len(self.members), self.patents, replace=False):
            numbers = self.members[label]
            for number in dice.choice(numbers, min(self.each, len(numbers)), replace=False):
                squares.append(redrawn(self.squared[int(number)], dice, self.turns))
                labels.append(int(label))
        return np.stack(squares), np.array(labels, np.int64)


def redrawn(square: Squares, dice: np.random.Generator, turns: bool) -> Squares:
    """The drawing as another pen, scanner and page might have left it.

    The move keeps the size within a tenth and the turn within a few degrees: random cut-outs and
    rotations cost retrieval of line drawings dearly. Lines become a pixel wider or paler.
    """
    size = square.shape[0]
    picture = Image.fromarray(square)
    angle = np.deg2rad(dice.normal(0, 3)) if turns else 0.0
    scale = np.exp(dice.uniform(-0.1, 0.1))
    mirror = -1.0 if turns and dice.random() < 0.5 else 1.0
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    a, b, d, e = mirror * cos, -sin, mirror * sin, cos
    middle = size / 2
    across, down = dice.normal(0, 0.02, 2) * size
    matrix = (a, b, middle + across - a * middle - b * middle, d, e, middle + down - d * middle - e * middle)
    picture = picture.transform(
        (size, size), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC, fillcolor=255
    )
    pen = dice.random()
    if pen < 0.2:
        picture = picture.filter(ImageFilter.MinFilter(3))
    elif pen < 0.3:
        picture = picture.filter(ImageFilter.BoxBlur(1))
    ink = (255.0 - np.asarray(picture, np.float32)) / 255
    ink = np.clip(ink, 0, 1) ** float(np.exp(dice.normal(0, 0.25)))
    if dice.random() < 0.3:
        wide, high = (dice.uniform(0.1, 0.3, 2) * size).astype(int)
        left, top = int(dice.integers(0, size - wide)), int(dice.integers(0, size - high))
        ink[top : top + high, left : left + wide] = 0
    if dice.random() < 0.25:
        ink = ink + dice.standard_normal(ink.shape, dtype=np.float32) * float(dice.uniform(0, 0.08))
    redrawn: Squares = np.rint(255 * (1 - np.clip(ink, 0, 1))).astype(np.uint8)
    return redrawn


def patents_of(pictures: Pictures) -> npt.NDArray[np.str_]:
    """The patent of each picture."""
    return np.array([one.patent for one in pictures.listed])


def measured(vectors: npt.NDArray[np.float32], patents: npt.NDArray[np.str_]) -> dict[str, float]:
    """mAP and R@1 of unit rows, same patent relevant, a drawing never looked for by itself."""
    precisions, firsts = [], []
    for place in range(len(patents)):
        order = np.argsort(-(vectors @ vectors[place]), kind="stable")
        right = patents[order[order != place]] == patents[place]
        if right.any():
            ranks = np.arange(1, len(right) + 1)
            precisions.append(float((np.cumsum(right) / ranks)[right].mean()))
            firsts.append(float(right[0]))
    if not precisions:
        raise SystemExit("No drawing held back has another of its patent: nothing can be measured.")
    return {
        "mAP": round(float(np.mean(precisions)), 4),
        "R@1": round(float(np.mean(firsts)), 4),
        "queries": len(firsts),
    }
