"""Counterfactuals as text: changes that would have led to approval."""

from dataclasses import dataclass
from math import floor

from application.use_cases.decisions.find_counterfactual import Explanation
from domain.decisions.counterfactual import Change, Counterfactual
from domain.products.levers import Lever
from domain.products.product_definition import ProductDefinition
from entrypoints.ui.shared.field_values import field_label, quantity_text
from entrypoints.ui.shared.formats import money, percent

_DISCLAIMER = (
    "Based on the model and policy of this decision, with all other details unchanged. "
    "This is not an offer; a new application is assessed from scratch."
)


@dataclass(frozen=True, slots=True)
class Option:
    """One option for approval: the change, the resulting loan terms, and a remark on timing."""

    sentence: str
    terms: str
    remark: str


@dataclass(frozen=True, slots=True)
class CounterfactualView:
    """The options with a disclaimer, or the text shown if there are none."""

    options: tuple[Option, ...]
    empty_text: str
    disclaimer: str


def counterfactual_view(explanation: Explanation, product: ProductDefinition) -> CounterfactualView:
    """The view for a referred or declined decision."""
    found = explanation.counterfactuals
    return CounterfactualView(
        options=tuple(_option(one, product) for one in found),
        empty_text="" if found else _no_options(explanation, product),
        disclaimer=_DISCLAIMER if found else "",
    )


def _no_options(explanation: Explanation, product: ProductDefinition) -> str:
    if explanation.needs_review:
        return (
            "No change of the application alone would lead to approval. Credit bureau data or other applications "
            "must be reviewed first."
        )
    text = "No change the applicant could make would lead to approval."
    labels = [lever.label or product.field_by_name[lever.field].label for lever in product.levers]
    if not labels:
        return text
    considered = f"{', '.join(labels[:-1])} and {labels[-1]}" if labels[1:] else labels[0]
    return f"{text} Considered: up to two changes of {considered}."


def _option(one: Counterfactual, product: ProductDefinition) -> Option:
    levers = {lever.field: lever for lever in product.levers}
    changes = " and ".join(_change(change, levers.get(change.name), product) for change in one.changes)
    remarks = [lever.remark for change in one.changes if (lever := levers.get(change.name)) and lever.remark]
    return Option(
        sentence=f"{changes[0].upper()}{changes[1:]} would be approved (PD {_rounded_down(one.pd)}).",
        terms=f"Grade {one.grade}, {percent(one.annual_rate, 2)} annual rate, {money(one.instalment)} per month",
        remark=" ".join(remarks),
    )


def _rounded_down(pd: float) -> str:
    """The PD rounded down, so that an approved PD is not displayed as the cut-off."""
    return percent(floor(10_000 * pd) / 10_000, 2)


def _change(change: Change, lever: Lever | None, product: ProductDefinition) -> str:
    field = product.field_by_name[change.name]
    text = f"{field_label(field)} of {{instead}} instead of {{given}}"
    if lever is not None:
        special = {0.0: lever.to_zero, 1.0: lever.to_one}.get(change.instead)
        text = special or lever.change or text
    text = text.replace("{instead}", quantity_text(field, change.instead))
    return text.replace("{given}", quantity_text(field, change.given))
