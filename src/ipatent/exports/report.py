"""The printed report of a search or a collection: to be signed and put into the file."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from PIL import Image
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader

from ipatent import __version__
from ipatent.errors import PictureError
from ipatent.exports.listing import GRADES, NOT_IN_INDEX, ListedFigure, Listing
from ipatent.exports.paper import (
    COLUMN,
    FAINT,
    INK,
    LEFT,
    MARK,
    RIGHT,
    SOFT,
    Block,
    Frame,
    Pen,
    space,
    text_lines,
    write,
)
from ipatent.exports.typesetting import BOLD, MONO, PLAIN, Typesetting, joined, readable
from ipatent.patents import Box, Figure
from ipatent.pictures import open_picture
from ipatent.records.collections import Collection
from ipatent.records.judgements import Grade
from ipatent.records.measures import measures
from ipatent.records.search_record import QueryImage, SearchRecord

_HASH = re.compile(r"^(?:\w+ )?sha256 [0-9a-f]{64}$")
_KEYS = 32 * mm
"""Width of the column of names in a list of facts."""
_THUMBNAIL = 30 * mm
_THUMBNAIL_PIXELS = 256
_TONES = [round(tone / 17) * 17 for tone in range(256)]
"""Sixteen greys: enough for a small line drawing, and half the size of 256."""
_TEXT_LEFT = LEFT + 13 * mm + _THUMBNAIL + 5 * mm
_QUERY_HEIGHT = 48 * mm
_QUERY_PIXELS = 900
_MOST_PIXELS = 200_000_000
_GRADE_COLOURS = {Grade.RELEVANT: "#1a7a3c", Grade.PARTLY: "#9a6700", Grade.NOT: SOFT}


@dataclass(frozen=True, slots=True)
class Sight:
    """Where a report gets its pictures; each may answer None where there is none any more."""

    thumbnail: Callable[[Figure], bytes | None]
    original: Callable[[QueryImage], bytes | None]


def to_pdf(listing: Listing, sight: Sight, font_file: str = "", at: datetime | None = None) -> bytes:
    """The report as PDF, A4. The hash of the record stands on each page.

    Thumbnails are read one by one while their page is written. Raises SettingsError when `font_file`
    (a TrueType font for scripts that no other font has) cannot be used.
    """
    typesetting = Typesetting(font_file)
    blocks: list[Block] = []
    name = "Search report" if listing.record else "Collection"
    blocks.extend(text_lines(typesetting, name.upper(), 9, BOLD, SOFT))
    blocks.append(space(4))
    blocks.extend(text_lines(typesetting, listing.title, 20, BOLD, most=6))
    blocks.append(_ruled(10))
    if listing.record:
        blocks.append(space(4))
        blocks.extend(_query_pictures(listing.record, sight))
        blocks.extend(_search_facts(listing, listing.record, typesetting))
    elif listing.collection:
        blocks.extend(_collection_facts(listing, listing.collection, typesetting))
    blocks.append(space(10))
    blocks.append(_signature())
    heading = "Figures found" if listing.record else "Figures"
    if listing.figures:
        title = text_lines(typesetting, heading, 14, BOLD)[0]
        blocks.append(Block(title.height, title.draw, keep=True, starts_page=True))
        blocks.append(Block(8, lambda pen, top: pen.rule(top - 4), keep=True))
        for listed in listing.figures:
            blocks.extend(_row(listed, sight, typesetting))
    else:
        blocks.append(space(8))
        blocks.extend(text_lines(typesetting, "There are no figures in this report.", 10, PLAIN, SOFT))
    made = (at or datetime.now(UTC)).astimezone(UTC)
    kind = "record" if listing.record else "collection"
    foot = f"ipatent {__version__} · {kind} {listing.id} · written {made:%Y-%m-%d %H:%M} UTC"
    head = f"{name}: {' '.join(readable(listing.title).split())}"
    return write(blocks, Frame(head[:300], head, foot, listing.sha256), typesetting)


def _ruled(height: float) -> Block:
    return Block(height, lambda pen, top: pen.rule(top - height / 2, colour=INK, width=1.2))


def _search_facts(listing: Listing, record: SearchRecord, typesetting: Typesetting) -> Iterator[Block]:
    encoder, index = record.encoder, record.index
    shown = len(listing.figures)
    delivered = f"{len(record.ranked):,} of {index.figures:,} figures, in {record.seconds:.2f} s"
    if shown < len(record.ranked):
        delivered += f"; the first {shown:,} are listed here"
    facts = [
        ("Words", record.words),
        *_picture_facts(record.pictures),
        *((name, value) for name, value in record.filters),
        ("Asked", f"{record.time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC{_by(record.user)}{_times(record)}"),
        ("Found", delivered),
        ("Index", f"{index.patents:,} patents, {index.figures:,} figures; state {index.generation}"),
        ("", f"identity {index.identity}" if index.identity else ""),
        ("Encoder", f"{encoder.name}, preprocessing {encoder.preprocessing}" if encoder else "none"),
        ("", f"weights sha256 {encoder.weights}" if encoder else ""),
        ("Judged", _judged(listing, record)),
        ("Address", record.url),
        ("Program", f"ipatent {record.program}" if record.program else ""),
        ("Record", record.id),
        ("Hash", f"sha256 {listing.sha256}"),
    ]
    yield from _facts(facts, typesetting)


def _picture_facts(pictures: tuple[QueryImage, ...]) -> Iterator[tuple[str, str]]:
    for number, picture in enumerate(pictures, 1):
        yield f"Picture {number}", _said_of(picture)
        if picture.sha256:
            yield "", f"picture sha256 {picture.sha256}"


def _collection_facts(listing: Listing, collection: Collection, typesetting: Typesetting) -> Iterator[Block]:
    patents = len({listed.publication for listed in listing.figures})
    yield from _facts(
        [
            ("Description", collection.description),
            ("Figures", f"{len(listing.figures):,}, of {patents:,} patents"),
            ("Begun", f"{collection.created.astimezone(UTC):%Y-%m-%d %H:%M} UTC{_by(collection.user)}"),
            ("Last changed", f"{collection.changed.astimezone(UTC):%Y-%m-%d %H:%M} UTC"),
            ("Collection", collection.id),
            ("Hash", f"sha256 {listing.sha256}"),
        ],
        typesetting,
    )


def _by(user: str) -> str:
    return f", by {user}" if user else ""


def _times(record: SearchRecord) -> str:
    return f", {record.count} times within minutes" if record.count > 1 else ""


def _judged(listing: Listing, record: SearchRecord) -> str:
    if not listing.judgements:
        return ""
    found = measures(record, listing.judgements)
    parts = [f"{found.judged} of {found.returned} figures, {found.relevant} of them relevant or partly so"]
    for name, value in (
        ("precision of the judged", found.precision_of_judged),
        ("recall of the relevant known so far", found.recall),
        ("nDCG (unjudged as not relevant)", found.ndcg),
    ):
        if value is not None:
            parts.append(f"{name} {value:.2f}")
    return "; ".join(parts)


def _facts(facts: list[tuple[str, str]], typesetting: Typesetting) -> Iterator[Block]:
    size, left = 9.5, LEFT + _KEYS

    def draw(key: str, line: str, style: str) -> Callable[[Pen, float], None]:
        def drawn(pen: Pen, top: float) -> None:
            pen.line(LEFT, top - size, key, size, PLAIN, SOFT)
            pen.line(left, top - size, line, size - (1.2 if style == MONO else 0), style)

        return drawn

    for key, value in facts:
        hexadecimal = bool(_HASH.search(value))
        style = MONO if hexadecimal else PLAIN
        lines = typesetting.lines(value, size - (1.2 if hexadecimal else 0), RIGHT - left, style)
        keys = typesetting.lines(key, size, _KEYS - 6, PLAIN, 1) or [""]
        for number, line in enumerate(lines):
            yield Block(1.4 * size, draw("" if number else keys[0], line, style))
        if lines:
            yield space(2.5)


def _signature() -> Block:
    height = 44 * mm

    def draw(pen: Pen, top: float) -> None:
        pen.frame(LEFT, top - height, COLUMN, height, FAINT, 0.8)
        pen.line(LEFT + 4 * mm, top - 7 * mm, "Signed off by", 10, BOLD)
        third = COLUMN / 3
        for column, label in enumerate(("Name", "Signature", "Date")):
            x = LEFT + column * third + 4 * mm
            pen.rule(top - 25 * mm, x, x + third - 8 * mm, SOFT, 0.5)
            pen.line(x, top - 29 * mm, label, 8, PLAIN, SOFT)
        pen.line(
            LEFT + 4 * mm,
            top - 36 * mm,
            "The hash at the foot of each page is that of the JSON export of the same; check it with:",
            8,
            PLAIN,
            SOFT,
        )
        pen.line(LEFT + 4 * mm, top - 40 * mm, "ipatent verify FILE.json", 8, MONO, SOFT)

    return Block(height, draw)


def _query_pictures(record: SearchRecord, sight: Sight) -> Iterator[Block]:
    across = 3 if len(record.pictures) > 1 else 1
    width = (COLUMN - (across - 1) * 5 * mm) / across
    for start in range(0, len(record.pictures), across):
        group = record.pictures[start : start + across]
        yield Block(_QUERY_HEIGHT + 8 * mm, _drawn_pictures(group, start + 1, width, sight))


def _drawn_pictures(
    group: tuple[QueryImage, ...], first: int, width: float, sight: Sight
) -> Callable[[Pen, float], None]:
    def draw(pen: Pen, top: float) -> None:
        for column, picture in enumerate(group):
            left = LEFT + column * (width + 5 * mm)
            content = sight.original(picture)
            opened = _opened(content, _QUERY_PIXELS) if content else None
            if opened:
                _draw_query(pen, opened, picture, left, top, width)
            else:
                pen.frame(left, top - _QUERY_HEIGHT, width, _QUERY_HEIGHT)
                pen.line(left + 8, top - _QUERY_HEIGHT / 2, "The picture is no longer kept.", 8, PLAIN, SOFT)
            below = top - _QUERY_HEIGHT - 10
            name = f"Picture {first + column}" + (", to be avoided" if picture.negative else "")
            pen.line(left, below, name, 8, BOLD, MARK if picture.negative else SOFT)

    return draw


def _said_of(picture: QueryImage) -> str:
    figure = f"figure {picture.figure_id}" if picture.figure_id else "the picture"
    part = f"part {picture.box} (x, y, width, height in pixels) of " if picture.box else "the whole of "
    turned = f"turned by {picture.turn}°" if picture.turn else ""
    avoided = "to be avoided" if picture.negative else ""
    return joined((f"{part}{figure}", turned, "mirrored" if picture.mirrored else "", avoided), ", ")


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A picture made small, with the size of the original in pixels."""

    image: Image.Image
    width: int
    height: int


