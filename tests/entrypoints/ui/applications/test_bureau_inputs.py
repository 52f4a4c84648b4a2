"""The credit bureau's data in the application form, and on the page of the decision."""

from datetime import UTC, datetime, timedelta

import pytest
from ui_lender import UiLender
from ui_person import Person

from application.ports.decisions.decision_archive import DecisionFilter
from application.use_cases.decisions.find_counterfactual import Explanation
from domain.access.user import Actor, Role
from domain.applications.money import Money
from domain.decisions.circumstances import NO_CIRCUMSTANCES, BureauStatus, Circumstances
from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.ui.applications.bureau_inputs import IN_FUTURE, bureau_data_from, bureau_entries
from entrypoints.ui.decisions.circumstance_items import circumstance_groups
from entrypoints.ui.decisions.counterfactual_view import counterfactual_view

AUDITOR = Actor("arthur", Role.AUDITOR)


@pytest.mark.parametrize(
    ("entries", "errors"),
    [
        ({}, {}),
        ({"bureau_status": "", "bureau_report_date": None}, {}),
        ({"bureau_status": "disputed", "bureau_report_date": "2026-03-01"}, {}),
        ({"bureau_status": "gone"}, {"bureau_status": "Select an option"}),
        ({"bureau_report_date": "1 March"}, {"bureau_report_date": IN_FUTURE}),
    ],
)
def test_entries_are_read_or_named(entries: dict[str, str | None], errors: dict[str, str]) -> None:
    read, found = bureau_data_from(entries)
    assert found == errors
    given = {} if errors else {name: text for name, text in entries.items() if text}
    assert bureau_entries(read) == given


def test_what_is_known_beside_the_application_is_shown_in_groups() -> None:
    assert list(circumstance_groups(NO_CIRCUMSTANCES)) == []
    noted = Circumstances(BureauStatus.MISSING, None, None, (), 12.7, 0.4, Money(1_250_000))
    groups = {title: [item.value for item in items] for title, items in circumstance_groups(noted)}
    assert groups == {
        "Credit bureau": ["Missing: no result"],
        "Applicant's history": ["12 days before", "less than a day before", "$12,500"],
    }


async def test_doubtful_data_is_referred_and_shown_with_the_decision(person: Person, lender: UiLender):
    await person.log_in("marta")
    await person.open("/")
    await person.click("Use sample data")
    today = datetime.now(UTC).date()
    person.enter(bureau_status="frozen", bureau_report_date=(today + timedelta(days=2)).isoformat())
    await person.submit_form()
    await person.should_see("Please correct 1 field", IN_FUTURE)
    person.enter(bureau_report_date=(today - timedelta(days=40)).isoformat())
    await person.submit_form()
    (record,) = (await lender.use_cases.list_decisions(DecisionFilter(), by=AUDITOR)).records
    assert record.circumstances == Circumstances(BureauStatus.FROZEN, today - timedelta(days=40), 40)
    await person.should_see(
        "Unable to verify credit history: the credit bureau file is frozen",
        "Bureau data: frozen by the applicant",
        "The applicant's file at the credit bureau is frozen",
        "Age of the bureau report: 40 days (maximum 30 days)",
        "Bureau report older than 30 days",
        "(40 days old)",
    )
    view = counterfactual_view(Explanation(record, ()), PERSONAL_LOAN)
    assert view.empty_text.startswith("No change of the application alone would lead to approval.")
    await person.open(f"/?copy_of={record.decision_id}")
    await person.submit_form()
    first, second = (await lender.use_cases.list_decisions(DecisionFilter(), by=AUDITOR)).records
    assert first.circumstances == second.circumstances
