"""A stored address asked again, just as the search page would answer it; for saved searches and records."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI

from ipatent.errors import QueryError, RecordsProblem
from ipatent.records import IndexState, RankedFigure
from ipatent.records.watching import Found
from ipatent.web.recording import unrecorded
from ipatent.web.state import AppState


def replayer(state: AppState) -> Callable[[str], Found]:
    """How to ask an address such as `/search?q=chair` again of what is opened.

    It goes through the application itself, so that whatever an address can ask for is answered
    alike. The function returned raises QueryError with the sentence that the page would show.
    """
    from ipatent.web.app import create_app

    app = create_app(state)
    return lambda url: find_again(app, url, state)


def find_again(app: FastAPI, url: str, state: AppState) -> Found:
    """What a saved address finds now; no search record is made of it. Raises QueryError."""
    index = index_state(state)
    answer = _asked(app, url, record=False)
    ranked = tuple(RankedFigure(hit["figure"]["id"], hit["score"]) for hit in answer["hits"])
    return Found(ranked, index, state.encoder.spec)


def record_again(app: FastAPI, url: str) -> str:
    """Ask a recorded address anew; the id of the record of that. Raises QueryError, RecordsProblem."""
    answer = _asked(app, url, record=True)
    if problem := answer["record_problem"]:
        raise RecordsProblem(problem)
    return str(answer["record"])


def index_state(state: AppState) -> IndexState:
    """The state of the opened index, for a record."""
    status = state.index.status()
    return IndexState(status.identity, status.generation, status.patents, status.figures)


def _asked(app: FastAPI, url: str, record: bool) -> Any:
    # In a thread of its own, since the caller's may have an event loop that runs.
    with ThreadPoolExecutor(1) as thread:
        query = urlsplit(url).query
        return thread.submit(lambda: asyncio.run(_get(app, "/search.json", query, record))).result()


async def _get(app: FastAPI, path: str, query: str, record: bool) -> Any:
    """The JSON that the application answers, in this process and without a network."""
    status, body = 0, bytearray()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            body.extend(message.get("body", b""))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode("ascii", "ignore"),
        "root_path": "",
        "headers": [],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 80),
        "state": {} if record else unrecorded(),
    }
    await app(scope, receive, send)
    answer = json.loads(bytes(body))
    if status != 200:
        raise QueryError(
            answer.get("error", f"The search answered with status {status}."), answer.get("advice", "")
        )
    return answer
