"""Both engines against a plain exact oracle: the same data, the same questions, the same answers."""

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from exact_index import PATENTS, SOME_FILTERS, Oracle, choices, entry
from index_entries import figure, unit
from ipatent.errors import NotFound
from ipatent.facets import FACETS
from ipatent.filters import Choice, Filters, applicant_key
from ipatent.index import EVERYTHING, Candidates, Entry, Index, Within
from ipatent.index.embedded import EmbeddedIndex
from ipatent.index.qdrant import QdrantIndex
from ipatent.index.qdrant_collections import Options
from ipatent.patents import Patent, Vectors
from ipatent.wording import read_wording
from servers import qdrant
from tiny_encoder import SPEC

CLOSE = 1e-3
"""Cosines of vectors kept as halves may differ so much between engines; nearer ones count as ties."""

PLAIN = (
    "folding chair",
    "chairs",
    "a perspective view of the mitten",
    "rotary",
    "view",
    "Müller hinges",
    "東京",
    "3A",
    "helmet helmets knife bracket gear pump valve",
    "klappbarer",
    "nothing of this",
)
EXPRESSIONS = (
    "chair OR bottle",
    "folding AND chair",
    "chair NOT folding",
    "NOT view",
    '"perspective view"',
    '"view of the folding"',
    "caption:(mitten AND pump)",
    "title:helmet",
    "term:gear -title:gear",
    "applicant:acme",
    'applicant:"blue sky"',
    "label:3A",
    "abstract:resembling",
    "view NEAR/2 rotary",
    "caption:(hinge NEAR gear)",
    "pump NEAR/1 valve",
    "fold*",
    "title:ro*",
    "resembl*",
    "(chair OR gear) AND (perspective OR rear) AND NOT knife",
    "number:700012",
    "number:USD70001*",
    "number:EP* AND chair",
    "zebra OR unicorn",
)


@pytest.fixture(scope="module")
def entries() -> dict[str, Entry]:
    rng = np.random.default_rng(6)
    return {each.patent.id: each for each in (entry(rng, number) for number in range(PATENTS))}


@pytest.fixture(scope="module")
def oracle(entries: dict[str, Entry]) -> Oracle:
    return Oracle(entries)


@pytest.fixture(scope="module")
def engines(
    entries: dict[str, Entry], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[EmbeddedIndex, QdrantIndex]]:
    """Both, filled with the same after a history of replacing and deleting."""
    folder = tmp_path_factory.mktemp("engines")
    with ExitStack() as stack:
        server = stack.enter_context(qdrant(folder / "qdrant"))
        indexes = (
            stack.enter_context(EmbeddedIndex.open(folder / "index.sqlite", SPEC, create=True)),
            stack.enter_context(QdrantIndex.open(f"qdrant://{server.node}", SPEC, create=True)),
        )
        rng = np.random.default_rng(7)
        before = [entry(rng, number, version=0) for number in range(0, PATENTS, 7)]
        for index in indexes:
            given = dict.fromkeys(each.patent.id for each in before)
            for each in before:
                assert index.put(each) == "new"
            for each in entries.values():
                assert index.put(each) == ("replaced" if each.patent.id in given else "new")
            for patent_id in given.keys() - entries.keys():
                index.delete(patent_id)
        yield indexes


@pytest.fixture(scope="module", params=["embedded", "qdrant"])
def index(request: pytest.FixtureRequest, engines: tuple[EmbeddedIndex, QdrantIndex]) -> Index:
    return engines[0] if request.param == "embedded" else engines[1]


def ids(index: Index, found: Candidates) -> list[str]:
    return [figure.id for figure, _ in index.figures_at(found.rows)]


def scored(index: Index, found: Candidates) -> dict[str, float]:
    return dict(zip(ids(index, found), found.scores.tolist(), strict=True))


def row_of(index: Index, figure_id: str) -> int:
    everything = index.newest(10_000)
    return int(everything.rows[ids(index, everything).index(figure_id)])


def same_order(first: dict[str, float], second: dict[str, float], close: float) -> None:
    """The same figures with the same scores; what is in another order differs by less than `close`."""
    assert first.keys() == second.keys()
    for figure_id, score in first.items():
        assert math.isclose(score, second[figure_id], rel_tol=close, abs_tol=close), figure_id
    for one, other in zip(first.items(), second.items(), strict=True):
        assert one[0] == other[0] or math.isclose(one[1], other[1], rel_tol=close, abs_tol=close)


def test_counts_are_those_of_the_oracle(index: Index, oracle: Oracle) -> None:
    status = index.status()
    assert status.patents == len(oracle.entries)
    assert status.figures == len(oracle.figures())
    assert status.sheets == sum(each.sheets for each in oracle.entries.values())
    assert status.encoder == SPEC
    assert status.generation == index.generation() > 0


