"""Fusion: calibration keeps order, weights mean what they say, and no part shouts the others down."""

import itertools

import numpy as np
import pytest

from ipatent.fuse import (
    TEXT_SHARES,
    Fused,
    Part,
    against_best,
    by_meaning,
    by_words,
    part_weights,
    squash,
    standing_out,
)
from ipatent.fuse import fuse as fuse_parts
from ipatent.index import Scores
from ipatent.query import PartName, Weights

N = 300


def fuse(raw: dict[PartName, Scores], text_weight: float, explicit: Weights | None = None) -> Fused:
    """The fused scores of one picture and words."""
    parts: dict[PartName, Part] = {
        name: by_words(scores) if name in ("words", "without") else by_meaning(scores)
        for name, scores in raw.items()
    }
    return fuse_parts(parts, part_weights(parts, text_weight, explicit))


def cosines(rng: np.random.Generator, spread: float = 0.1) -> Scores:
    return np.clip(rng.normal(0.4, spread, N), -1, 1).astype(np.float32)


def bm25(rng: np.random.Generator) -> Scores:
    return (rng.gamma(2, 3, N) * (rng.random(N) < 0.2)).astype(np.float32)


def ranks(values: "np.typing.ArrayLike") -> list[int]:
    """Dense ranks: equal values share one."""
    return np.unique(np.asarray(values, np.float64), return_inverse=True)[1].tolist()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("spread", [1e-6, 0.01, 0.3])
