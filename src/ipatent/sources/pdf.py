"""Patents published as PDF: the cover page read, drawing sheets told from text and rendered."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ipatent import ocr
from ipatent.components import Components, find_components, ink_of
from ipatent.errors import SourceError
from ipatent.pages import page_kind, running_header, text_like
from ipatent.patents import Box, Patent, Pixels, Sheet, Word
from ipatent.publication import PublicationNumber, find_publication_number
from ipatent.sources import BrokenSheet, Document, Limits
from ipatent.sources.captions import read_captions
from ipatent.sources.cover import Cover, find_date, find_number, read_cover
from ipatent.sources.second_reading import filled_in, is_doubtful, with_missing
from ipatent.sources.text_layer import column_lines, lines_of, read_words

_DPI = 300
_GRID = 3300
_LONGEST = 20
"""Pages longer than this many times their height are measured as if they were not."""
_DRAWING_HEADER = re.compile(r"\bSheet\s*\d+\s*of\s*\d+", re.IGNORECASE)
_MAX_TEXT = 2_000_000
_SCANNED_TEXT = 12
"""Text pages read of a scan: the brief description stands among the first, and each takes seconds."""
_SCANNED_HEADERS = 2


@dataclass(frozen=True, slots=True)
class _Page:
    """What one page says: its kind where known, header, lines above and in the columns."""

    drawing: bool | None
    header: str
    lines: tuple[str, ...]
    has_text: bool
    head: tuple[str, ...] = ()


def read_pdf(
    path: Path, limits: Limits, password: str | None = None, data: bytes | None = None, source: str = ""
) -> Document:
    """The patent in a PDF file, or in `data` from the archive `source`, with its sheets read lazily.

    The cover page of a US patent gives number, date, title, parties, classes; the brief
    description gives captions. Without a text layer they are read by OCR; where that is not
    installed they stay empty and a note says so. A cover whose text layer is garbled is read by OCR
    besides, for what is missing. Raises SourceError for a file that is no PDF, is damaged, encrypted,
    empty or over a limit.
    """
    document = _open(path if data is None else data, limits, password)
    pages = [_read_page(document, index) for index in range(len(document))]
    scanned = not any(page.has_text for page in pages)
    notes = []
    if scanned and ocr.available():
        pages, left_out = _read_scan(document, limits)
        if left_out:
            notes.append(f"no text layer: {left_out} of its text pages were not read from the scan")
    elif scanned:
        notes.append(
            "no text layer: number, date, title, classes and captions are not read from the scan; "
            + ocr.INSTALL
        )
    cover, cover_words = _read_cover(document, pages[0], limits)
    text = "\n".join(line for page in pages if page.drawing is not True for line in page.lines)
    captions = read_captions(text)
    if cover_words and not scanned and ocr.available() and is_doubtful(cover, captions, pages[0].lines):
        head, lines = _lines_by_ocr(document, limits)
        cover = filled_in(cover, read_cover(head, lines))
        captions = with_missing(captions, read_captions("\n".join(lines)))
    votes = _vote(path, cover, pages)
    number, disagreed = votes
    published = cover.published or _header_date(pages)
    if number is None and any(page.has_text for page in pages):
        notes.append("no publication number found on its pages or in its file name")
    if disagreed:
        notes.append(f"its file name says {disagreed}, its pages say {number}")
    patent = Patent(
        id=str(number) if number else path.stem.strip() or "document",
        number=number,
        title=cover.title,
        published=published,
        filed=cover.filed,
        priority=cover.priority,
        applicants=cover.applicants,
        inventors=cover.inventors,
        classifications=cover.classifications,
        abstract=cover.abstract,
        captions=captions,
        description=_description(pages)[:_MAX_TEXT],
        source=source or str(path),
    )

    def sheets() -> Iterator[Sheet | BrokenSheet]:
        count = 0
        for index, page in enumerate(pages):
            if index == 0 and cover_words:
                continue
            if page.drawing is False:
                continue
            try:
                found = _read_sheet(document, index, count + 1, limits, sure=page.drawing is True)
            except SourceError as error:
                count += 1
                yield BrokenSheet(f"page {index + 1}", error.message)
                continue
            if found:
                count += 1
                yield found

    return Document(patent, sheets, tuple(notes))


def drawing_pages(data: bytes, limits: Limits, sure: bool) -> Iterator[Callable[[], Pixels]]:
    """How to draw each drawing page of a PDF that stands beside a patent's XML.

    `sure` says that the PDF holds drawings only. Raises SourceError when it cannot be opened; so
    does drawing a page that is damaged.
    """
    document = _open(data, limits, None)
    for index in range(len(document)):
        if not sure:
            page = _read_page(document, index)
            if page.drawing is None and not _is_drawing(document, index, limits):
                continue
        yield partial(_drawn_page, document, index, limits)


def draw_pages(
    data: bytes, places: Sequence[int], limits: Limits, longer_side: int = 0
) -> tuple[int, tuple[Pixels, ...]]:
    """How many pages a PDF has, and those at `places` (0-based; what is beyond the end is left out).

    Drawn as their scans are, else at 300 dpi; with `longer_side` at most that many pixels long. Raises
    SourceError.
    """
    document = _open(data, limits, None)
    drawn = []
    for place in places:
        if not 0 <= place < len(document):
            continue
        try:
            page = document[place]
        except pdfium.PdfiumError:
            raise SourceError(f"page {place + 1} is damaged and cannot be drawn") from None
        scale = _scale(page, limits)
        if longer_side:
            scale = min(scale, longer_side / max(_size_of(page)))
        drawn.append(_render(page, scale))
        page.close()
    return len(document), tuple(drawn)


def _is_drawing(document: pdfium.PdfDocument, index: int, limits: Limits) -> bool:
    try:
        return _read_sheet(document, index, 1, limits, sure=False) is not None
    except SourceError:
        return True  # why it cannot be drawn is told when it is wanted


def _drawn_page(document: pdfium.PdfDocument, index: int, limits: Limits) -> Pixels:
    sheet = _read_sheet(document, index, 1, limits, sure=True)
    assert sheet
    return sheet.pixels


def _open(source: Path | bytes, limits: Limits, password: str | None) -> pdfium.PdfDocument:
    try:
        document = pdfium.PdfDocument(source, password=password)
    except FileNotFoundError:
        raise SourceError("the file does not exist") from None
    except pdfium.PdfiumError as error:
        if pdfium_c.FPDF_GetLastError() == pdfium_c.FPDF_ERR_PASSWORD or "assword" in str(error):
            raise SourceError("it is encrypted; save a copy without a password and ingest that") from None
        raise SourceError("it is damaged or truncated: no PDF reader could open it") from None
    count = len(document)
    if count == 0:
        raise SourceError("it is damaged: it has no pages")
    if count > limits.pages:
        raise SourceError(
            f"it has {count:,} pages, more than the limit of {limits.pages:,};"
            " raise it with the setting max_pages"
        )
    return document


def _read_page(document: pdfium.PdfDocument, index: int) -> _Page:
    """A page that cannot be read counts as one without text; why is told when its sheet is wanted."""
    try:
        page = document[index]
        width, height = _pixels_of(page, _GRID)
        words = read_words(page, width, height)
        page.close()
    except (pdfium.PdfiumError, SourceError):
        words = ()
    if not words:
        return _Page(None, "", (), has_text=False)
    header = _header(words, height)
    if _DRAWING_HEADER.search(header):
        return _Page(True, header, (), has_text=True)
    head, lines = column_lines(words, width, height)
    return _Page(None, header, lines, has_text=True, head=head)


def _pixels_of(page: pdfium.PdfPage, height: int) -> tuple[int, int]:
    wide, tall = _size_of(page)
    return max(round(height * min(wide / tall, _LONGEST)), 1), height


def _size_of(page: pdfium.PdfPage) -> tuple[float, float]:
    """Width and height in points."""
    wide, tall = page.get_size()
    if not (0 < wide < math.inf and 0 < tall < math.inf):
        raise SourceError("the page is damaged: it has no size")
    return wide, tall


def _read_scan(document: pdfium.PdfDocument, limits: Limits) -> tuple[list[_Page], int]:
    """The pages of a scan read by OCR, and how many text pages were left out to bound the time."""
    pages: list[_Page] = []
    texts = headers = 0
    for index in range(len(document)):
        page = _Page(None, "", (), has_text=False)
        try:
            source = document[index]
            pixels = _render(source, _scale(source, limits))
            source.close()
        except (pdfium.PdfiumError, SourceError):
            pages.append(page)  # why is told when its sheet is wanted
            continue
        parts = find_components(ink_of(pixels))
        kind = page_kind(parts, running_header(parts))
        height, width = pixels.shape[:2]
        if _is_print(index, len(document), parts) or kind == "text":
            texts += 1
            page = _Page(False, "", (), has_text=False)
            if texts <= _SCANNED_TEXT:
                words = ocr.read_words(pixels)
                head, lines = column_lines(words, width, height)
                # The number below the bar code is another witness: US00D840724S.
                header = re.sub(r"\bUS\s?0+(?=[DRP1-9])", "US ", _header(words, height))
                page = _Page(False, header, lines, has_text=bool(words), head=head)
        elif kind == "drawing":
            headers += 1
            top = Box(0, 0, width, round(0.125 * height))
            words = ocr.read_words(pixels, top) if headers <= _SCANNED_HEADERS else ()
            page = _Page(True, _header(words, height), (), has_text=bool(words))
        pages.append(page)
    return pages, max(texts - _SCANNED_TEXT, 0)


def _header(words: Sequence[Word], height: int) -> str:
    return " ".join(line.text for line in lines_of([w for w in words if w.box.bottom < 0.11 * height]))


def _is_print(index: int, pages: int, parts: Components) -> bool:
    """Whether a page without a text layer is a cover, which has a drawing among its print."""
    return index == 0 and pages > 1 and int(text_like(parts).sum()) > 300


def _read_cover(document: pdfium.PdfDocument, first: _Page, limits: Limits) -> tuple[Cover, bool]:
    """The cover's data, and whether the first page is a cover at all."""
    if not first.has_text:
        try:
            page = document[0]
            parts = find_components(ink_of(_render(page, _scale(page, limits))))
        except (pdfium.PdfiumError, SourceError):
            return Cover(), False
        return Cover(), _is_print(0, len(document), parts)
    is_cover = any(re.match(r"^\(\s?(54|71|72|57|22)\s?\)", line) for line in first.lines) or any(
        re.search(r"United\s*States\s*(Design\s*)?Patent|Patent\s*Application\s*Publication", line)
        for line in first.head
    )
    if not is_cover:
        return Cover(), False
    return read_cover(first.head, first.lines), True


