"""Judgements: how relevant a figure is to a query, with every change of mind kept."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from sqlalchemy import func, insert, select

from ipatent.errors import QueryError
from ipatent.records.database import Database, insert_once
from ipatent.records.query_key import Parameters, identifying, query_key
from ipatent.records.tables import FIGURE_LENGTH, judged_queries, judgements
from ipatent.records.writing import now, storable, time_of, time_text

_T = judgements.c


class Grade(IntEnum):
    """How relevant a figure is; the numbers are those of the qrels."""

    NOT = 0
    PARTLY = 1
    RELEVANT = 2


Judgements = Mapping[str, Grade]
"""What holds now for one query: figure id to grade."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One act of judging; a grade of None took the judgement back."""

    query_key: str
    figure_id: str
    grade: Grade | None
    time: datetime
    user: str


def judge(
    database: Database,
    parameters: Iterable[tuple[str, str]],
    figure_id: str,
    grade: Grade | None,
    user: str = "",
) -> str:
    """Say how relevant a figure is to the query of these parameters; None takes it back. The query's key.

    What was said before is kept as history. Saying the same again changes nothing.
    """
    figure_id = storable(figure_id)
    if not 0 < len(figure_id) <= FIGURE_LENGTH:
        raise QueryError("A figure without an id cannot be judged.", "Give one, e.g. USD744296S1/1/1.")
    parameters = identifying((storable(name), storable(value)) for name, value in parameters)
    if not parameters:
        raise QueryError(
            "A judgement needs a query.", "Search for something, then judge the figures that were found."
        )
    key = query_key(parameters)
    with database.writing() as connection:
        last = connection.execute(
            select(_T.grade)
            .where(_T.query_key == key, _T.figure_id == figure_id)
            .order_by(_T.number.desc())
            .limit(1)
        ).first()
        if (last.grade if last else None) == grade:
            return key
        insert_once(connection, judged_queries, query_key=key, parameters=json.dumps(parameters))
        connection.execute(
            insert(judgements).values(
                query_key=key,
                figure_id=figure_id,
                grade=None if grade is None else int(grade),
                time=time_text(now()),
                user=storable(user)[:255],
            )
        )
    return key


def judgements_of(database: Database, key: str) -> dict[str, Grade]:
    """What holds now for the query of this key (see `query_key`): figure id to grade."""
    return judgements_of_all(database, key).get(key, {})


def judgements_of_all(database: Database, key: str | None = None) -> dict[str, dict[str, Grade]]:
    """What holds now for every query: key to figure id to grade."""
    newest = select(func.max(_T.number)).group_by(_T.query_key, _T.figure_id)
    if key is not None:
        newest = newest.where(_T.query_key == storable(key))
    query = (
        select(_T.query_key, _T.figure_id, _T.grade)
        .where(_T.number.in_(newest), _T.grade.is_not(None))
        .order_by(_T.query_key, _T.figure_id)
    )
    found: dict[str, dict[str, Grade]] = {}
    with database.reading() as connection:
        for row in connection.execute(query):
            found.setdefault(row.query_key, {})[row.figure_id] = Grade(row.grade)
    return found


def history_of(database: Database, key: str, figure_id: str = "") -> tuple[Judged, ...]:
    """Every act of judging for a query, oldest first; of one figure where it is given."""
    conditions = [_T.query_key == storable(key)]
    if figure_id:
        conditions.append(_T.figure_id == storable(figure_id))
    with database.reading() as connection:
        rows = connection.execute(select(judgements).where(*conditions).order_by(_T.number))
        return tuple(
            Judged(
                row.query_key,
                row.figure_id,
                None if row.grade is None else Grade(row.grade),
                time_of(row.time),
                row.user,
            )
            for row in rows
        )


def judged_parameters(database: Database) -> dict[str, Parameters]:
    """The parameters of every query that was ever judged, by its key."""
    with database.reading() as connection:
        rows = connection.execute(select(judged_queries).order_by(judged_queries.c.query_key))
        return {
            row.query_key: tuple((name, value) for name, value in json.loads(row.parameters)) for row in rows
        }
