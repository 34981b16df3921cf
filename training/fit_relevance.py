"""Fits the line after which probably nothing relevant comes, and measures it on other patents.

    ipatent sample fit --patents 160 --seed 11 && ipatent ingest fit --data fit-data
    ipatent sample held --patents 120 --seed 0 && ipatent ingest held --data held-data
    python training/fit_relevance.py --fit fit-data fit --held-out held-data held [--real REAL-DATA]

Prints the constants for `ipatent.relevance.LINES`. With a picture, and with picture and title,
figures of the same family are relevant; with a title, figures of the same kind of thing. With
`--real`, an index of real patents, figures of the same patent are. Then it measures the threshold
of `ipatent.duplicates`: pictures of the fit set scanned again (turned a little, scaled, with other
ink and specks) against the most alike figures of other drawings.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from ipatent.encode import Encoder
from ipatent.encode.choice import open_encoder
from ipatent.index.embedded import EmbeddedIndex
from ipatent.objects import Objects
from ipatent.patents import Figure, Patent, Pixels
from ipatent.pictures import open_picture
from ipatent.query import Example, Hit, Query
from ipatent.relevance import HASH_DIGITS, Line, last_relevant, probabilities
from ipatent.search import search
from ipatent.settings import load_settings
from ipatent.sheets import clean_picture

DEPTH = 200
Reals = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One query's hits in order: what was measured (n, 3) as image, words, caption; whether relevant (n,)."""

    measured: Reals
    relevant: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Collection:
    """An index with the group that makes figures relevant to each other, by patent."""

    index: EmbeddedIndex
    family: dict[str, str]
    thing: dict[str, str]


def opened(data: Path, truths: Path | None) -> Collection:
    """The index in `data`, with the families and things that the generated truths tell."""
    index = EmbeddedIndex.open(data / "index.sqlite")
    family: dict[str, str] = {}
    thing: dict[str, str] = {}
    for path in sorted(truths.glob("*.truth.json")) if truths else ():
        truth = json.loads(path.read_text())
        family[truth["number"]], thing[truth["number"]] = truth["family"], truth["kind"]
    if not truths:
        family = {patent.id: patent.id for patent in index.patents(limit=1_000_000)}
    return Collection(index, family, thing)


def judged(kind: str, collection: Collection, encoder: Encoder, queries: int, seed: int) -> list[Judged]:
    """Queries of one kind, a figure each from as many patents as there are."""
    rng = np.random.default_rng(seed)
    patents = [each for each in collection.index.patents(limit=1_000_000) if each.id in collection.family]
    found = []
    for _ in range(queries):
        patent = patents[int(rng.integers(len(patents)))]
        figures = collection.index.figures_of(patent.id)
        if not figures or (kind != "image" and not patent.title):
            continue
        figure = figures[int(rng.integers(len(figures)))]
        found.append(_judge(kind, collection, encoder, patent, figure))
    return [each for each in found if len(each.relevant) and each.relevant.any()]


def _judge(kind: str, collection: Collection, encoder: Encoder, patent: Patent, figure: Figure) -> Judged:
    examples = () if kind == "text" else (Example(like=figure.id),)
    text = "" if kind == "image" else patent.title
    results = search(Query(text, examples, k=DEPTH), collection.index, encoder)
    hits = [hit for hit in results.hits if kind == "text" or hit.figure.id != figure.id]
    group = collection.thing if kind == "text" else collection.family
    wanted = group[patent.id]
    return Judged(
        np.array([_measured(hit) for hit in hits], np.float64).reshape(-1, 3),
        np.array([group.get(hit.patent.id) == wanted for hit in hits], bool),
    )


def _measured(hit: Hit) -> tuple[float, float, float]:
    parts = {each.part: each for each in hit.evidence}
    return (
        parts["image"].raw if "image" in parts else 0.0,
        parts["words"].calibrated if "words" in parts else 0.0,
        parts["caption"].raw if "caption" in parts else 0.0,
    )


def logistic(x: Reals, y: npt.NDArray[np.bool_], rounds: int = 50) -> Reals:
    """Intercept and weights by Newton's method, with a little ridge against endless growth."""
    design = np.column_stack([np.ones(len(x)), x])
    weights = np.zeros(design.shape[1])
    ridge = 1e-3 * np.eye(design.shape[1])
    for _ in range(rounds):
        likely = 1.0 / (1.0 + np.exp(-design @ weights))
        slope = design.T @ (likely - y) + ridge @ weights
        curve = (design * (likely * (1 - likely))[:, None]).T @ design + ridge
        weights -= np.linalg.solve(curve, slope)
    return weights


def measure(line: Line, queries: Sequence[Judged]) -> tuple[float, float, float]:
    """Mean precision above the line (1 where it lets nothing through), mean recall, and mean rank of it."""
    precisions, recalls, ranks = [], [], []
    for each in queries:
        rank = last_relevant(probabilities(line, *each.measured.T), line.threshold)
        good = int(each.relevant[:rank].sum())
        precisions.append(good / rank if rank else 1.0)
        recalls.append(good / each.relevant.sum())
        ranks.append(rank)
    return float(np.mean(precisions)), float(np.mean(recalls)), float(np.mean(ranks))


