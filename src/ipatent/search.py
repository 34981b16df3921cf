"""Search: a query becomes vectors and words, each part finds candidates, and fusion ranks them.

1. *Encode.* Words and pictures become vectors; a known figure (`like`) brings its own.
2. *Narrow.* Filters, and text that is an expression, say which figures may be found at all. Every
   part looks among these only, so that as many come as there are.
3. *Gather.* Each part with a say finds its best `candidates` figures. Their union is the pool: a
   figure that is only second best everywhere is not lost. Where a patent must show several views,
   all its figures join.
4. *Score* the whole pool under every part, look again at the pictures where that is asked for (see
   `ipatent.rerank`), and *fuse* (see `ipatent.fuse`).
5. *Rank* by fused score; equal scores by figure id, so that the same query always gives the same
   list. Filters alone list the newest publications first.
6. *Collapse* hits that show the same drawing, and judge where the relevant ones end.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ipatent.duplicates import alone, same_drawings
from ipatent.encode import Encoder
from ipatent.encode.matching import check_encoder
from ipatent.errors import IndexProblem, NotFound, QueryError
from ipatent.facets import BEST
from ipatent.fuse import Fused, Part, by_meaning, by_views, by_words, fuse, part_weights
from ipatent.index import Candidates, Index, IndexStatus, Rows, Scores, Within
from ipatent.matched import matched_words
from ipatent.patches import BEST as LOOKED_CLOSER_AT
from ipatent.patches import CloserLook, looked_closer
from ipatent.patents import Figure, Patent, Pixels, Vectors
from ipatent.publication import PublicationNumber
from ipatent.query import MOST_EXAMPLES, Contribution, Example, Hit, MatchedWord, PartName, Query, Results
from ipatent.relevance import relevant_until
from ipatent.rerank import (
    AMONG_THE_BEST,
    among_the_best,
    best_places,
    expanded_unlike_itself,
    with_siblings,
)
from ipatent.sheets import clean_picture, turned_versions
from ipatent.stages import StageName, stage
from ipatent.synonyms import WEIGHT, Widened, of_index, widened
from ipatent.wording import Wording, leaves, read_wording

_ATTEMPTS = 5
_LOOKED_UP = 8
"""Nearest figures among which the one is sought that a picture is drawn towards: the first may be copies."""
_TURNED = 0.02
"""How much more alike a figure must be to a picture turned by quarters than to it as it was given."""


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One part of a query: how it finds figures (not at all, where it speaks against), and scores them."""

    find: tuple[Callable[[int], Candidates], ...]
    score: Callable[[Rows, Rows | None], Part]


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """A query made ready: what may be found, and the parts that rank it."""

    query: Query
    wording: Wording
    within: Within
    sides: dict[PartName, _Side]
    weights: dict[PartName, float]
    agreeing: bool
    """Whether a patent must show several views, so that all its figures are looked at."""
    seconds_encoding: float
    closer: CloserLook | None = None
    """What compares place by place, where that is asked for."""
    others: Widened | None = None
    """Other words for those of the query, where they are asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class _Ranking:
    """Figures in order, at most those of the pool."""

    pool: int
    rows: Rows
    fused: Fused | None
    at: Rows
    """Places in `fused` of `rows`."""
    figures: Sequence[tuple[Figure, Patent]]
    groups: list[list[int]]


def search(
    query: Query,
    index: Index,
    encoder: Encoder,
    candidates: int = 1000,
    max_k: int = 10_000,
    max_query_chars: int = 2000,
    closer: Callable[[], CloserLook] | None = None,
) -> Results:
    """Rank the figures of `index` for `query`, best first, at most `query.k` from `query.offset` on.

    A picture ranks every figure that the filters let through; plain words alone find the figures that
    hold them and those with captions of similar meaning; an expression is kept strictly by everything
    that is found. Raises QueryError when the query is empty, cannot be read or is over a limit,
    NotFound when a figure to search by is unknown, and EncoderMismatch when another encoder filled
    the index. Pages of one answer fit together up to `candidates` hits; deeper ones are drawn from a
    larger pool, which may shift fused scores a little.

    `closer` opens what the second look "patches" needs; without it, asking for that is a QueryError.

    A hit's evidence names every part, also one whose weight is 0, except those that had nothing to
    compare with (a figure without a caption has no "caption").
    """
    started = time.perf_counter()
    _check(query, max_k, max_query_chars)
    status = index.status()
    if status.encoder:
        check_encoder(status.encoder, encoder.spec)
    plan = _planned(query, index, encoder)
    if "patches" in query.rerank and "image" in plan.sides:
        if closer is None:
            raise QueryError("Patches cannot be compared here.", "Leave out rerank=patches.")
        plan = replace(plan, closer=closer())
    for _ in range(_ATTEMPTS):
        generation = index.generation()
        try:
            return _answered(plan, index, encoder, status, generation, candidates, started)
        except NotFound:
            # A figure that was found has been replaced or deleted before it could be read.
            if index.generation() == generation:
                raise
    raise IndexProblem("The index is changing faster than it can be searched.", "Search again in a moment.")


def _check(query: Query, max_k: int, max_query_chars: int) -> None:
    text, less = query.text.strip(), query.less.strip()
    if not (text or any(not each.against for each in query.examples) or query.filters):
        if less or query.examples:
            raise QueryError(
                "The query only says what hits should not be like.", "Add words or a picture to look for."
            )
        raise QueryError("The query is empty.", "Type some words, add a picture, or do both.")
    if query.k < 1 or query.offset < 0 or query.offset + query.k > max_k:
        asked = f"k is {query.k}" if not query.offset else f"offset + k is {query.offset + query.k}"
        raise QueryError(f"{asked}; it must lie between 1 and {max_k}.", "Ask for fewer results.")
    for words in (query.text, query.less):
        if len(words) > max_query_chars:
            raise QueryError(
                f"The text has {len(words):,} characters; the longest allowed is {max_query_chars:,}.",
                "Shorten it to the words that matter, or raise the setting max_query_chars.",
            )
    if not 0.0 <= query.text_weight <= 1.0:
        raise QueryError(f"The text weight is {query.text_weight}; it must lie between 0 and 1.")
    weights = query.weights
    for name in ("words", "caption", "tower", "image") if weights else ():
        value = getattr(weights, name)
        if not (math.isfinite(value) and value >= 0):
            raise QueryError(f"The weight of {name} is {value}; it must be 0 or more.")
    for against in (False, True):
        count = sum(each.against == against for each in query.examples)
        if count > MOST_EXAMPLES:
            raise QueryError(
                f"The query has {count} pictures {'against' if against else 'to look for'};"
                f" at most {MOST_EXAMPLES} are allowed.",
                "Leave some out.",
            )
    for each in query.examples:
        if (each.picture is None) == (not each.like):
            raise QueryError("An example must be either a picture or the id of a figure.")
        if each.picture is not None and not each.picture.size:
            raise QueryError("The picture to search with has no pixels.", "Draw the box anew.")


def _planned(query: Query, index: Index, encoder: Encoder) -> _Plan:
    seconds = 0.0

    def encoded(encode: Callable[[], Vectors]) -> Vectors:
        nonlocal seconds
        started = time.perf_counter()
        with stage("encode"):
            vectors = encode()
        seconds += time.perf_counter() - started
        return vectors

    def vector(example: Example) -> Vectors:
        picture = example.picture
        if picture is None:
            return index.image_vector(example.like)
        ways = turned_versions(picture) if example.any_way_up else (clean_picture(picture),)
        return encoded(lambda: encoder.encode_pictures(ways))

    wording = read_wording(query.text.strip())
    within = Within(query.filters, wording.expression)
    sides: dict[PartName, _Side] = {}
    others: Widened | None = None
    views = [vector(each) for each in query.examples if not each.against]
    if "expansion" in query.rerank:
        views = [_expanded(index, view, within) for view in views]
    if views:
        sides["image"] = _Side(
            tuple(_nearest(index, way[None], within) for view in views for way in view),
            lambda rows, patents: by_views(
                [_any_way(index, view, rows) for view in views], patents, query.combine
            ),
        )
    if wording.text and (wording.expression is None or leaves(wording.expression)):
        others = widened(wording, of_index(index)) if query.synonyms else None
        sides["words"] = _words_side(wording, others, index, within)
        if wording.meaning and not _is_publication_number(wording.text):  # which means nothing beyond itself
            caption = encoded(lambda: encoder.encode_captions([wording.meaning]))
            if caption.any():
                sides["caption"] = _Side(
                    (lambda limit: index.nearest_captions(caption, limit, within),),
                    lambda rows, _: by_meaning(index.caption_scores(caption, rows)),
                )
            if encoder.spec.has_text_tower:
                tower = encoded(lambda: encoder.encode_text_as_picture([wording.meaning]))
                sides["tower"] = _Side(
                    (_nearest(index, tower, within),),
                    lambda rows, _: by_meaning(index.image_scores(tower, rows)),
                )
    if sides:
        sides.update(_against(query, index, vector))
    weights = part_weights(sides.keys(), query.text_weight, query.weights) if sides else {}
    agreeing = query.combine == "all" and len(views) > 1
    return _Plan(query, wording, within, sides, weights, agreeing, seconds, others=others)


def _words_side(wording: Wording, others: Widened | None, index: Index, within: Within) -> _Side:
    """Words, and at a lower weight other words for them."""
    if others is None:
        return _Side(
            (lambda limit: index.matching_words(wording, limit, within),),
            lambda rows, _: by_words(index.word_scores(wording, rows)),
        )
    also = others.wording
    return _Side(
        (
            lambda limit: index.matching_words(wording, limit, within),
            lambda limit: index.matching_words(also, limit, within),
        ),
        lambda rows, _: by_words(index.word_scores(wording, rows) + WEIGHT * index.word_scores(also, rows)),
    )


def _against(query: Query, index: Index, vector: Callable[[Example], Vectors]) -> dict[PartName, _Side]:
    """The parts that speak against a figure: they find none, but lower what others find."""
    sides: dict[PartName, _Side] = {}
    unlike = [vector(each) for each in query.examples if each.against]
    if unlike:
        sides["unlike"] = _Side(
            (),
            lambda rows, _: by_views([_any_way(index, view, rows) for view in unlike], None, "any"),
        )
    if query.less.strip():
        less = read_wording(query.less.strip())
        sides["without"] = _Side((), lambda rows, _: by_words(index.word_scores(less, rows)))
    return sides


def _any_way(index: Index, ways: Vectors, rows: Rows) -> Scores:
    """How alike figures are to a picture, (n,), the best of its ways up (ways, image_dim) counting."""
    scores = index.image_scores(ways[:1], rows)
    for way in ways[1:]:
        scores = np.maximum(scores, index.image_scores(way[None], rows) - _TURNED)
    return scores


def _expanded(index: Index, ways: Vectors, within: Within) -> Vectors:
    """A picture's ways up (ways, image_dim), the one with the best match drawn towards that match."""
    found = [index.nearest_images(way[None], _LOOKED_UP, within) for way in ways]
    best = [each.scores.max(initial=-1.0) - (_TURNED if n else 0.0) for n, each in enumerate(found)]
    at = int(np.argmax(best))
    moved = ways.copy()
    moved[at] = expanded_unlike_itself(ways[at : at + 1], index.image_vectors_at(found[at].rows))[0]
    return moved


