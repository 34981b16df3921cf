"""Judgements on the web: how relevant a hit is to the query, given at once, measured, exported as qrels."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from pydantic import Field

from ipatent.errors import QueryError
from ipatent.exports import to_qrels
from ipatent.exports.trec import to_topics
from ipatent.records import Grade, Measures, query_key, searches
from ipatent.records import judgements as kept
from ipatent.records.query_key import Parameters
from ipatent.web.answers import Answer, Problem
from ipatent.web.collections import read_place
from ipatent.web.figure import find_figure
from ipatent.web.marks import MOST_QUERY, measured_for, read_parameters, said, way_back
from ipatent.web.state import AppState, State

router = APIRouter(tags=["judgements"])

PROBLEMS: dict[int | str, dict[str, object]] = {
    400: {"model": Problem, "description": "No query, or no such grade."},
    404: {"model": Problem, "description": "No such figure or record."},
}
_BACK = "-"
"""In the place of a grade: the judgement is taken back."""

Asking = Annotated[
    str, Query(max_length=MOST_QUERY, description="Query string of the search, e.g. q=folding+chair.")
]


class Judging(Answer):
    """How relevant a figure is to a query, which is named by its query string or by a record of it."""

    figure: str
    grade: int | None = Field(
        ge=0, le=2, description="2 relevant, 1 partly, 0 not relevant; null takes it back."
    )
    query: str = ""
    record: str = Field(default="", description="Id of a search record; also what is measured.")


class MeasuresAnswer(Answer):
    """How good a ranking is as far as is known; null where a measure has no meaning yet."""

    k: int
    returned: int
    judged: int
    relevant: int = Field(description="Relevant or partly so, among the returned.")
    known_relevant: int = Field(description="The same for this query, wherever found.")
    precision_of_judged: float | None
    precision: float | None = Field(description="Unjudged figures count as not relevant.")
    recall: float | None = Field(description="Of those known; the true recall may be lower.")
    ndcg: float | None


class JudgementsAnswer(Answer):
    """What holds now for one query."""

    key: str = Field(description="The topic in the qrels.")
    grades: dict[str, int] = Field(description="Grade by figure.")
    measures: MeasuresAnswer | None = Field(description="Of the record; null where there is none.")
    sentence: str = Field(description="The measures in the language of the page.")


@router.get("/judgements.json", responses=PROBLEMS)
def judgements_json(state: State, query: Asking = "", record: str = "") -> JudgementsAnswer:
    """The judgements of a query with the measures of its newest record, or of the one named."""
    return _answer(_parameters(query, record, state), record, state)


@router.post("/judgements.json", responses=PROBLEMS)
def judge_json(given: Judging, state: State) -> JudgementsAnswer:
    """Say how relevant a figure is to a query; earlier judgements are kept as history."""
    parameters = _parameters(given.query, given.record, state)
    _judge(parameters, given.figure, None if given.grade is None else Grade(given.grade), state)
    return _answer(parameters, given.record, state)


@router.post("/judgements", response_class=RedirectResponse, include_in_schema=False)
def judge(
    state: State,
    judged: Annotated[str, Form(alias="judge", max_length=2000)],
    query: Annotated[str, Form(max_length=MOST_QUERY)] = "",
    record: Annotated[str, Form(max_length=100)] = "",
    back: Annotated[str, Form(max_length=MOST_QUERY)] = "/",
) -> RedirectResponse:
    """Judge the figure that a button names as GRADE, RANK and ID, then back to its place on the page."""
    grade, _, place = judged.partition(" ")
    rank, figure = read_place(place)
    if grade not in ("0", "1", "2", _BACK):
        raise QueryError("There is no such grade.", "A figure is relevant (2), partly (1) or not (0).")
    _judge(_parameters(query, record, state), figure, None if grade == _BACK else Grade(int(grade)), state)
    return RedirectResponse(f"{way_back(back)}#hit-{rank}", 303)


@router.get("/judgements.qrels", response_class=PlainTextResponse)
def qrels(state: State, query: Asking = "") -> Response:
    """Judgements in TREC's format, `topic 0 figure grade`: all, or those of one query."""
    key = query_key(read_parameters(query)) if query else None
    return _download(to_qrels(kept.judgements_of_all(state.records, key)), "judgements.qrels")


@router.get("/judgements.topics", response_class=PlainTextResponse)
def topics(state: State) -> Response:
    """What each topic of the qrels asks: its key, a tab, the query string."""
    return _download(to_topics(kept.judged_parameters(state.records)), "judgements.topics")


def _parameters(query: str, record: str, state: AppState) -> Parameters:
    if query:
        return read_parameters(query)
    if record:
        return searches.get(state.records, record).parameters
    raise QueryError(
        "A judgement needs a query.", "Give the query string of a search, or the id of a record."
    )


def _judge(parameters: Parameters, figure: str, grade: Grade | None, state: AppState) -> None:
    if grade is not None:  # a figure that has left the index can still be taken back
        find_figure(figure, state)
    kept.judge(state.records, parameters, figure, grade)


def _answer(parameters: Parameters, record: str, state: AppState) -> JudgementsAnswer:
    key = query_key(parameters)
    found = measured_for(parameters, state, record)
    grades = kept.judgements_of(state.records, key)
    return JudgementsAnswer(
        key=key,
        grades={figure: int(grade) for figure, grade in grades.items()},
        measures=_measures(found) if found else None,
        sentence=said(found),
    )


def _measures(found: Measures) -> MeasuresAnswer:
    values: dict[str, Any] = {name: getattr(found, name) for name in MeasuresAnswer.model_fields}
    return MeasuresAnswer(**values)


def _download(text: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-cache",
    }
    return Response(text.encode("utf-8", "replace"), media_type="text/plain; charset=utf-8", headers=headers)
