"""Referral cases for tests."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from domain.access.user import Actor, Role
from domain.applications.application_identity import NO_IDENTITY
from domain.cases.case_action import CaseAction, CaseDetails
from domain.cases.referral_case import ReferralCase
from domain.decisions.decision_record import DecisionRecord
from support.builders import A_MOMENT, a_decision_record

UMA = Actor("uma", Role.UNDERWRITER)
UDO = Actor("udo", Role.UNDERWRITER)
SARA = Actor("sara", Role.SENIOR_UNDERWRITER)
LATER = A_MOMENT + timedelta(minutes=5)


def a_referred_record(*, due_in: timedelta = timedelta(hours=48), **overrides: Any) -> DecisionRecord:
    """The record of a referred decision that opens a case."""
    decided_at = overrides.get("decided_at", A_MOMENT)
    return a_decision_record(
        **{
            "decision_id": uuid4(),
            "identity": NO_IDENTITY,
            "trial": False,
            "case_due_at": decided_at + due_in,
            **overrides,
        }
    )


def a_case(**overrides: Any) -> ReferralCase:
    """The case of a decision on $12,000.25 in grade D, which is due 48 hours later."""
    return ReferralCase.opened(a_referred_record(**overrides))


def act(case: ReferralCase, details: CaseDetails, by: Actor = UMA, at: datetime = LATER) -> CaseAction:
    """The next action on the case."""
    return case.act(details, by=by, at=at, action_id=uuid4())


def done(case: ReferralCase, details: CaseDetails, by: Actor = UMA, at: datetime = LATER) -> ReferralCase:
    """The case after an action, held for 15 minutes by its assignee."""
    after = case.after(act(case, details, by, at))
    return after.leased(at + timedelta(minutes=15) if after.assignee else None)
