"""Dumps of PostgreSQL with pg_dump and pg_restore."""

import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

from adapters.persistence.database.connections import CONNECTION_ERRORS, close_quietly, connect
from adapters.persistence.database.schemas import PUBLIC, current_schema, prepare_schema
from adapters.persistence.operations.client_programs import find_program, run_program, tables_in
from application.ports.operations.database_dumps import (
    DatabaseDumps,
    DatabaseNotEmpty,
    DumpFailed,
    Progress,
    RecordedState,
)
from application.ports.operations.dependencies import DependencyUnavailable
from domain.audit.checkpoint import Checkpoint, SignedCheckpoint
from domain.audit.checkpoint_copy import CheckpointCopy
from domain.audit.entry import ChainHead

COUNTED = (
    "decisions",
    "audit_entries",
    "recorded_events",
    "cases",
    "case_actions",
    "final_decisions",
    "applications",
    "application_actions",
    "notices",
    "notice_actions",
    "verification_reports",
    "checkpoints",
    "batches",
    "batch_results",
    "users",
    "policies_in_force",
)
"""The tables whose rows a backup counts."""
_TABLE = re.compile(r'(?:dumping contents of|processing data for) table "(?:[^"]*\.)?([^".]+)"')
_TABLES = """
SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'r' AND nspname !~ '^pg_' AND nspname <> 'information_schema'
"""
_OBJECTS = """
SELECT pg_describe_object('pg_class'::regclass, oid, 0) AS name FROM pg_class
WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    AND relnamespace::regnamespace::text ~ $1
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
UNION ALL
SELECT pg_describe_object('pg_proc'::regclass, oid, 0) FROM pg_proc
WHERE pronamespace::regnamespace::text ~ $1
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
ORDER BY name
"""
_NAMED = 10
T = TypeVar("T")


class PostgresDumps(DatabaseDumps):
    """Needs a login that may read or create everything: the owner of the tables.

    `folders` are searched for the client programs, in this order.
    """

    def __init__(self, database_url: str, folders: Sequence[Path]) -> None:
        self._url = database_url
        self._folders = folders

    async def dump(self, file: Path, progress: Progress) -> RecordedState:
        """One transaction exports its snapshot to pg_dump, so that the counts are exactly those of the dump."""

        async def run(connection: Any) -> RecordedState:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
                state = await _state(connection)
                show = _table_progress(progress, await connection.fetchval(_TABLES), file)
                program = find_program("pg_dump", self._folders, server_version=_major(connection))
                arguments = ("--format=custom", "--verbose", f"--snapshot={snapshot}", f"--file={file}")
                only = _only(await current_schema(connection))
                await run_program(program, (*arguments, *only), database_url=self._url, on_line=show)
            return state

        return await self._connected(run)

    async def check_empty(self) -> None:
        async def check(connection: Any) -> None:
            found = [row["name"] for row in await connection.fetch(_OBJECTS, await _schemas(connection))]
            if found:
                more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
                raise DatabaseNotEmpty(
                    f"the database is not empty: it has {', '.join(found[:_NAMED])}{more}. Nothing was restored. "
                    "Restore into a new database, or set SCORING_DATA_DIR to a new folder"
                )

        await self._connected(check)

    async def restore(self, file: Path, progress: Progress) -> None:
        """One transaction. Owners and privileges are not restored: `scoring migrate` creates them."""

        async def run(connection: Any) -> None:
            program = find_program("pg_restore", self._folders, server_version=_major(connection))
            options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--verbose")
            tables, schemas = tables_in(program, file)
            await prepare_schema(self._url)
            if (schema := await current_schema(connection)) not in schemas:
                raise DumpFailed(
                    f"the tables of the dump are in the schema {', '.join(sorted(schemas))}, those of this "
                    f"database in {schema}: restore with search_path={min(schemas, default=PUBLIC)} in the address"
                )
            show = _table_progress(progress, tables, None)
            await run_program(program, (*options, *_only(schema), str(file)), database_url=self._url, on_line=show)
            await connection.execute("ANALYZE")

        await self._connected(run)

    async def state(self) -> RecordedState:
        return await self._connected(_state)

    async def _connected(self, action: Callable[[Any], Awaitable[T]]) -> T:
        try:
            connection = await connect(self._url)
        except (*CONNECTION_ERRORS, asyncpg.PostgresError) as fault:
            raise DependencyUnavailable(
                f"the database cannot be used ({type(fault).__name__}: {fault}): check SCORING_DATABASE_URL"
            ) from fault
        try:
            return await action(connection)
        except asyncpg.InsufficientPrivilegeError as fault:
            raise DumpFailed(f"{fault}: use the login that owns the tables") from fault
        except asyncpg.UndefinedTableError as fault:
            raise DumpFailed(
                f"this is not a database of the service ({fault}): check SCORING_DATABASE_URL or SCORING_DATA_DIR"
            ) from fault
        finally:
            await close_quietly(connection)


async def _schemas(connection: Any) -> str:
    """A pattern of the schemas that must be empty: the service's own, or all but the system's."""
    schema = await connection.fetchval("SELECT current_schema()")
    return "^(?!pg_|information_schema$)" if schema in {None, PUBLIC} else f"^{schema}$"


def _only(schema: str) -> tuple[str, ...]:
    """The option that leaves out other applications' tables, where the service has a schema of its own."""
    return () if schema == PUBLIC else (f"--schema={schema}",)


def _major(connection: Any) -> int:
    major: int = connection.get_server_version().major
    return major


async def _state(connection: Any) -> RecordedState:
    present = await connection.fetchval(
        "SELECT array_agg(name) FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NOT NULL",
        COUNTED,
    )
    counts = {table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in present or ()}  # noqa: S608 - our own names
    keys = await connection.fetch("SELECT DISTINCT public_key FROM checkpoints ORDER BY public_key")
    return RecordedState(
        revision=await connection.fetchval("SELECT version_num FROM alembic_version"),
        counts=counts,
        last_checkpoint=await _last_checkpoint(connection),
        signed_with=tuple(row["public_key"].hex() for row in keys),
    )


async def _last_checkpoint(connection: Any) -> str:
    row = await connection.fetchrow("SELECT * FROM checkpoints ORDER BY number DESC LIMIT 1")
    if row is None:
        return ""
    heads = await connection.fetch(
        "SELECT chain, length, digest FROM checkpoint_heads WHERE number = $1 ORDER BY chain", row["number"]
    )
    stated = tuple(ChainHead(head["chain"], head["length"], head["digest"]) for head in heads)
    checkpoint = Checkpoint(row["number"], row["at"], row["previous"], stated)
    return CheckpointCopy.of(SignedCheckpoint(checkpoint, row["public_key"], row["signature"])).line()


def _table_progress(progress: Progress, tables: int, file: Path | None) -> Callable[[str], None]:
    """Shows which table is being read or written, from the program's verbose output."""
    done = 0

    def show(line: str) -> None:
        nonlocal done
        if match := _TABLE.search(line):
            size = f", {file.stat().st_size / 1e6:,.0f} MB written" if file and file.exists() else ""
            progress(min(done / max(tables, 1), 0.99), f"{match[1]}{size}")
            done += 1

    return show
