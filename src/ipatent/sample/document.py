"""The pages of a sample patent: cover, drawing sheets, specification."""

import random
from collections.abc import Sequence

import numpy as np
import pypdfium2 as pdfium
from PIL import Image

from ipatent.sample.pdf import PAGE_HEIGHT, PAGE_WIDTH, Page, Picture, group4, text_width, write_pdf
from ipatent.sample.pen import Ink
from ipatent.sample.sheet import Span
from ipatent.sample.story import Story, printed_date
from ipatent.sample.typeset import (
    SetLine,
    centred,
    gap,
    inid,
    leader,
    paragraph,
    place,
)

_LEFT, _RIGHT, _COLUMN = 78.0, 312.0, 216.0
_POINTS = 72 / 300


def write_document(
    story: Story, sheets: Sequence[Picture], spans: Sequence[Sequence[Span]], front: Ink, scanned: bool
) -> bytes:
    """The PDF: cover, sheets, specification. `front` is the figure shown on the cover.

    `scanned` files have no text at all: every page is a picture.
    """
    cover = _cover(story, front, len(sheets))
    specification = [] if story.design else _specification(story)
    drawings = []
    for picture, texts in zip(sheets, spans, strict=True):
        page = Page()
        page.picture(picture, 0, 0, PAGE_WIDTH, PAGE_HEIGHT)
        for span in () if scanned else texts:
            _hide(page, span)
        drawings.append(page)
    if scanned:
        cover, *specification = _photographed([cover, *specification])
    return write_pdf([cover, *drawings, *specification], story.barcode)


def _hide(page: Page, span: Span) -> None:
    x, y, width, height = (value * _POINTS for value in span.box)
    if span.upwards:
        page.hidden_text(x + width, PAGE_HEIGHT - y - height, span.text, height, max(4.0, width * 1.35), True)
    else:
        page.hidden_text(x, PAGE_HEIGHT - y - height, span.text, width, max(4.0, height * 1.35))


def _photographed(pages: list[Page]) -> list[Page]:
    document = pdfium.PdfDocument(write_pdf(pages, "pages"))
    result = []
    for page in document:
        grey = np.asarray(page.render(scale=300 / 72, grayscale=True).to_numpy())
        picture = group4(grey.reshape(grey.shape[0], grey.shape[1]) < 150)
        scan = Page()
        scan.picture(picture, 0, 0, PAGE_WIDTH, PAGE_HEIGHT)
        result.append(scan)
    document.close()
    return result


def _cover(story: Story, front: Ink, sheets: int) -> Page:
    page = Page()
    _bars(page, story)
    right = _RIGHT + _COLUMN
    head = "United States Design Patent" if story.design else "United States Patent"
    page.text(_LEFT, 708, "(12)", "regular", 10)
    page.text(_LEFT + 20, 708, head, "bold", 16.8)
    surname = story.inventors[0][1] + (" et al." if len(story.inventors) > 1 else "")
    page.text(_LEFT + 20, 693, surname, "bold", 11)
    page.text(_RIGHT + 12, 708, "(10)", "regular", 10)
    page.text(_RIGHT + 32, 708, "Patent No.:", "bold", 12)
    page.text(right - text_width(story.display, "bold", 12), 708, story.display, "bold", 12)
    page.text(_RIGHT + 12, 693, "(45)", "regular", 10)
    page.text(_RIGHT + 32, 693, "Date of Patent:", "bold", 12)
    day = printed_date(story.published)
    page.text(right - text_width(day, "bold", 12), 693, day, "bold", 12)
    if story.design:
        page.text(right - text_width(day, "bold", 12) - 20, 693, "**", "bold", 12)
    page.rule(_LEFT, 685.5, right - _LEFT, 0.6)
    left, other = _design_columns(story, sheets) if story.design else _utility_columns(story, sheets)
    _, low = place(page, left, _LEFT, 676, 60)
    _, other_low = place(page, other, _RIGHT, 676, 60)
    _front_figure(page, front, min(low, other_low) - 14)
    return page


def _bars(page: Page, story: Story) -> None:
    chance = random.Random(story.barcode)
    x, end = 300.0, _RIGHT + _COLUMN
    while x < end - 2:
        width = chance.choice((0.75, 0.75, 1.5, 2.2))
        page.rule(x, 754, width, 22)
        x += width + chance.choice((0.75, 0.75, 1.5, 2.2))
    page.text(414 - text_width(story.barcode, "regular", 9) / 2, 744, story.barcode, "regular", 9)


