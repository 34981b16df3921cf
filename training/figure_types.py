"""Train the classifier of figure types on generated figures, and report how often it is right.

A multi-layer perceptron reads the traits of `ipatent.figure_traits`. It is written in numpy, as it
is at run time: nothing but the base install is needed. Seeds, styles and chance of the tested
figures are not those trained on. With `--held-out` a network is trained without one manner of
drawing of each type (and without seven kinds of objects), and tested on those alone.

    python training/figure_types.py [--out FILE] [--held-out] [--figures N] [--processes N]
"""

import argparse
import itertools
import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from invented_drawings import invented
from ipatent.components import Ink
from ipatent.figure_traits import measure, small_picture
from ipatent.figure_type import TYPES, Network, caption_odds, prior_odds
from ipatent.patents import Pixels
from ipatent.sample.diagrams import DIAGRAMS, Subject
from ipatent.sample.dice import Dice
from ipatent.sample.lettering import paste, word
from ipatent.sample.object_figures import object_drawing, object_view
from ipatent.sample.objects import KINDS
from ipatent.sample.scene import assemble
from ipatent.sample.sheet import FigureContent, draw_figure
from ipatent.sample.story import number_parts
from ipatent.sample.style import draughtsman
from ipatent.sample.views import VIEWS as OBJECT_VIEWS
from ipatent.views import view_of

