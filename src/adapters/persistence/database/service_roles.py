"""Creates the service's database roles and grants what `adapters.persistence.database.privileges` declares.

They are group roles without login. An operator creates logins that are members of them, or enables login for them
(`ALTER ROLE scoring_api LOGIN PASSWORD '...'`), and gives each process the address of its own login. Migrations
run as the owner of the tables.
"""

import logging
from collections.abc import Iterator, Sequence
from typing import Any

import asyncpg

from adapters.persistence.database.connections import connect
from adapters.persistence.database.migrations import MIGRATION_LOCK
from adapters.persistence.database.privileges import (
    ACCESS,
    API,
    FUNCTION_PRIVILEGES,
    GRANTED_ROLES,
    READ,
    SEQUENCE_PRIVILEGES,
    TABLE_PRIVILEGES,
    WORKER,
)
from adapters.persistence.database.schemas import current_schema

_log = logging.getLogger(__name__)
FORMER_ROLE = "scoring_app"
"""The former common role of API and worker; it keeps the privileges of both for one release."""

_HOLDERS = {API: {API, FORMER_ROLE}, WORKER: {WORKER, FORMER_ROLE}, READ: {READ}, ACCESS: {ACCESS}}
"""The roles that receive the privileges declared for a role."""

_MAY_CREATE_ROLES = "SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user"
_MAY_SWITCH = """
SELECT count(*) > 0 FROM pg_auth_members JOIN pg_roles ON pg_roles.oid = member
WHERE roleid = (SELECT oid FROM pg_roles WHERE rolname = 'scoring_access') AND rolname = 'scoring_api'
    AND NOT rolinherit
"""
_LET_SWITCH = [f"ALTER ROLE {API} NOINHERIT;", f"GRANT {ACCESS} TO {API};"]
"""In this order: from PostgreSQL 16 on, the grant takes over that the privileges are not inherited."""
_UNLESS_DONE = """
DO $$ BEGIN
    {statement}
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
"""Temporary tables would let a read-only login fill the disk. Grant them by name to logins that need them."""
_EXISTING_ROLES = "SELECT rolname FROM pg_roles WHERE rolname = ANY($1)"
_TABLES = """
SELECT relname AS name, oid::regclass::text AS quoted, relispartition AS is_partition,
    pg_has_role(relowner, 'USAGE') AS owned
FROM pg_class WHERE relnamespace = quote_ident(current_schema())::regnamespace AND relkind IN ('r', 'p')
    AND (relispartition OR relname = ANY($1))
"""
_SEQUENCES = """
SELECT relname AS name, oid::regclass::text AS quoted FROM pg_class
WHERE relnamespace = quote_ident(current_schema())::regnamespace AND relkind = 'S' AND relname = ANY($1)
"""
_FUNCTIONS = """
SELECT proname AS name, oid::regprocedure::text AS quoted FROM pg_proc
WHERE pronamespace = quote_ident(current_schema())::regnamespace AND proname = ANY($1)
"""


async def grant_privileges(database_url: str) -> None:
    """Create missing roles if permitted, grant each exactly what is declared, and revoke everything else.

    Steps that are not permitted are logged with what to do; the service also works without the roles.
    """
    connection = await connect(database_url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", MIGRATION_LOCK)
            await _create_roles(connection)
            holders = await _existing_roles(connection)
            tables = [table for table in await connection.fetch(_TABLES, list(TABLE_PRIVILEGES)) if table["owned"]]
            if not holders:
                return
            if not tables:
                _log.info("this user does not own the tables: the privileges of the service's roles are unchanged")
                return
            sequences = await connection.fetch(_SEQUENCES, list(SEQUENCE_PRIVILEGES))
            functions = await connection.fetch(_FUNCTIONS, list(FUNCTION_PRIVILEGES))
            schema = await current_schema(connection)
            await connection.execute(";\n".join(_statements(holders, schema, tables, sequences, functions)))
            await connection.execute(_NO_TEMPORARY_TABLES)
    finally:
        await connection.close(timeout=2)


async def _existing_roles(connection: Any) -> set[str]:
    return {row["rolname"] for row in await connection.fetch(_EXISTING_ROLES, [*GRANTED_ROLES, FORMER_ROLE])}


async def _create_roles(connection: Any) -> None:
    existing = await _existing_roles(connection)
    missing = [f"CREATE ROLE {role};" for role in GRANTED_ROLES if role not in existing]
    if ACCESS in GRANTED_ROLES and not await connection.fetchval(_MAY_SWITCH):
        missing += _LET_SWITCH
    if not missing:
        return
    if await connection.fetchval(_MAY_CREATE_ROLES):
        try:
            async with connection.transaction():  # a savepoint
                for statement in missing:
                    await connection.execute(_UNLESS_DONE.format(statement=statement))
        except asyncpg.InsufficientPrivilegeError:
            pass  # roles that another user created
        else:
            return
    statements = " ".join(missing)
    _log.warning(
        "this user may not create the service's roles: have an administrator run `%s` and then run "
        "`scoring migrate` again, so that API and worker run with only the privileges they need",
        statements,
    )


def _statements(
    existing: set[str], schema: str, tables: Sequence[Any], sequences: Sequence[Any], functions: Sequence[Any]
) -> Iterator[str]:
    """The statements that leave these roles with exactly the declared privileges."""
    everyone = ", ".join(sorted(existing))
    yield f"GRANT USAGE ON SCHEMA {schema} TO {everyone}"
    # Partitions created later must not receive privileges of their own.
    yield f"ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM {everyone}"
    for table in tables:
        yield f"REVOKE ALL ON {table['quoted']} FROM {everyone}"
        if table["is_partition"]:
            continue  # accessed through the partitioned table, whose privileges apply
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
