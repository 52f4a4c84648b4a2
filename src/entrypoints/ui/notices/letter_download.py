"""The download of an issued letter."""

from uuid import UUID

from nicegui import app
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from application.ports.notices.notices import LetterFormat
from entrypoints.ui.access.sessions import LoggedOut, log_in_address
from entrypoints.ui.shared.error_messages import error_message_for
from entrypoints.ui.shared.page_context import Interface, PageContext


def register(interface: Interface) -> None:
    """Register the download of the PDF."""

    @app.get("/notices/{notice_id}/letter.pdf", include_in_schema=False)
    async def download(request: Request, notice_id: UUID) -> Response:
        context = PageContext(interface, request)
        try:
            letter = await context.use_cases.notices.read_letter(notice_id, LetterFormat.PDF, by=context.actor())
        except LoggedOut:
            return RedirectResponse(log_in_address(request), status_code=303)
        except Exception as error:
            message = error_message_for(error, where=request.url.path)
            return PlainTextResponse(f"{message.title}. {message.details}", status_code=message.status)
        headers = {"Content-Disposition": f'attachment; filename="notice-{notice_id}.pdf"'}
        return Response(letter, media_type="application/pdf", headers=headers)
