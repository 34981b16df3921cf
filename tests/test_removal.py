"""Deleting a patent takes its drawings off the disk, and no others."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drawn_patents import fill
from ipatent.backup import backup, open_source, restore
from ipatent.check import Options, check
from ipatent.errors import NotFound
from ipatent.index import Entry
from ipatent.index.embedded import EmbeddedIndex
from ipatent.objects import Objects
from ipatent.opening import open_index, open_objects
from ipatent.removal import remove_patent
from ipatent.settings import Settings
from library_files import made
from servers import QdrantServer, qdrant
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


SCRIPT = """
import sys, time
from ipatent.index.qdrant_store import Store
from ipatent.objects import Objects
from ipatent.opening import open_index, open_objects
from ipatent.removal import remove_patent
from ipatent.settings import Settings
def hang(*told):
    print("begun", flush=True)
    time.sleep(60)
if sys.argv[1] == "objects":
    Objects.delete = hang
else:
    Store.remove = hang
settings = Settings(data=sys.argv[2], index=sys.argv[3])
remove_patent("USD900000S1", open_index(settings), open_objects(settings))
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QdrantServer]:
    with qdrant(tmp_path_factory.mktemp("qdrant")) as running:
        yield running


@pytest.mark.parametrize("where", ["file", "objects", "points"])
def test_a_killed_removal_is_completed_by_a_check(
    tmp_path: Path, where: str, request: pytest.FixtureRequest
) -> None:
    settings = made(tmp_path / "data", patents=2)
    with EmbeddedIndex.open(tmp_path / "data/index.sqlite") as index:
        index.forget_source("3.x:aa")
    if where != "file":
        backup(str(tmp_path / "one.tar"), settings)
        server: QdrantServer = request.getfixturevalue("server")
        settings = Settings(data=str(tmp_path / "served"), index=f"qdrant://{server.node}/{where}")
        restore(open_source(str(tmp_path / "one.tar"), settings), settings)
    broken_off = "points" if where == "points" else "objects"
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, broken_off, settings.data, settings.index],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "begun\n"
    process.kill()
    process.wait()
    process.stdout.close()
    with closing(open_index(settings)) as left:
        assert left.fingerprint("USD900000S1") is None
        assert left.fingerprint("USD900001S1") is not None
    options = Options(older_than=-60)
    assert not check(settings, options).sound
    mended = check(settings, options, mend=True)
    assert mended.sound
    assert (mended.patents, mended.figures) == (1, 5)
    assert sum(1 for _ in open_objects(settings).each()) == 15


def test_a_removed_document_counts_as_never_ingested(tmp_path: Path) -> None:
    library = fill(tmp_path, TinyEncoder(), patents=2)
    index = library.state.index
    index.mark_source("drawn-0", '{"patent": "USD900000S1"}')
    index.mark_source("drawn-1", '{"patent": "USD900001S1"}')
    remove_patent("USD900000S1", index, library.state.objects)
    assert list(index.sources()) == ["drawn-1"]
    library.state.close()
