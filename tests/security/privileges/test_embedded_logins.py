"""An attacker who had a login of the embedded database for a while cannot keep or damage it."""

from collections.abc import Iterator
from contextlib import AsyncExitStack

import asyncpg
import pytest

from adapters.persistence.database.migrations import migrate
from adapters.persistence.database.privileges import API, READ, ROLES
from adapters.persistence.database.service_logins import enable_logins
from adapters.persistence.database.service_roles import grant_privileges
from support.databases import connected
from support.engines import execute


@pytest.fixture
def prepared_url(database_url: str) -> Iterator[str]:
    """An empty database; the logins of the service's roles are removed afterwards."""
    yield database_url
    for role in ROLES:
        execute(
            database_url,
            f"ALTER ROLE {role} NOLOGIN PASSWORD NULL CONNECTION LIMIT -1; ALTER ROLE {role} RESET ALL",
        )


async def test_a_start_resets_changes_that_a_login_made_to_itself(prepared_url: str) -> None:
    await migrate(prepared_url)
    await grant_privileges(prepared_url)
    logins = await enable_logins(prepared_url)
    async with connected(logins[API]) as connection:
        await connection.execute("ALTER ROLE CURRENT_USER SET default_transaction_read_only = on")
        await connection.execute("ALTER ROLE CURRENT_USER PASSWORD 'known to an attacker'")
    assert await enable_logins(prepared_url) == logins
    async with connected(logins[API]) as connection:
        assert await connection.fetchval("SHOW default_transaction_read_only") == "off"


async def test_reports_leave_connections_to_the_service(prepared_url: str) -> None:
    await migrate(prepared_url)
    await grant_privileges(prepared_url)
    logins = await enable_logins(prepared_url)
    async with AsyncExitStack() as opened:
        for _ in range(10):
            await opened.enter_async_context(connected(logins[READ]))
        with pytest.raises(asyncpg.TooManyConnectionsError, match=READ):
            await asyncpg.connect(logins[READ])
