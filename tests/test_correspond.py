"""Which regions of two drawings correspond, found by the built-in image model."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from PIL import Image, ImageDraw

from drawn_patents import draw
from ipatent.correspond import correspondence
from ipatent.encode.builtin import ASSETS, IMAGE_MODEL, SIZE
from ipatent.encode.prepare import square
from ipatent.encode.spatial import LAYER, SpatialEncoder, with_output
from ipatent.errors import EncoderError
from ipatent.patents import Box, Pixels


@pytest.fixture(scope="module")
def encoder() -> SpatialEncoder:
    return SpatialEncoder.load(1)


def machine(seed: int = 0) -> Pixels:
    """A drawing with much to tell places apart by: (900, 1200) uint8."""
    dice = np.random.default_rng(seed)
    sheet = Image.new("L", (1200, 900), 255)
    pen = ImageDraw.Draw(sheet)
    for _ in range(26):
        x, y = (int(v) for v in dice.integers(60, (1000, 700)))
        w, h = (int(v) for v in dice.integers(40, 190, 2))
        kind = dice.integers(3)
        if kind == 0:
            pen.rectangle((x, y, x + w, y + h), outline=0, width=4)
        elif kind == 1:
            pen.ellipse((x, y, x + w, y + h), outline=0, width=4)
        else:
            pen.line((x, y, x + w, y + h), fill=0, width=4)
    return np.asarray(sheet)


def test_a_cut_out_corresponds_to_the_place_it_was_cut_from(encoder: SpatialEncoder) -> None:
    whole = machine()
    cut = Box(500, 300, 560, 460)
    found = correspondence(*encoder.encode([cut.cut(whole), whole]))
    assert found.regions
    for region in found.regions:
        here = Box(cut.x + region.first.x, cut.y + region.first.y, region.first.width, region.first.height)
        there = region.second
        assert abs(here.x + here.width / 2 - there.x - there.width / 2) < 70
        assert abs(here.y + here.height / 2 - there.y - there.height / 2) < 70


def test_the_same_drawing_corresponds_nearly_everywhere(encoder: SpatialEncoder) -> None:
    drawing = machine(1)
    found = correspondence(*encoder.encode([drawing, drawing.copy()]))
    assert found.matches >= 60
    assert all(region.first == region.second and region.likeness > 0.99 for region in found.regions)
    assert found.first.values.max() == 1.0


def test_unrelated_drawings_have_no_region_in_common(encoder: SpatialEncoder) -> None:
    wheel, lines = draw(9, 0), np.full((600, 500), 255, np.uint8)
    lines[100:500, 240:252] = 0
    found = correspondence(*encoder.encode([wheel, lines]))
    assert found.regions == ()
    assert found.first.values.max() == found.second.values.max() == 0.0


def test_a_blank_picture_corresponds_to_nothing(encoder: SpatialEncoder) -> None:
    blank = np.full((300, 400), 255, np.uint8)
    found = correspondence(*encoder.encode([blank, machine()]))
    assert (found.regions, found.matches, found.share) == ((), 0, 0.0)


def test_regions_lie_inside_both_pictures_and_are_the_same_every_time(encoder: SpatialEncoder) -> None:
    one, other = draw(3, 0), draw(3, 1, 400, 700)
    first, second = (correspondence(*encoder.encode([one, other])) for _ in range(2))
    assert first.regions == second.regions
    for region in first.regions:
        assert region.first.within(700, 560)
        assert region.second.within(400, 700)


def test_asking_for_local_features_leaves_the_vectors_of_the_index_as_they_are() -> None:
    path = ASSETS / IMAGE_MODEL
    squares = square(machine(), SIZE)[None, None]
    plain = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    both = onnxruntime.InferenceSession(
        with_output(path.read_bytes(), LAYER), providers=["CPUExecutionProvider"]
    )
    vectors, places = both.run(None, {"pictures": squares})
    assert np.array_equal(vectors, plain.run(None, {"pictures": squares})[0])
    assert places.shape == (1, 112, 24, 24)


def test_a_model_without_that_layer_is_refused_with_advice(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes((ASSETS / IMAGE_MODEL).read_bytes().replace(LAYER.encode(), b"_blocks.10.som"))
    with pytest.raises(EncoderError, match="tells no local features") as refused:
        SpatialEncoder.load(1, path)
    assert refused.value.advice
