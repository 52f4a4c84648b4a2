"""The life of a notice: issued, delivered, returned or cancelled."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.access.user import Actor, Role
from domain.notices.cancelling import (
    CancellationReason,
    NoticeCancelled,
    Standing,
    cancellation_reason,
    require_owed,
)
from domain.notices.issuing import DeliveryMethod, NoticeDelivered, NoticeIssued, NoticeReturned, check_day
from domain.notices.notice import Notice
from domain.notices.notice_action import NoticeAction, NoticeDetails
from domain.notices.notice_errors import (
    InvalidDelivery,
    InvalidNoticeHistory,
    NoticeChanged,
    NoticeNotOwed,
    NoticeStateForbids,
)
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeCause, NoticeState
from domain.notices.stored_state import state_fault
from support.builders import A_MOMENT, an_identifier

CARLA = Actor("carla", Role.COMPLIANCE)
DUE_AT = A_MOMENT + timedelta(days=30)
DAY = A_MOMENT.date()


def a_notice(**changed: object) -> Notice:
    notice_id = an_identifier(A_MOMENT)
    usual = Notice(
        notice_id=notice_id,
        kind=NoticeKind.ADVERSE_ACTION,
        cause=NoticeCause.DECISION,
        decision_id=notice_id,
        application_id=notice_id,
        received_at=A_MOMENT,
        due_at=DUE_AT,
        requested_by="los",
    )
    return replace(usual, **changed)


def issuing(notice: Notice) -> NoticeIssued:
    facts = (notice.kind, notice.decision_id, None, notice.received_at, notice.due_at)
    return NoticeIssued(*facts, ("DEBT_TO_INCOME",), "0a" * 32, "9f" * 32)


def act(notice: Notice, details: NoticeDetails) -> NoticeAction:
    return notice.act(details, by=CARLA, at=A_MOMENT + timedelta(days=1), action_id=uuid4())


DELIVERED, RETURNED = (kind(DeliveryMethod.MAIL, DAY) for kind in (NoticeDelivered, NoticeReturned))
CANCELLED = NoticeCancelled(CancellationReason.SUPERSEDED)


def test_a_notice_is_issued_and_delivered() -> None:
    due = a_notice()
    issued = due.after(act(due, issuing(due)))
    assert (issued.state, issued.issued_at) == (NoticeState.ISSUED, A_MOMENT + timedelta(days=1))
    delivered = issued.after(act(issued, DELIVERED))
    assert (delivered.state, delivered.delivered_on, delivered.version) == (NoticeState.DELIVERED, DAY, 2)
    assert (delivered.changed_by, delivered.changed_at) == ("carla", A_MOMENT + timedelta(days=1))


def test_a_returned_letter_can_be_sent_again_and_was_sent_in_time() -> None:
    due = a_notice()
    issued = due.after(act(due, issuing(due)))
    late = DUE_AT + timedelta(days=3)
    assert issued.overdue_at(late)
    returned = issued.after(act(issued, RETURNED))
    assert (returned.state, returned.returned_on) == (NoticeState.ISSUED, DAY)
    assert returned.overdue_at(late), "it never reached the applicant"
    delivered = returned.after(act(returned, DELIVERED))
    returned = delivered.after(act(delivered, RETURNED))
    assert (returned.state, returned.delivered_on) == (NoticeState.ISSUED, DAY)
    assert not returned.overdue_at(late)


def test_a_notice_is_overdue_from_the_end_of_its_last_day() -> None:
    notice = a_notice()
    assert not notice.overdue_at(DUE_AT - timedelta(microseconds=1))
    assert notice.overdue_at(DUE_AT)
    assert not notice.after(act(notice, CANCELLED)).overdue_at(DUE_AT)


@pytest.mark.parametrize(
    ("done", "refused", "message"),
    [
        ([], DELIVERED, "this notice is due; it must be issued to be delivered"),
        ([], RETURNED, "this notice is due; it must be issued or delivered to be returned"),
        (["issue"], "issue", "this notice is issued since .* UTC .carla.; it must be due to be issued"),
        (["issue"], CANCELLED, "it must be due to be cancelled"),
        ([CANCELLED], "issue", "this notice is cancelled since"),
        (["issue", DELIVERED], DELIVERED, "this notice is delivered since"),
    ],
)
def test_what_is_done_follows_the_states(done: list[object], refused: object, message: str) -> None:
    notice = a_notice()
    for each in done:
        notice = notice.after(act(notice, issuing(notice) if each == "issue" else each))  # type: ignore[arg-type]
    with pytest.raises(NoticeStateForbids, match=message):
        act(notice, issuing(notice) if refused == "issue" else refused)  # type: ignore[arg-type]


def test_a_version_that_was_changed_meanwhile_is_named_with_who_changed_it() -> None:
    due = a_notice()
    issued = due.after(act(due, issuing(due)))
    issued.require_version(1)
    with pytest.raises(
        NoticeChanged, match="version 0 of this notice is not the current one, 1: carla changed it"
    ):
        issued.require_version(0)
    with pytest.raises(NoticeChanged, match=r"not the current one, 0$"):
        due.require_version(3)


def test_actions_that_do_not_follow_are_refused() -> None:
    due = a_notice()
    action = act(due, issuing(due))
    for wrong in (replace(action, number=2), replace(action, notice_id=uuid4())):
        with pytest.raises(InvalidNoticeHistory):
            due.after(wrong)
    assert state_fault(due, [replace(action, number=2)]).startswith("its actions lead to no state")


def test_days_and_texts_of_deliveries_are_possible() -> None:
    check_day(DAY, issued=DAY, today=DAY)
    for on in (DAY - timedelta(days=1), DAY + timedelta(days=2)):
        with pytest.raises(InvalidDelivery, match="is not possible: the letter was issued on"):
            check_day(on, issued=DAY, today=DAY + timedelta(days=1))
    NoticeDelivered(DeliveryMethod.MAIL, DAY, "Certified mail\nNo. 7")
    for text, why in (("x" * 1001, "1,001 characters"), ("a\u202eb", "cannot be shown")):
        with pytest.raises(InvalidDelivery, match=why):
            NoticeReturned(DeliveryMethod.MAIL, DAY, text)
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        replace(issuing(a_notice()), pdf_sha256="9F" * 32)


OTHER = uuid4()


@pytest.mark.parametrize(
    ("changed", "standing", "reason"),
    [
        ({}, Standing(), None),
        ({}, Standing(superseded=True), CancellationReason.SUPERSEDED),
        ({}, Standing(final_decision_id=OTHER, final_approves=True), CancellationReason.OVERTURNED),
        ({}, Standing(final_decision_id=OTHER), CancellationReason.NEWER_DECISION),
        ({}, Standing(ended_by=OTHER), CancellationReason.WITHDRAWN),
        ({}, Standing(ended_by=OTHER, accepted=True), CancellationReason.ACCEPTED),
        ({"notice_id": OTHER}, Standing(final_decision_id=OTHER), None),
        ({"kind": NoticeKind.INCOMPLETE}, Standing(awaited=True), None),
        ({"kind": NoticeKind.INCOMPLETE}, Standing(), CancellationReason.NOT_AWAITED),
        ({"cause": NoticeCause.CASE_EXPIRED}, Standing(), None),
        ({"cause": NoticeCause.CASE_EXPIRED}, Standing(asked_in_time=True), CancellationReason.ASKED_IN_TIME),
        (
            {"cause": NoticeCause.APPLICATION_CLOSED, "notice_id": OTHER},
            Standing(ended_by=OTHER, final_decision_id=uuid4()),
            None,
        ),
    ],
)
def test_why_a_notice_is_not_owed_any_more(
    changed: dict[str, object], standing: Standing, reason: CancellationReason | None
) -> None:
    notice = a_notice(**changed)
    assert cancellation_reason(notice, standing) is reason
    if reason is None:
        require_owed(notice, standing)
        return
    with pytest.raises(NoticeNotOwed, match=f"this notice is not owed any more: {reason.words}"):
        require_owed(notice, standing)


def test_a_stored_state_that_was_altered_is_found() -> None:
    due = a_notice()
    actions = [act(due, issuing(due))]
    issued = due.after(actions[0])
    assert state_fault(issued, actions) == ""
    for name, wrong in (
        ("state", NoticeState.DELIVERED),
        ("due_at", DUE_AT + timedelta(days=30)),
        ("delivered_on", date(2026, 1, 1)),
        ("version", 3),
        ("kind", NoticeKind.COUNTER_OFFER),
    ):
        assert f"{name} is " in state_fault(replace(issued, **{name: wrong}), actions)


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["issue", DELIVERED, RETURNED, CANCELLED]), max_size=6))
def test_whatever_is_done_the_state_is_the_fold_of_the_actions(wanted: list[object]) -> None:
    notice, actions = a_notice(), []
    for each in wanted:
        try:
            actions.append(act(notice, issuing(notice) if each == "issue" else each))  # type: ignore[arg-type]
        except NoticeStateForbids:
            continue
        notice = notice.after(actions[-1])
    assert state_fault(notice, actions) == ""
    assert (
        a_notice(notice_id=notice.notice_id, decision_id=notice.decision_id).after_all(actions).state
        is notice.state
    )
    assert (notice.issued_at is None) == (notice.state in {NoticeState.DUE, NoticeState.CANCELLED})
    assert (notice.delivered_on is not None) >= (notice.state is NoticeState.DELIVERED)
