"""CLIP-family models in Immich's layout, here a tiny one with random weights."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from drawings import draw
from ipatent.encode.builtin import BuiltinEncoder
from ipatent.encode.choice import open_encoder
from ipatent.encode.clip import ClipEncoder
from ipatent.encode.matching import check_encoder
from ipatent.encode.models import DEFAULT, FLAT, MODELS, Layout
from ipatent.encode.tokens import TextTokens, clean
from ipatent.errors import EncoderError, EncoderMismatch
from ipatent.settings import Settings

TINY = Path(__file__).parent / "data/tiny-clip"


@pytest.fixture(scope="module")
def encoder() -> ClipEncoder:
    return ClipEncoder("tiny", TINY, threads=1)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    shutil.copytree(TINY, folder)
    return folder


def opened(folder: Path) -> ClipEncoder:
    encoder = open_encoder(Settings(encoder=f"local-dir:{folder}", threads=1))
    assert isinstance(encoder, ClipEncoder)
    return encoder


def test_pictures_and_texts_come_into_one_space(encoder: ClipEncoder) -> None:
    pictures = encoder.encode_pictures([draw("chair"), draw("gear"), draw("lamp")])
    texts = encoder.encode_text_as_picture(["a chair", "front view of the gear"])
    assert pictures.shape == (3, 20)
    assert texts.shape == (2, 20)
    for vectors in (pictures, texts):
        assert vectors.dtype == np.float32
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert encoder.encode_pictures([]).shape == (0, 20)
    assert encoder.encode_text_as_picture([]).shape == (0, 20)


def test_captions_use_the_built_in_sentence_embedding(encoder: ClipEncoder) -> None:
    builtin = BuiltinEncoder.load(threads=1)
    texts = ["a folding chair", ""]
    assert encoder.spec.caption_dim == builtin.spec.caption_dim
    assert np.array_equal(encoder.encode_captions(texts), builtin.encode_captions(texts))


def test_an_export_that_takes_one_picture_at_a_time_takes_many(encoder: ClipEncoder) -> None:
    pictures = [draw("chair"), draw("gear"), draw("lamp")]
    alone = np.concatenate([encoder.encode_pictures([picture]) for picture in pictures])
    assert np.array_equal(encoder.encode_pictures(pictures), alone)


def test_several_threads_may_load_the_text_tower_at_once() -> None:
    encoder = ClipEncoder("tiny", TINY, threads=1)
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(lambda _: encoder.encode_text_as_picture(["a chair"]), range(16)))
    assert all(np.array_equal(row, rows[0]) for row in rows)


def test_a_long_text_is_cut_but_keeps_its_end_mark() -> None:
    tokens = TextTokens.load(
        TINY / "textual/tokenizer.json", TINY / "textual/tokenizer_config.json", {}, context=16
    )
    ids, mask = tokens.encode(["chair " * 100, "chair"])
    assert ids.shape == mask.shape == (2, 16)
    end = tokens.tokenizer.token_to_id("<|endoftext|>")
    assert ids[0, -1] == end
    assert ids[1].tolist()[2:] == [end, *[0] * 13]
    assert mask[1].sum() == 3


def test_siglip_text_loses_case_and_punctuation_and_clip_text_keeps_them() -> None:
    assert clean("  FIG. 1: the_Chair's  &amp; leg ", canonical=True) == "fig 1 the chairs leg"
    assert clean("  FIG. 1: the_Chair's  &amp; leg ", canonical=False) == "FIG. 1: the_Chair's & leg"


def test_a_padding_token_of_the_tokenizer_is_used_where_the_model_was_trained_with_it(copy: Path) -> None:
    (copy / "textual/tokenizer_config.json").write_text(json.dumps({"pad_token": {"content": "lamp"}}))
    tokens = TextTokens.load(
        copy / "textual/tokenizer.json",
        copy / "textual/tokenizer_config.json",
        {"hf_tokenizer_name": "somebody/some-tokenizer"},
        context=16,
    )
    ids, _ = tokens.encode(["chair"])
    assert ids[0, -1] == tokens.tokenizer.token_to_id("lamp")


def test_a_model_without_a_text_tower_serves_pictures_only(copy: Path) -> None:
    shutil.rmtree(copy / "textual")
    encoder = opened(copy)
    assert not encoder.spec.has_text_tower
    assert encoder.encode_pictures([draw("gear")]).shape == (1, 20)
    with pytest.raises(EncoderError, match="without a text tower"):
        encoder.encode_text_as_picture(["gear"])


def test_changed_weights_change_the_spec_and_are_refused_for_the_index(copy: Path) -> None:
    before = opened(copy).spec
    model = copy / "visual/model.onnx"
    model.write_bytes(model.read_bytes().replace(b"ipatent", b"IPATENT", 1))
    after = opened(copy).spec
    assert after.weights != before.weights
    with pytest.raises(EncoderMismatch, match="ipatent ingest --re-encode"):
        check_encoder(before, after)


def test_a_folder_that_was_moved_still_matches_its_index(copy: Path, tmp_path: Path) -> None:
    before = opened(copy).spec
    copy.rename(tmp_path / "moved")
    check_encoder(before, opened(tmp_path / "moved").spec)


def test_the_normalisation_in_the_models_own_file_is_used(copy: Path) -> None:
    before = opened(copy).encode_pictures([draw("gear")])
    settings = json.loads((copy / "visual/preprocess_cfg.json").read_text())
    (copy / "visual/preprocess_cfg.json").write_text(
        json.dumps(settings | {"mean": [0, 0, 0], "std": [1, 1, 1]})
    )
    assert not np.allclose(opened(copy).encode_pictures([draw("gear")]), before, atol=1e-3)


def test_the_flat_layout_of_other_exports_is_read(copy: Path, tmp_path: Path) -> None:
    flat = tmp_path / "flat"
    flat.mkdir()
    shutil.copy(copy / "visual/model.onnx", flat / FLAT.visual)
    shutil.copy(copy / "textual/model.onnx", flat / FLAT.textual)
    shutil.copy(copy / "textual/tokenizer.json", flat)
    configuration = {
        "model_cfg": json.loads((copy / "config.json").read_text()),
        "preprocess_cfg": json.loads((copy / "visual/preprocess_cfg.json").read_text()),
    }
    (flat / "open_clip_config.json").write_text(json.dumps(configuration))
    a, b = opened(copy), opened(flat)
    assert np.array_equal(a.encode_pictures([draw("gear")]), b.encode_pictures([draw("gear")]))
    assert np.array_equal(a.encode_text_as_picture(["gear"]), b.encode_text_as_picture(["gear"]))


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        ("visual/model.onnx", b"not a model", "may be damaged"),
        ("visual/model.onnx", b"", "empty"),
        ("visual/preprocess_cfg.json", b"{", "damaged"),
        ("visual/preprocess_cfg.json", b"[]", "damaged"),
        ("visual/preprocess_cfg.json", b'{"size": [64, 64]}', "64 pixels"),
        ("visual/preprocess_cfg.json", b'{"size": 32, "std": [0, 0, 0]}', "makes no sense"),
        ("visual/preprocess_cfg.json", b'{"size": "big"}', "what size"),
        ("config.json", b'{"embed_dim"', "damaged"),
    ],
)
def test_damaged_files_are_named(copy: Path, path: str, content: bytes, message: str) -> None:
    (copy / path).write_bytes(content)
    with pytest.raises(EncoderError, match=message):
        opened(copy)


@pytest.mark.parametrize("path", ["textual/model.onnx", "textual/tokenizer.json"])
def test_a_damaged_text_tower_is_named_when_it_is_used(copy: Path, path: str) -> None:
    (copy / path).write_bytes(b"damaged")
    with pytest.raises(EncoderError, match="damaged"):
        opened(copy).encode_text_as_picture(["gear"])


def test_a_folder_without_a_model_is_refused_and_the_files_it_needs_are_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"has no model in it.*visual/model\.onnx"):
        opened(tmp_path)
    with pytest.raises(EncoderError, match="does not exist"):
        opened(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["", "vit", "Builtin", "ViT-B-16/laion400m_e99"])
def test_an_unknown_encoder_is_refused_with_a_list_of_the_known_ones(name: str) -> None:
    with pytest.raises(EncoderError) as caught:
        open_encoder(Settings(encoder=name))
    for known in ("auto", "builtin", *MODELS, "hf:OWNER/REPOSITORY", "local-dir:PATH"):
        assert known in caught.value.advice


def test_the_models_by_name_cover_the_paper_siglip_mobileclip_and_a_multilingual_one() -> None:
    assert MODELS[DEFAULT].repository == "immich-app/ViT-B-16__laion400m_e32"
    for word in ("SigLIP2", "MobileCLIP", "XLM-Roberta"):
        assert any(word in name for name in MODELS)
    for name, model in MODELS.items():
        assert model.name == name
        assert len(model.mean) == len(model.std) == 3
        assert model.licence


def test_weights_beside_a_model_belong_to_it_and_exports_for_other_runtimes_do_not() -> None:
    assert Layout().wants("visual/model.onnx_data")
    assert Layout().wants("textual/onnx__MatMul_2187")
    assert FLAT.wants("visual.onnx.data")
    for path in ("README.md", "visual/model.armnn", "visual/fp16/model.onnx", "textual/vocab.json", "x.onnx"):
        assert not Layout().wants(path)
        assert not FLAT.wants(path)
