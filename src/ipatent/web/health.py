"""Health for whoever runs the server: `/healthz` says that the process lives, `/readyz` that it can answer.

Both are for programs (an orchestrator, a load balancer): plain English, no page, nothing recorded.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy import text

from ipatent.encode.matching import check_encoder
from ipatent.errors import IndexProblem, IPatentError
from ipatent.objects import Objects
from ipatent.web.following import follow
from ipatent.web.state import AppState

router = APIRouter(include_in_schema=False)

_SECONDS = 2.0
"""How long all parts together may take to show that they are there."""
_FRESH_SECONDS = 1.0
"""How long an answer counts, so that asking often costs the parts nothing."""
_NEVER_KEPT = {"Cache-Control": "no-store"}


@router.get("/healthz")
async def healthz() -> JSONResponse:
    """Answered as long as the process answers at all; nothing else is looked at."""
    return JSONResponse({"alive": True}, headers=_NEVER_KEPT)


@router.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """Whether every part can be used, each with the reason where it cannot; 503 where one cannot."""
    readiness: Readiness = request.app.state.readiness
    parts = await readiness.parts()
    told = {
        name: {"ready": not problem} | ({"reason": problem} if problem else {}) for name, problem in parts
    }
    ready = not any(problem for _, problem in parts)
    return JSONResponse({"ready": ready, "parts": told}, 200 if ready else 503, _NEVER_KEPT)


@dataclass(slots=True, eq=False)
class Readiness:
    """Asks the parts whether they can be used: each at most once at a time, however many ask."""

    state: AppState
    _asking: dict[str, "asyncio.Task[str]"] = field(default_factory=dict)
    _known: tuple[tuple[str, str], ...] = ()
    _until: float = 0.0

    async def parts(self) -> tuple[tuple[str, str], ...]:
        """The parts, each with why it cannot be used; empty where it can."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._until:
            return self._known
        for name, check in _CHECKS.items():
            if name not in self._asking:
                self._asking[name] = loop.create_task(asyncio.to_thread(_problem, check, self.state))
        asked = dict(self._asking)
        await asyncio.wait(asked.values(), timeout=_SECONDS)
        found = []
        for name, task in asked.items():
            if task.done():
                self._asking.pop(name, None)
                found.append((name, task.result()))
            else:  # left to go on; asked about again next time
                found.append((name, f"It did not answer within {_SECONDS:.0f} s."))
        self._known, self._until = tuple(found), loop.time() + _FRESH_SECONDS
        return self._known


def _problem(check: Callable[[AppState], Any], state: AppState) -> str:
    try:
        check(state)
    except IPatentError as error:
        return error.message
    except Exception as error:  # whatever it is, the part cannot be used; its text might hold secrets
        return f"It failed with {type(error).__name__}."
    return ""


def _encoder(state: AppState) -> None:
    try:
        stored = state.index.status().encoder
    except IndexProblem:
        return  # which the part "index" tells
    if stored is not None and not follow(state.encoder):
        check_encoder(stored, state.encoder.spec)


def _objects(store: Objects) -> None:
    if store.folder is None:
        store.check()
    elif not store.folder.is_dir():
        raise IndexProblem(f"The object folder {store.folder} is gone.")


def _records(state: AppState) -> None:
    with state.records.reading() as connection:
        connection.execute(text("SELECT version FROM schema_version"))


_CHECKS: dict[str, Callable[[AppState], Any]] = {
    "index": lambda state: state.index.generation(),
    "encoder": _encoder,
    "objects": lambda state: _objects(state.objects),
    "uploads": lambda state: _objects(state.uploads),
    "records": _records,
}
