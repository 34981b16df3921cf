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
from ipatent.exports.listing import ListedFigure, Listing
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
from ipatent.exports.speech import ENGLISH, Speech, count, decimal, gettext, noted, speaking
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
_GRADES = {
    Grade.RELEVANT: noted("relevant"),
    Grade.PARTLY: noted("partly relevant"),
    Grade.NOT: noted("not relevant"),
}
_GRADE_COLOURS = {Grade.RELEVANT: "#1a7a3c", Grade.PARTLY: "#9a6700", Grade.NOT: SOFT}


@dataclass(frozen=True, slots=True)
class Sight:
    """Where a report gets its pictures; each may answer None where there is none any more."""

    thumbnail: Callable[[Figure], bytes | None]
    original: Callable[[QueryImage], bytes | None]


def to_pdf(
    listing: Listing,
    sight: Sight,
    font_file: str = "",
    at: datetime | None = None,
    speech: Speech = ENGLISH,
) -> bytes:
    """The report as PDF, A4, in the language of `speech`. The hash of the record stands on each page.

    Thumbnails are read one by one while their page is written. What was recorded (words, filters,
    address) stays as it was asked. Raises SettingsError when `font_file` (a TrueType font for scripts
    that no other font has) cannot be used.
    """
    typesetting = Typesetting(font_file)
    with speaking(speech):
        return write(list(_blocks(listing, sight, typesetting)), _frame(listing, at), typesetting)


def _blocks(listing: Listing, sight: Sight, typesetting: Typesetting) -> Iterator[Block]:
    yield from text_lines(typesetting, _name(listing).upper(), 9, BOLD, SOFT)
    yield space(4)
    yield from text_lines(typesetting, listing.title, 20, BOLD, most=6)
    yield _ruled(10)
    if listing.record:
        yield space(4)
        yield from _query_pictures(listing.record, sight)
        yield from _search_facts(listing, listing.record, typesetting)
    elif listing.collection:
        yield from _collection_facts(listing, listing.collection, typesetting)
    yield space(10)
    yield _signature()
    if not listing.figures:
        yield space(8)
        said = gettext("There are no figures in this report.")
        yield from text_lines(typesetting, said, 10, PLAIN, SOFT)
        return
    heading = gettext("Figures found") if listing.record else gettext("Figures")
    title = text_lines(typesetting, heading, 14, BOLD)[0]
    yield Block(title.height, title.draw, keep=True, starts_page=True)
    yield Block(8, lambda pen, top: pen.rule(top - 4), keep=True)
    for listed in listing.figures:
        yield from _row(listed, sight, typesetting)


def _name(listing: Listing) -> str:
    return gettext("Search report") if listing.record else gettext("Collection")


def _frame(listing: Listing, at: datetime | None) -> Frame:
    made = (at or datetime.now(UTC)).astimezone(UTC)
    facts = {
        "version": __version__,
        "id": listing.id,
        "time": f"{made:%Y-%m-%d %H:%M}",
    }
    if listing.record:
        foot = gettext("ipatent %(version)s · record %(id)s · written %(time)s UTC") % facts
    else:
        foot = gettext("ipatent %(version)s · collection %(id)s · written %(time)s UTC") % facts
    head = f"{_name(listing)}: {' '.join(readable(listing.title).split())}"
    return Frame(head[:300], head, foot, listing.sha256)


def _ruled(height: float) -> Block:
    return Block(height, lambda pen, top: pen.rule(top - height / 2, colour=INK, width=1.2))


