"""How Alembic runs a migration: in the transaction that `adapters.persistence.database.migrations` began.

A new one is written by hand, numbered on; the test of the migrations compares what it leaves with the tables.
"""

from alembic import context

from adapters.persistence.batches import batch_tables  # noqa: F401 - its tables belong to the metadata
from adapters.persistence.database.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
