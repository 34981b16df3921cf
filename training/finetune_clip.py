"""Fine-tunes the image tower of a CLIP or SigLIP model: drawings of one patent move together.

    python training/finetune_clip.py --images deeppatent/images --train-list train_patent_trn.txt \
        --val-list val.txt --model ViT-B-16-SigLIP-512 --pretrained webli --size 512 --out runs/siglip
    python training/finetune_clip.py --index ~/.local/share/ipatent --model ViT-B-16 \
        --pretrained laion400m_e32 --out runs/mine
    torchrun --nproc-per-node 8 training/finetune_clip.py …            # several graphics cards

All layers are trained, by the supervised contrastive loss (Khosla et al., 2020), ArcFace (Deng et al.,
2019), or the sum of both. Training may be broken off: the same command goes on from the last checkpoint,
to the same weights. At the end the tuned weights are mixed with those at the start (Wortsman et al.,
2022), at the share that is best on the patents held back, and written to OUT/export for `--encoder
local-dir:OUT/export`. `docs/finetuning.md` has a recipe.
"""

import argparse
import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as functional

import patent_pictures
from clip_tower import POOLS, Tower, export, groups, mixed, normaliser, open_tower
from ipatent.encode.clip import RESAMPLING
from patent_pictures import Pictures, Squared, Steps

Tensor = torch.Tensor
LOSSES = ("supcon", "arcface", "both")


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what comes out, kept beside the checkpoint."""

    model: str
    pretrained: str = ""
    pool: str = "model"
    size: int = 224
    loss: str = "both"
    steps: int = 2000
    warm: int = 100
    """Steps until the rate is at its peak; it then falls as a cosine."""
    patents: int = 16
    """Patents a micro-step and card."""
    each: int = 4
    """Drawings of each."""
    accumulate: int = 1
    """Micro-steps before the weights move. The contrastive loss compares within one micro-step."""
    rate: float = 5e-5
    head_rate: float = 1e-2
    """Of ArcFace's class vectors, which start at random and have no layers below."""
    decay: float = 0.75
    """How fast each layer learns compared with the one above."""
    weight_decay: float = 0.05
    temperature: float = 0.07
    margin: float = 0.3
    scale: float = 30.0
    precision: str = "bf16"
    checkpointing: bool = False
    turns: bool = True
    """Whether drawings are also moved, turned a little and mirrored."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Crew:
    """The processes that train together, and which of them this is."""

    rank: int
    size: int
    device: str

    @property
    def leads(self) -> bool:
        """Whether this process reports and writes."""
        return self.rank == 0


class ArcFace(torch.nn.Module):
    """Cross entropy over patents with an angular margin for the right one (Deng et al., 2019)."""

    def __init__(self, patents: int, dimension: int, margin: float, scale: float) -> None:
        super().__init__()
        self.margin, self.scale = margin, scale
        self.centres = torch.nn.Parameter(torch.randn(patents, dimension) * 0.01)

    def forward(self, vectors: Tensor, labels: Tensor) -> Tensor:
        """The loss of unit vectors (n, d) of the patents `labels` (n,)."""
        cosines = vectors @ functional.normalize(self.centres, dim=1).T
        angles = torch.acos(cosines.clamp(-1 + 1e-6, 1 - 1e-6))
        right = functional.one_hot(labels, len(self.centres)).bool()
        # Beyond a half turn the cosine would rise again.
        wanted = torch.cos((angles + self.margin).clamp(max=math.pi))
        return functional.cross_entropy(self.scale * torch.where(right, wanted, cosines), labels)


def contrastive(vectors: Tensor, labels: Tensor, temperature: float) -> Tensor:
    """The supervised contrastive loss of unit vectors (n, d) of the patents `labels` (n,)."""
    itself = torch.eye(len(labels), dtype=torch.bool, device=vectors.device)
    likeness = (vectors @ vectors.T / temperature).masked_fill(itself, -1e9)
    together = (labels[:, None] == labels[None]) & ~itself
    logs = likeness - torch.logsumexp(likeness, 1, keepdim=True)
    partners = together.sum(1)
    return (-(logs * together).sum(1)[partners > 0] / partners[partners > 0]).mean()


def join_crew() -> Crew:
    """This process's place, as `torchrun` tells it; alone without."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    rank, local = int(os.environ.get("RANK", "0")), int(os.environ.get("LOCAL_RANK", "0"))
    cuda = torch.cuda.is_available()
    if cuda:
        torch.cuda.set_device(local)
    if size > 1:
        torch.distributed.init_process_group("nccl" if cuda else "gloo")
    return Crew(rank, size, f"cuda:{local}" if cuda else "cpu")


