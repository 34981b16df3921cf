"""A head on frozen vectors: what `ipatent adapt` learned of a collection, and an encoder that wears it."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ipatent.encode import Encoder, EncoderSpec
from ipatent.encode.session import unit_rows
from ipatent.errors import EncoderError
from ipatent.patents import Pixels, Vectors

MARK = "+adapted-"
"""Stands in an encoder's name between that of the encoder below and the beginning of the head's hash."""
FOLDER = "adapted"
"""Folder inside the data folder that holds the heads of its index."""
_DIGITS = 12

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """Vectors x become `matrix` (x - `mean`), scaled to length one.

    `mean` (d,) and `matrix` (d, d) are float32.
    """

    mean: Floats
    matrix: Floats

    @property
    def digest(self) -> str:
        """sha256 over the numbers, hexadecimal."""
        content = hashlib.sha256(repr(self.matrix.shape).encode())
        content.update(np.ascontiguousarray(self.mean, "<f4").tobytes())
        content.update(np.ascontiguousarray(self.matrix, "<f4").tobytes())
        return content.hexdigest()

    def apply(self, vectors: Vectors) -> Vectors:
        """(n, d) float32 unit rows for unit rows (n, d)."""
        centred: Vectors = vectors.astype(np.float32) - self.mean
        return unit_rows(centred @ self.matrix.T)

    def turned(self, vectors: Vectors) -> Vectors:
        """As `apply` for vectors that are not of pictures: their mean is another, so none is taken off."""
        return unit_rows(vectors.astype(np.float32) @ self.matrix.T)

    def save(self, folder: Path) -> Path:
        """Write the head into `folder`, whole or not at all, under its hash; the file."""
        path = folder / f"{self.digest[:_DIGITS]}.npz"
        beside = path.with_name(f"{path.stem}.{os.getpid()}.part")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with beside.open("wb") as file:
                np.savez(file, mean=self.mean, matrix=self.matrix)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise EncoderError(
                f"The head cannot be written to {folder}: {error.strerror or error}.",
                "Free some space, or give this user the right to write there.",
            ) from None
        return path

    @classmethod
    def load(cls, folder: Path, digits: str) -> "Head":
        """The head in `folder` whose hash begins with `digits`.

        Raises EncoderError when it is missing or is not what was written.
        """
        path = folder / f"{digits}.npz"
        advice = (
            "Copy the file back from where the index was made, or take the index back: ipatent adapt --undo"
        )
        if not path.is_file():
            raise EncoderError(f"The head {path} is missing.", advice)
        try:
            # Opened here: numpy leaves a damaged file open.
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                head = cls(arrays["mean"].astype(np.float32), arrays["matrix"].astype(np.float32))
        except Exception as error:
            # A damaged archive raises what zipfile, zlib or numpy happen to notice first.
            raise EncoderError(f"The head {path} is damaged: {error}.", advice) from None
        if not digits or not head.digest.startswith(digits):
            raise EncoderError(f"The head {path} is not the one that was written.", advice)
        return head


@dataclass(frozen=True, slots=True, eq=False)
class AdaptedEncoder:
    """An encoder whose picture vectors go through a head; captions stay as they are."""

    base: Encoder
    head: Head

    @property
    def spec(self) -> EncoderSpec:
        """The spec of the encoder below with the head's hash in its name and weights."""
        return adapted_spec(self.base.spec, self.head)

    def encode_pictures(self, pictures: Sequence[Pixels]) -> Vectors:
        """(n, image_dim) float32 unit rows."""
        return self.head.apply(self.base.encode_pictures(pictures))

    def encode_captions(self, texts: Sequence[str]) -> Vectors:
        """As the encoder below."""
        return self.base.encode_captions(texts)

    def encode_text_as_picture(self, texts: Sequence[str]) -> Vectors:
        """(n, image_dim) float32 unit rows; raises EncoderError as the encoder below."""
        return self.head.turned(self.base.encode_text_as_picture(texts))


def adapted_spec(base: EncoderSpec, head: Head) -> EncoderSpec:
    """What an index remembers of `base` with `head`."""
    digest = head.digest
    weights = hashlib.sha256(f"{base.weights} {digest}".encode()).hexdigest()
    return replace(base, name=f"{base.name}{MARK}{digest[:_DIGITS]}", weights=weights)


def without_head(name: str) -> tuple[str, str]:
    """The name of the encoder below and the beginning of the head's hash; the latter empty for none."""
    base, _, digits = name.partition(MARK)
    return base, digits
