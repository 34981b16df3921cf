"""What runs the picture model: measured once, refused where its vectors differ, replaced where it fails."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drawings import draw
from ipatent.encode import Encoder, measuring, runtimes
from ipatent.encode.choice import open_encoder
from ipatent.encode.matching import check_encoder
from ipatent.encode.measuring import FILE_NAME, measured
from ipatent.encode.runtimes import RuntimeFailed, Session
from ipatent.errors import EncoderError, EncoderMismatch
from ipatent.settings import Settings

TINY = Path(__file__).parent / "data/tiny-clip"
PICTURES = [draw("chair"), draw("gear"), draw("lamp")]
needs_openvino = pytest.mark.skipif(find_spec("openvino") is None, reason="OpenVINO is not installed")


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measuring takes no time to speak of."""
    monkeypatch.setattr(measuring, "SECONDS", 0.01)


def opened(models: Path, encoder: str = f"local-dir:{TINY}", **more: Any) -> tuple[Encoder, list[str]]:
    said: list[str] = []
    settings = Settings(encoder=encoder, threads=1, models=str(models), **more)
    return open_encoder(settings, say=said.append), said


class Stand:
    """A runtime that is ONNX Runtime, but turns its vectors about, or fails when `broken`."""

    def __init__(self, path: Path, turn: float = 1.0) -> None:
        self.below = runtimes.open_onnxruntime(path, 1)
        self.turn = turn
        self.broken = False

    def get_inputs(self) -> Sequence[Any]:
        return self.below.get_inputs()

    def get_outputs(self) -> Sequence[Any]:
        return self.below.get_outputs()

    def run(self, output_names: Sequence[str] | None, input_feed: Mapping[str, Any]) -> Sequence[Any]:
        if self.broken:
            raise RuntimeError("the card is gone")
        return [value * self.turn for value in self.below.run(output_names, input_feed)]


def stand_in(monkeypatch: pytest.MonkeyPatch, session: Session) -> None:
    """Say that OpenVINO is installed, and give `session` for it."""
    monkeypatch.setattr(runtimes, "installed", lambda: ("onnxruntime", "openvino"))
    monkeypatch.setattr(runtimes, "open_in", lambda *_: session)


def test_nothing_is_measured_unless_it_is_asked_for(tmp_path: Path) -> None:
    _, said = opened(tmp_path)
    assert not (tmp_path / FILE_NAME).exists()
    assert not any("Runtime" in line for line in said)


