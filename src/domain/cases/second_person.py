"""When a second person must agree with a resolution, and who that can be."""

from collections.abc import Collection

from domain.access.user import Actor, Permission, Role
from domain.applications.money import Money
from domain.cases.applied_authority import AppliedAuthority, SecondPersonRule
from domain.cases.case_errors import SecondPersonRequired
from domain.cases.counter_offer import OfferedLoan
from domain.cases.override import OverrideType
from domain.cases.resolution_errors import AboveAuthority, AboveEveryAuthority
from domain.policies.authority import DECIDING_ROLES, AuthorityLimit
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from domain.policies.review_terms import ReviewTerms


def applied_authority(
    maker: Actor,
    override: OverrideType,
    loan: OfferedLoan | None,
    *,
    reverses_decline: bool,
    terms: ReviewTerms,
) -> AppliedAuthority:
    """The authority of the maker for a resolution. Raises AboveEveryAuthority if no second person could agree.

    `loan` is None for a decline. `reverses_decline` is as returned by the function of this name.
    """
    if loan is None:
        return AppliedAuthority(maker.role, "a decline needs no limit", None)
    limit = terms.limit_of(maker.role, loan.grade)
    rules = (
        (SecondPersonRule.LOW_SIDE_OVERRIDE, override is OverrideType.LOW_SIDE),
        (SecondPersonRule.REVERSED_DECLINE, reverses_decline),
        (SecondPersonRule.ABOVE_AUTHORITY, not _within(loan, limit)),
    )
    needed = tuple(rule for rule, applies in rules if applies)
    if needed and not _roles_within(loan, terms):
        raise AboveEveryAuthority(
            f"{loan.amount} in grade {loan.grade} is above the authority of every role that gives second "
            f"approvals ({_limits(loan.grade, terms)}): offer a smaller amount, or decline"
        )
    rule = f"{maker.role.value}, grade {loan.grade}: no authority" if limit is None else str(limit)
    return AppliedAuthority(maker.role, rule, None if limit is None else Money.of(limit.up_to), needed)


def reverses_decline(outcome: FinalOutcome, system: Outcome, previous: FinalOutcome | None) -> bool:
    """Whether an outcome lends what was declined.

    A counter-offer after the system's decline is not: the decision itself states the amount that the policy
    approves. After a person's decline it is.
    """
    if not outcome.lends:
        return False
    if previous is not None:
        return previous is FinalOutcome.DECLINED
    return system is Outcome.DECLINED and outcome is FinalOutcome.APPROVED


def check_checker(
    checker: Actor,
    *,
    maker: Actor,
    proposers: Collection[str],
    loan: OfferedLoan | None,
    terms: ReviewTerms,
) -> Money | None:
    """The checker's limit, None for a decline. Raises a CaseError unless the checker may decide on the proposal.

    `proposers` are all who made a proposal on this case, also one that was refused.
    """
    checker.require(Permission.GIVE_SECOND_APPROVALS)
    if checker.name == maker.name:
        raise SecondPersonRequired(f"{checker.name} made this proposal, and a second person must decide on it")
    if checker.name in proposers:
        raise SecondPersonRequired(
            f"{checker.name} made an earlier proposal on this case, and someone who made none must decide"
        )
    if loan is None:
        return None
    limit = terms.limit_of(checker.role, loan.grade)
    if limit is None or not _within(loan, limit):
        allowed = "no authority" if limit is None else str(limit)
        raise AboveAuthority(
            f"{loan.amount} in grade {loan.grade} is above the authority of {checker.name} ({allowed}); "
            f"{_who_could(loan, terms)}"
        )
    return Money.of(limit.up_to)


def _within(loan: OfferedLoan, limit: AuthorityLimit | None) -> bool:
    return limit is not None and loan.amount.dollars <= limit.up_to


def _roles_within(loan: OfferedLoan, terms: ReviewTerms) -> list[Role]:
    return [
        role
        for role in DECIDING_ROLES
        if Permission.GIVE_SECOND_APPROVALS in role.permissions and _within(loan, terms.limit_of(role, loan.grade))
    ]


def _who_could(loan: OfferedLoan, terms: ReviewTerms) -> str:
    roles = ", ".join(role.value for role in _roles_within(loan, terms))
    return f"a {roles} could decide" if roles else "no role has this authority"


def _limits(grade: str, terms: ReviewTerms) -> str:
    limits = (terms.limit_of(role, grade) for role in DECIDING_ROLES)
    return "; ".join(str(limit) for limit in limits if limit) or "none"
