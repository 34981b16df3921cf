"""What the XML forms of the USPTO have in common: numbers, dates, class symbols, lines of text."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from ipatent.classification import Classification, Scheme
from ipatent.errors import SourceError
from ipatent.patents import Caption, Patent
from ipatent.publication import PublicationNumber
from ipatent.sources.captions import read_captions

DRAWINGS = "BRIEF DESCRIPTION OF THE DRAWINGS"

_FRONT_PAGE = re.compile(r"-D0+\.\w+$", re.IGNORECASE)
_IPC = re.compile(r"^([A-H]\d{2}[A-Z])(?: *0*(\d{1,4})/(\d{2,6})|([ \d]{3})(\d{2,6}))")
_LOCARNO = re.compile(r"^\D*(\d{2})\D?(\d{2})\b")
_SUBCLASS = re.compile(r"^ *0*(\d+)\.?(\d*) ?([A-Z]{0,3})$")
_EXTRA = re.compile(r"^E(\d{2})\.?(\d+)$")
_LABEL = r"\d{1,3} ?[A-Za-z]?['’]?(?![A-Za-z0-9])"
_FIGURES = r"(?:FIG|Fig)(?:URE|ure)?[Ss]?\.? ?"
_VERB = r"(?:is|are|shows?|illustrates?|depicts?|represents?)\b"
_BETWEEN = r"(?: ?, ?(?:and )?| and | & | to | through | ?[-–—] ?)"
_MARKED = re.compile(
    rf"^({_FIGURES}{_LABEL}(?:{_BETWEEN}(?:{_FIGURES})?{_LABEL}){{0,40}})"
    rf" ?[:.,–—-]+ ?(?:(?={_VERB})|(?:An? |The )?)"
)
_GLUED = re.compile(rf"^({_FIGURES}\d{{1,3}}[A-Z]?)(?={_VERB})")
_HAS_VERB = re.compile(_VERB)
_DIGEST = re.compile(r"^ *DIG\.? ?0*(\d+)$")


@dataclass(slots=True)
class Lines:
    """The description as it is read: a line per paragraph or heading, those on the drawings known."""

    all: list[str] = field(default_factory=list)
    drawings: list[str] = field(default_factory=list)
    on_drawings: bool = False

    def heading(self, text: str) -> None:
        """Add a heading, in capitals, by which sections are told apart from text."""
        self._add(one_line(text).upper())

    def paragraph(self, text: str) -> None:
        """Add a paragraph; line ends inside it begin new lines."""
        for line in text.split("\n"):
            self._add(one_line(line))

    def begin_drawings(self) -> None:
        """What follows is the brief description of the drawings, whatever heading it has."""
        if not self.on_drawings:
            self._add(DRAWINGS)
        self.on_drawings = True

    def end_drawings(self) -> None:
        """What follows is no longer about the drawings alone."""
        self.on_drawings = False

    def captions(self) -> tuple[Caption, ...]:
        """The captions in the section on the drawings, or in the whole where it yields none."""
        drawings = "\n".join(_sentence(line) for line in self.drawings)
        return read_captions(drawings) or read_captions("\n".join(self.all))

    def __str__(self) -> str:
        return "\n".join(self.all)

    def _add(self, line: str) -> None:
        if not line or (line == DRAWINGS and self.all and self.all[-1] == DRAWINGS):
            return
        self.all.append(line)
        if self.on_drawings:
            self.drawings.append(line)


@dataclass(frozen=True, slots=True)
class PatentText:
    """A patent as its XML gives it, and the files of its drawing sheets in order."""

    patent: Patent
    drawings: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The labels of the figures on a sheet, by its file, where they are told."""


def _sentence(line: str) -> str:
    """A line on a figure as a sentence: `FIG. 1: front view` and `FIG. 1is a` say `FIG. 1 is`."""
    line = _GLUED.sub(r"\1 ", line)
    found = _MARKED.match(line)
    if not found:
        return line
    rest = line[found.end() :]
    return f"{found.group(1)} {rest}" if _HAS_VERB.match(rest) else f"{found.group(1)} is {rest}"