def _looked_again(plan: _Plan, index: Index, pool: Rows, part: Part) -> Part:
    """The part "image" of the figures `pool` after the second looks that the query asks for."""
    names = plan.query.rerank
    calibrated = part.calibrated
    if AMONG_THE_BEST.intersection(names) and not plan.agreeing:
        places = best_places(calibrated)
        vectors = index.image_vectors_at(pool[places])
        calibrated = among_the_best(names, calibrated, part.raw, places, vectors)
    if plan.closer:
        places = best_places(calibrated)[:LOOKED_CLOSER_AT]
        figures = [figure for figure, _ in index.figures_at(pool[places])]
        views = [_seen(each, index) for each in plan.query.examples if not each.against]
        alike = plan.closer.likeness(views, figures)
        calibrated = looked_closer(calibrated, part.raw, places, alike)
    if "siblings" in names:
        every, owners = index.siblings(pool, plan.within)
        calibrated = with_siblings(calibrated, owners[np.searchsorted(every, pool)])
    return replace(part, calibrated=calibrated)


def _seen(example: Example, index: Index) -> Pixels | Figure:
    """What of an example is compared place by place: an indexed figure, or a picture as it is cleaned."""
    return index.figure(example.like) if example.picture is None else clean_picture(example.picture)


def _nearest(index: Index, vector: Vectors, within: Within) -> Callable[[int], Candidates]:
    return lambda limit: index.nearest_images(vector, limit, within)