def _search_facts(listing: Listing, record: SearchRecord, typesetting: Typesetting) -> Iterator[Block]:
    encoder, index = record.encoder, record.index
    shown = len(listing.figures)
    delivered = gettext("%(found)s of %(figures)s figures, in %(seconds)s s") % {
        "found": count(len(record.ranked)),
        "figures": count(index.figures),
        "seconds": decimal(record.seconds),
    }
    if shown < len(record.ranked):
        delivered += "; " + gettext("the first %(shown)s are listed here") % {"shown": count(shown)}
    state = gettext("%(patents)s patents, %(figures)s figures; state %(state)s") % {
        "patents": count(index.patents),
        "figures": count(index.figures),
        "state": index.generation,
    }
    prepared = gettext("%(encoder)s, preprocessing %(preprocessing)s") if encoder else gettext("none")
    facts = [
        (gettext("Words"), record.words),
        *_picture_facts(record.pictures),
        *((gettext(name), value) for name, value in record.filters),
        (
            gettext("Asked"),
            joined((f"{_time(record.time)}", _by(record.user), _times(record)), ", "),
        ),
        (gettext("Found"), delivered),
        (gettext("Index"), state),
        ("", gettext("identity %(identity)s") % {"identity": index.identity} if index.identity else ""),
        (
            gettext("Encoder"),
            prepared % {"encoder": encoder.name, "preprocessing": encoder.preprocessing}
            if encoder
            else prepared,
        ),
        ("", f"weights sha256 {encoder.weights}" if encoder else ""),
        (gettext("Judged"), _judged(listing, record)),
        (gettext("Address"), record.url),
        (gettext("Program"), f"ipatent {record.program}" if record.program else ""),
        (gettext("Record"), record.id),
        (gettext("Hash"), f"sha256 {listing.sha256}"),
    ]
    yield from _facts(facts, typesetting)


def _picture_facts(pictures: tuple[QueryImage, ...]) -> Iterator[tuple[str, str]]:
    for number, picture in enumerate(pictures, 1):
        yield gettext("Picture %(number)s") % {"number": number}, _said_of(picture)
        if picture.sha256:
            yield "", f"picture sha256 {picture.sha256}"


def _collection_facts(listing: Listing, collection: Collection, typesetting: Typesetting) -> Iterator[Block]:
    patents = len({listed.publication for listed in listing.figures})
    of_patents = gettext("%(figures)s, of %(patents)s patents") % {
        "figures": count(len(listing.figures)),
        "patents": count(patents),
    }
    yield from _facts(
        [
            (gettext("Description"), collection.description),
            (gettext("Figures"), of_patents),
            (gettext("Begun"), joined((_minute(collection.created), _by(collection.user)), ", ")),
            (gettext("Last changed"), _minute(collection.changed)),
            (gettext("Collection"), collection.id),
            (gettext("Hash"), f"sha256 {listing.sha256}"),
        ],
        typesetting,
    )


