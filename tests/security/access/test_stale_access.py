"""Access ends if its revocation can no longer be checked."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.memory.user_directory import MemoryUserDirectory
from adapters.persistence.access.users import PostgresUsers
from adapters.persistence.access.web_sessions import PostgresWebSessions
from adapters.persistence.database.connections import database_engine
from adapters.security.access_tokens import JwtAccessTokens
from application.ports.access.credentials import TokenSubject
from application.ports.operations.dependencies import DependencyUnavailable
from application.use_cases.access.log_in import IdentifyCaller
from application.use_cases.access.web_sessions import ManageWebSessions
from domain.access.user import Role
from entrypoints.periodic_tasks.copy_refresh import STALE_SECONDS, CopyRefresh
from harness.people import add_user_if_absent
from support.memory.clock import FixedClock


class Replica:
    """One process's copy of users, and its clocks."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.seconds = 0.0
        clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.directory = MemoryUserDirectory(PostgresUsers(engine))
        self.tokens = JwtAccessTokens(b"k" * 32, clock)
        self.identify = IdentifyCaller(self.tokens, self.directory)
        self.web_sessions = ManageWebSessions(
            PostgresWebSessions(engine), self.directory, clock, timedelta(hours=1)
        )
        self.refresh = CopyRefresh(
            self.directory.refresh,
            subject="users",
            forget=self.directory.invalidate,
            monotonic=lambda: self.seconds,
        )


@pytest.fixture
async def engine(migrated_url: str) -> AsyncIterator[AsyncEngine]:
    await add_user_if_absent(migrated_url, "marta", Role.AUDITOR)
    engine = database_engine(migrated_url)
    yield engine
    await engine.dispose()


async def test_tokens_and_sessions_end_where_users_cannot_be_refreshed_for_a_minute(engine: AsyncEngine) -> None:
    """Otherwise a role of a newer release, which this one cannot read, would keep removed users logged in."""
    replica = Replica(engine)
    await replica.refresh()
    account = replica.directory.find("marta")
    assert account is not None
    token = replica.tokens.issue(TokenSubject("marta", account.generation)).token
    key = await replica.web_sessions.begin(account, address="192.0.2.1")
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE users SET role = 'of a newer release'"))
    replica.seconds = STALE_SECONDS - 1
    await replica.refresh()
    assert replica.identify(token).name == "marta"  # a short outage does not log users out
    assert replica.web_sessions.account(key) is not None
    replica.seconds = STALE_SECONDS
    await replica.refresh()
    with pytest.raises(DependencyUnavailable):
        replica.identify(token)
    assert replica.web_sessions.account(key) is None
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE users SET role = 'auditor'"))
    await replica.refresh()
    assert replica.identify(token).name == "marta"
    assert replica.web_sessions.account(key) is not None
