"""The largest amount the policy would approve: a search that works for one applicant and for a column.

Risk, rate and every rule grow no milder as the amount grows, so "would be approved" holds up to one amount and
fails beyond it; the search doubles back by halves over the product's steps.
"""

from collections.abc import Callable

from domain.arithmetic import Flag, Quantity, both
from domain.policy.product import Product
from domain.policy.rules import Quantities
from domain.policy.scoring_policy import ScoringPolicy

RiskAt = Callable[[Quantity], Quantity]
"""The calibrated log-odds of default if the loan were for another amount in dollars."""


def largest_approved_amount(
    policy: ScoringPolicy, quantities: Quantities, risk_at: RiskAt, *, up_to: Quantity
) -> Quantity:
    """The largest amount in dollars, by the product's steps and up to a limit, that would be approved; 0 for none.

    The least the product offers is tried even where the limit lies below it.
    """

    def approved(amount: Quantity) -> Flag:
        return policy.approves(quantities, amount, risk_at(amount))

    product = policy.product
    minimum = product.minimum_amount + 0.0 * quantities.loan_amnt
    possible = policy.admits(quantities)
    if possible is not False:
        possible = both(possible, approved(minimum))
    if possible is False:  # one applicant, who cannot have even the least: nothing to search for
        return 0.0
    if possible is True:  # one applicant: what the score allows is found sooner, and mostly the rules allow it too
        most = _largest(product, minimum, up_to, lambda amount: policy.passes(risk_at(amount)))
        if approved(most):
            return most
    return possible * _largest(product, minimum, up_to, approved)


def _largest(product: Product, minimum: Quantity, up_to: Quantity, holds: Callable[[Quantity], Flag]) -> Quantity:
    """The largest amount, by the product's steps and up to a limit, at which it holds, as it does at the least."""
    steps = 0.0 * minimum
    for jump in product.jumps:
        candidate = minimum + (steps + jump) * product.amount_step
        within = both(candidate <= product.maximum_amount, candidate <= up_to)
        if within is not False:
            steps = steps + jump * both(within, holds(candidate))
    return minimum + steps * product.amount_step


def recommended_amount(asked: Quantity, approved: Flag, largest_approved: Quantity) -> Quantity:
    """What to recommend: the amount asked for if approved, else the most that would be, 0 where that is more."""
    possible = largest_approved * (largest_approved <= asked)
    return possible + approved * (asked - possible)
