"""The role that runs the service: it can do all the service does, and change nothing that is on record."""

import logging
import re
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest

from adapters.persistence.connections import reading_engine
from adapters.persistence.migrations import migrate
from adapters.persistence.service_role import ROLE, grant_to_service
from adapters.persistence.tables import metadata
from adapters.persistence.users import PostgresUsers
from builders import a_decision_record, a_user
from databases import Store, postgres_store_at
from engines import execute

GROWING = [
    "decisions",
    "audit_entries",
    "checkpoints",
    "checkpoint_heads",
    "model_bundles",
    "scoring_policies",
]
DENIED = "permission denied"


@pytest.fixture
async def member_url(migrated_url: str) -> AsyncIterator[str]:
    """The address of somebody who is a member of the role and nothing else."""
    await grant_to_service(migrated_url)
    name = f"member_{uuid.uuid4().hex}"
    execute(migrated_url, f"CREATE ROLE {name} LOGIN IN ROLE {ROLE}")
    yield re.sub("//[^@/]*@", f"//{name}@", migrated_url)
    execute(migrated_url, f"DROP ROLE {name}")


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
    assert await users.add_if_none(a_user())
    await users.keep(a_user())
    await engine.dispose()


@pytest.mark.parametrize("table", GROWING)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {0} SET {1} = {1}"])
async def test_a_member_can_neither_change_nor_delete_what_is_on_record(
    member_url: str, table: str, statement: str
) -> None:
    column = metadata.tables[table].columns[0].name
    assert DENIED in await refused(member_url, statement.format(table, column))


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE decisions DISABLE TRIGGER append_only",
        "DROP TABLE audit_entries",
        "SET session_replication_role = replica",
        "UPDATE alembic_version SET version_num = '0000'",
        "CREATE TABLE mine (x int)",
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
