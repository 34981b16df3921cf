"""Support: how far a generated text is backed by the captions and terms of its figures."""

from ipatent.describe import Group
from ipatent.keywords import CAPTION_WORDS
from ipatent.language import ENGLISH, SMALL_WORDS, language_of
from ipatent.phrases import is_break, is_noun
from ipatent.stems import stems
from ipatent.wording import tokens

_EMPTY = frozenset(
    "shape design device item type kind variety style set group collection image picture drawing patent "
    "different various similar visible multiple feature features".split()
)


def support(text: str, group: Group, language: str = ENGLISH) -> tuple[float | None, tuple[str, ...]]:
    """The share of the text's distinct nouns that the group's texts have, and the nouns that they lack.

    Words are compared by their stem, so `hinges` backs `hinge`, but no synonym backs another. None
    where the text has no nouns or is in another language than all captions.
    """
    if language not in {language_of(patent) for _, patent in group.figures}:
        return None, ()
    nouns = telling_words(text, language)
    if not nouns:
        return None, ()
    said: dict[str, None] = {}
    for figure, patent in group.figures:
        for part in (figure.caption, figure.depicts, *figure.terms, patent.title):
            said.update(dict.fromkeys(tokens(part)))
    backing = set(stems(list(said)))
    lacking = tuple(noun for noun, stem in zip(nouns, stems(nouns), strict=True) if stem not in backing)
    return round(1 - len(lacking) / len(nouns), 3), lacking


def telling_words(text: str, language: str = ENGLISH) -> list[str]:
    """The words of a text that say what is shown: its nouns, each once."""
    return list(dict.fromkeys(word for word in tokens(text) if _tells(word, language)))


def _tells(word: str, language: str) -> bool:
    if len(word) < 3 or word in _EMPTY or word in CAPTION_WORDS or word.isdigit():
        return False
    if language == ENGLISH:
        return is_noun(word) and not is_break(word)
    return word not in SMALL_WORDS.get(language, frozenset())
