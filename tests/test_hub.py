"""Models from a hub: download, resume, checks, and what is said when the hub fails."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ipatent.encode import hub as hub_module
from ipatent.encode.choice import choose, open_encoder
from ipatent.encode.models import DEFAULT, MODELS
from ipatent.errors import EncoderError, EncoderMismatch
from ipatent.settings import Settings
from stand_in_hub import Hub, serve

TINY = Path(__file__).parent / "data/tiny-clip"
REPOSITORY = MODELS[DEFAULT].repository


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The tiny CLIP served under the name of the default model, beside files nobody needs."""
    folder = tmp_path / "served"
    shutil.copytree(TINY, folder)
    (folder / "README.md").write_text("about")
    (folder / "visual/model.armnn").write_bytes(b"other runtime")
    (folder / "visual/fp16").mkdir()
    (folder / "visual/fp16/model.armnn").write_bytes(b"other runtime")
    with serve(REPOSITORY, folder) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.address)
        monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        yield served


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=str(tmp_path / "data"), threads=1)


def named(settings: Settings, encoder: str) -> Settings:
    return replace(settings, encoder=encoder)


def picture() -> np.ndarray:
    pixels = np.full((90, 120), 255, np.uint8)
    pixels[20:70:10, 10:110] = 0
    return pixels


def test_a_model_named_is_downloaded_once_and_encodes_like_the_same_files_in_a_folder(
    hub: Hub, settings: Settings
) -> None:
    encoder = open_encoder(named(settings, DEFAULT))
    local = open_encoder(named(settings, f"local-dir:{TINY}"))
    assert np.array_equal(encoder.encode_pictures([picture()]), local.encode_pictures([picture()]))
    assert np.array_equal(
        encoder.encode_text_as_picture(["a chair"]), local.encode_text_as_picture(["a chair"])
    )
    hub.requests.clear()
    open_encoder(named(settings, DEFAULT))
    assert hub.requests == []


def test_only_the_files_that_the_model_needs_are_fetched(hub: Hub, settings: Settings) -> None:
    open_encoder(named(settings, DEFAULT))
    fetched = {
        path.split("/resolve/")[1].split("/", 1)[1] for _, path, _ in hub.requests if "/resolve/" in path
    }
    assert fetched == {
        "config.json",
        "textual/model.onnx",
        "textual/tokenizer.json",
        "textual/tokenizer_config.json",
        "visual/model.onnx",
        "visual/preprocess_cfg.json",
    }


