"""Evidence on decisions, as zip files that can be verified without the service."""

from collections.abc import AsyncIterator
from typing import Any, cast
from uuid import UUID

from litestar import HttpMethod, Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from application.catalog import UseCases
from application.use_cases.audit.export_evidence import EvidenceSelection, ExportedEvidence
from domain.access.user import Actor, Permission
from entrypoints.api.audit.selection import LARGEST_BODY, EvidenceSelectionBody, read_selection
from entrypoints.api.http.declarations import read, request_body, secured_problems
from entrypoints.api.http.request_body import read_body, require_media_type
from entrypoints.api.http.responses import JSON

ZIP = "application/zip"


@read("/api/v1/decisions/{decision_id:uuid}/evidence", media_type=ZIP, responses=secured_problems(404, 409))
async def export_decision_evidence(
    request: Request[Any, Any, Any],
    decision_id: FromPath[UUID],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
) -> Response[bytes]:
    """Export evidence on a decision.

    A zip file with the record, its way to a signed checkpoint, the policy, product and model that decided, a PDF
    for people, and a program that verifies all of it offline. The export is recorded on the audit trail.
    """
    if request.method == HttpMethod.HEAD:
        caller.require(Permission.EXPORT_EVIDENCE)
        await use_cases.read_decision(decision_id, by=caller)
        return Response(b"", media_type=ZIP)
    return _zip(await use_cases.export_evidence(EvidenceSelection(identifiers=(decision_id,)), by=caller))


@post(
    "/api/v1/evidence",
    status_code=200,
    media_type=ZIP,
    responses=secured_problems(404, 408, 413, 415, 422),
    operation_class=request_body(JSON, form=EvidenceSelectionBody),
)
async def export_evidence(
    request: Request[Any, Any, Any], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[bytes]:
    """Export evidence on a selection of decisions.

    The zip file is like that on one decision. A selection of more than 1,000 decisions is rejected with 422.
    """
    caller.require(Permission.EXPORT_EVIDENCE)  # before the body is judged or read
    headers = dict(request.scope["headers"])
    require_media_type(JSON, headers)
    selection = read_selection(await read_body(request.receive, headers, limit=LARGEST_BODY))
    return _zip(await use_cases.export_evidence(selection, by=caller))


def _zip(exported: ExportedEvidence) -> Response[bytes]:
    content: AsyncIterator[bytes] = exported.package.content
    headers = {
        "Content-Disposition": f'attachment; filename="{exported.name}"',
        "Content-Length": str(exported.package.size),
    }
    return cast("Response[bytes]", Stream(content, media_type=ZIP, headers=headers))


EVIDENCE_ROUTES = (export_decision_evidence, export_evidence)
