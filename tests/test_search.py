"""Search: the right figures, in an order that the weight explains, or an error that helps."""

import itertools
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index_entries import KINDS, THINGS, figure
from ipatent.errors import EncoderMismatch, NotFound, QueryError
from ipatent.index import Entry, Rows
from ipatent.index.embedded import EmbeddedIndex
from ipatent.patents import Figure, Patent, Pixels
from ipatent.query import Example, Query, Results, SecondLook
from ipatent.rerank import SECOND_LOOKS
from ipatent.search import search
from ipatent.sheets import clean_picture
from tiny_encoder import TinyEncoder

PATENTS = 40
BY_VECTORS = tuple(look for look in SECOND_LOOKS if look != "patches")
"""Those that need nothing prepared."""
VIEWS = ("a perspective view of the {}", "a rear view thereof", "")


def drawing(seed: int) -> Pixels:
    """Some black strokes on white."""
    rng = np.random.default_rng(seed)
    pixels = np.full((64, 64), 255, np.uint8)
    for _ in range(6):
        top, left = rng.integers(0, 56, 2)
        height, width = rng.integers(2, 30, 2)
        pixels[top : top + height, left : left + width] = 0
    return pixels


def title(number: int) -> str:
    return f"{KINDS[number % len(KINDS)]} {THINGS[number % len(THINGS)]} {number}"


def fill(index: EmbeddedIndex, encoder: TinyEncoder, patents: int = PATENTS) -> None:
    for number in range(patents):
        patent_id = f"USD{number}S1"
        captions = [view.format(title(number)) for view in VIEWS]
        # Every third patent repeats the drawings of the one before, so that there are exact ties.
        pictures = [drawing(10 * (number - (number % 3 == 2)) + n) for n in range(len(VIEWS))]
        index.put(
            Entry(
                Patent(patent_id, title=title(number)),
                tuple(figure(patent_id, n + 1, caption=caption) for n, caption in enumerate(captions)),
                encoder.encode_pictures(pictures),
                encoder.encode_captions(captions),
                "1",
                len(VIEWS),
            )
        )


@pytest.fixture(scope="module", params=[False, True], ids=["without text tower", "with text tower"])
def encoder(request: pytest.FixtureRequest) -> TinyEncoder:
    return TinyEncoder(text_tower=request.param)


