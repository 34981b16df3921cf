"""The brief description of the drawings: which figure shows what."""

import re
from itertools import zip_longest

from ipatent.patents import Caption

# Atomic groups and bounded repeats: hostile text must not make the search take more than linear time.
_LABEL = r"(?>\d{1,3}\s?[A-Za-z]?(?![A-Za-z0-9])(?:\s?['’])?)"
_LABELS = rf"{_LABEL}(?>\s?(?:,|and|&|to|through|-|–|—|,\s?and)\s?(?:FIGS?\s?\.\s?)?{_LABEL}){{0,40}}"
_VERBS = (
    r"(?:is|are|shows?|illustrates?|depicts?|represents?|provides?|presents?|displays?|describes?"
    r"|includes?)\b"
)
_CAPTION = re.compile(
    r"(?:(?<=^)|(?<=[\n;.:,])|(?<=and ))\s*(?:FIG(?:URE)?S?|Fig(?:ure)?s?)\s?[.,]?\s*"
    rf"({_LABELS})\s*,?\s*({_VERBS})",
    re.MULTILINE,
)
_END = re.compile(
    r"\n\s*(?:\d+\s*Claims?\s?[,.]|\(\d\d\)|DETAILED|BEST MODE|MODES? FOR|LIST OF|WHAT IS CLAIMED"
    r"|\*\s?cited|[A-Z][A-Z ,]{14,}\n|(?:It|This) |In the (?:drawings|figures)\b"
    r"|The (?:broken|dashed|dotted|ornamental|portions?|features?|evenly|dot|stippl)"
    r"|\(Continued)"
    r"|\.\s*(?=The|In the|It\b|This\b|A portion)"
)
_START = re.compile(
    r"(?:BRIEF\s+DESCRIPTION|DESCRIPTION\s+OF\s+(?:THE\s+)?(?:SEVERAL\s+VIEWS|DRAWINGS|FIGURES)|\bDESCRIPTION\n)"
)
_DETAILED = re.compile(
    r"\n\s*(?:DETAILED\s+DESCRIPTION|DESCRIPTION\s+OF\s+(?:THE\s+)?(?:PREFERRED|EMBODIMENT))"
)

_LONGEST = 4000
_PUNCTUATION = " ,;.:"


def read_captions(text: str) -> tuple[Caption, ...]:
    """The captions in a patent's text, in order; lines of `text` are separated by newlines.

    `FIG. 2 is a front view thereof;` gives the labels `("2",)` and the text `front view thereof`.
    Only the brief description is read, where there is one; the first caption of a label counts.
    """
    text = "\n".join(filter(None, (" ".join(line.split()) for line in text.splitlines())))
    start = _START.search(text)
    if start:
        text = text[start.end() :]
        if detailed := _DETAILED.search(text):
            text = text[: detailed.start()]
    found = list(_CAPTION.finditer(text))
    captions: list[Caption] = []
    seen: set[str] = set()
    for match, following in zip_longest(found, found[1:]):
        body = text[match.end() : following.start() if following else len(text)][:_LONGEST]
        if end := _END.search(body):
            body = body[: end.start()]
        labels = tuple(label for label in expand_labels(match.group(1)) if label not in seen)
        words = _tidy(body, match.group(2))
        if labels and words:
            seen.update(labels)
            captions.append(Caption(labels, words))
    return tuple(captions)


def expand_labels(text: str) -> tuple[str, ...]:
    """The labels meant by `1`, `2A and 2B`, `3-5`, `6A to 6C`."""
    text = re.sub(r"(?:FIGS?|Figs?)\s?\.\s?", "", text)
    parts = re.findall(rf"({_LABEL})(?:\s?(to|through|-|–|—)\s?({_LABEL}))?", text)
    labels: list[str] = []
    for first, _, last in parts:
        a, b = _normal(first), _normal(last)
        labels.extend(_range(a, b) if b else [a])
    return tuple(dict.fromkeys(labels))


def _normal(label: str) -> str:
    return re.sub(r"\s", "", label).upper()


def _range(first: str, last: str) -> list[str]:
    number_a, letter_a = re.match(r"(\d+)([A-Z]?)", first).groups()  # type: ignore[union-attr]
    number_b, letter_b = re.match(r"(\d+)([A-Z]?)", last).groups()  # type: ignore[union-attr]
    if not letter_a and not letter_b and 0 < int(number_b) - int(number_a) < 100:
        return [str(n) for n in range(int(number_a), int(number_b) + 1)]
    if number_a == number_b and letter_a and letter_a < letter_b:
        return [f"{number_a}{chr(c)}" for c in range(ord(letter_a), ord(letter_b) + 1)]
    return [first, last]


def _tidy(body: str, verb: str) -> str:
    body = re.sub(r"(?<=[a-z])-\n(?=[a-z])", "", body)
    body = " ".join(body.split())
    body = body.rstrip(_PUNCTUATION)
    if re.search(r"\band$", body[-4:]):
        body = body[:-3].rstrip(_PUNCTUATION)
    body = re.sub(r"\s+([,;:.)])", r"\1", body)
    if verb in ("is", "are"):
        body = re.sub(r"^(?:an?|the)\s+", "", body)
    return body.strip(" ,;:")[:600]
