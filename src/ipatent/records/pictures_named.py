"""Which stored pictures the records refer to."""

import re

from sqlalchemy import select

from ipatent.records.database import Database
from ipatent.records.tables import judged_queries, saved_searches, search_records

_NAME = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


def pictures_named(database: Database) -> frozenset[str]:
    """The names of all pictures in the addresses of search records, saved searches and judged queries."""
    names: set[str] = set()
    with database.reading() as connection:
        for column in (search_records.c.url, saved_searches.c.url, judged_queries.c.parameters):
            for (text,) in connection.execute(select(column).distinct()):
                names.update(_NAME.findall(text))
    return frozenset(names)
