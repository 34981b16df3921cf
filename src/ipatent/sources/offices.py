"""Patents of the EPO (ep-patent-document), of WIPO and other offices by ST.36, and records of DOCDB."""

import re
from collections.abc import Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element

from ipatent.errors import SourceError
from ipatent.patents import Patent
from ipatent.sources.st36 import (
    description,
    drawing_files,
    earliest,
    english,
    flat,
    priority,
    structured,
    text_at,
    titles,
)
from ipatent.sources.uspto_fields import (
    PatentText,
    Symbols,
    day,
    distinct,
    one_line,
    person,
    publication,
    sheets_of,
)

_COUNTRY = re.compile(r"\s*\[[A-Z]{2}\]$")
_LANGUAGES = ("en", "de", "fr")
_FORMATS = ("original", "docdba", "docdb", "epodoc", "")
"""Forms in which DOCDB gives one name several times, the most readable first."""


def read_epo(root: Element) -> PatentText:
    """The patent in EPO full text (root `ep-patent-document`, bibliographic data by ST.32 codes).

    Raises SourceError where it has no publication number.
    """
    data = root.find("SDOBI")
    if data is None:
        raise SourceError("has no bibliographic data (SDOBI)")
    number = publication(
        text_at(data, "B100/B190") or root.get("country", "EP"),
        text_at(data, "B100/B110") or root.get("doc-number", ""),
        text_at(data, "B100/B130") or root.get("kind", ""),
    )
    names = _epo_titles(data.find("B500/B540"))
    lines = description(_in_english(root.findall("description")))
    applicants = [_epo_party(party) for code in ("B731", "B711") for party in data.iterfind(f"B700//{code}")]
    symbols = Symbols()
    for symbol in data.iterfind("B500/B520EP//classification-cpc/text"):
        symbols.add("CPC", flat(symbol))
    for symbol in data.iterfind("B500/B510EP/classification-ipcr/text"):
        symbols.add("IPC", flat(symbol))
    for symbol in data.iterfind("B500/B510/*"):
        symbols.international(flat(symbol))
    files = drawing_files(root.find("drawings"))
    claimed = (day(flat(one)) for one in data.iterfind("B300/B320/date"))
    patent = Patent(
        id=str(number),
        number=number,
        title=english(names),
        published=day(text_at(data, "B100/B140/date") or root.get("date-publ", "")),
        filed=day(text_at(data, "B200/B220/date")),
        priority=earliest(claimed),
        applicants=distinct(applicants),
        inventors=distinct(_epo_party(party) for party in data.iterfind("B700/B720/B721")),
        classifications=symbols.all(),
        abstract=_abstract(root),
        captions=lines.captions(),
        description=str(lines),
        titles=names,
    )
    return PatentText(patent, sheets_of(files), files)


def _epo_titles(element: Element | None) -> tuple[tuple[str, str], ...]:
    """B541 names the language of the B542 that follows it."""
    found: dict[str, str] = {}
    language = ""
    for child in element if element is not None else ():
        if child.tag == "B541":
            language = flat(child).lower()[:2]
        elif child.tag == "B542" and (words := flat(child)):
            found.setdefault(language, words)
    return tuple(found.items())


def _epo_party(party: Element) -> str:
    """`Lee, Ann B.` of a person becomes `Ann B. Lee`; a company keeps its name."""
    last, first = text_at(party, "snm") or text_at(party, "nam"), text_at(party, "fnm")
    if first:
        return person(first, last)
    parts = last.split(", ")
    if len(parts) == 2 and party.tag.startswith("B72"):
        return one_line(f"{parts[1]} {parts[0]}")
    return last


