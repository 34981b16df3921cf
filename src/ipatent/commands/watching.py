"""Commands that look after what was kept: what is new in saved searches, whether an export was altered."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from ipatent.commands.options import Data, Json, Set, print_json, settings_from
from ipatent.commands.output import out, plain, silent, table
from ipatent.errors import NotFound, QueryError, SourceError
from ipatent.settings import Settings

if TYPE_CHECKING:
    from ipatent.records import Database

_NEWS = 3
"""Exit status of `watch` when something is new."""


def watch(
    run: Annotated[bool, typer.Option("--run", help="Ask them all again and mark what is new.")] = False,
    read: Annotated[bool, typer.Option("--read", help="Mark everything new as read.")] = False,
    add: Annotated[
        tuple[str, str] | None, typer.Option("--add", metavar="NAME ADDRESS", help="Save a search first.")
    ] = None,
    data: Data = None,
    more: Set = None,
    as_json: Json = False,
) -> None:
    """List the saved searches with what is new. Exit status 3: `--run` found something new."""
    from ipatent.records import open_records, watching

    settings = settings_from(data, more)
    news: dict[str, Any] = {}
    with open_records(settings) as database:
        if add:
            watching.save(database, *add)
        if run:
            news = _run_all(settings, database)
        saved = watching.list_saved(database)
        unread = {search.id: watching.unread(database, search.id) for search in saved}
        if read:
            for search in saved:
                watching.mark_read(database, search.id)
    failed = any("error" in told for told in news.values())
    if as_json:
        told = [plain(asdict(s)) | {"new": list(unread[s.id])} | news.get(s.id, {}) for s in saved]
        print_json({"saved": told})
    else:
        table(
            ("saved search", "unread", "last run (UTC)", "address"),
            (
                (s.name, s.unread, f"{s.last_run:%Y-%m-%d %H:%M}" if s.last_run else "never", s.url)
                for s in saved
            ),
            f"{len(saved)} saved searches" if saved else "There are no saved searches.",
        )
        for search in saved:
            for line in _told(search.name, news.get(search.id, {})):
                out().print(Text(line), soft_wrap=True)
    if failed:
        sys.exit(1)
    if any(told.get("found_new") for told in news.values()):
        sys.exit(_NEWS)


def _run_all(settings: Settings, database: "Database") -> dict[str, dict[str, Any]]:
    """What each saved search found; one that cannot be asked is reported and the others go on."""
    from ipatent.opening import open_existing
    from ipatent.records import watching
    from ipatent.web.replay import replayer

    saved = watching.list_saved(database)
    if not saved:
        return {}
    told: dict[str, dict[str, Any]] = {}
    with open_existing(settings, silent) as opened:
        replay = replayer(opened.web_state())
        for search in saved:
            try:
                news = watching.take_in(database, search.id, replay(search.url))
            except (QueryError, NotFound) as error:
                told[search.id] = {"error": str(error)}
                continue
            told[search.id] = {
                "first_run": news.first,
                "found_new": [hit.figure_id for hit in news.new],
                "index_changed": news.index_changed,
                "other_index": news.other_index,
                "other_encoder": news.other_encoder,
            }
    return told


def _told(name: str, news: dict[str, Any]) -> Iterator[str]:
    if "error" in news:
        yield f"{name}: not asked. {news['error']}"
        return
    if news.get("first_run"):
        yield f"{name}: asked for the first time; what is found later will be new."
    for figure in news.get("found_new", ()):
        yield f"{name}: new {figure}"
    if news.get("other_encoder") and news["found_new"]:
        yield f"{name}: the encoder is another than last time, so these may have been in the index before."


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A JSON export.")], as_json: Json = False
) -> None:
    """Say whether a JSON export is as it was written. Exit status 1: it was altered."""
    from ipatent.exports import check

    try:
        text = file.expanduser().read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SourceError(f"{file} cannot be read: {error.strerror or error}.", "Check the path.") from None
    except UnicodeDecodeError:
        raise SourceError(f"{file} is not a JSON export: it is no text.", "Give the .json file.") from None
    found = check(text)
    if as_json:
        print_json(asdict(found))
    elif found.genuine:
        out().print(
            f"Unaltered: {found.kind} {found.id}. Its printed report carries the hash\n{found.sha256}",
            soft_wrap=True,
        )
    else:
        out().print(f"ALTERED: {found.kind} {found.id}. {found.trouble}", soft_wrap=True)
    if not found.genuine:
        sys.exit(1)
