"""Mixes trained weights of the image encoder with those it started from: unseen drawings are found better.

    python training/mix_image_encoder.py --run runs/final --real drawings/real \
        --generated drawings/generated --share 0.5 --out runs/mixed.pt
    python training/export_image_encoder.py --checkpoint runs/mixed.pt --check

Training sharpens the encoder for the drawings it saw and blunts it for others; on the straight line
between the two networks lie ones that are better at both (Wortsman et al., "Robust fine-tuning of
zero-shot models", CVPR 2022). The mean vector is taken anew from the drawings trained on. With a run
that held patents out, each share is measured on these, by leave one out.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from drawing_pairs import Drawings, load
from train_image_encoder import Encoder, mean_of, measured, pooled


def mix(checkpoint: Path, share: float) -> Encoder:
    """The encoder on the way from its ImageNet weights (`share` 0) to those of `checkpoint` (`share` 1)."""
    encoder = Encoder().to(memory_format=torch.channels_last).eval()
    trained = torch.load(checkpoint, weights_only=True, map_location="cpu")
    trained.pop("centre", None)
    start = encoder.network.state_dict()
    encoder.network.load_state_dict(
        {
            name: torch.lerp(tensor, trained[name], share) if tensor.is_floating_point() else tensor
            for name, tensor in start.items()
        }
    )
    return encoder


def held_out(real: Drawings, fold: str, folds: int) -> np.ndarray:
    """Which drawings (n,) bool the fold left out of training, all of a patent or none."""
    number = np.unique(np.array(real.groups), return_inverse=True)[1]
    return np.zeros(len(number), bool) if fold == "all" else number % folds == int(fold)


def main() -> None:
    """Mix, measure where patents were held out, and write the checkpoint for the export."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True, help="folder left by train_image_encoder.py")
    parser.add_argument("--real", type=Path, required=True)
    parser.add_argument("--generated", type=Path)
    parser.add_argument("--fold", default="all", help="the fold of the run")
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--share", type=float, nargs="+", default=[0.5], help="the last one is written")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--threads", type=int, default=0)
    given = parser.parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    real, made = load(given.real), load(given.generated) if given.generated else None
    held = held_out(real, given.fold, given.folds)
    for share in given.share:
        encoder = mix(given.run / "encoder.pt", share)
        centre = mean_of(encoder, real, held, made, 0, "cpu")
        if held.any():
            features = pooled(encoder, real.squares, "cpu")
            asking = np.flatnonzero(held).tolist()
            print(share, measured(features, centre, np.array(real.groups), asking), flush=True)
    if given.out:
        torch.save({**encoder.network.state_dict(), "centre": centre.detach()}, given.out)
        print(given.out)


if __name__ == "__main__":
    main()
