"""Figures in PostgreSQL come from one snapshot, with plans that fit the period."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

from sqlalchemy import text

from adapters.persistence.access.users import PostgresUsers
from adapters.persistence.database.connections import connect_durably, database_engine, transaction
from adapters.persistence.decisions.chained_writer import link
from adapters.persistence.decisions.documents import decode
from adapters.persistence.decisions.recording import RECORD
from adapters.persistence.monitoring.decision_figures import PostgresDecisionFigures, _statement
from adapters.persistence.monitoring.figure_statements import figure_statements
from domain.audit.entry import ChainHead
from domain.monitoring.period import Period
from support.builders import a_decision_record, an_identifier
from support.databases import Store
from support.memory.decisions import MemoryDecisions
from support.memory.figures import MemoryDecisionFigures
from support.paths import DECISION_OF_VERSION_0_1

NOW = datetime.now(UTC)
A_WEEK = Period.between(NOW - timedelta(days=7), NOW)


async def time_series_plan(url: str, period: Period) -> list[str]:
    """PostgreSQL's plan for counting outcomes by day without aggregates, as for a table with many rows."""
    bounds = {"start": period.start, "end": period.end, "step": period.step, "first_step": period.first_step}
    statement = _statement(f"EXPLAIN (COSTS OFF) {figure_statements(aggregated=False)[0]}")
    engine = database_engine(url)
    try:
        async with transaction(engine) as connection:
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
            return [row[0] for row in await connection.execute(statement, bounds)]
    finally:
        await engine.dispose()


async def test_the_time_series_uses_only_the_index_of_each_month(migrated_url: str) -> None:
    plan = await time_series_plan(migrated_url, A_WEEK)
    scans = [line for line in plan if "Scan" in line]
    assert len(scans) >= 5
    assert all("Index Only Scan using decisions_" in line for line in scans)
    assert sum("Index Cond: ((decided_at >=" in line for line in plan) == len(scans)


async def test_all_figures_come_from_one_snapshot(postgres_store: Store) -> None:
    """While decisions are added, the three statements of an overview agree with each other."""
    numbers = count()
    stop = asyncio.Event()

    async def keep_deciding() -> None:
        while not stop.is_set():
            made = NOW - timedelta(seconds=next(numbers))
            await postgres_store.ledger.record(
                a_decision_record(decision_id=an_identifier(made), decided_at=made, trial=False)
            )

    callers = [asyncio.create_task(keep_deciding()) for _ in range(8)]
    found = [await postgres_store.figures.over(A_WEEK) for _ in range(30)]  # each checks that its parts agree
    stop.set()
    await asyncio.gather(*callers)
    totals = [each.outcomes.total for each in found]
    assert totals == sorted(totals)
    assert totals[-1] > totals[0]
    assert all(
        each.outside_domain == each.outcomes.total == dict(each.reasons)[code]
        for each in found
        for code, _ in each.reasons
    )


async def test_decisions_of_the_first_release_are_counted(migrated_url: str, postgres_store: Store) -> None:
    """Their documents lack newer fields, but have all that is counted."""
    document = DECISION_OF_VERSION_0_1.read_bytes()
    record = decode(document, UUID("7b0c43a4-7d3e-7c7b-8a53-0d6a3a5f2b11"))
    arguments, _ = link(ChainHead(uuid4()), [(record, document)])
    connection = await connect_durably(migrated_url)
    await connection.execute(RECORD, *arguments)
    await connection.close()
    memory = MemoryDecisions()
    await memory.record(record)
    period = Period.between(record.decided_at, record.decided_at + timedelta(hours=1))
    found = await postgres_store.figures.over(period)
    assert found == await MemoryDecisionFigures(memory).over(period)
    assert (found.outcomes.total, len(found.reasons), found.outside_domain) == (1, 2, 1)


async def test_concurrent_overviews_leave_connections_for_others(migrated_url: str) -> None:
    """Their computations are delayed here, as with a very large table."""
    engine = database_engine(migrated_url)
    figures = PostgresDecisionFigures(engine)
    holding = await connect_durably(migrated_url)
    periods = [Period.between(NOW - timedelta(days=days), NOW) for days in (1, 2, 3, 4, 5, 6, 7)]
    async with asyncio.timeout(10):
        await holding.execute("BEGIN; LOCK TABLE decisions IN ACCESS EXCLUSIVE MODE")
        looking = [asyncio.create_task(figures.over(period)) for period in periods * 5]
        await asyncio.sleep(0.3)
        assert await PostgresUsers(engine).find("nobody") is None
        await holding.execute("COMMIT")
        found = await asyncio.gather(*looking)
    assert [each.period for each in found] == periods * 5
    assert found[0] is found[7]  # equal requests share one result
    await holding.close()
    await engine.dispose()


async def test_a_cancelled_request_does_not_stop_the_count_for_others(migrated_url: str) -> None:
    engine = database_engine(migrated_url)
    figures = PostgresDecisionFigures(engine)
    first, second = (asyncio.create_task(figures.over(A_WEEK)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).outcomes.total == 0
    assert (await figures.over(A_WEEK)).outcomes.total == 0
    await engine.dispose()