def _is_publication_number(text: str) -> bool:
    try:
        PublicationNumber.parse(text)
    except ValueError:
        return False
    return True


def _answered(
    plan: _Plan,
    index: Index,
    encoder: Encoder,
    status: IndexStatus,
    generation: int,
    candidates: int,
    started: float,
) -> Results:
    query = plan.query
    size = index.size(plan.within)
    wanted = query.offset + query.k
    limit = candidates
    while limit < wanted:
        limit *= 2
    ranking = _ranked(plan, index, limit, wanted)
    while len(ranking.groups) < wanted and limit <= ranking.pool < size.figures:
        # So many were collapsed that the pool is used up.
        limit *= 2
        ranking = _ranked(plan, index, limit, wanted)
    hits = _hits(plan, ranking)
    with stage("facets"):
        facets = index.facets(plan.within, ranking.rows[:BEST], query.facets) if query.facets else None
    return Results(
        hits=hits,
        candidates=ranking.pool,
        searched=status.figures,
        generation=generation,
        encoder=encoder.spec.name,
        seconds=time.perf_counter() - started,
        seconds_encoding=plan.seconds_encoding,
        matching=size.figures,
        undated=size.undated,
        offset=query.offset,
        more=len(ranking.groups) > wanted,
        relevant_until=_line(ranking, encoder),
        index=status.identity,
        facets=facets,
    )


