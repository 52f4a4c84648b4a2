"""Which addresses the service accepts where PgBouncer is used."""

import pytest

from adapters.persistence.database.pooler import InvalidDatabaseAddress, check_database_addresses
from harness.pgbouncer import NO_PGBOUNCER, PGBOUNCER, pgbouncer
from harness.running_service import free_ports
from support.engines import database_at

pytestmark = pytest.mark.skipif(PGBOUNCER is None, reason=NO_PGBOUNCER)


async def test_accepts_postgresql_with_and_without_a_pooler_in_front(database_url: str) -> None:
    with pgbouncer([database_url]) as (pooled,):
        await check_database_addresses(database_url, None)
        await check_database_addresses(database_url, pooled)


@pytest.mark.parametrize("pool_size", [1, 4])
async def test_refuses_a_pooler_in_transaction_mode_as_the_database(database_url: str, pool_size: int) -> None:
    with (
        pgbouncer([database_url], pool_size=pool_size) as (pooled,),
        pytest.raises(InvalidDatabaseAddress, match="SCORING_DATABASE_POOLER_URL"),
    ):
        await check_database_addresses(pooled, None)


async def test_accepts_a_pooler_in_session_mode_as_the_database(database_url: str) -> None:
    with pgbouncer([database_url], pool_mode="session") as (pooled,):
        await check_database_addresses(pooled, None)


async def test_refuses_a_pooler_in_front_of_another_database(database_url: str) -> None:
    with (
        pgbouncer([database_at(database_url, "postgres")]) as (pooled,),
        pytest.raises(InvalidDatabaseAddress, match="different databases"),
    ):
        await check_database_addresses(database_url, pooled)


async def test_a_server_that_does_not_answer_is_no_fault_of_the_addresses(database_url: str) -> None:
    (port,) = free_ports(1)
    nothing = f"postgresql://scoring:x@127.0.0.1:{port}/scoring"
    await check_database_addresses(nothing, None)
    await check_database_addresses(database_url, nothing)
