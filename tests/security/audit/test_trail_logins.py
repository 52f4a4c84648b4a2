"""Logins on the audit trail: each success, failures in bounded numbers, never a typed name that no user has."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.memory.login_attempts import MemoryLoginAttempts
from adapters.memory.user_directory import MemoryUserDirectory
from adapters.observability.wrappers.recorded_use_case import recorded_log_in
from adapters.persistence.access.users import PostgresUsers
from adapters.persistence.access.web_sessions import PostgresWebSessions
from adapters.persistence.audit.audit_events import PostgresAuditEvents
from adapters.persistence.database.connections import database_engine
from adapters.security.passwords import Argon2PasswordHasher
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.ports.access.login_attempts import TooManyAttempts
from application.ports.access.security_events import Result
from application.ports.operations.dependencies import DependencyUnavailable
from application.use_cases.access.log_in import InvalidCredentials, LogIn
from application.use_cases.access.login_records import MAX_COUNTED, FailedLogins, LoginNotRecorded, LoginRecords
from application.use_cases.access.manage_users import AddUser
from application.use_cases.access.web_sessions import ManageWebSessions
from application.use_cases.audit.event_factory import EventFactory
from domain.access.rate_limit import LoginLimits, RateLimit
from domain.access.user import Role
from support.builders import A_MOMENT
from support.databases import Store, a_login, connected
from support.memory.clock import FixedClock
from support.memory.security_events import MemorySecurityEvents

PASSWORD = "correct horse battery"
HOME = "192.0.2.1"


class Logins:
    """Logins over a database, whose limits are out of the way."""

    def __init__(self, url: str, limits: int = 10_000) -> None:
        self.engine: AsyncEngine = database_engine(url)
        self.new_event = EventFactory(SystemClock(), TimeOrderedIdentifiers())
        self.passwords = Argon2PasswordHasher(passes=1, memory_kib=64)
        limit = RateLimit(limits, timedelta(minutes=15))
        attempts = MemoryLoginAttempts(LoginLimits(limit, limit, limit), FixedClock(A_MOMENT))
        events, failures = PostgresAuditEvents(self.engine), FailedLogins(SystemClock())
        self.users = PostgresUsers(self.engine)
        self.records = LoginRecords(events, self.new_event, failures, "api", self.users)
        self.log_in = LogIn(self.users, self.passwords, attempts, self.records)

    async def attempt(self, name: str, password: str = "", address: str = HOME) -> str:
        try:
            await self.log_in(name, password, address=address)
        except (InvalidCredentials, TooManyAttempts, DependencyUnavailable) as refusal:
            return type(refusal).__name__
        return "logged in"


@pytest.fixture
async def logins(migrated_url: str) -> AsyncIterator[Logins]:
    logins = Logins(migrated_url)
    add = AddUser(PostgresUsers(logins.engine), logins.passwords, logins.new_event)
    await add("olga", Role.AUDITOR, PASSWORD, by="os:ada")
    yield logins
    await logins.engine.dispose()


async def documents(url: str, kind: str) -> list[dict[str, object]]:
    async with connected(url) as connection:
        rows = await connection.fetch("SELECT document FROM recorded_events WHERE kind = $1", kind)
    return [json.loads(row["document"]) for row in rows]


async def test_a_login_is_recorded_before_access_is_granted(
    migrated_url: str, logins: Logins, postgres_store: Store
) -> None:
    assert await logins.attempt("olga", PASSWORD) == "logged in"
    (event,) = await documents(migrated_url, "logged in")
    assert event["actor"] == "olga"
    assert event["details"] == {"user": "olga", "address": HOME, "through": "api"}
    assert await postgres_store.violations() == []


async def test_a_flood_of_failures_adds_a_bounded_number_of_events(
    migrated_url: str, logins: Logins, postgres_store: Store
) -> None:
    for attempt in range(300):
        name = "olga" if attempt % 2 else f"secret-{attempt}"
        await logins.attempt(name, address=f"198.51.{attempt % 100}.1")
    await logins.records.record_failures()
    await logins.records.record_failures()  # nothing is left
    found = await documents(migrated_url, "login failed")
    assert len(found) <= MAX_COUNTED + 1
    assert sum(int(str(each["details"]["attempts"])) for each in found) == 300  # type: ignore[index]
    assert {each["actor"] for each in found} == {"system:service"}
    assert "secret-" not in json.dumps(found)
    assert await postgres_store.violations() == []


async def test_refused_logins_are_counted(migrated_url: str, logins: Logins) -> None:
    limited = Logins(migrated_url, limits=3)
    refusals = [await limited.attempt("olga") for _ in range(5)]
    assert refusals == ["InvalidCredentials"] * 3 + ["TooManyAttempts"] * 2
    await limited.records.record_failures()
    (refused,) = await documents(migrated_url, "login refused")
    assert refused["details"]["attempts"] == 2  # type: ignore[index]
    assert refused["details"]["user"] == "olga"  # type: ignore[index]
    await limited.engine.dispose()


@pytest.mark.usefixtures("logins")
async def test_without_a_record_there_is_no_access_and_no_lockout(
    migrated_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with a_login(migrated_url) as url:
        async with connected(migrated_url) as owner:
            role = url.split("//")[1].split(":")[0]
            await owner.execute(f"GRANT SELECT, UPDATE (last_login_at) ON users TO {role}")
            powerless = Logins(url, limits=3)
            for _ in range(10):
                assert await powerless.attempt("olga", PASSWORD) == LoginNotRecorded.__name__
            logged = MemorySecurityEvents()
            with pytest.raises(LoginNotRecorded, match="cannot be recorded on the audit trail"):
                await recorded_log_in(powerless.log_in, logged)("olga", PASSWORD, address=HOME)
            assert [each.result for each in logged.recorded] == [Result.FAILED]
            assert "no access was granted: logins cannot be recorded" in caplog.text
            await owner.execute(f"GRANT SELECT, INSERT ON audit_entries, recorded_events TO {role}")
            assert await powerless.attempt("olga", PASSWORD) == "logged in"
            await powerless.engine.dispose()


async def test_a_logout_is_recorded_once(migrated_url: str, logins: Logins) -> None:
    users, sessions = PostgresUsers(logins.engine), PostgresWebSessions(logins.engine)
    directory = MemoryUserDirectory(users)
    await directory.refresh()
    manage = ManageWebSessions(sessions, directory, SystemClock(), new_event=logins.new_event)
    key = await manage.begin(await logins.log_in("olga", PASSWORD, address=HOME), address=HOME)
    await manage.end(key)
    await manage.end(key)
    (event,) = await documents(migrated_url, "logged out")
    assert (event["actor"], event["details"]) == ("olga", {"user": "olga"})


async def test_failures_are_kept_until_they_can_be_recorded(migrated_url: str, logins: Logins) -> None:
    events, logins.records = logins.records, logins.records
    unreachable = database_engine("postgresql://nobody@127.0.0.1:1/nothing")
    offline = LoginRecords(
        PostgresAuditEvents(unreachable), events.new_event, events.failures, "api", events.users
    )
    for _ in range(4):
        await logins.attempt("olga")
    with pytest.raises(DependencyUnavailable):
        await offline.record_failures()
    await logins.attempt("olga")
    await events.record_failures()
    (event,) = await documents(migrated_url, "login failed")
    assert event["details"]["attempts"] == 5  # type: ignore[index]
    await unreachable.dispose()
