"""The brief description, the cover and the component terms, in the wording of real patents."""

from datetime import date

import pytest

from ipatent.sources.captions import expand_labels, read_captions
from ipatent.sources.cover import read_cover
from ipatent.terms import component_terms

DESIGN = """(57) CLAIM
The ornamental design for a napkin holder, as shown and
described.
DESCRIPTION
FIG. 1 is a perspective view of a napkin holder showing our
new design.
FIG . 2 is a front view thereof ;
FIGS. 3 and 4 are side views thereof; and,
FIG. 5 is a bottom view thereof.
The broken lines in FIG. 5 show environment only.
1 Claim, 5 Drawing Sheets"""

UTILITY = """The pump of FIG. 9 is not a caption.
BRIEF DESCRIPTION OF THE DRAWINGS
FIG. 1 shows a pump;
FIGS. 2A-2C illustrate the valve of FIG. 1 in three posi-
tions; and
FIG. 3 is a flowchart.
DETAILED DESCRIPTION
FIG. 4 is not a caption either."""


def test_each_figure_of_a_design_patent_gets_its_caption() -> None:
    captions = {label: c.text for c in read_captions(DESIGN) for label in c.labels}
    assert captions == {
        "1": "perspective view of a napkin holder showing our new design",
        "2": "front view thereof",
        "3": "side views thereof",
        "4": "side views thereof",
        "5": "bottom view thereof",
    }


def test_only_the_brief_description_of_a_utility_patent_is_read() -> None:
    captions = read_captions(UTILITY)
    assert [(c.labels, c.text) for c in captions] == [
        (("1",), "a pump"),
        (("2A", "2B", "2C"), "the valve of FIG. 1 in three positions"),
        (("3",), "flowchart"),
    ]


def labelled(text: str) -> dict[str, str]:
    return {label: caption.text for caption in read_captions(text) for label in caption.labels}


def test_a_caption_without_a_verb_is_read() -> None:
    text = "FIG. 1: perspective view of a pump;\nFIG. 2, a rear view thereof;\nFIG. 3 a top view thereof."
    assert labelled(text) == {
        "1": "perspective view of a pump",
        "2": "rear view thereof",
        "3": "top view thereof",
    }


def test_a_figure_named_at_the_beginning_of_a_line_starts_no_caption() -> None:
    text = (
        "FIG. 1 is a pump.\nFIG. 2 is a view of the pump of\nFIG. 1, a left side view being its mirror image."
    )
    assert list(labelled(text)) == ["1", "2"]


def test_a_caption_with_a_misread_label_gets_the_label_that_is_missing() -> None:
    text = "FIG. 4 is a bottom view thereof:\nr\nES5 is a front view thereof\nFIG. 6 is a back view thereof;"
    assert labelled(text) == {
        "4": "bottom view thereof",
        "5": "front view thereof",
        "6": "back view thereof",
    }


def test_a_remark_on_several_figures_belongs_to_no_caption() -> None:
    text = "FIG. 8 is a view of FIG. 7. In FIGS. 2-7 details are left out."
    assert labelled(text) == {"8": "view of FIG. 7"}


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("1", "1"),
        ("2A and 2B", "2A 2B"),
        ("3-5", "3 4 5"),
        ("6a to 6c", "6A 6B 6C"),
        ("7, 8 and 9", "7 8 9"),
        ("10 through 12", "10 11 12"),
    ],
)
def test_label_lists_and_ranges_are_expanded(text: str, labels: str) -> None:
    assert expand_labels(text) == tuple(labels.split())


def test_a_design_cover_gives_number_dates_parties_and_classes() -> None:
    cover = read_cover(
        [
            "(12) United States Design Patent (10) Patent No.: US D744.296 S",
            "(45) Date of Patent: Dec. 1, 2015",
        ],
        [
            "(54) HOT AIR BLOWING TOOL FOR MELTING",
            "SOLDER",
            "( 71 ) Applicant: Guangzhou Yihua Electronic",
            "Equipment Co., Ltd., Guangdong (CN)",
            "(72) Inventors: Sheldon H. Goodman, Solon, OH (US);",
            "Jennifer Case, Akron, OH (US)",
            "(22) Filed: Nov. 18, 2014",
            "(51) LOC (10) Cl. ........ O7-06",
            "(52) U.S. Cl.",
            "USPC .......... D7/631; D7/400",
            "(58) Field of Classification Search",
            "USPC .......... D9/999",
            "(57) CLAIM",
            "The ornamental design for a tool.",
            "1 Claim, 5 Drawing Sheets",
        ],
    )
    assert str(cover.number) == "USD744296S1"
    assert (cover.published, cover.filed) == (date(2015, 12, 1), date(2014, 11, 18))
    assert cover.title == "HOT AIR BLOWING TOOL FOR MELTING SOLDER"
    assert cover.applicants == ("Guangzhou Yihua Electronic Equipment Co., Ltd.",)
    assert cover.inventors == ("Sheldon H. Goodman", "Jennifer Case")
    assert [c.symbol for c in cover.classifications] == ["07-06", "D7/631", "D7/400"]
    assert cover.abstract == ""
    assert cover.sheets == 5


def test_a_utility_cover_gives_its_abstract_and_cpc() -> None:
    cover = read_cover(
        ["(10) Patent No.: US 7,272,630 B2"],
        [
            "(54) Pump with valve",
            "(51) Int. Cl.",
            "F04B 53/10 (2006.01)",
            "(52) U.S. Cl.",
            "CPC ........ F04B 53/10 (2013.01); F16K 15/00 (2013.01)",
            "(57) ABSTRACT",
            "A pump (20) has a valve",
            "(22) that closes.",
            "20 Claims, 5 Drawing Sheets",
        ],
    )
    assert str(cover.number) == "US7272630B2"
    assert cover.abstract == "A pump (20) has a valve (22) that closes."
    assert [(c.scheme, c.symbol) for c in cover.classifications] == [
        ("IPC", "F04B 53/10"),
        ("CPC", "F04B 53/10"),
        ("CPC", "F16K 15/00"),
    ]


def test_an_unreadable_cover_gives_nothing_rather_than_guesses() -> None:
    cover = read_cover(["??? ##"], ["lorem ipsum", "(99) nothing"])
    assert cover.number is None
    assert (cover.title, cover.published, cover.classifications) == ("", None, ())


def test_terms_are_the_words_before_numerals() -> None:
    text = (
        "The seat 12 is carried by a folding leg 14a. The seat 12 has an armrest 16. "
        "As shown in FIG. 2, the armrest 16 turns about a hinge pin (18), in 2015, by about 45 degrees."
    )
    assert component_terms(text) == ("seat", "armrest", "folding leg", "hinge pin")


def test_companies_keep_the_dot_of_their_abbreviation_and_lose_their_address() -> None:
    lines = [
        "(71) Applicant: Corvane S.p.A., Milano (IT); Finch Corp., Solon, OH (US);",
        "Kean Co., Ltd, Shenzhen, Guangdong (CN)",
    ]
    assert read_cover([], lines).applicants == ("Corvane S.p.A.", "Finch Corp.", "Kean Co., Ltd.")
