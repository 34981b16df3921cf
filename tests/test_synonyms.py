"""Synonyms from the collection: who keeps the same company, and what a search finds through them."""

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from fastapi import Request
from typer.testing import CliRunner

from index_entries import random_entry
from ipatent.cli import app
from ipatent.index.embedded import EmbeddedIndex
from ipatent.query import MatchedWord, Query, Results, Weights
from ipatent.search import search
from ipatent.synonyms import learned, of_index, widened
from ipatent.web.asked import read_asked
from ipatent.wording import read_wording
from tiny_encoder import SPEC, TinyEncoder

TEXTS = [
    ["Folding desk", "top", "leg", "drawer"],
    ["Writing desk", "top", "leg", "cable hole"],
    ["Folding table", "top", "leg", "apron"],
    ["Round table", "top", "leg", "brace"],
    ["Table", "top", "leg", "drawer"],
    *(["Bottle", "neck", "cap", f"thread {n}"] for n in "abc"),
    *(["Spur gear", "tooth", "hub", f"key {n}"] for n in "abc"),
    *(["Ceiling fan", "blade", "motor", f"rod {n}"] for n in "abc"),
    *(["Shoe", "sole", "lace", f"eyelet {n}"] for n in "abcdefgh"),
]


def test_words_that_keep_the_same_company_are_synonyms_in_any_form() -> None:
    synonyms = learned(TEXTS)
    assert [one.word for one in synonyms.of("desk")][:1] == ["table"]
    assert synonyms.of("Desks") == synonyms.of("desk")
    assert synonyms.of("desk")[0].patents == 3


def test_parts_of_a_thing_are_no_synonyms_of_it() -> None:
    synonyms = learned(TEXTS)
    for thing, part in (("desk", "leg"), ("bottle", "cap"), ("gear", "tooth")):
        assert part not in [one.word for one in synonyms.of(thing, 10)]


@pytest.mark.parametrize("texts", [[], [[]], [["Chair"]], [["!", "12 34"]]])
def test_collections_without_company_have_none(texts: list[list[str]]) -> None:
    assert learned(texts).of("chair") == ()


def test_expressions_and_unknown_words_are_not_widened() -> None:
    synonyms = learned(TEXTS)
    assert widened(read_wording("desk AND leg"), synonyms) is None
    assert widened(read_wording("zeppelin"), synonyms) is None
    found = widened(read_wording("desk"), synonyms)
    assert found
    assert found.typed["table"] == "desk"


def test_a_synonym_that_was_typed_too_is_not_added_again() -> None:
    found = widened(read_wording("desk or tables"), learned(TEXTS))
    assert found is None or "table" not in found.typed


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a patent of two figures for each of the texts."""
    folder = tmp_path_factory.mktemp("things")
    dice = np.random.default_rng(0)
    with closing(EmbeddedIndex.open(folder / "index.sqlite", SPEC, create=True)) as index:
        for number, (title, *terms) in enumerate(TEXTS):
            entry = random_entry(dice, f"USD{number + 100}S1", figures=2)
            figures = tuple(replace(each, caption="", terms=tuple(terms)) for each in entry.figures)
            index.put(replace(entry, patent=replace(entry.patent, title=title, abstract=""), figures=figures))
    return folder


@pytest.fixture
def index(data: Path) -> Iterator[EmbeddedIndex]:
    with closing(EmbeddedIndex.open(data / "index.sqlite", SPEC)) as opened:
        yield opened


def by_words(index: EmbeddedIndex, text: str, synonyms: bool) -> Results:
    return search(Query(text, weights=Weights(words=1), synonyms=synonyms), index, TinyEncoder())


def test_a_search_finds_other_words_below_the_word_that_was_typed(index: EmbeddedIndex) -> None:
    plain, wide = (by_words(index, "desk", on) for on in (False, True))
    assert {hit.patent.title for hit in plain.hits} == {"Folding desk", "Writing desk"}
    titles = [hit.patent.title for hit in wide.hits]
    assert set(titles[:4]) == {"Folding desk", "Writing desk"}
    assert {"Folding table", "Round table", "Table"} <= set(titles[4:])
    assert wide.hits[0].words == (MatchedWord("desk", "title"),)
    assert wide.hits[4].words == (MatchedWord("desk ≈ table", "title"),)


def test_an_expression_is_kept_strictly(index: EmbeddedIndex) -> None:
    found = by_words(index, "title:desk AND leg", synonyms=True)
    assert {hit.patent.title for hit in found.hits} == {"Folding desk", "Writing desk"}


def test_synonyms_are_learned_anew_when_the_index_has_changed(data: Path, tmp_path: Path) -> None:
    shutil.copy(data / "index.sqlite", tmp_path / "index.sqlite")
    with closing(EmbeddedIndex.open(tmp_path / "index.sqlite", SPEC)) as index:
        assert of_index(index) is of_index(index)
        before = of_index(index).of("desk")
        for number in range(len(TEXTS)):
            if "table" in TEXTS[number][0].lower():
                index.delete(f"USD{number + 100}S1")
        assert [one.word for one in before] != [one.word for one in of_index(index).of("desk")]


def test_the_command_lists_synonyms(data: Path) -> None:
    said = CliRunner().invoke(app, ["synonyms", "desk zeppelin", "--data", str(data)])
    assert "desk: table (" in said.stdout
    assert "zeppelin: none" in said.stdout
    listed = json.loads(CliRunner().invoke(app, ["synonyms", "desk", "--data", str(data), "--json"]).stdout)
    assert listed["desk"][0]["word"] == "table"


@pytest.mark.parametrize(("asked", "expected"), [("", None), ("on", True), ("off", False)])
def test_an_address_says_whether_words_are_widened(
    asked: Literal["", "on", "off"], expected: bool | None
) -> None:
    request = Request({"type": "http", "query_string": f"q=desk&synonyms={asked}".encode(), "headers": []})
    read = read_asked(request, q="desk", synonyms=asked)
    assert read.synonyms is expected
    assert dict(read.parameters).get("synonyms", "") == asked
