"""Options that narrow a search down, with the names and the meaning that filters have in an address."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from ipatent.errors import QueryError
from ipatent.filters import CHOICES, Filters

Values = list[str] | None

Office = Annotated[Values, typer.Option(metavar="CODE", help="Office of publication, e.g. US. Repeatable.")]
Kind = Annotated[Values, typer.Option(metavar="CODE", help="Kind code, e.g. S1, B2. Repeatable.")]
Cpc = Annotated[
    Values, typer.Option(metavar="SYMBOL", help="CPC or IPC of any level: A, A47C, A47C1/02. Repeatable.")
]
Locarno = Annotated[Values, typer.Option(metavar="CLASS", help="Locarno class: 06, 06-01. Repeatable.")]
FigureType = Annotated[
    Values, typer.Option("--type", metavar="TYPE", help="drawing, photograph, flowchart … Repeatable.")
]
View = Annotated[
    Values, typer.Option(metavar="VIEW", help="View that the caption names: perspective, front … Repeatable.")
]
Applicant = Annotated[Values, typer.Option(metavar="NAME", help="Case, legal form do not count. Repeatable.")]
NoneOf = Annotated[
    Values,
    typer.Option("--not", metavar="NAME=VALUE", help="Refuse a value, e.g. type=photograph. Repeatable."),
]
AllOf = Annotated[
    Values,
    typer.Option(
        "--all-of", metavar="NAME", help="All values given for NAME must hold, not any. Repeatable."
    ),
]
Year = Annotated[
    str | None, typer.Option(metavar="YEARS", help="Of publication: 2012, 2010..2015, 2010.., ..2015.")
]
After = Annotated[str | None, typer.Option(metavar="DAY", help="Published on that day or later: 2015-06-01.")]
Before = Annotated[str | None, typer.Option(metavar="DAY", help="Published on that day or earlier.")]
CutOff = Annotated[
    str | None,
    typer.Option(
        "--priority-before",
        metavar="DAY",
        help="The earliest of priority, filing and publication is that day or earlier.",
    ),
]
Captioned = Annotated[
    bool | None, typer.Option("--captioned/--not-captioned", help="Only figures with, or without, a caption.")
]
Within = Annotated[Values, typer.Option("--in", metavar="NUMBER", help="Only this publication. Repeatable.")]


@dataclass(frozen=True, slots=True)
class Single:
    """Filters that hold one value each, as they were typed."""

    year: str | None = None
    after: str | None = None
    before: str | None = None
    priority_before: str | None = None
    captioned: bool | None = None


def filters_from(
    choices: dict[str, Values],
    none_of: Values,
    all_of: Values,
    single: Single,
    within: Values,
) -> Filters:
    """The filters that the options say; `choices` by the names of `ipatent.filters.CHOICES`.

    Raises QueryError, which names the filter and the form it must have.
    """
    pairs = [(name, value) for name, values in choices.items() for value in values or ()]
    pairs += [(f"{name}.not", value) for name, value in map(_refused, none_of or ())]
    pairs += [(f"{_known(name, '--all-of')}.mode", "all") for name in all_of or ()]
    for name in ("year", "after", "before", "priority_before"):
        value = getattr(single, name)
        if value is not None:
            pairs.append((name, _given(name, value)))
    if single.captioned is not None:
        pairs.append(("captioned", "yes" if single.captioned else "no"))
    pairs += [("in", value) for value in within or ()]
    return Filters.parse(pairs)


def _refused(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not (separator and value.strip()):
        raise QueryError(f"--not {text!r} lacks a value.", "Write it as --not type=photograph.")
    return _known(name.strip(), "--not"), value


def _known(name: str, option: str) -> str:
    if name not in CHOICES:
        raise QueryError(f"{option} does not know {name!r}.", f"Name one of: {_listed(CHOICES)}.")
    return name


def _given(name: str, value: str) -> str:
    if not value.strip():
        raise QueryError(f"--{name.replace('_', '-')} is empty.", "Leave it out, or give a value.")
    return value


def _listed(names: Iterable[str] | Sequence[str]) -> str:
    return ", ".join(names)
