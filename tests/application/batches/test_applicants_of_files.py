"""Applicants with several rows in a file, or with applications outside it, are decided as in single requests."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.loan_files.portfolio_file import PortfolioFile
from adapters.scoring.bundles.bundle import parse_bundle
from adapters.scoring.portfolio.applicant_columns import PortfolioApplicants
from adapters.scoring.table_credit_model import TableCreditModel
from adapters.system import TimeOrderedIdentifiers
from application.ports.batches.portfolio import PortfolioResults
from application.ports.decisions.decision_ledger import LedgerUnavailable
from application.use_cases.batches.file_applicants import ApplicantLookup
from application.use_cases.batches.score_portfolio import ScorePortfolio
from application.use_cases.decisions.assess_loan_application import AssessLoanApplication
from domain.applications.application_identity import ApplicationIdentity
from domain.decisions.circumstances import Circumstances
from domain.decisions.decision import Decision, decide
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Outcome
from domain.policies.version_2 import POLICY_2
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import PERSONAL_LOAN
from support.batches import decider
from support.builders import A_MOMENT, a_decision, a_decision_record, an_actor
from support.loan_rows import LOAN, write_loans
from support.memory.applicant_histories import MemoryApplicantHistories
from support.memory.clock import FixedClock
from support.memory.decisions import MemoryDecisions
from support.memory.policy_in_force import MemoryPolicyInForce
from support.memory.superseding import memory_superseding
from support.other_models import CHAMPION

GOOD = LOAN | {"annual_inc": "120000", "fico_range_low": "780", "fico_range_high": "784", "dti": "10"}
BAD = GOOD | {"dti": "60"}
CLERK = an_actor()
APPROVED, REFERRED, DECLINED = Outcome.APPROVED, Outcome.REFERRED, Outcome.DECLINED


class NoResults(PortfolioResults):
    def add(self, results: Any, refused: Any) -> None:
        """Only the records matter."""


@cache
def model() -> TableCreditModel:
    return TableCreditModel(parse_bundle(CHAMPION, "the champion", PERSONAL_LOAN))


def row(applicant: str, loan: dict[str, str] = GOOD) -> dict[str, str]:
    return loan | {"applicant_reference": applicant}


def score(
    loans: list[dict[str, str]],
    ledger: MemoryDecisions,
    *,
    chunk_rows: int = 100,
    trial: bool = False,
    histories: MemoryApplicantHistories | None = None,
) -> None:
    lookup = ApplicantLookup(histories or MemoryApplicantHistories(ledger), PortfolioApplicants(), POLICY_3)
    score_all = ScorePortfolio(
        decider(POLICY_3),
        ledger,
        FixedClock(A_MOMENT),
        TimeOrderedIdentifiers(),
        trial,
        lookup,
        memory_superseding(ledger),
    )
    with TemporaryDirectory() as folder:
        file = PortfolioFile(write_loans(Path(folder) / "loans.csv", loans), PERSONAL_LOAN, chunk_rows=chunk_rows)
        asyncio.run(score_all(file, NoResults(), by=CLERK))


def assess_alone(records: Iterable[DecisionRecord]) -> list[DecisionRecord]:
    """The applications of records as single requests, one after the other."""
    ledger = MemoryDecisions()
    assess = AssessLoanApplication(
        model(),
        None,
        MemoryPolicyInForce(POLICY_3),
        ledger,
        FixedClock(A_MOMENT),
        TimeOrderedIdentifiers(),
        MemoryApplicantHistories(ledger),
    )
    return [
        asyncio.run(assess(each.application, by=CLERK, received_through="api", identity=each.identity))
        for each in records
    ]


def comparable(records: Sequence[DecisionRecord]) -> list[tuple[Decision, Circumstances, int | None, list[int]]]:
    """Decisions and circumstances, in which related decisions are named by their rows."""
    rows = {record.decision_id: number for number, record in enumerate(records)}
    return [
        (
            record.decision,
            replace(record.circumstances, related=()),
            record.applicant_number,
            [rows[each] for each in record.circumstances.related],
        )
        for record in records
    ]


def outcomes(ledger: MemoryDecisions) -> list[Outcome]:
    return [record.decision.outcome for record in ledger.records()]


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["A", "B", ""]), st.sampled_from([GOOD, BAD])), min_size=1, max_size=12),
    st.integers(1, 5),
)
def test_rows_of_a_file_are_decided_as_single_requests_in_their_order(
    rows: list[tuple[str, dict[str, str]]], chunk_rows: int
) -> None:
    ledger = MemoryDecisions()
    score([row(applicant, loan) for applicant, loan in rows], ledger, chunk_rows=chunk_rows)
    records = list(ledger.records())
    assert len(records) == len(rows)
    assert comparable(records) == comparable(assess_alone(records))


def test_a_decline_counts_for_the_later_rows_of_the_applicant_alone() -> None:
    ledger = MemoryDecisions()
    score([row("A"), row("B", BAD), row("B"), row("A"), row("C")], ledger)
    assert outcomes(ledger) == [APPROVED, DECLINED, DECLINED, REFERRED, APPROVED]


def test_every_row_reproduces_beside_a_row_that_is_decided_again() -> None:
    """A decline in the file makes later rows of the applicant be decided again; other rows keep what was noted."""
    dated = [loan | {"bureau_report_date": day} for loan in (GOOD, BAD) for day in ("2020-01-01", "")]
    ledger = MemoryDecisions()
    score([row(applicant, loan) for applicant in ("A", "B") for loan in dated], ledger)
    records = list(ledger.records())
    assert outcomes(ledger) == [REFERRED, REFERRED, DECLINED, DECLINED] * 2
    for number, record in enumerate(records):
        assert (record.circumstances.bureau_report_age_days is None) == (number % 2 == 1)
        assert reproduced(record) == record.decision
    again = MemoryDecisions()
    score([row("A", dated[2]), row("A", dated[0]), row("B", dated[0])], again)
    assert outcomes(again) == [DECLINED, DECLINED, REFERRED]
    assert all(reproduced(record) == record.decision for record in again.records())


def reproduced(record: DecisionRecord) -> Decision:
    characteristics = PERSONAL_LOAN.characteristics_of(record.application)
    return decide(
        POLICY_3,
        characteristics,
        record.prediction,
        reference=model().reference_profile(POLICY_3.approve_below),
        risk_by_amount=model().risk_by_amount,
        circumstances=record.circumstances,
    )


def test_a_trial_is_decided_in_the_same_way_and_enters_no_history() -> None:
    ledger = MemoryDecisions()
    loans = [row("A"), row("A"), row("B", BAD), row("B")]
    score(loans, ledger, chunk_rows=1, trial=True)
    assert outcomes(ledger) == [APPROVED, REFERRED, DECLINED, DECLINED]
    assert {record.applicant_number for record in ledger.records()} == {None}
    score(loans[:1], ledger)
    assert outcomes(ledger)[-1] is APPROVED


class Busy(MemoryDecisions):
    """A ledger in which other processes record applications of applicant A before a file, `times` times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    async def record_all(self, records: Iterable[DecisionRecord]) -> None:
        if self.times:
            self.times -= 1
            await self.record(another_application())
        await super().record_all(records)


