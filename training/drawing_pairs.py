"""Drawings with the group that each belongs to, for training the image encoder: read once, kept in a folder.

    ipatent sample generated --patents 1800 --seed 7
    python training/drawing_pairs.py generated --out drawings/generated
    python training/drawing_pairs.py ~/design-patents --out drawings/real

Patents are read as the product reads them: headers and labels off, cut into figures, turned upright,
cut to the ink, on a square of 400 pixels. Drawings of one patent belong together, and where the
generator told it (`*.truth.json` beside the PDF), drawings of one family. The folder then holds
`drawings.npy` (n, 400, 400) uint8, `drawings.json` with group, kind and patent of each, and a part
for each patent that was read, so that a run that was broken off goes on.
"""

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt

SIDE = 400
Squares = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Drawings:
    """Squares (n, side, side) with the group, the kind of thing and the patent of each."""

    squares: Squares
    groups: tuple[str, ...]
    kinds: tuple[str, ...]
    patents: tuple[str, ...]


def load(folder: Path) -> Drawings:
    """What `prepare` left in `folder`; the squares stay on the disk until they are looked at."""
    told = json.loads((folder / "drawings.json").read_text())
    return Drawings(
        np.load(folder / "drawings.npy", mmap_mode="r"),
        tuple(told["groups"]),
        tuple(told["kinds"]),
        tuple(told["patents"]),
    )


def prepare(source: Path, out: Path, processes: int) -> int:
    """Read every PDF in `source` into `out`; how many drawings there are. What cannot be read is told."""
    parts = out / "parts"
    parts.mkdir(parents=True, exist_ok=True)
    files = sorted(source.glob("*.pdf"))
    if not files:
        raise SystemExit(f"There is no PDF in {source}.")
    missing = [file for file in files if not (parts / f"{file.stem}.npy").exists()]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for done, said in enumerate(pool.map(partial(_read, parts), missing), 1):
            if said:
                print(said, flush=True)
            if done % 50 == 0:
                print(f"{done}/{len(missing)} read", flush=True)
    return _join(files, parts, out)


def _read(parts: Path, file: Path) -> str:
    """Leaves the squares of one patent in `parts`; what went wrong, or nothing."""
    # Here, so that a machine that only trains needs nothing of the reading.
    from ipatent.encode.prepare import square
    from ipatent.errors import IPatentError
    from ipatent.ingest import limits_of
    from ipatent.settings import Settings
    from ipatent.sheets import cut_figures
    from ipatent.sources import BrokenSheet
    from ipatent.sources.pdf import read_pdf

    squares: list[Squares] = []
    said = ""
    try:
        for sheet in read_pdf(file, limits_of(Settings())).sheets():
            if isinstance(sheet, BrokenSheet):
                said = f"{file.name}: {sheet.name} is left out: {sheet.reason}"
            else:
                squares.extend(square(cut.pixels, SIDE) for cut in cut_figures(sheet))
    except IPatentError as error:
        said = f"{file.name} is left out: {error}"
    partial_file = parts / f".{file.stem}.npy"
    np.save(partial_file, np.array(squares, np.uint8).reshape(-1, SIDE, SIDE))
    partial_file.replace(parts / f"{file.stem}.npy")
    return said


def _join(files: list[Path], parts: Path, out: Path) -> int:
    counts = [len(np.load(parts / f"{file.stem}.npy", mmap_mode="r")) for file in files]
    groups: list[str] = []
    kinds: list[str] = []
    patents: list[str] = []
    joined = np.lib.format.open_memmap(
        out / "drawings.npy", mode="w+", dtype=np.uint8, shape=(sum(counts), SIDE, SIDE)
    )
    for file, count in zip(files, counts, strict=True):
        joined[len(groups) : len(groups) + count] = np.load(parts / f"{file.stem}.npy")
        truth = file.with_suffix(".truth.json")
        told = json.loads(truth.read_text()) if truth.exists() else {}
        groups += [told.get("family", file.stem)] * count
        kinds += [told.get("kind", "")] * count
        patents += [file.stem] * count
    joined.flush()
    (out / "drawings.json").write_text(json.dumps({"groups": groups, "kinds": kinds, "patents": patents}))
    return len(groups)


def main() -> None:
    """Prepare a folder of patents."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="folder of PDFs")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    print(f"{prepare(given.source, given.out, given.processes)} drawings in {given.out}")


if __name__ == "__main__":
    main()
