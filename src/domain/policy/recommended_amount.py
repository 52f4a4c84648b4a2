"""The largest amount the policy would approve: a search that works for one applicant and for a column.

Risk, rate and every rule grow no milder as the amount grows, so "would be approved" holds up to one amount and
fails beyond it; the search doubles back by halves over the product's steps.
"""

from collections.abc import Callable

from domain.arithmetic import Flag, Quantity, both
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
    nought = 0.0 * quantities.loan_amnt
    minimum = product.minimum_amount + nought
    possible = policy.admits(quantities)
    if possible is not False:
        possible = both(possible, approved(minimum))
    if possible is False:  # one applicant, who cannot have even the least: nothing to search for
        return 0.0
    steps = nought
    for jump in product.jumps:
        candidate = minimum + (steps + jump) * product.amount_step
        within = both(candidate <= product.maximum_amount, candidate <= up_to)
        if within is not False:
            steps = steps + jump * both(within, approved(candidate))
    return possible * (minimum + steps * product.amount_step)


def recommended_amount(asked: Quantity, approved: Flag, largest_approved: Quantity) -> Quantity:
    """What to recommend: the amount asked for if approved, else the most that would be, 0 where that is more."""
    possible = largest_approved * (largest_approved <= asked)
    return possible + approved * (asked - possible)
