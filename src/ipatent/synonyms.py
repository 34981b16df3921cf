"""Other words for a word, as a collection itself uses them: words that keep the same company.

A patent is the set of the words of its title, its component terms and what its captions depict. Two
words are alike when they stand beside the same words (cosine of positive pointwise mutual
information: Bullinaria & Levy, 2007), though seldom beside each other: a desk and a table have legs
and tops, but a patent says the one or the other. Nothing but the indexed patents is asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from ipatent.index import Index
from ipatent.patents import Figure, Patent
from ipatent.query import MatchedWord
from ipatent.stems import stems
from ipatent.wording import Wording, query_words, read_wording

MOST_WORDS = 4000
"""The words looked at, those of most patents first: memory grows with their square."""
LEAST_PATENTS = 2
MOST_SHARE = 0.25
"""Words of more patents than this share say nothing of what a thing is."""
LEAST_ALIKE = 0.4
MOST_TOGETHER = 0.2
"""The largest share of the rarer word's patents that may hold both: parts of a thing are no synonyms."""
SYNONYMS = 3
WEIGHT = 0.3
"""What a synonym counts in the score of words, where the word that was typed counts 1. Tuned with
`LEAST_ALIKE` on one set of generated patents and measured on another: `docs/quality.md`."""
FOR = " ≈ "
"""Stands between a word that was typed and the synonym that was found for it."""
_AT_ONCE = 500

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Synonym:
    """A word that keeps the company of another: how alike, 0 to 1, and in how many patents it stands."""

    word: str
    alike: float
    patents: int


@dataclass(frozen=True, slots=True, eq=False)
class Synonyms:
    """The words of a collection with what they are alike to; `words` are the commonest forms."""

    words: tuple[str, ...]
    places: dict[str, int]
    patents: npt.NDArray[np.int64]
    together: Floats
    company: Floats

    def of(self, word: str, most: int = SYNONYMS) -> tuple[Synonym, ...]:
        """The synonyms of a word in any form, the most alike first; none where it is not known."""
        place = self.places.get(stems([word.lower()])[0], -1)
        if place < 0:
            return ()
        alike = self.company @ self.company[place]
        rarer = np.minimum(self.patents, self.patents[place])
        alike[self.together[place] > MOST_TOGETHER * rarer] = 0
        alike[place] = 0
        best = np.argsort(-alike, kind="stable")[:most]
        return tuple(
            Synonym(self.words[n], float(alike[n]), int(self.patents[n]))
            for n in best
            if alike[n] >= LEAST_ALIKE
        )


def learned(texts: Iterable[Sequence[str]]) -> Synonyms:
    """The synonyms among some patents, each given as its texts."""
    documents = [sorted({word for text in of for word in query_words(text.lower())}) for of in texts]
    every = sorted({word for of in documents for word in of if not word.isdigit()})
    stem = dict(zip(every, stems(every), strict=True))
    forms: dict[str, dict[str, int]] = {}
    for of in documents:
        for word in of:
            if word in stem:
                forms.setdefault(stem[word], {}).setdefault(word, 0)
                forms[stem[word]][word] += 1
    sets = [{stem[word] for word in of if word in stem} for of in documents]
    counts: dict[str, int] = {}
    for of_one in sets:
        for one in of_one:
            counts[one] = counts.get(one, 0) + 1
    most = max(LEAST_PATENTS, MOST_SHARE * len(documents))
    kept = sorted(
        (one for one in counts if LEAST_PATENTS <= counts[one] <= most), key=lambda s: (-counts[s], s)
    )
    kept = kept[:MOST_WORDS]
    places = {one: n for n, one in enumerate(kept)}
    together = np.zeros((len(kept), len(kept)), np.float32)
    for of_one in sets:
        there = np.array(sorted(places[one] for one in of_one if one in places), np.int64)
        if len(there):
            together[np.ix_(there, there)] += 1
    patents = np.array([counts[one] for one in kept], np.int64)
    return Synonyms(
        words=tuple(min(forms[one], key=lambda form: (-forms[one][form], form)) for one in kept),
        places=places,
        patents=patents,
        together=together,
        company=_company(together, patents, len(documents)),
    )


def _company(together: Floats, patents: npt.NDArray[np.int64], documents: int) -> Floats:
    """Unit rows of positive pointwise mutual information; a word is not in its own company."""
    if not len(patents):
        return together
    expected = np.outer(patents, patents).astype(np.float32) / max(1, documents)
    company: Floats = np.maximum(np.log(np.maximum(together, 1e-9) / expected), 0).astype(np.float32)
    np.fill_diagonal(company, 0)
    lengths = np.linalg.norm(company, axis=1, keepdims=True)
    unit: Floats = np.divide(company, lengths, out=np.zeros_like(company), where=lengths > 0)
    return unit


@dataclass(frozen=True, slots=True)
class Widened:
    """Other words for those of a query: as plain words, and the word that each stands for."""

    wording: Wording
    typed: dict[str, str]

    def told(self, matched: Sequence[MatchedWord]) -> tuple[MatchedWord, ...]:
        """Synonyms that occur in a hit, each with the word that was typed before it: `desk ≈ table`."""
        return tuple(MatchedWord(f"{self.typed[one.word]}{FOR}{one.word}", one.field) for one in matched)


def widened(wording: Wording, synonyms: Synonyms) -> Widened | None:
    """Other words for plain words; None where none are known, and for an expression: it is meant strictly."""
    if wording.expression is not None:
        return None
    asked = query_words(wording.text)
    known = set(stems(asked))
    typed: dict[str, str] = {}
    for word in asked:
        for one in synonyms.of(word):
            if stems([one.word])[0] not in known:
                typed.setdefault(one.word, word)
    return Widened(read_wording(" ".join(typed)), typed) if typed else None


def of_index(index: Index, most: int = 20_000) -> Synonyms:
    """The synonyms of an index, learned from its first `most` patents in order of id.

    Remembered until the index changes; learning takes some 0.2 seconds for a thousand patents.
    """
    generation = index.generation()
    known = _learned.get(index)
    if known and known[0] == generation:
        return known[1]
    texts: list[Sequence[str]] = []
    for offset in range(0, most, _AT_ONCE):
        patents = index.patents(offset, min(_AT_ONCE, most - offset))
        texts += [_texts(patent, index.figures_of(patent.id)) for patent in patents]
        if len(patents) < _AT_ONCE:
            break
    found = learned(texts)
    _learned[index] = (generation, found)
    return found


def _texts(patent: Patent, figures: Sequence[Figure]) -> list[str]:
    said = [patent.title, *(component.term for component in patent.components)]
    return said + [text for figure in figures for text in (figure.depicts, *figure.terms)]


_learned: WeakKeyDictionary[Index, tuple[int, Synonyms]] = WeakKeyDictionary()