def _lines_by_ocr(document: pdfium.PdfDocument, limits: Limits) -> tuple[Sequence[str], Sequence[str]]:
    """The lines of the first page as OCR reads its picture: those above the columns, and the columns'."""
    try:
        page = document[0]
        pixels = _render(page, _scale(page, limits))
        page.close()
    except (pdfium.PdfiumError, SourceError):
        return (), ()
    height, width = pixels.shape[:2]
    return column_lines(ocr.read_words(pixels), width, height)


def _vote(path: Path, cover: Cover, pages: list[_Page]) -> tuple[PublicationNumber | None, str]:
    """The number that most places agree on, and what the file name says where it disagrees.

    Text layers made by OCR misread digits; the number stands on the cover, above every sheet and
    often in the file name. The kind code is taken from wherever it is printed.
    """
    named = find_publication_number(path.stem)
    votes: Counter[tuple[str, str]] = Counter()
    kinds: Counter[str] = Counter()
    for number, weight in [
        (cover.number, 2),
        (named, 2),
        *((find_number(page.header), 1) for page in pages if page.header),
    ]:
        if number:
            votes[number.office, number.number] += weight
            kinds[number.kind] += weight if number.kind else 0
    if not votes:
        return None, ""
    (office, digits), _ = votes.most_common(1)[0]
    kind = kinds.most_common(1)[0][0] if kinds else ""
    chosen = PublicationNumber(office, digits, kind)
    return chosen, str(named) if named and named.number != digits else ""


