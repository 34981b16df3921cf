"""Fine-tuning a CLIP image tower, a tiny one: it learns, goes on where it stopped, is exported as it is."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from drawings import THINGS, draw
from ipatent.encode.choice import open_encoder
from ipatent.encode.prepare import planes, square
from ipatent.settings import Settings
from test_encode_parity import without_torchvision

pytestmark = pytest.mark.training

TRAINING = Path(__file__).parents[1] / "training"
CONFIG = {
    "embed_dim": 32,
    "vision_cfg": {"image_size": 48, "layers": 2, "width": 64, "patch_size": 16},
    "text_cfg": {"context_length": 16, "vocab_size": 100, "width": 32, "heads": 2, "layers": 1},
}
Finetune = Callable[..., Path]


@pytest.fixture(scope="module")
def finetune_clip() -> Iterator[Any]:
    """The script, as a module."""
    for module in ("torch", "onnx", "onnxscript"):
        pytest.importorskip(module, reason="the training extra is not installed")
    with pytest.MonkeyPatch.context() as patch:
        try:
            import torchvision  # noqa: F401
        except (ImportError, OSError, RuntimeError):
            for name, module in without_torchvision().items():
                patch.setitem(sys.modules, name, module)
        pytest.importorskip("open_clip", reason="the training extra is not installed")
        patch.syspath_prepend(str(TRAINING))
        import finetune_clip

        yield finetune_clip


@pytest.fixture(scope="module")
def patents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve patents of four drawings each, one folder a patent, and a tiny model beside them."""
    folder = tmp_path_factory.mktemp("patents")
    (folder / "tiny.json").write_text(json.dumps(CONFIG))
    for number in range(12):
        thing = sorted(THINGS)[number % len(THINGS)]
        picture = Image.fromarray(draw(thing)).convert("L")
        for view in range(4):
            turned = picture.rotate(25 * (number // len(THINGS)) + 6 * view, fillcolor=255)
            path = folder / "images" / f"p{number:02}" / f"{view}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            turned.resize((160, 160)).save(path)
    return folder


@pytest.fixture(scope="module")
def finetune(finetune_clip: Any, patents: Path) -> Finetune:
    def run(out: Path, *options: str) -> Path:
        finetune_clip.main(
            [
                *("--images", str(patents / "images"), "--held", "0.3", "--out", str(out)),
                *("--model", str(patents / "tiny.json"), "--size", "48", "--steps", "12", "--warm", "2"),
                *("--patents", "6", "--each", "3", "--rate", "2e-3", "--every", "6", "--shares", "0.5,1"),
                *("--squares", str(patents / "squares"), *options),
            ]
        )
        return out

    return run


def curve(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "curve.jsonl").read_text().splitlines()]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "options",
    [
        ("--loss", "both", "--pool", "model"),
        ("--loss", "supcon", "--pool", "gem", "--accumulate", "2", "--checkpointing"),
        ("--loss", "arcface", "--pool", "attention", "--precision", "full"),
    ],
)
def test_the_loss_falls_and_the_export_is_the_tower(
    finetune: Finetune, tmp_path: Path, options: tuple[str, ...]
) -> None:
    out = finetune(tmp_path / "run", *options, "--steps", "24")
    lines = curve(out)
    assert lines[-1]["loss"] < lines[1]["loss"]
    told = json.loads((out / "recipe.json").read_text())
    assert told["largest gap to torch"] < 1e-3
    encoder = open_encoder(Settings(encoder=f"local-dir:{out / 'export'}", threads=1))
    assert encoder.spec.image_dim == 32
    vectors = encoder.encode_pictures([draw(thing) for thing in THINGS])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.filterwarnings("ignore")
def test_the_product_gives_the_vectors_of_the_tower_that_was_trained(
    finetune: Finetune, finetune_clip: Any, tmp_path: Path, patents: Path
) -> None:
    import torch

    out = finetune(tmp_path / "run", "--shares", "1", "--precision", "full")
    tower, told = finetune_clip.open_tower(str(patents / "tiny.json"), "", 48, "model", False)
    tower.load_state_dict(torch.load(out / "state.pt", weights_only=True)["tower"])
    encoder = open_encoder(Settings(encoder=f"local-dir:{out / 'export'}", threads=1))
    mean, std = (tuple(told["preprocess"][name]) for name in ("mean", "std"))
    pictures = [draw(thing) for thing in THINGS]
    squares = np.stack([square(picture, 48, finetune_clip.RESAMPLING["bicubic"]) for picture in pictures])
    with torch.no_grad():
        expected = tower.eval()(torch.from_numpy(planes(squares, mean, std))).numpy()
    assert np.abs(encoder.encode_pictures(pictures) - expected).max() < 1e-3


