"""Whether the stored state of a notice is the one that its actions lead to."""

from collections.abc import Sequence
from dataclasses import fields, replace

from domain.notices.issuing import NoticeIssued
from domain.notices.notice import Notice
from domain.notices.notice_action import NoticeAction
from domain.notices.notice_errors import InvalidNoticeHistory, NoticeError
from domain.notices.notice_state import NoticeState


def state_fault(stored: Notice, actions: Sequence[NoticeAction]) -> str:
    """How the state differs from that of the actions; empty if it does not.

    What made the notice due is in no action; once issued, it is compared with what the letter states.
    """
    expected = replace(
        stored,
        state=NoticeState.DUE,
        version=0,
        issued_at=None,
        delivered_on=None,
        returned_on=None,
        changed_at=None,
        changed_by=None,
    )
    try:
        for action in actions:
            details = action.details
            if isinstance(details, NoticeIssued):
                expected = replace(
                    expected,
                    kind=details.notice_kind,
                    decision_id=details.decision_id,
                    received_at=details.received_at,
                    due_at=details.due_at,
                )
            details.check(expected, action.actor, action.at)
            expected = expected.after(action)
    except (InvalidNoticeHistory, NoticeError) as fault:
        return f"its actions lead to no state: {fault}"
    names = [field.name for field in fields(Notice)]
    differing = [name for name in names if getattr(stored, name) != getattr(expected, name)]
    if not differing:
        return ""
    stated_text = ", ".join(
        f"{name} is {_text(stored, name)} instead of {_text(expected, name)}" for name in differing
    )
    return f"its stored state is not the one that its actions lead to: {stated_text}"


def _text(notice: Notice, name: str) -> str:
    found = getattr(notice, name)
    return str(getattr(found, "value", found))
