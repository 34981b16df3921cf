"""The built-in encoder: what its vectors promise to a search."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from drawings import THINGS, as_jpeg, draw, on_page, rotated
from ipatent.encode.builtin import ASSETS, BuiltinEncoder
from ipatent.errors import EncoderError


@pytest.fixture(scope="module")
def encoder() -> BuiltinEncoder:
    return BuiltinEncoder.load(threads=2)


@pytest.fixture(scope="module")
def originals(encoder: BuiltinEncoder) -> np.ndarray:
    return encoder.encode_pictures([draw(thing) for thing in THINGS])


def test_vectors_have_the_promised_shape_and_length(encoder: BuiltinEncoder, originals: np.ndarray) -> None:
    assert originals.shape == (len(THINGS), encoder.spec.image_dim) == (len(THINGS), 1280)
    assert originals.dtype == np.float32
    assert np.allclose(np.linalg.norm(originals, axis=1), 1, atol=1e-5)
    assert encoder.encode_pictures([]).shape == (0, 1280)


def test_a_drawing_on_a_larger_page_has_nearly_the_same_vector(
    encoder: BuiltinEncoder, originals: np.ndarray
) -> None:
    pages = [on_page(draw(thing), 3300, 2560, top=400, left=1200) for thing in THINGS]
    assert ((encoder.encode_pictures(pages) * originals).sum(1) > 0.9999).all()


def test_a_drawing_turned_enlarged_and_saved_as_jpeg_is_nearest_to_its_source(
    encoder: BuiltinEncoder, originals: np.ndarray
) -> None:
    queries = []
    for thing in THINGS:
        turned = Image.fromarray(rotated(draw(thing), 2))
        queries.append(as_jpeg(np.asarray(turned.resize((1500, 1500), Image.Resampling.BICUBIC))))
    scores = encoder.encode_pictures(queries) @ originals.T
    assert scores.argmax(1).tolist() == list(range(len(THINGS)))
    assert (np.diag(scores) > 0.85).all()


def test_a_small_screenshot_is_nearest_to_its_source(encoder: BuiltinEncoder, originals: np.ndarray) -> None:
    queries = [as_jpeg(draw(thing, side=300)) for thing in THINGS]
    scores = encoder.encode_pictures(queries) @ originals.T
    assert scores.argmax(1).tolist() == list(range(len(THINGS)))


def test_thin_lines_and_thick_lines_of_one_drawing_are_nearer_than_two_drawings(
    encoder: BuiltinEncoder, originals: np.ndarray
) -> None:
    thin = encoder.encode_pictures([draw(thing, width=1) for thing in THINGS])
    scores = thin @ originals.T
    assert scores.argmax(1).tolist() == list(range(len(THINGS)))


def test_what_else_is_in_the_batch_makes_no_difference(encoder: BuiltinEncoder) -> None:
    pictures = [draw(thing) for thing in THINGS] * 3
    together = encoder.encode_pictures(pictures)
    alone = np.concatenate([encoder.encode_pictures([picture]) for picture in pictures])
    assert np.abs(together - alone).max() < 1e-4


def test_several_threads_get_the_same_vectors_as_one(encoder: BuiltinEncoder, originals: np.ndarray) -> None:
    def encode(_: int) -> np.ndarray:
        return encoder.encode_pictures([draw(thing) for thing in THINGS])

    with ThreadPoolExecutor(4) as pool:
        for vectors in pool.map(encode, range(4)):
            assert np.abs(vectors - originals).max() < 1e-4


def test_a_blank_picture_has_the_vector_of_white_paper(encoder: BuiltinEncoder) -> None:
    blank = encoder.encode_pictures([np.full((50, 70), 255, np.uint8), np.full((1, 5000), 200, np.uint8)])
    assert np.allclose(np.linalg.norm(blank, axis=1), 1, atol=1e-5)
    assert np.abs(blank[0] - blank[1]).max() < 1e-5


@pytest.mark.parametrize("shape", [(1, 5000), (5000, 1), (1, 1)])
def test_extreme_shapes_are_encoded(encoder: BuiltinEncoder, shape: tuple[int, int]) -> None:
    vector = encoder.encode_pictures([np.zeros(shape, np.uint8)])
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_related_words_are_nearer_than_unrelated_ones(encoder: BuiltinEncoder) -> None:
    chair, stool, carburettor = encoder.encode_captions(["chair", "stool", "carburettor"])
    assert chair @ stool > chair @ carburettor + 0.2


def test_the_wording_of_captions_counts_less_than_what_they_show(encoder: BuiltinEncoder) -> None:
    query, right, wrong = encoder.encode_captions(
        [
            "teething mitten",
            "FIG. 1 is a front perspective view of a mitten for a teething baby, showing our new design",
            "FIG. 1 is a front perspective view of a carburettor, showing our new design",
        ]
    )
    assert query @ right > query @ wrong + 0.3


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "...", "?!"])
def test_text_without_words_has_a_zero_vector(encoder: BuiltinEncoder, text: str) -> None:
    assert not encoder.encode_captions([text]).any()


def test_captions_have_unit_vectors_whatever_is_in_them(encoder: BuiltinEncoder) -> None:
    texts = ["Stuhl", "椅子", "chair " + "x" * 100_000, "a\x00b chair", "\ud800 chair", "chair " * 5000]
    vectors = encoder.encode_captions(texts)
    assert vectors.shape == (len(texts), encoder.spec.caption_dim) == (len(texts), 256)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert encoder.encode_captions([]).shape == (0, 256)


def test_words_cannot_be_compared_with_pictures_and_the_error_says_what_can(encoder: BuiltinEncoder) -> None:
    assert not encoder.spec.has_text_tower
    with pytest.raises(EncoderError, match=r"--encoder ViT-B-16/laion400m_e32"):
        encoder.encode_text_as_picture(["chair"])


def test_equal_weights_have_equal_specs_and_changed_ones_do_not(
    encoder: BuiltinEncoder, tmp_path: Path
) -> None:
    folder = tmp_path / "assets"
    shutil.copytree(ASSETS, folder)
    assert BuiltinEncoder.load(threads=1, folder=folder).spec == encoder.spec
    model = folder / "efficientnet-lite0-gem.onnx"
    model.write_bytes(model.read_bytes().replace(b"ipatent", b"IPATENT", 1))
    assert BuiltinEncoder.load(threads=1, folder=folder).spec.weights != encoder.spec.weights


@pytest.mark.parametrize(
    "name", ["efficientnet-lite0-gem.onnx", "minilm-static.npz", "minilm-static-tokenizer.json"]
)
@pytest.mark.parametrize("damage", ["missing", "empty", "cut"])
def test_missing_and_damaged_files_are_named(tmp_path: Path, name: str, damage: str) -> None:
    folder = tmp_path / "assets"
    shutil.copytree(ASSETS, folder)
    if damage == "missing":
        (folder / name).unlink()
    else:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(b"" if damage == "empty" else content[: len(content) // 2])
    with pytest.raises(EncoderError, match="Install iPatent again"):
        BuiltinEncoder.load(threads=1, folder=folder)


def test_the_package_data_stays_within_its_size() -> None:
    def size(pattern: str) -> int:
        return sum(path.stat().st_size for path in ASSETS.glob(pattern))

    assert size("*.onnx") <= 12_000_000
    assert size("minilm-static*") <= 10_000_000
