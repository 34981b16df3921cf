"""What must hold on real patents against a truth checked by hand, kept in `tests/truth`.

Runs where the folder of real patents lies beside the checkout or is named by IPATENT_REAL_PATENTS,
and is skipped elsewhere. Of each design patent two sheets are read, hard ones first;
`python -m benchmarks.truth` reads all.
"""

import json

import pytest
from benchmarks.measures import Measures, measure_fields, true_sheets
from benchmarks.truth import TRUTH, design_patents, real_patents, utility_application

from ipatent import ocr
from ipatent.sources.documents import read_patent_xml

FOLDER = real_patents()

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no real patents in {FOLDER}"),
]
needs_ocr = pytest.mark.skipif(not ocr.available(), reason=ocr.INSTALL)


@pytest.fixture(scope="module")
def with_text() -> Measures:
    return design_patents(FOLDER, true_sheets(TRUTH / "sheets.json"), scans=False, most=2)


@pytest.fixture(scope="module")
def scans() -> Measures:
    return design_patents(FOLDER, true_sheets(TRUTH / "sheets.json"), scans=True, most=2)


@pytest.fixture(scope="module")
def utility() -> Measures:
    return utility_application(FOLDER, true_sheets(TRUTH / "sheets.json"))


def test_sheets_of_designs_are_split_into_their_figures(with_text: Measures) -> None:
    assert with_text.sheets.there >= 66
    assert with_text.sheets.recall >= 0.95, with_text.wrong


def test_labels_of_designs_are_read(with_text: Measures) -> None:
    assert with_text.labels.f1 >= 0.95, with_text.wrong


def test_figures_of_designs_are_cut_as_they_are_drawn_and_turned_upright(with_text: Measures) -> None:
    assert with_text.boxes.recall >= 0.9, with_text.wrong
    assert with_text.turns.recall >= 0.95, with_text.wrong


def test_figures_of_designs_have_their_captions(with_text: Measures) -> None:
    assert with_text.captions.recall >= 0.95, with_text.wrong


def test_covers_with_a_text_layer_give_their_fields(with_text: Measures) -> None:
    assert with_text.fields.recall >= 0.98, with_text.wrong


def test_scanned_sheets_are_split_and_their_labels_read(scans: Measures) -> None:
    assert scans.sheets.recall >= 0.95, scans.wrong
    if ocr.available():
        assert scans.labels.f1 >= 0.95, scans.wrong


@needs_ocr
def test_scanned_covers_give_their_fields_and_captions(scans: Measures) -> None:
    assert scans.fields.recall >= 0.9, scans.wrong
    assert scans.captions.recall >= 0.9, scans.wrong


def test_a_utility_application_is_split_into_its_labelled_figures(utility: Measures) -> None:
    assert utility.sheets.recall >= 0.95, utility.wrong
    assert utility.labels.f1 >= 0.95, utility.wrong
    assert utility.boxes.recall >= 0.9, utility.wrong
    assert utility.captions.recall >= 0.95, utility.wrong


@needs_ocr
def test_numerals_of_a_utility_application_are_found(utility: Measures) -> None:
    assert utility.numerals.there == 83
    assert utility.numerals.f1 >= 0.9, utility.wrong


def test_numerals_have_the_names_that_the_description_gives_them(utility: Measures) -> None:
    assert utility.terms.precision >= 0.9, utility.wrong
    assert utility.terms.recall >= 0.9, utility.wrong


def test_xml_of_every_age_gives_number_title_and_dates() -> None:
    measures = Measures()
    for entry in json.loads((TRUTH / "xml.json").read_text()):
        if entry["source"].endswith(".xml"):
            patent = read_patent_xml((FOLDER / entry["source"]).read_bytes()).patent
            measure_fields(entry["number"], patent, entry, measures)
    assert measures.fields.there == 32
    assert measures.fields.recall == 1.0, measures.wrong
