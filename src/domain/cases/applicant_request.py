"""The applicant asks for a correction or a person while a case is open, or by a review opened for it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from domain.access.user import Actor
from domain.cases.case_action import CaseActionKind, CaseDetails
from domain.cases.case_errors import CaseStateForbids
from domain.cases.referral_case import ReferralCase
from domain.reconsiderations.reconsideration import ReconsiderationKind


@dataclass(frozen=True, slots=True)
class ApplicantRequestReceived(CaseDetails):
    """The case is to answer a request of the applicant by `due_at`. Needs no lease: people work on it later."""

    reconsideration_id: UUID
    request: ReconsiderationKind
    fields: tuple[str, ...]
    due_at: datetime
    kind: ClassVar[CaseActionKind] = CaseActionKind.APPLICANT_REQUEST_RECEIVED

    def check(self, case: ReferralCase, by: Actor, at: datetime) -> None:  # noqa: ARG002 - the interface
        case.require_unfinished()
        if case.request_due_at is not None:
            raise CaseStateForbids("this case has a request of the applicant already")

    def applied(self, case: ReferralCase, by: Actor, at: datetime) -> ReferralCase:  # noqa: ARG002 - the interface
        return replace(case, request_due_at=self.due_at)
