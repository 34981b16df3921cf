"""Texts to token ids for a CLIP-family text tower, as open_clip itself makes them."""

import html
import json
import string
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from ipatent.encode.files import read_asset
from ipatent.encode.static_text import readable
from ipatent.errors import EncoderError

Ids = npt.NDArray[np.int64]

_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


@dataclass(frozen=True, slots=True, eq=False)
class TextTokens:
    """A tokenizer with its context length, padding and cleaning; safe to call from several threads."""

    tokenizer: Tokenizer
    canonical: bool

    @classmethod
    def load(
        cls, tokenizer: Path, tokenizer_config: Path, text_config: dict[str, Any], context: int
    ) -> "TextTokens":
        """Read the tokenizer's files; `text_config` is the `text_cfg` of the model's configuration.

        Raises EncoderError when a file is missing or damaged.
        """
        data = read_asset(tokenizer, f"Give the model's folder a complete {tokenizer.name}.")
        try:
            words = Tokenizer.from_str(data.decode("utf-8"))
        except Exception as error:
            # `tokenizers` raises a bare Exception for a file it cannot parse.
            raise EncoderError(
                f"The tokenizer {tokenizer} is damaged: {error}.", "Download the model again."
            ) from None
        # open_clip pads its own byte-pair tokenizer with zeros, whatever pad token the exported
        # tokenizer names; towers without a causal mask look at the padding.
        pad_token, pad_id = "", 0
        if "hf_tokenizer_name" in text_config or "hf_model_name" in text_config:
            pad_token = _pad_token(tokenizer_config)
            found = words.token_to_id(pad_token) if pad_token else None
            pad_id = 0 if found is None else int(found)
        words.enable_padding(length=context, pad_id=pad_id, pad_token=pad_token)
        words.enable_truncation(max_length=context)
        cleaning = (text_config.get("tokenizer_kwargs") or {}).get("clean")
        return cls(words, cleaning == "canonicalize")

    def encode(self, texts: Sequence[str]) -> tuple[Ids, Ids]:
        """Token ids (n, context) and the mask of tokens that are no padding, both int64.

        A text that is too long is cut so that its end mark stays.
        """
        encodings = self.tokenizer.encode_batch([clean(readable(text), self.canonical) for text in texts])
        ids = np.array([encoding.ids for encoding in encodings], np.int64)
        mask = np.array([encoding.attention_mask for encoding in encodings], np.int64)
        return ids, mask


def clean(text: str, canonical: bool) -> str:
    """Text without HTML entities and superfluous spaces; `canonical` also drops punctuation and case.

    The canonical form is that of SigLIP (big_vision's prompt engineering).
    """
    text = html.unescape(html.unescape(text))
    if canonical:
        text = text.replace("_", " ").translate(_NO_PUNCTUATION).lower()
    return " ".join(text.split())


def _pad_token(tokenizer_config: Path) -> str:
    if not tokenizer_config.is_file():
        return ""
    try:
        token = json.loads(tokenizer_config.read_text(encoding="utf-8")).get("pad_token")
    except (ValueError, OSError, AttributeError):
        raise EncoderError(f"{tokenizer_config} is damaged.", "Download the model again.") from None
    return str(token.get("content", "") if isinstance(token, dict) else token or "")
