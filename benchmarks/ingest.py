"""How fast patents are read and indexed: `python -m benchmarks.ingest [--patents DIR] [--runs 3]`.

Prints the median of several runs over real patents (a folder with `design-pdf/`, by `--patents` or
TEST_REAL_PATENTS) or, without them, over 40 generated ones; then the seconds of each step in one process,
as shares of their sum, and the ratio of the whole to decoding the pages alone (the baseline).
"""

import argparse
import os
import tempfile
import time
from pathlib import Path
from statistics import median

import pypdfium2 as pdfium

from ipatent.encode.builtin import BuiltinEncoder
from ipatent.index.embedded import EmbeddedIndex
from ipatent.ingest import encode_pictures, ingest, limits_of
from ipatent.patents import Sheet
from ipatent.pictures import encode_png, encode_thumbnail
from ipatent.sample import generate
from ipatent.settings import Settings
from ipatent.sheets import cut_figures
from ipatent.sources.pdf import read_pdf


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patents", type=Path, default=os.environ.get("TEST_REAL_PATENTS"))
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    encoder = BuiltinEncoder.load(os.cpu_count() or 1)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        if options.patents:
            folder = Path(options.patents) / "design-pdf"
        else:
            folder = scratch / "sample"
            generate(folder, 40, 0)
        files = sorted(folder.glob("*.pdf"))
        seconds = []
        for run in range(options.runs):
            data = scratch / f"run{run}"
            with EmbeddedIndex.open(data / "index.sqlite", encoder.spec, create=True) as index:
                summary = ingest([folder], index, encoder, data / "objects", Settings(data=str(data)))
            seconds.append(summary.seconds)
        print(
            f"{len(files)} PDFs, {summary.sheets} sheets, {summary.figures} figures"
            f" in {median(seconds):.1f} s"
            f" (median of {options.runs}; {summary.figures / median(seconds):.1f} figures/s)"
        )
        _steps(files[:20], encoder, median(seconds) / summary.sheets)


def _steps(files: list[Path], encoder: BuiltinEncoder, per_sheet: float) -> None:
    """Where the time goes, in this process alone."""
    spent = dict.fromkeys(("decode pages", "read text, find sheets", "cut", "write", "encode"), 0.0)
    limits = limits_of(Settings())
    sheets = 0

    for path in files:
        started = time.perf_counter()
        document = read_pdf(path, limits)
        found = [sheet for sheet in document.sheets() if isinstance(sheet, Sheet)]
        spent["read text, find sheets"] += time.perf_counter() - started
        started = time.perf_counter()
        pdf = pdfium.PdfDocument(path)
        for sheet in found:
            pdf[(sheet.page or 1) - 1].render(scale=2550 / 612, grayscale=True).to_numpy()
        pdf.close()
        spent["decode pages"] += time.perf_counter() - started
        for sheet in found:
            sheets += 1
            started = time.perf_counter()
            figures = cut_figures(sheet)
            spent["cut"] += time.perf_counter() - started
            started = time.perf_counter()
            encode_png(sheet.pixels)
            pngs = [encode_png(figure.pixels) for figure in figures]
            for figure in figures:
                encode_thumbnail(figure.pixels, 320)
            spent["write"] += time.perf_counter() - started
            started = time.perf_counter()
            encode_pictures(pngs, encoder, limits.sheet_pixels)
            spent["encode"] += time.perf_counter() - started
    baseline = spent.pop("decode pages")
    spent["read text, find sheets"] -= baseline
    total = sum(spent.values()) + baseline
    print(f"per sheet, one process: {total / sheets * 1000:.0f} ms, of which", end=" ")
    print(
        f"decode pages {baseline / total:.0%},", ", ".join(f"{k} {v / total:.0%}" for k, v in spent.items())
    )
    print(f"whole ingest / decoding alone, per sheet: {per_sheet / (baseline / sheets):.1f}")


if __name__ == "__main__":
    main()
