"""Wording: what people type is words unless they mean an expression, and a wrong one says where."""

import pytest

from ipatent.errors import QueryError
from ipatent.wording import And, Near, Not, Or, Phrase, leaves, read_wording


def written(text: str) -> str:
    """The expression in one notation, or the empty text for plain words."""
    expression = read_wording(text).expression
    return _written(expression) if expression else ""


def _written(part: object) -> str:
    if isinstance(part, And | Or):
        sign = " & " if isinstance(part, And) else " | "
        return f"({sign.join(_written(each) for each in part.parts)})"
    if isinstance(part, Not):
        return f"!{_written(part.part)}"
    if isinstance(part, Near):
        return f"{_written(part.left)}~{part.distance}~{_written(part.right)}"
    assert isinstance(part, Phrase)
    return (f"{part.field}:" if part.field else "") + "_".join(part.words) + ("*" if part.prefix else "")


@pytest.mark.parametrize(
    "text",
    [
        "folding chair",
        "what is a tri-fold (door)?",
        "chair and table or stool, not a bench",
        "a hinge - folding - of steel",
        "-40 °C",
        '5" pipe',
        '5" and 6" pipes',
        'say "hello',
        "2*3 = 6; a* b",
        "Note: title",
        "http://example.org/title",
        "re:fold",
        "NEAR(",
        "OR",
        "AND NOT",
        "R&D | x || y ^ {z}",
        "((chair))",
        "anderson NORTH ORAL",
        "",
        "   ",
    ],
)
def test_ordinary_text_is_plain_words(text: str) -> None:
    wording = read_wording(text)
    assert wording.expression is None
    assert wording.meaning == text.strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("folding AND leg", "(folding & leg)"),
        ("chair OR stool AND leg", "(chair | (stool & leg))"),
        ("(chair OR stool) AND leg", "((chair | stool) & leg)"),
        ("(chair OR stool)leg", "((chair | stool) & leg)"),
        ("chair NOT wheel", "(chair & !wheel)"),
        ("chair AND NOT wheel", "(chair & !wheel)"),
        ("chair -wheel", "(chair & !wheel)"),
        ('chair -"swivel wheel"', "(chair & !swivel_wheel)"),
        ("NOT (chair OR table)", "!(chair | table)"),
        ('"folding leg"', "folding_leg"),
        ('the "folding leg" of a table', "(folding_leg & table)"),
        ("“folding leg”", "folding_leg"),
        ("fold*", "fold*"),
        ("leg NEAR/3 hinge", "leg~3~hinge"),
        ("leg NEAR hinge AND chair", "(leg~10~hinge & chair)"),
        ('"folding leg" NEAR/0 hing*', "folding_leg~0~hing*"),
        ("title:chair", "title:chair"),
        ("term:(leg OR foot) chair", "((term:leg | term:foot) & chair)"),
        ('applicant:"acme tools"', "applicant:acme_tools"),
        ("number:US7272630", "number:us7272630"),
        ("tri-fold AND café", "(tri_fold & cafe)"),
        ("the AND chair", "chair"),
        ("hinge (folding) AND door", "(hinge & folding & door)"),
    ],
)
def test_operators_in_capitals_quotes_and_fields_make_an_expression(text: str, expected: str) -> None:
    assert written(text) == expected


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("chair AND", "character 10", "missing"),
        ("AND chair", r"character 1 \(AND\)", "missing before this"),
        ("chair OR OR table", r"character 10 \(OR\)", "missing before this"),
        ("(chair OR table", r"character 1 \(\(\)", "never closed"),
        ("chair OR table)", r"character 15 \(\)\)", "no opening one"),
        ("chair AND ()", r"character 11 \(\(\)\)", "empty"),
        ('chair AND "leg', "character 11", "quotation mark is never closed"),
        ("(a OR b) NEAR/2 chair", "character 1", "two words or quoted phrases"),
        ("title:leg NEAR term:hinge", r"character 11 \(NEAR\)", "same field"),
        ("leg NEAR hinge NEAR foot", r"character 16 \(NEAR\)", "two words only"),
        ("NOT", None, ""),
        ("(" * 40 + "a AND b" + ")" * 40, "character", "nested"),
        (" AND ".join(["leg"] * 65), "character", "64 words at most"),
    ],
)
def test_an_expression_that_cannot_be_read_says_where_and_why(
    text: str, place: str | None, says: str
) -> None:
    if place is None:
        assert read_wording(text).expression is None
        return
    with pytest.raises(QueryError, match=f"{place}.*{says}") as error:
        read_wording(text)
    assert "small letters" in error.value.advice


def test_the_meaning_leaves_out_operators_fields_and_what_is_negated() -> None:
    text = 'title:chair AND ("Folding leg" OR fold*) NOT wheel number:US7272630 leg NEAR/2 hinge -castor'
    assert read_wording(text).meaning == "chair Folding leg fold leg hinge"
    assert read_wording("NOT chair").meaning == ""


def test_only_what_is_not_negated_counts_for_a_figure() -> None:
    expression = read_wording("chair NOT (wheel OR castor) leg NEAR hinge").expression
    assert expression is not None
    assert [_written(leaf) for leaf in leaves(expression)] == ["chair", "leg~10~hinge"]


def test_equal_texts_are_equal_and_may_be_remembered() -> None:
    assert read_wording("chair AND leg") == read_wording("chair AND leg")
    assert len({read_wording("chair AND leg"), read_wording("chair AND leg")}) == 1
