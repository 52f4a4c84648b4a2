"""Monthly partitions of decisions: none is lost, and creating a partition blocks no writer."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from adapters.persistence.database.connections import database_engine
from adapters.persistence.decisions.decision_ledger import PostgresDecisionLedger
from adapters.persistence.decisions.decision_partitions import PartitionRefused, PostgresDecisionPartitions
from adapters.system import TimeOrderedIdentifiers
from application.ports.operations.dependencies import DependencyUnavailable
from domain.decisions.decision_record import DecisionRecord
from domain.month import Month
from support.builders import a_decision_record, an_identifier
from support.databases import Store, postgres_store_at

THIS = Month.of(datetime.now(UTC))
FAR = THIS.later(7)
NO_MONTH = "decisions_default"
A_MILLISECOND = timedelta(milliseconds=1)


def partition(month: Month) -> str:
    return f"decisions_{month.year}_{month.number:02}"


def start(month: Month) -> datetime:
    return datetime(month.year, month.number, 1, tzinfo=UTC)


def first_of(month: Month) -> UUID:
    """The lowest identifier of a month."""
    return UUID(int=int(start(month).timestamp() * 1000) << 80)


async def fetch(url: str, question: str, *arguments: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        rows: list[asyncpg.Record] = await connection.fetch(question, *arguments)
        return rows
    finally:
        await connection.close()


async def places(url: str) -> dict[UUID, str]:
    """In which partition each decision lies."""
    rows = await fetch(url, "SELECT decision_id, tableoid::regclass::text AS partition FROM decisions")
    assert len(rows) == len({row["decision_id"] for row in rows})
    return {row["decision_id"]: row["partition"] for row in rows}


async def partitions(url: str) -> set[str]:
    rows = await fetch(
        url, "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'decisions'::regclass"
    )
    return {row[0] for row in rows}


@pytest.fixture
async def own(own_migrated_url: str) -> AsyncIterator[Store]:
    async with postgres_store_at(own_migrated_url) as store:
        yield store


@pytest.fixture
async def months(own_migrated_url: str) -> AsyncIterator[PostgresDecisionPartitions]:
    engine = database_engine(own_migrated_url, max_connections=8)
    yield PostgresDecisionPartitions(engine)
    await engine.dispose()


async def test_a_new_database_has_partitions_for_this_month_and_three_more(own_migrated_url: str) -> None:
    assert await partitions(own_migrated_url) == {partition(THIS.later(n)) for n in range(4)} | {NO_MONTH}


@pytest.mark.parametrize(
    "month", [Month(1970, 1), THIS, Month(2027, 12), Month(2028, 2), Month(9999, 12)], ids=str
)
async def test_the_first_identifier_of_a_month_is_its_first_millisecond(migrated_url: str, month: Month) -> None:
    ((found,),) = await fetch(migrated_url, "SELECT first_decision_id($1)", month.first_day)
    assert found == first_of(month)


async def test_decisions_are_in_the_partition_of_their_identifiers_month(
    own_migrated_url: str, own: Store
) -> None:
    turn = start(THIS.later(1))
    expected = {
        TimeOrderedIdentifiers().new(): partition(Month.of(datetime.now(UTC))),
        an_identifier(start(THIS)): partition(THIS),
        an_identifier(turn - A_MILLISECOND): partition(THIS),
        an_identifier(turn): partition(THIS.later(1)),
        an_identifier(start(THIS.later(4)) - A_MILLISECOND): partition(THIS.later(3)),
    }
    await own.ledger.record_all([a_decision_record(decision_id=each) for each in expected])
    assert await places(own_migrated_url) == expected


async def test_a_decision_without_a_monthly_partition_is_stored_and_found(
    own_migrated_url: str, own: Store
) -> None:
    strange = [uuid4(), UUID(int=0), UUID(int=2**128 - 1), an_identifier(start(THIS) - A_MILLISECOND)]
    strange += [an_identifier(datetime(2999, 1, 1, tzinfo=UTC)), an_identifier(datetime(1970, 1, 1, tzinfo=UTC))]
    records = [a_decision_record(decision_id=each) for each in strange]
    for record in records:
        await own.ledger.record(record)
    assert await places(own_migrated_url) == dict.fromkeys(strange, NO_MONTH)
    assert [await own.archive.find(each) for each in strange] == records
    assert await own.violations() == []


async def test_finding_a_decision_reads_one_partition(migrated_url: str) -> None:
    for identifier, expected in ((an_identifier(start(THIS)), partition(THIS)), (uuid4(), NO_MONTH)):
        question = f"EXPLAIN (FORMAT JSON) SELECT document FROM decisions WHERE decision_id = '{identifier}'"  # noqa: S608 - a test's own text
        ((plan,),) = await fetch(migrated_url, question)
        assert json.loads(plan)[0]["Plan"]["Relation Name"] == expected


async def test_the_newest_decisions_are_read_from_the_partitions_indexes(migrated_url: str) -> None:
    connection = await asyncpg.connect(migrated_url)
    await connection.execute("SET enable_seqscan = off")  # nothing is in the tables
    rows = await connection.fetch(
        "EXPLAIN SELECT decided_at, decision_id FROM decisions ORDER BY decided_at DESC, decision_id DESC LIMIT 10"
    )
    await connection.close()
    steps = [row[0] for row in rows]
    assert "Merge Append" in steps[1]
    assert len([step for step in steps if "Index Only Scan Backward" in step]) == 5
    assert not [step for step in steps if "Sort  (" in step]


async def test_decisions_are_recorded_across_the_end_of_a_month(
    own_migrated_url: str, own: Store, months: PostgresDecisionPartitions
) -> None:
    """Writers cross into a month without a partition while replicas create that partition."""
    last, turn = THIS.later(3), start(THIS.later(4))
    moments = [turn + timedelta(milliseconds=number - 150) for number in range(300)]
    records = [a_decision_record(decision_id=an_identifier(moment)) for moment in moments]

    async def write(some: list[DecisionRecord]) -> None:
        for record in some:
            await own.ledger.record(record)

    async def make() -> None:
        for month in (last, THIS.later(4), THIS.later(5)):
            assert await months.create(month)

    shares = [records[number::10] for number in range(10)]
    await asyncio.gather(*(write(share[:20]) for share in shares))
    await asyncio.gather(*(write(share[20:]) for share in shares), make(), make())
    found = await places(own_migrated_url)
    assert found == {
        record.decision_id: partition(Month.of(moment)) for record, moment in zip(records, moments, strict=True)
    }
    assert await own.violations() == []


async def test_decisions_move_to_a_partition_that_is_created_late(
    own_migrated_url: str, own: Store, months: PostgresDecisionPartitions
) -> None:
    undated = a_decision_record()
    late = [a_decision_record(decision_id=an_identifier(start(FAR))) for _ in range(20)]
    await own.ledger.record_all([undated, *late])
    assert set((await places(own_migrated_url)).values()) == {NO_MONTH}
    assert not await months.create(FAR, max_moved=19)
    assert set((await places(own_migrated_url)).values()) == {NO_MONTH}
    assert await months.create(FAR, max_moved=20)
    further = a_decision_record(decision_id=an_identifier(start(FAR)))
    await own.ledger.record(further)
    expected = dict.fromkeys([record.decision_id for record in [*late, further]], partition(FAR))
    assert await places(own_migrated_url) == {undated.decision_id: NO_MONTH, **expected}
    assert await own.violations() == []
    for table in (NO_MONTH, partition(FAR)):
        await must_not_change(own_migrated_url, table)


async def must_not_change(url: str, table: str) -> None:
    """It must not be possible to change or empty a partition directly, even for its owner."""
    for statement in (
        "DELETE FROM {}",
        "TRUNCATE {}",
        "UPDATE {} SET channel = 'web'",
        "DELETE FROM {} WHERE false",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=f"{table.rpartition('.')[2]} is append-only"):
            await fetch(url, statement.format(table))


async def test_documents_are_not_compressed_in_present_and_new_partitions(
    own_migrated_url: str, months: PostgresDecisionPartitions
) -> None:
    await months.create(FAR)
    options = await fetch(
        own_migrated_url,
        "SELECT relname, reloptions FROM pg_class JOIN pg_inherits ON pg_class.oid = inhrelid "
        "WHERE inhparent = 'decisions'::regclass",
    )
    assert partition(FAR) in {row["relname"] for row in options}
    assert {tuple(row["reloptions"] or ()) for row in options} == {("toast_tuple_target=4080",)}


async def test_partitions_can_be_neither_changed_nor_truncated(
    own_migrated_url: str, months: PostgresDecisionPartitions
) -> None:
    await months.create(FAR)
    found = await partitions(own_migrated_url)
    assert len(found) == 6
    for table in found:
        await must_not_change(own_migrated_url, table)


async def test_a_partition_of_several_months_needs_no_monthly_one(
    own_migrated_url: str, months: PostgresDecisionPartitions
) -> None:
    spanning = f"FROM ('{first_of(FAR.later(-1))}') TO ('{first_of(FAR.later(1))}')"
    await fetch(own_migrated_url, f"CREATE TABLE a_quarter PARTITION OF decisions FOR VALUES {spanning}")
    before = await partitions(own_migrated_url)
    for month in (FAR.later(-1), FAR):
        assert await months.create(month)
    assert await partitions(own_migrated_url) == before
    assert await months.create(FAR.later(1))
    assert await partitions(own_migrated_url) == before | {partition(FAR.later(1))}


async def test_a_distant_month_is_rejected(months: PostgresDecisionPartitions) -> None:
    for month in (THIS.later(14), THIS.later(-38)):
        with pytest.raises(PartitionRefused, match=f"partition of {month} cannot be created"):
            await months.create(month)


async def test_writers_do_not_wait_while_a_partition_waits_for_a_reader(
    own_migrated_url: str, own: Store, months: PostgresDecisionPartitions
) -> None:
    """A long read by an auditor holds a lock that a new partition needs."""
    reader = await asyncpg.connect(own_migrated_url)
    reading = reader.transaction()
    await reading.start()
    await reader.fetch("SELECT count(*) FROM decisions")
    waiting = asyncio.create_task(months.create(FAR))
    slowest = 0.0
    while not waiting.done():
        began = asyncio.get_running_loop().time()
        await own.ledger.record(a_decision_record(decision_id=TimeOrderedIdentifiers().new()))
        slowest = max(slowest, asyncio.get_running_loop().time() - began)
    with pytest.raises(DependencyUnavailable):
        await waiting
    assert slowest < 0.8  # it waits for a second
    await reading.rollback()
    await reader.close()
    assert await months.create(FAR)


async def test_an_open_ledger_continues_after_a_partition_is_created(
    own_migrated_url: str, months: PostgresDecisionPartitions
) -> None:
    ledger = PostgresDecisionLedger(own_migrated_url)
    await ledger.open()
    try:
        for month in (FAR, FAR.later(1)):
            before, after = (a_decision_record(decision_id=an_identifier(start(month))) for _ in range(2))
            await ledger.record(before)
            assert await months.create(month)
            await ledger.record(after)
            found = await places(own_migrated_url)
            assert found[before.decision_id] == found[after.decision_id] == partition(month)
    finally:
        await ledger.close()


async def test_the_trail_verifies_without_an_archived_month(own: Store, own_migrated_url: str) -> None:
    for month in (THIS, THIS.later(1)):
        await own.ledger.record(a_decision_record(decision_id=an_identifier(start(month))))
    await fetch(own_migrated_url, f"ALTER TABLE decisions DETACH PARTITION {partition(THIS)}")
    without = await own.verify(archived={THIS})
    assert (without.entries, without.violations, without.archived) == (2, (), 1)
    (missing,) = (await own.verify(archived={THIS.later(-1)})).violations
    assert missing.why == "the record is missing"
    bounds = [f"first_decision_id('{month.first_day}')" for month in (THIS, THIS.later(1))]
    await fetch(
        own_migrated_url,
        f"ALTER TABLE decisions ATTACH PARTITION {partition(THIS)} FOR VALUES FROM ({bounds[0]}) TO ({bounds[1]})",
    )
    again = await own.verify(archived={THIS})
    assert (again.violations, again.archived) == ((), 0)
