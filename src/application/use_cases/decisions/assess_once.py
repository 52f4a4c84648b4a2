"""Assess a loan application once, however often the request is repeated under the same idempotency key."""

from dataclasses import dataclass
from typing import Self

from application.outcomes import unwrap
from application.ports.decisions.idempotency import (
    Claim,
    IdempotencyKey,
    OriginalResponseUnavailable,
    canonical_request,
)
from application.use_cases.decisions.assess_loan_application import AssessLoanApplication, AssessmentRequest
from domain.access.user import Actor
from domain.applications.application_identity import NO_IDENTITY, ApplicationIdentity
from domain.applications.loan_application import LoanApplication
from domain.decisions.decision_record import DecisionRecord

_ACTION = "assess a loan application"


@dataclass(frozen=True, slots=True)
class AssessmentResult:
    """A recorded decision; `replayed` where an earlier request under the same key made it."""

    record: DecisionRecord
    replayed: bool

    @classmethod
    def of(cls, decided: DecisionRecord, recorded: DecisionRecord) -> Self | OriginalResponseUnavailable:
        """The outcome of a decision under whose key `recorded` is recorded.

        OriginalResponseUnavailable where the recorded decision belongs to another caller or application:
        idempotency keys are not protected by the audit trail and must not disclose another caller's decision.
        """
        replayed = recorded is not decided and recorded.decision_id != decided.decision_id
        if replayed and not _same_request(decided, recorded):
            return OriginalResponseUnavailable("the decision made under this key belongs to another request")
        return cls(recorded, replayed=replayed)


def _same_request(one: DecisionRecord, other: DecisionRecord) -> bool:
    return one.requested_by.name == other.requested_by.name and (
        canonical_request(_content(one.application, one.identity))
        == canonical_request(_content(other.application, other.identity))
    )


@dataclass(frozen=True, slots=True)
class AssessOnce:
    """Decides under a caller's key, so that repeating the request makes no second decision."""

    assess: AssessLoanApplication

    async def __call__(
        self,
        application: LoanApplication,
        *,
        key: IdempotencyKey,
        by: Actor,
        received_through: str,
        identity: ApplicationIdentity = NO_IDENTITY,
    ) -> AssessmentResult:
        """The first decision under the key. Raises OriginalResponseUnavailable, or KeyReused for another request.

        A replayed request is decided too, which costs less than looking for its first decision beforehand.
        """
        record = await self.assess.decide(AssessmentRequest(application, by, received_through, identity=identity))
        claim = claim_of(application, key=key, by=by, identity=identity)
        first = await self.assess.ledger.record_once(record, claim)
        return unwrap(AssessmentResult.of(record, first))


def claim_of(
    application: LoanApplication, *, key: IdempotencyKey, by: Actor, identity: ApplicationIdentity = NO_IDENTITY
) -> Claim:
    """A caller's claim of a key for the decision on a loan application with its identity."""
    return Claim.of(key, by=by, operation=_ACTION, request=_content(application, identity))


def _content(application: LoanApplication, identity: ApplicationIdentity) -> object:
    """What a key stands for. Without an identity it is the application, as in releases that knew none."""
    given = identity.given()
    return {"application": application, "identity": given} if given else application
