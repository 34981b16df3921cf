"""Answers of a model: checked before anything of them is shown."""

import json
import re
from dataclasses import dataclass
from typing import Any

from ipatent.describe.prompt import MOST_DESCRIPTION, MOST_TITLE, plain

_FORBIDDEN = re.compile(
    r"https?:|www\.|\bdata:|javascript:|[<>{}`\[\]]|DATA-[0-9a-f]{6}|system prompt"
    r"|(?:ignore|disregard|forget) (?:all |any |the )*(?:previous|prior|above|earlier|instructions)",
    re.IGNORECASE,
)


class WrongAnswer(Exception):
    """An answer that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Title and description as a model wrote them, checked."""

    title: str
    description: str


def read_answer(body: Any) -> Answer:
    """The answer in a chat completion. Raises WrongAnswer when it is cut off, no JSON, or not allowed."""
    found = read_object(body)
    fields = []
    for key, most in (("title", MOST_TITLE), ("description", MOST_DESCRIPTION)):
        value = found.get(key)
        value = plain(value) if isinstance(value, str) else ""
        if not 3 <= len(value) <= most or not re.search(r"[^\W\d_]{2}", value):
            raise WrongAnswer(f"the model's {key} is missing or not 3 to {most} characters long")
        if is_forbidden(value):
            raise WrongAnswer(f"the model's {key} holds a link, markup or an instruction")
        fields.append(value)
    return Answer(fields[0].rstrip("."), fields[1])


def is_forbidden(text: str) -> bool:
    """Whether a text holds a link, markup, a mark of the prompt's data, or reads like an instruction."""
    return bool(_FORBIDDEN.search(text))


def read_object(body: Any) -> dict[str, Any]:
    """The JSON object in a chat completion. Raises WrongAnswer when it is cut off or there is none.

    A model may run on in whitespace until its limit, so `finish_reason` is looked at before the text.
    """
    try:
        choice = body["choices"][0]
        text, finish = choice["message"]["content"], choice.get("finish_reason")
    except (KeyError, IndexError, TypeError, AttributeError):
        raise WrongAnswer("the endpoint's answer is no chat completion") from None
    if finish not in ("stop", None):
        raise WrongAnswer(f"the model's answer was cut off ({str(finish)[:30]})")
    if not isinstance(text, str):
        raise WrongAnswer("the model answered without text")
    return _json(text)


def _json(text: str) -> dict[str, Any]:
    fenced = re.search(r"\{.*\}", text[:20_000], re.DOTALL)
    try:
        found = json.loads(fenced.group(0) if fenced else text)
    except (ValueError, RecursionError):
        raise WrongAnswer("the model's answer is not valid JSON") from None
    if not isinstance(found, dict):
        raise WrongAnswer("the model's answer is not a JSON object")
    return found
