"""Write the tiny random CLIP of the tests, in the layout of Immich's exports.

It has the inputs, outputs and files of a real export and a few thousand random weights: a visual
tower that takes one 32-pixel picture at a time, and a textual tower with a context of 16 tokens.

    python training/make_tiny_clip.py [--out FOLDER]
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

OUT = Path(__file__).parents[1] / "tests/data/tiny-clip"
SIZE, CONTEXT, WIDTH, DIMENSION = 32, 16, 24, 20
WORDS = "a drawing of the chair stool bicycle gear bottle lamp view perspective front".split()


def save(
    path: Path, nodes: list[onnx.NodeProto], weights: dict[str, np.ndarray], inputs: list, outputs: list
) -> None:
    """Check and write one model."""
    graph = helper.make_graph(
        nodes, path.parent.name, inputs, outputs, [numpy_helper.from_array(v, k) for k, v in weights.items()]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="ipatent")
    model.ir_version = 8
    onnx.checker.check_model(model, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString(deterministic=True))


def visual(path: Path, dice: np.random.Generator) -> None:
    """Patches of 8 pixels, a rectifier, the mean over patches, a projection; a fixed batch of one."""
    weights = {
        "patch": dice.normal(0, 0.1, (WIDTH, 3, 8, 8)).astype(np.float32),
        "project": dice.normal(0, 1, (WIDTH, DIMENSION)).astype(np.float32),
    }
    nodes = [
        helper.make_node("Conv", ["image", "patch"], ["patches"], strides=[8, 8]),
        helper.make_node("Relu", ["patches"], ["active"]),
        helper.make_node("GlobalAveragePool", ["active"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"]),
        helper.make_node("MatMul", ["flat", "project"], ["embedding"]),
    ]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, SIZE, SIZE])
    embedding = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, DIMENSION])
    save(path, nodes, weights, [image], [embedding])


def textual(path: Path, vocabulary: int, dice: np.random.Generator) -> None:
    """The sum of token vectors, zeros for padding, and a projection; a fixed batch of one."""
    table = dice.normal(0, 1, (vocabulary, WIDTH)).astype(np.float32)
    table[0] = 0
    weights = {"table": table, "project": dice.normal(0, 1, (WIDTH, DIMENSION)).astype(np.float32)}
    weights["axis"] = np.array([1], np.int64)
    nodes = [
        helper.make_node("Gather", ["table", "text"], ["tokens"]),
        helper.make_node("ReduceSum", ["tokens", "axis"], ["sum"], keepdims=0),
        helper.make_node("MatMul", ["sum", "project"], ["embedding"]),
    ]
    text = helper.make_tensor_value_info("text", TensorProto.INT32, [1, CONTEXT])
    embedding = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, DIMENSION])
    save(path, nodes, weights, [text], [embedding])


def tokenizer() -> Tokenizer:
    """Whole words between CLIP's start and end marks."""
    vocabulary = {word: number for number, word in enumerate(["!", "<|unknown|>", *WORDS])}
    for mark in ("<|startoftext|>", "<|endoftext|>"):
        vocabulary[mark] = len(vocabulary)
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="<|unknown|>"))
    words.normalizer = normalizers.Lowercase()
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.post_processor = processors.TemplateProcessing(
        single="<|startoftext|> $A <|endoftext|>",
        special_tokens=[(mark, vocabulary[mark]) for mark in ("<|startoftext|>", "<|endoftext|>")],
    )
    return words


def main() -> None:
    """Write all files of the layout."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT)
    out = parser.parse_args().out
    dice = np.random.default_rng(0)
    visual(out / "visual/model.onnx", dice)
    words = tokenizer()
    textual(out / "textual/model.onnx", words.get_vocab_size(), dice)
    words.save(str(out / "textual/tokenizer.json"))
    preprocess = {
        "size": [SIZE, SIZE],
        "mode": "RGB",
        "mean": [0.48145466, 0.4578275, 0.40821073],
        "std": [0.26862954, 0.26130258, 0.27577711],
        "interpolation": "bicubic",
        "resize_mode": "shortest",
        "fill_color": 0,
    }
    config = {
        "embed_dim": DIMENSION,
        "vision_cfg": {"image_size": SIZE, "layers": 1, "width": WIDTH, "patch_size": 8},
        "text_cfg": {"context_length": CONTEXT, "vocab_size": words.get_vocab_size(), "width": WIDTH},
    }
    for path, content in (
        ("visual/preprocess_cfg.json", preprocess),
        ("config.json", config),
        ("textual/tokenizer_config.json", {"pad_token": "<|endoftext|>"}),
    ):
        (out / path).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