@pytest.mark.filterwarnings("ignore")
def test_a_run_that_was_broken_off_comes_to_the_same_weights_bit_for_bit(
    finetune: Finetune, tmp_path: Path
) -> None:
    import torch

    whole = finetune(tmp_path / "whole", "--accumulate", "2")
    finetune(tmp_path / "broken", "--accumulate", "2", "--until", "5")
    assert not (tmp_path / "broken/export").exists()
    again = finetune(tmp_path / "broken", "--accumulate", "2")
    first, second = (torch.load(run / "state.pt", weights_only=True) for run in (whole, again))
    assert first["step"] == second["step"] == 12
    for name, tensor in first["tower"].items():
        assert torch.equal(tensor, second["tower"][name]), name


@pytest.mark.filterwarnings("ignore")
def test_another_recipe_does_not_go_on_in_the_same_folder(finetune: Finetune, tmp_path: Path) -> None:
    finetune(tmp_path / "run", "--until", "1")
    with pytest.raises(SystemExit, match="of another recipe"):
        finetune(tmp_path / "run", "--until", "2", "--rate", "1e-3")


def test_lower_layers_learn_more_slowly_and_new_parts_fastest(finetune_clip: Any, patents: Path) -> None:
    tower, _ = finetune_clip.open_tower(str(patents / "tiny.json"), "", 48, "gem", False)
    made = finetune_clip.groups(tower, 1.0, 0.5, 0.05)
    rates = {id(p): group["peak"] for group in made for p in group["params"]}
    named = dict(tower.named_parameters())
    stem, first, second, new = (
        rates[id(named[name])]
        for name in (
            "visual.conv1.weight",
            "visual.transformer.resblocks.0.attn.in_proj_weight",
            "visual.transformer.resblocks.1.attn.in_proj_weight",
            "project.weight",
        )
    )
    assert (stem, first, second, new) == (0.125, 0.25, 0.5, 1.0)
    assert len(rates) == len(named)


@pytest.mark.filterwarnings("ignore")
def test_lists_as_deeppatent_writes_them_say_what_is_trained_on(
    finetune: Finetune, patents: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, numbers in (("train.txt", range(8)), ("val.txt", range(8, 12))):
        lines = [f"p{n:02}/{view}.png {n}" for n in numbers for view in range(4)]
        (tmp_path / name).write_text("\n".join(lines))
    lists = ("--train-list", str(tmp_path / "train.txt"), "--val-list", str(tmp_path / "val.txt"))
    finetune(tmp_path / "run", *lists, "--until", "1")
    said = capsys.readouterr().out
    assert "Training on: 32 drawings of 8 patents" in said
    assert "held back: 16 drawings of 4 patents" in said


@pytest.mark.filterwarnings("ignore")
def test_two_processes_train_one_tower(finetune_clip: Any, patents: Path, tmp_path: Path) -> None:
    program = (
        "import sys; sys.path[:0] = [r'{tests}', r'{training}']\n"
        "from test_encode_parity import without_torchvision\n"
        "try:\n    import torchvision\nexcept Exception:\n    sys.modules.update(without_torchvision())\n"
        "import torch; torch.set_num_threads(1); import finetune_clip as f\n"
        "moved = f.Training.move\n"
        "def told(self, batches):\n"
        "    loss = moved(self, batches)\n"
        "    print(sum(p.double().sum().item() for p in self.tower.parameters()), flush=True)\n"
        "    return loss\n"
        "f.Training.move = told\n"
        "f.main(sys.argv[1:])\n"
    ).format(tests=TRAINING.parent / "tests", training=TRAINING)
    script = tmp_path / "both.py"
    script.write_text(program)
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--nproc-per-node",
        "2",
        "--standalone",
        str(script),
    ]
    command += ["--images", str(patents / "images"), "--held", "0.3", "--out", str(tmp_path / "run")]
    command += ["--model", str(patents / "tiny.json"), "--size", "48", "--steps", "2", "--warm", "1"]
    command += ["--patents", "4", "--each", "3", "--shares", "1", "--squares", str(patents / "squares")]
    said = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert said.returncode == 0, said.stderr[-2000:]
    sums = [line for line in said.stdout.splitlines() if line.replace(".", "").replace("-", "").isdigit()]
    assert len(sums) == 4
    assert len(set(sums)) == 2
    assert (tmp_path / "run/export/visual/model.onnx").is_file()
