"""The life of an application, from what is stored about it and the policy that decided."""

from dataclasses import dataclass
from datetime import timedelta

from application.ports.applications.applications import StoredApplication
from application.use_cases.decisions.read_decisions import DecisionUnreadable
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy
from domain.applications.application_life import ApplicationLife, Offer
from domain.applications.application_state import ApplicationState
from domain.applications.money import ZERO, Money
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.policies.outcome import Outcome
from domain.policies.review_terms import DEFAULT_REVIEW_TERMS


@dataclass(frozen=True, slots=True)
class FindLife:
    """Finds the life of a stored application. The decision's own policy says when an approval expires."""

    deciding_policy: FindDecidingPolicy

    async def __call__(self, application: StoredApplication) -> ApplicationLife:
        """The life; raises DecisionUnreadable if the newest decision cannot be read."""
        record = application.newest
        if isinstance(record, UnreadableDecision):
            raise DecisionUnreadable(record)
        decided = _decided(application, record)
        offer = await self._offer(record) if decided is ApplicationState.APPROVED else None
        return ApplicationLife(
            application_id=application.application_id,
            decision_id=record.decision_id,
            decided=decided,
            offer=offer,
            actions=application.actions,
        )

    async def _offer(self, record: DecisionRecord) -> Offer:
        policy = await self.deciding_policy(record)
        terms = record.application.terms
        return Offer(
            amount=terms.amount,
            minimum=ZERO if policy is None else Money.of(policy.pricing.minimum_amount),
            term=terms.term,
            annual_rate=record.decision.annual_rate,
            expires_at=record.decided_at + timedelta(days=DEFAULT_REVIEW_TERMS.approval_days),
        )


def _decided(application: StoredApplication, record: DecisionRecord) -> ApplicationState:
    """What the lender decided last."""
    if application.case is not None and not application.case.finished:
        return ApplicationState.REFERRED
    return _OUTCOMES[record.decision.outcome]


_OUTCOMES = {
    Outcome.APPROVED: ApplicationState.APPROVED,
    Outcome.REFERRED: ApplicationState.REFERRED,
    Outcome.DECLINED: ApplicationState.DECLINED,
}