def _time(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _minute(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _by(user: str) -> str:
    return gettext("by %(user)s") % {"user": user} if user else ""


def _times(record: SearchRecord) -> str:
    if record.count < 2:
        return ""
    return gettext("%(number)s times within minutes") % {"number": count(record.count)}


def _judged(listing: Listing, record: SearchRecord) -> str:
    if not listing.judgements:
        return ""
    found = measures(record, listing.judgements)
    parts = [
        gettext("%(judged)s of %(figures)s figures, %(relevant)s of them relevant or partly so")
        % {
            "judged": count(found.judged),
            "figures": count(found.returned),
            "relevant": count(found.relevant),
        }
    ]
    for name, value in (
        (gettext("precision of the judged"), found.precision_of_judged),
        (gettext("recall of the relevant known so far"), found.recall),
        (gettext("nDCG (unjudged as not relevant)"), found.ndcg),
    ):
        if value is not None:
            parts.append(f"{name} {decimal(value)}")
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
        pen.line(LEFT + 4 * mm, top - 7 * mm, gettext("Signed off by"), 10, BOLD)
        third = COLUMN / 3
        for column, label in enumerate((gettext("Name"), gettext("Signature"), gettext("Date"))):
            x = LEFT + column * third + 4 * mm
            pen.rule(top - 25 * mm, x, x + third - 8 * mm, SOFT, 0.5)
            pen.line(x, top - 29 * mm, label, 8, PLAIN, SOFT)
        pen.line(
            LEFT + 4 * mm,
            top - 36 * mm,
            gettext(
                "The hash at the foot of each page is that of the JSON export of the same; check it with:"
            ),
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
                gone = gettext("The picture is no longer kept.")
                pen.line(left + 8, top - _QUERY_HEIGHT / 2, gone, 8, PLAIN, SOFT)
            below = top - _QUERY_HEIGHT - 10
            name = gettext("Picture %(number)s") % {"number": first + column}
            name = joined((name, gettext("to be avoided") if picture.negative else ""), ", ")
            pen.line(left, below, name, 8, BOLD, MARK if picture.negative else SOFT)

    return draw


def _said_of(picture: QueryImage) -> str:
    which = {"figure": picture.figure_id, "box": str(picture.box)}
    if picture.box and picture.figure_id:
        said = gettext("part %(box)s (x, y, width, height in pixels) of figure %(figure)s") % which
    elif picture.box:
        said = gettext("part %(box)s (x, y, width, height in pixels) of the picture") % which
    elif picture.figure_id:
        said = gettext("the whole of figure %(figure)s") % which
    else:
        said = gettext("the whole of the picture")
    turned = gettext("turned by %(degrees)s°") % {"degrees": picture.turn} if picture.turn else ""
    mirrored = gettext("mirrored") if picture.mirrored else ""
    return joined((said, turned, mirrored, gettext("to be avoided") if picture.negative else ""), ", ")


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
        dates = (
            (gettext("published"), patent.published),
            (gettext("filed"), patent.filed),
            (gettext("priority"), patent.priority),
        )
        add(joined([f"{name} {day.isoformat()}" for name, day in dates if day]), 8.5, PLAIN, SOFT)
        add(joined([f"{c.scheme} {c.symbol}" for c in patent.classifications], ", "), 8.5, PLAIN, SOFT)
    else:
        gone = gettext("The figure %(figure)s is no longer in the index.") % {"figure": listed.figure_id}
        add(gone, 9, PLAIN, MARK)
    if figure:
        add(figure.caption, 8.5, most=3)
    add(_found(listed), 8, PLAIN, SOFT, 1)
    # Four points above and below, and the line with number and judgement.
    text_height = 15 + sum(1.3 * size for _, size, _, _ in lines)
    height = max(text_height, _THUMBNAIL) + 10
    note = text_lines(typesetting, _noted(listed), 9, left=_TEXT_LEFT) if listed.note else []

    def draw(pen: Pen, top: float) -> None:
        pen.line(LEFT, top - 15, str(listed.rank), 13, BOLD)
        if listed.score is not None:
            pen.line(LEFT, top - 27, decimal(listed.score, 3), 8, PLAIN, SOFT)
        _draw_thumbnail(pen, listed, sight, top - 4)
        label = figure.display_label if figure else ""
        cut = typesetting.lines(joined((listed.publication, label)), 10, width - 28 * mm, BOLD, 1)
        pen.link(_TEXT_LEFT, top - 12, cut[0] if cut else "", 10, listed.url, BOLD)
        if listed.grade is not None:
            pen.line_to(
                RIGHT, top - 12, gettext(_GRADES[listed.grade]), 8.5, BOLD, _GRADE_COLOURS[listed.grade]
            )
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


def _found(listed: ListedFigure) -> str:
    where = {"rank": listed.found_rank, "record": listed.found_in}
    if not listed.found_in:
        return ""
    if listed.found_rank:
        return gettext("Found: rank %(rank)s of record %(record)s") % where
    return gettext("Found: record %(record)s") % where


def _noted(listed: ListedFigure) -> str:
    return gettext("Note: %(note)s") % {"note": listed.note}


def _draw_thumbnail(pen: Pen, listed: ListedFigure, sight: Sight, top: float) -> None:
    left = LEFT + 13 * mm
    content = sight.thumbnail(listed.figure) if listed.figure else None
    opened = _opened(content, _THUMBNAIL_PIXELS) if content else None
    if opened is None:
        pen.frame(left, top - _THUMBNAIL, _THUMBNAIL, _THUMBNAIL)
        pen.line(left + 6, top - _THUMBNAIL / 2, gettext("no picture"), 7.5, PLAIN, SOFT)
        return
    image = opened.image.point(_TONES) if opened.image.mode == "L" else opened.image
    room = _THUMBNAIL - 2 * mm
    scale = min(room / opened.width, room / opened.height)
    wide, high = opened.width * scale, opened.height * scale
    x, y = left + (_THUMBNAIL - wide) / 2, top - _THUMBNAIL + (_THUMBNAIL - high) / 2
    pen.canvas.drawImage(ImageReader(image), x, y, wide, high)
    pen.frame(left, top - _THUMBNAIL, _THUMBNAIL, _THUMBNAIL)
