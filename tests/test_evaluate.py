"""The measuring of retrieval: measures, intervals, tests, tasks, files and pages."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from drawn_patents import Library, draw
from ipatent.cli import app
from ipatent.errors import EmptyIndex, IPatentError, QueryError, SettingsError, SourceError
from ipatent.evaluate import MEASURES, Answer, Outcome, Topic
from ipatent.evaluate.collection import Collection, encoded, open_collection, read_truths, without_numerals
from ipatent.evaluate.likeness import LEAST_INK, cosine, cut_box, family, region, reid
from ipatent.evaluate.lists import read_list, reid_by_lists
from ipatent.evaluate.measures import score
from ipatent.evaluate.page import worst_page
from ipatent.evaluate.questions import captions, descriptions, paraphrase, titles, with_words
from ipatent.evaluate.results import outcomes_json, read_outcomes
from ipatent.evaluate.statistics import differences, estimates
from ipatent.evaluate.suite import Plan, run, systems
from ipatent.evaluate.trec import judged_runs
from ipatent.index.embedded import EmbeddedIndex
from ipatent.objects import Objects
from ipatent.patents import Box, Numeral
from ipatent.pictures import encode_png
from ipatent.query import SecondLook
from ipatent.sample.objects import KINDS
from tiny_encoder import TinyEncoder

pytest.importorskip("ir_measures", reason="ir-measures is not installed")


def answer(topic: str, ranked: str, relevant: str, group: str = "") -> Answer:
    """Ids are letters; the group of a topic is its name unless told."""
    return Answer(Topic(topic, group or topic, dict.fromkeys(relevant, 1)), tuple(ranked))


def outcome(*answers: Answer, system: str = "one") -> Outcome:
    return Outcome("reid", system, "letters", score(answers))


@pytest.fixture(scope="module")
def collection(library: Library) -> Collection:
    state = library.state
    return open_collection("drawn", state.index, state.encoder, state.objects, 10_000_000)


def truths_of(collection: Collection) -> dict[str, dict[str, object]]:
    """Families of two patents each, all of the same kind."""
    return {
        name: {"family": f"F{place // 2}", "kind": sorted(KINDS)[0], "terms": {"12": "leg", "14": "seat"}}
        for place, name in enumerate(sorted(collection.patents))
    }


def with_truths(collection: Collection) -> Collection:
    return Collection(
        collection.name,
        collection.index,
        collection.encoder,
        collection.objects,
        collection.max_pixels,
        collection.figures,
        collection.patents,
        collection.vectors,
        truths_of(collection),
    )


def test_measures_are_those_of_the_textbook() -> None:
    (one,) = score([answer("q", "abcd", "bd")])
    values = dict(zip(MEASURES, one.values, strict=True))
    assert values["mAP"] == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert (values["R@1"], values["R@5"], values["MRR"]) == (0.0, 1.0, 0.5)
    best = 1 + 1 / np.log2(3)
    assert values["nDCG@10"] == pytest.approx((1 / np.log2(3) + 1 / np.log2(5)) / best)


def test_a_relevant_figure_that_was_not_found_lowers_average_precision() -> None:
    (one,) = score([answer("q", "a", "ab")])
    assert one.values[0] == pytest.approx(0.5)


def test_a_topic_of_which_nothing_was_found_counts_as_zero() -> None:
    scored = score([answer("empty", "", "a"), answer("found", "a", "a")])
    assert scored[0].values == (0.0,) * len(MEASURES)
    assert estimates(scored)["mAP"].mean == pytest.approx(0.5)


def test_intervals_are_wider_when_topics_of_a_patent_fail_together() -> None:
    ranks = ["ab"] * 20 + ["ba"] * 20
    alone = score([answer(f"q{n}", r, "a") for n, r in enumerate(ranks)])
    together = score([answer(f"q{n}", r, "a", group=f"p{n // 10}") for n, r in enumerate(ranks)])
    narrow, wide = estimates(alone)["mAP"], estimates(together)["mAP"]
    assert narrow.mean == wide.mean == pytest.approx(0.75)
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


def test_the_same_seed_gives_the_same_interval() -> None:
    scored = score([answer(f"q{n}", "ab" if n % 3 else "ba", "a") for n in range(12)])
    assert estimates(scored, seed=4) == estimates(scored, seed=4)


def test_a_consistent_gain_is_significant_and_no_gain_is_not() -> None:
    bad = outcome(*(answer(f"q{n}", "ba", "a") for n in range(14)))
    good = outcome(*(answer(f"q{n}", "ab", "a") for n in range(14)), system="two")
    gap = differences(bad, good)[0]
    assert gap.gain.mean == pytest.approx(0.5)
    assert gap.p < 0.01
    assert differences(bad, bad)[0].p == 1.0


def test_many_figures_of_two_patents_are_not_many_observations() -> None:
    bad = outcome(*(answer(f"q{n}", "ba", "a", group=f"p{n % 2}") for n in range(40)))
    good = outcome(*(answer(f"q{n}", "ab", "a", group=f"p{n % 2}") for n in range(40)), system="two")
    assert differences(bad, good)[0].p > 0.3


def test_runs_over_different_topics_are_not_compared() -> None:
    with pytest.raises(QueryError, match="same topics"):
        differences(outcome(answer("a", "a", "a")), outcome(answer("b", "a", "a")))


def test_reid_never_ranks_the_query_itself_and_ranks_all_others(collection: Collection) -> None:
    answers = list(reid(collection, collection.vectors))
    assert len(answers) == len(collection.figures)
    for one in answers:
        assert one.topic.figure not in one.ranked
        assert len(one.ranked) == len(collection.figures) - 1
        assert all(name.startswith(f"{one.topic.group}/") for name in one.topic.relevant)


def test_reid_ranks_by_falling_cosine(collection: Collection) -> None:
    first = next(reid(collection, collection.vectors))
    places = {figure.id: place for place, figure in enumerate(collection.figures)}
    rows = np.array([places[name] for name in first.ranked])
    scores = cosine(collection.vectors, collection.vectors[places[first.topic.figure]], rows)
    assert np.all(np.diff(scores) <= 1e-6)


def test_family_leaves_out_the_patent_that_asks(collection: Collection) -> None:
    answers = list(family(with_truths(collection), collection.vectors))
    assert len(answers) == len(collection.figures)
    for one in answers:
        own = one.topic.figure.split("/")[0]
        assert not any(name.startswith(f"{own}/") for name in (*one.ranked, *one.topic.relevant))


def test_without_known_families_there_is_no_family_task(collection: Collection) -> None:
    assert not list(family(collection, collection.vectors))


def test_cut_outs_hold_a_quarter_of_the_ink_and_depend_on_the_seed_alone() -> None:
    picture = draw(3, 1)
    boxes = [cut_box(picture, np.random.default_rng(seed)) for seed in range(12)]
    total = (picture < 128).sum()
    for box in boxes:
        assert (box.cut(picture) < 128).sum() >= LEAST_INK * total
        assert box.within(picture.shape[1], picture.shape[0])
        assert box.width < picture.shape[1]
    assert boxes == [cut_box(picture, np.random.default_rng(seed)) for seed in range(12)]
    assert len(set(boxes)) > 1


def test_a_region_asks_for_exactly_its_figure(collection: Collection) -> None:
    answers = list(region(collection, collection.vectors, collection.encoder, 7, 0))
    assert len(answers) == 7
    for one in answers:
        assert list(one.topic.relevant) == [one.topic.figure]
        assert one.topic.figure in one.ranked


def test_titles_find_their_patents_and_captions_their_figures(collection: Collection) -> None:
    by_title = score(titles(collection, 100, 0))
    assert estimates(by_title)["R@1"].mean > 0.9
    by_caption = score(captions(collection, 12, 0))
    assert estimates(by_caption)["R@10"].mean > 0.9


def test_a_paraphrase_does_not_use_the_title(collection: Collection) -> None:
    told = with_truths(collection)
    kind = KINDS[sorted(KINDS)[0]]
    for patent in told.patents.values():
        text = paraphrase(told, patent, 0)
        assert patent.title.lower() not in text
        assert kind.purpose in text
        assert "leg" in text
    assert len(list(descriptions(told, 5, 0))) == 5


def test_words_beside_a_picture_lead_to_the_same_thing(collection: Collection) -> None:
    picture = score(with_words(collection, 20, 0, 0.0))
    both = score(with_words(collection, 20, 0, 0.5))
    assert estimates(both)["mAP"].mean > estimates(picture)["mAP"].mean
    assert not any(one.topic.figure in one.best for one in both)


def test_numerals_are_painted_over_and_nothing_else() -> None:
    picture = np.zeros((50, 60), np.uint8)
    clean = without_numerals(picture, (Numeral("12", Box(20, 10, 8, 6)),))
    assert (clean[7:19, 17:31] == 255).all()
    assert (clean == 255).sum() == 12 * 14
    assert not picture.any()


def test_vectors_are_those_of_the_index_or_made_from_the_drawings(collection: Collection) -> None:
    again = encoded(collection, TinyEncoder(text_tower=True))
    np.testing.assert_allclose(again, collection.vectors, atol=0.01)


def test_lists_of_pictures_are_ranked_by_label(tmp_path: Path) -> None:
    for patent in range(3):
        for view in range(3):
            (tmp_path / f"p{patent}-{view}.png").write_bytes(encode_png(draw(patent, view)))
    queries, database = tmp_path / "query.txt", tmp_path / "db.txt"
    queries.write_text("p0-0.png 0\np1-0.png 1\n")
    database.write_text("".join(f"p{p}-{v}.png {p}\n" for p in range(3) for v in range(3)))
    answers = list(
        reid_by_lists(tmp_path, read_list(queries), read_list(database), TinyEncoder(), 10_000_000)
    )
    assert [one.topic.id for one in answers] == ["p0-0.png", "p1-0.png"]
    assert set(answers[0].topic.relevant) == {"p0-1.png", "p0-2.png"}
    assert len(answers[0].ranked) == 8


def test_a_listed_picture_that_is_missing_is_named(tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("gone.png 1\n")
    with pytest.raises(SourceError, match=r"gone\.png"):
        list(reid_by_lists(tmp_path, read_list(listed), read_list(listed), TinyEncoder(), 10_000_000))
    listed.write_text("\n")
    with pytest.raises(SourceError, match="names no picture"):
        read_list(listed)


def test_judgements_and_a_run_give_graded_topics(tmp_path: Path) -> None:
    qrels, ranking = tmp_path / "qrels", tmp_path / "run"
    qrels.write_text("q1 0 a 2\nq1 0 b 0\nq2 0 a 1\nq3 0 a 0\n")
    ranking.write_text("q1 Q0 b 1 0.9 x\nq1 Q0 a 2 0.8 x\n")
    first, second = judged_runs(qrels, ranking)
    assert (first.ranked, dict(first.topic.relevant)) == (("b", "a"), {"a": 2})
    assert second.ranked == ()


@pytest.mark.parametrize(
    ("qrels", "ranking", "said"),
    [
        ("q 0 a\n", "q Q0 a 1 1 x\n", "3 columns"),
        ("q 0 a x\n", "q Q0 a 1 1 x\n", "not a whole number"),
        ("q 0 a 1\n", "q Q0 a 1 high x\n", "not a number"),
        ("q 0 a 1\n", "other Q0 a 1 1 x\n", "No topic"),
    ],
)
def test_unusable_judgements_say_what_is_wrong(tmp_path: Path, qrels: str, ranking: str, said: str) -> None:
    (tmp_path / "qrels").write_text(qrels)
    (tmp_path / "run").write_text(ranking)
    with pytest.raises(IPatentError, match=said):
        judged_runs(tmp_path / "qrels", tmp_path / "run")


def test_results_survive_being_written_and_read(collection: Collection, tmp_path: Path) -> None:
    plan = Plan(("reid", "region"), queries=5)
    compared = systems(collection, [collection.encoder], _silent)
    outcomes = tuple(run(collection, plan, compared, _silent))
    file = tmp_path / "results.json"
    file.write_text(json.dumps(outcomes_json(outcomes, 0)))
    assert read_outcomes(file) == tuple(
        Outcome(o.task, o.system, o.collection, o.scored, o.candidates, round(o.seconds, 3)) for o in outcomes
    )


@pytest.mark.parametrize("content", ["", "[]", '{"format": "another", "measures": []}'])
def test_a_file_that_is_no_result_is_told(tmp_path: Path, content: str) -> None:
    file = tmp_path / "results.json"
    file.write_text(content)
    with pytest.raises(SourceError, match="no result"):
        read_outcomes(file)


def test_a_task_without_topics_is_told_and_left_out(collection: Collection) -> None:
    said: list[str] = []
    compared = systems(collection, [collection.encoder], said.append)
    outcomes = list(run(collection, Plan(("family", "reid")), compared, said.append))
    assert [one.task for one in outcomes] == ["reid"]
    assert any("family is left out" in line for line in said)
    with pytest.raises(QueryError, match="nothing to measure"):
        list(run(collection, Plan(("family",)), compared, said.append))


def test_the_page_of_worst_topics_is_one_file_with_pictures_and_no_script(collection: Collection) -> None:
    plan = Plan(("reid", "region", "title"), queries=5)
    outcomes = list(run(collection, plan, systems(collection, [collection.encoder], _silent), _silent))
    page = worst_page(outcomes, collection, 0, worst=3)
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?!data:image/)', page)
    worst = min(outcomes[0].scored, key=lambda one: (one.values[0], one.topic.id))
    assert worst.topic.id in page
    assert page.count("data:image/") > 10


def test_hostile_names_are_shown_as_text(collection: Collection) -> None:
    nasty = score([Answer(Topic("<b>x</b>", "p", {"a": 1}, text="<i>y</i>"), ("<u>z</u>",))])
    page = worst_page([Outcome("judged", "<s>", "c", nasty)], None, 0)
    assert not re.search(r"<[bius]>", page)


def test_an_empty_index_says_to_ingest_first(tmp_path: Path) -> None:
    with EmbeddedIndex.open(tmp_path / "index.sqlite", create=True) as index:
        objects = Objects.open(tmp_path / "objects")
        with pytest.raises(EmptyIndex, match="nothing to evaluate"):
            open_collection("empty", index, TinyEncoder(), objects, 1_000_000)


def test_a_damaged_truth_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.truth.json").write_text("{}")
    with pytest.raises(SourceError, match=r"x\.truth\.json"):
        read_truths(tmp_path)


def _silent(_: str) -> None:
    pass


def test_the_command_measures_writes_and_compares(tmp_path: Path) -> None:
    qrels, better, worse = tmp_path / "qrels", tmp_path / "better", tmp_path / "worse"
    qrels.write_text("".join(f"q{n} 0 a 1\n" for n in range(12)))
    better.write_text("".join(f"q{n} Q0 a 1 0.9 x\nq{n} Q0 b 2 0.8 x\n" for n in range(12)))
    worse.write_text("".join(f"q{n} Q0 b 1 0.9 x\nq{n} Q0 a 2 0.8 x\n" for n in range(12)))
    runner = CliRunner()
    for run_file in (better, worse):
        to = str(run_file.with_suffix(".json"))
        result = runner.invoke(
            app, ["eval", "judged", "--qrels", str(qrels), "--run", str(run_file), "--to", to]
        )
        assert result.exit_code == 0, result.output
    names = [str(file.with_suffix(".json")) for file in (worse, better)]
    result = runner.invoke(app, ["eval", "compare", *names, "--json"])
    assert result.exit_code == 0, result.output
    (compared,) = json.loads(result.stdout)["comparisons"]
    gain = compared["measures"][0]
    assert gain["measure"] == "mAP"
    assert gain["gain"]["mean"] == pytest.approx(0.5)
    assert gain["p"] < 0.01


def test_lists_without_their_folder_are_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["eval", "reid", "--query-list", str(tmp_path / "q.txt")])
    assert isinstance(result.exception, SettingsError)
    assert "--database-list" in str(result.exception)


def test_second_looks_are_measured_beside_the_plain_ranking(collection: Collection) -> None:
    looks: tuple[tuple[SecondLook, ...], ...] = (("siblings",), ("expansion", "kreciprocal"))
    compared = systems(collection, [collection.encoder], _silent, looks)
    names = [one.name for one in compared[:3]]
    assert names == ["tiny", "tiny, siblings", "tiny, expansion + kreciprocal"]
    plain, siblings, _ = run(collection, Plan(("reid",)), compared[:3], _silent)
    before, after = (np.mean([one.values[0] for one in each.scored]) for each in (plain, siblings))
    assert after > before
