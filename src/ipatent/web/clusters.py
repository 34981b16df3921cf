"""Clusters beside their page: the same as JSON, and titles that are sent as they are written."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import Field

from ipatent.describe import Title
from ipatent.describe.cache import Cache
from ipatent.describe.endpoint import Endpoint, endpoint_of
from ipatent.describe.extractive import extractive_title
from ipatent.describe.titling import Limits, Read, all_titles, titles
from ipatent.keywords import Keyword, Kind
from ipatent.query import Hit
from ipatent.web.answers import Answer, FigureSummary, Problem, summarise_figure
from ipatent.web.asked import Asked, read_asked
from ipatent.web.clusters_made import Made, made
from ipatent.web.language import gettext, ngettext
from ipatent.web.objects import find_picture
from ipatent.web.querying import resolve
from ipatent.web.search import best_hits
from ipatent.web.state import AppState, State
from ipatent.web.vision_model import kept_texts, language_of_texts, limits_of, places_of

router = APIRouter(tags=["clusters"])

AskedHere = Annotated[Asked, Depends(read_asked)]

LOW_SUPPORT = 0.5
"""Share of a title's nouns below which its support is said to be low."""

PROBLEMS: dict[int | str, dict[str, object]] = {
    400: {"model": Problem, "description": "A parameter is missing, malformed or out of range."},
    404: {"model": Problem, "description": "No such picture or figure."},
    409: {"model": Problem, "description": "The index is empty, or another encoder filled it."},
}


class KeywordAnswer(Answer):
    """What a cluster is about and the others are not; counts are figures."""

    text: str
    kind: Kind
    language: str
    weight: float = Field(description="Higher tells more; comparable within one cluster only.")
    figures: int
    elsewhere: int = Field(description="Figures of the other clusters that have it.")
    collection: int | None = Field(description="Figures of the index that have it.")


class TitleAnswer(Answer):
    """What a cluster is called, and by whom."""

    text: str
    description: str
    source: Literal["extractive", "generated"]
    model: str
    support: float | None = Field(
        description="Share of the nouns of a generated text that captions and terms have; null where unknown."
    )
    unsupported: tuple[str, ...]
    reason: str = Field(description="Why there is no generated title although one was asked for.")


class Member(Answer):
    """A figure of a cluster."""

    rank: int
    score: float
    patent: str
    figure: FigureSummary


class ClusterAnswer(Answer):
    """One cluster; its most typical figure comes first, then by rank."""

    title: TitleAnswer
    keywords: tuple[KeywordAnswer, ...] = Field(description="Ranked within each language.")
    patents: int
    members: tuple[Member, ...]


class ClustersAnswer(Answer):
    """The best figures of a search in clusters, ordered by their best-ranked member."""

    of: int
    method: str
    explained: str = Field(description="How the clusters came about.")
    seconds: float
    clusters: tuple[ClusterAnswer, ...]
    rest: tuple[Member, ...] = Field(description="Figures that fit into no cluster.")


@router.get("/clusters.json", responses=PROBLEMS)
async def clusters_json(
    asked: AskedHere,
    state: State,
    written: Annotated[
        Literal["extractive", "generated"],
        Query(alias="titles", description="Whether to wait for titles by the model of the settings."),
    ] = "extractive",
) -> ClustersAnswer:
    """The best `of` figures of a search in groups, with keywords and titles."""
    found = await run_in_threadpool(_made, asked, state)
    if written == "generated":
        named = await all_titles(found.described, *_asking(state))
    else:
        named = tuple(extractive_title(group) for group in found.described)
    return ClustersAnswer(
        of=asked.grouping.of,
        method=asked.grouping.method,
        explained=found.clusters.explained,
        seconds=found.seconds,
        clusters=tuple(_cluster(found, place, title) for place, title in enumerate(named)),
        rest=tuple(map(_member, found.rest)),
    )


@router.get("/clusters/titles", include_in_schema=False)
async def stream_titles(asked: AskedHere, state: State) -> StreamingResponse:
    """The titles of the page's clusters as server-sent events, in the order of the rows.

    Each `title` names the medoid of its cluster, so that a page of an older index can tell that it
    is not meant; `end` is the last. Who leaves ends all requests to the model.
    """
    found = await run_in_threadpool(_made, asked, state)
    return StreamingResponse(
        _events(found, state),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def told_support(title: Title) -> str:
    """How far a generated title is backed, in a sentence; empty where there is nothing to say."""
    if title.source != "generated":
        return ""
    if title.support is None:
        return gettext("How far captions and terms back it cannot be measured.")
    percent = {"percent": round(100 * title.support)}
    if not title.unsupported:
        return gettext("All its nouns occur in captions or terms of these figures.")
    words = ", ".join(f"“{word}”" for word in title.unsupported[:6])
    return (
        gettext("%(percent)s %% of its nouns occur in captions or terms of these figures.") % percent
        + " "
        + ngettext("Not this one: %(words)s.", "Not these: %(words)s.", len(title.unsupported))
        % {"words": words}
    )


async def _events(found: Made, state: AppState) -> AsyncIterator[str]:
    written = titles(found.described, *_asking(state))
    async with aclosing(written) as stream:  # type: ignore[type-var]
        place = 0
        async for title in stream:
            yield _event("title", _told(found, place, title))
            place += 1
    yield _event("end", {"count": place})


def _told(found: Made, place: int, title: Title) -> dict[str, object]:
    support = title.support
    generated = title.source == "generated"
    return {
        "number": place + 1,
        "medoid": found.members(place)[0].figure.id,
        "source": title.source,
        "title": title.text,
        "description": title.description,
        "mark": gettext("written by %(model)s") % {"model": title.model} if generated else "",
        "support": None if support is None or not generated else f"{round(100 * support)} %",
        "low": generated and support is not None and support < LOW_SUPPORT,
        "told": told_support(title),
        "reason": title.reason,
    }


def _event(name: str, body: dict[str, object]) -> str:
    return f"event: {name}\ndata: {json.dumps(body)}\n\n"


def _made(asked: Asked, state: AppState) -> Made:
    asked = resolve(asked, state.index)
    return made(best_hits(asked, state), asked.grouping, state.index, state.settings)


def _asking(state: AppState) -> tuple[Endpoint | None, Cache | None, Read, str, Limits, asyncio.Semaphore]:
    settings = state.settings
    endpoint = endpoint_of(settings)
    return (
        endpoint,
        kept_texts(settings) if endpoint else None,
        lambda name: find_picture(state, name),
        language_of_texts(settings),
        limits_of(settings),
        places_of(state),
    )


def _cluster(found: Made, place: int, title: Title) -> ClusterAnswer:
    members = found.members(place)
    return ClusterAnswer(
        title=TitleAnswer(
            text=title.text,
            description=title.description,
            source=title.source,
            model=title.model,
            support=title.support,
            unsupported=title.unsupported,
            reason=title.reason,
        ),
        keywords=tuple(
            _keyword(one) for _, words in found.described[place].keywords.by_language for one in words
        ),
        patents=len({hit.patent.id for hit in members}),
        members=tuple(map(_member, members)),
    )


def _keyword(one: Keyword) -> KeywordAnswer:
    return KeywordAnswer(
        text=one.text,
        kind=one.kind,
        language=one.language,
        weight=one.weight,
        figures=one.figures,
        elsewhere=one.elsewhere,
        collection=one.collection,
    )


def _member(hit: Hit) -> Member:
    return Member(rank=hit.rank, score=hit.score, patent=hit.patent.id, figure=summarise_figure(hit.figure))
