"""Second looks at a ranking: what they must and must not change."""

import numpy as np
import pytest

from ipatent.errors import QueryError
from ipatent.patents import Vectors
from ipatent.rerank import (
    AMONG_THE_BEST,
    SECOND_LOOKS,
    among_the_best,
    augmented,
    best_places,
    drawn_scores,
    expanded,
    expanded_unlike_itself,
    k_reciprocal,
    likenesses,
    read_second_looks,
    with_query,
    with_siblings,
)


def unit(rows: np.ndarray) -> Vectors:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def clusters(seed: int, groups: int = 6, size: int = 8, noise: float = 0.9) -> tuple[Vectors, np.ndarray]:
    """Unit rows scattered about `groups` centres, and the centre of each."""
    dice = np.random.default_rng(seed)
    centres = dice.standard_normal((groups, 24))
    label = np.repeat(np.arange(groups), size)
    return unit(centres[label] + noise * dice.standard_normal((len(label), 24))), label


def precision(scores: np.ndarray, same: np.ndarray) -> float:
    found = same[np.argsort(-scores, kind="stable")]
    ranks = np.arange(1, len(found) + 1)
    return float((np.cumsum(found) / ranks * found).sum() / found.sum())


@pytest.mark.parametrize("way", ["neighbours", "expansion", "augmentation"])
def test_looking_at_neighbours_finds_more_of_a_scattered_group(way: str) -> None:
    before, after = [], []
    for seed in range(4):
        vectors, label = clusters(seed)
        for place in range(0, len(vectors), 5):
            rows = np.delete(np.arange(len(vectors)), place)
            query, pool, same = vectors[place : place + 1], vectors[rows], label[rows] == label[place]
            before.append(precision(pool @ query[0], same))
            if way == "neighbours":
                scores = k_reciprocal(likenesses(query, pool), k=6)
            elif way == "expansion":
                scores = pool @ expanded(query, pool)[0]
            else:
                scores = augmented(pool) @ query[0]
            after.append(precision(scores, same))
    assert np.mean(after) > np.mean(before) + 0.01


def test_siblings_lift_a_patent_with_two_good_views_over_one_lucky_view() -> None:
    scores = np.array([0.80, 0.10, 0.78, 0.77, 0.20], np.float32)
    patents = np.array([7, 7, 3, 3, 3])
    assert np.argsort(-with_siblings(scores, patents, 0.5)).tolist()[:2] == [2, 3]


def test_siblings_change_nothing_where_every_patent_has_one_figure() -> None:
    scores = np.array([0.3, 0.9, 0.1], np.float32)
    np.testing.assert_allclose(with_siblings(scores, np.array([4, 2, 9])), scores, rtol=1e-6)


def test_the_order_of_the_pool_does_not_matter() -> None:
    vectors, _ = clusters(3)
    query, pool = vectors[:1], vectors[1:]
    turned = np.random.default_rng(0).permutation(len(pool))
    np.testing.assert_allclose(
        k_reciprocal(likenesses(query, pool))[turned],
        k_reciprocal(likenesses(query, pool[turned])),
        atol=1e-6,
    )


@pytest.mark.parametrize("count", [0, 1, 2])
def test_tiny_pools_are_ranked_too(count: int) -> None:
    vectors, _ = clusters(1)
    assert k_reciprocal(likenesses(vectors[:1], vectors[1 : 1 + count])).shape == (count,)
    assert expanded(vectors[:1], vectors[1 : 1 + count]).shape == (1, 24)
    assert augmented(vectors[:count]).shape == (count, 24)
    assert with_siblings(np.zeros(count, np.float32), np.arange(count)).shape == (count,)


def test_second_looks_are_taken_in_one_order_whatever_the_order_of_their_names() -> None:
    assert read_second_looks("siblings, KRECIPROCAL") == ("kreciprocal", "siblings")
    assert read_second_looks("siblings,siblings") == ("siblings",)
    assert read_second_looks("none") == read_second_looks("") == ()


@pytest.mark.parametrize("text", ["sibling", "none,siblings", "siblings;expansion"])
def test_an_unknown_second_look_is_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(QueryError) as refused:
        read_second_looks(text)
    assert all(name in refused.value.advice for name in SECOND_LOOKS)


def test_a_query_known_by_its_cosines_alone_is_looked_at_as_its_vector_would_be() -> None:
    vectors, _ = clusters(5)
    query, pool = vectors[:1], vectors[1:]
    scores = pool @ query[0]
    np.testing.assert_allclose(with_query(scores, pool), likenesses(query, pool), atol=1e-6)
    np.testing.assert_allclose(drawn_scores(scores, pool, 3), augmented(pool) @ query[0], atol=1e-6)


@pytest.mark.parametrize("name", sorted(AMONG_THE_BEST))
def test_looking_among_the_best_deals_the_same_scores_out_anew(name: str) -> None:
    vectors, _ = clusters(2)
    raw = vectors[1:] @ vectors[0]
    calibrated = (raw.astype(np.float64) + 1) / 2
    places = best_places(calibrated)
    after = among_the_best([name], calibrated, raw, places, vectors[1:][places])  # type: ignore[list-item]
    assert np.argsort(-after).tolist() != np.argsort(-calibrated).tolist()
    np.testing.assert_array_equal(np.sort(after), np.sort(calibrated))


def test_a_picture_is_not_drawn_towards_its_own_copy() -> None:
    vectors, _ = clusters(4)
    query = vectors[:1]
    np.testing.assert_array_equal(
        expanded_unlike_itself(query, vectors[:5]), expanded_unlike_itself(query, vectors[1:5])
    )
    np.testing.assert_array_equal(expanded_unlike_itself(query, query), query)
