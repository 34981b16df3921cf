"""What an address asks of clusters and map: how many of the best figures, grouped in which way."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ipatent.cluster import METHODS, Method
from ipatent.errors import QueryError

__all__ = ["USUAL", "GroupingAsked", "check_grouping", "read_grouping"]

PARAMETERS = ("of", "method", "clusters", "captions", "together", "seed")
MOST_GROUPS = 50
MOST_SEED = 2**32 - 1


@dataclass(frozen=True, slots=True)
class GroupingAsked:
    """How the best figures of a search are grouped, for `show=clusters` and `show=map`."""

    of: int = 100
    """How many of the best figures."""
    method: Method = "kmeans"
    clusters: int = 5
    captions: float = 0.6
    """Weight of the captions beside the images, 0 to 1."""
    together: float = 0.5
    """How far the figures of a patent are drawn together: 0 each alone, 1 whole patents."""
    seed: int = 0

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """Names and values of what differs from the usual."""
        pairs = (
            ("of", str(self.of), self.of != USUAL.of),
            ("method", self.method, self.method != USUAL.method),
            ("clusters", str(self.clusters), self.clusters != USUAL.clusters),
            ("captions", f"{self.captions:g}", self.captions != USUAL.captions),
            ("together", f"{self.together:g}", self.together != USUAL.together),
            ("seed", str(self.seed), self.seed != USUAL.seed),
        )
        return tuple((name, value) for name, value, is_said in pairs if is_said)


USUAL = GroupingAsked()


def read_grouping(pairs: Iterable[tuple[str, str]]) -> GroupingAsked:
    """The grouping among an address's parameters; other names are left alone, empty ones are the usual.

    Raises QueryError, which names the parameter and the form it must have.
    """
    given = {name: value.strip() for name, value in pairs if name in PARAMETERS and value.strip()}
    method = given.get("method", USUAL.method)
    chosen = next((each for each in METHODS if each == method), None)
    if chosen is None:
        raise QueryError(f"There is no method {method[:80]}.", f"Known ones: {', '.join(METHODS)}.")
    return GroupingAsked(
        of=_whole("of", given, USUAL.of),
        method=chosen,
        clusters=_whole("clusters", given, USUAL.clusters),
        captions=_share("captions", given, USUAL.captions),
        together=_share("together", given, USUAL.together),
        seed=_whole("seed", given, USUAL.seed),
    )


def check_grouping(asked: GroupingAsked, most: int) -> None:
    """Raises QueryError when a value lies outside its limits; `most` figures may be grouped."""
    for name, value, least, limit in (
        ("of", asked.of, 1, most),
        ("clusters", asked.clusters, 1, MOST_GROUPS),
        ("seed", asked.seed, 0, MOST_SEED),
    ):
        if not least <= value <= limit:
            advice = "The upper limit is the setting max_clustered." if name == "of" else "Change the number."
            raise QueryError(f"{name} is {value}; it must lie between {least} and {limit:,}.", advice)
    if not (math.isfinite(asked.captions) and 0 <= asked.captions <= 1):
        raise QueryError(
            f"captions is {asked.captions:g}, but the weight of the captions must lie between 0 and 1.",
            "0 counts the drawings alone, 1 the captions alone.",
        )
    if not (math.isfinite(asked.together) and 0 <= asked.together <= 1):
        raise QueryError(
            f"together is {asked.together:g}, but the share of a patent's figures must lie between 0 and 1.",
            "0 groups each figure alone, 1 whole patents.",
        )


def _whole(name: str, given: dict[str, str], usual: int) -> int:
    text = given.get(name, "")
    try:
        return int(text) if text else usual
    except ValueError:
        raise QueryError(
            f"{name}={text[:80]} is not valid.", f"{name} must be a whole number, e.g. {name}={usual}."
        ) from None


def _share(name: str, given: dict[str, str], usual: float) -> float:
    text = given.get(name, "")
    try:
        return float(text) if text else usual
    except ValueError:
        raise QueryError(
            f"{name}={text[:80]} is not valid.", f"{name} must be a number from 0 to 1, e.g. {name}=0.5."
        ) from None
