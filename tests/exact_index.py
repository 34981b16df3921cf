"""Invented patents, and an index of them that goes through all of them one by one: exact and plain."""

from datetime import date, timedelta

import numpy as np

from index_entries import KINDS, THINGS, VIEWS, figure, unit
from ipatent.classification import Classification
from ipatent.facets import FACETS, FacetName
from ipatent.filters import Choice, Filters, applicant_key
from ipatent.index import Entry
from ipatent.patents import Figure, Patent, Vectors
from ipatent.publication import PublicationNumber
from tiny_encoder import SPEC

OFFICES = (("US", "S1"), ("US", "B2"), ("EP", "A1"), ("DE", "U1"))
SYMBOLS = ("A47C 1/02", "A47C 1/024", "A47C 10/00", "A47B 3/00", "B65D 81/32", "H01L 21/00", "F16H 1/28")
LOCARNO = ("07-06", "07-01", "12-11", "06-02")
APPLICANTS = ("Acme Corp.", "ACME Corporation", "Müller GmbH", "Blue Sky Works", "Zeta", "東京工業")
TYPES = ("drawing", "photograph", "flowchart", "")
SEEN = ("perspective", "front", "sectional", "")
PATENTS = 150


def entry(rng: np.random.Generator, number: int, version: int = 1) -> Entry:
    """A patent of 0 to 5 figures with something to filter by and to read."""
    office, kind = OFFICES[rng.integers(len(OFFICES))]
    name = PublicationNumber(office, f"{'D' if kind == 'S1' else ''}{700000 + number}", kind)
    patent_id = str(name)
    count = int(rng.integers(0, 6))
    thing = f"{rng.choice(KINDS)} {rng.choice(THINGS)}"
    published = (
        date(2005, 1, 4) + timedelta(days=int(rng.integers(0, 400)) * 7) if rng.random() > 0.1 else None
    )
    filed = (
        published - timedelta(days=int(rng.integers(200, 900))) if published and rng.random() > 0.3 else None
    )
    captions = [
        f"FIG. {n} is a {rng.choice(VIEWS)} of the {thing} with {rng.choice(THINGS)}, {rng.choice(THINGS)}s"
        if rng.random() > 0.25
        else ""
        for n in range(count)
    ]
    symbols = [str(each) for each in rng.choice(SYMBOLS, int(rng.integers(0, 4)), replace=False)]
    return Entry(
        patent=Patent(
            id=patent_id,
            number=name,
            title=thing.title() if rng.random() > 0.05 else "",
            titles=(("de", f"Klappbarer {thing}"),) if rng.random() > 0.8 else (),
            published=published,
            filed=filed,
            priority=filed - timedelta(days=300) if filed and rng.random() > 0.5 else None,
            applicants=tuple(
                str(each) for each in rng.choice(APPLICANTS, int(rng.integers(0, 3)), replace=False)
            ),
            classifications=(
                *(Classification.parse("CPC", each) for each in symbols),
                *(
                    Classification.parse("LOC", str(each))
                    for each in rng.choice(LOCARNO, int(rng.integers(0, 3)), replace=False)
                ),
            ),
            abstract=" ".join(str(word) for word in rng.choice([*THINGS, *KINDS, "resembling"], 12)),
        ),
        figures=tuple(
            figure(
                patent_id,
                1 + n // 2,
                1 + n % 2,
                caption=caption,
                image=f"{number * 10 + n:064x}",
                terms=tuple(str(word) for word in rng.choice(THINGS, 2)),
                type=str(rng.choice(TYPES)),
                view=str(rng.choice(SEEN)),
                depicts=thing if caption else "",
                labels=(f"{n + 1}A",),
            )
            for n, caption in enumerate(captions)
        ),
        image_vectors=halves(rng, count, SPEC.image_dim),
        caption_vectors=halves(rng, count, SPEC.caption_dim)
        * np.array([[caption != ""] for caption in captions], np.float32).reshape(count, 1),
        fingerprint=f"{number}/{version}",
        sheets=count,
    )


def halves(rng: np.random.Generator, count: int, size: int) -> Vectors:
    return unit(rng.standard_normal((count, size), dtype=np.float32)).astype(np.float16).astype(np.float32)


class Oracle:
    """Entries in a dict, gone through one by one."""

    def __init__(self, entries: dict[str, Entry]) -> None:
        self.entries = entries

    def figures(self) -> list[tuple[Figure, Patent]]:
        return [(each, entry.patent) for entry in self.entries.values() for each in entry.figures]

    def within(self, filters: Filters) -> list[tuple[Figure, Patent]]:
        return [pair for pair in self.figures() if satisfies(*pair, filters)]

    def undated(self, filters: Filters) -> list[tuple[Figure, Patent]]:
        """Those that fail for want of a date alone: some other date would let them through."""
        return [
            (figure, patent)
            for figure, patent in self.figures()
            if not satisfies(figure, patent, filters) and could_satisfy(figure, patent, filters)
        ]

    def cosines(self, kind: str, query: Vectors) -> dict[str, float]:
        scores = {}
        for entry in self.entries.values():
            matrix = entry.image_vectors if kind == "image" else entry.caption_vectors
            for each, vector in zip(entry.figures, matrix, strict=True):
                if vector.any():
                    scores[each.id] = float(vector.astype(np.float64) @ query[0].astype(np.float64))
        return scores


