"""What a search address asks for: read from the query string, written back as an address."""

import re
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Query, Request
from pydantic import BeforeValidator

from ipatent.errors import QueryError
from ipatent.filters import NO_FILTERS, Filters
from ipatent.patents import Box
from ipatent.settings import Settings

SHA256 = re.compile(r"^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of a search; empty text and None mean that they were not given.

    `img` is the sha256 of a stored picture, `box` is in its pixels, `like` the id of a figure.
    """

    q: str = ""
    img: str = ""
    box: Box | None = None
    like: str = ""
    w: float | None = None
    k: int | None = None
    filters: Filters = field(default=NO_FILTERS)
    offset: int = 0
    """Hits to leave out at the beginning, for the pages after the first."""
    collapse: bool = True
    """Whether hits that show the same drawing become one (`same=one`, or `same=all` for each alone)."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to search for."""
        return not (self.q or self.img or self.like or self.filters)

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """The query string's names and values, those that say something, in their usual order."""
        pairs = {
            "q": self.q,
            "img": self.img,
            "box": str(self.box) if self.box and self.img else "",
            "like": self.like,
            "w": "" if self.w is None else f"{self.w:g}",
            "k": "" if self.k is None else str(self.k),
            "offset": str(self.offset) if self.offset else "",
            "same": "" if self.collapse else "all",
        }
        said = tuple((name, value) for name, value in pairs.items() if value)
        return (*said, *self.filters.parameters())

    def url(self, page: str = "/search") -> str:
        """The address that asks for this."""
        parameters = self.parameters
        return f"{page}?{urlencode(parameters)}" if parameters else page

    def but(self, **changes: Any) -> "Asked":
        """The same with some parameters changed; for links such as "without the picture"."""
        return replace(self, **changes)


def _none_if_blank(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


Text = Annotated[str, Query(description="Words to look for.")]
Picture = Annotated[str, Query(description="sha256 of an uploaded or indexed picture, see POST /upload.")]
BoxText = Annotated[str, Query(description="Part of the picture to search with: X,Y,W,H in its pixels.")]
Like = Annotated[str, Query(description="Id of an indexed figure to find similar ones of.")]
Weight = Annotated[
    float | None,
    BeforeValidator(_none_if_blank),
    Query(description="How much the words count against the picture, 0 to 1, where both are given."),
]
Count = Annotated[
    int | None, BeforeValidator(_none_if_blank), Query(description="How many results, at least 1.")
]


Offset = Annotated[int, Query(ge=0, description="Results to leave out at the beginning.")]
Same = Annotated[
    Literal["one", "all"],
    Query(description="Whether results that show the same drawing become one, or are all listed."),
]


def read_asked(
    request: Request,
    q: Text = "",
    img: Picture = "",
    box: BoxText = "",
    like: Like = "",
    w: Weight = None,
    k: Count = None,
    offset: Offset = 0,
    same: Same = "one",
) -> Asked:
    """The parameters as given, trimmed; a dependency of the search pages.

    Raises QueryError for a box or a picture name that cannot be one.
    """
    img = img.strip().lower()
    if img and not SHA256.match(img):
        raise QueryError(
            "The picture's name in this address is not valid.",
            "img must be the 64 hexadecimal digits that an upload returns. Upload the picture again.",
        )
    try:
        parsed = Box.parse(box) if box.strip() else None
    except ValueError as error:
        raise QueryError(
            f"The box is not valid: {error}.", "Leave it empty to use the whole picture."
        ) from None
    filters = Filters.parse(request.query_params.multi_items())
    return Asked(" ".join(q.split()), img, parsed, like.strip(), w, k, filters, offset, same == "one")


def check_asked(asked: Asked, settings: Settings) -> None:
    """Raises QueryError when a value lies outside the limits in force, or nothing is asked."""
    if asked.is_empty:
        raise QueryError(
            "There is nothing to search for yet.", "Type some words, add a picture, or try an example below."
        )
    if asked.k is not None and not 1 <= asked.k <= settings.max_k:
        raise QueryError(
            f"k is {asked.k}, but the number of results must lie between 1 and {settings.max_k}.",
            "The upper limit is the setting max_k.",
        )
    if asked.w is not None and not 0 <= asked.w <= 1:
        raise QueryError(
            f"w is {asked.w:g}, but the weight of the words must lie between 0 and 1.",
            "0 counts the picture alone, 1 the words alone.",
        )
    if len(asked.q) > settings.max_query_chars:
        raise QueryError(
            f"The text has {len(asked.q):,} characters; the limit is {settings.max_query_chars:,}.",
            "Shorten it to the words that name what is drawn. The limit is the setting max_query_chars.",
        )
    if asked.box and not asked.img:
        raise QueryError("A box is given, but no picture to cut it from.", "Add a picture, or clear the box.")
