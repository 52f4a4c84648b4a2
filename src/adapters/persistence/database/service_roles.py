"""Create the service's database roles and grant what `adapters.persistence.database.privileges` declares.

They are group roles without a login. An operator makes logins that are members of them, or lets them log in
themselves (`ALTER ROLE scoring_api LOGIN PASSWORD '...'`), and gives each process the address of its own.
Migrations run as the owner of the tables.
"""

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from adapters.persistence.database.connections import connect
from adapters.persistence.database.migrations import MIGRATION_LOCK
from adapters.persistence.database.privileges import (
    API,
    FUNCTION_PRIVILEGES,
    READ,
    ROLES,
    SEQUENCE_PRIVILEGES,
    TABLE_PRIVILEGES,
    WORKER,
)

_log = logging.getLogger(__name__)
FORMER_ROLE = "scoring_app"
"""What API and worker shared before each had a role of its own; it keeps the rights of both for one release."""

_HOLDERS = {API: {API, FORMER_ROLE}, WORKER: {WORKER, FORMER_ROLE}, READ: {READ}}
"""Which roles get what is declared for a role."""

_MAY_MAKE_ROLES = "SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user"
_MAKE = """
DO $$ BEGIN
    CREATE ROLE {role} NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- the migration of another database was first
END $$
"""
_NO_TEMPORARY_TABLES = """
DO $$ BEGIN
    IF pg_has_role((SELECT datdba FROM pg_database WHERE datname = current_database()), 'USAGE') THEN
        EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    END IF;
END $$
"""
"""With them a login that may only read could fill the disk. Who else needs them is granted them by name."""
_EXISTING_ROLES = "SELECT rolname FROM pg_roles WHERE rolname = ANY($1)"
_TABLES = """
SELECT relname AS name, oid::regclass::text AS quoted, relispartition AS is_partition,
    pg_has_role(relowner, 'USAGE') AS owned
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
    AND (relispartition OR relname = ANY($1))
"""
_SEQUENCES = """
SELECT relname AS name, oid::regclass::text AS quoted FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' AND relname = ANY($1)
"""
_FUNCTIONS = """
SELECT proname AS name, oid::regprocedure::text AS quoted FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND proname = ANY($1)
"""


async def grant_privileges(database_url: str) -> None:
    """Make the roles that are missing, if we may, and grant each what is declared, and nothing else.

    What cannot be done is logged, with what to do: the service works without the roles too.
    """
    connection = await connect(database_url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", MIGRATION_LOCK)
            await _make_roles(connection)
            holders = await _existing(connection)
            tables = [table for table in await connection.fetch(_TABLES, list(TABLE_PRIVILEGES)) if table["owned"]]
            if not holders:
                return
            if not tables:
                _log.info("this user does not own the tables: the rights of the service's roles stay as they are")
                return
            sequences = await connection.fetch(_SEQUENCES, list(SEQUENCE_PRIVILEGES))
            functions = await connection.fetch(_FUNCTIONS, list(FUNCTION_PRIVILEGES))
            await connection.execute(";\n".join(_statements(holders, tables, sequences, functions)))
            await connection.execute(_NO_TEMPORARY_TABLES)
    finally:
        await connection.close(timeout=2)


async def _existing(connection: Any) -> set[str]:
    return {row["rolname"] for row in await connection.fetch(_EXISTING_ROLES, [*ROLES, FORMER_ROLE])}


async def _make_roles(connection: Any) -> None:
    missing = [role for role in ROLES if role not in await _existing(connection)]
    if not missing:
        return
    if await connection.fetchval(_MAY_MAKE_ROLES):
        for role in missing:
            await connection.execute(_MAKE.format(role=role))
        return
    statements = " ".join(f"CREATE ROLE {role};" for role in missing)
    _log.warning(
        "this user may not make the roles of the service: have an administrator run `%s` and then "
        "`scoring migrate` again, so that API and worker can run with no more rights than they need",
        statements,
    )


def _statements(
    existing: set[str], tables: Sequence[Any], sequences: Sequence[Any], functions: Sequence[Any]
) -> Iterator[str]:
    """What leaves these roles with the declared rights and no others."""
    everyone = ", ".join(sorted(existing))
    yield f"GRANT USAGE ON SCHEMA public TO {everyone}"
    # Partitions that are made later must not come with rights of their own.
    yield f"ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM {everyone}"
    for table in tables:
        yield f"REVOKE ALL ON {table['quoted']} FROM {everyone}"
        if table["is_partition"]:
            continue  # reached through the partitioned table, whose rights count
        for role, privileges in TABLE_PRIVILEGES[table["name"]].items():
            for holder in _HOLDERS[role] & existing:
                yield f"GRANT {privileges} ON {table['quoted']} TO {holder}"
    for sequence in sequences:
        yield f"REVOKE ALL ON SEQUENCE {sequence['quoted']} FROM {everyone}"
        for role in SEQUENCE_PRIVILEGES[sequence["name"]]:
            for holder in _HOLDERS[role] & existing:
                yield f"GRANT USAGE ON SEQUENCE {sequence['quoted']} TO {holder}"
    for function in functions:
        yield f"REVOKE ALL ON FUNCTION {function['quoted']} FROM PUBLIC, {everyone}"
        for role in FUNCTION_PRIVILEGES[function["name"]]:
            for holder in _HOLDERS[role] & existing:
                yield f"GRANT EXECUTE ON FUNCTION {function['quoted']} TO {holder}"
