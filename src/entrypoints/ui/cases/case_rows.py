"""Presents a referral case as a row of the list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.cases.case_state import CaseState
from domain.cases.referral_case import ReferralCase
from domain.policies.circumstance_measures import CIRCUMSTANCE_REASONS
from domain.policies.scoring_policy import ScoringPolicy
from entrypoints.ui.cases.due_badge import DueBadge, due_badge, duration
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.formats import capital, money
from entrypoints.ui.shared.time_zone import UTC_ZONE, Moment


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case in the list; `due` is None for a finished case. `request` is when the applicant is answered."""

    case_id: str
    title: str
    subtitle: str
    opened: Moment
    due: DueBadge | None
    amount: str
    grade: str
    reason: str
    more_reasons: tuple[str, ...]
    age: str
    state: str
    holder: str
    synthetic: bool = False
    request: str = ""


def case_row(
    case: ReferralCase,
    *,
    now: datetime,
    viewer: str,
    reasons: Mapping[str, str],
    zone: ZoneInfo = UTC_ZONE,
) -> CaseRow:
    """The row of a case as `viewer` sees it; `reasons` are texts by code."""
    texts = tuple(reasons.get(code, capital(code.replace("_", " ").lower())) for code in case.reasons)
    ended = case.state.ended
    return CaseRow(
        case_id=str(case.case_id),
        title=case.application_reference or f"Case {str(case.case_id)[-8:]}",
        subtitle=case.applicant_reference or f"Requested by {case.requested_by}",
        opened=Moment.of(case.opened_at, zone),
        due=None if ended else due_badge(case.due_at, now, zone, awaiting_since=case.awaiting_since),
        amount=money(case.amount),
        grade=case.grade,
        reason=texts[0] if texts else "",
        more_reasons=texts[1:],
        age=duration((case.ended_at or now) - case.opened_at),
        state=labels.CASE_STATES[case.state_at(now)],
        holder=_holder(case, now, viewer, zone),
        synthetic=case.synthetic,
        request="" if case.request_due_at is None else Moment.of(case.request_due_at, zone).both,
    )


def _holder(case: ReferralCase, now: datetime, viewer: str, zone: ZoneInfo) -> str:
    """Who has the case, or since when it is finished."""
    if case.ended_at is not None:
        return Moment.of(case.ended_at, zone).local
    holder = case.holder_at(now)
    if holder is not None:
        return "Held by you" if holder == viewer else f"Held by {holder}"
    if case.proposed_by is not None:
        return "Proposed by you" if case.proposed_by == viewer else f"Proposed by {case.proposed_by}"
    if case.assignee is not None and case.state is CaseState.ASSIGNED:
        name = "Your claim" if case.assignee == viewer else f"The claim of {case.assignee}"
        return f"{name} ended"
    return ""


def reason_texts(policy: ScoringPolicy) -> Mapping[str, str]:
    """The texts of the reasons that the policy can give, by code."""
    texts = {code: reason.text for code, reason in CIRCUMSTANCE_REASONS.items()}
    return texts | dict(policy.product.reasons)