def test_calibration_keeps_order_and_ties_exactly(seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    scores = cosines(rng, spread)
    scores[10:20] = scores[5]
    assert ranks(standing_out(scores)) == ranks(scores)
    words = bm25(rng)
    assert ranks(against_best(words)) == ranks(words)


def test_an_exact_duplicate_far_above_the_rest_keeps_the_order_of_near_duplicates() -> None:
    scores = np.full(5000, 0.3, np.float32)
    scores[:4] = [1.0, 0.9999999, 0.9999998, 0.9]
    calibrated = standing_out(scores)
    assert calibrated[0] > calibrated[1] > calibrated[2] > calibrated[3] > calibrated[4]
    assert calibrated.max() < 1


def test_calibrated_scores_lie_between_0_and_1_whatever_the_raw_scale() -> None:
    rng = np.random.default_rng(0)
    for scale in (1e-6, 1.0, 1e6):
        for calibrate in (standing_out, against_best):
            values = calibrate((scale * bm25(rng)).astype(np.float32))
            assert values.min() >= 0
            assert values.max() <= 1


def test_a_shifted_and_stretched_cosine_says_the_same() -> None:
    scores = cosines(np.random.default_rng(0))
    assert np.allclose(
        standing_out((0.1 * scores + 0.85).astype(np.float32)), standing_out(scores), atol=1e-4
    )


def test_what_stands_out_by_two_deviations_is_half_a_match() -> None:
    assert squash(np.array([0.0])).tolist() == [0.5]
    assert standing_out(np.array([0.0] * 4 + [1.0], np.float32))[4] == pytest.approx(0.5)


def test_nothing_to_compare_with_is_no_match() -> None:
    scores = np.array([np.nan, 0.2, 0.4, np.nan], np.float32)
    calibrated = standing_out(scores)
    assert calibrated[[0, 3]].tolist() == [0, 0]
    assert 0 < calibrated[1] < calibrated[2]
    assert standing_out(np.full(3, np.nan, np.float32)).tolist() == [0, 0, 0]


def test_equal_scores_are_neither_for_nor_against() -> None:
    assert standing_out(np.full(4, 0.7, np.float32)).tolist() == [0.5] * 4
    assert against_best(np.zeros(4, np.float32)).tolist() == [0.0] * 4


def test_an_empty_pool_gives_empty_scores() -> None:
    empty = np.empty(0, np.float32)
    assert len(fuse({"image": empty, "words": empty}, 0.5).scores) == 0


@pytest.mark.parametrize(
    "parts",
    [
        ("image",),
        ("words",),
        ("words", "caption"),
        ("image", "words", "caption", "tower"),
        ("image", "tower"),
    ],
)
@pytest.mark.parametrize("text_weight", [0.0, 0.3, 1.0])
def test_weights_sum_to_one(parts: tuple[PartName, ...], text_weight: float) -> None:
    assert sum(part_weights(parts, text_weight).values()) == pytest.approx(1.0)


def test_the_text_weight_counts_only_between_words_and_picture() -> None:
    assert part_weights(("image",), 1.0) == {"image": 1.0}
    assert part_weights(("words",), 0.0) == {"words": 1.0}
    both = part_weights(("image", "words", "caption"), 0.25)
    assert both["image"] == 0.75
    assert both["words"] + both["caption"] == pytest.approx(0.25)


def test_words_have_more_say_than_the_other_text_parts_together() -> None:
    assert TEXT_SHARES["words"] > sum(share for part, share in TEXT_SHARES.items() if part != "words")


@pytest.mark.parametrize("seed", range(20))
def test_the_best_match_by_words_beats_every_figure_without_a_word(seed: int) -> None:
    rng = np.random.default_rng(seed)
    words = bm25(rng)
    best = int(words.argmax())
    raw: dict[PartName, Scores] = {"words": words, "caption": cosines(rng), "tower": cosines(rng)}
    raw["caption"][best] = raw["tower"][best] = -1.0
    fused = fuse(raw, 1.0)
    assert fused.scores[best] > fused.scores[words == 0].max()


@pytest.mark.parametrize("seed", range(5))
def test_a_score_is_the_sum_of_its_evidence(seed: int) -> None:
    rng = np.random.default_rng(seed)
    raw: dict[PartName, Scores] = {"image": cosines(rng), "words": bm25(rng), "caption": cosines(rng)}
    fused = fuse(raw, 0.4)
    total = sum(fused.weights[part] * fused.parts[part].calibrated for part in raw)
    assert np.allclose(fused.scores, total)
    assert fused.scores.min() >= 0
    assert fused.scores.max() <= 1


def test_at_0_and_1_the_other_side_changes_nothing_at_all() -> None:
    rng = np.random.default_rng(1)
    image: dict[PartName, Scores] = {"image": cosines(rng)}
    text: dict[PartName, Scores] = {"words": bm25(rng), "caption": cosines(rng)}
    assert fuse({**image, **text}, 0.0).scores.tolist() == fuse(image, 0.5).scores.tolist()
    assert fuse({**image, **text}, 1.0).scores.tolist() == fuse(text, 0.5).scores.tolist()


def test_a_part_with_large_numbers_does_not_drown_a_part_with_small_ones() -> None:
    """At one half, the figure that is best by picture and the one that is best by words lead."""
    rng = np.random.default_rng(2)
    image, words = cosines(rng, 0.01), bm25(rng) * 1000
    by_words = int(words.argmax())
    by_picture = int(np.argmin(words))
    image[by_picture] = 0.6
    order = np.argsort(-fuse({"image": image, "words": words}, 0.5).scores)
    assert {by_words, by_picture} <= set(order[:8].tolist())


@pytest.mark.parametrize("seed", range(5))
def test_more_weight_on_words_never_brings_up_figures_that_match_them_less(seed: int) -> None:
    rng = np.random.default_rng(seed)
    raw: dict[PartName, Scores] = {"image": cosines(rng), "words": bm25(rng), "caption": cosines(rng)}
    by_words = fuse({"words": raw["words"], "caption": raw["caption"]}, 1.0).scores
    gained = [
        by_words[np.argsort(-fuse(raw, weight).scores, kind="stable")[:10]].sum()
        for weight in np.linspace(0, 1, 21)
    ]
    assert all(after >= before - 1e-9 for before, after in itertools.pairwise(gained))
    assert gained[-1] > gained[0]
