"""Levers: what an applicant can change about a loan application, in which direction and in which steps.

The applicant can request another loan: a smaller amount (or the minimum, if it was below that) or the other term.
By paying down debt the applicant lowers revolving utilization and debt-to-income ratio, in whole percentage
points. Over months, inquiries drop out of the count one by one, and the FICO score improves, in bands of five
points.

Delinquencies and public records are not levers, because they are in the past. Neither are income, employment
length, home ownership and purpose: naming the value that would be approved would invite a false declaration.
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
    """A characteristic that can be changed, by name.

    `steps` returns its other values, smallest change first, or none. `apply` returns the application with one of
    them. `immediate` says that the change does not take months.
    """

    name: str
    immediate: bool
    steps: Callable[[Characteristics, Product], Steps]
    apply: Callable[[LoanApplication, float], LoanApplication]


def _amounts(given: Characteristics, product: Product) -> Steps:
    if given.loan_amnt <= product.minimum_amount:
        return (product.minimum_amount,) if given.loan_amnt < product.minimum_amount else ()
    largest = min(given.loan_amnt, product.maximum_amount)
    count = int((largest - product.minimum_amount) // product.amount_step)
    amounts = (product.minimum_amount + step * product.amount_step for step in range(count, -1, -1))
    return tuple(amount for amount in amounts if amount < given.loan_amnt)


def _terms(given: Characteristics, _: Product) -> Steps:
    return tuple(float(term) for term in Term if term != given.term)


def _whole_numbers_below(figure: float) -> Steps:
    """The whole numbers below the figure, down to 0; none if the figure is NaN."""
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
    Lever("loan_amnt", True, _amounts, lambda application, amount: application.with_amount(Money.of(amount))),
    Lever(
        "term",
        True,
        _terms,
        lambda application, months: replace(application, terms=replace(application.terms, term=Term(int(months)))),
    ),
    Lever(
        "revol_util",
        True,
        lambda given, _: _whole_numbers_below(given.revol_util),
        lambda application, percent: _with_history(application, revolving_utilisation=percent),
    ),
    Lever(
        "dti",
        True,
        lambda given, _: _whole_numbers_below(given.dti),
        lambda application, percent: _with_history(application, debt_to_income=percent),
    ),
    Lever(
        "inq_last_6mths",
        False,
        lambda given, _: _whole_numbers_below(given.inq_last_6mths),
        lambda application, count: _with_history(application, inquiries_last_6_months=int(count)),
    ),
    Lever("fico_range_low", False, _scores, _with_score),
)
"""All levers: first what the applicant requests, last what takes longest."""
