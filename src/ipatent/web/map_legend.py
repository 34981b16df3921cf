"""What the points of a map are coloured by: the groups, types, classes or years of its figures."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ipatent.facets import CPC_SECTIONS, LOCARNO_CLASSES
from ipatent.patents import Figure, Patent
from ipatent.web.language import gettext, noted
from ipatent.web.map_asked import By

COLOURS = 8
SYMBOLS = ("circle", "square", "diamond", "circle-open", "square-open", "diamond-open")
"""Those that Plotly draws alike in two and in three dimensions; there, others are letters of a font."""
_SPANS = (1, 2, 3, 5, 10, 20, 50)

NAMES: dict[By, str] = {
    "cluster": noted("Cluster"),
    "type": noted("Type"),
    "section": noted("Class"),
    "year": noted("Year"),
}


@dataclass(frozen=True, slots=True)
class LegendValue:
    """One value: its name, how many figures have it, and how its points look.

    `colour` is a class of `map.css`. The first 48 values of a legend differ in colour or
    symbol; years, which stand in an order, differ by lightness.
    """

    label: str
    count: int
    colour: str
    symbol: str


@dataclass(frozen=True, slots=True)
class Legend:
    """The values of one property, in their order, and the place among them of each figure."""

    by: By
    name: str
    values: tuple[LegendValue, ...]
    of: tuple[int, ...]


def legend_of_groups(groups: Sequence[Sequence[int]], labels: Sequence[str], figures: int) -> Legend:
    """The legend of clusters, given by places (from 0) of their members; the others fit into none."""
    of = [len(groups)] * figures
    for number, members in enumerate(groups):
        for member in members:
            of[member] = number
    texts = [*labels, gettext(noted("In no cluster"))]
    return _legend("cluster", [texts[number] for number in of], texts, {texts[-1]})


def legends_of_figures(shown: Sequence[tuple[Figure, Patent]]) -> tuple[Legend, ...]:
    """The legends by type, by class and by year of publication."""
    return (_by_type(shown), _by_section(shown), _by_year(shown))


def section_of(patent: Patent) -> tuple[str, str]:
    """The CPC section of a patent with its title, or its Locarno class, or empty texts."""
    for scheme in ("CPC", "IPC"):
        for each in patent.classifications:
            if each.scheme == scheme and each.section:
                return each.section, CPC_SECTIONS.get(each.section, "")
    for each in patent.classifications:
        if each.scheme == "LOC":
            return f"Locarno {each.class_}", LOCARNO_CLASSES.get(each.class_, "")
    return "", ""


def _by_type(shown: Sequence[tuple[Figure, Patent]]) -> Legend:
    unknown = gettext(noted("type not known"))
    return _by_count(
        "type", [gettext(figure.type) if figure.type else unknown for figure, _ in shown], unknown
    )


def _by_section(shown: Sequence[tuple[Figure, Patent]]) -> Legend:
    unknown = gettext(noted("no class"))

    def said(patent: Patent) -> str:
        symbol, title = section_of(patent)
        return f"{symbol} · {gettext(title)}" if title else symbol or unknown

    sections = [said(patent) for _, patent in shown]
    return _legend("section", sections, [*sorted(set(sections) - {unknown}), unknown], {unknown})


def _by_count(by: By, texts: Sequence[str], unknown: str) -> Legend:
    counted = Counter(text for text in texts if text != unknown)
    order = sorted(counted, key=lambda text: (-counted[text], text))
    return _legend(by, texts, [*order, unknown], {unknown})


def _by_year(shown: Sequence[tuple[Figure, Patent]]) -> Legend:
    unknown = gettext(noted("date not known"))
    years = [patent.published.year if patent.published else None for _, patent in shown]
    known = sorted({year for year in years if year is not None})
    name = _named_spans(known)
    texts = [unknown if year is None else name(year) for year in years]
    return _legend("year", texts, [*dict.fromkeys(map(name, known)), unknown], {unknown}, in_order=True)


def _named_spans(years: Sequence[int]) -> Callable[[int], str]:
    """What each year is called: itself, or a span where there are more years than colours."""
    if len(years) <= COLOURS:
        return str
    span = next((each for each in _SPANS if years[-1] // each - years[0] // each < COLOURS), 100)

    def named(year: int) -> str:
        first = year // span * span
        return str(first) if span == 1 else f"{max(first, years[0])}–{min(first + span - 1, years[-1])}"

    return named


def _legend(
    by: By, texts: Sequence[str], order: Sequence[str], unknown: set[str], in_order: bool = False
) -> Legend:
    counted = Counter(texts)
    said = [text for text in order if counted[text]]
    known = sum(text not in unknown for text in said)
    values = []
    for number, text in enumerate(said):
        if text in unknown:
            look = ("m-none", "circle-open")
        elif in_order:
            # A few years are spread over the whole scale.
            step = round(number * (COLOURS - 1) / max(known - 1, 1)) if known > 1 else COLOURS - 1
            look = (f"m-year-{step}", "circle")
        else:
            cycle, colour = divmod(number, COLOURS)
            look = (f"m-{colour}", SYMBOLS[(colour + cycle) % len(SYMBOLS)])
        values.append(LegendValue(text, counted[text], *look))
    at = {text: number for number, text in enumerate(said)}
    return Legend(by, gettext(NAMES[by]), tuple(values), tuple(at[text] for text in texts))
