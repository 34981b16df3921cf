"""The front page of a US patent, read from its lines of text: INID codes and what stands behind them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ipatent.classification import Classification, Scheme
from ipatent.publication import PublicationNumber

_CODE = re.compile(r"^\(\s?([0-9sSoOIl]{2}|\*\s?\*)\s?\)\s*")
_ENDS_A_FIELD = re.compile(
    r"^(U\s?\.\s?S\s?\.\s?PATENT DOC|FOREIGN PATENT DOC|OTHER PUBLI|DESCRIPTION$|Primary Exam|Assistant Exam"
    r"|\*\s?cited by|See application|\(Continued|\d+\s*Claims?\s?,)"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# OCR reads the tail of a comma as a digit now and then: `Jun. 1,7 2010`.
_DATE = re.compile(r"\b([A-Z][a-z]{2,8})\W{0,3}(\d{1,2})(?:\W{1,3}|,\s?\d\s)((?:19|20)\d{2})\b")
_NUMBER = re.compile(
    r"\bUS\s*((?:D|RE|PP)?\s?(?:(?:19|20)\d{9}|0?\d{7,8}|\d{1,4}(?:\s?[,./]\s?\d{3,7})*(?:\s?\d{3})?))"
    r"\s*([A-Z]\s?\d?)?(?![A-Za-z0-9])"
)
_MISREAD = re.compile(r"[,.](?:\d{3})*\d{1,2}(?:\D|$)")
"""A number whose last comma is not followed by three digits, or six where another comma was lost."""
_SHEETS = re.compile(r"(?<!\d)(\d{1,4})\s*Drawing\s*Sheets?", re.IGNORECASE)
_ENDS_WITH_DOT = re.compile(r"\b(?:Inc|INC|Ltd|LTD|Co|Corp|Jr|Sr|(?:[A-Za-z]\.){1,3}[A-Za-z])$")
_COMPANY = re.compile(
    r"^.*?\b(?:Inc|Ltd|LTD|LLC|L\.L\.C|Corp|Corporation|Limited|GmbH|S\.A|S\.p\.A|AG|B\.V|N\.V)\b\.?(?=,)"
)
_HOME = re.compile(r",\s*(?:[^,;()]+,\s*[A-Z]{2}\s*\(\s?US\s?\)|[^,;()]+,?\s*\(\s?[A-Z]{2}\s?\))\s*$")


@dataclass(frozen=True, slots=True)
class Cover:
    """What a front page says; what it does not say, or cannot be read, is empty."""

    number: PublicationNumber | None = None
    title: str = ""
    published: date | None = None
    filed: date | None = None
    priority: date | None = None
    """The earliest date of (30), (60), (62) and (63), where one is before the date of filing."""
    applicants: tuple[str, ...] = ()
    inventors: tuple[str, ...] = ()
    classifications: tuple[Classification, ...] = ()
    abstract: str = ""
    sheets: int | None = None
    """The number of drawing sheets as printed."""


def read_cover(head: Sequence[str], columns: Sequence[str]) -> Cover:
    """The bibliographic data of a US front page (INID codes of WIPO Standard ST.9).

    `head` holds the lines above the columns, `columns` those of the left, then the right column.
    """
    fields = _fields(columns)
    top = "\n".join(head)
    applicants = _parties(fields.get("71", ""), people=False) or _parties(fields.get("73", ""), people=False)
    inventors = _parties(fields.get("72") or fields.get("75") or fields.get("76") or "", people=True)
    abstract = re.sub(r"^\W*ABSTRACT\W*", "", fields.get("57", ""))
    if abstract == fields.get("57", ""):
        abstract = ""  # (57) is the claim of a design patent
    sheets = _SHEETS.search("\n".join(columns))
    filed = find_date(fields.get("22", ""))
    return Cover(
        number=find_number(top),
        title=_clean(fields.get("54", "")).strip(" .,"),
        published=find_date(top),
        filed=filed,
        priority=_priority(fields, filed),
        applicants=applicants,
        inventors=inventors,
        classifications=_classifications(fields),
        abstract=_clean(abstract),
        sheets=int(sheets.group(1)) if sheets else None,
    )


def find_number(text: str) -> PublicationNumber | None:
    """The first US publication number printed in `text`, or None."""
    for found in _NUMBER.finditer(text):
        number = re.sub(r"\s", "", found.group(1))
        kind = re.sub(r"\s", "", found.group(2) or "")
        if len(re.sub(r"\D", "", number)) < 4 or _MISREAD.search(number):
            continue
        try:
            return PublicationNumber.parse(f"US{number}{kind}")
        except ValueError:
            continue
    return None


def find_date(text: str) -> date | None:
    """The first date written as `Dec. 1, 2015` in `text`, or None."""
    return next(_dates(text), None)


def _dates(text: str) -> Iterator[date]:
    for name, day, year in _DATE.findall(text):
        if (short := name[:3].lower()) in _MONTHS:
            try:
                yield date(int(year), _MONTHS.index(short) + 1, int(day))
            except ValueError:
                continue


def _priority(fields: dict[str, str], filed: date | None) -> date | None:
    """Foreign priorities (30); the filing of the applications that this one goes on from (60, 62, 63)."""
    found = list(_dates(fields.get("30", "")))
    for code in ("60", "62", "63"):
        for after in re.split(r"\bfiled\b", _clean(fields.get(code, "")))[1:]:
            found.extend(_dates(after[:40]))
    earlier = [one for one in found if filed is None or one <= filed]
    return min(earlier, default=None)


def _fields(lines: Sequence[str]) -> dict[str, str]:
    """The text behind each INID code, lines joined by newlines; the first of equal codes counts."""
    fields: dict[str, str] = {}
    code = ""
    for line in lines:
        in_abstract = code == "57" and "ABSTRACT" in fields[code][:20]
        if not in_abstract and (found := _CODE.match(line)):
            code = found.group(1).translate(str.maketrans("sSoOIl", "550011")).replace(" ", "")
            line = line[found.end() :]
            if code in fields:
                code = ""
                continue
            fields[code] = line
        elif _ENDS_A_FIELD.match(line):
            code = ""
        elif code:
            fields[code] += "\n" + line
    return fields


def _clean(text: str) -> str:
    """One paragraph: line-end hyphens closed, white space single, no space before punctuation."""
    text = re.sub(r"(?<=[a-z])-\n(?=[a-z])", "", text)
    return re.sub(r"\s+([,;:.)])", r"\1", " ".join(text.split()))


def _parties(text: str, people: bool) -> tuple[str, ...]:
    """Names without addresses, from `Inventors: A B, Solon, OH (US); C D, Akron, OH (US)`."""
    text = re.sub(r"^[A-Z][a-z]+\(?s?\)?\s?:\s*", "", _clean(text))
    names = []
    for part in re.split(r";|(?<=\([A-Z]{2}\)),", text):
        stem = part.strip(" .,")
        name = stem.split(",")[0] if people else _HOME.sub("", stem)
        if not people:
            # The comma after a company's dot is easily lost: `Technology Co., Ltd. Taiyuan (CN)`.
            stem = re.sub(r"(?<=, (?:Inc|Ltd|LTD|LLC)\.)(?=\s[A-Z][a-z])", ",", stem)
            name = _HOME.sub("", stem)
            if company := _COMPANY.match(name):
                name = company.group()
        name = name.strip(" .,") + ("." if _ENDS_WITH_DOT.search(name.strip(" .,")) else "")
        if sum(c.isalpha() for c in name) >= 2:
            names.append(name)
    return tuple(dict.fromkeys(names))


def _classifications(fields: dict[str, str]) -> tuple[Classification, ...]:
    found: dict[Classification, None] = {}

    def add(scheme: Scheme, text: str) -> None:
        try:
            symbol = Classification.parse(scheme, text)
        except ValueError:
            return
        found.setdefault(symbol)

    international = fields.get("51", "")
    if re.match(r"\W*LOC", international):
        digits = re.sub(r"^\W*LOC\s*\(.*?\)\s*C\s?[lI1]?\s?\.?", "", international).translate(
            str.maketrans("OolI", "0011")
        )
        if symbol := re.search(r"(\d{1,2})\s?[-–]\s?(\d{2})", digits):
            add("LOC", f"{symbol.group(1)}-{symbol.group(2)}")
    else:
        for symbol in re.finditer(r"\b[A-HY]\d{2}[A-Z]\s*\d{1,4}\s?/\s?\d{2,6}", international):
            add("IPC", symbol.group())
    national = fields.get("52", "")
    cpc, _, uspc = national.partition("USPC")
    uspc = re.split(r"CPC|Classification\s+Search|\n.*\bUSPC\b", uspc)[0]
    for symbol in re.finditer(r"\b[A-HY]\d{2}[A-Z]\s*\d{1,4}\s?/\s?\d{2,6}", cpc):
        add("CPC", symbol.group())
    pattern = r"\b([DO]?\s?\d{1,3})\s?/\s?(\d+(?:\.\s?\d+)?)"
    is_design = "LOC" in international
    for symbol in re.finditer(pattern, uspc or ("" if "CPC" in national else national)):
        class_ = symbol.group(1).replace(" ", "")
        if is_design and not class_.startswith("D"):  # a D misread: designs have no other classes
            class_ = "D" + re.sub(r"^[O01](?=\d)", "", class_)
        add("USPC", f"{class_}/{symbol.group(2)}".replace(" ", ""))
    return tuple(found)
