"""When a loan gets a label, and which."""

from datetime import date

import pytest

from domain.outcomes.label import Observation, label, months_later
from domain.outcomes.loan_status import LoanStatus
from tests.domain.outcomes.test_loan import BOOKED, LOAN, S, corrected, recorded, stated

YEAR = date(2026, 1, 15)


@pytest.mark.parametrize(
    ("status", "as_of", "days", "expected"),
    [
        (S.BOOKED, BOOKED, None, None),
        (S.PERFORMING, date(2026, 1, 14), None, None),
        (S.PERFORMING, YEAR, None, False),
        (S.LATE, date(2025, 9, 1), 119, None),
        (S.LATE, date(2025, 9, 1), 120, True),
        (S.LATE, YEAR, 119, False),
        (S.DEFAULTED, date(2025, 9, 1), None, True),
        (S.CHARGED_OFF, date(2025, 9, 1), None, True),
        (S.PAID, date(2025, 2, 1), None, False),
        (S.PREPAID, date(2025, 2, 1), None, False),
    ],
)
def test_a_loan_is_labelled_once_it_is_closed_in_default_or_observed_for_a_year(
    status: LoanStatus, as_of: date, days: int | None, expected: bool | None
) -> None:
    assert label(recorded(LOAN, stated(status, as_of, days=days))) is expected


def test_a_loan_without_outcomes_has_no_label() -> None:
    assert label(LOAN) is None


def test_a_default_counts_even_if_the_loan_is_paid_later() -> None:
    loan = recorded(LOAN, stated(S.DEFAULTED, date(2025, 9, 30)), stated(S.PAID, date(2026, 2, 28)))
    assert label(loan) is True


def test_correcting_the_default_removes_the_label() -> None:
    wrong = recorded(LOAN, stated(S.DEFAULTED, date(2025, 9, 30)))
    assert label(corrected(wrong, wrong.history[0], stated(S.PERFORMING, date(2025, 9, 30)))) is None


def test_a_loan_that_is_no_longer_reported_stays_immature_however_old_it_is() -> None:
    assert Observation(date(2020, 1, 1), date(2020, 6, 1)).default is None


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2023, 3, 31), 6, date(2023, 9, 30)),
        (date(2023, 12, 1), 1, date(2024, 1, 1)),
        (date(2023, 12, 31), 2, date(2024, 2, 29)),
    ],
)
def test_months_end_where_the_calendar_ends(day: date, months: int, expected: date) -> None:
    assert months_later(day, months) == expected
