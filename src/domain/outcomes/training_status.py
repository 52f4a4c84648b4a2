"""How a labelled loan is named in a training file."""

from domain.outcomes.label import label
from domain.outcomes.loan import Loan
from domain.outcomes.loan_status import LoanStatus

CHARGED_OFF, DEFAULT, FULLY_PAID, NO_DEFAULT = "Charged Off", "Default", "Fully Paid", "No Default"
"""The statuses that `scoring train` reads; the last is a loan without default in its first 12 months."""


def training_status(loan: Loan) -> str | None:
    """The status of a loan in a training file; None while it is immature."""
    default, last = label(loan), loan.last
    if default is None or last is None:
        return None
    if default:
        return CHARGED_OFF if last.stated.status is LoanStatus.CHARGED_OFF else DEFAULT
    return FULLY_PAID if last.stated.status.repaid else NO_DEFAULT
