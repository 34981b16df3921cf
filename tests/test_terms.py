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
        ("The first and second arms 12, 14 turn.", {"12": "first arm", "14": "second arm"}),
        (
            "The first, second, and third arms 12, 14, 16 turn.",
            {"12": "first arm", "14": "second arm", "16": "third arm"},
        ),
        ("A first leg 12 and a second leg 14 stand.", {"12": "first leg", "14": "second leg"}),
        ("A first shaft 12 turns. The shaft 12 is long.", {"12": "shaft"}),
        ("The upper left and lower right arms 3, 4 turn.", {"3": "upper left arm", "4": "lower right arm"}),
        ("The drive and idler pulleys 30, 32 turn.", {"30": "drive pulley", "32": "idler pulley"}),
        (
            "A frame 10 is there, and between the frame and support legs 14, 16 is a gap.",
            {"10": "frame", "14": "support leg", "16": "support leg"},
        ),
        ("The carry handle 7 and a hold button 8 are red.", {"7": "carry handle", "8": "hold button"}),
        ("The substituent R1, the residues X2 and X3 are carried, and the group R4.", {}),
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


def test_a_list_of_parts_gives_the_whole_names() -> None:
    text = "Control and monitoring system (39) Plate (40) Upper cap of the bellows (41) 3-way valve (42)"
    assert named(text) == {
        "39": "control and monitoring system",
        "40": "plate",
        "41": "upper cap of the bellows",
        "42": "3-way valve",
    }


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        (
            "In step S102, the controller 10 compares the value with a threshold.",
            {"S102": "compare the value with a threshold"},
        ),
        (
            "At step 104, it is determined whether the limit is exceeded.",
            {"104": "determine whether the limit is exceeded"},
        ),
        ("At block 304, a request is received by the server 20.", {"304": "receive a request"}),
        (
            "In step 306, the stored value is compared with the mean.",
            {"306": "compare the stored value with the mean"},
        ),
        ("In step 308, the method continues to estimate data.", {"308": "estimate data"}),
        ("Step S10: acquire image data.", {"S10": "acquire image data"}),
        ("Step 12 includes receiving a signal and storing it.", {"12": "receive a signal"}),
        (
            "The unit receives a signal (S12) and stores it at home (step S4).",
            {"S12": "receive a signal", "S4": "store it at home"},
        ),
        ("Otherwise, the method returns to step S102.", {}),
        ("If the result in step S4 is YES, the process ends.", {}),
    ],
)
def test_a_step_is_named_by_what_is_done_in_it(text: str, steps: dict[str, str]) -> None:
    components = {"10": "controller", "20": "server"}
    assert {n: term for n, term in named(text).items() if n not in components} == steps


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
        "In step 1, a ",
        "in step S1 it is ",
        "first and second arms 1, 2 ",
        "the first, second, ",
        "aaaa (S1",
        "the arm turns the 2 legs and ",
    ],
)
def test_time_grows_no_faster_than_the_text(piece: str) -> None:
    # The time of the processor, which other work on the machine does not stretch.
    quarter, whole = (_seconds(piece, characters) for characters in (250_000, 1_000_000))
    assert whole < 4
    assert whole < 8 * quarter + 0.2


def _seconds(piece: str, characters: int) -> float:
    text = piece * (characters // len(piece))
    started = time.process_time()
    read_components(text)
    return time.process_time() - started
