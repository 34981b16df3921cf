"""Tasks that only compare pictures: by cosine over the whole collection, exactly."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from ipatent.encode import Encoder
from ipatent.errors import QueryError
from ipatent.evaluate import Answer, Topic
from ipatent.evaluate.collection import Collection
from ipatent.fuse import Reals, standing_out
from ipatent.index import Rows, Scores
from ipatent.patents import Box, Pixels, Vectors
from ipatent.query import SecondLook
from ipatent.rerank import (
    AMONG_THE_BEST,
    among_the_best,
    best_places,
    expanded_unlike_itself,
    with_siblings,
)

LEAST_INK = 0.25
"""The least share of a figure's ink that a cut-out of it has."""
_TRIES = 40
_INK = 128

Rank = Callable[[Vectors, Vectors, Rows], Scores | Reals]
"""Scores (n,) of the figures `rows` for a query (dimension,), given all vectors."""


def cosine(vectors: Vectors, query: Vectors, rows: Rows) -> Scores:
    """How alike each of `rows` is to the query."""
    scores: Scores = vectors[rows] @ query
    return scores


def second_looks(collection: Collection, names: tuple[SecondLook, ...]) -> Rank:
    """A ranking by cosine with these second looks, as the search takes them.

    Raises QueryError for "patches", which need more than vectors.
    """
    if "patches" in names:
        raise QueryError(
            "This measures second looks at vectors; patches need more than those.",
            "Leave out patches; docs/quality.md has their numbers.",
        )
    owners = np.unique([figure.patent_id for figure in collection.figures], return_inverse=True)[1]

    def rank(vectors: Vectors, query: Vectors, rows: Rows) -> Reals:
        pool = vectors[rows]
        if "expansion" in names:
            query = expanded_unlike_itself(query[None], pool)[0]
        raw: Scores = pool @ query
        calibrated = standing_out(raw)
        if AMONG_THE_BEST.intersection(names):
            places = best_places(calibrated)
            calibrated = among_the_best(names, calibrated, raw, places, pool[places])
        return with_siblings(calibrated, owners[rows]) if "siblings" in names else calibrated

    return rank


def reid(collection: Collection, vectors: Vectors, rank: Rank = cosine) -> Iterator[Answer]:
    """Each figure asks for the others of its patent, among all but itself (leave one out).

    Figures that are the only one of their patent ask nothing.
    """
    names = [figure.id for figure in collection.figures]
    owners = [figure.patent_id for figure in collection.figures]
    everything = np.arange(len(vectors))
    return same_owner(names, owners, vectors, everything, everything, rank)


def same_owner(
    all_names: Sequence[str],
    all_owners: Sequence[str],
    vectors: Vectors,
    queries: Rows,
    database: Rows,
    rank: Rank = cosine,
) -> Iterator[Answer]:
    """Each picture of `queries` asks for those of its owner in the `database` other than itself."""
    names, owners = np.array(all_names), np.array(all_owners)
    for place in queries.tolist():
        rows = database[database != place]
        relevant = rows[owners[rows] == owners[place]]
        if not len(relevant):
            continue
        topic = Topic(
            id=str(names[place]),
            group=str(owners[place]),
            relevant={str(name): 1 for name in names[relevant]},
            figure=str(names[place]),
        )
        yield Answer(topic, _ranked(rank(vectors, vectors[place], rows), names[rows]))


def family(collection: Collection, vectors: Vectors, rank: Rank = cosine) -> Iterator[Answer]:
    """Each figure asks for those of other patents of its family; its own patent is left out.

    Patents without a known family, or alone in it, ask nothing.
    """
    names = np.array([figure.id for figure in collection.figures])
    owners = np.array([figure.patent_id for figure in collection.figures])
    families = np.array([collection.family(owner) for owner in owners])
    for place in range(len(names)):
        if not families[place]:
            continue
        rows = np.flatnonzero(owners != owners[place])
        relevant = rows[families[rows] == families[place]]
        if len(relevant):
            topic = Topic(
                id=str(names[place]),
                group=str(families[place]),
                relevant={str(name): 1 for name in names[relevant]},
                figure=str(names[place]),
            )
            yield Answer(topic, _ranked(rank(vectors, vectors[place], rows), names[rows]))


def region(
    collection: Collection,
    vectors: Vectors,
    encoder: Encoder,
    queries: int,
    seed: int,
    rank: Rank = cosine,
) -> Iterator[Answer]:
    """Cut-outs with at least a quarter of a figure's ink ask for the figure they come from.

    `queries` figures are drawn, and the boxes in them; the same seed gives the same ones.
    """
    names = np.array([figure.id for figure in collection.figures])
    everything = np.arange(len(names))
    for place in chosen(len(names), queries, seed):
        figure = collection.figures[place]
        pixels = collection.picture(figure)
        box = cut_box(pixels, np.random.default_rng((seed, place)))
        vector = encoder.encode_pictures([box.cut(pixels)])[0]
        topic = Topic(
            id=figure.id, group=figure.patent_id, relevant={figure.id: 1}, figure=figure.id, box=box
        )
        yield Answer(topic, _ranked(rank(vectors, vector, everything), names))


def chosen(count: int, most: int, seed: int) -> list[int]:
    """At most `most` of `count` places, drawn without putting back, in order."""
    if most >= count:
        return list(range(count))
    return sorted(int(n) for n in np.random.default_rng(seed).choice(count, most, replace=False))


def cut_box(pixels: Pixels, dice: np.random.Generator) -> Box:
    """A random box of 35 to 75 % of each side that holds at least a quarter of the ink.

    Of boxes that all hold less, the fullest of 40 is taken.
    """
    grey = pixels if pixels.ndim == 2 else pixels.min(axis=2)
    height, width = grey.shape
    ink = grey < _INK
    total = max(int(ink.sum()), 1)
    best, fullest = Box(0, 0, width, height), -1.0
    for _ in range(_TRIES):
        wide, high = (max(1, round(side * float(dice.uniform(0.35, 0.75)))) for side in (width, height))
        box = Box(int(dice.integers(width - wide + 1)), int(dice.integers(height - high + 1)), wide, high)
        share = float(box.cut(ink.view(np.uint8)).sum(dtype=np.int64)) / total
        if share >= LEAST_INK:
            return box
        if share > fullest:
            best, fullest = box, share
    return best


def _ranked(scores: Scores | Reals, names: npt.NDArray[np.str_]) -> tuple[str, ...]:
    """Names by falling score; equal scores in the order of the names, so that nothing is left to chance."""
    return tuple(names[np.lexsort((names, -scores.astype(np.float64)))].tolist())
