"""Reproduce a decision with its archived model, policy and product, and compare every bit."""

from dataclasses import dataclass, replace
from uuid import UUID

from application.ports.models.credit_models import CreditModels
from application.ports.policies.policies import Policies
from application.ports.products.products import Products
from application.use_cases.decisions.read_decisions import ReadDecision, require_fit
from domain.access.user import Actor, Permission
from domain.decisions.decision import decide
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.reproduction import Comparison, compare


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A recorded decision and its comparison with the reproduction."""

    record: DecisionRecord
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class ReproduceDecision:
    """Repeats a past decision with its archived model and policy, not the current ones."""

    read_decision: ReadDecision
    products: Products
    models: CreditModels
    policies: Policies

    async def __call__(self, decision_id: UUID, *, by: Actor) -> Reproduction:
        """Reproduce the decision with this identifier; raises DecisionNotFound, DecisionUnreadable
        and VersionNotArchived."""
        by.require(Permission.REPRODUCE_DECISIONS)
        record = await self.read_decision(decision_id, by=by)
        product = await self.products.find(record.application.product, record.product_fingerprint)
        require_fit(record, product)
        model = await self.models.find(record.model_fingerprint, product)
        policy = await self.policies.find(record.decision.policy_version, record.policy_fingerprint, product)
        characteristics = product.characteristics_of(record.application)
        prediction = model.predict(characteristics)
        decision = decide(
            policy,
            characteristics,
            prediction,
            reference=model.reference_profile(policy.approve_below),
            risk_by_amount=model.risk_by_amount,
            circumstances=record.circumstances,
        )
        if record.decision.reasons_of_rules is None:  # a document before schema 3 does not have these
            prediction = replace(prediction, half_width=None)
            decision = replace(decision, reasons_of_rules=None)
        recorded = {
            "prediction": record.prediction,
            "decision": record.decision,
            "model_version": record.model_version,
        }
        reproduced = {"prediction": prediction, "decision": decision, "model_version": model.version.version}
        return Reproduction(record, compare(recorded, reproduced))
