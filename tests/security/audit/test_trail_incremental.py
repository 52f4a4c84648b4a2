"""What an intruder with all rights on the database changes before and after a verification, and who finds it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from adapters.persistence.audit.audit_trail import IN_BACKGROUND, PostgresAuditTrail
from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.exclusive import VERIFICATION, ExclusiveSection
from application.use_cases.audit.verification_result import Verification
from application.use_cases.audit.verify_when_due import EVERYTHING_EVERY, VerifyWhenDue
from domain.access.user import Actor, Role
from domain.access.user_name import SERVICE_NAME
from domain.audit.verified_position import Scope
from support.builders import A_MOMENT, a_decision_record, an_event
from support.databases import Store, connected
from support.engines import execute
from support.memory.audit import AuditUseCases
from support.memory.clock import FixedClock

ARTHUR, SERVICE = Actor("arthur", Role.AUDITOR), Actor(SERVICE_NAME, Role.AUDITOR)
DAY = timedelta(days=1)


def tamper(url: str, statement: str) -> None:
    execute(url, f"SET session_replication_role = replica; {statement}")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(A_MOMENT)


@pytest.fixture
def audit(postgres_store: Store, clock: FixedClock) -> AuditUseCases:
    return postgres_store.audit(clock)


async def decide(store: Store, count: int) -> None:
    for _ in range(count):
        await store.ledger.record(a_decision_record())
    await store.checkpoint()


@pytest.fixture
async def verified(postgres_store: Store, audit: AuditUseCases, clock: FixedClock) -> AuditUseCases:
    """A trail that was verified, and grew since then."""
    await decide(postgres_store, 5)
    await decide(postgres_store, 5)
    assert not (await audit.verify_audit_trail(by=ARTHUR)).violations
    await decide(postgres_store, 3)
    clock.moment += DAY
    return audit


async def violations(audit: AuditUseCases) -> list[str]:
    found = await audit.verify_audit_trail(by=ARTHUR)
    assert found.scope is Scope.INCREMENTAL
    return [violation.why for violation in found.violations]


async def test_an_unchanged_trail_is_verified(verified: AuditUseCases) -> None:
    assert await violations(verified) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            "UPDATE decisions SET document = document || ' ' "
            "WHERE decision_id = (SELECT subject FROM audit_entries WHERE sequence = 12)",
            "the record was altered",
        ),
        ("DELETE FROM audit_entries WHERE sequence > 11", "cannot be found"),
        ("DELETE FROM audit_entries WHERE sequence = 10", "changed or removed"),
        ("UPDATE audit_entries SET digest = sha256('x') WHERE sequence = 10", "changed or removed"),
        ("DELETE FROM checkpoints WHERE number = 2", "changed or removed"),
        ("DELETE FROM checkpoints WHERE number >= 2", "removed since"),
        ("UPDATE checkpoints SET at = at - interval '1 hour' WHERE number = 2", "changed or removed"),
        ("DELETE FROM checkpoint_heads WHERE number = 2", "were changed since"),
        ("UPDATE checkpoint_heads SET length = 7 WHERE number = 2", "were changed since"),
    ],
)
async def test_what_concerns_the_verified_end_or_later_records_is_detected(
    migrated_url: str, verified: AuditUseCases, change: str, why: str
) -> None:
    tamper(migrated_url, change)
    assert any(why in each for each in await violations(verified))


async def test_the_end_of_a_chain_that_stopped_growing_stays_covered(
    migrated_url: str, postgres_store: Store, audit: AuditUseCases, clock: FixedClock
) -> None:
    await postgres_store.events.record_event(an_event())  # on a chain of its own
    await decide(postgres_store, 5)
    await audit.verify_audit_trail(by=ARTHUR)
    await decide(postgres_store, 2)
    clock.moment += DAY
    tamper(
        migrated_url,
        "DELETE FROM audit_entries WHERE action = 'role changed'; DELETE FROM recorded_events "
        "WHERE kind = 'role changed'",
    )
    assert any("changed or removed" in each for each in await violations(audit))


async def _columns(url: str) -> str:
    """The columns of decisions other than the identifier."""
    query = (
        "SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute "
        "WHERE attrelid = 'decisions'::regclass AND attnum > 1 AND NOT attisdropped"
    )
    async with connected(url) as connection:
        return str(await connection.fetchval(query))


async def test_a_decision_inserted_without_an_entry_is_detected(
    migrated_url: str, verified: AuditUseCases
) -> None:
    columns = await _columns(migrated_url)
    tamper(
        migrated_url,
        f"INSERT INTO decisions SELECT ('ffffffff' || substr(decision_id::text, 9))::uuid, {columns} "  # noqa: S608
        "FROM decisions LIMIT 1",
    )
    assert any("no audit entry" in each for each in await violations(verified))


ALTER_AN_OLD_RECORD = (
    "UPDATE decisions SET document = document || ' ' "
    "WHERE decision_id = (SELECT subject FROM audit_entries WHERE action = 'decision recorded' AND sequence = 2)"
)


async def test_an_altered_old_record_is_found_by_a_whole_verification_and_stays_reported(
    migrated_url: str, verified: AuditUseCases, clock: FixedClock
) -> None:
    tamper(migrated_url, ALTER_AN_OLD_RECORD)
    assert await violations(verified) == []
    clock.moment += DAY
    whole = await verified.verify_audit_trail(by=ARTHUR, whole=True)
    assert [each.why for each in whole.violations] == ["the record was altered"]
    clock.moment += DAY
    again = await verified.verify_audit_trail(by=ARTHUR)  # not incremental: nothing is based on a broken trail
    assert (again.scope, again.violation_count) == (Scope.WHOLE, 1)


@asynccontextmanager
async def a_replica(
    url: str, audit: AuditUseCases, store: Store, clock: FixedClock
) -> AsyncIterator[VerifyWhenDue]:
    engine = database_engine(url, max_connections=2, command_timeout=None)
    yield VerifyWhenDue(
        audit.verify_audit_trail,
        audit.recorded,
        store.checkpoints,
        clock,
        DAY,
        ExclusiveSection(engine, VERIFICATION),
    )
    await engine.dispose()


@pytest.fixture
async def daily(
    migrated_url: str, audit: AuditUseCases, postgres_store: Store, clock: FixedClock
) -> AsyncIterator[VerifyWhenDue]:
    async with a_replica(migrated_url, audit, postgres_store, clock) as replica:
        yield replica


async def test_the_service_verifies_daily_and_everything_weekly(
    postgres_store: Store, daily: VerifyWhenDue, clock: FixedClock, migrated_url: str
) -> None:
    assert await daily(by=SERVICE) is None  # nothing was recorded
    await decide(postgres_store, 5)
    assert await daily(by=SERVICE) is None  # a new installation is verified after a day
    found: list[tuple[int, str]] = []
    for hour in range(0, 15 * 24, 6):
        clock.moment = A_MOMENT + timedelta(hours=hour)
        if (made := await daily(by=SERVICE)) is not None:
            assert not made.violations
            found.append((hour // 24, made.scope.value))
            await decide(postgres_store, 1)
    whole = [day for day, scope in found if scope == "whole"]
    assert [day for day, _ in found] == list(range(1, 15))
    assert whole == [1, 8]

    tamper(migrated_url, ALTER_AN_OLD_RECORD)
    latest = clock.moment + EVERYTHING_EVERY + DAY
    detected: Verification | None = None
    while detected is None or not detected.violations:
        assert clock.moment <= latest, "an altered record was not noticed within a week"
        clock.moment += timedelta(hours=6)
        detected = await daily(by=SERVICE) or detected
    assert "altered" in detected.violations[0].why


async def test_one_of_several_replicas_verifies(
    migrated_url: str, audit: AuditUseCases, postgres_store: Store, daily: VerifyWhenDue, clock: FixedClock
) -> None:
    await decide(postgres_store, 5)
    clock.moment += DAY
    async with a_replica(migrated_url, audit, postgres_store, clock) as other:
        async with other.exclusively() as alone:
            assert alone
            assert await daily(by=SERVICE) is None
        assert await daily(by=SERVICE) is not None
        assert await other(by=SERVICE) is None


async def test_a_gentle_verification_reads_the_same(migrated_url: str, postgres_store: Store) -> None:
    await decide(postgres_store, 250)
    engine = database_engine(migrated_url)
    gentle = PostgresAuditTrail(engine, **{**IN_BACKGROUND, "rest": 0.1})
    assert [each async for each in gentle.entries()] == [each async for each in postgres_store.trail.entries()]
    assert len([1 async for _ in gentle.entries_after(await postgres_store.checkpoints.chain_heads())]) == 0
    await engine.dispose()
