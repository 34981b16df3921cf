"""What joins doubles and shows regions: `python -m benchmarks.thresholds DATA`, with the model installed.

Prints what `SAME_DRAWING` (`ipatent.duplicates`) and `ENOUGH`, `FEWER` and `VERY_ALIKE`
(`ipatent.correspond`) are set by: how alike figures of an index are to other scans of themselves, good
and rough ones, and to the drawing most like them, and on how many places drawings agree that show the same
region, that
belong to one patent, or to none in common. Run it anew whenever the image model changes, and for
`SAME_DRAWING` after `ipatent reencode` of the index.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image
from training.fit_relevance import scanned_again

from ipatent.correspond import ENOUGH, FEWER, VERY_ALIKE, agreement
from ipatent.duplicates import SAME_DRAWING
from ipatent.encode.spatial import Patches, open_spatial
from ipatent.evaluate.collection import Collection, open_collection
from ipatent.evaluate.likeness import chosen, cut_box
from ipatent.opening import open_existing
from ipatent.patents import Figure, Pixels
from ipatent.settings import load_settings
from ipatent.sheets import clean_picture

COSINES = (0.95, 0.96, 0.97, 0.975, 0.98, 0.985, 0.99, 0.995)
AGREEING = (8, 10, 12, 14, 16, 20)
MOST_TOLD = 8


@dataclass(frozen=True, slots=True)
class Agreed:
    """On how many places two drawings agree, and how alike these are."""

    matches: int
    cosine: float

    @property
    def is_enough(self) -> bool:
        """Whether regions would be shown."""
        return self.matches >= ENOUGH or (self.matches >= FEWER and self.cosine >= VERY_ALIKE)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--figures", type=int, default=60, help="scanned again")
    parser.add_argument("--pairs", type=int, default=40, help="of each kind, compared place by place")
    given = parser.parse_args()
    settings = replace(load_settings(), data=str(given.data))
    with open_existing(settings, print) as opened:
        objects = opened.open_objects()
        collection = open_collection("", opened.index, opened.encoder, objects, settings.max_upload_pixels)
        _doubles(collection, given.figures)
        _regions(collection, given.pairs)


def _doubles(collection: Collection, count: int) -> None:
    dice = np.random.default_rng(0)
    good, rough = [], []
    for place in chosen(len(collection.figures), count, 0):
        pixels = collection.picture(collection.figures[place])
        scans = [clean_picture(again) for again in (_scanned_well(pixels, dice), scanned_again(pixels, dice))]
        cosines = collection.encoder.encode_pictures(scans) @ collection.vectors[place]
        good.append(float(cosines[0]))
        rough.append(float(cosines[1]))
    alike = collection.vectors @ collection.vectors.T
    images = np.array([figure.image for figure in collection.figures])
    patents = np.array([figure.patent_id for figure in collection.figures])
    alike[images[:, None] == images[None, :]] = -1.0
    kin = patents[:, None] == patents[None, :]
    nearest = {
        "of its patent": np.where(kin, alike, -1).max(axis=1),
        "elsewhere": np.where(kin, -1, alike).max(axis=1),
    }
    print(f"{len(good)} figures scanned again, and the most alike other drawing of {len(alike)}")
    print(f"{'cosine from':28}" + "".join(f"{each:>7}" for each in COSINES) + "   now", SAME_DRAWING)
    again = {"scanned again well": np.array(good), "scanned again roughly": np.array(rough)}
    for name, cosines in (again | nearest).items():
        shares = "".join(f"{(cosines >= each).mean():7.3f}" for each in COSINES)
        print(
            f"{name:28}{shares}   5 % below {np.quantile(cosines, 0.05):.3f}, half {np.median(cosines):.3f}"
        )
    first, second = np.unravel_index(np.argsort(-np.triu(alike, 1), axis=None)[:MOST_TOLD], alike.shape)
    for a, b in zip(first, second, strict=True):
        print(f"  {alike[a, b]:.3f} {collection.figures[a].id} {collection.figures[b].id}")


def _scanned_well(pixels: Pixels, dice: np.random.Generator) -> Pixels:
    """Turned by at most half a degree, 5 % larger or smaller, lighter or darker, without specks."""
    picture = Image.fromarray(pixels).convert("L")
    turn, scale = float(dice.uniform(-0.5, 0.5)), float(dice.uniform(0.95, 1.05))
    picture = picture.rotate(turn, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    picture = picture.resize((max(8, int(picture.width * scale)), max(8, int(picture.height * scale))))
    return np.where(np.asarray(picture) < int(dice.integers(110, 190)), 0, 255).astype(np.uint8)


def _regions(collection: Collection, count: int) -> None:
    figures, dice = collection.figures, np.random.default_rng(0)
    known: dict[str, Patches] = {}
    cut, kin, strange = [], [], []
    for place in chosen(len(figures), count, 1):
        figure = figures[place]
        pixels = collection.picture(figure)
        cut.append(_agreed(_patches([cut_box(pixels, dice).cut(pixels)])[0], _of(figure, collection, known)))
        siblings = [one for one in figures if one.patent_id == figure.patent_id and one.id != figure.id]
        if siblings:
            kin.append(_pair(figure, siblings[dice.integers(len(siblings))], collection, known))
        others = [one for one in figures if one.patent_id != figure.patent_id]
        strange.append(_pair(figure, others[dice.integers(len(others))], collection, known))
    print(f"\nplaces that agree from      {''.join(f'{each:>7}' for each in AGREEING)}   regions")
    for name, agreed in (("a part of it", cut), ("of one patent", kin), ("of two patents", strange)):
        shares = "".join(f"{np.mean([one.matches >= least for one in agreed]):7.2f}" for least in AGREEING)
        few = [one.cosine for one in agreed if FEWER <= one.matches < ENOUGH]
        told = f"{np.mean([one.is_enough for one in agreed]):.2f}"
        print(f"{name:28}{shares}   {told}   cosine of few: {np.round(sorted(few), 2).tolist()}")


def _pair(one: Figure, other: Figure, collection: Collection, known: dict[str, Patches]) -> Agreed:
    return _agreed(_of(one, collection, known), _of(other, collection, known))


def _of(figure: Figure, collection: Collection, known: dict[str, Patches]) -> Patches:
    if figure.id not in known:
        known[figure.id] = _patches([collection.picture(figure)])[0]
    return known[figure.id]


def _patches(pictures: Sequence[Pixels]) -> list[Patches]:
    return open_spatial().encode(pictures)


def _agreed(first: Patches, second: Patches) -> Agreed:
    return Agreed(*agreement(first, second))


if __name__ == "__main__":
    main()
