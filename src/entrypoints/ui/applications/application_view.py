"""A loan application as text: its state, the offer, and everything that was decided and done."""

from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from application.use_cases.applications.read_applications import ApplicationChain, PresentApplication
from domain.applications.application_action import Acceptance, ApplicationAction
from domain.applications.application_life import Offer
from domain.applications.application_state import ApplicationState
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.formats import money, percent, sentence
from entrypoints.ui.shared.time_zone import UTC_ZONE, Moment

ChipStyle = Literal["approved", "referred", "declined", "neutral"]
STATE_CHIPS: dict[ApplicationState, tuple[ChipStyle, str]] = {
    ApplicationState.APPROVED: ("approved", "check_circle"),
    ApplicationState.COUNTER_OFFER: ("approved", "published_with_changes"),
    ApplicationState.REFERRED: ("referred", "supervisor_account"),
    ApplicationState.DECLINED: ("declined", "cancel"),
    ApplicationState.ACCEPTED: ("approved", "handshake"),
    ApplicationState.WITHDRAWN: ("neutral", "undo"),
    ApplicationState.EXPIRED: ("neutral", "event_busy"),
}
"""The style and the icon of each state."""
_OUTCOME_ICONS = {"approved": "check_circle", "referred": "supervisor_account", "declined": "cancel"}


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


@dataclass(frozen=True, slots=True)
class OfferView:
    """The loan that can be accepted, or could until it expired."""

    amount: str
    smallest: str
    term: str
    annual_rate: str
    expires: Moment


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """The page of an application. `meaning` says what the state means for the applicant."""

    application_id: str
    decision_id: str
    state: ApplicationState
    state_label: str
    style: ChipStyle
    icon_name: str
    meaning: str
    offer: OfferView | None
    request: str
    facts: tuple[tuple[str, str], ...]
    timeline: tuple[TimelineEntry, ...]


def application_view(chain: ApplicationChain, zone: ZoneInfo = UTC_ZONE) -> ApplicationView:
    """The page of an application, with times in the zone."""
    present = chain.present
    record, offer, state = present.record, present.life.offer, present.state
    style, icon_name = STATE_CHIPS[state]
    terms = record.application.terms
    return ApplicationView(
        application_id=str(present.life.application_id),
        decision_id=str(present.life.decision_id),
        state=state,
        state_label=labels.APPLICATION_STATES[state],
        style=style,
        icon_name=icon_name,
        meaning=meaning_of(present, zone),
        offer=None if offer is None else _offer(offer, zone),
        request=f"{money(terms.amount)} over {terms.term} months",
        facts=tuple(_facts(present)),
        timeline=tuple(reversed(_timeline(chain, zone))),
    )


def meaning_of(present: PresentApplication, zone: ZoneInfo) -> str:
    """What the state means for the applicant."""
    offer, ended = present.life.offer, present.life.ended_by
    if ended is not None:
        if isinstance(ended.details, Acceptance):
            return f"The applicant accepted {money(ended.details.amount)}."
        return "The application is withdrawn."
    if offer is None:
        return _WITHOUT_OFFER[present.state]
    until = Moment.of(offer.expires_at, zone).local
    if present.state is ApplicationState.EXPIRED:
        return f"The offer expired on {until}. The applicant can submit the application again."
    return f"The applicant can accept {money(offer.amount)} over {offer.term} months until {until}."


_WITHOUT_OFFER = {
    ApplicationState.REFERRED: "An underwriter will decide.",
    ApplicationState.DECLINED: "The application does not meet lending policy.",
    ApplicationState.EXPIRED: "The applicant did not answer in time, and can submit the application again.",
}


def _offer(offer: Offer, zone: ZoneInfo) -> OfferView:
    return OfferView(
        amount=money(offer.amount),
        smallest=money(min(offer.minimum, offer.amount)),
        term=f"{offer.term} months",
        annual_rate=percent(offer.annual_rate, 2),
        expires=Moment.of(offer.expires_at, zone),
    )


def _facts(present: PresentApplication) -> list[tuple[str, str]]:
    record = present.record
    identity = record.identity
    given = [
        ("Application reference", identity.application_reference),
        ("Applicant reference", identity.applicant_reference),
        ("Source", identity.source),
        ("Submitted by", present.stored.requested_by),
        ("Received through", labels.channel_label(record.received_through)),
        ("Product", record.application.product.name),
    ]
    return [(label, text) for label, text in given if text]


def _timeline(chain: ApplicationChain, zone: ZoneInfo) -> list[TimelineEntry]:
    """What happened, oldest first."""
    entries = [_decided(decision, zone) for decision in chain.decisions]
    life = chain.present.life
    if chain.present.state is ApplicationState.EXPIRED and life.offer is not None:
        at = Moment.of(life.offer.expires_at, zone)
        entries.append(TimelineEntry("event_busy", f"The offer of {money(life.offer.amount)} expired", at))
    entries += [_done(action, zone) for action in life.actions]
    return entries


def _decided(decision: DecisionRecord | UnreadableDecision, zone: ZoneInfo) -> TimelineEntry:
    at, href = Moment.of(decision.decided_at, zone), f"/decisions/{decision.decision_id}"
    if isinstance(decision, UnreadableDecision):
        title = "A decision that cannot be read"
        return TimelineEntry("report", title, at, sentence(decision.problem), href=href, link="Open decision")
    outcome, terms = decision.decision.outcome.value, decision.application.terms
    reason = decision.supersedes_reason
    return TimelineEntry(
        _OUTCOME_ICONS[outcome],
        f"The system {outcome} {money(terms.amount)} over {terms.term} months",
        at,
        "" if reason is None else f"Supersedes the decision before: {labels.SUPERSEDES_REASONS[reason].lower()}.",
        (f"Requested by {decision.requested_by.name}",),
        href,
        "Open decision",
    )


def _done(action: ApplicationAction, zone: ZoneInfo) -> TimelineEntry:
    at, by = Moment.of(action.at, zone), (f"Recorded by {action.actor.name} ({action.actor.role.value})",)
    if isinstance(action.details, Acceptance):
        accepted = action.details
        of_all = "" if accepted.amount == accepted.offered else f" of {money(accepted.offered)} offered"
        return TimelineEntry("handshake", f"The applicant accepted {money(accepted.amount)}{of_all}", at, "", by)
    reason = labels.WITHDRAWAL_REASONS[action.details.reason]
    return TimelineEntry("undo", f"Withdrawn: {reason}", at, action.details.text, by)
