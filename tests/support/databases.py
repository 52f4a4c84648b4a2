"""Migrated databases and the stores over them."""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.audit.audit_events import PostgresAuditEvents
from adapters.persistence.audit.audit_trail import PostgresAuditTrail
from adapters.persistence.audit.checkpoints import PostgresCheckpoints
from adapters.persistence.audit.event_history import PostgresEventHistory
from adapters.persistence.audit.evidence_records import PostgresEvidenceRecords
from adapters.persistence.audit.verification_reports import PostgresVerificationReports
from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.migrations import migrate
from adapters.persistence.decisions.archive.decision_archive import PostgresDecisionArchive
from adapters.persistence.decisions.decision_ledger import PostgresDecisionLedger
from adapters.persistence.monitoring.decision_figures import PostgresDecisionFigures
from adapters.persistence.products.products import PostgresProducts
from adapters.security.audit_signing import Ed25519Signatures, Ed25519Signer
from application.ports.audit.audit_events import AuditEvents
from application.ports.audit.audit_trail import AuditTrail
from application.ports.audit.checkpoints import Checkpoints
from application.ports.audit.event_history import EventHistory
from application.ports.audit.evidence_records import EvidenceRecords
from application.ports.audit.signatures import Signer
from application.ports.audit.verification_reports import VerificationReports
from application.ports.decisions.decision_archive import DecisionArchive
from application.ports.decisions.decision_ledger import DecisionLedger, LedgerUnavailable
from application.ports.monitoring.decision_figures import DecisionFigures
from application.ports.operations.clock import Clock
from application.use_cases.audit.create_checkpoint import CreateCheckpoint
from application.use_cases.audit.verification_result import Verification
from application.use_cases.audit.verify_audit_trail import VerifyAuditTrail
from domain.access.user import Actor, Role
from domain.audit.checkpoint import SignedCheckpoint
from domain.audit.checkpoint_copy import CheckpointCopy
from domain.audit.entry import IntegrityViolation
from domain.month import Month
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import A_MOMENT, a_decision_record
from support.engines import drop_database, execute, fresh_database
from support.memory.audit import AuditUseCases
from support.memory.checkpoints import MemoryCheckpoints
from support.memory.clock import FixedClock
from support.memory.decisions import MemoryDecisions
from support.memory.event_history import MemoryEventHistory
from support.memory.evidence_records import MemoryEvidenceRecords
from support.memory.figures import MemoryDecisionFigures
from support.memory.verification_reports import MemoryVerificationReports

SIGNER = Ed25519Signer(b"a" * 32)

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
    """The URL of a migrated database that tests of this process share."""
    url = fresh_database(postgres_url)
    asyncio.run(migrate(url))
    yield url
    drop_database(postgres_url, url)


@pytest.fixture
def migrated_url(shared_migrated_url: str) -> str:
    """The URL of an empty migrated database; its schema must not be changed."""
    execute(shared_migrated_url, _EMPTY_ALL_TABLES)
    return shared_migrated_url


@pytest.fixture
async def own_migrated_url(database_url: str) -> str:
    """The URL of a migrated database of the test's own."""
    await migrate(database_url)
    return database_url


def put_in_force(url: str, policy: ScoringPolicy = POLICY_3) -> None:
    """Put a policy in force in a database that `scoring migrate` did not prepare, without an event."""
    fingerprint, document = policy.fingerprint, policy.document
    archived = (
        f"INSERT INTO scoring_policies VALUES ('{fingerprint}', '{policy.version}', $policy${document}$policy$)"  # noqa: S608 - a test's own text
    )
    execute(url, f"{archived}; INSERT INTO policies_in_force VALUES (1, '{fingerprint}', now(), 'os:ada')")  # noqa: S608 - as above


@contextmanager
def a_login(url: str, options: str = "") -> Iterator[str]:
    """The database's URL for a temporary login with these options of CREATE ROLE."""
    name, password = f"member_{uuid.uuid4().hex}", uuid.uuid4().hex
    execute(url, f"CREATE ROLE {name} LOGIN PASSWORD '{password}' {options}")
    try:
        yield re.sub("//[^@/]*@", f"//{name}:{password}@", url)
    finally:
        execute(url, f"DROP OWNED BY {name} CASCADE; DROP ROLE {name}")


