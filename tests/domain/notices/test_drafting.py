"""Letters state what is on record, with days of the lender's time zone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from domain.applications.application_identity import NO_IDENTITY, ApplicationIdentity
from domain.applications.money import Money
from domain.applications.synthetic import SYNTHETIC_SOURCE
from domain.cases.case_action import CaseAction, CaseDetails
from domain.cases.endings import CaseExpired
from domain.cases.information import InformationRequested
from domain.decisions.decision_record import DecisionRecord
from domain.notices.completeness import missing_items
from domain.notices.content import Addressee, InvalidAddressee, NoticeContent
from domain.notices.drafting import Drafting, LetterSettings, NoticeBasis
from domain.notices.letterhead import SPECIMEN, Letterhead
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeCause
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from support.builders import a_decision, a_decision_record, a_final_decision
from support.cases import UMA
from support.letters import CHICAGO, LETTERHEAD
from support.random_declines import drafting

EVENING = datetime(2026, 3, 15, 3, 30, tzinfo=UTC)
"""The evening of March 14 in Chicago."""
DECIDED = EVENING + timedelta(days=9)
TODAY = date(2026, 3, 26)


def a_record(**overrides: object) -> DecisionRecord:
    decision = a_decision(outcome=Outcome.DECLINED, points=533)
    return a_decision_record(**{"decided_at": EVENING, "decision": decision} | overrides)


def a_basis(**overrides: object) -> NoticeBasis:
    record = a_record()
    usual = NoticeBasis(
        record.decision_id, NoticeKind.ADVERSE_ACTION, NoticeCause.DECISION, record.decision_id, record
    )
    return replace(usual, **overrides)


def content(basis: NoticeBasis, made_by: Drafting | None = None) -> NoticeContent:
    return (made_by or drafting()).content(basis, dated=TODAY)


def an_action(details: CaseDetails, at: datetime) -> CaseAction:
    return CaseAction(uuid4(), uuid4(), 1, at, UMA, details)


def test_a_decline_states_the_loan_and_the_score_with_days_of_the_lender() -> None:
    stated = content(a_basis())
    assert missing_items(stated) == ()
    assert stated.loan.received_on == date(2026, 3, 14)
    assert (stated.loan.product, str(stated.loan.amount), stated.loan.term) == ("Personal loan", "$12,000.25", 36)
    assert stated.loan.reference == "LN-2026/0815"
    assert stated.score is not None
    assert (stated.score.points, stated.score.created_on) == (533, date(2026, 3, 14))
    assert (stated.score.lowest, stated.score.highest) == (351, 632)
    assert stated.score.provider == "Prairie Loans, Inc."
    assert not stated.synthetic


def test_an_application_without_a_reference_has_its_identifier() -> None:
    application_id = uuid4()
    basis = a_basis(record=a_record(identity=NO_IDENTITY), application_id=application_id)
    assert content(basis).loan.reference == str(application_id)


def test_a_corrected_application_says_when_it_was_corrected() -> None:
    assert not content(a_basis()).loan.corrected
    assert content(a_basis(record=a_record(supersedes=uuid4()))).loan.corrected


def test_a_score_can_come_from_another_company() -> None:
    settings = LetterSettings(replace(LETTERHEAD, score_provider="Example Scores"), CHICAGO)
    stated = content(a_basis(), replace(drafting(), settings=settings))
    assert stated.score is not None
    assert stated.score.provider == "Example Scores"


def test_a_counter_offer_ends_on_the_last_day_that_is_whole() -> None:
    final = a_final_decision(
        outcome=FinalOutcome.COUNTER_OFFER, decided_at=DECIDED, amount=Money.of(8_000), annual_rate=0.1299
    )
    stated = content(a_basis(kind=NoticeKind.COUNTER_OFFER, cause=NoticeCause.FINAL_DECISION, final=final))
    assert missing_items(stated) == ()
    assert stated.offer is not None
    assert (stated.offer.amount, stated.offer.term, stated.offer.annual_rate) == (Money.of(8_000), 36, 0.1299)
    expires = DECIDED.astimezone(CHICAGO) + timedelta(days=30)
    assert stated.offer.until == expires.date() - timedelta(days=1)
    assert stated.offer.conditions == ("Pay off the credit card", "Proof of address")


def test_a_counter_offer_that_is_not_on_record_cannot_be_stated() -> None:
    decline = a_final_decision(outcome=FinalOutcome.DECLINED, reason="INCOME_NOT_VERIFIED", amount=None)
    for final in (None, decline):
        assert missing_items(content(a_basis(kind=NoticeKind.COUNTER_OFFER, final=final))) == (
            "the terms of the counter-offer",
        )


def test_the_information_of_the_request_itself_is_asked_for_until_a_whole_day() -> None:
    answer_by = DECIDED + timedelta(days=14)
    asked = an_action(InformationRequested("Two payslips.", answer_by), DECIDED)
    later = an_action(InformationRequested("A lease.", answer_by), DECIDED + timedelta(days=2))
    stated = content(
        a_basis(
            notice_id=asked.action_id,
            kind=NoticeKind.INCOMPLETE,
            cause=NoticeCause.INFORMATION_REQUESTED,
            case_actions=(asked, later),
        )
    )
    assert missing_items(stated) == ()
    assert (stated.reasons, stated.score, stated.offer) == ((), None, None)
    assert stated.information is not None
    assert stated.information.text == "Two payslips."
    assert stated.information.requested_on == date(2026, 3, 23)
    assert stated.information.answer_by == date(2026, 4, 5)
    assert datetime(2026, 4, 6, tzinfo=CHICAGO) <= answer_by < datetime(2026, 4, 7, tzinfo=CHICAGO)


def test_an_application_closed_for_no_answer_states_what_did_not_arrive() -> None:
    asked = an_action(InformationRequested("Two payslips.", DECIDED + timedelta(days=1)), DECIDED)
    expired = CaseAction(uuid4(), asked.case_id, 2, DECIDED + timedelta(days=2), UMA, CaseExpired())
    basis = a_basis(notice_id=expired.action_id, cause=NoticeCause.CASE_EXPIRED, case_actions=(asked, expired))
    stated = content(basis)
    assert missing_items(stated) == ()
    assert stated.closed_incomplete
    assert [reason.text for reason in stated.reasons] == ["Information requested was not provided"]
    assert (stated.score, stated.uses_credit_report) == (None, False)
    assert stated.information is not None
    without = content(replace(basis, cause=NoticeCause.APPLICATION_CLOSED, case_actions=()))
    assert missing_items(without) == ()
    assert without.information is None


def test_the_lender_can_word_the_reason_for_closing_itself() -> None:
    policy = drafting().policy
    terms = policy.review_terms
    own = tuple(
        replace(each, text="Payslips are missing") if each.code == "INFORMATION_NOT_PROVIDED" else each
        for each in terms.reasons
    )
    made_by = replace(drafting(), policy=replace(policy, review_terms=replace(terms, reasons=own)))
    stated = content(a_basis(cause=NoticeCause.CASE_EXPIRED), made_by)
    assert [reason.text for reason in stated.reasons] == ["Payslips are missing"]


def test_a_specimen_completes_the_letterhead_of_synthetic_applications_only() -> None:
    made_by = replace(drafting(), settings=LetterSettings(Letterhead(), CHICAGO))
    synthetic = a_basis(record=a_record(identity=ApplicationIdentity(source=SYNTHETIC_SOURCE)))
    stated = content(synthetic, made_by)
    assert stated.synthetic
    assert stated.letterhead == SPECIMEN
    assert missing_items(stated) == ()
    assert content(a_basis(), made_by).letterhead == Letterhead()
    assert missing_items(content(a_basis(), made_by))


@pytest.mark.parametrize(
    ("name", "address", "fault"),
    [
        (" ", (), "the name is required"),
        ("Maria", ("line",) * 9, "the address must have at most 8 lines, not 9"),
        ("M" * 201, (), "the name must have at most 200 characters, not 201"),
        ("Maria", ("Elm Street", "a\nb"), "line 2 of the address has invisible characters"),
        ("Maria\u202e", ("a\tb",), "the name has invisible characters; line 1 of the address has"),
    ],
)
def test_an_address_that_cannot_be_printed_is_refused(name: str, address: tuple[str, ...], fault: str) -> None:
    with pytest.raises(InvalidAddressee, match=fault):
        Addressee(name, address)
