"""What an address asks of the map: in how many dimensions, coloured by what, laid out in which way."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, cast, get_args

from ipatent.errors import QueryError

Dims = Literal["2", "3"]
By = Literal["cluster", "type", "section", "year"]
Layout = Literal["neighbours", "pca"]
DIMS: Final[tuple[Dims, ...]] = get_args(Dims)
BYS: Final[tuple[By, ...]] = get_args(By)
LAYOUTS: Final[tuple[Layout, ...]] = get_args(Layout)

PARAMETERS: Final = ("dims", "by", "project")
USUAL_ON_MAP = 500
"""How many figures a map draws where a link leads to it."""


@dataclass(frozen=True, slots=True)
class MapAsked:
    """How the best figures of a search are drawn on a map, for `show=map`."""

    dims: Dims = "2"
    by: By = "cluster"
    """What the colours tell."""
    project: Layout = "neighbours"
    """Principal components, or from there on to where near drawings lie near."""

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """Names and values of what differs from the usual."""
        pairs = (("dims", self.dims), ("by", self.by), ("project", self.project))
        return tuple((name, value) for name, value in pairs if value != getattr(USUAL_MAP, name))

    def but(self, **changes: Any) -> "MapAsked":
        """The same with some parameters changed."""
        return replace(self, **changes)


USUAL_MAP = MapAsked()


def read_map(pairs: Iterable[tuple[str, str]]) -> MapAsked:
    """The map among an address's parameters; other names are left alone, empty ones are the usual.

    Raises QueryError, which names the parameter and its known values.
    """
    given = {name: value.strip() for name, value in pairs if name in PARAMETERS and value.strip()}
    return MapAsked(
        dims=cast(Dims, _one_of(DIMS, "dims", given)),
        by=cast(By, _one_of(BYS, "by", given)),
        project=cast(Layout, _one_of(LAYOUTS, "project", given)),
    )


def _one_of(known: tuple[str, ...], name: str, given: dict[str, str]) -> str:
    usual: str = getattr(USUAL_MAP, name)
    value = given.get(name, usual)
    if value not in known:
        raise QueryError(f"{name}={value[:80]} is not valid.", f"{name} must be one of {', '.join(known)}.")
    return value
