"""The applicant's page: what it shows in plain words, and how a request is entered, reviewed and sent."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from domain.access.user import Actor, Role
from domain.applications.application_action import WithdrawalReason
from domain.applications.synthetic import SYNTHETIC_SOURCE
from domain.cases.referral_case import ReferralCase
from domain.policies.final_outcome import FinalOutcome
from domain.reconsiderations.reconsideration import Reconsideration
from support.applicant_app import text_in
from support.applicant_site import UMA, ApplicantSite
from support.applicants import WEAK
from support.desk import wanted


@pytest.fixture
def site() -> ApplicantSite:
    return ApplicantSite()


def text_of(site: ApplicantSite, path: str) -> str:
    return text_in(site.open(path).text)


def only_request(site: ApplicantSite, decision_id: UUID) -> Reconsideration:
    found = asyncio.run(site.lender.use_cases.reconsiderations.read(decision_id, by=UMA))
    (received,) = found.requests
    return received.request


def claimed(site: ApplicantSite, case_id: UUID) -> ReferralCase:
    cases = site.lender.use_cases.cases
    version = asyncio.run(cases.read_state(case_id, by=UMA)).version
    return asyncio.run(cases.claim(case_id, by=UMA, seen=version)).case


def test_a_declined_applicant_reads_the_reasons_of_the_record(site: ApplicantSite) -> None:
    path = site.link(site.decide())
    text = text_of(site, path)
    assert "We could not approve your application" in text
    assert "Income is insufficient for the amount of credit requested." in text
    assert "You asked for $12,000" in text
    assert "Questions? Harbor Lending · (555) 010-0199." in text


def test_the_page_says_nothing_internal(site: ApplicantSite) -> None:
    decision_id = site.decide(by=Actor("wilhelmina", Role.UNDERWRITER))
    html = site.open(site.link(decision_id)).text
    record = asyncio.run(site.lender.use_cases.read_decision(decision_id, by=UMA))
    internal = [
        str(decision_id),
        "wilhelmina",
        record.decision.policy_version + '"',
        record.model_version,
        "points",
    ]
    internal += [f"{record.prediction.pd.value:.3f}"[1:], *record.decision.failed_rules]
    assert [each for each in internal if each in html] == []


def test_an_approved_applicant_reads_the_offer_and_corrects_nothing(site: ApplicantSite) -> None:
    text = text_of(site, site.link(site.decide(**{**WEAK, "annual_inc": 200_000})))
    assert "Your application is approved" in text
    assert "Our offer Amount $12,000 Repaid over 36 months" in text
    assert "What you told us Annual income $200,000" in text
    assert "Review your" not in text


def test_a_correction_is_reviewed_and_sent_once(site: ApplicantSite) -> None:
    decision_id = site.decide()
    path = site.link(decision_id)
    inputs = {
        "kind": "correction",
        "form": site.form(path),
        "field-annual_inc": "52,000",
        "field-loan_amnt": "12,000",
        "text": "<b>Last year's</b> figure.",
    }
    review = site.post(path, "review", **inputs)
    assert review.status_code == 200
    assert "Annual income You say: $52,000 We have: $20,000" in text_in(review.text)
    assert "&lt;b&gt;Last" in review.text
    assert "Requested amount" not in review.text
    for _ in range(2):
        sent = site.post(path, "send", **inputs)
        assert (sent.status_code, sent.headers["location"]) == (303, path)
    request = only_request(site, decision_id)
    assert request.fields == ("annual_inc",)
    text = text_of(site, path)
    assert "A person is reviewing your application" in text
    assert "You asked us to correct your information Sent on" in text
    assert "We answer by" in text


def test_the_answer_appears_on_the_page(site: ApplicantSite) -> None:
    decision_id = site.decide()
    path = site.link(decision_id)
    site.post(path, kind="correction", **{"field-annual_inc": "200,000"})
    request = only_request(site, decision_id)
    case = claimed(site, request.case_id)
    accept = site.lender.use_cases.reconsiderations.accept_correction
    asyncio.run(accept(decision_id, request.reconsideration_id, by=UMA, seen=case.version, received_through="web"))
    text = text_of(site, path)
    assert "Your application is approved" in text
    assert "We changed our decision. We decided again with the information that you corrected." in text


def test_a_decision_that_stays_says_so_and_another_request_is_possible(site: ApplicantSite) -> None:
    decision_id = site.decide()
    path = site.link(decision_id)
    site.post(path, text="Please look again.")
    case = claimed(site, only_request(site, decision_id).case_id)
    resolution = wanted(FinalOutcome.DECLINED)
    asyncio.run(site.lender.use_cases.cases.resolve(case.case_id, resolution, by=UMA, seen=case.version))
    text = text_of(site, path)
    assert "Our decision stays as it was. A person reviewed your application" in text
    assert "Review your correction" in text
    assert site.post(path, form="another", text="And again.").status_code == 303


def test_what_is_wrong_is_named_at_its_input_and_nothing_is_lost(site: ApplicantSite) -> None:
    decision_id = site.decide()
    path = site.link(decision_id)
    answer = site.post(
        path,
        "review",
        kind="correction",
        text="My words.",
        **{"field-annual_inc": "lots", "field-fico_range_low": "800"},
    )
    assert answer.status_code == 400
    assert 'value="lots"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    text = text_in(answer.text)
    assert "This is not a number." in text
    assert "This cannot be corrected here." in text
    assert "My words." in text
    found = asyncio.run(site.lender.use_cases.reconsiderations.read(decision_id, by=UMA))
    assert not found.requests


def test_a_review_can_be_changed(site: ApplicantSite) -> None:
    path = site.link(site.decide())
    again = site.post(path, "change", kind="correction", text="Mine.", **{"field-annual_inc": "52,000"})
    assert again.status_code == 200
    assert 'value="52,000"' in again.text
    assert "Mine." in again.text


def test_what_is_awaited_is_shown_with_its_last_day(site: ApplicantSite) -> None:
    decision_id = site.decide(**{**WEAK, "loan_amnt": 9_000})
    case = claimed(site, decision_id)
    asking = site.lender.use_cases.cases.request_information
    asyncio.run(asking(case.case_id, "Please send two pay slips.", by=UMA, seen=case.version))
    path = site.link(decision_id)
    text = text_of(site, path)
    assert "We are waiting for you Please send two pay slips. Please send it by" in text
    assert "Ask for a person" not in text
    assert "Correct your information" in text


def test_a_withdrawn_application_says_so(site: ApplicantSite) -> None:
    decision_id = site.decide(**{**WEAK, "annual_inc": 200_000})
    withdraw = site.lender.use_cases.applications.withdraw
    asyncio.run(withdraw(decision_id, WithdrawalReason.OTHER_LENDER, by=UMA))
    assert "Your application was withdrawn" in text_of(site, site.link(decision_id))


def test_an_expired_offer_is_closed(site: ApplicantSite) -> None:
    path = site.link(site.decide(**{**WEAK, "annual_inc": 200_000}))
    site.wait(timedelta(days=31))
    text = text_of(site, path)
    assert "Your application is closed" in text
    assert "Our offer" not in text


def test_a_form_of_another_page_is_refused_plainly(site: ApplicantSite) -> None:
    path = site.link(site.decide())
    for inputs in ({"kind": "everything"}, {"form": ""}, {"form": "x" * 65}, {"form": "../.."}):
        answer = site.post(path, **inputs)
        assert answer.status_code == 400
        assert "The form could not be read" in answer.text


def test_every_page_of_a_synthetic_application_says_so(site: ApplicantSite) -> None:
    path = site.link(site.decide(source=SYNTHETIC_SOURCE))
    says_so = "Synthetic: this application was made up for a demonstration."
    assert says_so in text_of(site, path)
    assert says_so in text_in(site.post(path, "review").text)
    real = site.link(site.decide())
    assert "Synthetic" not in text_in(site.post(real, "review").text)
