"""Text of any script on a page: fonts chosen word by word, lines broken, nothing ever refused.

Latin text is set in Helvetica. Other words come from the first font that has all their letters:
Bitstream Vera (which reportlab brings), the font of the setting `report_font`, well-known TrueType
fonts of this machine, and at last Adobe's names for Chinese, Japanese and Korean fonts, which PDF
readers replace by their own. What none has is shown as `□`. Hebrew and Arabic are put in reading
order; Arabic letters stay unjoined.
"""

import re
import struct
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zlib import crc32

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from ipatent.errors import SettingsError

PLAIN, BOLD, MONO = "Helvetica", "Helvetica-Bold", "Courier"
"""The styles; each stands for itself and for its stand-ins in other scripts."""

MISSING = "\N{WHITE SQUARE}"

_FOUND_FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/truetype/unfonts-core/UnDotum.ttf",
    "/Library/Fonts/Arial Unicode.ttf",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    "C:/Windows/Fonts/arial.ttf",
    "C:/Windows/Fonts/msyh.ttc",
    "C:/Windows/Fonts/msgothic.ttc",
    "C:/Windows/Fonts/malgun.ttf",
)

_ADOBE_FONTS = (  # the encoding tells which letters a font of that name is sure to have
    ("shift_jis", "HeiseiKakuGo-W5"),
    ("gb2312", "STSong-Light"),
    ("euc_kr", "HYGothic-Medium"),
    ("big5", "MSung-Light"),
    ("gbk", "STSong-Light"),
)

_WORDS = re.compile(
    r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+"
)
_PIECES = re.compile(r"\s+|\S+")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\u00ad]")
_RIGHT_TO_LEFT = re.compile(
    r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]"
    r"(?:[^A-Za-z\u00c0-\u058f\u2e80-\ufaff]*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff])*"
)


@dataclass(frozen=True, slots=True)
class Run:
    """Letters of one font, with their width at size 1."""

    font: str
    text: str
    width: float


