"""Passages with the words they are shown for set apart, so that a template can mark them."""

import re
from collections.abc import Iterable, Sequence

from ipatent.stems import stems
from ipatent.web.answers import ComponentAnswer
from ipatent.wording import tokens

Pieces = tuple[tuple[str, bool], ...]
"""A text cut up, each piece with whether it is to be marked."""

_WORD = re.compile(r"\w+")


def marked(passage: str, component: ComponentAnswer) -> list[tuple[str, bool]]:
    """The pieces of `passage` in order, each with whether it names the component or its numeral."""
    wordings = sorted({component.term, *component.forms}, key=len, reverse=True)
    names = "|".join(re.escape(wording) for wording in wordings if wording)
    numeral = re.escape(component.numeral)
    pattern = re.compile(
        rf"(?<!\w)(?:(?:{names})(?:\s*\(?{numeral}(?!\w)\)?)?|{numeral})(?!\w)", re.IGNORECASE
    )
    pieces: list[tuple[str, bool]] = []
    at = 0
    for match in pattern.finditer(passage):
        pieces.append((passage[at : match.start()], False))
        pieces.append((match.group(), True))
        at = match.end()
    pieces.append((passage[at:], False))
    return [(text, mark) for text, mark in pieces if text]


def marked_words(texts: Sequence[tuple[str, Iterable[str]]]) -> list[Pieces]:
    """The pieces of each text, those marked that are a form of one of the words given with it.

    All texts are taken at once, since forms are told apart by a table that costs to open.
    """
    asked = [(text, tuple(words)) for text, words in texts]
    distinct = dict.fromkeys(asked)  # figures of one patent say the same
    sought = {words: {token for word in words for token in tokens(word)} for _, words in distinct}
    written = {word for text, words in distinct if words for word in _WORD.findall(text)}
    found = {word: tokens(word) for word in written}
    every = sorted({*(token for own in found.values() for token in own)}.union(*sought.values()))
    stem = dict(zip(every, stems(every), strict=True))
    pieces = {
        (text, words): _pieces(text, {stem[token] for token in sought[words]}, found, stem)
        if sought[words]
        else ((text, False),)
        for text, words in distinct
    }
    return [pieces[each] for each in asked]


def _pieces(text: str, wanted: set[str], found: dict[str, list[str]], stem: dict[str, str]) -> Pieces:
    pieces: list[tuple[str, bool]] = []
    at = 0
    for match in _WORD.finditer(text):
        if any(stem[token] in wanted for token in found[match.group()]):
            if match.start() > at:
                pieces.append((text[at : match.start()], False))
            pieces.append((match.group(), True))
            at = match.end()
    if at < len(text):
        pieces.append((text[at:], False))
    return tuple(pieces)
