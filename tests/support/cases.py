"""Referral cases for tests."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from domain.access.user import Actor, Role
from domain.applications.application_identity import NO_IDENTITY
from domain.applications.money import Money
from domain.cases.applied_authority import AppliedAuthority, SecondPersonRule
from domain.cases.case_action import CaseAction, CaseDetails
from domain.cases.counter_offer import OfferedLoan
from domain.cases.override import OverrideType
from domain.cases.proposal import Proposal
from domain.cases.referral_case import ReferralCase
from domain.cases.resolution import DocumentPointer, Resolution, conditions_of
from domain.decisions.decision_record import DecisionRecord
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
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


def a_proposal(**overrides: Any) -> Proposal:
    """A low-side override above the maker's authority, with every field."""
    usual = Proposal(
        resolution=Resolution(
            FinalOutcome.APPROVED,
            "COMPENSATING_FACTORS",
            "Fifteen years with the same employer.\nŁódź.",
            (DocumentPointer("payslip", date(2026, 3, 1), "9f" * 32),),
            conditions_of(["Pay off the credit card"]),
        ),
        reason_text="Strengths of the applicant outweigh the risk",
        override=OverrideType.LOW_SIDE,
        authority=AppliedAuthority(
            Role.UNDERWRITER,
            "underwriter, any grade: up to $10,000",
            Money(1_000_000),
            (SecondPersonRule.LOW_SIDE_OVERRIDE, SecondPersonRule.ABOVE_AUTHORITY),
        ),
        recommended=FinalOutcome.COUNTER_OFFER,
        system_outcome=Outcome.REFERRED,
        case_version=3,
        dwell_seconds=754.25,
        number=2,
        loan=OfferedLoan(Money(1_200_025), 36, "D", 0.1799, Money(43_379)),
        own_view=FinalOutcome.APPROVED,
        previous=UUID("7b0c43a4-0000-7c7b-8a53-0d6a3a5f2b13"),
    )
    return replace(usual, **overrides)
