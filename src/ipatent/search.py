"""Search: a query becomes vectors and words, each part finds candidates, and fusion ranks them.

1. *Encode.* Text and picture become vectors; a known figure (`like`) brings its own.
2. *Gather.* Each part with a say finds its best `candidates` figures in the whole index. Their
   union is the pool: a figure that is only second best everywhere is not lost.
3. *Score* the whole pool under every part, and *fuse* (see `ipatent.fuse`).
4. *Rank* by fused score; equal scores by figure id, so that the same query always gives the same
   list.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ipatent.encode import Encoder
from ipatent.encode.matching import check_encoder
from ipatent.errors import IndexProblem, NotFound, QueryError
from ipatent.fuse import Fused, fuse, part_weights
from ipatent.index import Candidates, Index, Rows, Scores
from ipatent.patents import Contribution, Figure, Hit, PartName, Patent, Query, Results, Vectors
from ipatent.publication import PublicationNumber
from ipatent.sheets import clean_picture

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One part of a query: how it finds figures, and how it scores given ones."""

    find: Callable[[int], Candidates]
    score: Callable[[Rows], Scores]


def search(
    query: Query,
    index: Index,
    encoder: Encoder,
    candidates: int = 1000,
    max_k: int = 10_000,
    max_query_chars: int = 2000,
) -> Results:
    """Rank the figures of `index` for `query`, best first, at most `query.k`.

    A picture ranks every figure; words alone find the figures that hold them and those with
    captions of similar meaning. Raises QueryError when the query is empty or over a limit, NotFound
    when `query.like` is unknown, and EncoderMismatch when another encoder filled the index.

    A hit's evidence names every part, also one whose weight is 0, except those that had nothing to
    compare with (a figure without a caption has no "caption").
    """
    started = time.perf_counter()
    _check(query, max_k, max_query_chars)
    status = index.status()
    if status.encoder:
        check_encoder(status.encoder, encoder.spec)
    parts, seconds_encoding = _parts(query, index, encoder)
    for _ in range(_ATTEMPTS):
        generation = index.generation()
        try:
            hits, pool = _ranked(query, index, parts, max(candidates, query.k))
        except NotFound:
            # A figure that was found has been replaced or deleted before it could be read.
            if index.generation() == generation:
                raise
            continue
        return Results(
            hits=hits,
            candidates=pool,
            searched=status.figures,
            generation=generation,
            encoder=encoder.spec.name,
            seconds=time.perf_counter() - started,
            seconds_encoding=seconds_encoding,
        )
    raise IndexProblem("The index is changing faster than it can be searched.", "Search again in a moment.")


def _check(query: Query, max_k: int, max_query_chars: int) -> None:
    if not query.text.strip() and query.picture is None and not query.like:
        raise QueryError("The query is empty.", "Type some words, add a picture, or do both.")
    if not 1 <= query.k <= max_k:
        raise QueryError(f"k is {query.k}; it must lie between 1 and {max_k}.", "Ask for fewer results.")
    if len(query.text) > max_query_chars:
        raise QueryError(
            f"The text has {len(query.text):,} characters; the longest allowed is {max_query_chars:,}.",
            "Shorten it to the words that matter, or raise the setting max_query_chars.",
        )
    if not 0.0 <= query.text_weight <= 1.0:
        raise QueryError(f"The text weight is {query.text_weight}; it must lie between 0 and 1.")
    if query.picture is not None and not query.picture.size:
        raise QueryError("The picture to search with has no pixels.", "Draw the box anew.")


def _parts(query: Query, index: Index, encoder: Encoder) -> tuple[dict[PartName, _Part], float]:
    """The parts of the query, and the seconds that encoding took."""
    text = query.text.strip()
    parts: dict[PartName, _Part] = {}
    seconds = 0.0

    def encoded(encode: Callable[[], Vectors]) -> Vectors:
        nonlocal seconds
        started = time.perf_counter()
        vectors = encode()
        seconds += time.perf_counter() - started
        return vectors

    pictures: list[Vectors] = []
    if query.like:
        pictures.append(index.image_vector(query.like))
    if query.picture is not None:
        picture = query.picture
        pictures.append(encoded(lambda: encoder.encode_pictures([clean_picture(picture)])))
    if pictures:
        parts["image"] = _images(index, pictures[0] if len(pictures) == 1 else _between(pictures))
    if text:
        parts["words"] = _Part(
            lambda limit: index.matching_words(text, limit), lambda rows: index.word_scores(text, rows)
        )
        if not _is_publication_number(text):  # which has no meaning beyond itself
            caption = encoded(lambda: encoder.encode_captions([text]))
            if caption.any():
                parts["caption"] = _Part(
                    lambda limit: index.nearest_captions(caption, limit),
                    lambda rows: index.caption_scores(caption, rows),
                )
            if encoder.spec.has_text_tower:
                parts["tower"] = _images(index, encoded(lambda: encoder.encode_text_as_picture([text])))
    return parts, seconds


def _is_publication_number(text: str) -> bool:
    try:
        PublicationNumber.parse(text)
    except ValueError:
        return False
    return True


def _images(index: Index, vector: Vectors) -> _Part:
    return _Part(
        lambda limit: index.nearest_images(vector, limit), lambda rows: index.image_scores(vector, rows)
    )


def _between(vectors: list[Vectors]) -> Vectors:
    total: Vectors = np.sum(np.concatenate(vectors), axis=0, keepdims=True)
    length = np.linalg.norm(total)
    return (total / length).astype(np.float32) if length else total


def _ranked(
    query: Query, index: Index, parts: dict[PartName, _Part], limit: int
) -> tuple[tuple[Hit, ...], int]:
    weights = part_weights(tuple(parts), query.text_weight)
    found = [part.find(limit).rows for name, part in parts.items() if weights[name]]
    pool: Rows = np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)
    if not len(pool):
        return (), 0
    raw = {name: part.score(pool) for name, part in parts.items()}
    fused = fuse(raw, query.text_weight)
    best = _best(fused.scores, query.k)
    pairs = zip(best, index.figures_at(pool[best]), strict=True)
    ordered = sorted(pairs, key=lambda pair: (-fused.scores[pair[0]], _natural(pair[1][0])))
    hits = (
        _hit(rank, int(at), pair, raw, fused) for rank, (at, pair) in enumerate(ordered[: query.k], start=1)
    )
    return tuple(hits), len(pool)


def _best(
    scores: np.ndarray[tuple[int], np.dtype[np.float64]], k: int
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Places of the k highest scores and of all that equal the k-th, so that ids decide among them."""
    if len(scores) <= k:
        return np.arange(len(scores))
    least = np.partition(scores, len(scores) - k)[len(scores) - k]
    return np.flatnonzero(scores >= least)


def _natural(figure: Figure) -> tuple[str, int, int, str]:
    """Figures in the order of their ids, with 2 before 10."""
    last = figure.id.rpartition("/")[2]
    return figure.patent_id, figure.sheet, int(last) if last.isdecimal() else 0, figure.id


def _hit(rank: int, at: int, pair: tuple[Figure, Patent], raw: dict[PartName, Scores], fused: Fused) -> Hit:
    return Hit(
        figure=pair[0],
        patent=pair[1],
        rank=rank,
        score=float(fused.scores[at]),
        evidence=tuple(
            Contribution(part, float(raw[part][at]), float(fused.calibrated[part][at]), fused.weights[part])
            for part in raw
            if not np.isnan(raw[part][at])
        ),
    )
