"""The ONNX towers against open_clip's own on the same random weights; needs the training extra."""

import sys
import types
import warnings
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drawings import THINGS, draw
from ipatent.encode.clip import ClipEncoder
from ipatent.encode.prepare import planes, square

pytestmark = pytest.mark.training

LEAST_COSINE = 0.9999
CONFIG = {
    "embed_dim": 48,
    "vision_cfg": {"image_size": 64, "layers": 3, "width": 64, "patch_size": 16},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 3},
}
TEXTS = [
    "a drawing of a chair",
    "FIG. 3 is an exploded perspective view of the Carburettor, taken along line A-A;",
    "teething mitten " * 60,
    "",
]


def without_torchvision() -> dict[str, types.ModuleType]:
    """Stand-ins for the parts of torchvision that open_clip imports and the towers never use."""

    class AnyClass(type):
        def __getattr__(cls, name: str) -> Any:
            return Anything.__getattr__(cls, name)

    class Anything(types.ModuleType):
        def __getattr__(self, name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            return AnyClass(name, (), {})

    names = ("torchvision", "torchvision.transforms", "torchvision.transforms.functional", "torchvision.ops")
    names += ("torchvision.ops.misc", "torchvision.datasets", "torchvision.transforms.v2")
    modules = {name: Anything(name) for name in names}
    for name, module in modules.items():
        module.__path__ = []
        module.__spec__ = ModuleSpec(name, None)
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(modules[parent], child, module)
    return modules


@pytest.fixture(scope="module")
def towers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Any, ClipEncoder]]:
    """open_clip's model and tokenizer, and our encoder on an export of them in Immich's layout."""
    for module in ("torch", "onnx", "onnxscript", "transformers"):
        pytest.importorskip(module, reason="the training extra is not installed")
    import torch

    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import torchvision  # noqa: F401
        except (ImportError, OSError, RuntimeError):
            # Absent, or built for another torch than the one installed.
            for name, module in without_torchvision().items():
                patch.setitem(sys.modules, name, module)
        open_clip = pytest.importorskip("open_clip", reason="the training extra is not installed")
        torch.manual_seed(0)
        model = open_clip.CLIP(**CONFIG).eval()
        folder = tmp_path_factory.mktemp("exported")
        export(model, folder)
        tokenizer = open_clip.SimpleTokenizer(context_length=77)
        write_configuration(open_clip, folder)
        yield model, tokenizer, ClipEncoder("exported", folder, threads=1)


def export(model: Any, folder: Path) -> None:
    """Both towers as ONNX with a fixed batch of one, as Immich exports them."""
    import torch

    class Tower(torch.nn.Module):
        def __init__(self, encode: str) -> None:
            super().__init__()
            self.model = model
            self.encode = encode

        def forward(self, value: Any) -> Any:
            return getattr(self.model, self.encode)(value, normalize=True)

    for part, name, encode, example in (
        ("visual", "image", "encode_image", torch.randn(1, 3, 64, 64)),
        ("textual", "text", "encode_text", torch.ones(1, 77, dtype=torch.int32)),
    ):
        (folder / part).mkdir()
        torch.onnx.export(
            Tower(encode).eval(),
            (example,),
            str(folder / part / "model.onnx"),
            input_names=[name],
            output_names=["vector"],
            dynamo=True,
            verbose=False,
        )


def write_configuration(open_clip: Any, folder: Path) -> None:
    """Configuration and tokenizer files; the tokenizer is made from open_clip's own merges."""
    import gzip
    import json

    from transformers import CLIPTokenizer

    (folder / "config.json").write_text(json.dumps(CONFIG))
    preprocess = {
        "size": [64, 64],
        "mean": list(open_clip.OPENAI_DATASET_MEAN),
        "std": list(open_clip.OPENAI_DATASET_STD),
        "interpolation": "bicubic",
        "resize_mode": "shortest",
    }
    (folder / "visual/preprocess_cfg.json").write_text(json.dumps(preprocess))
    tokenizer = open_clip.SimpleTokenizer()
    archive = Path(open_clip.__file__).with_name("bpe_simple_vocab_16e6.txt.gz")
    lines = gzip.decompress(archive.read_bytes()).decode().split("\n")[1 : 49152 - 256 - 2 + 1]
    vocabulary = {
        {"<start_of_text>": "<|startoftext|>", "<end_of_text>": "<|endoftext|>"}.get(word, word): number
        for word, number in tokenizer.encoder.items()
    }
    merges = [tuple(line.split()) for line in lines]
    CLIPTokenizer(vocab=vocabulary, merges=merges).save_pretrained(folder / "textual")


def cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


def test_pictures_have_the_vectors_that_open_clip_gives_them(towers: tuple[Any, Any, ClipEncoder]) -> None:
    import torch

    model, _, encoder = towers
    from PIL import Image

    pictures = [draw(thing) for thing in THINGS]
    squares = np.stack([square(picture, 64, Image.Resampling.BICUBIC) for picture in pictures])
    mean, std = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
    with torch.no_grad():
        theirs = model.encode_image(torch.from_numpy(planes(squares, mean, std)), normalize=True).numpy()
    least = cosines(encoder.encode_pictures(pictures), theirs).min()
    print(f"least cosine of pictures: {least:.7f}")
    assert least > LEAST_COSINE


def test_texts_have_the_vectors_that_open_clip_gives_them(towers: tuple[Any, Any, ClipEncoder]) -> None:
    import torch

    model, tokenizer, encoder = towers
    with torch.no_grad():
        theirs = model.encode_text(tokenizer(TEXTS), normalize=True).numpy()
    least = cosines(encoder.encode_text_as_picture(TEXTS), theirs).min()
    print(f"least cosine of texts: {least:.7f}")
    assert least > LEAST_COSINE


def test_texts_have_the_tokens_that_open_clip_gives_them(towers: tuple[Any, Any, ClipEncoder]) -> None:
    _, tokenizer, encoder = towers
    _, tokens = encoder._text_tower()
    assert np.array_equal(tokens.encode(TEXTS)[0], tokenizer(TEXTS).numpy())
