"""What the page of a notice shows beside its letter, as values that can be compared."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from application.use_cases.notices.read_notices import NoticeView
from domain.applications.synthetic import is_reserved
from domain.notices.cancelling import NoticeCancelled
from domain.notices.issuing import NoticeDelivered, NoticeIssued, NoticeReturned
from domain.notices.notice import Notice
from domain.notices.notice_action import NoticeAction
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeState
from entrypoints.ui.cases.timeline import TimelineEntry
from entrypoints.ui.notices.due_day import DueDay, due_day, last_day
from entrypoints.ui.notices.notice_rows import STATE_CHIPS, state_text
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.formats import capital, day, sentence
from entrypoints.ui.shared.time_zone import Moment

TITLES = {
    NoticeKind.ADVERSE_ACTION: "Adverse action notice",
    NoticeKind.COUNTER_OFFER: "Counter-offer and adverse action notice",
    NoticeKind.INCOMPLETE: "Notice of an incomplete application",
}
_OWED = {
    NoticeKind.ADVERSE_ACTION: "A letter with the specific reasons of the decision and the applicant's rights.",
    NoticeKind.COUNTER_OFFER: "One letter with the terms of the offer and the reasons against the requested loan.",
    NoticeKind.INCOMPLETE: "A letter that names what is missing, and the date by which the applicant can send it.",
}
_RULES = {
    NoticeKind.ADVERSE_ACTION: "12 CFR 1002.9(a)(1)(i)",
    NoticeKind.COUNTER_OFFER: "12 CFR 1002.9(a)(1)(iv), combined notice",
    NoticeKind.INCOMPLETE: "12 CFR 1002.9(c)(2)",
}
_RULE_FOR_CLOSED = "12 CFR 1002.9(a)(1)(ii)"
_ICONS = {
    NoticeIssued: "drafts",
    NoticeDelivered: "mark_email_read",
    NoticeReturned: "undo",
    NoticeCancelled: "block",
}


@dataclass(frozen=True, slots=True)
class NoticeHead:
    """The line below the title. `ending` says why the notice is no longer owed, or will be cancelled."""

    state: str
    style: str
    icon_name: str
    due: DueDay | None
    text: str
    ending: str


@dataclass(frozen=True, slots=True)
class Obligation:
    """What is owed, why and until when."""

    owed: str
    facts: tuple[tuple[str, str], ...]
    decision_id: str
    application_id: str


@dataclass(frozen=True, slots=True)
class NoticePageView:
    """The page of a notice."""

    title: str
    subtitle: str
    synthetic: bool
    head: NoticeHead
    obligation: Obligation
    history: tuple[TimelineEntry, ...]


def notice_page_view(view: NoticeView, now: datetime, zone: ZoneInfo, lender_zone: ZoneInfo) -> NoticePageView:
    """The page at this time, with days of the lender and times in the zone of the browser."""
    notice = view.notice
    return NoticePageView(
        title=TITLES[notice.kind],
        subtitle=_subtitle(notice),
        synthetic=is_reserved(notice.source),
        head=_head(view, now, zone, lender_zone),
        obligation=_obligation(notice, lender_zone),
        history=tuple([_entry(action, zone) for action in reversed(view.actions)]),
    )


def _subtitle(notice: Notice) -> str:
    facts = (
        f"Application {notice.application_reference}" if notice.application_reference else "",
        f"Applicant {notice.applicant_reference}" if notice.applicant_reference else "",
        f"Requested by {notice.requested_by}",
    )
    return " · ".join(filter(None, facts))


def _head(view: NoticeView, now: datetime, zone: ZoneInfo, lender_zone: ZoneInfo) -> NoticeHead:
    notice = view.notice
    style, icon_name = STATE_CHIPS[notice.state]
    ended = [each.details.reason for each in view.actions if isinstance(each.details, NoticeCancelled)]
    reason = ended[-1] if ended else view.ending
    return NoticeHead(
        state=state_text(notice),
        style="declined" if notice.overdue_at(now) else style,
        icon_name=icon_name,
        due=due_day(notice, now, lender_zone),
        text=_next_step(notice, zone, lender_zone),
        ending="" if reason is None else sentence(reason.words),
    )


def _next_step(notice: Notice, zone: ZoneInfo, lender_zone: ZoneInfo) -> str:
    """What comes next, as a sentence."""
    last = day(last_day(notice, lender_zone))
    if notice.state is NoticeState.DUE:
        return f"The letter must be issued and sent by {last}."
    if notice.state is NoticeState.ISSUED and notice.returned_on is not None:
        return f"The letter came back on {day(notice.returned_on)}. Send it another way, and record its delivery."
    if notice.state is NoticeState.ISSUED and notice.issued_at is not None:
        issued = Moment.of(notice.issued_at, zone).local
        return f"Issued {issued}. Send the letter, and record its delivery by {last}."
    if notice.delivered_on is not None:
        return f"Sent to the applicant on {day(notice.delivered_on)}; it was due by {last}."
    return "No letter is owed any more."


def _obligation(notice: Notice, lender_zone: ZoneInfo) -> Obligation:
    closed = notice.cause.closes_incomplete
    received = day(notice.received_at.astimezone(lender_zone))
    return Obligation(
        owed=_OWED[notice.kind],
        facts=(
            ("Because", f"{labels.NOTICE_CAUSES[notice.cause]}."),
            ("Application closed" if closed else "Complete application received", received),
            ("Due by the end of", day(last_day(notice, lender_zone))),
            ("Time zone of the lender", lender_zone.key),
            ("Rule", _RULE_FOR_CLOSED if closed else _RULES[notice.kind]),
        ),
        decision_id=str(notice.decision_id),
        application_id=str(notice.application_id),
    )


def _entry(action: NoticeAction, zone: ZoneInfo) -> TimelineEntry:
    who, text = action.actor.name, ""
    details: tuple[str, ...] = ()
    title = f"{capital(action.kind.value)} by {who}"
    match action.details:
        case NoticeIssued(reasons=reasons, pdf_sha256=pdf, html_sha256=html):
            title = f"{who} issued the letter"
            codes = (f"Reasons: {', '.join(reasons)}",) if reasons else ()
            details = (*codes, f"SHA-256 of the PDF: {pdf}", f"SHA-256 of the HTML: {html}")
        case NoticeDelivered(method=method, on=on, text=text):
            title = f"{who} recorded the delivery"
            details = (f"{labels.DELIVERY_METHODS[method]}, {day(on)}",)
        case NoticeReturned(method=method, on=on, text=text):
            title = f"{who} recorded that the letter came back"
            details = (f"{labels.DELIVERY_METHODS[method]}, {day(on)}",)
        case NoticeCancelled(reason=reason):
            title, details = "The notice was cancelled", (sentence(reason.words),)
    icon_name = _ICONS.get(type(action.details), "history")
    return TimelineEntry(icon_name, title, Moment.of(action.at, zone), text, details)
