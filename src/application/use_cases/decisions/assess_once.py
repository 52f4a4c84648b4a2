"""Assess a loan application once, however often it is asked for under the same key."""

from dataclasses import dataclass
from typing import Self

from application.ports.decisions.idempotency import (
    Claim,
    IdempotencyKey,
    OriginalResponseUnavailable,
    canonical_request,
)
from application.use_cases.decisions.assess_loan_application import AssessLoanApplication, AssessmentRequest
from domain.access.user import Actor
from domain.applications.loan_application import LoanApplication
from domain.decisions.decision_record import DecisionRecord
from domain.value import value

ASKED_FOR = "assess a loan application"


@value
class AssessmentResult:
    """A decision on record; `again` when it had been made before, under the same key."""

    record: DecisionRecord
    again: bool

    @classmethod
    def of(cls, made: DecisionRecord, on_record: DecisionRecord) -> Self | OriginalResponseUnavailable:
        """What became of a decision just made, where this one is on record.

        Raises OriginalResponseUnavailable where the recorded decision belongs to another caller or application:
        idempotency keys are not protected by the audit trail and must not disclose another caller's decision.
        """
        again = on_record is not made and on_record.decision_id != made.decision_id
        if again and not _same_request(made, on_record):
            return OriginalResponseUnavailable("the decision that this key stands for is not on this request")
        return cls(on_record, again=again)


def _same_request(one: DecisionRecord, other: DecisionRecord) -> bool:
    return one.requested_by.name == other.requested_by.name and (
        canonical_request(one.application) == canonical_request(other.application)
    )


@dataclass(frozen=True, slots=True)
class AssessOnce:
    """Decides under a caller's key, so that a caller who got no answer can ask again without a second decision."""

    assess: AssessLoanApplication

    async def __call__(
        self, application: LoanApplication, *, key: IdempotencyKey, by: Actor, channel: str
    ) -> AssessmentResult:
        """The first decision under the key. Raises OriginalResponseUnavailable, or KeyReused for another request.

        The prediction is cheaper than looking whether there is need of one: it is simply not recorded.
        """
        record = await self.assess.decide(AssessmentRequest(application, by, channel))
        first = await self.assess.ledger.record_once(record, claim_of(application, key=key, by=by))
        assessed = AssessmentResult.of(record, first)
        if isinstance(assessed, OriginalResponseUnavailable):
            raise assessed
        return assessed


def claim_of(application: LoanApplication, *, key: IdempotencyKey, by: Actor) -> Claim:
    """The claim that somebody's key makes on the decision on a loan application."""
    return Claim.of(key, by=by, to=ASKED_FOR, asked=application)
