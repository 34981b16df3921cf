"""What an assistant asks, as a search understands it: filters, and one picture."""

import base64
import binascii
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ipatent.client import Client, Picture
from ipatent.client.filtering import filters_from
from ipatent.errors import QueryError
from ipatent.filters import Filters


class SearchFilters(BaseModel):
    """Which patents and figures may be found at all; several values of one name mean any of them."""

    model_config = ConfigDict(extra="forbid")

    cpc: list[str] = Field(
        default=[], description="CPC or IPC symbols of any level: A, A47, A47C, A47C1, A47C1/02."
    )
    cpc_not: list[str] = Field(default=[], description="Symbols that must not occur.")
    locarno: list[str] = Field(default=[], description="Locarno classes of designs: 07 or 07-06.")
    office: list[str] = Field(default=[], description="Office of publication, e.g. US.")
    kind: list[str] = Field(default=[], description="Kind codes, e.g. S1, B2.")
    type: list[str] = Field(default=[], description="Figure types, e.g. drawing, flowchart, photograph.")
    type_not: list[str] = Field(default=[], description="Figure types to leave out.")
    view: list[str] = Field(default=[], description="Views named by the caption, e.g. perspective, front.")
    applicant: list[str] = Field(default=[], description="Names; case and legal forms do not count.")
    year: str = Field(default="", description="Of publication: 2012, 2010..2015, 2010.. or ..2015.")
    published_from: str = Field(default="", description="That day or later, YYYY-MM-DD.")
    published_until: str = Field(default="", description="That day or earlier, YYYY-MM-DD.")
    priority_until: str = Field(
        default="",
        description="The cut-off for prior art: earliest known of priority, filing and publication is that"
        " day or earlier, YYYY-MM-DD. Patents without any date are left out.",
    )
    captioned: bool | None = Field(default=None, description="Whether the figure has a caption.")
    publications: list[str] = Field(default=[], description="Search within these only, e.g. USD744296S1.")


_WORDS = {
    "published_from": "after",
    "published_until": "before",
    "priority_until": "priority_before",
    "publications": "within",
}


def filters_of(asked: SearchFilters | None) -> Filters:
    """The filters asked for. Raises QueryError where a value cannot be one."""
    given: dict[str, Any] = asked.model_dump() if asked else {}
    return filters_from(
        {_WORDS.get(name, name): value for name, value in given.items() if value not in ("", [], None)}
    )


def picture_of(
    client: Client, like_figure: str, image_path: str, image_base64: str, box: list[int] | None, files: bool
) -> Picture | None:
    """The one picture asked with, if any.

    Raises QueryError for more than one, for a file where `files` are not allowed, for too large a one.
    """
    named = [each for each in (like_figure, image_path, image_base64) if each.strip()]
    if len(named) > 1:
        raise QueryError("More than one picture is given.", "Give like_figure, image_path or image_base64.")
    if not named:
        if box:
            raise QueryError("A box is given, but no picture to cut it from.", "Add a picture.")
        return None
    if box is not None and len(box) != 4:
        raise QueryError("The box has not four numbers.", "Give [x, y, width, height] in pixels.")
    cut = (box[0], box[1], box[2], box[3]) if box else None
    if like_figure.strip():
        return Picture(like_figure.strip(), box=cut)
    most = client.status().max_upload_bytes
    data = _decoded(image_base64, most) if image_base64.strip() else _read(image_path, most, files)
    return Picture(data, box=cut)


def _read(image_path: str, most: int, files: bool) -> bytes:
    if not files:
        raise QueryError(
            "Files cannot be named here: this server may stand on another machine.",
            "Send the picture as image_base64.",
        )
    path = Path(image_path.strip()).expanduser()
    try:
        if not path.is_file():
            raise QueryError(f"There is no file {path}.", "Give the whole path of a picture.")
        if path.stat().st_size > most:
            raise _too_large(most)
        return path.read_bytes()
    except OSError as error:
        raise QueryError(f"{path} cannot be read: {error.strerror or error}.", "Check the path.") from None


def _decoded(text: str, most: int) -> bytes:
    if text.startswith("data:"):
        text = text.partition(",")[2]
    text = "".join(text.split())
    if len(text) > most * 4 // 3 + 4:
        raise _too_large(most)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise QueryError("image_base64 is no base64.", "Send the bytes of a PNG or JPEG as base64.") from None


def _too_large(most: int) -> QueryError:
    return QueryError(f"The picture has more than {most:,} bytes.", "Send it smaller or in black and white.")
