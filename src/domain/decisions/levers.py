"""Levers: what an applicant can change about a loan application, in which direction and by what steps.

Asked for differently: the amount, lower (or up to the least that is lent), and the term, the other one. Paid down:
revolving balances and debts, and with them utilisation and debt to income, by whole points. Of themselves, over
months: inquiries, which leave the six months one by one, and the bureau's score, which follows from what is paid
and owed, by the five points of a band.

No lever: delinquencies and public records are facts of the past. Income, length of employment, home ownership and
purpose are declarations; to name the one that would be approved is to ask for a false one.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil, isnan

from domain.applications.applicant import CreditHistory, FicoBand
from domain.applications.loan_application import LoanApplication
from domain.applications.loan_terms import Term
from domain.applications.money import Money
from domain.models.characteristics import Characteristics
from domain.policies.product import Product

Steps = tuple[float, ...]
_BAND, _BEST_SCORE = 5, 850


@dataclass(frozen=True, slots=True)
class Lever:
    """One characteristic that can be changed, by its name.

    `steps` gives its other values, the smallest change first; none where there is nothing left to change.
    `apply` writes one of them into the application. `immediate` says that no months need to pass.
    """

    name: str
    immediate: bool
    steps: Callable[[Characteristics, Product], Steps]
    apply: Callable[[LoanApplication, float], LoanApplication]


def _amounts(given: Characteristics, product: Product) -> Steps:
    if given.loan_amnt <= product.minimum_amount:
        return (product.minimum_amount,) if given.loan_amnt < product.minimum_amount else ()
    most = min(given.loan_amnt, product.maximum_amount)
    count = int((most - product.minimum_amount) // product.amount_step)
    amounts = (product.minimum_amount + step * product.amount_step for step in range(count, -1, -1))
    return tuple(amount for amount in amounts if amount < given.loan_amnt)


def _terms(given: Characteristics, _: Product) -> Steps:
    return tuple(float(term) for term in Term if term != given.term)


def _down(figure: float) -> Steps:
    """The whole numbers below, down to nought; none below a figure that is not given."""
    return () if isnan(figure) else tuple(float(whole) for whole in range(ceil(figure) - 1, -1, -1))


def _scores(given: Characteristics, _: Product) -> Steps:
    return tuple(float(score) for score in range(int(given.fico_range_low) + _BAND, _BEST_SCORE + 1, _BAND))


def _with_score(application: LoanApplication, low: float) -> LoanApplication:
    band = application.applicant.credit_history.fico
    width = band.high - band.low
    return _with_history(application, fico=FicoBand(int(low), min(int(low) + width, _BEST_SCORE)))


def _with_history(application: LoanApplication, **changed: float | FicoBand) -> LoanApplication:
    history: CreditHistory = replace(application.applicant.credit_history, **changed)  # type: ignore[arg-type]
    return replace(application, applicant=replace(application.applicant, credit_history=history))


LEVERS = (
    Lever("loan_amnt", True, _amounts, lambda paper, amount: paper.asking_for(Money.of(amount))),
    Lever(
        "term",
        True,
        _terms,
        lambda paper, months: replace(paper, terms=replace(paper.terms, term=Term(int(months)))),
    ),
    Lever(
        "revol_util",
        True,
        lambda given, _: _down(given.revol_util),
        lambda paper, percent: _with_history(paper, revolving_utilisation=percent),
    ),
    Lever(
        "dti",
        True,
        lambda given, _: _down(given.dti),
        lambda paper, percent: _with_history(paper, debt_to_income=percent),
    ),
    Lever(
        "inq_last_6mths",
        False,
        lambda given, _: _down(given.inq_last_6mths),
        lambda paper, count: _with_history(paper, inquiries_last_6_months=int(count)),
    ),
    Lever("fico_range_low", False, _scores, _with_score),
)
"""Every lever, what is asked for first, what takes longest last."""