class Typesetting:
    """Measures, breaks and sets text. Raises SettingsError when `font_file` cannot be used.

    reportlab's fonts belong to the whole process: set one document at a time.
    """

    def __init__(self, font_file: str = "") -> None:
        self._files = list(_FOUND_FONTS)
        self._outlines: list[Outline] = []
        self._open(Path(pdfmetrics.__file__).parent.parent / "fonts" / "Vera.ttf")
        if font_file and not self._open(Path(font_file).expanduser()):
            raise SettingsError(
                f"The font {font_file} of the setting report_font cannot be used.",
                "Name a TrueType file (.ttf or .ttc with TrueType outlines).",
            )
        self._set: dict[tuple[str, str], tuple[Run, ...]] = {}

    def width(self, text: str, size: float, style: str = PLAIN) -> float:
        """Width in points of `text` on one line."""
        words = _PIECES.findall(text)
        return size * sum(run.width for word in words for run in self._runs_of(word, style))

    def runs(self, line: str, style: str = PLAIN) -> list[Run]:
        """The line in the order of its letters on paper, divided by font."""
        runs: list[Run] = []
        for word in _PIECES.findall(_in_reading_order(line)):
            for run in self._runs_of(word, style):
                if runs and runs[-1].font == run.font:
                    run = Run(run.font, runs[-1].text + run.text, runs[-1].width + run.width)
                    runs.pop()
                runs.append(run)
        return runs

    def lines(
        self, text: str, size: float, width: float, style: str = PLAIN, most: int | None = None
    ) -> list[str]:
        """`text` broken into lines of at most `width` points; cut with an ellipsis after `most` lines.

        Line breaks in the text are kept; words longer than a line are divided.
        """
        lines: list[str] = []
        for paragraph in readable(text).split("\n"):
            for line in self._broken(paragraph, size, width, style):
                if most is not None and len(lines) == most:
                    lines[-1] = self._ending(lines[-1], size, width, style)
                    return lines
                lines.append(line)
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def _broken(self, text: str, size: float, width: float, style: str) -> Iterator[str]:
        line, used = "", 0.0
        for word, spaced in _words(text):
            piece = f" {word}" if spaced and line else word
            wide = self.width(piece, size, style)
            if used + wide <= width:
                line, used = line + piece, used + wide
                continue
            if line:
                yield line
            line, used = word, self.width(word, size, style)
            while used > width and len(line) > 1:
                fits = self._fitting(line, size, width, style)
                yield line[:fits]
                line = line[fits:]
                used = self.width(line, size, style)
        yield line

    def _fitting(self, word: str, size: float, width: float, style: str) -> int:
        """How many letters of `word` fit, at least one."""
        used, count = 0.0, 0
        for run in self._runs_of(word, style):
            for letter in run.text:
                used += _letter_width(letter, run.font) * size
                if used > width:
                    return max(count, 1)
                count += 1
        return max(count, 1)

    def _ending(self, line: str, size: float, width: float, style: str) -> str:
        while line and self.width(f"{line}…", size, style) > width:
            line = line[:-1]
        return f"{line.rstrip()}…"

    def _runs_of(self, word: str, style: str) -> tuple[Run, ...]:
        key = (word, style)
        if key not in self._set:
            if font := self._font_of(word, style):
                self._set[key] = (_run(font, word),)
            elif len(word) > 1:
                self._set[key] = tuple(run for letter in word for run in self._runs_of(letter, style))
            else:
                font = self._font_of(MISSING, style)
                self._set[key] = (_run(font, MISSING) if font else _run(style, "?"),)
        return self._set[key]

    def _font_of(self, word: str, style: str) -> str | None:
        """The first font that has every letter of `word`."""
        if all(map(_in_latin, word)):
            return style
        for outline in self._opened():
            if all(ord(letter) in outline.plain.face.charToGlyph for letter in word):
                return outline.name(style)
        for encoding, name in _ADOBE_FONTS:
            if all(_encodable(letter, encoding) for letter in word):
                if name not in pdfmetrics.getRegisteredFontNames():
                    pdfmetrics.registerFont(UnicodeCIDFont(name))
                return name
        return None

    def _opened(self) -> Iterator["Outline"]:
        """The outline fonts, those of the machine read only when all before lack a letter."""
        yield from self._outlines
        while self._files:
            if self._open(Path(self._files.pop(0))):
                yield self._outlines[-1]

    def _open(self, path: Path) -> bool:
        if not (plain := _outline_font(str(path))):
            return False
        for ending in ("-Bold", "Bd", "bd"):
            bold = _outline_font(str(path.with_stem(path.stem.removesuffix("-Regular") + ending)))
            if bold:
                break
        self._outlines.append(Outline(plain, bold))
        return True


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A TrueType font and, where there is one, its bold companion."""

    plain: TTFont
    bold: TTFont | None

    def name(self, style: str) -> str:
        """The name of the one for this style."""
        return str((self.bold or self.plain).fontName if style == BOLD else self.plain.fontName)


@lru_cache(maxsize=32)
def _outline_font(path: str) -> TTFont | None:
    if not Path(path).is_file():
        return None
    try:
        # The same font under the same path has the same name in every document.
        font = TTFont(f"{Path(path).stem}-{crc32(path.encode('utf-8', 'replace')):08x}", path)
    except (TTFError, OSError, ValueError, KeyError, IndexError, struct.error):
        return None
    pdfmetrics.registerFont(font)
    return font


@lru_cache(maxsize=20_000)
def _letter_width(letter: str, font: str) -> float:
    return float(pdfmetrics.stringWidth(letter, font, 1))


def _run(font: str, text: str) -> Run:
    return Run(font, text, sum(_letter_width(letter, font) for letter in text))


def readable(text: str) -> str:
    """`text` with composed letters and line breaks kept, but without what steers instead of showing."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    text = _INVISIBLE.sub("", text)
    return "".join(
        letter if letter == "\n" or unicodedata.category(letter)[0] != "C" or letter == MISSING else " "
        for letter in text
    )


def _words(text: str) -> Iterator[tuple[str, bool]]:
    """The words with whether a blank stands before each; ideographs are words each."""
    end = 0
    for found in _WORDS.finditer(text):
        yield found.group(), found.start() > end
        end = found.end()


def _in_reading_order(line: str) -> str:
    """`line`, whose base direction is left to right, with its right-to-left stretches turned round."""
    return _RIGHT_TO_LEFT.sub(_turned, line)


def _turned(found: "re.Match[str]") -> str:
    # Digits inside a stretch keep their order; a combining mark stays behind its letter.
    clusters = re.findall(
        r"\d+(?:[.,]\d+)*|.[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f]*", found.group()
    )
    return "".join(reversed(clusters)).translate(_MIRRORED)


_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")


def _in_latin(letter: str) -> bool:
    return (" " <= letter <= "~") or (letter >= "\xa0" and _encodable(letter, "cp1252"))


def _encodable(letter: str, encoding: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def joined(parts: Sequence[str], separator: str = " · ") -> str:
    """The parts that say something."""
    return separator.join(part for part in parts if part)
