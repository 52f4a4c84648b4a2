"""Responses about the audit trail."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from entrypoints.api.http.responses import Timestamp

_CURSOR = Meta(description="Leads to the next page; null on the last.")


class AuditEvent(Struct, frozen=True):
    """An event of the audit trail: somebody did something."""

    event_id: str
    at: Timestamp
    actor: Annotated[str, Meta(description="A user, os:NAME at the command line, or system:service.")]
    kind: Annotated[str, Meta(description="What was done, such as `role changed`.")]
    subject: Annotated[str, Meta(description="What it is about; empty for the trail or the service itself.")]
    details: dict[str, Any]
    fault: Annotated[str, Meta(description="Why its document cannot be read; usually empty.")]


class AuditEventList(Struct, frozen=True):
    """Events, newest first."""

    events: list[AuditEvent]
    next_cursor: Annotated[str | None, _CURSOR]


class VerificationSummary(Struct, frozen=True):
    """A verification of the audit trail."""

    verification_id: str
    at: Annotated[Timestamp, Meta(description="When it was recorded.")]
    by: str
    scope: Annotated[str, Meta(description="`whole` or `incremental`; `unknown` for other writers' records.")]
    result: Annotated[str, Meta(description="`intact`, `broken` or `empty`.")]
    violations: Annotated[int | None, Meta(description="The number of integrity errors.")]
    entries: Annotated[int | None, Meta(description="The number of audit entries that were checked.")]
    trusted: Annotated[bool, Meta(description="Whether a trusted key signed the result.")]
    report_sha256: Annotated[str, Meta(description="The SHA-256 of its report; empty where none was kept.")]


class VerificationList(Struct, frozen=True):
    """Verifications, newest first."""

    verifications: list[VerificationSummary]
    next_cursor: Annotated[str | None, _CURSOR]


class VerificationReportResponse(Struct, frozen=True):
    """A verification with its report: what was checked, from where to where, and every integrity error."""

    verification: VerificationSummary
    report: Annotated[dict[str, Any], Meta(description="The report; empty where there is none.")]
    fault: Annotated[str, Meta(description="What is wrong with the report, such as that it was altered.")]
