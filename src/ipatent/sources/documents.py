"""A patent in XML with its sheets: which office's form it is, and where its drawings are found."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from ipatent.errors import PictureError, SourceError
from ipatent.patents import Known, Pixels, Sheet
from ipatent.sources import BrokenSheet, Document, Limits
from ipatent.sources.images import read_frames
from ipatent.sources.markup import parse_xml
from ipatent.sources.offices import read_docdb, read_epo, read_st36
from ipatent.sources.pdf import drawing_pages
from ipatent.sources.st96 import read_st96
from ipatent.sources.uspto import read_st36_us
from ipatent.sources.uspto_fields import PatentText
from ipatent.sources.uspto_legacy import read_pap, read_st32

PICTURES = (".tif", ".tiff", ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp")
DRAWINGS = (*PICTURES, ".pdf")
"""Extensions of files that hold drawing sheets."""

_READERS: dict[str, Callable[..., PatentText]] = {
    "us-patent-grant": read_st36_us,
    "us-patent-application": read_st36_us,
    "PATDOC": read_st32,
    "patent-application-publication": read_pap,
    "ep-patent-document": read_epo,
    "exchange-document": read_docdb,
    "exchange-documents": read_docdb,
    "ops:world-patent-data": read_docdb,
}
_ST36 = re.compile(
    r"(?:[a-z]{2}-)?(?:patent-document|published-(?:patent-|utility-model-|international-)?application"
    r"|patent-grant|patent-publication|utility-model(?:-document|-grant)?|unexamined-\w+-publication"
    r"|design-(?:grant|document))",
    re.IGNORECASE,
)
_ST96 = re.compile(
    r"(?:\w+:)?\w*(?:PatentPublication|PatentGrant|PatentGrantPublication|UtilityModelPublication"
    r"|PatentApplicationPublication|PatentDocument|ApplicationBody)"
)
_NOT_NEEDED = frozenset(
    "claims us-claim-statement references-cited us-references-cited us-field-of-classification-search "
    "field-of-search us-sequence-list-doc sequence-list tables table maths math chemistry us-chemistry "
    "us-math table-external-doc ep-reference-list search-report-data amended-claims "
    "SDOCL B560 B580 CWU SEQLST-US MATH-US CHEM-US TABLE-US "
    "subdoc-claims sequence-list-new table-cwu "
    "pat:Claims pat:ReferenceCitationBag pat:SearchReport".split()
)


def is_patent_root(name: str) -> bool:
    """Whether XML that begins with this element is a patent in a form that is read here."""
    return _reader(name) is not None


def _reader(name: str) -> Callable[..., PatentText] | None:
    if name in _READERS:
        return _READERS[name]
    if _ST36.fullmatch(name):
        return read_st36
    return read_st96 if _ST96.fullmatch(name) else None


def read_patent_xml(data: bytes) -> PatentText:
    """The text of a patent in any of the forms of XML; raises SourceError when it is none."""
    root = parse_xml(data, _NOT_NEEDED)
    reader = _reader(root.tag)
    if reader is None:
        raise SourceError(
            f"is XML, but no patent in a form that is read here (it begins with <{root.tag[:60]}>)"
        )
    return reader(root)


def read_document(
    data: bytes, source: str, pictures: Mapping[str, Callable[[], bytes]], where: str, limits: Limits
) -> Document:
    """The patent in an XML document with the sheets that it names.

    `pictures` gives the bytes of each file at hand by its name in lower case; `where` says where
    they were looked for (`in the archive`). Where the XML names no drawings, those at hand are its
    own; where none that it names is at hand but a PDF is, its drawing pages are. A sheet that is
    missing or damaged gives a BrokenSheet. Raises SourceError when the XML cannot be read, when it
    names no drawings and none is there, and when none of those it names is at hand.
    """
    text = read_patent_xml(data)
    patent = replace(text.patent, source=source)
    notes: list[str] = []
    named = text.drawings
    if not named:
        named = tuple(sorted((name for name in pictures if name.endswith(DRAWINGS)), key=_natural))
        if not named:
            raise SourceError(f"{patent.id}: it names no drawings")
        if scans := [name for name in named if name.endswith(PICTURES)]:
            named = tuple(scans)
        notes.append("it names no drawings; those of its name were taken")
    found = [_find(name, pictures) for name in named]
    only_pages = False
    if not any(found):
        facsimiles = sorted(name for name in pictures if name.endswith(".pdf"))
        if not facsimiles:
            what = "its drawing is" if len(named) == 1 else f"its {len(named):,} drawings are"
            raise SourceError(f"{patent.id}: {what} not {where}")
        notes.append(f"the drawings that it names are not {where}; those in {facsimiles[0]} were taken")
        named, found, only_pages = (facsimiles[0],), [pictures[facsimiles[0]]], True
    if len(named) > limits.pages:
        raise SourceError(
            f"{patent.id}: it has {len(named):,} drawing sheets, more than the limit of {limits.pages:,};"
            " raise it with the setting max_pages"
        )

    def sheets() -> Iterator[Sheet | BrokenSheet]:
        number = 0
        for name, read in zip(named, found, strict=True):
            if read is None:
                number += 1
                yield BrokenSheet(name, "the file is missing")
                continue
            labels = text.labels.get(name, ())
            known = Known(labels) if labels else None
            for page in _pages(name, read, limits, sure=not only_pages):
                number += 1
                if isinstance(page, BrokenSheet):
                    yield page
                else:
                    yield Sheet(number, page, known=known)

    return Document(patent, sheets, tuple(notes))


def _pages(
    name: str, read: Callable[[], bytes], limits: Limits, sure: bool
) -> Iterator[Pixels | BrokenSheet]:
    """The sheets in one file: a picture, each page of a TIFF, each page of a PDF."""
    try:
        data = read()
        pages = drawing_pages(data, limits, sure) if b"%PDF-" in data[:1024] else read_frames(data, limits)
        for count, page in enumerate(pages, 1):
            try:
                yield page()
            except (PictureError, SourceError) as error:
                yield BrokenSheet(name if count == 1 else f"{name}, page {count}", str(error))
    except (PictureError, SourceError) as error:
        yield BrokenSheet(name, str(error))


def _find(name: str, pictures: Mapping[str, Callable[[], bytes]]) -> Callable[[], bytes] | None:
    """The file of this name, or of the same name in another format."""
    key = name.lower()
    if key in pictures:
        return pictures[key]
    stem = key.rpartition(".")[0] or key
    return next((pictures[stem + suffix] for suffix in DRAWINGS if stem + suffix in pictures), None)


def _natural(name: str) -> tuple[tuple[str, int], ...]:
    return tuple((text, int(count or -1)) for text, count in re.findall(r"(\D*)(\d{1,18})?", name))
