"""Filters of a search as keywords: `cpc="A47C"`, `type_not=["table"]`, `priority_before="2015-06-01"`."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final, Literal, TypedDict

from ipatent.filters import CHOICES, NO_FILTERS, Filters, Mode

Values = str | Iterable[str]
Day = str | date


class FilterWords(TypedDict, total=False):
    """The filters that a search takes as keywords; each is described in docs/search.md."""

    office: Values
    office_not: Values
    office_mode: Mode
    kind: Values
    kind_not: Values
    kind_mode: Mode
    cpc: Values
    cpc_not: Values
    cpc_mode: Mode
    locarno: Values
    locarno_not: Values
    locarno_mode: Mode
    type: Values
    type_not: Values
    type_mode: Mode
    view: Values
    view_not: Values
    view_mode: Mode
    applicant: Values
    applicant_not: Values
    applicant_mode: Mode
    year: int | str
    after: Day
    before: Day
    priority_before: Day
    captioned: bool | Literal["yes", "no"]
    within: Values
    """Ids of patents or publication numbers to search within."""


_PARAMETERS: Final[dict[str, str]] = {
    **{f"{name}{ending}": f"{name}{ending.replace('_', '.')}" for name in CHOICES for ending in ("", "_not")},
    **{f"{name}_mode": f"{name}.mode" for name in CHOICES},
    **{name: name for name in ("year", "after", "before", "priority_before", "captioned")},
    "within": "in",
}


def filters_from(words: Mapping[str, Any], base: Filters = NO_FILTERS) -> Filters:
    """`base` with the keywords added to it, or put in place of its single values.

    Raises QueryError where a value cannot be one, TypeError for a name that is no filter.
    """
    pairs = [*base.parameters()]
    for word, value in words.items():
        if word not in _PARAMETERS:
            raise TypeError(f"{word!r} is no filter; there are {', '.join(_PARAMETERS)}")
        if value is None:
            continue
        name = _PARAMETERS[word]
        texts = _texts(value)
        if name in ("year", "after", "before", "priority_before", "captioned") or name.endswith(".mode"):
            pairs = [pair for pair in pairs if pair[0] != name]
        pairs += [(name, text) for text in texts]
    return Filters.parse(pairs)


def _texts(value: Any) -> list[str]:
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, date):
        return [value.isoformat()]
    if isinstance(value, str | int):
        return [str(value)]
    return [str(each) for each in value]
