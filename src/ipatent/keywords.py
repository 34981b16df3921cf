"""Keywords: what a group of figures is about and the other groups are not.

Class-based TF-IDF (Grootendorst, "BERTopic", 2022): the terms of a group are weighed against those
of all groups, and here also against the whole collection. Candidates are the component terms of the
figures and the objects that their captions name. Each patent counts by the logarithm of its figures,
so that one patent with many sheets does not speak for the group.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ipatent.language import ENGLISH, SMALL_WORDS, language_of
from ipatent.patents import Figure, Patent
from ipatent.phrases import is_break, is_noun, singular
from ipatent.views import depicted
from ipatent.wording import tokens

Kind = Literal["component", "object"]
Shown = tuple[Figure, Patent]
Frequencies = Callable[[Sequence[str]], Sequence[int]]
"""In how many figures of the whole collection each phrase occurs."""

CAPTION_WORDS = frozenset(
    "view views perspective isometric front rear back side left right top bottom plan elevation elevational "
    "section sectional cross exploded enlarged fragmentary partial partially detail detailed schematic "
    "schematically diagram diagrammatic block flow flowchart chart drawing illustration representation "
    "photograph graph plot table figure figures fig figs embodiment embodiments example exemplary invention "
    "design thereof same present disclosure ornamental new another alternative alternate first second third "
    "fourth preferred upper lower state position use line lines taken along according shown showing show "
    "accordance environmental reference article object portion part area region one ansicht schnitt figur "
    "ausführungsform erfindung vorrichtung teil perspektivische draufsicht seitenansicht vorderansicht "
    "schnittansicht darstellung schematische vue coupe perspective invention mode réalisation schématique "
    "dessus côté face vista sección realización invención figura alzado planta secondo vista sezione".split()
)
"""Words of captions that say how a thing is shown, not what it is."""

_MOST_WORDS = 5
_ASKED = 25
_LONGEST = 60
_WORD = re.compile(r"[^\W\d_][\w'’/-]*")


@dataclass(frozen=True, slots=True)
class Keyword:
    """One keyword of a group. Counts are figures; `collection` is None where it was not asked for."""

    text: str
    kind: Kind
    language: str
    weight: float
    """Higher tells more; comparable within one group only."""
    figures: int
    elsewhere: int
    """Figures of the other groups that have it."""
    collection: int | None
    where: tuple[str, ...]
    """Ids of the group's figures that have it, by rank."""


@dataclass(frozen=True, slots=True)
class Keywords:
    """The keywords of one group by language, the commonest language first; each list is ranked."""

    by_language: tuple[tuple[str, tuple[Keyword, ...]], ...]

    @property
    def main(self) -> tuple[Keyword, ...]:
        """Those of the commonest language."""
        return self.by_language[0][1] if self.by_language else ()


def keywords(
    groups: Sequence[Sequence[Shown]],
    frequencies: Frequencies | None = None,
    size: int = 0,
    limit: int = 10,
) -> tuple[Keywords, ...]:
    """The keywords of each group, up to `limit` per language, in the order of `groups`.

    `frequencies` says in how many of the collection's `size` figures a phrase occurs.
    """
    said = [[(figure, *_phrases(figure, patent)) for figure, patent in group] for group in groups]
    counted = [_counted(group) for group in said]
    everywhere: Counter[str] = Counter()
    for terms in counted:
        everywhere.update(terms.mass)
    average = sum(everywhere.values()) / max(len(groups), 1)
    weights = [_class_based(terms, everywhere, average) for terms in counted]
    known = _asked_of_collection(weights, frequencies)
    found = []
    for at, terms in enumerate(counted):
        ranked = []
        for text, weight in weights[at].items():
            if frequencies and text not in known:
                continue
            inside = len(terms.where[text])
            elsewhere = sum(len(other.where.get(text, ())) for n, other in enumerate(counted) if n != at)
            collection = max(known[text], inside + elsewhere) if frequencies else None
            if collection is not None and size:
                weight *= math.log(1 + size / collection) / math.log(1 + size)
            ranked.append(
                Keyword(
                    text,
                    terms.kinds[text],
                    terms.languages[text],
                    round(weight, 6),
                    inside,
                    elsewhere,
                    collection,
                    tuple(terms.where[text]),
                )
            )
        found.append(_by_language(ranked, terms.spoken, limit))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Counted:
    mass: Mapping[str, float]
    where: Mapping[str, list[str]]
    kinds: Mapping[str, Kind]
    languages: Mapping[str, str]
    spoken: Counter[str]
    most: float
    """The mass of a term that all figures have."""


def _counted(group: Sequence[tuple[Figure, str, dict[str, Kind]]]) -> _Counted:
    of_patent: dict[str, Counter[str]] = defaultdict(Counter)
    where: dict[str, list[str]] = defaultdict(list)
    kinds: dict[str, Kind] = {}
    spoken: Counter[str] = Counter()
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for figure, language, phrases in group:
        spoken[language] += 1
        for text, kind in phrases.items():
            of_patent[text][figure.patent_id] += 1
            where[text].append(figure.id)
            told[text][language] += 1
            if kinds.get(text) != "object":
                kinds[text] = kind
    mass = {text: _mass(patents) for text, patents in of_patent.items()}
    languages = {text: counts.most_common(1)[0][0] for text, counts in told.items()}
    most = _mass(Counter(figure.patent_id for figure, _, _ in group))
    return _Counted(mass, where, kinds, languages, spoken, most)


