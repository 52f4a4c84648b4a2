"""The service's roles: created, granted the declared privileges, and unable to change records.

Their other privileges are tested in tests/security/privileges/test_least_privilege_database.py.
"""

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from adapters.persistence.access.users import PostgresUsers
from adapters.persistence.access.web_sessions import PostgresWebSessions
from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.migrations import migrate
from adapters.persistence.database.privileges import API, ROLES, WORKER
from adapters.persistence.database.service_roles import FORMER_ROLE, grant_privileges
from adapters.persistence.database.tables import metadata
from adapters.persistence.decisions.decision_partitions import PartitionRefused, PostgresDecisionPartitions
from adapters.persistence.decisions.idempotency_keys import PostgresIdempotencyKeys
from domain.access.web_session import WebSession
from domain.month import Month
from support.builders import a_decision_record, a_user, an_event
from support.databases import Store, a_login, postgres_store_at
from support.engines import execute

APPEND_ONLY_TABLES = [
    "decisions",
    "audit_entries",
    "checkpoints",
    "checkpoint_heads",
    "model_bundles",
    "scoring_policies",
    "product_definitions",
    "recorded_events",
]
DENIED = "permission denied"


@pytest.fixture(params=[API, FORMER_ROLE])
async def member_url(migrated_url: str, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The address of a login that is a member of the role and has no other privileges."""
    if request.param == FORMER_ROLE:
        execute(migrated_url, f"DROP ROLE IF EXISTS {FORMER_ROLE}; CREATE ROLE {FORMER_ROLE} NOLOGIN")
    await grant_privileges(migrated_url)
    with a_login(migrated_url, f"IN ROLE {request.param}") as url:
        yield url
    if request.param == FORMER_ROLE:
        execute(migrated_url, f"DROP OWNED BY {FORMER_ROLE}; DROP ROLE {FORMER_ROLE}")


@pytest.fixture
async def member_store(member_url: str) -> AsyncIterator[Store]:
    async with postgres_store_at(member_url) as store:
        yield store


async def refused(url: str, statement: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError) as refusal:
            await connection.execute(statement)
    finally:
        await connection.close()
    return str(refusal.value)


async def test_a_member_can_record_read_create_checkpoints_and_verify(member_store: Store) -> None:
    record = a_decision_record()
    await member_store.ledger.record(record)
    await member_store.ledger.record_all([a_decision_record() for _ in range(3)])
    assert await member_store.archive.find(record.decision_id) == record
    assert await member_store.checkpoint()
    assert await member_store.violations() == []


async def test_a_member_can_change_a_password_and_store_web_sessions(migrated_url: str, member_url: str) -> None:
    owners = database_engine(migrated_url)
    assert await PostgresUsers(owners).add(a_user(name="olga"), event=an_event())
    await owners.dispose()
    engine = database_engine(member_url)
    assert await PostgresUsers(engine).change_password("olga", "another", event=an_event())
    assert await PostgresUsers(engine).renew_generation("olga", event=an_event())
    sessions, now = PostgresWebSessions(engine), datetime.now(UTC)
    await sessions.add(WebSession(b"k" * 16, "olga", 1, "192.0.2.1", now, now))
    await sessions.refresh()
    assert await sessions.end(b"k" * 16, now)
    assert await sessions.purge(datetime.now(UTC)) == 1
    await engine.dispose()


@pytest.mark.parametrize("table", APPEND_ONLY_TABLES)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {0} SET {1} = {1}"])
async def test_a_member_cannot_change_or_delete_records(member_url: str, table: str, statement: str) -> None:
    column = metadata.tables[table].columns[0].name
    assert DENIED in await refused(member_url, statement.format(table, column))


async def test_a_member_can_create_partitions_without_owning_them(own_migrated_url: str) -> None:
    """The running service creates partitions as a member, which must not give it other privileges."""
    await grant_privileges(own_migrated_url)
    execute(own_migrated_url, f"ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO {API}, {WORKER}")
    await grant_privileges(own_migrated_url)
    far = Month.of(datetime.now(UTC)).later(6)
    with a_login(own_migrated_url, f"IN ROLE {API}") as member_url:
        engine = database_engine(member_url)
        months = PostgresDecisionPartitions(engine)
        assert await months.create(far)
        with pytest.raises(PartitionRefused, match="too far"):
            await months.create(far.later(12))
        await engine.dispose()
        for table in ("decisions_default", f"decisions_{far.year}_{far.number:02}"):
            for statement in (
                "DELETE FROM {}",
                "TRUNCATE {}",
                "SELECT FROM {}",
                "INSERT INTO {0} SELECT * FROM {0}",
            ):
                assert DENIED in await refused(member_url, statement.format(table))
            for statement in ("DROP TABLE {}", "ALTER TABLE decisions DETACH PARTITION {}"):
                assert "must be owner" in await refused(member_url, statement.format(table))


async def test_a_login_that_is_not_a_member_cannot_create_partitions(migrated_url: str) -> None:
    with a_login(migrated_url) as url:
        engine = database_engine(url)
        with pytest.raises(PartitionRefused, match=DENIED):
            await PostgresDecisionPartitions(engine).create(Month.of(datetime.now(UTC)))
        await engine.dispose()


async def test_a_member_can_purge_old_keys(migrated_url: str, member_url: str) -> None:
    execute(
        migrated_url,
        "INSERT INTO idempotency_keys "
        "SELECT 'broker', key, sha256('request'), gen_random_uuid(), now() - interval '31 days' "
        "FROM generate_series(1, 3) AS key",
    )
    engine = database_engine(member_url)
    assert await PostgresIdempotencyKeys(engine).purge(older_than=timedelta(days=30), limit=10) == 3
    await engine.dispose()


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE decisions DISABLE TRIGGER append_only",
        "DROP TABLE audit_entries",
        "SET session_replication_role = replica",
        "UPDATE alembic_version SET version_num = '0000'",
        "CREATE TABLE mine (x int)",
        "ALTER TABLE decisions_default DISABLE TRIGGER append_only",
        "ALTER FUNCTION make_decisions_month RESET search_path",
    ],
)
async def test_a_member_cannot_bypass_the_privileges(member_url: str, statement: str) -> None:
    message = await refused(member_url, statement)
    assert DENIED in message or "must be owner" in message


async def test_every_append_only_table_is_covered(member_url: str) -> None:
    connection = await asyncpg.connect(member_url)
    growing = await connection.fetch(
        "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
        "WHERE tgname = 'append_only' AND NOT relispartition"
    )
    changing = await connection.fetch(
        "SELECT table_name FROM information_schema.role_table_grants WHERE grantee = ANY($1) "
        "AND table_schema = 'public' AND privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE')",
        [*ROLES, FORMER_ROLE],
    )
    await connection.close()
    assert set(APPEND_ONLY_TABLES) <= {row["relname"] for row in growing}
    assert not {row["relname"] for row in growing} & {row["table_name"] for row in changing}


async def test_an_owner_who_cannot_create_roles_gets_instructions(
    database_url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "adapters.persistence.database.service_roles.GRANTED_ROLES", ("scoring_missing", "scoring_absent")
    )
    with a_login(database_url) as owner_url:
        execute(database_url, f"GRANT ALL ON SCHEMA public TO {owner_url.split('//')[1].split(':')[0]}")
        await migrate(owner_url)
        await grant_privileges(owner_url)
    assert "`CREATE ROLE scoring_missing; CREATE ROLE scoring_absent;`" in caplog.text


async def test_a_service_started_by_a_member_leaves_the_privileges_unchanged(
    member_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await grant_privileges(member_url)
    assert "does not own the tables" in caplog.text
