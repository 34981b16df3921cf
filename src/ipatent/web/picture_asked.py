"""One picture of a query as an address names it: which one, which part of it, and how it is turned.

A value is a name, an optional box and flags, in this order:

    NAME            a stored picture (`img`) or an indexed figure (`like`), whole
    NAME@X,Y,W,H    the part inside the box, in pixels of the original
    NAME~r90        turned clockwise by 90° (also ~r180, ~r270)
    NAME~m          then mirrored, left for right
    NAME~c          a photo: straightened, evenly lit, black on white

It is read from its right end, since the id of a figure may hold any character. An id that itself ends
like a box or a flag is closed by `~~`. `img.not` and `like.not` name what hits should not look like.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

from ipatent.errors import QueryError
from ipatent.patents import Box

SHA256 = re.compile(r"^[0-9a-f]{64}$")

PICTURE_NAMES: Final = ("img", "like", "img.not", "like.not")

Turn = Literal[0, 90, 180, 270]

_TAIL = r"(?:@(?P<box>[\d,]+))?(?P<flags>(?:~(?:r90|r180|r270|m|c))*)$"
_CLOSED = re.compile(rf"^(?P<name>.+)~~{_TAIL}", re.DOTALL)
_OPEN = re.compile(rf"^(?P<name>.+?){_TAIL}", re.DOTALL)
_TURNS: Final[dict[str, Turn]] = {"r90": 90, "r180": 180, "r270": 270}


@dataclass(frozen=True, slots=True)
class PictureAsked:
    """A picture to search with.

    `name` is the sha256 of a stored picture or, with `is_figure`, the id of an indexed figure. What is
    searched is its `box` (in the original's pixels; None for the whole), then cleaned, turned clockwise
    by `turn` degrees, then mirrored.
    """

    name: str
    is_figure: bool = False
    box: Box | None = None
    turn: Turn = 0
    mirror: bool = False
    clean: bool = False
    against: bool = False

    @classmethod
    def parse(cls, parameter: str, value: str) -> "PictureAsked":
        """The picture that `parameter` (one of `PICTURE_NAMES`) names by `value`.

        Raises QueryError for a name that cannot be one and for a box without pixels.
        """
        kind, _, against = parameter.partition(".")
        found = _CLOSED.match(value) or _OPEN.match(value)
        assert found  # any text that is not empty is a name
        name, is_figure = found["name"], kind == "like"
        if not is_figure:
            name = name.lower()
            if not SHA256.match(name):
                raise QueryError(
                    "The picture's name in this address is not valid.",
                    "img must be the 64 hexadecimal digits that an upload returns, then perhaps @X,Y,W,H"
                    " and ~r90, ~m or ~c. Upload the picture again.",
                )
        try:
            box = Box.parse(found["box"]) if found["box"] else None
        except ValueError as error:
            raise QueryError(
                f"The box is not valid: {error}.", "Leave it empty to use the whole picture."
            ) from None
        flags = found["flags"].split("~")[1:]
        turns = [_TURNS[flag] for flag in flags if flag in _TURNS]
        turned: Turn = _turn(sum(turns))
        return cls(name, is_figure, box, turned, "m" in flags, "c" in flags, bool(against))

    @property
    def parameter(self) -> str:
        """The name of the parameter that says this."""
        return ("like" if self.is_figure else "img") + (".not" if self.against else "")

    @property
    def is_whole(self) -> bool:
        """Whether the picture is searched with as it is."""
        return not (self.box or self.turn or self.mirror or self.clean)

    @property
    def turned_on(self) -> Turn:
        """The turn after one more by 90° as it is seen; mirroring comes after turning."""
        return _turn(self.turn + (270 if self.mirror else 90))

    @property
    def name_in_address(self) -> str:
        """The name, closed where its end could be taken for a box or a flag."""
        found = _OPEN.match(self.name)
        plain = found is not None and found["name"] == self.name and not _CLOSED.match(self.name)
        return self.name if plain and not self.name.endswith("~") else f"{self.name}~~"

    def __str__(self) -> str:
        box = f"@{self.box}" if self.box else ""
        turn = f"~r{self.turn}" if self.turn else ""
        return f"{self.name_in_address}{box}{turn}{'~m' if self.mirror else ''}{'~c' if self.clean else ''}"


def _turn(degrees: int) -> Turn:
    turned = degrees % 360
    return 90 if turned == 90 else 180 if turned == 180 else 270 if turned == 270 else 0
