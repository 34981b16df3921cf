"""What a sample patent says: bibliographic data, captions, description, claims."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ipatent.sample import names
from ipatent.sample.objects import Kind
from ipatent.sample.scene import Part

_VERBS = (
    "is secured to",
    "is mounted on",
    "is carried by",
    "is attached to",
    "is connected to",
    "is fastened to",
    "rests against",
    "is coupled to",
)
_MANNERS = (
    "by screws (not shown)",
    "by welding",
    "by an adhesive",
    "in a form-fitting manner",
    "releasably",
    "rigidly",
    "by a snap fit",
    "by a press fit",
)
_MATERIALS = (
    "steel",
    "aluminum",
    "a molded plastic such as polypropylene",
    "solid wood",
    "a die-cast alloy",
    "glass-fiber reinforced nylon",
    "stainless steel",
    "brass",
)
_EFFECTS = (
    "so that the load is distributed evenly",
    "which keeps the assembly compact",
    "so that no tools are needed",
    "which prevents rattling in use",
    "so that wear is reduced",
    "which makes cleaning easy",
    "so that the position can be adjusted in small steps",
)


@dataclass(frozen=True, slots=True)
class Story:
    """All text of one patent; `captions` pairs figure labels with the words that follow `FIG. n is`."""

    design: bool
    number: str
    """Canonical, e.g. `USD2000017S1`."""
    display: str
    """As printed, e.g. `US D2,000,017 S`."""
    barcode: str
    title: str
    noun: str
    published: date
    filed: date
    application: str
    inventors: tuple[tuple[str, str, str], ...]
    applicant: str
    applicant_place: str
    examiner: str
    attorney: str
    cpc: tuple[str, ...]
    locarno: str
    uspc: tuple[str, ...]
    captions: tuple[tuple[str, str], ...]
    abstract: str
    paragraphs: tuple[tuple[str, str], ...]
    """Heading (may be empty) and text, in order."""
    claims: tuple[str, ...]
    cited: tuple[tuple[str, str, str, str], ...]
    """Number, month/year, name, class of each cited document."""


@dataclass(frozen=True, slots=True)
class Extra:
    """A figure that shows no object: its caption, a paragraph about it, and its numerals' terms."""

    label: str
    phrase: str
    text: str


def printed_date(day: date) -> str:
    """As US patents print dates: `Jun. 2, 2020`."""
    month = ("Jan.", "Feb.", "Mar.", "Apr.", "May", "Jun.", "Jul.", "Aug.", "Sep.", "Oct.", "Nov.", "Dec.")
    return f"{month[day.month - 1]} {day.day}, {day.year}"


def article(noun: str) -> str:
    """The noun with `a` or `an`."""
    sounds_open = noun[0].lower() in "aeiou" and not noun.lower().startswith(
        ("user", "unit", "union", "unif")
    )
    return ("an " if sounds_open or noun.lower().startswith("hour") else "a ") + noun


def number_parts(parts: Sequence[Part], chance: random.Random) -> dict[int, tuple[str, str]]:
    """A reference numeral and term for each part; parts of one term share a number."""
    start, step = chance.choice(
        ((10, 2), (10, 10), (1, 1), (100, 2), (12, 2), (20, 1), (100, 10), (11, 1), (202, 2))
    )
    letters = chance.random() < 0.45
    numbers: dict[str, int] = {}
    counts: dict[str, int] = {}
    totals: dict[str, int] = {}
    for part in parts:
        totals[part.term] = totals.get(part.term, 0) + 1
    result: dict[int, tuple[str, str]] = {}
    for index, part in enumerate(parts):
        number = numbers.setdefault(part.term, start + step * len(numbers) + step)
        copy = counts[part.term] = counts.get(part.term, 0) + 1
        suffix = "abcdefgh"[copy - 1] if letters and totals[part.term] > 1 and copy <= 4 else ""
        if letters and totals[part.term] > 4:
            suffix = ""
        result[index] = (f"{number}{suffix}", part.term)
    return result


