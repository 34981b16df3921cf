"""Figure types: what kind of picture a figure is, told from its pixels and from the words about it."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ipatent.figure_traits import Traits, measure, small_picture
from ipatent.patents import Pixels

TYPES = (
    "drawing",
    "photograph",
    "flowchart",
    "block diagram",
    "circuit",
    "graph",
    "table",
    "chemical structure",
    "mathematics",
    "sequence listing",
    "program listing",
    "GUI",
    "other",
)
"""The closed vocabulary, in the order of the classifier's outputs."""

VERSION = "2"
"""Changes whenever another type could be found for the same figure."""

_MODEL = Path(__file__).parent / "assets" / "figure-types.npz"

LogOdds = npt.NDArray[np.float64]

# Natural logarithms. No picture is so clear that a caption which names the type could not overrule it.
_LEAST = -5.0
_NAMED = 9.0
_HINTED = 3.0
_UTILITY = (0.0, -2.5, -1.5, -1.5, -2.0, -1.5, -2.5, -2.5, -3.0, -3.0, -3.0, -2.0, -3.5)
_DESIGN = (0.0, -2.5, -9.0, -9.0, -9.0, -9.0, -9.0, -9.0, -9.0, -9.0, -9.0, -6.0, -7.0)
_SCREEN_DESIGN = (0.0, -3.0, -6.0, -6.0, -9.0, -6.0, -6.0, -9.0, -9.0, -9.0, -6.0, 4.0, -1.0)

