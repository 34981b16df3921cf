"""Reading generated scans and numerals: how many fields and numerals are right, and the time."""

import json
import tempfile
import time
from pathlib import Path
from typing import Any

from ipatent import ocr
from ipatent.numerals import find_numerals, sought
from ipatent.patents import Sheet
from ipatent.sample import generate
from ipatent.sheets import cut_figures, on_sheet
from ipatent.sources import Limits
from ipatent.sources.pdf import read_pdf
from ipatent.terms import read_components

PATENTS = 60
LIMITS = Limits(file_bytes=1 << 30, sheet_pixels=100_000_000, pages=500)


def main() -> None:
    """Generate patents, read the scanned ones' covers and the others' numerals, and print the scores."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, PATENTS, seed=77)
        truths = [json.loads(path.read_text()) for path in sorted(folder.glob("*.truth.json"))]
        scans = [truth for truth in truths if not truth["text_layer"]]
        if ocr.available():
            _covers(folder, scans)
        else:
            print("covers: not read; " + ocr.INSTALL)
        _numerals(folder, [t for t in truths if t["type"] == "utility" and t["text_layer"]])


def _covers(folder: Path, truths: list[dict[str, Any]]) -> None:
    right = total = 0
    started = time.process_time()
    for truth in truths:
        patent = read_pdf(folder / f"{truth['number']}.pdf", LIMITS).patent
        pairs = [
            (patent.id, truth["number"]),
            (patent.title.lower(), truth["title"].lower()),
            (str(patent.published), truth["published"]),
            (str(patent.filed), truth["filed"]),
            (patent.applicants, (truth["applicant"],)),
            (patent.inventors, tuple(truth["inventors"])),
        ]
        right += sum(read == printed for read, printed in pairs)
        total += len(pairs)
    seconds = (time.process_time() - started) / max(len(truths), 1)
    print(f"covers: {right} of {total} fields right on {len(truths)} scans, {seconds:.1f} s of one core each")


def _numerals(folder: Path, truths: list[dict[str, Any]]) -> None:
    hits = found = printed = sheets = 0
    seconds = 0.0
    for truth in truths:
        document = read_pdf(folder / f"{truth['number']}.pdf", LIMITS)
        description = document.patent.description
        known = sought(description, read_components(description))
        for sheet, wanted in zip(document.sheets(), truth["sheets"], strict=False):
            if not isinstance(sheet, Sheet):
                continue
            left = [(n["numeral"], n["box"]) for figure in wanted["figures"] for n in figure["numerals"]]
            printed += len(left)
            cuts = cut_figures(sheet)
            started = time.process_time()
            read = [(cut, numeral) for cut in cuts for numeral in find_numerals(cut.pixels, known)]
            seconds += time.process_time() - started
            sheets += 1
            found += len(read)
            for cut, numeral in read:
                box = on_sheet(numeral.box, cut)
                x, y = box.x + box.width / 2, box.y + box.height / 2
                for one in left:
                    if one[0] == numeral.text and _holds(one[1], x, y):
                        left.remove(one)
                        hits += 1
                        break
    print(
        f"numerals: precision {hits / max(found, 1):.3f}, recall {hits / max(printed, 1):.3f} "
        f"({printed} on {sheets} sheets), {seconds / max(sheets, 1):.2f} s of one core a sheet"
    )


def _holds(box: list[int], x: float, y: float) -> bool:
    left, top, width, height = box
    return left - 5 <= x <= left + width + 5 and top - 5 <= y <= top + height + 5


if __name__ == "__main__":
    main()
