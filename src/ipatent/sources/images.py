"""Patents given as pictures: PNG, JPEG, WebP, TIFF (multi-page, 1-bit Group 4), GIF, BMP."""

import io
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from PIL import TiffImagePlugin

from ipatent.errors import PictureError, SourceError
from ipatent.patents import Patent, Pixels, Sheet
from ipatent.pictures import media_type, open_frame
from ipatent.publication import find_publication_number
from ipatent.sources import BrokenSheet, Document, Limits
from ipatent.sources.names import printable


def read_pictures(paths: tuple[Path, ...], patent_id: str, limits: Limits) -> Document:
    """The patent whose sheets are the given pictures, each page of a TIFF being one sheet.

    The publication number is taken from the names where they begin with one. A picture that is
    damaged or over a limit gives a BrokenSheet.
    """
    source = str(paths[0] if len(paths) == 1 else paths[0].parent)
    return read_picture_files([(path.name, path.read_bytes) for path in paths], patent_id, source, limits)


def read_picture_files(
    files: Sequence[tuple[str, Callable[[], bytes]]], patent_id: str, source: str, limits: Limits
) -> Document:
    """The same for pictures given by name and how to get their bytes, as those in an archive are."""
    number = find_publication_number(patent_id)
    patent = Patent(id=patent_id, number=number, source=source)

    def sheets() -> Iterator[Sheet | BrokenSheet]:
        count = 0
        for name, data_of in files:
            try:
                frames = read_frames(data_of(), limits)
            except (OSError, SourceError) as error:
                count += 1
                yield BrokenSheet(printable(name), _reason(error))
                continue
            for page, read in enumerate(frames, 1):
                count += 1
                try:
                    yield Sheet(count, read(), page=page)
                except PictureError as error:
                    yield BrokenSheet(printable(f"{name}, page {page}" if page > 1 else name), str(error))

    notes = () if number else ("no publication number in its name; known by the name of its files",)
    return Document(patent, sheets, notes)


def read_frames(data: bytes, limits: Limits) -> Iterator[Callable[[], Pixels]]:
    """How to read each page of a picture, one where it has no pages; reading raises PictureError."""
    try:
        pages = _tiff_pages(data, limits) if media_type(data) == "image/tiff" else 1
    except PictureError as error:
        yield partial(_fail, error)
    else:
        for page in range(pages):
            yield partial(open_frame, data, page, limits.sheet_pixels, "max_sheet_pixels")


def _reason(error: OSError | SourceError) -> str:
    if isinstance(error, SourceError):
        return str(error)
    return f"It cannot be read: {error.strerror or error}."


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
