"""Patents of the USPTO in XML: WIPO ST.36 (v4.0 to v4.7, since 2005) here, older forms beside."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from xml.etree.ElementTree import Element

from ipatent.errors import PictureError, SourceError
from ipatent.patents import Patent, Sheet
from ipatent.pictures import open_picture
from ipatent.sources import BrokenSheet, Document, Limits
from ipatent.sources.markup import base_name, parse_xml
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
from ipatent.sources.uspto_legacy import read_pap, read_st32

ROOTS = (
    "us-patent-grant",
    "us-patent-application",
    "PATDOC",
    "patent-application-publication",
)
"""The root elements of patents that are read here."""

_NOT_NEEDED = frozenset(
    "claims us-claim-statement references-cited us-references-cited us-field-of-classification-search "
    "field-of-search us-sequence-list-doc sequence-list tables table maths math chemistry us-chemistry "
    "us-math table-external-doc "
    "SDOCL B560 B580 CWU SEQLST-US MATH-US CHEM-US TABLE-US "
    "subdoc-claims sequence-list-new table-cwu".split()
)
_PICTURES = (".tif", ".tiff", ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp")


def read_uspto(
    data: bytes, source: str, pictures: Mapping[str, Callable[[], bytes]], where: str, limits: Limits
) -> Document:
    """The patent in an XML document of the USPTO with the sheets that it names.

    `pictures` gives the bytes of each file at hand by its name in lower case; `where` says where
    they were looked for (`in the archive`). A sheet that is missing or damaged gives a BrokenSheet.
    Raises SourceError when the XML cannot be read, when it names no drawings, and when none of
    those it names is at hand.
    """
    text = read_patent_xml(data)
    patent = replace(text.patent, source=source)
    named = text.drawings
    if not named:
        raise SourceError(f"{patent.id}: it names no drawings")
    found = [_find(name, pictures) for name in named]
    if not any(found):
        what = "its drawing is" if len(named) == 1 else f"its {len(named):,} drawings are"
        raise SourceError(f"{patent.id}: {what} not {where}")
    if len(named) > limits.pages:
        raise SourceError(
            f"{patent.id}: it has {len(named):,} drawing sheets, more than the limit of {limits.pages:,};"
            " raise it with the setting max_pages"
        )

    def sheets() -> Iterator[Sheet | BrokenSheet]:
        for number, (name, read) in enumerate(zip(named, found, strict=True), 1):
            if read is None:
                yield BrokenSheet(name, "the file is missing")
                continue
            try:
                pixels = open_picture(read(), limits.sheet_pixels, "max_sheet_pixels")
            except (PictureError, SourceError) as error:
                yield BrokenSheet(name, str(error))
                continue
            yield Sheet(number, pixels)

    return Document(patent, sheets)


def read_patent_xml(data: bytes) -> PatentText:
    """The text of a patent in any of the USPTO's XML forms; raises SourceError when it is none."""
    root = parse_xml(data, _NOT_NEEDED)
    if root.tag == "PATDOC":
        return read_st32(root)
    if root.tag == "patent-application-publication":
        return read_pap(root)
    if root.tag in ("us-patent-grant", "us-patent-application"):
        return _read_st36(root)
    raise SourceError(f"is XML, but no patent in a form that is read here (it begins with <{root.tag[:60]}>)")


def _find(name: str, pictures: Mapping[str, Callable[[], bytes]]) -> Callable[[], bytes] | None:
    """The picture of this name, or of the same name in another picture format."""
    key = name.lower()
    if key in pictures:
        return pictures[key]
    stem = key.rpartition(".")[0] or key
    return next((pictures[stem + suffix] for suffix in _PICTURES if stem + suffix in pictures), None)


def _read_st36(root: Element) -> PatentText:
    bibliography = root.find("us-bibliographic-data-grant")
    if bibliography is None:
        bibliography = root.find("us-bibliographic-data-application")
    if bibliography is None:
        raise SourceError("has no bibliographic data")
    identity = "publication-reference/document-id/"
    number = publication(
        _text(bibliography, identity + "country"),
        _text(bibliography, identity + "doc-number"),
        _text(bibliography, identity + "kind"),
    )
    applicants, inventors = _parties(bibliography)
    lines = _description(root.find("description"))
    files = (base_name(image.get("file", "")) for image in root.iterfind("drawings//img"))
    abstract = (_flat(paragraph) for paragraph in root.iterfind("abstract//p"))
    patent = Patent(
        id=str(number),
        number=number,
        title=_text(bibliography, "invention-title"),
        published=day(_text(bibliography, identity + "date")),
        filed=day(_text(bibliography, "application-reference/document-id/date")),
        applicants=applicants,
        inventors=inventors,
        classifications=_classes(bibliography).all(),
        abstract=" ".join(filter(None, abstract)),
        captions=lines.captions(),
        description=str(lines),
    )
    return PatentText(patent, sheets_of(files))


def _flat(element: Element) -> str:
    return one_line("".join(element.itertext()))


def _text(parent: Element, path: str) -> str:
    found = parent.find(path)
    return "" if found is None else _flat(found)


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
    if organisation := _text(book, "orgname"):
        return organisation
    name = person(
        _text(book, "first-name"), _text(book, "last-name"), _text(book, "middle-name"), _text(book, "suffix")
    )
    return name or _text(book, "name")


def _classes(bibliography: Element) -> Symbols:
    """CPC first, the main symbol before further ones, then Locarno, IPC and USPC."""
    symbols = Symbols()
    for group in ("main-cpc", "further-cpc"):
        for symbol in bibliography.iterfind(f"classifications-cpc/{group}//classification-cpc"):
            symbols.add("CPC", _structured(symbol))
    for symbol in bibliography.iterfind("classification-locarno/main-classification"):
        symbols.locarno(_flat(symbol))
    for symbol in bibliography.iterfind("classifications-ipcr/classification-ipcr"):
        symbols.add("IPC", _structured(symbol))
    for rank in ("main-classification", "further-classification"):
        for symbol in bibliography.iterfind(f"classification-ipc/{rank}"):
            symbols.international("".join(symbol.itertext()))
    for rank in ("main-classification", "further-classification"):
        for symbol in bibliography.iterfind(f"classification-national/{rank}"):
            symbols.national("".join(symbol.itertext()))
    return symbols


def _structured(symbol: Element) -> str:
    section, class_, subclass, group, subgroup = (
        _text(symbol, name) for name in ("section", "class", "subclass", "main-group", "subgroup")
    )
    stem = f"{section}{class_}{subclass}"
    return f"{stem} {group}/{subgroup}" if group and subgroup else stem


def _description(description: Element | None) -> Lines:
    lines = Lines()
    if description is not None:
        _walk(description, lines)
    return lines


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
            lines.heading(_flat(child))
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
