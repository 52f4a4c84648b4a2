"""The new application form."""

import pytest
from ui_lender import UiLender
from ui_person import Person

from application.ports.decisions.decision_archive import DecisionFilter
from application.ports.decisions.decision_ledger import CommitUnconfirmed, LedgerUnavailable
from domain.access.user import Actor, Role
from domain.applications.money import Money
from domain.products.personal_loan import PERSONAL_LOAN


@pytest.fixture
async def officer(person: Person) -> Person:
    await person.log_in("marta")
    await person.open("/")
    return person


async def recorded(lender: UiLender):
    by = Actor("arthur", Role.AUDITOR)
    return (await lender.use_cases.list_decisions(DecisionFilter(), by=by)).records


async def test_every_field_has_a_label_and_hint(officer: Person):
    for field in PERSONAL_LOAN.fields:
        (element,) = officer.user.find(marker=field.name).elements
        assert element.props["label"].startswith(field.label)
        assert element.props["hint"].startswith(field.hint)


async def test_the_sample_application_is_decided_recorded_and_shown(officer: Person, lender: UiLender):
    await officer.click("Use sample data")
    await officer.submit_form()
    (record,) = await recorded(lender)
    await officer.should_see(
        "Score contributions", "$10,000 over 36 months · Debt consolidation", str(record.decision_id)
    )
    assert officer.user.back_history[-1] == f"/decisions/{record.decision_id}"
    assert (record.received_through, record.requested_by.name) == ("web", "marta")


async def test_an_empty_form_shows_an_error_at_every_required_field(officer: Person, lender: UiLender):
    await officer.submit_form()
    await officer.should_see("Please correct 11 fields")
    assert officer.error_at("dti") == "Required"
    assert officer.error_at("fico_range_low") == "Required"
    assert officer.error_at("purpose") == "Select an option"
    assert officer.error_at("revol_util") is None
    assert await recorded(lender) == ()


async def test_a_corrected_field_loses_its_error(officer: Person):
    await officer.submit_form()
    officer.enter(dti="12")
    assert officer.error_at("dti") is None
    await officer.should_see("Please correct 10 fields")


async def test_the_high_fico_score_follows_the_low_score_until_edited(officer: Person):
    (upper,) = officer.user.find(marker="fico_range_high").elements
    officer.enter(fico_range_low="7")
    assert upper.value == ""
    officer.enter(fico_range_low="700")
    assert upper.value == "704"
    officer.enter(fico_range_low="710")
    assert upper.value == "714"
    officer.enter(fico_range_high="740")
    officer.enter(fico_range_low="720")
    assert upper.value == "740"


async def test_entries_stay_if_the_decision_cannot_be_recorded(officer: Person, lender: UiLender):
    lender.decisions.error = LedgerUnavailable("the database does not answer")
    await officer.click("Use sample data")
    await officer.submit_form()
    assert officer.user.notify.contains("Decision not saved")
    (income,) = officer.user.find(marker="annual_inc").elements
    assert income.value == "50,000"
    lender.decisions.error = None
    await officer.submit_form()
    assert len(await recorded(lender)) == 1


async def test_resubmitting_after_an_unconfirmed_commit_decides_once(officer: Person, lender: UiLender):
    lender.decisions.error_after = CommitUnconfirmed("the database said nothing")
    await officer.click("Use sample data")
    await officer.submit_form()
    assert officer.user.notify.contains("Could not confirm that the decision was saved")
    lender.decisions.error_after = None
    await officer.submit_form()
    assert len(await recorded(lender)) == 1


async def test_a_changed_application_is_decided_anew(officer: Person, lender: UiLender):
    lender.decisions.error_after = CommitUnconfirmed("the database said nothing")
    await officer.click("Use sample data")
    await officer.submit_form()
    lender.decisions.error_after = None
    officer.enter(loan_amnt="9000")
    await officer.submit_form()
    amounts = {record.application.terms.amount for record in await recorded(lender)}
    assert amounts == {Money.of(10_000), Money.of(9_000)}


async def test_an_unexpected_error_is_shown_and_logged(
    officer: Person, lender: UiLender, caplog: pytest.LogCaptureFixture
):
    lender.decisions.error = RuntimeError("an unexpected error")
    await officer.click("Use sample data")
    await officer.submit_form()
    assert officer.user.notify.contains("Something went wrong")
    assert "an unexpected error" in caplog.text


async def test_an_auditor_is_redirected_from_the_form_to_the_decisions(person: Person):
    await person.log_in("arthur")
    response = await person.browser.get("/")
    assert (response.status_code, response.headers["location"]) == (303, "/decisions")


async def test_the_form_has_every_field_in_its_group(officer: Person):
    await officer.should_see(*PERSONAL_LOAN.groups, *(field.label for field in PERSONAL_LOAN.fields))
