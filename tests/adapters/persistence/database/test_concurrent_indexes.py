"""Indexes of large partitions are built while decisions are recorded, also after an interruption."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import asyncpg

from adapters.persistence.database.concurrent_indexes import build_missing_indexes
from adapters.persistence.database.migrations import migrate
from adapters.persistence.decisions.decision_rows import search_values
from adapters.persistence.decisions.documents import encode
from adapters.system import TimeOrderedIdentifiers
from application.ports.decisions.decision_archive import DecisionFilter
from domain.applications.application_identity import NO_IDENTITY
from domain.month import Month
from support.builders import a_decision_record, an_actor
from support.databases import Store, connected, postgres_store_at

NOW = datetime.now(UTC)
BEFORE_INDEXES = "0017"
MONTH = Month.of(NOW)
PARTITION = f"{MONTH.year}_{MONTH.number:02}"
INSERT = """
INSERT INTO decisions SELECT row.*, $2
FROM json_to_recordset($1::json) AS row (decision_id uuid, decided_at timestamptz, requested_by text, role text,
    channel text, outcome text, pd float8, score_points int, grade text, confidence text, loan_amnt numeric,
    term int, purpose text, recommended_amount numeric, model_version text, policy_version text)
"""
COPY = """
INSERT INTO decisions
SELECT (left(decision_id::text, 14) || '7' || substr(md5(n::text), 1, 3) || '-8' || substr(md5(n::text), 4, 3)
        || '-' || substr(md5(n::text), 7, 12))::uuid,
    decided_at, requested_by, role, channel, outcome, pd, score_points, grade, confidence, loan_amnt, term,
    purpose, recommended_amount, model_version, policy_version, document
FROM decisions, generate_series(1, 11000) AS n
"""
INDEXES = """
SELECT indexrelid::regclass::text AS name, indisvalid AS valid FROM pg_index
WHERE indexrelid::regclass::text ~ 'decisions_(filters|amounts)' ORDER BY 1
"""


async def large_database(url: str) -> None:
    """Migrate to the indexes with 11,000 decisions in the current month."""
    await migrate(url, BEFORE_INDEXES)
    record = a_decision_record(
        decision_id=TimeOrderedIdentifiers().new(), decided_at=NOW, identity=NO_IDENTITY, trial=False
    )
    async with connected(url) as connection:
        await connection.execute(INSERT, search_values([record]), encode(record).decode())
        await connection.execute(COPY)
    await migrate(url)


async def _decide(store: Store, name: str = "marta") -> None:
    identifier = TimeOrderedIdentifiers().new()
    await store.ledger.record(a_decision_record(decision_id=identifier, requested_by=an_actor(name=name)))


async def invalid(connection: asyncpg.Connection) -> list[str]:
    return [row["name"] for row in await connection.fetch(INDEXES) if not row["valid"]]


async def test_a_large_partition_is_indexed_while_decisions_are_recorded(database_url: str) -> None:
    await large_database(database_url)
    async with connected(database_url) as connection, postgres_store_at(database_url) as store:
        assert await invalid(connection) == ["decisions_amounts", "decisions_filters"]
        found = await store.archive.page(DecisionFilter(text="art"), limit=2)  # the index cannot find names yet
        assert found.total == 10_000
        later = MONTH.later(9)
        await connection.execute("SELECT make_decisions_month($1, 0)", later.first_day)
        built = asyncio.gather(*(build_missing_indexes(database_url) for _ in range(2)))
        while not built.done():
            await _decide(store, "arthur")
        await built
        assert await invalid(connection) == []
        names = {row["name"] for row in await connection.fetch(INDEXES)}
        assert {f"decisions_filters_{PARTITION}", f"decisions_amounts_{PARTITION}"} <= names
        attached = "SELECT count(*) FROM pg_inherits WHERE inhparent = $1::regclass"
        partitions = await connection.fetchval(attached, "decisions")
        assert partitions == await connection.fetchval(attached, "decisions_filters")
        assert partitions == await connection.fetchval(attached, "decisions_amounts")
        assert (await store.archive.page(DecisionFilter(text="rthu"), limit=2)).total > 0
        assert partitions + 1 == await connection.fetchval("SELECT count(*) FROM pg_statistic_ext")
        filled = "SELECT count(*) FROM pg_stats_ext WHERE tablename = $1 AND most_common_vals IS NOT NULL"
        assert await connection.fetchval(filled, f"decisions_{PARTITION}") == 1


async def test_an_interrupted_build_is_repeated(database_url: str) -> None:
    await large_database(database_url)
    async with connected(database_url) as connection:
        async with connected(database_url) as reader, reader.transaction(isolation="repeatable_read"):
            await reader.fetch("SELECT count(*) FROM decisions")
            with suppress(TimeoutError):  # it waits for the reader
                await asyncio.wait_for(build_missing_indexes(database_url), 1)
        assert f"decisions_amounts_{PARTITION}" in await invalid(connection)
        await build_missing_indexes(database_url)
        assert await invalid(connection) == []
