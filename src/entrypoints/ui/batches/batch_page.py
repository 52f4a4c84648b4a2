"""The batch page: live progress, totals, and downloads of results and errors."""

from uuid import UUID

from nicegui import app, ui
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse

from application.ports.batches.batches import BatchNotFound, BatchOutput
from domain.access.user import Permission
from domain.batches.batch import Batch
from entrypoints.ui.access.sessions import LoggedOut, log_in_address
from entrypoints.ui.batches.batch_view import BatchView, batch_view
from entrypoints.ui.shared.error_messages import error_message_for, reporting_errors
from entrypoints.ui.shared.file_progress import draw_progress
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.widgets import Text, alert, anchor, answer_of, box, card, chip, definition, page_header

PATH = "/batches/{batch_id}"
_REFRESH_SECONDS = 1.0


def register(interface: Interface) -> None:
    """Register the page of a batch and its downloads."""
    add_page(interface, PATH, "Batch", _build, current="/batches")

    @app.get(PATH + "/{output}.csv", include_in_schema=False)
    async def download(request: Request, batch_id: UUID, output: BatchOutput) -> Response:
        context = PageContext(interface, request)
        try:
            lines = await context.use_cases.batches.output(batch_id, output, by=context.actor())
        except LoggedOut:
            return RedirectResponse(log_in_address(request), status_code=303)
        except Exception as error:
            message = error_message_for(error, where=PATH)
            return PlainTextResponse(f"{message.title}. {message.details}", status_code=message.status)
        disposition = f'attachment; filename="{batch_id}-{output.value}.csv"'
        return StreamingResponse(lines, media_type="text/csv", headers={"Content-Disposition": disposition})


async def _build(context: PageContext) -> None:
    page = BatchPage(context, _identifier(context.request.path_params["batch_id"]))
    with page_header("Batch"):
        anchor("All batches", "/batches", "button-secondary")
    page.content = box("div", "batch").props("aria-live=polite")
    page.dialogs = box("div")
    await page.show()
    page.timer = ui.timer(_REFRESH_SECONDS, reporting_errors(page.show, where=PATH))
    page.stop_when_finished()


class BatchPage:
    """The batch as last loaded; refreshed by a timer until it has finished."""

    content: ui.element
    dialogs: ui.element
    """The parent of dialogs, which stay open while the content is redrawn."""
    timer: ui.timer | None = None

    def __init__(self, context: PageContext, batch_id: UUID) -> None:
        self.context = context
        self.batch_id = batch_id
        self.shown: Batch | None = None
        self.asking = False

    async def show(self) -> None:
        """Load the batch, and redraw it if it has changed."""
        batch = await self.context.use_cases.batches.read(self.batch_id, by=self.context.actor(active=False))
        if batch != self.shown:
            self.shown = batch
            self.content.clear()
            with self.content:
                self._draw(batch_view(batch))
            self.stop_when_finished()

    def stop_when_finished(self) -> None:
        """Stop the timer when the batch has finished."""
        if self.timer is not None and self.shown is not None and self.shown.state.ended:
            self.timer.deactivate()

    def _draw(self, view: BatchView) -> None:
        with card(view.name, "batch-card", note=f"Uploaded by {view.requested_by}, {view.submitted}"):
            with box("div", "batch-state"):
                chip(view.state, view.style, view.icon_name)
                Text("span", f"{view.percent} %", "strong")
            draw_progress(view)
            if view.error:
                alert(view.error, "error", title="File could not be processed")
            if view.notices:
                alert(" ".join(view.notices), "info", title="About this file")
            with box("dl", "batch-counts"):
                definition("Rows read", view.rows)
                definition("Approved", view.approved)
                definition("Referred", view.referred)
                definition("Declined", view.declined)
                definition("Rejected rows", view.rejected)
                definition("Finished", view.finished or "Not yet")
                if view.stated:
                    definition("File format", view.stated)
                if view.kept:
                    definition("Repeated columns", view.kept)
                if view.trial:
                    definition("Trial run", "Left out of overviews")
            with box("div", "batch-actions"):
                self._draw_actions(view)

    def _draw_actions(self, view: BatchView) -> None:
        if view.ended:
            for output, title in ((BatchOutput.RESULTS, "Results"), (BatchOutput.ERRORS, "Errors")):
                link = anchor(
                    f"Download {title.lower()} (CSV)", f"{view.page}/{output.value}.csv", "button-secondary"
                )
                link.props("download")
        elif self.context.actor(active=False).may(Permission.SUBMIT_BATCHES):
            button = ui.button("Cancel batch", on_click=self._confirm_cancel)
            button.props("flat no-caps icon=block").classes("button-text")

    async def _confirm_cancel(self) -> None:
        if self.asking:  # a double click must not ask twice
            return
        self.asking = True
        try:
            with self.dialogs:  # the button may be redrawn before the user responds
                await reporting_errors(self._cancel, where=PATH)()
        finally:
            self.asking = False

    async def _cancel(self) -> None:
        dialog = _confirmation_dialog()
        confirmed = await answer_of(dialog)
        if not confirmed:
            return
        await self.context.use_cases.batches.cancel(self.batch_id, by=self.context.actor())
        await self.show()


def _confirmation_dialog() -> ui.dialog:
    """Asks for confirmation, because cancelling cannot be undone."""
    with ui.dialog().props('aria-label="Cancel this batch?"') as dialog, box("div", "card dialog"):
        Text("h2", "Cancel this batch?")
        Text("p", "Decisions made so far remain on record. This cannot be undone.")
        with box("div", "batch-actions"):
            keep = ui.button("Keep running", on_click=lambda: dialog.submit(False))
            keep.props("flat no-caps autofocus").classes("button-text")
            cancel = ui.button("Cancel batch", on_click=lambda: dialog.submit(True))
            cancel.props("unelevated no-caps color=negative").mark("confirm-cancel")
    return dialog


def _identifier(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BatchNotFound(f"there is no batch {text[:40]}") from None
