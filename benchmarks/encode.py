"""The built-in encoder: its speed, and how well it finds figures of the same patent.

Run with `python -m benchmarks.encode`; `--threads N` limits the cores. The second part needs a
folder of patents as PDF, named by `--patents DIR` or TEST_REAL_PATENTS; every figure is a query
once, the other figures of its patent are what should be found. Figure labels and running headers
are removed first, as ingest removes them: labels alone would give much of a patent away.
"""

import argparse
import os
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from ipatent.encode.builtin import BuiltinEncoder
from ipatent.errors import SourceError
from ipatent.patents import Pixels, Vectors
from ipatent.settings import Settings
from ipatent.sheets import cut_figures
from ipatent.sources import BrokenSheet, Limits
from ipatent.sources.pdf import read_pdf

Labels = npt.NDArray[np.str_]
LIMITS = Limits(Settings().max_file_bytes, Settings().max_sheet_pixels, Settings().max_pages)


def drawn_sheets(count: int, size: tuple[int, int], seed: int = 0) -> list[Pixels]:
    """Pictures of random boxes, ellipses and lines, (height, width) grey."""
    dice = np.random.default_rng(seed)
    sheets: list[Pixels] = []
    for _ in range(count):
        sheet = Image.new("L", size, 255)
        pen = ImageDraw.Draw(sheet)
        for _ in range(30):
            x, y = dice.uniform(0.1, 0.6, 2) * size
            box = [x, y, x + dice.uniform(0.05, 0.3) * size[0], y + dice.uniform(0.05, 0.3) * size[1]]
            (pen.ellipse if dice.random() < 0.5 else pen.rectangle)(box, outline=0, width=4)
        sheets.append(np.asarray(sheet))
    return sheets


def per_second(encoder: BuiltinEncoder, pictures: list[Pixels], repeats: int = 3) -> float:
    """The median rate over `repeats` runs."""
    encoder.encode_pictures(pictures[:8])
    rates = []
    for _ in range(repeats):
        begun = time.perf_counter()
        encoder.encode_pictures(pictures)
        rates.append(len(pictures) / (time.perf_counter() - begun))
    return float(np.median(rates))


def same_patent(vectors: Vectors, patents: Labels) -> tuple[float, float, int]:
    """Mean average precision, recall at 1 and number of queries, leaving each query itself out."""
    scores = vectors @ vectors.T
    np.fill_diagonal(scores, -np.inf)
    precisions, firsts = [], []
    for row in range(len(vectors)):
        found = patents[np.argsort(-scores[row])[:-1]] == patents[row]
        if found.any():
            precisions.append((found.cumsum() / np.arange(1, len(found) + 1))[found].mean())
            firsts.append(found[0])
    return float(np.mean(precisions)), float(np.mean(firsts)), len(precisions)


def real_figures(files: Iterable[Path]) -> tuple[list[Pixels], Labels]:
    """The figures of some PDFs without headers and labels, and the file that each is from."""
    figures: list[Pixels] = []
    patents: list[str] = []
    for path in files:
        try:
            for sheet in read_pdf(path, LIMITS).sheets():
                if isinstance(sheet, BrokenSheet):
                    print(f"{path.name}, {sheet.name}: {sheet.reason}")
                    continue
                pictures = [figure.pixels for figure in cut_figures(sheet)]
                figures += pictures
                patents += [path.name] * len(pictures)
        except SourceError as error:
            print(f"{path.name}: {error}")
    return figures, np.array(patents)


def main() -> None:
    """Print rates, and the same-patent measures where real patents are at hand."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--patents", type=Path, default=os.environ.get("TEST_REAL_PATENTS"))
    arguments, _ = parser.parse_known_args()
    begun = time.perf_counter()
    encoder = BuiltinEncoder.load(arguments.threads)
    print(f"load: {time.perf_counter() - begun:.2f} s")
    for name, size in (("sheets of 2560 x 3300", (2560, 3300)), ("figures of 1200 x 1200", (1200, 1200))):
        print(f"{name}: {per_second(encoder, drawn_sheets(32, size)):.1f} pictures/s")
    captions = ["FIG. 1 is a front perspective view of a folding chair, showing our new design"] * 5000
    begun = time.perf_counter()
    encoder.encode_captions(captions)
    print(f"captions: {len(captions) / (time.perf_counter() - begun):,.0f}/s")
    if arguments.patents is None:
        print("same patent: not measured, name a folder of PDFs with --patents")
        return
    figures, patents = real_figures(sorted(Path(arguments.patents).rglob("*.pdf")))
    precision, first, queries = same_patent(encoder.encode_pictures(figures), patents)
    print(f"same patent, {queries} figures of {len(set(patents))}: mAP {precision:.3f}, R@1 {first:.3f}")


if __name__ == "__main__":
    main()
