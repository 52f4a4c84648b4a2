"""Assessing a batch: each outcome equals that of the request alone, and all are recorded together."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from uuid import UUID

import pytest

from adapters.scoring.bundles.bundle import ModelBundle, load_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from adapters.system import TimeOrderedIdentifiers
from application.ports.decisions.decision_ledger import LedgerUnavailable
from application.ports.decisions.idempotency import Claim, IdempotencyKey, KeyReused
from application.use_cases.decisions.assess_loan_application import AssessLoanApplication, AssessmentRequest
from application.use_cases.decisions.assess_many import AssessMany
from application.use_cases.decisions.assess_once import AssessmentResult, AssessOnce
from domain.access.user import PermissionDenied, Role
from domain.applications.loan_application import LoanApplication
from domain.decisions.decision_record import DecisionRecord
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction
from domain.policies.version_1 import POLICY_1
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import a_loan_application, an_actor
from support.memory.clock import FixedClock
from support.memory.decisions import MemoryDecisions
from support.memory.policy_in_force import MemoryPolicyInForce
from support.memory.predictions import MemoryPredictionCache
from support.paths import CHAMPION

NOW = datetime(2026, 3, 14, 15, 9, tzinfo=UTC)
NO_IDENTIFIER = UUID(int=0)
FAILING_AMOUNT = 13_000


@cache
def champion() -> ModelBundle:
    return load_bundle(CHAMPION, PERSONAL_LOAN)


class FailingModel(TableCreditModel):
    """Fails on applications for an amount, and counts predictions."""

    def __init__(self) -> None:
        super().__init__(champion())
        self.predicted = 0

    def predict_all(self, applicants: Sequence[Characteristics]) -> Sequence[Prediction]:
        self.predicted += len(applicants)
        if any(each[PERSONAL_LOAN.amount_place] == FAILING_AMOUNT for each in applicants):
            raise ZeroDivisionError
        return super().predict_all(applicants)


class CountedBatches(MemoryDecisions):
    """Records the size of each batch."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    async def record_each(
        self, entries: Sequence[tuple[DecisionRecord, Claim | None]]
    ) -> Sequence[DecisionRecord | Exception]:
        self.sizes.append(len(entries))
        return await super().record_each(entries)


@pytest.fixture
def decisions() -> CountedBatches:
    return CountedBatches()


@pytest.fixture
def model() -> FailingModel:
    return FailingModel()


@pytest.fixture(params=["without a cache", "with a cache"])
def assess(
    decisions: CountedBatches, model: FailingModel, request: pytest.FixtureRequest
) -> AssessLoanApplication:
    cache = MemoryPredictionCache() if request.param == "with a cache" else None
    return AssessLoanApplication(
        model, cache, MemoryPolicyInForce(POLICY_1), decisions, FixedClock(NOW), TimeOrderedIdentifiers()
    )


@pytest.fixture
def assess_many(assess: AssessLoanApplication) -> AssessMany:
    return AssessMany(assess)


def an_application(amount: int) -> LoanApplication:
    return a_loan_application(loan_amnt=amount)


def a_request(amount: int = 12_000, key: str | None = None, role: Role = Role.LOAN_OFFICER) -> AssessmentRequest:
    return AssessmentRequest(
        an_application(amount), an_actor(role=role), "api", None if key is None else IdempotencyKey(key)
    )


def record_of(outcome: AssessmentResult | Exception) -> DecisionRecord:
    assert isinstance(outcome, AssessmentResult)
    return outcome.record


def without_identifier(record: DecisionRecord) -> DecisionRecord:
    return replace(record, decision_id=NO_IDENTIFIER)


async def test_each_request_is_decided_as_if_alone(assess_many: AssessMany, assess: AssessLoanApplication) -> None:
    applications = [a_request(amount) for amount in (2_000, 12_000, 35_000)]
    made = [without_identifier(record_of(outcome)) for outcome in await assess_many(applications)]
    alone = [
        await assess(each.application, by=each.by, received_through=each.received_through) for each in applications
    ]
    assert made == [without_identifier(record) for record in alone]


