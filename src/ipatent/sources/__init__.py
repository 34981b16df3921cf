"""Sources: files of many formats become patents with their sheets, read lazily.

A reader knows nothing of figures, of the index or of the web. `ipatent.sources.discovery` finds
the files and tells what each is, `bulk` what archives hold; `pdf`, `images` and `uspto` read them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ipatent.patents import Patent, Sheet


@dataclass(frozen=True, slots=True)
class BrokenSheet:
    """A sheet that could not be read, in place of it, and why."""

    name: str
    """`page 7`, or the picture's file name."""
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One patent as a source gives it.

    `sheets()` yields the drawing sheets one by one, so that only one is held in memory; where one
    cannot be read it yields why, and goes on. `notes` says what the source lacked.
    """

    patent: Patent
    sheets: Callable[[], Iterator[Sheet | BrokenSheet]]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a source may be: bytes of a file, pixels of a sheet, pages of a document."""

    file_bytes: int
    sheet_pixels: int
    pages: int