@dataclass(frozen=True)
class Store:
    """All ports of recorded decisions."""

    ledger: DecisionLedger
    archive: DecisionArchive
    trail: AuditTrail
    checkpoints: Checkpoints
    figures: DecisionFigures
    events: AuditEvents
    history: EventHistory
    evidence: EvidenceRecords
    reports: VerificationReports

    @classmethod
    def in_memory(cls, memory: MemoryDecisions) -> "Store":
        """A store over decisions in memory."""
        checkpoints = MemoryCheckpoints(memory)
        return cls(
            memory,
            memory,
            memory,
            checkpoints,
            MemoryDecisionFigures(memory),
            memory,
            MemoryEventHistory(memory),
            MemoryEvidenceRecords(memory, checkpoints),
            MemoryVerificationReports(memory),
        )

    @classmethod
    def in_postgres(cls, ledger: DecisionLedger, engine: AsyncEngine) -> "Store":
        """A store over PostgreSQL that writes through the ledger and reads through the engine."""
        return cls(
            ledger,
            PostgresDecisionArchive(engine, purposes=PERSONAL_LOAN.purposes),
            PostgresAuditTrail(engine),
            PostgresCheckpoints(engine),
            PostgresDecisionFigures(engine),
            PostgresAuditEvents(engine),
            PostgresEventHistory(engine),
            PostgresEvidenceRecords(engine),
            PostgresVerificationReports(engine),
        )

    def audit(self, clock: Clock, signer: Signer = SIGNER) -> AuditUseCases:
        """The use cases of the audit trail, whose verifications are recorded."""
        return AuditUseCases.over(
            self.trail, self.checkpoints, self.events, self.history, clock, signer, reports=self.reports
        )

    async def verify(
        self,
        trusted: tuple[bytes, ...] = (),
        archived: Collection[Month] = (),
        copies: Collection[CheckpointCopy] = (),
    ) -> Verification:
        """The verification of the trail, with copies of checkpoints."""
        verify = VerifyAuditTrail(self.trail, self.checkpoints, Ed25519Signatures(), trusted)
        return await verify(by=Actor("arthur", Role.AUDITOR), archived=archived, copies=copies)

    async def checkpoint(self, at: datetime = A_MOMENT, signer: Signer = SIGNER) -> SignedCheckpoint | None:
        """Create a checkpoint."""
        make = CreateCheckpoint(self.checkpoints, signer, FixedClock(at))
        return await make(by=Actor("arthur", Role.AUDITOR))

    async def violations(self) -> list[IntegrityViolation]:
        """The integrity violations of the audit trail."""
        return list((await self.verify()).violations)


@asynccontextmanager
async def ledger_at(url: str, **options: Any) -> AsyncIterator[PostgresDecisionLedger]:
    ledger = PostgresDecisionLedger(url, **options)
    await ledger.open()
    try:
        yield ledger
    finally:
        await ledger.close()


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def locked(url: str) -> AsyncIterator[None]:
    """Lock the table of audit entries, so that nothing can be recorded."""
    async with connected(url) as connection, connection.transaction():
        await connection.execute("LOCK TABLE audit_entries IN EXCLUSIVE MODE")
        yield


async def recovery(ledger: DecisionLedger) -> None:
    """Wait until a decision can be recorded again."""
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
    async with postgres_store_at(migrated_url) as store:
        yield store


@asynccontextmanager
async def postgres_store_at(url: str) -> AsyncIterator[Store]:
    """A store over the database with this URL."""
    ledger = PostgresDecisionLedger(url)
    await ledger.open()
    engine = database_engine(url)
    yield Store.in_postgres(ledger, engine)
    await ledger.close()
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def store(request: pytest.FixtureRequest) -> Store:
    """Every store in turn."""
    if request.param == "postgres":
        found: Store = request.getfixturevalue("postgres_store")
        return found
    return Store.in_memory(MemoryDecisions())


def products_at(engine: AsyncEngine) -> PostgresProducts:
    """The archive of product definitions in a database."""
    return PostgresProducts(engine, in_force=PERSONAL_LOAN, of_schema_1=PERSONAL_LOAN)
