"""The sidebar of a search: facets whose values are links, and the filters in force as chips."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

from ipatent.facets import FacetName, FacetValue
from ipatent.filters import CHOICES, NO_FILTERS, Choice, ChoiceName, Filters
from ipatent.web.asked import SAFE, Asked
from ipatent.web.language import gettext, noted
from ipatent.web.results import FacetAnswer, FacetsAnswer, FacetValueAnswer

TITLES: Final[dict[str, str]] = {
    "type": noted("Type"),
    "view": noted("View"),
    "office": noted("Office"),
    "kind": noted("Kind"),
    "cpc": noted("CPC"),
    "locarno": noted("Locarno"),
    "applicant": noted("Applicant"),
    "year": noted("Year of publication"),
}
SAID: Final = frozenset({"type", "view"})
"""Facets whose values are words that are translated."""
ORDER: Final[tuple[FacetName, ...]] = (
    "type",
    "view",
    "year",
    "cpc",
    "locarno",
    "applicant",
    "office",
    "kind",
)
MOST_SHOWN: Final = 8
"""Values of one level that are listed at once; those chosen always are."""
_ALL_LEVELS = 24
_TWO_LEVELS = 48
"""Up to so many values a tree is listed with all its levels, or with two, before anything is chosen."""
_TREES = frozenset({"cpc", "locarno"})
_MULTIPLE = frozenset({"cpc", "locarno", "applicant"})
_CHART = (200.0, 40.0)


@dataclass(frozen=True, slots=True)
class ValueLink:
    """A value of a facet: `url` chooses it or takes the choice back, `not_url` shuts it out or lets it in."""

    value: str
    label: str
    count: int
    best: int
    chosen: bool
    shut_out: bool
    url: str
    not_url: str
    below: tuple["ValueLink", ...] = ()
    rest: tuple["ValueLink", ...] = ()
    """Less frequent values below."""


@dataclass(frozen=True, slots=True)
class FacetLinks:
    """One facet of the sidebar; `mode_url` switches between any and all where several are chosen."""

    name: FacetName
    title: str
    values: tuple[ValueLink, ...]
    rest: tuple[ValueLink, ...]
    """Less frequent values."""
    unknown: int
    others: int
    """Values that are not listed at all."""
    mode: str
    mode_url: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A year in the histogram, in its 200 x 40 units."""

    year: str
    count: int
    x: float
    width: float
    height: int
    best_height: int
    url: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force; `url` is the same search without it."""

    title: str
    text: str
    is_not: bool
    url: str
    without: Filters


@dataclass(frozen=True, slots=True)
class Sidebar:
    """All facets, the years apart as a histogram."""

    facets: tuple[FacetLinks, ...]
    bars: tuple[Bar, ...]
    undated: int
    best: int
    """How many of the best ranked are counted apart; 0 where they are not."""


def link_facets(
    asked: Asked, answer: FacetsAnswer, find: str = "", found: Iterable[FacetValue] = ()
) -> Sidebar:
    """The sidebar for an answer; `found` are the applicants that hold the words `find`, if any are sought."""
    links = _Links(asked)
    groups = []
    bars: tuple[Bar, ...] = ()
    undated = 0
    for facet in sorted(answer.facets, key=lambda facet: ORDER.index(facet.name)):
        if facet.name == "year":
            bars, undated = _bars(links, facet), facet.unknown
            continue
        choice = asked.filters.choice(facet.name)
        values = _values(links, facet, choice)
        shown, rest = _divided(values)
        if facet.name == "applicant" and find:
            by_value = {each.value: each for each in values}
            shown = tuple(by_value.get(each.value) or _found(links, each, choice) for each in found)
            rest = ()
        groups.append(
            FacetLinks(
                name=facet.name,
                title=gettext(TITLES[facet.name]),
                values=shown,
                rest=rest,
                unknown=facet.unknown,
                others=facet.others,
                mode=choice.mode,
                mode_url=_mode_url(asked, facet.name, choice),
                is_open=facet.name in ("type", "view", "cpc", "locarno")
                or bool(choice)
                or (facet.name == "applicant" and bool(find)),
            )
        )
    # Where the best are all there are, a second count says nothing.
    best = answer.best if asked.is_ranked and answer.best < answer.figures else 0
    return Sidebar(tuple(groups), bars, undated, best)


def chips(asked: Asked, labels: FacetsAnswer | None) -> tuple[Chip, ...]:
    """The filters in force, each with the address that leaves it out; values are named as the facets do."""
    filters = asked.filters
    said = {
        (facet.name, each.value): _label(facet.name, each.label)
        for facet in (labels.facets if labels else ())
        for each in facet.values
    }
    made: list[Chip] = []

    def add(title: str, text: str, without: Filters, is_not: bool = False) -> None:
        made.append(Chip(gettext(title), text, is_not, _address(asked, without), without))

    for name in CHOICES:
        choice = filters.choice(name)
        for value in choice.values:
            text = said.get((name, value)) or _label(name, value)
            add(TITLES[name], text, _chosen(filters, name, value))
        for value in choice.without:
            text = said.get((name, value)) or _label(name, value)
            add(TITLES[name], text, _shut_out(filters, name, value), is_not=True)
    first, last = filters.years
    if (first, last) != (None, None):
        text = str(first) if first == last else f"{first or '…'}–{last or '…'}"
        add(TITLES["year"], text, replace(filters, years=(None, None)))
    for field, title in (
        ("after", noted("Published from")),
        ("before", noted("Published until")),
        ("priority_before", noted("Priority until")),
    ):
        if day := getattr(filters, field):
            add(title, day.isoformat(), _without(filters, field))
    if filters.captioned is not None:
        text = gettext(noted("yes")) if filters.captioned else gettext(noted("no"))
        add(noted("With caption"), text, replace(filters, captioned=None))
    if within := filters.publications:
        text = within[0] if len(within) == 1 else f"{within[0]} … ({len(within)})"
        add(noted("Within"), text, replace(filters, publications=()))
    if among := filters.figures:
        text = among[0] if len(among) == 1 else f"{among[0]} … ({len(among)})"
        add(noted("Among figures"), text, replace(filters, figures=()))
    return tuple(made)


def without_filters(asked: Asked) -> str:
    """The address of the same search with all filters taken away."""
    return _address(asked, NO_FILTERS)


def _without(filters: Filters, field: str) -> Filters:
    changes: dict[str, Any] = {field: None}
    return replace(filters, **changes)


def _address(asked: Asked, filters: Filters) -> str:
    # Where the last filter goes and nothing else is asked, all figures are what is left.
    return asked.but(filters=filters, offset=0, browse=True).url()


class _Links:
    """The addresses of one search with other filters, quick to make for hundreds of values."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        unfiltered = asked.but(filters=NO_FILTERS, offset=0, browse=False).url()
        self._before = unfiltered + ("&" if "?" in unfiltered else "?")

    def to(self, filters: Filters) -> str:
        """The search with these filters in place of its own."""
        if not filters:
            return _address(self.asked, filters)
        return self._before + urlencode(filters.parameters(), safe=SAFE)

    def choosing(self, name: ChoiceName, value: str) -> str:
        """The search with a value chosen, or no longer."""
        if self.asked.filters:
            return self.to(_chosen(self.asked.filters, name, value))
        return f"{self._before}{name}={quote_plus(value, SAFE)}"

    def shutting_out(self, name: ChoiceName, value: str) -> str:
        """The search with a value shut out, or no longer."""
        if self.asked.filters:
            return self.to(_shut_out(self.asked.filters, name, value))
        return f"{self._before}{name}.not={quote_plus(value, SAFE)}"


