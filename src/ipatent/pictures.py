"""Pictures as bytes and as pixels: opened within limits whatever they claim to be, written small."""

import importlib
import io
import struct
from collections.abc import Callable
from typing import IO, Any

import numpy as np
import numpy.typing as npt
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageFilter,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from ipatent.errors import PictureError
from ipatent.patents import Pixels

Opener = Callable[[IO[bytes]], Image.Image]

# Called directly, not through Image.open: nothing but these decoders ever sees foreign bytes,
# and the limit on pixels is the caller's, not Pillow's global one.
OPENERS: dict[str, Opener] = {
    "image/png": PngImagePlugin.PngImageFile,
    "image/jpeg": JpegImagePlugin.jpeg_factory,
    "image/webp": WebPImagePlugin.WebPImageFile,
    "image/tiff": TiffImagePlugin.TiffImageFile,
    "image/gif": GifImagePlugin.GifImageFile,
    "image/bmp": BmpImagePlugin.BmpImageFile,
    "image/avif": AvifImagePlugin.AvifImageFile,
}

_HEIC_READERS = ("pi_heif", "pillow_heif")
"""Packages that read HEIC, used where the user has installed one: their decoder is under the LGPL."""

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
)

_KNOWN_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML document"),
    (b"<!doc", "a web page"),
    (b"<html", "a web page"),
    (b"\x00\x00\x00\x0cjP", "a JPEG 2000 picture"),
    (b"8BPS", "a Photoshop document"),
)


class NotAPicture(PictureError):
    """The bytes are none of the accepted picture formats."""


class PictureTooLarge(PictureError):
    """The picture has more pixels than the limit in force."""


ACCEPTED = "PNG, JPEG, WebP, AVIF, TIFF, GIF or BMP"

_THUMBNAIL_BYTES = 8_500
"""A hundred thumbnails and their page stay below a million bytes."""

_THUMBNAIL_STEPS = ((55, 0.0), (40, 0.0), (28, 0.0), (28, 0.7), (20, 1.0), (10, 1.4))
"""Quality and blur, tried in turn until a thumbnail is small enough."""

_ORIENTATIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def media_type(data: bytes) -> str:
    """The media type that the first bytes tell, e.g. `image/png`.

    `application/octet-stream` where they are none of the formats read here.
    """
    for magic, name in _MAGIC:
        if data.startswith(magic):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp":
        length = min(max(int.from_bytes(data[:4], "big"), 12), 64)
        brands = {data[8:12], *(data[place : place + 4] for place in range(16, length, 4))}
        if brands & {b"avif", b"avis"}:
            return "image/avif"
        if brands & {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}:
            return "image/heic"
    return "application/octet-stream"


def picture_size(data: bytes, max_pixels: int, setting: str = "max_upload_pixels") -> tuple[int, int]:
    """Width and height as stored, before any EXIF turn, read from the header without decoding.

    Raises PictureError as `open_picture` does for what the header tells.
    """
    return _open(data, max_pixels, setting).size


def open_picture(data: bytes, max_pixels: int, setting: str = "max_upload_pixels") -> Pixels:
    """The pixels of an encoded picture: (h, w) uint8 where it has no colour, else (h, w, 3).

    Turned upright by its EXIF orientation, transparency laid on white, 16-bit scaled to 8, the
    first frame of several. The size is checked before anything is decoded. Raises PictureError
    when the bytes are none of the accepted formats, are damaged or truncated, or hold more than
    `max_pixels` pixels; the advice then names `setting`.
    """
    return open_frame(data, 0, max_pixels, setting)


def open_frame(data: bytes, frame: int, max_pixels: int, setting: str = "max_upload_pixels") -> Pixels:
    """As `open_picture`, of one frame of several (0-based), e.g. a page of a TIFF file."""
    image = _open(data, max_pixels, setting)
    try:
        if frame:
            image.seek(frame)
            _check_size(image, max_pixels, setting)
        image.load()
        return _drop_equal_channels(_to_pixels(_upright(image)))
    except MemoryError:
        raise PictureError(
            f"There is not enough memory to decode this picture of {image.width} × {image.height} pixels.",
            "Make it smaller and try again.",
        ) from None
    except PictureError:
        raise
    # A decoder answers hostile bytes with nearly any exception; to the user all mean the same.
    except Exception as error:
        raise _damaged(error) from error


def encode_png(pixels: Pixels) -> bytes:
    """PNG bytes of the same pixels: one bit per pixel where they are only 0 and 255, else 8 or 24."""
    image = Image.fromarray(pixels)
    if pixels.ndim == 2 and _is_black_and_white(pixels):
        image = image.convert("1", dither=Image.Dither.NONE)
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=4)
    return stream.getvalue()


def shrink(pixels: Pixels, longer_side: int) -> Pixels:
    """The picture at most `longer_side` pixels long, in its proportions, with thin lines kept legible."""
    height, width = pixels.shape[:2]
    factor = max(width, height) / longer_side
    if factor <= 1:
        return pixels
    size = (max(1, round(width / factor)), max(1, round(height / factor)))
    small = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX), dtype=np.float32)
    darkness = (255.0 - small) / 255.0
    # A line one pixel wide is 1/factor dark after shrinking; the root gives it back its weight
    # and leaves paper and solid black as they are.
    exponent = max(0.5, 1.0 - 0.14 * float(np.log2(factor)))
    darkened: Pixels = (255.0 - 255.0 * darkness**exponent + 0.5).astype(np.uint8)
    return darkened