def _header_date(pages: list[_Page]) -> date | None:
    dates = Counter(found for page in pages if page.drawing and (found := find_date(page.header)))
    return dates.most_common(1)[0][0] if dates else None


def _description(pages: list[_Page]) -> str:
    """The running text of all text pages after the cover, one line per printed line."""
    lines = [line for page in pages[1:] if page.drawing is not True for line in page.lines]
    return "\n".join(lines)


def _read_sheet(
    document: pdfium.PdfDocument, index: int, number: int, limits: Limits, sure: bool
) -> Sheet | None:
    try:
        page = document[index]
    except pdfium.PdfiumError:
        raise SourceError("the page is damaged") from None
    pixels = _render(page, _scale(page, limits))
    height, width = pixels.shape[:2]
    try:
        words: tuple[Word, ...] = read_words(page, width, height)
    except pdfium.PdfiumError:
        words = ()
    page.close()
    if not sure:
        parts = find_components(ink_of(pixels))
        if page_kind(parts, running_header(parts)) != "drawing":
            return None
    return Sheet(number, pixels, words, page=index + 1)


def _scale(page: pdfium.PdfPage, limits: Limits) -> float:
    """Pixels per point: that of the scan which fills the page, else 300 dpi; within the limit."""
    wide, tall = _size_of(page)
    scale = _DPI / 72
    for position, item in enumerate(page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=2)):
        if position >= 4:
            break
        left, bottom, right, top = item.get_bounds()
        if right - left > 0.9 * wide and top - bottom > 0.9 * tall:
            columns, _ = item.get_px_size()
            scale = min(max(columns / (right - left), 100 / 72), 600 / 72)
            break
    # Both sides are rounded up to whole pixels when the page is drawn.
    most = min(limits.sheet_pixels, 1 << 28)
    scale = min(scale, (most / (wide * tall)) ** 0.5)
    while math.ceil(wide * scale) * math.ceil(tall * scale) > most:
        scale *= 0.99
    return float(scale)


