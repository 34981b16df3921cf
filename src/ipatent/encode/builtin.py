"""The encoder that comes with the program: it needs no download and no graphics card."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ipatent.encode import EncoderSpec
from ipatent.encode.files import hash_files
from ipatent.encode.measuring import Subject, Ways
from ipatent.encode.prepare import square, version
from ipatent.encode.runtimes import Session, at_precision
from ipatent.encode.session import BATCH, encode_in_batches, open_picture_session, thread_count
from ipatent.encode.static_text import TABLE, TOKENIZER, StaticText
from ipatent.errors import EncoderError
from ipatent.patents import Pixels, Vectors

NAME = "builtin"
ASSETS = Path(__file__).parent / "assets"
IMAGE_MODEL = "efficientnet-lite0-gem.onnx"
SIZE = 384


@dataclass(frozen=True, slots=True, eq=False)
class BuiltinEncoder:
    """EfficientNet-Lite0 with generalised-mean pooling for pictures, a token table for texts.

    Pictures and texts lie in different spaces: there is no text tower.
    Sources: Tan & Le 2019 and Liu 2020 (EfficientNet-Lite), Radenović et al. 2018 (GeM pooling).
    """

    spec: EncoderSpec
    session: Session
    text: StaticText
    pool: ThreadPoolExecutor

    @classmethod
    def load(cls, threads: int = 0, folder: Path = ASSETS, ways: Ways | None = None) -> "BuiltinEncoder":
        """Open the weights in `folder`; 0 threads means one per core. Raises EncoderError.

        `ways` says what runs the image model; its own threads do not count.
        """
        ways = replace(ways or Ways(), threads=thread_count(threads))
        weights = hash_files([folder / name for name in (IMAGE_MODEL, TABLE, TOKENIZER)])
        subject = Subject(NAME, folder / IMAGE_MODEL, weights, SIZE, BATCH, _channel)
        session = open_picture_session(subject, ways)
        text = StaticText.load(folder)
        spec = EncoderSpec(
            name=NAME,
            weights=weights,
            preprocessing=at_precision(version(SIZE), ways.precision),
            image_dim=int(session.get_outputs()[0].shape[1]),
            caption_dim=text.dimension,
            has_text_tower=False,
        )
        return cls(spec, session, text, ThreadPoolExecutor(thread_count(threads), "prepare"))

    def encode_pictures(self, pictures: Sequence[Pixels]) -> Vectors:
        """(n, 1280) float32 unit rows; a blank picture gets the vector of white paper."""
        return encode_in_batches(pictures, self.spec.image_dim, self.pool, _prepare, self._run)

    def encode_captions(self, texts: Sequence[str]) -> Vectors:
        """(n, 256) float32 unit rows; a zero row for a text without any known word."""
        return self.text.encode(texts)

    def encode_text_as_picture(self, texts: Sequence[str]) -> Vectors:  # noqa: ARG002
        """Raises EncoderError: words and pictures cannot be compared directly here."""
        raise EncoderError(
            "The built-in encoder cannot compare words with pictures.",
            "Search the captions instead, or choose a model with a text tower, e.g. "
            "--encoder ViT-B-16/laion400m_e32.",
        )

    def _run(self, squares: npt.NDArray[np.uint8]) -> Vectors:
        vectors: Vectors = self.session.run(None, {"pictures": _channel(squares)})[0]
        return vectors


def _channel(squares: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return squares[:, None]


def _prepare(pixels: Pixels) -> npt.NDArray[np.uint8]:
    return square(pixels, SIZE)
