"""The applicant's request that a case is to answer, as values: what is on record beside what is stated."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from application.ports.reconsiderations.reconsiderations import ReconsiderationUnreadable
from application.use_cases.reconsiderations.staff_requests import ReceivedRequest
from domain.access.user import Actor, Permission
from domain.cases.case_state import CaseState
from domain.reconsiderations.reconsideration import ReconsiderationKind
from entrypoints.ui.cases.case_content import CaseFile
from entrypoints.ui.cases.due_badge import DueBadge, due_badge
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.field_values import field_label, value_text
from entrypoints.ui.shared.page_context import PageContext
from entrypoints.ui.shared.time_zone import Moment


@dataclass(frozen=True, slots=True)
class StatedRow:
    """A value that the applicant corrects: as it is on record, and as stated."""

    label: str
    recorded: str
    stated: str


@dataclass(frozen=True, slots=True)
class RequestView:
    """The request. `can_accept` if the viewer can accept the stated values now; `obstacle` says why not."""

    reconsideration_id: UUID
    application_id: UUID
    title: str
    received: Moment
    due: DueBadge | None
    rows: tuple[StatedRow, ...]
    text: str
    answer: str
    can_accept: bool
    obstacle: str


async def read_request(context: PageContext, file: CaseFile) -> ReceivedRequest | str | None:
    """The request of the case, or why it cannot be read; None if there is none."""
    case = file.view.case
    if case.request_due_at is None:
        return None
    try:
        actor = context.actor(active=False)
        return await context.use_cases.reconsiderations.request_of_case(case.case_id, by=actor)
    except ReconsiderationUnreadable as fault:
        return str(fault)


def request_view(
    received: ReceivedRequest | str | None, file: CaseFile, viewer: Actor, now: datetime, zone: ZoneInfo
) -> RequestView | None:
    """The request as the viewer sees it."""
    if not isinstance(received, ReceivedRequest):
        return None
    request = received.request
    rows = _rows(received, file)
    corrects = request.kind is ReconsiderationKind.CORRECTION
    allowed = viewer.may(Permission.ANSWER_RECONSIDERATIONS) and viewer.may(Permission.ASSESS_APPLICATIONS)
    case = file.view.case
    held = case.state is CaseState.ASSIGNED and case.holder_at(now) == viewer.name
    acceptable = corrects and request.is_open and bool(rows) and allowed
    return RequestView(
        reconsideration_id=request.reconsideration_id,
        application_id=request.application_id,
        title=labels.RECONSIDERATIONS[request.kind],
        received=Moment.of(request.requested_at, zone),
        due=due_badge(request.due_at, now, zone) if request.is_open else None,
        rows=rows,
        text=_text(received),
        answer="" if request.answer is None else _answer(received, zone),
        can_accept=acceptable and held,
        obstacle="Claim the case to accept the correction." if acceptable and not held else "",
    )


def _rows(received: ReceivedRequest, file: CaseFile) -> tuple[StatedRow, ...]:
    if received.content is None or file.current is None:
        return ()
    product = file.current.product
    recorded = product.values_of(file.current.application)
    known = [(product.field_by_name.get(name), value) for name, value in received.content.stated.items()]
    return tuple(
        StatedRow(field_label(field), value_text(field, recorded.get(field.name)), value_text(field, value))
        for field, value in known
        if field is not None
    )


def _text(received: ReceivedRequest) -> str:
    if received.content is None:
        return "What the applicant wrote was erased or altered."
    return received.content.text


def _answer(received: ReceivedRequest, zone: ZoneInfo) -> str:
    request = received.request
    if request.answer is None or request.answered_at is None:
        return ""
    at = Moment.of(request.answered_at, zone).local
    return f"{labels.RECONSIDERATION_STATES[request.state]}, by {request.answered_by} at {at}"
