"""Dates of issue are read in the forms of people and spreadsheets; what is ambiguous is refused."""

from datetime import date, timedelta

import pytest

from adapters.loan_files.issue_dates import AmbiguousDates, DayOrder, find_order, parse_issue_date
from adapters.loan_files.unreadable import LoanFileUnreadable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dec-2011", date(2011, 12, 1)),
        ("Dec-11", date(2011, 12, 1)),
        ("11-Dec", date(2011, 12, 1)),
        ("9-Mar-09", date(2009, 3, 9)),
        ("09-Mar", date(2009, 3, 1)),
        ("9-Mar", date(2009, 3, 1)),
        ("Dec-99", date(1999, 12, 1)),
        ("dec 2011", date(2011, 12, 1)),
        ("DECEMBER 2011", date(2011, 12, 1)),
        ("Sept. 2011", date(2011, 9, 1)),
        ("31-Dec-2011", date(2011, 12, 31)),
        ("December 31, 2011", date(2011, 12, 31)),
        ("31 December 2011", date(2011, 12, 31)),
        ("Dec '11", date(2011, 12, 1)),
        ("2011-Dec", date(2011, 12, 1)),
        ("2011-12-31", date(2011, 12, 31)),
        ("2011-12-31T00:00:00Z", date(2011, 12, 31)),
        ("2011-12-31 00:00:00", date(2011, 12, 31)),
        ("2011/12/31", date(2011, 12, 31)),
        ("20111231", date(2011, 12, 31)),
        ("2011-12", date(2011, 12, 1)),
        ("201112", date(2011, 12, 1)),
        ("12/2011", date(2011, 12, 1)),
        ("40878", date(2011, 12, 1)),
        ("40878.0", date(2011, 12, 1)),
    ],
)
def test_usual_forms_are_read(text, expected):
    assert parse_issue_date(text) == expected
    assert parse_issue_date(f" {text} ") == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sometime",
        "Foo-2011",
        "Ma-2011",
        "Dec-011",
        "2011-13",
        "2011-02-30",
        "13/2011",
        "99999",
        "11",
        "1969-12",
    ],
)
def test_what_is_no_date_is_not_read(text: str):
    assert parse_issue_date(text) is None


def test_a_date_in_the_future_is_not_read():
    today = date.today()  # noqa: DTZ011 - a day, in any zone
    assert parse_issue_date(today.isoformat()) == today
    assert parse_issue_date((today + timedelta(days=1)).isoformat()) is None


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        ([], None),
        (["Dec-2011", "2011-12-01"], None),
        (["3/1/2009", "12/31/2011"], DayOrder.MONTH_FIRST),
        (["1/3/2009", "31/12/2011"], DayOrder.DAY_FIRST),
        (["31.12.2011", "1.3.2009"], DayOrder.DAY_FIRST),
        (["3/1/2009", "12/1/2011"], DayOrder.MONTH_FIRST),
        (["1/3/2009", "1/12/2011"], DayOrder.DAY_FIRST),
        (["12/31/11"], DayOrder.MONTH_FIRST),
        (["1/1/2009", "2/2/2009"], DayOrder.MONTH_FIRST),
    ],
)
def test_the_order_of_day_and_month_follows_from_the_column(texts: list[str], order: DayOrder | None):
    assert find_order(texts) is order


@pytest.mark.parametrize("texts", [["3/4/2009", "5/6/2011"], ["31/12/2011", "12/31/2011"]])
def test_an_order_that_does_not_follow_is_refused(texts: list[str]):
    with pytest.raises(AmbiguousDates):
        find_order(texts)


def test_months_that_a_spreadsheet_saved_again_keep_their_year(files):
    rows = [files.loan() | {"issue_d": text} for text in ("Dec-11", "Mar-09", "40878", "12/1/2011")]
    read = files.read(files.csv(*rows), outcomes=True)
    assert read.rows["issue_d"].to_list() == [date(2011, 12, 1), date(2009, 3, 1), *[date(2011, 12, 1)] * 2]


def test_a_file_with_ambiguous_dates_is_refused_as_a_whole(files):
    rows = [files.loan() | {"issue_d": text} for text in ("3/4/2009", "5/6/2011")]
    with pytest.raises(LoanFileUnreadable, match=r"day and month .* Write them as 2011-12-31"):
        files.read(files.csv(*rows), outcomes=True)


def test_a_value_that_is_no_date_is_named_with_what_is_allowed(files):
    read = files.read(files.csv(files.loan() | {"issue_d": "Foo-11"}), outcomes=True)
    assert read.faulty == [(1, 2, "issue_d")]
