"""The first tables: search records, collections, judgements, saved searches."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "schema_version",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("id = 1", name="one_row"),
    )
    op.create_table(
        "search_records",
        sa.Column("id", sa.String(12), primary_key=True),
        sa.Column("time", sa.String(32), nullable=False),
        sa.Column("last_time", sa.String(32), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("sameness", sa.String(64), nullable=False),
        sa.Column("query_key", sa.String(16), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("url", "words", "sought", "body", "ranked")),
        sa.Column("hits", sa.Integer, nullable=False),
        sa.Column("pictures", sa.Integer, nullable=False),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("user", sa.String(255), nullable=False),
    )
    op.create_index("ix_search_records_by_time", "search_records", ["time", "id"])
    op.create_index("ix_search_records_by_sameness", "search_records", ["sameness", "last_time"])
    op.create_index("ix_search_records_by_query", "search_records", ["query_key"])
    op.create_table(
        "collections",
        sa.Column("id", sa.String(12), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False, unique=True),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("changed", sa.String(32), nullable=False),
        sa.Column("user", sa.String(255), nullable=False),
    )
    op.create_table(
        "collection_items",
        sa.Column("number", number, primary_key=True, autoincrement=True),
        sa.Column(
            "collection", sa.String(12), sa.ForeignKey("collections.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("figure_id", sa.String(1024), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("added", sa.String(32), nullable=False),
        sa.Column(
            "record", sa.String(12), sa.ForeignKey("search_records.id", ondelete="SET NULL"), index=True
        ),
        sa.Column("rank", sa.Integer),
    )
    op.create_index(
        "ix_collection_items_by_figure", "collection_items", ["collection", "figure_id"], unique=True
    )
    op.create_table(
        "judgements",
        sa.Column("number", number, primary_key=True, autoincrement=True),
        sa.Column("query_key", sa.String(16), nullable=False),
        sa.Column("figure_id", sa.String(1024), nullable=False),
        sa.Column("grade", sa.Integer),
        sa.Column("time", sa.String(32), nullable=False),
        sa.Column("user", sa.String(255), nullable=False),
        sa.CheckConstraint("grade IN (0, 1, 2)", name="grade"),
    )
    op.create_index("ix_judgements_by_query", "judgements", ["query_key", "figure_id", "number"])
    op.create_table(
        "judged_queries",
        sa.Column("query_key", sa.String(16), primary_key=True),
        sa.Column("parameters", sa.Text, nullable=False),
    )
    _saved_searches()


def _saved_searches() -> None:
    op.create_table(
        "saved_searches",
        sa.Column("id", sa.String(12), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False, unique=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("last_run", sa.String(32)),
        sa.Column("index_identity", sa.Text, nullable=False),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("encoder", sa.Text, nullable=False),
        sa.Column("user", sa.String(255), nullable=False),
    )
    op.create_table(
        "seen_figures",
        sa.Column(
            "saved", sa.String(12), sa.ForeignKey("saved_searches.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("figure_id", sa.String(1024), primary_key=True),
        sa.Column("first_seen", sa.String(32), nullable=False),
        sa.Column("unread", sa.Integer, nullable=False),
        sa.CheckConstraint("unread IN (0, 1)", name="unread"),
    )
