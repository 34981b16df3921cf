"""Mentions: reference numerals in a sentence, and the phrase before each.

The words before a numeral are collected back to the article, preposition or verb that ends them.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from ipatent import phrases

_TOKEN = re.compile(
    r"(?<![^\W_])(?:(?P<quantity>\d+(?:[.:/]\d+)+|\d{1,3}(?:,\d{3})+(?!\d)|[<>=±≤≥~$€£]\s?\d+)"
    r"|(?P<compound>\d{1,4}-[a-z]{2,20})"
    r"|(?P<numeral>(?:\d{1,4}[A-Za-z]{0,2}|[A-Z]{1,2}\d{1,4}[a-z]?)['’′]{0,2}(?!\w)))"
    r"|(?P<word>[^\W\d_]+(?:[-/'’&][^\W\d_]+)*)"
    r"|(?P<sign>\S)"
)
NUMERAL = re.compile(r"([A-Z]{0,2})(\d{1,4})([A-Za-z]{0,2})(['’′]{0,2})")
"""Prefix, digits, suffix and primes of a reference numeral."""
_CHEMICAL = re.compile(r"(?:CH|NH|NO|CO|SO|PO|CF|BF|SF|OH|H|N|O)\d")
_DIGIT = re.compile(r"\d")
_OPENING = frozenset("([")
_CLOSING = frozenset(")]")
_QUOTES = frozenset("\"“”'‘’")
_RANGE = frozenset("-–—")
_ARTICLES = frozenset(("a", "an", "the", "said"))
_LINKS = frozenset(("with", "of", "for"))
_RELATIONAL = frozenset(
    "end side portion part top bottom surface edge plurality pair number set position movement rotation "
    "length width height depth thickness diameter size shape center centre middle interior exterior inside "
    "outside rest remainder majority type kind view direction axis level state use operation face wall "
    "series group one each some any half embodiment example case form front rear back periphery "
    "circumference location area region perspective rotation displacement weight speed output input value "
    "result purpose amount variety sum means process method step arrangement combination".split()
)

_MOST_WORDS = 6
_MOST_LISTED = 40
_LONGEST_RANGE = 12
_LONGEST_ENTRY = 9


class Token(NamedTuple):
    """A word, numeral, quantity or sign of a sentence, with its place there."""

    kind: str
    text: str
    lower: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A phrase before numerals: its words with the head in the singular, as written, what leads it on.

    `longer` is the phrase with a noun before it, `rod with threaded ends` for `threaded ends`; `loose`
    when that noun tells a place or an amount, as `end of the rod` does.
    """

    words: tuple[str, ...]
    surface: str
    sure: bool
    longer: tuple[str, ...] = ()
    longer_surface: str = ""
    loose: bool = False
    bracket: bool = False
    articled: bool = False
    listed: bool = False
    """Whether it stands in a list of the parts, where nothing but the name is before the numeral."""
    rank: str = ""
    """`first` of `the first leg`."""
    shared: str = ""
    """`drive` of `the drive and idler pulleys 30, 32`, the first of which takes its noun from the second."""
    unshared: tuple[str, ...] = ()
    """The words of such a mention where the noun is not shared."""


def read_tokens(sentence: str) -> list[Token]:
    """The tokens of a sentence in order; none where it holds no digit."""
    tokens: list[Token] = []
    if _DIGIT.search(sentence) is None:
        return tokens
    for match in _TOKEN.finditer(sentence):
        text = match.group()
        kind = "word" if match.lastgroup == "compound" else match.lastgroup or "sign"
        tokens.append(Token(kind, text, text.lower(), match.start(), match.end()))
    return tokens


def read_mentions(tokens: list[Token]) -> list[tuple[str, Mention | None, int]]:
    """The numerals of a sentence, each with the phrase before it and its place; None for a bare `(12)`."""
    if _enumerates(tokens):
        return []
    result: list[tuple[str, Mention | None, int]] = []
    at = 0
    while at < len(tokens):
        if tokens[at].kind != "numeral":
            at += 1
            continue
        numerals, after = _listed(tokens, at)
        before = at - 1
        bracket = before >= 0 and tokens[before].text in _OPENING
        if bracket:
            before -= 1
        if not numerals or _is_labelled(tokens, before):
            at = after
            continue
        place = tokens[at].start
        mentions = _entry(tokens, before, after) if bracket and len(numerals) == 1 else []
        mentions = mentions or _phrases(tokens, before, len(numerals), bracket)
        if mentions:
            result.extend(
                (numeral, mentions[min(index, len(mentions) - 1)], place)
                for index, numeral in enumerate(numerals)
            )
        elif bracket and before >= 0 and tokens[before].kind == "word":
            result.extend((numeral, None, place) for numeral in numerals)
        at = after
    return result