def test_patents_and_figures_come_back_whole_and_in_order(index: Index, oracle: Oracle) -> None:
    wanted = [oracle.entries[key].patent for key in sorted(oracle.entries)]
    assert list(index.patents(0, 10_000)) == wanted
    assert list(index.patents(17, 5)) == wanted[17:22]
    assert index.patents(len(wanted), 5) == ()
    for each in list(oracle.entries.values())[::9]:
        assert index.patent(each.patent.id) == each.patent
        assert index.figures_of(each.patent.id) == each.figures
        assert index.sheets_of(each.patent.id) == each.sheets
        assert index.fingerprint(each.patent.id) == each.fingerprint
        for n, one in enumerate(each.figures):
            assert index.figure(one.id) == one
            assert np.array_equal(index.image_vector(one.id), each.image_vectors[n : n + 1])


def test_what_is_unknown_is_not_found(index: Index) -> None:
    assert index.fingerprint("USD1S1") is None
    for asked in (
        lambda: index.patent("USD1S1"),
        lambda: index.figure("USD1S1/1/1"),
        lambda: index.figures_of("USD1S1"),
        lambda: index.image_vector("USD1S1/1/1"),
        lambda: index.sheets_of("USD1S1"),
        lambda: index.delete("USD1S1"),
        lambda: index.figures_at(np.array([77], np.int64)),
        lambda: index.image_vectors_at(np.array([77], np.int64)),
        lambda: index.image_scores(np.ones((1, SPEC.image_dim), np.float32), np.array([77], np.int64)),
    ):
        with pytest.raises(NotFound):
            asked()


@pytest.mark.parametrize("filters", SOME_FILTERS.values(), ids=SOME_FILTERS.keys())
def test_filters_let_through_what_the_oracle_does(index: Index, oracle: Oracle, filters: Filters) -> None:
    within = Within(filters)
    wanted = {figure.id for figure, _ in oracle.within(filters)}
    size = index.size(within)
    assert (size.figures, size.undated) == (
        len(wanted),
        len(oracle.undated(filters)) if filters.limits_dates else 0,
    )
    newest = index.newest(10_000, within)
    found = index.figures_at(newest.rows)
    assert {figure.id for figure, _ in found} == wanted
    days = [patent.published or date.min for _, patent in found]
    assert days == sorted(days, reverse=True)
    few = index.newest(20, within)
    assert few.rows.tolist() == newest.rows[:20].tolist()
    query = unit(np.random.default_rng(3).standard_normal((1, SPEC.image_dim), dtype=np.float32))
    expected = {key: score for key, score in oracle.cosines("image", query).items() if key in wanted}
    best = dict(sorted(expected.items(), key=lambda one: -one[1])[:30])
    same_best(scored(index, index.nearest_images(query, 30, within)), best, expected)


def same_best(found: dict[str, float], best: dict[str, float], expected: dict[str, float]) -> None:
    """The best of the expected, in order, save for those whose scores are as good as equal."""
    assert len(found) == len(best)
    for (one, score), wanted in zip(found.items(), best.values(), strict=True):
        assert abs(expected[one] - score) < CLOSE
        assert abs(expected[one] - wanted) < CLOSE


def test_filters_name_patents_and_figures(index: Index, oracle: Oracle) -> None:
    some = oracle.figures()[10:60:10]
    for filters in (
        Filters(publications=(*(patent.id for _, patent in some), "USD1S1")),
        Filters(figures=(*(one.id for one, _ in some), "USD1S1/1/1")),
    ):
        found = set(ids(index, index.newest(10_000, Within(filters))))
        assert found == {figure.id for figure, _ in oracle.within(filters)} != set()
    assert index.size(Within(Filters(publications=("USD1S1",)))).figures == 0


@pytest.mark.parametrize("kind", ["image", "caption"])
def test_nearest_and_scores_are_those_of_the_oracle(index: Index, oracle: Oracle, kind: str) -> None:
    rng = np.random.default_rng(5)
    nearest, scores_of = {
        "image": (index.nearest_images, index.image_scores),
        "caption": (index.nearest_captions, index.caption_scores),
    }[kind]
    size = SPEC.image_dim if kind == "image" else SPEC.caption_dim
    everything = index.newest(10_000).rows
    names = ids(index, index.newest(10_000))
    for _ in range(5):
        query = unit(rng.standard_normal((1, size), dtype=np.float32))
        expected = oracle.cosines(kind, query)
        ordered = dict(sorted(expected.items(), key=lambda one: -one[1]))
        same_best(scored(index, nearest(query, 10_000)), ordered, expected)
        same_best(scored(index, nearest(query, 25)), dict(list(ordered.items())[:25]), expected)
        scores = scores_of(query, everything)
        for name, score in zip(names, scores.tolist(), strict=True):
            assert math.isnan(score) if name not in expected else abs(score - expected[name]) < CLOSE


