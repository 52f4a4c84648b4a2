"""The label of a loan for models: whether it defaulted, once that can be said."""

from dataclasses import dataclass, replace
from datetime import date

from domain.outcomes.loan import Loan

MONTHS_TO_MATURITY = 12
"""A loan that is not closed is mature when it was observed for so many months after booking."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What is known of a loan: the days as of which it was booked, last reported, first in default, and closed."""

    booked_on: date
    status_on: date
    defaulted_on: date | None = None
    closed_on: date | None = None

    @property
    def matures_on(self) -> date:
        """The day on which the loan is 12 months on book."""
        return months_later(self.booked_on, MONTHS_TO_MATURITY)

    @property
    def default(self) -> bool | None:
        """Whether the loan defaulted; None while it is immature.

        A loan that was ever in default counts as default. Any other is repaid if it is closed, and otherwise
        counts as not defaulted if it was reported 12 months after booking or later.
        """
        if self.defaulted_on is not None:
            return True
        return False if self.closed_on is not None or self.status_on >= self.matures_on else None


def observation(loan: Loan) -> Observation | None:
    """What is known of a loan; None without an outcome."""
    if loan.last is None or loan.booked_on is None:
        return None
    return Observation(loan.booked_on, loan.last.stated.as_of, loan.defaulted_on, loan.closed_on)


def known_on(loan: Loan, day: date) -> Loan:
    """The loan with the effective outcomes of that day and before, as if the later ones were not known."""
    kept = [each for each in loan.effective if each.stated.as_of <= day]
    return replace(loan, history=tuple(sorted(kept, key=lambda each: each.number)))


def label(loan: Loan) -> bool | None:
    """Whether the loan defaulted; None while it is immature, or without an outcome."""
    known = observation(loan)
    return None if known is None else known.default


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month if it has none such."""
    years, index = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, index + 1
    for number in (day.day, 30, 29, 28):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
