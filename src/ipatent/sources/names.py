"""Names of files: shown so that they can do no harm, sorted as people count, grouped by patent."""

import os
import re
from pathlib import Path, PurePosixPath

from ipatent.publication import find_publication_number

_COUNTER = re.compile(
    r"^(?P<prefix>.*?)[-_. ]*(?:(?<![A-Za-z])(?P<word>fig(?:ure)?|sheet|page|img|image|drawing|d|p))?"
    r"[-_. ]*(?P<count>\d{1,5})"
    r"[a-z]?$",
    re.IGNORECASE,
)
_VIEWS = frozenset(
    "front rear back side left right top bottom plan perspective isometric exploded section detail view "
    "fig figure sheet page img image drawing scan photo".split()
)


def printable(path: Path | str) -> str:
    """A path on one line: control characters and undecodable bytes are shown escaped."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def natural(name: Path | str) -> tuple[tuple[str, int], ...]:
    """Sort key in which `fig10` comes after `fig9`."""
    parts = re.findall(r"(\D*)(\d{1,18})?", printable(name))
    return tuple((text, int(number or -1)) for text, number in parts)


def picture_group(path: Path) -> str:
    """The patent that a picture belongs to, by its name: number, prefix before a counter, or folder.

    `USD871717-20200107-D00002.png` and `USD871717_3.tif` belong to that publication; `mug_1.png`
    and `mug_2.png` to `mug`; `chair/front.png` and `chair/fig2.png` to `chair`.
    """
    return group_of(path.stem, path.parent.name or Path(os.path.realpath(path)).parent.name)


def group_within(name: str) -> str:
    """The same for the name of a picture inside an archive."""
    path = PurePosixPath(name)
    return group_of(path.stem, path.parent.name)


def group_of(stem: str, folder: str) -> str:
    """The same for a name without its extension and the name of its folder."""
    stem = printable(stem).strip()
    folder = printable(folder)
    if number := find_publication_number(stem):
        return str(number)
    if number := find_publication_number(folder):
        return str(number)
    prefix = stem
    if counted := _COUNTER.match(stem):
        prefix = counted["prefix"].strip("-_. ")
    words = [word for word in re.split(r"[-_. ]+", prefix.lower()) if word]
    if not words or all(word in _VIEWS or word.isdigit() for word in words):
        return folder or "pictures"
    return prefix
