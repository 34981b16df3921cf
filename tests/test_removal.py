"""Deleting a patent takes its drawings off the disk, and no others."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drawn_patents import fill
from ipatent.errors import NotFound
from ipatent.index import Entry
from ipatent.index.embedded import EmbeddedIndex
from ipatent.objects import Objects
from ipatent.removal import remove_patent
from tiny_encoder import TinyEncoder

BLANK = np.full((20, 20), 255, np.uint8)


def test_the_drawings_go_with_the_patent_except_those_that_others_show(tmp_path: Path) -> None:
    encoder = TinyEncoder()
    library = fill(tmp_path, encoder, patents=2)
    library.state.close()
    objects = Objects.open(tmp_path / "objects")
    with EmbeddedIndex.open(tmp_path / "index.sqlite", encoder.spec) as index:
        first, second = (patent.id for patent in index.patents())
        gone, kept = index.figures_of(first), index.figures_of(second)
        shared = replace(kept[0], id=f"{second}/9/1", sheet=9, image=gone[0].image)
        index.put(
            Entry(
                patent=index.patent(second),
                figures=(*kept, shared),
                image_vectors=encoder.encode_pictures([BLANK] * (len(kept) + 1)),
                caption_vectors=encoder.encode_captions(["x"] * (len(kept) + 1)),
                fingerprint="again",
                sheets=9,
            )
        )
        assert remove_patent(first, index, objects) == len(gone)
        assert objects.exists(gone[0].image)
        assert not objects.exists(gone[1].image)
        assert not objects.exists(gone[1].thumbnail)
        assert all(objects.exists(figure.image) for figure in kept)
        with pytest.raises(NotFound):
            remove_patent(first, index, objects)