def one_line(text: str) -> str:
    """The text with single spaces, none before a comma or full stop that markup had set apart."""
    return " ".join(text.split())


def publication(office: str, number: str, kind: str) -> PublicationNumber:
    """The publication number; raises SourceError when the fields hold none."""
    for last in (kind, ""):
        try:
            return PublicationNumber.parse(f"{office or 'US'}{one_line(number)}{one_line(last)}")
        except ValueError:
            continue
    raise SourceError(f"names no publication number ({one_line(number)[:40]!r})")


def day(text: str) -> date | None:
    """The date written `20250626`, or None."""
    found = re.match(r"^\s*(\d{4})(\d{2})(\d{2})\s*$", text)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def person(first: str, last: str, middle: str = "", suffix: str = "") -> str:
    """A name in the order in which it is spoken, `Ann B. Lee, Jr.`."""
    name = one_line(f"{first} {middle} {last}")
    return f"{name}, {one_line(suffix)}" if name and suffix.strip() else name


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """The names that are not empty, each once, in order."""
    return tuple(dict.fromkeys(name for name in names if name))


def sheets_of(files: Iterable[str]) -> tuple[str, ...]:
    """The drawing files without the front page's repeat of one of them (`-D00000`)."""
    names = [name for name in files if name]
    return tuple(name for name in names if not _FRONT_PAGE.search(name)) or tuple(names)


class Symbols:
    """Class symbols gathered in order, each once; what is no symbol is left out."""

    def __init__(self) -> None:
        self._found: dict[Classification, None] = {}

    def add(self, scheme: Scheme, text: str) -> None:
        """Add a symbol as it is printed."""
        try:
            self._found.setdefault(Classification.parse(scheme, text))
        except ValueError:
            return

    def international(self, text: str) -> None:
        """Add an IPC symbol of up to the 7th edition: `G06F015/00`, `G06F 1516`."""
        if found := _IPC.match(text.strip().upper()):
            stem, group, subgroup, padded, rest = found.groups()
            self.add("IPC", f"{stem} {group or padded.strip()}/{subgroup or rest}")

    def locarno(self, text: str) -> None:
        """Add a Locarno symbol: `1402`, `14-02`."""
        if found := _LOCARNO.match(text.strip()):
            self.add("LOC", f"{found.group(1)}-{found.group(2)}")

    def national(self, text: str) -> None:
        """Add a USPC symbol in columns: `709202`, `705 26`, `D14480`, `2063081` for 206/308.1."""
        text = text.strip("\r\n\t").upper()
        self.national_parts(text[:3], text[3:])

    def national_parts(self, class_: str, subclass: str) -> None:
        """Add a USPC symbol given as class and subclass: `705` and `026000`, `D 6` and `626`."""
        class_ = class_.replace(" ", "").upper()
        if re.fullmatch(r"D?0*\d{1,3}", class_):
            class_ = ("D" if class_[0] == "D" else "") + class_.lstrip("D").lstrip("0")
        if name := _subclass(subclass.upper().rstrip()):
            self.add("USPC", f"{class_}/{name}")

    def all(self) -> tuple[Classification, ...]:
        """The symbols gathered."""
        return tuple(self._found)


def _subclass(text: str) -> str:
    if found := _DIGEST.match(text):
        return f"DIG. {found.group(1)}"
    if found := _EXTRA.match(text.strip()):
        return f"E{found.group(1)}.{found.group(2)}"
    # Columns: three for the whole number, the rest for decimals; applications pad both with zeros.
    padded = len(text) == 6 and text.isdigit()
    whole, rest = (text[:3], text[3:]) if "." not in text and len(text) > 3 else (text, "")
    decimals = rest.rstrip("0") if padded else rest
    joined = f"{whole}.{decimals}" if decimals[:1].isdigit() else f"{whole}{decimals}"
    if found := _SUBCLASS.match(joined):
        number, fraction, letters = found.groups()
        return number + (f".{fraction}" if fraction else "") + letters
    return ""
