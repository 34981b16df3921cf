"""Local features of a drawing: what the built-in image model sees at each place of it, before pooling.

They come from the middle of the network, where each of 24 x 24 places sees its surroundings and is
still told apart from its neighbours (`docs/evidence.md` compares the depths). The model's file does not
name them as an output; they are named when it is loaded, so that the file, its hash and the vectors
that an index holds stay as they are. Any encoder may have filled the index.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from ipatent.encode.builtin import ASSETS, IMAGE_MODEL, SIZE
from ipatent.encode.files import REINSTALL, read_asset
from ipatent.encode.prepare import Placement, placed_square
from ipatent.encode.session import thread_count
from ipatent.errors import EncoderError
from ipatent.patents import Pixels

LAYER = "_blocks.10.sum"
"""The node whose output is taken; `training/export_image_encoder.py` names it so."""
GRID = 24
"""Places along each side of the square."""
_INK = 0.01
"""The least share of ink that a place must hold to have features."""


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """The places of a drawing that hold ink.

    `features` (n, d) are float32 unit rows; `x` and `y` (n,) the columns and rows of the grid;
    `placement` leads from there back to the picture of `width` and `height` pixels.
    """

    features: npt.NDArray[np.float32]
    x: npt.NDArray[np.int64]
    y: npt.NDArray[np.int64]
    placement: Placement
    width: int
    height: int

    def __len__(self) -> int:
        return len(self.x)

    @property
    def side(self) -> float:
        """The side of a place in pixels of the picture."""
        return SIZE / GRID / self.placement.scale

    @property
    def left(self) -> float:
        """Where the grid begins, in pixels of the picture; it may begin outside."""
        return self.placement.left - self.placement.across / self.placement.scale

    @property
    def top(self) -> float:
        """Where the grid begins from above."""
        return self.placement.top - self.placement.down / self.placement.scale


@dataclass(frozen=True, slots=True, eq=False)
class SpatialEncoder:
    """Pictures to local features; safe to call from several threads."""

    session: onnxruntime.InferenceSession

    @classmethod
    def load(cls, threads: int = 0, path: Path = ASSETS / IMAGE_MODEL) -> "SpatialEncoder":
        """Open the built-in model; 0 threads means one per core.

        Raises EncoderError when the file is missing, damaged, or of another architecture.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = thread_count(threads)
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        data = with_output(read_asset(path), LAYER)
        try:
            session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            # ONNX Runtime's exceptions share no public base class but Exception.
            reason = " ".join(str(error).split())[:200]
            raise EncoderError(
                f"The model {path} tells no local features, so regions cannot be compared: {reason}.",
                REINSTALL,
            ) from None
        return cls(session)

    def encode(self, pictures: Sequence[Pixels]) -> list[Patches]:
        """The local features of each picture, all in one batch; a blank one has none."""
        placed = [placed_square(pixels, SIZE) for pixels in pictures]
        squares = np.stack([sheet for sheet, _ in placed])
        options = onnxruntime.RunOptions()
        options.only_execute_path_to_fetches = True
        maps = self.session.run([LAYER], {"pictures": squares[:, None]}, options)[0]
        return [
            _inked(features, sheet, placement, pixels.shape[1], pixels.shape[0])
            for features, (sheet, placement), pixels in zip(maps, placed, pictures, strict=True)
        ]


@cache
def open_spatial(threads: int = 0) -> SpatialEncoder:
    """The encoder of local features, loaded when it is first asked for."""
    return SpatialEncoder.load(threads)


def with_output(model: bytes, name: str) -> bytes:
    """An ONNX model that also answers the tensor of floats that a node within it makes.

    Serialised protocol buffers that are put one behind the other are merged, so it is enough to
    append a model that has nothing but a graph with this output (fields: `ModelProto.graph` 7,
    `GraphProto.output` 12, `ValueInfoProto.name` 1 and `.type` 2, `TypeProto.tensor_type` 1).
    """
    of_floats = _field(1, b"\x08\x01")
    value = _field(1, name.encode()) + _field(2, of_floats)
    return model + _field(7, _field(12, value))


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def _inked(
    features: npt.NDArray[np.float32],
    sheet: npt.NDArray[np.uint8],
    placement: Placement,
    width: int,
    height: int,
) -> Patches:
    side = SIZE // GRID
    ink = (255.0 - sheet.reshape(GRID, side, GRID, side)).mean(axis=(1, 3)) / 255.0
    y, x = np.nonzero(ink > _INK)
    rows = np.ascontiguousarray(features[:, y, x].T)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return Patches(rows / np.maximum(lengths, 1e-9), x, y, placement, width, height)