def test_vectors_come_back_as_they_were_given(index: Index, oracle: Oracle) -> None:
    rows = index.newest(10_000).rows
    names = ids(index, index.newest(10_000))
    given = {
        one.id: (each.image_vectors[n], each.caption_vectors[n])
        for each in oracle.entries.values()
        for n, one in enumerate(each.figures)
    }
    assert np.array_equal(index.image_vectors_at(rows), np.array([given[name][0] for name in names]))
    images, captions = index.vectors_of([*names[:40], "USD1S1/1/1"])
    assert np.array_equal(images[:40], np.array([given[name][0] for name in names[:40]]))
    for name, caption in zip(names[:40], captions, strict=False):
        assert np.array_equal(caption, given[name][1]) or (
            not given[name][1].any() and np.isnan(caption).all()
        )
    assert np.isnan(images[40]).all()
    assert np.isnan(captions[40]).all()


def test_siblings_are_the_figures_of_the_same_patents(index: Index, oracle: Oracle) -> None:
    rows = index.newest(10_000).rows[5:40:5]
    of = {patent.id for _, patent in index.figures_at(rows)}
    for filters in (Filters(), Filters(captioned=True)):
        found, patents = index.siblings(rows, Within(filters))
        assert found.tolist() == sorted(found.tolist())
        pairs = index.figures_at(found)
        assert {figure.id for figure, _ in pairs} == {
            figure.id for figure, patent in oracle.within(filters) if patent.id in of
        }
        numbers = {patent.id: number for (_, patent), number in zip(pairs, patents.tolist(), strict=True)}
        assert len(set(numbers.values())) == len(numbers)


@pytest.mark.parametrize(
    "filters",
    [Filters(), SOME_FILTERS["a section"], SOME_FILTERS["years"], SOME_FILTERS["a type and a view"]],
    ids=["none", "a section", "years", "a type and a view"],
)
def test_facets_count_what_the_oracle_counts(index: Index, oracle: Oracle, filters: Filters) -> None:
    best = index.newest(50, Within(filters)).rows
    pairs = index.figures_at(best)
    facets = index.facets(Within(filters), best, FACETS)
    assert (facets.figures, facets.best) == (len(oracle.within(filters)), len(best))
    for name in FACETS:
        wider = replace(filters, years=(None, None)) if name == "year" else filters
        if name != "year" and filters.choice(name).mode == "any":
            wider = replace(filters, **{name: Choice(without=filters.choice(name).without)})
        counts: Counter[str] = Counter()
        unknown = 0
        for one in oracle.within(wider):
            counts.update(choices(*one, name))
            unknown += not choices(*one, name)
        among_best = Counter(value for one in pairs for value in choices(*one, name))
        facet = facets[name]
        assert {each.value: each.count for each in facet.values} == counts
        assert {each.value: each.best for each in facet.values if each.best} == among_best
        assert facet.unknown == unknown
        assert facet.others == 0


def test_engines_list_facets_alike(engines: tuple[EmbeddedIndex, QdrantIndex]) -> None:
    listed = []
    for index in engines:
        facets = index.facets(EVERYTHING, np.empty(0, np.int64), FACETS)
        listed.append(
            [
                (each.name, [(one.value, one.count, one.parent) for one in each.values])
                for each in facets.facets
            ]
        )
        for facet in facets.facets:
            if facet.name == "applicant":
                assert {applicant_key(one.label) for one in facet.values} == {
                    one.value for one in facet.values
                }
            else:
                listed[-1].append((facet.name, [one.label for one in facet.values]))
    assert listed[0] == listed[1]


@pytest.mark.parametrize("containing", ["ac", "Corp", "sky blue", "東京", "mü g", ""])
def test_applicants_are_found_by_the_beginnings_of_their_words(
    engines: tuple[EmbeddedIndex, QdrantIndex], containing: str
) -> None:
    found = [
        {(each.value, each.count) for each in index.facet_values(EVERYTHING, "applicant", containing)}
        for index in engines
    ]
    if containing != "Corp":  # of two writings the first one met is what is shown and looked through
        assert found[0] == found[1] != set()
    years = [index.facet_values(EVERYTHING, "year", "200", 3) for index in engines]
    assert {each.count for each in years[0]} == {each.count for each in years[1]}


