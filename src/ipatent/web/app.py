"""The application: routes, templates and guards put together around the opened parts."""

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from ipatent import __version__
from ipatent.web import (
    clusters,
    collections,
    compare,
    evidence,
    explain,
    figure,
    health,
    home,
    judgements,
    map_page,
    metrics,
    objects,
    patent,
    preview,
    records,
    reranking,
    search,
    status,
    upload,
    watching,
)
from ipatent.web.guard import Guard
from ipatent.web.language import read_languages
from ipatent.web.language_choice import LanguageChoice
from ipatent.web.problems import add_problem_handlers
from ipatent.web.rendering import StaticFiles, Templates, read_static
from ipatent.web.state import AppState
from ipatent.web.thumbnails import Thumbnails

_static = APIRouter(include_in_schema=False)


@_static.get("/static/{version}/{name}")
async def static_file(version: str, name: str, request: Request) -> Response:
    """A browser file of the package; only names known beforehand are served."""
    static: StaticFiles = request.app.state.static
    file = static.by_name.get(name)
    if file is None:
        raise HTTPException(404)
    current = version == static.version
    cache = objects.FOR_EVER if current else "no-cache"
    return Response(file.data, media_type=file.media_type, headers={"Cache-Control": cache})


@_static.get("/favicon.ico")
@_static.get("/favicon.svg")
async def favicon(request: Request) -> Response:
    """The icon that browsers ask for by themselves."""
    static: StaticFiles = request.app.state.static
    file = static.by_name["favicon.svg"]
    return Response(file.data, media_type=file.media_type, headers={"Cache-Control": "max-age=86400"})


def create_app(
    state: AppState, hosts: frozenset[str] | None = None, counting: metrics.Counting | None = None
) -> FastAPI:
    """The web application over an opened index, encoder and object stores.

    Keeps nothing between requests but caches, so any number of workers may run side by side.
    `hosts` are the names that requests may call it by (see `ipatent.web.guard`); None accepts any.
    `counting` is what `/metrics` tells; with None it is not answered.
    """
    app = FastAPI(
        title="iPatent",
        version=__version__,
        description="Search patent drawings by words, by picture, by both. Every page is also JSON.",
        docs_url=None,  # their pages load scripts from other hosts
        redoc_url=None,
        redirect_slashes=False,  # those redirects would repeat the Host header
    )
    static = read_static()
    app.state.ipatent = state
    app.state.counting = counting
    app.state.readiness = health.Readiness(state)
    app.state.static = static
    app.state.templates = Templates(state.settings, static)
    pages = (home, search, preview, upload, figure, compare, patent, status, objects, reranking)
    for module in (
        *pages,
        evidence,
        explain,
        clusters,
        map_page,
        records,
        collections,
        judgements,
        watching,
        health,
        metrics,
    ):
        app.include_router(module.router)
    app.include_router(_static)
    add_problem_handlers(app)
    app.add_middleware(GZipMiddleware, minimum_size=500, compresslevel=6)
    linked = state.objects.link_origin if state.settings.objects_link_seconds else ""
    app.add_middleware(Thumbnails, store=state.objects, linked=bool(linked))
    app.add_middleware(
        Guard, max_upload_bytes=state.settings.max_upload_bytes, hosts=hosts, pictures_from=linked
    )
    app.add_middleware(LanguageChoice, languages=read_languages())
    return app
