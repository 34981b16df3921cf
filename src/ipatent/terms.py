"""Components: what the description calls the part behind each reference numeral, and where it says so.

The words before a numeral are collected back to the article, preposition or verb that ends them;
of all wordings met for one numeral the fullest frequent one becomes the term. Every step reads the
text once from left to right, so hostile text takes linear time.
"""

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import islice

from ipatent import phrases
from ipatent.mentions import NUMERAL, Mention, read_mentions, read_tokens
from ipatent.patents import Component, Figure, Patent
from ipatent.sentences import read_sentences
from ipatent.sources.captions import figure_labels
from ipatent.steps import NAMES as STEP_NAMES
from ipatent.steps import read_steps

_BOILERPLATE = re.compile(
    r"(?:While|Although|The foregoing|In the foregoing|It (?:will|should|is to) be|Various|Having (?:thus )?"
    r"described|The present invention (?:is not|may)|The above)\b"
)
_MOST_NUMERALS = 2000
_MOST_TOKENS = 400_000
_LONGEST_SENTENCE = 20_000
_MOST_PASSAGES = 5
_MOST_FORMS = 6
_LONGEST_PASSAGE = 320


@dataclass(slots=True)
class _Found:
    """All that the text says about one numeral."""

    mentions: list[Mention] = field(default_factory=list)
    passages: list[str] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    """What is done, where the numeral stands for a step."""


def read_components(description: str) -> tuple[Component, ...]:
    """The components that a description names, in the order of their numerals.

    Reads `cylinder (5)`, `a cylinder 5`, `legs 14a-14d`, `first and second arms 12, 14`; not figures,
    claims, years, quantities. A step is named by what is done in it: `compare the signals` for
    `In step S102, the controller compares the signals.` Lines of `description` are separated by newlines.
    """
    found = _read(description)
    _settle(found)
    articled = _singular_heads(found)
    terms = _terms(found, articled)
    strays = _strays(terms)
    components = []
    for numeral, (term, count) in terms.items():
        if not count or numeral in strays:
            continue
        one = found[numeral]
        forms = Counter(mention.surface for mention in one.mentions)
        if term not in forms:
            forms.update(m.longer_surface for m in one.mentions if m.longer_surface.endswith(term[-8:]))
        components.append(
            Component(
                numeral=numeral,
                term=term,
                forms=tuple(form for form, _ in forms.most_common(_MOST_FORMS)),
                passages=tuple(one.passages),
                figures=tuple(one.figures),
            )
        )
    return tuple(sorted(components, key=lambda component: _order(component.numeral)))


def component_terms(description: str, most: int = 60) -> tuple[str, ...]:
    """The terms of the components that a description names, most passages first, each once."""
    components = read_components(description)
    return terms_of(sorted(components, key=lambda component: -len(component.passages)))[:most]


def components_of_figure(components: tuple[Component, ...], labels: tuple[str, ...]) -> tuple[Component, ...]:
    """The components that the text mentions when it speaks of a figure; none where it never does.

    What is said of `FIG. 4` holds for a figure labelled `4A`, too.
    """
    wanted = {*labels, *(re.sub(r"\D.*", "", label) for label in labels)}
    return tuple(component for component in components if wanted.intersection(component.figures))


def components_in(figure: Figure, patent: Patent) -> tuple[Component, ...]:
    """The components that a figure shows: those whose numerals stand in it or that its text mentions."""
    drawn = {numeral.text for numeral in figure.numerals}
    told = components_of_figure(patent.components, figure.labels)
    return tuple(c for c in patent.components if c.numeral in drawn or c in told)


def terms_of(components: "tuple[Component, ...] | list[Component]") -> tuple[str, ...]:
    """The terms of components, each once, in their order."""
    return tuple(dict.fromkeys(component.term for component in components))


def _order(numeral: str) -> tuple[str, int, str]:
    parts = NUMERAL.fullmatch(numeral)
    return (parts[1], int(parts[2]), parts[3] + parts[4]) if parts else (numeral, 0, "")


def _read(description: str) -> dict[str, _Found]:
    found: dict[str, _Found] = {}
    left = _MOST_TOKENS
    for section in read_sentences(description):
        current: tuple[str, ...] = ()
        for sentence in section:
            if sentence.isupper() or left <= 0:
                continue
            # What is longer is a table or a listing, and hostile if it is endless.
            sentence = sentence[:_LONGEST_SENTENCE]
            tokens = read_tokens(sentence)
            left -= len(tokens)
            labels = figure_labels(sentence)
            if labels:
                # `FIG. 4 is a view of FIG. 3` speaks of the first; a text that refers to two, of both.
                current = labels[:1] if sentence.upper().startswith("FIG") and _one(sentence) else labels
            elif _BOILERPLATE.match(sentence):
                current = ()
            told = (
                [(step.numeral, None, step.text, step.at) for step in read_steps(sentence)] if tokens else []
            )
            named = [(numeral, mention, "", at) for numeral, mention, at in read_mentions(tokens)]
            for numeral, mention, action, at in (*named, *told):
                if numeral not in found and len(found) >= _MOST_NUMERALS:
                    continue
                one = found.setdefault(numeral, _Found())
                if mention:
                    one.mentions.append(mention)
                if action:
                    one.actions.append(action)
                passage = _passage(sentence, at)
                if len(one.passages) < _MOST_PASSAGES and passage not in one.passages:
                    one.passages.append(passage)
                one.figures.extend(label for label in current if label not in one.figures)
    return found


def _one(sentence: str) -> bool:
    return not sentence[:5].upper().startswith(("FIGS", "FIGUR")) or sentence[:7].upper() != "FIGURES"


