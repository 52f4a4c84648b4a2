"""Batch stores in memory and in PostgreSQL, and a worker that decides on their batches."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.loan_files.isolated.uploaded_files import UploadedFiles
from adapters.loan_files.results.csv_lines import CsvLines
from adapters.observability.metrics.metrics import Metrics
from adapters.observability.wrappers.observed_worker_ports import ObservedBatchWork
from adapters.persistence.applications.applicant_histories import PostgresApplicantHistories
from adapters.persistence.applications.applications import PostgresApplications
from adapters.persistence.applications.superseding_decisions import PostgresSupersedingDecisions
from adapters.persistence.audit.audit_trail import PostgresAuditTrail
from adapters.persistence.batches.batch_work import PostgresBatchWork
from adapters.persistence.batches.batches import PostgresBatches
from adapters.persistence.cases.cases import PostgresCases
from adapters.persistence.database.connections import database_engine
from adapters.persistence.decisions.archive.decision_archive import PostgresDecisionArchive
from adapters.scoring.bundles.bundle import load_bundle
from adapters.scoring.portfolio.applicant_columns import PortfolioApplicants
from adapters.scoring.portfolio.portfolio_decider import TablePortfolioDecider
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.ports.applications.applicant_histories import ApplicantHistories
from application.ports.audit.audit_trail import AuditTrail
from application.ports.batches.batch_work import BatchWork
from application.ports.batches.batches import Batches
from application.ports.decisions.decision_archive import DecisionArchive
from application.ports.operations.clock import Clock
from application.ports.policies.policy_in_force import PolicyInForce
from application.use_cases.applications.supersede_decision import RecordSuperseding
from application.use_cases.batches.decide_next_batch import DecideNextBatch, Tools
from application.use_cases.batches.file_applicants import ApplicantLookup
from application.use_cases.batches.prefetching_decider import PrefetchingDecider
from application.use_cases.batches.submit_batch import SubmitBatch
from domain.access.user import Actor, Role
from domain.audit.subject import DECISION_RECORDED
from domain.batches.batch import Batch
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.configuration.setting_readers import PROJECT
from support.databases import put_in_force
from support.loan_rows import varied_loans
from support.memory.applicant_histories import MemoryApplicantHistories
from support.memory.batches import MemoryBatches
from support.memory.decisions import MemoryDecisions
from support.memory.policy_in_force import MemoryPolicyInForce
from support.memory.superseding import memory_superseding

PORTAL = Actor("broker-portal", Role.SERVICE)


@cache
def decider(policy: ScoringPolicy) -> TablePortfolioDecider:
    """The champion model by column, with a policy."""
    return TablePortfolioDecider(load_bundle(PROJECT / "models" / "champion", PERSONAL_LOAN), policy)


def loans_as_csv(loans: list[dict[str, str]]) -> bytes:
    lines = [",".join(loans[0]), *(",".join(loan.values()) for loan in loans)]
    return ("\n".join(lines) + "\n").encode()


SOME_LOANS = loans_as_csv(varied_loans(250))


async def pieces(content: bytes, *, size: int = 1000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


@dataclass
class BatchStore:
    """Both batch ports, and the recorded decisions."""

    batches: Batches
    work: BatchWork
    archive: DecisionArchive
    trail: AuditTrail
    histories: ApplicantHistories | None = None
    supersede: RecordSuperseding | None = None

    @property
    def submit(self) -> SubmitBatch:
        return SubmitBatch(self.batches, SystemClock(), TimeOrderedIdentifiers(), plain_webhooks=True)

    async def submit_file(self, content: bytes = SOME_LOANS, **options: object) -> Batch:
        """Submit a file as the broker's portal."""
        submission = {"name": "loans.csv", "by": PORTAL} | options
        return (await self.submit(pieces(content), **submission)).batch  # type: ignore[arg-type]

    def worker(
        self,
        *,
        chunk_rows: int = 100,
        folder: Path | None = None,
        policy: PolicyInForce | None = None,
        clock: Clock | None = None,
    ) -> DecideNextBatch:
        clock = clock or SystemClock()

        def tools(policy: ScoringPolicy) -> Tools:
            applicants = ApplicantLookup(self.histories, PortfolioApplicants(), policy)
            ahead = PrefetchingDecider(
                decider(policy),
                clock,
                TimeOrderedIdentifiers(),
                applicants=applicants,
                supersede=self.supersede,
            )
            return Tools(UploadedFiles(PERSONAL_LOAN, chunk_rows=chunk_rows, folder=folder), CsvLines(), ahead)

        return DecideNextBatch(self.work, tools, policy or MemoryPolicyInForce(POLICY_3), clock)

    async def on_record(self) -> int:
        """The number of decisions."""
        return len([1 async for entry, _ in self.trail.entries() if entry.action == DECISION_RECORDED])

    async def events(self) -> list[bytes | None]:
        """The documents of the events in the audit trail."""
        return [doc async for entry, doc in self.trail.entries() if entry.action != DECISION_RECORDED]


OpenBatchStore = Callable[[float], BatchStore]


def postgres_superseding(engine: AsyncEngine) -> RecordSuperseding:
    """What records superseding decisions in this database."""
    decisions, cases = PostgresSupersedingDecisions(engine), PostgresCases(engine)
    return RecordSuperseding(PostgresApplications(engine), decisions, cases, TimeOrderedIdentifiers())


def observed(work: BatchWork) -> ObservedBatchWork:
    return ObservedBatchWork(work, Metrics())


@pytest.fixture
async def open_postgres_batch_store(migrated_url: str) -> AsyncIterator[OpenBatchStore]:
    put_in_force(migrated_url)
    engine = database_engine(migrated_url)
    opened: list[PostgresBatchWork] = []

    def open_batch_store(lease_seconds: float) -> BatchStore:
        work = PostgresBatchWork(migrated_url, engine, lease_seconds=lease_seconds)
        opened.append(work)
        batches = PostgresBatches(migrated_url, engine)
        return BatchStore(
            batches,
            work,
            PostgresDecisionArchive(engine),
            PostgresAuditTrail(engine),
            PostgresApplicantHistories(engine),
            postgres_superseding(engine),
        )

    yield open_batch_store
    for work in opened:
        await work.close()
    await engine.dispose()


@pytest.fixture(params=["memory", "observed", "postgres"])
def open_batch_store(request: pytest.FixtureRequest) -> OpenBatchStore:
    """A batch store with this lease duration, for every store in turn."""
    if request.param == "postgres":
        found: OpenBatchStore = request.getfixturevalue("open_postgres_batch_store")
        return found

    def open_memory(lease_seconds: float) -> BatchStore:
        decisions = MemoryDecisions()
        batches = MemoryBatches(decisions, lease_seconds=lease_seconds)
        work = observed(batches) if request.param == "observed" else batches
        return BatchStore(
            batches,
            work,
            decisions,
            decisions,
            MemoryApplicantHistories(decisions),
            memory_superseding(decisions),
        )

    return open_memory


@pytest.fixture
def batch_store(open_batch_store: OpenBatchStore) -> BatchStore:
    return open_batch_store(15.0)
