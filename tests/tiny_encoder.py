"""A very small encoder for tests: deterministic, instant, and good enough to tell drawings apart."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from ipatent.encode import EncoderSpec
from ipatent.patents import Pixels, Vectors

GRID = 8
CAPTION_DIM = 32

SPEC = EncoderSpec(
    name="tiny",
    weights=hashlib.sha256(b"tiny encoder 1").hexdigest(),
    preprocessing="grid-8-1",
    image_dim=GRID * GRID,
    caption_dim=CAPTION_DIM,
    has_text_tower=False,
)


class TinyEncoder:
    """Pictures become their ink on an 8 x 8 grid, texts the sum of a random vector per word."""

    def __init__(self, text_tower: bool = False) -> None:
        self._spec = replace(SPEC, has_text_tower=text_tower, name="tiny-clip" if text_tower else "tiny")

    @property
    def spec(self) -> EncoderSpec:
        return self._spec

    def encode_pictures(self, pictures: Sequence[Pixels]) -> Vectors:
        grids = [
            np.asarray(Image.fromarray(p).convert("L").resize((GRID, GRID), Image.Resampling.BOX))
            for p in pictures
        ]
        ink = np.array([255.0 - grid.reshape(-1) + 1.0 for grid in grids], np.float32)
        return _unit(ink.reshape(len(pictures), self.spec.image_dim))

    def encode_captions(self, texts: Sequence[str]) -> Vectors:
        return _unit(
            np.array([_words(text, CAPTION_DIM) for text in texts], np.float32).reshape(-1, CAPTION_DIM)
        )

    def encode_text_as_picture(self, texts: Sequence[str]) -> Vectors:
        assert self.spec.has_text_tower
        return _unit(np.array([np.abs(_words(text, self.spec.image_dim)) for text in texts], np.float32))


def _words(text: str, dimension: int) -> Vectors:
    total = np.zeros(dimension, np.float32)
    for word in text.lower().split():
        seed = int.from_bytes(hashlib.sha256(word.encode("utf-8", "replace")).digest()[:8], "big")
        total += np.random.default_rng(seed).standard_normal(dimension, dtype=np.float32)
    return total


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
