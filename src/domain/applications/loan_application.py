"""The loan application: the borrower's paper, complete and consistent."""

from dataclasses import replace

from domain.applications.applicant import Applicant
from domain.applications.loan_terms import LoanTerms
from domain.applications.money import Money
from domain.value import value


@value
class LoanApplication:
    """One borrower asking for one loan."""

    applicant: Applicant
    terms: LoanTerms

    def asking_for(self, amount: Money) -> "LoanApplication":
        """The same borrower asking for another amount."""
        return replace(self, terms=self.terms.with_amount(amount))