def read_st36(root: Element) -> PatentText:
    """The patent of an office that follows ST.36: its bibliographic data, description and drawings.

    Raises SourceError where it has no publication number or bibliographic data.
    """
    data = next((one for one in root.iter() if one.tag.endswith(("bibliographic-data", "biblio"))), None)
    if data is None:
        raise SourceError("has no bibliographic data")
    identity = _preferred(data.findall("publication-reference/document-id"), root)
    number = publication(
        text_at(identity, "country") or root.get("country", ""),
        text_at(identity, "doc-number") or root.get("doc-number", ""),
        text_at(identity, "kind") or root.get("kind", ""),
    )
    names = titles(data.iter("invention-title"))
    lines = description(_in_english(list(root.iter("description"))))
    files = drawing_files(root.find(".//drawings"))
    filed = (day(flat(one)) for one in data.iterfind("application-reference/document-id/date"))
    patent = Patent(
        id=str(number),
        number=number,
        title=english(names),
        published=day(text_at(identity, "date") or root.get("date-publ", "")),
        filed=earliest(filed),
        priority=priority(data),
        applicants=distinct(_parties(data, "applicant")) or distinct(_parties(data, "assignee")),
        inventors=distinct(_parties(data, "inventor")),
        classifications=_classes(data).all(),
        abstract=_abstract(root),
        captions=lines.captions(),
        description=str(lines),
        titles=names if len(names) > 1 else (),
        family=root.get("family-id", ""),
    )
    return PatentText(patent, sheets_of(files), files)


def read_docdb(root: Element) -> PatentText:
    """The one record of a file of the EPO's DOCDB or OPS; its drawings are told by their file names.

    Raises SourceError where the file holds several records, or none.
    """
    records = [root] if root.tag == "exchange-document" else list(root.iter("exchange-document"))
    if len(records) != 1:
        raise SourceError(
            f"holds {len(records):,} bibliographic records of DOCDB, which name no drawings; drawings can be"
            " matched by name with a file of one record only"
        )
    text = read_st36(records[0])
    published = text.patent.published or day(records[0].get("date-publ", ""))
    return replace(text, patent=replace(text.patent, published=published))


def _preferred(identities: list[Element], otherwise: Element) -> Element:
    """Of a number in several forms the one of DOCDB, whose parts are told apart."""
    docdb = (one for one in identities if one.get("document-id-type") == "docdb")
    return next(docdb, identities[0] if identities else otherwise)


def _parties(data: Element, kind: str) -> Iterator[str]:
    """The names of all parties of a kind; of several forms of the same names the most readable."""
    parties = [one for one in data.iter() if re.fullmatch(rf"(?:[a-z]{{2}}-)?{kind}", one.tag)]
    by_format: dict[str, list[Element]] = {}
    for party in parties:
        by_format.setdefault(party.get("data-format", ""), []).append(party)
    for form in _FORMATS:
        if form in by_format:
            parties = by_format[form]
            break
    for party in parties:
        book = next(iter(party.iter("addressbook")), party)
        name = person(
            text_at(book, "first-name"),
            text_at(book, "last-name"),
            text_at(book, "middle-name"),
            text_at(book, "suffix"),
        )
        spelled = (
            text_at(book, "orgname") or name or text_at(book, "name") or text_at(book, f"{kind}-name/name")
        )
        yield _COUNTRY.sub("", spelled)


def _classes(data: Element) -> Symbols:
    symbols = Symbols()
    for symbol in data.iter("classification-cpc"):
        symbols.add("CPC", structured(symbol) or text_at(symbol, "text"))
    for symbol in data.iter("patent-classification"):
        scheme = symbol.find("classification-scheme")
        if scheme is not None and scheme.get("scheme", "").upper().startswith("CPC"):
            symbols.add("CPC", structured(symbol) or text_at(symbol, "classification-symbol"))
    for symbol in data.iter("classification-ipcr"):
        symbols.add("IPC", structured(symbol) or text_at(symbol, "text"))
    for symbol in data.iter("classification-ipc"):
        for part in ("main-classification", "further-classification", "text"):
            for one in symbol.iterfind(part):
                symbols.international("".join(one.itertext()))
                symbols.add("IPC", flat(one))
    for symbol in data.iter("classification-locarno"):
        symbols.locarno(text_at(symbol, "main-classification") or text_at(symbol, "text"))
    return symbols


def _in_english(parts: list[Element]) -> Element | None:
    """Of parts in several languages the English one, else the first."""
    for language in _LANGUAGES:
        for part in parts:
            if part.get("lang", "").lower() == language:
                return part
    return parts[0] if parts else None


def _abstract(root: Element) -> str:
    chosen = _in_english(list(root.iter("abstract")))
    if chosen is None:
        return ""
    return " ".join(filter(None, (flat(one) for one in chosen.iter("p")))) or flat(chosen)
