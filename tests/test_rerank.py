"""Second looks at a ranking: what they must and must not change."""

import numpy as np
import pytest

from ipatent.patents import Vectors
from ipatent.rerank import augmented, expanded, k_reciprocal, likenesses, with_siblings


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
    assert np.argsort(-with_siblings(scores, patents)).tolist()[:2] == [2, 3]


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
