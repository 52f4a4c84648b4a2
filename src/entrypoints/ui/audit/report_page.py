"""The page of a past verification: its report, to be read and downloaded."""

from uuid import UUID

from nicegui import app
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from application.use_cases.audit.read_verifications import VerificationNotFound
from entrypoints.ui.access.sessions import LoggedOut, log_in_address
from entrypoints.ui.audit.report_view import ReportView, report_view
from entrypoints.ui.shared.error_messages import error_message_for
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.widgets import Text, alert, anchor, box, card, definition, page_header

PATH = "/audit/verifications/{verification_id}"


def register(interface: Interface) -> None:
    """Register the page and its download."""
    add_page(interface, PATH, "Verification", _build, current="/audit")

    @app.get(PATH + "/report.json", include_in_schema=False)
    async def download(request: Request, verification_id: UUID) -> Response:
        context = PageContext(interface, request)
        try:
            document = await _document_of(context, verification_id)
        except LoggedOut:
            return RedirectResponse(log_in_address(request), status_code=303)
        except Exception as error:
            message = error_message_for(error, where=PATH)
            return PlainTextResponse(f"{message.title}. {message.details}", status_code=message.status)
        disposition = f'attachment; filename="verification-{verification_id}.json"'
        return Response(document, media_type="application/json", headers={"Content-Disposition": disposition})


async def _document_of(context: PageContext, verification_id: UUID) -> bytes:
    found = await context.use_cases.read_verification(verification_id, by=context.actor())
    if found.document is None:
        raise VerificationNotFound(f"there is no report of verification {verification_id}: {found.fault}")
    return found.document


async def _build(context: PageContext) -> None:
    identifier = context.request.path_params["verification_id"]
    try:
        verification_id = UUID(identifier)
    except ValueError as error:
        raise VerificationNotFound(f"there is no verification {identifier[:40]}") from error
    found = await context.use_cases.read_verification(verification_id, by=context.actor())
    _draw(report_view(found), str(verification_id), kept=found.document is not None)


def _draw(view: ReportView, identifier: str, *, kept: bool) -> None:
    with page_header("Verification", view.recorded):
        if kept:
            link = anchor("Download report", f"/audit/verifications/{identifier}/report.json", "button-secondary")
            link.classes("screen-only").props("download")
        anchor("Audit trail", "/audit", "button-secondary screen-only")
    alert("", view.tone, title=view.headline)
    for warning in view.warnings:
        alert(warning, "warning")
    if view.facts:
        with card("Report"), box("dl", "definitions"):
            for label, value in view.facts:
                definition(label, value)
    if view.violations:
        with card("Integrity errors"), box("div", "table-scroll"), box("table", "violations"):
            with box("thead"), box("tr"):
                for title in ("Place", "Integrity error"):
                    Text("th", title).props("scope=col")
            with box("tbody"):
                for place, why in view.violations:
                    with box("tr"):
                        Text("td", place)
                        Text("td", why)