def _front_figure(page: Page, front: Ink, top: float) -> None:
    room_x, room_y = _RIGHT + _COLUMN - _LEFT, top - 46
    if room_y < 60:
        return
    height, width = front.shape
    scale = min(room_x / width, room_y / height, 0.8 * _POINTS)
    size = (max(1, round(width * scale / _POINTS)), max(1, round(height * scale / _POINTS)))
    grey = Image.fromarray(np.uint8(~front) * 255).resize(size, Image.Resampling.BOX)
    # A low threshold of white keeps thin lines when the figure shrinks.
    small = np.asarray(grey) < 190
    picture = group4(small)
    x = _LEFT + (room_x - width * scale) / 2
    page.picture(picture, x, 46 + (room_y - height * scale) / 2, width * scale, height * scale)


def _common(story: Story) -> list[SetLine]:
    width = _COLUMN
    lines = [*inid("(54)", [(story.title, "bold")], width), gap(6)]
    lines += inid(
        "(71)",
        [("Applicant:", "regular"), (story.applicant, "bold"), (f", {story.applicant_place}", "regular")],
        width,
        42,
    )
    lines.append(gap(6))
    people = []
    for number, (given, family, town) in enumerate(story.inventors):
        last = number == len(story.inventors) - 1
        people += [(f"{given} {family}", "bold"), (f", {town}" + ("" if last else ";"), "regular")]
    label = "Inventors:" if len(story.inventors) > 1 else "Inventor:"
    lines += [*inid("(72)", [(label, "regular"), *people], width, 42), gap(6)]
    lines += inid(
        "(73)",
        [("Assignee:", "regular"), (story.applicant, "bold"), (f", {story.applicant_place}", "regular")],
        width,
        42,
    )
    return [*lines, gap(6)]


def _design_columns(story: Story, sheets: int) -> tuple[list[SetLine], list[SetLine]]:
    width = _COLUMN
    left = _common(story)
    left += [*inid("(**)", [("Term:", "regular"), ("15 Years", "bold")], width), gap(6)]
    left += [*inid("(21)", [("Appl. No.:", "regular"), (story.application, "bold")], width), gap(6)]
    left += [*inid("(22)", [("Filed:", "regular"), (printed_date(story.filed), "bold")], width), gap(3)]
    left.append(_coded("(51)", leader([("LOC (13) Cl.", "bold")], [(story.locarno, "bold")], width)))
    left += inid("(52)", [("U.S. Cl.", "bold")], width)
    first, *others = story.uspc
    tail = [(first, "bold")] + ([("; " + "; ".join(others), "regular")] if others else [])
    left.append(leader([("USPC", "regular")], tail, width))
    left += inid("(58)", [("Field of Classification Search", "bold")], width)
    stem, group = first.split("/")
    near = ", ".join(str(int(float(group)) + n) for n in (0, 1, 2, 5, 8, 11))
    fields = f"USPC ....... {stem}/{near}; {'; '.join(others)}"
    left += paragraph([(fields, "regular")], width, first=25, hang=58, justified=False)
    left += paragraph(
        [(f"CPC ........ {'; '.join(story.cpc)}", "regular")], width, first=25, hang=58, justified=False
    )
    left += paragraph(
        [("See application file for complete search history.", "regular")], width, first=25, justified=False
    )
    right = _references(story)
    right.append(gap(5))
    right += _headed("(57)", "CLAIM", width)
    right += [
        gap(4),
        *paragraph([(story.claims[0], "regular")], width),
        gap(8),
        *centred("DESCRIPTION", width),
        gap(6),
    ]
    for number, (label, phrase) in enumerate(story.captions):
        ending = (
            "; and,"
            if number == len(story.captions) - 2
            else "."
            if number == len(story.captions) - 1
            else ";"
        )
        right += paragraph([("FIG.", "regular"), (label, "bold"), (f"is {phrase}{ending}", "regular")], width)
    for _, text in story.paragraphs:
        right += paragraph([(text, "regular")], width)
    right += [gap(8), *centred(f"1 Claim, {sheets} Drawing Sheet{'s' if sheets > 1 else ''}", width)]
    return left, right


