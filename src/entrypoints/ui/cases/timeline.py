"""What was done to a case, as entries of its timeline."""

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from domain.access.user import APPLICANT
from domain.cases.after_resolution import ConditionChanged, QualityReviewed
from domain.cases.applicant_request import ApplicantRequestReceived
from domain.cases.case_action import CaseAction, CaseActionKind
from domain.cases.claiming import CaseReassigned
from domain.cases.endings import CaseWithdrawn, WithdrawalReason
from domain.cases.information import CaseNoteAdded, InformationReceived, InformationRequested
from domain.cases.own_view import OwnViewEntered
from domain.cases.referral_case import ReferralCase
from domain.cases.resolving import CaseResolved, ResolutionProposed, SecondApprovalGiven, SecondApprovalRefused
from domain.cases.review import ReviewOpened
from domain.reconsiderations.reconsideration import ReconsiderationKind
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.formats import capital
from entrypoints.ui.shared.time_zone import UTC_ZONE, Moment

_ICONS = {
    CaseActionKind.CLAIMED: "person_add",
    CaseActionKind.RELEASED: "person_remove",
    CaseActionKind.REASSIGNED: "swap_horiz",
    CaseActionKind.NOTE_ADDED: "sticky_note_2",
    CaseActionKind.INFORMATION_REQUESTED: "contact_support",
    CaseActionKind.INFORMATION_RECEIVED: "mark_email_read",
    CaseActionKind.RESOLUTION_PROPOSED: "rate_review",
    CaseActionKind.SECOND_APPROVAL_GIVEN: "how_to_reg",
    CaseActionKind.SECOND_APPROVAL_REFUSED: "person_off",
    CaseActionKind.RESOLVED: "gavel",
    CaseActionKind.CONDITION_CHANGED: "checklist",
    CaseActionKind.OWN_VIEW_ENTERED: "visibility",
    CaseActionKind.WITHDRAWN: "undo",
    CaseActionKind.EXPIRED: "event_busy",
    CaseActionKind.DUE_TIME_PASSED: "alarm",
    CaseActionKind.REVIEW_OPENED: "restart_alt",
    CaseActionKind.QUALITY_REVIEWED: "fact_check",
    CaseActionKind.APPLICANT_REQUEST_RECEIVED: "support_agent",
}
_WITHDRAWN = {
    WithdrawalReason.APPLICATION_WITHDRAWN: "The application was withdrawn",
    WithdrawalReason.SUPERSEDED: "A later decision on the application replaced the referral",
}


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One action: who did what and when, with what was written."""

    icon_name: str
    title: str
    at: Moment
    text: str = ""
    details: tuple[str, ...] = ()


def timeline_of(
    case: ReferralCase, actions: Iterable[CaseAction], zone: ZoneInfo = UTC_ZONE
) -> tuple[TimelineEntry, ...]:
    """The entries, the last action first."""
    done = list(actions)
    entries = [_entry(action, zone) for action in done]
    if not any(isinstance(action.details, ReviewOpened) for action in done):
        at = Moment.of(case.opened_at, zone)
        entries.insert(0, TimelineEntry("supervisor_account", "The system referred the application", at))
    return tuple(reversed(entries))


def _entry(action: CaseAction, zone: ZoneInfo) -> TimelineEntry:
    title, text, details = _words(action, zone)
    return TimelineEntry(_ICONS[action.kind], title, Moment.of(action.at, zone), text, details)


Words = tuple[str, str, tuple[str, ...]]
"""What was done, the text that was written, and other details."""


def _words(action: CaseAction, zone: ZoneInfo) -> Words:
    who = "The applicant" if action.actor == APPLICANT else action.actor.name
    plain = {
        CaseActionKind.CLAIMED: f"{who} claimed the case",
        CaseActionKind.RELEASED: f"{who} released the case",
        CaseActionKind.EXPIRED: "The case expired: the applicant did not answer in time",
        CaseActionKind.DUE_TIME_PASSED: "The due time passed",
    }
    return (
        _of_work(action, who, zone)
        or _of_decision(action, who)
        or (plain.get(action.kind, f"{capital(action.kind.value)} by {who}"), "", ())
    )


def _of_work(action: CaseAction, who: str, zone: ZoneInfo) -> Words | None:
    words: Words | None = None
    match action.details:
        case CaseNoteAdded(text=text):
            words = f"{who} added a note", text, ()
        case InformationRequested(text=text, answer_by=answer_by):
            words = f"{who} asked the applicant", text, (f"To be answered by {Moment.of(answer_by, zone).local}",)
        case InformationReceived(text=text):
            words = f"{who} recorded the answer", text, ()
        case CaseReassigned(to=to):
            words = f"{who} reassigned the case to {to}", "", ()
        case ApplicantRequestReceived(request=request, due_at=due_at):
            asked = "for a correction" if request is ReconsiderationKind.CORRECTION else "for a person"
            words = f"The applicant asked {asked}", "", (f"To be answered by {Moment.of(due_at, zone).local}",)
        case ReviewOpened(reason=text):
            words = f"{who} opened a review of the decision", text, ()
        case CaseWithdrawn(reason=reason):
            words = _WITHDRAWN[reason], "", (f"By {who}",)
    return words


def _of_decision(action: CaseAction, who: str) -> Words | None:
    words: Words | None = None
    match action.details:
        case ResolutionProposed(proposal=proposal) | CaseResolved(proposal=proposal):
            done = "proposed" if isinstance(action.details, ResolutionProposed) else "resolved the case"
            outcome = labels.FINAL_OUTCOMES[proposal.resolution.outcome].lower()
            words = f"{who} {done}: {outcome}", proposal.resolution.text, (proposal.reason_text,)
        case SecondApprovalGiven(text=text):
            words = f"{who} gave the second approval", text, ()
        case SecondApprovalRefused(text=text):
            words = f"{who} refused the second approval", text, ()
        case OwnViewEntered(outcome=view, text=text, agrees=agrees):
            agreement = "Agrees with the system" if agrees else "Differs from the system"
            words = f"{who} would decide: {labels.FINAL_OUTCOMES[view].lower()}", text, (agreement,)
        case ConditionChanged(number=number, state=state, reason=text):
            words = f"{who} marked condition {number} as {state.value}", text, ()
        case QualityReviewed(outcome=view, text=text, agrees=agrees):
            agreement = "Agrees with the final decision" if agrees else "Differs from the final decision"
            words = f"{who} reviewed: {labels.FINAL_OUTCOMES[view].lower()}", text, (agreement,)
    return words
