"""Collections: figures that belong together for somebody, in an order, with notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from ipatent.errors import NotFound, QueryError
from ipatent.records.database import Database
from ipatent.records.tables import FIGURE_LENGTH, collection_items, collections, search_records
from ipatent.records.writing import new_id, now, storable, time_of, time_text

MAX_NAME = 200
MAX_NOTE = 20_000

_C, _I = collections.c, collection_items.c


@dataclass(frozen=True, slots=True)
class Item:
    """A figure in a collection; `record` and `rank` say in which search it was found, where known.

    It stays when the index loses the figure: it is known by its id.
    """

    figure_id: str
    note: str
    added: datetime
    record: str = ""
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection with its figures, in order."""

    id: str
    name: str
    description: str
    created: datetime
    changed: datetime
    items: tuple[Item, ...]
    user: str = ""


@dataclass(frozen=True, slots=True)
class CollectionSummary:
    """A line in the list of collections."""

    id: str
    name: str
    description: str
    created: datetime
    changed: datetime
    figures: int
    user: str = ""


def create(database: Database, name: str, description: str = "", user: str = "") -> str:
    """Make an empty collection; its id. Raises QueryError when the name is empty, long or taken."""
    name, time, collection_id = _checked(name), time_text(now()), new_id()
    with database.writing() as connection:
        _claim(
            connection,
            name,
            insert(collections).values(
                id=collection_id,
                name=name,
                description=_note(description),
                created=time,
                changed=time,
                user=storable(user)[:255],
            ),
        )
    return collection_id


def rename(database: Database, collection_id: str, name: str) -> None:
    """Give it another name. Raises QueryError as `create` does, and NotFound."""
    name = _checked(name)
    with database.writing() as connection:
        _touch(connection, collection_id)
        _claim(connection, name, update(collections).where(_C.id == collection_id).values(name=name))


def describe(database: Database, collection_id: str, description: str) -> None:
    """Write its description. Raises NotFound."""
    with database.writing() as connection:
        _touch(connection, collection_id)
        connection.execute(
            update(collections).where(_C.id == collection_id).values(description=_note(description))
        )


def delete_collection(database: Database, collection_id: str) -> None:
    """Forget a collection with its notes. Raises NotFound."""
    with database.writing() as connection:
        _touch(connection, collection_id)
        connection.execute(delete(collections).where(_C.id == collection_id))


def add(
    database: Database,
    collection_id: str,
    figure_id: str,
    note: str = "",
    record: str = "",
    rank: int | None = None,
) -> bool:
    """Put a figure at the end; False where it was in already, which changes nothing. Raises NotFound.

    The record it was found in is remembered as long as that record is kept.
    """
    return bool(add_all(database, collection_id, [(figure_id, rank)], note, record))


def add_all(
    database: Database,
    collection_id: str,
    figures: Sequence[tuple[str, int | None]],
    note: str = "",
    record: str = "",
) -> int:
    """Put figures, each with its rank where known, at the end, all or none; how many were not in already.

    All get the note and the record. Raises NotFound, and QueryError where one has no proper id.
    """
    ranks: dict[str, int | None] = {}
    for figure_id, rank in figures:
        figure_id = storable(figure_id)
        if not 0 < len(figure_id) <= FIGURE_LENGTH:
            raise QueryError("A figure without an id cannot be collected.", "Give one, e.g. USD744296S1/1/1.")
        ranks.setdefault(figure_id, rank)
    with database.writing() as connection:
        _must_be_there(connection, collection_id)
        among = select(_I.figure_id).where(_I.collection == collection_id, _I.figure_id.in_(list(ranks)))
        known = set(connection.execute(among).scalars())
        new = [figure_id for figure_id in ranks if figure_id not in known]
        if not new:
            return 0
        _touch(connection, collection_id)
        found = select(search_records.c.id).where(search_records.c.id == storable(record))
        last = select(func.coalesce(func.max(_I.position), 0)).where(_I.collection == collection_id)
        position = connection.execute(last).scalar_one()
        values: dict[str, Any] = {
            "collection": collection_id,
            "note": _note(note),
            "added": time_text(now()),
            "record": connection.execute(found).scalar(),
        }
        rows = [
            {**values, "figure_id": each, "rank": ranks[each], "position": position + place}
            for place, each in enumerate(new, 1)
        ]
        connection.execute(insert(collection_items), rows)
        return len(new)


def remove(database: Database, collection_id: str, figure_id: str) -> None:
    """Take a figure out; the others keep their order. Raises NotFound when it is not in."""
    with database.writing() as connection:
        _touch(connection, collection_id)
        if not connection.execute(delete(collection_items).where(*_item(collection_id, figure_id))).rowcount:
            raise _not_in(figure_id)


def annotate(database: Database, collection_id: str, figure_id: str, note: str) -> None:
    """Write the note of a figure. Raises NotFound when it is not in."""
    with database.writing() as connection:
        _touch(connection, collection_id)
        written = update(collection_items).where(*_item(collection_id, figure_id)).values(note=_note(note))
        if not connection.execute(written).rowcount:
            raise _not_in(figure_id)


