"""Measures on circumstances: facts about an application that are no fields of the product.

Every product has them, beside its own measures, and the reasons for rules on them.
"""

from math import inf

from domain.arithmetic import Quantity
from domain.policies.reasons import AdverseActionReason
from domain.products.product_definition import ProductDefinition
from domain.products.quantities import Measure

Facts = tuple[Quantity, ...]
"""Numbers or columns: the accepted exposure in dollars, then the other circumstance measures in order."""

USUAL_FACTS: Facts = (0.0, 1.0, 1.0, 1.0, 0.0, inf, inf)
"""Those of an application about which there is nothing to note."""

EXPOSURE = "accepted exposure"
DAYS_SINCE_APPLICATION, DAYS_SINCE_DECLINE = "days since last application", "days since last decline"
BUREAU_AVAILABLE, BUREAU_OPEN = "bureau result available", "bureau file open"
BUREAU_UNDISPUTED, BUREAU_AGE = "bureau data undisputed", "bureau report age in days"

CIRCUMSTANCE_MEASURES = (
    Measure(EXPOSURE, "", "Accepted loans with this one", "$"),
    Measure(BUREAU_AVAILABLE, "", "Bureau result", below="No result from the credit bureau"),
    Measure(BUREAU_OPEN, "", "Bureau file", below="The applicant's file at the credit bureau is frozen"),
    Measure(BUREAU_UNDISPUTED, "", "Bureau data", below="The applicant disputes data of the credit bureau"),
    Measure(BUREAU_AGE, "", "Age of the bureau report", "days", above="Bureau report older than {limit}"),
    Measure(DAYS_SINCE_APPLICATION, "", "Time since the applicant's last application", "days"),
    Measure(DAYS_SINCE_DECLINE, "", "Time since the applicant was last declined", "days"),
)
"""They have no formula: `Facts` are their values, to the first of which the loan amount is added."""

AT_LEAST_MEASURES = frozenset(
    {BUREAU_AVAILABLE, BUREAU_OPEN, BUREAU_UNDISPUTED, DAYS_SINCE_APPLICATION, DAYS_SINCE_DECLINE}
)
"""A rule on these sets a least value, on the others a largest. Then usual facts meet it, and a smaller amount
never makes it fail."""

_MOST_DAYS = 3_650.0

LIMITS = {
    EXPOSURE: (1.0, 1e9),
    BUREAU_AVAILABLE: (1.0, 1.0),
    BUREAU_OPEN: (1.0, 1.0),
    BUREAU_UNDISPUTED: (1.0, 1.0),
    BUREAU_AGE: (0.0, _MOST_DAYS),
    DAYS_SINCE_APPLICATION: (1.0, _MOST_DAYS),
    DAYS_SINCE_DECLINE: (1.0, _MOST_DAYS),
}
"""The smallest and the largest limit that a rule can set, which usual facts always meet."""

EXPOSURE_REASON = "EXPOSURE_LIMIT"

CIRCUMSTANCE_REASONS = {
    reason.code: reason
    for reason in (
        AdverseActionReason("UNABLE_TO_VERIFY_BUREAU", "Unable to verify credit history with the credit bureau"),
        AdverseActionReason(
            "UNABLE_TO_VERIFY_FROZEN_FILE", "Unable to verify credit history: the credit bureau file is frozen"
        ),
        AdverseActionReason(
            "UNABLE_TO_VERIFY_DISPUTED_DATA", "Unable to verify credit history: credit bureau data are disputed"
        ),
        AdverseActionReason(
            "UNABLE_TO_VERIFY_STALE_REPORT", "Unable to verify credit history: the credit bureau report is too old"
        ),
        AdverseActionReason("DUPLICATE_APPLICATION", "Another recent application for the same product"),
        AdverseActionReason("COOLING_OFF_AFTER_DECLINE", "A recent application was declined"),
        AdverseActionReason(EXPOSURE_REASON, "Total of accepted loans and the amount requested is too large"),
    )
}
"""The reasons for rules on circumstances, by code."""


def reason_texts(product: ProductDefinition) -> dict[str, str]:
    """The texts of all reasons by code that policies for a product can state."""
    return {code: reason.text for code, reason in CIRCUMSTANCE_REASONS.items()} | dict(product.reasons)
