"""Steps: what a flowchart's text says is done in `step S102`, as a short phrase that begins with a verb."""

import re
from functools import cache
from typing import NamedTuple

NAMES = frozenset("step steps block blocks operation act action stage process procedure substep".split())
"""What the text calls a numeral that stands for something done."""

_VERBS = (
    "acquire activate add adjust align allocate analyse analyze apply assemble assign attach authenticate "
    "bond build calculate calibrate capture change check choose classify clean close coat collect combine "
    "compare compress compute configure confirm connect control convert cool copy correct count couple "
    "create cut deactivate decide decode decompress decrease decrypt define delete deliver deposit derive "
    "detect determine direct disable discard dispense display dissolve distribute divide download dry "
    "eject emit enable encode encrypt end ensure enter establish estimate etch evaluate execute expose "
    "extend extract feed fill filter find flag form forward generate grant group grow guide heat identify "
    "illuminate implement increase increment inform initialise initialize initiate inject insert inspect "
    "install instruct integrate interrupt invoke issue judge launch load locate lock log lower make map "
    "mark match measure merge mix modify monitor mount move multiply normalise normalize notify obtain "
    "open optimize output pair parse perform place polish position power predict prepare present press "
    "process produce prompt provide publish query raise read receive recognise recognize record reduce "
    "register reject release remove render repeat replace report request reset resize respond restart "
    "retract retrieve return rotate sample save scan score search seal segment select send sense separate "
    "set show shut sign simulate sort split start stop store submit subtract suggest supply suspend "
    "switch synchronize terminate test track train transfer transform translate transmit transport "
    "trigger turn unlock update upload use validate verify wait warn wash weigh wrap write yield"
).split()
_DOUBLED = frozenset("cut stop set get shut log map submit transmit emit scan control plan wrap flag".split())
_PAST = {
    "build": "built", "choose": "chosen", "cut": "cut", "feed": "fed", "find": "found", "grow": "grown",
    "make": "made", "read": "read", "send": "sent", "set": "set", "show": "shown", "shut": "shut",
    "split": "split", "write": "written",
}  # fmt: skip
_NUMBER = r"(?P<numeral>S?\d{1,4}[A-Za-z]?)"
_STEP = r"(?:method\s+|process\s+|processing\s+|decision\s+)?(?:sub-?step|step|block|operation|act|stage)"
_LED = re.compile(
    rf"\b(?:[Ii]n|[Aa]t|[Dd]uring)\s+(?:the\s+|a\s+)?(?:next\s+|first\s+|second\s+|third\s+|subsequent\s+)?"
    rf"{_STEP}\s+\(?{_NUMBER}\)?(?:\s+of\s+FIG\.\s?\d+[A-Z]?)?\s*,?\s+(?P<clause>[^.;:]{{3,240}})"
)
_HEADED = re.compile(
    rf"(?:^|[.;]\s)\(?(?:[Mm]ethod\s+)?(?:[Ss]tep|[Bb]lock)\s+{_NUMBER}\)?\s*[:,–—-]?\s+"
    rf"(?:(?:includes?|comprises?|involves?|is|represents?)\s+)?(?:the\s+step\s+of\s+)?(?P<clause>[^.;:]{{3,240}})"
)
_BRACKETED = re.compile(
    r"\s\((?:(?P<numeral>S\d{2,4}[a-z]?)|(?:step|block|operation|act)\s+(?P<named>S?\d{1,4}[a-z]?))\)"
)
_BREAK = re.compile(r"[.;:()]")
_WORD = re.compile(r"[^\W\d_]+(?:[-'’/][^\W\d_]+)*|\d+|[^\s\w]")
_ENDS = frozenset(
    ", ( ) if when while so because which where wherein until unless as based using via such thereby thus "
    "according before after then".split()
)
_AUXILIARIES = frozenset("is are was were be been being".split())
_MOST_BEFORE = 14
_MOST_WORDS = 9
_LONGEST_CLAUSE = 240


class Action(NamedTuple):
    """What is done in the step that a numeral stands for, and where in the sentence its numeral is."""

    numeral: str
    text: str
    at: int


