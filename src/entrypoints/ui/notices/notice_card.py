"""The notices to an applicant on the pages of the application, the decision and the case."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from application.ports.notices.notices import NoticeFilter
from application.use_cases.cases.read_cases import CaseView
from domain.access.user import Permission
from domain.notices.notice import Notice
from domain.notices.notice_state import NoticeState
from domain.policies.final_outcome import FinalOutcome
from entrypoints.ui.notices.due_day import DueDay, due_day, last_day
from entrypoints.ui.notices.notice_rows import STATE_CHIPS, state_text
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.formats import day
from entrypoints.ui.shared.page_context import PageContext
from entrypoints.ui.shared.widgets import Text, anchor, box, card, chip

_MOST = 20


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One notice: its state, its clock, and the link to its page."""

    notice_id: str
    text: str
    state: str
    style: str
    icon_name: str
    due: DueDay | None
    link: str


@dataclass(frozen=True, slots=True)
class NoticeLines:
    """The notices in a card. If one is `expected`, a decision has just made it due."""

    lines: tuple[NoticeLine, ...] = ()
    expected: bool = False


async def read_notice_lines(wanted: NoticeFilter, context: PageContext, *, expected: bool = False) -> NoticeLines:
    """The notices that are found, those that are not sent first."""
    actor, now = context.actor(active=False), context.use_cases.clock.now()
    found = await context.use_cases.notices.list_notices(wanted, by=actor, limit=_MOST)
    waiting = {NoticeState.DUE, NoticeState.ISSUED}
    ordered = sorted(found.notices, key=lambda notice: notice.state not in waiting)
    issues, zone = actor.may(Permission.ISSUE_NOTICES), context.interface.lender_zone
    lines = tuple([_line(notice, now, zone, issues=issues) for notice in ordered])
    return NoticeLines(lines, expected and not lines)


async def notices_of_case(view: CaseView, context: PageContext) -> NoticeLines:
    """The notices on the decision of a case. Resolved otherwise than by approval, it makes one due."""
    final = view.final_decision
    expected = final is not None and final.outcome is not FinalOutcome.APPROVED
    return await read_notice_lines(NoticeFilter(decision_id=view.case.decision_id), context, expected=expected)


def _line(notice: Notice, now: datetime, zone: ZoneInfo, *, issues: bool) -> NoticeLine:
    style, icon_name = STATE_CHIPS[notice.state]
    kind, last = labels.NOTICE_KINDS[notice.kind], day(last_day(notice, zone))
    text, link = kind, "Open it"
    if notice.state is NoticeState.DUE:
        text, link = f"{kind}: a notice is due by {last}.", "Prepare it" if issues else "Open it"
    elif notice.state is NoticeState.ISSUED:
        text, link = f"{kind}: the letter must be sent by {last}.", "Record delivery" if issues else "Open it"
    elif notice.delivered_on is not None:
        text = f"{kind}: sent on {day(notice.delivered_on)}."
    due = due_day(notice, now, zone)
    return NoticeLine(str(notice.notice_id), text, state_text(notice), style, icon_name, due, link)


def draw_notice_lines(shown: NoticeLines) -> None:
    """Draw the card, if there is anything to show."""
    if not shown.lines and not shown.expected:
        return
    with card("Notice to the applicant", "notice-card screen-only"):
        if shown.expected:
            Text("p", "A notice becomes due within seconds.", "note")
        for line in shown.lines:
            with box("div", "notice-line"):
                chip(line.state, line.style, line.icon_name)
                if line.due is not None:
                    with box("span") as due:
                        due.props["title"] = line.due.detail
                        chip(line.due.text, line.due.style, line.due.icon_name)
                Text("span", line.text, "note")
                link = anchor(line.link, f"/notices/{line.notice_id}", "button-secondary screen-only")
                link.props(f"data-focus=notice-{line.notice_id}")
