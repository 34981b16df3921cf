"""Encoders: pictures and words become vectors. `open_encoder` (in `ipatent.encode.choice`) picks one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ipatent.patents import Pixels, Vectors


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """What an index remembers of the encoder that filled it; two equal specs give equal vectors."""

    name: str
    """`builtin`, `ViT-B-16/laion400m_e32`, `hf:owner/repository`, `local-dir:/path`."""
    weights: str
    """sha256 over all weight files, hexadecimal."""
    preprocessing: str
    """Version of the path from pixels to tensor, e.g. `pad-square-384-1`."""
    image_dim: int
    caption_dim: int
    has_text_tower: bool


class Encoder(Protocol):
    """Pictures and texts to unit vectors; safe to call from several threads."""

    @property
    def spec(self) -> EncoderSpec:
        """Name, weights hash, preprocessing version and dimensions."""
        ...

    def encode_pictures(self, pictures: Sequence[Pixels]) -> Vectors:
        """(n, image_dim) float32 unit rows for pictures of any size, grey or RGB."""
        ...

    def encode_captions(self, texts: Sequence[str]) -> Vectors:
        """(n, caption_dim) float32 unit rows in the sentence-embedding space; a zero row for no text."""
        ...

    def encode_text_as_picture(self, texts: Sequence[str]) -> Vectors:
        """(n, image_dim) float32 unit rows comparable with `encode_pictures`.

        Raises EncoderError when `spec.has_text_tower` is false.
        """
        ...
