"""The batches: a file is handed in here, and every batch is listed with how far it has got, newest first."""

from uuid import UUID

from nicegui import events, ui

from domain.access.user import Permission
from entrypoints.ui.batches.batch_progress import draw_progress
from entrypoints.ui.batches.batch_view import BatchView, batch_view
from entrypoints.ui.http.request_bodies import MAX_UPLOAD_BYTES
from entrypoints.ui.shared.error_messages import telling_faults
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.widgets import Words, anchor, box, card, chip, icon, page_head, scroll_to

A_PAGE = 25
_SECONDS_BETWEEN_LOOKS = 2.0
_REFUSED = {
    "accept": ("This kind of file is not taken", "Only CSV, CSV.gz and Parquet; save a workbook as CSV."),
    "max-file-size": ("The file is too large for the browser", "Hand it in through the API."),
    "max-files": ("One file at a time", "Wait until the file before has arrived."),
}
"""What is said of a file that the browser holds back, by the check of Quasar's QUploader that it fails."""
_COLUMNS = (("Handed in", ""), ("State", ""), ("Rows", "amount"), ("File", ""), ("Progress", ""), ("By", ""))


def register(interface: Interface) -> None:
    """The page /batches."""
    add_page(interface, "/batches", "Batches", _build, here="/batches")


async def _build(visit: PageContext) -> None:
    actor = visit.actor()
    actor.must(Permission.READ_DECISIONS)
    with page_head("Batches", "Files of loan applications, decided row by row."):
        pass
    if actor.may(Permission.SUBMIT_BATCHES):
        _draw_upload(visit)
    found = BatchList(visit)
    await found.show()
    ui.timer(_SECONDS_BETWEEN_LOOKS, telling_faults(found.look_again, where="/batches"))


def _draw_upload(visit: PageContext) -> None:
    async def take(event: events.UploadEventArguments) -> None:
        name = "".join(each for each in event.file.name if each.isprintable())[:200] or "batch"

        async def submit() -> None:
            submitted = await visit.use_cases.batches.submit(event.file.iterate(), name=name, by=visit.actor())
            ui.navigate.to(f"/batches/{submitted.batch.batch_id}")

        await telling_faults(submit, where="/batches")()

    note = "CSV, CSV.gz or Parquet of at most 256 MB, with columns named as LendingClub's files name them."
    with card("Hand in a file", "hand-in", note=note):
        upload = ui.upload(auto_upload=True, max_files=1, max_file_size=MAX_UPLOAD_BYTES, on_upload=take)
        upload.props('flat bordered accept=".csv,.gz,.parquet,.pq"').classes("upload").mark("upload")
        with upload.add_slot("header"), box("div", "upload-head"):
            with ui.button("Choose a file").props("unelevated no-caps icon=upload_file"):
                box("q-uploader-add-trigger")
            Words("span", "or drop it here")
        # in the browser, which opens its chooser only while it handles a click
        upload.on("click", js_handler=f"(click) => getElement({upload.id}).$refs.qRef.pickFiles(click)")
        upload.on("finish", upload.reset)  # however it ended: the browser has room for one file only
        upload.on("failed", lambda: ui.notify("The file did not arrive", caption="Try again.", type="negative"))
        # NiceGUI's own on_rejected does not say why
        upload.on("rejected", _refuse, js_handler="(all) => emit(all.map((one) => one.failedPropValidation))")


def _refuse(event: events.GenericEventArguments) -> None:
    title, caption = _REFUSED.get(next(iter(event.args), ""), ("The file was not taken", "Choose another."))
    ui.notify(title, caption=caption, type="negative")


class BatchList:
    """The page of batches shown, and the places of the pages before it."""

    def __init__(self, visit: PageContext) -> None:
        self.visit = visit
        self.places: list[UUID | None] = [None]
        self.shown: tuple[object, ...] = ()
        self.room = box("div", "results")

    async def show(self) -> None:
        """Ask for the page of the last place, and draw it where it has changed."""
        actor = self.visit.actor(active=False)
        page = await self.visit.use_cases.batches.list(by=actor, limit=A_PAGE, before=self.places[-1])
        shown = (tuple(self.places), page)
        if shown == self.shown:
            return
        self.shown = shown
        self.room.clear()
        with self.room:
            if page.batches:
                _draw_table([batch_view(batch) for batch in page.batches])
                self._draw_paging(page.next_before)
            else:
                _draw_nothing()

    async def look_again(self) -> None:
        """See how far the newest have got; older pages stay as they are."""
        if len(self.places) == 1:
            await self.show()

    def _draw_paging(self, next_before: UUID | None) -> None:
        if next_before is None and len(self.places) == 1:
            return
        with box("div", "paging"):
            self._turn("Newer", "chevron_left", len(self.places) > 1, self.places[:-1])
            self._turn("Older", "chevron_right", next_before is not None, [*self.places, next_before])

    def _turn(self, title: str, sign: str, possible: bool, places: list[UUID | None]) -> None:
        async def turn() -> None:
            self.places = places
            await self.show()
            scroll_to(self.room)

        button = ui.button(title, on_click=telling_faults(turn, where="/batches"))
        button.props(f"flat no-caps icon={sign}").classes("quiet")
        button.enabled = possible


def _draw_table(views: list[BatchView]) -> None:
    with box("div", "card list-card"), box("table", "decisions"):
        Words("caption", "Batches, newest first", "unseen")
        with box("thead"), box("tr"):
            for title, classes in _COLUMNS:
                Words("th", title, classes).props("scope=col")
        with box("tbody"):
            for view in views:
                _draw_row(view)


def _draw_row(view: BatchView) -> None:
    with box("tr"):
        with box("td", "cell-decided"):
            anchor(view.submitted, view.page, "row-link")
        with box("td", "cell-outcome"):
            chip(view.state, view.look, view.sign)
        Words("td", view.rows, "amount cell-amount")
        Words("td", view.name, "cell-purpose file-name")
        with box("td", "cell-progress"):
            draw_progress(view)
        Words("td", view.requested_by, "cell-by")


def _draw_nothing() -> None:
    with box("div", "card nothing"):
        icon("inbox", "nothing-sign")
        Words("h2", "No batches yet")
        Words("p", "Each file that is handed in, here or through the API, is listed on this page.")
