"""The brief description of the drawings: which figure shows what."""

import re
from itertools import zip_longest

from ipatent.patents import Caption

# Atomic groups and bounded repeats: hostile text must not make the search take more than linear time.
_LABEL = r"(?>\d{1,3}(?:[A-Za-z]|\s[A-Z]|)(?![A-Za-z0-9])(?:\s?['’])?)"
_LABELS = rf"{_LABEL}(?>\s?(?:,|and|&|to|through|-|–|—|,\s?and)\s?(?:FIGS?\s?\.\s?)?{_LABEL}){{0,14}}+"
_VERBS = (
    r"(?:is|are|shows?|illustrates?|depicts?|represents?|provides?|presents?|displays?|describes?"
    r"|includes?)\b"
)
_VIEW = r"(?:views?|elevations?|perspective|(?:cross[\s-]*)?section|diagram|flow\s?-?chart|graph|chart)\b"
# The verb may be missing: `FIG. 2, a rear view thereof`, `FIG. 3: top view`.
_VERBLESS = rf"(?=(?:(?:an?|the)\s|(?<=:)\s?)[^.;]{{0,80}}?{_VIEW})"
_FIGURE = r"(?:FIG(?:URE)?S?|[Ff]ig(?:ure)?s?)\s?[.,]?\s*"
_CAPTION = re.compile(
    r"(?:(?<=^)|(?<=[\n;.:,])|(?<=and ))\s*(?:FIG(?:URE)?S?|Fig(?:ure)?s?)\s?[.,]?\s*"
    rf"({_LABELS})\s*[,:]?\s*({_VERBS}|{_VERBLESS})",
    re.MULTILINE,
)
_NAMED = re.compile(rf"\b{_FIGURE}({_LABELS})")
_MISREAD = re.compile(r"[;:.,]\s+(?:\S{1,6}\s+)?\S{1,8}\s+is\s+(?=an?\s+[^.;]{0,60}?\bview\b)")
_END = re.compile(
    r"\n\s*(?:\d+\s*Claims?\s?[,.]|\(\d\d\)|DETAILED|BEST MODE|MODES? FOR|LIST OF|WHAT IS CLAIMED"
    r"|\*\s?cited|[A-Z][A-Z ,]{14,}\n|(?:It|This) |In the (?:drawings|figures)\b"
    r"|The (?:broken|dashed|dotted|ornamental|portions?|features?|evenly|dot|stippl)"
    r"|\(Continued)"
    r"|\.\s*(?=The|In the|In FIGS?\b|It\b|This\b|A portion)"
)
_START = re.compile(
    r"BRIEF\s+DESCRIPTION|DESCRIPTION\s+OF\s+(?:THE\s+)?(?:SEVERAL\s+VIEWS|DRAWINGS|FIGURES)|\bDESCRIPTION\n"
    r"|(?:^|\n)(?:Brief\s+)?[Dd]escription\s+of\s+(?:the\s+)?(?:[Ss]everal\s+[Vv]iews|[Dd]rawings?|[Ff]igures)"
)
_DETAILED = re.compile(
    r"\n\s*(?:DETAILED\s+DESCRIPTION|DESCRIPTION\s+OF\s+(?:THE\s+)?(?:PREFERRED|EMBODIMENT)"
    r"|Detailed\s+[Dd]escription|Description\s+of\s+(?:the\s+)?(?:[Pp]referred|[Ee]mbodiment))"
)

_LONGEST = 4000
_PUNCTUATION = " ,;.:“”\"'’‘"


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
    found = [
        match
        for match in _CAPTION.finditer(text)
        if match.group(2) or _begins(text[max(match.start() - 40, 0) : match.start()])
    ]
    captions: list[Caption] = []
    seen: set[str] = set()
    for match, following in zip_longest(found, found[1:]):
        body = text[match.end() : following.start() if following else len(text)][:_LONGEST]
        if end := _END.search(body):
            body = body[: end.start()]
        labels = tuple(label for label in expand_labels(match.group(1)) if label not in seen)
        missed = _missed(match.group(1), following)
        misread = _MISREAD.search(body) if missed else None
        words = _tidy(body[: misread.start()] if misread else body, match.group(2))
        if labels and words:
            seen.update(labels)
            captions.append(Caption(labels, words))
        if misread and missed not in seen:
            seen.add(missed)
            captions.append(Caption((missed,), _tidy(body[misread.end() :], "is")))
    return tuple(captions)


def figure_labels(text: str) -> tuple[str, ...]:
    """The labels of all figures that a text names, each once, in order."""
    if "ig" not in text and "IG" not in text:
        return ()
    found = (label for match in _NAMED.finditer(text) for label in expand_labels(match.group(1)))
    return tuple(dict.fromkeys(found))


def _begins(before: str) -> bool:
    """Whether a caption without a verb can begin here, rather than a line with `of` at its end."""
    before = before.rstrip()
    return (
        not before or before[-1] in ";:.," or before.endswith(("and", "DESCRIPTION", "DRAWINGS", "FIGURES"))
    )


def _missed(labels: str, following: re.Match[str] | None) -> str:
    """The label between this caption and the following, where exactly one is missing: it was misread."""
    here, there = expand_labels(labels)[-1:], expand_labels(following.group(1))[:1] if following else ()
    if here and there and here[0].isdigit() and there[0].isdigit() and int(there[0]) - int(here[0]) == 2:
        return str(int(here[0]) + 1)
    return ""


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
    body = re.sub(r"\byiew", "view", " ".join(body.split()))
    body = body.rstrip(_PUNCTUATION)
    if re.search(r"\band$", body[-4:]):
        body = body[:-3].rstrip(_PUNCTUATION)
    body = re.sub(r"\s+([,;:.)])", r"\1", body)
    body = re.sub(r"^respectively,?\s+", "", body)
    if verb in ("", "is", "are"):
        body = re.sub(r"^(?:an?|the)\s+", "", body)
    return body.strip(_PUNCTUATION)[:600]
