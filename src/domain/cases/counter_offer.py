"""A counter-offer: another amount or term, with the rate that the policy computes for it."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.applications.money import Money
from domain.decisions.decision_record import DecisionRecord
from domain.models.characteristics import Characteristics
from domain.models.risk_by_amount import RiskByAmount
from domain.policies.outcome import OUTCOMES, Outcome
from domain.policies.recommended_amount import largest_approved_amount
from domain.policies.scoring_policy import ScoringPolicy


class CounterOfferNotApproved(ValueError):
    """The policy of the decision would not approve the counter-offer; the text says what it would."""


@dataclass(frozen=True, slots=True)
class OfferedLoan:
    """The loan that a resolution offers: amount, term in months, grade, annual rate (0.12 is 12 %), instalment."""

    amount: Money
    term: int
    grade: str
    annual_rate: float
    instalment: Money


@dataclass(frozen=True, slots=True)
class CounterOffers:
    """The counter-offers on one decision, by its own policy, model and circumstances."""

    record: DecisionRecord
    policy: ScoringPolicy
    risk_by_amount: Callable[[Characteristics], RiskByAmount]

    def largest(self, term: int) -> Money:
        """The largest amount at a term, up to the requested one; 0 if none. Raises CounterOfferNotApproved."""
        inputs = self._inputs(term)
        requested = self.record.application.terms.amount
        risk = self.risk_by_amount(inputs)
        largest = largest_approved_amount(
            self.policy, inputs, risk, up_to=requested.dollars, facts=self.record.circumstances.facts
        )
        return Money.of(largest if largest <= requested.dollars else 0.0)

    def offer(self, amount: Money, term: int) -> OfferedLoan:
        """The offer of an amount at a term; raises CounterOfferNotApproved."""
        self._check_amount(amount)
        inputs = self._inputs(term)
        risk, product = self.risk_by_amount(inputs), self.policy.product
        place = product.amount_place
        offered = (*inputs[:place], amount.dollars, *inputs[place + 1 :])
        evaluation = self.policy.evaluate(offered, risk.at(amount.dollars), facts=self.record.circumstances.facts)
        if OUTCOMES[evaluation.outcome] is not Outcome.APPROVED:
            raise CounterOfferNotApproved(
                f"policy {self.policy.version} does not approve {amount} over {term} months: {self._instead(term)}"
            )
        grade = self.policy.pricing.grades[evaluation.grade_index]
        return OfferedLoan(amount, term, grade.name, grade.annual_rate, Money.of(evaluation.instalment))

    def _check_amount(self, amount: Money) -> None:
        requested, minimum = self.record.application.terms.amount, Money.of(self.policy.pricing.minimum_amount)
        if amount > requested:
            raise CounterOfferNotApproved(f"{amount} is more than the requested {requested}")
        if amount < minimum:
            raise CounterOfferNotApproved(
                f"{amount} is less than {minimum}, the smallest loan of policy {self.policy.version}"
            )

    def _inputs(self, term: int) -> Characteristics:
        product = self.policy.product
        if term not in product.months:
            terms = ", ".join(map(str, product.months))
            raise CounterOfferNotApproved(f"{term} months is not a term of the product; the terms are {terms}")
        inputs = product.characteristics_of(self.record.application)
        return (*inputs[: product.term_place], float(term), *inputs[product.term_place + 1 :])

    def _instead(self, term: int) -> str:
        largest = self.largest(term)
        if largest.cents:
            return f"the most at this term is {largest}"
        failed = self.record.decision.failed_rules
        rules = f" (rules not met: {', '.join(failed)})" if failed else ""
        return f"it approves no amount at this term{rules}"
