"""Finding the values in a finished sentence, by the sentence with `{name}` in their places."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class MessagePattern:
    """A sentence cut at its placeholders: one more `literals` than `names`."""

    literals: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def parse(cls, message: str) -> "MessagePattern":
        """The pattern of a sentence such as `The box {box} is empty.`"""
        pieces = _PLACEHOLDER.split(message)
        return cls(tuple(pieces[::2]), tuple(pieces[1::2]))

    @property
    def literal_length(self) -> int:
        """How many characters are fixed."""
        return sum(map(len, self.literals))

    def values_in(self, said: str) -> dict[str, str] | None:
        """The values by name if `said` was made from this sentence, else None.

        Goes through the text once: values may come from anyone, and a regular expression with
        several wildcards could be made to take very long.
        """
        first, last = self.literals[0], self.literals[-1]
        if not self.names:
            return {} if said == first else None
        end = len(said) - len(last)
        if not said.startswith(first) or not said.endswith(last) or end < len(first):
            return None
        values: dict[str, str] = {}
        start = len(first)
        for name, literal in zip(self.names[:-1], self.literals[1:-1], strict=True):
            found = said.find(literal, start, end)
            if found < 0:
                return None
            values[name] = said[start:found]
            start = found + len(literal)
        values[self.names[-1]] = said[start:end]
        return values


def fill(message: str, values: Mapping[str, str]) -> str:
    """The sentence with its values; a placeholder without a value stays, and no value is read as one."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), message)


def placeholders(message: str) -> set[str]:
    """The names in braces."""
    return set(_PLACEHOLDER.findall(message))
