"""The language of a page: English sentences and their translations, read once from `locale/`.

The English sentence is the key, so the program reads as before and an untranslated one stays English.
What is spoken during a request is set by `ipatent.web.language_choice`; elsewhere it is English.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib.resources import as_file, files

import polib

from ipatent.web.message_patterns import MessagePattern, fill

NAMES = {"en": "English", "de": "Deutsch", "fr": "Français"}
"""The languages that a page can have, each named in itself; the first is the source."""


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """One language: its sentences by the English ones, and those that scripts of the pages say.

    `plurals` holds the singular and the plural by the English singular. `patterns` are the sentences
    with values inside that the program formats before it is known who reads them.
    """

    code: str = "en"
    sentences: Mapping[str, str] = field(default_factory=dict)
    plurals: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    patterns: tuple[tuple[MessagePattern, str], ...] = ()
    script_messages: Mapping[str, str | tuple[str, str]] = field(default_factory=dict)
    labels: frozenset[str] = frozenset()
    """What only templates and scripts say: no error quotes it, so a value that reads the same is kept."""

    @property
    def name(self) -> str:
        """Its name in itself."""
        return NAMES[self.code]

    def is_singular(self, number: int) -> bool:
        """Whether a thing counted stands in the singular: French counts none as one."""
        return number in (0, 1) if self.code == "fr" else number == 1


ENGLISH = Language()

_NUMBER = re.compile(r"^\d{1,3}(,\d{3})+$")
_THOUSANDS = {"de": ".", "fr": "\u202f"}
_DEEPEST = 2
"""An error may quote another one, which has values of its own."""

_spoken: ContextVar[Language] = ContextVar("spoken", default=ENGLISH)


def spoken() -> Language:
    """The language of the page being made."""
    return _spoken.get()


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """While this is open, sentences come in `language`."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def gettext(message: str) -> str:
    """The sentence in the language spoken; placeholders such as `%(name)s` are left for the caller."""
    return spoken().sentences.get(message, message)


def ngettext(one: str, many: str, number: int) -> str:
    """The sentence in the singular or plural that goes with `number`."""
    language = spoken()
    forms = language.plurals.get(one, (one, many))
    return forms[0] if language.is_singular(number) else forms[1]


def noted(message: str) -> str:
    """The same text, marked to be translated where it is shown."""
    return message


def translate(said: str) -> str:
    """A finished English sentence in the language spoken, as of an error; values inside it are kept.

    The rest of the program raises its errors in English and knows of no other language. A sentence
    without a translation comes back as it is.
    """
    return _translated(said, spoken(), _DEEPEST)


def _translated(said: str, language: Language, deepest: int) -> str:
    known = language.sentences.get(said)
    if known is not None and (deepest == _DEEPEST or said not in language.labels):
        return known
    if _NUMBER.match(said):
        return said.replace(",", _THOUSANDS.get(language.code, ","))
    for pattern, translation in language.patterns if deepest else ():
        values = pattern.values_in(said)
        if values is not None:
            inner = {name: _translated(value, language, deepest - 1) for name, value in values.items()}
            return fill(translation, inner)
    return said


def read_languages() -> dict[str, Language]:
    """All languages by code, with the sentences of their `.po` files; English has none."""
    return {code: _read(code) if code != "en" else ENGLISH for code in NAMES}


def _read(code: str) -> Language:
    with as_file(files("ipatent.web") / "locale" / f"{code}.po") as path:
        entries = [entry for entry in polib.pofile(str(path)) if entry.translated() and not entry.obsolete]
    sentences = {entry.msgid: entry.msgstr for entry in entries if not entry.msgid_plural}
    plurals = {
        entry.msgid: (entry.msgstr_plural[0], entry.msgstr_plural[1])
        for entry in entries
        if entry.msgid_plural
    }
    patterns = [
        (MessagePattern.parse(entry.msgid), entry.msgstr)
        for entry in entries
        if "python-brace-format" in entry.flags
    ]
    # The most particular first: a pattern that is almost all placeholder would fit anything.
    patterns.sort(key=lambda pair: -pair[0].literal_length)
    by_scripts = [entry.msgid for entry in entries if any(_is_script(name) for name, _ in entry.occurrences)]
    said = {message: sentences.get(message) or plurals[message] for message in by_scripts}
    labels = frozenset(
        entry.msgid
        for entry in entries
        if entry.occurrences
        and all(_is_script(name) or name.endswith(".html") for name, _ in entry.occurrences)
    )
    return Language(code, sentences, plurals, tuple(patterns), said, labels)


def _is_script(name: str) -> bool:
    return name.endswith(".js")
