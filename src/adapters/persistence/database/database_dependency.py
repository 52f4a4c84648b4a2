"""The health check of the database."""

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import transaction
from adapters.persistence.database.migrations import MIGRATIONS, head_revision, is_behind
from application.operational_error import OperationalError
from application.ports.operations.dependencies import Dependency


class DatabaseNotMigrated(OperationalError):
    """The database responds but lacks migrations that this version needs."""


class DatabaseDependency(Dependency):
    """PostgreSQL at the revision that this version needs."""

    name = "database"

    def __init__(self, engine: AsyncEngine, migrations_dir: Path = MIGRATIONS) -> None:
        self._engine = engine
        self._head = head_revision(migrations_dir)

    async def check(self) -> None:
        """Raises DependencyUnavailable or DatabaseNotMigrated."""
        try:
            async with transaction(self._engine) as connection:
                revision = await connection.scalar(text("SELECT version_num FROM alembic_version"))
        except ProgrammingError:
            revision = None
        if is_behind(revision, self._head):
            own = "" if revision else ", or add the search_path of the tables to the address"
            raise DatabaseNotMigrated(
                f"the database is at revision {revision}, this version needs {self._head}: "
                f"run `scoring migrate`{own}"
            )