def _utility_columns(story: Story, sheets: int) -> tuple[list[SetLine], list[SetLine]]:
    width = _COLUMN
    left = _common(story)
    notice = (
        "Subject to any disclaimer, the term of this patent is extended or adjusted under "
        "35 U.S.C. 154(b) by 0 days."
    )
    left += [*inid("(*)", [("Notice:", "regular"), (notice, "regular")], width, 42), gap(6)]
    left += [*inid("(21)", [("Appl. No.:", "regular"), (story.application, "bold")], width), gap(6)]
    left += [*inid("(22)", [("Filed:", "regular"), (printed_date(story.filed), "bold")], width), gap(6)]
    left += inid("(51)", [("Int. Cl.", "bold")], width)
    left += [leader([(symbol, "bold italic")], [("(2006.01)", "regular")], width) for symbol in story.cpc]
    left += inid("(52)", [("U.S. Cl.", "bold")], width)
    first, *others = story.cpc
    marks = [(f"{first}", "bold"), (" (2013.01)" + "".join(f"; {s} (2013.01)" for s in others), "regular")]
    left += paragraph([("CPC ..........", "regular"), *marks], width, first=25, hang=58, justified=False)
    left += inid("(58)", [("Field of Classification Search", "bold")], width)
    left += paragraph(
        [(f"CPC ........ {'; '.join(story.cpc)}", "regular")], width, first=25, hang=58, justified=False
    )
    left += paragraph(
        [("See application file for complete search history.", "regular")], width, first=25, justified=False
    )
    right = _references(story)
    right += [
        gap(5),
        *_headed("(57)", "ABSTRACT", width),
        gap(4),
        *paragraph([(story.abstract, "regular")], width, first=10),
    ]
    count = len(story.claims)
    right += [gap(8), *centred(f"{count} Claims, {sheets} Drawing Sheet{'s' if sheets > 1 else ''}", width)]
    return left, right


def _headed(code: str, heading: str, width: float) -> list[SetLine]:
    middle = (width - text_width(heading, "bold", 9)) / 2
    return [SetLine(((0.0, code, "regular"), (middle, heading, "bold")), 9, 9.7)]


def _coded(code: str, line: SetLine) -> SetLine:
    return SetLine(((0.0, code, "regular"), *line.pieces), line.size, line.lead)


def _references(story: Story) -> list[SetLine]:
    width = _COLUMN
    lines = _headed("(56)", "References Cited", width)
    lines += [gap(6), *centred("U.S. PATENT DOCUMENTS", width, "regular"), gap(5)]
    for number, month, name, symbol in story.cited:
        row = leader([(name, "regular")], [(symbol, "regular")], width, 108, 8)
        pieces = ((10.0, number, "regular"), (72.0, "*", "regular"), (80.0, month, "regular"), *row.pieces)
        lines.append(SetLine(pieces, 8, 8.8))
    lines += [gap(4), *paragraph([("* cited by examiner", "regular")], width, 8, justified=False), gap(4)]
    lines += paragraph(
        [("Primary Examiner", "italic"), (f"— {story.examiner}", "regular")], width, justified=False
    )
    lines += paragraph(
        [("(74)", "regular"), ("Attorney, Agent, or Firm", "italic"), (f"— {story.attorney}", "regular")],
        width,
        hang=12,
        justified=False,
    )
    return lines


def _specification(story: Story) -> list[Page]:
    width, size = _COLUMN, 9.6
    lines = [*centred(story.title, width, "bold", 10), gap(8)]
    for heading, text in story.paragraphs:
        if heading:
            lines += [gap(8), *centred(heading, width, "regular", size), gap(6)]
        lines += paragraph([(text, "regular")], width, size, 11.2, first=10)
    lines += [gap(10), *paragraph([("What is claimed is:", "regular")], width, size, 11.2, first=10)]
    for number, claim in enumerate(story.claims, 1):
        lines += paragraph([(f"{number}.", "bold"), (claim, "regular")], width, size, 11.2, first=10)
    lines += [gap(10), *centred("* * * * *", width, "regular")]
    pages: list[Page] = []
    rest, column = lines, 1
    while rest:
        page = Page()
        page.text((PAGE_WIDTH - text_width(story.display, "bold", 11)) / 2, 744, story.display, "bold", 11)
        for x in (_LEFT, _RIGHT):
            page.text(x + width / 2 - 3, 726, str(column), "bold", 10)
            column += 1
            rest, _ = place(page, rest, x, 714, 60)
        for mark in range(1, 12):
            page.text(_LEFT + width + 5, 714 - mark * 5 * 11.2, str(mark * 5), "regular", 8)
        pages.append(page)
    return pages
