"""What figures are grouped by: views levelled, siblings mixed."""

import numpy as np
import pytest

from ipatent.cluster import cluster
from ipatent.cluster_vectors import level_views, share_siblings
from ipatent.errors import QueryError


def drawn(things: int, views: list[str], loud: float) -> tuple[np.ndarray, list[str], list[int]]:
    """Vectors in which the view is `loud` times as strong as the thing."""
    random = np.random.default_rng(1)
    of_thing, of_view = random.standard_normal((2, max(things, len(views)), 64))
    rows = [thing + loud * view for thing in of_thing[:things] for view in of_view[: len(views)]]
    return np.array(rows, np.float32), views * things, [n for n in range(things) for _ in views]


def grouped_as(vectors: np.ndarray, truth: list[int], k: int) -> bool:
    return all(len({truth[at] for at in group.members}) == 1 for group in cluster(vectors, k=k).groups)


def test_figures_are_grouped_by_what_they_show_although_their_views_differ_more() -> None:
    vectors, views, things = drawn(40, ["front", "top", "perspective"], loud=3)
    assert not grouped_as(vectors, things, 40)
    assert grouped_as(level_views(vectors, views), things, 40)


def test_what_a_graph_or_a_figure_without_a_view_has_in_common_is_kept() -> None:
    vectors, _, _ = drawn(8, ["graph", ""], loud=3)
    level = level_views(vectors, ["graph", ""] * 8)
    assert np.allclose(level, vectors / np.linalg.norm(vectors, axis=1, keepdims=True), atol=1e-6)


def test_siblings_draw_near_and_whole_patents_fall_together() -> None:
    vectors, _, things = drawn(4, ["front", "top"], loud=3)
    patents = [str(thing) for thing in things]
    alike = [
        float((mixed[0] * mixed[1]).sum())
        for mixed in (share_siblings(vectors, patents, share) for share in (0.0, 0.5, 1.0))
    ]
    assert alike[0] < alike[1] < alike[2]
    assert alike[2] == pytest.approx(1.0, abs=1e-5)


def test_figures_without_a_vector_stay_without_one_and_do_not_harm_their_siblings() -> None:
    vectors, _, _ = drawn(3, ["front", "top"], loud=1)
    vectors[1], vectors[3] = np.nan, 0.0
    mixed = share_siblings(level_views(vectors, ["front", "top"] * 3), ["1", "1", "2", "2", "3", "3"], 0.5)
    assert np.isnan(mixed[1]).all()
    assert not mixed[3].any()
    assert np.isfinite(np.delete(mixed, 1, axis=0)).all()


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_outside_its_limits_is_refused(share: float) -> None:
    with pytest.raises(QueryError, match="share of siblings"):
        share_siblings(np.eye(2, dtype=np.float32), ["1", "1"], share)


def test_nothing_to_group_is_no_problem() -> None:
    none = np.zeros((0, 4), np.float32)
    assert share_siblings(level_views(none, []), [], 0.5).shape == (0, 4)
