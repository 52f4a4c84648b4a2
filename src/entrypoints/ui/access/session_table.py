"""The table of a user's open sessions, with a button to end each."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from nicegui import ui

from entrypoints.ui.access.user_view import SessionView
from entrypoints.ui.shared.error_messages import reporting_errors
from entrypoints.ui.shared.widgets import Text, box

_COLUMNS = ("Logged in", "Last used", "Address", "")


def draw_sessions(views: Sequence[SessionView], end: Callable[[bytes], Awaitable[None]], *, where: str) -> None:
    """Draw the sessions; `end` ends the one with an identifier. The reader's own session has no button."""
    if not views:
        Text("p", "No open sessions.", "note")
        return
    with (
        box("div", "table-scroll").props('tabindex=0 role=group aria-label="Open sessions"'),
        box("table", "figures-table session-table"),
    ):
        Text("caption", "Open sessions, newest first", "visually-hidden")
        with box("thead"), box("tr"):
            for title in _COLUMNS:
                if title:
                    Text("th", title).props("scope=col")
                else:
                    with box("td"):
                        Text("span", "Action", "visually-hidden")
        with box("tbody"):
            for view in views:
                with box("tr"):
                    Text("th", view.started).props("scope=row")
                    Text("td", view.last_seen)
                    Text("td", view.address)
                    with box("td", "amount"):
                        if view.is_current:
                            Text("span", "This session", "note")
                        else:
                            button = ui.button(
                                "End", on_click=reporting_errors(partial(end, view.session_id), where)
                            )
                            button.props(f'flat no-caps dense aria-label="End the session of {view.started}"')
                            button.classes("button-text")
