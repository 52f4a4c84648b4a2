"""Months of moments, and later months."""

from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.month import Month
from support.builders import an_identifier

LATER_HERE = timezone(timedelta(hours=14))


def test_the_month_of_a_time_is_that_in_utc() -> None:
    first_of_december_here = datetime(2026, 12, 1, 13, 59, 59, 999_999, tzinfo=LATER_HERE)
    assert Month.of(first_of_december_here) == Month(2026, 11)
    assert Month.of(first_of_december_here + timedelta(microseconds=1)) == Month(2026, 12)


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        (0, Month(2026, 11)),
        (1, Month(2026, 12)),
        (2, Month(2027, 1)),
        (14, Month(2028, 1)),
        (-11, Month(2025, 12)),
    ],
)
def test_months_are_counted_over_the_turn_of_the_year(months: int, expected: Month) -> None:
    assert Month(2026, 11).later(months) == expected


@given(st.datetimes(datetime(1970, 1, 1), datetime(2400, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the zone is given separately
def test_a_month_contains_its_times_and_ends_before_the_next(moment: datetime) -> None:
    month = Month.of(moment)
    assert month.first_day <= moment.date() < month.later(1).first_day


def test_a_month_reads_as_usual() -> None:
    assert str(Month(2026, 3)) == "2026-03"
    assert Month(2026, 3).first_day == date(2026, 3, 1)


def test_a_month_is_parsed_from_its_text() -> None:
    assert Month.read("2024-12") == Month(2024, 12)


@pytest.mark.parametrize("text", ["", "2024", "2024-1", "2024-13", "24-12", "2024-12-01", " 2024-12", "٢٠٢٤-12"])
def test_an_invalid_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="month"):
        Month.read(text)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2400, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the zone is given separately
def test_an_identifier_knows_its_month(moment: datetime) -> None:
    assert Month.of_identifier(an_identifier(moment)) == Month.of(moment)


@pytest.mark.parametrize(
    "identifier",
    [UUID(int=7), uuid4(), UUID("ffffffff-ffff-7fff-bfff-ffffffffffff")],
    ids=["none", "4", "year 10889"],
)
def test_an_identifier_without_a_time_of_the_calendar_has_no_month(identifier: UUID) -> None:
    assert Month.of_identifier(identifier) is None


@pytest.mark.parametrize("number", [0, 13])
def test_there_are_twelve(number: int) -> None:
    with pytest.raises(ValueError, match=f"no month {number}"):
        Month(2026, number)