async def test_a_batch_is_recorded_together_under_distinct_identifiers(
    assess_many: AssessMany, decisions: CountedBatches
) -> None:
    records = [record_of(outcome) for outcome in await assess_many([a_request(), a_request(), a_request(2_000)])]
    assert decisions.sizes == [3]
    assert list(decisions.records()) == records
    assert len({record.decision_id for record in records}) == 3


async def test_requests_under_a_key_are_decided_once(
    assess_many: AssessMany, assess: AssessLoanApplication, decisions: CountedBatches
) -> None:
    alone = await AssessOnce(assess)(
        an_application(9_000), key=IdempotencyKey("k-1"), by=an_actor(), received_through="api"
    )
    before, new, again, without = await assess_many(
        [a_request(9_000, "k-1"), a_request(2_000, "k-2"), a_request(2_000, "k-2"), a_request(2_000)]
    )
    assert before == AssessmentResult(alone.record, replayed=True)
    assert (record_of(new), record_of(again)) == (record_of(new),) * 2
    assert isinstance(new, AssessmentResult)
    assert isinstance(again, AssessmentResult)
    assert (new.replayed, again.replayed) == (False, True)
    assert without == AssessmentResult(record_of(without), replayed=False)
    assert len(decisions.records()) == 3


async def test_outcomes_are_in_the_order_of_the_requests(
    assess_many: AssessMany, decisions: CountedBatches
) -> None:
    await assess_many([a_request(9_000, "k-1")])
    outcomes = await assess_many(
        [
            a_request(12_000, role=Role.AUDITOR),
            a_request(2_000),
            a_request(FAILING_AMOUNT),
            a_request(5_000, "k-1"),
            a_request(9_000, "k-1"),
            a_request(FAILING_AMOUNT, "k-2", role=Role.AUDITOR),
            a_request(6_000, "k-2"),
        ]
    )
    assert [type(outcome) for outcome in outcomes] == [
        PermissionDenied,
        AssessmentResult,
        ZeroDivisionError,
        KeyReused,
        AssessmentResult,
        PermissionDenied,
        AssessmentResult,
    ]
    amounts = [record_of(outcomes[place]).application.terms.amount.dollars for place in (1, 4, 6)]
    assert amounts == [2_000, 9_000, 6_000]
    assert decisions.sizes == [1, 4]
    assert len(decisions.records()) == 3


async def test_a_request_without_permission_does_not_reach_the_model(
    assess_many: AssessMany, model: FailingModel
) -> None:
    outcomes = await assess_many([a_request(role=Role.AUDITOR)] * 2)
    assert [type(outcome) for outcome in outcomes] == [PermissionDenied] * 2
    assert model.predicted == 0


async def test_a_decision_that_is_not_recorded_fails_alone(assess: AssessLoanApplication) -> None:
    class Full(MemoryDecisions):
        async def record_each(
            self, entries: Sequence[tuple[DecisionRecord, Claim | None]]
        ) -> Sequence[DecisionRecord | Exception]:
            first, *others = entries
            return [*await super().record_each([first]), *(LedgerUnavailable() for _ in others)]

    assess_many = AssessMany(replace(assess, ledger=Full()))
    refused, good, bad = await assess_many([a_request(role=Role.AUDITOR), a_request(), a_request()])
    assert isinstance(refused, PermissionDenied)
    assert isinstance(good, AssessmentResult)
    assert isinstance(bad, LedgerUnavailable)


async def test_an_empty_batch_has_no_outcomes(assess_many: AssessMany, decisions: CountedBatches) -> None:
    assert await assess_many([]) == []
    assert list(decisions.records()) == []


async def test_cached_predictions_are_not_made_again(decisions: CountedBatches, model: FailingModel) -> None:
    cache = MemoryPredictionCache()
    assess = AssessLoanApplication(
        model, cache, MemoryPolicyInForce(POLICY_1), decisions, FixedClock(NOW), TimeOrderedIdentifiers()
    )
    assess_many = AssessMany(assess)
    first = await assess_many([a_request(2_000), a_request(9_000)])
    assert model.predicted == 2
    again = await assess_many([a_request(9_000), a_request(2_000), a_request(5_000)])
    assert model.predicted == 3
    assert [record_of(outcome).prediction for outcome in again[:2]] == [
        record_of(outcome).prediction for outcome in reversed(first)
    ]
