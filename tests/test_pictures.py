"""Pictures of every accepted kind open as they look; everything else is refused with a reason."""

import contextlib
import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ipatent.errors import PictureError
from ipatent.patents import Pixels
from ipatent.pictures import (
    NotAPicture,
    PictureTooLarge,
    encode_png,
    encode_thumbnail,
    media_type,
    open_picture,
    picture_size,
)

MANY = 10_000_000


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


@pytest.fixture(scope="module")
def drawing() -> Pixels:
    """White, 80 wide and 60 high, with a black bar left of the middle."""
    pixels = np.full((60, 80), 255, np.uint8)
    pixels[10:50, 10:30] = 0
    return pixels


def dark_at(pixels: Pixels) -> tuple[bool, bool]:
    """Whether the bar is dark and the corner is."""
    return bool(pixels[30, 20].mean() < 60), bool(pixels[2, 2].mean() < 200)


@pytest.mark.parametrize(
    ("mode", "kind", "options"),
    [
        ("L", "PNG", {}),
        ("1", "PNG", {}),
        ("P", "PNG", {}),
        ("RGB", "PNG", {}),
        ("1", "TIFF", {"compression": "group4"}),
        ("L", "TIFF", {"compression": "tiff_lzw"}),
        ("CMYK", "TIFF", {}),
        ("L", "JPEG", {}),
        ("CMYK", "JPEG", {}),
        ("L", "WEBP", {"lossless": True}),
        ("L", "GIF", {}),
        ("1", "BMP", {}),
        ("RGB", "BMP", {}),
    ],
)
def test_every_accepted_kind_opens_as_it_looks(
    drawing: Pixels, mode: str, kind: str, options: dict[str, Any]
) -> None:
    opened = open_picture(saved(Image.fromarray(drawing).convert(mode), kind, **options), MANY)
    assert opened.shape[:2] == (60, 80)
    assert opened.dtype == np.uint8
    assert dark_at(opened) == (True, False)


@pytest.mark.parametrize(
    ("dtype", "scale", "kind"),
    [(np.uint16, 257, "PNG"), (np.int32, 257, "TIFF"), (np.float32, 1 / 255, "TIFF")],
)
def test_deep_pictures_are_scaled_to_eight_bits(drawing: Pixels, dtype: Any, scale: float, kind: str) -> None:
    deep = Image.fromarray((drawing * float(scale)).astype(dtype))
    opened = open_picture(saved(deep, kind), MANY)
    assert np.array_equal(opened, drawing)


def test_transparency_becomes_white_paper(drawing: Pixels) -> None:
    layers = np.zeros((60, 80, 4), np.uint8)  # transparent black
    layers[10:50, 10:30] = (0, 0, 0, 255)
    assert np.array_equal(open_picture(saved(Image.fromarray(layers), "PNG"), MANY), drawing)


def test_a_transparent_palette_colour_becomes_white_paper(drawing: Pixels) -> None:
    palette = Image.fromarray((drawing == 0).astype(np.uint8), mode=None).convert("P")
    palette.putpalette([0, 0, 0, 0, 0, 0])
    opened = open_picture(saved(palette, "GIF", transparency=0), MANY)
    assert dark_at(opened) == (True, False)


def test_a_photograph_taken_sideways_is_turned_upright(drawing: Pixels) -> None:
    exif = Image.Exif()
    exif[274] = 6  # the camera was turned a quarter; viewers turn it clockwise
    opened = open_picture(saved(Image.fromarray(drawing), "JPEG", exif=exif), MANY)
    assert opened.shape == (80, 60)
    assert opened[20, 30] < 60


def test_colour_is_kept_and_grey_has_one_channel(drawing: Pixels) -> None:
    red = np.dstack([drawing, drawing // 2, drawing])
    assert open_picture(saved(Image.fromarray(red), "PNG"), MANY).shape == (60, 80, 3)
    grey = np.dstack([drawing] * 3)
    assert open_picture(saved(Image.fromarray(grey), "PNG"), MANY).shape == (60, 80)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "0 bytes"),
        (b"hello, world", "unknown kind"),
        (b"%PDF-1.7 ...", "PDF document"),
        (b"PK\x03\x04....", "ZIP archive"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG drawing"),
        (b"\x00\x00\x00\x18ftypheic", "HEIC"),
        (b"\x89PNG\r\n\x1a\n", "cannot be decoded"),
        (b"BM", "cannot be decoded"),
    ],
)
def test_what_is_no_picture_is_named_for_what_it_is(data: bytes, said: str) -> None:
    with pytest.raises(PictureError, match=said) as refusal:
        open_picture(data, MANY)
    assert refusal.value.advice


