"""The database as something the service stands on."""

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import transaction
from adapters.persistence.database.migrations import MIGRATIONS, behind, head_revision
from application.operational_error import OperationalError
from application.ports.operations.dependencies import Dependency


class DatabaseNotMigrated(OperationalError):
    """The database answers, but lacks tables that this version needs."""


class DatabaseDependency(Dependency):
    """PostgreSQL, in the form that this version expects."""

    def __init__(self, engine: AsyncEngine, migrations_dir: Path = MIGRATIONS) -> None:
        self._engine = engine
        self._head = head_revision(migrations_dir)

    @property
    def name(self) -> str:
        """What operators call it."""
        return "database"

    async def check(self) -> None:
        """Return if it answers and is migrated; raises DependencyUnavailable and NotMigrated."""
        try:
            async with transaction(self._engine) as connection:
                revision = await connection.scalar(text("SELECT version_num FROM alembic_version"))
        except ProgrammingError:
            revision = None
        if behind(revision, self._head):
            raise DatabaseNotMigrated(
                f"the database is at revision {revision}, this version needs {self._head}: migrate it"
            )
