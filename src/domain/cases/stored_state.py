"""Whether the stored state of a case is the one that its decision and its actions lead to."""

from collections.abc import Sequence
from dataclasses import fields

from domain.cases.case_action import CaseAction
from domain.cases.case_errors import CaseError, InvalidCaseHistory
from domain.cases.referral_case import ReferralCase
from domain.cases.review import first_state
from domain.decisions.decision_record import DecisionRecord

_COMPARED = [field.name for field in fields(ReferralCase) if field.name != "lease_until"]
"""Activity renews the lease, which leaves no action."""


def state_fault(stored: ReferralCase, record: DecisionRecord, actions: Sequence[CaseAction]) -> str:
    """How the state differs from that of the actions; empty if it does not."""
    try:
        expected = first_state(record, tuple(actions)).after_all(actions)
    except (InvalidCaseHistory, CaseError, ValueError) as fault:
        return f"its actions lead to no state: {fault}"
    differing = [name for name in _COMPARED if getattr(stored, name) != getattr(expected, name)]
    if not differing:
        return ""
    stated = ", ".join(f"{name} is {_text(stored, name)} instead of {_text(expected, name)}" for name in differing)
    return f"its stored state is not the one that its actions lead to: {stated}"


def _text(case: ReferralCase, name: str) -> str:
    found = getattr(case, name)
    return str(getattr(found, "value", found))
