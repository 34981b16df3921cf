"""A picture to search with: a file, bytes, a Pillow image, or an indexed figure; whole or in part."""

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ipatent.client.answers import FigureAnswer, FigureSummary, Hit, UploadAnswer
from ipatent.client.errors import ClientError
from ipatent.errors import QueryError

if TYPE_CHECKING:
    from PIL.Image import Image

Figure = Hit | FigureAnswer | FigureSummary
Source: TypeAlias = "str | Path | bytes | Image | UploadAnswer | Figure"
Turn = Literal[0, 90, 180, 270]

_ENDS_LIKE_A_PART = re.compile(r"(@[\d,]+|~(r90|r180|r270|m|c)?)$")


@dataclass(frozen=True, slots=True)
class Picture:
    """What is compared of a picture: its `box`, cleaned, turned clockwise by `turn` degrees, then mirrored.

    `source` is a file (`Path`), the bytes of one, a Pillow image, what `Client.upload` answered, or a
    figure: a hit, an answer, or its id as text. `box` is (x, y, width, height) in pixels of the
    original. `clean` straightens a photo and makes it black on white. `page` is that of a PDF or TIFF.
    """

    source: Source
    box: tuple[int, int, int, int] | None = None
    turn: Turn = 0
    mirror: bool = False
    clean: bool = False
    page: int = 1

    @property
    def figure_id(self) -> str:
        """The id of the figure that it is, or empty."""
        return (
            figure_id(self.source)
            if isinstance(self.source, str | Hit | FigureAnswer | FigureSummary)
            else ""
        )


def figure_id(figure: str | Figure) -> str:
    """The id of a figure given by it, or as an answer that holds it."""
    if isinstance(figure, str):
        return figure
    return figure.id if isinstance(figure, FigureSummary) else figure.figure.id


def written(picture: Picture, stored: str) -> tuple[str, str]:
    """The name (`img` or `like`) and value by which an address names it.

    `stored` is its name on the server, empty for a figure. Raises QueryError for a box, turn or id
    that cannot be one.
    """
    name = stored or picture.figure_id
    if not name.strip():
        raise QueryError("A picture is named by an empty text.", "Give a figure's id, or a Path.")
    if _ENDS_LIKE_A_PART.search(name):
        name += "~~"
    if picture.box is not None:
        if len(picture.box) != 4 or min(picture.box[:2]) < 0 or min(picture.box[2:]) < 1:
            raise QueryError(
                f"{picture.box} is not a box inside a picture.",
                "Give (x, y, width, height) in pixels: x and y from 0, width and height from 1.",
            )
        name += "@" + ",".join(str(int(each)) for each in picture.box)
    if picture.turn not in (0, 90, 180, 270):
        raise QueryError(f"A picture cannot be turned by {picture.turn}.", "Give 0, 90, 180 or 270.")
    flags = (f"r{picture.turn}" if picture.turn else "", "m" * picture.mirror, "c" * picture.clean)
    return "img" if stored else "like", name + "".join(f"~{flag}" for flag in flags if flag)


def bytes_of(source: Any) -> tuple[str, bytes]:
    """A file name and the bytes of what is to be uploaded. Raises ClientError where it cannot be read."""
    if isinstance(source, bytes | bytearray | memoryview):
        return "picture", bytes(source)
    if isinstance(source, str | Path):
        path = Path(source).expanduser()
        try:
            return path.name, path.read_bytes()
        except OSError as error:
            raise ClientError(
                f"{path} cannot be read: {error.strerror or error}.", "Check the path."
            ) from None
    if hasattr(source, "save") and hasattr(source, "mode"):
        image = source if source.mode in ("1", "L", "RGB") else source.convert("RGB")
        held = io.BytesIO()
        image.save(held, "PNG")
        return "picture.png", held.getvalue()
    raise TypeError(f"{type(source).__name__} is no picture; give a path, bytes, or a Pillow image")
