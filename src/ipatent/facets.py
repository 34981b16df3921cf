"""Facets: how many figures have each value of a property, for narrowing a search."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

FacetName = Literal["type", "view", "office", "kind", "cpc", "locarno", "applicant", "year"]
FACETS: Final[tuple[FacetName, ...]] = get_args(FacetName)

MOST_APPLICANTS = 50
"""Applicants that are listed, the commonest first."""
BEST = 1000
"""How many of the best-ranked figures are counted beside the whole set."""


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value with its counts of figures: in the whole filtered set, and among the best ranked.

    `value` is what a filter takes, `label` what people read. `parent` is the value one level up in a
    tree (CPC section > class > subclass, Locarno class > subclass), or empty.
    """

    value: str
    label: str
    count: int
    best: int
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of one property that occur, and how many figures have none.

    A choice "any of" that the filters make in this very facet is disregarded, so that the counts say
    what adding a value would bring.
    """

    name: FacetName
    values: tuple[FacetValue, ...]
    unknown: int
    """Figures without any value."""
    others: int = 0
    """Further values that are not listed."""


@dataclass(frozen=True, slots=True)
class Facets:
    """The facets asked for, of a filtered set of `figures` of which the `best` ranked are counted apart."""

    figures: int
    best: int
    facets: tuple[Facet, ...]

    def __getitem__(self, name: FacetName) -> Facet:
        for facet in self.facets:
            if facet.name == name:
                return facet
        raise KeyError(name)


CPC_SECTIONS: Final[dict[str, str]] = {
    "A": "Human necessities",
    "B": "Performing operations; transporting",
    "C": "Chemistry; metallurgy",
    "D": "Textiles; paper",
    "E": "Fixed constructions",
    "F": "Mechanical engineering; lighting; heating; weapons; blasting",
    "G": "Physics",
    "H": "Electricity",
    "Y": "New technological developments; cross-sectional technologies",
}

LOCARNO_CLASSES: Final[dict[str, str]] = {
    "01": "Foodstuffs",
    "02": "Articles of clothing and haberdashery",
    "03": "Travel goods, cases, parasols and personal belongings",
    "04": "Brushware",
    "05": "Textile piece goods, artificial and natural sheet material",
    "06": "Furnishing",
    "07": "Household goods",
    "08": "Tools and hardware",
    "09": "Packages and containers for the transport or handling of goods",
    "10": "Clocks, watches, measuring, checking and signalling instruments",
    "11": "Articles of adornment",
    "12": "Means of transport or hoisting",
    "13": "Equipment for production, distribution or transformation of electricity",
    "14": "Recording, telecommunication or data processing equipment",
    "15": "Machines",
    "16": "Photographic, cinematographic and optical apparatus",
    "17": "Musical instruments",
    "18": "Printing and office machinery",
    "19": "Stationery, office equipment, artists' and teaching materials",
    "20": "Sales and advertising equipment, signs",
    "21": "Games, toys, tents and sports goods",
    "22": "Arms, pyrotechnic articles, articles for hunting, fishing and pest killing",
    "23": "Fluid distribution, sanitary, heating, ventilation and air-conditioning equipment, solid fuel",
    "24": "Medical and laboratory equipment",
    "25": "Building units and construction elements",
    "26": "Lighting apparatus",
    "27": "Tobacco and smokers' supplies",
    "28": "Pharmaceutical and cosmetic products, toilet articles and apparatus",
    "29": "Devices and equipment against fire hazards, for accident prevention and for rescue",
    "30": "Articles for the care and handling of animals",
    "31": "Machines and appliances for preparing food or drink",
    "32": "Graphic symbols and logos, surface patterns, ornamentation",
}
