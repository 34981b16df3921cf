"""Patents given as pictures: PNG, JPEG, WebP, TIFF (multi-page, 1-bit Group 4), GIF, BMP."""

import io
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from PIL import TiffImagePlugin

from ipatent.errors import PictureError
from ipatent.patents import Patent, Pixels, Sheet
from ipatent.pictures import media_type, open_frame
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
            for page, read in enumerate(_frames(path, limits), 1):
                count += 1
                try:
                    yield Sheet(count, read(), page=page)
                except PictureError as error:
                    where = f"{path.name}, page {page}" if page > 1 else path.name
                    yield BrokenSheet(printable(where), str(error))

    notes = () if number else ("no publication number in its name; known by the name of its files",)
    return Document(patent, sheets, notes)


def _frames(path: Path, limits: Limits) -> Iterator[Callable[[], Pixels]]:
    """How to read each page of a picture file, one where it has no pages; reading raises PictureError."""
    try:
        data = path.read_bytes()
        pages = _tiff_pages(data, limits) if media_type(data) == "image/tiff" else 1
    except OSError as error:
        problem = PictureError(f"It cannot be read: {error.strerror or error}.")
        yield partial(_fail, problem)
    except PictureError as error:
        yield partial(_fail, error)
    else:
        for page in range(pages):
            yield partial(open_frame, data, page, limits.sheet_pixels, "max_sheet_pixels")


def _fail(error: PictureError) -> Pixels:
    raise error


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
