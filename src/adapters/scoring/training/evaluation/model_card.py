"""The model card: intended use, data, performance and limits, for people and programs."""

from collections.abc import Sequence
from typing import Any

from adapters.scoring.training.fitting.development_sample import DevelopmentSample, SampleCounts
from adapters.scoring.training.fitting.recent_loans import RecentWeight

INTENDED_USE = (
    "The probability that an unsecured consumer instalment loan of 36 or 60 months is charged off or defaults"
    " within its term, for decisions on applications like those LendingClub listed in the United States from"
    " 2007 to 2015."
)
SOURCE = "LendingClub's published loans, 2007 to 2015Q3 (re-publication with FICO and sample weights)"
FAIRNESS = (
    "Race, colour, religion, national origin, sex, marital status, age, receipt of public assistance, or the"
    " exercise of consumer credit rights (15 U.S.C. 1691) are not inputs and must never be; nor are name, address"
    " or ZIP code. The lender's own rate, grade and sub-grade are not inputs either: they follow from a decision."
)
LIMITS = (
    "Only loans that were granted have outcomes: those declined at the time are unknown to the model.",
    "Loans of 2010 and 2011 in the file lean to early closure; sample weights restore the book's mix by quarter,"
    " term and outcome, but not what else may differ.",
    "Few loans are from 2012 on, most of them of December 2014 and of 36 months; for 60 months the model leans on"
    " 2010 and 2011.",
    "What income or renting means for default has moved between the periods: watch stability, and recalibrate.",
    "Employment length, income and purpose are as stated by the applicant.",
    "Calibration is linear in the log-odds: in the riskiest tenth the PD lies two to four points above the bad"
    " rate, on the side of caution.",
    "Another seed moves the out-of-time AUC in its third digit: read neither it nor its margin too finely.",
    "Applicants beyond the ranges of the training population are marked; their PD is an extrapolation.",
    "No protected attribute is known for these loans, so disparate impact was not measured here; it is to be"
    " measured on the lender's own applicants before use and thereafter.",
)


def build_card(
    *,
    version: str,
    seed: int,
    sample: DevelopmentSample,
    intake: SampleCounts,
    candidates: Sequence[RecentWeight],
    chosen: float,
    figures: dict[str, Any],
    settings: dict[str, Any],
) -> dict[str, Any]:
    """The card as data. `figures` has the measures by name, None for those that could not be measured."""
    return {
        "model": {"name": "champion", "version": version, "seed": seed, "trees": settings},
        "intended_use": INTENDED_USE,
        "data": {
            "source": SOURCE,
            "issued_from": str(sample.issued.min()),
            "issued_to": str(sample.issued.max()),
            "read": intake.read,
            "left_out_unfinished": intake.unfinished,
            "left_out_incomplete": intake.incomplete,
            "used": intake.used,
            "bad": int(sample.bad.sum()),
            "policy_exceptions_used": intake.used_exceptions,
            "policy_exceptions_bad": int((sample.exception & sample.bad).sum()),
        },
        "recent_loans": {
            "count_times": chosen,
            "tried": [
                {"times": weight.times, "auc": weight.auc, "log_loss": weight.log_loss} for weight in candidates
            ],
        },
        "measures": figures,
        "limits": list(LIMITS),
        "fairness": FAIRNESS,
    }
