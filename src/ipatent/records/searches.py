"""Search records in the database: stored, listed, read, deleted."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from ipatent.errors import NotFound
from ipatent.records.database import Database
from ipatent.records.query_key import Parameters
from ipatent.records.search_record import (
    RankedFigure,
    SearchRecord,
    canonical,
    record_data,
    record_of,
    sameness,
)
from ipatent.records.tables import collection_items, search_records
from ipatent.records.writing import new_id, now, storable, time_of, time_text

REPEAT_MINUTES = 10
"""The same search with the same answer within this time is counted instead of stored again."""
REPLACED_SECONDS = 10
"""A search that follows its forerunner within this time, with other weights, may take its place."""

_T = search_records.c


@dataclass(frozen=True, slots=True)
class RecordSummary:
    """A line in the list of records."""

    id: str
    time: datetime
    last_time: datetime
    count: int
    url: str
    words: str
    hits: int
    pictures: int
    generation: int
    seconds: float
    user: str
    filters: Parameters = ()
    encoder: str = ""
    """Name of the encoder; empty where none was used."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the list of records, with how many there are in all."""

    records: tuple[RecordSummary, ...]
    total: int
    offset: int


def store(database: Database, record: SearchRecord, keep_days: int = 0, replaces: str = "") -> str:
    """Keep the record; its id.

    A page that is reloaded, or searched again by the back button, would fill the list: where the
    same user got the same ranking for the same address from the same index and encoder at most
    `REPEAT_MINUTES` after the last time, that record's count goes up and its id is returned. The time of
    the record stays that of the first. With `keep_days`, records older than that are deleted.

    `replaces` is the id of a record that this one takes the place of, as happens while a weight is moved:
    it is deleted where it is of the same query but for the weights, at most `REPLACED_SECONDS` old, asked
    for once, and in no collection; else it stays.
    """
    record = _storable(record)
    same, time = sameness(record), time_text(record.time)
    since = time_text(record.time - timedelta(minutes=REPEAT_MINUTES))
    with database.writing() as connection:
        if keep_days:
            _delete_old(connection, record.time, keep_days)
        found = connection.execute(
            select(_T.id).where(_T.sameness == same, _T.last_time >= since).order_by(_T.last_time.desc())
        ).first()
        if replaces and not (found and found.id == replaces):
            _take_out(connection, record, replaces)
        if found:
            later = func.max if connection.dialect.name == "sqlite" else func.greatest
            connection.execute(
                update(search_records)
                .where(_T.id == found.id)
                .values(count=search_records.c["count"] + 1, last_time=later(_T.last_time, time))
            )
            return str(found.id)
        record = replace(record, id=new_id())
        data = record_data(record)
        ranked = data.pop("ranked")
        connection.execute(
            insert(search_records).values(
                id=record.id,
                time=time,
                last_time=time,
                count=1,
                sameness=same,
                query_key=record.query_key,
                url=record.url,
                words=record.words,
                sought=_sought(record),
                body=canonical(data),
                ranked=canonical(ranked),
                hits=len(record.ranked),
                pictures=len(record.pictures),
                generation=record.index.generation,
                seconds=record.seconds,
                user=record.user,
            )
        )
        return record.id


def _take_out(connection: Any, record: SearchRecord, forerunner: str) -> None:
    kept = select(collection_items.c.record).where(collection_items.c.record.is_not(None))
    connection.execute(
        delete(search_records).where(
            _T.id == storable(forerunner),
            _T.query_key == record.query_key,
            _T.user == record.user,
            _T["count"] == 1,
            _T.time >= time_text(record.time - timedelta(seconds=REPLACED_SECONDS)),
            _T.id.not_in(kept),
        )
    )


def get(database: Database, record_id: str) -> SearchRecord:
    """The record of this id. Raises NotFound."""
    with database.reading() as connection:
        row = connection.execute(select(search_records).where(_T.id == storable(record_id))).first()
    if row is None:
        raise _unknown(record_id)
    return _record(row)


