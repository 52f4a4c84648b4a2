"""The report of a verification: what was checked, from where to where, by whom, and every violation found."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from application.use_cases.audit.verification_result import Verification
from domain.access.user import Actor
from domain.audit.checkpoint import Checkpoint
from domain.audit.entry import IntegrityViolation
from domain.audit.evidence import exact_time
from domain.canonical_json import canonical_json
from domain.stored_document import DocumentFault, DocumentKind, UnreadableDocument

REPORT = DocumentKind("verification report")


def report_of(
    found: Verification, last: Checkpoint | None, *, began: datetime, ended: datetime, by: Actor
) -> bytes:
    """The report as JSON. It lists as many violations as the result does."""
    since = found.since
    content: dict[str, Any] = {
        "kind": REPORT.name,
        "schema": REPORT.schema,
        "began_at": exact_time(began),
        "ended_at": exact_time(ended),
        "by": by.name,
        "role": by.role.value,
        "scope": found.scope.value,
        "result": found.result,
        "from": {"checkpoint": since.checkpoint, "verified_at": exact_time(since.at)} if since else {},
        "to": {"checkpoint": last.number, "at": exact_time(last.at), "key": found.key} if last else {},
        "everything_verified_at": exact_time(since.whole_at if since else began),
        "chains": found.chains,
        "entries": found.entries,
        "events": found.events,
        "checkpoints": found.checkpoints,
        "copies_compared": found.copies_compared,
        "archived_records": found.archived,
        "archived_months": [str(month) for month in found.archived_months],
        "violation_count": found.violation_count,
        "violations": [_violation(each) for each in found.violations],
    }
    return f"{canonical_json(content)}\n".encode()


def _violation(violation: IntegrityViolation) -> dict[str, Any]:
    return {
        "place": violation.place,
        "why": violation.why,
        "chain": violation.chain and str(violation.chain),
        "entry": violation.sequence,
        "subject": violation.subject and str(violation.subject),
        "subject_kind": violation.kind.value if violation.subject else None,
        "checkpoint": violation.checkpoint,
        "version": violation.version,
    }


def read_report(document: bytes) -> Mapping[str, Any]:
    """The content of a report; raises UnreadableDocument."""
    try:
        return REPORT.upgraded(json.loads(document))
    except (ValueError, RecursionError) as fault:
        raise UnreadableDocument(DocumentFault.NOT_JSON, f"it is not valid JSON ({fault})") from fault
