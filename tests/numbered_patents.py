"""Drawn patents with reference numerals; run as a program, `numbered_patents.py FOLDER`, it serves them."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from drawn_patents import Library, fill
from ipatent.index import Entry
from ipatent.patents import Box, Numeral
from ipatent.settings import Settings
from ipatent.web import serve
from tiny_encoder import TinyEncoder

NUMERALS = (
    Numeral("12", Box(40, 60, 40, 28)),
    Numeral("99", Box(200, 100, 40, 28)),
    Numeral("14", Box(300, 220, 40, 28)),
    Numeral("12", Box(30, 300, 40, 28)),
)


def with_numerals(folder: Path, patents: int = 1) -> Library:
    """Drawn patents whose second figures have numerals, one of them unknown to the text."""
    encoder = TinyEncoder()
    library = fill(folder, encoder, patents=patents, settings=Settings(data=str(folder), port=0))
    index = library.state.index
    for patent in index.patents():
        figures = tuple(
            replace(figure, numerals=NUMERALS if figure.sheet == 2 else (), type="drawing")
            for figure in index.figures_of(patent.id)
        )
        index.put(
            Entry(
                patent=patent,
                figures=figures,
                image_vectors=encoder.encode_pictures([np.full((64, 64), 255, np.uint8)] * len(figures)),
                caption_vectors=encoder.encode_captions([figure.caption for figure in figures]),
                fingerprint="with numerals",
                sheets=len(figures),
            )
        )
    return library


if __name__ == "__main__":
    state = with_numerals(Path(sys.argv[1]), patents=6).state
    serve(state, on_ready=lambda url: print(f"READY {url}", flush=True))
