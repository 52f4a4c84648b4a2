"""How urgent a case is, in words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from entrypoints.ui.cases.due_badge import due_badge, duration

NOW = datetime(2026, 3, 14, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "text", "style"),
    [
        (-30, "Overdue by 30 h", "declined"),
        (0, "Overdue by 0 min", "declined"),
        (1.5, "Due today, 16:30", "referred"),
        (10, "10 h left", "neutral"),
        (50, "2 days left", "neutral"),
    ],
)
def test_the_badge_says_how_much_time_is_left(hours: float, text: str, style: str):
    badge = due_badge(NOW + timedelta(hours=hours), NOW)
    assert (badge.text.replace("\u00a0", " "), badge.style) == (text, style)
    assert badge.detail.startswith("Due 1")


def test_today_is_the_day_of_the_reader():
    tokyo = ZoneInfo("Asia/Tokyo")  # 15:00 UTC is midnight there
    assert due_badge(NOW + timedelta(hours=10), NOW, tokyo).text == "Due today, 10:00"
    assert due_badge(NOW + timedelta(hours=25), NOW, tokyo).style == "neutral"


def test_the_clock_is_stopped_while_the_applicant_is_awaited():
    badge = due_badge(NOW - timedelta(days=9), NOW, awaiting_since=NOW - timedelta(days=10))
    assert badge.text == "Clock stopped"
    assert badge.detail == "The applicant is awaited since 4 Mar 2026, 15:00 UTC."


def test_lengths_are_rounded_down():
    lengths = [timedelta(minutes=59), timedelta(hours=47), timedelta(hours=71)]
    assert [duration(each).replace("\u00a0", " ") for each in lengths] == ["59 min", "47 h", "2 days"]