def _enumerates(tokens: list[Token]) -> bool:
    """Whether the sentence counts its clauses: `one of (1) a wire, (2) a cable and (3) a radio link`."""
    expected = 1
    for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if token.kind == "numeral" and before.text == "(" and after.text == ")":
            if token.text != str(expected):
                return False
            expected += 1
    if expected < 3:
        return False
    last = len(tokens) - 3
    behind_names = sum(
        tokens[at].text == "("
        and tokens[at - 1].kind == "word"
        and tokens[at - 1].lower not in ("and", "or", "of")
        and tokens[at + 3].text[:1].isupper()
        for at in range(1, last)
    )
    if behind_names >= 0.6 * (expected - 2):  # a list of parts
        return False
    return all(
        tokens[at + 3].kind == "word" and tokens[at + 3].lower not in ("and", "or")
        for at in range(last)
        if tokens[at].text == "(" and tokens[at + 1].kind == "numeral" and tokens[at + 2].text == ")"
    )


def _listed(tokens: list[Token], at: int) -> tuple[list[str], int]:
    """The numerals of the list that begins at `at`, ranges of letters written out, and where it ends."""
    numerals = [tokens[at].text]
    last = at
    ranges: list[int] = []
    while len(numerals) < _MOST_LISTED:
        place = last + 1
        signs = ""
        while place < len(tokens) and place - last <= 5 and tokens[place].kind != "numeral":
            token = tokens[place]
            if token.text in _CLOSING or token.text in _OPENING:
                pass
            elif token.text in _RANGE or token.lower in ("to", "through"):
                signs = "-"
            elif token.text == "," or token.lower in ("and", "or", "&"):
                signs = signs or ","
            else:
                break
            place += 1
        if not signs or place >= len(tokens) or tokens[place].kind != "numeral":
            break
        if signs == "-" and tokens[place].text == tokens[last].text:  # the line 4-4 of a section
            return [], place + 1
        if signs == "-":
            ranges.append(len(numerals))
        numerals.append(tokens[place].text)
        last = place
    if not _is_numeral(tokens, last):
        dropped = 2 if len(numerals) - 1 in ranges else 1
        if dropped == 1 and len(numerals) > 1 and tokens[last - 1].lower == "or":
            dropped = 2
        numerals = numerals[:-dropped]
        ranges = [place for place in ranges if place < len(numerals)]
    if any(_is_no_name(numeral) for numeral in numerals):
        numerals = []
    whole: list[str] = []
    for index, numeral in enumerate(numerals):
        if index in ranges:
            whole.extend(_between(numerals[index - 1], numeral))
        whole.append(numeral)
    return list(dict.fromkeys(whole)), last + 1


def _between(first: str, last: str) -> list[str]:
    """The numerals between `14a` and `14d`; none between `102` and `108`, whose steps are unknown."""
    a, b = NUMERAL.fullmatch(first), NUMERAL.fullmatch(last)
    if not a or not b or a[2] != b[2] or len(a[3]) != 1 or len(b[3]) != 1:
        return []
    letters = range(ord(a[3]) + 1, ord(b[3]))
    return [f"{a[1]}{a[2]}{chr(letter)}" for letter in letters] if len(letters) <= _LONGEST_RANGE else []


def _is_no_name(numeral: str) -> bool:
    """Whether it is a quantity (`12mm`), a bit string (`01`) or a chemical formula (`NO2`)."""
    parts = NUMERAL.fullmatch(numeral)
    if not parts or parts[2].startswith("0") or _CHEMICAL.fullmatch(numeral):
        return True
    return not parts[1] and bool(parts[3]) and phrases.is_glued_unit(parts[3])


