"""The batches page: upload of a file, and the list of batches with their progress, newest first."""

from uuid import UUID

from nicegui import events, ui

from domain.access.user import Permission
from domain.batches.kept_columns import InvalidKeptColumns, columns_in
from entrypoints.ui.batches.batch_view import BatchView, batch_view
from entrypoints.ui.batches.conventions import ConventionInputs
from entrypoints.ui.shared.error_messages import reporting_errors
from entrypoints.ui.shared.file_progress import draw_progress
from entrypoints.ui.shared.file_upload import draw_file_upload, name_of
from entrypoints.ui.shared.formats import sentence
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.paging import draw_page_buttons
from entrypoints.ui.shared.widgets import Text, anchor, box, card, chip, icon, page_header, scroll_to

PAGE_SIZE = 25
_REFRESH_SECONDS = 2.0
_COLUMNS = (
    ("Uploaded", ""),
    ("State", ""),
    ("Rows", "amount"),
    ("File", ""),
    ("Progress", ""),
    ("Uploaded by", ""),
)


def register(interface: Interface) -> None:
    """Register the page /batches."""
    add_page(interface, "/batches", "Batches", _build, current="/batches")


async def _build(context: PageContext) -> None:
    actor = context.actor()
    actor.require(Permission.READ_DECISIONS)
    with page_header("Batches", "Files of loan applications, one decision per row."):
        pass
    if actor.may(Permission.SUBMIT_BATCHES):
        _draw_upload(context)
    batches = BatchList(context)
    await batches.show()
    ui.timer(_REFRESH_SECONDS, reporting_errors(batches.refresh, where="/batches"))


def _draw_upload(context: PageContext) -> None:
    async def receive(event: events.UploadEventArguments) -> None:
        name = name_of(event.file.name, "batch")

        async def submit() -> None:
            submitted = await context.use_cases.batches.submit(
                event.file.iterate(),
                name=name,
                by=context.actor(),
                conventions=conventions.stated(),
                trial=trial.value,
                keep=columns_in(keep.value),
            )
            ui.navigate.to(f"/batches/{submitted.batch.batch_id}")

        await reporting_errors(submit, where="/batches")()

    note = "CSV, CSV.gz or Parquet up to 256 MiB, with a column for each field of an application"
    with card("Upload a file", "upload-card", note=note):
        conventions = ConventionInputs(context.use_cases.read_product_in_force())
        with box("div", "fields"):
            keep = ui.input("Columns to repeat in the results", validation=_problem_of_columns)
            keep.props('outlined stack-label hint="Names from the file, separated by commas"').mark("keep")
            trial = ui.checkbox("Trial run, left out of overviews").mark("trial")
        draw_file_upload(receive)


def _problem_of_columns(text: str | None) -> str | None:
    try:
        columns_in(text)
    except InvalidKeptColumns as fault:
        return sentence(str(fault))
    return None


class BatchList:
    """The current page of batches, and the cursors of the pages before it."""

    def __init__(self, context: PageContext) -> None:
        self.context = context
        self.cursors: list[UUID | None] = [None]
        self.shown: tuple[object, ...] = ()
        self.results = box("div", "results")

    async def show(self) -> None:
        """Load the page at the last cursor, and redraw it if it has changed."""
        actor = self.context.actor(active=False)
        page = await self.context.use_cases.batches.list(by=actor, limit=PAGE_SIZE, before=self.cursors[-1])
        shown = (tuple(self.cursors), page)
        if shown == self.shown:
            return
        self.shown = shown
        self.results.clear()
        with self.results:
            if page.batches:
                _draw_table([batch_view(batch) for batch in page.batches])
                self._draw_paging(page.next_before)
            else:
                _draw_empty(may_submit=actor.may(Permission.SUBMIT_BATCHES))

    async def refresh(self) -> None:
        """Refresh the first page; older pages stay as they are."""
        if len(self.cursors) == 1:
            await self.show()

    def _draw_paging(self, next_before: UUID | None) -> None:
        if next_before is None and len(self.cursors) == 1:
            return
        with box("div", "paging"):
            draw_page_buttons(self.cursors, next_before, self._open_page, where="/batches")

    async def _open_page(self, cursors: list[UUID | None]) -> None:
        self.cursors = cursors
        await self.show()
        scroll_to(self.results)


def _draw_table(views: list[BatchView]) -> None:
    with box("div", "card list-card"), box("table", "list-table"):
        Text("caption", "Batches, newest first", "visually-hidden")
        with box("thead"), box("tr"):
            for title, classes in _COLUMNS:
                Text("th", title, classes).props("scope=col")
        with box("tbody"):
            for view in views:
                _draw_row(view)


def _draw_row(view: BatchView) -> None:
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


def _draw_empty(*, may_submit: bool) -> None:
    with box("div", "card empty-state"):
        icon("inbox", "empty-icon")
        Text("h2", "No batches yet")
        if may_submit:
            Text(
                "p",
                "Upload a file above. Files sent to the API are listed here too.",
            )
        else:
            Text(
                "p",
                "Files that risk managers upload here or systems send to the API are listed on this page.",
            )
