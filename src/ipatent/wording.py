"""Wording: the text of a query, read as plain words or as an expression that hits must satisfy.

Plain words rank: a figure with more and rarer of them comes first, and one with none may still be
near in meaning. Text becomes an *expression* as soon as it holds one of these, and then only figures
that satisfy it are found:

    folding AND leg     chair OR stool      chair NOT wheel     chair -wheel
    "folding leg"       fold*               leg NEAR/3 hinge    (chair OR stool) AND leg
    title:chair         term:(leg OR foot)  applicant:"acme tools"   caption: abstract: label: number:

Words side by side must all occur. NOT binds tightest, then NEAR, AND, OR. `NEAR` alone is NEAR/10.
Operators are written in capitals and stand alone; a minus stands before a letter or a quote; a quote
opens before a word and closes after one; `*` ends a word of two or more letters; brackets count only
in an expression. So `what is a tri-fold (door)?` is plain words.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal, get_args

from ipatent.errors import QueryError

FieldName = Literal["title", "applicant", "abstract", "caption", "term", "label", "number"]
FIELDS: Final[tuple[FieldName, ...]] = get_args(FieldName)

NEAR_WORDS = 10
"""Words between the two sides of a NEAR without a number, at most."""
MOST_LEAVES = 64
MOST_DEPTH = 30

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+")
_STOP_WORDS = frozenset(
    "a an and any are as at be by can for from has have in into is it its may of on one or said such "
    "that the their thereby therefor therefrom therein thereof this those to was were wherein whereby "
    "which will with".split()
)


class UnreadableExpression(QueryError):
    """An expression does not fit together; `found` stands at place `at`, 0-based, in `text`."""

    def __init__(self, message: str, advice: str = "", at: int = 0, found: str = "", text: str = "") -> None:
        super().__init__(message, advice)
        self.at, self.found, self.text = at, found, text


@dataclass(frozen=True, slots=True)
class Phrase:
    """One word or several in a row, in any field or one; with `prefix` the last may go on."""

    words: tuple[str, ...]
    field: FieldName | None = None
    prefix: bool = False
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Near:
    """Two phrases in one field with at most `distance` words between them, in either order."""

    left: Phrase
    right: Phrase
    distance: int


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold."""

    parts: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds."""

    parts: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Expression"


Expression = Phrase | Near | And | Or | Not


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as read: `expression` is None for plain words. Hashable.

    `meaning` is what a sentence encoder gets: no operators, no field names, nothing negated.
    """

    text: str
    expression: Expression | None
    meaning: str


def read_wording(text: str) -> Wording:
    """`text` as plain words or as an expression.

    Raises UnreadableExpression, which is a QueryError, with the place and what was expected there when
    operators are used but do not fit together.
    """
    plain = Wording(text, None, text.strip())
    marks = _marks(text)
    if not any(mark.kind in _OPERATING for mark in marks):
        return plain
    if all(mark.kind in ("and", "or", "not", "near") for mark in marks):
        return plain
    reader = _Reader(text, marks)
    try:
        expression = reader.read()
    except UnreadableExpression as problem:
        problem.text = text
        raise
    return plain if expression is None else Wording(text, expression, " ".join(_said(expression)))


def leaves(expression: Expression) -> tuple[Phrase | Near, ...]:
    """The phrases and NEARs that count for a figure, left to right: those not negated."""
    if isinstance(expression, Not):
        return ()
    if isinstance(expression, And | Or):
        return tuple(leaf for part in expression.parts for leaf in leaves(part))
    return (expression,)


def tokens(text: str) -> list[str]:
    """The words of `text` in order: lower case, without accents; each Chinese or Japanese sign is one."""
    if text.isascii():
        return _TOKEN.findall(text.lower())
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in folded if unicodedata.category(sign) != "Mn")
    return _TOKEN.findall(bare)


def telling(words: list[str]) -> list[str]:
    """The words without stop words, unless there is nothing else."""
    return [word for word in words if word not in _STOP_WORDS] or words


