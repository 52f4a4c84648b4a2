"""The largest amount the policy would approve: a search for one applicant, and one for a column.

Risk, rate and every rule grow no milder as the amount grows, so "would be approved" holds up to one amount and
fails beyond it. The search doubles back by halves over the product's steps; for one applicant it first asks how
far the score goes, since mostly the rules go as far.
"""

from collections.abc import Callable

from domain.arithmetic import Flag, Quantity
from domain.models.risk_by_amount import RiskByAmount
from domain.policies.product import Product
from domain.policies.rules import Quantities
from domain.policies.scoring_policy import ScoringPolicy


def largest_approved_amount(
    policy: ScoringPolicy, quantities: Quantities, risk: RiskByAmount, *, up_to: float
) -> float:
    """The largest amount in dollars, by the product's steps and up to a limit, that would be approved; 0 for none.

    The least the product offers is tried even where the limit lies below it.
    """

    def approved(amount: float) -> bool:
        return bool(policy.approves(quantities, amount, risk.at(amount)))

    product = policy.product
    most_by_score = policy.most_by_score(risk)
    if most_by_score < product.minimum_amount:
        return 0.0
    if not policy.admits(quantities) or not approved(product.minimum_amount):
        return 0.0
    most = product.most_up_to(min(up_to, most_by_score))
    return most if approved(most) else float(_largest(product, product.minimum_amount, up_to, approved))


def largest_approved_amounts(
    policy: ScoringPolicy, quantities: Quantities, risk_at: Callable[[Quantity], Quantity], *, up_to: Quantity
) -> Quantity:
    """The same for columns; `risk_at` gives the calibrated log-odds of default if the loans were for others."""

    def approved(amount: Quantity) -> Flag:
        return policy.approves(quantities, amount, risk_at(amount))

    minimum = policy.product.minimum_amount + 0.0 * quantities.loan_amnt
    possible = policy.admits(quantities) & approved(minimum)
    return possible * _largest(policy.product, minimum, up_to, approved)


def _largest(
    product: Product, minimum: Quantity, up_to: Quantity, approved: Callable[[Quantity], Flag]
) -> Quantity:
    """The largest approved amount, by the product's steps and up to a limit; the least one is approved."""
    steps = 0.0 * minimum
    for jump in product.jumps:
        candidate = minimum + (steps + jump) * product.amount_step
        within = (candidate <= product.maximum_amount) & (candidate <= up_to)
        if within is not False:
            steps = steps + jump * (within & approved(candidate))
    return minimum + steps * product.amount_step


def recommended_amount(asked: Quantity, approved: Flag, largest_approved: Quantity) -> Quantity:
    """What to recommend: the amount asked for if approved, else the most that would be, 0 where that is more."""
    possible = largest_approved * (largest_approved <= asked)
    return possible + approved * (asked - possible)
