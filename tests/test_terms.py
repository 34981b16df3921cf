"""Components: reference numerals with their terms, passages and figures, in the wording of real patents."""

import time

import pytest

from ipatent.patents import Component
from ipatent.terms import components_of_figure, read_components, terms_of


def named(text: str) -> dict[str, str]:
    return {component.numeral: component.term for component in read_components(text)}


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("The cylinder (5) moves.", {"5": "cylinder"}),
        ("There is a cylinder 5.", {"5": "cylinder"}),
        ("Two cylinders 5a, 5b are used.", {"5a": "cylinder", "5b": "cylinder"}),
        ("The first and second arms 12, 14 turn.", {"12": "arm", "14": "arm"}),
        ("The upper and lower arms 12, 14 turn.", {"12": "upper arm", "14": "lower arm"}),
        ("It stands on legs 14a-14d.", dict.fromkeys(("14a", "14b", "14c", "14d"), "leg")),
        ("In step S102 the step S102 ends.", {"S102": "step"}),
        ("It has a seat 12 and a back 13.", {"12": "seat", "13": "back"}),
        ("Said folding leg 7 is long.", {"7": "folding leg"}),
        ("The fixing devices (12) and (14) hold.", {"12": "fixing device", "14": "fixing device"}),
        ("A bellows 3 is fitted. The bellows 3 is soft.", {"3": "bellows"}),
        ("A network interface (NI) 44 is provided.", {"44": "network interface"}),
        ("A resistor R1 is grounded.", {"R1": "resistor"}),
        ("The cover 8 closes. Covers 9 are loose. The covers 9 fit.", {"8": "cover", "9": "cover"}),
    ],
)
def test_the_words_before_a_numeral_name_its_component(text: str, terms: dict[str, str]) -> None:
    assert named(text) == terms


@pytest.mark.parametrize(
    "text",
    [
        "As shown in FIG. 2 and in FIGS. 3 and 4, it turns by an angle of 45 degrees.",
        "The plate has a thickness of 10 mm, a width 12 mm wide, and a length 30 to 40 cm.",
        "The device of claim 1 was described in Example 3 and in Table 7.",
        "See U.S. Pat. No. 5,123,456 and application Ser. No. 16/123,456, filed in June 2015.",
        "It was sold in the year 1998 with Windows 2000, and 20% of them failed.",
        "A section taken along the line 4-4 shows the same.",
        "The method uses one of (1) a wire, (2) a cable and (3) a radio link.",
        "The bit string 01 and the group NO2 are used.",
    ],
)
def test_figures_claims_years_and_quantities_are_no_numerals(text: str) -> None:
    assert named(text) == {}


def test_the_fullest_frequent_wording_becomes_the_term_and_the_others_are_kept() -> None:
    text = "A drive shaft 12 is mounted. The drive shaft 12 turns. The shaft 12 is hollow. The shafts 12 fit."
    (component,) = read_components(text)
    assert component.term == "drive shaft"
    assert {"drive shaft", "shaft", "shafts"} <= set(component.forms)


def test_a_numeral_in_brackets_belongs_to_the_whole_phrase_before_it() -> None:
    text = "The rod with threaded ends (1) is long. The rod with threaded ends (1) is bolted to the cap (3)."
    assert named(text) == {"1": "rod with threaded ends", "3": "cap"}


def test_passages_are_the_sentences_that_mention_the_component() -> None:
    text = "The valve 12 opens. As in FIG. 2, air flows. The spring 14 closes the valve 12."
    valve, spring = read_components(text)
    assert valve.passages == ("The valve 12 opens.", "The spring 14 closes the valve 12.")
    assert spring.passages == ("The spring 14 closes the valve 12.",)


def test_passages_of_an_endless_sentence_are_short_and_hold_the_component() -> None:
    (component,) = read_components("so it goes on " * 200 + "with the valve 12 " + "and goes on " * 200)
    assert len(component.passages[0]) < 400
    assert "valve 12" in component.passages[0]


def test_a_figure_shows_what_is_mentioned_until_another_is_named() -> None:
    text = (
        "As shown in FIG. 3, the valve 12 opens. The spring 14 closes it. "
        "Turning to FIG. 4A, the pump 16 runs. DETAILS\nThe frame 18 is of steel."
    )
    components = read_components(text)
    assert terms_of(components_of_figure(components, ("3",))) == ("valve", "spring")
    assert terms_of(components_of_figure(components, ("4A",))) == ("pump", "frame")
    assert components_of_figure(components, ("9",)) == ()


def test_what_is_said_of_a_figure_holds_for_its_parts() -> None:
    component = Component("12", "valve", figures=("4",))
    assert components_of_figure((component,), ("4B",)) == (component,)


def test_numbers_of_clauses_are_left_out_where_components_are_numbered_from_100_on() -> None:
    text = " ".join(f"The part {number} is here." for number in range(100, 130, 2))
    assert "3" not in named(f"{text} It has (3) a wire, and the wire (4).")


def test_words_broken_at_the_end_of_a_line_are_joined_and_claims_are_left_out() -> None:
    text = "The valve hou-\nsing 12 is\nround. It fits.\nWhat is claimed is:\n1. A lever 99 for the arm 98."
    assert named(text) == {"12": "valve housing"}


@pytest.mark.parametrize(
    "piece",
    [
        "1 ",
        "arm 12, ",
        "(1) ",
        "FIG. 1, ",
        "the arm 1a-1z ",
        "1-",
        "1'",
        "of the rod ",
        ". A",
        "\n",
        "A",
        "a 1",
    ],
)
def test_a_megabyte_of_anything_is_read_in_two_seconds(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    started = time.perf_counter()
    read_components(text)
    assert time.perf_counter() - started < 2
