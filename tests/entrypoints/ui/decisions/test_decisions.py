"""The decision list, the decision page and the audit page."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from ui_lender import UiLender
from ui_person import Person

from domain.access.user import Actor, Role
from domain.applications.money import Money
from domain.month import Month
from domain.policies.version_3 import POLICY_3

GOOD = {"annual_inc": "120,000", "fico_range_low": "790", "fico_range_high": "794", "dti": "4", "revol_util": "3"}
BAD = {"annual_inc": "9,000", "purpose": "moving"}


@pytest.fixture
async def auditor(person: Person) -> Person:
    await person.log_in("arthur")
    return person


def chips(person: Person) -> list[str]:
    return [text for text in person.texts() if text in {"Approved", "Referred", "Declined"}]


async def test_an_empty_list_offers_a_new_application(person: Person):
    await person.log_in("marta")
    await person.open("/decisions")
    await person.should_see("No decisions yet", "New application")


async def test_an_empty_list_offers_no_application_without_permission(auditor: Person):
    await auditor.open("/decisions")
    await auditor.should_see("No decisions yet")
    await auditor.should_not_see("New application")


async def test_the_list_is_filtered_by_outcome(auditor: Person, lender: UiLender):
    await lender.assess(**GOOD)
    await lender.assess(**BAD)
    await auditor.open("/decisions")
    assert chips(auditor) == ["Declined", "Approved"]
    auditor.enter(**{"search-outcome": "approved"})
    await asyncio.sleep(0.1)
    assert chips(auditor) == ["Approved"]
    await auditor.should_see("1 to 1 of 1 decision")


async def test_filters_in_the_address_apply(auditor: Person, lender: UiLender):
    await lender.assess(**GOOD)
    await lender.assess(**BAD)
    await auditor.open("/decisions?text=moving&minimum=5000")
    assert chips(auditor) == ["Declined"]
    await auditor.open("/decisions?text=wedding")
    await auditor.should_see("No decisions match", "Try fewer filters.")


async def test_an_invalid_filter_shows_an_error_at_its_field(auditor: Person, lender: UiLender):
    await auditor.open("/decisions?since=2026-13-01&minimum=9&maximum=3")
    assert auditor.error_at("search-since") == "Enter a date, e.g. 2026-03-14"
    assert auditor.error_at("search-maximum") == "Must be at least the minimum"


async def test_the_list_pages_to_older_decisions_and_back(auditor: Person, lender: UiLender):
    for _ in range(27):
        await lender.assess()
    await auditor.open("/decisions")
    await auditor.should_see("1 to 25 of 27 decisions")
    await auditor.click("Older")
    await auditor.should_see("26 to 27 of 27 decisions")
    await auditor.click("Newer")
    await auditor.should_see("1 to 25 of 27 decisions")


async def test_the_page_buttons_of_another_order_do_not_speak_of_time(auditor: Person, lender: UiLender):
    for _ in range(27):
        await lender.assess()
    for order in ("oldest", "amount", "amount_ascending", "pd", "pd_ascending"):
        await auditor.open(f"/decisions?sort={order}")
        await auditor.click("Next")
        await auditor.should_see("26 to 27 of 27 decisions")
        await auditor.click("Previous")
        await auditor.should_see("1 to 25 of 27 decisions")
        await auditor.should_not_see("Older")


@pytest.mark.parametrize("criterion", ["from=2026-13-01", "to=x", "pd_from=nan", "pd_to=2"])
async def test_a_damaged_link_from_a_chart_lists_and_exports_nothing(
    auditor: Person, lender: UiLender, criterion: str
):
    await lender.assess(**GOOD)
    await auditor.open(f"/decisions?{criterion}")
    await auditor.should_see("The period or PD in the address cannot be read")
    assert chips(auditor) == []
    assert (await auditor.browser.get(f"/evidence.zip?{criterion}")).status_code == 422


async def test_a_page_is_opened_by_its_address(auditor: Person, lender: UiLender):
    """The cursors of the simulated archive are positions."""
    for _ in range(52):
        await lender.assess()
    await auditor.open("/decisions?page=3&cursor=newest:25&cursor=newest:50")
    await auditor.should_see("51 to 52 of 52 decisions")
    await auditor.click("Newer")
    await auditor.should_see("26 to 50 of 52 decisions")
    await auditor.open("/decisions?page=3&cursor=of-another-list")
    await auditor.should_see("1 to 25 of 52 decisions")


async def test_the_list_is_filtered_by_grade_and_requester(auditor: Person, lender: UiLender):
    good = await lender.assess(**GOOD)
    await lender.assess(by=Actor("rosa", Role.LOAN_OFFICER), **BAD)
    await auditor.open(f"/decisions?grade={good.decision.grade}")
    assert chips(auditor) == ["Approved"]
    auditor.enter(**{"search-grade": "", "search-requested_by": "rosa"})
    await asyncio.sleep(0.1)
    assert chips(auditor) == ["Declined"]


async def test_times_and_days_are_those_of_the_browsers_zone(auditor: Person, lender: UiLender):
    record = await lender.assess(**GOOD)
    auditor.browser.cookies.set("time-zone", "Pacific/Kiritimati")  # 14 hours ahead: mostly tomorrow
    there = record.decided_at.astimezone(ZoneInfo("Pacific/Kiritimati"))
    await auditor.open("/decisions")
    await auditor.should_see(f"{there.day} {there:%b %Y, %H:%M}", "Times are in Kiritimati (Pacific/Kiritimati).")
    await auditor.open(f"/decisions/{record.decision_id}")
    decided = record.decided_at
    shown = f"Decided {there.day} {there:%b %Y, %H:%M} ({decided.day} {decided:%b %Y, %H:%M} UTC)"
    await auditor.should_see(shown)
    day = there.date().isoformat()
    await auditor.open(f"/decisions?since={day}&until={day}&zone=Pacific/Kiritimati")
    assert chips(auditor) == ["Approved"]
    await auditor.should_not_see("The dates of this list are days in")
    await auditor.open(f"/decisions?since={there.date() + timedelta(days=1)}&zone=Pacific/Kiritimati")
    await auditor.should_see("No decisions match")
    await auditor.open(f"/decisions?until={day}")  # as bookmarked in the first releases
    await auditor.should_see("The dates of this list are days in UTC.")


async def test_the_period_of_a_chart_is_shown_and_can_be_removed(auditor: Person, lender: UiLender):
    await lender.assess(**GOOD)
    await auditor.open("/decisions?from=2026-03-14T15:00:00%2B00:00&to=2026-03-14T16:00:00%2B00:00")
    await auditor.should_see(
        "Decided from 14 Mar 2026, 15:00 UTC before 14 Mar 2026, 16:00 UTC", "No decisions match"
    )
    await auditor.click("Remove")
    assert chips(auditor) == ["Approved"]


async def test_a_declined_decision_shows_reasons_rules_and_figures(auditor: Person, lender: UiLender):
    record = await lender.assess(**BAD)
    await auditor.open(f"/decisions/{record.decision_id}")
    await auditor.should_see("Declined", "Failed policy rules", "Income is below the minimum for this loan")
    assert any(text.startswith("Annual income: $9,000 (minimum $") for text in auditor.texts())


async def test_reasons_of_rules_and_of_the_score_are_two_lists(auditor: Person, lender: UiLender):
    record = await lender.assess(term="60 months", inq_last_6mths="5", fico_range_low="640")
    assert record.decision.rule_reasons
    assert record.decision.score_reasons
    await auditor.open(f"/decisions/{record.decision_id}")
    texts = auditor.texts()
    of_rules, of_score = texts.index("From policy rules"), texts.index("From the score")
    first, last = record.decision.reasons[0].text, record.decision.reasons[-1].text
    assert of_rules < texts.index(first) < of_score < texts.index(last)
    await auditor.should_see("A policy rule decides, so the outcome does not depend on the model.")


async def test_a_missing_utilization_and_an_alternative_are_explained(auditor: Person, lender: UiLender):
    record = await lender.assess(
        annual_inc="60,000", loan_amnt="12,000", term="60 months", fico_range_low="690", revol_util=""
    )
    assert record.decision.alternative is not None
    await auditor.open(f"/decisions/{record.decision_id}")
    await auditor.should_see("No revolving credit (counts as usual)", "No amount qualifies at this term")
    amount = f"${record.decision.alternative.amount.dollars:,.0f} over 36 months"
    assert any(amount in text for text in auditor.texts())


async def test_an_approved_decision_shows_no_reasons(auditor: Person, lender: UiLender):
    record = await lender.assess(**GOOD)
    await auditor.open(f"/decisions/{record.decision_id}")
    await auditor.should_see("None. Approved applications need no adverse action reasons.")
    await auditor.should_not_see("Failed policy rules")


@pytest.mark.parametrize(
    "path", ["/decisions/01a2094f-0353-7b58-be79-9c94d50d1d23", "/decisions/no-uuid", "/nowhere", "/decisions/a/b"]
)
async def test_a_missing_page_links_to_the_home_page(auditor: Person, path: str):
    response = await auditor.browser.get(path)
    assert response.status_code == 404
    assert "Home" in response.text


async def test_text_from_the_address_is_escaped(auditor: Person):
    response = await auditor.browser.get("/decisions/<script>alert(1)</script>")
    assert "<script>alert(1)" not in response.text


async def test_an_unexpected_error_shows_a_reference(auditor: Person, lender: UiLender, caplog):
    lender.decisions.error = RuntimeError("an unexpected error")
    response = await auditor.browser.get("/decisions")
    assert response.status_code == 500
    (logged,) = [entry for entry in caplog.records if entry.name == "entrypoints.ui.shared.error_messages"]
    assert f"Reference: {logged.args[1]}" in response.text
    assert "an unexpected error" in caplog.text
    assert "an unexpected error" not in response.text


async def test_an_intact_audit_trail_is_reported_as_verified(auditor: Person, lender: UiLender):
    await lender.assess()
    await auditor.open("/audit")
    await auditor.click("Verify audit trail")
    await auditor.should_see(
        "Verified, no issues",
        "Checked: 2 entries in 2 chains against their records, and 0 signed checkpoints.",  # one is the login,
    )


async def test_an_empty_audit_trail_is_not_reported_as_verified(auditor: Person):
    await auditor.open("/audit")
    await auditor.click("Verify audit trail")
    await auditor.should_see("Nothing to verify: the audit trail is empty", "No decisions are recorded.")
    await auditor.should_not_see("Verified, no issues")


async def test_an_altered_record_is_reported(auditor: Person, lender: UiLender):
    record = await lender.assess()
    changed = replace(record, decision=replace(record.decision, recommended_amount=Money(1)))
    lender.decisions._records[record.decision_id] = changed
    await auditor.open("/audit")
    await auditor.click("Verify audit trail")
    await auditor.should_see("1 integrity error", str(record.decision_id), "The record was altered")


async def test_records_of_an_archived_month_are_not_verified(auditor: Person, lender: UiLender):
    record = await lender.assess()
    month = Month.of_identifier(record.decision_id)
    del lender.decisions._records[record.decision_id]
    await auditor.open("/audit")
    auditor.enter(archived=f"2024-12, {month}")
    await auditor.click("Verify audit trail")
    await auditor.should_see("Verified, no issues", "1 record of archived months not verified")


async def test_verifications_run_one_at_a_time(auditor: Person, lender: UiLender, monkeypatch: pytest.MonkeyPatch):
    await lender.assess()
    resume, started, read = asyncio.Event(), [], lender.decisions.entries

    async def slow_entries():
        started.append(True)
        await resume.wait()
        async for each in read():
            yield each

    monkeypatch.setattr(lender.decisions, "entries", slow_entries)
    await auditor.open("/audit")
    await auditor.click("Verify audit trail")
    await auditor.should_see("Verifying…")
    await auditor.open("/audit")
    await auditor.click("Verify audit trail")
    await auditor.should_see("Waiting for another verification to finish…")
    assert len(started) == 1
    resume.set()
    await auditor.should_see("Verified, no issues")
    assert len(started) == 2


async def test_an_invalid_month_shows_an_error_at_its_field(auditor: Person):
    await auditor.open("/audit")
    auditor.enter(archived="2024-12, December")
    await auditor.click("Verify audit trail")
    assert auditor.error_at("archived") == "Enter months, e.g. 2024-12, 2025-01"
    await auditor.should_not_see("Verified, no issues")


async def test_a_decision_can_be_reproduced(auditor: Person, lender: UiLender):
    await lender.archive_versions()
    record = await lender.assess(**BAD)
    await auditor.open(f"/decisions/{record.decision_id}")
    await auditor.click("Reproduce")
    await auditor.should_see("Reproduced exactly", "using the model and policy of the day (model 1.2.0, policy 3)")


async def test_reproduction_shows_differences(auditor: Person, lender: UiLender):
    await lender.archive_versions()
    record = await lender.assess()
    changed = replace(record, decision=replace(record.decision, recommended_amount=Money(1)))
    lender.decisions._records[record.decision_id] = changed
    await auditor.open(f"/decisions/{record.decision_id}")
    await auditor.click("Reproduce")
    await auditor.should_see(
        "Reproduced with differences: 1 field differs",
        "decision.recommended_amount.cents: recorded 1, now 1000000",
    )


async def test_a_decision_without_its_model_cannot_be_reproduced(auditor: Person, lender: UiLender):
    record = await lender.assess()
    await auditor.open(f"/decisions/{record.decision_id}")
    await auditor.click("Reproduce")
    await auditor.should_see("Decision cannot be reproduced")


async def test_options_for_approval_are_shown_after_the_page(auditor: Person, lender: UiLender):
    await lender.archive_versions()
    record = await lender.assess(fico_range_low="675", fico_range_high="679", revol_util="82.5")
    await auditor.open(f"/decisions/{record.decision_id}")
    await auditor.should_see("What would lead to approval")
    await auditor.should_see(
        "Revolving utilization of 43\u202f% instead of 82.5\u202f% would be approved (PD 13.95\u202f%).",
        "No credit inquiries in six months instead of 2 would be approved",
        "A FICO score of 715 instead of 675 would be approved",
        "This is not an offer",
    )
    await auditor.should_not_see("Calculating…")


async def test_two_combined_changes_are_one_sentence(auditor: Person, lender: UiLender):
    await lender.archive_versions()
    record = await lender.assess(fico_range_low="665", fico_range_high="669", revol_util="82")
    await auditor.open(f"/decisions/{record.decision_id}")
    await auditor.should_see(
        "Revolving utilization of 25\u202f% instead of 82\u202f% and a loan of $4,325 instead of $10,000 "
        "would be approved"
    )


async def test_a_decision_without_options_reports_that(auditor: Person, lender: UiLender):
    await lender.archive_versions()
    record = await lender.assess(pub_rec="3")
    await auditor.open(f"/decisions/{record.decision_id}")
    await auditor.should_see("No change the applicant could make would lead to approval.")


async def test_an_approved_decision_shows_no_options(auditor: Person, lender: UiLender):
    record = await lender.assess(**GOOD)
    await auditor.open(f"/decisions/{record.decision_id}")
    await auditor.should_not_see("What would lead to approval")


async def test_the_decision_page_works_without_the_model_that_decided(auditor: Person, lender: UiLender):
    record = await lender.assess(**BAD)
    await auditor.open(f"/decisions/{record.decision_id}")
    await auditor.should_see("Declined", "Not available")


async def test_a_loan_officer_cannot_verify_the_audit_trail(person: Person):
    await person.log_in("marta")
    response = await person.browser.get("/audit")
    assert response.status_code == 403
    assert "Permission denied" in response.text


async def test_a_decision_that_cannot_be_read_is_listed_and_opens_with_an_explanation(
    auditor: Person, lender: UiLender
):
    await lender.assess(**GOOD)
    record = await lender.assess(**BAD)
    lender.decisions.damage(record.decision_id, "it is not valid JSON")
    await auditor.open("/decisions")
    await auditor.should_see("1 to 2 of 2 decisions", "Cannot be read", "It is not valid JSON.")
    assert chips(auditor) == ["Approved"]
    await auditor.open(f"/decisions/{record.decision_id}")
    await auditor.should_see("The record of this decision cannot be read", "0" * 64, str(record.decision_id))


async def test_a_decision_is_explained_by_the_policy_that_made_it(auditor: Person, lender: UiLender):
    """Both policies have a rule with the same name and other limits; the page shows those of the decision."""
    rules = tuple(
        replace(rule, limit=90_000.0) if rule.name == "income reaches the minimum" else rule
        for rule in POLICY_3.rules
    )
    strict = replace(POLICY_3, version="strict", rules=rules, approve_below=0.05, decline_from=0.07)
    await lender.policies.archive(strict)
    first = await lender.assess(annual_inc="12000")
    lender.policy.put_in_force(strict)
    second = await lender.assess(annual_inc="12000")
    await auditor.open(f"/decisions/{first.decision_id}")
    await auditor.should_see("Income is below the minimum for this loan", "$15,000")
    await auditor.should_not_see("$90,000")
    await auditor.open(f"/decisions/{second.decision_id}")
    await auditor.should_see("$90,000")
    await auditor.should_not_see("$15,000")


async def test_a_decision_is_not_explained_by_another_policy_with_the_same_version(
    auditor: Person, lender: UiLender
):
    """The fingerprint decides, not the version."""
    record = await lender.assess(annual_inc="12000")
    rules = tuple(
        replace(rule, limit=90_000.0) if rule.name == "income reaches the minimum" else rule
        for rule in POLICY_3.rules
    )
    lender.policy.put_in_force(replace(POLICY_3, rules=rules))
    await auditor.open(f"/decisions/{record.decision_id}")
    await auditor.should_see("$15,000")
    await auditor.should_not_see("$90,000")