def move(database: Database, collection_id: str, figure_id: str, place: int) -> None:
    """Put a figure at the 1-based `place`, or the nearest there is; the others close up.

    Raises NotFound when it is not in.
    """
    with database.writing() as connection:
        _touch(connection, collection_id)
        order = _order(connection, collection_id)
        if figure_id not in order:
            raise _not_in(figure_id)
        order.remove(figure_id)
        order.insert(max(place - 1, 0), figure_id)
        _write_order(connection, collection_id, order)


def reorder(database: Database, collection_id: str, figure_ids: Sequence[str]) -> None:
    """Put the figures named first, in this order; those not named follow in the order they had.

    A figure that somebody added meanwhile is therefore not lost. Raises NotFound for one not in,
    and QueryError for one named twice.
    """
    if len(set(figure_ids)) != len(figure_ids):
        raise QueryError("A figure is named twice in the new order.", "Name each one once.")
    with database.writing() as connection:
        _touch(connection, collection_id)
        order = _order(connection, collection_id)
        for figure_id in figure_ids:
            if figure_id not in order:
                raise _not_in(figure_id)
        named = set(figure_ids)
        _write_order(
            connection, collection_id, [*figure_ids, *(figure for figure in order if figure not in named)]
        )


def get(database: Database, collection: str) -> Collection:
    """The collection of this id, or else of this name. Raises NotFound."""
    with database.reading() as connection:
        asked = storable(collection)
        row = (
            connection.execute(select(collections).where(_C.id == asked)).first()
            or connection.execute(select(collections).where(_C.name == asked)).first()
        )
        if row is None:
            raise _unknown(collection)
        items = connection.execute(
            select(collection_items).where(_I.collection == row.id).order_by(_I.position, _I.number)
        )
        return Collection(
            row.id,
            row.name,
            row.description,
            time_of(row.created),
            time_of(row.changed),
            tuple(_read_item(item) for item in items),
            row.user,
        )


def list_collections(database: Database, figure_id: str = "") -> tuple[CollectionSummary, ...]:
    """All collections, last changed first; with `figure_id`, those that hold this figure."""
    return _summaries(database, _I.figure_id == storable(figure_id) if figure_id else None)


def collections_with_patent(database: Database, patent_id: str) -> tuple[CollectionSummary, ...]:
    """The collections that hold a figure of this patent, last changed first."""
    return _summaries(database, _I.figure_id.startswith(f"{storable(patent_id)}/", autoescape=True))


def _summaries(database: Database, condition: Any) -> tuple[CollectionSummary, ...]:
    count = select(func.count()).where(_I.collection == _C.id).scalar_subquery()
    query = select(collections, count.label("figures")).order_by(_C.changed.desc(), _C.id)
    if condition is not None:
        query = query.where(_C.id.in_(select(_I.collection).where(condition)))
    with database.reading() as connection:
        return tuple(
            CollectionSummary(
                row.id,
                row.name,
                row.description,
                time_of(row.created),
                time_of(row.changed),
                row.figures,
                row.user,
            )
            for row in connection.execute(query)
        )


def _checked(name: str) -> str:
    name = " ".join(storable(name).split())
    if not 0 < len(name) <= MAX_NAME:
        raise QueryError(f"A collection's name has 1 to {MAX_NAME} characters.", "Write another one.")
    return name


def _note(text: str) -> str:
    if len(text) > MAX_NOTE:
        raise QueryError(f"The note has {len(text):,} characters; the limit is {MAX_NOTE:,}.", "Shorten it.")
    return storable(text).strip()


def _claim(connection: Connection, name: str, statement: Any) -> None:
    """Run the statement; a name that is taken is reported."""
    try:
        connection.execute(statement)
    except IntegrityError:
        raise QueryError(
            f"There is a collection named {name!r} already.", "Choose another name, or add to that one."
        ) from None


def _must_be_there(connection: Connection, collection_id: str) -> None:
    """Raises NotFound where there is no such collection."""
    row = select(_C.id).where(_C.id == storable(collection_id))
    if not connection.execute(row).first():
        raise _unknown(collection_id)


def _touch(connection: Connection, collection_id: str) -> None:
    """Lock it and mark it as changed now. Raises NotFound."""
    _must_be_there(connection, collection_id)
    connection.execute(update(collections).where(_C.id == collection_id).values(changed=time_text(now())))


def _item(collection_id: str, figure_id: str) -> tuple[Any, Any]:
    return _I.collection == collection_id, _I.figure_id == storable(figure_id)


def _order(connection: Connection, collection_id: str) -> list[str]:
    rows = connection.execute(
        select(_I.figure_id).where(_I.collection == collection_id).order_by(_I.position, _I.number)
    )
    return [row.figure_id for row in rows]


def _write_order(connection: Connection, collection_id: str, order: Sequence[str]) -> None:
    for position, figure_id in enumerate(order, 1):
        connection.execute(
            update(collection_items).where(*_item(collection_id, figure_id)).values(position=position)
        )


def _read_item(row: Row[Any]) -> Item:
    return Item(row.figure_id, row.note, time_of(row.added), row.record or "", row.rank)


def _unknown(collection: str) -> NotFound:
    return NotFound(
        f"There is no collection {collection[:80]!r}.", "See the list with: ipatent collections list"
    )


def _not_in(figure_id: str) -> NotFound:
    return NotFound(f"The figure {figure_id[:80]} is not in the collection.", "It may have been taken out.")