def choices(figure: Figure, patent: Patent, name: FacetName) -> set[str]:
    """The values that a figure has for a facet, below the subclass too."""
    number = patent.number
    assert number
    if name in ("type", "view"):
        return {getattr(figure, name)} - {""}
    if name == "office":
        return {number.office}
    if name == "kind":
        return {number.kind}
    if name == "year":
        return {str(patent.published.year)} if patent.published else set()
    if name == "applicant":
        return {applicant_key(each) for each in patent.applicants}
    found = set()
    for each in patent.classifications:
        symbol = each.symbol.replace(" ", "")
        if name == "cpc" and each.scheme != "LOC":
            found |= {symbol[:1], symbol[:3], symbol[:4]}
        if name == "locarno" and each.scheme == "LOC":
            found |= {symbol[:2], symbol}
    return found


def has(figure: Figure, patent: Patent, name: FacetName, value: str) -> bool:
    if name == "cpc" and len(value) > 4:
        start = value if "/" in value else f"{value}/"
        symbols = [each.symbol.replace(" ", "") for each in patent.classifications if each.scheme != "LOC"]
        return any(symbol.startswith(start) for symbol in symbols)
    return value in choices(figure, patent, name)


def satisfies(figure: Figure, patent: Patent, filters: Filters) -> bool:
    return _but_dates(figure, patent, filters) and all(
        day is not None and first <= day <= last for day, first, last in _days(patent, filters)
    )


def could_satisfy(figure: Figure, patent: Patent, filters: Filters) -> bool:
    return _but_dates(figure, patent, filters) and all(
        day is None or first <= day <= last for day, first, last in _days(patent, filters)
    )


def _but_dates(figure: Figure, patent: Patent, filters: Filters) -> bool:
    for name in FACETS:
        if name == "year":
            continue
        choice = filters.choice(name)
        held = [has(figure, patent, name, value) for value in choice.values]
        if held and not (all(held) if choice.mode == "all" else any(held)):
            return False
        if any(has(figure, patent, name, value) for value in choice.without):
            return False
    if filters.captioned is not None and filters.captioned != bool(figure.caption):
        return False
    if filters.figures and figure.id not in filters.figures:
        return False
    return not filters.publications or patent.id in filters.publications


def _days(patent: Patent, filters: Filters) -> list[tuple[date | None, date, date]]:
    known = [day for day in (patent.priority, patent.filed, patent.published) if day]
    first, last = filters.years
    limits = []
    if filters.years != (None, None):
        limits.append((patent.published, date(first or 1, 1, 1), date(last or 9999, 12, 31)))
    if filters.after or filters.before:
        limits.append((patent.published, filters.after or date.min, filters.before or date.max))
    if filters.priority_before:
        limits.append((min(known, default=None), date.min, filters.priority_before))
    return limits


SOME_FILTERS = {
    "none": Filters(),
    "an office": Filters(office=Choice(("US",))),
    "any of two kinds": Filters(kind=Choice(("S1", "A1"))),
    "a section": Filters(cpc=Choice(("A",))),
    "a subclass and not another": Filters(cpc=Choice(("A47C",), ("A47B",))),
    "a main group, not those that begin like it": Filters(cpc=Choice(("A47C1",))),
    "a subgroup with those below": Filters(cpc=Choice(("A47C1/02",))),
    "all of two classes": Filters(cpc=Choice(("A47", "B65D"), mode="all")),
    "a Locarno class": Filters(locarno=Choice(("07",))),
    "a Locarno subclass refused": Filters(locarno=Choice((), ("07-06",))),
    "an applicant however written": Filters(applicant=Choice((applicant_key("ACME Corporation"),))),
    "all of two applicants": Filters(applicant=Choice(("acme", "zeta"), mode="all")),
    "a type and a view": Filters(type=Choice(("drawing", "photograph")), view=Choice(("front",))),
    "no type refused but one": Filters(type=Choice((), ("flowchart",))),
    "two offices at once, which none has": Filters(office=Choice(("US", "EP"), mode="all")),
    "what does not occur": Filters(office=Choice(("ZZ",))),
    "captioned": Filters(captioned=True),
    "not captioned": Filters(captioned=False),
    "years": Filters(years=(2007, 2009)),
    "a year and before": Filters(years=(2008, None), before=date(2010, 6, 30)),
    "after": Filters(after=date(2009, 1, 1)),
    "a priority date": Filters(priority_before=date(2008, 12, 31)),
    "a section and a priority date": Filters(
        cpc=Choice(("A", "H")), priority_before=date(2009, 12, 31), after=date(2006, 1, 1)
    ),
}
