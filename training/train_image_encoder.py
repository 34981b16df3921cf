"""Trains the built-in image encoder for drawings: pictures of one patent, or of one family, move together.

    python training/train_image_encoder.py --real drawings/real --generated drawings/generated \
        --fold 0 --out runs/fold0            # three folds by patent, for the report
    python training/train_image_encoder.py --real … --generated … --fold all --out runs/final
    python training/mix_image_encoder.py --run runs/final --real … --generated … --share 0.5 --out mixed.pt
    python training/export_image_encoder.py --checkpoint mixed.pt --check

EfficientNet-Lite0 from its ImageNet weights, with generalised-mean pooling, by the supervised
contrastive loss (Khosla et al., 2020). Batch normalisation stays frozen: batches are small and
unlike each other. A step takes real drawings grouped by patent and generated ones grouped by
family, half of them of the same kind of thing, so that like things must be told apart. Drawings are
moved, turned by a few degrees, mirrored and drawn with another pen, never cropped hard or turned
far, which costs retrieval of line drawings dearly; lines keep a plausible width. A few, `--cut`, are
cut out of their drawing, as a user's box cuts them.

With `--fold n` every third patent of the real drawings is held out (`--folds 6`: every sixth), and
the curve printed is of these alone: leave one out among all real drawings, same patent relevant, at
384 pixels. Training may be broken off: the same command goes on from the last checkpoint. Draws
depend on the seed and the step alone. A graphics card is used where there is one. On a CPU, set
MALLOC_MMAP_MAX_=0 and MALLOC_TRIM_THRESHOLD_=16000000000: handing memory back after every step
costs as much as the step.
"""

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as functional

from drawing_pairs import Drawings, load
from export_image_encoder import GEM_POWER, MEAN, SCALE, pretrained

