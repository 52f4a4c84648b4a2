"""What a resolution would be, in words: the loan, and who decides; or why it is not possible."""

from dataclasses import dataclass

from domain.cases.case_authority import CaseAuthority, OutcomeAuthority
from domain.cases.counter_offer import OfferedLoan
from domain.policies.final_outcome import FinalOutcome
from entrypoints.ui.cases.authority_text import AuthorityText, authority_text
from entrypoints.ui.shared.formats import money, percent


@dataclass(frozen=True, slots=True)
class ResolutionPreview:
    """The loan and the authority for it, or a `problem`. Nothing if too little is entered."""

    loan: str = ""
    authority: AuthorityText | None = None
    problem: str = ""


def preview_of(authority: OutcomeAuthority) -> ResolutionPreview:
    """The preview of an outcome."""
    loan = "" if authority.loan is None else loan_text(authority.loan)
    return ResolutionPreview(loan, authority_text(authority))


def outcome_authority(authority: CaseAuthority | None, outcome: FinalOutcome) -> OutcomeAuthority | None:
    """What is known of this outcome."""
    outcomes = () if authority is None else authority.outcomes
    return next((each for each in outcomes if each.outcome is outcome), None)


def offers_text(authority: CaseAuthority | None) -> str:
    """The largest counter-offers: "The policy approves up to $7,200 over 36 months or $9,000 over 60 months."."""
    offers = () if authority is None else authority.counter_offers
    largest = " or ".join(f"{money(offer.amount)} over {offer.term} months" for offer in offers)
    return f"The policy approves up to {largest}." if largest else "The policy approves no amount at any term."


def loan_text(loan: OfferedLoan) -> str:
    """$8,000 over 36 months at 12.20 % per year, $266.20 per month."""
    terms = f"{money(loan.amount)} over {loan.term} months at {percent(loan.annual_rate, 2)} per year"
    return f"{terms}, {money(loan.instalment)} per month"
