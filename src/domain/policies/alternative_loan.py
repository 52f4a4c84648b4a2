"""The alternative to a loan of which no amount passes: the largest amount at another term."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.applications.money import Money
from domain.models.characteristics import Characteristics
from domain.models.risk_by_amount import RiskByAmount
from domain.policies.circumstance_measures import USUAL_FACTS, Facts
from domain.policies.recommended_amount import largest_approved_amount, recommended_amount
from domain.policies.scoring_policy import ScoringPolicy


@dataclass(frozen=True, slots=True)
class AlternativeLoan:
    """A loan that the policy would approve: the amount, the term in months, the annual rate (0.12 is 12 %) and the
    monthly instalment."""

    amount: Money
    term: int
    annual_rate: float
    instalment: Money


def other_terms(
    policy: ScoringPolicy, inputs: Characteristics, own_risk: RiskByAmount, facts: Facts = USUAL_FACTS
) -> list[Characteristics]:
    """The application at each other term that the policy may approve, if no amount passes at its own.

    `own_risk` is the risk at the own term. A longer term is left out if the score fails there and the risk can
    only rise with the term, which spares most applications the search.
    """
    product, place = policy.product, policy.product.term_place
    score_passes = policy.max_amount_by_score(own_risk) >= policy.pricing.minimum_amount
    only_shorter = not score_passes and product.directions.get(product.term) == 1
    changed = [
        _with(inputs, place, float(months))
        for months in product.months
        if months != inputs[place] and not (only_shorter and months > inputs[place])
    ]
    return [each for each in changed if policy.admits(each, facts)]


def alternative_loan(
    policy: ScoringPolicy, applications: Sequence[tuple[Characteristics, RiskByAmount]], facts: Facts = USUAL_FACTS
) -> AlternativeLoan | None:
    """The largest amount up to the requested one, the first term if two are equal; None if none.

    `applications` are those at other terms (`other_terms`) with their risk.
    """
    product, best = policy.product, None
    for changed, risk in applications:
        amount = _best_amount(policy, changed, risk, facts)
        if amount > (best[0] if best else 0.0):
            best = amount, changed, risk
    if best is None:
        return None
    amount, changed, risk = best
    evaluation = policy.evaluate(_with(changed, product.amount_place, amount), risk.at(amount), facts=facts)
    grade = policy.pricing.grades[evaluation.grade_index]
    term = int(changed[product.term_place])
    return AlternativeLoan(Money.of(amount), term, grade.annual_rate, Money.of(evaluation.instalment))


def _best_amount(policy: ScoringPolicy, inputs: Characteristics, risk: RiskByAmount, facts: Facts) -> float:
    """The requested amount if it would be approved, else the largest that would be up to it; 0 if none."""
    requested = float(inputs[policy.product.amount_place])
    if policy.approves(inputs, requested, risk.at(requested), facts):
        return requested
    largest = largest_approved_amount(policy, inputs, risk, up_to=requested, facts=facts)
    return float(recommended_amount(requested, approved=False, largest_approved=largest))


def _with(inputs: Characteristics, place: int, value: float) -> Characteristics:
    return (*inputs[:place], value, *inputs[place + 1 :])
