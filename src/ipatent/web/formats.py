"""Numbers, dates, times and sizes as the readers of each language write them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ipatent.web.language import spoken

_NARROW = "\u202f"


@dataclass(frozen=True, slots=True)
class _Manner:
    thousands: str
    point: str
    day: str
    """How `day`, `month` (a word) and `year` stand together."""
    months: tuple[str, ...]
    bytes: tuple[str, str, str, str]


_MANNERS: Mapping[str, _Manner] = {
    "en": _Manner(
        ",",
        ".",
        "{day} {month} {year}",
        tuple("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()),
        ("bytes", "kB", "MB", "GB"),
    ),
    "de": _Manner(
        ".",
        ",",
        "{day}. {month} {year}",
        tuple("Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.".split()),
        ("Byte", "kB", "MB", "GB"),
    ),
    "fr": _Manner(
        _NARROW,
        ",",
        "{day} {month} {year}",
        tuple("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.".split()),
        ("octets", "ko", "Mo", "Go"),
    ),
}


def count(value: int) -> str:
    """A whole number with its thousands apart."""
    return f"{value:,}".replace(",", _manner().thousands)


def decimal(value: float, digits: int = 2) -> str:
    """A number with `digits` after the point."""
    written = f"{value:,.{digits}f}"
    manner = _manner()
    if manner.thousands == "," and manner.point == ".":
        return written
    whole, _, rest = written.partition(".")
    return whole.replace(",", manner.thousands) + (manner.point + rest if rest else "")


def day(value: date | None) -> str:
    """A date with its month as a short word; empty where there is none."""
    if value is None:
        return ""
    manner = _manner()
    number = "1er" if value.day == 1 and spoken().code == "fr" else str(value.day)
    return manner.day.format(day=number, month=manner.months[value.month - 1], year=value.year)


def milliseconds(seconds: float) -> str:
    """A short time, in milliseconds below one second."""
    return f"{decimal(seconds * 1000, 0)} ms" if seconds < 1 else f"{decimal(seconds, 1)} s"


def size(number: int) -> str:
    """An amount of data in the unit that keeps it below a thousand."""
    units = _manner().bytes
    amount = float(number)
    for unit in units[:-1]:
        if amount < 1000:
            return f"{decimal(amount, 0)} {unit}"
        amount /= 1000
    return f"{decimal(amount, 1)} {units[-1]}"


def _manner() -> _Manner:
    return _MANNERS[spoken().code]
