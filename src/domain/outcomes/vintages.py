"""Vintages: the loans booked in the same month, with the default that was expected and the one observed.

A month is complete when all its loans could be observed for 12 months. Before that, loans that closed early are
known and the others are not, so a rate among the known loans would be far too high. The rate of an incomplete
month is therefore that of its defaults so far among all of its loans.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.monitoring.share import wilson_interval
from domain.month import Month
from domain.outcomes.label import MONTHS_TO_MATURITY


@dataclass(frozen=True, slots=True)
class VintageSums:
    """Sums over the loans booked in a month: `mature` ones are labelled, and `defaults` of them defaulted.

    `pd` and `mature_pd` are the sums of the PDs of all loans and of the mature ones.
    """

    month: Month
    loans: int
    mature: int
    defaults: int
    pd: float
    mature_pd: float


@dataclass(frozen=True, slots=True)
class Vintage:
    """The figures of one month. Rates are shares from 0 to 1.

    In a month that is `complete`, `expected` and `observed` are those of its mature loans. Otherwise `observed` is
    the default so far among all loans, and `expected` their mean PD. `interval` is the 95 % interval of
    `observed`.
    """

    month: Month
    loans: int
    mature: int
    defaults: int
    complete: bool
    expected: float | None
    observed: float | None
    interval: tuple[float, float] | None

    @property
    def immature(self) -> int:
        """Number of loans whose label is not known yet."""
        return self.loans - self.mature


@dataclass(frozen=True, slots=True)
class VintageFigures:
    """The vintages by month, and the sum of the complete ones (`month` is the last of them); None without any."""

    as_of: date
    vintages: tuple[Vintage, ...]
    total: Vintage | None


def vintage_figures(sums: Iterable[VintageSums], as_of: date) -> VintageFigures:
    """The figures on a day from the sums by month, in any order."""
    ordered = sorted(sums, key=lambda each: each.month)
    complete = [each for each in ordered if _complete(each.month, as_of)]
    total = None
    if complete:
        total = _vintage(
            VintageSums(
                complete[-1].month,
                sum(each.loans for each in complete),
                sum(each.mature for each in complete),
                sum(each.defaults for each in complete),
                sum(each.pd for each in complete),
                sum(each.mature_pd for each in complete),
            ),
            complete=True,
        )
    return VintageFigures(
        as_of, tuple(_vintage(each, complete=_complete(each.month, as_of)) for each in ordered), total
    )


def _complete(month: Month, as_of: date) -> bool:
    """Whether every loan of the month is 12 months on book."""
    return as_of >= month.later(MONTHS_TO_MATURITY + 1).first_day


def _vintage(sums: VintageSums, *, complete: bool) -> Vintage:
    total, pd = (sums.mature, sums.mature_pd) if complete else (sums.loans, sums.pd)
    return Vintage(
        month=sums.month,
        loans=sums.loans,
        mature=sums.mature,
        defaults=sums.defaults,
        complete=complete,
        expected=pd / total if total else None,
        observed=sums.defaults / total if total else None,
        interval=wilson_interval(sums.defaults, total),
    )
