"""What would be decided, beside the decision, as text; and which fields can be changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.use_cases.decisions.try_what_if import WhatIf, WhatIfVersions
from domain.applications.money import ZERO, Money
from domain.decisions.decision import Decision
from domain.decisions.decision_record import DecisionRecord
from domain.models.prediction import Prediction
from domain.products.fields import Field, NumberField
from domain.products.product_definition import ProductDefinition
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.formats import money, percent

_SMALL_RANGE, _SMALL_WHOLE_RANGE = 100.0, 10.0
"""A slider reaches twice the given value, and at least this far: limits of fields are far beyond usual values."""


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A figure of the decision and of the answer."""

    label: str
    decided: str
    tried: str

    @property
    def differs(self) -> bool:
        """Whether the two are different."""
        return self.decided != self.tried


def changeable_fields(product: ProductDefinition) -> tuple[Field, ...]:
    """Amount, term, and the other fields along which the product's applications can be changed."""
    names = dict.fromkeys((product.amount, product.term, *(lever.field for lever in product.levers)))
    return tuple(product.field_by_name[name] for name in names)


def with_partners(
    given: Mapping[str, str | None], entered: Mapping[str, str | None], product: ProductDefinition
) -> dict[str, str | None]:
    """All entries: those given, with what is entered; the other end of a range keeps its distance."""
    entries = {**given, **entered}
    for lever in product.levers:
        if not lever.partner or lever.partner in entered:
            continue
        before, after = _number(given[lever.field]), _number(entries[lever.field])
        partner = _number(given[lever.partner])
        if before is not None and after is not None and partner is not None and before != after:
            entries[lever.partner] = f"{min(after + partner - before, lever.maximum):.10g}"
    return entries


def _number(text: str | None) -> float | None:
    try:
        return float((text or "").replace(",", ""))
    except ValueError:
        return None


def slider_range(field: NumberField, given: float | None) -> tuple[float, float]:
    """The ends of the slider of a field."""
    reach = max(2 * (given or 0.0), _SMALL_WHOLE_RANGE if field.whole else _SMALL_RANGE)
    return field.minimum, min(field.maximum, max(reach, field.minimum + 1))


def compared_rows(record: DecisionRecord, found: WhatIf) -> tuple[ComparedRow, ...]:
    """The figures of the recorded decision and of the answer."""
    decided, tried = _texts(record.prediction, record.decision), _texts(found.prediction, found.decision)
    return tuple(ComparedRow(label, decided[label], tried[label]) for label in decided)


def _texts(prediction: Prediction, decision: Decision) -> dict[str, str]:
    return {
        "Outcome": labels.OUTCOMES[decision.outcome],
        "Probability of default": percent(prediction.pd.value),
        "Grade and rate": f"{decision.grade} · {percent(decision.annual_rate, 2)}",
        "Monthly payment": money(decision.instalment),
        "Recommended amount": _recommended(decision.recommended_amount),
        "Confidence": labels.CONFIDENCES[decision.confidence],
        "Reasons": "; ".join(reason.text for reason in decision.reasons) or "None",
    }


def _recommended(amount: Money) -> str:
    return "None" if amount == ZERO else money(amount)


def versions_text(found: WhatIf) -> str:
    """Whose model and policy answered."""
    whose = "of this decision" if found.versions is WhatIfVersions.DECISION else "in force now"
    return f"By the model and policy {whose}: model {found.model_version}, policy {found.decision.policy_version}."
