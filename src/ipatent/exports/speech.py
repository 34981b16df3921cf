"""The language of a printed report: English, unless whoever asks for it lends another's sentences."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


def _same(message: str) -> str:
    return message


def _one_or_many(one: str, many: str, number: int) -> str:
    return one if number == 1 else many


def _counted(value: int) -> str:
    return f"{value:,}"


def _decimal(value: float, digits: int = 2) -> str:
    return f"{value:,.{digits}f}"


@dataclass(frozen=True, slots=True)
class Speech:
    """How sentences and numbers are said; the default is English."""

    gettext: Callable[[str], str] = _same
    ngettext: Callable[[str, str, int], str] = _one_or_many
    count: Callable[[int], str] = _counted
    decimal: Callable[[float, int], str] = _decimal


ENGLISH = Speech()

_spoken: ContextVar[Speech] = ContextVar("speech of a report", default=ENGLISH)


@contextmanager
def speaking(speech: Speech) -> Iterator[None]:
    """While this is open, reports are written in that language."""
    token = _spoken.set(speech)
    try:
        yield
    finally:
        _spoken.reset(token)


def gettext(message: str) -> str:
    """The sentence in the language of the report; placeholders such as `%(name)s` are left for the caller."""
    return _spoken.get().gettext(message)


def ngettext(one: str, many: str, number: int) -> str:
    """The sentence in the singular or plural that goes with `number`."""
    return _spoken.get().ngettext(one, many, number)


def noted(message: str) -> str:
    """The same text, marked to be translated where it is written."""
    return message


def count(value: int) -> str:
    """A whole number with its thousands apart."""
    return _spoken.get().count(value)


def decimal(value: float, digits: int = 2) -> str:
    """A number with `digits` after the point."""
    return _spoken.get().decimal(value, digits)
