"""Clusters: groups of alike drawings, in an order that follows the ranking."""

import numpy as np
import pytest

from ipatent.cluster import METHODS, Clusters, Method, cluster, representatives
from ipatent.errors import QueryError
from ipatent.patents import Vectors


def heaps(sizes: tuple[int, ...], spread: float = 0.02, seed: int = 0) -> tuple[Vectors, list[int]]:
    """Vectors around as many middles as there are sizes, shuffled, and the heap of each."""
    rng = np.random.default_rng(seed)
    middles = np.eye(len(sizes), 32, dtype=np.float32)
    of = np.repeat(np.arange(len(sizes)), sizes)
    rng.shuffle(of)
    rows = middles[of] + spread * rng.standard_normal((len(of), 32), dtype=np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), of.tolist()


def as_sets(found: Clusters) -> list[set[int]]:
    return [set(group.members) for group in found.groups]


def truth(of: list[int]) -> list[set[int]]:
    """The heaps, ordered by their first member."""
    return [{n for n, other in enumerate(of) if other == heap} for heap in dict.fromkeys(of)]


@pytest.mark.parametrize("method", METHODS)
def test_every_way_finds_heaps_that_lie_apart_in_order_of_their_best_rank(method: Method) -> None:
    vectors, of = heaps((12, 9, 15, 7))
    found = cluster(vectors, method, 4)
    assert as_sets(found) == truth(of)
    assert found.rest == ()
    assert "4" in found.explained
    assert found.explained.endswith(".")


def test_a_group_begins_with_its_medoid_and_goes_on_by_rank() -> None:
    vectors, _ = heaps((20, 20))
    for group in cluster(vectors, k=2).groups:
        assert list(group.members[1:]) == sorted(group.members[1:])
        inside = vectors[list(group.members)]
        assert (inside @ inside.T).sum(axis=1).argmax() == 0


@pytest.mark.parametrize("method", METHODS)
def test_the_same_vectors_give_the_same_groups(method: Method) -> None:
    vectors = np.random.default_rng(5).standard_normal((80, 40), dtype=np.float32)
    assert cluster(vectors, method, 6, seed=3) == cluster(vectors, method, 6, seed=3)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_a_handful_of_figures_is_grouped_without_complaint(method: Method, count: int) -> None:
    vectors = np.eye(4, dtype=np.float32)[:count]
    found = cluster(vectors, method, 5)
    assert sorted([*found.rest, *(m for group in found.groups for m in group.members)]) == list(range(count))


@pytest.mark.parametrize("method", METHODS)
def test_equal_drawings_end_up_together(method: Method) -> None:
    found = cluster(np.ones((12, 8), np.float32), method, 3)
    assert as_sets(found) in ([set(range(12))], [])
    if method == "kmeans":
        assert found.groups[0].members == tuple(range(12))
        assert "no more of these drawings differ" in found.explained


def test_more_groups_than_figures_are_as_many_as_there_are_figures() -> None:
    assert len(cluster(np.eye(3, dtype=np.float32), k=9).groups) == 3


@pytest.mark.parametrize("method", METHODS)
def test_a_vector_that_is_not_finite_or_empty_fits_nowhere(method: Method) -> None:
    vectors, of = heaps((10, 10))
    vectors[4] = np.nan
    vectors[7] = 0
    found = cluster(vectors, method, 2)
    assert found.rest == (4, 7)
    assert "2 fit into none" in found.explained
    assert as_sets(found) == [group - {4, 7} for group in truth(of)]


def test_only_near_duplicates_share_an_agglomerative_group() -> None:
    vectors, of = heaps((3, 4), spread=0.01)
    alone = np.eye(32, dtype=np.float32)[20:24]
    found = cluster(np.concatenate([vectors, alone]), "agglomerative", distance=0.05)
    assert as_sets(found) == truth(of)
    assert found.rest == (7, 8, 9, 10)


def test_a_chain_of_alike_drawings_is_cut_where_its_ends_differ() -> None:
    angles = np.linspace(0, 1.5, 16)
    chain = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    found = cluster(chain, "agglomerative", distance=0.1)
    assert len(found.groups) > 1
    for group in found.groups:
        inside = chain[list(group.members)]
        assert (1 - inside @ inside.T).max() <= 0.1 + 1e-5


def test_strays_are_said_to_fit_into_no_dense_group() -> None:
    vectors, of = heaps((30, 30))
    strays = np.eye(32, dtype=np.float32)[[25, 28]]
    found = cluster(np.concatenate([vectors, strays]), "hdbscan")
    assert set(found.rest) >= {60, 61}
    assert as_sets(found) == [group & set(range(60)) - set(found.rest) for group in truth(of)]


def test_captions_group_drawings_that_look_alike() -> None:
    images = np.ones((20, 8), np.float32) + 0.01 * np.random.default_rng(0).standard_normal((20, 8))
    captions = np.eye(2, 16, dtype=np.float32)[np.arange(20) % 2]
    captions[5] = 0  # no text: grouped by its image, wherever that is
    found = cluster(images.astype(np.float32), k=2, captions=captions, caption_weight=0.9)
    assert [group - {5} for group in as_sets(found)] == [
        set(range(0, 20, 2)),
        set(range(1, 20, 2)) - {5},
    ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"method": "magic"}, "kmeans, auto"),
        ({"k": 0}, "at least 1"),
        ({"caption_weight": 1.5}, "0 to 1"),
        ({"distance": float("nan")}, "0 to 2"),
    ],
)
def test_a_wrong_wish_is_refused_with_what_is_allowed(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(QueryError, match=said):
        cluster(np.eye(3, dtype=np.float32), **wrong)  # type: ignore[arg-type]


def test_representatives_are_the_medoid_and_the_most_different_members() -> None:
    vectors = np.array([[1, 0], [1, 0], [0.9, 0.1], [0, 1], [-1, 0]], np.float32)
    assert representatives(vectors, (0, 1, 2, 3, 4), 3) == (0, 4, 3)
    assert representatives(vectors, (0, 1), 5) == (0,)
    assert representatives(vectors, ()) == ()
