"""The contract of every decision partitioning."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from adapters.persistence.database.connections import database_engine
from adapters.persistence.decisions.decision_ledger import PostgresDecisionLedger
from adapters.persistence.decisions.decision_partitions import PostgresDecisionPartitions
from application.ports.decisions.decision_partitions import DecisionPartitions
from application.use_cases.decisions.create_upcoming_partitions import CreateUpcomingPartitions
from domain.month import Month
from support.builders import a_decision_record, an_identifier
from support.memory.clock import FixedClock
from support.memory.decision_partitions import MemoryDecisionPartitions

NOW = datetime.now(UTC)
FAR = Month.of(NOW).later(7)
"""A month without a partition."""
STRAYS = 3


@pytest.fixture
async def months_in_postgres(own_migrated_url: str) -> AsyncIterator[DecisionPartitions]:
    moment = datetime(FAR.year, FAR.number, 5, tzinfo=UTC)
    records = [a_decision_record(decision_id=an_identifier(moment)) for _ in range(STRAYS)]
    await PostgresDecisionLedger(own_migrated_url).record_all(records)
    engine = database_engine(own_migrated_url)
    yield PostgresDecisionPartitions(engine)
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def months(request: pytest.FixtureRequest) -> DecisionPartitions:
    """Partitions, and three decisions of a month without a partition."""
    if request.param == "memory":
        return MemoryDecisionPartitions([FAR] * STRAYS)
    found: DecisionPartitions = request.getfixturevalue("months_in_postgres")
    return found


async def test_creating_a_partition_twice_changes_nothing(months: DecisionPartitions) -> None:
    another = FAR.later(1)
    assert await months.create(another, max_moved=0)
    assert await months.create(another, max_moved=0)


async def test_a_month_with_too_many_decisions_to_move_is_skipped(
    months: DecisionPartitions,
) -> None:
    assert not await months.create(FAR, max_moved=STRAYS - 1)
    assert not await months.create(FAR, max_moved=0)
    assert await months.create(FAR, max_moved=STRAYS)
    assert await months.create(FAR, max_moved=0)


async def test_any_number_of_decisions_is_moved_without_a_limit(months: DecisionPartitions) -> None:
    assert await months.create(FAR)


async def test_concurrent_creation_of_a_partition_does_not_fail(months: DecisionPartitions) -> None:
    assert all(await asyncio.gather(*(months.create(FAR) for _ in range(8))))


async def test_partitions_for_this_month_and_the_next_three_are_created(months: DecisionPartitions) -> None:
    assert await CreateUpcomingPartitions(months, FixedClock(NOW))() == ()
    if isinstance(months, MemoryDecisionPartitions):
        assert months.made == [Month.of(NOW).later(number) for number in range(4)]


async def test_a_skipped_month_does_not_prevent_the_others() -> None:
    this = Month.of(NOW)
    months = MemoryDecisionPartitions([this.later(1)] * 3)
    assert await CreateUpcomingPartitions(months, FixedClock(NOW))(max_moved=2) == (this.later(1),)
    assert months.made == [this, this.later(2), this.later(3)]
