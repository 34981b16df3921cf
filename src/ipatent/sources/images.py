"""Patents given as pictures: PNG, JPEG, WebP, TIFF (multi-page, 1-bit Group 4), GIF, BMP."""

import io
from collections.abc import Iterator
from pathlib import Path

from PIL import TiffImagePlugin

from ipatent.errors import PictureError
from ipatent.patents import Patent, Pixels, Sheet
from ipatent.pictures import media_type, open_frame, open_picture
from ipatent.publication import find_publication_number
from ipatent.sources import BrokenSheet, Document, Limits
from ipatent.sources.discovery import printable


def read_pictures(paths: tuple[Path, ...], patent_id: str, limits: Limits) -> Document:
    """The patent whose sheets are the given pictures, each page of a TIFF being one sheet.

    The publication number is taken from the names where they begin with one. A picture that is
    damaged or over a limit gives a BrokenSheet.
    """
    number = find_publication_number(patent_id)
    patent = Patent(id=patent_id, number=number, source=str(paths[0] if len(paths) == 1 else paths[0].parent))

    def sheets() -> Iterator[Sheet | BrokenSheet]:
        count = 0
        for path in paths:
            page = 0
            try:
                for page, pixels in enumerate(_frames(path, limits), 1):
                    count += 1
                    yield Sheet(count, pixels, page=page)
            except PictureError as error:
                count += 1
                where = f"{path.name}, page {page + 1}" if page else path.name
                yield BrokenSheet(printable(where), str(error))

    notes = () if number else ("no publication number in its name; known by the name of its files",)
    return Document(patent, sheets, notes)


def _frames(path: Path, limits: Limits) -> Iterator[Pixels]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PictureError(f"It cannot be read: {error.strerror or error}.") from None
    if media_type(data) != "image/tiff":
        yield open_picture(data, limits.sheet_pixels, "max_sheet_pixels")
        return
    for index in range(_tiff_pages(data, limits)):
        yield open_frame(data, index, limits.sheet_pixels, "max_sheet_pixels")


def _tiff_pages(data: bytes, limits: Limits) -> int:
    try:
        pages = int(TiffImagePlugin.TiffImageFile(io.BytesIO(data)).n_frames)
    except Exception as error:
        raise PictureError("The picture is damaged: its pages cannot be counted.") from error
    if pages > limits.pages:
        raise PictureError(
            f"The picture has {pages:,} pages, more than the limit of {limits.pages:,}.",
            "Raise it with the setting max_pages.",
        )
    return pages