@pytest.fixture(scope="module")
def filled(encoder: TinyEncoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("search") / "index.sqlite"
    with EmbeddedIndex.open(path, encoder.spec, create=True) as opened:
        fill(opened, encoder)
    return path


@pytest.fixture
def index(filled: Path, tmp_path: Path) -> Iterator[EmbeddedIndex]:
    with EmbeddedIndex.open(shutil.copy(filled, tmp_path / "index.sqlite")) as opened:
        yield opened


def ids(results: Results) -> list[str]:
    return [hit.figure.id for hit in results.hits]


def test_a_title_finds_its_patent_first(index: EmbeddedIndex, encoder: TinyEncoder) -> None:
    for number in range(PATENTS):
        found = search(Query(text=title(number)), index, encoder)
        assert found.hits[0].patent.id == f"USD{number}S1"
        if not encoder.spec.has_text_tower:  # whose vectors for words are no more than noise here
            assert {hit.patent.id for hit in found.hits[:3]} == {f"USD{number}S1"}


def test_a_picture_finds_its_figure_first_and_ranks_all_others(
    index: EmbeddedIndex, encoder: TinyEncoder
) -> None:
    found = search(Query(examples=(Example(drawing(91)),), k=1000), index, encoder)
    assert ids(found)[0] == "USD9S1/2/1"
    assert len(found.hits) == found.searched == found.candidates == 3 * PATENTS
    assert [hit.rank for hit in found.hits] == list(range(1, 3 * PATENTS + 1))
    assert all(before.score >= after.score for before, after in itertools.pairwise(found.hits))


def test_a_known_figure_finds_itself_and_its_double_first(index: EmbeddedIndex, encoder: TinyEncoder) -> None:
    found = search(Query(examples=(Example(like="USD8S1/1/1"),), k=5), index, encoder)
    assert ids(found)[:2] == ["USD7S1/1/1", "USD8S1/1/1"]
    assert found.hits[0].score == found.hits[1].score > found.hits[2].score


def test_a_picture_and_a_known_figure_count_alike(index: EmbeddedIndex, encoder: TinyEncoder) -> None:
    found = search(Query(examples=(Example(drawing(10)), Example(like="USD30S1/1/1")), k=6), index, encoder)
    assert {"USD1S1/1/1", "USD30S1/1/1"} <= set(ids(found)[:4])


@pytest.mark.parametrize("candidates", [10, 25, 1000])
@pytest.mark.parametrize("seed", range(6))
def test_at_weight_0_and_1_the_ranking_is_exactly_that_of_one_side(
    index: EmbeddedIndex, encoder: TinyEncoder, seed: int, candidates: int
) -> None:
    rng = np.random.default_rng(seed)
    picture = drawing(int(rng.integers(400)))
    text = f"{rng.choice(KINDS)} {rng.choice(THINGS)} rear view"
    both = Query(text=text, examples=(Example(picture),), k=20)
    for weight, alone in ((0.0, Query(examples=(Example(picture),), k=20)), (1.0, Query(text=text, k=20))):
        one = search(alone, index, encoder, candidates)
        two = search(replace(both, text_weight=weight), index, encoder, candidates)
        assert ids(two) == ids(one)
        assert [hit.score for hit in two.hits] == [hit.score for hit in one.hits]


def test_a_picture_alone_ranks_as_its_cosines_do(index: EmbeddedIndex, encoder: TinyEncoder) -> None:
    for seed in range(20):
        picture = drawing(seed * 7)
        nearest = index.nearest_images(encoder.encode_pictures([clean_picture(picture)]), 1000)
        found = search(Query(examples=(Example(picture, any_way_up=False),), k=1000), index, encoder)
        assert ids(found) == [each.id for each, _ in index.figures_at(nearest.rows)]
        assert [hit.evidence[0].raw for hit in found.hits] == nearest.scores.tolist()


def test_a_drawing_cut_from_a_sideways_sheet_is_found_whichever_way_up_it_is(
    index: EmbeddedIndex, encoder: TinyEncoder
) -> None:
    missed = 0
    for seed, quarters in itertools.product((0, 11, 12, 30, 41), (0, 1, 2, 3)):
        turned = np.ascontiguousarray(np.rot90(drawing(seed), quarters))
        for any_way_up in (True, False):
            found = search(Query(examples=(Example(turned, any_way_up=any_way_up),)), index, encoder)
            upright = search(Query(examples=(Example(drawing(seed), any_way_up=False),)), index, encoder)
            if any_way_up:
                assert found.hits[0].figure.id == upright.hits[0].figure.id
            else:
                missed += found.hits[0].figure.id != upright.hits[0].figure.id
    assert missed


def test_a_figure_that_is_as_alike_unturned_goes_before_one_that_must_be_turned(
    encoder: TinyEncoder, tmp_path: Path
) -> None:
    picture = clean_picture(drawing(3))
    with closing(EmbeddedIndex.open(tmp_path / "index.sqlite", encoder.spec, create=True)) as turned:
        for number, quarters in ((1, 1), (2, 0)):
            patent_id = f"USD{number}S1"
            vector = encoder.encode_pictures([np.ascontiguousarray(np.rot90(picture, quarters))])
            none = encoder.encode_captions([""])
            turned.put(Entry(Patent(patent_id), (figure(patent_id, 1),), vector, none, "1", 1))
        found = search(Query(examples=(Example(picture),)), turned, encoder)
    assert [hit.patent.id for hit in found.hits] == ["USD2S1", "USD1S1"]


def test_with_one_side_only_the_weight_changes_nothing(index: EmbeddedIndex, encoder: TinyEncoder) -> None:
    for query in (Query(text="folding chair"), Query(examples=(Example(drawing(3)),))):
        lists = [
            ids(search(replace(query, text_weight=weight), index, encoder)) for weight in (0.0, 0.5, 1.0)
        ]
        assert lists[0] == lists[1] == lists[2] != []


@pytest.mark.parametrize("seed", range(4))
def test_more_weight_on_words_never_loses_words(
    index: EmbeddedIndex, encoder: TinyEncoder, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    text, picture = f"{rng.choice(KINDS)} {rng.choice(THINGS)}", drawing(int(rng.integers(400)))
    by_words = {hit.figure.id: hit.score for hit in search(Query(text=text, k=1000), index, encoder).hits}
    sums = []
    for weight in np.linspace(0, 1, 11):
        found = search(
            Query(text=text, examples=(Example(picture),), text_weight=float(weight), k=10), index, encoder
        )
        sums.append(sum(by_words.get(each, 0.0) for each in ids(found)))
    assert all(after >= before - 1e-9 for before, after in itertools.pairwise(sums))


def test_at_one_half_the_best_of_both_sides_leads(index: EmbeddedIndex, encoder: TinyEncoder) -> None:
    found = search(Query(text=title(12), examples=(Example(drawing(251)),), k=10), index, encoder)
    assert {hit.patent.id for hit in found.hits[:4]} >= {"USD12S1", "USD25S1"}


def test_the_same_query_always_gives_the_same_list(index: EmbeddedIndex, encoder: TinyEncoder) -> None:
    query = Query(text="rear view of a chair", examples=(Example(drawing(5)),), k=1000)
    first = search(query, index, encoder)
    for _ in range(5):
        assert search(query, index, encoder).hits == first.hits


def test_equal_scores_come_in_the_order_of_their_ids_whatever_was_stored_first(
    tmp_path: Path, encoder: TinyEncoder
) -> None:
    with EmbeddedIndex.open(tmp_path / "ties.sqlite", encoder.spec, create=True) as index:
        vectors = encoder.encode_pictures([drawing(1)] * 12)
        texts = encoder.encode_captions(["a view"] * 12)
        for patent_id in ("C", "A", "B"):
            figures = tuple(figure(patent_id, 1, n + 1, caption="a view") for n in range(12))
            index.put(Entry(Patent(patent_id, title="Chair"), figures, vectors, texts, "1", 1))
        expected = [f"{patent_id}/1/{n + 1}" for patent_id in "ABC" for n in range(12)]
        for query in (
            Query(text="chair"),
            Query(examples=(Example(drawing(1)),)),
            Query(text="chair", examples=(Example(drawing(1)),)),
        ):
            assert ids(search(query, index, encoder)) == expected
            assert ids(search(replace(query, k=14), index, encoder)) == expected[:14]


def test_evidence_names_each_part_with_its_share_and_adds_up(
    index: EmbeddedIndex, encoder: TinyEncoder
) -> None:
    found = search(
        Query(text="folding chair", examples=(Example(drawing(5)),), text_weight=0.3), index, encoder
    )
    parts = {"image", "words", "caption"} | ({"tower"} if encoder.spec.has_text_tower else set())
    for hit in found.hits:
        assert {each.part for each in hit.evidence} == (parts if hit.figure.caption else parts - {"caption"})
        assert all(np.isfinite(each.raw) for each in hit.evidence)
        assert sum(each.weight * each.calibrated for each in hit.evidence) == pytest.approx(hit.score)
        assert 0 <= hit.score <= 1
        assert hit.evidence[0].weight == pytest.approx(0.7)


def test_results_say_what_was_searched(index: EmbeddedIndex, encoder: TinyEncoder) -> None:
    found = search(Query(text="folding chair"), index, encoder)
    assert found.searched == 3 * PATENTS
    assert found.generation == index.generation()
    assert found.encoder == encoder.spec.name
    assert 0 < found.seconds_encoding < found.seconds
    assert 0 < len(found.hits) <= found.candidates <= found.searched


@pytest.mark.parametrize("k", [1, 2, 3 * PATENTS, 10_000])
def test_k_is_the_most_that_comes_back(index: EmbeddedIndex, encoder: TinyEncoder, k: int) -> None:
    everything = ids(search(Query(examples=(Example(drawing(1)),), k=10_000), index, encoder))
    assert (
        ids(search(Query(examples=(Example(drawing(1)),), k=k), index, encoder, candidates=10))
        == everything[:k]
    )


def test_words_find_only_what_holds_them_or_means_about_the_same(
    index: EmbeddedIndex, encoder: TinyEncoder
) -> None:
    found = search(Query(text="folding chair", k=10_000), index, encoder)
    if encoder.spec.has_text_tower:
        assert len(found.hits) == 3 * PATENTS
    else:
        assert all(
            hit.figure.caption or "chair" in hit.patent.title or "folding" in hit.patent.title
            for hit in found.hits
        )
        assert len(found.hits) < 3 * PATENTS


@pytest.mark.parametrize(
    ("query", "says"),
    [
        (Query(), "empty"),
        (Query(text="  \n\t "), "empty"),
        (Query(text="chair", k=0), "between 1 and 500"),
        (Query(text="chair", k=-3), "between 1 and 500"),
        (Query(text="chair", k=10**9), "between 1 and 500"),
        (Query(text="x" * 2001), "2,001 characters"),
        (Query(text="chair", text_weight=1.01), "weight"),
        (Query(text="chair", text_weight=float("nan")), "weight"),
        (Query(examples=(Example(np.empty((0, 5), np.uint8)),)), "no pixels"),
    ],
)
def test_a_query_that_cannot_be_answered_says_why(
    index: EmbeddedIndex, encoder: TinyEncoder, query: Query, says: str
) -> None:
    with pytest.raises(QueryError, match=says):
        search(query, index, encoder, max_k=500)


def test_an_unknown_figure_is_reported(index: EmbeddedIndex, encoder: TinyEncoder) -> None:
    with pytest.raises(NotFound, match="USD999S1/1/1"):
        search(Query(examples=(Example(like="USD999S1/1/1"),)), index, encoder)


def test_another_encoder_than_the_indexs_is_refused(index: EmbeddedIndex, encoder: TinyEncoder) -> None:
    other = TinyEncoder(text_tower=not encoder.spec.has_text_tower)
    with pytest.raises(EncoderMismatch, match=f"{encoder.spec.name}.*not by {other.spec.name}"):
        search(Query(text="chair"), index, other)


def test_an_empty_index_answers_with_nothing(tmp_path: Path, encoder: TinyEncoder) -> None:
    with EmbeddedIndex.open(tmp_path / "empty.sqlite", create=True) as index:
        found = search(Query(text="chair", examples=(Example(drawing(1)),)), index, encoder)
    assert found.hits == ()
    assert (found.candidates, found.searched) == (0, 0)


@pytest.mark.parametrize(
    "text",
    ["NEAR(", '"', "\0", "!!!", "\U0001f600", "'; DROP TABLE patents", "(" * 2000, "ab " * 600, "\udcff"],
)
def test_hostile_text_gets_an_ordinary_answer(index: EmbeddedIndex, encoder: TinyEncoder, text: str) -> None:
    found = search(Query(text=text), index, encoder)
    assert all(0 <= hit.score <= 1 for hit in found.hits)


def test_a_figure_replaced_in_the_middle_of_a_search_is_looked_for_again(
    index: EmbeddedIndex, encoder: TinyEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = index.figures_at
    turns = iter(range(100))

    def meanwhile(rows: Rows) -> tuple[tuple[Figure, Patent], ...]:
        if next(turns) == 0:
            index.delete("USD9S1")
        return plain(rows)

    monkeypatch.setattr(index, "figures_at", meanwhile)
    found = search(Query(examples=(Example(drawing(91)),), k=1000), index, encoder)
    assert len(found.hits) == 3 * PATENTS - 3
    assert all(hit.patent.id != "USD9S1" for hit in found.hits)


@pytest.mark.parametrize("look", BY_VECTORS)
def test_a_second_look_orders_pictures_anew_and_the_evidence_still_adds_up(
    look: SecondLook, index: EmbeddedIndex, encoder: TinyEncoder
) -> None:
    asked = Query(title(4), (Example(drawing(43)),), k=PATENTS * len(VIEWS), rerank=(look,))
    plain, looked = search(replace(asked, rerank=()), index, encoder), search(asked, index, encoder)
    assert ids(looked) != ids(plain)
    assert set(ids(looked)) == set(ids(plain))
    for hit in looked.hits:
        total = sum(each.calibrated * each.weight for each in hit.evidence)
        assert hit.score == pytest.approx(min(max(total, 0.0), 1.0))
    assert ids(search(asked, index, encoder)) == ids(looked)


def test_second_looks_leave_a_search_by_words_as_it_is(index: EmbeddedIndex, encoder: TinyEncoder) -> None:
    asked = Query(title(4), k=50)
    looked = search(replace(asked, rerank=SECOND_LOOKS), index, encoder)
    assert ids(looked) == ids(search(asked, index, encoder))


def test_siblings_of_good_matches_move_up(index: EmbeddedIndex, encoder: TinyEncoder) -> None:
    asked = Query(examples=(Example(drawing(40)), Example(drawing(41))), k=120)

    def worst_of_own(results: Results) -> int:
        return max(hit.rank for hit in results.hits if hit.patent.id == "USD4S1")

    plain = search(asked, index, encoder)
    assert worst_of_own(search(replace(asked, rerank=("siblings",)), index, encoder)) < worst_of_own(plain)


def test_every_second_look_at_once_and_with_filters_finds_only_what_is_let_through(
    index: EmbeddedIndex, encoder: TinyEncoder
) -> None:
    asked = Query("caption:rear", (Example(drawing(40)),), k=100, rerank=BY_VECTORS)
    found = search(asked, index, encoder)
    assert found.hits
    assert all("rear" in hit.figure.caption for hit in found.hits)
