"""Sums over loans in memory."""

from collections.abc import Iterable, Sequence

from application.ports.outcomes.loan_outcomes import StoredLoan
from application.ports.outcomes.vintages import VintageFilter, VintageNames, Vintages
from domain.applications.synthetic import SYNTHETIC_SOURCE
from domain.month import Month
from domain.outcomes.label import label
from domain.outcomes.vintages import VintageSums
from support.memory.decisions import MemoryDecisions


class MemoryVintages(Vintages):
    """Labels each loan by itself."""

    def __init__(self, decisions: MemoryDecisions) -> None:
        self._decisions = decisions

    async def sums(self, wanted: VintageFilter, *, since: Month, synthetic: bool) -> Sequence[VintageSums]:
        by_month: dict[Month, list[StoredLoan]] = {}
        for loan in self._since(since):
            criteria = {wanted.source: loan.source, wanted.product: loan.product, wanted.grade: loan.grade}
            matches = all(criterion in {None, value} for criterion, value in criteria.items())
            if matches and synthetic == (loan.source == SYNTHETIC_SOURCE):
                by_month.setdefault(_month(loan), []).append(loan)
        return [_sums(month, loans) for month, loans in sorted(by_month.items())]

    async def names(self, *, since: Month) -> VintageNames:
        loans = [*self._since(since)]
        return VintageNames(
            tuple(sorted({loan.source for loan in loans if loan.source is not None})),
            tuple(sorted({loan.product for loan in loans})),
            tuple(sorted({loan.grade for loan in loans})),
        )

    def _since(self, since: Month) -> Iterable[StoredLoan]:
        return (loan for loan in self._decisions.loans.values() if _month(loan) >= since)


def _month(stored: StoredLoan) -> Month:
    booked_on = stored.loan.booked_on
    assert booked_on is not None
    return Month(booked_on.year, booked_on.month)


def _sums(month: Month, loans: Sequence[StoredLoan]) -> VintageSums:
    mature = [loan for loan in loans if label(loan.loan) is not None]
    defaults = [loan for loan in loans if label(loan.loan)]
    pd, mature_pd = (sum(loan.pd for loan in each) for each in (loans, mature))
    return VintageSums(month, len(loans), len(mature), len(defaults), pd, mature_pd)
