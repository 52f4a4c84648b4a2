"""The page of an import of outcomes: live progress, counts, and the refused rows with their download."""

from uuid import UUID

from nicegui import app, ui
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse

from application.ports.outcomes.outcome_imports import ImportNotFound
from domain.outcomes.outcome_import import OutcomeImport
from entrypoints.ui.access.sessions import LoggedOut, log_in_address
from entrypoints.ui.monitoring.charts import draw_table
from entrypoints.ui.outcomes.import_view import MOST_ERRORS, ImportView, first_errors, import_view
from entrypoints.ui.shared.error_messages import error_message_for, reporting_errors
from entrypoints.ui.shared.file_progress import draw_progress
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.widgets import Text, alert, anchor, box, card, chip, definition, page_header

PATH = "/outcomes/imports/{import_id}"
_REFRESH_SECONDS = 1.0
_RESUMES = (
    "The import goes on by itself, also after an interruption: a worker continues after the last recorded rows. "
    "You can leave this page."
)


def register(interface: Interface) -> None:
    """Register the page of an import and the download of its errors."""
    add_page(interface, PATH, "Import of outcomes", _build, current="/outcomes")

    @app.get(PATH + "/errors.csv", include_in_schema=False)
    async def download(request: Request, import_id: UUID) -> Response:
        context = PageContext(interface, request)
        try:
            lines = await context.use_cases.outcomes.import_errors(import_id, by=context.actor())
        except LoggedOut:
            return RedirectResponse(log_in_address(request), status_code=303)
        except Exception as error:
            message = error_message_for(error, where=PATH)
            return PlainTextResponse(f"{message.title}. {message.details}", status_code=message.status)
        disposition = f'attachment; filename="{import_id}-errors.csv"'
        return StreamingResponse(lines, media_type="text/csv", headers={"Content-Disposition": disposition})


async def _build(context: PageContext) -> None:
    page = OutcomeImportPage(context, _identifier(context.request.path_params["import_id"]))
    with page_header("Import of outcomes"):
        anchor("Outcomes", "/outcomes", "button-secondary")
    page.content = box("div", "outcomes-page").props("aria-live=polite")
    await page.show()
    page.timer = ui.timer(_REFRESH_SECONDS, reporting_errors(page.show, where=PATH))
    page.stop_when_finished()


class OutcomeImportPage:
    """The import as last loaded; refreshed by a timer until it has finished."""

    content: ui.element
    timer: ui.timer | None = None

    def __init__(self, context: PageContext, import_id: UUID) -> None:
        self.context = context
        self.import_id = import_id
        self.shown: OutcomeImport | None = None

    async def show(self) -> None:
        """Load the import, and redraw it if it has changed."""
        actor = self.context.actor(active=False)
        found = await self.context.use_cases.outcomes.read_import(self.import_id, by=actor)
        if found == self.shown:
            return
        self.shown, view = found, import_view(found)
        errors = None
        if view.has_errors:
            lines = await self.context.use_cases.outcomes.import_errors(self.import_id, by=actor)
            errors = await first_errors(lines)
        self.content.clear()
        with self.content:
            _draw(view)
            if errors is not None:
                note = f"The first {MOST_ERRORS}; the download has all." if len(errors.rows) == MOST_ERRORS else ""
                with card("Refused rows", note=note):
                    draw_table(errors, "text-cells")
                    with box("div", "batch-actions table-actions"):
                        link = anchor("Download all (CSV)", f"{view.page}/errors.csv", "button-secondary")
                        link.props("download")
        self.stop_when_finished()

    def stop_when_finished(self) -> None:
        """Stop the timer when the import has finished."""
        if self.timer is not None and self.shown is not None and self.shown.state.ended:
            self.timer.deactivate()


def _draw(view: ImportView) -> None:
    with card(view.name, "batch-card", note=f"Uploaded by {view.requested_by}, {view.submitted}"):
        with box("div", "batch-state"):
            chip(view.state, view.style, view.icon_name)
            Text("span", f"{view.percent} %", "strong")
        draw_progress(view)
        if view.fault:
            alert(view.fault, "error", title="File could not be imported")
        elif not view.ended:
            Text("p", _RESUMES, "note")
        with box("dl", "batch-counts"):
            definition("Rows read", view.rows)
            definition("Recorded", view.recorded)
            definition("Known before", view.repeated)
            definition("Refused", view.refused)
            definition("Finished", view.finished or "Not yet")
            if view.as_of:
                definition("Day of rows without one", view.as_of)


def _identifier(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ImportNotFound(f"there is no import {text[:40]}") from None
