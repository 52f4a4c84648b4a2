"""An overview from aggregates equals a count of the rows, whatever is recorded and however it is added."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from adapters.persistence.database.connections import close_quietly, connect_durably, database_engine
from adapters.persistence.decisions.bulk import write_records
from adapters.persistence.decisions.documents import decode
from adapters.persistence.monitoring.aggregate_statements import ADD_PENDING
from adapters.persistence.monitoring.decision_aggregates import PostgresDecisionAggregates
from adapters.persistence.monitoring.decision_figures import PostgresDecisionFigures
from application.ports.decisions.decision_ledger import DecisionLedger
from application.use_cases.monitoring.aggregate_decisions import AggregateDecisions
from domain.decisions.decision_record import DecisionRecord
from domain.models.probability import ProbabilityOfDefault
from domain.monitoring.overview import Overview
from domain.monitoring.overview_filter import DEFAULT_FILTER, MOST_NAMES, OverviewFilter
from domain.monitoring.period import Period
from domain.policies.outcome import Outcome
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import (
    a_decision,
    a_decision_record,
    a_prediction,
    a_reason,
    an_identifier,
    an_identity,
)
from support.databases import Store, connected, ledger_at
from support.memory.decisions import MemoryDecisions
from support.memory.figures import MemoryDecisionFigures

NOW = datetime(2026, 3, 14, 15, 9, 26, 535897, tzinfo=UTC)
CODES = list(PERSONAL_LOAN.reasons)
SOURCES = tuple(f"partner {number}" for number in range(MOST_NAMES + 5))
"""Some more than have sums of their own."""


class Database:
    """A database with aggregates, and what its rows say."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.chance = random.Random(0)  # noqa: S311 - not a secret
        self.number = 0
        self.engine = database_engine(url)
        self.aggregates = PostgresDecisionAggregates(self.engine)
        self.figures = PostgresDecisionFigures(self.engine)

    def records(self, count: int) -> Sequence[DecisionRecord]:
        """Decisions of the last days, many of them in the current hour."""
        return [self._record() for _ in range(count)]

    def _record(self) -> DecisionRecord:
        self.number += 1
        chance = self.chance
        ago = timedelta(seconds=chance.choice((600, 90_000, 500_000)) * chance.random())
        reasons = tuple(a_reason(code) for code in chance.sample(CODES, chance.randrange(4)))
        outcome = chance.choice(list(Outcome))
        return a_decision_record(
            decision_id=an_identifier(NOW - ago + timedelta(days=chance.choice((0, 0, 40)))),
            decided_at=NOW - ago,
            prediction=a_prediction(
                pd=ProbabilityOfDefault(chance.randrange(1, 1024) / 1024),  # adds up exactly
                out_of_domain=chance.choice(((), ("annual_inc",))),
            ),
            decision=a_decision(
                outcome=outcome, reasons=reasons, policy_version=chance.choice("12"), grade=chance.choice("AB")
            ),
            received_through=chance.choice(("api", "web")),
            identity=an_identity(  # of its own: a late commit holds its reference and its applicant
                application_reference=f"LN-{self.number}",
                applicant_reference=f"C-{self.number}",
                channel=chance.choice((None, "branch", "broker")),
                source=chance.choice((None, *SOURCES)),
            ),
            trial=chance.choice((False, False, True)),
        )

    async def counted(self, period: Period, wanted: OverviewFilter = DEFAULT_FILTER) -> Overview:
        """The overview by the documents of all rows."""
        memory = MemoryDecisions()
        async with connected(self.url) as connection:
            for row in await connection.fetch("SELECT decision_id, document FROM decisions"):
                await memory.record(decode(row["document"], UUID(str(row["decision_id"]))))
        return await MemoryDecisionFigures(memory).over(period, wanted)

    async def assert_exact(self) -> None:
        for period in self._periods():
            wanted = self._filter()
            assert await self.figures.over(period, wanted) == await self.counted(period, wanted), (period, wanted)

    def _filter(self) -> OverviewFilter:
        """Two criteria, or none."""
        chance = self.chance
        every = {
            "channel": ("branch", "broker", "nowhere"),
            "received_through": ("api", "web"),
            "source": SOURCES,
            "grade": ("A", "B", "Z"),
            "include_trials": (True,),
        }
        chosen = chance.sample(sorted(every), chance.choice((0, 2)))
        return OverviewFilter(**{name: chance.choice(every[name]) for name in chosen})

    def _periods(self) -> Sequence[Period]:
        ends = (NOW, NOW.replace(minute=0, second=0, microsecond=0), NOW + timedelta(days=1))
        lengths = (timedelta(minutes=7), timedelta(hours=26), timedelta(days=3, minutes=11))
        days = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
        chosen = [Period.between(end - length, end) for end in ends for length in lengths]
        return [*self.chance.sample(chosen, 2), Period.between(days - timedelta(days=6), days)]

    async def record(self, ledger: DecisionLedger, count: int) -> None:
        """Record that many decisions together; each of them must be recorded."""
        records = self.records(count)
        assert await ledger.record_each([(record, None) for record in records]) == records

    async def add_all(self) -> None:
        await AggregateDecisions(self.aggregates)(lambda share, text: None)


