"""The loan application."""

from dataclasses import dataclass, replace

from domain.applications.applicant import Applicant
from domain.applications.loan_terms import LoanTerms
from domain.applications.money import Money


@dataclass(frozen=True, slots=True)
class LoanApplication:
    """An application by one applicant for one loan."""

    applicant: Applicant
    terms: LoanTerms

    def with_amount(self, amount: Money) -> "LoanApplication":
        """The same application for another amount."""
        return replace(self, terms=replace(self.terms, amount=amount))