def another_application(decision_id: UUID | None = None) -> DecisionRecord:
    given = {} if decision_id is None else {"decision_id": decision_id}
    return a_decision_record(
        identity=ApplicationIdentity(applicant_reference="A"),
        trial=False,
        decided_at=A_MOMENT,
        decision=a_decision(outcome=REFERRED),
        **given,
    )


@pytest.mark.parametrize("chunk_rows", [1, 2, 3])
def test_a_row_that_supersedes_a_decision_is_decided_without_it_and_enters_the_history(chunk_rows: int) -> None:
    ledger = MemoryDecisions()
    score([row("A"), row("B")], ledger)
    superseded = next(iter(ledger.records()))
    again = row("A") | {"supersedes": str(superseded.decision_id), "supersedes_reason": "reconsideration"}
    neither = {"supersedes": "", "supersedes_reason": ""}
    score([again, row("C") | neither, row("A") | neither], ledger, chunk_rows=chunk_rows)
    _, _, newest, _, after = ledger.records()
    assert (newest.supersedes, newest.decision.outcome) == (superseded.decision_id, APPROVED)
    assert (newest.applicant_number, newest.circumstances.related) == (2, ())
    assert (after.applicant_number, after.decision.outcome) == (3, REFERRED)
    assert after.circumstances.related == (newest.decision_id,)


@pytest.mark.parametrize("chunk_rows", [1, 2, 100])
def test_a_file_is_decided_again_if_an_applicant_applied_meanwhile(chunk_rows: int) -> None:
    ledger = Busy(times=1)
    score([row("A"), row("B"), row("A")], ledger, chunk_rows=chunk_rows)
    elsewhere, *records = ledger.records()
    assert [record.decision.outcome for record in records] == [REFERRED, APPROVED, REFERRED]
    first, _, second = records
    assert first.circumstances.related == (elsewhere.decision_id,)
    assert second.circumstances.related == (first.decision_id, elsewhere.decision_id)


def test_a_file_whose_applicants_apply_all_the_time_is_to_be_tried_again() -> None:
    with pytest.raises(LedgerUnavailable, match="meanwhile"):
        score([row("A")], Busy(times=100))


def test_applicants_are_not_looked_up_for_a_policy_without_such_a_rule() -> None:
    class NotAsked(MemoryApplicantHistories):
        async def find(self, *_: object, **__: object) -> Any:
            raise AssertionError("the histories were looked up")

    ledger = MemoryDecisions()
    lookup = ApplicantLookup(NotAsked(ledger), PortfolioApplicants(), POLICY_2)
    file_applicants = lookup.follow(FixedClock(A_MOMENT), TimeOrderedIdentifiers(), numbered=True)
    loans, rows = asyncio.run(file_applicants.look_up("loans"))
    assert (loans, rows) == ("loans", None)
    score([GOOD], ledger, histories=NotAsked(ledger))
    assert outcomes(ledger) == [APPROVED]
