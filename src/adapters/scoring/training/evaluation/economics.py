"""What a dollar lent brings and costs, from loans whose payments are known.

Measured on the 36-month loans that LendingClub issued before April 2010 (`LoanStats3a`, payments to October
2017): later ones in the file at hand, and with them all 60-month loans, lean to those that closed early, which
understates both earnings and time to loss. Costs of funds and of servicing are assumptions of policy version 1.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from adapters.scoring.training.fitting.development_sample import BAD, EXCEPTION

TERM = 36
UNSELECTIVE_BEFORE = date(2010, 4, 1)


@dataclass(frozen=True, slots=True)
class Economics:
    """Per dollar lent over 36 months.

    `earned_share` of the contract's interest is received from a loan that is repaid (the rest goes with early
    repayment); `lost` of the principal, interest received and recoveries set off, on one that is charged off.
    `funds` and `servicing` are yearly costs on the balance; a bad loan ties the principal up for
    `years_to_charge_off`.
    """

    earned_share: float
    lost: float
    funds: float = 0.04
    servicing: float = 0.01
    years_to_charge_off: float = 1.0

    def profit(self, pd: float, rate: float) -> float:
        """Expected profit on a dollar lent at a yearly rate to someone who defaults with this chance."""
        running = self.funds + self.servicing
        interest = contract_interest(rate) * self.earned_share
        dollar_years = interest / rate
        gain = interest - running * dollar_years
        loss = self.lost + running * self.years_to_charge_off
        return (1 - pd) * gain - pd * loss


def contract_interest(rate: float, term: int = TERM) -> float:
    """All interest in the contract, per dollar: annuity payments less the dollar."""
    monthly = rate / 12
    return term * monthly / (1 - (1 + monthly) ** -term) - 1


def measured_economics(loans: pl.DataFrame) -> Economics:
    """From loans with `funded_amnt` and `total_pymnt` in dollars, `int_rate` in percent."""
    status = pl.col("loan_status")
    chosen = loans.filter(
        (pl.col("term") == TERM)
        & (pl.col("issue_d") < UNSELECTIVE_BEFORE)
        & ~status.str.starts_with(EXCEPTION)
        & pl.col("funded_amnt").is_not_null()
        & pl.col("total_pymnt").is_not_null()
    ).with_columns(gained=pl.col("total_pymnt") - pl.col("funded_amnt"))
    repaid = chosen.filter(status == "Fully Paid")
    lost = chosen.filter(status.is_in(BAD))
    contracts = sum(
        amount * contract_interest(rate / 100)
        for amount, rate in repaid.select("funded_amnt", "int_rate").iter_rows()
    )
    return Economics(
        earned_share=float(repaid["gained"].sum()) / contracts,
        lost=-float(lost["gained"].sum()) / float(lost["funded_amnt"].sum()),
    )


LENDINGCLUB_2007_2010 = Economics(earned_share=0.846, lost=0.440)
"""2,696 loans repaid and 397 charged off, none of them an exception to policy."""
