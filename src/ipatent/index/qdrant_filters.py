"""Filters for Qdrant: what a search may find, as conditions on the payload of figures."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from ipatent.filters import Choice, Filters
from ipatent.index.qdrant_points import figure_key
from ipatent.index.qdrant_text import NUMBER_MARK, TABLES, Sought, phrase_sought, typed_number
from ipatent.wording import And, Expression, Near, Not, Or, Phrase

if TYPE_CHECKING:
    from qdrant_client import grpc

_LAST_DAY = 9999_12_31

Looked = Callable[["Near | Phrase"], tuple[Sequence[int], Sequence[int]]]
"""Patents by number and figures by row that satisfy a leaf which the server cannot decide."""


def is_(key: str, value: str | int | bool) -> "grpc.Condition":
    """The payload's `key` is, or among others has, this value."""
    from qdrant_client import grpc

    if isinstance(value, bool):
        return _field(grpc.FieldCondition(key=key, match=grpc.Match(boolean=value)))
    if isinstance(value, int):
        return _field(grpc.FieldCondition(key=key, match=grpc.Match(integer=value)))
    return _field(grpc.FieldCondition(key=key, match=grpc.Match(keyword=value)))


def among(key: str, values: Iterable[str] | Iterable[int]) -> "grpc.Condition":
    """The payload's `key` is one of these values."""
    from qdrant_client import grpc

    listed = list(values)
    if not listed:
        return nothing()
    numbers = [value for value in listed if isinstance(value, int)]
    if numbers:
        match = grpc.Match(integers=grpc.RepeatedIntegers(integers=numbers))
    else:
        match = grpc.Match(keywords=grpc.RepeatedStrings(strings=[str(value) for value in listed]))
    return _field(grpc.FieldCondition(key=key, match=match))


def among_rows(of: Iterable[int]) -> "grpc.Condition":
    """The point is one of these rows."""
    from qdrant_client import grpc

    return grpc.Condition(has_id=grpc.HasIdCondition(has_id=[grpc.PointId(num=int(row)) for row in of]))


def absent(key: str) -> "grpc.Condition":
    """The payload has no `key`, or an empty one."""
    from qdrant_client import grpc

    return grpc.Condition(is_empty=grpc.IsEmptyCondition(key=key))


def nothing() -> "grpc.Condition":
    """What no point satisfies."""
    return among_rows(())


def every(conditions: Iterable["grpc.Condition"]) -> "grpc.Condition":
    """All of them hold."""
    from qdrant_client import grpc

    return grpc.Condition(filter=grpc.Filter(must=list(conditions)))


def either(conditions: Iterable["grpc.Condition"]) -> "grpc.Condition":
    """At least one of them holds."""
    from qdrant_client import grpc

    listed = list(conditions)
    return grpc.Condition(filter=grpc.Filter(should=listed)) if listed else nothing()


def none_of(conditions: Iterable["grpc.Condition"]) -> "grpc.Condition":
    """None of them holds."""
    from qdrant_client import grpc

    return grpc.Condition(filter=grpc.Filter(must_not=list(conditions)))


def as_filter(conditions: Iterable["grpc.Condition"]) -> "grpc.Filter | None":
    """A filter that asks for all conditions; None where there is none."""
    from qdrant_client import grpc

    listed = list(conditions)
    return grpc.Filter(must=listed) if listed else None


def holds(sought: Sought) -> "grpc.Condition":
    """The text has these stems in a row; of those whose last may go on, the last alone is asked for."""
    from qdrant_client import grpc

    def match(mark: str) -> "grpc.Match":
        if sought.prefix:
            return grpc.Match(text=mark + sought.stems[-1])
        return grpc.Match(phrase=" ".join(mark + stem for stem in sought.stems))

    key = "starts" if sought.prefix else "words"
    return either(_field(grpc.FieldCondition(key=key, match=match(mark))) for mark in sought.marks)


def begins(word: str) -> "grpc.Condition":
    """Some word begins so; it carries its mark, and has two letters at least."""
    from qdrant_client import grpc

    return _field(grpc.FieldCondition(key="starts", match=grpc.Match(text=word)))


def conditions_of(filters: Filters, numbers: Sequence[int] | None) -> list["grpc.Condition"]:
    """What `filters` ask of a figure; `numbers` are the patents named in them, None where none is."""
    return [*_undated_conditions(filters, numbers), *_dates(filters)]