def _opened(content: bytes, longer_side: int) -> Opened | None:
    """The picture as it is searched with, or None where it cannot be read: the report says so and goes on."""
    try:
        pixels = open_picture(content, _MOST_PIXELS)
    except PictureError:
        return None
    height, width = pixels.shape[:2]
    image = Image.fromarray(pixels)
    image.thumbnail((longer_side, longer_side), Image.Resampling.LANCZOS)
    if image.mode != "L" and _is_grey(image):
        image = image.convert("L")
    return Opened(image, width, height)


def _is_grey(image: Image.Image) -> bool:
    small = np.asarray(image.convert("RGB").resize((64, 64)), np.int16)
    return bool(np.ptp(small, axis=2).max() < 12)


def _draw_query(pen: Pen, opened: Opened, picture: QueryImage, left: float, top: float, width: float) -> None:
    scale = min(width / opened.width, _QUERY_HEIGHT / opened.height)
    wide, high = opened.width * scale, opened.height * scale
    pen.canvas.drawImage(ImageReader(opened.image), left, top - high, wide, high)
    pen.frame(left, top - high, wide, high)
    if box := _within(picture.box, opened):
        x, y = left + box.x * scale, top - (box.y + box.height) * scale
        pen.frame(x, y, box.width * scale, box.height * scale, MARK, 1.6)


