"""Line drawings of simple objects, drawn with Pillow, for tests of the encoders."""

import io
import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from ipatent.patents import Pixels

Pen = ImageDraw.ImageDraw


def chair(pen: Pen, width: int) -> None:
    pen.rectangle([300, 100, 700, 500], outline=0, width=width)
    pen.rectangle([260, 500, 740, 580], outline=0, width=width)
    for x in (280, 400, 600, 720):
        pen.line([x, 580, x, 950], fill=0, width=width)
    for x in range(350, 700, 50):
        pen.line([x, 100, x, 500], fill=0, width=width)


def gear(pen: Pen, width: int) -> None:
    points = []
    for step in range(48):
        radius = 400 if step % 4 < 2 else 330
        angle = 2 * math.pi * step / 48
        points.append((500 + radius * math.cos(angle), 500 + radius * math.sin(angle)))
    pen.line([*points, points[0]], fill=0, width=width)
    pen.ellipse([400, 400, 600, 600], outline=0, width=width)
    pen.ellipse([250, 250, 750, 750], outline=0, width=width)


def bottle(pen: Pen, width: int) -> None:
    outline = [430, 60, 430, 250, 330, 380, 330, 950, 670, 950, 670, 380, 570, 250, 570, 60]
    pen.line(outline, fill=0, width=width)
    pen.ellipse([430, 30, 570, 90], outline=0, width=width)
    pen.rectangle([345, 500, 655, 800], outline=0, width=width)


def flowchart(pen: Pen, width: int) -> None:
    for row, y in enumerate((60, 300, 540, 780)):
        pen.rectangle([300, y, 700, y + 140], outline=0, width=width)
        if row:
            pen.line([500, y - 100, 500, y], fill=0, width=width)
    pen.line([700, 370, 850, 370, 850, 850, 700, 850], fill=0, width=width)


def bicycle(pen: Pen, width: int) -> None:
    for x in (250, 750):
        pen.ellipse([x - 200, 450, x + 200, 850], outline=0, width=width)
        for spoke in range(12):
            angle = math.pi * spoke / 6
            pen.line([x, 650, x + 200 * math.cos(angle), 650 + 200 * math.sin(angle)], fill=0, width=width)
    pen.line([250, 650, 400, 350, 680, 350, 500, 650, 250, 650], fill=0, width=width)
    pen.line([680, 350, 750, 650], fill=0, width=width)


def lamp(pen: Pen, width: int) -> None:
    pen.polygon([(350, 100), (650, 100), (780, 400), (220, 400)], outline=0, width=width)
    pen.line([500, 400, 500, 850], fill=0, width=width)
    pen.ellipse([330, 820, 670, 940], outline=0, width=width)


THINGS: dict[str, Callable[[Pen, int], None]] = {
    "chair": chair,
    "gear": gear,
    "bottle": bottle,
    "flowchart": flowchart,
    "bicycle": bicycle,
    "lamp": lamp,
}


def draw(thing: str, side: int = 1000, width: int = 4) -> Pixels:
    """The thing in black on white, (side, side) uint8, lines `width` pixels wide at side 1000."""
    sheet = Image.new("L", (1000, 1000), 255)
    THINGS[thing](ImageDraw.Draw(sheet), width)
    if side != 1000:
        sheet = sheet.resize((side, side), Image.Resampling.LANCZOS)
    return np.asarray(sheet)


def as_jpeg(pixels: Pixels, quality: int = 60) -> Pixels:
    """The picture after it was saved as JPEG."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def rotated(pixels: Pixels, degrees: float) -> Pixels:
    """The picture turned on white paper, nothing cut off."""
    turned = Image.fromarray(pixels).rotate(
        degrees, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=255
    )
    return np.asarray(turned)


def on_page(pixels: Pixels, height: int, width: int, top: int, left: int) -> Pixels:
    """The picture somewhere on a larger white page."""
    page = np.full((height, width), 255, np.uint8)
    page[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return page
