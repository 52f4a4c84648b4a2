"""The life of an application, from what is stored about it and the policy that decided."""

from dataclasses import dataclass
from datetime import timedelta

from application.ports.applications.applications import CASE_EXPIRED, StoredApplication
from application.use_cases.decisions.read_decisions import DecisionUnreadable
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy
from domain.applications.application_life import ApplicationLife, Offer
from domain.applications.application_state import ApplicationState
from domain.applications.money import ZERO, Money
from domain.cases.final_decision import FinalDecision
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.policies.outcome import Outcome
from domain.policies.review_terms import DEFAULT_REVIEW_TERMS
from domain.policies.scoring_policy import ScoringPolicy

_CENT = Money(1)
"""The smallest amount where the policy is not archived."""


@dataclass(frozen=True, slots=True)
class FindLife:
    """Finds the life of a stored application. The decision's own policy says when an approval expires."""

    deciding_policy: FindDecidingPolicy

    async def __call__(self, application: StoredApplication) -> ApplicationLife:
        """The life; raises DecisionUnreadable if the newest decision cannot be read."""
        record = application.newest
        if isinstance(record, UnreadableDecision):
            raise DecisionUnreadable(record)
        decided = decided_state(application, record)
        return ApplicationLife(
            application_id=application.application_id,
            decision_id=record.decision_id,
            decided=decided,
            offer=await self._offer(record, application.final) if decided.can_be_accepted else None,
            actions=application.actions,
        )

    async def _offer(self, record: DecisionRecord, final: FinalDecision | None) -> Offer:
        """The loan that the final decision offers, or else the decision."""
        policy = await self.deciding_policy(record)
        minimum = _CENT if policy is None else Money.of(policy.pricing.minimum_amount)
        review_terms = DEFAULT_REVIEW_TERMS if policy is None else policy.review_terms
        lasts = timedelta(days=review_terms.approval_days)
        terms, annual_rate = record.application.terms, record.decision.annual_rate
        amount = terms.amount if final is None else final.amount or terms.amount
        limit = None if policy is None else _exposure_limit(policy, record, amount)
        if final is None:
            expires_at = record.decided_at + lasts
            return Offer(amount, minimum, terms.term, annual_rate, expires_at, exposure_limit=limit)
        return Offer(
            amount=amount,
            minimum=minimum,
            term=final.term or terms.term,
            annual_rate=annual_rate if final.annual_rate is None else final.annual_rate,
            expires_at=final.decided_at + lasts,
            final_decision_id=final.final_decision_id,
            exposure_limit=limit,
        )


def _exposure_limit(policy: ScoringPolicy, record: DecisionRecord, amount: Money) -> Money | None:
    """The most that the applicant can borrow in all; None without limit.

    A person who lends above the policy's limit approved that with the loans known at the decision.
    """
    if policy.exposure_limit is None:
        return None
    known = record.circumstances.accepted_exposure or ZERO
    return max(Money.of(policy.exposure_limit), Money(known.cents + amount.cents))


def decided_state(application: StoredApplication, record: DecisionRecord) -> ApplicationState:
    """What the lender decided last; a person's decision counts more than the system's."""
    case = application.case
    if case is not None and not case.finished:
        return ApplicationState.REFERRED
    if application.final is not None:
        return ApplicationState(application.final.outcome.value)
    if case is not None and record.decision.outcome is Outcome.REFERRED and case.state == CASE_EXPIRED:
        return ApplicationState.EXPIRED
    return ApplicationState(record.decision.outcome.value)
