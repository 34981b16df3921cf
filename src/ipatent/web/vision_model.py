"""The vision model as the pages of this server ask it: its limits, its language, and what it wrote before."""

import asyncio
from pathlib import Path

from ipatent.describe import AUTO
from ipatent.describe.cache import Cache
from ipatent.describe.titling import Limits
from ipatent.errors import RecordsProblem
from ipatent.settings import Settings
from ipatent.web.language import spoken
from ipatent.web.state import AppState

CACHE_NAME = "titles.sqlite"


def language_of_texts(settings: Settings) -> str:
    """The code of the language in which the model is to write: the one set, else that of the page."""
    return spoken().code if settings.lvlm_language == AUTO else settings.lvlm_language


def limits_of(settings: Settings) -> Limits:
    """How long it may take, how many questions a page has under way, and how large its pictures are."""
    return Limits(
        seconds=settings.lvlm_seconds,
        page_seconds=settings.lvlm_page_seconds,
        at_once=settings.lvlm_at_once,
        figures=settings.lvlm_figures,
        pixels=settings.lvlm_pixels,
    )


def places_of(state: AppState) -> asyncio.Semaphore:
    """What questions hold while they are under way, those of all pages of this process together."""
    return state.asking.places(state.settings.lvlm_at_once)


def kept_texts(settings: Settings) -> Cache | None:
    """What was written before; a file that cannot be used only costs the time to write it anew."""
    path: Path = settings.data_dir / CACHE_NAME
    try:
        return Cache(path)
    except RecordsProblem:
        return None
