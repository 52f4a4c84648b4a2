"""Downloads of evidence on one decision, and on those that match the filters of the list."""

from uuid import UUID

from nicegui import app
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse

from application.use_cases.audit.export_evidence import EvidenceSelection
from entrypoints.ui.access.sessions import LoggedOut, log_in_address
from entrypoints.ui.decisions.decision_search import InvalidSearch, Search, address_of, filter_from
from entrypoints.ui.shared.error_messages import error_message_for
from entrypoints.ui.shared.page_context import Interface, PageContext
from entrypoints.ui.shared.time_zone import zone_named

OF_SELECTION = "/evidence.zip"


def address_of_selection(search: Search, zone: str) -> str:
    """The address of the evidence on the decisions that a list shows on all its pages."""
    return OF_SELECTION + address_of(search, zone).removeprefix("/decisions")


def register(interface: Interface) -> None:
    """Register both downloads."""

    @app.get("/decisions/{decision_id}/evidence.zip", include_in_schema=False)
    async def download_one(request: Request, decision_id: UUID) -> Response:
        return await _download(interface, request, EvidenceSelection(identifiers=(decision_id,)))

    @app.get(OF_SELECTION, include_in_schema=False)
    async def download_selection(request: Request) -> Response:
        try:
            zone = zone_named(request.query_params.get("zone"))
            selection = EvidenceSelection(filter_from(request.query_params, zone))
        except InvalidSearch as error:
            return PlainTextResponse(f"These filters are invalid: {error}.", status_code=422)
        return await _download(interface, request, selection)


async def _download(interface: Interface, request: Request, selection: EvidenceSelection) -> Response:
    context = PageContext(interface, request)
    try:
        exported = await context.use_cases.export_evidence(selection, by=context.actor())
    except LoggedOut:
        return RedirectResponse(log_in_address(request), status_code=303)
    except Exception as error:
        message = error_message_for(error, where=request.url.path)
        return PlainTextResponse(f"{message.title}. {message.details}", status_code=message.status)
    headers = {
        "Content-Disposition": f'attachment; filename="{exported.name}"',
        "Content-Length": str(exported.package.size),
    }
    return StreamingResponse(exported.package.content, media_type="application/zip", headers=headers)
