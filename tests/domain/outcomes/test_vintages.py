"""Expected and observed default by month of booking."""

from datetime import date

import pytest

from domain.month import Month
from domain.outcomes.vintages import VintageSums, vintage_figures

JAN, FEB, LATER = Month(2025, 1), Month(2025, 2), Month(2026, 3)


def test_a_complete_month_compares_what_was_expected_of_its_mature_loans_with_their_defaults() -> None:
    figures = vintage_figures([VintageSums(JAN, 100, 80, 12, 11.0, 8.0)], date(2026, 2, 1))
    (january,) = figures.vintages

    assert (january.complete, january.immature) == (True, 20)
    assert (january.expected, january.observed) == (pytest.approx(0.10), pytest.approx(0.15))
    low, high = january.interval or (0, 0)
    assert (low, high) == (pytest.approx(0.0880, abs=1e-4), pytest.approx(0.2442, abs=1e-4))
    assert figures.total == january


def test_in_a_month_that_is_not_complete_early_defaults_are_compared_with_all_loans() -> None:
    """Of 100 young loans the 3 defaults alone are labelled: that is no default rate of 100 %."""
    figures = vintage_figures([VintageSums(LATER, 100, 3, 3, 12.0, 0.9)], date(2026, 6, 30))
    (march,) = figures.vintages

    assert (march.complete, march.observed, march.expected) == (False, pytest.approx(0.03), pytest.approx(0.12))
    assert figures.total is None


def test_a_month_is_complete_when_its_last_loan_is_twelve_months_on_book() -> None:
    sums = [VintageSums(JAN, 1, 1, 0, 0.1, 0.1)]
    assert not vintage_figures(sums, date(2026, 1, 31)).vintages[0].complete
    assert vintage_figures(sums, date(2026, 2, 1)).vintages[0].complete


def test_months_are_in_order_and_complete_ones_are_added_up() -> None:
    sums = [
        VintageSums(LATER, 50, 1, 1, 5.0, 0.2),
        VintageSums(FEB, 30, 30, 3, 3.0, 3.0),
        VintageSums(JAN, 10, 10, 1, 1.0, 1.0),
    ]
    figures = vintage_figures(sums, date(2026, 6, 30))

    assert [each.month for each in figures.vintages] == [JAN, FEB, LATER]
    assert figures.total is not None
    assert (figures.total.loans, figures.total.defaults, figures.total.month) == (40, 4, FEB)
    assert (figures.total.expected, figures.total.observed) == (pytest.approx(0.1), pytest.approx(0.1))


def test_a_month_whose_loans_are_no_longer_reported_has_no_rate() -> None:
    (january,) = vintage_figures([VintageSums(JAN, 5, 0, 0, 0.5, 0.0)], date(2026, 6, 30)).vintages
    assert (january.expected, january.observed, january.interval) == (None, None, None)
