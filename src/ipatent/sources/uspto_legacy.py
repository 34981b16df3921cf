"""The USPTO's XML before 2005: grants by WIPO ST.32 (PATDOC, 2001-2004), applications as PAP (v1.x)."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element

from ipatent.patents import Patent
from ipatent.sources.markup import base_name
from ipatent.sources.st36 import earliest
from ipatent.sources.uspto_fields import (
    Lines,
    PatentText,
    Symbols,
    day,
    distinct,
    one_line,
    person,
    publication,
    sheets_of,
)

_ST32_PRIORITIES = (
    "SDOBI/B300/B320",
    *(f"SDOBI/B600/{code}//PDOC//DATE" for code in ("B620", "B630", "B640", "B650", "B660")),
    "SDOBI/B600/B680US/DOC/DATE",
    "SDOBI/B600/B680US/DATE",
)
"""Foreign priorities, the parents that an application goes on from, provisional applications."""


def read_st32(root: Element) -> PatentText:
    """The patent in a grant by ST.32 (root `PATDOC`); raises SourceError where it has no number."""
    number = publication(
        _data(root, "SDOBI/B100/B190"), _data(root, "SDOBI/B100/B110"), _data(root, "SDOBI/B100/B130")
    )
    assignees = (_st32_party(party) for party in root.iterfind("SDOBI/B700/B730/B731/PARTY-US"))
    inventors = (_st32_party(party) for party in root.iterfind("SDOBI/B700/B720/B721/PARTY-US"))
    lines = Lines()
    description = root.find("SDODE")
    if description is not None:
        _st32_lines(description, lines)
    patent = Patent(
        id=str(number),
        number=number,
        title=_data(root, "SDOBI/B500/B540"),
        published=day(_data(root, "SDOBI/B100/B140")),
        filed=day(_data(root, "SDOBI/B200/B220")),
        priority=earliest(day(_pdat(one)) for path in _ST32_PRIORITIES for one in root.iterfind(path)),
        applicants=distinct(assignees),
        inventors=distinct(inventors),
        classifications=_st32_classes(root, number.is_design).all(),
        abstract=" ".join(filter(None, (_pdat(p) for p in root.iterfind("SDOAB//PARA")))),
        captions=lines.captions(),
        description=str(lines),
    )
    return PatentText(
        patent, sheets_of(base_name(image.get("FILE", "")) for image in root.iterfind("SDODR//EMI"))
    )


def _pdat(element: Element | None) -> str:
    """Text stands in PDAT only; white space between elements is the layout of the file."""
    if element is None:
        return ""
    return one_line("".join(part.text or "" for part in element.iter("PDAT")))


def _data(parent: Element, path: str) -> str:
    return _pdat(parent.find(path))


def _st32_party(party: Element) -> str:
    name = party.find("NAM")
    if name is None:
        return ""
    organisation = _data(name, "ONM")
    return organisation or person(_data(name, "FNM"), _data(name, "SNM"), suffix=_data(name, "SFX"))


def _st32_classes(root: Element, is_design: bool) -> Symbols:
    symbols = Symbols()
    for path in ("B511", "B512"):
        for symbol in root.iterfind(f"SDOBI/B500/B510/{path}"):
            text = _raw(symbol)
            if is_design:
                symbols.locarno(text)
            else:
                symbols.international(text)
    for path in ("B521", "B522"):
        for symbol in root.iterfind(f"SDOBI/B500/B520/{path}"):
            symbols.national(_raw(symbol))
    return symbols


def _raw(element: Element) -> str:
    """The text with its spaces, which are columns in class symbols."""
    return "".join(part.text or "" for part in element.iter("PDAT"))


def _st32_lines(element: Element, lines: Lines) -> None:
    for child in element:
        if child.tag == "H":
            lines.heading(_pdat(child))
        elif child.tag == "PARA":
            lines.paragraph(_pdat(child))
        elif child.tag == "DRWDESC":
            lines.begin_drawings()
            _st32_lines(child, lines)
            lines.end_drawings()
        else:
            _st32_lines(child, lines)


def read_pap(root: Element) -> PatentText:
    """The patent in an application of 2001-2004; raises SourceError where it has no number."""
    data = root.find("subdoc-bibliographic-information")
    data = root if data is None else data
    number = publication("US", _flat(data, "document-id/doc-number"), _flat(data, "document-id/kind-code"))
    assignees = (_pap_party(party) for party in data.iterfind("assignee"))
    inventors = (_pap_party(party) for party in _pap_inventors(data))
    lines = Lines()
    description = root.find("subdoc-description")
    if description is not None:
        _pap_lines(description, lines)
    abstract = (one_line(_without_number(p)) for p in root.iterfind("subdoc-abstract//paragraph"))
    patent = Patent(
        id=str(number),
        number=number,
        title=_flat(data, "technical-information/title-of-invention"),
        published=day(_flat(data, "document-id/document-date")),
        filed=day(_flat(data, "domestic-filing-data/filing-date")),
        priority=earliest(day("".join(one.itertext())) for one in _pap_priorities(data)),
        applicants=distinct(assignees),
        inventors=distinct(inventors),
        classifications=_pap_classes(data).all(),
        abstract=" ".join(filter(None, abstract)),
        captions=lines.captions(),
        description=str(lines),
    )
    images = (base_name(image.get("file", "")) for image in root.iterfind("subdoc-drawings//image"))
    return PatentText(patent, sheets_of(images))


def _flat(parent: Element, path: str) -> str:
    found = parent.find(path)
    return "" if found is None else one_line("".join(found.itertext()))


def _pap_priorities(data: Element) -> Iterable[Element]:
    """Foreign and provisional applications, and the parents that the application goes on from."""
    yield from data.iterfind("foreign-priority-data/filing-date")
    continuity = data.find("continuity-data")
    if continuity is not None:
        yield from continuity.iterfind("non-provisional-of-provisional//document-date")
        for parent in continuity.iter("parent"):
            yield from parent.iter("document-date")


def _pap_inventors(data: Element) -> Iterable[Element]:
    yield from data.iterfind("inventors/first-named-inventor")
    yield from data.iterfind("inventors/inventor")


def _pap_party(party: Element) -> str:
    organisation = _flat(party, "organization-name") or _flat(party, "name-1")
    return organisation or person(
        _flat(party, "name/given-name"),
        _flat(party, "name/family-name"),
        _flat(party, "name/middle-name"),
        _flat(party, "name/name-suffix"),
    )


def _pap_classes(data: Element) -> Symbols:
    symbols = Symbols()
    for rank in ("primary", "secondary"):
        for symbol in data.iterfind(
            f"technical-information/classification-ipc/classification-ipc-{rank}/ipc"
        ):
            symbols.international("".join(symbol.itertext()))
    for rank in ("primary", "secondary"):
        for symbol in data.iterfind(f"technical-information/classification-us/classification-us-{rank}/uspc"):
            symbols.national_parts(_flat(symbol, "class"), _flat(symbol, "subclass"))
    return symbols


def _pap_lines(element: Element, lines: Lines) -> None:
    for child in element:
        if child.tag == "heading":
            lines.heading("".join(child.itertext()))
        elif child.tag == "paragraph":
            lines.paragraph(one_line(_without_number(child)))
        elif child.tag == "brief-description-of-drawings":
            lines.begin_drawings()
            _pap_lines(child, lines)
            lines.end_drawings()
        else:
            _pap_lines(child, lines)


def _without_number(paragraph: Element) -> str:
    """The text of a paragraph without the number printed before it."""
    parts = [paragraph.text or ""]
    for child in paragraph:
        if child.tag != "number":
            parts.extend(child.itertext())
        parts.append(child.tail or "")
    return "".join(parts)