def query_words(text: str) -> list[str]:
    """The words to look for, each once: without stop words, unless there is nothing else."""
    return telling(list(dict.fromkeys(tokens(text))))


_Kind = Literal["word", "prefix", "phrase", "field", "open", "close", "and", "or", "not", "near", "minus"]
_OPERATING = frozenset({"prefix", "phrase", "field", "and", "or", "not", "near", "minus"})


@dataclass(frozen=True, slots=True)
class _Mark:
    """A piece of the text that means something, with its place (0-based) and what stands there."""

    kind: _Kind
    at: int
    text: str


_SIGNS = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<phrase>(?<![\w])["\u201c\u201d\u201e](?=\w)[^"\u201c\u201d\u201e]*["\u201c\u201d\u201e](?![\w]))
    | (?P<near>NEAR(?:/\d{1,3})?(?=\s|$))
    | (?P<and>AND(?=[\s(]|$)) | (?P<or>OR(?=[\s(]|$)) | (?P<not>NOT(?=[\s(]|$))
    | (?P<field>(?:title|applicant|abstract|caption|term|label|number):(?=[\w("\u201c\u201e]))
    | (?P<minus>-(?=[^\W\d_]|["\u201c\u201e(]))
    | (?P<open>\() | (?P<close>\))
    | (?P<prefix>[^\W_]{2,}\*(?=[\s)]|$))
    | (?P<word>[^\s()]+)
    """,
    re.VERBOSE,
)
_QUOTES = '"\u201c\u201d\u201e'
_WORD = re.compile(r"[^\s()]+")
_AT_A_START = frozenset({"near", "and", "or", "not", "field", "minus", "prefix", "phrase"})


def _marks(text: str) -> list[_Mark]:
    """The pieces of `text`; what holds no letter, digit or bracket is left out."""
    marks: list[_Mark] = []
    at, fresh = 0, True
    while at < len(text):
        found = _SIGNS.match(text, at)
        assert found
        assert found.lastgroup
        kind, piece = found.lastgroup, found.group()
        if kind in _AT_A_START and not fresh:
            rest = _WORD.match(text, at)
            kind, piece = "word", rest.group() if rest else piece
        if kind == "space" or (kind == "word" and not tokens(piece)):
            fresh = True
        else:
            marks.append(_Mark(kind, at, piece))  # type: ignore[arg-type]
            fresh = kind in ("field", "minus", "open", "close")
        at += len(piece)
    return marks


class _Reader:
    """Reads marks by recursive descent: or > and > near > not > leaf."""

    def __init__(self, text: str, marks: list[_Mark]) -> None:
        self._text = text
        self._marks = marks
        self._next = 0
        self._leaves = 0

    def read(self) -> Expression | None:
        """The expression of all marks; None where nothing is said. Raises QueryError with the place."""
        expression = self._either(None, 0)
        if self._next < len(self._marks):
            mark = self._marks[self._next]
            raise _wrong(mark.at, mark.text, "this closing bracket has no opening one")
        return expression

    def _peek(self) -> _Mark | None:
        return self._marks[self._next] if self._next < len(self._marks) else None

    def _kind(self) -> str:
        mark = self._peek()
        return mark.kind if mark else ""

    def _take(self) -> _Mark:
        self._next += 1
        return self._marks[self._next - 1]

    def _either(self, field: FieldName | None, depth: int) -> Expression | None:
        parts = [self._both(field, depth)]
        while self._kind() == "or":
            self._take()
            parts.append(self._both(field, depth))
        known = tuple(part for part in parts if part is not None)
        return known[0] if len(known) == 1 else Or(known) if known else None

    def _both(self, field: FieldName | None, depth: int) -> Expression | None:
        parts = [self._near(field, depth)]
        while self._kind() not in ("", "or", "close"):
            if self._kind() == "and":
                self._take()
            parts.append(self._near(field, depth))
        known = _without_stop_words([part for part in parts if part is not None])
        return known[0] if len(known) == 1 else And(tuple(known)) if known else None

    def _near(self, field: FieldName | None, depth: int) -> Expression | None:
        begun = self._peek()
        left = self._unary(field, depth)
        while self._kind() == "near":
            near = self._take()
            after = self._peek()
            right = self._unary(field, depth)
            for side, mark in ((left, begun), (right, after)):
                if not isinstance(side, Phrase):
                    at = mark.at if mark else near.at
                    raise _wrong(
                        at,
                        mark.text if mark else near.text,
                        "NEAR stands between two words or quoted phrases",
                    )
            assert isinstance(left, Phrase)
            assert isinstance(right, Phrase)
            if left.field != right.field:
                raise _wrong(near.at, near.text, "both sides of NEAR must be sought in the same field")
            digits = near.text.partition("/")[2]
            joined = Near(left, right, int(digits) if digits else NEAR_WORDS)
            if self._kind() == "near":
                mark = self._take()
                raise _wrong(mark.at, mark.text, "NEAR joins two words only; write a NEAR b AND b NEAR c")
            return joined
        return left

    def _unary(self, field: FieldName | None, depth: int) -> Expression | None:
        mark = self._peek()
        if mark is None:
            raise _wrong(
                len(self._text.rstrip()), "", "a word, a quoted phrase or an opening bracket is missing"
            )
        if depth > MOST_DEPTH:
            raise _wrong(mark.at, mark.text, f"brackets may be nested {MOST_DEPTH} deep at most")
        if mark.kind in ("not", "minus"):
            self._take()
            part = self._unary(field, depth + 1)
            return None if part is None else Not(part)
        if mark.kind == "field":
            self._take()
            name = mark.text[:-1]
            return self._unary(next(each for each in FIELDS if each == name), depth + 1)
        if mark.kind == "open":
            self._take()
            if self._kind() == "close":
                raise _wrong(mark.at, "()", "the brackets are empty")
            inside = self._either(field, depth + 1)
            if self._kind() != "close":
                raise _wrong(mark.at, "(", "this bracket is never closed")
            self._take()
            return inside
        if mark.kind in ("word", "prefix", "phrase"):
            return self._leaf(self._take(), field)
        raise _wrong(
            mark.at, mark.text, "a word, a quoted phrase or an opening bracket is missing before this"
        )

    def _leaf(self, mark: _Mark, field: FieldName | None) -> Expression | None:
        self._leaves += 1
        if self._leaves > MOST_LEAVES:
            raise _wrong(mark.at, mark.text, f"an expression may have {MOST_LEAVES} words at most")
        if mark.kind == "word" and mark.text[0] in _QUOTES:
            raise _wrong(mark.at, mark.text, "this quotation mark is never closed")
        words = tuple(tokens(mark.text))
        typed = mark.text.strip(f"{_QUOTES}*.,;:!?")
        return Phrase(words, field, mark.kind == "prefix", typed) if words else None


def _without_stop_words(parts: list[Expression]) -> list[Expression]:
    """`parts` without bare stop words, unless there is nothing else: they stand nearly everywhere."""
    kept = [
        part
        for part in parts
        if not (
            isinstance(part, Phrase)
            and len(part.words) == 1
            and not part.prefix
            and part.words[0] in _STOP_WORDS
        )
    ]
    return kept or parts


def _said(expression: Expression) -> list[str]:
    said: list[str] = []
    for leaf in leaves(expression):
        for phrase in (leaf.left, leaf.right) if isinstance(leaf, Near) else (leaf,):
            if phrase.field != "number":
                said.append(phrase.typed)
    return said


def _wrong(at: int, found: str, expected: str) -> UnreadableExpression:
    place = f"at character {at + 1}" + (f" ({found[:40]})" if found else "")
    return UnreadableExpression(
        f"The expression cannot be read {place}: {expected}.",
        "Write operators in small letters to search for them as words.",
        at,
        found,
    )
