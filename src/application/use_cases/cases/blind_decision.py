"""A decision without its score and recommendation, for underwriters who are to form their own view first."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from uuid import UUID

from domain.applications.application_identity import ApplicationIdentity
from domain.applications.loan_application import LoanApplication
from domain.cases.case_action import CaseAction, CaseActionKind
from domain.cases.referral_case import ReferralCase
from domain.decisions.circumstances import Circumstances
from domain.decisions.decision_record import DecisionRecord
from domain.policies.reasons import AdverseActionReason

_TELLING = frozenset(
    {
        CaseActionKind.OWN_VIEW_ENTERED,
        CaseActionKind.RESOLUTION_PROPOSED,
        CaseActionKind.SECOND_APPROVAL_GIVEN,
        CaseActionKind.SECOND_APPROVAL_REFUSED,
        CaseActionKind.RESOLVED,
    }
)
"""Actions that say what the system recommends or what others decided."""


@dataclass(frozen=True, slots=True)
class BlindDecision:
    """What a decision says about the application itself, with the reasons of rules."""

    decision_id: UUID
    decided_at: datetime
    requested_by: str
    received_through: str
    application: LoanApplication
    identity: ApplicationIdentity
    circumstances: Circumstances
    failed_rules: tuple[str, ...]
    rule_reasons: tuple[AdverseActionReason, ...]

    @classmethod
    def of(cls, record: DecisionRecord) -> Self:
        """The decision of a record, without prediction, outcome, grade, price and recommended amount."""
        return cls(
            decision_id=record.decision_id,
            decided_at=record.decided_at,
            requested_by=record.requested_by.name,
            received_through=record.received_through,
            application=record.application,
            identity=record.identity,
            circumstances=record.circumstances,
            failed_rules=record.decision.failed_rules,
            rule_reasons=record.decision.rule_reasons or (),
        )


def blind_case(case: ReferralCase, decision: BlindDecision) -> ReferralCase:
    """The case without its grade and the reasons of the score."""
    return replace(case, grade="", reasons=tuple([reason.code for reason in decision.rule_reasons]))


def blind_actions(actions: tuple[CaseAction, ...], reader: str) -> tuple[CaseAction, ...]:
    """The actions without those of others that say what the system recommends or what was decided."""
    return tuple([each for each in actions if each.kind not in _TELLING or each.actor.name == reader])