def test_any_repository_of_that_layout_can_be_named(hub: Hub, settings: Settings) -> None:
    encoder = open_encoder(named(settings, f"hf:{REPOSITORY}"))
    assert encoder.spec.name == f"hf:{REPOSITORY}"
    assert encoder.spec.image_dim == 20
    assert encoder.spec.has_text_tower


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client writes every 512 bytes instead of every 10 MB, and does not wait between attempts."""
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 512)
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda _: None)


def test_an_interrupted_download_goes_on_where_it_stopped(
    hub: Hub, settings: Settings, small_chunks: None
) -> None:
    hub.budget = 2000
    with pytest.raises(EncoderError, match=r"could not be downloaded.*go on where it stopped"):
        open_encoder(named(settings, DEFAULT))
    hub.budget = None
    hub.requests.clear()
    encoder = open_encoder(named(settings, DEFAULT))
    assert hub.gets("textual/model.onnx") == ["bytes=1536-"]
    assert encoder.encode_text_as_picture(["chair"]).shape == (1, 20)
    assert not list(settings.models_dir.rglob("*.part"))


def test_a_connection_that_breaks_off_now_and_then_still_brings_the_whole_model(
    hub: Hub, settings: Settings, small_chunks: None
) -> None:
    hub.cut_after = 2500
    encoder = open_encoder(named(settings, DEFAULT))
    assert encoder.spec.image_dim == 20
    assert hub.gets("visual/model.onnx")[1:]


@pytest.mark.parametrize("name", ["visual/model.onnx", "config.json"])
def test_a_file_with_a_wrong_checksum_is_named_and_removed(hub: Hub, settings: Settings, name: str) -> None:
    hub.spoil = name
    with pytest.raises(EncoderError, match=f"{name} .*checksum"):
        open_encoder(named(settings, DEFAULT))
    assert not (hub_module.folder_of(settings.models_dir, REPOSITORY) / name).exists()
    hub.spoil = ""
    assert open_encoder(named(settings, DEFAULT)).spec.image_dim == 20


def test_a_repository_that_does_not_exist_is_named(hub: Hub, settings: Settings) -> None:
    with pytest.raises(EncoderError, match="no repository nobody/nothing"):
        open_encoder(named(settings, "hf:nobody/nothing"))


def test_a_repository_of_another_layout_is_refused_before_anything_is_fetched(
    hub: Hub, settings: Settings
) -> None:
    (hub.folder / "visual/model.onnx").unlink()
    with pytest.raises(EncoderError, match=r"has no visual/model\.onnx"):
        open_encoder(named(settings, DEFAULT))
    assert not [path for _, path, _ in hub.requests if "/resolve/" in path]


@pytest.mark.parametrize("name", ["hf:", "hf:alone", "hf:a/b/c", "hf:../etc", "hf:a/"])
def test_a_name_that_is_no_repository_is_refused(settings: Settings, name: str) -> None:
    with pytest.raises(EncoderError, match="OWNER/REPOSITORY"):
        open_encoder(named(settings, name))


def test_an_unreachable_hub_leads_to_advice_for_sites_without_a_network(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(EncoderError, match=r"cannot be reached.*local-dir:PATH"):
        open_encoder(named(settings, DEFAULT))


def test_auto_falls_back_within_the_time_limit_when_the_hub_is_slow(
    hub: Hub, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module.look_up, "__defaults__", (0.3,))
    hub.delay = 20
    said: list[str] = []
    begun = time.monotonic()
    encoder = open_encoder(settings, ask=lambda _: True, say=said.append)
    assert time.monotonic() - begun < hub.delay / 2
    assert encoder.spec.name == "builtin"
    assert "did not answer within 0.3 seconds" in said[-1]


def test_the_hub_has_five_seconds_to_answer() -> None:
    assert hub_module.ANSWER_SECONDS == 5
    assert hub_module.look_up.__defaults__ == (5,)


def test_auto_downloads_when_the_user_agrees_to_the_size(hub: Hub, settings: Settings) -> None:
    asked: list[str] = []
    said: list[str] = []
    encoder = open_encoder(settings, ask=lambda text: not asked.append(text), say=said.append)
    assert encoder.spec.name == DEFAULT
    assert "1 MB" in asked[0]
    assert said[-1] == f"Encoder: {DEFAULT}, just downloaded."
    assert open_encoder(settings, say=said.append).spec.name == DEFAULT
    assert "on disk" in said[-1]


def test_auto_takes_the_built_in_encoder_when_the_user_declines(hub: Hub, settings: Settings) -> None:
    said: list[str] = []
    encoder = open_encoder(settings, ask=lambda _: False, say=said.append)
    assert encoder.spec.name == "builtin"
    assert "declined" in said[-1]
    assert not [path for _, path, _ in hub.requests if "/resolve/" in path]


def test_auto_without_anyone_to_ask_never_goes_to_the_network(hub: Hub, settings: Settings) -> None:
    said: list[str] = []
    assert open_encoder(settings, say=said.append).spec.name == "builtin"
    assert f"--encoder {DEFAULT}" in said[-1]
    assert hub.requests == []


def test_auto_says_when_weights_on_disk_are_damaged(hub: Hub, settings: Settings) -> None:
    open_encoder(named(settings, DEFAULT))
    model = hub_module.folder_of(settings.models_dir, REPOSITORY) / "visual/model.onnx"
    model.write_bytes(model.read_bytes()[:-10])
    said: list[str] = []
    assert open_encoder(settings, say=said.append).spec.name == "builtin"
    assert "damaged" in said[-1]
    with pytest.raises(EncoderError, match=r"damaged.*Delete the folder"):
        open_encoder(named(settings, DEFAULT))


def test_auto_on_a_filled_index_takes_the_encoder_that_filled_it(hub: Hub, settings: Settings) -> None:
    builtin = open_encoder(named(settings, "builtin")).spec
    clip = open_encoder(named(settings, DEFAULT)).spec
    assert choose(settings, builtin).spec == builtin
    assert choose(settings, clip).spec == clip
    assert choose(settings, None).spec == clip


def test_auto_on_a_filled_index_never_downloads(hub: Hub, settings: Settings, tmp_path: Path) -> None:
    clip = open_encoder(named(settings, DEFAULT)).spec
    hub.requests.clear()
    elsewhere = replace(settings, data=str(tmp_path / "elsewhere"))
    with pytest.raises(EncoderError, match=f"filled by {DEFAULT}, which cannot be opened"):
        choose(elsewhere, clip, ask=lambda _: True)
    assert hub.requests == []


def test_another_encoder_than_the_index_was_filled_by_is_an_error_that_names_both(
    hub: Hub, settings: Settings
) -> None:
    builtin = open_encoder(named(settings, "builtin")).spec
    with pytest.raises(EncoderMismatch) as caught:
        choose(named(settings, DEFAULT), builtin)
    assert "builtin" in caught.value.message
    assert DEFAULT in caught.value.message
    assert "ipatent ingest --re-encode" in caught.value.advice
