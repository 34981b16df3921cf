"""Publication numbers: parsed from what is printed or typed, written in one canonical form."""

import re
from dataclasses import dataclass
from urllib.parse import quote

_KIND = r"(?P<kind>[A-Z]\d?)?"
_SEPARATORS = re.compile(r"[\s,./·'’_-]+")
_US_SERIES = r"(?P<series>D|RE|PP|H|T|AI|X)?"
_PATTERNS = (
    # An application as published: year and seven digits.
    re.compile(rf"^US(?P<number>(?:19|20)\d{{2}}\d{{7}}){_KIND}$"),
    # The same in the docdb form, which drops a leading zero of the serial part.
    re.compile(rf"^US(?P<docdb>20\d{{2}}\d{{6}}){_KIND}$"),
    re.compile(rf"^US{_US_SERIES}0*(?P<number>\d{{1,8}}){_KIND}$"),
    re.compile(rf"^(?P<office>WO)(?P<year>\d{{4}}|\d{{2}})(?P<serial>\d{{5,6}}){_KIND}$"),
    re.compile(rf"^(?P<office>EP)0*(?P<number>\d{{1,7}}){_KIND}$"),
    re.compile(rf"^(?P<office>[A-Z]{{2}})(?P<number>\d{{3,14}}){_KIND}$"),
)
_US_WITHOUT_OFFICE = re.compile(r"^(?:D|RE|PP)\d{4,7}[A-Z]?\d?$|^(?:19|20)\d{9}A\d$")
_OFFICES = frozenset(
    "AP AR AT AU BE BG BR BX BY CA CH CL CN CO CR CU CY CZ DD DE DK EA EE EG EM EP ES FI FR GB GE GR "
    "HK HR HU ID IE IL IN IS IT JP KR KZ LT LU LV MA MC MD MX MY NL NO NZ OA PE PH PL PT RO RS RU "
    "SA SE SG SI SK SU TH TR TW UA US UY VN WO ZA".split()
)


@dataclass(frozen=True, slots=True, order=True)
class PublicationNumber:
    """One publication: office, number and kind code.

    `office` is a WIPO ST.3 code, `number` carries no separators and no leading zeros except in
    the serial part of US applications and WO publications, `kind` is an ST.16 code or empty.
    """

    office: str
    number: str
    kind: str = ""

    def __str__(self) -> str:
        return f"{self.office}{self.number}{self.kind}"

    @property
    def display(self) -> str:
        """The number as the office prints it, e.g. `US D744,296 S1` or `US 2025/0204297 A1`."""
        number = self.number
        if self.office == "WO" or (self.office == "US" and len(number) == 11 and number.isdigit()):
            number = f"{number[:4]}/{number[4:]}"
        elif self.office == "US":
            digits = number.lstrip("DREPHTAIX")
            number = number[: len(number) - len(digits)] + f"{int(digits):,}"
        return f"{self.office} {number} {self.kind}".strip()

    @property
    def is_design(self) -> bool:
        """Whether this is a US design patent or a Community or Hague design."""
        return (self.office == "US" and self.number.startswith("D")) or self.office == "EM"

    @property
    def espacenet_url(self) -> str:
        """The publication's page at Espacenet."""
        number = self.number
        if self.office == "US" and len(number) == 11 and number[4] == "0":
            number = number[:4] + number[5:]  # docdb drops this zero
        wanted = quote(f"pn={self.office}{number}{self.kind}")
        return f"https://worldwide.espacenet.com/patent/search?q={wanted}"

    @property
    def google_url(self) -> str:
        """The publication's page at Google Patents."""
        return f"https://patents.google.com/patent/{quote(str(self))}/en"

    @classmethod
    def parse(cls, text: str) -> "PublicationNumber":
        """The publication number written in `text`, which must hold nothing else.

        Reads the printed, typed and file-name forms of US (utility, design, plant, reissue,
        application), EP and WO numbers, and `CC` + digits + kind of other offices. Raises
        ValueError when the text is no publication number.
        """
        compact = _SEPARATORS.sub("", text.strip().upper())
        if _US_WITHOUT_OFFICE.match(compact):
            compact = "US" + compact
        for pattern in _PATTERNS:
            if found := pattern.match(compact):
                return _from_match(found.groupdict(), text)
        raise ValueError(f"{text!r} is not a publication number such as US D744,296 S or EP 1234567 A1")


def _from_match(parts: dict[str, str | None], text: str) -> PublicationNumber:
    kind = parts.get("kind") or ""
    office = parts.get("office") or "US"
    if office not in _OFFICES:
        raise ValueError(f"{text!r} does not begin with the code of a patent office")
    if docdb := parts.get("docdb"):
        return PublicationNumber(office, f"{docdb[:4]}0{docdb[4:]}", kind)
    if serial := parts.get("serial"):
        year = parts.get("year") or ""
        if len(year) == 2:
            year = ("19" if int(year) >= 78 else "20") + year
        return PublicationNumber(office, f"{year}{int(serial):06d}", kind)
    series = parts.get("series") or ""
    number = parts.get("number") or ""
    if office == "US" and series == "D":
        kind = "S1"  # designs have no other kind; older prints say "S"
    return PublicationNumber(office, series + number, kind)


_BEGINS_A_NAME = re.compile(
    r"^[A-Za-z]{2}[ _-]?[A-Za-z]{0,2}[ _-]?[\d,/ ]{4,15}[ _-]?(?:[A-Za-z]\d?)?(?![A-Za-z0-9])"
)


def find_publication_number(name: str) -> PublicationNumber | None:
    """The publication number that a file or folder name begins with, or None."""
    if found := _BEGINS_A_NAME.match(name):
        try:
            return PublicationNumber.parse(found.group())
        except ValueError:
            return None
    return None
