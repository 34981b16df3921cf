"""One sample patent, made from a seed and an index alone."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from ipatent.sample.diagrams import COMMON, DIAGRAMS, Subject
from ipatent.sample.dice import Dice
from ipatent.sample.document import write_document
from ipatent.sample.drawing import Drawing
from ipatent.sample.object_figures import ObjectView, object_drawing, object_view, section_marks
from ipatent.sample.objects import KINDS, Kind
from ipatent.sample.pdf import group4
from ipatent.sample.scene import Part, assemble
from ipatent.sample.sheet import DrawnSheet, FigureContent, Header, draw_sheet
from ipatent.sample.story import Extra, article, number_parts, printed_date, tell
from ipatent.sample.style import Style, draughtsman
from ipatent.sample.truth import truth_json
from ipatent.sample.views import VIEWS

_VARIANTS = 0.3
_UNTEXTED = 0.15
_RARER = 0.3
"""Share of utility patents with one more figure, of any type and manner."""


@dataclass(frozen=True, slots=True)
class SamplePatent:
    """A finished patent: its number, the bytes of its PDF, its ground truth, and what it holds."""

    number: str
    family: str
    pdf: bytes
    truth: str
    sheets: int
    figures: int


def lineage(seed: int, index: int) -> int:
    """The index of the patent that founded the family of patent `index` (often itself)."""
    chance = random.Random(f"{seed}/lineage/{index}")
    while index and chance.random() < _VARIANTS:
        index = chance.randrange(index)
        chance = random.Random(f"{seed}/lineage/{index}")
    return index


def publication(seed: int, index: int, design: bool) -> tuple[str, str, str]:
    """Canonical number, number as printed, and number under the bars.

    Designs are US D2,000,000 S and up, utility patents US 99,000,000 B2 and up: no patent bears
    such a number, so that a sample is never taken for a real document.
    """
    running = (seed * 7919 + index) % 1_000_000
    if design:
        number = 2_000_000 + running
        return f"USD{number}S1", f"US D{number:,} S", f"US0D{number}S"
    number = 99_000_000 + running
    return f"US{number}B2", f"US {number:,} B2", f"US0{number}B2"


def make_patent(seed: int, index: int) -> SamplePatent:
    """Patent `index` of the collection grown from `seed`; a pure function of the two."""
    root = lineage(seed, index)
    member = 0 if root == index else index
    family_key = f"{seed}/{root}"
    family, chance = random.Random(f"family/{family_key}"), random.Random(f"member/{seed}/{index}")
    order = sorted(KINDS)
    random.Random(f"{seed}/kinds/{root // len(order)}").shuffle(order)
    kind_name = order[root % len(order)]
    kind = KINDS[kind_name]
    design = family.random() < 0.58
    if member and chance.random() < 0.12:
        design = not design
    style = draughtsman(
        Dice(f"style/{family_key}" if family.random() < 0.6 else f"style/{seed}/{index}", member), design
    )
    parts = kind.build(Dice(f"object/{family_key}", member))
    noun, title = _names(kind, design, family, chance, member)
    if design and chance.random() < 0.28:
        parts = _with_environment(parts, chance)
    numerals = number_parts(parts, family)
    number, display, barcode = publication(seed, index, design)
    contents, extras = _figures(design, noun, parts, numerals, style, chance, family, f"{seed}/{index}")
    captions = [(c.label, c.caption) for c in contents]
    story = tell(
        design=design,
        number=number,
        display=display,
        barcode=barcode,
        noun=noun,
        title=title,
        kind=kind,
        parts=parts,
        numerals=numerals,
        captions=captions,
        extras=extras,
        family=family,
        chance=chance,
    )
    groups = _grouped(contents, style, chance, design)
    header = Header(printed_date(story.published), display, len(groups))
    scanned = chance.random() < _UNTEXTED
    sheets: list[DrawnSheet] = []
    for page, group in enumerate(groups, 1):
        rotated = chance.random() < style.rotate
        sheets.append(draw_sheet(group, style, header, page, rotated, chance))
    figure = sheets[0].figures[0]
    x, y, w, h = figure.box
    front = sheets[0].ink[y : y + h, x : x + w]
    if sheets[0].rotated:
        front = front[:, ::-1].T
    pdf = write_document(story, [group4(s.ink) for s in sheets], [s.spans for s in sheets], front, scanned)
    terms = {} if design else dict(numerals.values())
    terms |= {n.numeral: n.term for s in sheets for f in s.figures for n in f.numerals}
    truth = truth_json(
        story,
        sheets,
        family=f"F{seed}-{root:06d}",
        member=member,
        kind=kind_name,
        terms=terms,
        text_layer=not scanned,
    )
    return SamplePatent(number, f"F{seed}-{root:06d}", pdf, truth, len(sheets), len(contents))


def _names(
    kind: Kind, design: bool, family: random.Random, chance: random.Random, member: int
) -> tuple[str, str]:
    noun = family.choice(kind.nouns)
    quality = family.choice(kind.qualities)
    if member and chance.random() < 0.5:
        noun = chance.choice(kind.nouns)
    if member and chance.random() < 0.5:
        quality = chance.choice(kind.qualities)
    if design:
        return noun, (f"{quality} {noun}" if family.random() < 0.35 else noun).upper()
    forms = (
        "{q} {n}",
        "{n} with improved stability",
        "{q} {n} and method of making the same",
        "{n} assembly",
        "{q} {n} assembly",
        "{n} for {p}",
    )
    return noun, family.choice(forms).format(q=quality, n=noun, p=kind.purpose).upper()


def _with_environment(parts: Sequence[Part], chance: random.Random) -> list[Part]:
    terms = list(dict.fromkeys(part.term for part in parts))
    if len(terms) < 3:
        return list(parts)
    chosen = set(chance.sample(terms[1:], 1))
    return [replace(part, environment=part.term in chosen) for part in parts]


def _figures(
    design: bool,
    noun: str,
    parts: Sequence[Part],
    numerals: dict[int, tuple[str, str]],
    style: Style,
    chance: random.Random,
    family: random.Random,
    seed: str,
) -> tuple[list[FigureContent], list[Extra]]:
    names, section = _view_names(design, chance)
    scene = assemble(parts)
    called = {} if design else numerals
    diagrams = [] if design else chance.sample(COMMON, chance.choice((0, 1, 1, 2, 3)))
    drawn = [(name, DIAGRAMS[name][0]) for name in diagrams]
    # Its own chance: what is rolled for rarer figures leaves the rest of the patent as it is.
    rarer = random.Random(f"rarer/{seed}")
    if not design and rarer.random() < _RARER:
        name = rarer.choice(sorted(DIAGRAMS))
        drawn.append((name, rarer.choice(DIAGRAMS[name])))
    labels = _labels(len(names) + len(drawn), chance)
    contents: list[FigureContent] = []
    for position, name in enumerate(names):
        label = labels[position]
        shown, direction = scene, None
        if name == "exploded":
            shown = assemble(parts, 1.0)
        if name == "section":
            direction = (90.0, 0.0) if section == "front" else (0.0, 0.0)
        view = object_view(shown, parts, name, style, f"{seed}/{name}", direction)
        marks = labels[names.index("section")] if "section" in names and name == section else ""
        make = partial(_drawn, view, called if position < 4 else {}, marks)
        caption = _caption(name, noun, position, design, labels, names, section)
        contents.append(
            FigureContent(label, name, "drawing", caption, view.seen.width / view.seen.height, make)
        )
    extras = []
    terms = tuple(dict.fromkeys(part.term for part in parts))
    taken = max((int("".join(c for c in n if c.isdigit())) for n, _ in numerals.values()), default=0)
    for offset, (name, draughter) in enumerate(drawn):
        label = labels[len(names) + offset]
        dice = family if offset < len(diagrams) else rarer
        diagram = draughter(dice, style, Subject((taken // 100 + 1 + offset) * 100, noun, terms))
        caption = diagram.phrase
        contents.append(
            FigureContent(
                label,
                "",
                name,
                caption,
                diagram.drawing.width / diagram.drawing.height,
                diagram.drawing.fitted,
            )
        )
        extras.append(Extra(label, caption, f"FIG. {label} is {caption}. {diagram.text}"))
    return contents, extras


def _drawn(
    view: ObjectView, numerals: dict[int, tuple[str, str]], marks: str, width: float, height: float
) -> Drawing:
    if not marks:
        return object_drawing(view, width, height, numerals)
    drawing = object_drawing(view, width, height - 260, numerals)
    return section_marks(view, drawing, marks, True)


def _view_names(design: bool, chance: random.Random) -> tuple[list[str], str]:
    """The views of a patent in order, and the one on which the section line is marked."""
    if design:
        names = ["perspective", "front", "rear", "right side", "left side", "top", "bottom"]
        drop = chance.choice(
            (
                (),
                ("left side",),
                ("rear",),
                ("left side", "bottom"),
                ("rear", "left side", "bottom"),
                ("bottom",),
            )
        )
        names = [name for name in names if name not in drop]
        if chance.random() < 0.25:
            names.insert(1, "rear perspective")
        if chance.random() < 0.12:
            names.append("bottom perspective")
        return names, ""
    names = ["perspective"]
    section = chance.choice(("front", "right side"))
    names += chance.sample(["front", "right side", "top", "rear perspective"], chance.randint(0, 2))
    if chance.random() < 0.5:
        names.append("exploded")
    if chance.random() < 0.5:
        if section not in names:
            names.append(section)
        names.append("section")
    return names, section


def _labels(count: int, chance: random.Random) -> list[str]:
    labels = [str(number) for number in range(1, count + 1)]
    if count > 3 and chance.random() < 0.2:
        at = chance.randrange(1, count - 1)
        return labels[:at] + [f"{at + 1}A", f"{at + 1}B"] + [str(number) for number in range(at + 2, count)]
    return labels


def _caption(
    name: str, noun: str, position: int, design: bool, labels: list[str], names: list[str], section: str
) -> str:
    phrase = VIEWS[name].phrase
    start = "an" if phrase[0] in "aeiou" else "a"
    if design:
        if position == 0:
            return f"{start} {phrase} of {article(noun)} showing my new design"
        return f"{start} {phrase} thereof"
    if name == "section":
        own, marked = labels[names.index("section")], labels[names.index(section)]
        return f"a sectional view of the {noun} taken along line {own}-{own} of FIG. {marked}"
    if position == 0:
        return f"{start} {phrase} of {article(noun)} according to an embodiment"
    return f"{start} {phrase} of the {noun} of FIG. {labels[0]}"


def _grouped(
    contents: list[FigureContent], style: Style, chance: random.Random, design: bool
) -> list[list[FigureContent]]:
    groups: list[list[FigureContent]] = []
    rest = list(contents)
    while rest:
        size = 1
        if style.several and (groups or chance.random() < 0.25):
            size = chance.choice((2, 2, 3, 4) if design else (1, 2, 2, 3))
        if rest[0].figure_type != "drawing":
            size = min(size, 2)
        groups.append(rest[:size])
        rest = rest[size:]
    return groups
