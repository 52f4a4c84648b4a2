"""From notices to responses."""

from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from application.ports.notices.notices import NoticePage
from application.use_cases.notices.read_notices import NoticeView
from domain.applications.synthetic import SYNTHETIC_SOURCE
from domain.notices.notice import Notice
from domain.notices.notice_action import NoticeAction
from entrypoints.api.notices.schemas import NoticeActionResponse, NoticeDetail, NoticeList, NoticeResponse


def notice_response(notice: Notice, at: datetime) -> NoticeResponse:
    """A notice as of a time."""
    return NoticeResponse(
        notice_id=notice.notice_id,
        kind=notice.kind.value,
        cause=notice.cause.value,
        state=notice.state.value,
        version=notice.version,
        etag=etag(notice),
        decision_id=notice.decision_id,
        application_id=notice.application_id,
        received_at=notice.received_at,
        due_at=notice.due_at,
        overdue=notice.overdue_at(at),
        requested_by=notice.requested_by,
        application_reference=notice.application_reference,
        applicant_reference=notice.applicant_reference,
        source=notice.source,
        synthetic=notice.source == SYNTHETIC_SOURCE,
        issued_at=notice.issued_at,
        delivered_on=notice.delivered_on,
        returned_on=notice.returned_on,
        changed_at=notice.changed_at,
        changed_by=notice.changed_by,
    )


def etag(notice: Notice) -> str:
    """Identifies the version of a notice."""
    return f'"{notice.version}"'


def notice_list(page: NoticePage, at: datetime) -> NoticeList:
    """A page of notices."""
    return NoticeList([notice_response(each, at) for each in page.notices], page.next_cursor, page.total)


def notice_detail(view: NoticeView, at: datetime) -> NoticeDetail:
    """A notice with its actions."""
    return NoticeDetail(
        notice=notice_response(view.notice, at),
        actions=[_action(action) for action in view.actions],
        ending=view.ending.value if view.ending else None,
        withheld=view.withheld,
    )


def _action(action: NoticeAction) -> NoticeActionResponse:
    details = action.details
    assert is_dataclass(details)  # noqa: S101 - for mypy: all are
    return NoticeActionResponse(
        number=action.number,
        action_id=action.action_id,
        at=action.at,
        by=action.actor.name,
        role=action.actor.role.value,
        action=action.kind.value,
        details={field.name: _shown(getattr(details, field.name)) for field in fields(details)},
    )


def _shown(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
