"""Projection: places on a map, for drawings that look alike near each other."""

import numpy as np
import pytest

from ipatent.errors import QueryError
from ipatent.patents import Vectors
from ipatent.project import leading, neighbours, principal


def two_heaps(count: int = 60) -> Vectors:
    """The first half around one middle, the second around another."""
    rng = np.random.default_rng(0)
    middles = rng.standard_normal((2, 100)).repeat(count // 2, axis=0)
    return (3 * middles + rng.standard_normal((count, 100))).astype(np.float32)


@pytest.mark.parametrize("place", [principal, neighbours])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_heaps_lie_apart_and_the_map_is_the_same_each_time(place, dimensions: int) -> None:  # type: ignore[no-untyped-def]
    found = place(two_heaps(), dimensions, seed=1)
    assert found.shape == (60, dimensions)
    assert found.dtype == np.float32
    assert np.linalg.norm(found, axis=1).max() <= 1 + 1e-5
    apart = np.linalg.norm(found[:, None] - found[None, :], axis=2) + 9 * np.eye(60)
    assert (apart.argmin(axis=1) // 30 == np.arange(60) // 30).mean() > 0.95
    np.testing.assert_array_equal(found, place(two_heaps(), dimensions, seed=1))


@pytest.mark.parametrize("place", [principal, neighbours])
@pytest.mark.parametrize("count", [0, 1, 2, 5, 8])
def test_a_handful_or_equal_drawings_have_finite_places(place, count: int) -> None:  # type: ignore[no-untyped-def]
    for vectors in (np.ones((count, 6), np.float32), np.eye(8, dtype=np.float32)[:count]):
        found = place(vectors)
        assert found.shape == (count, 2)
        assert np.isfinite(found).all()


def test_a_vector_that_is_not_finite_lies_in_the_middle() -> None:
    vectors = two_heaps()
    vectors[3, 5] = np.inf
    for found in (principal(vectors), neighbours(vectors)):
        assert found[3].tolist() == [0, 0]
        assert np.isfinite(found).all()


def test_four_dimensions_are_refused() -> None:
    with pytest.raises(QueryError, match="2 or 3"):
        principal(two_heaps(), 4)


def test_leading_directions_keep_what_exact_ones_keep() -> None:
    rng = np.random.default_rng(1)
    vectors = (rng.standard_normal((90, 12)) @ rng.standard_normal((12, 70))).astype(np.float32)
    exact = np.linalg.svd(vectors - vectors.mean(axis=0), compute_uv=False)[:6]
    np.testing.assert_allclose(np.linalg.norm(leading(vectors, 6), axis=0), exact, rtol=1e-3)
