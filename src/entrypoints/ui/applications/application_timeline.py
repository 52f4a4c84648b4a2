"""What happened to a loan application, as entries of its timeline."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from application.use_cases.applications.read_applications import ApplicationChain, CaseHistory
from domain.access.user import APPLICANT
from domain.applications.application_action import Acceptance, ApplicationAction
from domain.applications.application_state import ApplicationState
from domain.cases.case_action import CaseAction, CaseActionKind
from domain.cases.final_decision import FinalDecision
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.policies.final_outcome import FinalOutcome
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.formats import money, sentence
from entrypoints.ui.shared.time_zone import UTC_ZONE, Moment

_OUTCOME_ICONS = {"approved": "check_circle", "referred": "supervisor_account", "declined": "cancel"}
_FINAL_ICONS = {
    FinalOutcome.APPROVED: "check_circle",
    FinalOutcome.COUNTER_OFFER: "published_with_changes",
    FinalOutcome.DECLINED: "cancel",
}
_FINAL_VERBS = {
    FinalOutcome.APPROVED: "approved",
    FinalOutcome.COUNTER_OFFER: "made a counter-offer of",
    FinalOutcome.DECLINED: "declined the application",
}
_CASE_EVENTS = {
    CaseActionKind.REVIEW_OPENED: ("restart_alt", "A review of the decision was opened"),
    CaseActionKind.INFORMATION_REQUESTED: ("contact_support", "The applicant was asked for information"),
    CaseActionKind.INFORMATION_RECEIVED: ("mark_email_read", "The applicant's answer arrived"),
    CaseActionKind.APPLICANT_REQUEST_RECEIVED: (
        "support_agent",
        "The applicant asked for a correction or a person",
    ),
    CaseActionKind.EXPIRED: ("event_busy", "The applicant did not answer in time"),
    CaseActionKind.WITHDRAWN: ("undo", "The referral case was withdrawn"),
}
"""The actions on a case that matter to the applicant; the page of the case has all of them."""


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """What happened: when, by whom, and where to read more."""

    icon_name: str
    title: str
    at: Moment
    text: str = ""
    details: tuple[str, ...] = ()
    href: str = ""
    link: str = ""


def application_timeline(
    chain: ApplicationChain, zone: ZoneInfo = UTC_ZONE, *, internal: bool = True
) -> tuple[TimelineEntry, ...]:
    """What happened, newest first, with times in the zone; `internal` names the people who decided."""
    dated = [(decision.decided_at, _decided(decision, zone)) for decision in chain.decisions]
    for history in chain.cases:
        dated += _of_case(history, zone, internal=internal)
    life = chain.present.life
    if chain.present.state is ApplicationState.EXPIRED and life.offer is not None:
        title = f"The offer of {money(life.offer.amount)} expired"
        dated.append((life.offer.expires_at, TimelineEntry("event_busy", title, _at(life.offer.expires_at, zone))))
    dated += [(action.at, _done(action, zone)) for action in life.actions]
    oldest_first = sorted(dated, key=lambda each: each[0])
    return tuple(entry for _, entry in reversed(oldest_first))


def _at(at: datetime, zone: ZoneInfo) -> Moment:
    return Moment.of(at, zone)


def _decided(decision: DecisionRecord | UnreadableDecision, zone: ZoneInfo) -> TimelineEntry:
    at, href = _at(decision.decided_at, zone), f"/decisions/{decision.decision_id}"
    if isinstance(decision, UnreadableDecision):
        title = "A decision that cannot be read"
        return TimelineEntry("report", title, at, sentence(decision.problem), href=href, link="Open decision")
    outcome, terms = decision.decision.outcome.value, decision.application.terms
    reason = decision.supersedes_reason
    return TimelineEntry(
        _OUTCOME_ICONS[outcome],
        f"The system {outcome} {money(terms.amount)} over {terms.term} months",
        at,
        ""
        if reason is None
        else f"Replaces the decision before. Reason: {labels.SUPERSEDES_REASONS[reason].lower()}.",
        (f"Requested by {decision.requested_by.name}",),
        href,
        "Open decision",
    )


def _of_case(history: CaseHistory, zone: ZoneInfo, *, internal: bool) -> Iterator[tuple[datetime, TimelineEntry]]:
    href = f"/cases/{history.case.case_id}" if internal else ""
    if history.problem:
        title = "A referral case that cannot be read"
        entry = TimelineEntry(
            "report", title, _at(history.case.opened_at, zone), sentence(history.problem), href=href
        )
        yield history.case.opened_at, entry
    for action in history.actions:
        if action.kind in _CASE_EVENTS:
            yield action.at, _on_case(action, zone, href, internal=internal)
    if history.final is not None:
        yield history.final.decided_at, _resolved(history.final, zone, href, internal=internal)


def _on_case(action: CaseAction, zone: ZoneInfo, href: str, *, internal: bool) -> TimelineEntry:
    icon_name, title = _CASE_EVENTS[action.kind]
    name = "the applicant" if action.actor == APPLICANT else action.actor.name
    by = (f"By {name}",) if internal else ()
    return TimelineEntry(icon_name, title, _at(action.at, zone), "", by, href, "Open case")


def _resolved(final: FinalDecision, zone: ZoneInfo, href: str, *, internal: bool) -> TimelineEntry:
    who = final.maker.name if internal else "An underwriter"
    loan = "" if final.amount is None else f" {money(final.amount)} over {final.term} months"
    details = [final.reason_text]
    if internal and final.checker is not None:
        details.append(f"Second approval by {final.checker.name}")
    details += [f"Condition: {condition.text}" for condition in final.conditions]
    return TimelineEntry(
        _FINAL_ICONS[final.outcome],
        f"{who} {_FINAL_VERBS[final.outcome]}{loan}",
        _at(final.decided_at, zone),
        final.text if internal else "",
        tuple(details),
        href,
        "Open case",
    )


def _done(action: ApplicationAction, zone: ZoneInfo) -> TimelineEntry:
    at, by = _at(action.at, zone), (f"Recorded by {action.actor.name} ({action.actor.role.value})",)
    if isinstance(action.details, Acceptance):
        accepted = action.details
        of_all = "" if accepted.amount == accepted.offered else f" of {money(accepted.offered)} offered"
        return TimelineEntry("handshake", f"The applicant accepted {money(accepted.amount)}{of_all}", at, "", by)
    reason = labels.WITHDRAWAL_REASONS[action.details.reason]
    return TimelineEntry("undo", f"Withdrawn: {reason}", at, action.details.text, by)