def _within(box: Box | None, opened: Opened) -> Box | None:
    return box if box and box.within(opened.width, opened.height) else None


def _row(listed: ListedFigure, sight: Sight, typesetting: Typesetting) -> Iterator[Block]:
    patent, figure = listed.patent, listed.figure
    width = RIGHT - _TEXT_LEFT
    lines: list[tuple[str, float, str, str]] = []

    def add(text: str, size: float, style: str = PLAIN, colour: str = INK, most: int = 2) -> None:
        text = " ".join(text.split())
        lines.extend(
            (line, size, style, colour) for line in typesetting.lines(text, size, width, style, most)
        )

    if patent:
        add(patent.title, 10, BOLD, most=3)
        add("; ".join(patent.applicants), 8.5)
        dates = (("published", patent.published), ("filed", patent.filed), ("priority", patent.priority))
        add(joined([f"{name} {day.isoformat()}" for name, day in dates if day]), 8.5, PLAIN, SOFT)
        add(joined([f"{c.scheme} {c.symbol}" for c in patent.classifications], ", "), 8.5, PLAIN, SOFT)
    else:
        add(f"The figure {listed.figure_id} is {NOT_IN_INDEX}.", 9, PLAIN, MARK)
    if figure:
        add(figure.caption, 8.5, most=3)
    add(f"Found: {listed.found}" if listed.found else "", 8, PLAIN, SOFT, 1)
    # Four points above and below, and the line with number and judgement.
    text_height = 15 + sum(1.3 * size for _, size, _, _ in lines)
    height = max(text_height, _THUMBNAIL) + 10
    note = text_lines(typesetting, f"Note: {listed.note}", 9, left=_TEXT_LEFT) if listed.note else []

    def draw(pen: Pen, top: float) -> None:
        pen.line(LEFT, top - 15, str(listed.rank), 13, BOLD)
        if listed.score is not None:
            pen.line(LEFT, top - 27, f"{listed.score:.3f}", 8, PLAIN, SOFT)
        _draw_thumbnail(pen, listed, sight, top - 4)
        label = figure.display_label if figure else ""
        cut = typesetting.lines(joined((listed.publication, label)), 10, width - 28 * mm, BOLD, 1)
        pen.link(_TEXT_LEFT, top - 12, cut[0] if cut else "", 10, listed.url, BOLD)
        if listed.grade is not None:
            pen.line_to(RIGHT, top - 12, GRADES[listed.grade], 8.5, BOLD, _GRADE_COLOURS[listed.grade])
        baseline = top - 15
        for line, size, style, colour in lines:
            baseline -= 1.3 * size
            pen.line(_TEXT_LEFT, baseline, line, size, style, colour)
        if not note:
            pen.rule(top - height)

    yield Block(height, draw, keep=bool(note))
    yield from note
    if note:
        yield Block(6, lambda pen, top: pen.rule(top - 6))


def _draw_thumbnail(pen: Pen, listed: ListedFigure, sight: Sight, top: float) -> None:
    left = LEFT + 13 * mm
    content = sight.thumbnail(listed.figure) if listed.figure else None
    opened = _opened(content, _THUMBNAIL_PIXELS) if content else None
    if opened is None:
        pen.frame(left, top - _THUMBNAIL, _THUMBNAIL, _THUMBNAIL)
        pen.line(left + 6, top - _THUMBNAIL / 2, "no picture", 7.5, PLAIN, SOFT)
        return
    image = opened.image.point(_TONES) if opened.image.mode == "L" else opened.image
    room = _THUMBNAIL - 2 * mm
    scale = min(room / opened.width, room / opened.height)
    wide, high = opened.width * scale, opened.height * scale
    x, y = left + (_THUMBNAIL - wide) / 2, top - _THUMBNAIL + (_THUMBNAIL - high) / 2
    pen.canvas.drawImage(ImageReader(image), x, y, wide, high)
    pen.frame(left, top - _THUMBNAIL, _THUMBNAIL, _THUMBNAIL)
