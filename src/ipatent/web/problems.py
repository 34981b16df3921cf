"""Requests that cannot be answered: each gets a status, one sentence, and what to do about it."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from ipatent.errors import (
    EmptyIndex,
    EncoderError,
    EncoderMismatch,
    IndexProblem,
    IPatentError,
    NotFound,
    PictureError,
    QueryError,
    RecordsProblem,
)
from ipatent.pictures import NotAPicture, PictureTooLarge
from ipatent.web.answers import Problem
from ipatent.web.asked import Asked
from ipatent.web.language import gettext, noted, translate
from ipatent.web.rendering import Templates
from ipatent.wording import UnreadableExpression

# The first class that fits counts, so the narrower stand first.
STATUSES: tuple[tuple[type[IPatentError], int], ...] = (
    (NotAPicture, 415),
    (PictureTooLarge, 413),
    (PictureError, 422),
    (QueryError, 400),
    (NotFound, 404),
    (EmptyIndex, 409),
    (EncoderMismatch, 409),
    (IndexProblem, 503),
    (RecordsProblem, 503),
    (EncoderError, 503),
)

_SAID: dict[int, tuple[str, str]] = {
    404: ("There is no such page.", "Check the address, or start from the search page."),
    405: (
        "This address does not accept that kind of request.",
        "Pages are read with GET; pictures are sent with POST /upload.",
    ),
}

PHRASES = {
    400: noted("Bad Request"),
    403: noted("Forbidden"),
    404: noted("Not Found"),
    405: noted("Method Not Allowed"),
    409: noted("Conflict"),
    413: noted("Content Too Large"),
    415: noted("Unsupported Media Type"),
    422: noted("Unprocessable Content"),
    500: noted("Internal Server Error"),
    503: noted("Service Unavailable"),
}

_PARAMETERS = {
    "k": (noted("the number of results"), "Give a whole number, e.g. k=100."),
    "w": (noted("the weight of the words"), "Give a number from 0 to 1, e.g. w=0.5."),
    "file": (noted("the picture"), "Send one picture as the multipart field `file`."),
}


def respond(
    request: Request,
    status: int,
    problem: Problem,
    headers: Mapping[str, str] | None = None,
    wrong: UnreadableExpression | None = None,
) -> Response:
    """The problem as JSON where the address ends in `.json`, else as a page.

    `wrong` is marked under the field that it was typed into.
    """
    path = request.url.path
    update = {"error": translate(problem.error), "advice": translate(problem.advice)}
    if status >= 500:  # for whoever runs the server; what the user can mend needs no number
        update["request_id"] = problem.request_id or getattr(request.state, "request_id", "")
    problem = problem.model_copy(update=update)
    if path.endswith(".json"):
        without = set() if problem.request_id else {"request_id"}
        return JSONResponse(problem.model_dump(exclude=without), status, headers)
    templates: Templates = request.app.state.templates
    phrase = gettext(PHRASES.get(status) or HTTPStatus(status).phrase)
    response = templates.page(
        "problem.html",
        status,
        asked=_kept(request, status),
        problem=problem,
        code=status,
        phrase=phrase,
        wrong=wrong,
    )
    response.headers.update(headers or {})
    return response


def _kept(request: Request, status: int) -> Asked:
    """What was right stays in the form, so that only the rest need be typed again."""
    asked: Asked | None = getattr(request.state, "asked", None)
    if asked is None:
        return Asked(q=" ".join(request.query_params.get("q", "").split())[:500])
    if status == 404:  # one of them is not there
        asked = asked.but(pictures=())
    return asked.but(q=asked.q[:500])


def status_of(error: IPatentError) -> int:
    """The HTTP status for an expected failure."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 400)


def add_problem_handlers(app: FastAPI) -> None:
    """Turn every expected failure into a helpful answer instead of the framework's own."""

    async def expected(request: Request, error: Exception) -> Response:
        assert isinstance(error, IPatentError)
        problem = Problem(error=error.message, advice=error.advice)
        wrong = error if isinstance(error, UnreadableExpression) else None
        return respond(request, status_of(error), problem, wrong=wrong)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return respond(request, 400, _explain(error))

    async def from_framework(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        said = _SAID.get(error.status_code)
        message, advice = said or (f"{error.detail}.".replace("..", "."), "")
        return respond(request, error.status_code, Problem(error=message, advice=advice), error.headers)

    app.add_exception_handler(IPatentError, expected)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, from_framework)


def _explain(error: RequestValidationError) -> Problem:
    first = error.errors()[0]
    name = str(first["loc"][-1])
    meaning, advice = _PARAMETERS.get(name, (f"the parameter {name}", ""))
    if first["type"] == "missing" or name == "file":
        return Problem(error=f"The request lacks {meaning}.", advice=advice)
    given = str(first.get("input"))
    shown = given if len(given) <= 40 else given[:40] + "…"
    return Problem(error=f"{shown!r} cannot be {meaning}.", advice=advice)
