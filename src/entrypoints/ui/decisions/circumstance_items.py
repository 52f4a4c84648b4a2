"""The circumstances of a decision as text."""

from collections.abc import Iterator

from domain.decisions.circumstances import BureauStatus, Circumstances
from entrypoints.ui.applications.application_values import Item
from entrypoints.ui.shared.formats import counted, day, money
from entrypoints.ui.shared.labels import BUREAU_STATUSES


def circumstance_groups(circumstances: Circumstances) -> Iterator[tuple[str, tuple[Item, ...]]]:
    """What is known beside the application, in display groups; nothing if nothing is known."""
    for title, items in (
        ("Credit bureau", tuple(_bureau_items(circumstances))),
        ("Applicant's history", tuple(_history_items(circumstances))),
    ):
        if items:
            yield title, items


def _bureau_items(noted: Circumstances) -> Iterator[Item]:
    if noted.bureau_status is not BureauStatus.FOUND:
        yield Item("Bureau data", BUREAU_STATUSES[noted.bureau_status])
    if noted.bureau_report_date is not None:
        age = noted.bureau_report_age_days or 0
        yield Item("Report date", f"{day(noted.bureau_report_date)} ({counted(age, 'day', 'days')} old)")


def _history_items(noted: Circumstances) -> Iterator[Item]:
    if noted.days_since_application is not None:
        yield Item("Last application", f"{days(noted.days_since_application)} before")
    if noted.days_since_decline is not None:
        yield Item("Last decline", f"{days(noted.days_since_decline)} before")
    if noted.accepted_exposure is not None:
        yield Item("Accepted loans", money(noted.accepted_exposure))


def days(time: float) -> str:
    """A number of days as text, in whole days."""
    return counted(int(time), "day", "days") if time >= 1 else "less than a day"
