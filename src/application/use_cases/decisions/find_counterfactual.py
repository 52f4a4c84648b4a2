"""Find the smallest changes to an application that the model and policy of its decision would have approved."""

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from application.ports.models.credit_models import CreditModels
from application.ports.operations.result_cache import CacheKey, ResultCache
from application.ports.policies.policies import Policies
from application.ports.products.products import Products
from application.use_cases.decisions.read_decisions import ReadDecision, require_fit
from domain.access.user import Actor, Permission
from domain.applications.money import Money
from domain.canonical_json import canonical_json
from domain.decisions.circumstances import NO_CIRCUMSTANCES, BureauStatus
from domain.decisions.counterfactual import Change, Counterfactual, CounterfactualContext, find_counterfactual
from domain.decisions.decision_record import DecisionRecord
from domain.policies.circumstance_measures import CIRCUMSTANCE_REASONS, EXPOSURE_REASON
from domain.policies.outcome import Outcome

_KIND = "counterfactual 2"
"""Change the number with the search, the levers or the format of the result."""
_LIFETIME = timedelta(days=7)
"""The result never changes; the lifetime limits the size of the cache."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A recorded decision with its counterfactuals; none if it was approved."""

    record: DecisionRecord
    counterfactuals: tuple[Counterfactual, ...]

    @property
    def approved(self) -> bool:
        """Whether the decision was an approval."""
        return self.record.decision.outcome is Outcome.APPROVED

    @property
    def needs_review(self) -> bool:
        """Whether bureau data or other applications must be reviewed, whatever changes in the application."""
        return self.record.circumstances.bureau_status is not BureauStatus.FOUND or any(
            reason.code in CIRCUMSTANCE_REASONS and reason.code != EXPOSURE_REASON
            for reason in self.record.decision.reasons
        )


@dataclass(frozen=True, slots=True)
class FindCounterfactual:
    """Uses the archived model and policy of the decision, not the current ones."""

    read_decision: ReadDecision
    products: Products
    models: CreditModels
    policies: Policies
    cache: ResultCache

    async def __call__(self, decision_id: UUID, *, by: Actor) -> Explanation:
        """Explain the decision with this identifier; raises DecisionNotFound, DecisionUnreadable
        and VersionNotArchived."""
        by.require(Permission.EXPLAIN_DECISIONS)
        record = await self.read_decision(decision_id, by=by)
        if record.decision.outcome is Outcome.APPROVED:
            return Explanation(record, ())
        key = _cache_key(record)
        cached = await self.cache.get(key)
        found = None if cached is None else _decode(cached)
        if found is None:
            found = await self._search(record)
            await self.cache.put(key, canonical_json(found).encode(), lifetime=_LIFETIME)
        return Explanation(record, found)

    async def _search(self, record: DecisionRecord) -> tuple[Counterfactual, ...]:
        product = await self.products.find(record.application.product, record.product_fingerprint)
        require_fit(record, product)
        model = await self.models.find(record.model_fingerprint, product)
        policy = await self.policies.find(record.decision.policy_version, record.policy_fingerprint, product)
        reference = model.reference_profile(policy.approve_below)
        context = CounterfactualContext(
            policy, model.predict, model.risk_by_amount, reference, record.circumstances
        )
        # On a thread, because it takes milliseconds that would delay decisions.
        return await asyncio.to_thread(find_counterfactual, record.application, context)


def _cache_key(record: DecisionRecord) -> CacheKey:
    """The same key for every decision on this application in these circumstances by these versions."""
    versions = (record.decision.policy_version, record.policy_fingerprint, record.product_fingerprint)
    facts = () if record.circumstances == NO_CIRCUMSTANCES else (repr(record.circumstances.facts),)
    return CacheKey(_KIND, (record.model_fingerprint, *versions, canonical_json(record.application), *facts))


def _decode(result: bytes) -> tuple[Counterfactual, ...] | None:
    """The counterfactuals; None if the bytes are anything else."""
    try:
        found = json.loads(result)
        if not isinstance(found, list):
            return None
        return tuple(
            Counterfactual(
                changes=tuple(Change(**change) for change in item["changes"]),
                pd=item["pd"],
                grade=item["grade"],
                annual_rate=item["annual_rate"],
                instalment=Money(**item["instalment"]),
            )
            for item in found
        )
    except (ValueError, TypeError, KeyError):
        return None
