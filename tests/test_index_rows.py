"""Rows: whatever a patent or figure holds, it comes back equal."""

import json
from dataclasses import fields, replace
from datetime import date

import numpy as np
import pytest

from index_entries import figure
from ipatent.classification import Classification
from ipatent.index.rows import (
    figure_from_json,
    figure_to_json,
    patent_from_json,
    patent_to_json,
    spec_from_json,
    spec_to_json,
)
from ipatent.patents import Box, Caption, Component, Figure, Numeral, Patent
from ipatent.publication import PublicationNumber
from tiny_encoder import SPEC

FULL = Patent(
    id="USD744296S1",
    number=PublicationNumber("US", "D744296", "S1"),
    title='Teething mitten "à la carte" — 手袋',
    published=date(2015, 12, 1),
    filed=date(1999, 2, 28),
    priority=date(1998, 3, 1),
    applicants=("Müller & Söhne, GmbH", ""),
    inventors=("Ann\nLee", "O'Brien"),
    classifications=(Classification.parse("LOC", "07-06"), Classification.parse("CPC", "A47G 21/16")),
    abstract="",
    captions=(Caption(("1", "2A"), "a view"), Caption((), "")),
    description="line\n" * 1000,
    source="/tmp/name\nwith newline/and \udcff surrogate.pdf",
    family="F1",
    components=(
        Component("12", "folding leg", ("folding legs",), ("The folding legs 12 turn.",)),
        Component("3", ""),
    ),
    titles=(("en", "Teething mitten"), ("de", "Beißhandschuh"), ("fr", "")),
)


@pytest.mark.parametrize("patent", [FULL, Patent(id="folder of mine")], ids=["full", "bare"])
def test_a_patent_comes_back_equal(patent: Patent) -> None:
    assert patent_from_json(patent_to_json(patent)) == patent


@pytest.mark.parametrize(
    "given",
    [
        figure("X", 1),
        figure(
            "X",
            2,
            labels=("2A", "2B"),
            terms=("first part", 'quoted "part"'),
            caption="é\0\n",
            type="flowchart",
            type_confidence=0.75,
            turn=270,
            box=Box(0, 0, 1, 1),
        ),
        figure("X", 3, labels=(), terms=("\U0001f600",)),
        replace(figure("X", 4), view="rear", depicts="mitten", numerals=(Numeral("10a", Box(1, 2, 3, 4)),)),
    ],
)
def test_a_figure_comes_back_equal(given: Figure) -> None:
    assert figure_from_json(figure_to_json(given)) == given


def test_an_encoder_spec_comes_back_equal() -> None:
    assert spec_from_json(spec_to_json(SPEC)) == SPEC


def test_every_field_of_a_patent_and_a_figure_is_written() -> None:
    assert set(json.loads(patent_to_json(FULL))) == {field.name for field in fields(Patent)}
    assert set(json.loads(figure_to_json(figure("X", 1)))) == {field.name for field in fields(Figure)}


def test_random_texts_come_back_equal() -> None:
    rng = np.random.default_rng(7)
    for _ in range(200):
        # Python never makes the upper half of a surrogate pair of a file name.
        codes = [int(code) for code in rng.integers(0, 0x11000, 30) if not 0xD800 <= code < 0xDC00]
        text = "".join(map(chr, codes))
        patent = Patent(id=text, title=text[::-1], applicants=(text,), captions=(Caption((text,), text),))
        assert patent_from_json(patent_to_json(patent)) == patent
