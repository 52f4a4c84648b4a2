"""Find what applies to the cases of a decision: its own policy and model, and the final decision before."""

from dataclasses import dataclass
from uuid import UUID

from application.ports.cases.final_decisions import FinalDecisions
from application.ports.decisions.decision_archive import DecisionArchive
from application.ports.models.credit_models import CreditModels
from application.ports.models.version_not_archived import VersionNotArchived
from application.ports.policies.policies import Policies
from application.ports.products.products import Products
from application.use_cases.decisions.read_decisions import DecisionNotFound, DecisionUnreadable, require_fit
from domain.cases.proposal import CaseRules
from domain.cases.resolution_errors import RulesUnavailable
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision


@dataclass(frozen=True, slots=True)
class FindCaseRules:
    """Uses the archived model and policy of the decision, not the current ones."""

    archive: DecisionArchive
    products: Products
    models: CreditModels
    policies: Policies
    final_decisions: FinalDecisions

    async def __call__(self, decision_id: UUID) -> CaseRules:
        """The rules for a decision; raises DecisionNotFound, DecisionUnreadable and RulesUnavailable."""
        record = await self.archive.find(decision_id)
        if record is None:
            raise DecisionNotFound(f"decision {decision_id} was moved to an archive: restore its month first")
        if isinstance(record, UnreadableDecision):
            raise DecisionUnreadable(record)
        return await self.of(record)

    async def of(self, record: DecisionRecord) -> CaseRules:
        """The rules for a recorded decision; raises DecisionUnreadable and RulesUnavailable."""
        try:
            product = await self.products.find(record.application.product, record.product_fingerprint)
            require_fit(record, product)
            model = await self.models.find(record.model_fingerprint, product)
            policy = await self.policies.find(record.decision.policy_version, record.policy_fingerprint, product)
        except VersionNotArchived as fault:
            raise RulesUnavailable(
                f"this case can be read but not decided on ({fault}): an operator can restore what is missing "
                "from a backup"
            ) from fault
        previous = await self.final_decisions.last(record.decision_id)
        return CaseRules(record, policy, model.risk_by_amount, previous)
