"""Passages with the words they are shown for set apart, so that a template can mark them."""

import re

from ipatent.web.answers import ComponentAnswer


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
