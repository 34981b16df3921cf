"""How right the reading of patents is, on hand-checked real ones and on generated ones."""

import argparse
import json
import os
import re
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.measures import (
    Count,
    Measures,
    PrintedFigure,
    captioned,
    measure_fields,
    measure_sheet,
    measure_terms,
    printed_figures,
    true_sheets,
)
from ipatent import ocr
from ipatent.numerals import sought
from ipatent.patents import Box, Numeral, Sheet
from ipatent.sample import generate
from ipatent.sources import Document, Limits
from ipatent.sources.bulk import read_at
from ipatent.sources.discovery import discover
from ipatent.sources.pdf import read_pdf
from ipatent.surroundings import section_marks
from ipatent.terms import read_components

ROOT = Path(__file__).resolve().parents[1]
TRUTH = ROOT / "tests" / "truth"
LIMITS = Limits(file_bytes=1 << 30, sheet_pixels=100_000_000, pages=500)
PATENTS, SEED = 120, 4711
UTILITY = "uspto/US20250204297A1-20250626.ZIP"

Truth = dict[str, dict[int, tuple[PrintedFigure, ...]]]


def main() -> None:
    """Measure both, print the table, and with `--wrong` what was misread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="list what was misread")
    parser.add_argument("--generated", type=int, default=PATENTS, help="how many patents to generate")
    parser.add_argument("--seed", type=int, default=SEED, help="from which seed they grow")
    parser.add_argument("--real", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    measured: dict[str, Measures] = {}
    started = time.process_time()
    folder = real_patents()
    if options.real and folder.is_dir():
        truth = true_sheets(TRUTH / "sheets.json")
        measured["design, text layer"] = design_patents(folder, truth, scans=False)
        measured["design, scans"] = design_patents(folder, truth, scans=True)
        measured["utility"] = utility_application(folder, truth)
    elif options.real:
        print(f"no real patents in {folder}; IPATENT_REAL_PATENTS names the folder")
    if options.generated:
        measured["generated"] = generated_patents(options.generated, options.seed)
    print_table(measured)
    with_ocr = "with" if ocr.available() else "without"
    print(f"{with_ocr} OCR; {time.process_time() - started:.0f} s of a core")
    if options.wrong:
        for name, measures in measured.items():
            print(f"-- {name}", *measures.wrong, sep="\n")


def real_patents() -> Path:
    """The folder of real patents: IPATENT_REAL_PATENTS, or beside the checkout."""
    return Path(os.environ.get("IPATENT_REAL_PATENTS") or ROOT.parent / "shared" / "data")


def design_patents(folder: Path, truth: Truth, scans: bool, most: int | None = None) -> Measures:
    """Reads the covers, and of each patent all sheets, or those that `is_hard` up to `most`."""
    measures = Measures()
    for cover in json.loads((TRUTH / "covers.json").read_text()):
        if cover["scan"] == scans:
            document = read_pdf(folder / cover["source"], LIMITS)
            measure_fields(Path(cover["source"]).stem, document.patent, cover, measures)
            _sheets(cover["source"], document, truth[cover["source"]], measures, most)
    return measures


def utility_application(folder: Path, truth: Truth) -> Measures:
    """Reads the utility application: its fields, sheets, numerals and terms."""
    measures = Measures()
    for entry in json.loads((TRUTH / "xml.json").read_text()):
        if entry["source"] != UTILITY:
            continue
        document = _read(folder / entry["source"])
        measure_fields(entry["number"], document.patent, entry, measures)
        components = read_components(document.patent.description)
        terms = json.loads((TRUTH / "terms.json").read_text())["terms"]
        measure_terms(entry["number"], components, terms, measures)
        known = sought(document.patent.description, components)
        _sheets(entry["source"], document, truth[entry["source"]], measures, None, known)
    return measures


def _read(path: Path) -> Document:
    job = discover([path], LIMITS).jobs[0]
    assert job.address
    return read_at(job.paths, job.address, LIMITS)


def _sheets(
    source: str,
    document: Document,
    truth: dict[int, tuple[PrintedFigure, ...]],
    measures: Measures,
    most: int | None,
    known: Iterable[str] = (),
) -> None:
    wanted = set(sorted(truth, key=lambda number: (not is_hard(truth[number]), number))[:most])
    patent = document.patent
    marks = section_marks("\n".join((*(one.text for one in patent.captions), patent.description)))
    sheets = {
        sheet.number: printed_figures(sheet, frozenset(known), marks)
        for sheet in document.sheets()
        if isinstance(sheet, Sheet) and sheet.number in wanted
    }
    read = captioned(sheets, patent.captions)
    for number in sorted(wanted):
        measure_sheet(f"{Path(source).stem}/{number}", read.get(number, ()), truth[number], measures)


def is_hard(figures: tuple[PrintedFigure, ...]) -> bool:
    """Whether a sheet carries several figures, or drawings printed sideways."""
    return len(figures) > 1 or any(figure.turn for figure in figures)


def generated_patents(count: int, seed: int = SEED) -> Measures:
    """Generates patents and reads them; the numerals sought are those that the description names."""
    measures = Measures()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, count, seed=seed)
        for path in sorted(folder.glob("*.truth.json")):
            truth = json.loads(path.read_text())
            if truth["text_layer"] or ocr.available():
                _generated(folder, truth, measures)
    return measures


def _generated(folder: Path, truth: dict[str, Any], measures: Measures) -> None:
    name = truth["number"]
    document = read_pdf(folder / f"{name}.pdf", LIMITS)
    utility = truth["type"] == "utility"
    classes = [f"USPC {symbol}" for symbol in truth["uspc"]]
    classes += [f"LOC {truth['locarno']}"] if truth["locarno"] else []
    # A design names the CPC only as a field that was searched.
    classes += [f"CPC {symbol}" for symbol in truth["cpc"]] if utility else []
    wanted = {**truth, "applicants": [truth["applicant"]], "classes": classes}
    measure_fields(name, document.patent, wanted, measures)
    description = document.patent.description if utility else ""
    components = read_components(description)
    if utility:
        measure_terms(name, components, {n: (term,) for n, term in truth["terms"].items()}, measures)
    known = sought(description, components)
    sheets = {sheet["number"]: _figures(sheet) for sheet in truth["sheets"]}
    _sheets(f"{name}.pdf", document, sheets, measures, None, known)


def _figures(sheet: dict[str, Any]) -> tuple[PrintedFigure, ...]:
    return tuple(
        PrintedFigure(
            _with_paper(Box(*figure["box"])),
            (figure["label"],),
            re.sub(r"^(?:an?|the)\s", "", figure["caption"]),
            figure["turn"],
            tuple(Numeral(one["numeral"], Box(*one["box"])) for one in figure["numerals"]),
        )
        for figure in sheet["figures"]
    )


def _with_paper(box: Box) -> Box:
    """The box with the margin that figures are cut with, as in the truth of real sheets."""
    return Box(max(box.x - 12, 0), max(box.y - 12, 0), box.width + 24, box.height + 24)


def print_table(measured: dict[str, Measures]) -> None:
    """Prints the measures, one column for each set of patents."""
    rows: list[tuple[str, str, str]] = [
        ("sheets with the right number of figures", "sheets", "recall"),
        ("label F1", "labels", "f1"),
        ("figures with their box (IoU >= 0.9)", "boxes", "recall"),
        ("figures turned upright", "turns", "recall"),
        ("figures with their caption", "captions", "recall"),
        ("numeral F1", "numerals", "f1"),
        ("numeral -> term, precision", "terms", "precision"),
        ("numeral -> term, recall", "terms", "recall"),
        ("bibliographic fields", "fields", "recall"),
    ]
    print("| measure | " + " | ".join(measured) + " |")
    print("| --- |" + " --- |" * len(measured))
    for title, name, kind in rows:
        cells = []
        for measures in measured.values():
            count: Count = getattr(measures, name)
            cells.append(f"{getattr(count, kind):.3f} of {count.there}" if count.there else "–")
        print(f"| {title} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
