"""`ipatent audit-descriptions`: how far generated titles can be trusted, measured on one's own data."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from ipatent.commands.options import Data, Json, Set, print_json, settings_from
from ipatent.commands.output import out, table, write
from ipatent.errors import QueryError, SettingsError
from ipatent.settings import Settings

if TYPE_CHECKING:
    from ipatent.describe.audit import Audit, Topic
    from ipatent.describe.endpoint import Endpoint
    from ipatent.opening import Opened

Words = Annotated[list[str] | None, typer.Argument(metavar="[QUERY]...", help="What to search for.")]
File = Annotated[
    Path | None, typer.Option("--queries", metavar="FILE", help="More queries, one on each line.")
]
Models = Annotated[
    list[str] | None, typer.Option("--model", help="Model to audit [lvlm_model]. Repeatable, to compare.")
]
Urls = Annotated[
    list[str] | None,
    typer.Option("--url", help="Endpoint [lvlm_url]: one for all models, or one for each. Repeatable."),
]
Keys = Annotated[
    list[Path] | None,
    typer.Option("--key-file", metavar="FILE", help="File with the key: one for each --url. Repeatable."),
]
_MOST_QUERIES = 1000


def audit_descriptions(
    queries: Words = None,
    file: File = None,
    model: Models = None,
    url: Urls = None,
    key_file: Keys = None,
    repeats: Annotated[int, typer.Option(min=1, max=100, help="Titles of each cluster by each model.")] = 3,
    clusters: Annotated[int, typer.Option(min=1, max=50, help="Clusters of each query.")] = 5,
    of: Annotated[int, typer.Option(min=2, help="Best figures of each query that are clustered.")] = 100,
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help="Write the audit as JSON.")] = None,
    page: Annotated[
        Path | None, typer.Option("--page", metavar="FILE", help="Write the report as HTML with plots.")
    ] = None,
    data: Data = None,
    more: Set = None,
    as_json: Json = False,
) -> None:
    """Measure support, stability and agreement of generated titles on the clusters of some queries."""
    import asyncio
    import json

    from ipatent.describe import AUTO
    from ipatent.describe.audit import audit
    from ipatent.describe.audit_report import audit_json, audit_page
    from ipatent.describe.titling import Limits
    from ipatent.opening import open_existing

    settings = settings_from(data, more)
    asked = _queries(queries or [], file)
    endpoints = _endpoints(settings, model or [], url or [], key_file or [])
    if of > settings.max_clustered:
        raise QueryError(f"--of {of} is more than {settings.max_clustered}.", "Raise max_clustered.")
    with open_existing(settings, _say) as opened:
        objects = opened.open_objects()
        topics = [topic for words in asked for topic in _topics(words, clusters, of, opened)]
        if not topics:
            raise QueryError("No query found any figure.", "Ask for something that the index holds.")
        limits = Limits(
            seconds=settings.lvlm_seconds,
            at_once=settings.lvlm_at_once,
            figures=settings.lvlm_figures,
            pixels=settings.lvlm_pixels,
        )
        language = "en" if settings.lvlm_language == AUTO else settings.lvlm_language
        found = asyncio.run(audit(topics, endpoints, objects.get, repeats, language, limits, _say))
    results = audit_json(found)
    if as_json:
        print_json(results)
    else:
        _print(found)
    if to:
        write(to, json.dumps(results, ensure_ascii=False, indent=1).encode("utf-8", "replace"))
    if page:
        write(page, audit_page(found).encode("utf-8", "replace"))


def _queries(given: Sequence[str], file: Path | None) -> list[str]:
    lines = list(given)
    if file:
        try:
            lines += file.expanduser().read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise QueryError(
                f"{file} cannot be read: {type(error).__name__}.", "Give a text file in UTF-8."
            ) from None
    asked = list(dict.fromkeys(" ".join(line.split()) for line in lines if line.strip()))
    if not asked:
        raise QueryError(
            "There is no query.", 'Give some, as in: ipatent audit-descriptions "folding chair".'
        )
    if len(asked) > _MOST_QUERIES:
        raise QueryError(f"{len(asked)} queries are too many.", f"Give at most {_MOST_QUERIES}.")
    return asked


def _endpoints(
    settings: Settings, models: Sequence[str], urls: Sequence[str], keys: Sequence[Path]
) -> "list[Endpoint]":
    """One for each model. The key of the settings goes to the endpoint of the settings alone."""
    from ipatent.describe.endpoint import endpoint_of

    models = list(models) or [settings.lvlm_model]
    if len(urls) > 1 and len(models) == 1:
        models = models * len(urls)
    if len(urls) > 1 and len(urls) != len(models):
        raise SettingsError(
            f"{len(urls)} endpoints do not go with {len(models)} models.",
            "Give one --url for all models, or one for each, in the same order.",
        )
    if keys and len(keys) != len(urls):
        raise SettingsError(
            f"{len(keys)} key files do not go with {len(urls)} endpoints.", "Give one --key-file per --url."
        )
    found = []
    for at, model in enumerate(models):
        own = replace(settings, lvlm_model=model)
        if urls:
            place = at if len(urls) > 1 else 0
            own = replace(own, lvlm_url=urls[place])
            if keys:
                own = replace(own, lvlm_key_file=str(keys[place]))
            elif urls[place].rstrip("/") != settings.lvlm_url.rstrip("/"):
                own = replace(own, lvlm_key="", lvlm_key_file="")
        endpoint = endpoint_of(own)
        if endpoint is None:
            raise SettingsError(
                "There is no endpoint whose titles could be audited.",
                "Name one with --url and --model, or by the settings lvlm_url and lvlm_model.",
            )
        found.append(endpoint)
    return found


def _topics(words: str, clusters: int, of: int, opened: "Opened") -> "Iterator[Topic]":
    from ipatent.describe.audit import Topic
    from ipatent.query import Query
    from ipatent.search import search
    from ipatent.web.clusters_made import made
    from ipatent.web.grouping_asked import GroupingAsked

    settings = opened.settings
    results = search(
        Query(text=words, k=of, collapse=True),
        opened.index,
        opened.encoder,
        candidates=max(settings.candidates, of),
        max_k=of,
        max_query_chars=settings.max_query_chars,
    )
    if not results.hits:
        _say(f"“{words}” finds nothing and is left out.")
        return
    found = made(results.hits, GroupingAsked(of=of, clusters=clusters), opened.index, settings)
    for number, group in enumerate(found.described, 1):
        yield Topic(words, number, tuple(one.text for one in group.keywords.main), group)


def _print(audit: "Audit") -> None:
    rows = [
        (one.model, one.asked, one.answered, _shown(one.support), one.low, _shown(one.stability))
        for one in audit.models
    ]
    names = ("model", "asked", "titles", "support", "low support", "stability")
    table(names, rows, f"{len(audit.topics)} clusters, each described {audit.repeats} times by each model.")
    for one in audit.models:
        for reason, count in one.failures:
            out().print(f"{one.model} gave no title: {reason} ({count} times)", soft_wrap=True)
    for left, right, mean in audit.agreement:
        out().print(f"Agreement of {left} and {right}: {_shown(mean)}", soft_wrap=True)


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _say(message: str) -> None:
    Console(markup=False, emoji=False, highlight=False, stderr=True).print(
        message, style="dim", soft_wrap=True
    )