@pytest.fixture
async def database(migrated_url: str) -> AsyncIterator[Database]:
    found = Database(migrated_url)
    yield found
    await found.engine.dispose()


@pytest.fixture
async def late(migrated_url: str) -> AsyncIterator[Any]:
    """A connection for late commits; what it has not committed is rolled back."""
    connection = await connect_durably(migrated_url)
    yield connection
    await close_quietly(connection)


@pytest.mark.parametrize("seed", range(4))
async def test_an_overview_equals_a_count_of_the_rows(
    database: Database, late: Any, migrated_url: str, seed: int
) -> None:
    """After random recordings on several chains, late commits, additions in parts, at once, and killed."""
    database.chance.seed(seed)
    uncommitted: Any = None

    async def killed() -> None:
        """An addition whose process ends before its commit."""
        connection = await asyncpg.connect(migrated_url)
        await connection.execute("BEGIN")
        await connection.fetch(ADD_PENDING.replace(":limit", "5"))
        connection.terminate()

    async with ledger_at(migrated_url) as one, ledger_at(migrated_url) as other:
        for _ in range(12):
            match database.chance.choice(("one", "other", "bulk", "late", "add", "add", "race", "kill", "clear")):
                case "one":
                    await database.record(one, 5)
                case "other":
                    await database.record(other, 3)
                case "bulk":
                    await one.record_all(database.records(9))
                case "late" if uncommitted is None:
                    uncommitted = late.transaction()
                    await uncommitted.start()
                    await write_records(late, database.records(4))
                case "late":
                    await uncommitted.commit()
                    uncommitted = None
                case "add":
                    await database.aggregates.add_next(7)
                case "race":
                    await asyncio.gather(*(database.aggregates.add_next(7) for _ in range(3)))
                case "kill":
                    await killed()
                case "clear":
                    await database.aggregates.clear()
            await database.assert_exact()
    if uncommitted is not None:
        await uncommitted.commit()
    await database.add_all()
    assert await database.aggregates.pending() == 0
    await database.assert_exact()


async def test_added_decisions_are_not_read_again(database: Database, postgres_store: Store) -> None:
    """The overview of whole days reads no decision."""
    yesterday = NOW.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    record = a_decision_record(
        decided_at=yesterday + timedelta(hours=3), decision_id=an_identifier(yesterday), trial=False
    )
    await postgres_store.ledger.record(record)
    await database.add_all()
    period = Period.between(yesterday, yesterday + timedelta(days=3))
    found = await database.figures.over(period)
    assert found == await database.counted(period)
    async with connected(database.url) as connection:
        await connection.execute("SET session_replication_role = replica; DELETE FROM decisions")
    assert await database.figures.over(period) == found


async def test_an_hour_that_a_period_cuts_is_counted_exactly(database: Database, postgres_store: Store) -> None:
    hour = NOW.replace(minute=0, second=0, microsecond=0)
    for minute in (0, 10, 20, 59):
        decided = hour + timedelta(minutes=minute)
        await postgres_store.ledger.record(
            a_decision_record(decided_at=decided, decision_id=an_identifier(decided), trial=False)
        )
    await database.add_all()
    for start, end, total in ((-60, 60, 4), (5, 60, 3), (-60, 20, 2), (10, 20, 1), (11, 19, 0), (0, 59, 3)):
        period = Period.between(hour + timedelta(minutes=start), hour + timedelta(minutes=end))
        assert (await database.figures.over(period)).outcomes.total == total


