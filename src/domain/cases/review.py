"""A review: a new case on a decision that is not waiting for a person, which is the only way to change it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from domain.access.user import Actor
from domain.applications.synthetic import is_synthetic
from domain.cases.case_action import CaseAction, CaseActionKind, CaseDetails
from domain.cases.case_errors import CaseStateForbids
from domain.cases.case_text import check_case_text
from domain.cases.referral_case import ReferralCase
from domain.cases.resolution_errors import ReviewNotPossible
from domain.decisions.decision_record import DecisionRecord


@dataclass(frozen=True, slots=True)
class ReviewOpened(CaseDetails):
    """The first action of the case: the decision is reviewed for this reason, by this time."""

    decision_id: UUID
    reason: str
    due_at: datetime
    kind: ClassVar[CaseActionKind] = CaseActionKind.REVIEW_OPENED

    def __post_init__(self) -> None:
        check_case_text(self.reason, "the reason for the review")

    def check(self, case: ReferralCase, by: Actor, at: datetime) -> None:  # noqa: ARG002 - the interface
        if case.version:
            raise CaseStateForbids("a case is opened once")

    def applied(self, case: ReferralCase, by: Actor, at: datetime) -> ReferralCase:  # noqa: ARG002 - the interface
        return replace(case, opened_at=at)


def review_case(record: DecisionRecord, case_id: UUID, *, at: datetime, due_at: datetime) -> ReferralCase:
    """The case of a review before its first action; raises ReviewNotPossible."""
    if record.trial:
        raise ReviewNotPossible(
            f"decision {record.decision_id} was made to try something, and is no decision on a loan application"
        )
    return ReferralCase(
        case_id=case_id,
        decision_id=record.decision_id,
        opened_at=at,
        due_at=due_at,
        amount=record.application.terms.amount,
        grade=record.decision.grade,
        requested_by=record.requested_by.name,
        reasons=tuple([reason.code for reason in record.decision.reasons]),
        application_reference=record.identity.application_reference,
        applicant_reference=record.identity.applicant_reference,
        synthetic=is_synthetic(record.identity),
    )


def first_state(record: DecisionRecord, actions: "tuple[CaseAction, ...]") -> ReferralCase:
    """The case before its first action: opened by the referred decision, or by a review of any decision."""
    opening = actions[0] if actions else None
    if opening is not None and isinstance(opening.details, ReviewOpened):
        return review_case(record, opening.case_id, at=opening.at, due_at=opening.details.due_at)
    return ReferralCase.opened(record)
