"""All figures encoded anew: from the stored drawings, in the place of the old index, at the last moment."""

import itertools
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pytest

from drawn_patents import fill
from ipatent.encode import Encoder
from ipatent.encode.builtin import BuiltinEncoder
from ipatent.encode.classic import ClassicEncoder
from ipatent.errors import NotFound
from ipatent.index.embedded import EmbeddedIndex
from ipatent.objects import Objects
from ipatent.patents import Pixels, Vectors
from ipatent.reencode import re_encode
from tiny_encoder import TinyEncoder

PIXELS = 10_000_000


class TowerEncoder(TinyEncoder):
    """The tiny encoder in another version, which counts what it encodes and may break off."""

    def __init__(self, stop_after: int = 10**9) -> None:
        super().__init__(text_tower=True)
        self.encoded = 0
        self.stop_after = stop_after

    def encode_pictures(self, pictures: Sequence[Pixels]) -> Vectors:
        if self.encoded >= self.stop_after:
            raise KeyboardInterrupt
        self.encoded += len(pictures)
        return super().encode_pictures(pictures)


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Path]:
    """The path of an index of four patents of five figures each, filled by the tiny encoder."""
    library = fill(tmp_path, TinyEncoder(), patents=4)
    library.state.index.mark_source("key", '{"patent": "USD900000S1"}')
    library.state.close()
    return tmp_path / "index.sqlite"


def run(path: Path, encoder: Encoder) -> int:
    return re_encode(path, encoder, Objects.open(path.parent / "objects"), PIXELS)


def snapshot(path: Path) -> list[object]:
    with EmbeddedIndex.open(path) as index:
        figures = [figure for patent in index.patents() for figure in index.figures_of(patent.id)]
        return [
            index.status().encoder,
            figures,
            [index.image_vector(figure.id).tobytes() for figure in figures],
            [
                (patent, index.fingerprint(patent.id), index.sheets_of(patent.id))
                for patent in index.patents()
            ],
            index.sources(),
        ]


def test_the_built_in_encoder_takes_over_an_index_that_another_filled(filled: Path) -> None:
    encoder = BuiltinEncoder.load(2)
    before = snapshot(filled)
    assert run(filled, encoder) == 20
    after = snapshot(filled)
    assert after[0] == encoder.spec
    assert (after[1], after[3], after[4]) == (before[1], before[3], before[4])
    with EmbeddedIndex.open(filled, encoder.spec) as index:
        figure = index.figures_of("USD900002S1")[1]
        vector = index.image_vector(figure.id)
        assert vector.shape == (1, encoder.spec.image_dim)
        (best,) = index.figures_at(index.nearest_images(vector, 1).rows)
        assert best[0].id == figure.id
        assert len(index.nearest_captions(encoder.encode_captions(["garden"]), 100).rows) == 20
    assert not list(filled.parent.glob("*.new*"))


def test_a_run_that_was_broken_off_goes_on_and_the_old_index_serves_until_then(filled: Path) -> None:
    before = snapshot(filled)
    with pytest.raises(KeyboardInterrupt):
        run(filled, TowerEncoder(stop_after=8))
    assert snapshot(filled) == before
    encoder = TowerEncoder()
    assert run(filled, encoder) == 20
    assert encoder.encoded == 10
    assert snapshot(filled)[0] == encoder.spec


