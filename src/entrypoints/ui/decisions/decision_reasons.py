"""The stated reasons and the failed policy rules, each with the applicant's figure."""

from dataclasses import dataclass
from math import floor

from domain.decisions.decision_record import DecisionRecord
from domain.policies.circumstance_measures import (
    BUREAU_AVAILABLE,
    BUREAU_OPEN,
    BUREAU_UNDISPUTED,
    CIRCUMSTANCE_MEASURES,
    EXPOSURE,
)
from domain.policies.rules import Comparison, Rule
from domain.policies.scoring_policy import ScoringPolicy
from domain.products.product_definition import ProductDefinition
from domain.products.quantities import Measure
from entrypoints.ui.applications.application_values import value_texts
from entrypoints.ui.shared.field_values import field_label
from entrypoints.ui.shared.formats import capital, dollars, in_percent, number
from entrypoints.ui.shared.labels import BUREAU_STATUSES, OUTCOMES

_STATUS_MEASURES = {BUREAU_AVAILABLE, BUREAU_OPEN, BUREAU_UNDISPUTED}
"""They are shown as the status that was given, not as 0 or 1."""


@dataclass(frozen=True, slots=True)
class ReasonItem:
    """A reason or failed rule, and the figure behind it ("" if unknown)."""

    text: str
    detail: str


def reasons_of(
    record: DecisionRecord, policy: ScoringPolicy | None, product: ProductDefinition
) -> tuple[ReasonItem, ...]:
    """The stated reasons in order. Figures of rule reasons need the policy that decided."""
    values = value_texts(record.application, product)
    details = {
        each.reason: f"{field_label(product.field_by_name[each.name])}: {values[each.name]}"
        for each in product.characteristics
    }
    decisive = [rule for rule in _failed(record, policy) if rule.otherwise is record.decision.outcome]
    for rule in reversed(decisive):  # the first rule with a reason takes precedence
        measure = _measure(rule, product)
        bound = "minimum" if rule.comparison is Comparison.AT_LEAST else "maximum"
        if rule.measure in _STATUS_MEASURES:
            details[rule.reason] = f"Bureau data: {_status(record)}"
            continue
        figure, limit = _text(measure, _value(rule, record, product)), _text(measure, rule.limit)
        details[rule.reason] = f"{measure.label}: {figure} ({bound} {limit})"
    return tuple(ReasonItem(reason.text, details.get(reason.code, "")) for reason in record.decision.reasons)


def failed_rules_of(
    record: DecisionRecord, policy: ScoringPolicy | None, product: ProductDefinition
) -> tuple[ReasonItem, ...]:
    """The failed rules, with the applicant's figure and the outcome of the rule.

    Without the policy that decided, only the names of the rules are known.
    """
    rules = {rule.name: rule for rule in _failed(record, policy)}
    return tuple(
        ReasonItem(failure_text(rules[name], product), _failure_detail(rules[name], record, product))
        if name in rules
        else ReasonItem(f"Rule “{capital(name)}”", "")
        for name in record.decision.failed_rules
    )


def failure_text(rule: Rule, product: ProductDefinition) -> str:
    """What it means to fail the rule: "Debt-to-income above 43 %"."""
    measure = _measure(rule, product)
    if rule.comparison is Comparison.AT_LEAST:
        text = measure.below or f"{measure.label} below {{limit}}"
    else:
        text = measure.above or f"{measure.label} above {{limit}}"
    return text.replace("{limit}", _text(measure, rule.limit))


def _failure_detail(rule: Rule, record: DecisionRecord, product: ProductDefinition) -> str:
    if rule.measure in _STATUS_MEASURES:
        figure = _status(record)
    else:
        figure = _text(_measure(rule, product), _value(rule, record, product))
    return f"Actual: {figure}. Rule outcome: {OUTCOMES[rule.otherwise].lower()}."


def _failed(record: DecisionRecord, policy: ScoringPolicy | None) -> tuple[Rule, ...]:
    rules = () if policy is None else policy.applied_rules
    return tuple(rule for rule in rules if rule.name in record.decision.failed_rules)


def _measure(rule: Rule, product: ProductDefinition) -> Measure:
    """The measure; one that the product does not have is shown under its own name."""
    unknown = Measure(rule.measure, "", capital(rule.measure))
    measures = (*product.measures, *CIRCUMSTANCE_MEASURES)
    return next((each for each in measures if each.name == rule.measure), unknown)


def _status(record: DecisionRecord) -> str:
    return BUREAU_STATUSES[record.circumstances.bureau_status].lower()


def _text(measure: Measure, value: float) -> str:
    if measure.unit.startswith("$"):
        return dollars(value)
    if measure.unit == "%":
        return in_percent(100 * value)
    return f"{number(value)} {measure.unit}".rstrip()


def _value(rule: Rule, record: DecisionRecord, product: ProductDefinition) -> float:
    application = record.application
    amount, instalment = application.terms.amount.dollars, record.decision.instalment.dollars
    if rule.measure not in {measure.name for measure in product.measures}:
        place = [measure.name for measure in CIRCUMSTANCE_MEASURES].index(rule.measure)
        fact = float(record.circumstances.facts[place])
        return fact + amount if rule.measure == EXPOSURE else floor(fact)
    return product.measure_value(rule.measure, product.characteristics_of(application), amount, instalment)
