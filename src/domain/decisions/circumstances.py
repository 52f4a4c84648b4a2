"""Facts about an application that the policy's rules measure and the model does not."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from math import inf
from typing import Self
from uuid import UUID

from domain.applications.applicant_history import ApplicantHistory
from domain.applications.money import Money
from domain.policies.circumstance_measures import USUAL_FACTS, Facts


class BureauStatus(Enum):
    """What the credit bureau says about its own data on the applicant."""

    FOUND = "found"
    MISSING = "missing"
    FROZEN = "frozen"
    DISPUTED = "disputed"


class BureauReportInFuture(ValueError):
    """The date of the bureau's report is later than today in UTC."""

    def __init__(self, report_date: date, today: date) -> None:
        super().__init__(f"the credit bureau's report is of {report_date}, after today, {today} (UTC)")
        self.report_date, self.today = report_date, today


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

    def at(self, now: datetime) -> Self:
        """The circumstances with the age of the bureau's report in whole days; `now` is in UTC."""
        if self.bureau_report_date is None:
            return self
        age = (now.date() - self.bureau_report_date).days
        if age < 0:
            raise BureauReportInFuture(self.bureau_report_date, now.date())
        return replace(self, bureau_report_age_days=age)

    @property
    def facts(self) -> Facts:
        """The numbers that rules measure, in the order of `Facts`."""
        if self is NO_CIRCUMSTANCES:
            return USUAL_FACTS
        status, age = self.bureau_status, self.bureau_report_age_days
        application, decline = self.days_since_application, self.days_since_decline
        return (
            0.0 if self.accepted_exposure is None else self.accepted_exposure.dollars,
            float(status is not BureauStatus.MISSING),
            float(status is not BureauStatus.FROZEN),
            float(status is not BureauStatus.DISPUTED),
            0.0 if age is None else float(age),
            inf if application is None else application,
            inf if decline is None else decline,
        )

    def with_history(self, history: ApplicantHistory, at: datetime, *, days: float) -> Self:
        """The circumstances at a time with the applicant's history; decisions of the last `days` are related."""
        if not history.recent and not history.accepted.cents:
            return self
        return replace(
            self,
            related=history.related(at, days),
            days_since_application=history.days_since_application(at),
            days_since_decline=history.days_since_decline(at),
            accepted_exposure=history.accepted if history.accepted.cents else None,
        )


NO_CIRCUMSTANCES = Circumstances()
