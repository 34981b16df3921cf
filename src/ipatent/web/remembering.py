"""An encoder that remembers its latest pictures, so that another page or filter encodes nothing anew."""

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ipatent.encode import Encoder, EncoderSpec
from ipatent.patents import Pixels, Vectors

_REMEMBERED = 2000
"""Vectors kept: about 10 MB of them with the built-in encoder."""


def _at_once() -> threading.Semaphore:
    # The model has threads of its own: more pictures at once would only take turns, words waiting too.
    return threading.Semaphore(max(1, (os.cpu_count() or 1) // 2))


@dataclass(frozen=True, slots=True, eq=False)
class RememberingEncoder:
    """The same answers as `encoder`; safe to use from several threads.

    A picture is known by the hash of its pixels as they are encoded (cut, cleaned, turned), so that no
    other one can be taken for it.
    """

    encoder: Encoder
    most: int = _REMEMBERED
    _known: OrderedDict[bytes, Vectors] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _encoding: threading.Semaphore = field(default_factory=_at_once)

    @property
    def spec(self) -> EncoderSpec:
        """That of the encoder."""
        return self.encoder.spec

    def encode_pictures(self, pictures: Sequence[Pixels]) -> Vectors:
        """(n, image_dim) float32 unit rows; pictures that are not known are encoded in one run."""
        keys = [_key(picture) for picture in pictures]
        found = self._recall(keys)
        if len(found) < len(set(keys)):
            with self._encoding:
                found |= self._recall(keys)  # another request may have asked for the same meanwhile
                fresh = {key: each for key, each in zip(keys, pictures, strict=True) if key not in found}
                if fresh:
                    rows = self.encoder.encode_pictures(list(fresh.values()))
                    made = {key: row.copy() for key, row in zip(fresh, rows, strict=True)}
                    self._keep(made)
                    found |= made
        if not keys:
            return self.encoder.encode_pictures(())
        return np.stack([found[key] for key in keys])

    def encode_captions(self, texts: Sequence[str]) -> Vectors:
        """As the encoder's."""
        return self.encoder.encode_captions(texts)

    def encode_text_as_picture(self, texts: Sequence[str]) -> Vectors:
        """As the encoder's."""
        return self.encoder.encode_text_as_picture(texts)

    def _recall(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        with self._lock:
            found = {key: self._known[key] for key in keys if key in self._known}
            for key in found:
                self._known.move_to_end(key)
        return found

    def _keep(self, made: dict[bytes, Vectors]) -> None:
        with self._lock:
            self._known.update(made)
            while len(self._known) > self.most:
                self._known.popitem(last=False)


def _key(picture: Pixels) -> bytes:
    digest = hashlib.sha256(f"{picture.shape} {picture.dtype.str} ".encode())
    digest.update(picture.tobytes())
    return digest.digest()
