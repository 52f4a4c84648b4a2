"""The audit trail: events, and verifications with their reports."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from application.catalog import UseCases
from application.ports.audit.event_history import EventFilter, EventInHistory
from application.use_cases.audit.read_verifications import PastVerification, VerificationNotFound
from domain.access.user import Actor
from domain.audit.event import EventKind
from entrypoints.api.audit.schemas import (
    AuditEvent,
    AuditEventList,
    VerificationList,
    VerificationReportResponse,
    VerificationSummary,
)
from entrypoints.api.http.declarations import read, secured_problems
from entrypoints.api.http.pagination import DEFAULT_LIMIT, LIMIT, LINK, link_to_next
from entrypoints.api.http.query import Moment, Range, check_query, in_utc, moment, text
from entrypoints.api.http.responses import JSON

_PATH = "/api/v1/audit"
_VERIFICATION = _PATH + "/verifications/{verification_id:uuid}"
_CURSOR = QueryParameter(description="next_cursor of the previous page, with the same filters")


@read(
    _PATH + "/events",
    response_headers=[LINK],
    ranges=(Range("since", "until", "before", "later"),),
    responses=secured_problems(),
)
async def list_audit_events(
    *,
    request: Request[Any, Any, Any],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    kind: Annotated[
        EventKind | None, QueryParameter(description="one of " + ", ".join(kind.value for kind in EventKind))
    ] = None,
    actor: Annotated[str | None, text("the user, or os:NAME, who did it")] = None,
    subject: Annotated[str | None, text("the user, decision, batch, month or the like that it is about")] = None,
    since: Annotated[Moment | None, moment("inclusive")] = None,
    until: Annotated[Moment | None, moment("exclusive")] = None,
    limit: Annotated[int, LIMIT] = DEFAULT_LIMIT,
    cursor: Annotated[UUID | None, _CURSOR] = None,
) -> Response[AuditEventList]:
    """List the events of the audit trail.

    Who did what: logins, changes of users, policies and settings, exports, verifications. Newest first. Decisions
    are not among them.
    """
    check_query(request)
    wanted = EventFilter([kind.value] if kind else (), actor, subject, in_utc(since), in_utc(until))
    page = await use_cases.list_events(wanted, by=caller, limit=limit, before=cursor)
    next_cursor = None if page.before is None else str(page.before)
    content = AuditEventList([_event(event) for event in page.events], next_cursor)
    return Response(content, headers=link_to_next(request, next_cursor))


@read(_PATH + "/verifications", response_headers=[LINK], responses=secured_problems())
async def list_verifications(
    *,
    request: Request[Any, Any, Any],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    limit: Annotated[int, LIMIT] = DEFAULT_LIMIT,
    cursor: Annotated[UUID | None, _CURSOR] = None,
) -> Response[VerificationList]:
    """List verifications of the audit trail.

    Newest first.
    """
    check_query(request)
    page = await use_cases.list_verifications(by=caller, limit=limit, before=cursor)
    next_cursor = None if page.before is None else str(page.before)
    content = VerificationList([_summary(each) for each in page.verifications], next_cursor)
    return Response(content, headers=link_to_next(request, next_cursor))


@read(_VERIFICATION, responses=secured_problems(404))
async def read_verification(
    verification_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> VerificationReportResponse:
    """Read a verification with its report."""
    found = await use_cases.read_verification(verification_id, by=caller)
    return VerificationReportResponse(_summary(found.verification), dict(found.content), found.fault)


@read(_VERIFICATION + "/report", media_type=JSON, responses=secured_problems(404))
async def download_verification_report(
    verification_id: FromPath[UUID], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[bytes]:
    """Download the report of a verification.

    The bytes whose SHA-256 the audit trail states.
    """
    found = await use_cases.read_verification(verification_id, by=caller)
    if found.document is None:
        raise VerificationNotFound(f"there is no report of verification {verification_id}: {found.fault}")
    disposition = f'attachment; filename="verification-{verification_id}.json"'
    return Response(found.document, media_type=JSON, headers={"Content-Disposition": disposition})


def _event(event: EventInHistory) -> AuditEvent:
    return AuditEvent(
        str(event.event_id), event.at, event.actor, event.kind, event.subject, dict(event.details), event.fault
    )


def _summary(past: PastVerification) -> VerificationSummary:
    entries = past.event.details.get("entries")
    return VerificationSummary(
        verification_id=str(past.event.event_id),
        at=past.event.at,
        by=past.event.actor,
        scope=past.signed.scope.value if past.signed else "unknown",
        result=past.result,
        violations=past.signed.violations if past.signed else None,
        entries=entries if type(entries) is int else None,
        trusted=past.trusted,
        report_sha256=past.report_sha256,
    )


AUDIT_ROUTES = (list_audit_events, list_verifications, read_verification, download_verification_report)
