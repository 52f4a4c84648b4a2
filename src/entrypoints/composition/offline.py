"""Putting together what the command line does with whole files: scoring them, and training from them.

What is slow to import is imported by the function that needs it, so that a trial waits for no database driver.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from adapters.loan_files import (
    MISSING_WHEN_TRAINING,
    NEEDED_WHEN_TRAINING,
    LoanFileUnreadable,
    RefusedField,
    read_loans,
)
from adapters.loan_files.portfolio_file import PortfolioFile
from adapters.loan_files.results.results_file import ResultsNotWritable, results_file
from adapters.scoring.bundles.bundle import CARD_JSON, SUMS, BundleUnusable
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.ports.batches.portfolio import PortfolioDecider
from application.ports.decisions.decision_ledger import DecisionLedger, RecordRefused
from application.ports.operations.dependencies import DependencyUnavailable
from application.use_cases.batches.score_portfolio import PortfolioCounts, PortfolioScored, ScorePortfolio
from domain.access.user import Actor, Role
from domain.policies.version_1 import POLICY_1
from entrypoints.composition.engines import EngineInUse, EngineUnavailable, engines_in_use_or_own
from entrypoints.composition.garbage import rarely_collecting_garbage
from entrypoints.composition.heap import keep_one_heap
from entrypoints.composition.portfolio_deciders import DaskNotInstalled, deciding_here, deciding_on_dask
from entrypoints.configuration.settings import Settings

UNUSABLE_FILES = (LoanFileUnreadable, ResultsNotWritable)
"""What is wrong with the files that somebody named."""
FAULTS = (
    BundleUnusable,
    DaskNotInstalled,
    EngineInUse,
    EngineUnavailable,
    DependencyUnavailable,
    RecordRefused,
    OSError,
)
"""What is wrong with the things that scoring stands on."""

_CHUNK_ROWS = 16_384
"""Two blocks of the decider's. Some seven chunks are in memory: of few rows each, so that a long file needs
hardly more than a short one. Of twice as many it would be a fifteenth quicker.
"""
_RECORDED_CHUNK_ROWS = 10_000
"""Recorded in one transaction; also what is finished after Ctrl-C."""


@dataclass(frozen=True, slots=True)
class FileToScore:
    """The file, where its results and errors go, and whether its decisions go on record.

    `dask` is the address of a Dask cluster's scheduler; without one this machine decides.
    """

    file: Path
    out: Path
    errors: Path
    recorded: bool
    dask: str | None = None


@dataclass(frozen=True, slots=True)
class FileScored:
    """What became of a file; `skipped` lines were no loans, `notices` are remarks on the file."""

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
    """Score a file for somebody at the machine's command line; raises UNUSABLE_FILES and FAULTS.

    The file is looked at before any engine starts; without records none does. Results and errors appear when
    the last row is done, or not at all.
    """
    keep_one_heap()
    for path in (wanted.out, wanted.errors):
        if path.resolve() == wanted.file.resolve():
            raise ResultsNotWritable(f"{path}: is the file to be scored; choose another name")
    portfolio = PortfolioFile(wanted.file, chunk_rows=_RECORDED_CHUNK_ROWS if wanted.recorded else _CHUNK_ROWS)
    deciding = _deciding(settings, wanted.dask)

    async def score() -> PortfolioScored:
        async with deciding as decider:
            score_all = ScorePortfolio(decider, ledger, SystemClock(), TimeOrderedIdentifiers())
            by = Actor(operator, Role.SERVICE)
            return await score_all(portfolio, results, by=by, cancelled=cancelled, on_progress=on_progress)

    with results_file(wanted.out, wanted.errors) as results, _ledger(settings, wanted.recorded) as ledger:
        scored = asyncio.run(score())
        if scored.complete:
            results.finish()
    return FileScored(scored, portfolio.skipped, tuple(portfolio.notices))


def _deciding(settings: Settings, dask: str | None) -> AbstractAsyncContextManager[PortfolioDecider]:
    return deciding_here(settings.model_dir) if dask is None else deciding_on_dask(dask, settings.model_dir)


@contextmanager
def _ledger(settings: Settings, recorded: bool) -> Iterator[DecisionLedger | None]:
    """The ledger, in a database of the newest form."""
    if not recorded:
        yield None
        return
    from adapters.persistence.database.migrations import migrate  # noqa: PLC0415 - to import, and a trial needs none
    from adapters.persistence.decisions.decision_ledger import PostgresDecisionLedger  # noqa: PLC0415 - SQLAlchemy is slow
    from entrypoints.composition.months import create_upcoming_partitions  # noqa: PLC0415 - as above
    from entrypoints.composition.versions import archive_champion  # noqa: PLC0415 - as above

    with engines_in_use_or_own(settings, cache=False) as addressed, rarely_collecting_garbage():
        url = addressed.database_url or ""
        try:
            asyncio.run(migrate(url))
            asyncio.run(create_upcoming_partitions(url))
            asyncio.run(archive_champion(url, settings.model_dir))
        except Exception as fault:
            raise DependencyUnavailable(
                f"the database cannot be used ({type(fault).__name__}: {fault})"
            ) from fault
        yield PostgresDecisionLedger(url)


class TrainingFailed(Exception):
    """No model came of these loans, and nothing was written; the text says why."""


@dataclass(frozen=True, slots=True)
class ModelTrained:
    """A new bundle: its version, fingerprint and model card, and the rows that could not be read."""

    version: str
    fingerprint: str
    card: dict[str, Any]
    rows_read: int
    rows_refused: int
    first_faults: tuple[RefusedField, ...]


def train_from_file(
    file: Path, out: Path, *, version: str, seed: int, refits: int, report: Callable[[str, float], None]
) -> ModelTrained:
    """Train a model on a loan file and write its bundle. Raises UNUSABLE_FILES, TrainingFailed and OSError."""
    from adapters.scoring.compiling.agreement import TablesDisagree  # noqa: PLC0415 - as below
    from adapters.scoring.compiling.directions import WrongDirection  # noqa: PLC0415 - as below
    from adapters.scoring.training.train import train  # noqa: PLC0415 - LightGBM is slow, and only for training
    from adapters.scoring.training.write_bundle import InvalidBundleFolder  # noqa: PLC0415 - as above

    if out.is_dir() and any(out.iterdir()) and not (out / SUMS).exists():
        raise TrainingFailed(f"{out} holds no model bundle: choose an empty or a new folder")
    frames: list[pl.DataFrame] = []
    faults: list[RefusedField] = []
    wanted = read_loans(file, may_be_missing=MISSING_WHEN_TRAINING, outcomes=True, needed=NEEDED_WHEN_TRAINING)
    for chunk in wanted:
        frames.append(chunk.rows)
        faults += chunk.refused_fields()
    loans = pl.concat(frames)
    try:
        bundle = train(loans, out, policy=POLICY_1, seed=seed, version=version, refits=refits, report=report)
    except (InvalidBundleFolder, TablesDisagree, WrongDirection, ValueError) as fault:
        raise TrainingFailed(f"{file}: {fault}") from fault
    refused = len({fault.row for fault in faults})
    return ModelTrained(
        version=bundle.manifest.model_version,
        fingerprint=bundle.fingerprint,
        card=msgspec.json.decode((out / CARD_JSON).read_bytes()),
        rows_read=loans.height + refused,
        rows_refused=refused,
        first_faults=tuple(faults[:5]),
    )
