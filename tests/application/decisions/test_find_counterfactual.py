"""Counterfactuals use the archived versions of the decision and are computed once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.memory.products import MemoryProducts
from adapters.memory.result_cache import MemoryResultCache
from adapters.scoring.bundles.archived_credit_models import ArchivedCreditModels
from adapters.scoring.bundles.bundle import parse_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.ports.models.credit_model import CreditModel
from application.ports.operations.result_cache import CacheKey, ResultCache
from application.use_cases.decisions.assess_loan_application import AssessLoanApplication
from application.use_cases.decisions.find_counterfactual import FindCounterfactual
from application.use_cases.models.archive_versions import ArchiveVersions
from domain.access.user import Actor, Role
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Outcome
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.version_1 import POLICY_1
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import a_loan_application, an_actor
from support.memory.case_use_cases import read_decision_over
from support.memory.decisions import MemoryDecisions
from support.memory.policy_in_force import MemoryPolicyInForce
from support.memory.predictions import MemoryPredictionCache
from support.memory.versions import MemoryBundles, MemoryPolicies
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT, another_model

IN_DOUBT = a_loan_application(fico_range_low=660, fico_range_high=664, revol_util=82.5)
LENIENT = replace(POLICY_1, version="lenient", approve_below=0.5, decline_from=0.5)


class UnavailableCache(ResultCache):
    """A cache that is unavailable."""

    async def get(self, key: CacheKey) -> bytes | None:
        return None

    async def put(self, key: CacheKey, answer: bytes, *, lifetime: timedelta) -> None:
        """Do nothing."""


class Environment:
    """Decisions in memory and the use case that explains them."""

    def __init__(self, results: ResultCache | None = None) -> None:
        self.decisions = MemoryDecisions()
        self.bundles, self.policies = MemoryBundles(), MemoryPolicies()
        self.results = results or MemoryResultCache()
        self.explain = FindCounterfactual(
            read_decision_over(self.decisions, self.policies),
            MemoryProducts(PERSONAL_LOAN),
            ArchivedCreditModels(self.bundles),
            self.policies,
            self.results,
        )

    async def decide(
        self, bundle: dict[str, bytes] = CHAMPION, policy: ScoringPolicy = POLICY_1, by: Actor | None = None
    ) -> DecisionRecord:
        model: CreditModel = TableCreditModel(parse_bundle(bundle, "a bundle", PERSONAL_LOAN))
        await ArchiveVersions(self.bundles, MemoryProducts(), self.policies)(
            model.version.fingerprint, bundle, policy
        )
        assess = AssessLoanApplication(
            model,
            MemoryPredictionCache(),
            MemoryPolicyInForce(policy),
            self.decisions,
            SystemClock(),
            TimeOrderedIdentifiers(),
        )
        return await assess(IN_DOUBT, by=by or an_actor(), received_through="api")


async def test_each_decision_is_explained_by_the_versions_that_made_it() -> None:
    environment = Environment()
    records = [
        await environment.decide(),
        await environment.decide(bundle=another_model()),
        await environment.decide(policy=replace(POLICY_1, version="strict", approve_below=0.12)),
    ]
    found = [(await environment.explain(record.decision_id, by=an_actor())).counterfactuals for record in records]
    again = [(await environment.explain(record.decision_id, by=an_actor())).counterfactuals for record in records]
    assert found == again
    assert len(set(found)) == 3


async def test_an_application_is_searched_once_for_all_callers() -> None:
    results = MemoryResultCache()
    environment = Environment(results)
    first, second = await environment.decide(), await environment.decide(by=an_actor(name="bruno"))
    found = await environment.explain(first.decision_id, by=an_actor())
    same = await environment.explain(second.decision_id, by=Actor("arthur", Role.AUDITOR))
    assert same.counterfactuals == found.counterfactuals
    assert same.record == second
    assert results.figures() == {"hits": 1, "misses": 1}


async def test_a_cached_result_equals_the_original() -> None:
    cached, uncached = Environment(), Environment(UnavailableCache())
    found = [
        (await environment.explain((await environment.decide()).decision_id, by=an_actor())).counterfactuals
        for environment in (cached, uncached)
    ]
    record = await cached.decide()
    found.append((await cached.explain(record.decision_id, by=an_actor())).counterfactuals)
    assert repr(found[0]) == repr(found[1]) == repr(found[2])
    assert found[0]


async def test_an_approval_needs_no_search() -> None:
    results = MemoryResultCache()
    environment = Environment(results)
    record = await environment.decide(policy=LENIENT)
    assert record.decision.outcome is Outcome.APPROVED
    explanation = await environment.explain(record.decision_id, by=an_actor())
    assert (explanation.approved, explanation.counterfactuals) == (True, ())
    assert results.figures() == {"hits": 0, "misses": 0}


BROKEN = [b"", b"\xff", b"{}", b"[1]", b'[{"pd": 0.1}]', b'[{"changes": [{"name": 1}]}]']


@pytest.mark.parametrize("broken", BROKEN)
async def test_an_unreadable_cached_result_is_computed_again(broken: bytes) -> None:
    class UnreadableCache(UnavailableCache):
        async def get(self, key: CacheKey) -> bytes | None:
            return broken

    environment = Environment(UnreadableCache())
    record = await environment.decide()
    assert record.model_fingerprint == CHAMPION_FINGERPRINT
    assert (await environment.explain(record.decision_id, by=an_actor())).counterfactuals
