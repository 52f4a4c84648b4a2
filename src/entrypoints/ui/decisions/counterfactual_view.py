"""Counterfactuals as text: changes that would have led to approval."""

from dataclasses import dataclass
from math import floor

from application.use_cases.decisions.find_counterfactual import Explanation
from domain.applications.loan_terms import Term
from domain.decisions.counterfactual import Change, Counterfactual
from entrypoints.ui.shared.formats import counted, dollars, in_percent, money, number, percent

_DISCLAIMER = (
    "Based on the model and policy of this decision, with all other details unchanged. "
    "This is not an offer; a new application is assessed from scratch."
)
_NO_OPTIONS = (
    "No change the applicant could make would lead to approval. Considered: up to two changes of amount, term, "
    "revolving utilization, debt-to-income ratio, inquiries and FICO score."
)
_REMARKS = {
    "inq_last_6mths": "Inquiries drop off after six months.",
    "fico_range_low": "Scores improve over months with on-time payments and lower balances.",
}


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


def counterfactual_view(explanation: Explanation) -> CounterfactualView:
    """The view for a referred or declined decision."""
    found = explanation.counterfactuals
    return CounterfactualView(
        options=tuple(_option(one) for one in found),
        empty_text="" if found else _NO_OPTIONS,
        disclaimer=_DISCLAIMER if found else "",
    )


def _option(one: Counterfactual) -> Option:
    changes = " and ".join(_change(change) for change in one.changes)
    remarks = [_REMARKS[change.name] for change in one.changes if change.name in _REMARKS]
    return Option(
        sentence=f"{changes[0].upper()}{changes[1:]} would be approved (PD {_rounded_down(one.pd)}).",
        terms=f"Grade {one.grade}, {percent(one.annual_rate, 2)} annual rate, {money(one.instalment)} per month",
        remark=" ".join(remarks),
    )


def _rounded_down(pd: float) -> str:
    """The PD rounded down, so that an approved PD is not displayed as the cut-off."""
    return percent(floor(10_000 * pd) / 10_000, 2)


def _change(change: Change) -> str:
    given, instead = change.given, change.instead
    if change.name == "loan_amnt":
        return f"a loan of {dollars(instead)} instead of {dollars(given)}"
    if change.name == "term":
        return f"a term of {Term(int(instead)).label} instead of {Term(int(given)).label}"
    if change.name == "revol_util":
        return f"revolving utilization of {in_percent(instead)} instead of {in_percent(given)}"
    if change.name == "dti":
        return f"a debt-to-income ratio of {in_percent(instead)} instead of {in_percent(given)}"
    if change.name == "inq_last_6mths":
        remaining = (
            counted(int(instead), "credit inquiry", "credit inquiries") if instead else "no credit inquiries"
        )
        return f"{remaining} in six months instead of {number(given)}"
    return f"a FICO score of {number(instead)} instead of {number(given)}"
