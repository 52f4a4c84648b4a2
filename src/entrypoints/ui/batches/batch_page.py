"""One batch: how far it has got while one looks on, what came of it, its results and errors to download."""

from uuid import UUID

from nicegui import app, ui
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse

from application.ports.batches.batches import BatchNotFound, BatchOutput
from domain.access.user import Permission
from domain.batches.batch import Batch
from entrypoints.ui.access.sessions import LoggedOut, log_in_address
from entrypoints.ui.batches.batch_progress import draw_progress
from entrypoints.ui.batches.batch_view import BatchView, batch_view
from entrypoints.ui.shared.error_messages import fault_of, telling_faults
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.widgets import Words, alert, anchor, box, card, chip, definition, page_head

PATH = "/batches/{batch_id}"
_SECONDS_BETWEEN_LOOKS = 1.0


def register(interface: Interface) -> None:
    """The page of a batch, and its downloads."""
    add_page(interface, PATH, "Batch", _build, here="/batches")

    @app.get(PATH + "/{output}.csv", include_in_schema=False)
    async def download(request: Request, batch_id: UUID, output: BatchOutput) -> Response:
        visit = PageContext(interface, request)
        try:
            lines = await visit.use_cases.batches.output(batch_id, output, by=visit.actor())
        except LoggedOut:
            return RedirectResponse(log_in_address(request), status_code=303)
        except Exception as error:
            fault = fault_of(error, where=PATH)
            return PlainTextResponse(f"{fault.title}. {fault.text}", status_code=fault.status)
        name = f'attachment; filename="{batch_id}-{output.value}.csv"'
        return StreamingResponse(lines, media_type="text/csv", headers={"Content-Disposition": name})


async def _build(visit: PageContext) -> None:
    page = BatchPage(visit, _identifier(visit.request.path_params["batch_id"]))
    with page_head("Batch"):
        anchor("All batches", "/batches", "button-like")
    page.room = box("div", "batch").props("aria-live=polite")
    page.outside = box("div")
    await page.show()
    page.timer = ui.timer(_SECONDS_BETWEEN_LOOKS, telling_faults(page.show, where=PATH))
    page.rest_when_ended()


class BatchPage:
    """The batch as last seen; looked at again and again until it has ended."""

    room: ui.element
    outside: ui.element
    """Room for what stays while the batch is drawn anew."""
    timer: ui.timer | None = None

    def __init__(self, visit: PageContext, batch_id: UUID) -> None:
        self.visit = visit
        self.batch_id = batch_id
        self.shown: Batch | None = None

    async def show(self) -> None:
        """Look, and draw what has changed."""
        batch = await self.visit.use_cases.batches.read(self.batch_id, by=self.visit.actor(active=False))
        if batch != self.shown:
            self.shown = batch
            self.room.clear()
            with self.room:
                self._draw(batch_view(batch))
            self.rest_when_ended()

    def rest_when_ended(self) -> None:
        """Look no more once nothing will change."""
        if self.timer is not None and self.shown is not None and self.shown.state.ended:
            self.timer.deactivate()

    def _draw(self, view: BatchView) -> None:
        with card(view.name, "batch-card", note=f"Handed in by {view.requested_by}, {view.submitted}"):
            with box("div", "batch-state"):
                chip(view.state, view.look, view.sign)
                Words("span", f"{view.percent} %", "strong")
            draw_progress(view)
            if view.fault:
                alert(view.fault, "bad", title="The file could not be decided")
            with box("dl", "batch-counts"):
                definition("Rows read", view.rows)
                definition("Approved", view.approved)
                definition("Referred", view.referred)
                definition("Declined", view.declined)
                definition("Refused rows", view.refused)
                definition("Ended", view.finished or "not yet")
            with box("div", "batch-actions"):
                self._draw_actions(view)

    def _draw_actions(self, view: BatchView) -> None:
        if view.ended:
            for output, title in ((BatchOutput.RESULTS, "Results"), (BatchOutput.ERRORS, "Errors")):
                link = anchor(f"Download {title.lower()} (CSV)", f"{view.page}/{output.value}.csv", "button-like")
                link.props("download")
        elif self.visit.actor(active=False).may(Permission.SUBMIT_BATCHES):
            button = ui.button("Cancel the batch", on_click=self._ask)
            button.props("flat no-caps icon=block").classes("quiet")

    async def _ask(self) -> None:
        with self.outside:  # the button may be drawn anew before the answer comes
            await telling_faults(self._cancel, where=PATH)()

    async def _cancel(self) -> None:
        dialog = _asking()
        sure = await dialog
        dialog.delete()
        if not sure:
            return
        await self.visit.use_cases.batches.cancel(self.batch_id, by=self.visit.actor())
        await self.show()


def _asking() -> ui.dialog:
    """Asks whether to cancel; what is cancelled stays so."""
    with ui.dialog().props('aria-label="Cancel this batch?"') as dialog, box("div", "card asking"):
        Words("h2", "Cancel this batch?")
        Words("p", "Rows decided so far stay on record.")
        with box("div", "batch-actions"):
            keep = ui.button("Keep going", on_click=lambda: dialog.submit(False))
            keep.props("flat no-caps autofocus").classes("quiet")
            cancel = ui.button("Cancel the batch", on_click=lambda: dialog.submit(True))
            cancel.props("unelevated no-caps color=negative").mark("cancel-for-good")
    return dialog


def _identifier(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BatchNotFound(f"there is no batch {text[:40]}") from None
