"""Facts about an application that the policy's rules measure and the model does not."""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from uuid import UUID

from domain.applications.money import Money


class BureauStatus(Enum):
    """What the credit bureau says about its own data on the applicant."""

    FOUND = "found"
    MISSING = "missing"
    FROZEN = "frozen"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The state of the bureau's data, and what is known of the applicant's other applications.

    They are part of the record, so that a decision can be reproduced when other applications have followed.
    `related` are the applicant's other decisions, newest first. A number of days or an exposure is None where
    there is none, or where it was not looked up: without a reference of the applicant, or a rule that needs it.
    """

    bureau_status: BureauStatus = BureauStatus.FOUND
    bureau_report_date: date | None = None
    bureau_report_age_days: int | None = None
    related: tuple[UUID, ...] = ()
    days_since_application: float | None = None
    days_since_decline: float | None = None
    accepted_exposure: Money | None = None


NO_CIRCUMSTANCES = Circumstances()
