"""Keywords: words that tell one group of figures from the others."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from index_entries import figure, random_entry
from ipatent.index.embedded import EmbeddedIndex
from ipatent.keywords import Keywords, Shown, keywords
from ipatent.language import language_of, language_of_text
from ipatent.patents import Caption, Component, Patent
from ipatent.publication import PublicationNumber
from tiny_encoder import SPEC


def shown(
    patent_id: str, captions: list[str], terms: tuple[str, ...] = (), office: str = "US", **more
) -> list[Shown]:  # type: ignore[no-untyped-def]
    patent = Patent(
        id=patent_id,
        number=PublicationNumber(office, patent_id[2:], "B2"),
        captions=tuple(Caption((str(n),), text) for n, text in enumerate(captions, 1)),
        **more,
    )
    return [(figure(patent_id, n, caption=text, terms=terms), patent) for n, text in enumerate(captions, 1)]


CHAIRS = [
    *shown("US1", ["perspective view of a folding chair", "front view thereof"], ("leg", "hinges", "screw")),
    *shown("US2", ["top view of a folding chair according to an embodiment"], ("leg", "hinge", "screw")),
]
PUMPS = [*shown("US3", ["sectional view of a pump", "rear view of the pump"], ("rotor", "screw", "hinge"))]


def texts(found: Keywords) -> list[str]:
    return [one.text for one in found.main]


def test_a_group_is_named_by_what_the_others_lack() -> None:
    chairs, pumps = keywords([CHAIRS, PUMPS])
    assert texts(chairs)[:2] == ["folding chair", "leg"]
    assert set(texts(pumps)[:2]) == {"pump", "rotor"}
    assert texts(chairs)[-1] in ("hinge", "screw")


def test_a_keyword_says_how_often_and_where_it_occurs() -> None:
    chairs, _ = keywords([CHAIRS, PUMPS])
    hinge = next(one for one in chairs.main if one.text == "hinge")
    assert (hinge.figures, hinge.elsewhere, hinge.collection) == (3, 2, None)
    assert hinge.where == ("US1/1/1", "US1/2/1", "US2/1/1")
    assert hinge.kind == "component"


def test_words_that_say_how_a_thing_is_drawn_are_no_keywords() -> None:
    group = shown("US1", ["perspective view of a first embodiment of a lamp", "enlarged detail thereof"])
    assert texts(keywords([group])[0]) == ["lamp"]


def test_what_is_common_in_the_whole_collection_tells_little() -> None:
    def frequencies(phrases):  # type: ignore[no-untyped-def]
        return [900 if phrase == "leg" else 3 for phrase in phrases]

    chairs, _ = keywords([CHAIRS, PUMPS], frequencies, size=1000)
    assert texts(chairs)[0] == "folding chair"
    weights = {one.text: one.weight for one in chairs.main}
    assert weights["leg"] < 0.2 * weights["folding chair"]
    assert next(one.collection for one in chairs.main if one.text == "leg") == 900


def test_a_patent_with_many_sheets_does_not_speak_for_its_group() -> None:
    loud = shown("US1", ["view of a gate"] * 12)
    group = [*loud, *shown("US2", ["view of a bench"]), *shown("US3", ["view of a bench"])]
    group += [*shown("US4", ["view of a bench"]), *shown("US5", ["view of a bench"])]
    assert texts(keywords([group])[0]) == ["bench", "gate"]


def test_languages_stand_in_lists_of_their_own() -> None:
    german = shown(
        "DE9", ["Ansicht der Pumpe mit dem Rotor", "Schnitt durch die Pumpe nach der Linie"], office="DE"
    )
    (found,) = keywords([[*CHAIRS, *german]])
    assert [language for language, _ in found.by_language] == ["en", "de"]
    assert all(one.language == language for language, ones in found.by_language for one in ones)
    german_words = [one.text for one in found.by_language[1][1]]
    assert german_words[0] == "pumpe"
    assert "ansicht" not in german_words


def test_components_of_the_figure_count_where_it_has_no_terms_of_its_own() -> None:
    group = shown(
        "US1",
        ["view of a bed", "view of a bed"],
        components=(Component("1", "slat", figures=("1",)), Component("2", "post", figures=("2",))),
    )
    found = {one.text: one.where for one in keywords([group])[0].main}
    assert found["slat"] == ("US1/1/1",)
    assert found["post"] == ("US1/2/1",)


def test_a_shorter_name_in_the_same_figures_is_left_out() -> None:
    group = shown("US1", ["view of a folding chair", "view of a folding chair"], ("chair", "seat"))
    assert texts(keywords([group])[0]) == ["folding chair", "seat"]


def test_nothing_said_gives_no_keywords_and_no_groups_no_lists() -> None:
    assert keywords([]) == ()
    assert keywords([shown("US1", ["", ""]), []]) == (Keywords(()), Keywords(()))


def test_languages_are_told_by_script_and_small_words() -> None:
    assert language_of_text("Ansicht der Pumpe und des Gehäuses") == "de"
    assert language_of_text("vue de la pompe et du carter") == "fr"
    assert language_of_text("ポンプの斜視図") == "ja"
    assert language_of_text("泵的立体图") == "zh"
    assert language_of_text("Pump") == ""
    assert language_of(Patent(id="X", number=PublicationNumber("FR", "1", "A1"), title="Pompe")) == "fr"


def test_the_index_counts_phrases_in_any_form_and_survives_odd_ones(tmp_path: Path) -> None:
    entry = random_entry(np.random.default_rng(0), "US1", figures=2)
    shown_twice = tuple(
        replace(one, caption=text, terms=("leg lock",))
        for one, text in zip(entry.figures, ("view of folding chairs", "chair for folding"), strict=True)
    )
    with EmbeddedIndex.open(tmp_path / "index.sqlite", SPEC, create=True) as index:
        index.put(replace(entry, figures=shown_twice))
        asked = ("folding chair", "leg locks", "gate", "", '" OR *', "lock leg")
        assert index.phrase_counts(asked) == (1, 2, 0, 0, 0, 0)
