"""The audit page: the last verification, its coverage, and the events with their filters."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from nicegui import ui
from ui_lender import UiLender
from ui_person import Person

from application.use_cases.audit.create_checkpoint import CreateCheckpoint
from application.use_cases.audit.verify_audit_trail import VerifyAuditTrail
from domain.access.user import Actor, Role
from domain.audit.event import EventKind, RecordedEvent
from support.builders import an_identifier

ARTHUR = Actor("arthur", Role.AUDITOR)


@pytest.fixture
async def auditor(person: Person) -> Person:
    await person.log_in("arthur")
    return person


async def checkpoint(lender: UiLender) -> None:
    await CreateCheckpoint(lender.checkpoints, lender.signer, lender.clock)(by=ARTHUR)


async def record(lender: UiLender, kind: EventKind, actor: str, **details: str) -> None:
    at = lender.clock.now()
    await lender.decisions.record_event(RecordedEvent(an_identifier(at), at, actor, kind, details))


async def test_a_trail_that_was_never_verified_is_shown_as_such(auditor: Person):
    await auditor.open("/audit")
    await auditor.should_see("Not verified yet")


async def test_the_last_verification_says_what_it_covered(auditor: Person, lender: UiLender):
    await lender.assess()
    await checkpoint(lender)
    await auditor.open("/audit")
    await auditor.click("Verify audit trail")
    await auditor.should_see("Verified, no issues", "Last verification: no issues")
    assert any("by arthur: 2 entries, which were all." in text for text in auditor.texts())
    lender.clock.offset += timedelta(minutes=10)
    await lender.assess()
    await auditor.click("Verify audit trail")
    await auditor.should_see("Checked: 2 entries in 2 chains against their records, and 1 signed checkpoint.")
    assert any(text.startswith("Covers what was added since ") for text in auditor.texts())
    assert any("2 entries added since checkpoint 1." in text for text in auditor.texts())
    await auditor.click("Verify everything")
    await auditor.should_see("Checked: 5 entries in 2 chains against their records, and 1 signed checkpoint.")


async def test_events_are_listed_with_actor_subject_and_details(auditor: Person, lender: UiLender):
    await record(lender, EventKind.ROLE_CHANGED, "os:ada", user="olga", role="risk manager")
    await auditor.open("/audit")
    await auditor.should_see("Role changed", "os:ada", "Command line", "olga", "Role risk manager")
    await auditor.should_see("Logged in", "arthur", "Events 1 to 2")


async def test_times_in_details_are_written_like_all_others(auditor: Person, lender: UiLender):
    times = {"since": "2026-01-31T14:59:00.123456+00:00", "until": "2026-02-31T25:00:00+00:00"}  # the last is none
    await record(lender, EventKind.LOGIN_FAILED, "system:service", user="marta", **times)
    await auditor.open("/audit")
    await auditor.should_see("Since 31 Jan 2026, 14:59 UTC, until 2026-02-31T25:00:00+00:00")


async def test_events_are_filtered(auditor: Person, lender: UiLender):
    await record(lender, EventKind.ROLE_CHANGED, "os:ada", user="olga", role="auditor")
    await record(lender, EventKind.BATCH_SUBMITTED, "rui", batch="b-1", name="loans.csv")
    await auditor.open("/audit?kind=role+changed")
    await auditor.should_see("os:ada", "Events 1 to 1")
    await auditor.open("/audit?actor=rui")
    await auditor.should_see("b-1", "Name loans.csv", "Events 1 to 1")
    await auditor.open("/audit?subject=olga&since=2026-03-01")
    await auditor.should_see("os:ada", "Events 1 to 1")
    await auditor.open("/audit?actor=nina")
    await auditor.should_see("No events match")
    await auditor.open("/audit?since=2026-13-01&kind=magic")
    assert auditor.error_at("search-since") == "Enter a date, e.g. 2026-03-14"
    assert auditor.error_at("search-kind") == "Select an option"


async def test_events_are_paged(auditor: Person, lender: UiLender):
    for number in range(27):
        lender.clock.offset += timedelta(seconds=1)
        await record(lender, EventKind.SESSIONS_ENDED, "os:ada", user=f"user {number}")
    await auditor.open("/audit?kind=sessions+ended")
    await auditor.should_see("Events 1 to 25", "user 26")
    await auditor.click("Older")
    await auditor.should_see("Events 26 to 27", "user 0")


async def test_text_in_events_is_escaped(auditor: Person, lender: UiLender):
    await record(lender, EventKind.USER_ADDED, "os:<script>alert(1)</script>", user="<b>olga</b>")
    response = await auditor.browser.get("/audit")
    assert "<script>alert(1)" not in response.text
    assert "<b>olga" not in response.text


async def test_the_report_of_a_verification_can_be_read_and_downloaded_later(auditor: Person, lender: UiLender):
    record = await lender.assess()
    await checkpoint(lender)
    lender.decisions._records[record.decision_id] = replace(record, model_version="altered")
    await auditor.open("/audit")
    await auditor.click("Verify everything")
    await auditor.should_see("Last verification: 1 integrity error", "Report", "All verifications")
    (event,) = [each for each in lender.decisions.events() if each.kind is EventKind.TRAIL_VERIFIED]
    address = f"/audit/verifications/{event.event_id}"
    await auditor.open(address)
    await auditor.should_see("1 integrity error", "The record was altered", "The beginning", "arthur (auditor)")
    answer = await auditor.browser.get(f"{address}/report.json")
    assert sha256(answer.content).hexdigest() == event.details["report_sha256"]
    assert answer.json()["violations"][0]["subject"] == str(record.decision_id)
    reports = lender.use_cases.read_verification.recorded.reports
    reports.documents[event.event_id] = answer.content.replace(b"altered", b"correct")
    await auditor.open(address)
    await auditor.should_see("Its report was altered: it is not the one that the audit trail states.")
    del reports.documents[event.event_id]
    await auditor.open(address)
    await auditor.should_see("Its report was removed.")
    assert (await auditor.browser.get(f"{address}/report.json")).status_code == 404


async def test_events_lead_to_the_pages_that_they_are_about(auditor: Person, lender: UiLender):
    decision = await lender.assess()
    await record(lender, EventKind.EVIDENCE_EXPORTED, "rui", decision=str(decision.decision_id))
    await auditor.open("/audit?actor=rui")
    answer = await auditor.browser.get("/audit?actor=rui")
    assert f"/decisions/{decision.decision_id}" in answer.text


async def test_a_double_click_verifies_once(auditor: Person, lender: UiLender, monkeypatch: pytest.MonkeyPatch):
    verify = VerifyAuditTrail.__call__

    async def slowly(*args, **options):
        await asyncio.sleep(0.1)
        return await verify(*args, **options)

    monkeypatch.setattr(VerifyAuditTrail, "__call__", slowly)
    await auditor.open("/audit")
    button = auditor.user.find(kind=ui.button, content="Verify everything")
    button.click()
    button.click()
    await asyncio.sleep(0.5)
    await auditor.click("Verify everything")  # enabled again
    await asyncio.sleep(0.3)
    verified = [event for event in lender.decisions.events() if event.kind is EventKind.TRAIL_VERIFIED]
    assert len(verified) == 2
