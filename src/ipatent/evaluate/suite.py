"""Which tasks run under which systems, one outcome after the other."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ipatent.encode import Encoder, hub
from ipatent.encode.choice import open_encoder
from ipatent.encode.models import MODELS
from ipatent.errors import QueryError
from ipatent.evaluate import Answer, Outcome
from ipatent.evaluate.collection import Collection, encoded
from ipatent.evaluate.likeness import Rank, cosine, family, region, reid, second_looks
from ipatent.evaluate.measures import score
from ipatent.evaluate.questions import captions, descriptions, titles, with_words
from ipatent.patents import Vectors
from ipatent.query import SecondLook
from ipatent.settings import Settings

Say = Callable[[str], None]

TASKS = {
    "reid": "a figure finds the others of its patent",
    "family": "a figure finds those of other patents of its family",
    "region": "a cut-out finds its figure",
    "caption": "a caption finds its figure",
    "title": "a title finds its patent",
    "description": "a description in other words finds its patent",
    "both": "a figure and the name of what it shows find the same thing elsewhere",
}
PICTURES = ("reid", "family", "region")
"""Tasks that compare encoders; the others measure the whole search."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: tasks, at most so many topics for those that draw them, and with which seed."""

    tasks: tuple[str, ...]
    queries: int = 300
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """An encoder, with or without painting over numerals, and its vectors of the whole collection."""

    name: str
    encoder: Encoder
    vectors: Vectors
    seconds: float
    numerals: bool = True
    rank: Rank = cosine


def baselines(settings: Settings, say: Say) -> list[Encoder]:
    """HOG, the density histogram, the built-in encoder, and each CLIP model whose weights are on disk."""
    names = ["hog", "ahdh", "builtin"]
    for name, model in MODELS.items():
        if hub.is_complete(hub.folder_of(settings.models_dir, model.repository)):
            names.append(name)
        else:
            say(f"{name} is left out: its weights are not in {settings.models_dir}.")
    return [named(name, settings) for name in names]


def named(name: str, settings: Settings) -> Encoder:
    """The encoder of this name, downloaded if need be. Raises EncoderError."""
    return open_encoder(replace(settings, encoder=name))


def systems(
    collection: Collection,
    encoders: Iterable[Encoder],
    say: Say,
    looks: Sequence[tuple[SecondLook, ...]] = (),
) -> list[System]:
    """Each encoder's vectors of all figures, then with each of the combinations of second `looks`.

    The collection's own also with its numerals painted over, where numerals were read at all.
    """
    found: list[System] = []
    for encoder in encoders:
        say(f"Encoding {len(collection.figures)} figures with {encoder.spec.name}")
        plain = _system(collection, encoder, True)
        found.append(plain)
        for names in looks:
            name = f"{plain.name}, {' + '.join(names)}"
            found.append(replace(plain, name=name, rank=second_looks(collection, names)))
    if any(figure.numerals for figure in collection.figures):
        say("Encoding the figures without their numerals")
        found.append(_system(collection, collection.encoder, False))
    return found


def _system(collection: Collection, encoder: Encoder, numerals: bool) -> System:
    started = time.perf_counter()
    vectors = encoded(collection, encoder, numerals)
    name = encoder.spec.name if numerals else f"{encoder.spec.name}, no numerals"
    return System(name, encoder, vectors, time.perf_counter() - started, numerals)


def run(collection: Collection, plan: Plan, compared: Sequence[System], say: Say) -> Iterator[Outcome]:
    """The outcome of each task under each system that it compares.

    A task that the collection has no topics for (no families, no captions) is told and left out.
    Raises QueryError when that leaves nothing.
    """
    some = False
    for task in plan.tasks:
        for system, candidates, answers in _answered(task, collection, plan, compared):
            started = time.perf_counter()
            scored = score(answers)
            if not scored:
                say(f"{task} is left out: {_WHY[task]}.")
                break
            some = True
            seconds = time.perf_counter() - started
            yield Outcome(task, system, collection.name, scored, candidates, seconds)
    if not some:
        raise QueryError(
            f"There is nothing to measure in {collection.name}.",
            "It takes patents with several figures, or with titles and captions.",
        )


_WHY = {
    "reid": "no patent has two figures",
    "family": "no two patents are known to be of one family",
    "region": "there is no figure",
    "caption": "no figure has a caption",
    "title": "no patent has a title",
    "description": "only generated patents, with their truth, have descriptions in other words",
    "both": "no figure's object is named, or none is shown twice",
}


def _answered(
    task: str, collection: Collection, plan: Plan, compared: Sequence[System]
) -> Iterator[tuple[str, int, Iterable[Answer]]]:
    """Name of the system, number of candidates, and the answers (lazily)."""
    figures, patents = len(collection.figures), len(collection.patents)
    queries, seed = plan.queries, plan.seed
    if task in PICTURES:
        for system in compared:
            if task == "reid":
                yield system.name, figures - 1, reid(collection, system.vectors, system.rank)
            elif task == "family":
                yield system.name, figures, family(collection, system.vectors, system.rank)
            elif system.numerals:
                answers = region(collection, system.vectors, system.encoder, queries, seed, system.rank)
                yield system.name, figures, answers
        return
    name = f"search with {collection.encoder.spec.name}"
    if task == "caption":
        yield name, figures, captions(collection, queries, seed)
    elif task == "title":
        yield name, patents, titles(collection, queries, seed)
    elif task == "description":
        yield name, patents, descriptions(collection, queries, seed)
    else:
        for told, weight in (("picture alone", 0.0), ("words alone", 1.0), ("picture and words", 0.5)):
            yield f"{told}, {name}", figures, with_words(collection, queries, seed, weight)
