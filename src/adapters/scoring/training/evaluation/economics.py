"""Earnings and costs per dollar lent, from loans with known payments.

Measured on the 36-month loans that LendingClub issued before April 2010 (`LoanStats3a`, payments to October 2017).
Later loans in the file, and thus all 60-month loans, are biased to those that closed early, which understates both
earnings and time to loss. Costs of funds and servicing are assumptions of policy version 1.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from adapters.scoring.training.fitting.loan_statuses import BAD, GOOD, finished_status, is_exception

TERM = 36
UNSELECTIVE_BEFORE = date(2010, 4, 1)


@dataclass(frozen=True, slots=True)
class Economics:
    """Amounts per dollar lent over 36 months.

    `earned_share` of the contract's interest is received from a repaid loan (early repayment loses the rest).
    `lost` is the share of principal lost on a charged-off loan, net of interest received and recoveries. `funds`
    and `servicing` are annual costs on the balance; a bad loan ties up the principal for `years_to_charge_off`.
    """

    earned_share: float
    lost: float
    funds: float = 0.04
    servicing: float = 0.01
    years_to_charge_off: float = 1.0

    def profit(self, pd: float, rate: float) -> float:
        """Expected profit per dollar lent at an annual rate to a borrower with this PD."""
        running = self.funds + self.servicing
        interest = contract_interest(rate) * self.earned_share
        dollar_years = interest / rate
        gain = interest - running * dollar_years
        loss = self.lost + running * self.years_to_charge_off
        return (1 - pd) * gain - pd * loss


def contract_interest(rate: float, term: int = TERM) -> float:
    """Total interest of the contract per dollar: annuity payments less the dollar."""
    monthly = rate / 12
    return term * monthly / (1 - (1 + monthly) ** -term) - 1


def measure_economics(loans: pl.DataFrame) -> Economics:
    """Economics measured on loans with `funded_amnt` and `total_pymnt` in dollars and `int_rate` in percent."""
    chosen = loans.filter(
        (pl.col("term") == TERM)
        & (pl.col("issue_d") < UNSELECTIVE_BEFORE)
        & ~is_exception()
        & pl.col("funded_amnt").is_not_null()
        & pl.col("total_pymnt").is_not_null()
    ).with_columns(gained=pl.col("total_pymnt") - pl.col("funded_amnt"))
    repaid = chosen.filter(finished_status() == GOOD)
    lost = chosen.filter(finished_status() == BAD)
    contracts = sum(
        amount * contract_interest(rate / 100)
        for amount, rate in repaid.select("funded_amnt", "int_rate").iter_rows()
    )
    return Economics(
        earned_share=float(repaid["gained"].sum()) / contracts,
        lost=-float(lost["gained"].sum()) / float(lost["funded_amnt"].sum()),
    )
