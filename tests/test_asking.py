"""Asking precisely: expressions, several pictures, negatives, filters, pages, doubles and groups."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from index_entries import figure, unit
from ipatent.classification import Classification
from ipatent.duplicates import SAME_DRAWING, same_drawings
from ipatent.errors import NotFound, QueryError
from ipatent.facets import FACETS
from ipatent.filters import Choice, Filters
from ipatent.fuse import AGAINST, agreement, by_views
from ipatent.grouping import by_family, by_patent
from ipatent.index import Entry, Within
from ipatent.index.embedded import EmbeddedIndex
from ipatent.patents import Patent
from ipatent.query import Example, MatchedWord, Query, Results, Weights
from ipatent.relevance import Line, last_relevant, probabilities
from ipatent.search import search
from ipatent.stems import stems
from ipatent.wording import read_wording
from test_search import drawing
from tiny_encoder import SPEC, TinyEncoder

ENCODER = TinyEncoder()
TITLES = {
    "A": ("Folding chair", ("a perspective view of the chair", "a rear view of the folded leg")),
    "B": ("Chair with swivel wheel", ("a front view", "a leg of the chair with its wheel")),
    "C": ("Folding table", ("a perspective view of a folding table", "a hinge between leg and top")),
    "D": ("Foldable stool", ("the stool", "its hinge near the leg")),
    "E": ("Bottle", ("a cap", "")),
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedIndex]:
    path = tmp_path_factory.mktemp("asking") / "index.sqlite"
    with EmbeddedIndex.open(path, SPEC, create=True) as opened:
        for number, (patent_id, (title, captions)) in enumerate(TITLES.items()):
            patent = Patent(
                patent_id,
                title=title,
                applicants=(f"{patent_id}corp Works",),
                published=date(2010 + number, 1, 1) if patent_id != "E" else None,
                family="F1" if patent_id in "AC" else "",
                classifications=(Classification.parse("CPC", "A47C 1/02" if number < 2 else "A47B 3/06"),),
            )
            opened.put(
                Entry(
                    patent,
                    tuple(
                        figure(
                            patent_id, n + 1, caption=text, type="drawing" if n == 0 else "table",
                            terms=("locking pin",) if patent_id == "B" else (),
                        )
                        for n, text in enumerate(captions)
                    ),
                    # The second drawing of C is the first of A, published again.
                    ENCODER.encode_pictures(
                        [drawing(100 * number), drawing(0) if patent_id == "C" else drawing(100 * number + 1)]
                    ),
                    ENCODER.encode_captions(captions),
                    "1",
                    2,
                )
            )  # fmt: skip
        yield opened


def ids(results: Results) -> list[str]:
    return [hit.figure.id for hit in results.hits]


def ask(index: EmbeddedIndex, text: str = "", **others: object) -> Results:
    return search(Query(text, **others), index, ENCODER)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title:folding", {"A/1/1", "A/2/1", "C/1/1", "C/2/1"}),
        # The title is the patent's, the caption the figure's: an AND may join them.
        ("title:folding AND caption:leg", {"A/2/1", "C/2/1"}),
        ("folding AND leg", {"A/2/1", "C/2/1"}),
        ("caption:folding", {"A/2/1", "C/1/1"}),
        ('"folding table"', {"C/1/1", "C/2/1"}),
        ('caption:"folding table"', {"C/1/1"}),
        ('"table folding"', set()),
        ("chair NOT wheel", {"A/1/1", "A/2/1"}),
        ("chair -wheel", {"A/1/1", "A/2/1"}),
        ("NOT (chair OR folding OR bottle)", {"D/1/1", "D/2/1"}),
        ("NOT caption:leg AND title:folding", {"A/1/1", "C/1/1"}),
        ("hinge NEAR/1 leg", {"C/2/1"}),
        ("hinge NEAR/2 leg", {"C/2/1", "D/2/1"}),
        ("leg NEAR/1 hinge", {"C/2/1"}),
        ("swiv*", {"B/1/1", "B/2/1"}),
        ("folda*", {"D/1/1", "D/2/1"}),
        ("foldi* AND caption:perspective", {"A/1/1", "C/1/1"}),
        ("fold* AND caption:(cap OR hinge)", {"C/2/1", "D/2/1"}),
        ("term:pin", {"B/1/1", "B/2/1"}),
        ("term:chair", set()),
        ("applicant:acorp OR applicant:bcor*", {"A/1/1", "A/2/1", "B/1/1", "B/2/1"}),
        ("label:2 AND bottle", {"E/2/1"}),
        ("number:B", {"B/1/1", "B/2/1"}),
        ("number:E OR number:D", {"D/1/1", "D/2/1", "E/1/1", "E/2/1"}),
    ],
)
def test_an_expression_is_kept_strictly_by_all_that_is_found(
    index: EmbeddedIndex, text: str, expected: set[str]
) -> None:
    found = ask(index, text)
    assert set(ids(found)) == expected
    assert found.matching == len(expected)
    assert not found.more
    # Also where a picture ranks, and where the words have no say at all.
    for weight in (0.0, 0.5, 1.0):
        assert set(ids(ask(index, text, examples=(Example(drawing(0)),), text_weight=weight))) == expected


def test_words_are_shown_where_they_occur_in_whatever_form(index: EmbeddedIndex) -> None:
    found = {hit.figure.id: set(hit.words) for hit in ask(index, "folded chairs with a wheel").hits}
    assert found["A/2/1"] == {
        MatchedWord("folded", "caption"), MatchedWord("folded", "title"), MatchedWord("chairs", "title"),
    }  # fmt: skip
    assert found["B/2/1"] >= {MatchedWord("wheel", "caption"), MatchedWord("wheel", "title")}
    (hit, *_) = ask(index, '"folding table" AND hing* AND caption:leg').hits
    assert set(hit.words) == {
        MatchedWord("folding table", "title"), MatchedWord("hing", "caption"), MatchedWord("leg", "caption"),
    }  # fmt: skip


def test_stems_are_those_of_the_index() -> None:
    assert stems(["folding", "folded", "hinge", "hinges", "手"]) == ["fold", "fold", "hing", "hing", "手"]
    assert stems([]) == []


def test_filters_alone_list_the_newest_first(index: EmbeddedIndex) -> None:
    found = ask(index, filters=Filters(type=Choice(("drawing",))))
    assert ids(found) == ["D/1/1", "C/1/1", "B/1/1", "A/1/1", "E/1/1"]
    assert [hit.score for hit in found.hits] == [0.0] * 5
    assert found.hits[0].evidence == ()
    assert found.relevant_until is None


def test_filters_narrow_every_kind_of_query(index: EmbeddedIndex) -> None:
    filters = Filters(cpc=Choice(("A47C",)), before=date(2010, 12, 31))
    for query in (
        Query("chair", filters=filters),
        Query(examples=(Example(drawing(7)),), filters=filters),
        Query("bottle wheel", (Example(like="E/1/1"),), filters=filters),
        Query("chair NOT table", (Example(like="E/1/1"),), filters=filters),
    ):
        found = search(query, index, ENCODER)
        assert {hit.patent.id for hit in found.hits} == {"A"}
        assert (found.matching, found.undated) == (2, 0)
    assert ask(index, "NOT chair", filters=Filters(before=date(2030, 1, 1))).undated == 2


def test_facets_are_counted_in_the_set_and_among_the_best(index: EmbeddedIndex) -> None:
    found = ask(index, "chair", filters=Filters(cpc=Choice(("A47C",))), facets=FACETS, k=1)
    assert found.facets is not None
    types = {value.value: (value.count, value.best) for value in found.facets["type"].values}
    assert types == {"drawing": (2, 2), "table": (2, 2)}
    cpc = {value.value: value.count for value in found.facets["cpc"].values}
    assert cpc == {"A": 10, "A47": 10, "A47C": 4, "A47B": 6}


def test_pages_follow_each_other_without_gap_or_repetition(index: EmbeddedIndex) -> None:
    for query in (
        Query(examples=(Example(drawing(3)),), collapse=True),
        Query("chair leg", (Example(drawing(3)),)),
        Query(filters=Filters(type=Choice(("drawing", "table")))),
    ):
        whole = search(query, index, ENCODER)
        pages = [search(replace(query, k=3, offset=n), index, ENCODER) for n in range(0, 12, 3)]
        assert [name for page in pages for name in ids(page)] == ids(whole)
        assert [hit.rank for page in pages for hit in page.hits] == list(range(1, len(whole.hits) + 1))
        assert [page.more for page in pages] == [n + 3 < len(whole.hits) for n in range(0, 12, 3)]


def test_doubles_become_one_hit_and_can_be_had_apart(index: EmbeddedIndex) -> None:
    query = Query(examples=(Example(drawing(0)),))
    together = search(replace(query, collapse=True), index, ENCODER)
    apart = search(query, index, ENCODER)
    assert len(apart.hits) == 10
    assert ids(together)[0] == "A/1/1"
    assert [each.id for each in together.hits[0].duplicates] == ["C/2/1"]
    assert "C/2/1" not in ids(together)
    assert all(hit.duplicates == () for hit in apart.hits)


def test_drawings_join_the_one_they_are_most_like_and_never_by_a_chain() -> None:
    step = np.arccos(SAME_DRAWING) * 0.9
    angles = np.array([0.0, step, 2 * step, 1.2])
    vectors = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    assert same_drawings(vectors) == [[0, 1], [2], [3]]
    assert same_drawings(np.empty((0, 4), np.float32)) == []


def test_any_ranks_by_the_best_view_and_all_by_patents_that_show_every_view(index: EmbeddedIndex) -> None:
    views = (Example(drawing(300)), Example(drawing(301)))  # both of D
    one_each = (Example(drawing(0)), Example(drawing(301)))
    for combine in ("any", "all"):
        found = ask(index, examples=views, combine=combine)
        assert {hit.patent.id for hit in found.hits[:2]} == {"D"}
        assert {hit.evidence[0].view for hit in found.hits[:2]} == {1, 2}
    loose = ask(index, examples=one_each, combine="any")
    assert set(ids(loose)[:3]) == {"A/1/1", "C/2/1", "D/2/1"}


def test_agreement_is_ruled_by_the_view_that_matches_least() -> None:
    calibrated = np.array([[0.9, 0.1, 0.9, 0.1], [0.1, 0.8, 0.1, 0.1]])
    agreed = agreement(calibrated, np.array([1, 1, 2, 2]))
    assert agreed[0] == agreed[1] == pytest.approx(2 / (1 / 0.9 + 1 / 0.8))
    assert agreed[2] == agreed[3] == pytest.approx(2 / (1 / 0.9 + 1 / 0.1))


def test_under_all_a_patent_with_every_view_comes_before_one_with_a_single_better_view() -> None:
    rng = np.random.default_rng(0)
    first, second = (rng.normal(0.3, 0.05, 50).astype(np.float32) for _ in range(2))
    first[0], second[1] = 0.8, 0.8  # patent 0 shows both views
    first[2] = 0.85  # patent 1 shows one of them, even better
    patents = np.repeat(np.arange(25), 2)
    both = by_views([first, second], patents, "all")
    assert set(np.argsort(-both.calibrated)[:2].tolist()) == {0, 1}
    either = by_views([first, second], patents, "any")
    assert either.calibrated[2] > either.calibrated[0]
    assert either.view[[0, 1, 2]].tolist() == [1, 2, 1]


def test_negative_pictures_lower_what_is_like_them_and_say_by_how_much(index: EmbeddedIndex) -> None:
    plain = ask(index, "chair folding")
    against = ask(index, "chair folding", examples=(Example(like="A/1/1", against=True),))
    assert ids(plain).index("A/1/1") < ids(against).index("A/1/1")
    for hit in against.hits:
        (negative,) = (part for part in hit.evidence if part.part == "unlike")
        assert negative.weight == -AGAINST
        total = sum(part.weight * part.calibrated for part in hit.evidence)
        assert hit.score == pytest.approx(max(0.0, total))
    assert set(ids(plain)) == set(ids(against))


def test_negative_words_lower_what_holds_them(index: EmbeddedIndex) -> None:
    plain = ask(index, "chair", k=4)
    less = ask(index, "chair", less="wheel", k=4)
    assert {hit.patent.id for hit in less.hits[:2]} == {"A"}
    assert ids(plain).index("B/2/1") < 4
    less = ask(index, "chair", less="wheel")
    (hit,) = (hit for hit in less.hits if hit.figure.id == "B/2/1")
    (before,) = (hit for hit in plain.hits if hit.figure.id == "B/2/1")
    assert hit.rank > before.rank
    assert [part.weight for part in hit.evidence if part.part == "without"] == [-AGAINST]


def test_explicit_weights_are_scaled_to_one_and_named_in_the_evidence(index: EmbeddedIndex) -> None:
    found = ask(index, "chair", examples=(Example(drawing(0)),), weights=Weights(words=1, image=3, tower=9))
    weights = {part.part: part.weight for part in found.hits[0].evidence}
    assert weights == {"image": 0.75, "words": 0.25, "caption": 0.0}
    with pytest.raises(QueryError, match=r"all parts of this query are 0 \(words, caption\)"):
        ask(index, "chair", weights=Weights(image=1))
    with pytest.raises(QueryError, match="weight of words is -1"):
        ask(index, "chair", weights=Weights(words=-1))


@pytest.mark.parametrize(
    ("query", "says"),
    [
        (Query(less="wheel"), "only says what hits should not be like"),
        (Query(examples=(Example(like="A/1/1", against=True),)), "only says what"),
        (Query(examples=(Example(like="A/1/1"),) * 8), "8 pictures to look for; at most 7"),
        (Query("chair", examples=(Example(like="A/1/1", against=True),) * 8), "8 pictures against"),
        (Query(examples=(Example(),)), "either a picture or the id"),
        (Query("chair", offset=-1), "between 1 and"),
        (Query("chair", offset=9_950, k=100), "offset \\+ k is 10050"),
        (Query("chair AND"), "character 10"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_reason(
    index: EmbeddedIndex, query: Query, says: str
) -> None:
    with pytest.raises(QueryError, match=says):
        search(query, index, ENCODER)


def test_an_unknown_negative_example_is_reported(index: EmbeddedIndex) -> None:
    with pytest.raises(NotFound, match="Z/1/1"):
        ask(index, "chair", examples=(Example(like="Z/1/1", against=True),))


def test_results_name_the_index_they_come_from(index: EmbeddedIndex) -> None:
    found = ask(index, "chair")
    assert found.index == index.status().identity != ""
    assert found.generation == index.status().generation


def test_hits_are_grouped_by_patent_and_by_family_in_the_order_of_their_best(index: EmbeddedIndex) -> None:
    hits = ask(index, examples=(Example(drawing(100)),)).hits
    patents = by_patent(hits)
    assert [hit for group in patents for hit in group.hits] != []
    assert [group.best.rank for group in patents] == sorted(group.best.rank for group in patents)
    assert sum(len(group.hits) for group in patents) == len(hits)
    assert all(
        before.rank < after.rank for group in patents for before, after in itertools.pairwise(group.hits)
    )
    families = by_family(hits)
    assert {tuple(sorted(group.patent.id for group in family.patents)) for family in families} == {
        ("A", "C"), ("B",), ("D",), ("E",),
    }  # fmt: skip
    assert [family.best.rank for family in families] == sorted(family.best.rank for family in families)


def test_as_many_come_as_there_are_though_the_pool_is_small(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    with EmbeddedIndex.open(tmp_path / "many.sqlite", SPEC, create=True) as index:
        for number in range(60):
            figures = tuple(
                figure(f"P{number}", n + 1, caption="a view", type="table" if number % 3 else "drawing")
                for n in range(5)
            )
            pictures = unit(rng.standard_normal((5, SPEC.image_dim), dtype=np.float32))
            if number % 2:  # all drawings of every second patent are one and the same
                pictures[:] = np.eye(1, SPEC.image_dim, dtype=np.float32)
            captions = ENCODER.encode_captions(["a view"] * 5)
            index.put(Entry(Patent(f"P{number}"), figures, pictures, captions, "1", 5))
        query = Query(examples=(Example(like="P1/1/1"),), filters=Filters(type=Choice(("drawing",))), k=40)
        found = search(query, index, ENCODER, candidates=10)
        assert len(found.hits) == 40
        assert found.matching == 100
        assert all(hit.figure.type == "drawing" for hit in found.hits)
        joined = search(replace(query, collapse=True), index, ENCODER, candidates=10)
        assert len(joined.hits) == 40
        assert len(joined.hits[0].duplicates) == 49
        assert index.size(Within(expression=read_wording("caption:view").expression)).figures == 300


def test_the_line_lies_after_the_last_relevant_hit_before_a_long_run_of_others() -> None:
    line = Line(-6.0, 10.0, 0.0, 0.0, 0.5)
    cosines = np.array([0.9, 0.8, 0.3, 0.7, *[0.2] * 12, 0.9])
    probable = probabilities(line, cosines, np.zeros(17), np.full(17, np.nan))
    assert probable[0] == pytest.approx(1 / (1 + np.exp(-3)))
    assert last_relevant(probable, line.threshold) == 4
    assert last_relevant(probable[4:16], line.threshold) == 0
    assert last_relevant(np.empty(0), 0.5) == 0
