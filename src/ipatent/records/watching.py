"""Saved searches: a query under a name, and what it finds that it did not find before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from ipatent.encode import EncoderSpec
from ipatent.errors import NotFound, QueryError
from ipatent.records.database import Database
from ipatent.records.search_record import IndexState, RankedFigure
from ipatent.records.tables import saved_searches, seen_figures
from ipatent.records.writing import new_id, now, storable, time_of, time_text

MAX_NAME = 200
MAX_URL = 20_000

_S, _F = saved_searches.c, seen_figures.c


@dataclass(frozen=True, slots=True)
class Found:
    """The answer of one search, as much of it as a saved search looks at."""

    ranked: tuple[RankedFigure, ...]
    index: IndexState
    encoder: EncoderSpec | None


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A saved search. `unread` counts figures found new by some run and not marked as read since."""

    id: str
    name: str
    url: str
    created: datetime
    last_run: datetime | None
    """None before the first run."""
    generation: int
    """State of the index at the last run; -1 before the first."""
    unread: int
    user: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """What a run found that no earlier run had found, best first.

    Nothing is new in the `first` run, which only sees what there is. `other_encoder` and
    `other_index` warn that the ranking may be new for another reason than new patents.
    """

    new: tuple[RankedFigure, ...]
    first: bool
    index_changed: bool
    other_index: bool
    other_encoder: bool


def save(database: Database, name: str, url: str, user: str = "") -> str:
    """Keep the address of a search under a name; its id. Raises QueryError for a bad or taken name."""
    name = " ".join(storable(name).split())
    if not 0 < len(name) <= MAX_NAME:
        raise QueryError(f"A saved search's name has 1 to {MAX_NAME} characters.", "Write another one.")
    url = storable(url)
    if not url.startswith("/") or len(url) > MAX_URL:
        raise QueryError(
            "This is not the address of a search.", "Give path and query: /search?q=folding+chair"
        )
    saved_id = new_id()
    with database.writing() as connection:
        try:
            connection.execute(
                insert(saved_searches).values(
                    id=saved_id,
                    name=name,
                    url=url,
                    created=time_text(now()),
                    last_run=None,
                    index_identity="",
                    generation=-1,
                    encoder="",
                    user=storable(user)[:255],
                )
            )
        except IntegrityError:
            raise QueryError(
                f"There is a saved search named {name!r} already.", "Choose another name."
            ) from None
    return saved_id


def list_saved(database: Database) -> tuple[SavedSearch, ...]:
    """All saved searches by name."""
    with database.reading() as connection:
        return tuple(_saved(row) for row in connection.execute(_all().order_by(_S.name, _S.id)))


def get(database: Database, saved: str) -> SavedSearch:
    """The saved search of this id, or else of this name. Raises NotFound."""
    asked = storable(saved)
    with database.reading() as connection:
        row = (
            connection.execute(_all().where(_S.id == asked)).first()
            or connection.execute(_all().where(_S.name == asked)).first()
        )
    if row is None:
        raise _unknown(saved)
    return _saved(row)


def delete_saved(database: Database, saved_id: str) -> None:
    """Forget a saved search with all that it has seen. Raises NotFound."""
    with database.writing() as connection:
        if not connection.execute(delete(saved_searches).where(_S.id == storable(saved_id))).rowcount:
            raise _unknown(saved_id)


def new_since(database: Database, saved_id: str, found: Found) -> News:
    """What is new in `found` against all earlier runs; nothing is marked. Raises NotFound."""
    with database.reading() as connection:
        news, _ = _news(connection, saved_id, found)
        return news


def take_in(database: Database, saved_id: str, found: Found) -> News:
    """As `new_since`, and from now on it counts as seen: unread until `mark_read`. Raises NotFound."""
    time = time_text(now())
    with database.writing() as connection:
        news, unseen = _news(connection, saved_id, found)
        if unseen:
            connection.execute(
                insert(seen_figures),
                [
                    {
                        "saved": saved_id,
                        "figure_id": figure,
                        "first_seen": time,
                        "unread": int(not news.first),
                    }
                    for figure in unseen
                ],
            )
        connection.execute(
            update(saved_searches)
            .where(_S.id == saved_id)
            .values(
                last_run=time,
                index_identity=found.index.identity,
                generation=found.index.generation,
                encoder=_encoder(found),
            )
        )
        return news


def unread(database: Database, saved_id: str) -> tuple[str, ...]:
    """Ids of the figures found new and not read yet, latest first. Raises NotFound."""
    get(database, saved_id)
    with database.reading() as connection:
        rows = connection.execute(
            select(_F.figure_id)
            .where(_F.saved == saved_id, _F.unread == 1)
            .order_by(_F.first_seen.desc(), _F.figure_id)
        )
        return tuple(row.figure_id for row in rows)


def mark_read(database: Database, saved_id: str, figure_ids: Sequence[str] | None = None) -> int:
    """Mark the figures (all where None) as read; how many were unread. Raises NotFound."""
    get(database, saved_id)
    conditions = [_F.saved == saved_id, _F.unread == 1]
    if figure_ids is not None:
        conditions.append(_F.figure_id.in_([storable(figure) for figure in figure_ids]))
    with database.writing() as connection:
        return int(connection.execute(update(seen_figures).where(*conditions).values(unread=0)).rowcount)


def _news(connection: Any, saved_id: str, found: Found) -> tuple[News, tuple[str, ...]]:
    row = connection.execute(select(saved_searches).where(_S.id == storable(saved_id))).first()
    if row is None:
        raise _unknown(saved_id)
    seen = set(connection.execute(select(_F.figure_id).where(_F.saved == saved_id)).scalars())
    unseen: dict[str, RankedFigure] = {}
    for hit in found.ranked:
        if (figure := storable(hit.figure_id)) not in seen:
            unseen.setdefault(figure, hit)
    first = row.last_run is None
    other_index = not first and row.index_identity != found.index.identity
    news = News(
        new=() if first else tuple(unseen.values()),
        first=first,
        index_changed=not first and (other_index or row.generation != found.index.generation),
        other_index=other_index,
        other_encoder=not first and row.encoder != _encoder(found),
    )
    return news, tuple(unseen)


def _encoder(found: Found) -> str:
    spec = found.encoder
    return f"{spec.name} {spec.weights} {spec.preprocessing}" if spec else ""


def _all() -> Any:
    count = select(func.count()).where(_F.saved == _S.id, _F.unread == 1).scalar_subquery()
    return select(saved_searches, count.label("unread"))


def _saved(row: Row[Any]) -> SavedSearch:
    return SavedSearch(
        row.id,
        row.name,
        row.url,
        time_of(row.created),
        time_of(row.last_run) if row.last_run else None,
        row.generation,
        row.unread,
        row.user,
    )


def _unknown(saved: str) -> NotFound:
    return NotFound(f"There is no saved search {saved[:80]!r}.", "See the list with: ipatent watch")
