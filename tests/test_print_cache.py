"""Print that was read once is not read again, and a cache in any state does no harm."""

from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ipatent import ocr
from ipatent.patents import Pixels
from ipatent.print_cache import PrintCache, using, with_cache

needs_ocr = pytest.mark.skipif(not ocr.available(), reason="OCR is not installed")


def line(text: str) -> Pixels:
    image = Image.new("L", (30 * len(text) + 20, 52), 255)
    ImageDraw.Draw(image).text((10, 6), text, font=ImageFont.load_default(36), fill=0)
    return np.asarray(image)


def refuse(*_: object) -> None:
    raise AssertionError("print was read again")


@needs_ocr
def test_the_same_print_is_read_by_ocr_once_and_said_again_word_for_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [line(text) for text in ("102", "14a", "a longer line of print")]
    plain = ocr.read_lines(lines)
    with using(tmp_path / "print.sqlite"):
        assert ocr.read_lines(lines) == plain
    monkeypatch.setattr(ocr, "_read_together", refuse)
    with using(tmp_path / "print.sqlite"):
        assert ocr.read_lines(lines) == plain
        with pytest.raises(AssertionError, match="read again"):
            ocr.read_lines([line("other")])
    assert [reading.text for reading in plain][:2] == ["102", "14a"]


@needs_ocr
def test_another_version_of_the_reader_reads_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with using(tmp_path / "print.sqlite"):
        ocr.read_lines([line("102")])
        monkeypatch.setattr(ocr, "_VERSION", "other")
        monkeypatch.setattr(ocr, "_read_together", refuse)
        with pytest.raises(AssertionError, match="read again"):
            ocr.read_lines([line("102")])


@needs_ocr
def test_a_value_that_is_no_reading_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = ocr.read_lines([line("102")])
    for nonsense in (7, [["a"]], [[1, "x", 3]], []):
        monkeypatch.setattr(PrintCache, "get", lambda *_, value=nonsense: value)
        with using(tmp_path / "print.sqlite"):
            assert ocr.read_lines([line("102")]) == plain


def test_a_damaged_cache_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "print.sqlite"
    path.write_bytes(b"no database at all" * 1000)
    for expected in (None, ["kept"]):
        cache = PrintCache(path)
        assert cache.get(b"key") == expected
        cache.put(b"key", ["kept"])
        cache.close()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    cache = PrintCache(path)
    cache.get(b"key")
    cache.put(b"key", ["again"])
    cache.close()
    cache = PrintCache(path)
    cache.put(b"key", ["again"])
    assert cache.get(b"key") == ["again"]
    cache.close()


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    def work(task: str) -> str:
        return task.upper()

    assert with_cache(tmp_path / "missing" / "print.sqlite", work, "done") == "DONE"
    (tmp_path / "print.sqlite").mkdir()
    cache = PrintCache(tmp_path / "print.sqlite")
    cache.put(b"key", 1)
    cache.write()
    assert cache.get(b"key") is None
    cache.close()


def test_a_cache_stays_within_its_bound_and_keeps_what_came_last(tmp_path: Path) -> None:
    path = tmp_path / "print.sqlite"
    cache = PrintCache(path, largest=1_000_000)
    for n in range(10_000):
        cache.put(n.to_bytes(32, "big"), ["x" * 500])
    cache.close()
    assert path.stat().st_size < 3_000_000
    cache = PrintCache(path)
    assert cache.get((9_999).to_bytes(32, "big")) == ["x" * 500]
    assert cache.get((0).to_bytes(32, "big")) is None
    cache.close()


def test_several_readers_write_one_cache_at_once(tmp_path: Path) -> None:
    path = tmp_path / "print.sqlite"

    def fill(who: int) -> None:
        cache = PrintCache(path)
        for n in range(600):
            cache.put(f"{who} {n}".encode(), [who, n])
        cache.close()

    readers = [Thread(target=fill, args=(who,)) for who in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    cache = PrintCache(path)
    assert all(cache.get(f"{who} {n}".encode()) == [who, n] for who in range(4) for n in range(600))
    cache.close()
