"""What a caller says about the credit bureau's data, read from values of any kind."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from domain.applications.application_identity import IdentityFault
from domain.applications.bureau_fields import BUREAU_REPORT_DATE, BUREAU_STATUS
from domain.decisions.circumstances import NO_CIRCUMSTANCES, BureauStatus, Circumstances

STATUSES = tuple(status.value for status in BureauStatus)
ALLOWED = {
    BUREAU_STATUS: f"{', '.join(STATUSES[:-1])} or {STATUSES[-1]}, or nothing",
    BUREAU_REPORT_DATE: "a date such as 2026-03-14, not after today (UTC), or nothing",
}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class InvalidBureauData(ValueError):
    """At least one of the fields is invalid; `faults` lists everything that is wrong."""

    def __init__(self, faults: Sequence[IdentityFault]) -> None:
        super().__init__("; ".join(f"{fault.field} {fault.problem}" for fault in faults))
        self.faults = tuple(faults)


def bureau_data(status: str | None, report_date: date | None) -> Circumstances:
    """The circumstances with valid data, of which any may be missing."""
    if report_date is None and status in {None, BureauStatus.FOUND.value}:
        return NO_CIRCUMSTANCES
    return Circumstances(BureauStatus(status or BureauStatus.FOUND), report_date)


def given_bureau_data(circumstances: Circumstances) -> dict[str, str | date]:
    """What a caller would state to give these circumstances."""
    given: dict[str, str | date] = {}
    if circumstances.bureau_status is not BureauStatus.FOUND:
        given[BUREAU_STATUS] = circumstances.bureau_status.value
    if circumstances.bureau_report_date is not None:
        given[BUREAU_REPORT_DATE] = circumstances.bureau_report_date
    return given


def read_bureau_data(status: object, report_date: object) -> Circumstances:
    """The circumstances with what the two fields say; None is nothing. Raises InvalidBureauData."""
    if faults := tuple(_faults(status, report_date)):
        raise InvalidBureauData(faults)
    assert status is None or isinstance(status, str)  # noqa: S101 - otherwise there is a fault
    return bureau_data(status, None if report_date is None else _date(report_date))


def _faults(status: object, report_date: object) -> Iterator[IdentityFault]:
    if status is not None and status not in STATUSES:
        problem = "is not an allowed value" if isinstance(status, str) else "is not text"
        yield IdentityFault(BUREAU_STATUS, problem, ALLOWED[BUREAU_STATUS])
    if report_date is not None and _date(report_date) is None:
        problem = "is not a date" if isinstance(report_date, str) else "is not text"
        yield IdentityFault(BUREAU_REPORT_DATE, problem, ALLOWED[BUREAU_REPORT_DATE])


def _date(text: object) -> date | None:
    try:
        return date.fromisoformat(text) if isinstance(text, str) and _DATE.fullmatch(text) else None
    except ValueError:
        return None