@needs_openvino
def test_auto_measures_once_and_says_what_it_took(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, _ = opened(tmp_path)
    encoder, said = opened(tmp_path, runtime="auto")
    (kept,) = measured(tmp_path, encoder.spec.weights)
    assert set(kept.rates) == {"onnxruntime", "openvino"}
    assert f"Runtime: {kept.taken} (" in said[0]
    monkeypatch.setattr(measuring, "_measure", None)
    again, repeated = opened(tmp_path, runtime="auto")
    assert repeated == said
    assert encoder.spec == plain.spec == again.spec


@needs_openvino
@pytest.mark.parametrize("name", ["builtin", f"local-dir:{TINY}"])
def test_openvino_gives_the_same_vectors_from_several_threads(tmp_path: Path, name: str) -> None:
    plain, _ = opened(tmp_path, name)
    other, said = opened(tmp_path, name, runtime="openvino")
    assert "Runtime: openvino" in said[0]
    assert other.spec == plain.spec
    expected = plain.encode_pictures(PICTURES)
    with ThreadPoolExecutor(3) as pool:
        rows = list(pool.map(lambda picture: other.encode_pictures([picture])[0], PICTURES))
    assert np.abs(np.stack(rows) - expected).max() < 1e-3


@needs_openvino
def test_openvino_reports_nothing_to_its_makers() -> None:
    if find_spec("openvino_telemetry") is None:
        pytest.skip("the package that reports is not installed")
    program = (
        "import sys; from pathlib import Path; from ipatent.encode.runtimes import open_in;"
        f"open_in('openvino', Path({str(TINY / 'visual/model.onnx')!r}), 1);"
        "assert 'openvino' in sys.modules;"
        "print([n for n in sys.modules if n.startswith('openvino_telemetry') and sys.modules[n]])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"


@needs_openvino
def test_vectors_of_half_the_digits_are_of_another_version(tmp_path: Path) -> None:
    plain, _ = opened(tmp_path)
    half, _ = opened(tmp_path, precision="bf16")
    likeness = (plain.encode_pictures(PICTURES) * half.encode_pictures(PICTURES)).sum(1)
    assert likeness.min() > 0.99
    with pytest.raises(EncoderMismatch) as refused:
        check_encoder(half.spec, plain.spec)
    assert "--set precision=bf16" in refused.value.advice
    with pytest.raises(EncoderMismatch) as refused:
        check_encoder(plain.spec, half.spec)
    assert "--set precision=full" in refused.value.advice


def test_a_runtime_that_gives_other_vectors_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Stand(TINY / "visual/model.onnx", turn=-1.0)
    stand_in(monkeypatch, session)
    for runtime in ("auto", "openvino"):
        encoder, said = opened(tmp_path, runtime=runtime)
        assert "Runtime: onnxruntime" in said[0]
        assert "not openvino: its vectors differ, mean cosine -1.0" in said[0]
        assert np.array_equal(
            encoder.encode_pictures(PICTURES), opened(tmp_path)[0].encode_pictures(PICTURES)
        )


def test_a_runtime_that_fails_at_work_is_replaced_and_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Stand(TINY / "visual/model.onnx")
    stand_in(monkeypatch, session)
    encoder, said = opened(tmp_path, runtime="openvino")
    expected = encoder.encode_pictures(PICTURES)
    session.broken = True
    for _ in range(2):
        assert np.array_equal(encoder.encode_pictures(PICTURES), expected)
    assert [line for line in said if "failed" in line] == [
        "Runtime openvino failed: the card is gone. onnxruntime goes on instead."
    ]


def test_a_runtime_that_fails_at_half_the_digits_is_not_replaced_by_one_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Stand(TINY / "visual/model.onnx")
    stand_in(monkeypatch, session)
    encoder, _ = opened(tmp_path, precision="bf16")
    session.broken = True
    with pytest.raises(EncoderError, match="Nothing here runs the model in bf16"):
        encoder.encode_pictures(PICTURES)


def test_a_runtime_that_cannot_be_opened_is_said_and_measured_anew_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Session:
        raise RuntimeFailed("its libraries are missing")

    monkeypatch.setattr(runtimes, "installed", lambda: ("onnxruntime", "cuda"))
    monkeypatch.setattr(runtimes, "open_in", fail)
    _, said = opened(tmp_path, runtime="cuda")
    assert said[0].endswith("not cuda: its libraries are missing).")
    assert not (tmp_path / FILE_NAME).exists()


@pytest.mark.parametrize("name", ["cuda", "tensorrt"])
def test_a_runtime_that_is_not_installed_is_said_with_the_way_to_it(tmp_path: Path, name: str) -> None:
    if name in runtimes.installed():
        pytest.skip(f"{name} is installed")
    encoder, said = opened(tmp_path, runtime=name)
    assert said[0].startswith(f"Runtime {name} is not installed (pip install onnxruntime-gpu")
    assert encoder.encode_pictures(PICTURES).shape == (3, 20)


def test_half_the_digits_without_openvino_is_an_error_that_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtimes, "installed", lambda: ("onnxruntime",))
    with pytest.raises(EncoderError) as refused:
        opened(tmp_path, precision="bf16")
    assert "ipatent[openvino]" in refused.value.advice


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', '{"a": {"taken": "openvino"}}', "\xff"])
def test_damaged_measurements_are_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    stand_in(monkeypatch, Stand(TINY / "visual/model.onnx"))
    (tmp_path / FILE_NAME).write_text(content, encoding="latin-1")
    opened(tmp_path, runtime="auto")
    (kept,) = json.loads((tmp_path / FILE_NAME).read_text()).values()
    assert kept["model"] == f"local-dir:{TINY}"