def _with(filters: Filters, name: ChoiceName, choice: Choice) -> Filters:
    if len(choice.values) < 2:
        choice = replace(choice, mode="any")
    changes: dict[str, Any] = {name: choice}
    return replace(filters, **changes)


def _chosen(filters: Filters, name: ChoiceName, value: str) -> Filters:
    choice = filters.choice(name)
    without = tuple(each for each in choice.without if each != value)
    if value in choice.values:
        values = tuple(each for each in choice.values if each != value)
    else:
        values = (*choice.values, value)
    return _with(filters, name, Choice(values, without, choice.mode))


def _shut_out(filters: Filters, name: ChoiceName, value: str) -> Filters:
    choice = filters.choice(name)
    values = tuple(each for each in choice.values if each != value)
    if value in choice.without:
        without = tuple(each for each in choice.without if each != value)
    else:
        without = (*choice.without, value)
    return _with(filters, name, Choice(values, without, choice.mode))


def _mode_url(asked: Asked, name: ChoiceName, choice: Choice) -> str:
    if name not in _MULTIPLE or len(choice.values) < 2:
        return ""
    other = replace(choice, mode="any" if choice.mode == "all" else "all")
    return _address(asked, _with(asked.filters, name, other))


def _label(name: str, label: str) -> str:
    if name in _TREES:  # a symbol, and for sections and classes what they are called
        symbol, separator, called = label.partition(" ")
        return f"{symbol} {gettext(called)}" if separator else label
    return gettext(label) if name in SAID else label


