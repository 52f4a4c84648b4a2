"""The state of a case for its viewer: who holds it, how urgent it is, and what the viewer can do now."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.access.user import Actor, Permission
from domain.cases.case_errors import CaseError, CaseHeld, SecondApprovalNotPermitted
from domain.cases.case_state import CaseState
from domain.cases.claiming import CaseClaimed
from domain.cases.referral_case import ReferralCase
from entrypoints.ui.cases.due_badge import DueBadge, due_badge
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.formats import sentence
from entrypoints.ui.shared.time_zone import UTC_ZONE, Moment

_STYLES = {
    CaseState.OPEN: ("neutral", "inbox"),
    CaseState.ASSIGNED: ("neutral", "edit_note"),
    CaseState.AWAITING_APPLICANT: ("referred", "hourglass_top"),
    CaseState.AWAITING_SECOND_APPROVAL: ("referred", "how_to_reg"),
    CaseState.RESOLVED: ("approved", "check_circle"),
    CaseState.WITHDRAWN: ("neutral", "undo"),
    CaseState.EXPIRED: ("declined", "event_busy"),
}


@dataclass(frozen=True, slots=True)
class CaseHead:
    """The line below the title.

    `obstacle` says why the viewer cannot claim a case that is free; "" if nothing does.
    """

    state: str
    style: str
    icon_name: str
    due: DueBadge | None
    holder: str
    held: bool
    can_claim: bool
    obstacle: str
    can_reassign: bool


def case_head(case: ReferralCase, viewer: Actor, now: datetime, zone: ZoneInfo = UTC_ZONE) -> CaseHead:
    """The head of a case at this time."""
    state = case.state_at(now)
    style, icon_name = _STYLES[state]
    held = case.holder_at(now) == viewer.name and not case.state.ended
    obstacle = _obstacle(case, viewer, now)
    free = case.holder_at(now) is None and not case.state.ended
    return CaseHead(
        state=labels.CASE_STATES[state],
        style=style,
        icon_name=icon_name,
        due=None if case.state.ended else due_badge(case.due_at, now, zone, awaiting_since=case.awaiting_since),
        holder=_holder(case, viewer, now, zone),
        held=held,
        can_claim=free and not obstacle and viewer.may(Permission.WORK_CASES),
        obstacle="" if held else obstacle,
        can_reassign=viewer.may(Permission.REASSIGN_CASES) and not case.state.ended,
    )


def subtitle_of(case: ReferralCase) -> str:
    """What the case is about, for the line below the title of its page."""
    facts = (
        "Referral case" if case.case_id == case.decision_id else "Review of a decision",
        f"Application {case.application_reference}" if case.application_reference else "",
        f"Applicant {case.applicant_reference}" if case.applicant_reference else "",
        f"Grade {case.grade}" if case.grade else "",  # withheld until an own view is entered
        f"Requested by {case.requested_by}",
    )
    return " · ".join(filter(None, facts))


def _obstacle(case: ReferralCase, viewer: Actor, now: datetime) -> str:
    if case.state.ended or not viewer.may(Permission.WORK_CASES):
        return ""
    try:
        CaseClaimed().check(case, viewer, now)
    except CaseHeld:  # the head names the holder
        return ""
    except SecondApprovalNotPermitted:
        return "" if case.proposed_by == viewer.name else "Only senior underwriters give second approvals."
    except CaseError as error:
        return sentence(str(error))
    return ""


def _holder(case: ReferralCase, viewer: Actor, now: datetime, zone: ZoneInfo) -> str:
    """Who holds the case and until when, as a sentence."""
    if case.ended_at is not None:
        return f"Finished {Moment.of(case.ended_at, zone).local}."
    holder = case.holder_at(now)
    if holder is not None and case.lease_until is not None:
        until = f"{case.lease_until.astimezone(zone):%H:%M}"
        if holder == viewer.name:
            return f"You hold this case until {until}. Working on this page renews it."
        since = f" since {Moment.of(case.assigned_at, zone).local}" if case.assigned_at else ""
        return f"{holder} holds this case{since}, at least until {until}."
    if case.proposed_by is not None:
        proposer = "You" if case.proposed_by == viewer.name else case.proposed_by
        return f"{proposer} proposed a resolution. A second person decides."
    if case.assignee is None or case.lease_until is None:
        return "This case is free." + (" Claim it to work on it." if viewer.may(Permission.WORK_CASES) else "")
    ended = Moment.of(case.lease_until, zone).local
    whose = "Your claim" if case.assignee == viewer.name else f"The claim of {case.assignee}"
    return f"{whose} ended {ended}."
