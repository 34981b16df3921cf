"""Patents by WIPO Standard ST.96 (XML with the prefixes `pat:` and `com:`, whatever an office adds)."""

from collections.abc import Iterable, Iterator
from datetime import date
from xml.etree.ElementTree import Element

from ipatent.errors import SourceError
from ipatent.patents import Patent
from ipatent.sources.captions import expand_labels
from ipatent.sources.markup import base_name
from ipatent.sources.st36 import earliest, english, flat
from ipatent.sources.uspto_fields import (
    Lines,
    PatentText,
    Symbols,
    day,
    distinct,
    person,
    publication,
    sheets_of,
)

_IDENTITIES = (
    "PatentGrantIdentification",
    "PatentPublicationIdentification",
    "PublicationIdentification",
    "PatentDocumentIdentification",
)
_NUMBERS = ("PublicationNumber", "PatentNumber", "DocumentNumber", "RegistrationNumber")
_DATES = ("PatentPublicationDate", "PublicationDate", "GrantDate", "PatentGrantDate", "DocumentDate", "Date")
_ASIDE = frozenset(("ReferenceCitationBag", "SearchField", "RelatedDocumentBag", "PriorityClaimBag"))


def read_st96(root: Element) -> PatentText:
    """The patent in a document by ST.96; its names are read without prefixes, which offices choose.

    Raises SourceError where it has no publication number or bibliographic data.
    """
    for element in root.iter():
        element.tag = element.tag.rpartition(":")[2]
        for name in [name for name in element.attrib if ":" in name]:
            element.attrib[name.rpartition(":")[2]] = element.attrib.pop(name)
    data = next((one for one in root.iter() if one.tag.endswith("BibliographicData")), None)
    if data is None:
        raise SourceError("has no bibliographic data")
    identity = _first(data, _IDENTITIES)
    if identity is None:
        raise SourceError("names no publication number (no PatentPublicationIdentification)")
    number = publication(
        _text(identity, ("IPOfficeCode",)) or _text(root, ("IPOfficeCode",)),
        _text(identity, _NUMBERS),
        _text(identity, ("PatentDocumentKindCode",)),
    )
    names: dict[str, str] = {}
    for title in _own(data, "InventionTitle"):
        if words := flat(title):
            names.setdefault(title.get("languageCode", "").lower()[:2], words)
    several = tuple(names.items())
    lines = Lines()
    if (body := _first(root, ("Description",))) is not None:
        _walk(body, lines)
    files = _drawings(_first(root, ("Drawings",)))
    application = _first(data, ("ApplicationIdentification",))
    claims = (_day(flat(one)) for claim in data.iter("PriorityClaim") for one in claim.iter("FilingDate"))
    abstract = _first(root, ("Abstract",))
    patent = Patent(
        id=str(number),
        number=number,
        title=english(several),
        published=_day(_text(identity, _DATES) or _text(data, ("PatentPublicationDate", "PublicationDate"))),
        filed=_day(_text(application, ("FilingDate",))) if application is not None else None,
        priority=earliest(claims),
        applicants=distinct(_parties(data, "Applicant")) or distinct(_parties(data, "Assignee")),
        inventors=distinct(_parties(data, "Inventor")),
        classifications=_classes(data).all(),
        abstract=""
        if abstract is None
        else " ".join(flat(one) for one in abstract.iter("P")) or flat(abstract),
        captions=lines.captions(),
        description=str(lines),
        titles=several if len(several) > 1 else (),
    )
    return PatentText(patent, sheets_of(files), files)


def _own(parent: Element, name: str) -> Iterator[Element]:
    """All elements of a name, but not those of documents that are only cited or related."""
    for child in parent:
        if child.tag == name:
            yield child
        elif child.tag not in _ASIDE:
            yield from _own(child, name)


def _first(parent: Element, names: Iterable[str]) -> Element | None:
    for name in names:
        if (found := next(_own(parent, name), None)) is not None:
            return found
    return None


def _text(parent: Element, names: Iterable[str]) -> str:
    found = _first(parent, names)
    return "" if found is None else flat(found)


def _day(text: str) -> date | None:
    return day(text[:10].replace("-", ""))


def _parties(data: Element, kind: str) -> Iterator[str]:
    for party in _own(data, kind):
        organisation = _text(party, ("OrganizationStandardName", "OrganizationName"))
        name = person(
            _text(party, ("FirstName", "GivenName")),
            _text(party, ("LastName", "FamilyName")),
            _text(party, ("MiddleName",)),
        )
        yield organisation or name or _text(party, ("PersonFullName", "EntityName", "Name"))


def _classes(data: Element) -> Symbols:
    symbols = Symbols()
    for name in ("CPCClassification", "MainCPC", "FurtherCPC"):
        for symbol in _own(data, name):
            symbols.add("CPC", _symbol(symbol))
    for name in ("IPCRClassification", "IPCClassification"):
        for symbol in _own(data, name):
            symbols.add("IPC", _symbol(symbol))
            symbols.international(flat(symbol))
    for symbol in _own(data, "LocarnoClass"):
        symbols.locarno(flat(symbol))
    return symbols


def _symbol(symbol: Element) -> str:
    section, class_, subclass, group, subgroup = (
        _text(symbol, names)
        for names in (
            ("Section", "CPCSection"),
            ("Class",),
            ("Subclass",),
            ("MainGroup",),
            ("Subgroup",),
        )
    )
    if not section:
        return _text(symbol, ("PatentClassificationText", "ClassificationSymbolText"))
    stem = f"{section}{class_}{subclass}"
    return f"{stem} {group}/{subgroup}" if group and subgroup else stem


def _drawings(drawings: Element | None) -> dict[str, tuple[str, ...]]:
    """The files of the sheets in order, with the labels of the figures on them where they are told."""
    found: dict[str, tuple[str, ...]] = {}
    for figure in drawings if drawings is not None else ():
        number = _text(figure, ("FigureNumber", "FigureLabel"))
        labels = () if number.startswith("0") else expand_labels(number)
        for image in figure.iter("FileName"):
            if name := base_name(flat(image)):
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), *labels)))
    return found


def _walk(element: Element, lines: Lines) -> None:
    for child in element:
        if child.tag in ("DrawingDescription", "DescriptionOfDrawings", "BriefDescriptionOfDrawings"):
            outside = not lines.on_drawings
            lines.begin_drawings()
            _walk(child, lines)
            if outside:
                lines.end_drawings()
        elif child.tag in ("Heading", "H", "InventionTitle"):
            lines.heading(flat(child))
        elif child.tag == "P":
            lines.paragraph(flat(child))
        else:
            _walk(child, lines)
