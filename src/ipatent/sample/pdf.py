"""PDF files written object by object: Times text, 1-bit Group-4 pictures, invisible text layers.

The same content gives the same bytes: there are no dates and no random ids.
"""

import zlib
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO

import numpy as np
from PIL import Image, TiffImagePlugin
from reportlab.pdfbase.pdfmetrics import stringWidth

from ipatent.sample.pen import Ink

PAGE_WIDTH, PAGE_HEIGHT = 614.4, 792.0
"""A sheet of 2560 x 3300 pixels at 300 dpi, in points."""

FONTS = {
    "regular": "Times-Roman",
    "bold": "Times-Bold",
    "italic": "Times-Italic",
    "bold italic": "Times-BoldItalic",
    "sans": "Helvetica",
}


@cache
def text_width(text: str, font: str, size: float) -> float:
    """Width of `text` in points."""
    return float(stringWidth(text, FONTS[font], size))


@dataclass(frozen=True, slots=True)
class Picture:
    """A Group-4 coded picture."""

    width: int
    height: int
    data: bytes


def group4(ink: Ink) -> Picture:
    """`ink` coded after ITU-T T.6."""
    height, width = ink.shape
    # Ink is 1 in the coded data, as fax machines have it; Pillow's idea of black does not matter.
    picture = Image.frombytes("1", (width, height), np.packbits(ink, axis=1).tobytes())
    file = BytesIO()
    # One strip, so that the file's pixel data is a single Group-4 stream.
    picture.save(file, "TIFF", compression="group4", tiffinfo={TiffImagePlugin.ROWSPERSTRIP: height})
    file.seek(0)
    with Image.open(file) as tiff:
        tags = tiff.tag_v2  # type: ignore[attr-defined]
        (offset,), (length,) = tags[TiffImagePlugin.STRIPOFFSETS], tags[TiffImagePlugin.STRIPBYTECOUNTS]
    return Picture(width, height, file.getvalue()[offset : offset + length])


@dataclass
class Page:
    """A page in the making; positions are points from the lower left corner."""

    operations: list[str] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)

    def text(self, x: float, y: float, text: str, font: str, size: float, spacing: float = 0.0) -> None:
        """Text at a baseline; `spacing` is added to each blank."""
        extra = f"{spacing:.3f} Tw " if spacing else "0 Tw "
        name = list(FONTS).index(font)
        self.operations.append(f"BT {extra}/F{name} {size:g} Tf {x:.2f} {y:.2f} Td ({_escaped(text)}) Tj ET")

    def hidden_text(
        self, x: float, y: float, text: str, width: float, size: float, upwards: bool = False
    ) -> None:
        """Text that is not shown, stretched to `width`, for the text layer of a scan."""
        natural = text_width(text, "regular", round(size, 1)) or 1.0
        stretch = 100 * width / natural
        turn = "0 1 -1 0" if upwards else "1 0 0 1"
        self.operations.append(
            f"BT 3 Tr 0 Tw {stretch:.1f} Tz /F0 {size:.1f} Tf {turn} {x:.2f} {y:.2f} Tm "
            f"({_escaped(text)}) Tj 100 Tz 0 Tr ET"
        )

    def rule(self, x: float, y: float, width: float, height: float) -> None:
        """A filled rectangle."""
        self.operations.append(f"{x:.2f} {y:.2f} {width:.2f} {height:.2f} re f")

    def picture(self, picture: Picture, x: float, y: float, width: float, height: float) -> None:
        """A picture with its lower left corner at (x, y)."""
        self.operations.append(
            f"q {width:.2f} 0 0 {height:.2f} {x:.2f} {y:.2f} cm /I{len(self.pictures)} Do Q"
        )
        self.pictures.append(picture)


def write_pdf(pages: list[Page], title: str) -> bytes:
    """The finished file."""
    objects: list[bytes] = [b"", b""]
    fonts = []
    for name in FONTS.values():
        objects.append(
            f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>".encode()
        )
        fonts.append(len(objects))
    font_entry = " ".join(f"/F{i} {number} 0 R" for i, number in enumerate(fonts))
    kids = []
    for page in pages:
        names = []
        for index, picture in enumerate(page.pictures):
            head = (
                f"<< /Type /XObject /Subtype /Image /Width {picture.width} /Height {picture.height} "
                f"/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode /DecodeParms "
                f"<< /K -1 /Columns {picture.width} /Rows {picture.height} /BlackIs1 false >> "
                f"/Length {len(picture.data)} >>\n"
            )
            objects.append(head.encode() + b"stream\n" + picture.data + b"\nendstream")
            names.append(f"/I{index} {len(objects)} 0 R")
        content = zlib.compress("\n".join(page.operations).encode("cp1252", "replace"), 6)
        objects.append(
            f"<< /Length {len(content)} /Filter /FlateDecode >>\nstream\n".encode() + content + b"\nendstream"
        )
        resources = f"<< /Font << {font_entry} >> /XObject << {' '.join(names)} >> >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAGE_WIDTH} {PAGE_HEIGHT}] /Resources {resources} "
            f"/Contents {len(objects)} 0 R >>".encode()
        )
        kids.append(f"{len(objects)} 0 R")
    objects.append(f"<< /Title ({_escaped(title)}) /Producer (sample patents) >>".encode("cp1252", "replace"))
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>".encode()
    parts = [b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"]
    offsets, at = [], len(parts[0])
    for number, body in enumerate(objects, 1):
        piece = f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
        offsets.append(at)
        at += len(piece)
        parts.append(piece)
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    parts.append(
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R "
        f"/Info {len(objects)} 0 R >>\nstartxref\n{at}\n%%EOF\n".encode()
    )
    return b"".join(parts)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
