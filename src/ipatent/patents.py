"""The words of this program: patent, sheet, figure. Knows nothing of files or engines."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from ipatent.classification import Classification
from ipatent.publication import PublicationNumber

Pixels = npt.NDArray[np.uint8]
"""A picture: (height, width) grey or (height, width, 3) RGB, uint8, white = 255."""

Vectors = npt.NDArray[np.float32]
"""Embeddings: (n, dimension) float32, rows of length one."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the original picture; `x`, `y` is the upper left corner."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def parse(cls, text: str) -> "Box":
        """The box written as `X,Y,W,H`; raises ValueError when it is not four whole numbers or empty."""
        try:
            x, y, width, height = (int(part) for part in text.split(","))
        except ValueError:
            raise ValueError(f"{text!r} is not a box; write X,Y,W,H in pixels, e.g. 40,60,300,200") from None
        if x < 0 or y < 0 or width < 1 or height < 1:
            raise ValueError(f"{text!r} is not a box inside a picture: X and Y from 0, W and H from 1")
        return cls(x, y, width, height)

    def __str__(self) -> str:
        return f"{self.x},{self.y},{self.width},{self.height}"

    @property
    def right(self) -> int:
        """First column to the right of the box."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row below the box."""
        return self.y + self.height

    def within(self, width: int, height: int) -> bool:
        """Whether the box lies wholly inside a picture of this size."""
        return self.right <= width and self.bottom <= height

    def cut(self, pixels: Pixels) -> Pixels:
        """The part of `pixels` inside the box, as a view."""
        return pixels[self.y : self.bottom, self.x : self.right]


@dataclass(frozen=True, slots=True)
class Caption:
    """One line of the brief description: the figure labels it speaks of (`1`, `2A`) and its text."""

    labels: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Component:
    """A part that the description names, with the reference numeral that points at it.

    `term` is the normal form (`folding leg`), `forms` the wordings met, `passages` the sentences
    that mention it, `figures` the labels of the figures that are spoken of there.
    """

    numeral: str
    term: str
    forms: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Numeral:
    """A reference numeral read in a drawing, with its box in pixels of the figure's image."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Patent:
    """A publication with its bibliographic data and text; what is unknown is empty.

    `id` is the canonical publication number, or the folder or file name where there is none.
    """

    id: str
    number: PublicationNumber | None = None
    title: str = ""
    published: date | None = None
    filed: date | None = None
    priority: date | None = None
    """Earliest priority date claimed; None where the source names none (then `filed` counts)."""
    applicants: tuple[str, ...] = ()
    inventors: tuple[str, ...] = ()
    classifications: tuple[Classification, ...] = ()
    abstract: str = ""
    captions: tuple[Caption, ...] = ()
    description: str = ""
    source: str = ""
    """The file it was read from, as the user named it."""
    family: str = ""
    components: tuple[Component, ...] = ()
    titles: tuple[tuple[str, str], ...] = ()
    """Language code (`en`, `de`, `fr`) and title, where there are several; `title` is the English one."""

    @property
    def display(self) -> str:
        """The publication number as printed, or the id."""
        return self.number.display if self.number else self.id


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a page's text layer with its box in sheet pixels."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Known:
    """What a source itself says of the figure on a sheet; it goes before what is read from the drawing."""

    labels: tuple[str, ...] = ()
    caption: str = ""
    terms: tuple[str, ...] = ()
    view: str = ""
    depicts: str = ""
    already_cut: bool = False
    """Whether the sheet is one figure cut from its page before: it is not divided again."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One drawing page, as its source gives it: pixels at the original resolution and its words."""

    number: int
    """1-based among the drawing sheets of the patent."""
    pixels: Pixels
    words: tuple[Word, ...] = ()
    page: int | None = None
    """1-based page in the source file, where it has pages."""
    known: Known | None = None
    """What the source says of its figure, where it says anything."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One drawing cut from a sheet.

    `image`, `sheet_image` and `thumbnail` are sha256 names in the object store; `box` is in pixels
    of the sheet, before turning; `width` and `height` are those of `image`.
    """

    id: str
    """`<patent id>/<sheet>/<figure>`, both 1-based, e.g. `USD744296S1/2/1`."""
    patent_id: str
    sheet: int
    box: Box
    image: str
    sheet_image: str
    thumbnail: str
    width: int
    height: int
    labels: tuple[str, ...] = ()
    """`("1",)`, `("2A",)`; several where a sheet is kept whole; empty where none could be read."""
    caption: str = ""
    terms: tuple[str, ...] = ()
    """Terms of the components that the figure shows, or, where that is not known, of the patent."""
    view: str = ""
    """`perspective`, `front`, `sectional` …; empty where the caption does not say."""
    depicts: str = ""
    """The object shown, with `thereof` resolved, e.g. `napkin holder`."""
    numerals: tuple[Numeral, ...] = ()
    type: str = ""
    """`drawing`, `photograph`, `flowchart` … (see `ipatent.figure_type`); empty where not known."""
    type_confidence: float = 0.0
    """In [0, 1]."""
    turn: int = 0
    """Clockwise degrees (0, 90, 180, 270) by which the cut-out of the sheet was turned to give `image`."""

    @property
    def display_label(self) -> str:
        """`FIG. 1`, `FIGS. 2, 3`, or `Sheet 4` where no label could be read."""
        if not self.labels:
            return f"Sheet {self.sheet}"
        return ("FIG. " if len(self.labels) == 1 else "FIGS. ") + ", ".join(self.labels)