def fitted(queries: Sequence[Judged]) -> Line:
    """The logistic function, and the threshold with the best F1 of mean precision and mean recall."""
    x = np.concatenate([each.measured for each in queries])
    y = np.concatenate([each.relevant for each in queries])
    intercept, image, words, caption = (float(each) for each in logistic(x, y))

    def balance(threshold: float) -> float:
        precision, recall, _ = measure(Line(intercept, image, words, caption, threshold), queries)
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0

    best = max((float(each) for each in np.arange(0.05, 0.96, 0.05)), key=balance)
    return Line(*(round(each, 2) for each in (intercept, image, words, caption)), round(best, 2))


def scanned_again(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """The drawing as another scan of the same sheet shows it."""
    picture = Image.fromarray(pixels).convert("L")
    picture = picture.rotate(
        float(rng.uniform(-1.0, 1.0)), Image.Resampling.BICUBIC, expand=True, fillcolor=255
    )
    scale = float(rng.uniform(0.9, 1.1))
    picture = picture.resize((max(8, int(picture.width * scale)), max(8, int(picture.height * scale))))
    if rng.random() < 0.5:
        picture = picture.filter(ImageFilter.GaussianBlur(0.8))
    grey = np.asarray(picture).astype(np.int16)
    ink = (grey < int(rng.integers(110, 190))) ^ (rng.random(grey.shape) < 2e-4)
    return np.where(ink, 0, 255).astype(np.uint8)


def duplicates(collection: Collection, data: Path, encoder: Encoder, count: int) -> None:
    """How alike scans of one drawing are, and how alike different drawings get at most."""
    rng = np.random.default_rng(0)
    index = collection.index
    objects = Objects.open(data / "objects")
    figures = [each for patent in index.patents(limit=1_000_000) for each in index.figures_of(patent.id)]
    chosen = [figures[int(n)] for n in rng.choice(len(figures), min(count, len(figures)), replace=False)]
    same = []
    for figure in chosen:
        pixels = open_picture(objects.get(figure.image), 100_000_000)
        again = encoder.encode_pictures([clean_picture(scanned_again(pixels, rng))])
        same.append(float((again @ index.image_vector(figure.id).T)[0, 0]))
    vectors = np.concatenate([index.image_vector(figure.id) for figure in figures])
    alike = vectors @ vectors.T
    np.fill_diagonal(alike, -1)
    family = np.array([collection.family.get(figure.patent_id, figure.patent_id) for figure in figures])
    kin = family[:, None] == family[None, :]
    low, middle = np.quantile(same, 0.05), np.median(same)
    print(f"scanned again: cosine {low:.4f} at 5 %, {middle:.4f} in the middle")
    for name, mask in (("same family", kin), ("other families", ~kin)):
        nearest = np.where(mask, alike, -1).max(axis=1)
        middle, high = np.median(nearest), np.quantile(nearest, 0.99)
        print(f"nearest other figure, {name}: {middle:.4f} in the middle, {high:.4f} at 99 %")
    print("threshold  scans joined  figures with a joined other: same family, other families")
    for threshold in (0.90, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995):
        joined = np.mean(np.array(same) >= threshold)
        shares = [np.mean(np.where(mask, alike, -1).max(axis=1) >= threshold) for mask in (kin, ~kin)]
        print(f"{threshold:9.3f} {joined:13.3f} {shares[0]:17.3f} {shares[1]:12.3f}")


def main() -> None:
    """Fit, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--fit", nargs=2, type=Path, required=True, metavar=("DATA", "TRUTHS"))
    parser.add_argument("--held-out", nargs=2, type=Path, metavar=("DATA", "TRUTHS"))
    parser.add_argument("--real", type=Path, metavar="DATA")
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--scans", type=int, default=100)
    parser.add_argument("--encoder", default="builtin")
    options = parser.parse_args()
    encoder = open_encoder(load_settings({"encoder": options.encoder}))
    fit = opened(*options.fit)
    held = opened(*options.held_out) if options.held_out else None
    real = opened(options.real, None) if options.real else None
    for kind in ("image", "text", "both"):
        line = fitted(judged(kind, fit, encoder, options.queries, 1))
        print(f'    ("{encoder.spec.weights[:HASH_DIGITS]}", "{kind}"): {line},')
        for name, collection in (("fit", fit), ("held out", held), ("real", real)):
            if collection and not (name == "real" and kind == "text"):
                queries = judged(kind, collection, encoder, options.queries, 2)
                if queries:
                    precision, recall, rank = measure(line, queries)
                    share = np.mean([each.relevant.mean() for each in queries])
                    print(
                        f"        {name:9} precision {precision:.2f}, recall {recall:.2f},"
                        f" line at rank {rank:.0f} on average; {share:.2f} of the first {DEPTH} are relevant;"
                        f" {len(queries)} queries"
                    )
    if options.scans:
        duplicates(fit, options.fit[0], encoder, options.scans)


if __name__ == "__main__":
    main()
