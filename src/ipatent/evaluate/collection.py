"""What is evaluated: the figures of an index, with their pictures, patents and, if known, families."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ipatent.encode import Encoder
from ipatent.errors import EmptyIndex, SourceError
from ipatent.index import Index
from ipatent.objects import Objects
from ipatent.patents import Figure, Numeral, Patent, Pixels, Vectors
from ipatent.pictures import open_picture

_AT_ONCE = 16
_EVERY = 1_000_000_000
_RIM = 3
"""Pixels around a numeral that are painted over with it."""


@dataclass(frozen=True, slots=True, eq=False)
class Collection:
    """All figures of an index in the order of their ids, with their stored vectors (n, image_dim)."""

    name: str
    index: Index
    encoder: Encoder
    objects: Objects
    max_pixels: int
    figures: tuple[Figure, ...]
    patents: Mapping[str, Patent]
    vectors: Vectors
    truths: Mapping[str, Mapping[str, Any]]
    """What the generator tells of its patents, by patent id; empty for real ones."""
    synonyms: bool = False
    """Whether searches by words are widened by synonyms."""

    def family(self, patent_id: str) -> str:
        """The family of a patent: as generated, else as its source says; empty where not known."""
        if truth := self.truths.get(patent_id):
            return str(truth["family"])
        return self.patents[patent_id].family

    def picture(self, figure: Figure) -> Pixels:
        """The drawing as stored. Raises NotFound, PictureError."""
        return open_picture(self.objects.get(figure.image), self.max_pixels)


def open_collection(
    name: str, index: Index, encoder: Encoder, objects: Objects, max_pixels: int, truths: Path | None = None
) -> Collection:
    """All that `index` holds; `truths` is a folder with the generator's `*.truth.json`.

    Raises EmptyIndex when there is no figure, SourceError for a truth that cannot be read.
    """
    rows = index.newest(_EVERY).rows
    if not len(rows):
        raise EmptyIndex("There is nothing to evaluate: the index holds no figure.", "Ingest patents first.")
    pairs = index.figures_at(rows)
    vectors = index.image_vectors_at(rows)
    order = sorted(range(len(pairs)), key=lambda n: _natural(pairs[n][0]))
    return Collection(
        name=name,
        index=index,
        encoder=encoder,
        objects=objects,
        max_pixels=max_pixels,
        figures=tuple(pairs[n][0] for n in order),
        patents={patent.id: patent for _, patent in pairs},
        vectors=vectors[order],
        truths=read_truths(truths) if truths else {},
    )


def read_truths(folder: Path) -> dict[str, dict[str, Any]]:
    """What is known of the generated patents in a folder, by patent id; empty where there are none."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.truth.json")) if folder.is_dir() else ():
        try:
            truth = json.loads(path.read_text(encoding="utf-8"))
            found[str(truth["number"])] = {"family": truth["family"], "kind": truth["kind"], **truth}
        except (OSError, ValueError, KeyError, TypeError):
            raise SourceError(
                f"{path} is not the truth of a generated patent.", "Write the patents anew: ipatent sample."
            ) from None
    return found


def encoded(collection: Collection, encoder: Encoder, numerals: bool = True) -> Vectors:
    """The figures' vectors (n, image_dim) under `encoder`, from the stored drawings.

    Without `numerals`, those that were read are painted over first. What the index holds is used
    where it is the same. Raises NotFound when a drawing is missing from the store.
    """
    if numerals and encoder.spec == collection.encoder.spec:
        return collection.vectors
    blocks = []
    for at in range(0, len(collection.figures), _AT_ONCE):
        some = collection.figures[at : at + _AT_ONCE]
        pictures = [collection.picture(figure) for figure in some]
        if not numerals:
            pictures = [
                without_numerals(p, figure.numerals) for p, figure in zip(pictures, some, strict=True)
            ]
        blocks.append(encoder.encode_pictures(pictures))
    return np.concatenate(blocks)


def without_numerals(pixels: Pixels, numerals: Sequence[Numeral]) -> Pixels:
    """The drawing with white paper where its numerals were read; a copy."""
    clean = pixels.copy()
    for numeral in numerals:
        box = numeral.box
        clean[max(box.y - _RIM, 0) : box.bottom + _RIM, max(box.x - _RIM, 0) : box.right + _RIM] = 255
    return clean


def _natural(figure: Figure) -> tuple[str, int, int, str]:
    last = figure.id.rpartition("/")[2]
    return figure.patent_id, figure.sheet, int(last) if last.isdecimal() else 0, figure.id
