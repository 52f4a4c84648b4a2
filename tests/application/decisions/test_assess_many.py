"""Assessing together: with the same results as each alone, each in its place, all recorded in one go."""

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
from domain.applications.money import Money
from domain.decisions.decision_record import DecisionRecord
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction
from domain.policies.version_1 import POLICY_1
from support.builders import a_loan_application, an_actor, some_loan_terms
from support.memory.clock import FixedClock
from support.memory.decisions import MemoryDecisions
from support.memory.predictions import MemoryPredictionCache
from support.paths import CHAMPION

NOW = datetime(2026, 3, 14, 15, 9, tzinfo=UTC)
NOBODY = UUID(int=0)
UNLUCKY = 13_000


@cache
def champion() -> ModelBundle:
    return load_bundle(CHAMPION)


class FailsOnUnlucky(TableCreditModel):
    """Fails on whoever asks for an amount, and counts how many it was asked about."""

    def __init__(self) -> None:
        super().__init__(champion())
        self.asked = 0

    def predict_all(self, applicants: Sequence[Characteristics]) -> Sequence[Prediction]:
        self.asked += len(applicants)
        if any(each.loan_amnt == UNLUCKY for each in applicants):
            raise ZeroDivisionError
        return super().predict_all(applicants)


class Counted(MemoryDecisions):
    """Remembers how many it was asked to record at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    async def record_each(
        self, entries: Sequence[tuple[DecisionRecord, Claim | None]]
    ) -> Sequence[DecisionRecord | Exception]:
        self.sizes.append(len(entries))
        return await super().record_each(entries)


@pytest.fixture
def decisions() -> Counted:
    return Counted()


@pytest.fixture
def model() -> FailsOnUnlucky:
    return FailsOnUnlucky()


@pytest.fixture(params=["without a cache", "with a cache"])
def assess(decisions: Counted, model: FailsOnUnlucky, request: pytest.FixtureRequest) -> AssessLoanApplication:
    cache = MemoryPredictionCache() if request.param == "with a cache" else None
    return AssessLoanApplication(model, cache, POLICY_1, decisions, FixedClock(NOW), TimeOrderedIdentifiers())


@pytest.fixture
def together(assess: AssessLoanApplication) -> AssessMany:
    return AssessMany(assess)


def an_application(amount: int) -> LoanApplication:
    return a_loan_application(terms=some_loan_terms(amount=Money(100 * amount)))


def asked(amount: int = 12_000, key: str | None = None, role: Role = Role.LOAN_OFFICER) -> AssessmentRequest:
    return AssessmentRequest(
        an_application(amount), an_actor(role=role), "api", None if key is None else IdempotencyKey(key)
    )


def the_record(outcome: AssessmentResult | Exception) -> DecisionRecord:
    assert isinstance(outcome, AssessmentResult)
    return outcome.record


def without_identifier(record: DecisionRecord) -> DecisionRecord:
    return replace(record, decision_id=NOBODY)


async def test_each_is_decided_as_it_would_be_alone(together: AssessMany, assess: AssessLoanApplication) -> None:
    applications = [asked(amount) for amount in (2_000, 12_000, 35_000)]
    made = [without_identifier(the_record(outcome)) for outcome in await together(applications)]
    alone = [await assess(each.application, by=each.by, channel=each.channel) for each in applications]
    assert made == [without_identifier(record) for record in alone]


async def test_all_are_on_record_in_one_go_under_identifiers_of_their_own(
    together: AssessMany, decisions: Counted
) -> None:
    records = [the_record(outcome) for outcome in await together([asked(), asked(), asked(2_000)])]
    assert decisions.sizes == [3]
    assert list(decisions.records()) == records
    assert len({record.decision_id for record in records}) == 3


async def test_under_a_key_it_is_decided_once_as_alone(
    together: AssessMany, assess: AssessLoanApplication, decisions: Counted
) -> None:
    alone = await AssessOnce(assess)(
        an_application(9_000), key=IdempotencyKey("k-1"), by=an_actor(), channel="api"
    )
    before, new, again, without = await together(
        [asked(9_000, "k-1"), asked(2_000, "k-2"), asked(2_000, "k-2"), asked(2_000)]
    )
    assert before == AssessmentResult(alone.record, again=True)
    assert (the_record(new), the_record(again)) == (the_record(new),) * 2
    assert isinstance(new, AssessmentResult)
    assert isinstance(again, AssessmentResult)
    assert (new.again, again.again) == (False, True)
    assert without == AssessmentResult(the_record(without), again=False)
    assert len(decisions.records()) == 3


async def test_each_outcome_stands_in_its_own_place(together: AssessMany, decisions: Counted) -> None:
    await together([asked(9_000, "k-1")])
    outcomes = await together(
        [
            asked(12_000, role=Role.AUDITOR),
            asked(2_000),
            asked(UNLUCKY),
            asked(5_000, "k-1"),
            asked(9_000, "k-1"),
            asked(UNLUCKY, "k-2", role=Role.AUDITOR),
            asked(6_000, "k-2"),
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
    amounts = [the_record(outcomes[place]).application.terms.amount.dollars for place in (1, 4, 6)]
    assert amounts == [2_000, 9_000, 6_000]
    assert decisions.sizes == [1, 4]
    assert len(decisions.records()) == 3


async def test_nobody_who_may_not_ask_is_shown_to_the_model(together: AssessMany, model: FailsOnUnlucky) -> None:
    outcomes = await together([asked(role=Role.AUDITOR)] * 2)
    assert [type(outcome) for outcome in outcomes] == [PermissionDenied] * 2
    assert model.asked == 0


async def test_what_the_ledger_cannot_record_stands_in_its_place(assess: AssessLoanApplication) -> None:
    class Full(MemoryDecisions):
        async def record_each(
            self, entries: Sequence[tuple[DecisionRecord, Claim | None]]
        ) -> Sequence[DecisionRecord | Exception]:
            first, *others = entries
            return [*await super().record_each([first]), *(LedgerUnavailable() for _ in others)]

    together = AssessMany(replace(assess, ledger=Full()))
    refused, good, bad = await together([asked(role=Role.AUDITOR), asked(), asked()])
    assert isinstance(refused, PermissionDenied)
    assert isinstance(good, AssessmentResult)
    assert isinstance(bad, LedgerUnavailable)


async def test_where_nobody_asks_nothing_becomes_of_it(together: AssessMany, decisions: Counted) -> None:
    assert await together([]) == []
    assert list(decisions.records()) == []


async def test_what_the_cache_knows_is_not_asked_again(decisions: Counted, model: FailsOnUnlucky) -> None:
    cache = MemoryPredictionCache()
    assess = AssessLoanApplication(model, cache, POLICY_1, decisions, FixedClock(NOW), TimeOrderedIdentifiers())
    together = AssessMany(assess)
    first = await together([asked(2_000), asked(9_000)])
    assert model.asked == 2
    again = await together([asked(9_000), asked(2_000), asked(5_000)])
    assert model.asked == 3
    assert [the_record(outcome).prediction for outcome in again[:2]] == [
        the_record(outcome).prediction for outcome in reversed(first)
    ]