_BY_VIEW = {
    "flowchart": "flowchart",
    "block diagram": "block diagram",
    "circuit": "circuit",
    "graph": "graph",
    "chemical structure": "chemical structure",
    "screen": "GUI",
    "photograph": "photograph",
}
_ASPECTS = frozenset(
    (
        "perspective",
        "front",
        "rear",
        "left side",
        "right side",
        "side",
        "top",
        "bottom",
        "plan",
        "elevation",
        "sectional",
        "exploded",
        "enlarged",
        "fragmentary",
    )
)
_WORDS = (
    (
        "photograph",
        r"photo(?:graph|micrograph)?s?|micrographs?|(?:sem|tem|x-ray|mri|ct|microscop\w+) images?",
    ),
    ("chemical structure", r"(?:chemical|structural|molecular) (?:formula|structure)\w*|reaction schemes?"),
    ("sequence listing", r"(?:nucleotide|nucleic acid|amino acid|dna|rna|protein|peptide|gene) sequences?"),
    ("sequence listing", r"sequence listings?|alignments?|seq\.? id"),
    ("program listing", r"(?:program|code|computer) listings?|(?:source|pseudo|program) ?-?codes?|scripts?"),
    ("flowchart", r"flow\s?-?\s?(?:chart|diagram)s?"),
    ("block diagram", r"(?:block|functional|system|network|architecture) diagrams?"),
    ("circuit", r"(?:circuit|wiring|logic) (?:diagram|schematic)s?|schematic circuit"),
    ("GUI", r"screen\s?-?\s?shots?|user interfaces?|(?:display|computer|example) screens?|guis?|web ?pages?"),
    (
        "graph",
        r"graphs?|plots?|histograms?|spectr(?:um|a)|chromatograms?|diffractograms?"
        r"|(?:timing|bar) (?:chart|diagram)s?",
    ),
    ("table", r"tables?"),
    ("mathematics", r"(?:mathematical )?(?:formula|equation|expression)(?:s|e)?"),
    ("other", r"maps?|forms?|signs?|logos?|labels?|instruction sheets?|pages? of text"),
)
_PATTERNS = tuple((kind, re.compile(rf"\b(?:{words})\b")) for kind, words in _WORDS)
_OPENING = re.compile(
    r"^(?:shows?|depicts?|illustrates?|is|are|an?|the|one|some|exemplary|example|schematic|simplified|set|sets"
    r"|illustration|representation|view|diagram|of|color|black-and-white|blank|and|\s)+\b"
)
_REST = re.compile(
    r"\b(?:of|for|showing|illustrating|depicting|that|which|used|in|on|according|representing|with|from|to)\b"
)
_DIAGRAM = re.compile(r"\b(?:diagram|schematic)s?\b", re.IGNORECASE)
_DIAGRAM_ODDS = (2.0, 1.5, 1.0)
_SCREEN_TITLE = re.compile(
    r"\b(?:display (?:screen|panel|device)s?|(?:graphical )?user interfaces?|icons?|gui|computer screen)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class FigureType:
    """A figure's type, one of TYPES, and the probability in [0, 1] that it is right."""

    name: str
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A multi-layer perceptron: `weights` and `biases` by layer, on traits scaled by `mean` and `scale`.

    `temperature` divides its outputs, so that they are as sure as they are right on pictures that
    were not trained on (Guo et al., 2017).
    """

    mean: Traits
    scale: Traits
    weights: tuple[npt.NDArray[np.float32], ...]
    biases: tuple[npt.NDArray[np.float32], ...]
    temperature: float

    def __call__(self, traits: Traits) -> npt.NDArray[np.float32]:
        """Log probabilities (..., types) of equally common types, from traits (..., n)."""
        level = np.clip((traits - self.mean) / self.scale, -4, 4)
        for number, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            level = level @ weight + bias
            if number + 1 < len(self.weights):
                level = np.maximum(level, 0)
        level = level / self.temperature
        level = level - level.max(-1, keepdims=True)
        return np.asarray(level - np.log(np.exp(level).sum(-1, keepdims=True)), np.float32)


def type_of(
    pixels: Pixels, *, caption: str = "", view: str = "", title: str = "", design: bool = False
) -> FigureType:
    """The type of a figure from its pixels, its caption and view, and the kind of patent it is in.

    `view` is that of `ipatent.views`. What the picture, the words and the kind of patent say is
    added as log-odds, so that each can be missing.
    """
    odds = picture_odds(pixels) + caption_odds(caption, view) + prior_odds(design, title)
    shares = np.exp(odds - odds.max())
    shares /= shares.sum()
    best = int(shares.argmax())
    return FigureType(TYPES[best], round(float(shares[best]), 4))


def picture_odds(pixels: Pixels) -> LogOdds:
    """What the picture alone says: log-likelihoods (types,), at least -5."""
    return np.maximum(network()(measure(small_picture(pixels))).astype(np.float64), _LEAST)


def caption_odds(caption: str, view: str = "") -> LogOdds:
    """What the words say: log-odds (types,) to be added, all zero where they name no type."""
    odds = np.zeros(len(TYPES))
    named = _named(caption)
    if named:
        odds[TYPES.index(named)] = _NAMED
    elif view in _BY_VIEW:
        odds[TYPES.index(_BY_VIEW[view])] = _NAMED
    elif view in _ASPECTS:
        odds[TYPES.index("drawing")] = _HINTED
        odds[TYPES.index("photograph")] = _HINTED - 0.5
    elif _DIAGRAM.search(caption[:80]):
        odds[[TYPES.index(name) for name in ("block diagram", "circuit", "flowchart")]] = _DIAGRAM_ODDS
    return odds


def prior_odds(design: bool, title: str = "") -> LogOdds:
    """How common the types are: design patents hold drawings and photographs, unless they claim a screen."""
    if not design:
        return np.array(_UTILITY)
    return np.array(_SCREEN_DESIGN if _SCREEN_TITLE.search(title) else _DESIGN)


def _named(caption: str) -> str:
    """The type that the opening words of a caption name, before `of` and `showing`; or empty."""
    text = " ".join(caption[:300].lower().split())
    for _ in range(2):
        text = _OPENING.sub("", text, count=1)
        rest = _REST.search(text)
        head = text[: rest.start()] if rest else text[:80]
        for kind, pattern in _PATTERNS:
            if pattern.search(head):
                return kind
        if not rest or not re.fullmatch(r"(?:examples?|embodiments?|results?|portions?|parts?)?\s*", head):
            return ""
        text = text[rest.end() :].strip()
    return ""


@cache
def network() -> Network:
    """The trained network that comes with the program."""
    with np.load(_MODEL) as stored:
        layers = range(sum(name.startswith("weight") for name in stored.files))
        return Network(
            stored["mean"].astype(np.float32),
            stored["scale"].astype(np.float32),
            tuple(stored[f"weight{n}"].astype(np.float32) for n in layers),
            tuple(stored[f"bias{n}"].astype(np.float32) for n in layers),
            float(stored["temperature"]),
        )
