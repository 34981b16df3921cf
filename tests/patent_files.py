"""Small patents as files, as users have them: PDFs with a cover and drawing sheets, and pictures."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from ipatent.sources import Limits

LIMITS = Limits(file_bytes=100_000_000, sheet_pixels=20_000_000, pages=100)
_WIDTH, _HEIGHT = 612, 792


def drawing(seed: int, width: int = 850, height: int = 1100) -> Image.Image:
    """A black and white line drawing of its own for each seed."""
    rng = np.random.default_rng(seed)
    image = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(image)
    for _ in range(5):
        x, y = rng.uniform(0.2, 0.6, 2) * (width, height)
        pen.ellipse((x, y, x + 0.2 * width, y + 0.15 * height), outline=0, width=3)
        pen.line((width * 0.4, height * 0.5, x, y), fill=0, width=3)
    return image


def write_patent(
    path: Path, number: str = "D900,001", title: str = "BOTTLE OPENER", sheets: int = 2, seed: int = 0
) -> Path:
    """A published US design patent as PDF: cover page with INID codes, then sheets of one figure each."""
    canvas = Canvas(str(path), pagesize=(_WIDTH, _HEIGHT), invariant=True)
    canvas.setFont("Times-Roman", 11)
    lines = [
        (60, 745, "(12) United States Design Patent"),
        (330, 745, f"(10) Patent No.: US {number} S"),
        (330, 730, "(45) Date of Patent: Jan. 7, 2020"),
        (60, 680, f"(54) {title}"),
        (60, 660, "(71) Applicant: Example Works Ltd., London (GB)"),
        (60, 640, "(72) Inventor: Ada Example, London (GB)"),
        (330, 680, "(57) CLAIM"),
        (330, 665, f"The ornamental design for a {title.lower()}, as shown."),
        (330, 650, "DESCRIPTION"),
        *(
            (330, 635 - 15 * n, f"FIG. {n + 1} is a {view} view of a {title.lower()};")
            for n, view in enumerate(["front", "rear", "side", "top"][:sheets])
        ),
        (330, 500, f"1 Claim, {sheets} Drawing Sheets"),
    ]
    for x, y, text in lines if number else lines[3:]:
        canvas.drawString(x, y, text)
    canvas.showPage()
    for sheet in range(1, sheets + 1):
        canvas.drawImage(ImageReader(drawing(100 * seed + sheet)), 0, 0, _WIDTH, _HEIGHT)
        canvas.setFont("Times-Roman", 12)
        header = f"U.S. Patent      Jan. 7, 2020      Sheet {sheet} of {sheets}      US {number} S"
        canvas.drawString(80, 750, header if number else "")
        canvas.setFont("Helvetica", 20)
        canvas.drawString(270, 60, f"FIG. {sheet}")
        canvas.showPage()
    canvas.save()
    return path


def write_many_pages(path: Path, count: int, box: str = "[0 0 612 792]", content: str = "") -> Path:
    """A PDF of `count` pages that are all the same; small and quick to write, however many."""
    body = f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {count} /Kids [{' 3 0 R' * count}] >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Contents 4 0 R >>",
        body,
    ]
    text, offsets = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(text))
        text += f"{number} 0 obj\n{body}\nendobj\n"
    entries = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    trailer = f"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n{len(text)}\n%%EOF\n"
    path.write_text(f"{text}xref\n0 5\n0000000000 65535 f \n{entries}{trailer}", encoding="ascii")
    return path
