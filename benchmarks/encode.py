"""How fast pictures are encoded by each runtime, and how well the built-in encoder finds a patent's figures.

Run with `python -m benchmarks.encode`; `--threads N` limits the cores. Beside pictures per second
stand milliseconds of processor per picture, which other programs on the machine change less. `--vit`
adds ViT-B-16 with random weights, from an export, beside open_clip in PyTorch eager (extra `train`).
The last part needs a folder of patents as PDF, named by `--patents DIR` or TEST_REAL_PATENTS; every
figure is a query once, the other figures of its patent are what should be found. Figure labels and
running headers are removed first, as ingest removes them: labels alone would give much of a patent away.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from ipatent.encode import runtimes
from ipatent.encode.builtin import SIZE, BuiltinEncoder
from ipatent.encode.measuring import Ways
from ipatent.encode.prepare import planes, square
from ipatent.encode.session import thread_count
from ipatent.errors import SourceError
from ipatent.ingest import encode_pictures
from ipatent.patents import Pixels, Vectors
from ipatent.pictures import encode_png
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


def rate(work: Callable[[], object], pictures: int, repeats: int = 3) -> tuple[float, float]:
    """Pictures a second, and milliseconds of processor per picture: medians over `repeats` runs."""
    work()
    rates, costs = [], []
    for _ in range(repeats):
        begun, busy = time.perf_counter(), time.process_time()
        work()
        rates.append(pictures / (time.perf_counter() - begun))
        costs.append(1000 * (time.process_time() - busy) / pictures)
    return float(np.median(rates)), float(np.median(costs))


def say(name: str, found: tuple[float, float], beside: tuple[float, float] | None = None) -> None:
    """One line: the rate, the cost, and the ratios to another's."""
    line = f"  {name:32} {found[0]:8.1f} pictures/s {found[1]:8.1f} ms of processor each"
    if beside:
        line += f"   x{found[0] / beside[0]:.2f} (by processor x{beside[1] / found[1]:.2f})"
    print(line, flush=True)


def ways() -> list[tuple[str, Ways]]:
    """What is installed to run a model here."""
    found = [(name, Ways(runtime=name)) for name in runtimes.installed()]
    if runtimes.OPENVINO in runtimes.installed():
        found.append(("openvino bf16", Ways(runtime=runtimes.OPENVINO, precision=runtimes.BF16)))
    return found


def builtin_speed(threads: int) -> None:
    """The built-in encoder under each runtime: its model alone, pictures, files, one query picture."""
    sizes = (("sheets of 2560 x 3300", (2560, 3300)), ("figures of 1200 x 1200", (1200, 1200)))
    pictures = {name: drawn_sheets(32, size) for name, size in sizes}
    files = [encode_png(picture) for picture in pictures["figures of 1200 x 1200"]]
    squares = np.stack([square(picture, SIZE) for picture in pictures["figures of 1200 x 1200"]])
    first: tuple[float, float] | None = None
    for name, way in ways():
        begun = time.perf_counter()
        encoder = BuiltinEncoder.load(threads, ways=way)
        print(f"built-in, {SIZE} px, {name}, {thread_count(threads)} threads")
        print(f"  loaded and measured in {time.perf_counter() - begun:.2f} s")
        model = rate(lambda encoder=encoder: _model(encoder, squares), len(squares))
        say("the model alone", model, first)
        first = first or model
        for what, some in pictures.items():
            say(what, rate(lambda encoder=encoder, some=some: encoder.encode_pictures(some), len(some)))
        whole = rate(lambda encoder=encoder: encode_pictures(files, encoder, 10**9), len(files))
        say("figures as PNG: decode and all", whole)
        print(f"  that is {whole[0] / model[0]:.0%} of the model's own rate")
        one = pictures["figures of 1200 x 1200"][:1]
        latency = rate(lambda encoder=encoder, one=one: encoder.encode_pictures(one), 1, 15)
        print(f"  one query picture: {1000 / latency[0]:.1f} ms ({latency[1]:.1f} ms of processor)")


def _model(encoder: BuiltinEncoder, squares: npt.NDArray[np.uint8]) -> None:
    for at in range(0, len(squares), 8):
        encoder.session.run(None, {"pictures": squares[at : at + 8, None]})


def vit_speed(threads: int) -> None:
    """ViT-B-16 at 224 px with random weights: PyTorch eager, then its export under each runtime."""
    try:
        import open_clip
        import torch
    except ImportError as error:
        print(f"ViT-B-16: not measured ({error}); pip install 'ipatent[train]'")
        return
    torch.set_num_threads(thread_count(threads))
    torch.manual_seed(0)
    visual: Any = open_clip.create_model("ViT-B-16").visual.eval()
    squares = np.stack([square(picture, 224) for picture in drawn_sheets(8, (600, 600))])
    tensor = planes(squares, open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD)
    print(f"ViT-B-16, 224 px, random weights, {thread_count(threads)} threads, batches of 8")
    with torch.no_grad(), tempfile.TemporaryDirectory() as name:
        eager = rate(lambda: visual(torch.from_numpy(tensor)), len(tensor))
        say("PyTorch eager", eager)
        path = Path(name) / "model.onnx"
        torch.onnx.export(
            visual,
            (torch.from_numpy(tensor),),
            str(path),
            input_names=["image"],
            dynamo=True,
            dynamic_shapes=({0: torch.export.Dim("n", min=1, max=4096)},),
            verbose=False,
        )
        expected = visual(torch.from_numpy(tensor)).numpy()
        for what, way in ways():
            session = runtimes.open_in(way.runtime, path, thread_count(threads), way.precision)
            found = np.asarray(session.run(None, {"image": tensor})[0])
            lengths = np.linalg.norm(found, axis=1) * np.linalg.norm(expected, axis=1)
            say(what, rate(lambda session=session: session.run(None, {"image": tensor}), len(tensor)), eager)
            print(f"  {'':32} mean cosine with PyTorch {((found * expected).sum(1) / lengths).mean():.5f}")


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
    parser.add_argument("--vit", action="store_true", help="also ViT-B-16 beside PyTorch (extra train)")
    parser.add_argument("--patents", type=Path, default=os.environ.get("TEST_REAL_PATENTS"))
    arguments, _ = parser.parse_known_args()
    builtin_speed(arguments.threads)
    if arguments.vit:
        vit_speed(arguments.threads)
    encoder = BuiltinEncoder.load(arguments.threads)
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
