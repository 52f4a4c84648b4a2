"""The button that opens the notice that is due first."""

from nicegui import ui

from application.ports.notices.notices import NoticeFilter
from domain.notices.notice_state import NoticeState
from entrypoints.ui.notices.notice_search import PATH
from entrypoints.ui.shared.error_messages import reporting_errors
from entrypoints.ui.shared.live import pressed_by
from entrypoints.ui.shared.page_context import PageContext
from entrypoints.ui.shared.widgets import alert


class NextNotice:
    """Opens the most urgent notice without a letter. Nothing is claimed: a letter can be issued once only."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.message: ui.element | None = None

    def draw(self) -> None:
        """Draw the button."""
        button = ui.button("Next notice", on_click=reporting_errors(self._open, where=PATH))
        button.props("unelevated no-caps icon=play_arrow").classes("button-primary")
        pressed_by(button, "n")

    async def _open(self) -> None:
        list_notices = self._context.use_cases.notices.list_notices
        wanted = NoticeFilter(states=frozenset({NoticeState.DUE}))
        due = (await list_notices(wanted, by=self._context.actor(), limit=1)).notices
        if due:
            ui.navigate.to(f"{PATH}/{due[0].notice_id}")
        elif self.message is not None:
            self.message.clear()
            with self.message:
                alert("Every letter that is owed was issued.", "info", title="No notice is due")
