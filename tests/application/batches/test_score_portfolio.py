"""Scoring a portfolio: counts, results after recording only, and cancellation."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self
from uuid import UUID

import pytest

from adapters.system import TimeOrderedIdentifiers
from application.ports.batches.portfolio import (
    DecidedLoans,
    LoanChunk,
    Origin,
    Portfolio,
    PortfolioDecider,
    PortfolioResults,
)
from application.ports.decisions.decision_ledger import DecisionLedger, LedgerUnavailable
from application.use_cases.batches.score_portfolio import PortfolioCounts, ScorePortfolio
from domain.access.user import Actor, PermissionDenied, Role
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import OUTCOMES, Outcome
from support.builders import A_MOMENT, a_decision, a_decision_record, an_actor
from support.memory.clock import FixedClock
from support.memory.decisions import MemoryDecisions

AUDITOR = Actor("vera", Role.AUDITOR)
A, R, D = OUTCOMES


@dataclass
class ListedLoans(Portfolio):
    """Chunks of loans, given by their outcomes; None is a rejected row."""

    listed: Sequence[Sequence[Outcome | None]]
    fails_at: int | None = None
    notices = ()

    def chunks(self) -> Iterator[LoanChunk]:
        for number, rows in enumerate(self.listed, start=1):
            if number == self.fails_at:
                raise OSError("the file is damaged")
            loans = [row for row in rows if row is not None]
            refused = len(rows) - len(loans)
            yield LoanChunk(loans, ["refused"] * refused, len(rows), refused, number / len(self.listed))


@dataclass(frozen=True)
class Foretold(DecidedLoans):
    loans: list[Outcome]

    @property
    def outcomes(self) -> Mapping[Outcome, int]:
        return {outcome: self.loans.count(outcome) for outcome in OUTCOMES}

    @property
    def declined(self) -> Sequence[int]:
        return [row for row, outcome in enumerate(self.loans) if outcome is Outcome.DECLINED]

    def replaced(self, rows: Sequence[int], loans: list[Outcome], decided: Self) -> Self:
        raise NotImplementedError("no applicant has a reference")

    def records(self, identifiers: Sequence[UUID], origin: Origin) -> Iterator[DecisionRecord]:
        for identifier, outcome in zip(identifiers, self.loans, strict=True):
            yield a_decision_record(
                decision_id=identifier,
                decided_at=origin.decided_at,
                requested_by=origin.requested_by,
                received_through=origin.received_through,
                trial=origin.trial,
                decision=a_decision(outcome=outcome),
            )

    def without(self, chunk: LoanChunk, refused: Any, repeated: Any) -> LoanChunk:
        raise NotImplementedError("each reference is new")

    def results(
        self, identifiers: Sequence[UUID] | None, repeated: object = None
    ) -> list[tuple[UUID | None, Outcome]]:
        return list(zip(identifiers or [None] * len(self.loans), self.loans, strict=True))


class Foreteller(PortfolioDecider):
    max_in_flight = 1

    async def decide(self, loans: list[Outcome]) -> DecidedLoans:
        return Foretold(loans)


@dataclass
class KeptResults(PortfolioResults):
    results: list[tuple[UUID | None, Outcome]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def add(self, results: list[tuple[UUID | None, Outcome]], refused: list[str]) -> None:
        self.results += results
        self.refused += refused


class FailingLedger(MemoryDecisions):
    """Records the first chunk and fails on the second."""

    async def record_all(self, records: Iterable[DecisionRecord]) -> None:
        if self._records:
            raise LedgerUnavailable("away")
        await super().record_all(records)


LISTED = [[A, A, None], [R, D, None, None], [D]]


def score(ledger: DecisionLedger | None) -> ScorePortfolio:
    return ScorePortfolio(Foreteller(), ledger, FixedClock(A_MOMENT), TimeOrderedIdentifiers())


async def test_every_row_read_is_decided_or_refused_and_counted_once() -> None:
    results = KeptResults()
    scored = await score(None)(ListedLoans(LISTED), results, by=an_actor())
    counts = scored.counts
    assert scored.complete
    assert (counts.read, counts.decided, counts.refused) == (8, 5, 3)
    assert counts.outcomes == {A: 2, R: 1, D: 2}
    assert [outcome for _, outcome in results.results] == [A, A, R, D, D]
    assert len(results.refused) == 3


async def test_each_decision_is_on_record_under_the_identifier_of_its_result() -> None:
    ledger, results = MemoryDecisions(), KeptResults()
    scored = await score(ledger)(ListedLoans(LISTED), results, by=an_actor())
    assert scored.counts.on_record == len(results.results) == 5
    for identifier, outcome in results.results:
        assert identifier is not None
        record = await ledger.find(identifier)
        assert record is not None
        assert record.decision.outcome is outcome
        assert (record.received_through, record.requested_by, record.decided_at) == ("file", an_actor(), A_MOMENT)


async def test_a_trial_run_records_nothing_and_returns_no_identifiers() -> None:
    results = KeptResults()
    scored = await score(None)(ListedLoans(LISTED), results, by=an_actor())
    assert scored.counts.on_record == 0
    assert {identifier for identifier, _ in results.results} == {None}


async def test_scoring_a_portfolio_requires_the_permission_to_assess() -> None:
    results = KeptResults()
    with pytest.raises(PermissionDenied):
        await score(None)(ListedLoans(LISTED), results, by=AUDITOR)
    assert not results.results


async def test_results_of_an_unrecorded_chunk_are_not_written() -> None:
    ledger, results, reported = FailingLedger(), KeptResults(), list[PortfolioCounts]()
    with pytest.raises(LedgerUnavailable):
        await score(ledger)(ListedLoans(LISTED), results, by=an_actor(), on_progress=reported.append)
    assert [outcome for _, outcome in results.results] == [A, A]
    assert reported[-1].on_record == 2


async def test_a_cancelled_portfolio_ends_between_chunks_with_correct_counts() -> None:
    ledger, results, reported = MemoryDecisions(), KeptResults(), list[PortfolioCounts]()
    scored = await score(ledger)(
        ListedLoans(LISTED), results, by=an_actor(), cancelled=lambda: bool(reported), on_progress=reported.append
    )
    assert not scored.complete
    assert scored.counts == reported[-1]
    assert scored.counts.on_record == len(results.results) == 2


async def test_a_truncated_file_is_reported_after_its_complete_rows() -> None:
    results = KeptResults()
    with pytest.raises(OSError, match="damaged"):
        await score(None)(ListedLoans(LISTED, fails_at=3), results, by=an_actor())
    assert len(results.results) == 4


async def test_progress_is_reported_after_every_chunk() -> None:
    reported: list[PortfolioCounts] = []
    await score(None)(ListedLoans(LISTED), KeptResults(), by=an_actor(), on_progress=reported.append)
    assert [(counts.read, counts.share_done) for counts in reported] == [(3, 1 / 3), (7, 2 / 3), (8, 1.0)]
    assert all(counts.read == counts.decided + counts.refused for counts in reported)


async def test_counts_of_a_portfolio_of_refusals_add_up() -> None:
    scored = await score(MemoryDecisions())(ListedLoans([[None, None]]), KeptResults(), by=an_actor())
    assert scored.counts == replace(PortfolioCounts(), read=2, refused=2, share_done=1.0)
