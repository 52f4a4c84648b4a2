"""The stated reasons and the failed policy rules, each with the applicant's figure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from domain.decisions.decision_record import DecisionRecord
from domain.models.characteristics import CHARACTERISTIC_NAMES, Characteristics
from domain.policies.reasons import SCORE_REASON_CODES
from domain.policies.rules import Comparison, Rule, measures_of
from domain.policies.scoring_policy import ScoringPolicy
from entrypoints.ui.applications.application_values import values_of
from entrypoints.ui.shared.formats import capital, dollars, in_percent, number
from entrypoints.ui.shared.labels import OUTCOMES, characteristic_label


@dataclass(frozen=True, slots=True)
class ReasonItem:
    """A reason or failed rule, and the figure behind it ("" if unknown)."""

    text: str
    detail: str


def _fraction_in_percent(value: float) -> str:
    return in_percent(100 * value)


_MEASURES: Mapping[str, tuple[str, Callable[[float], str]]] = {
    "annual income": ("Annual income", dollars),
    "loan amount": ("Requested amount", dollars),
    "loan to income": ("Loan-to-income", _fraction_in_percent),
    "debt to income after": ("Debt-to-income with this loan", _fraction_in_percent),
    "FICO": ("FICO score", number),
    "delinquencies in two years": ("Delinquencies in two years", number),
    "public records": ("Public records", number),
}
"""Label and format by measure; other measures are shown under their own name."""
_FAILURE_TEXTS: Mapping[tuple[str, Comparison], str] = {
    ("debt to income after", Comparison.AT_MOST): "Debt-to-income above {limit}",
    ("loan amount", Comparison.AT_LEAST): "Below the minimum loan of {limit}",
    ("loan amount", Comparison.AT_MOST): "Above the maximum loan of {limit}",
}
"""Texts that differ from the usual "<measure> above/below <limit>"."""


def reasons_of(record: DecisionRecord, policy: ScoringPolicy | None) -> tuple[ReasonItem, ...]:
    """The stated reasons in order. Figures of rule reasons need the policy that decided."""
    values = values_of(record.application)
    details = {
        code: f"{characteristic_label(name)}: {values[name]}"
        for code, name in zip(SCORE_REASON_CODES, CHARACTERISTIC_NAMES, strict=True)
    }
    decisive = [rule for rule in _failed(record, policy) if rule.otherwise is record.decision.outcome]
    for rule in reversed(decisive):  # the first rule with a reason takes precedence
        label, text_of = _measure(rule)
        bound = "minimum" if rule.comparison is Comparison.AT_LEAST else "maximum"
        details[rule.reason] = f"{label}: {text_of(_value(rule, record))} ({bound} {text_of(rule.limit)})"
    return tuple(ReasonItem(reason.text, details.get(reason.code, "")) for reason in record.decision.reasons)


def failed_rules_of(record: DecisionRecord, policy: ScoringPolicy | None) -> tuple[ReasonItem, ...]:
    """The failed rules, with the applicant's figure and the outcome of the rule.

    Without the policy that decided, only the names of the rules are known.
    """
    rules = {rule.name: rule for rule in _failed(record, policy)}
    return tuple(
        ReasonItem(failure_text(rules[name]), _failure_detail(rules[name], record))
        if name in rules
        else ReasonItem(f"Rule “{capital(name)}”", "")
        for name in record.decision.failed_rules
    )


def failure_text(rule: Rule) -> str:
    """What it means to fail the rule: "Debt-to-income above 43 %"."""
    label, text_of = _measure(rule)
    side = "below" if rule.comparison is Comparison.AT_LEAST else "above"
    text = _FAILURE_TEXTS.get((rule.measure, rule.comparison), f"{label} {side} {{limit}}")
    return text.format(limit=text_of(rule.limit))


def _failure_detail(rule: Rule, record: DecisionRecord) -> str:
    _, text_of = _measure(rule)
    return f"Actual: {text_of(_value(rule, record))}. Rule outcome: {OUTCOMES[rule.otherwise].lower()}."


def _failed(record: DecisionRecord, policy: ScoringPolicy | None) -> tuple[Rule, ...]:
    rules = () if policy is None else policy.rules
    return tuple(rule for rule in rules if rule.name in record.decision.failed_rules)


def _measure(rule: Rule) -> tuple[str, Callable[[float], str]]:
    return _MEASURES.get(rule.measure, (capital(rule.measure), number))


def _value(rule: Rule, record: DecisionRecord) -> float:
    characteristics = Characteristics.of(record.application)
    instalment = record.decision.instalment.dollars
    return float(rule.value(measures_of(characteristics, characteristics.loan_amnt, instalment)))
