"""Re-ranking beside the page of results: the new order and its reasons, sent as the model finds them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import Field

from ipatent.describe.cache import Cache
from ipatent.describe.endpoint import Endpoint, endpoint_of
from ipatent.describe.prompt import drawing
from ipatent.describe.ranking import Step, known_ranking, re_ranked
from ipatent.describe.ranking_prompt import Sought
from ipatent.errors import QueryError, SettingsError
from ipatent.pictures import encode_png
from ipatent.query import Hit
from ipatent.settings import Settings
from ipatent.web.answers import Answer, FigureSummary, Problem, summarise_figure
from ipatent.web.asked import Asked, read_asked
from ipatent.web.language import gettext, ngettext, translate
from ipatent.web.objects import find_picture
from ipatent.web.querying import open_original, resolve, searched_pixels
from ipatent.web.search import best_hits
from ipatent.web.state import AppState, State
from ipatent.web.vision_model import kept_texts, language_of_texts, limits_of, places_of

_QUERY_PICTURES = 2
"""Pictures of the query that the model is shown beside the hits."""
_SIGN_OF_LIFE = 15.0
"""Seconds after which something is sent although there is no news: proxies end what is silent for long."""


def _from_here(request: Request) -> None:
    """Reading costs the model's time here, so that pages of other sites may not cause it."""
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise HTTPException(403, "The model is asked from this server's own pages only")


router = APIRouter(tags=["search"], dependencies=[Depends(_from_here)])

AskedHere = Annotated[Asked, Depends(read_asked)]

PROBLEMS: dict[int | str, dict[str, object]] = {
    400: {"model": Problem, "description": "No vision model is set up, or a parameter is wrong."},
    403: {"model": Problem, "description": "Asked by a page of another site."},
    404: {"model": Problem, "description": "No such picture or figure."},
    409: {"model": Problem, "description": "The index is empty, or another encoder filled it."},
}


class Ranked(Answer):
    """A hit in its new place."""

    rank: int = Field(description="As the model ranks it.")
    was: int = Field(description="As the search ranked it.")
    reason: str = Field(description="Written by the model; empty where it gave none that may be shown.")
    figure: FigureSummary


