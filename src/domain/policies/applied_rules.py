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
)
from domain.policies.outcome import more_severe
from domain.policies.rules import Check, Comparison, Rule
from domain.products.product_definition import ProductDefinition


@dataclass(frozen=True, slots=True)
class AppliedRules:
    """The policy's rules and the bureau rules that it lacks: on the product, on exposure, on other circumstances.

    Usual circumstances meet the rules on other circumstances, so these are not even looked at for an application
    about which nothing is noted. Checks of the product and of its fixed and amount measures are on measures, those
    of `fact_checks` on `Facts`. `history_days` is how far back rules look at earlier applications, or 0.
    """

    rules: tuple[Rule, ...]
    product_checks: tuple[Check, ...]
    fixed_checks: tuple[Check, ...]
    amount_checks: tuple[Check, ...]
    exposure_limits: tuple[float, ...]
    fact_checks: tuple[Check, ...]
    met_usually: tuple[bool, ...]
    history_days: float
    _severities: tuple[int, ...]

    @classmethod
    def of(cls, rules: tuple[Rule, ...], product: ProductDefinition) -> Self:
        """The rules of a policy for this product."""
        measures = [measure.name for measure in product.measures]
        facts = [measure.name for measure in CIRCUMSTANCE_MEASURES]
        on_product = [rule for rule in rules if rule.measure in measures]
        on_exposure = [rule for rule in rules if rule.measure == EXPOSURE and EXPOSURE not in measures]
        others = [rule for rule in with_bureau_rules(rules) if rule not in on_product and rule not in on_exposure]
        applied = (*on_product, *on_exposure, *others)
        checks = tuple(_check(rule, measures) for rule in on_product)
        varies = [product.depends_on_amount(rule.measure) for rule in on_product]
        looking_back = {DAYS_SINCE_APPLICATION, DAYS_SINCE_DECLINE}
        return cls(
            rules=applied,
            product_checks=checks,
            fixed_checks=tuple(check for check, each in zip(checks, varies, strict=True) if not each),
            amount_checks=tuple(check for check, each in zip(checks, varies, strict=True) if each),
            exposure_limits=tuple(rule.limit for rule in on_exposure),
            fact_checks=tuple(_check(rule, facts) for rule in others),
            met_usually=(True,) * len(others),
            history_days=float(max((rule.limit for rule in others if rule.measure in looking_back), default=0)),
            _severities=tuple(rule.severity for rule in applied),
        )

    def severest_failure(self, met: Sequence[Flag]) -> Quantity:
        """The most severe outcome of the rules that are not met."""
        severest: Quantity = 0
        for severity, flag in zip(self._severities, met, strict=True):
            if flag is not True:
                severest = more_severe(severest, severity * (1 - 1 * flag))
        return severest


def _check(rule: Rule, measures: Sequence[str]) -> Check:
    return measures.index(rule.measure), rule.comparison is Comparison.AT_LEAST, rule.limit
