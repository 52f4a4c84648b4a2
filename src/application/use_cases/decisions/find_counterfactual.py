"""Explain what would have changed a decision: the smallest changes that its model and policy would approve."""

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from application.ports.models.credit_models import CreditModels
from application.ports.operations.result_cache import CacheKey, ResultCache
from application.ports.policies.policies import Policies
from application.use_cases.decisions.read_decisions import ReadDecision
from domain.access.user import Actor, Permission
from domain.applications.money import Money
from domain.canonical_json import canonical_json
from domain.decisions.counterfactual import Change, Counterfactual, CounterfactualContext, find_counterfactual
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Outcome

_KIND = "counterfactual 1"
"""The number changes with the search, the levers or the form of the answer."""
_LIFETIME = timedelta(days=7)
"""The answer never changes; what nobody has asked for a week makes room."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision on record, and what would have changed it: nothing where it was approved."""

    record: DecisionRecord
    counterfactuals: tuple[Counterfactual, ...]

    @property
    def approved(self) -> bool:
        """Whether there was nothing to change."""
        return self.record.decision.outcome is Outcome.APPROVED


@dataclass(frozen=True, slots=True)
class FindCounterfactual:
    """Asks the model and the policy that decided; neither today's champion nor today's policy plays a part."""

    read_decision: ReadDecision
    models: CreditModels
    policies: Policies
    answers: ResultCache

    async def __call__(self, decision_id: UUID, *, by: Actor) -> Explanation:
        """Explain the decision of this identifier; raises DecisionNotFound and VersionNotArchived."""
        by.require(Permission.EXPLAIN_DECISIONS)
        record = await self.read_decision(decision_id, by=by)
        if record.decision.outcome is Outcome.APPROVED:
            return Explanation(record, ())
        question = _question(record)
        remembered = await self.answers.get(question)
        found = None if remembered is None else _decoded(remembered)
        if found is None:
            found = await self._search(record)
            await self.answers.put(question, canonical_json(found).encode(), lifetime=_LIFETIME)
        return Explanation(record, found)

    async def _search(self, record: DecisionRecord) -> tuple[Counterfactual, ...]:
        model = await self.models.find(record.model_fingerprint)
        policy = await self.policies.find(record.decision.policy_version, record.policy_fingerprint)
        context = CounterfactualContext(policy, model.predict, model.risk_by_amount, model.reference)
        # In a thread aside: this takes milliseconds that decisions asked for meanwhile should not wait.
        return await asyncio.to_thread(find_counterfactual, record.application, context)


def _question(record: DecisionRecord) -> CacheKey:
    """The same for every decision on this application by these versions, whoever asks."""
    policy = (record.decision.policy_version, record.policy_fingerprint)
    return CacheKey(_KIND, (record.model_fingerprint, *policy, canonical_json(record.application)))


def _decoded(answer: bytes) -> tuple[Counterfactual, ...] | None:
    """What was remembered; None for anything else."""
    try:
        found = json.loads(answer)
        if not isinstance(found, list):
            return None
        return tuple(
            Counterfactual(
                changes=tuple(Change(**change) for change in one["changes"]),
                pd=one["pd"],
                grade=one["grade"],
                annual_rate=one["annual_rate"],
                instalment=Money(**one["instalment"]),
            )
            for one in found
        )
    except (ValueError, TypeError, KeyError):
        return None