def encode_thumbnail(pixels: Pixels, longer_side: int) -> bytes:
    """A small grey WebP, at most `longer_side` pixels long, in the picture's proportions.

    Thin lines that shrinking would fade are darkened, so that they stay legible. Dense pictures
    are written at a lower quality, and dense hatching is softened, to stay near 8 kB.
    """
    grey = np.asarray(Image.fromarray(pixels).convert("L"))
    image = Image.fromarray(shrink(grey, longer_side)).convert("RGB")
    data = b""
    for quality, blur in _THUMBNAIL_STEPS:
        stream = io.BytesIO()
        softened = image.filter(ImageFilter.GaussianBlur(blur)) if blur else image
        softened.save(stream, "WEBP", quality=quality, method=4)
        data = stream.getvalue()
        if len(data) <= _THUMBNAIL_BYTES:
            break
    return data


def _open(data: bytes, max_pixels: int, setting: str) -> Image.Image:
    if not data:
        raise PictureError("The picture is empty: it has 0 bytes.", "Choose another file.")
    kind = media_type(data)
    opener = _heic_opener() if kind == "image/heic" else OPENERS.get(kind)
    if opener is None and kind == "image/heic":
        raise NotAPicture(
            "This is a HEIC picture, which this server cannot read.",
            "Save it as JPEG or PNG; on an iPhone choose Settings > Camera > Formats > Most Compatible."
            " Whoever runs the server may install the package pi-heif beside ipatent.",
        )
    if opener is None:
        raise NotAPicture(f"This is {_name_other(data)}, not a picture that can be read.", _advise(data))
    try:
        image = opener(io.BytesIO(data))
    except MemoryError:
        raise
    except Exception as error:
        raise _damaged(error) from error
    _check_size(image, max_pixels, setting)
    return image


def _heic_opener() -> Opener | None:
    for name in _HEIC_READERS:
        try:
            reader: Opener = importlib.import_module(f"{name}.as_plugin").HeifImageFile
        except ImportError:
            continue
        return reader
    return None


def _check_size(image: Image.Image, max_pixels: int, setting: str) -> None:
    width, height = image.size
    if width < 1 or height < 1:
        raise PictureError("The picture is damaged: it has no pixels.", "Save it again as PNG.")
    if width * height > max_pixels:
        raise PictureTooLarge(
            f"The picture has {width} × {height} = {width * height:,} pixels; the limit is {max_pixels:,}.",
            f"Make it smaller, cut out the part you need, or raise the setting {setting}.",
        )


def _damaged(error: Exception) -> PictureError:
    if "truncated" in str(error).lower():
        return PictureError("The picture is truncated: its end is missing.", "Copy or download it again.")
    return PictureError(
        "The picture is damaged and cannot be decoded.", "Open it in a viewer and save it again as PNG."
    )


def _name_other(data: bytes) -> str:
    head = data[:64].lstrip().lower()
    for magic, name in _KNOWN_OTHERS:
        if head.startswith(magic.lower()):
            return name
    if data[4:8] == b"ftyp":
        return "a video file"
    return "a file of an unknown kind"


def _advise(data: bytes) -> str:
    if data[:64].lstrip().startswith(b"%PDF"):
        return "Save the page or a screenshot of it as PNG; to make a PDF searchable, ingest it."
    return f"Save the picture as {ACCEPTED}."


def _upright(image: Image.Image) -> Image.Image:
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, struct.error, Warning):
        return image  # damaged EXIF says nothing about the pixels
    method = _ORIENTATIONS.get(orientation) if isinstance(orientation, int) else None
    return image.transpose(method) if method is not None else image


def _to_pixels(image: Image.Image) -> Pixels:
    if image.mode.startswith("I") or image.mode == "F":
        return _scale_to_8_bits(np.asarray(image))
    if "A" in image.getbands() or "a" in image.getbands() or "transparency" in image.info:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        paper.alpha_composite(layer)
        return np.asarray(paper.convert("RGB"))
    return np.asarray(image.convert("L" if image.mode in ("1", "L") else "RGB"))


def _scale_to_8_bits(values: npt.NDArray[Any]) -> Pixels:
    wide = np.nan_to_num(values.astype(np.float32), nan=np.inf, posinf=np.inf)
    finite = wide[np.isfinite(wide)]
    highest = float(finite.max()) if finite.size else 0.0
    top = next((full for full in (1.0, 255.0, 65535.0) if highest <= full), highest)
    if values.dtype == np.uint16:
        top = 65535.0
    scaled: Pixels = (np.clip(wide / top, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
    return scaled


def _drop_equal_channels(pixels: Pixels) -> Pixels:
    if pixels.ndim == 3:
        first = pixels[..., 0]
        if np.array_equal(first, pixels[..., 1]) and np.array_equal(first, pixels[..., 2]):
            return np.ascontiguousarray(first)
    return pixels


def _is_black_and_white(pixels: Pixels) -> bool:
    return bool(((pixels == 0) | (pixels == 255)).all())
