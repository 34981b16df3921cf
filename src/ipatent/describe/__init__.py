"""Descriptions: a title and a sentence for each group of figures, extracted or written by a vision model."""

from dataclasses import dataclass
from typing import Literal

from ipatent.keywords import Keywords, Shown

Source = Literal["extractive", "generated"]
AUTO = "auto"
"""The setting lvlm_language where texts are written in the language of the page that they stand on."""


@dataclass(frozen=True, slots=True)
class Title:
    """What a group is called. `source` is shown wherever the text is."""

    text: str
    description: str
    source: Source
    model: str = ""
    """The model that wrote it; empty for an extractive title."""
    support: float | None = None
    """Share of its nouns that captions and terms of the group have, in [0, 1]; None where not measurable."""
    unsupported: tuple[str, ...] = ()
    """The nouns that neither a caption nor a term has."""
    reason: str = ""
    """Why there is no generated title although one was asked for."""


@dataclass(frozen=True, slots=True)
class Group:
    """What is to be described: the figures in the order of their cluster, its keywords, and pictures.

    `pictures` are sha256 names of the images to be shown to the model, the medoid's first.
    """

    figures: tuple[Shown, ...]
    keywords: Keywords
    pictures: tuple[str, ...] = ()


__all__ = ["AUTO", "Group", "Source", "Title"]
