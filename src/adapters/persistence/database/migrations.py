"""Migrates the database to the revision that this version of the service needs.

Revisions are numbered ("0001") consecutively; the highest file in the migrations folder is the head. A database
newer than the head is left alone: during a rolling release the older version runs on the newer version's database,
and migrations must allow for that. Alembic is imported only when there is something to do.
"""

from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import Connection, func, select

from adapters.persistence.database.connections import CONNECTION_ERRORS, connect, database_engine
from application.operational_error import OperationalError
from application.ports.operations.dependencies import DependencyUnavailable

MIGRATIONS = Path(__file__).parents[4] / "migrations"
MIGRATION_LOCK = (
    4_207_849_484  # an arbitrary number, the same in every version: concurrent starts wait for each other
)


class MigrationsNotFound(OperationalError):
    """The migrations folder is missing or empty."""


def head_revision(migrations_dir: Path = MIGRATIONS) -> str:
    """The newest revision. Raises MigrationsNotFound."""
    names = sorted(file.name for file in (migrations_dir / "versions").glob("[0-9]*_*.py"))
    if not names:
        raise MigrationsNotFound(f"there are no migrations in {migrations_dir}")
    return names[-1].partition("_")[0]


async def current_revision(database_url: str) -> str | None:
    """The database's revision, None if it is empty. Raises DependencyUnavailable."""
    try:
        connection = await connect(database_url)
    except (*CONNECTION_ERRORS, asyncpg.PostgresError) as fault:
        raise DependencyUnavailable(f"the database cannot be used ({type(fault).__name__}: {fault})") from fault
    try:
        revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close(timeout=2)
    return revision


def is_behind(revision: str | None, head: str) -> bool:
    """Whether a database at this revision lacks migrations up to the head."""
    return revision is None or not revision.isdecimal() or int(revision) < int(head)


async def migrate(database_url: str, revision: str = "head", migrations_dir: Path = MIGRATIONS) -> None:
    """Migrate the database up to a revision, all or nothing. Does nothing if the database is there already."""
    target = head_revision(migrations_dir) if revision == "head" else revision
    if is_behind(await current_revision(database_url), target):
        await _run("upgrade", database_url, target, migrations_dir)


async def roll_back(database_url: str, revision: str, migrations_dir: Path = MIGRATIONS) -> None:
    """Migrate the database down to a revision, or to "base", deleting the data of later ones."""
    await _run("downgrade", database_url, revision, migrations_dir)


async def _run(direction: str, database_url: str, revision: str, migrations_dir: Path) -> None:
    def run(connection: Connection) -> None:
        from alembic import command  # noqa: PLC0415 - slow to import, and rarely needed
        from alembic.config import Config  # noqa: PLC0415 - as above

        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(migrations_dir).replace("%", "%%"))
        steps: dict[str, Any] = {"upgrade": command.upgrade, "downgrade": command.downgrade}
        steps[direction](config, revision)

    engine = database_engine(database_url, max_connections=1, command_timeout=None)
    try:
        async with engine.begin() as connection:
            await connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            await connection.run_sync(run)
    finally:
        await engine.dispose()
