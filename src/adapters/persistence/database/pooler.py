"""Checks the database addresses where a connection pooler such as PgBouncer is used.

What depends on a session of PostgreSQL must not go through a pooler in transaction mode: settings of the session,
prepared statements, and the server process whose last commit must end before a chain continues.
"""

from contextlib import AsyncExitStack
from typing import Any

import asyncpg

from adapters.persistence.database.connections import CONNECTION_ERRORS, close_quietly, connect
from application.operational_error import OperationalError

_PID = "SELECT pg_backend_pid()"
_IDENTITY = "SELECT pg_postmaster_start_time(), oid FROM pg_database WHERE datname = current_database()"
_ROUNDS = 3
_TRANSACTION_MODE = (
    "SCORING_DATABASE_URL leads to a connection pooler in transaction mode, through which decisions cannot be "
    "recorded: set it to the address of PostgreSQL itself (or of a pooler in session mode), and "
    "SCORING_DATABASE_POOLER_URL to the address of the pooler"
)


class InvalidDatabaseAddress(OperationalError):
    """A database address that the service cannot work with."""


async def check_database_addresses(database_url: str, pooler_url: str | None) -> None:
    """Raises InvalidDatabaseAddress; a database or pooler that does not answer is not a fault of the addresses."""
    try:
        async with AsyncExitStack() as stack:

            async def opened(url: str) -> Any:
                connection = await connect(url, command_timeout=5.0, pooled=True)
                stack.push_async_callback(close_quietly, connection)
                return connection

            direct = await opened(database_url)
            if not await _is_direct(direct) and await _shares_sessions(direct, await opened(database_url)):
                raise InvalidDatabaseAddress(_TRANSACTION_MODE)
            if pooler_url is not None and await direct.fetchrow(_IDENTITY) != await (
                await opened(pooler_url)
            ).fetchrow(_IDENTITY):
                raise InvalidDatabaseAddress(
                    "SCORING_DATABASE_URL and SCORING_DATABASE_POOLER_URL lead to different databases: the pooler "
                    "must connect to the same server and database"
                )
    except (*CONNECTION_ERRORS, asyncpg.PostgresError):
        return  # reported, and retried, by what uses the connections


async def _is_direct(connection: Any) -> bool:
    """Whether PostgreSQL itself opened the connection: poolers assign process IDs of their own."""
    return bool(connection.get_server_pid() == await connection.fetchval(_PID))


async def _shares_sessions(first: Any, second: Any) -> bool:
    """Whether two connections use the same server process in turn, which a pooler in session mode never allows."""
    for _ in range(_ROUNDS):
        pid = await first.fetchval(_PID)
        async with second.transaction():
            if await second.fetchval(_PID) == pid:
                return True
            if await first.fetchval(_PID) != pid:
                return True
    return False