async def test_many_pending_entries_are_counted_from_the_rows(database: Database, postgres_store: Store) -> None:
    """As after the migration of a large database, until the aggregates are complete."""
    await database.record(postgres_store.ledger, 20)
    slow = PostgresDecisionFigures(database.engine, max_pending=5)
    period = Period.between(NOW - timedelta(days=9), NOW)
    assert await slow.over(period) == await database.counted(period)


async def test_an_entry_beyond_a_gap_does_not_hide_those_in_the_gap(
    database: Database, postgres_store: Store
) -> None:
    """Entries that the service did not write, and the service's own that follow later."""
    first, *rest = database.records(3)
    await postgres_store.ledger.record(first)
    async with connected(database.url) as connection:
        await connection.execute(
            "INSERT INTO audit_entries SELECT chain, sequence + 9, at, actor, action, subject, content_digest, "
            "previous, digest FROM audit_entries"
        )
    await database.add_all()
    for record in rest:
        await postgres_store.ledger.record(record)
    await database.assert_exact()
    await database.add_all()
    await database.assert_exact()


async def test_many_entries_beyond_a_gap_do_not_stop_the_addition_of_others(
    database: Database, postgres_store: Store
) -> None:
    """More than are read at once, on a chain that is read before every other."""
    await postgres_store.ledger.record(database.records(1)[0])
    async with connected(database.url) as connection:
        await connection.execute(
            "INSERT INTO audit_entries SELECT '00000000-0000-4000-8000-000000000000', number + 1, at, actor, "
            "action, subject, content_digest, previous, digest FROM audit_entries, generate_series(1, 20) number"
        )
    assert await database.aggregates.add_next(7) == 1
    await postgres_store.ledger.record(database.records(1)[0])
    few = PostgresDecisionFigures(database.engine, max_pending=5)
    period = Period.between(NOW - timedelta(days=9), NOW)
    assert await few.over(period) == await database.counted(period)


async def test_an_unreadable_document_is_counted_by_its_columns(database: Database, postgres_store: Store) -> None:
    for record in database.records(3):
        await postgres_store.ledger.record(record)
    async with connected(database.url) as connection:
        await connection.execute(
            "SET session_replication_role = replica; "
            """UPDATE decisions SET document = '{"reasons":[{"code":"no code"},{"code":1' || chr(10)"""
        )
    period = Period.between(NOW - timedelta(days=9), NOW)
    before = await database.figures.over(period)
    await database.add_all()
    assert await database.aggregates.pending() == 0
    assert await database.figures.over(period) == before
    assert (before.outcomes.total, before.reasons) == (3, ())


async def test_the_first_channels_and_sources_have_sums_of_their_own(
    database: Database, postgres_store: Store
) -> None:
    """The others are exact, too, and still after everything was added again."""
    whole = Period.between(NOW - timedelta(days=1), NOW)
    records = [
        a_decision_record(
            decided_at=NOW - timedelta(minutes=number + 1),
            decision_id=an_identifier(NOW),
            identity=an_identity(channel=f"channel {number % 2}", source=name),
            trial=False,
        )
        for number, name in enumerate(SOURCES)
    ]
    await postgres_store.ledger.record_each([(record, None) for record in records])
    await database.add_all()
    names = await database.figures.names()
    assert names.channels == ("channel 0", "channel 1")
    assert (len(names.sources), set(names.sources) < set(SOURCES)) == (MOST_NAMES, True)
    for wanted in (*(OverviewFilter(source=name) for name in SOURCES), OverviewFilter(channel="channel 1")):
        assert await database.figures.over(whole, wanted) == await database.counted(whole, wanted)
    assert (await database.figures.over(whole)).outcomes.total == len(SOURCES)
    async with connected(database.url) as connection:
        keys = await connection.fetch("SELECT DISTINCT source FROM overview_origin_cells")
    assert len(keys) == MOST_NAMES + 1


async def test_a_filter_reads_no_decision_that_was_added(database: Database, postgres_store: Store) -> None:
    start = NOW.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=6)
    period = Period.between(start, start + timedelta(days=7))
    await database.record(postgres_store.ledger, 40)
    await database.add_all()
    known = await database.figures.names()
    filters = [OverviewFilter(channel=known.channels[0], grade="A"), OverviewFilter(source=known.sources[0])]
    found = [await database.figures.over(period, wanted) for wanted in filters]
    assert found == [await database.counted(period, wanted) for wanted in filters]
    async with connected(database.url) as connection:
        await connection.execute("SET session_replication_role = replica; DELETE FROM decisions")
    assert [await database.figures.over(period, wanted) for wanted in filters] == found