def _values(links: _Links, facet: FacetAnswer, choice: Choice) -> tuple[ValueLink, ...]:
    assert facet.name != "year"
    name: ChoiceName = facet.name
    children: dict[str, list[FacetValueAnswer]] = {}
    for each in facet.values:
        children.setdefault(each.parent, []).append(each)
    named = {*choice.values, *choice.without}
    # What is shut out, or occurs nowhere, is not counted; it can be taken back all the same.
    for value in sorted(named - {each.value for each in facet.values}):
        missing = FacetValueAnswer(value=value, label=value, count=0, best=0, parent="")
        children.setdefault("", []).append(missing)
    all_levels = len(facet.values) <= _ALL_LEVELS
    tops = {each.value for each in children.get("", [])}
    two_levels = sum(each.parent in tops for each in facet.values)

    def linked(each: FacetValueAnswer) -> ValueLink:
        on_the_way = any(value.startswith(each.value) for value in named)
        is_listed = all_levels or on_the_way or (not each.parent and two_levels <= _TWO_LEVELS)
        own = children.get(each.value, []) if is_listed else []
        below, rest = _divided([linked(child) for child in own])
        return ValueLink(
            value=each.value,
            label=_label(name, each.label),
            count=each.count,
            best=each.best,
            chosen=each.value in choice.values,
            shut_out=each.value in choice.without,
            url=links.choosing(name, each.value),
            not_url=links.shutting_out(name, each.value),
            below=below,
            rest=rest,
        )

    return tuple(linked(each) for each in children.get("", []))


def _found(links: _Links, found: FacetValue, choice: Choice) -> ValueLink:
    return ValueLink(
        value=found.value,
        label=found.label,
        count=found.count,
        best=found.best,
        chosen=found.value in choice.values,
        shut_out=found.value in choice.without,
        url=links.choosing("applicant", found.value),
        not_url=links.shutting_out("applicant", found.value),
    )


def _divided(values: Iterable[ValueLink]) -> tuple[tuple[ValueLink, ...], tuple[ValueLink, ...]]:
    """The commonest values with those chosen, and the rest, both in the order they were in."""
    every = tuple(values)
    if len(every) <= MOST_SHOWN + 1:
        return every, ()
    least = sorted((each.count for each in every), reverse=True)[MOST_SHOWN - 1]
    kept = [each for each in every if each.count > least]
    room = MOST_SHOWN - len(kept)
    for each in every:
        if each.count == least and room:
            kept.append(each)
            room -= 1
    wanted = {each.value for each in kept}

    def is_shown(each: ValueLink) -> bool:
        return each.value in wanted or each.chosen or each.shut_out or any(map(is_named, each.below))

    def is_named(each: ValueLink) -> bool:
        return each.chosen or each.shut_out or any(map(is_named, each.below))

    return tuple(filter(is_shown, every)), tuple(each for each in every if not is_shown(each))


def _bars(links: _Links, facet: FacetAnswer) -> tuple[Bar, ...]:
    counts = {int(each.value): each for each in facet.values}
    if not counts:
        return ()
    first, last = min(counts), max(counts)
    width, height = _CHART
    step = width / (last - first + 1)
    tallest = max(each.count for each in counts.values()) or 1
    filters = links.asked.filters
    return tuple(
        Bar(
            year=each.value,
            count=each.count,
            x=round((year - first) * step, 1),
            width=round(min(step * 0.86, 24), 1),
            height=max(1, round(height * each.count / tallest)),
            best_height=round(height * each.best / tallest),
            url=links.to(
                replace(filters, years=(None, None) if filters.years == (year, year) else (year, year))
            ),
        )
        for year, each in sorted(counts.items())
    )
