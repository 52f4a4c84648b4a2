"""The rules of a policy, ready to be applied to one application and to columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from domain.arithmetic import Flag, Quantity
from domain.policies.bureau_rules import with_bureau_rules
from domain.policies.circumstance_measures import (
    CIRCUMSTANCE_MEASURES,
    DAYS_SINCE_APPLICATION,
    DAYS_SINCE_DECLINE,
    EXPOSURE,
    USUAL_FACTS,
    Facts,
    measures_with,
)
from domain.policies.outcome import more_severe
from domain.policies.rules import Check, Comparison, Rule, evaluate_checks
from domain.products.product_definition import ProductDefinition


@dataclass(frozen=True, slots=True)
class AppliedRules:
    """The policy's rules and the bureau rules that it lacks, those on fixed circumstances last.

    Usual facts meet the last rules, so these are not even looked at for an application without circumstances. Its
    measures are those of the product, and the loan amount as the exposure if a rule limits that.
    """

    rules: tuple[Rule, ...]
    met_usually: tuple[bool, ...]
    """Of the last rules."""
    limit_exposure: bool
    history_days: float
    """The longest time that a rule on the applicant's earlier applications looks back; 0 without such a rule."""
    _severities: tuple[int, ...]
    _checks: tuple[Check, ...]
    _usual_checks: tuple[Check, ...]
    _fixed_checks: tuple[Check, ...]
    _usual_fixed_checks: tuple[Check, ...]
    _amount_checks: tuple[Check, ...]

    @classmethod
    def of(cls, rules: tuple[Rule, ...], product: ProductDefinition) -> Self:
        """The rules of a policy for this product."""
        names = [measure.name for measure in (*product.measures, *CIRCUMSTANCE_MEASURES)]
        varying = {EXPOSURE, *(measure.name for measure in product.measures)}
        first = [rule for rule in rules if rule.measure in varying]
        applied = (*first, *(rule for rule in with_bureau_rules(rules) if rule.measure not in varying))
        checks = tuple(
            (names.index(rule.measure), rule.comparison is Comparison.AT_LEAST, rule.limit) for rule in applied
        )
        by_amount = [rule.measure == EXPOSURE or product.depends_on_amount(rule.measure) for rule in applied]
        fixed = tuple(check for check, varies in zip(checks, by_amount, strict=True) if not varies)
        last = len(applied) - len(first)
        return cls(
            rules=applied,
            met_usually=(True,) * last,
            limit_exposure=any(rule.measure == EXPOSURE for rule in rules),
            history_days=max(
                (rule.limit for rule in rules if rule.measure in {DAYS_SINCE_APPLICATION, DAYS_SINCE_DECLINE}),
                default=0.0,
            ),
            _severities=tuple(rule.severity for rule in applied),
            _checks=checks,
            _usual_checks=checks[: len(first)],
            _fixed_checks=fixed,
            _usual_fixed_checks=fixed[: len(fixed) - last],
            _amount_checks=tuple(check for check, varies in zip(checks, by_amount, strict=True) if varies),
        )

    def met(self, measures: tuple[Quantity, ...], amount: Quantity, facts: Facts) -> list[Flag]:
        """Whether each rule is met, for the product's measures; without the last rules under usual facts."""
        if facts is USUAL_FACTS:
            usual = (*measures, amount) if self.limit_exposure else measures
            return evaluate_checks(self._usual_checks, usual)
        return evaluate_checks(self._checks, measures_with(measures, facts, amount))

    def fixed_met(self, measures: tuple[Quantity, ...], facts: Facts) -> list[Flag]:
        """The same for the rules that do not depend on the loan amount."""
        if facts is USUAL_FACTS:
            return evaluate_checks(self._usual_fixed_checks, measures)
        return evaluate_checks(self._fixed_checks, measures_with(measures, facts, 0.0))

    def amount_met(self, measures: tuple[Quantity, ...], amount: Quantity, facts: Facts) -> list[Flag]:
        """The same for the rules that depend on the loan amount."""
        if self.limit_exposure:
            measures = (*measures, facts[0] + amount)
        return evaluate_checks(self._amount_checks, measures)

    def severest_failure(self, met: Sequence[Flag]) -> Quantity:
        """The most severe outcome of the rules that are not met; `met` may lack the last ones."""
        severest: Quantity = 0
        for severity, flag in zip(self._severities, met, strict=False):
            if flag is not True:
                severest = more_severe(severest, severity * (1 - 1 * flag))
        return severest
