"""The search for the largest amount that the policy would approve, for one applicant and for a column.

Risk, rate and rules never improve as the amount grows, so an application is approved up to one amount and not
beyond. The search is a bisection over the product's steps. For one applicant it first tries the largest amount at
which the score passes, because usually the rules allow that amount too.
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
    """The largest amount in dollars that would be approved, in the product's steps up to `up_to`; 0 if none.

    The product's minimum is tried even if `up_to` is smaller.
    """

    def approved(amount: float) -> bool:
        return bool(policy.approves(quantities, amount, risk.at(amount)))

    product = policy.product
    by_score = policy.max_amount_by_score(risk)
    if by_score < product.minimum_amount:
        return 0.0
    if not policy.admits(quantities) or not approved(product.minimum_amount):
        return 0.0
    largest = product.largest_amount_up_to(min(up_to, by_score))
    return largest if approved(largest) else float(_largest(product, product.minimum_amount, up_to, approved))


def largest_approved_amounts(
    policy: ScoringPolicy, quantities: Quantities, risk_at: Callable[[Quantity], Quantity], *, up_to: Quantity
) -> Quantity:
    """The same for columns; `risk_at` returns the calibrated log-odds of default for loans of other amounts."""

    def approved(amount: Quantity) -> Flag:
        return policy.approves(quantities, amount, risk_at(amount))

    minimum = policy.product.minimum_amount + 0.0 * quantities.loan_amnt
    possible = policy.admits(quantities) & approved(minimum)
    return possible * _largest(policy.product, minimum, up_to, approved)


def _largest(
    product: Product, minimum: Quantity, up_to: Quantity, approved: Callable[[Quantity], Flag]
) -> Quantity:
    """The largest approved amount in the product's steps up to `up_to`, given that the minimum is approved."""
    steps = 0.0 * minimum
    for power in product.powers_of_two:
        candidate = minimum + (steps + power) * product.amount_step
        within = (candidate <= product.maximum_amount) & (candidate <= up_to)
        if within is not False:
            steps = steps + power * (within & approved(candidate))
    return minimum + steps * product.amount_step


def recommended_amount(requested: Quantity, approved: Flag, largest_approved: Quantity) -> Quantity:
    """The requested amount if approved, else the largest approved amount, or 0 if that exceeds the request."""
    possible = largest_approved * (largest_approved <= requested)
    return possible + approved * (requested - possible)
