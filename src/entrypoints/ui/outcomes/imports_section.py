"""Imports of outcomes: the upload of a file, and the list of imports with their progress."""

from datetime import date
from uuid import UUID

from nicegui import events, ui

from application.ports.outcomes.outcome_imports import ImportPage
from entrypoints.ui.outcomes.import_view import ImportView, import_view
from entrypoints.ui.shared.error_messages import reporting_errors
from entrypoints.ui.shared.file_progress import draw_progress
from entrypoints.ui.shared.file_upload import draw_file_upload, name_of
from entrypoints.ui.shared.page_context import PageContext
from entrypoints.ui.shared.paging import draw_page_buttons
from entrypoints.ui.shared.widgets import Text, anchor, box, card, chip, scroll_to

PAGE_SIZE = 10
_REFRESH_SECONDS = 2.0
_WHERE = "/outcomes"
_COLUMNS = (
    ("Uploaded", ""),
    ("State", ""),
    ("Rows", "amount"),
    ("File", ""),
    ("Progress", ""),
    ("Uploaded by", ""),
)
_NOTE = (
    "CSV, CSV.gz or Parquet up to 256 MiB: a row per outcome with the columns application_reference or "
    "application_id, status, and as_of for its day. Columns and statuses of LendingClub and codes of Metro 2 are "
    "understood."
)


async def draw_imports(context: PageContext) -> None:
    """Draw the upload and the list, which follows the progress."""
    _draw_upload(context)
    imports = ImportList(context)
    await imports.show()
    ui.timer(_REFRESH_SECONDS, reporting_errors(imports.refresh, where=_WHERE))


def _draw_upload(context: PageContext) -> None:
    async def receive(event: events.UploadEventArguments) -> None:
        async def submit() -> None:
            day, as_of.error = _day_in(as_of.value or "")
            if as_of.error:
                return
            submitted = await context.use_cases.outcomes.submit_import(
                event.file.iterate(), name=name_of(event.file.name, "outcomes"), by=context.actor(), as_of=day
            )
            ui.navigate.to(f"/outcomes/imports/{submitted.wanted.import_id}")

        await reporting_errors(submit, where=_WHERE)()

    with card("Import outcomes", "upload-card", note=_NOTE):
        with box("div", "fields"):
            as_of = ui.input("Day of rows without one").props(
                'type=date outlined stack-label hint="Needed if the file has no column with the day"'
            )
            as_of.mark("import-as-of")
        draw_file_upload(receive)


def _day_in(text: str) -> tuple[date | None, str | None]:
    """The day in a field, or what is wrong with it."""
    try:
        return (date.fromisoformat(text), None) if text else (None, None)
    except ValueError:
        return None, "Enter a date, e.g. 2026-03-14"


class ImportList:
    """The current page of imports, and the cursors of the pages before it."""

    def __init__(self, context: PageContext) -> None:
        self.context = context
        self.cursors: list[UUID | None] = [None]
        self.shown: tuple[object, ...] = ()
        self.results = box("div", "results")

    async def show(self) -> None:
        """Load the page at the last cursor, and redraw it if it has changed."""
        actor = self.context.actor(active=False)
        page = await self.context.use_cases.outcomes.list_imports(
            by=actor, limit=PAGE_SIZE, before=self.cursors[-1]
        )
        shown = (tuple(self.cursors), page)
        if shown == self.shown:
            return
        self.shown = shown
        self.results.clear()
        with self.results:
            self._draw(page)

    async def refresh(self) -> None:
        """Refresh the first page; older pages stay as they are."""
        if len(self.cursors) == 1:
            await self.show()

    def _draw(self, page: ImportPage) -> None:
        if not page.imports:
            Text("p", "No outcomes were imported yet.", "note")
            return
        _draw_table([import_view(each) for each in page.imports])
        if page.next_before is not None or len(self.cursors) > 1:
            with box("div", "paging"):
                draw_page_buttons(self.cursors, page.next_before, self._open_page, where=_WHERE)

    async def _open_page(self, cursors: list[UUID | None]) -> None:
        self.cursors = cursors
        await self.show()
        scroll_to(self.results)


def _draw_table(views: list[ImportView]) -> None:
    with box("div", "card list-card"), box("table", "list-table"):
        Text("caption", "Imports of outcomes, newest first", "visually-hidden")
        with box("thead"), box("tr"):
            for title, classes in _COLUMNS:
                Text("th", title, classes).props("scope=col")
        with box("tbody"):
            for view in views:
                _draw_row(view)


def _draw_row(view: ImportView) -> None:
    with box("tr"):
        with box("td", "cell-decided"):
            anchor(view.submitted, view.page, "row-link")
        with box("td", "cell-outcome"):
            chip(view.state, view.style, view.icon_name)
        Text("td", view.rows, "amount cell-amount")
        Text("td", view.name, "cell-purpose file-name")
        with box("td", "cell-progress"):
            draw_progress(view)
        Text("td", view.requested_by, "cell-by")
