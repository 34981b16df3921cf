"""Filters: which patents and figures a search may find at all, as values and as parameters of an address.

A choice (`cpc`, `type` …) holds values wanted and values refused. Parameters repeat:

    cpc=A47C&cpc=B65D            any of them
    cpc=A47C&cpc=B65D&cpc.mode=all   all of them
    type.not=table&type.not=graph    none of these

The others are single: `year=2010..2015`, `after=2010-01-01`, `before=2015-06-01`,
`priority_before=2012-03-31`, `captioned=yes`. Two may repeat: `in=USD744296S1` names patents to search
within, and `among=USD744296S1/2/1,3/1` figures, those of one patent written together.
A day given as a limit is itself allowed.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Final, Literal, get_args

from ipatent.errors import QueryError
from ipatent.publication import PublicationNumber
from ipatent.wording import tokens

ChoiceName = Literal["office", "kind", "cpc", "locarno", "type", "view", "applicant"]
CHOICES: Final[tuple[ChoiceName, ...]] = get_args(ChoiceName)
Mode = Literal["any", "all"]

MOST_VALUES = 200
"""Values that one choice may hold."""
MOST_PUBLICATIONS = 10_000
MOST_FIGURES = 500
"""Figures that an address may name to search among: some thousand letters, which every server takes."""

_AMONG = re.compile(r"^(?P<patent>.+?)/(?P<places>\d+/[^/,]+(?:,\d+/[^/,]+)*)$")
_CPC = re.compile(r"^([A-HY])(?:(\d{2})(?:([A-Z])(?:(\d{1,4})(?:/(\d{2,6})?)?)?)?)?$")
_LOCARNO = re.compile(r"^(\d{1,2})(?:[-–.](\d{1,2}))?$")
_OFFICE = re.compile(r"^[A-Z]{2}$")
_KIND = re.compile(r"^[A-Z]\d?$")
_LEGAL_FORMS = frozenset(
    "ab ag as asa bv co company corp corporation gmbh inc incorporated kabushiki kaisha kg kgaa kk "
    "limited llc llp lp ltd nv oy oyj plc pte pty sa sarl sas se spa srl".split()
)


@dataclass(frozen=True, slots=True)
class Choice:
    """Values of one property: any or all of `values` must hold, and none of `without`."""

    values: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    mode: Mode = "any"

    def __bool__(self) -> bool:
        return bool(self.values or self.without)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a figure and its patent must be like; the default allows everything. Hashable.

    `cpc` takes symbols of any level (`A`, `A47`, `A47C`, `A47C1`, `A47C1/02`) and counts IPC symbols
    too, since both schemes share these levels; `locarno` takes `07` or `07-06`. `years` is the first
    and last year of publication, None where open. `priority_before` compares the earliest known of
    priority, filing and publication. A patent whose date is unknown fails a limit on that date.
    """

    office: Choice = Choice()
    kind: Choice = Choice()
    cpc: Choice = Choice()
    locarno: Choice = Choice()
    type: Choice = Choice()
    view: Choice = Choice()
    applicant: Choice = Choice()
    years: tuple[int | None, int | None] = (None, None)
    after: date | None = None
    before: date | None = None
    priority_before: date | None = None
    captioned: bool | None = None
    publications: tuple[str, ...] = ()
    """Ids of patents to search within; empty for all."""
    figures: tuple[str, ...] = ()
    """Ids of figures to search among; empty for all."""

    def __bool__(self) -> bool:
        return any(getattr(self, each.name) != each.default for each in fields(self))

    @property
    def limits_dates(self) -> bool:
        """Whether patents of unknown date are shut out."""
        return self.years != (None, None) or any((self.after, self.before, self.priority_before))

    def choice(self, name: ChoiceName) -> Choice:
        """The choice of that name."""
        found: Choice = getattr(self, name)
        return found

    @classmethod
    def parse(cls, pairs: Iterable[tuple[str, str]]) -> "Filters":
        """The filters among an address's parameters; names that are not filters are left alone.

        Raises QueryError, which names the parameter and the form it must have.
        """
        given: dict[str, list[str]] = {}
        for name, value in pairs:
            if (text := " ".join(value.split())) and _is_filter(name):
                given.setdefault(name, []).append(text)
        choices = {name: _choice(name, given) for name in CHOICES}
        return cls(
            **choices,
            years=_years(_single(given, "year")),
            after=_day(given, "after"),
            before=_day(given, "before"),
            priority_before=_day(given, "priority_before"),
            captioned=_yes(_single(given, "captioned")),
            publications=_publications(given.get("in", [])),
            figures=_figures(given.get("among", [])),
        )

    def parameters(self) -> tuple[tuple[str, str], ...]:
        """Names and values that `parse` reads back as the same filters, in a fixed order."""
        pairs: list[tuple[str, str]] = []
        for name in CHOICES:
            choice = self.choice(name)
            pairs += [(name, value) for value in choice.values]
            if choice.mode == "all" and len(choice.values) > 1:
                pairs.append((f"{name}.mode", "all"))
            pairs += [(f"{name}.not", value) for value in choice.without]
        if self.years != (None, None):
            first, last = ("" if year is None else str(year) for year in self.years)
            pairs.append(("year", first if first == last else f"{first}..{last}"))
        for limit, day in (
            ("after", self.after),
            ("before", self.before),
            ("priority_before", self.priority_before),
        ):
            if day:
                pairs.append((limit, day.isoformat()))
        if self.captioned is not None:
            pairs.append(("captioned", "yes" if self.captioned else "no"))
        pairs += [("in", each) for each in self.publications]
        pairs += [("among", each) for each in _written_together(self.figures)]
        return tuple(pairs)


