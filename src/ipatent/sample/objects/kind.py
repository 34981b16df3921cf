"""What the generator knows of a kind of object: how to build it, what it is called and classed."""

from collections.abc import Callable
from dataclasses import dataclass

from ipatent.sample.dice import Dice
from ipatent.sample.scene import Part


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object.

    `nouns` are names for the whole, most usual first. `cpc` and `uspc` list symbols, main first.
    `purpose` completes "used for ...". `problem` completes "Known devices ...".
    """

    build: Callable[[Dice], list[Part]]
    nouns: tuple[str, ...]
    qualities: tuple[str, ...]
    cpc: tuple[str, ...]
    locarno: str
    uspc: tuple[str, ...]
    purpose: str
    problem: str
