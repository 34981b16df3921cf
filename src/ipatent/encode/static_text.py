"""The built-in sentence embedding: the mean of weighted token vectors from a table."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from ipatent.encode.files import read_asset
from ipatent.errors import EncoderError
from ipatent.patents import Vectors

TABLE = "minilm-static.npz"
TOKENIZER = "minilm-static-tokenizer.json"
MAX_CHARS = 20_000
"""Text beyond this many characters is not read: a caption is never so long."""


@dataclass(frozen=True, slots=True, eq=False)
class StaticText:
    """Texts to vectors by table; safe to call from several threads.

    A static distillation of all-MiniLM-L6-v2 in the manner of Model2Vec (Tulkens & van Dongen,
    2024). `table` (vocabulary, dimension) int8 and `scales` (vocabulary, 1) float32.
    """

    tokenizer: Tokenizer
    table: npt.NDArray[np.int8]
    scales: npt.NDArray[np.float32]

    @classmethod
    def load(cls, folder: Path) -> "StaticText":
        """Read table and tokenizer from `folder`; raises EncoderError when they are damaged."""
        words = read_asset(folder / TOKENIZER)
        arrays_file = io.BytesIO(read_asset(folder / TABLE))
        try:
            tokenizer = Tokenizer.from_str(words.decode("utf-8"))
            with np.load(arrays_file, allow_pickle=False) as arrays:
                table, scales = arrays["table"], arrays["scales"]
        except Exception as error:
            # `tokenizers` raises a bare Exception for a file it cannot parse.
            raise _damaged(folder, error) from None
        if table.shape[0] != tokenizer.get_vocab_size() or scales.shape != table.shape[:1]:
            raise _damaged(folder, f"{table.shape[0]} rows for {tokenizer.get_vocab_size()} tokens")
        return cls(tokenizer, table.astype(np.int8), scales.astype(np.float32)[:, None])

    @property
    def dimension(self) -> int:
        """Length of the vectors."""
        return int(self.table.shape[1])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) float32 unit rows; a zero row for a text without any known word."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        encodings = self.tokenizer.encode_batch([readable(text) for text in texts], add_special_tokens=False)
        for row, encoding in enumerate(encodings):
            ids = np.asarray(encoding.ids, np.int64)
            if len(ids):
                vectors[row] = (self.table[ids].astype(np.float32) * self.scales[ids]).sum(0)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, lengths, out=vectors, where=lengths > 0)
        return vectors


def readable(text: str) -> str:
    """The text as a tokenizer takes it: not endless, and without halves of surrogate pairs."""
    return text[:MAX_CHARS].encode("utf-8", "replace").decode("utf-8")


def _damaged(folder: Path, why: object) -> EncoderError:
    return EncoderError(
        f"The text encoder's files in {folder} are damaged: {why}.", "Install iPatent again to restore them."
    )
