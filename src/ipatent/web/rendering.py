"""Templates and static files: read once when the application is made, then only from memory."""

import hashlib
import mimetypes
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context

from ipatent import __version__
from ipatent.settings import Settings
from ipatent.stages import stage
from ipatent.web import formats
from ipatent.web.answers import figure_url, patent_url
from ipatent.web.asked import Asked
from ipatent.web.language import gettext, ngettext, noted, spoken
from ipatent.web.language_choice import language_links
from ipatent.web.marking import marked

_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file for the browser: its bytes and media type."""

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """All files under `static/` by name, and a version that changes with any of them."""

    by_name: dict[str, StaticFile]
    version: str

    def url(self, name: str) -> str:
        """An address that may be cached for ever, as it changes with the files."""
        if name not in self.by_name:
            raise KeyError(name)
        return f"/static/{self.version}/{name}"


def read_static() -> StaticFiles:
    """The package's browser files."""
    by_name: dict[str, StaticFile] = {}
    digest = hashlib.sha256()
    folder = files("ipatent.web") / "static"
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        suffix = "." + item.name.rpartition(".")[2]
        kind = _TYPES.get(suffix) or mimetypes.guess_type(item.name)[0] or "application/octet-stream"
        if kind.startswith("text/"):
            kind += "; charset=utf-8"
        data = item.read_bytes()
        digest.update(item.name.encode() + b"\0" + data)
        by_name[item.name] = StaticFile(data, kind)
    return StaticFiles(by_name, digest.hexdigest()[:12])


class Templates:
    """The page templates, escaping by default; an unknown name in one is an error."""

    def __init__(self, settings: Settings, static: StaticFiles) -> None:
        self._environment = template_environment()
        self._environment.globals.update(
            static=static.url, settings=settings, version=__version__, steps=_steps(settings)
        )

    def page(
        self, name: str, http_status: int = 200, asked: Asked | None = None, **values: object
    ) -> HTMLResponse:
        """The rendered template; `asked` fills the search form that stands on every page."""
        with stage("render"):
            text = self._environment.get_template(name).render(asked=asked or Asked(), **values)
        return HTMLResponse(text, http_status, headers={"Cache-Control": "private, no-cache"})


def template_environment() -> Environment:
    """How templates are read: escaped, their sentences in the language spoken when they are rendered.

    A sentence in `_()` or `{% trans %}` may hold markup, so it is not escaped; the values in it are.
    """
    environment = Environment(
        loader=PackageLoader("ipatent.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    spoken_filters: dict[str, Callable[..., object]] = {
        "count": formats.count,
        "day": formats.day,
        "decimal": formats.decimal,
        "ms": formats.milliseconds,
        "part": lambda name: gettext(PART_NAMES[name]),
        "size": formats.size,
        "term": gettext,
    }
    for name, function in spoken_filters.items():
        environment.filters[name] = _at_run_time(function)
    environment.filters["marked"] = marked
    environment.globals.update(
        language=spoken, language_links=language_links, figure_url=figure_url, patent_url=patent_url
    )
    return environment


PART_NAMES = {
    "image": noted("picture"),
    "words": noted("words"),
    "caption": noted("caption"),
    "tower": noted("words as picture"),
    "unlike": noted("not like"),
    "without": noted("unwanted words"),
}
FIELD_NAMES = {
    "title": noted("title"),
    "term": noted("terms"),
    "caption": noted("caption"),
    "applicant": noted("applicant"),
    "abstract": noted("abstract"),
    "label": noted("label"),
    "number": noted("number"),
}


def _steps(settings: Settings) -> tuple[int, ...]:
    """The numbers of results offered to choose from."""
    usual = {20, 50, 100, 200, 500, settings.k}
    return tuple(sorted(k for k in usual if k <= settings.max_k))


def _at_run_time(function: Callable[..., object]) -> Callable[..., object]:
    # Of a constant the template compiler would otherwise keep the answer of the first language.
    @pass_context
    def rendered(_context: object, value: Any, *arguments: Any) -> object:
        return function(value, *arguments)

    return rendered
