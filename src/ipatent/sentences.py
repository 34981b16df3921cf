"""Sentences of a patent's text, told apart from headings and from the dots of `FIG. 2` and `No. 5`."""

import re

_LINE_HYPHEN = re.compile(r"(?<=[a-z])-\n(?=[a-z])")
_CLAIMS = re.compile(
    r"^[ \t]*(?:what[ \t]+is[ \t]+claimed|(?:i|we)\s+claim\b|claims?[ \t]*:?[ \t]*$)",
    re.IGNORECASE | re.MULTILINE,
)
_HEADING = re.compile(r"^[^a-z]*[A-Z]{3}[^a-z]*$")
_END = re.compile(r"[.!?;]['”\")\]]?\s+(?=[A-Z“\"(\[])|;\s+(?:and,?\s+)?(?=FIG|Fig)")
_ABBREVIATIONS = frozenset(
    "fig figs no nos u.s pat pats ser appl pub publ eq eqs ref refs sec dr mr ms prof inc corp ltd co st "
    "vs e.g i.e al etc approx max min dia jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
_LONGEST_HEADING = 120


def read_sentences(text: str) -> tuple[tuple[str, ...], ...]:
    """The sentences of `text` in order, in one group per section; claims at its end are left out.

    Lines are separated by newlines; a line without small letters is a heading and starts a section.
    """
    text = _LINE_HYPHEN.sub("", text)
    if claims := _CLAIMS.search(text, len(text) // 4):
        text = text[: claims.start()]
    sections: list[list[str]] = [[]]
    for line in text.split("\n"):
        line = line.strip()
        if not line:
            continue
        if len(line) <= _LONGEST_HEADING and _HEADING.match(line) and not line.upper().startswith("FIG"):
            sections.append([])
        else:
            sections[-1].append(line)
    return tuple(tuple(_split(" ".join(lines))) for lines in sections if lines)


def _split(text: str) -> list[str]:
    text = " ".join(text.split())
    sentences: list[str] = []
    start = 0
    for end in _END.finditer(text):
        if text[end.start()] == ".":
            before = text[max(start, end.start() - 12) : end.start()].rpartition(" ")[2].lower()
            if before.lstrip('(“"') in _ABBREVIATIONS or (len(before) == 1 and before.isalpha()):
                continue
        sentences.append(text[start : end.end()].strip())
        start = end.end()
    sentences.append(text[start:].strip())
    return [sentence for sentence in sentences if sentence]
