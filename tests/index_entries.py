"""Random patents for tests of the index, with the vectors that the tiny encoder's spec asks for."""

from datetime import date

import numpy as np

from ipatent.classification import Classification
from ipatent.index import Entry
from ipatent.patents import Box, Caption, Figure, Patent, Vectors
from ipatent.publication import PublicationNumber
from tiny_encoder import SPEC

THINGS = "chair bottle pump gear hinge bicycle valve mitten helmet knife handle bracket".split()
KINDS = "folding portable teething magnetic rotary hydraulic modular flexible".split()
VIEWS = ("perspective view", "front elevational view", "rear view", "top plan view")


def random_entry(rng: np.random.Generator, patent_id: str, fingerprint: str = "1", figures: int = 0) -> Entry:
    """A patent of `figures` figures (1 to 4 where 0); about a quarter of them without a caption."""
    count = figures or int(rng.integers(1, 5))
    thing = f"{rng.choice(KINDS)} {rng.choice(THINGS)}"
    captions = [f"{rng.choice(VIEWS)} of a {thing}" if rng.random() > 0.25 else "" for _ in range(count)]
    return Entry(
        patent=Patent(
            id=patent_id,
            number=PublicationNumber("US", f"D{int(rng.integers(1, 999999))}", "S1"),
            title=thing.title(),
            published=date(2000, 1, 1 + int(rng.integers(28))),
            applicants=(f"{rng.choice(THINGS)} works".title(),),
            classifications=(Classification.parse("LOC", "07-06"),),
            abstract=" ".join(str(word) for word in rng.choice(THINGS, 3)),
            captions=tuple(Caption((str(n + 1),), text) for n, text in enumerate(captions)),
        ),
        figures=tuple(figure(patent_id, n + 1, caption=caption) for n, caption in enumerate(captions)),
        image_vectors=unit(rng.standard_normal((count, SPEC.image_dim), dtype=np.float32)),
        caption_vectors=unit(rng.standard_normal((count, SPEC.caption_dim), dtype=np.float32))
        * np.array([[caption != ""] for caption in captions]),
        fingerprint=fingerprint,
        sheets=count,
    )


def figure(patent_id: str, sheet: int, number: int = 1, caption: str = "", **others: object) -> Figure:
    """A figure with plausible values for what is not given."""
    values: dict[str, object] = {
        "id": f"{patent_id}/{sheet}/{number}",
        "patent_id": patent_id,
        "sheet": sheet,
        "box": Box(10, 20, 300, 400),
        "image": "a" * 64,
        "sheet_image": "b" * 64,
        "thumbnail": "c" * 64,
        "width": 300,
        "height": 400,
        "labels": (str(sheet),),
        "caption": caption,
        **others,
    }
    return Figure(**values)  # type: ignore[arg-type]


def unit(vectors: Vectors) -> Vectors:
    """Rows scaled to length one."""
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