def gathered(vectors: Tensor, labels: Tensor, crew: Crew) -> tuple[Tensor, Tensor]:
    """The vectors and labels of all processes; gradients flow back to each one's own."""
    if crew.size == 1:
        return vectors, labels
    from torch.distributed.nn.functional import all_gather

    counts = [torch.zeros(1, dtype=torch.long, device=crew.device) for _ in range(crew.size)]
    torch.distributed.all_gather(counts, torch.tensor([len(labels)], device=crew.device))
    most = max(int(count) for count in counts)
    room = most - len(labels)
    every = all_gather(functional.pad(vectors, (0, 0, 0, room)))
    told = [torch.zeros(most, dtype=labels.dtype, device=crew.device) for _ in range(crew.size)]
    torch.distributed.all_gather(told, functional.pad(labels, (0, room)))
    return (
        torch.cat([part[: int(count)] for part, count in zip(every, counts, strict=True)]),
        torch.cat([part[: int(count)] for part, count in zip(told, counts, strict=True)]),
    )


class Training:
    """Tower, loss and optimiser at some step of a recipe."""

    def __init__(
        self, recipe: Recipe, opened: tuple[Tower, dict[str, Any]], patents: int, crew: Crew
    ) -> None:
        self.recipe, self.crew = recipe, crew
        tower, self.told = opened
        self.start = {name: tensor.clone() for name, tensor in tower.state_dict().items()}
        self.tower: Tower = tower.to(crew.device)
        dimension = self.told["dimension"]
        self.arcface = ArcFace(patents, dimension, recipe.margin, recipe.scale).to(crew.device)
        made = groups(self.tower, recipe.rate, recipe.decay, recipe.weight_decay)
        if recipe.loss != "supcon":
            made.append(
                {"params": [self.arcface.centres], "peak": recipe.head_rate, "lr": 0.0, "weight_decay": 0.0}
            )
        self.optimiser = torch.optim.AdamW(made, betas=(0.9, 0.98))
        self.normalised = normaliser(self.told, crew.device)
        self.step = 0

    def loss(self, squares: Tensor, labels: Tensor) -> Tensor:
        """The loss of one micro-step."""
        labels = labels.to(self.crew.device)
        vectors = self.vectors(squares)
        loss = torch.zeros((), device=self.crew.device)
        if self.recipe.loss != "arcface":
            loss = loss + contrastive(*gathered(vectors, labels, self.crew), self.recipe.temperature)
        if self.recipe.loss != "supcon":
            loss = loss + self.arcface(vectors, labels)
        return loss

    def vectors(self, squares: Tensor) -> Tensor:
        """Unit vectors of squares (n, size, size) uint8."""
        device = self.crew.device.partition(":")[0]
        with torch.autocast(device, torch.bfloat16, enabled=self.recipe.precision == "bf16"):
            found: Tensor = self.tower(self.normalised(squares))
        return found

    def move(self, batches: list[tuple[Tensor, Tensor]]) -> float:
        """One step of the optimiser over micro-steps; the mean loss of this process."""
        self.tower.train()
        self.step += 1
        # What is drawn inside the model depends on the step alone, so that it can be resumed.
        torch.manual_seed(self.recipe.seed * 1_000_003 + self.step)
        share = rate_share(self.step, self.recipe)
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * share
        self.optimiser.zero_grad()
        total = 0.0
        for squares, labels in batches:
            loss = self.loss(squares, labels) / len(batches)
            loss.backward()
            total += loss.item()
        moved = [p for group in self.optimiser.param_groups for p in group["params"] if p.grad is not None]
        if self.crew.size > 1:
            for parameter in moved:
                torch.distributed.all_reduce(parameter.grad)
                parameter.grad /= self.crew.size
        torch.nn.utils.clip_grad_norm_(moved, 1.0)
        self.optimiser.step()
        return total

    def state(self) -> dict[str, Any]:
        """Everything to go on from."""
        return {
            "recipe": repr(self.recipe),
            "step": self.step,
            "tower": self.tower.state_dict(),
            "arcface": self.arcface.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }

    def resume(self, path: Path) -> None:
        """Go on from what `state` gave; another recipe ends the run."""
        if not path.exists():
            return
        state = torch.load(path, weights_only=True, map_location=self.crew.device)
        if state["recipe"] != repr(self.recipe):
            raise SystemExit(f"{path} is of another recipe, {state['recipe']}. Name another --out.")
        self.tower.load_state_dict(state["tower"])
        self.arcface.load_state_dict(state["arcface"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = int(state["step"])


def rate_share(step: int, recipe: Recipe) -> float:
    """The share of the peak rate at a step, from 1 to the last, which still moves something."""
    if step <= recipe.warm:
        return step / max(1, recipe.warm)
    done = (step - recipe.warm) / max(1, recipe.steps - recipe.warm + 1)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


@torch.no_grad()
def encoded(training: Training, squared: Squared, batch: int = 32) -> npt.NDArray[np.float32]:
    """The vectors of all pictures held back."""
    training.tower.eval()
    rows = []
    for at in range(0, len(squared.pictures.listed), batch):
        some = range(at, min(at + batch, len(squared.pictures.listed)))
        rows.append(training.vectors(torch.from_numpy(np.stack([squared[n] for n in some]))).cpu().numpy())
    found: npt.NDArray[np.float32] = np.concatenate(rows)
    return found


def train(
    training: Training, steps: Steps, held: Squared, out: Path, every: int, readers: int, until: int
) -> None:
    """Train, or go on training, leaving `state.pt` and `curve.jsonl` in `out`; stop after step `until`."""
    recipe, crew = training.recipe, training.crew
    training.resume(out / "state.pt")
    report = _reporter(training, held, out)
    if training.step == 0:
        report(float("nan"))
    losses: list[float] = []
    batches = iter(
        torch.utils.data.DataLoader(
            steps,
            batch_size=None,
            sampler=range(training.step * recipe.accumulate, recipe.steps * recipe.accumulate),
            num_workers=readers,
        )
    )
    while training.step < min(recipe.steps, until):
        losses.append(training.move([next(batches) for _ in range(recipe.accumulate)]))
        if training.step % every == 0 or training.step in (recipe.steps, until):
            if crew.leads:
                torch.save(training.state(), out / ".state.pt")
                (out / ".state.pt").replace(out / "state.pt")
            report(float(np.mean(losses)))
            losses.clear()


def _reporter(training: Training, held: Squared, out: Path) -> Callable[[float], None]:
    started = time.monotonic()
    patents = patent_pictures.patents_of(held.pictures)

    def report(loss: float) -> None:
        if not training.crew.leads:
            return
        found = patent_pictures.measured(encoded(training, held), patents)
        line = {"step": training.step, "loss": None if math.isnan(loss) else round(loss, 4), **found}
        line["seconds"] = round(time.monotonic() - started)
        print(json.dumps(line), flush=True)
        with (out / "curve.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")

    return report


def mix(training: Training, held: Squared, shares: list[float]) -> float:
    """Give the tower the mixture that is best on the patents held back; its share of the tuned weights."""
    tuned = {name: tensor.cpu().clone() for name, tensor in training.tower.state_dict().items()}
    patents = patent_pictures.patents_of(held.pictures)
    found: list[tuple[float, float]] = []
    for share in shares:
        training.tower.load_state_dict(mixed(training.start, tuned, share))
        measured = patent_pictures.measured(encoded(training, held), patents)
        print(json.dumps({"share": share, **measured}), flush=True)
        found.append((measured["mAP"], share))
    best = max(found)[1]
    training.tower.load_state_dict(mixed(training.start, tuned, best))
    return best


def parts(given: argparse.Namespace) -> tuple[Pictures, Pictures]:
    """The pictures to train on, and those held back."""
    if given.images and given.train_list:
        to_train = patent_pictures.of_list(given.images, given.train_list)
        if given.val_list:
            return to_train, patent_pictures.of_list(given.images, given.val_list)
        return patent_pictures.without(to_train, given.held, given.seed)
    if given.images:
        return patent_pictures.without(patent_pictures.of_folder(given.images), given.held, given.seed)
    if given.index:
        return patent_pictures.without(patent_pictures.of_index(given.index), given.held, given.seed)
    raise SystemExit(
        "Name the pictures: --images DIR, with --train-list FILE where there is one, or --index DIR."
    )


def finetune(given: argparse.Namespace) -> None:
    """Train, mix, export, and say how to measure and use what came out."""
    crew = join_crew()
    recipe = Recipe(**{name: getattr(given, name) for name in asdict(Recipe(""))})
    given.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    opened = open_tower(recipe.model, recipe.pretrained, recipe.size, recipe.pool, recipe.checkpointing)
    resampling = RESAMPLING[opened[1]["preprocess"]["interpolation"]]
    squares = given.squares or given.out / "squares"
    to_train, held = (Squared(part, recipe.size, resampling, squares) for part in parts(given))
    if crew.leads:
        for name, part in (("Training on", to_train), ("held back", held)):
            of = len(set(patent_pictures.patents_of(part.pictures)))
            print(f"{name}: {len(part.pictures.listed):,} drawings of {of:,} patents", flush=True)
    steps = Steps(to_train, recipe.patents, recipe.each, recipe.seed, crew.rank, recipe.turns)
    training = Training(recipe, opened, len(steps.members), crew)
    train(training, steps, held, given.out, given.every, given.readers, given.until or recipe.steps)
    if crew.leads and training.step == recipe.steps:
        share = mix(training, held, [float(one) for one in given.shares.split(",")])
        # Only what was not pooled anew still lies in the space of the texts.
        text = given.text_from if recipe.pool == "model" else None
        gap = export(training.tower, training.told, given.out / "export", text)
        told = {"recipe": asdict(recipe), "share of tuned weights": share, "largest gap to torch": gap}
        (given.out / "recipe.json").write_text(json.dumps(told, indent=1) + "\n")
        print(
            f"{given.out / 'export'}: {share:g} of the tuned weights, largest difference to torch {gap:.1e}"
        )
        print(f"Measure it: ipatent eval reid … --encoder local-dir:{(given.out / 'export').absolute()}")
    if crew.size > 1:
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()


def main(arguments: list[str] | None = None) -> None:
    """Fine-tune by the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--images", type=Path, help="folder of pictures")
    parser.add_argument("--train-list", type=Path, help="paths below it and labels, as DeepPatent's lists")
    parser.add_argument("--val-list", type=Path, help="the same of patents held back")
    parser.add_argument("--index", help="data folder of iPatent, instead of --images")
    parser.add_argument(
        "--held", type=float, default=0.1, help="share of patents held back without --val-list"
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--squares", type=Path, help="where prepared pictures are kept; OUT/squares unless told"
    )
    parser.add_argument("--every", type=int, default=200, help="steps between reports and checkpoints")
    parser.add_argument("--until", type=int, default=0, help="stop after this step; the same command goes on")
    parser.add_argument("--readers", type=int, default=0, help="processes that read pictures")
    parser.add_argument("--shares", default="0.5,0.7,0.85,1", help="shares of tuned weights tried at the end")
    parser.add_argument("--text-from", type=Path, help="export of the same model, for its text tower")
    parser.add_argument("--model", required=True, help="of open_clip, hf-hub:…, or a JSON file")
    choices = {"pool": POOLS, "loss": LOSSES, "precision": ("bf16", "full")}
    for name, default in asdict(Recipe("")).items():
        option = "--" + name.replace("_", "-")
        if name == "model":
            continue
        if isinstance(default, bool):
            parser.add_argument(option, action=argparse.BooleanOptionalAction, default=default)
        else:
            parser.add_argument(option, type=type(default), default=default, choices=choices.get(name))
    finetune(parser.parse_args(arguments))


if __name__ == "__main__":
    main()
