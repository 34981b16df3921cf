"""CLIP-family models that can be taken by name: where they lie and what their pictures look like."""

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal

Interpolation = Literal["bicubic", "bilinear"]

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
HALF = (0.5, 0.5, 0.5)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where in a repository or folder the parts of a model lie; the default is Immich's exports'."""

    visual: str = "visual/model.onnx"
    textual: str = "textual/model.onnx"
    tokenizer: str = "textual/tokenizer.json"
    tokenizer_config: str = "textual/tokenizer_config.json"
    preprocess: str = "visual/preprocess_cfg.json"
    config: str = "config.json"

    @property
    def needed(self) -> tuple[str, ...]:
        """What must be there for pictures to be encoded."""
        return (self.visual,)

    @property
    def needed_for_text(self) -> tuple[str, ...]:
        """What must be there besides for a text tower."""
        return (self.textual, self.tokenizer)

    def wants(self, path: str) -> bool:
        """Whether the file is part of the model: one of those named here, or weights kept beside one.

        Exports of more than 2 GB keep their weights in further files next to `model.onnx`.
        """
        if path in (
            self.visual,
            self.textual,
            self.tokenizer,
            self.tokenizer_config,
            self.preprocess,
            self.config,
        ):
            return True
        for model in (self.visual, self.textual):
            if path.startswith((model + ".", model + "_")):
                return True
            folder = PurePosixPath(model).parent
            if folder.name and PurePosixPath(path).parent == folder:
                return PurePosixPath(path).suffix not in _OTHER_SUFFIXES
        return False


_OTHER_SUFFIXES = {".armnn", ".rknn", ".json", ".txt", ".md", ".model"}
"""Exports for other runtimes, and tokenizer files that `tokenizer.json` makes superfluous."""

FLAT = Layout(
    visual="visual.onnx",
    textual="text.onnx",
    tokenizer="tokenizer.json",
    tokenizer_config="tokenizer_config.json",
    preprocess="open_clip_config.json",
    config="open_clip_config.json",
)
"""All files at the top, configuration as open_clip writes it."""


@dataclass(frozen=True, slots=True)
class Model:
    """One model by name. Configuration files that come with the weights take precedence over this."""

    name: str
    repository: str
    size: int
    """Side of the square picture it sees, in pixels."""
    mean: tuple[float, ...]
    std: tuple[float, ...]
    interpolation: Interpolation
    image_dim: int
    context: int
    """Longest text, in tokens."""
    tokenizer: Literal["clip", "sentencepiece"]
    licence: str
    download: int
    """Bytes to download, about; the hub's own figure is shown before anything is fetched."""
    about: str
    text_tower: bool = True
    layout: Layout = field(default_factory=Layout)


DEFAULT = "ViT-B-16/laion400m_e32"

MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        Model(
            name=DEFAULT,
            repository="immich-app/ViT-B-16__laion400m_e32",
            size=224,
            mean=CLIP_MEAN,
            std=CLIP_STD,
            interpolation="bicubic",
            image_dim=512,
            context=77,
            tokenizer="clip",
            licence="MIT",
            download=600_000_000,
            about="CLIP ViT-B/16 trained on LAION-400M; English.",
        ),
        Model(
            name="ViT-B-16-SigLIP2/webli",
            repository="immich-app/ViT-B-16-SigLIP2__webli",
            size=224,
            mean=HALF,
            std=HALF,
            interpolation="bicubic",
            image_dim=768,
            context=64,
            tokenizer="sentencepiece",
            licence="Apache-2.0",
            download=1_540_000_000,
            about="SigLIP 2 ViT-B/16; many languages.",
        ),
        Model(
            name="ViT-B-16-SigLIP-384/webli",
            repository="immich-app/ViT-B-16-SigLIP-384__webli",
            size=384,
            mean=HALF,
            std=HALF,
            interpolation="bicubic",
            image_dim=768,
            context=64,
            tokenizer="sentencepiece",
            licence="Apache-2.0",
            download=820_000_000,
            about="SigLIP ViT-B/16 at 384 pixels, which keeps thin lines; English; slow without many cores.",
        ),
        Model(
            name="XLM-Roberta-Base-ViT-B-32/laion5b_s13b_b90k",
            repository="immich-app/XLM-Roberta-Base-ViT-B-32__laion5b_s13b_b90k",
            size=224,
            mean=CLIP_MEAN,
            std=CLIP_STD,
            interpolation="bicubic",
            image_dim=512,
            context=77,
            tokenizer="sentencepiece",
            licence="MIT",
            download=1_480_000_000,
            about="CLIP ViT-B/32 with a multilingual text tower; quick on pictures.",
        ),
        Model(
            name="nllb-clip-base-siglip/v1",
            repository="immich-app/nllb-clip-base-siglip__v1",
            size=384,
            mean=HALF,
            std=HALF,
            interpolation="bicubic",
            image_dim=768,
            context=77,
            tokenizer="sentencepiece",
            licence="CC-BY-NC-4.0",
            download=2_040_000_000,
            about="SigLIP ViT-B/16 at 384 pixels and 201 languages; not for commercial use.",
        ),
        Model(
            name="MobileCLIP2-S2/dfndr2b",
            repository="RuteNL/MobileCLIP2-S2-OpenCLIP-ONNX",
            size=256,
            mean=(0.0, 0.0, 0.0),
            std=(1.0, 1.0, 1.0),
            interpolation="bilinear",
            image_dim=512,
            context=77,
            tokenizer="clip",
            licence="Apple Model Licence for Research (apple-amlr)",
            download=400_000_000,
            about="MobileCLIP 2 S2, small and quick; English; its licence allows research only.",
            layout=FLAT,
        ),
    )
}
