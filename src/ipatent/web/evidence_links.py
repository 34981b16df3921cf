"""Addresses of the region evidence for a hit, and the search that a figure's page was reached from."""

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import Request

from ipatent.errors import QueryError
from ipatent.web.asked import Asked, PictureAsked
from ipatent.web.picture_asked import PICTURE_NAMES

_SEARCHES = ("/search", "/explain")


def evidence_url(pictures: Iterable[PictureAsked], hit_id: str, picture: int = 1) -> str:
    """The address of the evidence for a hit; empty where no picture was looked for."""
    wanted = tuple(each for each in pictures if not each.against)
    if not wanted:
        return ""
    named = [("hit", hit_id), *([("picture", str(picture))] if picture > 1 else [])]
    return f"{Asked(pictures=wanted).url('/evidence')}&{urlencode(named, safe='/')}"


def evidence_from(request: Request, figure_id: str) -> str:
    """The address of the evidence for a figure whose page was reached from a search with pictures.

    The search stands in the page's own address (`img=`, `like=`) or in that of the page the browser
    came from. Empty where it had no picture, where it cannot be read, and for the picture itself.
    """
    came = urlsplit(request.headers.get("referer", ""))
    known = came.netloc == request.headers.get("host", "") and came.path.startswith(_SEARCHES)
    for pairs in (request.query_params.multi_items(), parse_qsl(came.query) if known else []):
        if url := evidence_url(_others(pairs, figure_id), figure_id):
            return url
    return ""


def _others(pairs: Iterable[tuple[str, str]], figure_id: str) -> list[PictureAsked]:
    """The pictures named, but for the figure itself; none where one cannot be read."""
    try:
        pictures = [PictureAsked.parse(*pair) for pair in pairs if pair[0] in PICTURE_NAMES and pair[1]]
    except QueryError:
        return []
    return [each for each in pictures if not (each.is_figure and each.is_whole and each.name == figure_id)]
