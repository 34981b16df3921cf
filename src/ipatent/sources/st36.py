"""WIPO Standard ST.36 as the offices share it: text, class symbols, dates and the names of drawings."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from xml.etree.ElementTree import Element

from ipatent.sources.captions import expand_labels
from ipatent.sources.markup import base_name
from ipatent.sources.uspto_fields import Lines, day, one_line

_PARENTS = frozenset(
    "continuation division continuation-in-part continuing-reissue reissue substitution "
    "us-provisional-application a-371-of-international addition utility-model-basis".split()
)
_NUMBERING = re.compile(r"^0\d{3,}$")


def flat(element: Element) -> str:
    """The text of an element and all that is in it, on one line."""
    return one_line("".join(element.itertext()))


def text_at(parent: Element, path: str) -> str:
    """The text of the first element at a path, or nothing."""
    found = parent.find(path)
    return "" if found is None else flat(found)


def structured(symbol: Element) -> str:
    """A class symbol given in parts: `A47C 9/10`."""
    section, class_, subclass, group, subgroup = (
        text_at(symbol, name) for name in ("section", "class", "subclass", "main-group", "subgroup")
    )
    stem = f"{section}{class_}{subclass}"
    return f"{stem} {group}/{subgroup}" if group and subgroup else stem


def description(element: Element | None) -> Lines:
    """The lines of a description, those on the drawings known by their section."""
    lines = Lines()
    if element is not None:
        _walk(element, lines)
    return lines


def earliest(days: Iterable[date | None]) -> date | None:
    """The first of the dates that are known, or None."""
    return min((one for one in days if one), default=None)


def priority(bibliography: Element) -> date | None:
    """The earliest date claimed: foreign priorities, and applications that this one goes on from.

    An earlier publication of the same application is no priority.
    """
    return earliest(day(flat(one)) for one in _priority_dates(bibliography))


def _priority_dates(bibliography: Element) -> Iterator[Element]:
    yield from bibliography.iterfind("priority-claims/priority-claim//date")
    for name in ("us-related-documents", "related-documents"):
        for related in bibliography.iterfind(f"{name}/*"):
            if related.tag not in _PARENTS:
                continue
            parents = list(related.iterfind(".//parent-doc/document-id/date"))
            yield from parents or related.iterfind("document-id/date")


def titles(elements: Iterable[Element]) -> tuple[tuple[str, str], ...]:
    """Language and title of each `invention-title`, each language once."""
    found: dict[str, str] = {}
    for element in elements:
        if words := flat(element):
            found.setdefault(element.get("lang", "").lower()[:2], words)
    return tuple(found.items())


def english(several: tuple[tuple[str, str], ...]) -> str:
    """The English title, or the first where there is none."""
    by_language = dict(several)
    return by_language.get("en") or next(iter(by_language.values()), "")


def drawing_files(drawings: Element | None) -> dict[str, tuple[str, ...]]:
    """The files of the drawing sheets in order, each with the labels of its figures where they are told.

    `num="1,2A"` of a figure tells its labels; `num="0001"` only counts.
    """
    found: dict[str, tuple[str, ...]] = {}
    if drawings is None:
        return found
    for figure in drawings:
        number = figure.get("num", "") or figure.get("figure-labels", "")
        labels = () if _NUMBERING.match(number) else expand_labels(number)
        pages = [figure] if figure.tag in ("img", "doc-page") else []
        for image in [*pages, *figure.iter("img"), *figure.iter("doc-page")]:
            if (name := base_name(image.get("file", ""))) and name not in found:
                found[name] = labels
            elif name:
                found[name] = tuple(dict.fromkeys((*found[name], *labels)))
    return found


def _walk(element: Element, lines: Lines) -> None:
    """Adds the paragraphs and headings of a section; the depth is bounded by the parser."""
    for child in element:
        if child.tag == "?brief-description-of-drawings":
            (lines.begin_drawings if child.get("end") == "lead" else lines.end_drawings)()
        elif child.tag == "description-of-drawings":
            outside = not lines.on_drawings
            lines.begin_drawings()
            _walk(child, lines)
            if outside:
                lines.end_drawings()
        elif child.tag == "heading":
            lines.heading(flat(child))
        elif child.tag == "p":
            lines.paragraph(_paragraph(child))
        else:
            _walk(child, lines)


def _paragraph(element: Element) -> str:
    """The text of a paragraph; each item of a list inside it begins a new line."""
    parts: list[str] = []

    def gather(one: Element) -> None:
        if one.tag in ("li", "br", "dt"):
            parts.append("\n")
        parts.append(_inline(one.text))
        for child in one:
            gather(child)
            parts.append(_inline(child.tail))

    gather(element)
    return "".join(parts)


def _inline(text: str | None) -> str:
    return (text or "").replace("\n", " ")