NO_FILTERS: Final = Filters()

PARAMETERS: Final[tuple[str, ...]] = (
    *(f"{name}{ending}" for name in CHOICES for ending in ("", ".mode", ".not")),
    "year",
    "after",
    "before",
    "priority_before",
    "captioned",
    "in",
    "among",
)
"""Every parameter that filters are written with."""


def applicant_key(name: str) -> str:
    """What two writings of an applicant's name have in common: `ACME Corp.` and `Acme Corporation`."""
    words = tokens(name)
    while len(words) > 1 and words[-1] in _LEGAL_FORMS:
        words.pop()
    return " ".join(words)


def cpc_levels(symbol: str) -> tuple[str, str, str]:
    """Section, class and subclass of a compact symbol (`A47C1/02`), empty where it does not go so deep."""
    return symbol[:1], symbol[:3] if len(symbol) >= 3 else "", symbol[:4] if len(symbol) >= 4 else ""


def _is_filter(name: str) -> bool:
    if name in PARAMETERS:
        return True
    stem, dot, _ = name.partition(".")
    if dot and stem in CHOICES:
        raise QueryError(
            f"The parameter {name} is unknown.", f"Write {stem}=…, {stem}.not=… or {stem}.mode=all."
        )
    return False


def _choice(name: ChoiceName, given: dict[str, list[str]]) -> Choice:
    normal, form = _FORMS[name]

    def read(parameter: str) -> tuple[str, ...]:
        values = given.get(parameter, [])
        if len(values) > MOST_VALUES:
            raise QueryError(
                f"{parameter} has {len(values)} values; at most {MOST_VALUES} are allowed.", "Choose fewer."
            )
        found = []
        for value in values:
            try:
                found.append(normal(value))
            except ValueError:
                raise QueryError(
                    f"{parameter}={value[:80]} is not valid.", f"{parameter} must be {form}."
                ) from None
        return tuple(dict.fromkeys(found))

    mode = _single(given, f"{name}.mode") or "any"
    if mode not in ("any", "all"):
        raise QueryError(f"{name}.mode={mode[:80]} is not valid.", f"{name}.mode must be any or all.")
    values = read(name)
    return Choice(values, read(f"{name}.not"), "all" if mode == "all" and len(values) > 1 else "any")


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def normal(text: str) -> str:
        if not pattern.match(text.upper()):
            raise ValueError(text)
        return text.upper()

    return normal


def _cpc(text: str) -> str:
    found = _CPC.match(text.upper().replace(" ", ""))
    if not found:
        raise ValueError(text)
    section, class_, subclass, group, subgroup = found.groups(default="")
    return f"{section}{class_}{subclass}{int(group) if group else ''}{f'/{subgroup}' if subgroup else ''}"


