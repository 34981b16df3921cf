"""Region evidence: which parts of a query picture and of a hit correspond, drawn over both."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

import numpy as np
from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse
from pydantic import Field

from ipatent.correspond import Correspondence, Heat, correspondence
from ipatent.encode.spatial import Patches, open_spatial
from ipatent.errors import QueryError
from ipatent.patents import Box, Pixels
from ipatent.pictures import open_picture
from ipatent.web.answers import (
    Answer,
    FigureSummary,
    PatentSummary,
    Problem,
    summarise_figure,
    summarise_patent,
)
from ipatent.web.asked import Asked, read_asked
from ipatent.web.evidence_links import evidence_url
from ipatent.web.figure import find_figure
from ipatent.web.language import gettext, noted
from ipatent.web.objects import find_picture, picture_limit
from ipatent.web.querying import open_original, searched_pixels
from ipatent.web.state import AppState, Rendering, State

router = APIRouter(tags=["search"])

_TURNS = (0, 90, 180, 270)
_LEVELS = 5
"""Into so many shades heat is divided."""
_PATIENCE = 0.8
"""Seconds for which searches by words are let pass."""

AskedHere = Annotated[Asked, Depends(read_asked)]
HitId = Annotated[str, Query(description="Id of the figure that was found.")]
Which = Annotated[
    int, Query(ge=1, description="Which of the pictures looked for, from 1, in the address's order.")
]


class RegionAnswer(Answer):
    """Parts of both drawings that correspond."""

    number: int
    query: str = Field(description="X,Y,W,H in pixels of the query picture as searched.")
    hit: str = Field(description="X,Y,W,H in pixels of the found figure.")
    likeness: float = Field(description="Mean cosine of the places that match.")
    matches: int = Field(description="How many places match.")


class EvidenceAnswer(Answer):
    """Which regions of a query picture and of a found figure correspond; the best supported first."""

    figure: FigureSummary
    patent: PatentSummary
    query_figure: FigureSummary | None = Field(description="The query picture, where it is a figure.")
    query_patent: PatentSummary | None
    query_url: str = Field(description="The query picture as it was searched.")
    query_width: int
    query_height: int
    regions: tuple[RegionAnswer, ...] = Field(description="Empty where nothing corresponds clearly.")
    matches: int = Field(description="How many of the places with ink match in place, size and direction.")
    share: float = Field(description="Which part of the query's places with ink they are.")
    turn: int = Field(
        description="Clockwise degrees by which the query was turned for this; boxes are of it unturned."
    )
    seconds: float


@dataclass(frozen=True, slots=True)
class Shade:
    """Places of one heat, as the path of an SVG in pixels of the drawing."""

    level: int
    path: str


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The answer with what only the page shows."""

    answer: EvidenceAnswer
    query_heat: tuple[Shade, ...]
    hit_heat: tuple[Shade, ...]
    picture: int
    pictures: int
    urls: tuple[str, ...]
    """The same for each of the pictures looked for."""
    where: Mapping[int, tuple[str, str]]
    """By the number of a region, in words where it lies in either drawing."""
    twin: str
    compare_url: str
    """Both figures side by side; empty where the query is no indexed figure."""


@router.get("/evidence.json", responses={400: {"model": Problem}, 404: {"model": Problem}})
def evidence_json(asked: AskedHere, hit: HitId, state: State, picture: Which = 1) -> EvidenceAnswer:
    """Which regions of a picture searched with and of a found figure correspond."""
    return find_evidence(asked, hit, picture, state).answer


@router.get("/evidence", response_class=HTMLResponse, include_in_schema=False)
def evidence_page(
    asked: AskedHere, hit: HitId, state: State, templates: Rendering, picture: Which = 1
) -> HTMLResponse:
    """The two drawings with what corresponds, as a page."""
    return templates.page("evidence.html", found=find_evidence(asked, hit, picture, state))


@router.get("/evidence/part", response_class=HTMLResponse, include_in_schema=False)
def evidence_part(
    asked: AskedHere, hit: HitId, state: State, templates: Rendering, picture: Which = 1
) -> HTMLResponse:
    """The same to be put into another page."""
    return templates.page("evidence_part.html", found=find_evidence(asked, hit, picture, state))