class RerankingAnswer(Answer):
    """The best hits of a search in the order of a vision model."""

    model: str
    windows: int = Field(description="Questions to the model, each on some of the hits.")
    done: int = Field(description="How many of them it was asked.")
    unanswered: int = Field(description="How many of those had no usable answer.")
    dropped: int = Field(description="Reasons not shown: they named nothing visible, or must not be shown.")
    failed: str = Field(description="Why it ended early; empty where it did not.")
    ranked: tuple[Ranked, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Asking:
    """What is put to the model: the endpoint, the query and the hits as the search ranks them."""

    endpoint: Endpoint
    cache: Cache | None
    sought: Sought
    hits: tuple[Hit, ...]
    state: AppState

    def known(self) -> Step | None:
        """What the model was asked of it before and answered; None where there is nothing of it."""
        if self.cache is None:
            return None
        hits = [(hit.figure, hit.patent) for hit in self.hits]
        settings = self.state.settings
        language, limits = language_of_texts(settings), limits_of(settings)
        return known_ranking(self.sought, hits, self.endpoint, self.cache, language, limits)

    def steps(self) -> AsyncIterator[Step]:
        """The model's answers as they come."""
        settings = self.state.settings
        return re_ranked(
            self.sought,
            [(hit.figure, hit.patent) for hit in self.hits],
            self.endpoint,
            self.cache,
            lambda name: find_picture(self.state, name),
            language_of_texts(settings),
            limits_of(settings),
            places_of(self.state),
        )


@router.get("/rerank.json", responses=PROBLEMS)
async def rerank_json(asked: AskedHere, state: State) -> RerankingAnswer:
    """The best results of a search, ranked anew by the vision model of the settings. Takes its time."""
    asking = await run_in_threadpool(asking_of, asked, state)
    step = Step(0, 0, tuple(range(len(asking.hits))), ())
    async with aclosing(asking.steps()) as stream:  # type: ignore[type-var]
        async for found in stream:
            step = found
    reasons = dict(step.reasons)
    return RerankingAnswer(
        model=asking.endpoint.model,
        windows=step.of,
        done=step.done,
        unanswered=step.unanswered,
        dropped=step.dropped,
        failed=step.failed,
        ranked=tuple(
            Ranked(
                rank=rank,
                was=asking.hits[place].rank,
                reason=reasons.get(place, ""),
                figure=summarise_figure(asking.hits[place].figure),
            )
            for rank, place in enumerate(step.order, 1)
        ),
    )


@router.get("/rerank", include_in_schema=False)
async def stream_reranking(asked: AskedHere, state: State) -> StreamingResponse:
    """The same as server-sent events: `step` for each question answered, then `end` with the order.

    Hits are named by the rank that they have on the page. Who leaves ends the request to the model.
    """
    asking = await run_in_threadpool(asking_of, asked, state)
    return StreamingResponse(
        _events(asking),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def is_set_up(settings: Settings) -> bool:
    """Whether there is a vision model that can be asked."""
    try:
        return endpoint_of(settings) is not None
    except SettingsError:
        return False


def how_many(asked: Asked, settings: Settings) -> int:
    """How many of the best hits of a page of results are put in a new order."""
    return min(settings.lvlm_reranked, asked.k or settings.k, settings.max_k)


async def _events(asking: Asking) -> AsyncIterator[str]:
    ranks = [hit.rank for hit in asking.hits]
    step = Step(0, 0, tuple(range(len(ranks))), ())
    async with (
        aclosing(asking.steps()) as stream,  # type: ignore[type-var]
        aclosing(_alive(stream)) as alive,  # type: ignore[type-var]
    ):
        async for found in alive:
            if found is None:
                yield ": still at it\n\n"
                continue
            step = found
            reasons = [{"rank": ranks[at], "reason": reason} for at, reason in step.reasons]
            yield _event("step", {"said": _progress(step), "reasons": reasons})
    order = [ranks[at] for at in step.order]
    moved = sum(rank != was for rank, was in zip(order, ranks, strict=True))
    yield _event("end", {"order": order, "moved": moved, "said": _outcome(step, moved)})


async def _alive(stream: AsyncIterator[Step]) -> AsyncIterator[Step | None]:
    """The steps, and None each time that there is none for a while."""
    while True:
        coming = asyncio.ensure_future(anext(stream, None))
        try:
            while not (await asyncio.wait({coming}, timeout=_SIGN_OF_LIFE))[0]:
                yield None
        finally:
            if not coming.done():
                coming.cancel()
                await asyncio.wait({coming})
        found = await coming
        if found is None:
            return
        yield found


def _progress(step: Step) -> str:
    return gettext("%(done)s of %(of)s groups of drawings were looked at.") % {
        "done": step.done,
        "of": step.of,
    }


def _outcome(step: Step, moved: int) -> str:
    said = []
    if step.failed:
        said.append(gettext("The re-ranking ended early: %(reason)s.") % {"reason": translate(step.failed)})
        said.append(_progress(step))
    if moved:
        said.append(
            ngettext("%(number)s drawing has moved.", "%(number)s drawings have moved.", moved)
            % {"number": moved}
        )
    else:
        said.append(gettext("The order stays as it was."))
    if step.unanswered:
        number = {"number": step.unanswered}
        said.append(
            ngettext(
                "For %(number)s group there was no usable answer.",
                "For %(number)s groups there was no usable answer.",
                step.unanswered,
            )
            % number
        )
    if step.dropped:
        said.append(
            ngettext(
                "%(number)s reason is not shown, as it tells nothing of its drawing.",
                "%(number)s reasons are not shown, as they tell nothing of their drawings.",
                step.dropped,
            )
            % {"number": step.dropped}
        )
    return " ".join(said)


def _event(name: str, body: dict[str, object]) -> str:
    return f"event: {name}\ndata: {json.dumps(body)}\n\n"


def asking_of(asked: Asked, state: AppState) -> Asking:
    """What the model is to be asked of a search.

    Raises QueryError where no model is set up or nothing is looked for, SettingsError where it is set up
    wrongly, and what the search raises.
    """
    settings = state.settings
    endpoint = endpoint_of(settings)
    if endpoint is None:
        raise QueryError(
            "No vision model is set up, so that nothing can be re-ranked.",
            "Whoever runs this server names one by the settings lvlm_url and lvlm_model.",
        )
    if not asked.is_ranked:
        raise QueryError("Nothing is looked for, so that there is no order.", "Give words or a picture.")
    asked = resolve(asked, state.index)
    count = how_many(asked, settings)
    hits = best_hits(asked.but(grouping=replace(asked.grouping, of=count)), state)
    pictures = []
    for picture in asked.wanted[:_QUERY_PICTURES]:
        pixels = searched_pixels(picture, open_original(picture, state).pixels)
        pictures.append(drawing(encode_png(pixels), settings.lvlm_pixels))
    return Asking(endpoint, kept_texts(settings), Sought(asked.q, tuple(pictures)), hits, state)