def _is_numeral(tokens: list[Token], at: int) -> bool:
    """Whether what follows the number at `at` lets it be a reference numeral."""
    if at + 1 >= len(tokens):
        return True
    after = tokens[at + 1]
    if after.text in ("%", "°", "×", "℃", "Ω", "µ", "μ", "*", "^", "=", "+", "/"):
        return False
    glued = after.start == tokens[at].end
    if after.text in _RANGE and glued and at + 2 < len(tokens):
        return tokens[at + 2].kind == "numeral" or tokens[at + 2].start > after.end
    if after.text == "." and glued and at + 2 < len(tokens) and tokens[at + 2].start == after.end:
        return tokens[at + 2].kind == "sign"
    return not (after.kind == "word" and phrases.is_unit(after.lower))


def _is_labelled(tokens: list[Token], before: int) -> bool:
    """Whether the number behind `before` counts something else: `FIG. 2`, `No. 5`, `n = 3`."""
    if before < 0:
        return True
    token = tokens[before]
    if token.text in (".", ":") and before > 0:
        return True
    if token.kind == "sign":
        return token.text not in _QUOTES and token.text not in _CLOSING
    return token.kind != "word" or phrases.labels_something_else(token.lower)


def _entry(tokens: list[Token], before: int, after: int) -> list[Mention]:
    """The whole name in an entry of a list of parts: `Control and monitoring system (39) Plate (40)`."""
    if after < len(tokens) and tokens[after].text in _CLOSING:
        after += 1
    start = before
    while start >= 0 and tokens[start].kind == "word" and before - start <= _LONGEST_ENTRY:
        start -= 1
    words = tokens[start + 1 : before + 1]
    follows = tokens[after].text if after < len(tokens) else ""
    alone = (start < 0 or tokens[start].text in _CLOSING) and (start >= 0 or follows != "")
    if not alone or not 1 <= len(words) <= _LONGEST_ENTRY or (follows and not _opens(follows)):
        return []
    if (
        not _opens(words[0].text)
        or words[0].lower in phrases.DETERMINERS
        or not phrases.is_noun(words[-1].lower)
    ):
        return []
    if phrases.labels_something_else(words[-1].lower, len(words) == 1):
        return []
    names = [_cased(word.text) for word in words]
    plain = not _LINKS.intersection(names)
    single = (*names[:-1], phrases.singular(names[-1]) if plain else names[-1])
    return [Mention(single, " ".join(names), True, bracket=True, listed=True)]


def _opens(word: str) -> bool:
    """Whether a word begins an entry: with a capital, or a number as `3-way` does."""
    return word[0].isupper() or word[0].isdigit()


def _phrases(tokens: list[Token], before: int, count: int, bracket: bool) -> list[Mention]:
    """The phrase that ends at `before`, once for all of `count` numerals or once for each of two."""
    while before >= 0 and tokens[before].text in _QUOTES:
        before -= 1
    if before > 2 and tokens[before].text in _CLOSING and tokens[before - 2].text in _OPENING:
        before -= 3  # the abbreviation in `a network interface (NI) 12`
    if before < 0 or tokens[before].kind != "word":
        return []
    whole, start = _back(tokens, before)
    words = phrases.without_ranks(whole)
    if not words or not phrases.is_noun(words[-1].lower()):
        return []
    leader = tokens[start - 1].lower if start > 0 else ""
    # An article, a rank such as `first`, a quotation mark or the sentence's beginning before it.
    determined = (
        leader in phrases.DETERMINERS
        or leader in _QUOTES
        or (start == 0 and not phrases.labels_something_else(words[-1].lower(), bare=True))
        or (before - start + 1) > len(words)
    )
    bare = not determined and len(words) == 1
    if phrases.labels_something_else(words[-1].lower(), bare):
        return []
    shouted = words[-1].isupper() and len(words) == 1
    sure = determined or bracket or count > 1
    numeral = tokens[before + 1].text
    if not (determined or bracket) and len(numeral) == 4 and numeral[:2] in ("19", "20"):
        return []  # a year, or a product named after one
    surface = " ".join(words)
    single = (*words[:-1], phrases.singular(words[-1]))
    if phrases.is_chemical(single[-1].lower(), "".join(c for c in numeral if c.isupper())):
        return []
    rank = next((w.lower() for w in whole[: len(whole) - len(words)] if phrases.is_rank(w.lower())), "")
    if leader in phrases.INDEFINITE and count == 1:
        single = tuple(words)
    if shouted and not (determined or bracket):
        return []
    if rank and (ranks := _ranks(tokens, start, rank, count)):
        return [Mention(single, f"{one} {' '.join(single)}", True, rank=one) for one in ranks]
    if pair := _pair(tokens, start, words, count):
        shared = "" if phrases.is_adjective(pair[-1]) else pair[-1]
        own = 1
        while not shared and own < len(single) - 1 and phrases.is_adjective(single[own]):
            own += 1
        first = tuple(phrases.without_ranks([*pair, *single[own:]]))
        return [
            Mention(first, " ".join(first), True, shared=shared, unshared=single),
            Mention(single, " ".join(single), True),
        ]
    longer, longer_surface, loose = _longer(tokens, start, single, surface)
    articled = leader in phrases.INDEFINITE
    one = count == 1
    return [
        Mention(
            single,
            surface,
            sure,
            longer,
            longer_surface,
            loose,
            bracket,
            articled,
            rank=rank if one else "",
        )
    ]