def _ranked(plan: _Plan, index: Index, limit: int, wanted: int) -> _Ranking:
    """The pool in order, with as many figures looked up as it takes for `wanted` hits."""
    if not plan.sides:
        rows = index.newest(limit + 1, plan.within).rows
        return _looked_up(plan, index, _Ranking(len(rows), rows, None, np.arange(len(rows)), (), []), wanted)
    found = []
    for name, side in plan.sides.items():
        with stage(_stage_of(name)):
            found += [find(limit).rows for find in side.find if plan.weights[name]]
    pool: Rows = np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)
    patents: Rows | None = None
    if plan.agreeing and len(pool):
        pool, patents = index.siblings(pool, plan.within)
    if not len(pool):
        return _Ranking(0, pool, None, pool, (), [])
    parts: dict[PartName, Part] = {}
    for name, side in plan.sides.items():
        with stage(_stage_of(name)):
            parts[name] = side.score(pool, patents)
    with stage("fuse"):
        if plan.query.rerank and "image" in parts:
            parts["image"] = _looked_again(plan, index, pool, parts["image"])
        fused = fuse(parts, plan.weights)
    order = np.lexsort((pool, -fused.sums))
    return _looked_up(plan, index, _Ranking(len(pool), pool[order], fused, order, (), []), wanted)


def _stage_of(name: PartName) -> StageName:
    return "words" if name in ("words", "without") else "nearest"


def _looked_up(plan: _Plan, index: Index, ranking: _Ranking, wanted: int) -> _Ranking:
    """The ranking with its figures read, ties put in the order of their ids, and doubles joined."""
    reach = wanted + 1
    while True:
        reach = _with_ties(ranking, reach)
        at, rows = ranking.at, ranking.rows
        with stage("figures"):
            figures: Sequence[tuple[Figure, Patent]] = index.figures_at(rows[:reach])
        fused = ranking.fused
        if fused is not None:
            sums = fused.sums[at[:reach]]
            order = sorted(range(len(figures)), key=lambda n: (-sums[n], _natural(figures[n][0])))
            figures = [figures[n] for n in order]
            at = np.concatenate([at[:reach][order], at[reach:]])
            rows = np.concatenate([rows[:reach][order], rows[reach:]])
        if not plan.query.collapse:
            groups = alone(len(figures))
        else:
            groups = same_drawings(index.image_vectors_at(rows[:reach]))
        if len(groups) > wanted or reach >= len(rows):
            return _Ranking(ranking.pool, rows, fused, at, figures, groups)
        reach = 2 * reach


def _with_ties(ranking: _Ranking, reach: int) -> int:
    """`reach`, or as much further as figures have the same score, so that ids decide among them."""
    if ranking.fused is None or reach >= len(ranking.rows):
        return min(reach, len(ranking.rows))
    sums = ranking.fused.sums[ranking.at]
    return int(np.searchsorted(-sums, -sums[reach - 1], side="right"))


def _natural(figure: Figure) -> tuple[str, int, int, str]:
    """Figures in the order of their ids, with 2 before 10."""
    last = figure.id.rpartition("/")[2]
    return figure.patent_id, figure.sheet, int(last) if last.isdecimal() else 0, figure.id


def _hits(plan: _Plan, ranking: _Ranking) -> tuple[Hit, ...]:
    first = plan.query.offset
    groups = ranking.groups[first : first + plan.query.k]
    chosen = [ranking.figures[group[0]] for group in groups]
    words: Sequence[tuple[MatchedWord, ...]] = [()] * len(groups)
    if "words" in plan.sides:
        words = matched_words(plan.wording, chosen)
        if others := plan.others:
            more = matched_words(others.wording, chosen)
            words = [own + others.told(also) for own, also in zip(words, more, strict=True)]
    return tuple(
        Hit(
            figure=figure,
            patent=patent,
            rank=first + n + 1,
            score=float(ranking.fused.scores[ranking.at[group[0]]]) if ranking.fused else 0.0,
            evidence=_evidence(ranking.fused, int(ranking.at[group[0]])) if ranking.fused else (),
            words=words[n],
            duplicates=tuple(ranking.figures[other][0] for other in group[1:]),
        )
        for n, (group, (figure, patent)) in enumerate(zip(groups, chosen, strict=True))
    )


def _line(ranking: _Ranking, encoder: Encoder) -> int | None:
    if ranking.fused is None:
        return None
    return relevant_until(ranking.fused, ranking.at, ranking.groups, encoder.spec.weights)


def _evidence(fused: Fused, at: int) -> tuple[Contribution, ...]:
    return tuple(
        Contribution(
            name, float(part.raw[at]), float(part.calibrated[at]), fused.weights[name], int(part.view[at])
        )
        for name, part in fused.parts.items()
        if not np.isnan(part.raw[at])
    )
