"""Benchmarks whose queries and database are given as lists of picture files, as DeepPatent's are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ipatent.encode import Encoder
from ipatent.errors import PictureError, SourceError
from ipatent.evaluate import Answer
from ipatent.evaluate.likeness import same_owner
from ipatent.patents import Pixels, Vectors
from ipatent.pictures import open_picture
from ipatent.sheets import clean_picture
from ipatent.sources.names import picture_group

_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Listed:
    """A picture that a list names: its path there, and the label of its patent."""

    path: str
    label: str


def read_list(path: Path) -> tuple[Listed, ...]:
    """The pictures of a list: each line a path, and a label that pictures of one patent share.

    Without a label, the file's name tells its patent. Raises SourceError when the list cannot be
    read or is empty.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"The list {path} cannot be read: {error}.", "Check its path.") from None
    found = []
    for line in filter(None, map(str.strip, lines)):
        name, _, label = line.partition(" ")
        found.append(Listed(name, label.strip() or picture_group(Path(name))))
    if not found:
        raise SourceError(f"The list {path} names no picture.", "Each line is a path and a label.")
    return tuple(found)


def reid_by_lists(
    folder: Path, queries: Sequence[Listed], database: Sequence[Listed], encoder: Encoder, max_pixels: int
) -> Iterator[Answer]:
    """Each query asks for the database's pictures with its label (Kucer et al., DeepPatent, 2022).

    Paths are below `folder`. A picture is compared as it would be in a search: header and figure
    labels off, cut to its ink. One that stands in both lists is not looked for by itself. Raises
    SourceError for a picture that is missing or cannot be read.
    """
    places = {one.path: place for place, one in enumerate(dict.fromkeys((*database, *queries)))}
    every = list(places)
    owners = {one.path: one.label for one in (*database, *queries)}
    vectors = _encoded(folder, every, encoder, max_pixels)
    return same_owner(
        every,
        [owners[path] for path in every],
        vectors,
        np.array([places[one.path] for one in dict.fromkeys(queries)], np.int64),
        np.array([places[one.path] for one in dict.fromkeys(database)], np.int64),
    )


def _encoded(folder: Path, paths: Sequence[str], encoder: Encoder, max_pixels: int) -> Vectors:
    blocks = [
        encoder.encode_pictures([_picture(folder, path, max_pixels) for path in paths[at : at + _AT_ONCE]])
        for at in range(0, len(paths), _AT_ONCE)
    ]
    return np.concatenate(blocks)


def _picture(folder: Path, path: str, max_pixels: int) -> Pixels:
    try:
        return clean_picture(open_picture((folder / path).read_bytes(), max_pixels))
    except OSError as error:
        raise SourceError(
            f"The list names {path}, which cannot be read in {folder}: {error.strerror or error}.",
            "Name the folder that the paths of the list begin in.",
        ) from None
    except PictureError as error:
        raise SourceError(f"{folder / path}: {error.message}", error.advice) from None
