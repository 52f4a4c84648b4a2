"""By when notices are due, in the lender's time zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.notices.deadlines import InvalidNoticeTerms, NoticeClock, NoticeTerms
from domain.notices.notice_kind import NoticeKind

NEW_YORK, TOKYO, KIRITIMATI = ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo"), ZoneInfo("Pacific/Kiritimati")
ADVERSE = NoticeKind.ADVERSE_ACTION


def last_day(received: datetime, zone: ZoneInfo = NEW_YORK) -> date:
    return NoticeClock(NoticeTerms(), zone).last_day(ADVERSE, received)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ((2026, 1, 31), date(2026, 3, 2)),
        ((2028, 1, 31), date(2028, 3, 1)),  # a leap year
        ((2028, 2, 29), date(2028, 3, 30)),
        ((2026, 4, 30), date(2026, 5, 30)),
        ((2026, 12, 15), date(2027, 1, 14)),
    ],
)
def test_thirty_calendar_days_are_counted_over_month_ends_and_leap_years(
    received: tuple[int, int, int], due: date
) -> None:
    assert last_day(datetime(*received, 12, tzinfo=NEW_YORK)) == due


def test_the_day_is_that_of_the_lender_not_of_greenwich() -> None:
    late_evening = datetime(2026, 5, 2, 3, 30, tzinfo=UTC)  # 1 May, 23:30 in New York
    assert last_day(late_evening) == date(2026, 5, 31)
    assert last_day(late_evening, TOKYO) == date(2026, 6, 1)
    assert last_day(datetime(2026, 5, 1, 10, tzinfo=UTC), KIRITIMATI) == date(2026, 6, 1)


@pytest.mark.parametrize(
    ("received", "due_at"),
    [
        (
            datetime(2026, 2, 10, 12, tzinfo=UTC),
            datetime(2026, 3, 13, 4, tzinfo=UTC),
        ),  # summer time begins 8 March
        (datetime(2026, 10, 10, 12, tzinfo=UTC), datetime(2026, 11, 10, 5, tzinfo=UTC)),  # and ends 1 November
    ],
)
def test_a_notice_is_due_at_the_end_of_its_last_day_across_changes_of_the_clock(
    received: datetime, due_at: datetime
) -> None:
    assert NoticeClock(NoticeTerms(), NEW_YORK).due_at(ADVERSE, received) == due_at


def test_a_request_is_due_before_the_time_by_which_it_asks_for_an_answer() -> None:
    clock, received = NoticeClock(NoticeTerms(), NEW_YORK), datetime(2026, 5, 1, 12, tzinfo=UTC)
    answer_by = received + timedelta(days=14)
    assert clock.due_at(NoticeKind.INCOMPLETE, received, answer_by=answer_by) == answer_by
    late = received + timedelta(days=60)
    assert clock.due_at(NoticeKind.INCOMPLETE, received, answer_by=late) == datetime(2026, 6, 1, 4, tzinfo=UTC)


def test_each_kind_has_its_own_terms_and_no_term_is_nonsense() -> None:
    clock = NoticeClock(NoticeTerms(30, 90, 10), NEW_YORK)
    received = datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert [clock.last_day(kind, received) for kind in NoticeKind] == [
        date(2026, 5, 31),
        date(2026, 7, 30),
        date(2026, 5, 11),
    ]
    for days in (0, -1, 366):
        with pytest.raises(InvalidNoticeTerms, match="within 1 to 365 days"):
            NoticeTerms(incomplete_days=days)


@settings(max_examples=60)
@given(
    st.integers(946_684_800, 2_840_140_800).map(lambda second: datetime.fromtimestamp(second, UTC)),
    st.sampled_from(
        ["America/New_York", "Asia/Kolkata", "Pacific/Chatham", "America/Havana", "Africa/Cairo", "UTC"]
    ),
)
def test_in_time_means_on_or_before_the_last_day(received: datetime, name: str) -> None:
    clock = NoticeClock(NoticeTerms(), ZoneInfo(name))
    due_at = clock.due_at(ADVERSE, received)
    assert clock.day(due_at - timedelta(seconds=1)) == clock.last_day(ADVERSE, received)
    assert clock.day(due_at) == clock.last_day(ADVERSE, received) + timedelta(days=1)
    assert clock.last_day(ADVERSE, received) - clock.day(received) == timedelta(days=30)
