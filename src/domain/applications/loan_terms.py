"""The loan requested: amount, term and purpose."""

from domain.applications.money import Money
from domain.value import value


class InvalidLoanTerms(ValueError):
    """The requested amount is $0.00, or the term is not at least a month."""


@value
class LoanTerms:
    """The loan as requested; `term` is in months, and `purpose` is None for a product without one."""

    amount: Money
    term: int
    purpose: str | None

    def __post_init__(self) -> None:
        if not (self.amount.cents > 0 and self.term > 0):
            raise InvalidLoanTerms(f"a loan must be for more than $0.00 and at least a month: {self}")