def list_records(database: Database, text: str = "", offset: int = 0, limit: int = 50) -> Page:
    """Records, newest first; with `text`, those whose words, filters or address hold each of its words."""
    conditions = [_T.sought.contains(word.lower(), autoescape=True) for word in storable(text).split()]
    with database.reading() as connection:
        total = connection.execute(select(func.count()).select_from(search_records).where(*conditions))
        rows = connection.execute(
            select(
                _T.id,
                _T.time,
                _T.last_time,
                _T["count"].label("repeats"),
                _T.url,
                _T.words,
                _T.hits,
                _T.pictures,
                _T.generation,
                _T.seconds,
                _T.user,
                _T.body,
            )
            .where(*conditions)
            .order_by(_T.time.desc(), _T.id)
            .offset(max(offset, 0))
            .limit(max(limit, 0))
        )
        return Page(tuple(_summary(row) for row in rows), int(total.scalar_one()), max(offset, 0))


def latest_of(database: Database, key: str, before: datetime | None = None) -> SearchRecord | None:
    """The newest record of a query (see `query_key`), before a time where one is given, or None."""
    conditions = [_T.query_key == key]
    if before is not None:
        conditions.append(_T.time < time_text(before))
    with database.reading() as connection:
        row = connection.execute(
            select(search_records).where(*conditions).order_by(_T.time.desc(), _T.id).limit(1)
        ).first()
    return _record(row) if row else None


def delete_record(database: Database, record_id: str) -> None:
    """Forget a record; figures that a collection has from it stay. Raises NotFound."""
    with database.writing() as connection:
        if not connection.execute(delete(search_records).where(_T.id == storable(record_id))).rowcount:
            raise _unknown(record_id)


def delete_old(database: Database, days: int, at: datetime | None = None) -> int:
    """Delete what was last asked more than `days` ago, but nothing that a collection refers to; how many."""
    if days <= 0:
        return 0
    with database.writing() as connection:
        return _delete_old(connection, at or now(), days)


def _delete_old(connection: Any, at: datetime, days: int) -> int:
    limit = time_text(at - timedelta(days=days))
    kept = select(collection_items.c.record).where(collection_items.c.record.is_not(None))
    return int(
        connection.execute(delete(search_records).where(_T.last_time < limit, _T.id.not_in(kept))).rowcount
    )


def _storable(record: SearchRecord) -> SearchRecord:
    """The record with texts that any database takes, and scores as they will be read back."""
    return replace(
        record,
        url=storable(record.url),
        words=storable(record.words),
        parameters=tuple((storable(name), storable(value)) for name, value in record.parameters),
        filters=tuple((storable(name), storable(value)) for name, value in record.filters),
        ranked=tuple(RankedFigure(storable(hit.figure_id), hit.score) for hit in record.ranked),
        user=storable(record.user)[:255],
    )


def _sought(record: SearchRecord) -> str:
    values = (value for _, value in (*record.filters, *record.parameters))
    return " ".join((record.words, *values, record.url)).lower()


def _record(row: Row[Any]) -> SearchRecord:
    data = json.loads(row.body)
    data["ranked"] = json.loads(row.ranked)
    # `Row.count` is the method of a tuple.
    return replace(record_of(data), count=row._mapping["count"], last_time=time_of(row.last_time))


def _summary(row: Any) -> RecordSummary:
    body = json.loads(row.body)
    return RecordSummary(
        row.id,
        time_of(row.time),
        time_of(row.last_time),
        row.repeats,
        row.url,
        row.words,
        row.hits,
        row.pictures,
        row.generation,
        row.seconds,
        row.user,
        tuple((name, value) for name, value in body["filters"]),
        body["encoder"]["name"] if body["encoder"] else "",
    )


def _unknown(record_id: str) -> NotFound:
    return NotFound(
        f"There is no search record {record_id[:40]!r}.",
        "It may have been deleted; see the list with: ipatent records list",
    )
