"""The cards What if and Other applications of the decision page."""

import asyncio
from typing import Any

from ui_lender import UiLender
from ui_person import Person

from domain.applications.application_identity import ApplicationIdentity

DECLINED = {"dti": "40", "annual_inc": "50,000", "loan_amnt": "10,000"}


async def opened(person: Person, lender: UiLender, name: str = "marta", **changed: str) -> Any:
    await lender.archive_versions()
    record = await lender.assess(**changed)
    await person.log_in(name)
    await person.open(f"/decisions/{record.decision_id}")
    return record


async def test_a_smaller_amount_is_answered_beside_the_decision(person: Person, lender: UiLender):
    await opened(person, lender, **DECLINED)
    await person.should_see("What if", "Nothing is recorded.", "Change a value to see what would be decided.")
    person.enter(**{"what-if-loan_amnt": "3,000"})
    await asyncio.sleep(0.4)
    await person.should_see("By the model and policy of this decision")
    texts = person.texts()
    outcome = len(texts) - texts[::-1].index("Outcome")
    assert texts[outcome : outcome + 2] == ["Declined", "Approved"]
    assert len(lender.decisions.records()) == 1


async def test_an_invalid_value_is_marked_and_not_answered(person: Person, lender: UiLender):
    await opened(person, lender, **DECLINED)
    person.enter(**{"what-if-dti": "-1"})
    await asyncio.sleep(0.4)
    assert "0 to 999" in (person.error_at("what-if-dti") or "")
    await person.should_see("Correct the marked values.")


async def test_the_other_end_of_a_range_keeps_its_distance(person: Person, lender: UiLender):
    await opened(person, lender, **DECLINED)
    person.enter(**{"what-if-fico_range_low": "780"})
    await asyncio.sleep(0.4)
    await person.should_see("By the model and policy of this decision")
    person.enter(**{"what-if-present": True})  # type: ignore[arg-type]
    await asyncio.sleep(0.4)
    await person.should_see("By the model and policy in force now")


async def test_related_decisions_are_listed(person: Person, lender: UiLender):
    identity = ApplicationIdentity(applicant_reference="C-1")
    first = await lender.assess(identity=identity)
    second = await lender.assess(identity=identity)
    await person.log_in("marta")
    await person.open(f"/decisions/{first.decision_id}")
    await person.should_not_see("Other applications of the applicant")
    await person.open(f"/decisions/{second.decision_id}")
    await person.should_see("Other applications of the applicant", "Approved · $10,000")


async def test_auditors_see_no_what_if(person: Person, lender: UiLender):
    await opened(person, lender, "arthur")
    await person.should_not_see("Nothing is recorded.")
