"""An encoder that follows the index to another one, so that a server need not be started again.

`ipatent ingest --re-encode`, `adapt` and `restore --replace` give the index to another encoder in one
step. The next search meets it: it waits until that encoder is open, and is answered.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from ipatent import search as searching
from ipatent.encode import Encoder, EncoderSpec
from ipatent.encode.matching import check_encoder
from ipatent.errors import EncoderMismatch, IPatentError
from ipatent.index import Index
from ipatent.patents import Pixels, Vectors
from ipatent.query import Query, Results

_PATIENCE = 30.0
"""Seconds until an encoder that could not be opened is tried again."""


class FollowingEncoder:
    """The encoder that fills the index, as far as was seen; safe to use from several threads."""

    def __init__(self, index: Index, encoder: Encoder, open_for: Callable[[EncoderSpec], Encoder]) -> None:
        self._index = index
        self._encoder = encoder
        self._open_for = open_for
        self._lock = threading.Lock()
        self._failed: tuple[EncoderSpec, float] | None = None

    @property
    def spec(self) -> EncoderSpec:
        """That of the encoder in use."""
        return self._encoder.spec

    def encode_pictures(self, pictures: Sequence[Pixels]) -> Vectors:
        """As the encoder's."""
        return self._encoder.encode_pictures(pictures)

    def encode_captions(self, texts: Sequence[str]) -> Vectors:
        """As the encoder's."""
        return self._encoder.encode_captions(texts)

    def encode_text_as_picture(self, texts: Sequence[str]) -> Vectors:
        """As the encoder's."""
        return self._encoder.encode_text_as_picture(texts)

    def follow(self) -> bool:
        """Go over to the encoder that fills the index now; False where it cannot be opened."""
        with self._lock:
            stored = self._index.status().encoder
            if stored is None or _fits(stored, self._encoder.spec):
                return True
            if self._failed and self._failed[0] == stored and time.monotonic() < self._failed[1]:
                return False
            try:
                self._encoder = self._open_for(stored)
            except IPatentError:
                self._failed = stored, time.monotonic() + _PATIENCE
                return False
            return True


def search(query: Query, index: Index, encoder: Encoder, **options: Any) -> Results:
    """As `ipatent.search.search`; asked once more where the index went to another encoder meanwhile."""
    try:
        return searching.search(query, index, encoder, **options)
    except EncoderMismatch:
        if not follow(encoder):
            raise
    return searching.search(query, index, encoder, **options)


def follow(encoder: Encoder) -> bool:
    """Let an encoder that can follow the index do so; whether it fits it then."""
    return isinstance(encoder, FollowingEncoder) and encoder.follow()


def _fits(stored: EncoderSpec, given: EncoderSpec) -> bool:
    try:
        check_encoder(stored, given)
    except EncoderMismatch:
        return False
    return True
