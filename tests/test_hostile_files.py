"""Files that are broken, or made to break a reader: each gives a reason and costs little time."""

import random
import struct
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from ipatent.errors import SourceError
from ipatent.patents import Pixels, Sheet
from ipatent.reading import Reading, ReadingTask, read_job
from ipatent.sheets import cut_figures
from ipatent.sources.captions import read_captions
from ipatent.sources.cover import read_cover
from ipatent.sources.discovery import discover
from ipatent.terms import component_terms
from patent_files import LIMITS, drawing, write_many_pages, write_patent


def read(path: Path, **limits: int) -> Reading:
    """What a reader makes of the one document at a path."""
    wanted = replace(LIMITS, **limits)
    (job,) = discover([path], wanted).jobs
    return read_job(ReadingTask(job, wanted, str(path.parent / "objects"), 128))


def reason(path: Path, **limits: int) -> str:
    """Why a reader cannot make anything of it."""
    with pytest.raises(SourceError) as caught:
        read(path, **limits)
    return str(caught.value)


def reading_or_reason(path: Path, **limits: int) -> Reading | str:
    """What a reader makes of a document, or why it cannot; any other failure fails the test."""
    try:
        return read(path, **limits)
    except SourceError as error:
        return error.message


def notes(reading: Reading) -> list[str]:
    return [note.reason for note in reading.notes]


# -- PDF


def test_a_sound_pdf_is_read_whole(tmp_path: Path) -> None:
    reading = read(write_patent(tmp_path / "a.pdf", sheets=3))
    assert (reading.patent.id, reading.patent.title) == ("USD900001S1", "BOTTLE OPENER")
    assert [figure.labels for figure in reading.figures] == [("1",), ("2",), ("3",)]
    assert reading.figures[1].caption == "rear view of a bottle opener"
    assert (reading.sheets, reading.complete, reading.notes) == (3, True, ())


def test_a_corrupt_pdf_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7\n" + random.Random(0).randbytes(5000))
    assert reason(path) == "it is damaged or truncated: no PDF reader could open it"


def test_a_truncated_pdf_is_read_as_far_as_it_goes_or_says_so(tmp_path: Path) -> None:
    whole = write_patent(tmp_path / "whole.pdf").read_bytes()
    for part in (20, len(whole) // 3, len(whole) // 2, len(whole) - 300):
        path = tmp_path / f"{part}.pdf"
        path.write_bytes(whole[:part])
        found = reading_or_reason(path)
        if isinstance(found, Reading):
            assert found.figures
        else:
            assert "damaged" in found or "no drawing" in found


def test_a_pdf_with_flipped_bytes_is_read_or_says_why(tmp_path: Path) -> None:
    whole = write_patent(tmp_path / "whole.pdf").read_bytes()
    rng = random.Random(1)
    for number in range(12):
        broken = bytearray(whole)
        for _ in range(60):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        path = tmp_path / f"{number}.pdf"
        path.write_bytes(b"%PDF-1.4" + bytes(broken[8:]))
        assert reading_or_reason(path)


def test_an_encrypted_pdf_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), encrypt=StandardEncryption("secret", ownerPassword="owner"))
    canvas.drawString(100, 100, "FIG. 1")
    canvas.save()
    assert reason(path) == "it is encrypted; save a copy without a password and ingest that"


def test_a_pdf_of_ten_thousand_pages_is_refused_at_once(tmp_path: Path) -> None:
    path = write_many_pages(tmp_path / "a.pdf", 10_000)
    started = time.perf_counter()
    assert reason(path) == (
        "it has 10,000 pages, more than the limit of 100; raise it with the setting max_pages"
    )
    assert time.perf_counter() - started < 1


def test_a_pdf_of_empty_pages_says_that_there_is_no_drawing(tmp_path: Path) -> None:
    assert reason(write_many_pages(tmp_path / "a.pdf", 5)) == "holds no drawing"


@pytest.mark.parametrize(
    "box",
    ["[0 0 14400 14400]", "[0 0 14400 2]", "[0 0 2 14400]", "[0 0 100000 100000]", "[0 0 0.001 0.001]"],
)
def test_pages_of_absurd_size_are_drawn_within_the_limit(tmp_path: Path, box: str) -> None:
    path = write_many_pages(tmp_path / "a.pdf", 2, box, "0 0 m 50 50 l S 10 10 100000 1 re f")
    started = time.perf_counter()
    found = reading_or_reason(path, sheet_pixels=2_000_000)
    if isinstance(found, Reading):
        assert all(figure.width * figure.height <= 2_000_000 for figure in found.figures)
    else:
        assert found == "holds no drawing"
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("box", ["[0 0 0 0]", "[5 5 5 5]", "[]", "[0 0 1e99 1e99]"])
def test_pages_without_a_size_are_read_at_a_common_size_or_say_why(tmp_path: Path, box: str) -> None:
    path = write_many_pages(tmp_path / "a.pdf", 2, box, "10 w 100 100 m 500 500 l S")
    assert reading_or_reason(path)


