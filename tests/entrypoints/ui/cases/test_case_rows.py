"""What the list and the head of a page say about a case."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.access.user import Actor, Role
from domain.applications.application_identity import NO_IDENTITY, ApplicationIdentity
from domain.cases.case_action import CaseDetails
from domain.cases.case_state import CaseState
from domain.cases.claiming import CaseClaimed, CaseReleased
from domain.cases.endings import CaseWithdrawn, WithdrawalReason
from domain.cases.information import InformationRequested
from domain.cases.referral_case import ReferralCase
from entrypoints.ui.cases.case_head import case_head
from entrypoints.ui.cases.case_rows import case_row
from support.builders import A_MOMENT
from support.cases import LATER, SARA, UDO, UMA, a_case, done

SOON = LATER + timedelta(minutes=1)
MUCH_LATER = LATER + timedelta(minutes=16)
OFFICER = Actor("marta", Role.LOAN_OFFICER)
ASKED = InformationRequested("Two payslips.", A_MOMENT + timedelta(days=14))


def after(*details: CaseDetails, by: Actor = UMA) -> ReferralCase:
    case = a_case()
    for each in details:
        case = done(case, each, by)
    return case


def test_a_row_says_what_is_asked_for_and_how_long_it_waits():
    identity = ApplicationIdentity(application_reference="LN-1", applicant_reference="C 4711")
    row = case_row(a_case(identity=identity), now=SOON, viewer="uma", reasons={})
    assert (row.amount, row.grade, row.state, row.holder) == ("$12,000.25", "D", "Open", "")
    assert row.age.replace("\u00a0", " ") == "6 min"
    assert row.due is not None
    assert (row.title, row.subtitle) == ("LN-1", "C 4711")


def test_a_case_without_references_is_named_by_its_identifier_and_requester():
    case = a_case(identity=NO_IDENTITY)
    row = case_row(case, now=SOON, viewer="uma", reasons={})
    assert row.title == f"Case {str(case.case_id)[-8:]}"
    assert row.subtitle == f"Requested by {case.requested_by}"


def test_a_row_names_the_reasons_by_their_texts():
    case = a_case()
    texts = {case.reasons[0]: "Level of income"}
    row = case_row(case, now=SOON, viewer="uma", reasons=texts)
    assert row.reason == "Level of income"
    assert len(row.more_reasons) == len(case.reasons) - 1
    unknown = case_row(case, now=SOON, viewer="uma", reasons={})
    assert "_" not in unknown.reason


@pytest.mark.parametrize(
    ("viewer", "now", "state", "holder"),
    [
        ("uma", SOON, "In work", "Held by you"),
        ("udo", SOON, "In work", "Held by uma"),
        ("uma", MUCH_LATER, "Open", "Your claim ended"),
        ("udo", MUCH_LATER, "Open", "The claim of uma ended"),
    ],
)
def test_a_row_says_who_holds_the_case(viewer: str, now: datetime, state: str, holder: str):
    row = case_row(after(CaseClaimed()), now=now, viewer=viewer, reasons={})
    assert (row.state, row.holder) == (state, holder)


def test_a_finished_case_is_not_due():
    row = case_row(after(CaseWithdrawn(WithdrawalReason.SUPERSEDED)), now=SOON, viewer="uma", reasons={})
    assert (row.state, row.due) == ("Withdrawn", None)


def test_the_head_tells_the_holder_until_when():
    head = case_head(after(CaseClaimed()), UMA, SOON)
    assert (head.held, head.can_claim, head.obstacle) == (True, False, "")
    assert head.holder.startswith("You hold this case until ")


def test_the_head_tells_others_who_holds_it():
    head = case_head(after(CaseClaimed()), UDO, SOON)
    assert (head.held, head.can_claim) == (False, False)
    assert head.holder.startswith("uma holds this case since ")
    assert head.obstacle == ""


def test_an_expired_claim_can_be_claimed_by_anyone_who_works_cases():
    case = after(CaseClaimed())
    for viewer in (UMA, UDO, SARA):
        head = case_head(case, viewer, MUCH_LATER)
        assert (head.held, head.can_claim, head.state) == (False, True, "Open")
    assert case_head(case, UMA, MUCH_LATER).holder.startswith("Your claim ended ")


def test_a_loan_officer_reads_only():
    head = case_head(a_case(), OFFICER, SOON)
    assert (head.can_claim, head.can_reassign, head.obstacle, head.holder) == (
        False,
        False,
        "",
        "This case is free.",
    )
    assert case_head(a_case(), SARA, SOON).can_reassign


def test_the_clock_is_stopped_while_the_applicant_is_awaited():
    head = case_head(after(CaseClaimed(), ASKED), UMA, SOON)
    assert head.state == "Awaiting applicant"
    assert head.due is not None
    assert head.due.text == "Clock stopped"


def test_a_finished_case_cannot_be_claimed():
    ended = after(CaseClaimed(), CaseReleased(), CaseWithdrawn(WithdrawalReason.APPLICATION_WITHDRAWN))
    head = case_head(ended, UMA, SOON)
    assert (head.can_claim, head.due, head.held) == (False, None, False)
    assert head.holder.startswith("Finished ")


def test_a_free_case_says_how_to_work_on_it():
    assert case_head(a_case(), UMA, SOON).holder == "This case is free. Claim it to work on it."


def test_the_head_tells_who_gives_the_second_approval():
    proposed = replace(a_case(), state=CaseState.AWAITING_SECOND_APPROVAL, proposers=("uma",))
    own, other, senior = (case_head(proposed, viewer, SOON) for viewer in (UMA, UDO, SARA))
    assert (own.obstacle, own.holder) == ("", "You proposed a resolution. A second person decides.")
    assert other.obstacle == "Only senior underwriters give second approvals."
    assert (senior.obstacle, senior.can_claim) == ("", True)
