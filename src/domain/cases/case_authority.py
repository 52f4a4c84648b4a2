"""What a person may decide on a case, and when a second person is needed, before trying."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.access.user import Actor, Permission, PermissionDenied
from domain.applications.money import Money
from domain.cases.applied_authority import SecondPersonRule
from domain.cases.case_errors import CaseError
from domain.cases.case_state import CaseState
from domain.cases.counter_offer import CounterOfferNotApproved, OfferedLoan
from domain.cases.override import OverrideType
from domain.cases.proceedings import Proceedings
from domain.cases.proposal import CaseRules
from domain.cases.referral_case import ReferralCase
from domain.cases.resolution_errors import AboveEveryAuthority
from domain.cases.second_person import check_checker
from domain.policies.final_outcome import FinalOutcome
from domain.policies.review_terms import ResolutionReason


@dataclass(frozen=True, slots=True)
class OutcomeAuthority:
    """What one outcome would be for this person: the loan, the override type, and who else must agree and why.

    A counter-offer is the largest that the policy approves at the requested term, or at another. `refused` says
    why the outcome is not possible at all. `rule` is the policy's limit in words, and `limit` its amount.
    """

    outcome: FinalOutcome
    reasons: tuple[ResolutionReason, ...]
    override: OverrideType
    loan: OfferedLoan | None = None
    second_person: tuple[SecondPersonRule, ...] = ()
    rule: str = ""
    limit: Money | None = None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class CaseAuthority:
    """What a person may do on a case now. Empty texts of `cannot_…` mean that the person may.

    `own_view_required` says that the policy asks for an own view first; `outcomes` are empty until then.
    `counter_offers` has the largest offer that the policy approves at each term where there is one.
    """

    outcomes: tuple[OutcomeAuthority, ...]
    counter_offers: tuple[OfferedLoan, ...]
    cannot_resolve: str
    cannot_check: str
    cannot_review_quality: str
    own_view_required: bool


def case_authority(
    case: ReferralCase, proceedings: Proceedings, rules: CaseRules, *, by: Actor, at: datetime, blind: bool
) -> CaseAuthority:
    """What this person may do on the case; `blind` if score and recommendation are withheld."""
    offers = () if blind or case.state.ended else _offers(rules)
    own_view = rules.terms.blind and by.name not in proceedings.own_views
    return CaseAuthority(
        outcomes=() if blind else tuple(_outcome(rules, by, outcome, offers) for outcome in FinalOutcome),
        counter_offers=offers,
        cannot_resolve=_why_not(lambda: _check_resolve(case, by, at)),
        cannot_check=_why_not(lambda: _check_second(case, proceedings, rules, by, at)),
        cannot_review_quality=_why_not(lambda: _check_quality(proceedings, by)),
        own_view_required=own_view and by.may(Permission.WORK_CASES) and not case.state.ended,
    )


def _outcome(
    rules: CaseRules, by: Actor, outcome: FinalOutcome, offers: tuple[OfferedLoan, ...]
) -> OutcomeAuthority:
    loan = rules.as_requested if outcome is FinalOutcome.APPROVED else None
    refused = ""
    if outcome is FinalOutcome.COUNTER_OFFER:
        loan = _preferred(rules, offers)
        refused = (
            ""
            if loan
            else "the policy of this decision approves no amount at any term: approve as requested, or decline"
        )
    if refused:
        return OutcomeAuthority(
            outcome, rules.terms.reasons_for(outcome), rules.override(outcome), refused=refused
        )
    return authority_for(rules, by, outcome, loan)


def authority_for(
    rules: CaseRules, by: Actor, outcome: FinalOutcome, loan: OfferedLoan | None
) -> OutcomeAuthority:
    """What an outcome with this loan would be for a person; `loan` is None for a decline."""
    reasons, override = rules.terms.reasons_for(outcome), rules.override(outcome)
    try:
        authority = rules.authority(by, outcome, loan)
    except AboveEveryAuthority as fault:
        return OutcomeAuthority(outcome, reasons, override, loan, refused=str(fault))
    return OutcomeAuthority(
        outcome, reasons, override, loan, authority.second_person, authority.rule, authority.limit
    )


def _preferred(rules: CaseRules, offers: tuple[OfferedLoan, ...]) -> OfferedLoan | None:
    """The offer at the requested term, or else the largest."""
    requested = rules.record.application.terms.term
    same = next((offer for offer in offers if offer.term == requested), None)
    return same or max(offers, key=lambda offer: offer.amount, default=None)


def _offers(rules: CaseRules) -> tuple[OfferedLoan, ...]:
    found = []
    for term in rules.policy.product.months:
        largest = rules.counter_offers.largest(term)
        if largest.cents:
            try:
                found.append(rules.counter_offers.offer(largest, term))
            except CounterOfferNotApproved:  # a rounded amount, at the edge of the policy
                continue
    return tuple(found)


def _check_resolve(case: ReferralCase, by: Actor, at: datetime) -> None:
    by.require(Permission.WORK_CASES)
    case.require_lease(by, at)
    case.require_state(CaseState.ASSIGNED, to="resolve it")


def _check_second(case: ReferralCase, proceedings: Proceedings, rules: CaseRules, by: Actor, at: datetime) -> None:
    by.require(Permission.GIVE_SECOND_APPROVALS)
    case.require_unfinished()
    proposal, maker = proceedings.proposed()
    check_checker(by, maker=maker, proposers=case.proposers, loan=proposal.loan, terms=rules.terms)
    case.require_free(by, at)


def _check_quality(proceedings: Proceedings, by: Actor) -> None:
    by.require(Permission.WORK_CASES)
    proceedings.require_quality_review(by)


def _why_not(check: Callable[[], None]) -> str:
    try:
        check()
    except (CaseError, PermissionDenied) as fault:
        return str(fault)
    return ""