def tell(
    *,
    design: bool,
    number: str,
    display: str,
    barcode: str,
    noun: str,
    title: str,
    kind: Kind,
    parts: Sequence[Part],
    numerals: dict[int, tuple[str, str]],
    captions: Sequence[tuple[str, str]],
    extras: Sequence[Extra],
    family: random.Random,
    chance: random.Random,
) -> Story:
    """Writes the patent. `family` is shared by all members of a family, `chance` is the member's own."""
    published = _tuesday(date(2012, 1, 3) + timedelta(days=chance.randrange(4800)))
    filed = published - timedelta(days=chance.randint(380, 1300))
    applicant, applicant_place = names.company(family), names.place(family)
    inventors = tuple(
        (*names.person(family), names.place(family)) for _ in range(family.choice((1, 1, 2, 2, 3)))
    )
    terms = list(dict.fromkeys(part.term for part in parts))
    series = "29" if design else "16"
    abstract = "" if design else _abstract(noun, kind, parts, numerals)
    claims = (
        (f"The ornamental design for {article(noun)}, as shown and described.",)
        if design
        else _claims(noun, terms, parts, chance)
    )
    return Story(
        design,
        number,
        display,
        barcode,
        title,
        noun,
        published,
        filed,
        f"{series}/{chance.randint(100, 999)},{chance.randint(100, 999)}",
        inventors,
        applicant,
        applicant_place,
        " ".join(names.person(chance)),
        f"{chance.choice(names.FAMILY)} & {chance.choice(names.FAMILY)} LLP",
        kind.cpc,
        kind.locarno,
        kind.uspc,
        tuple(captions),
        abstract,
        () if design else _description(noun, kind, parts, numerals, captions, extras, chance),
        claims,
        _cited(design, kind, published, chance),
    )


def _tuesday(day: date) -> date:
    return day + timedelta(days=(1 - day.weekday()) % 7)


def _cited(
    design: bool, kind: Kind, before: date, chance: random.Random
) -> tuple[tuple[str, str, str, str], ...]:
    rows = []
    for _ in range(chance.randint(3, 9)):
        day = before - timedelta(days=chance.randint(900, 9000))
        number = (
            f"D2,{chance.randrange(1000):03d},{chance.randrange(1000):03d} S"
            if design
            else (f"99,{chance.randrange(1000):03d},{chance.randrange(1000):03d} B2")
        )
        symbol = chance.choice(kind.uspc if design else kind.cpc)
        rows.append((day, (number, f"{day.month}/{day.year}", chance.choice(names.FAMILY), symbol)))
    return tuple(row for _, row in sorted(rows))


def _abstract(noun: str, kind: Kind, parts: Sequence[Part], numerals: dict[int, tuple[str, str]]) -> str:
    sentences = [f"{article(noun).capitalize()} for {kind.purpose} is provided."]
    seen: list[str] = []
    for index, part in enumerate(parts):
        if part.term in seen:
            continue
        seen.append(part.term)
        carrier = part.on or parts[0].term
        if len(seen) == 1:
            sentences.append(f"The {noun} comprises {article(part.term)} {numerals[index][0]}.")
        elif len(seen) < 6 and carrier != part.term:
            sentences.append(
                f"{article(part.term).capitalize()} {numerals[index][0]} is associated with the {carrier}."
            )
    sentences.append(f"The arrangement overcomes the drawback that known {noun}s {kind.problem}.")
    return " ".join(sentences)


