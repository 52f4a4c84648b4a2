"""Whatever people and time do to a case, it has one holder, never reopens, and follows from its actions."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.access.user import Actor, Role
from domain.cases.case_action import CaseDetails
from domain.cases.case_errors import CaseError
from domain.cases.case_state import CaseState
from domain.cases.claiming import CaseClaimed, CaseReassigned, CaseReleased
from domain.cases.endings import CaseExpired, CaseWithdrawn, DueTimePassed, WithdrawalReason
from domain.cases.information import CaseNoteAdded, InformationReceived, InformationRequested
from domain.cases.lease import LEASE_TERMS
from support.builders import A_MOMENT
from support.cases import SARA, UDO, UMA, a_case

HOURS = timedelta(hours=1)
SYSTEM = Actor("system:service", Role.AUDITOR)
KINDS = (
    *("claim", "release", "note", "ask", "answer") * 3,
    "reassign",
    "withdraw",
    "expire",
    "breach",
)
STEPS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from((UMA, UDO, SARA)), st.integers(0, 20 * 60)),
    min_size=5,
    max_size=60,
)


def details_of(kind: str, by: Actor, at: datetime) -> CaseDetails:
    return {
        "claim": CaseClaimed(),
        "release": CaseReleased(),
        "note": CaseNoteAdded("Called."),
        "ask": InformationRequested("Pay slips?", at + 48 * HOURS),
        "answer": InformationReceived("Two pay slips."),
        "reassign": CaseReassigned(by.name, by.role),
        "withdraw": CaseWithdrawn(WithdrawalReason.SUPERSEDED),
        "expire": CaseExpired(),
        "breach": DueTimePassed(),
    }[kind]


@given(STEPS)
@settings(max_examples=200, deadline=None)
def test_a_case_has_one_holder_never_reopens_and_follows_from_its_actions(
    steps: list[tuple[str, Actor, int]],
) -> None:
    opened = case = a_case()
    at, actions, awaited = A_MOMENT, [], timedelta()
    for kind, by, minutes in steps:
        at += timedelta(minutes=minutes)
        before, holder = case, case.holder_at(at)
        with suppress(CaseError):
            action = case.act(details_of(kind, by, at), by=by, at=at, action_id=uuid4())
            actions.append(action)
            after = case.after(action)
            case = after.leased(LEASE_TERMS.until(at, actor=by.name, assignee=after.assignee))
            if kind in {"release", "note", "ask", "answer"}:
                assert holder == by.name
            if kind == "claim":
                assert holder in {None, by.name}
            if kind == "answer":
                assert before.awaiting_since is not None
                awaited += at - before.awaiting_since
        if before.state.ended:
            assert case == before, "a finished case was changed"
        assert case.version == len(actions)
        assert (case.assignee is None) == (case.assigned_at is None) == (case.lease_until is None)
        assert case.due_at == opened.due_at + awaited
        assert (case.state is CaseState.AWAITING_APPLICANT) == (case.awaiting_since is not None)
        assert case.state.ended == (case.ended_at is not None)
        assert opened.after_all(actions) == case.leased(None)
        assert sum(action.kind == DueTimePassed.kind for action in actions) <= 1
