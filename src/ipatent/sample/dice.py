"""Chance that can be repeated: the same seed gives the same numbers on every machine."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Random numbers for one family of designs, nudged a little for each later member.

    Member 0 gets the family's own numbers. Later members get the same choices, lengths that differ
    by a few per cent of their range, and now and then a count that is one more or one less.
    """

    def __init__(self, seed: str, member: int = 0) -> None:
        self._family = random.Random(seed)
        self._member = random.Random(f"{seed}/{member}") if member else None

    def real(self, low: float, high: float) -> float:
        """A length between the two."""
        value = self._family.uniform(low, high)
        if self._member:
            value += self._member.uniform(-0.09, 0.09) * (high - low)
        return value

    def whole(self, low: int, high: int) -> int:
        """A count between the two, both included."""
        value = self._family.randint(low, high)
        if self._member and self._member.random() < 0.25:
            value = max(low, min(high, value + self._member.choice((-1, 1))))
        return value

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices; the same for the whole family."""
        return self._family.choice(choices)

    def chance(self, probability: float) -> bool:
        """True with this probability; the same for the whole family."""
        return self._family.random() < probability