def _passage(sentence: str, at: int) -> str:
    if len(sentence) <= _LONGEST_PASSAGE:
        return sentence
    start = max(at - _LONGEST_PASSAGE // 2, 0)
    end = start + _LONGEST_PASSAGE
    part = sentence[start:end]
    if start:
        part = "… " + part.partition(" ")[2]
    if end < len(sentence):
        part = part.rpartition(" ")[0] + " …"
    return part


def _singular_heads(found: dict[str, _Found]) -> frozenset[str]:
    """Heads that stand after `a` though they look like plurals: `a bellows`."""
    return frozenset(
        mention.words[-1] for one in found.values() for mention in one.mentions if mention.articled
    )


def _terms(found: dict[str, _Found], articled: frozenset[str]) -> dict[str, tuple[str, int]]:
    """The term of each numeral and how many mentions bear it; 0 where none is sure enough."""
    plain = {numeral: _vote(one.mentions, articled) for numeral, one in found.items()}
    owners = Counter(words for words, _ in plain.values())
    terms: dict[str, tuple[str, int]] = {}
    for numeral, (words, count) in plain.items():
        mentions = found[numeral].mentions
        beside = numeral[0] == "S" and all(m.bracket for m in mentions)  # `receives a signal (S102)`
        if found[numeral].actions and (not words or words[-1] in STEP_NAMES or beside):
            terms[numeral] = (found[numeral].actions[0], len(found[numeral].actions))
            continue
        if not words:
            terms[numeral] = ("", 0)
            continue
        if entry := next((m for m in mentions if m.listed), None):
            terms[numeral] = (" ".join(entry.words), max(count, 1))
            continue
        term = " ".join(words)
        same = [m for m in mentions if m.words == words or _singular_of(m.words, articled) == words]
        # In `the end of the rod 5` the numeral is the rod's, in `the end of the rod (5)` of either:
        # of the end where another numeral has the rod.
        shared = owners[words] > 1
        longer = Counter(m.longer for m in same if m.longer and m.bracket and (shared or not m.loose))
        if longer:
            best, times = longer.most_common(1)[0]
            if times >= (1 if shared else 2) and times >= (0.5 if shared else 0.7) * len(same):
                term = next(m.longer_surface for m in same if m.longer == best)
        sure = any(mention.sure for mention in mentions) or count >= 2
        letters = NUMERAL.fullmatch(numeral)
        if letters and letters[1] and letters[1] != "S" and not any(m.sure for m in mentions):
            sure = False
        terms[numeral] = (term, count if sure else 0)
    return _ranked(terms, found)


def _settle(found: dict[str, _Found]) -> None:
    """Takes back the noun lent in `the frame and support legs 14, 16` where a frame is a part itself."""
    nouns = {m.words[-1] for one in found.values() for m in one.mentions if not m.shared}
    for one in found.values():
        one.mentions = [
            replace(m, words=m.unshared, surface=" ".join(m.unshared)) if m.shared in nouns else m
            for m in one.mentions
        ]


def _ranked(terms: dict[str, tuple[str, int]], found: dict[str, _Found]) -> dict[str, tuple[str, int]]:
    """The terms with `first`, `second` before those that nothing else tells apart."""
    fellows: dict[str, list[str]] = {}
    for numeral, (term, count) in terms.items():
        if count:
            fellows.setdefault(term, []).append(numeral)
    result = dict(terms)
    for term, numerals in fellows.items():
        ranks = {}
        for numeral in numerals if len(numerals) > 1 else ():
            rank, times = Counter(m.rank for m in found[numeral].mentions).most_common(1)[0]
            if rank and 2 * times >= len(found[numeral].mentions):
                ranks[numeral] = rank
        if len(set(ranks.values())) == len(ranks):
            result |= {numeral: (f"{rank} {term}", terms[numeral][1]) for numeral, rank in ranks.items()}
    return result


def _strays(terms: dict[str, tuple[str, int]]) -> frozenset[str]:
    """Numbers of clauses and the like in a text that numbers its components from 100 on."""
    values = {numeral: int(numeral) for numeral, (_, count) in terms.items() if count and numeral.isdecimal()}
    if len(values) < 10 or sum(value >= 100 for value in values.values()) < 0.8 * len(values):
        return frozenset()
    return frozenset(n for n, value in values.items() if value < 10)


def _singular_of(words: tuple[str, ...], articled: frozenset[str]) -> tuple[str, ...]:
    head = words[-1]
    return (
        words if head in articled and not phrases.is_plural(head) else (*words[:-1], phrases.singular(head))
    )


def _vote(mentions: list[Mention], articled: frozenset[str]) -> tuple[tuple[str, ...], int]:
    """The fullest wording that is frequent among those with the commonest head, and its family's size."""
    plurals = {phrases.singular(head): head for head in articled if phrases.is_plural(head)}
    counts: Counter[tuple[str, ...]] = Counter()
    for mention in mentions:
        head = mention.words[-1]
        counts[(*mention.words[:-1], plurals.get(head, head))] += 1
    if not counts:
        return (), 0
    heads: Counter[str] = Counter()
    for words, count in counts.items():
        heads[words[-1]] += count
    head, size = heads.most_common(1)[0]
    family = {words: count for words, count in counts.items() if words[-1] == head}
    introduced = {
        (*m.words[:-1], plurals.get(m.words[-1], m.words[-1])) for m in islice(mentions, 2) if m.sure
    }
    frequent = [
        words for words, count in family.items() if count >= 0.3 * size or (words in introduced and count > 1)
    ]
    chosen = max(frequent or family, key=lambda words: (len(words), family[words]))
    return chosen, size
