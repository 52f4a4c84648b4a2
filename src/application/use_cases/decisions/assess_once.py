"""Assess a loan application once, however often the request is repeated."""

from dataclasses import dataclass
from typing import Self

from application.outcomes import unwrap
from application.ports.decisions.decision_ledger import ApplicationReferenceTaken
from application.ports.decisions.idempotency import IdempotencyKey, OriginalResponseUnavailable
from application.use_cases.decisions.assess_loan_application import AssessLoanApplication, AssessmentRequest
from application.use_cases.decisions.request_content import same_content
from domain.access.user import Actor
from domain.applications.application_identity import NO_IDENTITY, ApplicationIdentity
from domain.applications.loan_application import LoanApplication
from domain.decisions.circumstances import NO_CIRCUMSTANCES, Circumstances
from domain.decisions.decision_record import DecisionRecord


@dataclass(frozen=True, slots=True)
class AssessmentResult:
    """A recorded decision; `replayed` where an earlier request with the same key or reference made it."""

    record: DecisionRecord
    replayed: bool

    @classmethod
    def of(cls, decided: DecisionRecord, recorded: DecisionRecord | Exception) -> Self | Exception:
        """The outcome of recording a decision, for which the ledger returned `recorded`.

        OriginalResponseUnavailable where the recorded decision belongs to another caller or application:
        idempotency keys are not protected by the audit trail and must not disclose another caller's decision.
        """
        if isinstance(recorded, ApplicationReferenceTaken):
            return cls._repeated(decided, recorded)
        if isinstance(recorded, Exception):
            return recorded
        replayed = recorded is not decided and recorded.decision_id != decided.decision_id
        if replayed and not (
            decided.requested_by.name == recorded.requested_by.name and same_content(decided, recorded)
        ):
            return OriginalResponseUnavailable("the decision made under this key belongs to another request")
        return cls(recorded, replayed=replayed)

    @classmethod
    def _repeated(cls, decided: DecisionRecord, taken: ApplicationReferenceTaken) -> Self | Exception:
        """The first decision if this one repeats it; its caller must be allowed to see the application."""
        by, first = decided.requested_by, taken.decision
        if by.visible_owner is not None and taken.owner != by.visible_owner:
            return ApplicationReferenceTaken(taken.reference)
        if first is not None and same_content(decided, first):
            return cls(first, replayed=True)
        return taken


@dataclass(frozen=True, slots=True)
class AssessOnce:
    """Decides so that repeating a request, under the same key or with the same reference, decides it once."""

    assess: AssessLoanApplication

    async def __call__(
        self,
        application: LoanApplication,
        *,
        key: IdempotencyKey | None,
        by: Actor,
        received_through: str,
        identity: ApplicationIdentity = NO_IDENTITY,
        circumstances: Circumstances = NO_CIRCUMSTANCES,
    ) -> AssessmentResult:
        """The decision, or the first one under the key or with the reference.

        Raises ApplicationReferenceTaken, OriginalResponseUnavailable, and KeyReused for another request. A
        repeated request is decided too, which costs less than looking for its first decision beforehand.
        """
        request = AssessmentRequest(
            application, by, received_through, key, identity=identity, circumstances=circumstances
        )
        return unwrap(AssessmentResult.of(*await self.assess.decide_and_record(request)))
