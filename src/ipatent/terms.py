"""Component terms: what a description calls the part behind each reference numeral."""

import re
from collections import Counter

_TERM = re.compile(
    r"\b(?i:an?|the|said|each|one|two|three|four|first|second|third|its|their|of|and|by|with|on|in|to|from)\s+"
    r"((?:[a-z][a-z-]{1,20}\s+){1,3})\(?(\d{1,4}[a-z]?)\)?(?=[\s,.;:)])"
)
_NEVER_IN_TERMS = frozenset(
    "fig figs figure figures claim claims example embodiment about approximately least than step steps "
    "of the to in and or by with from at for is are be was on as that which a an year years age "
    "between up over under greater less january february march april may june july august september "
    "october november december paragraph section sections number no serial series table and/or".split()
)
_LEADING = frozenset(
    "first second third said each one two three four respective corresponding same other".split()
)


def component_terms(description: str, most: int = 60) -> tuple[str, ...]:
    """The terms that stand before reference numerals, e.g. `seat` in `the seat 12`, most used first.

    A term counts when it stands at least twice before one numeral, or is the commonest before it.
    """
    text = " ".join(description.split())
    by_numeral: dict[str, Counter[str]] = {}
    for found in _TERM.finditer(text):
        words = found.group(1).split()
        while words and words[0] in _LEADING:
            words.pop(0)
        cut = max((i for i, word in enumerate(words) if word in _NEVER_IN_TERMS), default=-1)
        words = words[cut + 1 :]
        if words:
            by_numeral.setdefault(found.group(2), Counter())[" ".join(words)] += 1
    totals: Counter[str] = Counter()
    for terms in by_numeral.values():
        term, count = terms.most_common(1)[0]
        totals[term] += count
    return tuple(term for term, _ in totals.most_common(most))
