"""Of simultaneous applications of one applicant no two are approved."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.persistence.applications.applicant_histories import PostgresApplicantHistories
from adapters.persistence.database.connections import database_engine
from adapters.scoring.bundles.bundle import parse_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.outcomes import unwrap
from application.ports.applications.applicant_histories import ApplicantHistories
from application.ports.decisions.decision_ledger import DecisionLedger, HistoryChanged, LedgerUnavailable
from application.ports.decisions.idempotency import Claim, IdempotencyKey
from application.ports.operations.dependencies import DependencyUnavailable
from application.use_cases.decisions.assess_loan_application import AssessLoanApplication, AssessmentRequest
from application.use_cases.decisions.assess_many import AssessMany
from application.use_cases.decisions.assess_once import AssessmentResult, AssessOnce
from domain.applications.application_identity import ApplicationIdentity
from domain.applications.superseding import SupersedesReason, Superseding
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Outcome
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.version_2 import POLICY_2
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import a_loan_application, an_actor
from support.databases import ledger_at
from support.memory.applicant_histories import MemoryApplicantHistories
from support.memory.decisions import MemoryDecisions
from support.memory.policy_in_force import MemoryPolicyInForce
from support.other_models import CHAMPION

MODEL = TableCreditModel(parse_bundle(CHAMPION, "the champion", PERSONAL_LOAN))
GOOD = {"annual_inc": 120_000.0, "fico_range_low": 780.0, "fico_range_high": 784.0, "dti": 10.0}


def assessing(
    ledger: DecisionLedger, histories: ApplicantHistories, policy: ScoringPolicy = POLICY_3
) -> AssessLoanApplication:
    in_force = MemoryPolicyInForce(policy)
    return AssessLoanApplication(MODEL, None, in_force, ledger, SystemClock(), TimeOrderedIdentifiers(), histories)


def in_memory(policy: ScoringPolicy = POLICY_3) -> tuple[AssessLoanApplication, MemoryDecisions]:
    ledger = MemoryDecisions()
    return assessing(ledger, MemoryApplicantHistories(ledger), policy), ledger


def a_request(applicant: str | None = "A", key: str | None = None) -> AssessmentRequest:
    return AssessmentRequest(
        a_loan_application(**GOOD),
        an_actor(),
        "api",
        None if key is None else IdempotencyKey(key),
        ApplicationIdentity(applicant_reference=applicant),
    )


def approvals(records: Sequence[DecisionRecord]) -> Counter[str | None]:
    """The number of approved applications of each applicant."""
    return Counter(
        record.identity.applicant_reference for record in records if record.decision.outcome is Outcome.APPROVED
    )


async def as_fast_path(assess_many: AssessMany, requests: Sequence[AssessmentRequest]) -> list[DecisionRecord]:
    """Assess together, and on its own what another application of the applicant held up."""
    outcomes = await assess_many(requests)
    for place, outcome in enumerate(outcomes):
        if isinstance(outcome, HistoryChanged):
            (outcomes[place],) = await assess_many([requests[place]])
    return [unwrap(outcome).record for outcome in outcomes]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.sampled_from(["A", "B", None]), min_size=1, max_size=5), min_size=1, max_size=5))
def test_no_two_simultaneous_applications_of_an_applicant_are_approved(batches: list[list[str | None]]) -> None:
    async def run() -> Sequence[DecisionRecord]:
        assess, ledger = in_memory()
        assess_many = AssessMany(assess)
        await asyncio.gather(
            *(as_fast_path(assess_many, [a_request(each) for each in batch]) for batch in batches)
        )
        return list(ledger.records())

    records = asyncio.run(run())
    assert len(records) == sum(map(len, batches))
    approved = approvals(records)
    assert approved.pop(None, 0) == sum(batch.count(None) for batch in batches)
    assert set(approved.values()) <= {1}


async def test_a_repeated_request_is_no_duplicate_of_itself() -> None:
    assess, ledger = in_memory()
    request = a_request()
    once = AssessOnce(assess)
    results = await asyncio.gather(
        *(
            once(
                request.application,
                key=IdempotencyKey("k-1"),
                by=request.by,
                received_through="api",
                identity=request.identity,
            )
            for _ in range(5)
        )
    )
    assert {result.record.decision_id for result in results} == {record.decision_id for record in ledger.records()}
    assert sorted(result.replayed for result in results) == [False, True, True, True, True]
    assert isinstance((await AssessMany(assess)([a_request(key="k-1")]))[0], AssessmentResult)


async def test_a_decision_in_place_of_an_earlier_one_is_no_duplicate_of_it() -> None:
    assess, ledger = in_memory()
    first, _ = await assess.decide_and_record(a_request())
    again = await assess.decide(
        replace(a_request(), supersedes=Superseding(first.decision_id, SupersedesReason.CORRECTION))
    )
    duplicate = await assess.decide(a_request())
    assert (again.decision.outcome, again.circumstances.related) == (Outcome.APPROVED, ())
    assert (duplicate.decision.outcome, duplicate.circumstances.related) == (
        Outcome.REFERRED,
        (first.decision_id,),
    )
    await ledger.record(again)
    third = await assess.decide(a_request())
    assert third.circumstances.related == (again.decision_id,)


async def test_without_a_reference_or_a_rule_nothing_is_looked_up() -> None:
    class NotAsked(ApplicantHistories):
        async def find(self, *_: object, **__: object) -> Any:
            raise AssertionError("the histories were looked up")

    ledger = MemoryDecisions()
    assert isinstance(await assessing(ledger, NotAsked()).decide(a_request(None)), DecisionRecord)
    record = await assessing(ledger, NotAsked(), POLICY_2).decide(a_request())
    assert record.applicant_number is None


async def test_histories_that_cannot_be_read_fail_their_applicants_only() -> None:
    class Away(ApplicantHistories):
        async def find(self, *_: object, **__: object) -> Any:
            raise DependencyUnavailable("away")

    assess = assessing(MemoryDecisions(), Away())
    refused, decided = await AssessMany(assess)([a_request(), a_request(None)])
    assert isinstance(refused, DependencyUnavailable)
    assert isinstance(decided, AssessmentResult)


async def test_an_applicant_who_applies_all_the_time_is_to_try_again() -> None:
    class Busy(MemoryDecisions):
        async def record_each(self, entries: Sequence[tuple[DecisionRecord, Claim | None]]) -> Any:
            return [HistoryChanged("another one") for _ in entries]

    assess = assessing(Busy(), MemoryApplicantHistories(MemoryDecisions()))
    (outcome,) = await AssessMany(assess)([a_request()])
    assert isinstance(outcome, LedgerUnavailable)
    assert not isinstance(outcome, HistoryChanged)


@pytest.fixture
async def two_processes(migrated_url: str) -> AsyncIterator[list[AssessLoanApplication]]:
    engine = database_engine(migrated_url)
    async with AsyncExitStack() as stack:
        ledgers = [await stack.enter_async_context(ledger_at(migrated_url)) for _ in range(2)]
        yield [assessing(ledger, PostgresApplicantHistories(engine)) for ledger in ledgers]
    await engine.dispose()


async def test_two_processes_approve_an_applicant_once(two_processes: list[AssessLoanApplication]) -> None:
    requests = [a_request(f"A-{number % 10}") for number in range(40)]
    results = await asyncio.gather(
        *(
            assess(each.application, by=each.by, received_through="api", identity=each.identity)
            for number, each in enumerate(requests)
            for assess in (two_processes[number % 2],)
        )
    )
    assert approvals(results) == {f"A-{number}": 1 for number in range(10)}
    numbers = sorted((each.identity.applicant_reference, each.applicant_number) for each in results)
    assert numbers == [(f"A-{applicant}", number) for applicant in range(10) for number in range(1, 5)]
