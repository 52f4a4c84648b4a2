"""The loan application: the borrower's paper, complete and consistent."""

from dataclasses import replace

from domain.lending.applicant import Applicant
from domain.lending.loan_terms import LoanTerms
from domain.lending.money import Money
from domain.value import value


@value
class LoanApplication:
    """One borrower asking for one loan."""

    applicant: Applicant
    terms: LoanTerms

    def asking_for(self, amount: Money) -> "LoanApplication":
        """The same borrower asking for another amount."""
        return replace(self, terms=self.terms.with_amount(amount))
