"""Deciding an application again from the page of its decision."""

from typing import Any

from ui_lender import UiLender
from ui_person import Person

from application.ports.decisions.decision_archive import DecisionFilter
from domain.access.user import Actor, Role
from domain.applications.superseding import SupersedesReason

AUDITOR = Actor("arthur", Role.AUDITOR)


async def decisions(lender: UiLender) -> Any:
    """The recorded decisions, newest first."""
    return (await lender.use_cases.list_decisions(DecisionFilter(), by=AUDITOR)).records


async def test_an_application_is_decided_again_with_a_reason(person: Person, lender: UiLender):
    await person.log_in("marta")
    await person.open("/")
    await person.click("Use sample data")
    person.enter(application_reference="LN-77", source="branch")
    await person.submit_form()
    (first,) = await decisions(lender)
    await person.open(f"/decisions/{first.decision_id}")
    await person.should_see("Decide again")
    await person.open(f"/?supersedes={first.decision_id}")
    await person.should_see("Decide again", "The new decision supersedes this one")
    person.enter(loan_amnt="7000")
    await person.submit_form()
    assert len(await decisions(lender)) == 1  # without a reason
    (reason,) = person.user.find(marker="superseding-reason").elements
    reason.value = "correction"
    await person.submit_form()
    second, _ = await decisions(lender)
    assert (second.supersedes, second.supersedes_reason) == (first.decision_id, SupersedesReason.CORRECTION)
    assert second.identity.application_reference == "LN-77"
    assert second.application.terms.amount.dollars == 7000
    await person.open(f"/decisions/{first.decision_id}")
    await person.should_not_see("Decide again")