def read_steps(sentence: str) -> list[Action]:
    """The steps whose action a sentence tells: `In step S102, the controller compares the signals.`

    The verb comes in its base form and first, also of a passive: `compare the signals`. Steps that
    are merely mentioned, as in `the method returns to step 10`, are left out.
    """
    found: dict[str, Action] = {}
    for pattern in (_LED, _HEADED):
        for match in pattern.finditer(sentence):
            if text := action(match["clause"]):
                found.setdefault(match["numeral"], Action(match["numeral"], text, match.start("numeral")))
    for match in _BRACKETED.finditer(sentence):
        # Backwards from the bracket, so that a long sentence is not searched from each of its letters.
        clause = _BREAK.split(sentence[max(match.start() - _LONGEST_CLAUSE, 0) : match.start()])[-1]
        if text := action(clause):
            numeral = match["numeral"] or match["named"]
            found.setdefault(numeral, Action(numeral, text, match.start()))
    return list(found.values())


def action(clause: str) -> str:
    """The first thing that a clause says is done, verb first; empty where no known verb is found."""
    words = _WORD.findall(clause)
    forms = _forms()
    for place, word in enumerate(words[:_MOST_BEFORE]):
        base = forms.get(word.lower())
        if not base or (place and words[place - 1].lower() in ("a", "an", "the", "said", "of")):
            continue
        before = [w.lower() for w in words[:place]]
        lower = word.lower()
        passive = [n for n, w in enumerate(before) if w in _AUXILIARIES]
        if passive and lower != base and not lower.endswith(("s", "ing")):
            subject = words[: passive[0]]
            if [w.lower() for w in subject] == ["it"]:
                return _joined([base, *_object(words[place + 1 :])])
            rest = _object(words[place + 1 :])
            by = next((n for n, w in enumerate(rest) if w.lower() == "by"), len(rest))
            return _joined([base, *_plain(subject)[-_MOST_WORDS + 1 :], *rest[:by]])
        if lower == _past(base) and lower != base and place and not passive:
            continue  # `the stored value`, whose verb is still to come
        if (
            lower == base
            and place
            and before[-1] not in ("to", "can", "may", "will", "and")
            and not _plural(before)
        ):
            continue  # a noun: `the control unit`
        return _joined([base, *_object(words[place + 1 :])])
    return ""


def _plural(before: list[str]) -> bool:
    return before[-1].endswith("s") or before[-1] in ("we", "they")


def _object(words: list[str]) -> list[str]:
    """What follows the verb, up to the end of its clause."""
    kept: list[str] = []
    forms = _forms()
    for place, word in enumerate(words):
        lower = word.lower()
        following = words[place + 1].lower() if place + 1 < len(words) else ""
        if lower in _ENDS or (lower in ("and", "or", "to") and (following in forms or following == "then")):
            break
        if word.isdecimal():
            continue
        kept.append(word)
        if len(kept) == _MOST_WORDS - 1:
            break
    while kept and kept[-1].lower() in ("a", "an", "the", "and", "or", "of", "to", "in", "by", "with", "for"):
        kept.pop()
    return kept


def _plain(words: list[str]) -> list[str]:
    return [word for word in words if not word.isdecimal() and word not in (",", "(", ")")]


def _joined(words: list[str]) -> str:
    return " ".join(words) if len(words) > 1 else ""


def _past(base: str) -> str:
    if base in _PAST:
        return _PAST[base]
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ied"
    return base + (base[-1] if base in _DOUBLED else "") + "ed"


@cache
def _forms() -> dict[str, str]:
    """The base form of each form of the known verbs."""
    forms: dict[str, str] = {}
    for base in _VERBS:
        stem = base[:-1] if base.endswith("e") and not base.endswith("ee") else base
        gerund = stem + (base[-1] if base in _DOUBLED else "") + "ing"
        if base.endswith("y") and base[-2] not in "aeiou":
            third = base[:-1] + "ies"
        else:
            third = base + ("es" if base.endswith(("s", "x", "ch", "sh", "z")) else "s")
        for form in (base, third, gerund, _past(base)):
            forms.setdefault(form, base)
    return forms
