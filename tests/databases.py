"""Databases in the service's form, and the stores over them, each test with its own."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from adapters.memory.decisions import MemoryDecisions
from adapters.persistence.audit_trail import PostgresAuditTrail
from adapters.persistence.connections import reading_engine
from adapters.persistence.decision_archive import PostgresDecisionArchive
from adapters.persistence.decision_ledger import PostgresDecisionLedger
from adapters.persistence.migrations import migrate
from application.ports.audit_trail import AuditTrail
from application.ports.decision_archive import DecisionArchive
from application.ports.decision_ledger import DecisionLedger, LedgerUnavailable
from builders import a_decision_record
from domain.audit.entry import Break, ChainVerifier
from engines import drop_database, execute, fresh_database

_EMPTY_ALL_TABLES = """
DO $$ BEGIN
    SET LOCAL lock_timeout = '5s';
    SET LOCAL session_replication_role = replica; -- else append-only tables refuse
    EXECUTE (
        SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ')
        FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    );
END $$
"""


@pytest.fixture(scope="session")
def shared_migrated_url(postgres_url: str) -> Iterator[str]:
    """The address of a migrated database that tests of this process use in turn."""
    url = fresh_database(postgres_url)
    asyncio.run(migrate(url))
    yield url
    drop_database(postgres_url, url)


@pytest.fixture
def migrated_url(shared_migrated_url: str) -> str:
    """The address of a migrated database with nothing in it; its form must be left as it is."""
    execute(shared_migrated_url, _EMPTY_ALL_TABLES)
    return shared_migrated_url


@dataclass(frozen=True)
class Store:
    """The three sides of decisions on record."""

    ledger: DecisionLedger
    archive: DecisionArchive
    trail: AuditTrail

    async def breaks(self) -> list[Break]:
        """Where the audit trail does not hold."""
        verifier = ChainVerifier()
        checked = [verifier.check(entry, document) async for entry, document in self.trail.entries()]
        return [found for found in checked if found is not None]


async def recovery(ledger: DecisionLedger) -> None:
    """Return once a decision can be recorded again, as a caller would find out."""
    for _ in range(200):
        try:
            await ledger.record(a_decision_record())
        except LedgerUnavailable:
            await asyncio.sleep(0.05)
        else:
            return
    raise AssertionError("the ledger did not recover within 10 s")


@pytest.fixture
async def postgres_store(migrated_url: str) -> AsyncIterator[Store]:
    """A store over PostgreSQL."""
    ledger = PostgresDecisionLedger(migrated_url)
    await ledger.open()
    engine = reading_engine(migrated_url)
    yield Store(ledger, PostgresDecisionArchive(engine), PostgresAuditTrail(engine))
    await ledger.close()
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def store(request: pytest.FixtureRequest) -> Store:
    """Every store in turn: what holds for one must hold for all."""
    if request.param == "postgres":
        found: Store = request.getfixturevalue("postgres_store")
        return found
    memory = MemoryDecisions()
    return Store(memory, memory, memory)
