"""The role that runs the service: it can do all the service does, and change nothing that is on record."""

import logging
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from adapters.persistence.connections import reading_engine
from adapters.persistence.decision_months import MonthRefused, PostgresDecisionMonths
from adapters.persistence.idempotency_keys import PostgresIdempotencyKeys
from adapters.persistence.migrations import migrate
from adapters.persistence.service_role import ROLE, grant_to_service
from adapters.persistence.tables import metadata
from adapters.persistence.users import PostgresUsers
from builders import a_decision_record, a_user
from databases import Store, postgres_store_at
from domain.access.user import Role
from domain.month import Month
from engines import execute

GROWING = [
    "decisions",
    "audit_entries",
    "checkpoints",
    "checkpoint_heads",
    "model_bundles",
    "scoring_policies",
    "recorded_events",
]
DENIED = "permission denied"


@pytest.fixture
async def member_url(migrated_url: str) -> AsyncIterator[str]:
    """The address of somebody who is a member of the role and nothing else."""
    await grant_to_service(migrated_url)
    with a_login(migrated_url, f"IN ROLE {ROLE}") as url:
        yield url


@contextmanager
def a_login(url: str, options: str = "") -> Iterator[str]:
    """The database's address for somebody new."""
    name = f"member_{uuid.uuid4().hex}"
    execute(url, f"CREATE ROLE {name} LOGIN {options}")
    yield re.sub("//[^@/]*@", f"//{name}@", url)
    execute(url, f"DROP ROLE {name}")


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


async def test_a_member_records_reads_checkpoints_and_verifies(member_store: Store) -> None:
    record = a_decision_record()
    await member_store.ledger.record(record)
    await member_store.ledger.record_all([a_decision_record() for _ in range(3)])
    assert await member_store.archive.find(record.decision_id) == record
    assert await member_store.checkpoint()
    assert await member_store.breaks() == []


async def test_a_member_keeps_users(member_url: str) -> None:
    engine = reading_engine(member_url)
    users = PostgresUsers(engine)
    assert await users.add_if_none(a_user(role=Role.ADMIN))
    assert await users.add(a_user(name="olga"))
    assert await users.change_role("olga", Role.AUDITOR)
    assert await users.change_password("olga", "another")
    assert await users.remove("olga")
    await engine.dispose()


@pytest.mark.parametrize("table", GROWING)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {0} SET {1} = {1}"])
async def test_a_member_can_neither_change_nor_delete_what_is_on_record(
    member_url: str, table: str, statement: str
) -> None:
    column = metadata.tables[table].columns[0].name
    assert DENIED in await refused(member_url, statement.format(table, column))


async def test_a_member_has_months_made_but_owns_no_partition(own_migrated_url: str) -> None:
    """The next partitions are made by the running service, which is a member; it must not gain anything by it."""
    default_privileges = f"ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO {ROLE}"
    execute(own_migrated_url, default_privileges)
    await grant_to_service(own_migrated_url)
    far = Month.of(datetime.now(UTC)).later(6)
    with a_login(own_migrated_url, f"IN ROLE {ROLE}") as member_url:
        engine = reading_engine(member_url)
        months = PostgresDecisionMonths(engine)
        assert await months.make(far)
        with pytest.raises(MonthRefused, match="too far"):
            await months.make(far.later(12))
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
    execute(own_migrated_url, default_privileges.replace("GRANT", "REVOKE").replace(" TO ", " FROM "))


async def test_somebody_who_is_no_member_has_no_month_made(migrated_url: str) -> None:
    with a_login(migrated_url) as url:
        engine = reading_engine(url)
        with pytest.raises(MonthRefused, match=DENIED):
            await PostgresDecisionMonths(engine).make(Month.of(datetime.now(UTC)))
        await engine.dispose()


async def test_a_member_forgets_old_keys(migrated_url: str, member_url: str) -> None:
    execute(
        migrated_url,
        "INSERT INTO idempotency_keys "
        "SELECT 'broker', key, sha256('asked'), gen_random_uuid(), now() - interval '31 days' "
        "FROM generate_series(1, 3) AS key",
    )
    engine = reading_engine(member_url)
    assert await PostgresIdempotencyKeys(engine).forget(older_than=timedelta(days=30), at_most=10) == 3
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
async def test_a_member_cannot_get_round_it(member_url: str, statement: str) -> None:
    message = await refused(member_url, statement)
    assert DENIED in message or "must be owner" in message


async def test_every_table_that_only_grows_is_among_them(member_url: str) -> None:
    connection = await asyncpg.connect(member_url)
    growing = await connection.fetch(
        "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
        "WHERE tgname = 'append_only' AND NOT relispartition"
    )
    changing = await connection.fetch(
        "SELECT table_name FROM information_schema.role_table_grants WHERE grantee = $1 "
        "AND table_schema = 'public' AND privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE')",
        ROLE,
    )
    await connection.close()
    assert set(GROWING) <= {row["relname"] for row in growing}
    assert not {row["relname"] for row in growing} & {row["table_name"] for row in changing}


async def test_whoever_may_make_no_role_is_told_what_to_do(
    database_url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.persistence.service_role.ROLE", "a_role_that_is_not_there")
    monkeypatch.setattr("adapters.persistence.service_role._MAKE", "SELECT 1")
    await migrate(database_url)
    await grant_to_service(database_url)
    assert "CREATE ROLE a_role_that_is_not_there" in caplog.text


async def test_a_member_who_starts_the_service_leaves_the_rights_alone(
    member_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await grant_to_service(member_url)
    assert "does not own the tables" in caplog.text
