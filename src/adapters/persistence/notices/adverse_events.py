"""What makes notices due, from the rows that `followed_events.py` selects."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from adapters.persistence.applications import action_documents
from adapters.persistence.cases import case_documents
from domain.applications.application_action import Withdrawal, WithdrawalReason
from domain.cases.information import InformationRequested
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeCause
from domain.notices.opening import AdverseEvent
from domain.stored_document import UnreadableDocument


def adverse_events(row: Row[Any]) -> Iterator[AdverseEvent]:
    """The event that a row is, unless it opens no notice."""
    if row.opens is None:
        return
    cause = NoticeCause(row.cause)
    if cause is NoticeCause.APPLICATION_CLOSED and not _closes_incomplete(row):
        return
    yield AdverseEvent(
        subject=row.subject,
        kind=NoticeKind(row.opens),
        cause=cause,
        decision_id=row.decision_id,
        application_id=row.application_id,
        received_at=row.received_at,
        requested_by=row.requested_by,
        application_reference=row.application_reference,
        applicant_reference=row.applicant_reference,
        source=row.source,
        answer_by=_answer_by(row) if cause is NoticeCause.INFORMATION_REQUESTED else None,
    )


def _answer_by(row: Row[Any]) -> datetime | None:
    """Until when the applicant can answer; None if the document cannot be read, which verification reports."""
    try:
        details = case_documents.decode_action(row.document, row.subject).details
    except UnreadableDocument:
        return None
    return details.answer_by if isinstance(details, InformationRequested) else None


def _closes_incomplete(row: Row[Any]) -> bool:
    try:
        details = action_documents.decode(row.document, row.subject).details
    except UnreadableDocument:
        return False
    return isinstance(details, Withdrawal) and details.reason is WithdrawalReason.INFORMATION_NOT_PROVIDED
