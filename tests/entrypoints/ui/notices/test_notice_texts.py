"""Notices as text: the days that are left, what is missing and where it is set, and what was done."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from application.use_cases.notices.read_notices import NoticeView
from domain.access.user import Actor, Role
from domain.access.user_name import SERVICE_NAME
from domain.notices.cancelling import CancellationReason, NoticeCancelled
from domain.notices.completeness import missing_items
from domain.notices.deadlines import NoticeClock, NoticeTerms
from domain.notices.issuing import DeliveryMethod, NoticeDelivered, NoticeReturned
from domain.notices.letterhead import Letterhead
from domain.notices.notice import Notice
from domain.notices.notice_action import NoticeAction
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeCause, NoticeState
from entrypoints.configuration.notice_settings import NOTICE_SETTINGS
from entrypoints.ui.notices.due_day import due_day, last_day
from entrypoints.ui.notices.missing_items import setting_for
from entrypoints.ui.notices.notice_rows import notice_row
from entrypoints.ui.notices.notice_search import NoticeSearch, View
from entrypoints.ui.notices.notice_view import notice_page_view
from support.letters import DECLINED

NEW_YORK = ZoneInfo("America/New_York")
CORA = Actor("cora", Role.COMPLIANCE)
RECEIVED = datetime(2026, 10, 31, 23, 30, tzinfo=NEW_YORK).astimezone(UTC)  # 1 November in UTC


def a_notice(**changed: object) -> Notice:
    clock = NoticeClock(NoticeTerms(), NEW_YORK)
    identifier = UUID("01a226a5-6d67-734a-b7a1-078678e28bb2")
    notice = Notice(
        notice_id=identifier,
        kind=NoticeKind.ADVERSE_ACTION,
        cause=NoticeCause.DECISION,
        decision_id=identifier,
        application_id=identifier,
        received_at=RECEIVED,
        due_at=clock.due_at(NoticeKind.ADVERSE_ACTION, RECEIVED),
        requested_by="marta",
    )
    return replace(notice, **changed)


def at(day: int, hour: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=NEW_YORK).astimezone(UTC)


def test_the_last_day_is_one_of_the_lender_over_the_end_of_summer_time_and_of_a_month():
    assert last_day(a_notice(), NEW_YORK) == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("now", "text", "style"),
    [
        (at(1, 9), "29\u00a0days left", "neutral"),
        (at(23, 23), "7\u00a0days left", "neutral"),
        (at(24, 0), "6\u00a0days left", "referred"),
        (at(29, 23), "Due tomorrow", "referred"),
        (at(30, 23), "Due today", "referred"),
        (at(1, 0, month=12), "Overdue by 1\u00a0day", "declined"),
        (at(4, 12, month=12), "Overdue by 4\u00a0days", "declined"),
    ],
)
def test_days_are_counted_to_the_end_of_the_last_one(now: datetime, text: str, style: str):
    due = due_day(a_notice(), now, NEW_YORK)
    assert due is not None
    assert (due.text, due.style) == (text, style)
    assert due.detail == "Due by the end of 30 Nov 2026: 1 Dec 2026, 00:00 (1 Dec 2026, 05:00 UTC)."


def test_a_notice_that_was_sent_has_no_clock():
    sent = a_notice(state=NoticeState.DELIVERED, delivered_on=date(2026, 11, 3))
    returned = a_notice(state=NoticeState.ISSUED, delivered_on=date(2026, 11, 3), returned_on=date(2026, 11, 9))
    cancelled = a_notice(state=NoticeState.CANCELLED)
    assert [due_day(each, at(2, 9), NEW_YORK) for each in (sent, returned, cancelled)] == [None] * 3


def test_everything_that_is_missing_in_the_letterhead_names_its_setting():
    empty = replace(
        DECLINED,
        letterhead=Letterhead(),
        score=replace(DECLINED.score, provider="") if DECLINED.score else None,
    )
    missing = missing_items(empty)
    names = {setting_for(item) for item in missing}
    known = {f"SCORING_{setting.name.upper()}" for setting in NOTICE_SETTINGS}
    assert len(missing) == len(names) == 9
    assert names <= known
    assert setting_for("a specific reason: neither the decision nor the person who decided states one") == ""


def test_filters_that_are_not_known_count_as_none():
    search = NoticeSearch.of({"view": "nonsense", "kind": "x", "within": "99999999999"})
    assert (search.view, search.filtered) == (View.DUE, False)
    search = NoticeSearch.of({"view": "issued", "kind": "counter_offer", "within": "7"})
    now = at(1, 9)
    wanted = search.filter(now)
    assert wanted.states == {NoticeState.ISSUED}
    assert (wanted.kind, wanted.due_before) == (NoticeKind.COUNTER_OFFER, now + timedelta(days=7))
    assert search.address() == "/notices?view=issued&kind=counter_offer&within=7"
    assert search.filter(now, View.DELIVERED).due_before is None
    assert search.filter(now, View.OVERDUE).overdue_at == now


def test_the_history_of_a_returned_letter_and_of_a_cancelled_notice():
    def action(number: int, details: object) -> NoticeAction:
        return NoticeAction(UUID(int=number), a_notice().notice_id, number, at(3, 9), CORA, details)

    returned = a_notice(state=NoticeState.ISSUED, delivered_on=date(2026, 11, 3), returned_on=date(2026, 11, 9))
    actions = (
        action(2, NoticeDelivered(DeliveryMethod.MAIL, date(2026, 11, 3), "Tracking 17")),
        action(3, NoticeReturned(DeliveryMethod.MAIL, date(2026, 11, 9))),
    )
    view = notice_page_view(NoticeView(returned, actions), at(10, 9), NEW_YORK, NEW_YORK)
    assert view.head.state == "Returned"
    assert view.head.text.startswith("The letter came back on 9 Nov 2026.")
    assert [entry.title for entry in view.history] == [
        "cora recorded that the letter came back",
        "cora recorded the delivery",
    ]
    assert (view.history[1].text, view.history[1].details) == ("Tracking 17", ("Mail, 3 Nov 2026",))

    cancelled = NoticeView(
        a_notice(state=NoticeState.CANCELLED), (action(1, NoticeCancelled(CancellationReason.OVERTURNED)),)
    )
    view = notice_page_view(cancelled, at(10, 9), NEW_YORK, NEW_YORK)
    assert view.head.ending == "The application was approved by a person."
    closed = NoticeView(a_notice(cause=NoticeCause.CASE_EXPIRED), (), CancellationReason.ASKED_IN_TIME)
    facts = dict(notice_page_view(closed, at(10, 9), NEW_YORK, NEW_YORK).obligation.facts)
    assert facts["Application closed"] == "31 Oct 2026"
    assert facts["Rule"] == "12 CFR 1002.9(a)(1)(ii)"


def test_the_list_names_who_changed_a_notice_last():
    by = {name: a_notice(changed_at=at(2, 9), changed_by=name) for name in ("carla", SERVICE_NAME)}
    rows = [notice_row(each, now=at(3, 9), lender_zone=NEW_YORK).changed for each in by.values()]
    assert [row.rpartition(", ")[2] for row in rows] == ["carla", "the service itself"]