def _render(page: pdfium.PdfPage, scale: float) -> Pixels:
    """The page as pixels: (height, width) where it has no colour, else (height, width, 3)."""
    try:
        coloured = _may_have_colour(page)
        bitmap = page.render(scale=scale, grayscale=not coloured, rev_byteorder=True)
        pixels: Pixels = np.array(bitmap.to_numpy(), np.uint8)
        bitmap.close()
    except (pdfium.PdfiumError, MemoryError, ValueError):
        raise SourceError("the page is damaged and cannot be drawn") from None
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if pixels.ndim == 3:
        pixels = pixels[:, :, :3]
        spread = pixels.max(axis=2).astype(np.int16) - pixels.min(axis=2)
        if int(spread.max(initial=0)) < 12:
            return np.ascontiguousarray(pixels[:, :, 1])
    return np.ascontiguousarray(pixels)


def _may_have_colour(page: pdfium.PdfPage) -> bool:
    """Whether anything but grey scans and text stands on the page; vector drawings count as coloured."""
    kinds = [k for k in range(1, 6) if k != pdfium_c.FPDF_PAGEOBJ_TEXT]
    for position, item in enumerate(page.get_objects(filter=kinds, max_depth=2)):
        if position >= 8 or item.type != pdfium_c.FPDF_PAGEOBJ_IMAGE:
            return True
        if item.get_metadata().bits_per_pixel > 8:
            return True
    return False
