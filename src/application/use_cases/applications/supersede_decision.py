"""Decide an application again: the new decision supersedes the newest one on it."""

from dataclasses import dataclass
from uuid import UUID

from application.outcomes import unwrap
from application.ports.applications.applications import ApplicationConflict, Applications, StoredApplication
from application.ports.applications.superseding_decisions import SupersedingDecision, SupersedingDecisions
from application.ports.cases.cases import CaseChange, Cases
from application.ports.decisions.decision_ledger import (
    ApplicationReferenceTaken,
    HistoryChanged,
    LedgerUnavailable,
)
from application.ports.decisions.idempotency import Claim
from application.ports.operations.identifiers import Identifiers
from application.use_cases.decisions.assess_loan_application import AssessLoanApplication, AssessmentRequest
from application.use_cases.decisions.assess_once import AssessmentResult
from application.use_cases.decisions.read_decisions import DecisionUnreadable
from application.use_cases.decisions.request_content import claim_of, same_content
from domain.applications.application_reference import ApplicationReference
from domain.applications.superseding import (
    check_current,
    check_not_declined,
    check_not_ended,
    check_same_application,
)
from domain.cases.endings import CaseWithdrawn, WithdrawalReason
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.policies.final_outcome import FinalOutcome

_ATTEMPTS = 3
"""How often recording is tried if others change the application at the same time."""


class SupersededDecisionNotFound(Exception):
    """There is no decision to be superseded that the actor may read."""


@dataclass(frozen=True, slots=True)
class RecordSuperseding:
    """Records decisions that supersede others, after checking that they may."""

    applications: Applications
    decisions: SupersedingDecisions
    cases: Cases
    identifiers: Identifiers

    async def __call__(self, record: DecisionRecord, claim: Claim | None = None) -> AssessmentResult:
        """Record the decision, or find the one that the same request made earlier.

        Raises SupersededDecisionNotFound, ApplicationRuleViolation, DecisionUnreadable, ApplicationConflict and
        the exceptions of SupersedingDecisions.
        """
        attempts = _ATTEMPTS
        while True:
            seen, superseded = await self._find(record)
            if (first := await self._repeated(record, seen, superseded)) is not None:
                return first
            try:
                decision = await self._checked(record, seen, superseded, claim)
                return unwrap(AssessmentResult.of(record, await self.decisions.record(decision)))
            except ApplicationReferenceTaken as taken:  # the caller may not see every decision
                return unwrap(AssessmentResult.of(record, taken))
            except ApplicationConflict:
                attempts -= 1
                if not attempts:
                    raise

    async def _find(self, record: DecisionRecord) -> tuple[StoredApplication, UUID]:
        superseded = record.supersedes
        seen = None if superseded is None else await self.applications.find(superseded)
        if superseded is None or seen is None or not record.requested_by.may_see(seen.requested_by):
            raise SupersededDecisionNotFound(f"there is no decision {superseded}")
        return seen, superseded

    async def _repeated(
        self, record: DecisionRecord, seen: StoredApplication, superseded: UUID
    ) -> AssessmentResult | None:
        """The decision that superseded this one, if the same request made it."""
        if superseded == seen.decision_ids[-1]:
            return None
        following = seen.decision_ids[seen.decision_ids.index(superseded) + 1]
        for other in await self.applications.decisions(seen):
            if (
                other.decision_id == following
                and isinstance(other, DecisionRecord)
                and same_content(record, other)
            ):
                return AssessmentResult(other, replayed=True)
        return None

    async def _checked(
        self, record: DecisionRecord, seen: StoredApplication, superseded: UUID, claim: Claim | None
    ) -> SupersedingDecision:
        """What is to be recorded; raises ApplicationRuleViolation if the decision may not be superseded."""
        check_current(superseded, seen.decision_ids)
        earlier = seen.newest
        if isinstance(earlier, UnreadableDecision):
            raise DecisionUnreadable(earlier)
        check_not_ended(seen.actions)
        check_not_declined(
            superseded, by_person=seen.final is not None and seen.final.outcome is FinalOutcome.DECLINED
        )
        check_same_application(
            superseded, (earlier.application, earlier.identity), (record.application, record.identity)
        )
        given = record.identity
        reference = given.application_reference and ApplicationReference(
            given.source or seen.requested_by, given.application_reference
        )
        return SupersedingDecision(record, seen, reference or None, await self._withdrawal(record, seen), claim)

    async def _withdrawal(self, record: DecisionRecord, seen: StoredApplication) -> CaseChange | None:
        if seen.case is None or seen.case.finished:
            return None
        case = await self.cases.find(seen.case.case_id)
        if case is None or case.version != seen.case.version or case.state.ended:
            raise ApplicationConflict("the application's case was changed at the same time")
        details = CaseWithdrawn(WithdrawalReason.SUPERSEDED)
        action = case.act(details, by=record.requested_by, at=record.decided_at, action_id=self.identifiers.new())
        return CaseChange(case.after(action), action)


@dataclass(frozen=True, slots=True)
class SupersedeDecision:
    """Decides an application again. A repeated request gets the decision that it made, with or without a key."""

    assess: AssessLoanApplication
    record: RecordSuperseding

    async def __call__(self, request: AssessmentRequest) -> AssessmentResult:
        """The decision that supersedes `request.supersedes`. Raises the exceptions of RecordSuperseding.

        It is made again if another application of the applicant was recorded meanwhile.
        """
        attempts = _ATTEMPTS
        while True:
            record = await self.assess.decide(request)
            try:
                return await self.record(record, None if request.key is None else claim_of(record, request.key))
            except HistoryChanged as fault:
                attempts -= 1
                if not attempts:
                    raise LedgerUnavailable("the applicant's other applications changed meanwhile") from fault
