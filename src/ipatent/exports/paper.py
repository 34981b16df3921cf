"""Pages of a printed report: blocks one below the other, broken into pages, with head and foot on each."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from threading import Lock

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from ipatent.exports.speech import gettext
from ipatent.exports.typesetting import BOLD, MONO, PLAIN, Typesetting

WIDTH, HEIGHT = A4
LEFT, RIGHT = 20 * mm, WIDTH - 18 * mm
TOP, BOTTOM = HEIGHT - 22 * mm, 24 * mm
COLUMN = RIGHT - LEFT

INK, SOFT, FAINT, LINK, MARK = "#16202b", "#5b6773", "#cfd6dc", "#0b57a4", "#c2310c"

_ONE_AT_A_TIME = Lock()
"""reportlab's fonts belong to the process and carry state of the document in the making."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a page that is never divided: its height in points and how it is drawn.

    `draw` gets the pen and the upper edge. `keep` keeps it on one page with the block after it;
    `starts_page` puts it on a page of its own.
    """

    height: float
    draw: Callable[["Pen", float], None]
    keep: bool = False
    starts_page: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands on each page: `head` from the second on, `foot` and the hash on all."""

    title: str
    head: str
    foot: str
    sha256: str


class Pen:
    """Draws on the page in hand; positions are points from the lower left corner."""

    def __init__(self, canvas: Canvas, typesetting: Typesetting) -> None:
        self.canvas = canvas
        self.typesetting = typesetting

    def line(
        self, x: float, y: float, text: str, size: float, style: str = PLAIN, colour: str = INK
    ) -> float:
        """One line of text at a baseline; where it ends."""
        self.canvas.setFillColor(colour)
        for run in self.typesetting.runs(text, style):
            self.canvas.setFont(run.font, size)
            self.canvas.drawString(x, y, run.text)
            x += run.width * size
        return x

    def line_to(
        self, right: float, y: float, text: str, size: float, style: str = PLAIN, colour: str = INK
    ) -> None:
        """One line of text that ends at `right`."""
        self.line(right - self.typesetting.width(text, size, style), y, text, size, style, colour)

    def link(self, x: float, y: float, text: str, size: float, url: str, style: str = PLAIN) -> float:
        """One line of text that leads to `url`, where there is one; where it ends."""
        end = self.line(x, y, text, size, style, LINK if url else INK)
        if url:
            self.canvas.linkURL(url, (x, y - 0.2 * size, end, y + 0.8 * size), thickness=0)
        return end

    def rule(
        self, y: float, left: float = LEFT, right: float = RIGHT, colour: str = FAINT, width: float = 0.6
    ) -> None:
        """A horizontal line."""
        self.canvas.setStrokeColor(colour)
        self.canvas.setLineWidth(width)
        self.canvas.line(left, y, right, y)

    def frame(
        self, x: float, y: float, width: float, height: float, colour: str = FAINT, line: float = 0.6
    ) -> None:
        """The outline of a rectangle with its lower left corner at (x, y)."""
        self.canvas.setStrokeColor(colour)
        self.canvas.setLineWidth(line)
        self.canvas.rect(x, y, width, height, stroke=1, fill=0)


def space(height: float) -> Block:
    """Nothing, of this height."""
    return Block(height, _draw_nothing)


def text_lines(
    typesetting: Typesetting,
    text: str,
    size: float,
    style: str = PLAIN,
    colour: str = INK,
    left: float = LEFT,
    most: int | None = None,
) -> list[Block]:
    """A block for each line of the text, so that long ones run on over pages."""

    def block(line: str) -> Block:
        return Block(
            1.35 * size, lambda pen, top: _ignored(pen.line(left, top - size, line, size, style, colour))
        )

    return [block(line) for line in typesetting.lines(text, size, RIGHT - left, style, most)]


def write(blocks: Sequence[Block], frame: Frame, typesetting: Typesetting) -> bytes:
    """The finished PDF; the same blocks give the same bytes."""
    pages = _divided(blocks)
    with _ONE_AT_A_TIME, _as_bytes():
        file = BytesIO()
        canvas = Canvas(file, pagesize=A4, pageCompression=1, invariant=1)
        canvas.setTitle(frame.title)
        canvas.setAuthor("ipatent")
        canvas.setSubject(f"sha256 {frame.sha256}")
        pen = Pen(canvas, typesetting)
        for number, page in enumerate(pages, 1):
            _draw_frame(pen, frame, number, len(pages))
            top = TOP
            for block in page:
                block.draw(pen, top)
                top -= block.height
            canvas.showPage()
        canvas.save()
        return file.getvalue()


@contextmanager
def _as_bytes() -> Iterator[None]:
    """Keep reportlab from writing pictures as ASCII, which takes most of its time and a quarter more room."""
    before, rl_config.useA85 = rl_config.useA85, 0
    try:
        yield
    finally:
        rl_config.useA85 = before


def _divided(blocks: Sequence[Block]) -> list[list[Block]]:
    pages: list[list[Block]] = [[]]
    left = TOP - BOTTOM
    at = 0
    while at < len(blocks):
        end = at + 1
        while blocks[end - 1].keep and end < len(blocks):
            end += 1
        group = blocks[at:end]
        needed = sum(block.height for block in group)
        if pages[-1] and (needed > left or group[0].starts_page):
            pages.append([])
            left = TOP - BOTTOM
        pages[-1].extend(group)
        left -= needed
        at = end
    return pages


def _draw_frame(pen: Pen, frame: Frame, number: int, count: int) -> None:
    if number > 1:
        cut = pen.typesetting.lines(frame.head, 8, COLUMN, PLAIN, 1)
        pen.line(LEFT, HEIGHT - 14 * mm, cut[0] if cut else "", 8, PLAIN, SOFT)
        pen.rule(HEIGHT - 16 * mm)
    pen.rule(18 * mm)
    pen.line(LEFT, 14 * mm, frame.foot, 8, PLAIN, SOFT)
    pen.line_to(RIGHT, 14 * mm, _page_of(number, count), 8, BOLD, SOFT)
    pen.line(LEFT, 10.2 * mm, f"sha256 {frame.sha256}", 7, MONO, SOFT)


def _page_of(number: int, count: int) -> str:
    return gettext("Page %(number)s of %(count)s") % {"number": number, "count": count}


def _draw_nothing(_pen: Pen, _top: float) -> None:
    pass


def _ignored(_: float) -> None:
    pass
