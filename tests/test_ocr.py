"""Reading print from pixels: scanned covers with OCR installed, and what is said without it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ipatent import ocr
from ipatent.components import find_components
from ipatent.errors import IPatentError
from ipatent.patents import Pixels
from ipatent.sample.lettering import word
from ipatent.sources import Limits
from ipatent.sources.pdf import read_pdf

LIMITS = Limits(file_bytes=1 << 30, sheet_pixels=100_000_000, pages=500)

needs_ocr = pytest.mark.skipif(
    not ocr.available(), reason="OCR is not installed: pip install 'ipatent[ocr]' to run this"
)

COVER = [
    (1500, 150, "US00D912345S1", 40),
    (330, 300, "(12) United States Design Patent", 70),
    (1400, 300, "(10) Patent No.: US D912,345 S1", 48),
    (330, 370, "Miller", 48),
    (1400, 370, "(45) Date of Patent: Mar. 9, 2021", 48),
    (330, 520, "(54) FOLDING CHAIR", 40),
    (330, 600, "(71) Applicant: Harbor Works, Inc., Solon, OH (US)", 40),
    (330, 680, "(72) Inventor: Anna Miller, Akron, OH (US)", 40),
    (330, 760, "(21) Appl. No.: 29/700,123", 40),
    (330, 840, "(22) Filed: Aug. 14, 2019", 40),
    (330, 920, "(51) LOC (13) Cl. .......... 06-01", 40),
    (1330, 520, "(57) CLAIM", 40),
    (1330, 600, "The ornamental design for a folding chair,", 40),
    (1330, 660, "as shown and described.", 40),
    (1330, 760, "DESCRIPTION", 40),
    (1330, 840, "FIG. 1 is a perspective view of a folding chair;", 40),
    (1330, 900, "FIG. 2 is a front view thereof; and,", 40),
    (1330, 960, "FIG. 3 is a top plan view thereof.", 40),
    (1330, 1060, "1 Claim, 2 Drawing Sheets", 40),
    *((330, 1300 + 60 * n, "D345,678 S * 3/1994 Walker D6/371", 34) for n in range(8)),
]


def page(lines: list[tuple[int, int, str, int]]) -> Pixels:
    """A scanned page, 2560 x 3300, with these lines of print: left, top, text, size."""
    pixels = np.full((3300, 2560), 255, np.uint8)
    for x, y, text, size in lines:
        # A capital, a bracket and a comma give every line the same height.
        stamp = word(text, "times", size)
        top = y - stamp.shape[0]
        pixels[top : top + stamp.shape[0], x : x + stamp.shape[1]][stamp] = 0
    return pixels


def scan(folder: Path, pages: list[Pixels]) -> Path:
    """A PDF of pictures, without a text layer."""
    first, *rest = (Image.fromarray(pixels).convert("1") for pixels in pages)
    path = folder / "scan.pdf"
    first.save(path, save_all=True, append_images=rest, resolution=300)
    return path


def drawing() -> Pixels:
    pixels = np.full((3300, 2560), 255, np.uint8)
    pixels[800:2400, 600:610] = pixels[800:2400, 1900:1910] = 0
    pixels[800:810, 600:1910] = pixels[2390:2400, 600:1910] = 0
    return pixels


@needs_ocr
def test_the_words_of_a_page_are_read_with_their_places() -> None:
    pixels = page([(400, 700, "folding leg", 44), (1500, 1800, "perspective view", 44)])
    words = ocr.read_words(pixels)
    assert [word.text for word in words] == ["folding", "leg", "perspective", "view"]
    assert abs(words[0].box.x - 400) < 20
    assert words[0].box.right < words[1].box.x
    assert abs(words[2].box.x - 1500) < 20
    assert all(abs(word.box.bottom - 700) < 20 for word in words[:2])


@needs_ocr
def test_a_scanned_cover_gives_its_data_and_captions(tmp_path: Path) -> None:
    document = read_pdf(scan(tmp_path, [page(COVER), drawing()]), LIMITS)
    patent = document.patent
    assert patent.id == "USD912345S1"
    assert patent.title == "FOLDING CHAIR"
    assert str(patent.published) == "2021-03-09"
    assert str(patent.filed) == "2019-08-14"
    assert patent.inventors == ("Anna Miller",)
    assert [c.symbol for c in patent.classifications] == ["06-01"]
    assert [(c.labels, c.text) for c in patent.captions] == [
        (("1",), "perspective view of a folding chair"),
        (("2",), "front view thereof"),
        (("3",), "top plan view thereof"),
    ]
    assert document.notes == ()
    assert len(list(document.sheets())) == 1


@needs_ocr
def test_a_page_without_print_has_no_words() -> None:
    assert ocr.read_words(drawing()) == ()
    assert ocr.read_words(np.full((40, 30), 255, np.uint8)) == ()


@needs_ocr
def test_reading_ends_on_noise() -> None:
    noise = np.random.default_rng(3).integers(0, 2, (900, 700), np.uint8) * 255
    assert len(ocr.read_words(noise)) < 500


@needs_ocr
def test_reading_print_leaves_opencv_unloaded() -> None:
    import subprocess
    import sys

    code = (
        "import sys, numpy; from ipatent import ocr;"
        "ocr.read_lines([numpy.zeros((40, 90), numpy.uint8)]); print('cv2' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "False\n"
    assert answer.stderr == ""


def test_without_ocr_a_scan_is_still_read_and_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr, "available", lambda: False)
    document = read_pdf(scan(tmp_path, [page(COVER), drawing()]), LIMITS)
    assert document.patent.number is None
    assert document.notes == (
        "no text layer: number, date, title, classes and captions are not read from the scan;"
        " install OCR with: pip install 'ipatent[ocr]'",
    )
    assert len(list(document.sheets())) == 1


def test_reading_print_without_ocr_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "_model_file", lambda: None)
    with pytest.raises(IPatentError) as caught:
        ocr.read_lines([np.zeros((40, 90), np.uint8)])
    assert "pip install 'ipatent[ocr]'" in caught.value.advice


def test_columns_and_lines_of_print_are_told_apart() -> None:
    pixels = page([(300, 600, "left column", 40), (300, 650, "second line", 40), (900, 600, "right", 40)])
    boxes = ocr.find_lines(find_components(pixels < 128))
    assert len(boxes) == 3
    assert {box.x // 100 for box in boxes} == {3, 9}