def _description(
    noun: str,
    kind: Kind,
    parts: Sequence[Part],
    numerals: dict[int, tuple[str, str]],
    captions: Sequence[tuple[str, str]],
    extras: Sequence[Extra],
    chance: random.Random,
) -> tuple[tuple[str, str], ...]:
    body: list[tuple[str, str]] = [
        ("TECHNICAL FIELD", f"The present disclosure relates to {article(noun)} for {kind.purpose}."),
        (
            "BACKGROUND",
            f"Various forms of {noun} are known. Many of them {kind.problem}. "
            f"There is therefore a need for an improved {noun} that is simple to make and dependable in use.",
        ),
        (
            "SUMMARY",
            f"It is an object to provide {article(noun)} that avoids the above drawbacks. This object "
            "is achieved by the subject matter of the independent claim. Preferred embodiments are set out "
            "in the dependent claims.",
        ),
    ]
    heading = "BRIEF DESCRIPTION OF THE DRAWINGS"
    for index, (label, phrase) in enumerate(captions):
        ending = "; and" if index == len(captions) - 2 else "." if index == len(captions) - 1 else ";"
        body.append((heading, f"FIG. {label} is {phrase}{ending}"))
        heading = ""
    first = captions[0][0]
    groups: dict[str, list[str]] = {}
    carriers: dict[str, str] = {}
    for index, part in enumerate(parts):
        numeral = numerals[index][0]
        if numeral not in groups.setdefault(part.term, []):
            groups[part.term].append(numeral)
        carriers.setdefault(part.term, part.on)
    main = next(iter(groups))
    several = len(groups[main]) > 1
    first_part = (
        f"{main}s {', '.join(groups[main][:-1])} and {groups[main][-1]}, which are"
        if several
        else f"{article(main)} {groups[main][0]}, which is"
    )
    body.append(
        (
            "DETAILED DESCRIPTION",
            f"Referring to FIG. {first}, {article(noun)} is shown. The {noun} has "
            f"{first_part} preferably made of {chance.choice(_MATERIALS)}.",
        )
    )
    sentences: list[str] = []
    for term, numbers in list(groups.items())[1:]:
        carrier = carriers[term] if carriers[term] in groups and carriers[term] != term else main
        plural = len(numbers) > 1
        subject = f"{term}s {', '.join(numbers[:-1])} and {numbers[-1]}" if plural else f"{term} {numbers[0]}"
        verb = chance.choice(_VERBS)
        verb = verb.replace("is ", "are ").replace("rests", "rest") if plural else verb
        tail = chance.choice((f" {chance.choice(_MANNERS)}", "", f", {chance.choice(_EFFECTS)}"))
        sentences.append(f"The {subject} {verb} the {carrier} {groups[carrier][0]}{tail}.")
        if chance.random() < 0.4:
            sentences.append(f"The {term} {numbers[0]} may be formed of {chance.choice(_MATERIALS)}.")
    for start in range(0, len(sentences), 3):
        label = captions[(start // 3 + 1) % len(captions)][0]
        lead = f"As best seen in FIG. {label}, t" if chance.random() < 0.6 else "T"
        text = " ".join(sentences[start : start + 3])
        body.append(("", lead + text[1:]))
    for extra in extras:
        body.append(("", extra.text))
    body.append(
        (
            "",
            f"While a preferred embodiment of the {noun} has been shown and described, various changes may "
            f"be made without departing from the scope of the appended claims. For example, the {main} "
            f"{groups[main][0]} may be formed of {chance.choice(_MATERIALS)} or of "
            f"{chance.choice(_MATERIALS)}.",
        )
    )
    return tuple(body)


def _claims(noun: str, terms: list[str], parts: Sequence[Part], chance: random.Random) -> tuple[str, ...]:
    carriers = {part.term: part.on for part in parts}
    core = terms[: max(2, min(4, len(terms)))]
    pieces = [article(core[0])]
    for term in core[1:]:
        carrier = carriers[term] if carriers[term] in terms and carriers[term] != term else core[0]
        pieces.append(f"{article(term)} connected to the {carrier}")
    body = "; ".join(pieces[:-1]) + f"; and {pieces[-1]}" if len(pieces) > 1 else pieces[0]
    claims = [f"{article(noun).capitalize()}, comprising: {body}."]
    for number in range(chance.randint(4, 12)):
        term = chance.choice(terms)
        back = chance.randint(1, max(1, number))
        ending = chance.choice(
            (
                f"wherein the {term} is made of {chance.choice(_MATERIALS)}",
                f"wherein the {term} is detachable",
                f"wherein the {term} has a rounded edge",
                f"further comprising at least one further {term}",
                f"wherein the {term} {chance.choice(_VERBS)} the {core[0]} releasably",
            )
        )
        claims.append(f"The {noun} according to claim {back}, {ending}.")
    return tuple(claims)