def _back(tokens: list[Token], before: int) -> tuple[list[str], int]:
    """The words of the phrase that ends at `before` in their order, and the index of its first token."""
    words: list[str] = []
    place = before
    while place >= 0 and len(words) < _MOST_WORDS:
        token = tokens[place]
        if token.kind != "word":
            break
        lower = token.lower
        if phrases.is_break(lower):
            at_end = not words and phrases.is_verb_or_noun(lower)
            articled = place > 0 and tokens[place - 1].lower in phrases.DETERMINERS
            named = phrases.is_participle(lower) or (
                phrases.is_like_a_noun(lower) and place > 0 and tokens[place - 1].lower in _ARTICLES
            )
            if not at_end and not (articled and named and words):
                break
        if words and token.end != tokens[place + 1].start - 1:
            break
        words.append(_cased(token.text))
        place -= 1
    words.reverse()
    return words, place + 1


def _cased(word: str) -> str:
    return word.lower() if word[1:].islower() or len(word) == 1 else word


def _ranks(tokens: list[Token], start: int, last: str, count: int) -> list[str]:
    """`first`, `second` of `first and second legs 12, 14`, where each numeral has a rank of its own."""
    ranks = [last]
    place = start - 1
    while place > 0 and len(ranks) < count and tokens[place].lower in ("and", "or", ","):
        if not phrases.is_rank(tokens[place - 1].lower):
            place -= 1
            if tokens[place].text != ",":  # `first, second, and third`
                break
            continue
        ranks.insert(0, tokens[place - 1].lower)
        place -= 2
    return ranks if len(ranks) == count > 1 else []


def _pair(tokens: list[Token], start: int, words: list[str], count: int) -> list[str]:
    """`upper` of `the upper and lower arms 12, 14`, where each numeral has words of its own."""
    if count != 2 or start < 2 or len(words) < 2 or not phrases.is_plural(words[-1]):
        return []
    if tokens[start - 1].lower not in ("and", "or") or tokens[start - 2].kind != "word":
        return []
    own, first = _back(tokens, start - 2)
    if phrases.is_adjective(words[0].lower()):
        return own if own and all(phrases.is_adjective(word.lower()) for word in own) else []
    determined = first > 0 and tokens[first - 1].lower in phrases.DETERMINERS
    return own if len(own) == 1 and (determined or first == 0) else []


def _longer(
    tokens: list[Token], start: int, words: tuple[str, ...], surface: str
) -> tuple[tuple[str, ...], str, bool]:
    """The phrase together with the noun that it belongs to, as in `rod with threaded ends`."""
    place = start - 1
    article = ""
    if place > 0 and tokens[place].lower in ("a", "an", "the"):
        article = tokens[place].lower
        place -= 1
    if place < 1 or tokens[place].lower not in _LINKS:
        return (), "", False
    link = tokens[place].lower
    outer, _ = _back(tokens, place - 1)
    outer = phrases.without_ranks(outer)[-3:]
    if not outer or not phrases.is_noun(outer[-1].lower()):
        return (), "", False
    key = (*outer[:-1], phrases.singular(outer[-1]), link, *words)
    between = f"{link} {article} " if article == "the" else f"{link} "
    loose = link != "with" and phrases.singular(outer[-1].lower()) in _RELATIONAL
    return key, f"{' '.join(outer)} {between}{surface}", loose