def test_one_damaged_page_does_not_cost_the_others(tmp_path: Path) -> None:
    whole = write_patent(tmp_path / "whole.pdf", sheets=3).read_bytes()
    # The kids of the page tree: one of them is made to point nowhere.
    start = whole.index(b"/Kids [") + len(b"/Kids [")
    end = whole.index(b"]", start)
    kids = whole[start:end].split(b" R")
    broken = kids[2].split()[0]
    swapped = whole[start:end].replace(b" %s 0 R" % broken, b" 99 0 R"[: len(broken) + 5])
    path = tmp_path / "a.pdf"
    path.write_bytes(whole[:start] + swapped + whole[end:])
    reading = read(path)
    assert [figure.labels for figure in reading.figures] == [("1",), ("3",)]


def test_file_names_that_are_no_text_can_be_read(tmp_path: Path) -> None:
    for name in (b"new\nline.pdf", b"raw\xff.pdf"):
        path = tmp_path / name.decode("utf-8", "surrogateescape")
        write_patent(tmp_path / "plain.pdf", number="").rename(path)
        reading = read(path)
        assert reading.patent.id.isprintable()
        assert reading.patent.source.isprintable()
        assert len(reading.figures) == 2


# -- pictures


def save(path: Path, image: Image.Image, **how: object) -> Path:
    image.save(path, **how)  # type: ignore[arg-type]
    return path


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_claiming(width: int, height: int, body: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


def test_a_png_of_a_hundred_megapixels_names_the_setting_that_lets_it_in(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", Image.new("1", (10_000, 10_000), 1))
    assert "10000 × 10000 = 100,000,000 pixels; the limit is 20,000,000" in reason(path)
    assert "max_sheet_pixels" in reason(path)


@pytest.mark.parametrize("size", [(60_000, 60_000), (2**31 - 1, 2**31 - 1), (0, 5)])
def test_a_decompression_bomb_is_refused_by_its_header(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png_claiming(*size, bytes(10_000_000)))
    assert path.stat().st_size < 20_000
    started = time.perf_counter()
    assert "the limit is" in reason(path) or "damaged" in reason(path)
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP"])
def test_pictures_cut_short_say_that_they_are_damaged_or_truncated(tmp_path: Path, form: str) -> None:
    whole = save(tmp_path / "whole.bin", drawing(1, 300, 200), format=form).read_bytes()
    path = tmp_path / "cut.bin"
    path.write_bytes(whole[: len(whole) // 2])
    assert "damaged" in reason(path) or "truncated" in reason(path)


def test_the_pages_of_a_group_4_tiff_are_sheets_and_a_broken_one_is_noted(tmp_path: Path) -> None:
    pages = [drawing(n, 600, 800).convert("1", dither=Image.Dither.NONE) for n in range(4)]
    path = tmp_path / "scan.tif"
    pages[0].save(path, compression="group4", save_all=True, append_images=pages[1:])
    reading = read(path)
    assert (reading.sheets, reading.notes[1:]) == (4, ())

    data = bytearray(path.read_bytes())
    with Image.open(path) as image:
        image.seek(2)
        offset = image.tag_v2[273][0]  # where the strip of the third page begins
        tag = struct.pack("<HHII", 273, 4, 1, offset)
    at = data.index(tag)
    data[at : at + 12] = struct.pack("<HHII", 273, 4, 1, 0xFFFFFF00)
    path.write_bytes(data)
    reading = read(path)
    assert [figure.sheet for figure in reading.figures] == [1, 2, 4]
    assert notes(reading)[1].startswith("scan.tif, page 3: The picture is")
    assert not reading.complete


def test_a_tiff_of_too_many_pages_names_the_setting(tmp_path: Path) -> None:
    pages = [Image.new("1", (8, 8))] * 6
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    assert "6 pages, more than the limit of 5" in reason(tmp_path / "a.tif", pages=5)


def test_a_jpeg_is_turned_upright_by_its_exif_orientation(tmp_path: Path) -> None:
    tall = drawing(3, 300, 500)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = tall.transpose(Image.Transpose.ROTATE_90)
    (upright,) = read(save(tmp_path / "a.png", tall)).figures
    (figure,) = read(save(tmp_path / "b.jpg", turned, exif=exif, quality=95)).figures
    assert abs(figure.width - upright.width) < 4
    assert abs(figure.height - upright.height) < 4


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("cmyk.jpg", lambda: drawing(5, 400, 300).convert("CMYK")),
        ("deep.png", lambda: Image.fromarray(np.asarray(drawing(5, 400, 300)).astype(np.uint16) * 257)),
        ("palette.png", lambda: drawing(5, 400, 300).convert("P")),
        ("clear.png", lambda: drawing(5, 400, 300).convert("RGBA")),
        ("plain.bmp", lambda: drawing(5, 400, 300).convert("RGB")),
    ],
)
def test_unusual_kinds_of_picture_give_the_same_drawing(
    tmp_path: Path, name: str, make: Callable[[], Image.Image]
) -> None:
    (plain,) = read(save(tmp_path / "plain.png", drawing(5, 400, 300))).figures
    (figure,) = read(save(tmp_path / name, make())).figures
    assert (figure.width, figure.height) == pytest.approx((plain.width, plain.height), abs=4)


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
def test_of_an_animation_the_first_frame_is_read(tmp_path: Path, form: str) -> None:
    frames = [drawing(n, 300, 200) for n in range(3)]
    path = tmp_path / "moving.bin"
    frames[0].save(path, form, save_all=True, append_images=frames[1:])
    assert read(path).sheets == 1


def test_a_broken_picture_in_a_folder_is_noted_and_the_others_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "chair"
    folder.mkdir()
    for number in (1, 3):
        save(folder / f"fig{number}.png", drawing(number, 300, 200))
    (folder / "fig2.png").write_bytes((folder / "fig1.png").read_bytes()[:400])
    reading = read(folder)
    assert reading.patent.id == "chair"
    assert [figure.sheet for figure in reading.figures] == [1, 3]
    assert any(note.startswith("fig2.png: The picture is") for note in notes(reading))


# -- sheets and texts made to be slow


def halftone() -> Pixels:
    y, x = np.mgrid[:3300, :2550]
    raster = (np.sin(x * np.pi / 5) * np.sin(y * np.pi / 5) + 1) / 2
    return np.where(raster < 0.3 + 0.4 * np.sin(x / 300) * np.cos(y / 400), 0, 255).astype(np.uint8)


def salt_and_pepper(share: float) -> Pixels:
    rng = np.random.default_rng(0)
    return np.where(rng.random((3300, 2550)) < share, 0, 255).astype(np.uint8)


def rows_of_blots() -> Pixels:
    page = np.full((3300, 2550), 255, np.uint8)
    for row in range(0, 3280, 22):
        for column in range(0, 2540, 10):
            page[row : row + 18, column : column + 6] = 0
    return page


@pytest.mark.parametrize(
    "make",
    [lambda: salt_and_pepper(0.05), lambda: salt_and_pepper(0.5), halftone, rows_of_blots],
    ids=["specks", "noise", "halftone", "blots"],
)
def test_a_sheet_of_noise_is_cut_in_seconds(make: Callable[[], Pixels]) -> None:
    page = make()
    started = time.process_time()
    cut_figures(Sheet(1, page))
    assert time.process_time() - started < 5


HOSTILE = {
    "labels": "\nFIGS. " + "1 , " * 2000 + "X",
    "primes": "\nFIGS. " + "1 ' and " * 2000 + "X",
    "nested": "\nFIG. " + "1 A, FIG. " * 2000,
    "newlines": "\n" * 60_000,
    "blank lines": " \n" * 30_000,
    "digits": "1" * 60_000,
    "commas": "\nFIG. 1 is a view " + "," * 60_000 + "x",
    "full stops": "\nFIG. 1 is a view" + ". " * 30_000 + "x",
    "ands": "\nFIG. 1 is a view" + " and" * 20_000,
    "symbols": "A01B " * 10_000 + "1" * 20_000,
    "capitals": "\nFIG. 1 is x\n" + "A " * 30_000,
    "hyphens": "a-\n" * 20_000,
    "numerals": "the abc-" * 10_000 + " 12" * 5_000,
    "brackets": "LOC (" + "(" * 50_000,
    "dates": "Jan. 1, " * 8_000,
    "numbers": "US 1" + ",1234567" * 7_000 + "x",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_makes_a_reader_slow(text: str) -> None:
    lines = text.split("\n")
    readers: list[Callable[[], object]] = [
        lambda: read_captions(text),
        lambda: read_captions("BRIEF DESCRIPTION\n" + text),
        lambda: component_terms(text),
        lambda: read_cover([text], ["(54) a", *lines]),
        *(lambda code=code: read_cover([], [f"({code}) {text}"]) for code in (51, 52, 57, 71, 72)),
    ]
    for reader in readers:
        started = time.process_time()
        reader()
        assert time.process_time() - started < 1


@pytest.mark.parametrize("line", ["word " * 12_000, "FIG.1 " * 10_000, "x " * 30_000])
def test_a_page_with_an_endless_line_of_text_is_read_in_seconds(tmp_path: Path, line: str) -> None:
    content = f"BT /F1 1 Tf 10 600 Td 0.05 0 0 1 10 600 Tm ({line}) Tj ET 10 w 100 100 m 500 500 l S"
    path = write_many_pages(tmp_path / "a.pdf", 2, content=content)
    started = time.process_time()
    assert read(path).figures
    assert time.process_time() - started < 10
