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


def largest_approved_amount(policy: ScoringPolicy, quantities: Quantities, risk_at: RiskAt) -> Quantity:
    """The largest amount in dollars, by the product's steps, that would be approved; 0 when none would."""

    def approved(amount: Quantity) -> Flag:
        return policy.approves(quantities.asking_for(amount), risk_at(amount))

    product = policy.product
    nought = 0.0 * quantities.loan_amnt
    minimum = product.minimum_amount + nought
    possible = approved(minimum)
    if possible is False:  # one applicant, who cannot have even the least: nothing to search for
        return 0.0
    steps = nought
    for jump in _jumps(product):
        candidate = minimum + (steps + jump) * product.amount_step
        within = candidate <= product.maximum_amount
        steps = steps + jump * both(within, approved(candidate))
    return possible * (minimum + steps * product.amount_step)


def recommended_amount(asked: Quantity, approved: Flag, largest_approved: Quantity) -> Quantity:
    """What to recommend: the amount asked for if approved, else the most that would be, never more than asked."""
    capped = largest_approved + (largest_approved > asked) * (asked - largest_approved)
    return capped + approved * (asked - capped)


def _jumps(product: Product) -> list[int]:
    steps = int((product.maximum_amount - product.minimum_amount) // product.amount_step)
    return [2**power for power in reversed(range(steps.bit_length()))]
