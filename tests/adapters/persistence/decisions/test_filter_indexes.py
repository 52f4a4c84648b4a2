"""Filters that match few decisions do not read all of them."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import database_engine, transaction
from adapters.persistence.database.migrations import migrate
from adapters.persistence.decisions.archive.decision_archive import PostgresDecisionArchive
from adapters.system import TimeOrderedIdentifiers
from application.ports.decisions.decision_archive import MAX_COUNTED, DecisionFilter, DecisionSort
from domain.applications.application_identity import NO_IDENTITY, ApplicationIdentity
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Outcome
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import a_decision, a_decision_record, a_loan_application, an_actor
from support.databases import connected, postgres_store_at
from support.engines import drop_database, fresh_database

COPIES = 10_000
COPY = """
INSERT INTO decisions
SELECT (left(decision_id::text, 14) || '7' || substr(md5(n::text), 1, 3) || '-8' || substr(md5(n::text), 4, 3)
        || '-' || substr(md5(n::text), 7, 12))::uuid,
    decided_at + n * interval '1 ms', requested_by, role, channel, outcome, pd * (n % 1000) / 1000, score_points,
    grade, confidence,
    loan_amnt + n % 100, term, purpose, recommended_amount, model_version, policy_version, document,
    application_reference || n, applicant_reference || n, source, caller_channel, trial
FROM decisions, generate_series(1, $1) AS n
"""
READ = """
SELECT (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname LIKE 'decisions%')
    + (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname LIKE 'decisions%')
"""


def _a_decision(name: str, grade: str, outcome: Outcome, dollars: int, **more: Any) -> DecisionRecord:
    return a_decision_record(
        decision_id=TimeOrderedIdentifiers().new(),
        requested_by=an_actor(name=name),
        decision=a_decision(outcome=outcome, grade=grade),
        application=a_loan_application(loan_amnt=dollars),
        **({"identity": NO_IDENTITY, "trial": False} | more),
    )


async def _fill(url: str) -> None:
    await migrate(url)
    async with postgres_store_at(url) as store, connected(url) as connection:
        for name, grade, outcome, dollars in (
            ("branch-1", "A", Outcome.APPROVED, 2000),
            ("branch-2", "C", Outcome.APPROVED, 9000),
            ("branch-2", "D", Outcome.DECLINED, 9500),
        ):
            identity = ApplicationIdentity(f"LN-{dollars}", f"C-{dollars}", "los", "web")
            await store.ledger.record(_a_decision(name, grade, outcome, dollars, identity=identity))
        await connection.execute(COPY, COPIES)
        rare = {"identity": ApplicationIdentity("LX-9", "CX-9", "rare", "rare"), "trial": True}
        await store.ledger.record(_a_decision("Rare_Branch", "F", Outcome.REFERRED, 30_000, **rare))
        await connection.execute("VACUUM ANALYZE decisions")
        await connection.execute("SELECT pg_stat_force_next_flush()")  # so that its reads are not counted later


@pytest.fixture(scope="module")
def filled_url(postgres_url: str) -> Iterator[str]:
    """A database with 30,000 decisions of two users, and one of a third."""
    url = fresh_database(postgres_url)
    asyncio.run(_fill(url))
    yield url
    drop_database(postgres_url, url)


async def rows_read(engine: AsyncEngine) -> int:
    async with transaction(engine) as connection:
        await connection.execute(text("SELECT pg_stat_force_next_flush()"))
    async with transaction(engine) as connection:
        return int(await connection.scalar(text(READ)) or 0)


@pytest.mark.parametrize(
    ("wanted", "total"),
    [
        (DecisionFilter(requested_by="nobody"), 0),
        (DecisionFilter(requested_by="Rare_Branch"), 1),
        (DecisionFilter(grade="Z"), 0),
        (DecisionFilter(grade="F"), 1),
        (DecisionFilter(outcome=Outcome.REFERRED), 1),
        (DecisionFilter(minimum_amount=29_999), 1),
        (DecisionFilter(minimum_amount=5_000, maximum_amount=5_500), 0),
        (DecisionFilter(minimum_pd=0.9), 0),
        (DecisionFilter(minimum_pd=0.5, below_pd=0.51, grade="C"), 0),
        (DecisionFilter(text="zzz"), 0),
        (DecisionFilter(text="re_br"), 1),
        (DecisionFilter(text="ffffffff"), 0),
        (DecisionFilter(text="wedding"), 0),
        (DecisionFilter(requested_by="Rare_Branch", grade="A"), 0),
        (DecisionFilter(grade="C", outcome=Outcome.DECLINED), 0),  # frequent, but never together
        (DecisionFilter(requested_by="Rare_Branch", outcome=Outcome.REFERRED, minimum_amount=1), 1),
        (DecisionFilter(application_reference="LX-9"), 1),
        (DecisionFilter(application_reference="LX-8"), 0),
        (DecisionFilter(applicant_reference="CX-9"), 1),
        (DecisionFilter(text="lx-9"), 1),
        (DecisionFilter(source="rare"), 1),
        (DecisionFilter(channel="rare"), 1),
        (DecisionFilter(trial=True), 1),
    ],
    ids=str,
)
async def test_few_decisions_are_found_without_reading_the_others(
    filled_url: str, wanted: DecisionFilter, total: int
) -> None:
    engine = database_engine(filled_url, max_connections=1)
    archive = PostgresDecisionArchive(engine, purposes=PERSONAL_LOAN.purposes)

    await archive.page(wanted, limit=50)  # the first use reads statistics of the tables
    before = await rows_read(engine)
    found = await archive.page(wanted, limit=50)
    more = await rows_read(engine) - before
    await engine.dispose()
    assert found.total == total
    assert more < COPIES / 10


@pytest.mark.parametrize("sort", DecisionSort)
async def test_a_page_in_any_order_reads_only_its_decisions(filled_url: str, sort: DecisionSort) -> None:
    engine = database_engine(filled_url, max_connections=1)
    archive = PostgresDecisionArchive(engine)
    cursor = (await archive.page(DecisionFilter(sort=sort), limit=50)).next_cursor
    before = await rows_read(engine)
    await archive.page(DecisionFilter(sort=sort), limit=50, cursor=cursor)
    more = await rows_read(engine) - before
    await engine.dispose()
    assert more < MAX_COUNTED + COPIES / 10  # it counts so many, and sorts none
