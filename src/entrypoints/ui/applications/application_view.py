"""A loan application as text: its state, the offer, and everything that was decided and done."""

from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from application.use_cases.applications.read_applications import ApplicationChain, PresentApplication
from domain.applications.application_action import Acceptance
from domain.applications.application_life import Offer
from domain.applications.application_state import ApplicationState
from domain.applications.synthetic import is_synthetic
from entrypoints.ui.applications.application_timeline import TimelineEntry, application_timeline
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.formats import capital, money, percent
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
    synthetic: bool = False


def application_view(
    chain: ApplicationChain, zone: ZoneInfo = UTC_ZONE, *, internal: bool = True
) -> ApplicationView:
    """The page of an application, with times in the zone; `internal` names the people who decided."""
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
        timeline=application_timeline(chain, zone, internal=internal),
        synthetic=is_synthetic(record.identity),
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
        smallest=money(offer.smallest),
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
        ("Product", capital(record.application.product.name.replace("_", " "))),
    ]
    return [(label, text) for label, text in given if text]
