"""Small patents with real line drawings, for the tests of the web application."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from ipatent.classification import Classification
from ipatent.encode import Encoder
from ipatent.index import Entry
from ipatent.index.embedded import EmbeddedIndex
from ipatent.objects import Objects
from ipatent.patents import Box, Caption, Component, Figure, Patent, Pixels
from ipatent.pictures import encode_png, encode_thumbnail
from ipatent.publication import PublicationNumber
from ipatent.records import Database
from ipatent.settings import Settings
from ipatent.sheets import clean_picture
from ipatent.web import AppState

TITLES = (
    "Teething mitten",
    "Folding chair with armrests",
    "Bicycle wheel hub",
    "Bottle with a threaded cap",
    "Table lamp",
    "Adjustable wrench",
    "Centrifugal pump housing",
    "Door hinge",
    "Spur gear",
    "Ceiling fan",
    "Garden hose nozzle",
    "Luggage handle",
)
VIEWS = ("perspective", "front", "side", "top", "bottom")


def draw(patent: int, view: int, width: int = 700, height: int = 560) -> Pixels:
    """A black and white drawing of its own for every patent and view: (height, width) uint8."""
    seeded = np.random.default_rng((patent, view))
    image = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(image)
    middle, radius = (width / 2, height / 2), height * (0.28 + 0.02 * view)
    corners = 3 + patent
    for ring in range(1 + patent % 4):
        size = radius * (1 - 0.22 * ring)
        angles = 2 * np.pi * np.arange(corners) / corners + 0.3 * view
        points = [
            (middle[0] + size * np.cos(a) * (1 + 0.08 * view), middle[1] + size * np.sin(a)) for a in angles
        ]
        pen.line([*points, points[0]], fill=0, width=4)
    for _ in range(4 + patent):
        x, y = seeded.uniform(0.3, 0.7, 2) * (width, height)
        pen.ellipse((x, y, x + 24, y + 24), outline=0, width=3)
    return np.where(np.asarray(image) < 128, 0, 255).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Library:
    """A filled index with its objects, ready to be served."""

    state: AppState
    figures: tuple[Figure, ...]


def fill(
    folder: Path, encoder: Encoder, patents: int = 12, settings: Settings | None = None, rename: str = ""
) -> Library:
    """An embedded index of patents with five figures each, under `folder`.

    `rename` gives them an id that is no publication number.
    """
    index = EmbeddedIndex.open(folder / "index.sqlite", encoder.spec, create=True)
    state = AppState(
        settings=settings or Settings(data=str(folder)),
        index=index,
        encoder=encoder,
        objects=Objects.open(folder / "objects"),
        uploads=Objects.open(folder / "uploads"),
        records=Database.open(folder / "records.sqlite"),
    )
    figures: list[Figure] = []
    for place in range(patents):
        entry = _entry(place, TITLES[place % len(TITLES)], state.objects, encoder, rename)
        index.put(entry)
        figures.extend(entry.figures)
    return Library(state, tuple(figures))


def _entry(place: int, title: str, objects: Objects, encoder: Encoder, rename: str) -> Entry:
    number = PublicationNumber.parse(f"US D{900_000 + place} S1")
    captions = tuple(
        Caption((str(view + 1),), f"FIG. {view + 1} is a {name} view of a {title.lower()}.")
        for view, name in enumerate(VIEWS)
    )
    patent = Patent(
        id=rename or str(number),
        number=None if rename else number,
        title=title,
        published=date(2020, 1 + place % 12, 7),
        filed=date(2018, 1 + place % 12, 7),
        applicants=(f"Example {place} & Sons <Ltd>",),
        inventors=("Ada Example", "Grace Sample"),
        classifications=(Classification.parse("LOC", "07-06"), Classification.parse("USPC", "D7/631")),
        abstract=f"The ornamental design for a {title.lower()}, as shown and described.",
        captions=captions,
        source=f"/somewhere/else/{number}.pdf",
        components=(
            Component(
                "12", "housing", ("housing",), ("The housing 12 is closed by <b>two</b> screws.",), ("1", "2")
            ),
            Component(
                "14", "handle", ("handle", "handles"), ("A handle 14 is fixed to the housing 12.",), ("2",)
            ),
        ),
    )
    drawings = [clean_picture(draw(place, view)) for view in range(len(VIEWS))]
    figures = tuple(
        _figure(patent, view, drawing, objects, captions[view].text) for view, drawing in enumerate(drawings)
    )
    texts: Sequence[str] = [f"{title}. {figure.caption}" for figure in figures]
    return Entry(
        patent=patent,
        figures=figures,
        image_vectors=encoder.encode_pictures(drawings),
        caption_vectors=encoder.encode_captions(texts),
        fingerprint=f"drawn-{place}",
        sheets=len(figures),
    )


def _figure(patent: Patent, view: int, drawing: Pixels, objects: Objects, caption: str) -> Figure:
    sheet = np.full((900, 800), 255, np.uint8)
    sheet[150 : 150 + drawing.shape[0], 50 : 50 + drawing.shape[1]] = drawing
    return Figure(
        id=f"{patent.id}/{view + 1}/1",
        patent_id=patent.id,
        sheet=view + 1,
        box=Box(50, 150, drawing.shape[1], drawing.shape[0]),
        image=objects.put(encode_png(drawing)),
        sheet_image=objects.put(encode_png(sheet)),
        thumbnail=objects.put(encode_thumbnail(drawing, 320)),
        width=drawing.shape[1],
        height=drawing.shape[0],
        labels=(str(view + 1),),
        caption=caption,
        terms=("housing", "outer rim", "handle"),
        view=VIEWS[view],
        depicts=patent.title.lower(),
    )
