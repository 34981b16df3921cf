"""CLIP-family models as ONNX: pictures and texts in one space."""

import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from ipatent.encode import EncoderSpec
from ipatent.encode.builtin import ASSETS
from ipatent.encode.files import hash_files, read_asset
from ipatent.encode.measuring import Subject, Ways
from ipatent.encode.models import CLIP_MEAN, CLIP_STD, Layout, Model
from ipatent.encode.prepare import planes, square, version
from ipatent.encode.runtimes import Session, at_precision
from ipatent.encode.session import (
    BATCH,
    encode_in_batches,
    open_picture_session,
    open_session,
    thread_count,
    unit_rows,
)
from ipatent.encode.static_text import TABLE, TOKENIZER, StaticText
from ipatent.encode.tokens import TextTokens
from ipatent.errors import EncoderError
from ipatent.patents import Pixels, Vectors

RESAMPLING = {
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
    "lanczos": Image.Resampling.LANCZOS,
    "nearest": Image.Resampling.NEAREST,
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a model wants of its inputs, from the files beside its weights."""

    size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    resampling: Image.Resampling
    context: int
    text_config: dict[str, Any]


def read_recipe(folder: Path, layout: Layout, model: Model | None) -> Recipe:
    """The recipe in the folder's configuration files; what they leave open comes from `model`, then CLIP.

    Raises EncoderError when a file is damaged, or the picture's size is said nowhere.
    """
    config = _read_json(folder / layout.config)
    model_config = config.get("model_cfg", config)
    preprocess = _read_json(folder / layout.preprocess)
    preprocess = preprocess.get("preprocess_cfg", preprocess)
    vision = model_config.get("vision_cfg") or {}
    text = model_config.get("text_cfg") or {}
    size = preprocess.get("size") or vision.get("image_size") or (model.size if model else 0)
    if isinstance(size, list):
        size = size[0] if size and all(side == size[0] for side in size) else 0
    if not isinstance(size, int) or not 16 <= size <= 2048:
        raise EncoderError(
            f"The model in {folder} does not say what size of square picture it takes.",
            f'Give {layout.preprocess} a "size", e.g. 224.',
        )
    interpolation = str(preprocess.get("interpolation") or (model.interpolation if model else "bicubic"))
    if interpolation not in RESAMPLING:
        interpolation = "bicubic"
    mean = tuple(preprocess.get("mean") or (model.mean if model else CLIP_MEAN))
    std = tuple(preprocess.get("std") or (model.std if model else CLIP_STD))
    context = text.get("context_length") or (model.context if model else 77)
    if len(mean) != 3 or len(std) != 3 or not all(std) or not isinstance(context, int):
        raise EncoderError(
            f"The configuration of the model in {folder} makes no sense.", "Download it again."
        )
    return Recipe(size, mean, std, RESAMPLING[interpolation], context, text)


class ClipEncoder:
    """A visual and a textual ONNX model with a common space; captions use the built-in embedding.

    The text tower is loaded when it is first asked for: an ingest never needs it.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        layout: Layout | None = None,
        model: Model | None = None,
        threads: int = 0,
        ways: Ways | None = None,
    ) -> None:
        """Open the model in `folder`; 0 threads means one per core. Raises EncoderError.

        `ways` says what runs the visual tower; its own threads do not count.
        """
        self._folder = folder
        self._layout = layout or Layout()
        self._threads = threads
        self._advice = (
            f"Put the missing or damaged file into {folder}, or delete the folder to download it anew."
        )
        self._recipe = read_recipe(folder, self._layout, model)
        ways = replace(ways or Ways(), threads=thread_count(threads))
        weights = self._hash()
        self._visual = self._open_visual(name, weights, ways)
        self._captions = StaticText.load(ASSETS)
        self._pool = ThreadPoolExecutor(thread_count(threads), "prepare")
        self._lock = threading.Lock()
        self._text: tuple[Session, TextTokens] | None = None
        self._spec = EncoderSpec(
            name=name,
            weights=weights,
            preprocessing=at_precision(
                f"{version(self._recipe.size)}-{self._recipe.resampling.name.lower()}", ways.precision
            ),
            image_dim=self._dimension(),
            caption_dim=self._captions.dimension,
            has_text_tower=all((folder / path).is_file() for path in self._layout.needed_for_text),
        )

    @property
    def spec(self) -> EncoderSpec:
        """Name, weights hash, preprocessing version and dimensions."""
        return self._spec

    def encode_pictures(self, pictures: Sequence[Pixels]) -> Vectors:
        """(n, image_dim) float32 unit rows; a blank picture gets the vector of white paper."""
        batch = _fixed_batch(self._visual) or BATCH
        return encode_in_batches(
            pictures, self._spec.image_dim, self._pool, self._prepare, self._run_visual, batch
        )

    def encode_captions(self, texts: Sequence[str]) -> Vectors:
        """(n, 256) float32 unit rows in the built-in sentence embedding; a zero row for no text."""
        return self._captions.encode(texts)

    def encode_text_as_picture(self, texts: Sequence[str]) -> Vectors:
        """(n, image_dim) float32 unit rows comparable with pictures.

        Raises EncoderError when the model came without a text tower, or its files are damaged.
        """
        if not texts:
            return np.zeros((0, self._spec.image_dim), np.float32)
        session, tokens = self._text_tower()
        ids, mask = tokens.encode(texts)
        batch = _fixed_batch(session) or BATCH
        rows = [
            self._run_textual(session, ids[start : start + batch], mask[start : start + batch])
            for start in range(0, len(ids), batch)
        ]
        vectors = unit_rows(np.concatenate(rows))
        if vectors.shape[1] != self._spec.image_dim:
            raise EncoderError(
                f"The text tower of {self._spec.name} gives {vectors.shape[1]} numbers, "
                f"its pictures {self._spec.image_dim}.",
                "The two parts do not belong together; download the model again.",
            )
        return vectors

    def _prepare(self, pixels: Pixels) -> npt.NDArray[np.uint8]:
        return square(pixels, self._recipe.size, self._recipe.resampling)

    def _run_visual(self, squares: npt.NDArray[np.uint8]) -> Vectors:
        return _run(
            self._visual,
            {self._visual.get_inputs()[0].name: self._planes(squares)},
            _fixed_batch(self._visual),
        )

    def _planes(self, squares: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        return planes(squares, self._recipe.mean, self._recipe.std)

    def _run_textual(
        self, session: Session, ids: npt.NDArray[np.int64], mask: npt.NDArray[np.int64]
    ) -> Vectors:
        feeds = {}
        for wanted in session.get_inputs():
            kind = np.int32 if "int32" in wanted.type else np.int64
            feeds[wanted.name] = (mask if "mask" in wanted.name else ids).astype(kind)
        return _run(session, feeds, _fixed_batch(session))

    def _text_tower(self) -> tuple[Session, TextTokens]:
        if not self._spec.has_text_tower:
            raise EncoderError(
                f"The model {self._spec.name} came without a text tower.",
                "Search the captions instead, or choose a model that has one.",
            )
        with self._lock:
            if self._text is None:
                folder, layout = self._folder, self._layout
                session = open_session(folder / layout.textual, self._threads, self._advice)
                shape = session.get_inputs()[0].shape
                context = shape[1] if len(shape) > 1 and isinstance(shape[1], int) else self._recipe.context
                tokens = TextTokens.load(
                    folder / layout.tokenizer,
                    folder / layout.tokenizer_config,
                    self._recipe.text_config,
                    context,
                )
                self._text = (session, tokens)
            return self._text

    def _open_visual(self, name: str, weights: str, ways: Ways) -> Session:
        """The visual tower, as `ways` says; it is measured only after its inputs were looked at."""
        path = self._folder / self._layout.visual
        plain = open_session(path, ways.threads, self._advice)
        self._fixed_size(plain)
        if ways.is_plain:
            return plain
        batch = _fixed_batch(plain) or BATCH
        del plain
        subject = Subject(name, path, weights, self._recipe.size, batch, self._planes)
        return open_picture_session(subject, ways, self._advice)

    def _fixed_size(self, visual: Session) -> None:
        shape = visual.get_inputs()[0].shape
        sides = [side for side in shape[2:] if isinstance(side, int)]
        if len(shape) != 4 or any(side != self._recipe.size for side in sides):
            raise EncoderError(
                f"The model {self._folder / self._layout.visual} takes pictures of shape {shape}, "
                f"but its configuration says {self._recipe.size} pixels.",
                self._advice,
            )

    def _dimension(self) -> int:
        shape = self._visual.get_outputs()[0].shape
        if len(shape) == 2 and isinstance(shape[1], int):
            return shape[1]
        size = self._recipe.size
        return int(self._run_visual(np.full((1, size, size), 255, np.uint8)).shape[1])

    def _hash(self) -> str:
        found = sorted(
            path
            for path in self._folder.rglob("*")
            if path.is_file() and self._layout.wants(path.relative_to(self._folder).as_posix())
        )
        return hash_files([*found, ASSETS / TABLE, ASSETS / TOKENIZER], self._advice)


def _fixed_batch(session: Session) -> int:
    """How many rows the model takes at once, where the export fixed that; else 0."""
    first = session.get_inputs()[0].shape[0]
    return first if isinstance(first, int) and first > 0 else 0


def _run(session: Session, feeds: dict[str, npt.NDArray[Any]], fixed: int) -> Vectors:
    """The model's first output for `feeds`; rows are added where the export fixed their number."""
    rows = len(next(iter(feeds.values())))
    if fixed > rows:
        feeds = {
            name: np.concatenate([value, np.repeat(value[-1:], fixed - rows, axis=0)])
            for name, value in feeds.items()
        }
    try:
        output = session.run(None, feeds)[0]
    except Exception as error:
        # ONNX Runtime's exceptions share no public base class but Exception.
        reason = " ".join(str(error).split())[:200]
        raise EncoderError(
            f"The model does not take what it was given: {reason}.", "Download it again."
        ) from None
    vectors: Vectors = np.asarray(output, np.float32).reshape(len(output), -1)[:rows]
    return vectors


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        content = json.loads(read_asset(path))
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise EncoderError(f"The configuration {path} is damaged.", "Download the model again.")
    return content
