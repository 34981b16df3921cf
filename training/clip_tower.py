"""The image tower of a CLIP or SigLIP model: opened by open_clip, pooled, layered, mixed, exported."""

import json
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional

Tensor = torch.Tensor
POOLS = ("model", "gem", "attention")
_TOKENS = {"gem", "attention"}


class Tower(torch.nn.Module):
    """Pictures (n, 3, size, size), normalised as the model wants them, to unit vectors (n, dimension).

    `model` keeps the model's own pooling and projection, so that its text tower still fits. `gem` is
    the generalised mean of the patches (Radenović et al., 2018), `attention` a learned query over them
    (Zhai et al., 2022); both project anew, and texts no longer fit.
    """

    def __init__(self, visual: torch.nn.Module, pool: str, dimension: int) -> None:
        super().__init__()
        self.visual, self.pool = visual, pool
        if pool not in _TOKENS:
            return
        width = _width(visual)
        self.project = torch.nn.Linear(width, dimension, bias=False)
        if pool == "gem":
            self.power = torch.nn.Parameter(torch.tensor(3.0))
            self.norm = torch.nn.LayerNorm(width)
        else:
            self.query = torch.nn.Parameter(torch.randn(1, 1, width) * width**-0.5)
            self.attend = torch.nn.MultiheadAttention(width, max(1, width // 64), batch_first=True)

    def forward(self, pictures: Tensor) -> Tensor:
        """Unit vectors, in 32 bits."""
        if self.pool == "model":
            found = self.visual(pictures)
            found = found[0] if isinstance(found, tuple) else found
        else:
            found = self.project(self._pooled(_tokens(self.visual, pictures)))
        return functional.normalize(found.float(), dim=1)

    def _pooled(self, tokens: Tensor) -> Tensor:
        if self.pool == "gem":
            # Features of a transformer have signs; the mean is of what is positive after a norm.
            positive = functional.softplus(self.norm(tokens).float())
            mean: Tensor = positive.pow(self.power).mean(1).clamp(min=1e-6).pow(1 / self.power)
            return mean.to(tokens.dtype)
        query = self.query.expand(len(tokens), -1, -1).to(tokens.dtype)
        pooled: Tensor = self.attend(query, tokens, tokens, need_weights=False)[0][:, 0]
        return pooled


def _width(visual: torch.nn.Module) -> int:
    if hasattr(visual, "trunk"):
        return int(visual.trunk.num_features)
    if hasattr(visual, "transformer"):
        return int(visual.transformer.width)
    raise SystemExit("This tower has neither a transformer nor a trunk of timm: use --pool model.")


def _tokens(visual: torch.nn.Module, pictures: Tensor) -> Tensor:
    """The features of the patches, (n, patches, width), without class tokens."""
    if hasattr(visual, "trunk"):
        found = visual.trunk.forward_features(pictures)
        if found.ndim == 4:
            # Convolutional trunks put channels first, Swin last.
            first = found.shape[1] == visual.trunk.num_features
            found = found.flatten(2).transpose(1, 2) if first else found.flatten(1, 2)
        tokens: Tensor = found[:, getattr(visual.trunk, "num_prefix_tokens", 0) :]
        return tokens
    visual.output_tokens = True  # type: ignore[assignment]
    patches: Tensor = visual(pictures)[1]
    return patches


def open_tower(
    name: str, pretrained: str, size: int, pool: str, checkpointing: bool
) -> tuple[Tower, dict[str, Any]]:
    """The tower of the model `name`, and what an export must say of it.

    `name` is a model of open_clip, `hf-hub:OWNER/REPOSITORY`, or a JSON file with a configuration of
    its own. `pretrained` is a tag of open_clip, a checkpoint file, or empty for random weights.
    """
    import open_clip

    if name.endswith(".json"):
        open_clip.add_model_config(Path(name))
        name = Path(name).stem
    try:
        model = open_clip.create_model(name, pretrained=pretrained or None, force_image_size=size)
    except (RuntimeError, FileNotFoundError) as error:
        raise SystemExit(f"{name} cannot be opened: {error}") from None
    visual = model.visual
    if checkpointing:
        visual.set_grad_checkpointing(True)
    wanted = getattr(visual, "preprocess_cfg", None) or {}
    config = open_clip.get_model_config(name) or {}
    dimension = int(config.get("embed_dim") or model.text_projection.shape[1])
    told = {
        "size": size,
        "mean": list(wanted.get("mean") or open_clip.OPENAI_DATASET_MEAN),
        "std": list(wanted.get("std") or open_clip.OPENAI_DATASET_STD),
        "interpolation": str(wanted.get("interpolation") or "bicubic"),
        "resize_mode": "shortest",
    }
    return Tower(visual, pool, dimension), {"preprocess": told, "config": config, "dimension": dimension}


def layers(tower: Tower) -> list[tuple[int, str, torch.nn.Parameter]]:
    """Each trained parameter with its depth: 0 next to the pixels, the greatest next to the vector."""
    blocks = re.compile(r"(?:resblocks|blocks|stages|layers)\.(\d+)\.(?:blocks\.(\d+)\.)?")
    found: list[tuple[tuple[int, int], str, torch.nn.Parameter]] = []
    for name, parameter in tower.named_parameters():
        if not parameter.requires_grad:
            continue
        match = blocks.search(name)
        if match:
            key = (int(match[1]) + 1, int(match[2] or 0))
        elif re.search(r"conv1|patch_embed|embedding|pos_embed|cls_token|ln_pre|norm_pre|stem", name):
            key = (0, 0)
        else:
            key = (10_000, 0)
        found.append((key, name, parameter))
    depths = {key: depth for depth, key in enumerate(sorted({key for key, _, _ in found}))}
    return [(depths[key], name, parameter) for key, name, parameter in found]


def groups(tower: Tower, rate: float, decay: float, weight_decay: float) -> list[dict[str, Any]]:
    """Groups for the optimiser: each layer below the last learns `decay` times as fast as the one above.

    Biases, norms and single numbers are not drawn towards zero (Bao et al., BEiT, 2022, for both).
    """
    listed = layers(tower)
    deepest = max(depth for depth, _, _ in listed)
    made: dict[tuple[int, bool], dict[str, Any]] = {}
    for depth, _, parameter in listed:
        plain = parameter.ndim < 2
        group = made.setdefault(
            (depth, plain),
            {
                "params": [],
                "peak": rate * decay ** (deepest - depth),
                "weight_decay": 0.0 if plain else weight_decay,
            },
        )
        group["params"].append(parameter)
    return [made[key] | {"lr": made[key]["peak"]} for key in sorted(made)]


def mixed(start: Mapping[str, Tensor], tuned: Mapping[str, Tensor], share: float) -> dict[str, Tensor]:
    """`share` of the tuned weights and the rest of those at the start (Wortsman et al., WiSE-FT, 2022).

    What was new when training began, such as a pooling, stays as tuned: its start was random.
    """
    return {
        name: torch.lerp(start[name].float(), tensor.float(), share).to(tensor.dtype)
        if name.startswith("visual.") and tensor.is_floating_point()
        else tensor
        for name, tensor in tuned.items()
    }


def export(tower: Tower, told: dict[str, Any], out: Path, text_from: Path | None) -> float:
    """Write `out` as `local-dir:` reads it; the largest difference to torch on pictures of noise.

    `text_from` is an export of the same model, whose text tower is copied: only the image tower was
    trained, so that it still fits where the pooling is the model's.
    """
    import onnxruntime

    size = told["preprocess"]["size"]
    (out / "visual").mkdir(parents=True, exist_ok=True)
    tower = tower.float().cpu().eval()
    if hasattr(tower.visual, "set_grad_checkpointing"):
        tower.visual.set_grad_checkpointing(False)
    example = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(0))
    path = out / "visual/model.onnx"
    torch.onnx.export(
        tower,
        (example,),
        str(path),
        input_names=["image"],
        output_names=["vector"],
        dynamo=True,
        dynamic_shapes=({0: torch.export.Dim("n", min=1, max=4096)},),
        verbose=False,
    )
    (out / "visual/preprocess_cfg.json").write_text(json.dumps(told["preprocess"], indent=1) + "\n")
    (out / "config.json").write_text(json.dumps(told["config"], indent=1) + "\n")
    if text_from:
        if not (text_from / "textual/model.onnx").is_file():
            raise SystemExit(f"{text_from} has no textual/model.onnx to copy.")
        shutil.copytree(text_from / "textual", out / "textual", dirs_exist_ok=True)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    with torch.no_grad():
        theirs = tower(example).numpy()
    return float(np.abs(session.run(None, {"image": example.numpy()})[0] - theirs).max())


def normaliser(told: dict[str, Any], device: str) -> Callable[[Tensor], Tensor]:
    """Grey squares (n, size, size) uint8 to what the tower takes, as `ipatent.encode.prepare.planes`."""
    mean = torch.tensor(told["preprocess"]["mean"], device=device)[None, :, None, None]
    std = torch.tensor(told["preprocess"]["std"], device=device)[None, :, None, None]
    return lambda squares: (squares.to(device)[:, None].float() / 255 - mean) / std
