"""Connections: one way of opening them for the writing side and for SQLAlchemy, and one for saying they failed."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import OperationalError as DatabaseOperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from adapters.persistence.database.addresses import driver_url
from application.operational_error import OperationalError
from application.ports.operations.dependencies import DependencyUnavailable

CONNECTION_ERRORS = (
    OSError,  # time limits included
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TargetServerAttributeNotMatched,  # a standby that takes no writes
)
_DURABLE = """
SELECT set_config('synchronous_commit', 'on', false)
WHERE current_setting('synchronous_commit') IN ('off', 'local')
"""


class InsufficientPrivileges(OperationalError):
    """The login of the database's address may not do what was asked."""


async def connect(
    database_url: str,
    *,
    timeout: float = 5.0,  # noqa: ASYNC109 - the driver's own limit
    command_timeout: float | None = None,
    for_writing: bool = False,
) -> Any:
    """A connection of asyncpg's, opened within `timeout` seconds; each statement gets `command_timeout`.

    Only a server that takes writes will do where it is `for_writing`, of several hosts the first such one.
    """
    return await asyncpg.connect(
        driver_url(database_url),
        timeout=timeout,
        command_timeout=command_timeout,
        target_session_attrs="read-write" if for_writing else None,
        server_settings={"application_name": "credit-scoring"},
    )


async def connect_durably(database_url: str, *, timeout: float = 5.0) -> Any:  # noqa: ASYNC109 - the driver's own limit
    """A connection whose commits are on disk when they return, whatever the server's default says."""
    connection = await connect(database_url, timeout=timeout, command_timeout=timeout, for_writing=True)
    try:
        await connection.execute(_DURABLE)
    except BaseException:
        connection.terminate()
        raise
    return connection


async def close_quietly(connection: Any) -> None:
    """Close a connection of asyncpg's, or cut it where nobody answers: what was done on it is done."""
    with suppress(Exception):
        await connection.close(timeout=2)


def database_engine(
    database_url: str, *, max_connections: int = 4, command_timeout: float | None = 30.0
) -> AsyncEngine:
    """A small pool for reading, opened when first used; `await engine.dispose()` closes it.

    A connection that died while nobody used it is replaced unnoticed. A statement is given up after
    `command_timeout` seconds.
    """
    return create_async_engine(
        "postgresql+asyncpg://",  # the address itself goes to the driver, which knows all of libpq's parameters
        async_creator=lambda: connect(database_url, command_timeout=command_timeout),
        pool_size=max_connections,
        max_overflow=0,
        pool_timeout=5,
        pool_pre_ping=True,
    )


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection in a transaction that commits at the end.

    Raises DependencyUnavailable when there is none, and RightsMissing.
    """
    try:
        async with engine.begin() as connection:
            yield connection
    except (DatabaseOperationalError, InterfaceError, PoolTimeout, *CONNECTION_ERRORS) as fault:
        raise _unavailable(fault) from fault
    except DBAPIError as fault:
        cause = fault.orig and fault.orig.__cause__
        if isinstance(cause, asyncpg.InsufficientPrivilegeError):
            raise InsufficientPrivileges(
                f"the login of SCORING_DATABASE_URL lacks a right ({cause}): give the address of one that has it; "
                "users are looked after by the owner of the tables"
            ) from fault
        if fault.connection_invalidated or isinstance(cause, CONNECTION_ERRORS):
            raise _unavailable(fault) from fault
        raise


@contextmanager
def translated_errors() -> Iterator[None]:
    """Around what is asked of a connection of asyncpg's: raises DependencyUnavailable when nobody answers."""
    try:
        yield
    except CONNECTION_ERRORS as fault:
        raise _unavailable(fault) from fault


def _unavailable(fault: Exception) -> DependencyUnavailable:
    return DependencyUnavailable(f"the database does not answer ({type(fault).__name__})")
