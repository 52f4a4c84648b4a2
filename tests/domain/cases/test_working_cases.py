"""Who may do what to a referral case, and what follows from it."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from domain.access.user import Actor, Role
from domain.cases.case_errors import (
    CaseChanged,
    CaseEnded,
    CaseHeld,
    CaseNotClaimed,
    CaseStateForbids,
    InvalidCaseHistory,
    InvalidCaseText,
    SecondApprovalNotPermitted,
    SecondPersonRequired,
    UnsuitableAssignee,
)
from domain.cases.case_state import CaseState
from domain.cases.case_text import MAX_CASE_TEXT
from domain.cases.claiming import CaseClaimed, CaseReassigned, CaseReleased
from domain.cases.endings import CaseExpired, CaseWithdrawn, DueTimePassed, WithdrawalReason
from domain.cases.information import CaseNoteAdded, InformationReceived, InformationRequested
from domain.cases.lease import LeaseTerms
from domain.cases.referral_case import ReferralCase
from support.builders import A_MOMENT, a_decision_record
from support.cases import LATER, SARA, UDO, UMA, a_case, act, done

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
WITHDRAWN = CaseWithdrawn(WithdrawalReason.APPLICATION_WITHDRAWN)


def asked(answer_days: int = 14) -> InformationRequested:
    return InformationRequested("Please send two pay slips.", LATER + answer_days * DAY)


def awaiting_second(*proposers: str) -> ReferralCase:
    return replace(a_case(), state=CaseState.AWAITING_SECOND_APPROVAL, proposers=proposers)


def test_a_referred_decision_opens_a_case_with_what_the_queue_shows() -> None:
    case = a_case()
    assert (case.case_id, case.state, case.version) == (case.decision_id, CaseState.OPEN, 0)
    assert (str(case.amount), case.grade, case.requested_by) == ("$12,000.25", "D", "marta")
    assert case.reasons == ("OBLIGATIONS", "INQUIRIES")
    assert case.due_at == A_MOMENT + timedelta(hours=48)


def test_a_decision_without_a_due_time_opens_no_case() -> None:
    with pytest.raises(ValueError, match="opens no case"):
        ReferralCase.opened(a_decision_record())


def test_a_claimed_case_is_refused_to_others_who_learn_who_holds_it_since_when() -> None:
    case = done(a_case(), CaseClaimed())
    assert (case.state, case.assignee, case.version) == (CaseState.ASSIGNED, "uma", 1)
    with pytest.raises(CaseHeld, match="uma has held this case since 2026-03-14 15:14:26 UTC") as refusal:
        act(case, CaseClaimed(), UDO)
    assert (refusal.value.holder, refusal.value.since) == ("uma", LATER)


def test_a_case_is_free_when_its_lease_has_ended() -> None:
    case, expired = done(a_case(), CaseClaimed()), LATER + 15 * MINUTE
    assert (case.state_at(expired - MINUTE), case.state_at(expired)) == (CaseState.ASSIGNED, CaseState.OPEN)
    assert done(case, CaseClaimed(), UDO, expired).assignee == "udo"


def test_work_needs_the_lease() -> None:
    case = done(a_case(), CaseClaimed())
    for details in (CaseNoteAdded("Called."), CaseReleased(), asked()):
        with pytest.raises(CaseHeld):
            act(case, details, UDO)
        with pytest.raises(CaseNotClaimed, match=r"you do not hold this case\. Claim it first"):
            act(a_case(), details)
        with pytest.raises(CaseNotClaimed, match="Your lease ended at 2026-03-14 15:29:26 UTC"):
            act(case, details, at=LATER + 20 * MINUTE)


def test_a_released_case_is_open_again_and_keeps_its_notes() -> None:
    case = done(done(done(a_case(), CaseClaimed()), CaseNoteAdded("Called.")), CaseReleased())
    assert (case.state, case.assignee, case.lease_until, case.version) == (CaseState.OPEN, None, None, 3)


def test_the_due_time_does_not_run_while_the_applicant_is_awaited() -> None:
    case = done(done(a_case(), CaseClaimed()), asked())
    assert case.state is CaseState.AWAITING_APPLICANT
    assert not case.overdue_at(A_MOMENT + 5 * DAY)
    back = LATER + 3 * DAY
    case = done(case, CaseClaimed(), UDO, back)
    assert case.state is CaseState.AWAITING_APPLICANT
    case = done(case, InformationReceived("Two pay slips."), UDO, back)
    assert (case.state, case.due_at) == (CaseState.ASSIGNED, A_MOMENT + timedelta(hours=48) + 3 * DAY)
    assert (case.awaiting_since, case.answer_by) == (None, None)


def test_information_is_requested_once_and_received_once() -> None:
    case = done(a_case(), CaseClaimed())
    with pytest.raises(CaseStateForbids, match="this case is assigned; it must be awaiting the applicant"):
        act(case, InformationReceived("Nothing."))
    with pytest.raises(CaseStateForbids, match="it must be assigned to ask the applicant"):
        act(done(case, asked()), asked())


def test_a_case_expires_only_after_the_time_to_answer() -> None:
    case = done(done(a_case(), CaseClaimed()), asked())
    with pytest.raises(CaseStateForbids):
        act(case, CaseExpired(), at=LATER + 13 * DAY)
    with pytest.raises(CaseStateForbids):
        act(a_case(), CaseExpired(), at=LATER + 30 * DAY)
    case = done(case, CaseExpired(), at=LATER + 14 * DAY)
    assert (case.state, case.ended_at, case.assignee) == (CaseState.EXPIRED, LATER + 14 * DAY, None)


def test_a_passed_due_time_is_recorded_once() -> None:
    late = A_MOMENT + 3 * DAY
    with pytest.raises(CaseStateForbids):
        act(a_case(), DueTimePassed())
    case = done(a_case(), DueTimePassed(), at=late)
    assert case.breached_at == late
    with pytest.raises(CaseStateForbids):
        act(case, DueTimePassed(), at=late)


def test_a_senior_gives_a_held_case_to_someone_else() -> None:
    case = done(done(a_case(), CaseClaimed()), CaseReassigned("udo", Role.UNDERWRITER), SARA)
    assert (case.assignee, case.assigned_at, case.state) == ("udo", LATER, CaseState.ASSIGNED)
    with pytest.raises(UnsuitableAssignee, match=r"given to olga \(auditor\), who may not work referral cases"):
        act(case, CaseReassigned("olga", Role.AUDITOR), SARA)


def test_a_second_approval_is_only_for_a_second_person_with_the_role() -> None:
    case = awaiting_second("uma")
    assert case.proposed_by == "uma"
    with pytest.raises(SecondApprovalNotPermitted, match=r"udo \(underwriter\) may not give second approvals"):
        act(case, CaseClaimed(), UDO)
    with pytest.raises(SecondPersonRequired, match="sara has proposed"):
        act(awaiting_second("sara", "uma"), CaseClaimed(), SARA)
    with pytest.raises(SecondPersonRequired):
        act(awaiting_second("zoe"), CaseReassigned("zoe", Role.SENIOR_UNDERWRITER), SARA)
    held = done(case, CaseClaimed(), SARA)
    assert (held.state, held.assignee) == (CaseState.AWAITING_SECOND_APPROVAL, "sara")
    assert done(held, CaseReleased(), SARA).state is CaseState.AWAITING_SECOND_APPROVAL


def test_a_finished_case_says_who_finished_it() -> None:
    case = done(done(a_case(), CaseClaimed()), WITHDRAWN, Actor("marta", Role.LOAN_OFFICER))
    assert (case.state, case.assignee, case.ended_at) == (CaseState.WITHDRAWN, None, LATER)
    for details in (CaseClaimed(), CaseReleased(), CaseNoteAdded("x"), asked(), WITHDRAWN, DueTimePassed()):
        with pytest.raises(CaseEnded, match="marta changed it last, at 2026-03-14 15:14:26 UTC"):
            act(case, details)
    with pytest.raises(CaseEnded):
        act(case, CaseReassigned("udo", Role.UNDERWRITER), SARA)


def test_a_stale_version_says_who_changed_the_case_and_who_holds_it() -> None:
    case = done(a_case(), CaseClaimed())
    case.require_version(1, LATER)
    with pytest.raises(CaseChanged, match="uma changed it at 2026-03-14 15:14:26 UTC; uma has held it") as refusal:
        case.require_version(0, LATER)
    assert (refusal.value.version, refusal.value.holder, refusal.value.since) == (1, "uma", LATER)


def test_a_due_time_that_passes_meanwhile_interrupts_nobody() -> None:
    late = A_MOMENT + 3 * DAY
    held = done(a_case(), CaseClaimed(), at=late)
    case = done(held, DueTimePassed(), at=late + MINUTE)
    case.require_version(1, late)
    case.require_version(2, late)
    with pytest.raises(CaseChanged):
        case.require_version(0, late)
    with pytest.raises(CaseChanged):
        done(case, CaseNoteAdded("Called."), at=late + 2 * MINUTE).require_version(2, late)


def test_actions_must_follow_each_other() -> None:
    case, other = a_case(), a_case()
    claimed = act(case, CaseClaimed())
    with pytest.raises(InvalidCaseHistory):
        case.after(claimed).after(claimed)
    with pytest.raises(InvalidCaseHistory):
        other.after(claimed)
    ended = done(case, WITHDRAWN)
    reopening = type(claimed)(uuid4(), case.case_id, 2, LATER, UMA, CaseExpired())
    with pytest.raises(InvalidCaseHistory, match="finished"):
        ended.after(reopening)


@pytest.mark.parametrize("text", ["", " \n", "x" * (MAX_CASE_TEXT + 1), "a\x00b", "a\u202eb"])
def test_a_note_is_text_that_can_be_shown(text: str) -> None:
    with pytest.raises(InvalidCaseText):
        CaseNoteAdded(text)
    with pytest.raises(InvalidCaseText):
        InformationRequested(text, LATER)
    with pytest.raises(InvalidCaseText):
        InformationReceived(text)


def test_a_reassigned_case_waits_longer_for_its_new_assignee() -> None:
    terms = LeaseTerms()
    assert terms.until(LATER, actor="uma", assignee="uma") == LATER + 15 * MINUTE
    assert terms.until(LATER, actor="sara", assignee="udo") == LATER + timedelta(hours=8)
    assert terms.until(LATER, actor="uma", assignee=None) is None
