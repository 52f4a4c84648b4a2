"""References and origin in the application form."""

import pytest
from ui_lender import UiLender
from ui_person import Person

from application.ports.decisions.decision_archive import DecisionFilter
from domain.access.user import Actor, Role
from domain.applications.application_identity import NO_IDENTITY, ApplicationIdentity
from domain.applications.synthetic import SYNTHETIC_SOURCE
from entrypoints.ui.applications.identity_inputs import InvalidReferences, identity_from


def test_texts_are_trimmed_and_empty_ones_are_not_given():
    entries = {"application_reference": " LN 7 ", "applicant_reference": "  ", "source": None}
    assert identity_from(entries) == ApplicationIdentity(application_reference="LN 7")
    assert identity_from({}) == NO_IDENTITY


def test_every_invalid_text_is_named():
    with pytest.raises(InvalidReferences) as refused:
        identity_from({"application_reference": "a\u200bb", "channel": "x" * 65})
    assert set(refused.value.errors) == {"application_reference", "channel"}
    assert refused.value.errors["channel"].startswith("Enter 1 to 64 printable characters")


def test_the_source_of_synthetic_applications_is_reserved():
    with pytest.raises(InvalidReferences) as refused:
        identity_from({"source": SYNTHETIC_SOURCE})
    assert refused.value.errors == {"source": "This source is reserved for the demonstration"}
    assert identity_from({"source": SYNTHETIC_SOURCE}, supersedes=True).source == SYNTHETIC_SOURCE


async def test_references_are_recorded_and_shown_with_the_decision(person: Person, lender: UiLender):
    await person.log_in("marta")
    await person.open("/")
    await person.click("Use sample data")
    person.enter(application_reference="LN-7", channel="x" * 65)
    await person.submit_form()
    await person.should_see("Please correct 1 field")
    person.enter(channel="branch")
    await person.submit_form()
    by = Actor("arthur", Role.AUDITOR)
    (record,) = (await lender.use_cases.list_decisions(DecisionFilter(), by=by)).records
    assert record.identity == ApplicationIdentity(application_reference="LN-7", channel="branch")
    await person.should_see("Application reference", "LN-7", "branch")
    await person.should_not_see("Applicant reference")
