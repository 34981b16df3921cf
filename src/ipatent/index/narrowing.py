"""Narrowing: which figures of the columns satisfy filters."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from ipatent.facets import FacetName
from ipatent.filters import Choice, Filters
from ipatent.index.columns import Codes, Columns, Mask, Pairs

Having = Callable[[str], Mask]


@dataclass(frozen=True, slots=True, eq=False)
class Narrowed:
    """Figures (n,) that satisfy filters, and those that would, were their dates known."""

    figures: Mask
    undated: Mask


def narrowed(
    columns: Columns, filters: Filters, publications: Mask | None, named: Mask | None = None
) -> Narrowed:
    """The figures that satisfy `filters`.

    `publications` (p,) are the patents and `named` (n,) the figures named in them, or None.
    """
    patents = np.ones(len(columns.patent_rows), bool)
    if publications is not None:
        patents &= publications
    for choice, codes, name in (
        (filters.office, columns.office, "office"),
        (filters.kind, columns.kind, "kind"),
    ):
        if choice:
            patents &= _single(columns, choice, codes, name)
    for choice, pairs in ((filters.locarno, columns.locarno), (filters.applicant, columns.applicant)):
        if choice:
            patents &= _several(choice, pairs, columns)
    if filters.cpc:
        patents &= _cpc(filters.cpc, columns)
    dated, open_ = _dates(columns, filters)
    figures = np.ones(len(columns.patent), bool)
    for choice, codes, name in ((filters.type, columns.type, "type"), (filters.view, columns.view, "view")):
        if choice:
            figures &= _single(columns, choice, codes, name)
    if filters.captioned is not None:
        figures &= columns.captioned == filters.captioned
    if named is not None:
        figures &= named
    undated = figures & (patents & open_)[columns.patent] if open_.any() else np.zeros(len(figures), bool)
    patents &= dated
    if not patents.all():
        figures &= patents[columns.patent]
    return Narrowed(figures, undated)


def without_own_choice(filters: Filters, name: FacetName) -> Filters:
    """`filters` without what they choose any of in this facet: its counts then say what else there is."""
    if name == "year":
        return replace(filters, years=(None, None))
    choice = filters.choice(name)
    if not choice.values or choice.mode == "all":
        return filters
    changes: dict[str, Any] = {name: Choice(without=choice.without)}
    return replace(filters, **changes)


def _single(columns: Columns, choice: Choice, codes: Codes, name: str) -> Mask:
    vocabulary = columns.vocabularies[name]
    allowed = np.ones(len(vocabulary.values), bool)
    if choice.values:
        wanted = [vocabulary.among([value]) for value in choice.values]
        allowed &= np.logical_and.reduce(wanted) if choice.mode == "all" else np.logical_or.reduce(wanted)
    allowed &= ~vocabulary.among(choice.without)
    return allowed[codes]


def _several(choice: Choice, pairs: Pairs, columns: Columns) -> Mask:
    return _combined(choice, lambda value: _having(pairs, pairs.vocabulary.among([value]), columns), columns)


def _cpc(choice: Choice, columns: Columns) -> Mask:
    def having(value: str) -> Mask:
        if len(value) <= len("A47C"):
            return _having(columns.cpc, columns.cpc.vocabulary.among([value]), columns)
        # A main group without its own number stands for all its subgroups: A47C1 is not A47C10.
        start = value if "/" in value else f"{value}/"
        chosen = columns.symbols.vocabulary.chosen(lambda symbol: symbol.startswith(start))
        return _having(columns.symbols, chosen, columns)

    return _combined(choice, having, columns)


def _combined(choice: Choice, having: Having, columns: Columns) -> Mask:
    allowed = np.ones(len(columns.patent_rows), bool)
    if choice.values:
        found = [having(value) for value in choice.values]
        allowed &= np.logical_and.reduce(found) if choice.mode == "all" else np.logical_or.reduce(found)
    for value in choice.without:
        allowed &= ~having(value)
    return allowed


def _having(pairs: Pairs, chosen: Mask, columns: Columns) -> Mask:
    having = np.zeros(len(columns.patent_rows), bool)
    having[pairs.patents[chosen[pairs.codes]]] = True
    return having


def _dates(columns: Columns, filters: Filters) -> tuple[Mask, Mask]:
    """Patents (p,) within all limits, and those outside only for want of a date."""
    within = np.ones(len(columns.patent_rows), bool)
    failed = np.zeros(len(columns.patent_rows), bool)
    first, last = filters.years
    for days, least, most in (
        (columns.published, first and first * 10_000, last and last * 10_000 + 1231),
        (columns.published, _number(filters.after), _number(filters.before)),
        (columns.earliest, None, _number(filters.priority_before)),
    ):
        if least is None and most is None:
            continue
        known = days > 0
        passes = (days >= (least or 0)) & (days <= (most or 99991231))
        within &= known & passes
        failed |= known & ~passes
    return within, ~within & ~failed


def _number(day: date | None) -> int | None:
    return day.year * 10_000 + day.month * 100 + day.day if day else None
