"""Words: any text may be asked for, and a patent's title finds it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index_entries import figure, random_entry
from ipatent.index.embedded import EmbeddedIndex
from ipatent.index.words import title_key
from ipatent.wording import query_words, read_wording, tokens
from tiny_encoder import SPEC

TITLES = {
    "A": "Teething mitten",
    "B": "Bottle",
    "C": "Bottle with a bottle cap and a bottle holder",
    "D": "Mitten for café ovens",
    "E": "Chair",
    "F": "Pump housing",
}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[EmbeddedIndex]:
    rng = np.random.default_rng(0)
    with EmbeddedIndex.open(tmp_path / "index.sqlite", SPEC, create=True) as opened:
        for patent_id, title in TITLES.items():
            entry = random_entry(rng, patent_id, figures=2)
            opened.put(
                replace(
                    entry,
                    patent=replace(
                        entry.patent, title=title, abstract="", applicants=(f"{patent_id}corp Müller",)
                    ),
                    figures=(
                        figure(
                            patent_id,
                            1,
                            caption="a perspective view",
                            terms=(f"{patent_id}term", "first wall"),
                        ),
                        figure(patent_id, 2, caption="a rear view", labels=(f"2{patent_id}",)),
                    ),
                )
            )
        yield opened


def found(index: EmbeddedIndex, text: str, limit: int = 100) -> list[str]:
    rows = index.matching_words(read_wording(text), limit).rows
    return [each.id for each, _ in index.figures_at(rows)]


def test_a_printed_title_finds_its_patent_first(index: EmbeddedIndex) -> None:
    for patent_id, title in TITLES.items():
        for typed in (title, title.upper(), f"  {title}. "):
            assert {each.split("/")[0] for each in found(index, typed)[:2]} == {patent_id}


def test_a_whole_title_comes_before_a_longer_one_that_repeats_it(index: EmbeddedIndex) -> None:
    assert found(index, "bottle") == ["B/1/1", "B/2/1", "C/1/1", "C/2/1"]


def test_plural_and_accent_make_no_difference(index: EmbeddedIndex) -> None:
    assert found(index, "mittens")[:4] == found(index, "mitten")[:4] != []
    assert found(index, "cafe") == found(index, "CAFÉ") == found(index, "cafe\u0301") == ["D/1/1", "D/2/1"]
    assert found(index, "muller bcorp")[:2] == ["B/1/1", "B/2/1"]


def test_a_longer_query_still_finds(index: EmbeddedIndex) -> None:
    assert found(index, "an electrically heated teething apparatus for unicorns")[:2] == ["A/1/1", "A/2/1"]


def test_words_of_caption_term_and_label_find_their_own_figure_only(index: EmbeddedIndex) -> None:
    assert found(index, "eterm") == ["E/1/1"]
    assert found(index, "2f") == ["F/2/1"]
    assert found(index, "rear chair")[0] == "E/2/1"
    assert found(index, "perspective chair")[0] == "E/1/1"


def test_stop_words_count_only_when_there_is_nothing_else() -> None:
    assert query_words("The mitten of a baby") == ["mitten", "baby"]
    assert query_words("of the") == ["of", "the"]


def test_tokens_are_those_that_the_full_text_engine_sees() -> None:
    assert tokens("T-shirt, O'Brien's ½ naïve ﬁne_x 手袋カ") == [
        "t", "shirt", "o", "brien", "s", "1", "2", "naive", "fine", "x", "手", "袋", "カ",
    ]  # fmt: skip
    assert title_key("  Teething-MITTEN! ") == "teething mitten"


def test_chinese_and_japanese_are_found_inside_longer_names(index: EmbeddedIndex) -> None:
    entry = random_entry(np.random.default_rng(1), "Z", figures=1)
    index.put(replace(entry, patent=replace(entry.patent, title="乳児用手袋"), figures=(figure("Z", 1),)))
    assert found(index, "手袋") == ["Z/1/1"]


@pytest.mark.parametrize(
    "text",
    [
        '"', "''", '"mitten', "mitten and", "NEAR(mitten teething, 2)", "not mitten", "mitten*",
        "^mitten", "title:mitten", "(((mitten", "mitten)))", "mitten or or", "{title}: mitten",
        "+mitten - teething", "mitten\0teething",
        "mitten; DROP TABLE patents; --", "' or 1=1 --", "mitten \U0001f9e4", "mitten\udcff",
        "%_?[]{}\\mitten", "mitten\n\r\t",
    ],
)  # fmt: skip
def test_no_text_harms_the_index_or_hides_its_words(index: EmbeddedIndex, text: str) -> None:
    ids = found(index, text)
    if "mitten" in text:
        assert {"A/1/1", "A/2/1", "D/1/1"} <= set(ids)
    assert index.status().patents == len(TITLES)


@pytest.mark.parametrize("text", ["", "   ", "\0", "!?.,;", "\U0001f600", "zzzzqqq", "\udcff"])
def test_text_without_a_known_word_finds_nothing(index: EmbeddedIndex, text: str) -> None:
    assert found(index, text) == []
    rows = index.nearest_images(np.ones((1, SPEC.image_dim), np.float32), 9).rows
    assert not index.word_scores(read_wording(text), rows).any()


@pytest.mark.parametrize(
    "text", ["mitten " * 1500, "m" * 10_000, " ".join(f"w{n}" for n in range(2000)), "(" * 10_000]
)
def test_ten_thousand_characters_are_answered(index: EmbeddedIndex, text: str) -> None:
    assert bool(found(index, text)) == ("mitten" in text)


def test_scores_of_given_figures_are_those_they_were_found_with(index: EmbeddedIndex) -> None:
    everything = index.nearest_images(np.ones((1, SPEC.image_dim), np.float32), 100).rows
    for text in ("mitten", "rear view", "bottle cap", "view"):
        matches = index.matching_words(read_wording(text), 100)
        scores = dict(
            zip(everything.tolist(), index.word_scores(read_wording(text), everything).tolist(), strict=True)
        )
        assert {row: score for row, score in scores.items() if score} == dict(
            zip(matches.rows.tolist(), matches.scores.tolist(), strict=True)
        )
        assert matches.scores.tolist() == sorted(matches.scores.tolist(), reverse=True)
        assert (matches.scores > 0).all()


def test_a_word_in_every_figure_is_found_when_it_is_all_there_is(index: EmbeddedIndex) -> None:
    assert len(found(index, "view")) == 2 * len(TITLES)
    assert found(index, "view", limit=3) == found(index, "view")[:3]


def test_words_of_deleted_and_replaced_patents_are_forgotten(index: EmbeddedIndex) -> None:
    entry = random_entry(np.random.default_rng(1), "A", fingerprint="other", figures=1)
    index.put(replace(entry, patent=replace(entry.patent, title="Rattle"), figures=(figure("A", 1),)))
    index.delete("B")
    assert found(index, "teething") == []
    assert found(index, "rattle") == ["A/1/1"]
    assert {each.split("/")[0] for each in found(index, "bottle")} == {"C"}


def test_a_publication_number_typed_as_printed_finds_its_patent_first(index: EmbeddedIndex) -> None:
    rng = np.random.default_rng(1)
    for number in ("US7272630B2", "US7272631B2", "USD744296S1"):
        index.put(random_entry(rng, number, figures=2))
    for typed, number in {
        "US 7,272,630 B2": "US7272630B2",
        "US 7272630": "US7272630B2",
        "US D744,296 S": "USD744296S1",
        "d744,296": "USD744296S1",
    }.items():
        assert {each.split("/")[0] for each in found(index, typed)} == {number}, typed
    assert found(index, "US D999,999 S") == []
