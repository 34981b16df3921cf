"""What Alembic runs around the steps: they are taken on the connection, and in the transaction, given."""

from alembic import context

from ipatent.records.tables import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
