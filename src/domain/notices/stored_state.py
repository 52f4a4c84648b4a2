"""Whether a stored notice is the one that what made it due and its actions lead to."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import timedelta

from domain.notices.deadlines import NoticeTerms
from domain.notices.issuing import NoticeIssued
from domain.notices.notice import Notice
from domain.notices.notice_action import NoticeAction
from domain.notices.notice_errors import InvalidNoticeHistory, NoticeError
from domain.notices.notice_state import NoticeState
from domain.notices.opening import AdverseEvent

_OF_EVENT = (
    "kind",
    "cause",
    "decision_id",
    "application_id",
    "requested_by",
    "application_reference",
    "applicant_reference",
    "source",
)
_ONE_DAY_ANYWHERE = timedelta(days=3)
"""A notice is due at the end of its last day; the lender may have moved to another time zone."""


def state_fault(stored: Notice, actions: Sequence[NoticeAction]) -> str:
    """How the state differs from that of the actions; empty if it does not.

    What made the notice due is in no action, and is compared by `opening_fault`. Once issued, the notice is
    compared with what the letter states.
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


def opening_fault(stored: Notice, event: AdverseEvent, terms: NoticeTerms) -> str:
    """How the notice differs from what made it due; empty if it does not.

    One that replaced another has its earlier time, and a lender may have changed the terms or the time zone since,
    so that times are only checked not to be too late.
    """
    expected = {name: getattr(event, name) for name in _OF_EVENT}
    if not event.requested_by:
        del expected["requested_by"]
    stated = [
        f"{name} is {_text(stored, name)} instead of {_text(event, name)}"
        for name in expected
        if getattr(stored, name) != expected[name]
    ]
    if stored.received_at > event.received_at:
        stated.append(f"received_at is {stored.received_at} instead of {event.received_at} or before")
    days = max(terms.days(stored.kind), NoticeTerms().days(stored.kind))
    latest = stored.received_at + timedelta(days=days) + _ONE_DAY_ANYWHERE
    if event.answer_by is not None:
        latest = min(latest, event.answer_by)
    if stored.state is NoticeState.DUE and stored.due_at > latest:
        stated.append(f"due_at is {stored.due_at}, which is later than {latest}")
    return f"it is not the notice that its cause makes due: {', '.join(stated)}" if stated else ""


def _text(notice: Notice | AdverseEvent, name: str) -> str:
    found = getattr(notice, name)
    return str(getattr(found, "value", found))
