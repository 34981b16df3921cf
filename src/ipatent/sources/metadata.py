"""Pictures with what a table or a sample says of them: their records become a patent and its sheets."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ipatent.classification import Classification
from ipatent.errors import PictureError, SourceError
from ipatent.patents import Box, Caption, Known, Patent, Pixels, Sheet
from ipatent.publication import PublicationNumber, find_publication_number
from ipatent.sources import BrokenSheet, Document, Limits
from ipatent.sources.captions import expand_labels, read_captions
from ipatent.sources.images import read_frames
from ipatent.sources.names import natural, printable
from ipatent.sources.records import Record
from ipatent.sources.uspto_fields import Symbols
from ipatent.views import depicted, view_of

_DAY = re.compile(r"\b(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})\b")
_CPC = re.compile(r"^[A-HY]\d{2}[A-Z]\b")
_LABELLED = re.compile(r"^\s*(?:FIG(?:URE)?S?|Fig(?:ure)?s?)\s?\.?\s*")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture at hand with what is said of it; `read` gives its bytes or raises SourceError."""

    name: str
    record: Record
    read: Callable[[], bytes] | None
    """None where the file is missing."""


def read_described(pictures: Sequence[Picture], patent_id: str, source: str, limits: Limits) -> Document:
    """The patent whose sheets are these pictures, with title, parties, classes and captions as told.

    A picture told to be one figure is not divided. A picture that is missing or damaged gives a
    BrokenSheet; a page of a TIFF after the first has the same record.
    """
    ordered = sorted(pictures, key=lambda one: natural(one.name))
    known = [_known(one.record) for one in ordered]
    patent = _patent([one.record for one in ordered], known, patent_id, source)

    def sheets() -> Iterator[Sheet | BrokenSheet]:
        count = 0
        for picture, told in zip(ordered, known, strict=True):
            name = printable(picture.name)
            if picture.read is None:
                count += 1
                yield BrokenSheet(name, "the file is missing")
                continue
            try:
                frames = list(read_frames(picture.read(), limits))
            except (OSError, SourceError) as error:
                count += 1
                yield BrokenSheet(name, f"cannot be read: {error}")
                continue
            for page, read in enumerate(frames, 1):
                count += 1
                try:
                    yield Sheet(count, _cut(read(), picture.record), page=page, known=told)
                except PictureError as error:
                    yield BrokenSheet(name if page == 1 else f"{name}, page {page}", str(error))

    notes = () if patent.number else ("no publication number; known by the name that its source gives",)
    return Document(patent, sheets, notes)


def group_key(record: Record, otherwise: str) -> str:
    """The patent that a record belongs to: its publication number where one is told, else a name."""
    for text in (record.patent, record.name):
        if number := _number(text):
            return str(number)
    if number := find_publication_number(otherwise):
        return str(number)
    return printable(record.patent).strip()[:120] or otherwise


def _number(text: str) -> PublicationNumber | None:
    if not text:
        return None
    if number := find_publication_number(text):
        return number
    try:
        # Tables of US patents often leave the office out: `10123456`, `D871717`.
        return PublicationNumber.parse(text if re.match(r"[A-Za-z]{2}", text) else f"US{text}")
    except ValueError:
        return None


def _cut(pixels: Pixels, record: Record) -> Pixels:
    """The figure's own part of its sheet, where its box is told and fits."""
    if record.part or record.box is None:
        return pixels
    box = Box(*record.box)
    height, width = pixels.shape[:2]
    return box.cut(pixels) if box.within(width, height) else pixels


def _known(record: Record) -> Known:
    captions = read_captions(record.caption) if _LABELLED.match(record.caption) else ()
    first = captions[0] if len(captions) == 1 else None
    labels = expand_labels(_LABELLED.sub("", record.label)) if re.match(r"\D*\d", record.label) else ()
    labels = labels or (first.labels if first else ())
    caption = first.text if first else record.caption.strip(" ;.") if len(captions) < 2 else ""
    view = view_of(record.view) or view_of(caption)
    depicts = record.depicts.strip().lower()
    if not depicts and caption:
        depicts = depicted([Caption(("1",), caption)], record.title).get("1", "")
    alone = bool(record.part or record.box or caption or labels)
    return Known(labels, caption[:600], record.terms, view, depicts, already_cut=alone and len(labels) <= 1)


def _patent(records: Sequence[Record], known: Sequence[Known], patent_id: str, source: str) -> Patent:
    number = next(filter(None, (_number(one.patent) or _number(one.name) for one in records)), None)
    number = number or find_publication_number(patent_id)
    symbols: dict[Classification, None] = {}
    for record in records:
        for one in _classes(record):
            symbols.setdefault(one)
    captions: dict[tuple[str, ...], Caption] = {}
    for told in known:
        if told.labels and told.caption:
            captions.setdefault(told.labels, Caption(told.labels, told.caption))

    def first(values: Iterator[str]) -> str:
        return next(filter(None, values), "")

    return Patent(
        id=str(number) if number else patent_id,
        number=number,
        title=first(one.title for one in records),
        published=_first_day(one.published for one in records) or _day_in_name(records),
        filed=_first_day(one.filed for one in records),
        priority=_first_day(one.priority for one in records),
        applicants=tuple(dict.fromkeys(name for one in records for name in one.applicants)),
        inventors=tuple(dict.fromkeys(name for one in records for name in one.inventors)),
        classifications=tuple(symbols),
        abstract=first(one.abstract for one in records),
        captions=tuple(captions.values()),
        description="\n".join(dict.fromkeys(one.body for one in records if one.body)),
        source=source,
        family=first(one.family for one in records),
    )


def _first_day(texts: Iterator[str]) -> date | None:
    return next(filter(None, (_day(text) for text in texts)), None)


def _day(text: str) -> date | None:
    if found := _DAY.search(text):
        try:
            return date(*(int(part) for part in found.groups()))
        except ValueError:
            return None
    return None


def _day_in_name(records: Sequence[Record]) -> date | None:
    """`USD0871717-20200107` names the day of publication."""
    for record in records:
        for text in (record.patent, record.name, record.part or record.file):
            if found := re.search(r"-((?:19|20)\d{6})(?!\d)", text):
                return _day(found.group(1))
    return None


def _classes(record: Record) -> tuple[Classification, ...]:
    symbols = Symbols()
    for text in record.classes:
        if _CPC.match(text.upper()):
            symbols.add("CPC", text)
        elif "/" in text:
            symbols.add("USPC", text)
        elif re.search(r"\D", text):
            symbols.locarno(text)
    for text in record.ipc:
        symbols.add("IPC", text)
    for text in record.locarno:
        symbols.locarno(text)
    for text in record.uspc:
        symbols.add("USPC", text)
    return symbols.all()


def merged(first: Record, second: Record) -> Record:
    """One record of what two say; where both say something, the first counts."""
    changes = {
        name: value
        for name in Record.__slots__
        if not getattr(first, name) and (value := getattr(second, name))
    }
    return replace(first, **changes)
