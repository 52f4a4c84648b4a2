"""Scoring a whole file from the command line.

Modules that are slow to import are imported where they are used, so that a trial loads no database driver.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.embedded import EmbeddedPostgres
from adapters.loan_files import LoanFileUnreadable
from adapters.loan_files.portfolio_file import PortfolioFile
from adapters.loan_files.results.results_file import ResultsNotWritable, results_file
from adapters.scoring.bundles.bundle import BundleUnusable
from adapters.scoring.portfolio.applicant_columns import PortfolioApplicants
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.ports.applications.applicant_histories import ApplicantHistories
from application.ports.decisions.decision_ledger import DecisionLedger, RecordRefused
from application.ports.operations.dependencies import DependencyUnavailable
from application.use_cases.applications.supersede_decision import RecordSuperseding
from application.use_cases.batches.file_applicants import ApplicantLookup
from application.use_cases.batches.score_portfolio import PortfolioCounts, PortfolioScored, ScorePortfolio
from domain.access.user import Actor, Role
from domain.batches.file_conventions import AS_DEFINED, FileConventions
from domain.policies.scoring_policy import ScoringPolicy
from entrypoints.composition.configured_product import configured_product
from entrypoints.composition.initial_policy import initial_policy
from entrypoints.composition.policy_files import PolicyFileInvalid, policy_of_file
from entrypoints.composition.processes.engines import EngineInUse, EngineUnavailable, engines_in_use_or_own
from entrypoints.composition.processes.portfolio_deciders import DaskNotInstalled, dask_decider, local_decider
from entrypoints.configuration.settings import Settings
from entrypoints.runtime import infrequent_garbage_collection, use_one_malloc_arena

FILE_ERRORS = (LoanFileUnreadable, ResultsNotWritable, PolicyFileInvalid)
"""Raised where a file named by the caller cannot be read or written."""
SERVICE_ERRORS = (
    BundleUnusable,
    DaskNotInstalled,
    EngineInUse,
    EngineUnavailable,
    DependencyUnavailable,
    RecordRefused,
    OSError,
)
"""Raised where the model, the database, the cluster or the disk failed."""

_CHUNK_ROWS = 16_384
"""Two of the decider's blocks. About seven chunks are in memory at a time; chunks of twice the size would be 7 %
faster, at nearly twice the memory.
"""
_RECORDED_CHUNK_ROWS = 10_000
"""Rows recorded in one transaction, and completed after Ctrl-C."""


@dataclass(frozen=True, slots=True)
class FileToScore:
    """A file, the paths of its results and errors, and whether its decisions are recorded.

    `dask` is the address of a Dask cluster's scheduler; without one this machine decides. `policy` is a file with
    another policy than the one in force, for decisions that are not recorded. `conventions` is what
    the caller states about the file. `keep` names columns that the results repeat. The decisions of a `trial` are
    recorded as such.
    """

    file: Path
    out: Path
    errors: Path
    recorded: bool
    dask: str | None = None
    policy: Path | None = None
    conventions: FileConventions = AS_DEFINED
    keep: tuple[str, ...] = ()
    trial: bool = False


@dataclass(frozen=True, slots=True)
class FileScored:
    """The result of scoring a file; `skipped` lines were not loans, `notices` are remarks on the file."""

    scored: PortfolioScored
    skipped: int
    notices: tuple[str, ...]


def score_file(
    settings: Settings,
    wanted: FileToScore,
    *,
    operator: str,
    cancelled: Callable[[], bool],
    on_progress: Callable[[PortfolioCounts], None],
) -> FileScored:
    """Score a file; raises FILE_ERRORS and SERVICE_ERRORS.

    The file is opened before the database starts, and a trial needs none. Results and errors appear complete,
    or not at all.
    """
    use_one_malloc_arena()
    for path in (wanted.out, wanted.errors):
        if path.resolve() == wanted.file.resolve():
            raise ResultsNotWritable(f"{path} is the input file; choose another output file")
    chunk_rows = _RECORDED_CHUNK_ROWS if wanted.recorded else _CHUNK_ROWS
    portfolio = PortfolioFile(
        wanted.file,
        configured_product(settings),
        chunk_rows=chunk_rows,
        conventions=wanted.conventions,
        keep=wanted.keep,
    )
    model_dir = settings.model_dir

    async def score(policy: ScoringPolicy, database_url: str | None) -> PortfolioScored:
        ledger = _ledger(database_url) if database_url is not None and wanted.recorded else None
        deciding = (
            local_decider(model_dir, policy)
            if wanted.dask is None
            else dask_decider(wanted.dask, model_dir, policy)
        )
        async with deciding as decider, _applications(database_url) as (histories, supersede):
            score_all = ScorePortfolio(
                decider,
                ledger,
                SystemClock(),
                TimeOrderedIdentifiers(),
                wanted.trial,
                ApplicantLookup(histories, PortfolioApplicants(), policy),
                supersede,
            )
            by = Actor(operator, Role.SERVICE)
            return await score_all(portfolio, results, by=by, cancelled=cancelled, on_progress=on_progress)

    with (
        results_file(wanted.out, wanted.errors) as results,
        _policy_and_database(settings, wanted) as (policy, database_url),
    ):
        scored = asyncio.run(score(policy, database_url))
        if scored.complete:
            results.finish()
    return FileScored(scored, portfolio.skipped, tuple(portfolio.notices))


@contextmanager
def _policy_and_database(settings: Settings, wanted: FileToScore) -> Iterator[tuple[ScoringPolicy, str | None]]:
    """The policy in force and the address of a migrated database.

    Where nothing is recorded and there is no database yet, the policy is that of an empty one.
    """
    recorded = wanted.recorded
    if wanted.policy is not None:
        yield policy_of_file(wanted.policy, configured_product(settings)), None
        return
    if not recorded and settings.database_url is None and not EmbeddedPostgres.exists(settings.data_dir):
        yield initial_policy(settings), None
        return
    from entrypoints.composition.processes.preparation import policy_in_force, prepare_recording  # noqa: PLC0415 - as above

    with engines_in_use_or_own(settings, cache=False) as addressed, infrequent_garbage_collection():
        try:
            policy = asyncio.run((prepare_recording if recorded else policy_in_force)(addressed))
        except Exception as fault:
            raise DependencyUnavailable(
                f"the database cannot be used ({type(fault).__name__}: {fault})"
            ) from fault
        yield policy, addressed.database_url


def _ledger(database_url: str) -> DecisionLedger:
    from adapters.persistence.decisions.decision_ledger import PostgresDecisionLedger  # noqa: PLC0415 - slow to import

    return PostgresDecisionLedger(database_url)


@asynccontextmanager
async def _applications(
    database_url: str | None,
) -> AsyncIterator[tuple[ApplicantHistories | None, RecordSuperseding | None]]:
    """The histories of applicants, and what decides applications again.

    Without a database both are None: only the rows of the file are known.
    """
    if database_url is None:
        yield None, None
        return
    from adapters.persistence.applications.applicant_histories import (  # noqa: PLC0415 - slow to import
        PostgresApplicantHistories,
    )
    from adapters.persistence.applications.applications import PostgresApplications  # noqa: PLC0415 - as above
    from adapters.persistence.applications.superseding_decisions import (  # noqa: PLC0415 - as above
        PostgresSupersedingDecisions,
    )
    from adapters.persistence.cases.cases import PostgresCases  # noqa: PLC0415 - as above
    from adapters.persistence.database.connections import database_engine  # noqa: PLC0415 - as above

    engine = database_engine(database_url, max_connections=2)
    decisions, cases = PostgresSupersedingDecisions(engine), PostgresCases(engine)
    supersede = RecordSuperseding(PostgresApplications(engine), decisions, cases, TimeOrderedIdentifiers())
    try:
        yield PostgresApplicantHistories(engine), supersede
    finally:
        await engine.dispose()
