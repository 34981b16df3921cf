"""What every diagram gives: the drawing, its caption, and a paragraph about it."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from ipatent.sample.drawing import Drawing
from ipatent.sample.style import Style


@dataclass(frozen=True, slots=True, eq=False)
class Diagram:
    """A drawing with the words that follow `FIG. n is` and the text of the description."""

    drawing: Drawing
    phrase: str
    text: str


Draughter = Callable[[random.Random, Style, int, str, list[str]], Diagram]
"""Draws a diagram: chance, style, the first free reference numeral, the noun, the terms."""
