"""What the training of a product knows besides its loans: where they are from, what a model of them is for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from adapters.scoring.training.evaluation.economics import LENDINGCLUB_2007_2010, Economics
from domain.policies.pricing import Grade
from domain.policies.version_1 import POLICY_1
from domain.products.personal_loan import PERSONAL_LOAN
from domain.products.product_definition import ProductDefinition

_GRANTED_ONLY = "Only loans that were granted have outcomes: those declined at the time are unknown to the model."
_OUTSIDE = "Applicants beyond the ranges of the training population are marked; their PD is an extrapolation."
_DISPARATE_IMPACT = (
    "No protected attribute is known for these loans, so disparate impact was not measured here; it is to be"
    " measured on the lender's own applicants before use and thereafter."
)


@dataclass(frozen=True, slots=True)
class TrainingNotes:
    """Texts of the model card, and what profit is reckoned with.

    Loans from `recent_from` on are weighted and tested apart; None for the last quarter of the loans. Without
    `economics` no profit is reckoned; `grades` are those of its report. `unconstrained` names the characteristics
    with which the PD may rise and fall.
    """

    intended_use: str
    source: str
    limits: tuple[str, ...]
    fairness: str
    incomplete: str
    unconstrained: str
    rate_charged: str = "AUC of the rate charged"
    recent_from: date | None = None
    economics: Economics | None = None
    grades: Sequence[Grade] = ()


LENDINGCLUB = TrainingNotes(
    intended_use="The probability that an unsecured consumer instalment loan of 36 or 60 months is charged off or"
    " defaults within its term, for decisions on applications like those LendingClub listed in the United States"
    " from 2007 to 2015.",
    source="LendingClub's published loans, 2007 to 2015Q3 (re-publication with FICO and sample weights)",
    limits=(
        _GRANTED_ONLY,
        "Loans of 2010 and 2011 in the file lean to early closure; sample weights restore the book's mix by"
        " quarter, term and outcome, but not what else may differ.",
        "Few loans are from 2012 on, most of them of December 2014 and of 36 months; for 60 months the model leans"
        " on 2010 and 2011.",
        "What income or renting means for default has moved between the periods: watch stability, and"
        " recalibrate.",
        "Employment length, income and purpose are as stated by the applicant.",
        "Calibration is linear in the log-odds: in the riskiest tenth the PD lies two to four points above the bad"
        " rate, on the side of caution.",
        "Another seed moves the out-of-time AUC in its third digit: read neither it nor its margin too finely.",
        _OUTSIDE,
        _DISPARATE_IMPACT,
    ),
    fairness="Race, colour, religion, national origin, sex, marital status, age, receipt of public assistance, or"
    " the exercise of consumer credit rights (15 U.S.C. 1691) are not inputs and must never be; nor are name,"
    " address or ZIP code. The lender's own rate, grade and sub-grade are not inputs either: they follow from a"
    " decision.",
    incomplete="without bureau counts, early 2007",
    unconstrained="employment length, home ownership and purpose",
    rate_charged="AUC of the rate LendingClub charged",
    recent_from=date(2012, 1, 1),
    economics=LENDINGCLUB_2007_2010,
    grades=POLICY_1.pricing.grades,
)
"""Of the loans that the personal loan's model is trained on."""


def notes_on(product: ProductDefinition) -> TrainingNotes:
    """The notes on a product; for all but the personal loan, those that hold for any."""
    if product.name == PERSONAL_LOAN.name:
        return LENDINGCLUB
    free = [each.name for each in product.characteristics if not each.direction]
    labels = [product.field_by_name[name].label.lower() for name in free]
    return TrainingNotes(
        intended_use=f"The probability that a loan of the product {product.name} ({product.label}), version"
        f" {product.version}, is charged off or defaults within its term, for applications like those in the"
        " data.",
        source="The file given to `scoring train`",
        limits=(_GRANTED_ONLY, _OUTSIDE, _DISPARATE_IMPACT),
        fairness="Race, colour, religion, national origin, sex, marital status, age, receipt of public assistance,"
        " or the exercise of consumer credit rights (15 U.S.C. 1691) must never be inputs; nor what stands for"
        " them, such as a name, an address or a ZIP code. The inputs of this model are "
        f"{', '.join(product.characteristic_names)}.",
        incomplete="without a value that is required",
        unconstrained=" and ".join(filter(None, (", ".join(labels[:-1]), *labels[-1:]))) or "nothing",
    )