def find_evidence(asked: Asked, hit_id: str, picture: int, state: AppState) -> Found:
    """What corresponds in the picture numbered `picture` and in the figure `hit_id`.

    Raises QueryError where there is no such picture, NotFound, PictureError.
    """
    started = time.perf_counter()
    wanted = asked.wanted
    if not wanted:
        raise QueryError(
            "Regions can be compared with a picture only, and this search has none.",
            "Search with a picture, or open two figures in the comparison.",
        )
    if picture > len(wanted):
        raise QueryError(f"The search has no picture {picture}.", f"It has {len(wanted)}.")
    chosen = wanted[picture - 1]
    figure = find_figure(hit_id, state)
    original = open_original(chosen, state)
    data = find_picture(state, figure.image)
    with state.decoding:
        query = searched_pixels(chosen, original.pixels)
        hit = open_picture(data, picture_limit(state))
    with state.searching.passage(_PATIENCE):
        found, turn = _compared(query, hit, not (chosen.is_figure or chosen.turn), state.settings.threads)
    height, width = query.shape[:2]
    if turn:
        found = _upright(found, turn, width, height)
    asked_figure = original.figure
    shows = Asked(pictures=(replace(chosen, against=False),))
    whole = asked_figure if chosen.is_whole else None
    answer = EvidenceAnswer(
        figure=summarise_figure(figure),
        patent=summarise_patent(state.index.patent(figure.patent_id)),
        query_figure=summarise_figure(asked_figure) if asked_figure else None,
        query_patent=summarise_patent(state.index.patent(asked_figure.patent_id)) if asked_figure else None,
        query_url=f"/images/{whole.image}" if whole else shows.url("/preview"),
        query_width=width,
        query_height=height,
        regions=tuple(
            RegionAnswer(
                number=number,
                query=str(region.first),
                hit=str(region.second),
                likeness=region.likeness,
                matches=region.matches,
            )
            for number, region in enumerate(found.regions, 1)
        ),
        matches=found.matches,
        share=round(found.share, 3),
        turn=turn,
        seconds=time.perf_counter() - started,
    )
    own = evidence_url(wanted, hit_id, picture)
    pair = [("figure", each.id) for each in (asked_figure, figure) if each]
    return Found(
        answer=answer,
        query_heat=_shades(found.first),
        hit_heat=_shades(found.second),
        picture=picture,
        pictures=len(wanted),
        urls=tuple(evidence_url(wanted, hit_id, place + 1) for place in range(len(wanted))),
        where={
            each.number: (
                place_in_words(each.query, width, height),
                place_in_words(each.hit, figure.width, figure.height),
            )
            for each in answer.regions
        },
        twin=own.replace("/evidence?", "/evidence.json?", 1),
        compare_url=f"/compare?{urlencode(pair)}" if len(pair) == 2 and pair[0] != pair[1] else "",
    )


def _compared(query: Pixels, hit: Pixels, any_way_up: bool, threads: int) -> tuple[Correspondence, int]:
    """What corresponds, and by how many degrees the query was turned for it, where it may be turned.

    It is turned only where nothing corresponds as it stands.
    """
    encoder = open_spatial(threads)
    upright, there = encoder.encode([query, hit])
    found = correspondence(upright, there)
    if found.regions or not any_way_up:
        return found, 0
    turned: list[Patches] = encoder.encode(
        [np.ascontiguousarray(np.rot90(query, -(turn // 90))) for turn in _TURNS[1:]]
    )
    others = [correspondence(each, there) for each in turned]
    best = max(range(len(others)), key=lambda n: others[n].matches)
    return (others[best], _TURNS[best + 1]) if others[best].regions else (found, 0)


def _upright(found: Correspondence, turn: int, width: int, height: int) -> Correspondence:
    """The same with the first picture, of this size and turned clockwise, turned back."""
    heat = found.first
    values = np.rot90(heat.values, turn // 90)
    span = heat.side * heat.values.shape[0]
    corner = _turned_back(turn, heat.left, heat.top, span, span, width, height)
    regions = []
    for each in found.regions:
        box = each.first
        back = _turned_back(turn, box.x, box.y, box.width, box.height, width, height)
        regions.append(replace(each, first=Box(*(round(value) for value in back))))
    first = Heat(values, corner[0], corner[1], heat.side)
    return replace(found, regions=tuple(regions), first=first)


def _turned_back(
    turn: int, x: float, y: float, wide: float, high: float, width: int, height: int
) -> tuple[float, float, float, float]:
    """A box of a picture turned clockwise, as it lies in the picture of `width` and `height` unturned."""
    if turn == 90:
        return y, height - x - wide, high, wide
    if turn == 180:
        return width - x - wide, height - y - high, wide, high
    if turn == 270:
        return width - y - high, x, high, wide
    return x, y, wide, high


def _shades(heat: Heat) -> tuple[Shade, ...]:
    """The heat as one path for each of `_LEVELS` shades; cold places are left out."""
    levels = np.ceil(np.clip(heat.values, 0, 1) * _LEVELS).astype(int)
    side = f"{heat.side:.1f}"
    shades = []
    for level in range(1, _LEVELS + 1):
        rows, columns = np.nonzero(levels == level)
        path = "".join(
            f"M{heat.left + column * heat.side:.1f} {heat.top + row * heat.side:.1f}h{side}v{side}h-{side}z"
            for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        )
        if path:
            shades.append(Shade(level, path))
    return tuple(shades)


_ACROSS = (noted("left"), noted("middle"), noted("right"))
_DOWN = (noted("upper"), noted("centre"), noted("lower"))
"""Not `top` and `bottom`: those are views of a figure, and are translated as such."""


def place_in_words(box: str, width: int, height: int) -> str:
    """Where a box lies in a drawing, as `upper left`; for those who do not see it."""
    x, y, wide, high = (int(number) for number in box.split(","))
    across = min(2, int(3 * (x + wide / 2) / max(width, 1)))
    down = min(2, int(3 * (y + high / 2) / max(height, 1)))
    return gettext("%(down)s %(across)s") % {"down": gettext(_DOWN[down]), "across": gettext(_ACROSS[across])}
