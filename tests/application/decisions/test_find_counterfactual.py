"""Counterfactuals use the archived versions of the decision and are computed once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.memory.result_cache import MemoryResultCache
from adapters.scoring.bundles.archived_credit_models import ArchivedCreditModels
from adapters.scoring.bundles.bundle import parse_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.ports.models.credit_model import CreditModel
from application.ports.operations.result_cache import CacheKey, ResultCache
from application.use_cases.decisions.assess_loan_application import AssessLoanApplication
from application.use_cases.decisions.find_counterfactual import FindCounterfactual
from application.use_cases.decisions.read_decisions import ReadDecision
from application.use_cases.models.archive_versions import ArchiveVersions
from domain.access.user import Actor, Role
from domain.applications.applicant import FicoBand
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Outcome
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.version_1 import POLICY_1
from support.builders import a_credit_history, a_loan_application, an_actor, an_applicant
from support.memory.decisions import MemoryDecisions
from support.memory.predictions import MemoryPredictionCache
from support.memory.versions import MemoryBundles, MemoryPolicies
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT, another_model

IN_DOUBT = a_loan_application(
    applicant=an_applicant(credit_history=a_credit_history(fico=FicoBand(660, 664), revolving_utilisation=82.5))
)
LENIENT = replace(POLICY_1, version="lenient", approve_below=0.5, decline_from=0.5)


class Forgetful(ResultCache):
    """The database is down."""

    async def get(self, question: CacheKey) -> bytes | None:
        return None

    async def put(self, question: CacheKey, answer: bytes, *, lifetime: timedelta) -> None:
        """Forget."""


class House:
    """Decisions in memory and the use case that explains them."""

    def __init__(self, answers: ResultCache | None = None) -> None:
        self.decisions = MemoryDecisions()
        self.bundles, self.policies = MemoryBundles(), MemoryPolicies()
        self.answers = answers or MemoryResultCache()
        self.explain = FindCounterfactual(
            ReadDecision(self.decisions), ArchivedCreditModels(self.bundles), self.policies, self.answers
        )

    async def decide(
        self, bundle: dict[str, bytes] = CHAMPION, policy: ScoringPolicy = POLICY_1, by: Actor | None = None
    ) -> DecisionRecord:
        model: CreditModel = TableCreditModel(parse_bundle(bundle, "a bundle"))
        await ArchiveVersions(self.bundles, self.policies)(model.version.fingerprint, bundle, policy)
        assess = AssessLoanApplication(
            model, MemoryPredictionCache(), policy, self.decisions, SystemClock(), TimeOrderedIdentifiers()
        )
        return await assess(IN_DOUBT, by=by or an_actor(), channel="api")


async def test_each_decision_is_explained_by_the_versions_that_made_it() -> None:
    house = House()
    records = [
        await house.decide(),
        await house.decide(bundle=another_model()),
        await house.decide(policy=replace(POLICY_1, version="strict", approve_below=0.12)),
    ]
    found = [(await house.explain(record.decision_id, by=an_actor())).counterfactuals for record in records]
    again = [(await house.explain(record.decision_id, by=an_actor())).counterfactuals for record in records]
    assert found == again
    assert len(set(found)) == 3


async def test_an_application_is_searched_once_for_all_callers() -> None:
    answers = MemoryResultCache()
    house = House(answers)
    first, second = await house.decide(), await house.decide(by=an_actor(name="bruno"))
    found = await house.explain(first.decision_id, by=an_actor())
    same = await house.explain(second.decision_id, by=Actor("arthur", Role.AUDITOR))
    assert same.counterfactuals == found.counterfactuals
    assert same.record == second
    assert answers.figures() == {"hits": 1, "misses": 1}


async def test_a_cached_result_equals_the_original() -> None:
    remembering, forgetful = House(), House(Forgetful())
    found = [
        (await house.explain((await house.decide()).decision_id, by=an_actor())).counterfactuals
        for house in (remembering, forgetful)
    ]
    record = await remembering.decide()
    found.append((await remembering.explain(record.decision_id, by=an_actor())).counterfactuals)
    assert repr(found[0]) == repr(found[1]) == repr(found[2])
    assert found[0]


async def test_an_approval_needs_no_search() -> None:
    answers = MemoryResultCache()
    house = House(answers)
    record = await house.decide(policy=LENIENT)
    assert record.decision.outcome is Outcome.APPROVED
    explanation = await house.explain(record.decision_id, by=an_actor())
    assert (explanation.approved, explanation.counterfactuals) == (True, ())
    assert answers.figures() == {"hits": 0, "misses": 0}


BROKEN = [b"", b"\xff", b"{}", b"[1]", b'[{"pd": 0.1}]', b'[{"changes": [{"name": 1}]}]']


@pytest.mark.parametrize("broken", BROKEN)
async def test_an_unreadable_cached_result_is_computed_again(broken: bytes) -> None:
    class Garbled(Forgetful):
        async def get(self, question: CacheKey) -> bytes | None:
            return broken

    house = House(Garbled())
    record = await house.decide()
    assert record.model_fingerprint == CHAMPION_FINGERPRINT
    assert (await house.explain(record.decision_id, by=an_actor())).counterfactuals
