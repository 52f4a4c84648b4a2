"""What would change a decision, in words."""

from dataclasses import dataclass
from math import floor

from application.use_cases.decisions.find_counterfactual import Explanation
from domain.applications.loan_terms import Term
from domain.decisions.counterfactual import Change, Counterfactual
from entrypoints.ui.shared.formats import counted, dollars, in_percent, money, number, percent

_CAVEAT = (
    "This describes the model and the policy that decided, with everything else as it was given. "
    "It is no promise: a new application is decided anew."
)
_NONE = (
    "No one or two changes of amount, term, utilisation, debts, inquiries and FICO score would be approved. "
    "Facts of the past, and what the applicant declares, are not among what can be changed."
)
_SLOWLY = {
    "inq_last_6mths": "Inquiries leave the count when they are six months old.",
    "fico_range_low": "The score follows, over months, from payments made on time and balances paid down.",
}


@dataclass(frozen=True, slots=True)
class Way:
    """One way to an approval: what would have to be, what the loan would then be, and what takes time."""

    sentence: str
    terms: str
    remark: str


@dataclass(frozen=True, slots=True)
class CounterfactualView:
    """Every way there is, or why there is none; the caveat belongs to ways."""

    ways: tuple[Way, ...]
    none: str
    caveat: str


def counterfactual_view(explanation: Explanation) -> CounterfactualView:
    """The view of an explanation of a decision that was not an approval."""
    found = explanation.counterfactuals
    return CounterfactualView(
        ways=tuple(_way(one) for one in found),
        none="" if found else _NONE,
        caveat=_CAVEAT if found else "",
    )


def _way(one: Counterfactual) -> Way:
    changes = " and ".join(_change(change) for change in one.changes)
    remarks = [_SLOWLY[change.name] for change in one.changes if change.name in _SLOWLY]
    return Way(
        sentence=f"{changes[0].upper()}{changes[1:]} would be approved (PD {_just_below(one.pd)}).",
        terms=f"Grade {one.grade}, at {percent(one.annual_rate, 2)} a year, {money(one.instalment)} a month",
        remark=" ".join(remarks),
    )


def _just_below(pd: float) -> str:
    """Rounded down: a PD that is approved must not look like the cut-off it lies below."""
    return percent(floor(10_000 * pd) / 10_000, 2)


def _change(change: Change) -> str:
    given, instead = change.given, change.instead
    if change.name == "loan_amnt":
        return f"a loan of {dollars(instead)} instead of {dollars(given)}"
    if change.name == "term":
        return f"a term of {Term(int(instead)).label} instead of {Term(int(given)).label}"
    if change.name == "revol_util":
        return f"revolving utilisation of {in_percent(instead)} instead of {in_percent(given)}"
    if change.name == "dti":
        return f"debt to income of {in_percent(instead)} instead of {in_percent(given)}"
    if change.name == "inq_last_6mths":
        left = counted(int(instead), "credit inquiry", "credit inquiries") if instead else "no credit inquiries"
        return f"{left} in six months instead of {number(given)}"
    return f"a FICO score of {number(instead)} instead of {number(given)}"
