"""Runs Alembic's migrations in the transaction begun by `adapters.persistence.database.migrations`.

Migrations are written by hand and numbered; a test compares their result with the table definitions.
"""

from alembic import context

from adapters.persistence.applications import application_tables  # noqa: F401 - registers its tables in the metadata
from adapters.persistence.batches import batch_tables  # noqa: F401 - as above
from adapters.persistence.cases import case_tables  # noqa: F401 - as above
from adapters.persistence.database.tables import metadata
from adapters.persistence.monitoring import overview_tables  # noqa: F401 - as above
from adapters.persistence.notices import notice_tables  # noqa: F401 - as above
from adapters.persistence.outcomes import outcome_tables  # noqa: F401 - as above
from adapters.persistence.reconsiderations import reconsideration_tables  # noqa: F401 - as above
from adapters.persistence.webhooks import webhook_tables  # noqa: F401 - as above

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
