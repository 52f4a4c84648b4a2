"""Migrates the database to the revision that this version of the service needs.

Revisions are numbered ("0001") consecutively; the highest file in the migrations folder is the head. A database
newer than the head is left alone: during a rolling release the older version runs on the newer version's database,
and migrations must allow for that. Alembic is imported only when there is something to do.

Migrations of released versions run while the service decides: each in its own transaction, so that it holds locks
for as short as possible, and with a limit on waiting for a lock, since decisions wait behind it.
"""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from adapters.persistence.database.connections import (
    CONNECTION_ERRORS,
    connect,
    database_engine,
    driver_error,
)
from adapters.persistence.database.schemas import name_schema_in_statements, prepare_schema
from application.operational_error import OperationalError
from application.ports.operations.dependencies import DependencyUnavailable

MIGRATIONS = Path(__file__).parents[4] / "migrations"
MIGRATION_LOCK = (
    4_207_849_484  # an arbitrary number, the same in every version: concurrent starts wait for each other
)

FIRST_RELEASE = "0012"
"""The schema of release 0.1.0. Migrations up to it run in one transaction, later ones one by one."""
_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '2s'"
_ATTEMPTS, _PAUSE_SECONDS = 30, 1.0


class MigrationBlocked(OperationalError):
    """A migration did not get a lock. The database is at the migration before it."""


class MigrationsNotFound(OperationalError):
    """The migrations folder is missing or empty."""


def head_revision(migrations_dir: Path = MIGRATIONS) -> str:
    """The newest revision. Raises MigrationsNotFound."""
    return _revisions(migrations_dir)[-1]


def _revisions(migrations_dir: Path) -> list[str]:
    names = sorted(file.name for file in (migrations_dir / "versions").glob("[0-9]*_*.py"))
    if not names:
        raise MigrationsNotFound(f"there are no migrations in {migrations_dir}")
    return [name.partition("_")[0] for name in names]


async def current_revision(database_url: str) -> str | None:
    """The database's revision, None if it is empty. Raises DependencyUnavailable."""
    try:
        connection = await connect(database_url)
    except (*CONNECTION_ERRORS, asyncpg.PostgresError) as fault:
        raise DependencyUnavailable(
            f"the database cannot be used ({type(fault).__name__}: {fault}): check SCORING_DATABASE_URL"
        ) from fault
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
    """Migrate the database up to a revision. Does nothing if the database is there already.

    Raises SchemaNotUsable, and MigrationBlocked; repeating it continues with the migration that was blocked.
    """
    target = head_revision(migrations_dir) if revision == "head" else revision
    current = await current_revision(database_url)
    if not is_behind(current, target):
        return
    await prepare_schema(database_url)
    together = min(FIRST_RELEASE, target)
    if is_behind(current, together):
        await _run("upgrade", database_url, together, migrations_dir)
    for step in _revisions(migrations_dir):
        if together < step <= target and is_behind(current, step):
            await _run_under_traffic(database_url, step, migrations_dir)


async def _run_under_traffic(database_url: str, revision: str, migrations_dir: Path) -> None:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            await _run("upgrade", database_url, revision, migrations_dir, under_traffic=True)
        except DBAPIError as fault:
            if not isinstance(driver_error(fault), asyncpg.LockNotAvailableError):
                raise
            if attempt == _ATTEMPTS:
                raise MigrationBlocked(
                    f"migration {revision} did not get its locks: a long statement or an idle transaction uses "
                    "the tables (see pg_stat_activity). End it and run `scoring migrate` again"
                ) from fault
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            return


async def roll_back(database_url: str, revision: str, migrations_dir: Path = MIGRATIONS) -> None:
    """Migrate the database down to a revision, or to "base", deleting the data of later ones."""
    await _run("downgrade", database_url, revision, migrations_dir)


async def _run(
    direction: str, database_url: str, revision: str, migrations_dir: Path, *, under_traffic: bool = False
) -> None:
    def run(connection: Connection) -> None:
        from alembic import command  # noqa: PLC0415 - slow to import, and rarely needed
        from alembic.config import Config  # noqa: PLC0415 - as above

        name_schema_in_statements(connection)
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(migrations_dir).replace("%", "%%"))
        steps: dict[str, Any] = {"upgrade": command.upgrade, "downgrade": command.downgrade}
        steps[direction](config, revision)

    engine = database_engine(database_url, max_connections=1, command_timeout=None)
    try:
        async with engine.begin() as connection:
            await connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            if under_traffic:
                reached = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()
                if not is_behind(reached, revision):
                    return  # another process was first
                await connection.execute(text(_LOCK_TIMEOUT))
            await connection.run_sync(run)
    finally:
        await engine.dispose()
