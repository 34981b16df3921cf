"""Generated patents: the same every time, told apart by family, and true to their ground truth."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pytest

from ipatent.errors import IPatentError
from ipatent.figure_type import TYPES
from ipatent.publication import PublicationNumber
from ipatent.sample import generate
from ipatent.sample.diagrams import DIAGRAMS
from ipatent.sample.objects import KINDS
from ipatent.sample.patent import lineage, make_patent

SEED = 3
COUNT = 9


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few generated patents."""
    path = tmp_path_factory.mktemp("sample")
    generate(path, COUNT, SEED, processes=1)
    return path


def truths(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.truth.json"))]


def page_ink(document: pdfium.PdfDocument, page: int) -> np.ndarray:
    picture = next(iter(document[page].get_objects())).get_bitmap().to_pil().convert("L")
    return np.asarray(picture) < 128


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, second = make_patent(5, 2), make_patent(5, 2)
    assert first.pdf == second.pdf
    assert first.truth == second.truth
    assert make_patent(6, 2).pdf != first.pdf


def test_fewer_patents_are_the_first_of_more(folder: Path, tmp_path: Path) -> None:
    generate(tmp_path, 3, SEED, processes=1)
    names = {path.name for path in tmp_path.iterdir()}
    assert len(names) == 6
    for name in names:
        assert (folder / name).read_bytes() == (tmp_path / name).read_bytes()


def test_a_second_run_leaves_finished_files_alone_and_mends_damaged_ones(tmp_path: Path) -> None:
    generate(tmp_path, 2, SEED, processes=1)
    files = sorted(tmp_path.iterdir())
    before = [path.stat().st_mtime_ns for path in files]
    good = files[0].read_bytes()
    files[0].write_bytes(b"broken")
    generate(tmp_path, 2, SEED, processes=1)
    assert files[0].read_bytes() == good
    assert [path.stat().st_mtime_ns for path in files[1:]] == before[1:]
    assert sorted(tmp_path.iterdir()) == files


def test_two_processes_write_what_one_writes_and_report_progress(folder: Path, tmp_path: Path) -> None:
    told: list[int] = []
    summary = generate(tmp_path, 9, SEED, processes=2, progress=told.append)
    assert told[-1] == 9
    assert told == sorted(told)
    assert summary.patents == 9
    assert summary.figures >= summary.sheets >= 9
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (folder / path.name).read_bytes()


def test_no_patents_a_negative_seed_and_an_unusable_folder_are_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(IPatentError, match="at least 1"):
        generate(tmp_path, 0, 0)
    with pytest.raises(IPatentError, match="negative"):
        generate(tmp_path, 1, -1)
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(IPatentError, match="cannot be written"):
        generate(blocked, 1, 0)


def test_numbers_are_publication_numbers_that_no_real_patent_bears(folder: Path) -> None:
    for truth in truths(folder):
        number = PublicationNumber.parse(truth["display"])
        assert str(number) == truth["number"]
        assert int(number.number.lstrip("D")) >= (2_000_000 if number.is_design else 99_000_000)
        assert number.is_design == (truth["type"] == "design")


def test_the_text_of_a_patent_holds_its_number_title_and_captions(folder: Path) -> None:
    with_text = 0
    for truth in truths(folder):
        document = pdfium.PdfDocument(folder / f"{truth['number']}.pdf")
        pages = [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]
        if not truth["text_layer"]:
            assert not any(pages)
            continue
        with_text += 1
        assert truth["display"] in pages[0]
        assert truth["title"] in pages[0]
        text = " ".join(pages)
        for sheet in truth["sheets"]:
            assert f"Sheet {sheet['number']} of {len(truth['sheets'])}" in text
            for figure in sheet["figures"]:
                assert f"FIG. {figure['label']} is {figure['caption']}" in text.replace("- ", "-")
                assert figure["label_text"].split()[-1] in pages[sheet["number"]]
    assert with_text >= COUNT / 2


def test_boxes_of_the_truth_lie_on_the_sheet_and_hold_ink(folder: Path) -> None:
    figures = 0
    for truth in truths(folder)[:8]:
        document = pdfium.PdfDocument(folder / f"{truth['number']}.pdf")
        for sheet in truth["sheets"]:
            ink = page_ink(document, sheet["number"])
            assert ink.shape == (sheet["height"], sheet["width"])
            boxes = [sheet["header_box"]]
            for figure in sheet["figures"]:
                figures += 1
                boxes += [figure["box"], figure["label_box"], *(n["box"] for n in figure["numerals"])]
                x, y, w, h = figure["box"]
                for numeral in figure["numerals"]:
                    a, b, c, d = numeral["box"]
                    assert x <= a
                    assert y <= b
                    assert a + c <= x + w
                    assert b + d <= y + h
            for x, y, w, h in boxes:
                assert x >= 0
                assert y >= 0
                assert x + w <= sheet["width"]
                assert y + h <= sheet["height"]
                inside = ink[y : y + h, x : x + w]
                assert inside.any()
                # Tight: ink reaches every side of the box.
                assert inside[:3].any()
                assert inside[-3:].any()
                assert inside[:, :3].any()
                assert inside[:, -3:].any()
    assert figures > 10


def test_numerals_of_the_sheets_are_explained_in_the_description(folder: Path) -> None:
    checked = 0
    for truth in truths(folder):
        if truth["type"] != "utility" or not truth["text_layer"]:
            continue
        document = pdfium.PdfDocument(folder / f"{truth['number']}.pdf")
        text = " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in document)
        for numeral in truth["sheets"][0]["figures"][0]["numerals"]:
            checked += 1
            assert numeral["term"] in text
            assert f" {numeral['numeral']}" in text
    assert checked > 5


def test_about_three_in_ten_patents_are_variants_of_an_earlier_one() -> None:
    roots = [lineage(0, index) for index in range(1000)]
    assert all(root <= index for index, root in enumerate(roots))
    variants = sum(root != index for index, root in enumerate(roots))
    assert 220 < variants < 380
    assert all(roots[root] == root for root in roots)


def test_members_of_a_family_share_an_id_and_a_kind_but_not_number_date_or_bytes() -> None:
    roots = [lineage(0, index) for index in range(60)]
    root, _ = Counter(roots).most_common(1)[0]
    members = [index for index, found in enumerate(roots) if found == root][:3]
    assert len(members) >= 2
    patents = [make_patent(0, index) for index in members]
    told = [json.loads(patent.truth) for patent in patents]
    assert len({truth["family"] for truth in told}) == 1
    assert len({truth["kind"] for truth in told}) == 1
    assert len({truth["number"] for truth in told}) == len(members)
    assert len({truth["published"] for truth in told}) == len(members)
    assert len({patent.pdf for patent in patents}) == len(members)


def test_the_collection_has_every_kind_and_every_type_of_figure() -> None:
    assert len(KINDS) >= 24
    assert {*DIAGRAMS, "drawing"} == set(TYPES)
    roots = [index for index in range(400) if lineage(0, index) == index]
    assert len({root % len(KINDS) for root in roots}) == len(KINDS)