def undated_conditions_of(filters: Filters, numbers: Sequence[int] | None) -> list["grpc.Condition"]:
    """What figures satisfy that would satisfy `filters`, were their dates known; `filters` limit dates."""
    limits = _dates(filters)
    known_or_open = [either([limit, is_(key, 0)]) for limit, key in zip(limits, _dated(filters), strict=True)]
    return [*_undated_conditions(filters, numbers), *known_or_open, none_of([every(limits)])]


def expression_condition(expression: Expression, looked: Looked) -> "grpc.Condition":
    """What an expression asks of a figure."""
    if isinstance(expression, Not):
        return none_of([expression_condition(expression.part, looked)])
    if isinstance(expression, And | Or):
        parts = [expression_condition(part, looked) for part in expression.parts]
        return every(parts) if isinstance(expression, And) else either(parts)
    if isinstance(expression, Near) or (expression.prefix and len(expression.words) > 1):
        patents, figures = looked(expression)
        return either([among("patent", patents), among_rows(figures)])
    if expression.field == "number":
        return _numbered(expression)
    sought = [found for table in TABLES if (found := phrase_sought(expression, table)) is not None]
    return either(map(holds, sought))


def _numbered(phrase: Phrase) -> "grpc.Condition":
    from qdrant_client import grpc

    typed = typed_number(phrase)
    if not typed:
        return nothing()
    match = grpc.Match(text=NUMBER_MARK + typed) if phrase.prefix else grpc.Match(phrase=NUMBER_MARK + typed)
    return _field(grpc.FieldCondition(key="starts" if phrase.prefix else "words", match=match))


def _undated_conditions(filters: Filters, numbers: Sequence[int] | None) -> list["grpc.Condition"]:
    found: list[grpc.Condition] = []
    for name in ("office", "kind", "locarno", "applicant", "type", "view"):
        found += _choice(getattr(filters, name), partial(is_, name))
    found += _choice(filters.cpc, _classified)
    if filters.captioned is not None:
        found.append(is_("captioned", filters.captioned))
    if numbers is not None:
        found.append(among("patent", numbers))
    if filters.figures:
        found.append(among("figure", map(figure_key, filters.figures)))
    return found


def _choice(choice: Choice, having: Callable[[str], "grpc.Condition"]) -> list["grpc.Condition"]:
    found: list[grpc.Condition] = []
    if choice.values:
        wanted = [having(value) for value in choice.values]
        found += wanted if choice.mode == "all" else [either(wanted)]
    if choice.without:
        found.append(none_of(having(value) for value in choice.without))
    return found


def _classified(value: str) -> "grpc.Condition":
    if len(value) <= len("A47C"):
        return is_("cpc", value)
    # A main group without its own number stands for all its subgroups: A47C1 is not A47C10.
    return is_("symbols", value if "/" in value else f"{value}/")


def _limits(filters: Filters) -> list[tuple[str, int | None, int | None]]:
    first, last = filters.years
    return [
        (key, least, most)
        for key, least, most in (
            ("published", first and first * 10_000, last and last * 10_000 + 1231),
            ("published", _number(filters.after), _number(filters.before)),
            ("earliest", None, _number(filters.priority_before)),
        )
        if least is not None or most is not None
    ]


def _dated(filters: Filters) -> list[str]:
    return [key for key, _, _ in _limits(filters)]


def _dates(filters: Filters) -> list["grpc.Condition"]:
    from qdrant_client import grpc

    return [
        _field(grpc.FieldCondition(key=key, range=grpc.Range(gte=max(least or 1, 1), lte=most or _LAST_DAY)))
        for key, least, most in _limits(filters)
    ]


def _number(day: date | None) -> int | None:
    return day.year * 10_000 + day.month * 100 + day.day if day else None


def _field(condition: "grpc.FieldCondition") -> "grpc.Condition":
    from qdrant_client import grpc

    return grpc.Condition(field=condition)


__all__ = [
    "absent",
    "among",
    "among_rows",
    "as_filter",
    "begins",
    "conditions_of",
    "either",
    "every",
    "expression_condition",
    "holds",
    "is_",
    "none_of",
    "nothing",
    "undated_conditions_of",
]
