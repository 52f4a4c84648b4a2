"""The button that claims the most urgent case and opens it."""

from uuid import uuid4

from nicegui import ui

from application.ports.decisions.idempotency import IdempotencyKey
from entrypoints.ui.cases.case_search import PATH
from entrypoints.ui.shared.error_messages import reporting_errors
from entrypoints.ui.shared.live import pressed_by
from entrypoints.ui.shared.page_context import PageContext
from entrypoints.ui.shared.widgets import alert


class NextCase:
    """Claims one case per press: a repeated press under the same key gets the same case."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._key = IdempotencyKey(str(uuid4()))
        self._claiming = False
        self.message: ui.element | None = None

    def draw(self) -> None:
        """Draw the button."""
        self._button = ui.button("Next case", on_click=reporting_errors(self._claim, where=PATH))
        self._button.props("unelevated no-caps icon=play_arrow").classes("button-primary")
        pressed_by(self._button, "n")

    async def _claim(self) -> None:
        if self._claiming:
            return
        self._claiming = True
        self._button.props("loading")
        try:
            claimed = await self._context.use_cases.cases.claim_next(by=self._context.actor(), key=self._key)
        finally:
            self._claiming = False
            self._button.props(remove="loading")
        self._key = IdempotencyKey(str(uuid4()))
        if claimed is not None:
            ui.navigate.to(f"{PATH}/{claimed.case.case_id}")
        elif self.message is not None:
            self.message.clear()
            with self.message:
                alert("Every case is in work or awaits someone else.", "info", title="No case waits for you")