def _locarno(text: str) -> str:
    found = _LOCARNO.match(text)
    if not found:
        raise ValueError(text)
    class_, subclass = found.groups()
    return f"{int(class_):02d}" + (f"-{int(subclass):02d}" if subclass else "")


def _applicant(text: str) -> str:
    if key := applicant_key(text):
        return key
    raise ValueError(text)


_FORMS: dict[ChoiceName, tuple[Callable[[str], str], str]] = {
    "office": (_matching(_OFFICE), "a two-letter office code, e.g. US"),
    "kind": (_matching(_KIND), "a kind code, e.g. S1"),
    "cpc": (_cpc, "a CPC symbol of any level, e.g. A, A47, A47C, A47C1 or A47C1/02"),
    "locarno": (_locarno, "a Locarno class or subclass, e.g. 07 or 07-06"),
    "type": (str.lower, "a figure type, e.g. drawing"),
    "view": (str.lower, "a view, e.g. perspective"),
    "applicant": (_applicant, "a name with at least one letter or digit"),
}


def _single(given: dict[str, list[str]], name: str) -> str:
    values = given.get(name, [])
    if len(set(values)) > 1:
        raise QueryError(f"{name} is given {len(values)} times.", "Give it once.")
    return values[0] if values else ""


def _years(text: str) -> tuple[int | None, int | None]:
    if not text:
        return None, None
    found = re.match(r"^(?:(\d{4})|(\d{4})?\s*\.\.\s*(\d{4})?)$", text)
    if not found or not any(found.groups()):
        raise QueryError(
            f"year={text[:80]} is not valid.",
            "Write a year or a range: year=2012, 2010..2015, 2010.. or ..2015.",
        )
    one, first, last = (int(year) if year else None for year in found.groups())
    if one:
        return one, one
    if first and last and first > last:
        raise QueryError(f"year={text[:80]} ends before it begins.", "Write the earlier year first.")
    return first, last


def _day(given: dict[str, list[str]], name: str) -> date | None:
    text = _single(given, name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise QueryError(
            f"{name}={text[:80]} is not a day.", f"Write {name}=YYYY-MM-DD, e.g. 2015-06-01."
        ) from None


def _yes(text: str) -> bool | None:
    if text.lower() not in ("", "yes", "no"):
        raise QueryError(f"captioned={text[:80]} is not valid.", "captioned must be yes or no.")
    return None if not text else text.lower() == "yes"


def _publications(texts: list[str]) -> tuple[str, ...]:
    if len(texts) > MOST_PUBLICATIONS:
        raise QueryError(
            f"in has {len(texts):,} values; at most {MOST_PUBLICATIONS:,} are allowed.",
            "Search within fewer.",
        )
    return tuple(dict.fromkeys(_publication(text) for text in texts))


def _publication(text: str) -> str:
    try:
        return str(PublicationNumber.parse(text))
    except ValueError:
        return text


def _figures(texts: list[str]) -> tuple[str, ...]:
    found: list[str] = []
    for text in texts:
        parts = _AMONG.match(text)
        if not parts:
            raise QueryError(
                f"among={text[:80]} names no figures.", "Write the ids of figures: among=USD744296S1/2/1,3/1."
            )
        found += [f"{parts['patent']}/{place}" for place in parts["places"].split(",")]
    figures = tuple(dict.fromkeys(found))
    if len(figures) > MOST_FIGURES:
        raise QueryError(
            f"among names {len(figures):,} figures; at most {MOST_FIGURES:,} are allowed.",
            "Search among fewer.",
        )
    return figures


def _written_together(figures: tuple[str, ...]) -> list[str]:
    """The figures of each patent in one value: `USD744296S1/2/1,3/1`."""
    places: dict[str, list[str]] = {}
    for figure in figures:
        patent, sheet, number = figure.rsplit("/", 2)
        places.setdefault(patent, []).append(f"{sheet}/{number}")
    return [f"{patent}/{','.join(own)}" for patent, own in places.items()]
