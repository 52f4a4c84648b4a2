"""Connections to PostgreSQL for asyncpg and SQLAlchemy, and the translation of their errors."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import asyncpg
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, InterfaceError, InvalidatePoolError
from sqlalchemy.exc import OperationalError as DatabaseOperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from adapters.persistence.database.addresses import parse_address
from adapters.persistence.database.sockets import set_socket_options
from application.operational_error import OperationalError
from application.ports.operations.dependencies import DependencyUnavailable

_REFUSED = (  # name, password or database of the address: wrong, or not created or changed yet
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)
CONNECTION_ERRORS = (
    *_REFUSED,
    OSError,  # including timeouts
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InternalClientError,  # a statement sent while the server shuts down; a standby that accepts no writes
)
_DURABLE = """
SELECT set_config('synchronous_commit', 'on', false)
WHERE current_setting('synchronous_commit') IN ('off', 'local')
"""


RESPONSE_SECONDS = 2.0
"""How long an idle connection may take to answer before it is replaced."""
SET_SEARCH_PATH = "SET {} search_path TO {}"


class InsufficientPrivileges(OperationalError):
    """The login of the database address lacks a privilege."""


async def connect(
    database_url: str,
    *,
    timeout: float = 5.0,  # noqa: ASYNC109 - the driver's own limit
    command_timeout: float | None = None,
    for_writing: bool = False,
    pooled: bool = False,
) -> Any:
    """An asyncpg connection, opened within `timeout` seconds; each statement may take `command_timeout` seconds.

    A `connect_timeout` in the address replaces `timeout`.

    With `for_writing`, the first host that accepts writes is used. With `pooled`, statements are not prepared
    under names: a pooler in transaction mode executes each transaction in another session.
    """
    address = parse_address(database_url)
    connection = await asyncpg.connect(
        **address.arguments,
        timeout=address.connect_timeout or timeout,
        command_timeout=command_timeout,
        target_session_attrs="read-write" if for_writing else None,
        statement_cache_size=0 if pooled else 100,
    )
    set_socket_options(connection, address.socket_options)
    if address.search_path and not pooled:
        try:
            await connection.execute(SET_SEARCH_PATH.format("SESSION", address.search_path), timeout=timeout)
        except BaseException:
            connection.terminate()
            raise
    return connection


async def connect_durably(database_url: str, *, timeout: float = 5.0) -> Any:  # noqa: ASYNC109 - the driver's own limit
    """A connection whose commits are on disk when they return, regardless of the server's default."""
    connection = await connect(database_url, timeout=timeout, command_timeout=timeout, for_writing=True)
    try:
        await connection.execute(_DURABLE)
    except BaseException:
        connection.terminate()
        raise
    return connection


async def responds(connection: Any) -> bool:
    """Whether the server answers on an asyncpg connection; if not within RESPONSE_SECONDS, it is aborted."""
    try:
        await connection.execute("SELECT", timeout=RESPONSE_SECONDS)
    except CONNECTION_ERRORS:
        connection.terminate()
        return False
    return True


async def close_quietly(connection: Any) -> None:
    """Close an asyncpg connection, or abort it if the server does not respond. Raises nothing."""
    with suppress(Exception):
        await connection.close(timeout=2)


def database_engine(
    database_url: str,
    *,
    max_connections: int = 4,
    command_timeout: float | None = 30.0,
    pooled: bool = False,
    bulk: bool = False,
) -> AsyncEngine:
    """A small connection pool, opened on first use; `await engine.dispose()` closes it.

    Connections that died while idle are replaced transparently. Statements are cancelled after `command_timeout`
    seconds. With `pooled`, the address may be that of a pooler in transaction mode. With `bulk`, for what is done
    again after a crash, connections are not checked before use, and commits do not wait for the disk.
    """
    engine = create_async_engine(
        "postgresql+asyncpg://",  # the address is translated in `connect`
        async_creator=lambda: connect(database_url, command_timeout=command_timeout, pooled=pooled),
        pool_size=max_connections,
        max_overflow=0,
        pool_timeout=5,
    )
    if bulk:
        event.listen(engine.sync_engine, "connect", _do_not_wait_for_disk)
    else:
        event.listen(engine.sync_engine, "checkout", _check_responding)
    if pooled and (search_path := parse_address(database_url).search_path):
        set_search_path = text(SET_SEARCH_PATH.format("LOCAL", search_path))
        event.listen(engine.sync_engine, "begin", lambda connection: connection.execute(set_search_path))
    return engine


def _do_not_wait_for_disk(connection: Any, _record: object) -> None:
    connection.run_async(lambda driver: driver.execute("SET synchronous_commit = off"))


def _check_responding(connection: Any, _record: object, _fairy: object) -> None:
    """Have the pool replace all its connections if the server does not answer on one that was idle.

    One round trip, like the pool's own check, which would wait as long as for any statement.
    """
    if not connection.run_async(responds):
        raise InvalidatePoolError("no answer on an idle connection")


def pool_use(engine: AsyncEngine) -> tuple[int, int, int]:
    """The connections of the engine's pool: in use, idle, and how many there may be."""
    pool: Any = engine.pool
    return pool.checkedout(), pool.checkedin(), pool.size()


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection in a transaction that commits at the end.

    Raises DependencyUnavailable if the database is not available, and InsufficientPrivileges.
    """
    try:
        async with engine.begin() as connection:
            yield connection
    except (DatabaseOperationalError, InterfaceError, PoolTimeout, *CONNECTION_ERRORS) as fault:
        raise _unavailable(fault) from fault
    except DBAPIError as fault:
        cause = driver_error(fault)
        if isinstance(cause, asyncpg.InsufficientPrivilegeError):
            raise InsufficientPrivileges(
                f"the login of SCORING_DATABASE_URL lacks a privilege ({cause}): use a login that has it; "
                "`scoring migrate` as the owner of the tables grants what the service needs"
            ) from fault
        if isinstance(cause, CONNECTION_ERRORS):
            raise _unavailable(cause) from fault
        if fault.connection_invalidated:
            raise _unavailable(fault) from fault
        raise


@contextmanager
def translated_errors() -> Iterator[None]:
    """Translates connection errors of asyncpg calls to DependencyUnavailable."""
    try:
        yield
    except CONNECTION_ERRORS as fault:
        raise _unavailable(fault) from fault


def driver_error(fault: DBAPIError) -> BaseException | None:
    """The asyncpg error behind an error of SQLAlchemy."""
    return fault.orig.__cause__ if fault.orig else None


def _unavailable(fault: BaseException) -> DependencyUnavailable:
    if isinstance(fault, _REFUSED):
        return DependencyUnavailable(
            f"the database refuses the connection ({fault}): "
            "check user, password and database name in its address (SCORING_DATABASE_URL)"
        )
    if isinstance(fault, asyncpg.ClientConfigurationError):
        return DependencyUnavailable(f"the database address cannot be used ({fault}): check SCORING_DATABASE_URL")
    return DependencyUnavailable(f"the database does not answer ({type(fault).__name__})")
