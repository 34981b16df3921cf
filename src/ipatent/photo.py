"""Photos of paper made like scans: straightened, evenly lit, black on white."""

from ipatent.patents import Pixels


def clean_photo(pixels: Pixels) -> Pixels:
    """The sheet in a photo."""
    return pixels
