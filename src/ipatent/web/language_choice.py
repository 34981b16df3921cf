"""Which language a request gets: the one in its address, else the one chosen before, else the browser's.

`?lang=de` chooses a language and keeps the choice in a cookie. Pages say that they vary by both, so
that no cache hands one reader's language to another.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ipatent.web.language import ENGLISH, NAMES, Language, speaking, spoken

_COOKIE = "lang"
_KEPT_SECONDS = 31_536_000
_LONGEST_HEADER = 400
_READING = ("GET", "HEAD")

_asked: ContextVar[str | None] = ContextVar("asked", default="")


class LanguageChoice:
    """ASGI layer that sets the language spoken for each request; `languages` are those offered."""

    def __init__(self, app: ASGIApp, languages: dict[str, Language]) -> None:
        self._app = app
        self._languages = languages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        wanted = request.query_params.get("lang", "").lower()
        chosen = wanted if wanted in self._languages else ""
        kept = request.cookies.get(_COOKIE, "")
        if kept not in self._languages:
            kept = ""
        code = chosen or kept or preferred(request.headers.get("accept-language", ""))
        language = self._languages.get(code, ENGLISH)

        async def telling_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                is_page = headers.get("content-type", "").startswith("text/html")
                if is_page or message["status"] >= 400:
                    headers.add_vary_header("Accept-Language, Cookie")
                if is_page:
                    headers["Content-Language"] = language.code
                if is_page and chosen and chosen != kept:
                    headers.append(
                        "Set-Cookie",
                        f"{_COOKIE}={chosen}; Path=/; Max-Age={_KEPT_SECONDS}; SameSite=Lax; HttpOnly",
                    )
            await send(message)

        # The answer to a form has no address of its own that could be asked for again.
        token = _asked.set(scope["query_string"].decode("latin-1") if scope["method"] in _READING else None)
        try:
            with speaking(language):
                await self._app(scope, receive, telling_send)
        finally:
            _asked.reset(token)


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """The page being made in one of the languages; `url` is relative to it."""

    code: str
    name: str
    url: str
    is_current: bool


def language_links() -> tuple[LanguageLink, ...]:
    """The page being made in each language, for the menu."""
    asked = _asked.get()
    pairs = [pair for pair in parse_qsl(asked or "") if pair[0] != "lang"]
    page = "/" if asked is None else ""
    return tuple(
        LanguageLink(code, name, f"{page}?{urlencode([*pairs, ('lang', code)])}", code == spoken().code)
        for code, name in NAMES.items()
    )


def preferred(accepted: str) -> str:
    """The offered language that an Accept-Language header likes best, else English."""
    best, best_quality = ENGLISH.code, 0.0
    for part in accepted[:_LONGEST_HEADER].split(","):
        tag, _, parameter = part.partition(";")
        code = tag.strip().lower().partition("-")[0]
        quality = _quality(parameter)
        if code in NAMES and quality > best_quality:
            best, best_quality = code, quality
    return best


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0