WIDTH = 1280
REPORT_SIDE = 384
_CENTRE_SAMPLE = 200
Tensor = torch.Tensor


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what comes out, kept beside the checkpoint."""

    fold: str
    steps: int = 1500
    seed: int = 0
    side: int = 256
    rate: float = 1.5e-4
    temperature: float = 0.07
    real: int = 8
    """Real patents a step, four drawings each."""
    generated: int = 6
    """Generated families a step, three drawings each."""
    centre: bool = True
    """Whether a mean vector, trained along, is subtracted before vectors are scaled to length one."""
    folds: int = 3
    cut: float = 0.0
    """The share of drawings of which a window is seen, half to four fifths as wide and high."""


class Encoder(torch.nn.Module):
    """Grey squares (n, 1, side, side) in [0, 255] to unit vectors (n, 1280)."""

    def __init__(self) -> None:
        super().__init__()
        from efficientnet_lite_pytorch import EfficientNet

        self.network = EfficientNet.from_name("efficientnet-lite0", image_size=REPORT_SIDE)
        self.network.load_state_dict(torch.load(pretrained(), weights_only=True, map_location="cpu"))
        self.centre = torch.nn.Parameter(torch.zeros(WIDTH))

    def pooled(self, squares: Tensor) -> Tensor:
        """Features (n, 1280) before centring."""
        x = ((squares - MEAN) / SCALE).expand(-1, 3, -1, -1)
        # Channels last and half the digits: several times the speed on a CPU; mAP moves by 0.0002.
        x = x.contiguous(memory_format=torch.channels_last)
        with torch.autocast(x.device.type, torch.bfloat16):
            features = self.network.extract_features(x)
        features = features.clamp(min=0).float()
        return features.pow(GEM_POWER).mean((2, 3)).clamp(min=1e-12).pow(1 / GEM_POWER)

    def forward(self, squares: Tensor) -> Tensor:
        return functional.normalize(self.pooled(squares) - self.centre, dim=1)


class Draws:
    """What each step trains on."""

    def __init__(self, recipe: Recipe, real: Drawings, held: npt.NDArray[np.bool_], made: Drawings | None):
        self.recipe, self.real, self.made = recipe, real, made
        kept = [group for group, out in zip(np.array(real.groups), held, strict=True) if not out]
        self.of_patent = _members(real.groups, set(kept))
        self.of_family = _members(made.groups, None, least=3) if made else {}
        self.of_kind: dict[str, list[str]] = {}
        for family, members in self.of_family.items():
            if made:
                self.of_kind.setdefault(made.kinds[members[0]], []).append(family)

    def batch(self, dice: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Squares (n, 1, side, side) float32 and the number of the group of each (n,)."""
        squares: list[npt.NDArray[np.uint8]] = []
        labels: list[int] = []

        def add(drawings: Drawings, members: list[int], most: int) -> None:
            some = dice.choice(members, min(most, len(members)), replace=False)
            squares.extend(np.asarray(drawings.squares[int(n)]) for n in some)
            labels.extend([1 + max(labels, default=0)] * len(some))

        patents = sorted(self.of_patent)
        for place in dice.choice(len(patents), min(self.recipe.real, len(patents)), replace=False):
            add(self.real, self.of_patent[patents[place]], 4)
        if self.made and self.recipe.generated:
            kinds = sorted(self.of_kind)
            for place in dice.choice(len(kinds), min(2, len(kinds)), replace=False):
                families = self.of_kind[kinds[place]]
                most = min(len(families), max(1, self.recipe.generated // 2))
                for family in dice.choice(len(families), most, replace=False):
                    add(self.made, self.of_family[families[family]], 3)
        return torch.from_numpy(np.stack(squares)).float()[:, None], torch.tensor(labels)


def _members(groups: tuple[str, ...], only: set[str] | None, least: int = 2) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, group in enumerate(groups):
        if only is None or group in only:
            found.setdefault(group, []).append(place)
    return {group: places for group, places in found.items() if len(places) >= least}


def redrawn(squares: Tensor, side: int, cut: float, dice: np.random.Generator) -> Tensor:
    """The drawings as another draughtsman, scanner and page might have left them, `side` pixels or so."""
    ink = 255.0 - squares
    count = len(ink)
    for at in range(count):
        pen = dice.random()
        if pen < 0.2:
            ink[at : at + 1] = functional.max_pool2d(ink[at : at + 1], 3, 1, 1)
        elif pen < 0.3:
            ink[at : at + 1] = functional.avg_pool2d(ink[at : at + 1], 3, 1, 1)
    side = int(dice.choice([side - 32, side, side, side + 64]))
    ink = functional.interpolate(ink, (side, side), mode="bilinear", antialias=True, align_corners=False)
    moves = torch.from_numpy(_moves(count, cut, dice)).to(ink.device)
    grid = functional.affine_grid(moves, (count, 1, side, side), align_corners=False)
    ink = functional.grid_sample(ink, grid, align_corners=False)
    darkness = torch.from_numpy(np.exp(dice.normal(0, 0.25, count)).astype(np.float32)).to(ink.device)
    ink = (ink / 255).clamp(0, 1).pow(darkness[:, None, None, None]) * 255
    for at in range(count):
        if dice.random() < 0.3:
            wide, high = (dice.uniform(0.1, 0.35, 2) * side).astype(int)
            left, top = dice.integers(0, side - wide), dice.integers(0, side - high)
            ink[at, :, top : top + high, left : left + wide] = 0
        if dice.random() < 0.25:
            noise = dice.standard_normal((1, side, side), dtype=np.float32) * dice.uniform(0, 20)
            ink[at] += torch.from_numpy(noise.astype(np.float32)).to(ink.device)
    return 255.0 - ink.clamp(0, 255)


def _moves(count: int, cut: float, dice: np.random.Generator) -> npt.NDArray[np.float32]:
    """(count, 2, 3) maps: a turn of some 4 degrees, 0.9 to 1.25 times the size, half of them mirrored.

    The share `cut` of them look at a window of 0.5 to 0.8 of the width and height instead.
    """
    turn = np.deg2rad(dice.normal(0, 4, count))
    scale = np.exp(dice.uniform(np.log(0.9), np.log(1.25), count))
    mirror = np.where(dice.random(count) < 0.5, -1, 1)
    aspect = np.exp(dice.normal(0, 0.06, count))
    moves = np.zeros((count, 2, 3), np.float32)
    moves[:, 0, 0] = mirror * np.cos(turn) * scale * aspect
    moves[:, 0, 1] = -np.sin(turn) * scale
    moves[:, 1, 0] = mirror * np.sin(turn) * scale
    moves[:, 1, 1] = np.cos(turn) * scale / aspect
    moves[:, :, 2] = dice.normal(0, 0.04, (count, 2))
    for at in np.flatnonzero(dice.random(count) < cut) if cut else ():
        window = dice.uniform(0.5, 0.8)
        moves[at, :, :2] *= window
        moves[at, :, 2] = dice.uniform(window - 0.9, 0.9 - window, 2)
    return moves


def contrastive(vectors: Tensor, groups: Tensor, temperature: float) -> Tensor:
    """The supervised contrastive loss of unit vectors (n, d) in groups (n,)."""
    itself = torch.eye(len(groups), dtype=torch.bool, device=vectors.device)
    likeness = (vectors @ vectors.T / temperature).masked_fill(itself, -1e9)
    together = (groups[:, None] == groups[None]) & ~itself
    logs = likeness - torch.logsumexp(likeness, 1, keepdim=True)
    partners = together.sum(1)
    return (-(logs * together).sum(1)[partners > 0] / partners[partners > 0]).mean()


@torch.no_grad()
def pooled(encoder: Encoder, squares: npt.NDArray[np.uint8], device: str) -> Tensor:
    """Features (n, 1280) at the size of the report."""
    found = []
    for at in range(0, len(squares), 16):
        block = torch.from_numpy(np.array(squares[at : at + 16])).float()[:, None].to(device)
        size = (REPORT_SIDE, REPORT_SIDE)
        block = functional.interpolate(block, size, mode="bilinear", antialias=True, align_corners=False)
        found.append(encoder.pooled(block))
    return torch.cat(found)


def measured(
    features: Tensor, centre: Tensor, groups: npt.NDArray[np.str_], asking: list[int]
) -> dict[str, float]:
    """mAP and R@1 of the drawings at `asking` among all, same patent relevant, without themselves."""
    vectors = functional.normalize(features - centre, dim=1).cpu().numpy()
    precisions, firsts = [], []
    for place in asking:
        order = np.argsort(-(vectors @ vectors[place]), kind="stable")
        right = groups[order[order != place]] == groups[place]
        if right.any():
            ranks = np.arange(1, len(right) + 1)
            precisions.append(float((np.cumsum(right) / ranks * right).sum() / right.sum()))
            firsts.append(float(right[0]))
    return {"mAP": round(float(np.mean(precisions)), 4), "R@1": round(float(np.mean(firsts)), 4)}


def train(recipe: Recipe, real: Drawings, made: Drawings | None, out: Path, every: int) -> None:
    """Train, or go on training, leaving `encoder.pt`, `state.pt` and `curve.jsonl` in `out`."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(recipe.seed)
    out.mkdir(parents=True, exist_ok=True)
    names = {patent: n for n, patent in enumerate(sorted(set(real.groups)))}
    number = np.array([names[group] for group in real.groups])
    everyone = recipe.fold == "all"
    held = np.zeros(len(number), bool) if everyone else number % recipe.folds == int(recipe.fold)
    asking = np.flatnonzero(held if held.any() else ~held).tolist()
    draws = Draws(recipe, real, held, made)
    encoder = Encoder().to(device, memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(
        [
            {"params": encoder.network.parameters(), "lr": recipe.rate},
            {"params": [encoder.centre], "lr": recipe.rate * 5, "weight_decay": 0.0},
        ],
        weight_decay=1e-3,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, recipe.steps))
    curve = out / "curve.jsonl"
    started = time.monotonic()

    def report(step: int, loss: float) -> None:
        encoder.eval()
        features = pooled(encoder, real.squares, device)
        found = measured(features, encoder.centre.detach(), np.array(real.groups), asking)
        line = {"step": step, "loss": round(loss, 3), "held out": not everyone, **found}
        line["seconds"] = round(time.monotonic() - started)
        print(json.dumps(line), flush=True)
        with curve.open("a") as file:
            file.write(json.dumps(line) + "\n")

    first = _resume(out, recipe, encoder, optimiser, schedule, device)
    if first == 0:
        curve.unlink(missing_ok=True)
        report(0, float("nan"))
        if recipe.centre:
            encoder.centre.data.copy_(mean_of(encoder, real, held, made, recipe.seed, device))
            report(0, float("nan"))
    encoder.centre.requires_grad_(recipe.centre)
    losses: list[float] = []
    for step in range(first + 1, recipe.steps + 1):
        encoder.eval()  # keeps batch normalisation as it was
        dice = np.random.default_rng((recipe.seed, step))
        squares, groups = draws.batch(dice)
        vectors = encoder(redrawn(squares.to(device), recipe.side, recipe.cut, dice))
        loss = contrastive(vectors, groups.to(device), recipe.temperature)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(encoder.network.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
        if step % every == 0 or step == recipe.steps:
            report(step, float(np.mean(losses[-every:])))
            _keep(out, recipe, step, encoder, optimiser, schedule)


def _rate(step: int, steps: int) -> float:
    warm: float = min(1.0, (step + 1) / 30)
    return warm * 0.5 * (1 + float(np.cos(np.pi * min(1.0, step / steps))))


def mean_of(
    encoder: Encoder,
    real: Drawings,
    held: npt.NDArray[np.bool_],
    made: Drawings | None,
    seed: int,
    device: str,
) -> Tensor:
    """The mean vector of the drawings trained on, real and generated counting alike."""
    encoder.eval()
    dice = np.random.default_rng(seed)
    means = []
    for drawings, places in ((real, np.flatnonzero(~held)), (made, None)):
        if drawings is not None:
            among = np.arange(len(drawings.groups)) if places is None else places
            some = np.sort(dice.choice(among, min(_CENTRE_SAMPLE, len(among)), replace=False))
            means.append(pooled(encoder, drawings.squares[some], device).mean(0))
    return torch.stack(means).mean(0)


def _keep(out: Path, recipe: Recipe, step: int, encoder: Encoder, optimiser: Any, schedule: Any) -> None:
    """`encoder.pt` for the export and `state.pt` to go on from, each whole or not at all."""
    weights = {name: tensor.cpu() for name, tensor in encoder.network.state_dict().items()}
    if recipe.centre:
        weights["centre"] = encoder.centre.detach().cpu()
    state = {
        "recipe": repr(recipe),
        "step": step,
        "encoder": encoder.state_dict(),
        "optimiser": optimiser.state_dict(),
        "schedule": schedule.state_dict(),
    }
    for name, content in (("encoder.pt", weights), ("state.pt", state)):
        torch.save(content, out / f".{name}")
        (out / f".{name}").replace(out / name)


def _resume(out: Path, recipe: Recipe, encoder: Encoder, optimiser: Any, schedule: Any, device: str) -> int:
    """The step that `state.pt` stopped at, with everything as it was then; 0 where there is none."""
    path = out / "state.pt"
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True, map_location=device)
    if state["recipe"] != repr(recipe):
        raise SystemExit(f"{path} is of another recipe, {state['recipe']}. Name another --out.")
    encoder.load_state_dict(state["encoder"])
    optimiser.load_state_dict(state["optimiser"])
    schedule.load_state_dict(state["schedule"])
    print(f"Going on from step {state['step']}", flush=True)
    return int(state["step"])


def main() -> None:
    """Train by the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--real", type=Path, required=True, help="folder made by drawing_pairs.py")
    parser.add_argument("--generated", type=Path, help="the same of generated patents")
    parser.add_argument("--fold", default="0", help="patents to hold out: 0, 1, 2 … or all, to hold out none")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--every", type=int, default=100, help="steps between reports and checkpoints")
    parser.add_argument("--threads", type=int, default=0, help="threads on the CPU; 0 is all")
    parser.add_argument("--no-centre", action="store_true", help="subtract no mean vector")
    for name in ("steps", "seed", "side", "rate", "temperature", "folds", "cut"):
        default = getattr(Recipe("0"), name)
        parser.add_argument(f"--{name}", type=type(default), default=default)
    parser.add_argument("--patents-a-step", type=int, default=Recipe("0").real)
    parser.add_argument("--families-a-step", type=int, default=Recipe("0").generated)
    given = parser.parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    recipe = Recipe(
        given.fold,
        given.steps,
        given.seed,
        given.side,
        given.rate,
        given.temperature,
        given.patents_a_step,
        given.families_a_step,
        not given.no_centre,
        given.folds,
        given.cut,
    )
    made = load(given.generated) if given.generated else None
    train(recipe, load(given.real), made, given.out, given.every)


if __name__ == "__main__":
    main()
