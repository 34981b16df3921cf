"""What must hold on real patents: they are read, found by their titles, and by drawings cut out of them.

Runs where a folder of published US design patents lies beside the checkout or is named by
TEST_REAL_PATENTS, and is skipped elsewhere.
"""

import io
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ipatent.encode.builtin import BuiltinEncoder
from ipatent.index.embedded import EmbeddedIndex
from ipatent.ingest import IngestSummary, ingest
from ipatent.objects import Objects
from ipatent.pictures import open_picture
from ipatent.query import Example, Query
from ipatent.search import search
from ipatent.settings import Settings

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
PATENTS = Path(os.environ.get("TEST_REAL_PATENTS") or BESIDE) / "design-pdf"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not PATENTS.is_dir(), reason=f"no real patents in {PATENTS}"),
]


class Indexed:
    """The real patents, ingested once for all tests here."""

    def __init__(self, folder: Path) -> None:
        self.encoder = BuiltinEncoder.load(2)
        self.index = EmbeddedIndex.open(folder / "index.sqlite", self.encoder.spec, create=True)
        self.objects = Objects.open(folder / "objects")
        self.summary: IngestSummary = ingest(
            [PATENTS], self.index, self.encoder, folder / "objects", Settings(data=str(folder))
        )

    def first(self, query: Query) -> str:
        return search(query, self.index, self.encoder).hits[0].patent.id


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Indexed]:
    indexed = Indexed(tmp_path_factory.mktemp("real"))
    yield indexed
    indexed.index.close()


def test_every_file_is_indexed_and_none_is_skipped(real: Indexed) -> None:
    files = len(list(PATENTS.glob("*.pdf")))
    assert real.summary.new == files
    assert real.summary.skipped == ()


def test_patents_are_known_by_the_number_in_their_file_name(real: Indexed) -> None:
    named = {path.stem + "S1" for path in PATENTS.glob("USD*.pdf")}
    assert named <= {patent.id for patent in real.index.patents(0, 1000)}


def test_covers_with_a_text_layer_give_title_date_parties_and_classes(real: Indexed) -> None:
    readable = [p for p in real.index.patents(0, 1000) if p.number]
    for name in ("title", "published", "filed", "applicants", "inventors", "classifications", "captions"):
        with_it = sum(bool(getattr(patent, name)) for patent in readable)
        assert with_it >= 0.95 * len(readable), name


def test_nearly_every_figure_has_its_label(real: Indexed) -> None:
    figures = [f for p in real.index.patents(0, 1000) for f in real.index.figures_of(p.id)]
    assert sum(bool(figure.labels) for figure in figures) >= 0.95 * len(figures)


def test_nearly_every_figure_of_a_read_patent_has_its_caption(real: Indexed) -> None:
    figures = [f for p in real.index.patents(0, 1000) if p.captions for f in real.index.figures_of(p.id)]
    assert sum(bool(figure.caption) for figure in figures) >= 0.9 * len(figures)


def test_a_printed_title_finds_its_patent_first(real: Indexed) -> None:
    titled = [p for p in real.index.patents(0, 1000) if p.title]
    found = sum(real.first(Query(text=patent.title, k=5)) == patent.id for patent in titled)
    assert len(titled) >= 0.95 * len(list(PATENTS.glob("USD*.pdf")))
    assert found >= 0.9 * len(titled)


def test_a_drawing_cut_out_enlarged_turned_and_saved_as_jpeg_finds_its_patent_first(real: Indexed) -> None:
    rng = np.random.default_rng(0)
    tried = found = 0
    for patent in real.index.patents(0, 1000):
        figures = real.index.figures_of(patent.id)
        figure = figures[int(rng.integers(len(figures)))]
        sheet = open_picture(real.objects.get(figure.sheet_image), 100_000_000)
        query = open_picture(_photocopied(Image.fromarray(figure.box.cut(sheet))), 100_000_000)
        tried += 1
        found += real.first(Query(examples=(Example(query),), k=5)) == patent.id
    assert tried == real.summary.new
    assert found >= 0.9 * tried


def _photocopied(drawing: Image.Image) -> bytes:
    """Enlarged by 30 %, turned by 2 degrees, saved as a middling JPEG."""
    size = (round(drawing.width * 1.3), round(drawing.height * 1.3))
    grey = drawing.convert("L").resize(size, Image.Resampling.BICUBIC)
    turned = grey.rotate(2, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    stream = io.BytesIO()
    turned.save(stream, "JPEG", quality=75)
    return stream.getvalue()