def _mass(patents: Mapping[str, int]) -> float:
    return sum(1 + math.log(figures) for figures in patents.values())


def _class_based(terms: _Counted, everywhere: Mapping[str, float], average: float) -> dict[str, float]:
    """Class-based TF-IDF times the root of the share of the group that has the term.

    Without the share, a term of a few figures leads a group that something else is drawn in throughout.
    """
    total = sum(terms.mass.values()) or 1.0
    return {
        text: own / total * math.log(1 + average / everywhere[text]) * math.sqrt(own / terms.most)
        for text, own in terms.mass.items()
    }


def _asked_of_collection(
    weights: Sequence[Mapping[str, float]], frequencies: Frequencies | None
) -> dict[str, int]:
    """The collection's counts of the phrases that lead a group; the rest cannot become keywords."""
    if frequencies is None:
        return {}
    leading: dict[str, None] = {}
    for weighed in weights:
        best = sorted(weighed, key=lambda text: (-weighed[text], text))[:_ASKED]
        leading.update(dict.fromkeys(best))
    return dict(zip(leading, frequencies(tuple(leading)), strict=True))


def _by_language(ranked: list[Keyword], spoken: Counter[str], limit: int) -> Keywords:
    ranked.sort(key=lambda one: (-one.weight, -one.figures, -len(one.text.split()), one.text))
    lists = []
    for language, _ in sorted(spoken.items(), key=lambda one: (-one[1], one[0])):
        chosen: list[Keyword] = []
        for one in ranked:
            if one.language == language and not any(_says_the_same(one, other) for other in chosen):
                chosen.append(one)
            if len(chosen) == limit:
                break
        if chosen:
            lists.append((language, tuple(chosen)))
    return Keywords(tuple(lists))


def _says_the_same(one: Keyword, other: Keyword) -> bool:
    """Whether one phrase lies in the other and they occur in the same figures: `chair`, `folding chair`."""
    nested = f" {one.text} " in f" {other.text} " or f" {other.text} " in f" {one.text} "
    return nested and set(one.where) <= set(other.where)


def _phrases(figure: Figure, patent: Patent) -> tuple[str, dict[str, Kind]]:
    """The language of a figure, and its phrases in normal form."""
    language = language_of(patent)
    found: dict[str, Kind] = {}
    for term in figure.terms or _terms_of(figure, patent):
        if text := _normal(term, language):
            found[text] = "component"
    for text in _objects(figure, patent, language):
        found.setdefault(text, "object")
    return language, found


def _terms_of(figure: Figure, patent: Patent) -> tuple[str, ...]:
    labels = set(figure.labels)
    return tuple(one.term for one in patent.components if not one.figures or labels & set(one.figures))


def _objects(figure: Figure, patent: Patent, language: str) -> list[str]:
    if language != ENGLISH:
        small = frozenset().union(*SMALL_WORDS.values())
        words = [word for word in _WORD.findall(figure.caption) if len(word) > 3]
        if language == "de":  # nouns begin with a capital
            words = [word for word in words if word[0].isupper()]
        words = [word.lower() for word in words]
        return [word for word in words if word not in small and word not in CAPTION_WORDS]
    shown = figure.depicts
    if not shown and figure.labels:
        resolved = depicted(patent.captions, patent.title)
        shown = next((resolved[label] for label in figure.labels if label in resolved), "")
    # `drive unit of the trolley case` names two things.
    parts = re.split(r"\b(?:of|for|in|with|and|or|to|on|from|by|according|embodying)\b|[,;:()]", shown)
    return [text for part in parts if (text := _normal(part, language))]


def _normal(phrase: str, language: str) -> str:
    words = [word for word in _WORD.findall(phrase[: 3 * _LONGEST]) if not word.isdigit()]
    if phrase.isupper() or language != "de":
        words = [word.lower() for word in words]
    if language != ENGLISH:
        text = " ".join(words[:_MOST_WORDS]).lower()
        return text if text not in CAPTION_WORDS and len(text) <= _LONGEST else ""
    while words and (words[0] in CAPTION_WORDS or _is_small(words[0])):
        words = words[1:]
    while words and not (is_noun(words[-1]) and words[-1] not in CAPTION_WORDS):
        words = words[:-1]
    if not words or len(words) > _MOST_WORDS:
        words = words[-_MOST_WORDS:]
    words = [*words[:-1], singular(words[-1])] if words else []
    text = " ".join(words)
    return text if len(text) <= _LONGEST and tokens(text) else ""


def _is_small(word: str) -> bool:
    return word in SMALL_WORDS[ENGLISH] or (is_break(word) and not word.endswith(("ing", "ed", "en")))
