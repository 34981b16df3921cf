"""Patents of the USPTO in XML by ST.36 (v4.0 to v4.7, since 2005); older forms are in `uspto_legacy`."""

from xml.etree.ElementTree import Element

from ipatent.errors import SourceError
from ipatent.patents import Patent
from ipatent.sources.markup import base_name
from ipatent.sources.st36 import description, flat, priority, structured, text_at
from ipatent.sources.uspto_fields import (
    PatentText,
    Symbols,
    day,
    distinct,
    person,
    publication,
    sheets_of,
)


def read_st36_us(root: Element) -> PatentText:
    """The patent in a grant or application since 2005; raises SourceError where it has no number."""
    bibliography = root.find("us-bibliographic-data-grant")
    if bibliography is None:
        bibliography = root.find("us-bibliographic-data-application")
    if bibliography is None:
        raise SourceError("has no bibliographic data")
    identity = "publication-reference/document-id/"
    number = publication(
        text_at(bibliography, identity + "country"),
        text_at(bibliography, identity + "doc-number"),
        text_at(bibliography, identity + "kind"),
    )
    applicants, inventors = _parties(bibliography)
    lines = description(root.find("description"))
    files = (base_name(image.get("file", "")) for image in root.iterfind("drawings//img"))
    abstract = (flat(paragraph) for paragraph in root.iterfind("abstract//p"))
    patent = Patent(
        id=str(number),
        number=number,
        title=text_at(bibliography, "invention-title"),
        published=day(text_at(bibliography, identity + "date")),
        filed=day(text_at(bibliography, "application-reference/document-id/date")),
        priority=priority(bibliography),
        applicants=applicants,
        inventors=inventors,
        classifications=_classes(bibliography).all(),
        abstract=" ".join(filter(None, abstract)),
        captions=lines.captions(),
        description=str(lines),
    )
    return PatentText(patent, sheets_of(files))


def _parties(bibliography: Element) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Applicants, or assignees where the applicants are the inventors; and the inventors."""
    applicants: list[str] = []
    inventors: list[str] = []
    for path in ("us-parties/us-applicants/us-applicant", "parties/applicants/applicant"):
        for party in bibliography.iterfind(path):
            is_inventor = party.get("app-type") == "applicant-inventor"
            (inventors if is_inventor else applicants).append(_party(party))
    for path in ("us-parties/inventors/inventor", "parties/inventors/inventor"):
        inventors.extend(_party(party) for party in bibliography.iterfind(path))
    assignees = distinct(_party(party) for party in bibliography.iterfind("assignees/assignee"))
    # Before 2012 only inventors could apply; newer forms repeat them as applicants.
    if assignees and set(applicants) <= set(inventors):
        return assignees, distinct(inventors)
    return distinct(applicants), distinct(inventors)


def _party(party: Element) -> str:
    book = party.find("addressbook")
    book = party if book is None else book
    if organisation := text_at(book, "orgname"):
        return organisation
    name = person(
        text_at(book, "first-name"),
        text_at(book, "last-name"),
        text_at(book, "middle-name"),
        text_at(book, "suffix"),
    )
    return name or text_at(book, "name")


def _classes(bibliography: Element) -> Symbols:
    """CPC first, the main symbol before further ones, then Locarno, IPC and USPC."""
    symbols = Symbols()
    for group in ("main-cpc", "further-cpc"):
        for symbol in bibliography.iterfind(f"classifications-cpc/{group}//classification-cpc"):
            symbols.add("CPC", structured(symbol))
    for symbol in bibliography.iterfind("classification-locarno/main-classification"):
        symbols.locarno(flat(symbol))
    for symbol in bibliography.iterfind("classifications-ipcr/classification-ipcr"):
        symbols.add("IPC", structured(symbol))
    for rank in ("main-classification", "further-classification"):
        for symbol in bibliography.iterfind(f"classification-ipc/{rank}"):
            symbols.international("".join(symbol.itertext()))
    for rank in ("main-classification", "further-classification"):
        for symbol in bibliography.iterfind(f"classification-national/{rank}"):
            symbols.national("".join(symbol.itertext()))
    return symbols
