"""Adverse action reasons: the specific, principal reasons a lender must state (12 CFR 1002.9(b)(2)).

Score reasons are factors that were actually scored, ranked by how much each raises the risk above the reference
profile: the average contributions of applicants just below the approve cut-off (comment 9(b)(2)-5). At most four
are given (comment 9(b)(2)-1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from domain.models.characteristics import CHARACTERISTIC_NAMES
from domain.products.personal_loan import PERSONAL_LOAN

MAX_REASONS = 4


class ReasonCode(Enum):
    """Codes of adverse action reasons, stable across versions of model and policy."""

    INCOME = "INCOME"
    LENGTH_OF_EMPLOYMENT = "LENGTH_OF_EMPLOYMENT"
    HOME_OWNERSHIP = "HOME_OWNERSHIP"
    AMOUNT_REQUESTED = "AMOUNT_REQUESTED"
    TERM_REQUESTED = "TERM_REQUESTED"
    PURPOSE = "PURPOSE"
    CREDIT_BUREAU_SCORE = "CREDIT_BUREAU_SCORE"
    OBLIGATIONS = "OBLIGATIONS"
    REVOLVING_CREDIT = "REVOLVING_CREDIT"
    INQUIRIES = "INQUIRIES"
    DELINQUENCIES = "DELINQUENCIES"
    PUBLIC_RECORDS = "PUBLIC_RECORDS"
    INCOME_BELOW_MINIMUM = "INCOME_BELOW_MINIMUM"
    AMOUNT_TOO_LARGE_FOR_INCOME = "AMOUNT_TOO_LARGE_FOR_INCOME"
    EXCESSIVE_OBLIGATIONS = "EXCESSIVE_OBLIGATIONS"
    BUREAU_SCORE_BELOW_MINIMUM = "BUREAU_SCORE_BELOW_MINIMUM"
    TOO_MANY_DELINQUENCIES = "TOO_MANY_DELINQUENCIES"
    TOO_MANY_PUBLIC_RECORDS = "TOO_MANY_PUBLIC_RECORDS"
    AMOUNT_OUTSIDE_PRODUCT = "AMOUNT_OUTSIDE_PRODUCT"

    __hash__ = object.__hash__  # the hash of Enum is a Python function


@dataclass(frozen=True, slots=True)
class AdverseActionReason:
    """A stated reason: its code and its text on the notice."""

    code: ReasonCode
    text: str


REASONS = {
    ReasonCode(code): AdverseActionReason(ReasonCode(code), text) for code, text in PERSONAL_LOAN.reasons.items()
}

SCORE_REASON_CODES: tuple[ReasonCode, ...] = tuple(
    ReasonCode(each.reason) for each in PERSONAL_LOAN.characteristics
)
"""The reason for each characteristic, in the order of `CHARACTERISTIC_NAMES`."""

_SCORE_REASONS = tuple(REASONS[code] for code in SCORE_REASON_CODES)
_ORDER = range(len(CHARACTERISTIC_NAMES))


def principal_score_reasons(
    contributions: Sequence[float], reference: Sequence[float]
) -> tuple[AdverseActionReason, ...]:
    """The reasons for the characteristics that raise the risk most above the reference profile, largest first.

    Ties keep the order of the characteristics. A characteristic that does not raise the risk is not a reason.
    """
    excess = [contribution - usual for contribution, usual in zip(contributions, reference, strict=True)]
    largest = sorted(_ORDER, key=excess.__getitem__, reverse=True)[:MAX_REASONS]
    return tuple([_SCORE_REASONS[index] for index in largest if excess[index] > 0])
