"""Why it was decided so: the stated reasons and the rules not met, each with the applicant's own figure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from domain.decisions.decision_record import DecisionRecord
from domain.models.characteristics import CHARACTERISTIC_NAMES, Characteristics
from domain.policies.reasons import SCORE_REASON_CODES
from domain.policies.rules import Rule, measured
from domain.policies.scoring_policy import ScoringPolicy
from entrypoints.ui.applications.application_values import values_of
from entrypoints.ui.shared.formats import capital, dollars, number, percent
from entrypoints.ui.shared.labels import OUTCOMES, characteristic


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason or rule, and the figure behind it ("" where that is not known)."""

    text: str
    detail: str


_AS_TEXT: Mapping[str, tuple[str, Callable[[float], str]]] = {
    "annual income": ("Annual income", dollars),
    "loan amount": ("Loan amount", dollars),
    "loan to income": ("Loan to annual income", percent),
    "debt to income after": ("Debt to income with this loan", percent),
    "FICO": ("FICO score", number),
    "delinquencies in two years": ("Delinquencies in 2 years", number),
    "public records": ("Public records", number),
}


def reasons_of(record: DecisionRecord, policy: ScoringPolicy | None) -> tuple[Ground, ...]:
    """The stated reasons in their order; those of rules need the policy that decided for their figures."""
    values = values_of(record.application)
    details = {
        code: f"{characteristic(name)}: {values[name]}"
        for code, name in zip(SCORE_REASON_CODES, CHARACTERISTIC_NAMES, strict=True)
    }
    decisive = [rule for rule in _failed(record, policy) if rule.otherwise is record.decision.outcome]
    details |= {rule.reason: _measured(rule, record) for rule in reversed(decisive)}  # the first of a reason tells
    return tuple(Ground(reason.text, details.get(reason.code, "")) for reason in record.decision.reasons)


def failed_rules_of(record: DecisionRecord, policy: ScoringPolicy | None) -> tuple[Ground, ...]:
    """Every rule that was not met, with the figure, its limit and what the rule then asks for."""
    details = {
        rule.name: f"{_measured(rule, record)}; otherwise {OUTCOMES[rule.otherwise].lower()}"
        for rule in _failed(record, policy)
    }
    return tuple(Ground(capital(name), details.get(name, "")) for name in record.decision.failed_rules)


def _failed(record: DecisionRecord, policy: ScoringPolicy | None) -> tuple[Rule, ...]:
    rules = () if policy is None else policy.rules
    return tuple(rule for rule in rules if rule.name in record.decision.failed_rules)


def _measured(rule: Rule, record: DecisionRecord) -> str:
    label, write = _AS_TEXT.get(rule.measure, (rule.measure.capitalize(), number))
    given = Characteristics.of(record.application)
    value = rule.value(measured(given, given.loan_amnt, record.decision.instalment.dollars))
    return f"{label}: {write(value)} ({rule.comparison.value} {write(rule.limit)})"