def test_other_formats_that_the_library_could_read_are_not_let_near_it() -> None:
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n"
    with pytest.raises(NotAPicture):
        open_picture(eps, MANY)
    with pytest.raises(NotAPicture):
        open_picture(saved(Image.new("L", (9, 9)), "PPM"), MANY)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP"])
def test_a_truncated_picture_is_refused_at_any_length(kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8)
    whole = saved(Image.fromarray(noise), kind)
    for length in range(8, len(whole) * 3 // 4, max(1, len(whole) // 23)):
        with pytest.raises(PictureError):
            open_picture(whole[:length], MANY)


def test_random_damage_never_ends_in_anything_but_a_picture_or_a_refusal() -> None:
    random = np.random.default_rng(1)
    noise = Image.fromarray(random.integers(0, 255, (40, 40), np.uint8))
    for kind in ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP"):
        whole = saved(noise, kind)
        for _ in range(60):
            damaged = bytearray(whole)
            for place in random.integers(4, len(whole), 4):
                damaged[place] = random.integers(256)
            with contextlib.suppress(PictureError):
                assert open_picture(bytes(damaged), MANY).dtype == np.uint8


def a_bomb(width: int, height: int) -> bytes:
    """A small PNG file that claims, truthfully, to hold width x height white pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    row = b"\0" + b"\xff" * ((width + 7) // 8)
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_a_decompression_bomb_is_refused_before_it_is_decoded() -> None:
    bomb = a_bomb(20_000, 20_000)
    assert len(bomb) < 100_000
    with pytest.raises(PictureTooLarge, match="400,000,000 pixels; the limit is 60,000,000") as refusal:
        open_picture(bomb, 60_000_000)
    assert "max_upload_pixels" in refusal.value.advice


def test_the_advice_names_the_setting_of_the_caller() -> None:
    with pytest.raises(PictureTooLarge) as refusal:
        open_picture(a_bomb(1000, 1000), 999_999, setting="max_sheet_pixels")
    assert "max_sheet_pixels" in refusal.value.advice


def test_a_picture_exactly_at_the_limit_is_opened() -> None:
    assert open_picture(a_bomb(1000, 1000), 1_000_000).shape == (1000, 1000)


def test_the_size_is_known_without_decoding(drawing: Pixels) -> None:
    assert picture_size(saved(Image.fromarray(drawing), "PNG"), MANY) == (80, 60)


def test_black_and_white_is_kept_in_one_bit_and_comes_back_the_same(drawing: Pixels) -> None:
    data = encode_png(drawing)
    assert Image.open(io.BytesIO(data)).mode == "1"
    assert np.array_equal(open_picture(data, MANY), drawing)


def test_grey_and_colour_come_back_the_same() -> None:
    random = np.random.default_rng(2)
    for shape in ((30, 40), (30, 40, 3)):
        pixels = random.integers(0, 255, shape, np.uint8)
        assert np.array_equal(open_picture(encode_png(pixels), MANY), pixels)


def test_a_thumbnail_keeps_the_proportions_and_thin_lines_stay_legible() -> None:
    sheet = np.full((3000, 2000), 255, np.uint8)
    sheet[:, 1000:1003] = 0  # a line of a third of a thumbnail's pixel
    data = encode_thumbnail(sheet, 320)
    assert media_type(data) == "image/webp"
    small = open_picture(data, MANY)
    assert small.shape[:2] == (320, 213)
    assert small.min() < 140


def test_thumbnails_stay_small_even_of_dense_pictures() -> None:
    noise = np.random.default_rng(3).integers(0, 255, (1200, 1600), np.uint8)
    hatched = np.where(np.add.outer(np.arange(1500), np.arange(1500)) % 14 < 3, 0, 255).astype(np.uint8)
    assert len(encode_thumbnail(noise, 320)) < 16_000
    assert len(encode_thumbnail(hatched, 320)) < 9_000


def test_a_small_picture_is_not_blown_up_to_a_thumbnail(drawing: Pixels) -> None:
    assert open_picture(encode_thumbnail(drawing, 320), MANY).shape[:2] == (60, 80)
