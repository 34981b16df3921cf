"""The pages of a document that a user searches with: a PDF or a TIFF of several pages."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import TiffImagePlugin

from ipatent.errors import PictureError, SourceError
from ipatent.patents import Pixels
from ipatent.pictures import encode_png, media_type, open_frame, picture_size, shrink
from ipatent.sources import Limits
from ipatent.sources.pdf import draw_pages
from ipatent.workers import run_tasks

PDF = b"%PDF"
SECONDS = 30
"""Longest time that drawing pages of one PDF may take."""


@dataclass(frozen=True, slots=True)
class DrawnPages:
    """How many pages a document has, and some of them as PNG."""

    count: int
    pictures: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class _Task:
    data: bytes
    places: tuple[int, ...]
    limits: Limits
    longer_side: int


def is_document(data: bytes) -> bool:
    """Whether the bytes may hold several pages."""
    return data[:64].lstrip().startswith(PDF) or media_type(data) == "image/tiff"


def pages_of(
    data: bytes, places: Sequence[int], max_pixels: int, max_pages: int, longer_side: int = 0
) -> DrawnPages:
    """The pages at `places` (0-based; those beyond the end are left out), full size or small.

    A PDF is drawn in a process of its own with limits on time and memory. Raises PictureError when the
    document is damaged, encrypted or over a limit.
    """
    if media_type(data) == "image/tiff":
        return _tiff(data, places, max_pixels, max_pages, longer_side)
    limits = Limits(len(data), max_pixels, max_pages)
    (done,) = run_tasks(_draw, [_Task(data, tuple(places), limits, longer_side)], 1, SECONDS)
    if done.result is not None:
        return done.result
    if isinstance(done.error, SourceError):
        raise PictureError(f"This PDF is not usable: {done.error.message}.", "Save the page as PNG.")
    raise PictureError(
        "The PDF cannot be drawn: it is damaged, or too much for this server.", "Save the page as PNG."
    )


def _draw(task: _Task) -> DrawnPages:
    """Runs in the process apart."""
    count, pixels = draw_pages(task.data, task.places, task.limits, task.longer_side)
    return DrawnPages(count, tuple(encode_png(each) for each in pixels))


def _tiff(
    data: bytes, places: Sequence[int], max_pixels: int, max_pages: int, longer_side: int
) -> DrawnPages:
    picture_size(data, max_pixels)  # tells damage and size by the usual sentences
    count = _frames(data, max_pages)

    def drawn(place: int) -> Pixels:
        pixels = open_frame(data, place, max_pixels)
        return shrink(pixels, longer_side) if longer_side else pixels

    return DrawnPages(count, tuple(encode_png(drawn(place)) for place in places if 0 <= place < count))


def _frames(data: bytes, max_pages: int) -> int:
    """Pages of a TIFF, counted no further than `max_pages`."""
    image = TiffImagePlugin.TiffImageFile(io.BytesIO(data))
    count = 1
    try:
        while count < max_pages:
            image.seek(count)
            count += 1
    # The end, or the first damaged page: to the user both are the end.
    except Exception:
        return count
    return count
