"""Figures made of letters: formulas, sequence listings, program listings."""

import random

import numpy as np

from ipatent.sample.diagrams.diagram import Diagram, Sheetful, Subject
from ipatent.sample.profiles import spline
from ipatent.sample.style import Style

_SYMBOLS = "xyzabcnkptuvwABCFGHKLMNPQRSTVW"
_FUNCTIONS = ("sin", "cos", "exp", "log", "min", "max", "tanh")
_AMINO = "Ala Arg Asn Asp Cys Gln Glu Gly His Ile Leu Lys Met Phe Pro Ser Thr Trp Tyr Val".split()
_NAMES = (
    "count value state sensor limit index buffer speed motor error flag result timer level offset gain"
    " target sample packet node"
).split()


def equations(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """Numbered formulas with fractions, sums, integrals, roots and indices."""
    page = Sheetful(1500, style)
    italic = chance.choice(("times italic", "times italic", "vera italic", "times"))
    y = 100.0
    rows = chance.randint(1, 5)
    for row in range(1, rows + 1):
        x = chance.uniform(0, 160)
        x += page.write(chance.choice(_SYMBOLS), x, y, 72, italic) + 6
        if chance.random() < 0.5:
            x += page.write(chance.choice("ijkn"), x, y + 24, 40, italic)
        x += page.write(" = ", x, y, 72, "times") + 6
        for term in range(chance.randint(1, 3)):
            if term:
                x += page.write(chance.choice((" + ", " - ", " = ")), x, y, 72, "times") + 4
            x = _term(page, chance, x, y, italic)
            if x > 1300:
                break
        if chance.random() < 0.8:
            page.write(f"({row})", max(1450.0, x + 90), y, 60, "times")
        y += chance.uniform(220, 330)
    return Diagram(
        page.drawing(),
        f"a set of mathematical formulas for calculating the load of the {subject.noun}",
        f"The load of the {subject.noun} is calculated by the {rows} formulas given there.",
    )


def _term(page: Sheetful, chance: random.Random, x: float, y: float, italic: str) -> float:
    """One term of a formula on the baseline y; gives where it ends."""
    form = chance.choice(("fraction", "sum", "integral", "root", "plain", "function", "plain"))
    if form == "fraction":
        top, below = (_product(chance) for _ in range(2))
        wide = max(page.write(top, x + 12, y - 50, 62, italic), page.write(below, x + 12, y + 48, 62, italic))
        page.stroke([(x, y - 24), (x + wide + 24, y - 24)], 1.2)
        return x + wide + 34
    if form == "sum":
        page.stroke([(x + 78, y - 92), (x, y - 92), (x + 44, y - 28), (x, y + 40), (x + 80, y + 40)], 1.6)
        page.write(f"{chance.choice('ijk')}=1", x + 4, y + 88, 38, italic)
        page.write(chance.choice("nNMK"), x + 24, y - 110, 38, italic)
        return x + 96 + page.write(_product(chance), x + 96, y, 72, italic)
    if form == "integral":
        bend = [(x + 62, y - 96), (x + 46, y - 106), (x + 36, y - 80), (x + 28, y + 30), (x + 16, y + 54)]
        page.stroke(spline(np.array([*bend, (x, y + 42)])), 1.5)
        page.write("0", x + 40, y + 62, 36, "times")
        page.write(chance.choice("TLt"), x + 72, y - 80, 36, italic)
        return x + 84 + page.write(f"{_product(chance)} d{chance.choice('xt')}", x + 84, y, 72, italic)
    if form == "root":
        wide = page.write(_product(chance) + " + " + _product(chance), x + 56, y, 66, italic)
        page.stroke(
            [(x, y - 20), (x + 14, y - 26), (x + 32, y + 16), (x + 48, y - 76), (x + 64 + wide, y - 76)], 1.2
        )
        return x + wide + 74
    if form == "function":
        x += page.write(f"{chance.choice(_FUNCTIONS)}(", x, y, 72, "times")
        x += page.write(_product(chance), x, y, 72, italic)
        return x + page.write(")", x, y, 72, "times") + 6
    x += page.write(_product(chance), x, y, 72, italic)
    if chance.random() < 0.6:
        x += page.write(chance.choice(("2", "3", "n", "-1", "T")), x, y - 36, 40, italic)
    return x + 6


def _product(chance: random.Random) -> str:
    return " ".join(chance.choice(_SYMBOLS) for _ in range(chance.randint(1, 3)))


def matrices(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """An equation of matrices in brackets."""
    page = Sheetful(1500, style)
    rows = chance.randint(2, 6)
    square = chance.random() < 0.6
    x = 0.0
    for number in range(chance.randint(1, 3)):
        columns = chance.choice((1, rows, rows))
        if number:
            x += page.write(chance.choice((" = ", " + ", " ")), x, 24, 76, "times") + 16
        tall = rows * 95.0
        top, bottom = -tall / 2 - 10, tall / 2 + 10
        wide = columns * 150.0
        for side, inward in ((x, 1), (x + wide + 50, -1)):
            if square:
                page.stroke(
                    [(side + 22 * inward, top), (side, top), (side, bottom), (side + 22 * inward, bottom)],
                    1.3,
                )
            else:
                bow = [(side + 26 * inward, top), (side, top * 0.4), (side, bottom * 0.4)]
                page.stroke(spline(np.array([*bow, (side + 26 * inward, bottom)])), 1.4)
        letter = chance.choice(_SYMBOLS)
        for row in range(rows):
            for column in range(columns):
                at = (x + 45 + column * 150, -tall / 2 + row * 95 + 66)
                if chance.random() < 0.25 and columns > 1:
                    page.write("0", at[0] + 10, at[1], 58, "times")
                else:
                    page.write(
                        f"{row + 1}{column + 1}",
                        at[0] + page.write(letter, *at, 58, "times italic"),
                        at[1] + 16,
                        32,
                    )
        x += wide + 80
    return Diagram(
        page.drawing(),
        f"a matrix equation for the position of the {subject.noun}",
        f"The position of the {subject.noun} follows from the matrix equation.",
    )


def bases(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """Nucleotides in blocks of ten with running numbers."""
    page = Sheetful(1700, style)
    letters = chance.choice(("acgt", "ACGT", "acgu", "ACGT", "MKVLAGSTEDRNQPIFYWHC"))
    name = chance.choice(("courier", "courier", "courier bold", "times", "vera"))
    size = chance.choice((40, 46, 52))
    group, groups = chance.choice(((10, 6), (10, 5), (10, 4), (15, 3), (60, 1)))
    rows = chance.randint(6, 26)
    before = chance.random() < 0.4
    page.write(f"SEQ ID NO: {chance.randint(1, 40)}", 0, 0, size, name)
    for row in range(1, rows + 1):
        y, x = row * size * chance.choice((1.5, 1.5, 1.5)), 0.0
        if before:
            page.write(str((row - 1) * group * groups + 1), x, y, size, name)
            x += size * 3.0
        length = groups if row < rows else chance.randint(1, groups)
        for _ in range(length):
            x += (
                page.write("".join(chance.choice(letters) for _ in range(group)), x, y, size, name)
                + size * 0.8
            )
        if not before:
            page.write(
                str(row * group * groups),
                group * groups * size * 0.62 + groups * size * 0.8 + 40,
                y,
                size,
                name,
            )
    return Diagram(
        page.drawing(),
        f"a nucleotide sequence of a marker applied to the {subject.noun}",
        f"The sequence marks the origin of the {subject.noun}.",
    )


def alignment(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """Amino acids in three letters with numbers below, or several sequences aligned in blocks."""
    page = Sheetful(1700, style)
    name = chance.choice(("courier", "times", "courier bold"))
    size = chance.choice((40, 44, 50))
    y = 0.0
    if chance.random() < 0.5:
        for row in range(chance.randint(4, 14)):
            for column in range(15):
                page.write(chance.choice(_AMINO), column * size * 2.3, y, size, name)
                if column % 5 == 0 or column == 14:
                    page.write(str(row * 15 + column + 1), column * size * 2.3, y + size * 1.1, size, name)
            y += size * 2.6
    else:
        names = [
            f"{chance.choice(('Seq', 'Hs', 'Mm', 'Clone', 'VH'))}{n}" for n in range(1, chance.randint(3, 6))
        ]
        letters = chance.choice(("ACDEFGHIKLMNPQRSTVWY", "ACGT"))
        for block in range(chance.randint(3, 6)):
            base = "".join(chance.choice(letters) for _ in range(50))
            for who in names:
                line = "".join(c if chance.random() < 0.8 else chance.choice(letters + "---") for c in base)
                page.write(who, 0, y, size, name)
                page.write(line, size * 5.0, y, size, "courier")
                page.write(str((block + 1) * 50), size * 37.0, y, size, name)
                y += size * 1.3
            page.write("".join(chance.choice("*: .") for _ in range(50)), size * 5.0, y, size, "courier")
            y += size * 2.4
    return Diagram(
        page.drawing(),
        f"an alignment of amino acid sequences of an enzyme used in the {subject.noun}",
        f"The enzyme cleans the {subject.noun}.",
    )


def braces(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """A program in a language with braces."""
    lines: list[tuple[int, str]] = []
    for _ in range(chance.randint(2, 4)):
        lines.append((0, f"{chance.choice(('int', 'void', 'static bool', 'float'))} {_call(chance)} {{"))
        _block(lines, chance, 1)
        lines += [(1, f"return {chance.choice(_NAMES)};"), (0, "}"), (0, "")]
    return _listing(lines, chance, style, subject)


def _block(lines: list[tuple[int, str]], chance: random.Random, depth: int) -> None:
    for _ in range(chance.randint(2, 5)):
        roll = chance.random()
        if roll < 0.3 and depth < 4:
            test = f"{chance.choice(_NAMES)} {chance.choice(('<', '>', '==', '!='))} {chance.randint(0, 99)}"
            lines.append((depth, f"{chance.choice(('if', 'while', 'if', 'for'))} ({test}) {{"))
            _block(lines, chance, depth + 1)
            lines.append((depth, "}"))
        elif roll < 0.42:
            lines.append((depth, f"/* {' '.join(chance.sample(_NAMES, 3))} */"))
        elif roll < 0.7:
            lines.append((depth, f"{_call(chance)};"))
        else:
            lines.append(
                (depth, f"{chance.choice(_NAMES)} = {chance.choice(_NAMES)} + {chance.randint(0, 64)};")
            )


def tagged(chance: random.Random, style: Style, subject: Subject) -> Diagram:
    """Marked-up data, or a program for an assembler."""
    lines: list[tuple[int, str]] = []
    if chance.random() < 0.5:
        for _ in range(chance.randint(3, 5)):
            outer = chance.choice(_NAMES)
            lines.append((0, f'<{outer} id="{chance.randint(1, 999)}">'))
            for _ in range(chance.randint(2, 6)):
                inner = chance.choice(_NAMES)
                lines.append((1, f"<{inner}>{chance.randint(0, 9999)}</{inner}>"))
            lines.append((0, f"</{outer}>"))
    else:
        for _ in range(chance.randint(12, 34)):
            if chance.random() < 0.15:
                lines.append((0, f"{chance.choice(_NAMES).upper()}:"))
            operand = chance.choice(
                (f"R{chance.randint(0, 9)}, #{chance.randint(0, 255)}", chance.choice(_NAMES))
            )
            note = f"  ; {chance.choice(_NAMES)} {chance.choice(_NAMES)}" if chance.random() < 0.4 else ""
            lines.append(
                (1, f"{chance.choice(('MOV', 'ADD', 'CMP', 'JNZ', 'CALL', 'PUSH', 'LDA'))} {operand}{note}")
            )
    return _listing(lines, chance, style, subject)


def _call(chance: random.Random) -> str:
    given = ", ".join(chance.sample(_NAMES, chance.randint(0, 3)))
    return f"{chance.choice(_NAMES)}_{chance.choice(_NAMES)}({given})"


def _listing(lines: list[tuple[int, str]], chance: random.Random, style: Style, subject: Subject) -> Diagram:
    page = Sheetful(1700, style)
    name = chance.choice(("courier", "courier", "courier bold", "vera"))
    size = chance.choice((38, 42, 46))
    numbered = chance.random() < 0.35
    indent = chance.choice((2, 4)) * size * 0.6
    lines = lines[:46]
    for row, (depth, text) in enumerate(lines):
        if numbered:
            page.write(f"{row + 1:>3}", 0, row * size * 1.35, size, name)
        page.write(text, (size * 2.6 if numbered else 0) + depth * indent, row * size * 1.35, size, name)
    if chance.random() < 0.3:
        page.frame(-50, -90, 1700, len(lines) * size * 1.35 + 20)
    return Diagram(
        page.drawing(),
        f"a program listing of a routine that controls the {subject.noun}",
        f"The routine controls the {subject.noun} when power is on.",
    )
