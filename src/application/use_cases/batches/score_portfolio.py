"""Score a portfolio: decide on every application of a file, record the decisions and write the results."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial

from application.ports.batches.portfolio import (
    LoanChunk,
    Portfolio,
    PortfolioDecider,
    PortfolioResults,
)
from application.ports.decisions.decision_ledger import DecisionLedger
from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from application.use_cases.applications.supersede_decision import RecordSuperseding
from application.use_cases.batches.file_applicants import ApplicantLookup
from application.use_cases.batches.prefetching_decider import PrefetchingDecider, PreparedChunk, record_prepared
from domain.access.user import Actor, Permission
from domain.policies.outcome import OUTCOMES, Outcome

CHANNEL = "file"


@dataclass(frozen=True, slots=True)
class PortfolioCounts:
    """Counts so far: `read` is `refused + decided`.

    `on_record` counts durably recorded decisions; `share_done` is the share of the file read, 0 to 1.
    `first_refusal` says which row was refused first and why.
    """

    read: int = 0
    refused: int = 0
    on_record: int = 0
    outcomes: Mapping[Outcome, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    share_done: float = 0.0
    first_refusal: str = ""

    @property
    def decided(self) -> int:
        """The number of rows with a decision."""
        return sum(self.outcomes.values())

    def after(self, chunk: LoanChunk, outcomes: Mapping[Outcome, int], *, recorded: bool) -> "PortfolioCounts":
        """The counts after one more chunk."""
        fresh = sum(outcomes.values())
        return PortfolioCounts(
            read=self.read + chunk.rows_read,
            refused=self.refused + chunk.rows_refused,
            on_record=self.on_record + (fresh if recorded else 0),
            outcomes={outcome: self.outcomes[outcome] + outcomes.get(outcome, 0) for outcome in OUTCOMES},
            share_done=chunk.share_done,
            first_refusal=self.first_refusal or chunk.first_refusal,
        )


@dataclass(frozen=True, slots=True)
class PortfolioScored:
    """The result; `complete` is False if it was cancelled before the last row."""

    counts: PortfolioCounts
    complete: bool


def _never() -> bool:
    return False


def _ignore(counts: PortfolioCounts) -> None:
    """Ignore progress."""


@dataclass(frozen=True, slots=True)
class ScorePortfolio:
    """Decides on a whole portfolio. Without a ledger nothing is recorded; a `trial` is recorded as one.

    While one chunk is recorded and written, the next ones are decided and read. For `applicants` and
    `supersede` see PrefetchingDecider.
    """

    decider: PortfolioDecider
    ledger: DecisionLedger | None
    clock: Clock
    identifiers: Identifiers
    trial: bool = False
    applicants: ApplicantLookup | None = None
    supersede: RecordSuperseding | None = None

    async def __call__(
        self,
        portfolio: Portfolio,
        results: PortfolioResults,
        *,
        by: Actor,
        cancelled: Callable[[], bool] = _never,
        on_progress: Callable[[PortfolioCounts], None] = _ignore,
    ) -> PortfolioScored:
        """Decide on all rows; the results of a chunk are written only after it is recorded.

        `cancelled` is checked before each chunk is recorded. Raises PermissionDenied, LedgerUnavailable,
        RecordRefused and the errors of the ports; the counts reported last are then correct.
        """
        by.require(Permission.ASSESS_APPLICATIONS)
        counts = PortfolioCounts()
        ahead = PrefetchingDecider(
            self.decider,
            self.clock,
            self.identifiers,
            recorded=self.ledger is not None,
            applicants=self.applicants,
            supersede=self.supersede,
        )
        async with aclosing(ahead(portfolio, by=by, received_through=CHANNEL, trial=self.trial)) as chunks:
            async for chunk in chunks:
                if cancelled():
                    return PortfolioScored(counts, complete=False)
                prepared = chunk
                if self.ledger is not None:
                    prepared, _ = await record_prepared(chunk, partial(_record, self.ledger))
                await asyncio.to_thread(_write, results, prepared)
                counts = counts.after(prepared.chunk, prepared.outcomes, recorded=self.ledger is not None)
                on_progress(counts)
        return PortfolioScored(counts, complete=True)


async def _record(ledger: DecisionLedger, prepared: PreparedChunk) -> None:
    await ledger.record_all(prepared.records)


def _write(results: PortfolioResults, prepared: PreparedChunk) -> None:
    results.add(prepared.results(), prepared.chunk.refused)
