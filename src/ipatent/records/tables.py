"""The tables of the records, for SQLite and PostgreSQL alike.

Columns are plain: texts, whole numbers, floats. Times are texts in UTC of one fixed form, so that
they sort as they are and mean the same in every database; lists are JSON in a text.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

VERSION = 1
"""Version of these tables. A database of a newer version is refused."""

ID_LENGTH = 12
KEY_LENGTH = 16
TIME_LENGTH = 32
FIGURE_LENGTH = 1024

metadata = MetaData(
    naming_convention={  # every constraint has a name, so that a later migration can speak of it
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_Number = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only INTEGER keys

schema_version = Table(
    "schema_version",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
)

search_records = Table(
    "search_records",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("time", String(TIME_LENGTH), nullable=False),
    Column("last_time", String(TIME_LENGTH), nullable=False),
    Column("count", Integer, nullable=False),
    Column("sameness", String(64), nullable=False),
    Column("query_key", String(KEY_LENGTH), nullable=False),
    Column("url", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("sought", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("ranked", Text, nullable=False),
    Column("hits", Integer, nullable=False),
    Column("pictures", Integer, nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("user", String(255), nullable=False),
    Index("ix_search_records_by_time", "time", "id"),
    Index("ix_search_records_by_sameness", "sameness", "last_time"),
    Index("ix_search_records_by_query", "query_key"),
)

collections = Table(
    "collections",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("name", String(255), nullable=False, unique=True),
    Column("description", Text, nullable=False),
    Column("created", String(TIME_LENGTH), nullable=False),
    Column("changed", String(TIME_LENGTH), nullable=False),
    Column("user", String(255), nullable=False),
)

collection_items = Table(
    "collection_items",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("collection", ForeignKey("collections.id", ondelete="CASCADE"), nullable=False),
    Column("figure_id", String(FIGURE_LENGTH), nullable=False),
    Column("position", Integer, nullable=False),
    Column("note", Text, nullable=False),
    Column("added", String(TIME_LENGTH), nullable=False),
    Column("record", ForeignKey("search_records.id", ondelete="SET NULL"), index=True),
    Column("rank", Integer),
    Index("ix_collection_items_by_figure", "collection", "figure_id", unique=True),
)

judgements = Table(
    "judgements",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("query_key", String(KEY_LENGTH), nullable=False),
    Column("figure_id", String(FIGURE_LENGTH), nullable=False),
    Column("grade", Integer, CheckConstraint("grade IN (0, 1, 2)", name="grade")),
    Column("time", String(TIME_LENGTH), nullable=False),
    Column("user", String(255), nullable=False),
    Index("ix_judgements_by_query", "query_key", "figure_id", "number"),
)

judged_queries = Table(
    "judged_queries",
    metadata,
    Column("query_key", String(KEY_LENGTH), primary_key=True),
    Column("parameters", Text, nullable=False),
)

saved_searches = Table(
    "saved_searches",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("name", String(255), nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("created", String(TIME_LENGTH), nullable=False),
    Column("last_run", String(TIME_LENGTH)),
    Column("index_identity", Text, nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("encoder", Text, nullable=False),
    Column("user", String(255), nullable=False),
)

seen_figures = Table(
    "seen_figures",
    metadata,
    Column("saved", ForeignKey("saved_searches.id", ondelete="CASCADE"), primary_key=True),
    Column("figure_id", String(FIGURE_LENGTH), primary_key=True),
    Column("first_seen", String(TIME_LENGTH), nullable=False),
    Column("unread", Integer, CheckConstraint("unread IN (0, 1)", name="unread"), nullable=False),
)