def test_what_changed_meanwhile_is_not_lost(filled: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(filled, TowerEncoder(stop_after=10))
    with EmbeddedIndex.open(filled) as index:
        index.delete("USD900000S1")
    assert run(filled, TowerEncoder()) == 15
    with EmbeddedIndex.open(filled) as index:
        assert [patent.id for patent in index.patents()] == [f"USD90000{n}S1" for n in (1, 2, 3)]


def test_a_patent_stored_while_the_others_are_encoded_is_encoded_too(filled: Path, tmp_path: Path) -> None:
    other = fill(tmp_path / "other", TinyEncoder(), patents=5)
    late = other.state.index.patent("USD900004S1")
    figures = other.state.index.figures_of(late.id)
    other.state.close()
    from ipatent.index import Entry

    objects = Objects.open(tmp_path / "objects")
    for figure in figures:
        for name in (figure.image, figure.sheet_image, figure.thumbnail):
            objects.put(other.state.objects.get(name))
    tiny = TinyEncoder()
    pictures = np.full((len(figures), tiny.spec.image_dim), 0.125, np.float32)
    captions = tiny.encode_captions([figure.caption for figure in figures])

    class Late(TowerEncoder):
        def encode_captions(self, texts: Sequence[str]) -> Vectors:
            if self.encoded == 20:
                with EmbeddedIndex.open(filled, tiny.spec) as index:
                    index.put(Entry(late, figures, pictures, captions, "late", 5))
            return super().encode_captions(texts)

    assert run(filled, Late()) == 25
    with EmbeddedIndex.open(filled) as index:
        assert late in index.patents()


def test_a_missing_drawing_is_named_and_the_old_index_stays_as_it_was(filled: Path) -> None:
    before = snapshot(filled)
    with EmbeddedIndex.open(filled) as index:
        figure = index.figures_of("USD900001S1")[2]
    objects = Objects.open(filled.parent / "objects")
    drawing = objects.get(figure.image)
    objects.delete(figure.image)
    with pytest.raises(NotFound, match=r"The drawing of USD900001S1/3/1 is missing.*or delete USD900001S1"):
        run(filled, TowerEncoder())
    assert snapshot(filled) == before
    objects.put(drawing)
    assert run(filled, TowerEncoder()) == 20


def test_a_reader_that_has_the_index_open_finds_the_new_vectors_next(filled: Path) -> None:
    encoder = BuiltinEncoder.load(2)
    with EmbeddedIndex.open(filled) as reader:
        figure = reader.figures_of("USD900002S1")[1]
        assert reader.image_vector(figure.id).shape == (1, TinyEncoder().spec.image_dim)
        run(filled, encoder)
        assert reader.status().encoder == encoder.spec
        assert reader.image_vector(figure.id).shape == (1, encoder.spec.image_dim)


def test_a_server_answers_all_the_time_and_goes_over_to_the_new_encoder(tmp_path: Path) -> None:
    first, second = ClassicEncoder.load("hog"), ClassicEncoder.load("ahdh")
    fill(tmp_path, first, patents=4).state.close()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IPATENT_")}
    command = [sys.executable, "-m", "ipatent", "serve", "--data", str(tmp_path), "--port", "0"]
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    done = threading.Event()
    answers: list[tuple[int, str]] = []

    def ask(url: str) -> None:
        queries = itertools.cycle(("like=USD900000S1/1/1", "q=garden", "like=USD900001S1/2/1&q=chair"))
        while not done.is_set():
            with urlopen(f"{url}/search.json?{next(queries)}", timeout=60) as answer:
                body = json.load(answer)
                assert body["hits"]
                answers.append((answer.status, body["encoder"]))

    try:
        assert server.stdout
        url = next(found[0] for line in server.stdout if (found := re.search(r"http://\S+", line)))
        with ThreadPoolExecutor(2) as threads:
            asking = [threads.submit(ask, url.rstrip("/")) for _ in range(2)]
            try:
                for wanted, encoder in ((5, second), (30, first)):
                    while len(answers) < wanted and not any(each.done() for each in asking):
                        time.sleep(0.02)
                    assert run(tmp_path / "index.sqlite", encoder) == 20
                    before = len(answers)
                    while len(answers) < before + 6 and not any(each.done() for each in asking):
                        time.sleep(0.02)
            finally:
                done.set()
            for each in asking:
                each.result()
        with urlopen(f"{url.rstrip('/')}/readyz", timeout=60) as answer:
            assert answer.status == 200
    finally:
        server.terminate()
        server.wait(20)
        server.stdout.close()
    names = [name for _, name in answers]
    assert names[0] == names[-1] == "hog"
    assert "ahdh" in names
