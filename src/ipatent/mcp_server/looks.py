"""Drawings as an assistant sees them: PNG, not larger than it can read."""

import base64
import io

from mcp.types import ImageContent
from PIL import Image

MOST_BYTES = 700_000
"""Bytes of a picture; as base64 it stays below the megabyte that hosts commonly accept."""
LEAST_SIDE, USUAL_SIDE, MOST_SIDE = 128, 1024, 2048


def shown(data: bytes, longest: int) -> bytes:
    """The picture as grey PNG with a longer side of at most `longest` pixels, smaller where it is too big."""
    with Image.open(io.BytesIO(data)) as opened:
        grey = opened.convert("L")
    side = min(longest, max(grey.size))
    while True:
        small = grey.copy()
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        held = io.BytesIO()
        # Sixteen greys are enough for lines, and make the file about half as large.
        small.point([round(value / 17) * 17 for value in range(256)]).save(held, "PNG")
        if held.tell() <= MOST_BYTES or side <= LEAST_SIDE:
            return held.getvalue()
        side = side * 3 // 4


def content(data: bytes, longest: int) -> ImageContent:
    """The picture as content of an answer."""
    encoded = base64.b64encode(shown(data, longest)).decode("ascii")
    return ImageContent(type="image", data=encoded, mime_type="image/png")