OUT = Path(__file__).parents[1] / "src/ipatent/assets/figure-types.npz"
HELD_KINDS = frozenset(sorted(KINDS)[::5])
HIDDEN = (96, 48)
EPOCHS = 60
MEMBERS = 3
Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A generated figure: its type, how it was drawn, its small picture, and its caption."""

    kind: str
    manner: str
    small: Pixels
    caption: str


def examples(part: str, number: int, copies: int) -> list[Example]:
    """Figure `number` of the part (`train`, `check` or `test`) in several scans."""
    seed = f"figure types/{part}/{number}"
    chance = random.Random(seed)
    kinds = [*sorted(DIAGRAMS), *["drawing"] * 5]
    kind = kinds[number % len(kinds)]
    design = kind == "drawing" and chance.random() < 0.6
    style = draughtsman(Dice(f"style/{seed}"), design)
    room = chance.choice(((2120, 2640), (2120, 1280), (1020, 1280), (2640, 2120), (1500, 900)))
    if kind == "drawing":
        manner, content = _object(chance, style, seed, design)
    else:
        manners = DIAGRAMS[kind]
        draughter = manners[number // len(kinds) % len(manners)]
        manner = draughter.__name__
        about = chance.choice(sorted(KINDS))
        subject = Subject(chance.randint(1, 9) * 100, KINDS[about].nouns[0], ("body", "cover", "stem"))
        diagram = draughter(chance, style, subject)
        content = FigureContent("1", "", kind, diagram.phrase, 1.0, diagram.drawing.fitted)
    ink, _ = draw_figure(content, *room, style)
    if not ink.any():
        raise ValueError(f"nothing was drawn: {seed}")
    return [
        Example(kind, manner, small_picture(scanned(ink, random.Random(f"{seed}/{copy}"))), content.caption)
        for copy in range(copies)
    ]


def inventions(part: str, number: int, copies: int) -> list[Example]:
    """Invented drawing `number` of the part in several scans."""
    seed = f"invented/{part}/{number}"
    chance = random.Random(seed)
    style = draughtsman(Dice(f"style/{seed}"), True)
    ink = invented(chance, style, *chance.choice(((2120, 2640), (2120, 1280), (1020, 1280), (2640, 2120))))
    return [
        Example("drawing", "invented", small_picture(scanned(ink, random.Random(f"{seed}/{copy}"))), "")
        for copy in range(copies)
    ]


def _object(chance: random.Random, style: object, seed: str, design: bool) -> tuple[str, FigureContent]:
    name = chance.choice(sorted(KINDS))
    parts = KINDS[name].build(Dice(f"object/{seed}"))
    if design and chance.random() < 0.25:
        broken = chance.choice([part.term for part in parts])
        parts = [replace(part, environment=part.term == broken) for part in parts]
    views = [view for view in OBJECT_VIEWS if not design or view not in ("exploded", "section")]
    view_name = chance.choice(views)
    scene = assemble(parts, 1.0 if view_name == "exploded" else 0.0)
    direction = (90.0, 0.0) if view_name == "section" else None
    view = object_view(scene, parts, view_name, style, seed, direction)  # type: ignore[arg-type]
    numerals = {} if design else number_parts(parts, chance)
    caption = f"a {OBJECT_VIEWS[view_name].phrase} of the {KINDS[name].nouns[0]}"
    make = partial(_drawn, view, numerals)
    return name, FigureContent("1", view_name, "drawing", caption, view.seen.width / view.seen.height, make)


def _drawn(view, numerals, width, height):  # type: ignore[no-untyped-def]
    return object_drawing(view, width, height, numerals)


def scanned(ink: Ink, chance: random.Random) -> Pixels:
    """The figure as a scanner gives it: turned, smaller, thicker or thinner, noisy, 1-bit or grey."""
    noise = np.random.default_rng(chance.getrandbits(32))
    ink = np.pad(ink, chance.choice((4, 12, 12, 40)))
    if chance.random() < 0.12:
        ink = np.rot90(ink, chance.choice((1, 2, 3)))
    if chance.random() < 0.12:
        # What is left of a label that could not be read.
        stamp = word(chance.choice(("FIG. 2", "FIG", ". 4", "3/7")), "times bold", chance.randint(40, 80))
        ink = np.pad(ink, ((0, stamp.shape[0] + 60), (0, max(0, stamp.shape[1] + 40 - ink.shape[1]))))
        paste(ink, stamp, chance.randint(0, ink.shape[1] - stamp.shape[1]), ink.shape[0] - stamp.shape[0] - 9)
    thicker = chance.choice((0, 0, 0, 1, 1, 2, -1))
    for step in range(abs(thicker)):
        moved = ink.copy()
        target, source = (np.s_[1:], np.s_[:-1]) if step == 0 else (np.s_[:, 1:], np.s_[:, :-1])
        if thicker > 0:
            moved[target] |= ink[source]
        else:
            moved[target] &= ink[source] | (noise.random(ink[source].shape) < 0.5)
        ink = moved
    if chance.random() < 0.3:
        specks = chance.uniform(0, 2e-4)
        count = int(ink.size * specks)
        spots = noise.integers(0, ink.size, count)
        ink = ink.copy()
        ink.reshape(-1)[spots] = noise.random(count) < 0.5
    picture = Image.fromarray(np.where(ink, np.uint8(chance.choice((0, 0, 0, 40, 70))), np.uint8(255)))
    if chance.random() < 0.3:
        picture = picture.rotate(
            chance.uniform(-1.2, 1.2), Image.Resampling.BILINEAR, expand=True, fillcolor=255
        )
    if chance.random() < 0.4:
        scale = chance.uniform(0.35, 1.0)
        size = (max(24, int(picture.width * scale)), max(24, int(picture.height * scale)))
        picture = picture.resize(size, Image.Resampling.BOX)
    pixels = np.asarray(picture)
    if chance.random() < 0.5:
        pixels = np.where(pixels < chance.randint(110, 210), np.uint8(0), np.uint8(255))
    return np.ascontiguousarray(pixels)


def batch(part: str, copies: int, numbers: Sequence[int]) -> list[Example]:
    """Several figures, and an invented drawing for every second one; travels to another process."""
    made = [example for number in numbers for example in examples(part, number, copies)]
    made += [e for number in numbers if number % 2 == 0 for e in inventions(part, number, copies)]
    return made


def generate(part: str, count: int, copies: int, processes: int) -> Iterator[Example]:
    """The figures of a part in their order."""
    pieces = [range(start, min(start + 25, count)) for start in range(0, count, 25)]
    if processes <= 1:
        for piece in pieces:
            yield from batch(part, copies, piece)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for made in pool.map(partial(batch, part, copies), pieces):
            yield from made


def train(traits: Array, target: npt.NDArray[np.int64], seed: int) -> Network:
    """One network: Adam (Kingma & Ba, 2015), label smoothing, dropout, types weighed equally."""
    chance = np.random.default_rng(seed)
    mean, scale = traits.mean(0), traits.std(0) + 1e-3
    level = np.clip((traits - mean) / scale, -4, 4)
    sizes = (level.shape[1], *HIDDEN, len(TYPES))
    weights = [
        chance.normal(0, np.sqrt(2 / a), (a, b)).astype(np.float32) for a, b in itertools.pairwise(sizes)
    ]
    biases = [np.zeros(b, np.float32) for b in sizes[1:]]
    share = 1 / np.maximum(np.bincount(target, minlength=len(TYPES)), 1)
    heavy = (share[target] / share[target].mean()).astype(np.float32)
    wanted = np.full((len(target), len(TYPES)), 0.04 / len(TYPES), np.float32)
    wanted[np.arange(len(target)), target] += 0.96
    moments = [(np.zeros_like(p), np.zeros_like(p)) for p in (*weights, *biases)]
    step, size = 0, 128
    total = EPOCHS * (len(level) // size + 1)
    for _ in range(EPOCHS):
        order = chance.permutation(len(level))
        for start in range(0, len(order), size):
            chosen = order[start : start + size]
            now = level[chosen] + chance.normal(0, 0.12, (len(chosen), level.shape[1])).astype(np.float32)
            now *= chance.random(now.shape, np.float32) > 0.1
            states, masks = [now], []
            for number, (w, b) in enumerate(zip(weights, biases, strict=True)):
                now = now @ w + b
                if number < len(weights) - 1:
                    mask = (now > 0) * (chance.random(now.shape, np.float32) > 0.15) / np.float32(0.85)
                    now = now * mask
                    masks.append(mask)
                    states.append(now)
            now = np.exp(now - now.max(1, keepdims=True))
            slope = (now / now.sum(1, keepdims=True) - wanted[chosen]) * heavy[chosen, None] / len(chosen)
            slopes_w, slopes_b = [], []
            for number in reversed(range(len(weights))):
                slopes_w.append(states[number].T @ slope + 3e-4 * weights[number])
                slopes_b.append(slope.sum(0))
                if number:
                    slope = (slope @ weights[number].T) * masks[number - 1]
            step += 1
            rate = 2e-3 * 0.5 * (1 + np.cos(np.pi * step / total))
            for value, slope_of, (first, second) in zip(
                (*weights, *biases), (*slopes_w[::-1], *slopes_b[::-1]), moments, strict=True
            ):
                first += 0.1 * (slope_of - first)
                second += 0.001 * (slope_of**2 - second)
                value -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return Network(mean, scale, tuple(weights), tuple(biases), 1.0)


def together(members: Sequence[Network]) -> Network:
    """Networks side by side as one, whose outputs are their mean."""
    first, *others = zip(*(m.weights for m in members), strict=True)
    weights = [np.concatenate(first, axis=1)]
    for number, layer in enumerate(others):
        last = number == len(others) - 1
        if last:
            weights.append(np.concatenate(layer, axis=0) / len(layer))
            continue
        rows, columns = layer[0].shape
        joined = np.zeros((rows * len(layer), columns * len(layer)), np.float32)
        for place, block in enumerate(layer):
            joined[place * rows : (place + 1) * rows, place * columns : (place + 1) * columns] = block
        weights.append(joined)
    *hidden, final = zip(*(m.biases for m in members), strict=True)
    biases = [np.concatenate(layer) for layer in hidden] + [np.mean(final, axis=0)]
    return Network(members[0].mean, members[0].scale, tuple(weights), tuple(biases), 1.0)


def calibrated(network: Network, traits: Array, target: npt.NDArray[np.int64]) -> Network:
    """The network with the temperature that makes the held-out types likeliest, types weighed equally."""
    share = 1 / np.maximum(np.bincount(target, minlength=len(TYPES)), 1)
    best = min(
        np.geomspace(0.2, 5, 80),
        key=lambda t: (
            -float(
                (
                    replace(network, temperature=float(t))(traits)[np.arange(len(target)), target]
                    * share[target]
                ).sum()
            )
        ),
    )
    return replace(network, temperature=float(best))


def trained(
    traits: Array, target: npt.NDArray[np.int64], check: tuple[Array, npt.NDArray[np.int64]]
) -> Network:
    """An ensemble with calibrated confidence."""
    return calibrated(together([train(traits, target, seed) for seed in range(MEMBERS)]), *check)


def report(title: str, truth: npt.NDArray[np.int64], found: npt.NDArray[np.int64]) -> None:
    """The confusion matrix as a table in Markdown: a row for each true type."""
    print(f"\n{title}: {np.mean(truth == found):.4f} of {len(truth)}\n")
    print("| | " + " | ".join(TYPES) + " | right |")
    print("|---|" + "---:|" * (len(TYPES) + 1))
    for row, name in enumerate(TYPES):
        own = found[truth == row]
        if len(own):
            counts = np.bincount(own, minlength=len(TYPES))
            print(
                f"| {name} | "
                + " | ".join(str(c) if c else "" for c in counts)
                + f" | {counts[row] / len(own):.3f} |"
            )


def error_of_confidence(odds: Array, truth: npt.NDArray[np.int64]) -> float:
    """Expected calibration error in ten equal steps of confidence."""
    shares = np.exp(odds)
    sure, right = shares.max(1), shares.argmax(1) == truth
    place = np.minimum((sure * 10).astype(int), 9)
    return float(
        sum(
            abs(sure[place == n].mean() - right[place == n].mean()) * (place == n).mean()
            for n in range(10)
            if (place == n).any()
        )
    )


def held_out(made: Example) -> bool:
    """Whether the manner of drawing (or kind of object) is one that `--held-out` keeps from training."""
    if made.kind == "drawing":
        return made.manner in HELD_KINDS
    return made.manner == DIAGRAMS[made.kind][-1].__name__


def save(network: Network, path: Path) -> None:
    """The network as half floats; the bytes depend on the numbers alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values: dict[str, npt.NDArray[np.float16] | npt.NDArray[np.float32]] = {
        "mean": network.mean.astype(np.float32),
        "scale": network.scale.astype(np.float32),
        "temperature": np.array(network.temperature, np.float32),
    }
    for number, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        values[f"weight{number}"] = weight.astype(np.float16)
        values[f"bias{number}"] = bias.astype(np.float16)
    np.savez_compressed(path, **values)  # type: ignore[arg-type]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument(
        "--held-out", action="store_true", help="report on manners never trained on; write nothing"
    )
    parser.add_argument("--figures", type=int, default=2000, help="figures to train on, twice scanned each")
    parser.add_argument("--processes", type=int, default=1)
    asked = parser.parse_args()
    started = time.perf_counter()
    parts = {}
    for part, count, copies in (
        ("train", asked.figures, 2),
        ("check", asked.figures // 6, 1),
        ("test", asked.figures // 4, 1),
    ):
        made = list(generate(part, count, copies, asked.processes))
        parts[part] = (
            np.stack([measure(example.small) for example in made]),
            np.array([TYPES.index(example.kind) for example in made]),
            made,
        )
        print(f"{part}: {len(made)} figures, {time.perf_counter() - started:.0f} s", flush=True)
    evaluate(parts, asked.held_out, None if asked.held_out else asked.out)
    print(f"\n{time.perf_counter() - started:.0f} s")


def evaluate(
    parts: dict[str, tuple[Array, npt.NDArray[np.int64], list[Example]]], without: bool, out: Path | None
) -> Network:
    """Trains, tests and reports; writes the network where `out` is given."""
    (traits, target, made), (checked, right, known), (seen, truth, tested) = (
        parts[name] for name in ("train", "check", "test")
    )
    if without:
        # What is kept from training may be tested on, from whichever part it is.
        every = [*made, *known, *tested]
        new = np.array([held_out(example) for example in every])
        seen = np.concatenate([traits, checked, seen])[new]
        truth = np.concatenate([target, right, truth])[new]
        tested = [example for example, chosen in zip(every, new, strict=True) if chosen]
        keep, keep_known = ~new[: len(made)], ~new[len(made) : len(made) + len(known)]
        traits, target, checked, right = traits[keep], target[keep], checked[keep_known], right[keep_known]
    else:
        drawn = np.array([example.manner != "invented" for example in tested])
        seen, truth = seen[drawn], truth[drawn]
        tested = [example for example in tested if example.manner != "invented"]
    network = trained(traits, target, (checked, right))
    if out:
        save(network, out)
    odds = network(seen)
    name = "manners never trained on" if without else "unseen seeds"
    report(f"Pictures alone, {name}", truth, odds.argmax(1))
    print(
        f"\ntemperature {network.temperature:.2f}, calibration error {error_of_confidence(odds, truth):.3f}"
    )
    words = np.array([caption_odds(e.caption, view_of(e.caption)) for e in tested])
    whole = np.maximum(odds, -5) + words + prior_odds(False)
    report(f"Pictures and captions, {name}", truth, whole.argmax(1))
    return network


if __name__ == "__main__":
    main()
