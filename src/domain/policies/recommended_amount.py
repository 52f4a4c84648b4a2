"""The search for the largest amount that the policy would approve, for one applicant and for a column.

Risk, rate and rules never improve as the amount grows, so an application is approved up to one amount and not
beyond. The search is a bisection over the policy's steps. For one applicant it first tries the largest amount at
which the score passes, because usually the rules allow that amount too.
"""

from collections.abc import Callable, Sequence

from domain.arithmetic import Flag, Quantity
from domain.models.risk_by_amount import RiskByAmount
from domain.policies.circumstance_measures import USUAL_FACTS, Facts
from domain.policies.pricing import Pricing
from domain.policies.scoring_policy import ScoringPolicy


def largest_approved_amount(
    policy: ScoringPolicy,
    inputs: Sequence[Quantity],
    risk: RiskByAmount,
    *,
    up_to: float,
    facts: Facts = USUAL_FACTS,
) -> float:
    """The largest amount in dollars that would be approved, in the policy's steps up to `up_to`; 0 if none.

    The product's minimum is tried even if `up_to` is smaller.
    """

    def approved(amount: float) -> bool:
        return bool(policy.approves(inputs, amount, risk.at(amount), facts))

    pricing = policy.pricing
    by_score = policy.max_amount_by_score(risk)
    if by_score < pricing.minimum_amount:
        return 0.0
    if not policy.admits(inputs, facts) or not approved(pricing.minimum_amount):
        return 0.0
    largest = pricing.largest_amount_up_to(min(up_to, by_score))
    return largest if approved(largest) else float(_largest(pricing, pricing.minimum_amount, up_to, approved))


def largest_approved_amounts(
    policy: ScoringPolicy,
    inputs: Sequence[Quantity],
    risk_at: Callable[[Quantity], Quantity],
    *,
    up_to: Quantity,
    facts: Facts = USUAL_FACTS,
) -> Quantity:
    """The same for columns; `risk_at` returns the calibrated log-odds of default for loans of other amounts."""

    def approved(amount: Quantity) -> Flag:
        return policy.approves(inputs, amount, risk_at(amount), facts)

    minimum = policy.pricing.minimum_amount + 0.0 * inputs[policy.product.amount_place]
    possible = policy.admits(inputs, facts) & approved(minimum)
    return possible * _largest(policy.pricing, minimum, up_to, approved)


def _largest(
    pricing: Pricing, minimum: Quantity, up_to: Quantity, approved: Callable[[Quantity], Flag]
) -> Quantity:
    """The largest approved amount in the policy's steps up to `up_to`, given that the minimum is approved."""
    steps = 0.0 * minimum
    for power in pricing.powers_of_two:
        candidate = minimum + (steps + power) * pricing.amount_step
        within = (candidate <= pricing.maximum_amount) & (candidate <= up_to)
        if within is not False:
            steps = steps + power * (within & approved(candidate))
    return minimum + steps * pricing.amount_step


def recommended_amount(requested: Quantity, approved: Flag, largest_approved: Quantity) -> Quantity:
    """The requested amount if approved, else the largest approved amount, or 0 if that exceeds the request."""
    possible = largest_approved * (largest_approved <= requested)
    return possible + approved * (requested - possible)
