"""Invented people, companies and places."""

import random

GIVEN = (
    "Adela Boris Carla Dmitri Edwina Farid Greta Hassan Ingrid Jonas Katrin Liam Mirela Nadia Oskar "
    "Petra Quentin Rosalind Stefan Thora Ulrich Vera Wendell Ximena Yusuf Zora Akiko Bjorn Chidi "
    "Delphine Emeka Fumiko Gareth Hye-jin Isidro Jaroslav Kwame Lucinda Marek Ning Olumide Priya "
    "Rafael Sunniva Tomasz Una Viktor Wen-li Yara Zdenek"
).split()
FAMILY = (
    "Abernold Brisket Calloway Dunmarsh Elverton Fairholt Grunewick Harrowgate Isenbruck Jorvald "
    "Kestrelman Lindquarz Mossgrave Nakahira Ostervold Pellinghast Quillfeather Rasmundsen "
    "Stonebridge Tavernier Ulvestad Vanterpole Wexcombe Yamazoto Zeilmann Arkwell Bromstead Cranleigh "
    "Dovrelund Esterhaze Fennimoor Galbrook Hollinsby Inderwick Juniperro Kilbrandt Lockridge "
    "Marchbank Northolme Oakensen Pemberly Rookwood Silverthal Thornbury Underhay Vossberg Whitlatch "
    "Yarborne Zimmerley Ashgrove"
).split()
COMPANIES = (
    "Aldermoor",
    "Bluefen",
    "Corvane",
    "Draywell",
    "Elmhurst & Finch",
    "Foxglade",
    "Granfeld",
    "Halcyon Ridge",
    "Ironvale",
    "Juniper Hollow",
    "Kestrel Bay",
    "Lumenhaus",
    "Marlowe",
    "Norvane",
    "Ostrava Line",
    "Pinecrest",
    "Quarrystone",
    "Redfern",
    "Silverbirch",
    "Tamarind",
    "Umbria",
    "Vantor",
    "Westmere",
    "Yellowtail",
    "Zephyrine",
)
TRADES = (
    "Industries",
    "Manufacturing",
    "Designs",
    "Products",
    "Technologies",
    "Works",
    "Engineering",
    "Home",
    "Systems",
    "Instruments",
)
FORMS = ("Inc.", "LLC", "Co., Ltd.", "Corp.", "GmbH", "AB")
PLACES = (
    ("Alderton", "OH (US)"),
    ("Fairmont Falls", "MN (US)"),
    ("New Harwick", "CA (US)"),
    ("Port Ellery", "WA (US)"),
    ("Cedar Junction", "TX (US)"),
    ("Millbrook Heights", "NY (US)"),
    ("Stonefield", "IL (US)"),
    ("Granby Lake", "MI (US)"),
    ("Linhai Bay", "(CN)"),
    ("Hamashiro", "(JP)"),
    ("Neustadel", "(DE)"),
    ("Villafranca Alta", "(IT)"),
    ("Saewon", "(KR)"),
    ("Kaohsin", "(TW)"),
    ("Eastwold", "(GB)"),
    ("Brevik", "(NO)"),
)


def person(chance: random.Random) -> tuple[str, str]:
    """Given name (sometimes with an initial) and family name."""
    given = chance.choice(GIVEN)
    if chance.random() < 0.3:
        given += f" {chance.choice('ABCDEFGHJKLMNPRSTW')}."
    return given, chance.choice(FAMILY)


def company(chance: random.Random) -> str:
    """A company's name with its legal form."""
    return (
        f"{chance.choice(COMPANIES)} {chance.choice(TRADES)}, {chance.choice(FORMS)}".replace(", Co.", " Co.")
        .replace(", GmbH", " GmbH")
        .replace(", AB", " AB")
    )


def place(chance: random.Random) -> str:
    """A town with its state or country as a cover page writes it."""
    town, rest = chance.choice(PLACES)
    return f"{town} {rest}" if rest.startswith("(") else f"{town}, {rest}"
