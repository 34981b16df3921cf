"""Matched: which words of a query occur in a hit, and in which field."""

from collections.abc import Iterable, Sequence

from ipatent.patents import Figure, Patent
from ipatent.query import MatchedWord
from ipatent.stems import stems
from ipatent.wording import FieldName, Near, Phrase, Wording, leaves, query_words, tokens

_FigureAndPatent = tuple[Figure, Patent]


def matched_words(wording: Wording, hits: Sequence[_FigureAndPatent]) -> tuple[tuple[MatchedWord, ...], ...]:
    """For each hit, the words and phrases of the query that occur in it, in any form the index equates."""
    wanted = _wanted(wording)
    fields: dict[str, dict[FieldName, list[list[str]]]] = {}
    for figure, patent in hits:
        if patent.id not in fields:
            fields[patent.id] = _patent_fields(patent)
        fields[figure.id] = _figure_fields(figure)
    # Stemming leaves the beginning of a word alone, so few words of the texts can match at all.
    beginnings = {word[:2] for phrase in wanted for word in phrase.words}
    words = {word for of in fields.values() for texts in of.values() for text in texts for word in text}
    ordered = [word for word in words if word[:2] in beginnings]
    ordered += {word for phrase in wanted for word in phrase.words}.difference(words)
    stem = dict(zip(ordered, stems(ordered), strict=True))
    found = {key: _found(wanted, of, stem) for key, of in fields.items()}
    return tuple(found[figure.id] + found[patent.id] for figure, patent in hits)


def _wanted(wording: Wording) -> list[Phrase]:
    if wording.expression is None:
        return [Phrase((word,), typed=word) for word in query_words(wording.text)]
    phrases: list[Phrase] = []
    for leaf in leaves(wording.expression):
        phrases += (leaf.left, leaf.right) if isinstance(leaf, Near) else (leaf,)
    return list(dict.fromkeys(phrases))


def _patent_fields(patent: Patent) -> dict[FieldName, list[list[str]]]:
    return {
        "title": _split((patent.title, *(title for _, title in patent.titles))),
        "applicant": _split(patent.applicants),
        "abstract": _split((patent.abstract,)),
        "number": _split((patent.id, patent.number.number if patent.number else "")),
    }


def _figure_fields(figure: Figure) -> dict[FieldName, list[list[str]]]:
    return {
        "caption": _split((figure.caption, figure.view, figure.depicts)),
        "term": _split(figure.terms),
        "label": _split(figure.labels),
    }


def _split(texts: Iterable[str]) -> list[list[str]]:
    return [words for text in texts if (words := tokens(text))]


def _found(
    wanted: list[Phrase], fields: dict[FieldName, list[list[str]]], stem: dict[str, str]
) -> tuple[MatchedWord, ...]:
    """The phrases that occur in these fields, in the order of the query."""
    known = [
        (name, text, forms)
        for name, texts in fields.items()
        for text in texts
        if (forms := {stem[word] for word in text if word in stem})
    ]
    return tuple(
        dict.fromkeys(
            MatchedWord(phrase.typed, name)
            for phrase in wanted
            for name, text, forms in known
            if phrase.field in (None, name) and _occurs(phrase, text, forms, stem)
        )
    )


def _occurs(phrase: Phrase, text: list[str], forms: set[str], stem: dict[str, str]) -> bool:
    whole = phrase.words[:-1] if phrase.prefix else phrase.words
    if not all(stem[word] in forms for word in whole):
        return False
    size = len(phrase.words)
    if size == 1 and not phrase.prefix:
        return True
    return any(
        all(
            word.startswith(asked) if phrase.prefix and n == size - 1 else stem.get(word) == stem[asked]
            for n, (word, asked) in enumerate(zip(text[at : at + size], phrase.words, strict=True))
        )
        for at in range(len(text) - size + 1)
    )