@pytest.mark.parametrize("text", [*PLAIN, *EXPRESSIONS])
@pytest.mark.parametrize("filters", [Filters(), SOME_FILTERS["a section"]], ids=["all", "a section"])
def test_words_find_the_same_figures_in_the_same_order_with_the_same_scores(
    engines: tuple[EmbeddedIndex, QdrantIndex], text: str, filters: Filters
) -> None:
    wording = read_wording(text)
    within = Within(filters, wording.expression)
    answers = []
    for index in engines:
        found = index.matching_words(wording, 10_000, within)
        assert index.size(within).figures == index.newest(10_000, within).rows.size
        assert np.allclose(index.word_scores(wording, found.rows), found.scores, rtol=1e-5)
        answers.append(scored(index, found))
        few = index.matching_words(wording, 10, within)
        assert few.scores.tolist() == pytest.approx(found.scores[:10].tolist())
    sizes = [index.size(within) for index in engines]
    assert sizes[0] == sizes[1]
    if "*" in text:
        assert answers[0].keys() == answers[1].keys()  # how well a beginning fits is not told alike
    else:
        same_order(*answers, close=1e-5)


def test_a_title_or_number_typed_whole_comes_first(
    engines: tuple[EmbeddedIndex, QdrantIndex], entries: dict[str, Entry]
) -> None:
    patents = [each.patent for each in entries.values() if each.figures and each.patent.title]
    for patent in patents[::12]:
        number = patent.number
        assert number
        for text in (patent.title, patent.id, f"{number.office}{number.number}", number.display):
            answers = [scored(index, index.matching_words(read_wording(text), 10_000)) for index in engines]
            same_order(answers[0], answers[1], close=1e-5)
            assert next(iter(answers[1])).startswith((patent.id, *_same_title(patents, patent)))


def _same_title(patents: list[Patent], patent: Patent) -> list[str]:
    return [each.id for each in patents if each.title.lower() == patent.title.lower()]


def test_phrases_are_counted_alike(engines: tuple[EmbeddedIndex, QdrantIndex]) -> None:
    phrases = ["chair", "perspective view", "view of the", "gears", "zebra", "", "folding chairs"]
    counts = [index.phrase_counts(phrases) for index in engines]
    assert counts[0] == counts[1]
    assert counts[0][0] > 0


def test_objects_in_use_are_known(index: Index, oracle: Oracle) -> None:
    figure, _ = oracle.figures()[33]
    assert index.objects_in_use([figure.image, figure.thumbnail, "e" * 64]) == {
        figure.image,
        figure.thumbnail,
    }


def test_sources_come_in_the_order_of_their_keys(engines: tuple[EmbeddedIndex, QdrantIndex]) -> None:
    keys = [f"{n * 7919 % 1000:03x}{n:061x}" for n in range(40)] + ["a/long/name/1", "a/long/name/0", "é"]
    for index in engines:
        for key in keys:
            index.mark_source(key, f'{{"key": "{key}"}}')
        assert [key for key, _ in index.each_source()] == sorted(keys)
        assert index.sources() == {key: f'{{"key": "{key}"}}' for key in keys}
        assert index.source("a/long/name/1") == '{"key": "a/long/name/1"}'
        assert index.source("none") is None


def test_the_graph_finds_ninety_nine_of_a_hundred_nearest(tmp_path: Path) -> None:
    rng = np.random.default_rng(12)
    # As figures do, these lie in groups: fifty centres with forty figures around each.
    centres = rng.standard_normal((50, SPEC.image_dim), dtype=np.float32)
    vectors = unit(
        np.repeat(centres, 40, axis=0) + 0.6 * rng.standard_normal((2000, SPEC.image_dim), dtype=np.float32)
    )
    entries = [graph_entry(number, vectors[number * 40 : number * 40 + 40]) for number in range(50)]
    with qdrant(tmp_path / "qdrant") as server:
        options = Options(indexing_threshold=50)
        url = f"qdrant://{server.node}"
        with QdrantIndex.open(url, SPEC, create=True, options=options) as index:
            index.put_all(entries)
            assert index.wait_until_indexed(300)
            found_of = 0
            for _ in range(30):
                query = unit(vectors[rng.integers(2000)] + 0.3 * rng.standard_normal((1, SPEC.image_dim)))
                found = scored(index, index.nearest_images(query.astype(np.float32), 100))
                exact = np.argsort(-(vectors.astype(np.float16).astype(np.float32) @ query[0]))[:100]
                names = {f"P{at // 40}/{at % 40 + 1}/1" for at in exact.tolist()}
                found_of += len(names & found.keys())
            assert found_of / 3000 >= 0.99


def graph_entry(number: int, vectors: Vectors) -> Entry:
    count = len(vectors)
    return Entry(
        Patent(id=f"P{number}"),
        tuple(figure(f"P{number}", n + 1) for n in range(count)),
        vectors,
        np.zeros((count, SPEC.caption_dim), np.float32),
        "1",
        count,
    )
